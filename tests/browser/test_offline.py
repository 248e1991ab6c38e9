"""The site as it is carried away: the zip in a folder, a page on paper, a figure in a frame."""

from __future__ import annotations

import html
import io
import re
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from built import MOVED, PAGES, SITE, bare, is_lost, links_of

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "book" / "_ext")]

import downloads  # noqa: E402
import published  # noqa: E402
import zip_site  # noqa: E402

LIMIT_ZIP = 19_000_000  # 27 chapters


@pytest.fixture(scope="module")
def unpacked(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as the zip has it, in another folder."""
    folder = tmp_path_factory.mktemp("stick")
    places = downloads.places(published.read(ROOT).version)
    downloads.pack(folder / "site.zip", zip_site.contents(site, places))
    assert (folder / "site.zip").stat().st_size < LIMIT_ZIP
    with zipfile.ZipFile(folder / "site.zip") as packed:
        packed.extractall(folder)
    return folder / downloads.NAME


def test_zip_opens_from_a_folder_without_a_network(visit: Callable[..., Any], unpacked: Path) -> None:
    assert {
        p.relative_to(unpacked).as_posix() for p in unpacked.rglob("*.html") if not {"_static", "slides"} & {*p.parts}
    } == {
        *PAGES,
        *MOVED,
    }
    with visit(unpacked / "index.html", width=390) as seen:
        page = seen.page
        page.locator('article a[href$="sitting.html"]').first.click()
        page.wait_for_function("document.querySelector('.tl')?.childElementCount")
        page.goto((unpacked / "search.html").as_uri() + "?q=bandwidth")
        page.wait_for_function("document.querySelectorAll('#search-results li a').length > 2")
        assert not [error for error in seen.errors if "not loaded" not in error]  # a page that is left stops loading
        assert not [url for url in seen.requests if not url.startswith((unpacked.as_uri(), "data:", "blob:"))]


def test_download_page_links_what_is_there_and_names_what_is_not(unpacked: Path) -> None:
    chapters = {file.name for file in (SITE / "_sources").rglob("*.ipynb")}
    for folder in (SITE, unpacked):
        page = BeautifulSoup((folder / downloads.PAGE).read_text(encoding="utf-8"), "html.parser")
        links = links_of(folder / downloads.PAGE)
        offered = [(str(e["data-file"]), e.select_one("a[href]") is not None) for e in page.select(".offered")]
        assert not [link for link in links if link.startswith("file:") and is_lost(link, folder)]
        assert {Path(file).name for file, _ in offered if file.endswith(".ipynb")} == chapters
        for file, linked in offered:
            assert linked == (folder / file).is_file(), file
        absent = sum(not linked for _, linked in offered)
        assert " ".join(page.article.get_text().split()).count("not part of this copy") == absent
    assert absent == 3, "in the zip: itself, the PDF, and the notebooks once more"


def test_notebook_s_button_saves_it_from_a_folder(visit: Callable[..., Any], unpacked: Path) -> None:
    with visit(unpacked / "mmd.html", accept_downloads=True) as seen:
        seen.page.locator(".dropdown-download-buttons > button").click()
        with seen.page.expect_download() as waited:
            seen.page.locator(".btn-download-notebook-button").click()
        assert waited.value.suggested_filename == "mmd.ipynb"
        assert Path(waited.value.path()).read_bytes() == (unpacked / "_sources" / "mmd.ipynb").read_bytes()


def test_printed_page_has_what_was_folded_and_is_light(visit: Callable[..., Any]) -> None:
    pypdf = pytest.importorskip("pypdf")
    with visit("lmmd.html", scheme="dark", reduced_motion="no-preference") as seen:  # a fold fades in, where it may
        page = seen.page
        page.wait_for_timeout(800)
        assert page.locator("details.hide:not([open]) pre").count() >= 1
        hidden = page.evaluate("""[...document.querySelectorAll('article details:not([open])')]
            .map(d => d.textContent.replace(d.querySelector('summary').textContent, '').trim()).filter(Boolean)""")
        reasons = page.evaluate("[...document.querySelectorAll('.quiz-reasons li')].map(e => e.textContent.trim())")
        paper = pypdf.PdfReader(io.BytesIO(page.pdf(print_background=True)))
        assert page.locator("article details[open]").count() == 0, "folded again afterwards"
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    text = bare("".join(sheet.extract_text() for sheet in paper.pages))
    assert len(hidden) >= 2
    assert len(reasons) >= 3
    for words in [*hidden, *reasons]:
        lines = [line for line in words.split("\n") if len(line) > 20 and not re.search(r"[$\\]", line)]
        assert not [line for line in lines if bare(line)[:40] not in text]
    grounds = {tuple(map(float, m)) for m in re.findall(r"([\d.]+) ([\d.]+) ([\d.]+) rg", content_of(paper.pages[0]))}
    assert (1.0, 1.0, 1.0) in grounds or not grounds
    assert not [g for g in grounds if g == pytest.approx((0x12 / 255, 0x17 / 255, 0x1C / 255), abs=0.01)]


def content_of(sheet: Any) -> str:
    """What a PDF's page is drawn with."""
    return sheet.get_contents().get_data().decode("latin-1")


@pytest.mark.parametrize(
    ("query", "shown"), [("?embed=1", 0), ("?embed=2", 1), ("?embed=Guess", 1), ("?embed=SECTION", None)]
)
def test_frame_shows_one_figure_alone(visit: Callable[..., Any], query: str, shown: int | None) -> None:
    name = "hearing.html"
    if shown is None:
        ids = re.findall(r'<section id="([^"]+)">|(<figure-space)', (SITE / name).read_text(encoding="utf-8"))
        last = max(i for i, (_, space) in enumerate(ids) if space)
        query, shown = query.replace("SECTION", [section for section, _ in ids[:last] if section][-1]), 1
    with visit(name, width=700, query=query) as seen:
        page = seen.page
        page.wait_for_function("document.querySelector('figure-space.embed-figure .tl')?.childElementCount")
        spaces = page.evaluate("[...document.querySelectorAll('figure-space')].map(r => r.checkVisibility())")
        box = page.evaluate(
            "(({x, y, width}) => [x, y, width])(document.querySelector('.embed-figure').getBoundingClientRect())"
        )
        words = page.evaluate("document.body.innerText")
        inside = page.evaluate("document.querySelector('.embed-figure').innerText")
        assert not seen.errors
    assert spaces == [number == shown for number in range(len(spaces))]
    assert len(spaces) == 2
    assert box[:2] == pytest.approx([0, 0], abs=1), "at the frame's corner, not 480 px down"
    assert box[2] == pytest.approx(700, abs=20)
    assert "".join(words.split()) == "".join(inside.split())


def test_embed_line_gives_a_frame_that_shows_the_figure_as_it_is_set(visit: Callable[..., Any], tmp_path: Path) -> None:
    with visit("mmd.html", query="?other=kept") as seen:
        page = seen.page
        line = page.locator(".figure-embed").first
        assert line.locator("textarea").is_hidden()
        line.get_by_role("button", name="Embed").click()
        text = line.locator("textarea").input_value()
        alone = line.get_by_role("link").get_attribute("href")
        assert "Open the published page" in line.get_by_role("status").inner_text()
        assert line.get_by_role("button", name="Embed").get_attribute("aria-expanded") == "true"
        assert not seen.errors
    source = re.search(r'src="([^"]+)"', text)
    assert source
    assert html.unescape(source[1]) == "mmd.html?embed=MMDByHand&other=kept", "beside it, with its setting"
    assert str(alone).endswith("/mmd.html?embed=MMDByHand&other=kept")
    framed = tmp_path / "mine.html"
    own = text.replace('src="', f'src="{SITE.as_uri()}/').replace(' loading="lazy"', "")
    framed.write_text(f'<!DOCTYPE html><html lang="en"><title>Mine</title>{own}</html>', encoding="utf-8")
    with visit(framed) as seen:
        inner = seen.page.frame_locator("iframe")
        inner.locator("figure-space.embed-figure .tl").wait_for(timeout=8000)
        assert inner.locator("article h1").is_hidden()


def test_frame_with_a_wrong_number_shows_the_page(visit: Callable[..., Any]) -> None:
    with visit("hearing.html", query="?embed=9") as seen:
        assert seen.page.locator("article h1").is_visible()
        assert not seen.errors


def test_reader_s_own_colours_leave_quiz_and_boxes_readable(visit: Callable[..., Any]) -> None:
    with visit("hearing.html", forced_colors="active") as seen:
        page = seen.page
        form = page.locator("form.quiz").first
        marks = []
        for number in range(form.locator("input").count()):
            form.locator("input").nth(number).check()
            form.locator("button").click()
            marks += form.locator(".quiz-choice[data-verdict]").evaluate_all(
                """es => es.map(e => [e.dataset.verdict, getComputedStyle(e).borderLeftStyle,
                    getComputedStyle(e, '::after').content[1]])"""
            )
        plain = form.locator(".quiz-choice:not([data-verdict])").first
        assert plain.evaluate("e => getComputedStyle(e).borderLeftColor") == page.evaluate(
            "getComputedStyle(document.body).backgroundColor"
        ), "no mark before an answer was checked"
        boxes = page.evaluate("""[...document.querySelectorAll('article :is(.admonition, details.sd-dropdown)')]
            .map(e => parseFloat(getComputedStyle(e).borderLeftWidth))""")
    assert {tuple(mark) for mark in marks} == {("right", "solid", "✓"), ("wrong", "dashed", "✗")}
    assert boxes
    assert min(boxes) >= 3
