"""Measure the interactive figures on the built pages, for the space that is kept free until they are drawn.

python tools/figure_heights.py            # _build/html to book/_ext/figure_heights.yml (needs chromium)
python tools/figure_heights.py --site DIR

Run it after a change of a figure's layout, then `make book` again. A test measures how far pages jump.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import yaml
from pdf import FLAGS, ROOT, chromium_for
from playwright.sync_api import sync_playwright

HEIGHTS = ROOT / "book" / "_ext" / "figure_heights.yml"
#: Windows, from the smallest phone to a desk; the column is as wide at several of them.
PHONES = (320, 344, 360, 375, 390, 412, 430, 480, 540, 600)
WINDOWS = (*PHONES, 680, 768, 850, 920, 1000, 1100, 1199, 1200, 1240, 1280, 1340, 1400)
MEASURE = """() => [...document.querySelectorAll('figure-space')].map(space => {
    space.style.minHeight = '';
    return [space.clientWidth, Math.round(space.getBoundingClientRect().height)];
})"""
HEAD = "# Heights of interactive figures by the width of their column, in CSS pixels, by tools/figure_heights.py.\n"


def of_page(page: Any) -> list[dict[int, int]]:
    """Heights of a page's figures, by width."""
    found: list[dict[int, int]] = []
    for width in WINDOWS:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(250)
        for number, (column, height) in enumerate(page.evaluate(MEASURE)):
            if number == len(found):
                found.append({})
            found[number][column] = height
    return found


def measure(site: Path, chromium: str) -> dict[str, list[dict[int, int]]]:
    """Heights on all pages with figures, by the page's name."""
    found = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        context = browser.new_context(offline=True, color_scheme="light", reduced_motion="reduce")
        for file in sorted(site.rglob("*.html")):
            if "<figure-space" not in file.read_text(encoding="utf-8"):
                continue
            page = context.new_page()
            page.goto(file.as_uri(), wait_until="load")
            page.wait_for_function(
                "[...document.querySelectorAll('figure-space')].every(space => space.querySelector('.tl'))"
            )
            page.wait_for_timeout(4000)  # until all is drawn, and the spaces are released
            found[file.relative_to(site).with_suffix("").as_posix()] = of_page(page)
            page.close()
        browser.close()
    return found


def written(found: dict[str, list[dict[int, int]]]) -> str:
    """The file's text: a line for each figure."""
    lines = [HEAD]
    for name, figures in found.items():
        lines.append(f"{name}:\n")
        for heights in figures:
            pairs = yaml.safe_dump(dict(sorted(heights.items())), default_flow_style=True, width=10_000).strip()
            lines.append(f"- {pairs}\n")
    return "".join(lines)


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="Measure the interactive figures on the built pages.")
    parser.add_argument("--site", type=Path, default=ROOT / "_build" / "html", help="the built site")
    given = parser.parse_args()
    if (chromium := chromium_for(given.site)) is None:
        return 2
    found = measure(given.site.resolve(), chromium)
    HEIGHTS.write_text(written(found), encoding="utf-8", newline="\n")
    print(f"{HEIGHTS.relative_to(ROOT)}: {sum(map(len, found.values()))} figures on {len(found)} pages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
