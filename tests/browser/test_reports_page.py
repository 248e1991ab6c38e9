"""The page that `tlmlda reports` writes: on a phone and a desk, in light and dark, without a request or a script."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "book"))

from test_handing_in import HOSTILE, made_report
from test_standards import AXE

from tlmlda_lib.book.checks import gathering, report_page

NAMES = ("Ann Smith", "李雷", "محمد علي", "M" * 60, HOSTILE)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    for k, name in enumerate(NAMES):
        made_report(folder / "in" / ("f" * 80 + str(k)) / f"report-2.3-{k}.json", name, passed=(1, 2, 3)[: k % 4])
    (folder / "in" / ("x" * 90 + ".json")).write_text("no report", encoding="utf-8")
    file = folder / "reports.html"
    file.write_text(report_page.page(gathering.gather(folder / "in"), "in"), encoding="utf-8")
    return file


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 800, 1060, 1400])
def test_page_can_be_read(chromium: Any, page: Path, width: int, scheme: str) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True)
    try:
        tab = context.new_page()
        asked: list[str] = []
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("console", lambda message: asked.append(message.text))
        tab.goto(page.as_uri())
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, "no sideways scroll"
        dark = tab.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
        assert dark == (scheme == "dark")
        names = tab.locator("td.name").all_inner_texts()[: len(NAMES)]
        assert sorted(names) == sorted(NAMES)
        assert all(tab.locator("td.name").nth(k).is_visible() for k in range(len(NAMES)))
        assert asked == [page.as_uri()]
        tab.evaluate(AXE)
        found = tab.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        assert not [(v["id"], v["nodes"][0]["html"]) for v in found]
    finally:
        context.close()
