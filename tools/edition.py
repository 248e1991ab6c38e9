"""The table of contents of an edition: writes it where it is another than the book's, and prints its place.

python tools/edition.py           # _toc.yml
python tools/edition.py class     # _build/_toc-class.yml, without the pages that only the full edition has
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

import editions  # noqa: E402


def place(root: Path, edition: str) -> Path:
    """Where the table of contents of an edition lies, written anew."""
    toc, left_out = root / "_toc.yml", editions.absent(root / "book", editions.named(edition))
    if not left_out:
        return toc
    file = root / "_build" / f"_toc-{edition}.yml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(editions.contents(toc.read_text(encoding="utf-8"), left_out), encoding="utf-8")
    return file


if __name__ == "__main__":
    try:
        print(place(ROOT, sys.argv[1] if len(sys.argv) > 1 else ""))
    except ValueError as error:
        sys.exit(f"make book: {error}")
