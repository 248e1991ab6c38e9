"""The built site as one PDF: Chromium prints each page, pypdf joins them, links between pages lead within the file.

python tools/pdf.py                       # _build/html to _build/pdf/book.pdf
python tools/pdf.py --site DIR --out FILE
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import yaml
from playwright.sync_api import sync_playwright
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject

ROOT = Path(__file__).parents[1]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND"]
MARGIN = {"top": "18mm", "bottom": "18mm", "left": "16mm", "right": "16mm"}
FOOT = '<div style="font-size:8px;width:100%;text-align:center"><span class="pageNumber"></span></div>'


def pages_in_order(toc: Any) -> Iterator[str]:
    """Names of the pages, as the table of contents has them."""
    if isinstance(toc, dict):
        for key in ("root", "file"):
            if key in toc:
                yield toc[key]
        for key in ("parts", "chapters", "sections"):
            yield from pages_in_order(toc.get(key))
    elif isinstance(toc, list):
        for item in toc:
            yield from pages_in_order(item)


def print_pages(site: Path, names: list[str], folder: Path, chromium: str) -> dict[str, tuple[str, Path]]:
    """Print each page; its title and its file."""
    printed = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        context = browser.new_context(offline=True, color_scheme="light")
        for number, name in enumerate(names):
            page = context.new_page()
            page.goto((site / f"{name}.html").as_uri(), wait_until="load")
            page.emulate_media(media="print", color_scheme="light")
            page.evaluate("(window.MathJax && MathJax.startup) ? MathJax.startup.promise.then(() => 1) : 1")
            page.wait_for_timeout(800)  # the widgets draw themselves
            title = page.evaluate("document.querySelector('article h1').firstChild.textContent.trim()")
            file = folder / f"{number}.pdf"
            page.pdf(
                path=str(file), format="A4", print_background=True, tagged=True, margin=MARGIN,
                display_header_footer=True, header_template="<span></span>", footer_template=FOOT,
            )  # fmt: skip
            printed[name] = (title, file)
            page.close()
        browser.close()
    return printed


def relink(writer: PdfWriter, site: Path, first: dict[str, int]) -> None:
    """Turn links to other pages' files into links to where these begin; drop those that lead nowhere."""
    for page in writer.pages:
        kept = ArrayObject()
        for reference in page.get("/Annots", ArrayObject()):
            note = reference.get_object()
            address = str(note.get("/A", {}).get_object().get("/URI", "")) if "/A" in note else ""
            if address.startswith("file:"):
                target = Path(unquote(urlparse(address).path))
                inside = target.is_relative_to(site)
                name = target.relative_to(site).with_suffix("").as_posix() if inside else ""
                if name not in first:
                    continue
                there = writer.pages[first[name]].indirect_reference
                goal = ArrayObject([there, NameObject("/XYZ"), NumberObject(0), NumberObject(842), NumberObject(0)])
                note[NameObject("/A")] = DictionaryObject(
                    {NameObject("/S"): NameObject("/GoTo"), NameObject("/D"): goal}
                )
            kept.append(reference)
        if "/Annots" in page:
            page[NameObject("/Annots")] = kept


def make(site: Path, out: Path, chromium: str) -> int:
    """Write the PDF; how many pages it has."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    names = list(pages_in_order(toc))
    writer, first = PdfWriter(), {}
    with tempfile.TemporaryDirectory() as folder:
        for name, (title, file) in print_pages(site, names, Path(folder), chromium).items():
            first[name] = len(writer.pages)
            writer.append(PdfReader(file), outline_item=title, import_outline=False)
    relink(writer, site, first)
    writer.add_metadata({"/Title": "Emotion across corpora"})
    out.parent.mkdir(parents=True, exist_ok=True)
    writer.write(out)
    return len(writer.pages)


def chromium_for(site: Path) -> str | None:
    """The browser's program; where it is missing, or the site is not built, say so and return None."""
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next((p for name in names if (p := shutil.which(name))), None)
    if program is None:
        print("Chromium is not installed: put `chromium` on the PATH.", file=sys.stderr)
    elif not (site / "index.html").is_file():
        print(f"{site} holds no built site: run `make book` first.", file=sys.stderr)
    else:
        return program
    return None


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="Print the built site into one PDF.")
    parser.add_argument("--site", type=Path, default=ROOT / "_build" / "html", help="the built site")
    parser.add_argument("--out", type=Path, default=ROOT / "_build" / "pdf" / "book.pdf", help="the file to write")
    given = parser.parse_args()
    if (chromium := chromium_for(given.site)) is None:
        return 2
    count = make(given.site.resolve(), given.out, chromium)
    print(f"{given.out}: {count} pages, {given.out.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
