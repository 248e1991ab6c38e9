"""The report of `tlmlda adapt`: on a phone and a desk, in light and dark, without a request or a script."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from test_adapt import HOW, fill
from test_standards import AXE

from tlmlda_lib.experiments import adaptation
from tlmlda_lib.experiments.adaptation import keep

#: Size of the smallest letters of each picture, in pixels of the screen: letters are drawn as paths of 100 units, which
#: are scaled by their size in points / 100.
LETTERS = """
Promise.all([...document.querySelectorAll("img")].map(async (img) => {
  const svg = new DOMParser().parseFromString(await (await fetch(img.currentSrc)).text(), "image/svg+xml");
  const scales = [...svg.querySelectorAll("g[transform*=scale]")].map(
    (g) => Number(/scale\\(([\\d.]+)/.exec(g.getAttribute("transform"))[1]));
  const box = svg.documentElement.viewBox.baseVal;
  const pad = 8;
  return Math.min(...scales) * 100 * (img.clientWidth - pad) / box.width;
}))
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("adapted")
    fill(root / "acted", lambda emotion, i: f"{'abc'[i % 3]}/{emotion}/{i}.wav")
    fill(root / "mine", lambda emotion, i: f"{'long/' * 9 if i == 5 else ''}{emotion[0]}_{i:03}.wav", 1.1)
    (root / "mine" / "notes.txt").write_text("Ask about the microphone.")
    keep.write(adaptation.adapt(root / "acted", root / "mine", **HOW), root / "out", command="tlmlda adapt acted")
    return root / "out" / keep.REPORT


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 768, 1400])
def test_report_can_be_read(chromium: Any, page: Path, width: int, scheme: str) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True)
    try:
        tab = context.new_page()
        asked: list[str] = []
        tab.on("request", lambda request: None if request.url.startswith("data:") else asked.append(request.url))
        tab.on("console", lambda message: asked.append(message.text))
        tab.goto(page.as_uri())
        assert asked == [page.as_uri()]
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, "no sideways scroll"
        inside = "[...document.querySelectorAll('.wide')].every((e) => e.scrollWidth <= e.clientWidth)"
        assert tab.evaluate(inside), "no table is cut"
        if width > 390:
            names = "[...document.querySelectorAll('td code')].filter((e) => e.textContent.length < 20)"
            assert tab.evaluate(f"{names}.every((e) => e.getClientRects().length === 1)"), "a short name is one line"
        if width >= 390:
            assert min(tab.evaluate(LETTERS)) >= 9
        full = "[...document.images].every((e) => e.clientWidth > 0.97 * e.closest('section').clientWidth)"
        assert tab.evaluate(full), "pictures are as wide as the text"
        tab.evaluate(AXE)
        found = tab.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        assert not [(v["id"], v["nodes"][0]["html"]) for v in found]
    finally:
        context.close()
