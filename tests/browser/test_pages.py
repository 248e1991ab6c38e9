"""Every built page stands by itself: no network, no error, nothing wider than the screen, light and dark readable."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest
from built import MOVED, PAGES, SITE
from conftest import resize

WIDTHS = (1400, 768, 390)
#: Where nothing may be wider than the screen, besides: the smallest phones, and a desk with both side bars.
MORE_WIDTHS = (320, 360, 1280)
SCHEMES = ("light", "dark")

WIDE = """() => {
  const screen = document.documentElement.clientWidth;
  const scrolls = e => e && e !== document.documentElement && e !== document.body &&
      (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
  return [...document.querySelectorAll('.bd-article-container *')]
    .filter(e => { const r = e.getBoundingClientRect();
                   return r.width > 1 && r.right > screen + 1 && !scrolls(e.parentElement); })
    .map(e => e.tagName + '.' + e.className).slice(0, 5);
}"""

# What sticks out of its interactive figure, and cannot be scrolled for there.
OUT = """() => {
  const scrolls = (e, box) => e !== box && (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(e).overflowX)
      || scrolls(e.parentElement, box));
  return [...document.querySelectorAll('.tl')].flatMap(box => [...box.querySelectorAll('*')]
    .filter(e => !e.closest('svg') || e.tagName === 'svg')
    .filter(e => { const r = e.getBoundingClientRect();
                   return r.width > 1 && r.right > box.getBoundingClientRect().right + 1 && !scrolls(e, box); })
    .map(e => e.tagName + '.' + e.className + ' in ' + box.className)).slice(0, 5);
}"""

# Lists in boxes whose bullets would hang over the box's edge.
HANGING = """[...document.querySelectorAll('article .admonition > :is(ul, ol)')]
    .filter(e => parseFloat(getComputedStyle(e).paddingLeft) < 16).map(e => e.textContent.slice(0, 40))"""

# Tables of figures of which a part is to be scrolled for.
CUT = """[...document.querySelectorAll('table.figures')].filter(t => t.offsetWidth > t.parentElement.clientWidth)
    .map(t => t.caption.textContent)"""

# Contrast of the text with the first opaque ground behind it (WCAG 2.1, relative luminance).
CONTRAST = """() => {
  const rgba = c => { const m = c.match(/[\\d.]+/g).map(Number); return [m[0], m[1], m[2], m.length > 3 ? m[3] : 1]; };
  const linear = v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = c => { const [r, g, b] = c.map(v => linear(v / 255));
                       return .2126 * r + .7152 * g + .0722 * b; };
  const ground = e => { for (; e; e = e.parentElement) { const c = rgba(getComputedStyle(e).backgroundColor);
                        if (c[3] === 1) return c.slice(0, 3); } return [255, 255, 255]; };
  const poor = [];
  for (const e of document.querySelectorAll('main :is(p, li, td, th, dt, h1, h2, h3, a, code, summary)')) {
    if (!e.offsetParent || !e.textContent.trim()) continue;
    const ink = rgba(getComputedStyle(e).color).slice(0, 3), a = light(ink), b = light(ground(e));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) poor.push(e.tagName + ' ' + ratio.toFixed(2) + ' ' + e.textContent.trim().slice(0, 40));
  }
  return poor.slice(0, 5);
}"""


@pytest.mark.every_page("name")
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", PAGES)
def test_page_stands_by_itself(visit: Callable[..., Any], name: str, scheme: str) -> None:
    with visit(name, width=min(WIDTHS), scheme=scheme) as seen:
        page = seen.page
        for width in sorted(WIDTHS):  # a page is opened on a phone, and then drawn wider
            resize(page, width)
            assert page.evaluate("document.documentElement.dataset.theme") == scheme
            assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
            assert page.evaluate(WIDE) == [], width
            assert page.evaluate(HANGING) == [], width
            assert page.evaluate(CONTRAST) == [], width
            if folder := os.environ.get("TLMLDA_SCREENSHOTS"):
                Path(folder).mkdir(parents=True, exist_ok=True)
                stem = Path(name).with_suffix("").as_posix().replace("/", "-")
                page.screenshot(path=Path(folder, f"{stem}-{width}-{scheme}.png"), full_page=True, timeout=60_000)
        for width in MORE_WIDTHS if scheme == SCHEMES[0] else ():  # colours are no wider
            resize(page, width)
            assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, (
                width
            )
            assert page.evaluate(WIDE) == [], width
            assert page.evaluate(OUT) == [], width
        resize(page, max(WIDTHS))
        assert page.evaluate(CUT) == [], "a table is wider than the widest page"
        assert page.evaluate("[...document.images].filter(i => !i.alt.trim()).map(i => i.src)") == []
        assert page.evaluate("[...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.src)") == []
        assert not seen.errors
        assert [u for u in seen.requests if urlparse(u).scheme not in ("file", "data", "blob")] == []


def test_what_a_row_is_of_stays_in_sight(visit: Callable[..., Any]) -> None:
    with visit("trust.html", width=390) as seen:
        page = seen.page
        lefts = """[...document.querySelectorAll('table.figures')].flatMap(t =>
            [t.caption, t.rows[0].cells[0], t.rows[1].cells[0]].map(e => e.getBoundingClientRect().left))"""
        before = page.evaluate(lefts)
        third = """[...document.querySelectorAll('table.figures')]
            .map(t => t.rows[1].cells[2].getBoundingClientRect().left)"""
        stood = page.evaluate(third)
        page.evaluate("document.querySelectorAll('table.figures').forEach(t => (t.parentElement.scrollLeft = 1000))")
        assert page.evaluate(lefts) == pytest.approx(before, abs=1)
        assert min(page.evaluate(third)) < min(stood), "no table was wide enough to move"


@pytest.mark.every_page("old")
@pytest.mark.parametrize("old", sorted(MOVED))
def test_an_older_name_leads_to_the_page(visit: Callable[..., Any], old: str) -> None:
    anchor = re.search(r'<section id="([^"]+)"', (SITE / MOVED[old]).read_text(encoding="utf-8"))
    assert anchor
    with visit(old) as seen:
        seen.page.goto((SITE / old).as_uri() + f"#{anchor[1]}")
        seen.page.wait_for_url(f"**/{MOVED[old]}#{anchor[1]}")
