"""The built site as one zip that is read without a server or a network, for the page *Download* and for a stick.

python tools/zip_site.py                  # _build/html to _build/emotion-across-corpora-VERSION.zip
python tools/zip_site.py --site DIR --out DIR --pdf FILE

The zip is copied into the site, and beside it the PDF if it is newer than the pages; then the site's page links both.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

import downloads  # noqa: E402
import published  # noqa: E402

#: Written by Sphinx for its own next run.
OWN = {".buildinfo", ".doctrees"}


def contents(site: Path, places: dict[str, str]) -> dict[str, Path | bytes]:
    """What goes into the zip, by name: all of the site but what it has once more, packed, or as a PDF."""
    absent = (places["site"], places["pdf"], places["notebooks"])
    files: dict[str, Path | bytes] = {}
    for file in site.rglob("*"):
        name = file.relative_to(site).as_posix()
        if file.is_file() and name not in absent and file.relative_to(site).parts[0] not in OWN:
            files[f"{downloads.NAME}/{name}"] = file
    page = site / downloads.PAGE
    files[f"{downloads.NAME}/{downloads.PAGE}"] = downloads.filled(
        page.read_text(encoding="utf-8"), site, absent
    ).encode()
    return files


def make(site: Path, out: Path, pdf: Path) -> tuple[Path, bool]:
    """Write the zip; where it is, and whether the site has a PDF of these pages now."""
    places = downloads.places(published.read(ROOT).version)
    target = out / Path(places["site"]).name
    downloads.pack(target, contents(site, places))
    (site / downloads.FOLDER).mkdir(exist_ok=True)
    shutil.copyfile(target, site / places["site"])
    fresh = pdf.is_file() and pdf.stat().st_mtime >= (site / "searchindex.js").stat().st_mtime
    if fresh:
        shutil.copyfile(pdf, site / places["pdf"])
    else:
        (site / places["pdf"]).unlink(missing_ok=True)
    downloads.fill(site)
    return target, fresh


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="Pack the built site into one zip.")
    parser.add_argument("--site", type=Path, default=ROOT / "_build" / "html", help="the built site")
    parser.add_argument("--out", type=Path, default=ROOT / "_build", help="the folder for the zip")
    parser.add_argument("--pdf", type=Path, default=ROOT / "_build" / "pdf" / "book.pdf", help="what `make pdf` made")
    given = parser.parse_args()
    if not (given.site / downloads.PAGE).is_file():
        print(f"{given.site} holds no built site: run `make book` first.", file=sys.stderr)
        return 2
    zipped, fresh = make(given.site.resolve(), given.out, given.pdf)
    print(f"{zipped}: {zipped.stat().st_size / 1e6:.1f} MB")
    if not fresh:
        print(f"The site has no PDF: {given.pdf} is missing or older than the pages; run `make pdf`, then this again.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
