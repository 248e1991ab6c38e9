"""The slides anew, from the built pages: one deck for each part, in _build/html/slides.

python tools/slides.py
python tools/slides.py --site DIR
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

import decks  # noqa: E402
import lessons  # noqa: E402


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="Make the slides of the built site.")
    parser.add_argument("--site", type=Path, default=ROOT / "_build" / "html", help="the built site")
    site = parser.parse_args().site
    if not (site / "index.html").is_file():
        print(f"{site} holds no built site: run `make book` first.", file=sys.stderr)
        return 2
    for file in decks.make(site, lessons.of_book(ROOT / "book")):
        print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
