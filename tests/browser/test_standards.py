"""What holds for every page: accessible by axe-core's rules, light, formulas typeset, themes switched."""

from __future__ import annotations

import functools
import gzip
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlparse

import numpy as np
import pytest
from built import BOOK, PAGES
from conftest import resize
from matplotlib import image
from matplotlib.colors import rgb_to_hsv
from test_pages import SCHEMES, WIDTHS

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
#: What is asked of the second scheme, which differs from the first in its colours alone, and at which widths: those
#: between hold nothing that neither a wide screen nor a phone shows.
COLOURS, ENDS = "runOnly: ['color-contrast', 'link-in-text-block'], ", (WIDTHS[0], WIDTHS[-1])
LIMIT_BARE, LIMIT_WIDGETS = 1_000_000, 3_000_000
#: Cumulative layout shift, which counts as good below this.
LIMIT_JUMPS = 0.1


@pytest.mark.every_page("name")
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious(visit: Callable[..., Any], name: str, scheme: str) -> None:
    found = []
    rules, widths = ("", WIDTHS) if scheme == SCHEMES[0] else (COLOURS, ENDS)
    with visit(name, scheme=scheme) as seen:
        seen.page.wait_for_timeout(1200)
        seen.page.evaluate(AXE)
        for width in widths:
            resize(seen.page, width)
            result = seen.page.evaluate(f"axe.run(document, {{{rules}resultTypes: ['violations']}})")
            found += [
                f"{width}: {v['impact']} {v['id']}: {v['nodes'][0]['html'][:160]} ({len(v['nodes'])})"
                for v in result["violations"]
                if v["impact"] in ("serious", "critical")
            ]
    assert not found


@pytest.mark.every_page("name")
@pytest.mark.parametrize("width", ENDS)
@pytest.mark.parametrize("name", BOOK)
def test_page_is_light_and_stands_still(visit: Callable[..., Any], name: str, width: int) -> None:
    with visit(name, width=width, slow=4, reduced_motion="no-preference") as seen:
        seen.page.wait_for_timeout(1200)
        jumped = seen.page.evaluate("window.jumps.reduce((a, b) => a + b, 0)")
        files = {Path(unquote(urlparse(u).path)) for u in seen.requests if u.startswith("file:")}
        widgets = seen.page.locator(".tl, .jupyter-widgets").count() > 0
    weight = sum(map(compressed, files))
    assert weight < (LIMIT_WIDGETS if widgets else LIMIT_BARE), f"{name}: {weight / 1e6:.2f} MB compressed"
    assert jumped < LIMIT_JUMPS, f"{name}: layout shift {jumped:.2f} (has a figure changed? tools/figure_heights.py)"


@functools.cache
def compressed(file: Path) -> int:
    """Bytes that a server sends for it."""
    return len(gzip.compress(file.read_bytes(), 6)) if file.is_file() else 0


#: Which theme a page has when its body begins.
BEGAN = """new MutationObserver((_, observer) => {
  if (!document.body) return;
  window.began = document.documentElement.dataset.theme;
  observer.disconnect();
}).observe(document, { childList: true, subtree: true });"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_are_there_from_the_first_paint(visit: Callable[..., Any], scheme: str) -> None:
    with visit("index.html", scheme=scheme, locale="en-GB") as seen:  # a tab of its own: it keeps the script
        seen.page.add_init_script(BEGAN)
        seen.page.reload()
        assert seen.page.evaluate("window.began") == scheme


def pixels(picture: Any) -> np.ndarray:
    """A picture as it is on the screen: hue, saturation and value of each pixel, 0 to 1."""
    shown = image.imread(io.BytesIO(picture.screenshot()))[..., :3]
    return rgb_to_hsv(shown)


def test_a_dark_page_darkens_its_figures_and_keeps_their_hues(visit: Callable[..., Any]) -> None:
    seen_as = {}
    for scheme in ("light", "dark"):
        with visit("mmd.html", scheme=scheme) as seen:
            picture = seen.page.locator(".cell_output img").first
            picture.evaluate("(e) => { e.style.padding = 0; }")
            seen_as[scheme] = pixels(picture)
    light, dark = seen_as["light"], seen_as["dark"]
    assert np.median(light[..., 2]) > 0.95
    assert np.median(dark[..., 2]) < 0.1
    coloured = (light[..., 1] > 0.5) & (light[..., 2] > 0.4) & (dark[..., 1] > 0.2)
    assert coloured.sum() > 500, "blue and orange lines"
    turned = np.abs(light[coloured, 0] - dark[coloured, 0])
    assert np.quantile(np.minimum(turned, 1 - turned), 0.95) < 25 / 360


def test_a_figure_with_colours_that_mean_loudness_stays_as_it_is(visit: Callable[..., Any]) -> None:
    with visit("features.html", scheme="dark") as seen:
        filters = seen.page.locator(".cell_output img.dark-light").evaluate_all(
            "es => es.map((e) => getComputedStyle(e).filter)"
        )
    assert filters == ["none"]


@pytest.mark.every_page("name")
@pytest.mark.parametrize("name", PAGES)
def test_theme_switch_goes_round_and_shows_one_icon(visit: Callable[..., Any], name: str) -> None:
    mode, icon = "document.documentElement.dataset.mode", ".theme-switch-button .theme-switch:visible"
    modes = []
    with visit(name) as seen:
        assert seen.page.locator(icon).count() == 1
        for _ in range(3):
            modes.append(seen.page.evaluate(mode))
            seen.page.locator(".theme-switch-button:visible").first.click()
            assert seen.page.locator(icon).count() == 1
        assert modes[0] == seen.page.evaluate(mode) == "auto"
    assert sorted(modes) == ["auto", "dark", "light"]


#: Pages with formulas, and how many stand on lines of their own, at least.
FORMULAS = {
    "hearing.html": 2,
    "features.html": 2,
    "denoising.html": 4,
    "shift.html": 1,
    "certainty.html": 1,
    "adaptation.html": 1,
    "emotion.html": 3,
    "mmd.html": 3,
    "lmmd.html": 2,
    "weighting.html": 3,
    "cost.html": 1,
    "pictures.html": 2,
    "peers.html": 2,
    "streams.html": 2,
    "trust.html": 2,
    "reproducibility.html": 2,
    "speaking.html": 2,
}


@pytest.mark.every_page("name")
@pytest.mark.parametrize("name", [p for p in BOOK if p in FORMULAS])
def test_equations_are_typeset(visit: Callable[..., Any], name: str) -> None:
    with visit(name) as seen:
        seen.page.wait_for_function("document.querySelectorAll('mjx-container svg path').length > 5")
        assert seen.page.locator("mjx-merror, [data-mjx-error]").count() == 0
        assert seen.page.locator("div.math mjx-container").count() >= FORMULAS[name]
        left = seen.page.evaluate("document.querySelector('article').innerText")
        assert not re.search(r"\\\(|\\\[|\$\$|\$[^$\n]{1,20}\$", left)
        resize(seen.page, 390)
        wide = "[...document.querySelectorAll('div.math mjx-container')].filter(e => e.scrollWidth > e.clientWidth + 2)"
        assert seen.page.evaluate(f"{wide}.map(e => e.closest('div.math').id)") == []  # a phone shows it whole


def test_report_names_page_browser_and_message(visit: Callable[..., Any]) -> None:
    with visit("mmd.html") as seen:
        seen.page.evaluate("dispatchEvent(new ErrorEvent('error', {message: 'something broke'}))")
        # As the theme writes it where there is a repository.
        seen.page.evaluate(
            "document.querySelector('article').insertAdjacentHTML('beforeend', '<a href=\"https://code.example/a/b"
            "/issues/new?title=x&body=y\">Open issue</a>')"
        )
        link = seen.page.locator('a[href*="/issues/new"]').first
        link.dispatch_event("contextmenu")
        query = parse_qs(urlparse(link.get_attribute("href")).query)
    assert query["title"] == ["2.3 When are two clouds the same?: "]
    body = query["body"][0]
    assert "mmd.html" in body
    assert "Chrome" in body
    assert "something broke" in body
