"""The slides anew, from the built pages: one deck for each part, in _build/html/slides.

python tools/slides.py
python tools/slides.py --site DIR
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path = [str(ROOT / "book" / "_ext"), *(p for p in sys.path if Path(p).resolve() != Path(__file__).parent)]

import lessons  # noqa: E402
import slides  # noqa: E402


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="Make the slides of the built site.")
    parser.add_argument("--site", type=Path, default=ROOT / "_build" / "html", help="the built site")
    site = parser.parse_args().site
    if not (site / "index.html").is_file():
        print(f"{site} holds no built site: run `make book` first.", file=sys.stderr)
        return 2
    for file in slides.make(site, lessons.of_book(ROOT / "book")):
        print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
