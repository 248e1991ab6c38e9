"""What the built pages say, read without a browser: headings, pictures, links, previews, downloads, what is loaded."""

from __future__ import annotations

import itertools
import json
import re
import sys
from pathlib import Path
from typing import Any

import built
import pytest
from built import BOOK, MOVED, PAGES, ROOT, is_lost, links_of, soup, text_of

sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "book" / "_ext")]

import chapters  # noqa: E402
import decks  # noqa: E402
import downloads  # noqa: E402
import figure_space  # noqa: E402
import published  # noqa: E402

CHAPTERS = [chapter.page for chapter in chapters.read(ROOT / "book").values()]
LIMIT_SITE = 60_000_000
#: Pages of each kind: no figure and no formula; figures alone; figures and formulas; formulas alone.
KINDS = {"licences.html", "index.html", "mmd.html", "solutions.html"}


def shown(tag: Any) -> bool:
    """Whether no closed fold is around an element."""
    return not any(fold is not tag and not fold.has_attr("open") for fold in tag.find_parents("details"))


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(site: Path, name: str) -> None:
    links = set(links_of(site / name))
    assert links
    assert not [link for link in sorted(links) if link.startswith("file:") and is_lost(link, site)]


@pytest.mark.parametrize("name", BOOK)
def test_headings_and_pictures(site: Path, name: str) -> None:
    article = soup(name).select_one("article")
    assert article is not None
    levels = [int(h.name[1]) for h in article.select("h1, h2, h3, h4") if shown(h)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
    assert soup(name).title.get_text().strip()
    assert soup(name).html["lang"] == "en"
    alts = [str(image.get("alt", "")) for image in article.select("img")]
    # A cell that draws and has no words gets its file's name; axe is content with that.
    assert not [alt for alt in alts if len(alt) < 40 or re.search(r"\.(png|svg|jpe?g)$", alt)]


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_picture_that_a_cell_describes_is_there(site: Path, name: str) -> None:
    text = (ROOT / "book" / f"{name}.md").read_text(encoding="utf-8")
    described = [" ".join(words.split()) for words in re.findall(r"^ +alt: >-\n((?:      .*\n)+)", text, re.MULTILINE)]
    shown_there = {" ".join(str(image.get("alt", "")).split()) for image in soup(f"{name}.html").select("article img")}
    assert not [alt for alt in described if alt not in shown_there]


def test_a_closed_fold_s_headings_do_not_count() -> None:
    from bs4 import BeautifulSoup

    page = BeautifulSoup("<h1>a</h1><details><summary>b</summary><h4>c</h4></details>", "html.parser")
    assert [shown(page.h1), shown(page.h4)] == [True, False]


def test_page_of_scores_shows_the_records(site: Path) -> None:
    tables = soup("scores.html").select("article table")
    heads = ("final WAR", "unsupervised WAR", "oracle", "UAR")
    full = [t for t in tables if all(word in t.thead.get_text(" ") for word in heads)]
    assert len(full) == 1
    assert len(full[0].tbody.select("tr")) >= 1
    assert re.search(r"\d\d\.\d", full[0].tbody.get_text(" "))
    assert len(tables) > 1
    assert soup("scores.html").select_one('a[download="scores.csv"]')


def test_landing_page_has_no_table_and_leads_to_each_part(site: Path) -> None:
    page = soup("index.html").select_one("article")
    assert not page.select("table")
    found = {a["href"] for a in page.select("a[href]")}
    assert {"sitting.html", "hearing.html", "denoising.html", "ablations.html", "streams.html", "scores.html"} <= found


def test_nothing_but_pages_is_published(site: Path) -> None:
    names = {p.relative_to(site).as_posix() for p in site.rglob("*") if p.is_file()}
    assert not [n for n in names if re.search(r"(README|CONTRIBUTING|CHANGELOG|LICENSE)\.", n) and "_static" not in n]
    assert not [n for n in names if n.startswith(("results/", "tests/", ".venv/"))]


def test_search_index_knows_the_landing_page(site: Path) -> None:
    text = (site / "searchindex.js").read_text(encoding="utf-8")
    index = json.loads(text.removeprefix("Search.setIndex(").removesuffix(")"))
    assert "index" in index["docnames"]


def test_site_is_light(site: Path) -> None:
    files = [f for f in site.rglob("*") if f.is_file() and downloads.FOLDER not in f.relative_to(site).parts]
    assert sum(f.stat().st_size for f in files) < LIMIT_SITE, "without what `make zip` packs once more"
    assert not list(site.rglob("fontawesome*.js*"))
    assert not list(site.rglob("*.map"))


def test_every_icon_is_drawn(site: Path) -> None:
    known = set(
        re.findall(r"^\.fa-([a-z-]+) \{", (site / "_static/icons.css").read_text(encoding="utf-8"), re.MULTILINE)
    )
    used = set()
    for file in site.rglob("*.html"):
        for classes in re.findall(r'<(?:i|span) class="([^"]*\bfa-[^"]*)"', file.read_text(encoding="utf-8")):
            used |= set(re.findall(r"\bfa-([a-z-]+)", classes))
    assert used - {"solid", "regular", "brands", "lg", "sm", "fw"} <= known
    assert used


@pytest.mark.parametrize("name", BOOK)
def test_link_preview(site: Path, name: str) -> None:
    head = text_of(name).split("</head>")[0]
    tags = dict(re.findall(r'<meta property="(og:[a-z:_]+)" content="([^"]*)"', head))
    assert tags["og:title"].strip()
    assert len(tags["og:description"]) > 20
    home = published.read(ROOT).site
    assert ("og:image" in tags) == ("og:url" in tags) == bool(home), "only where the pages have an address"
    if home:
        assert tags["og:url"] == f"{home}/{name}"
        assert (site / tags["og:image"].removeprefix(home + "/")).is_file()


def test_status_page_knows_every_page_that_runs(site: Path) -> None:
    rows = [[cell.get_text().strip() for cell in row.select("td")] for row in soup("status.html").table.tbody("tr")]
    run = [f for f in (site / "_sources").rglob("*.md") if "file_format: mystnb" in f.read_text(encoding="utf-8")]
    assert len(rows) == len(run)
    for _, seconds, memory, fits in rows:
        assert 0 < float(seconds) < 600
        assert 20 < float(memory) < 2000
        assert fits == "yes"


def test_library_links_the_chapter_that_teaches_it(site: Path) -> None:
    entry = soup("library/method.html").find(id="tlmlda_lib.losses.mmd").parent
    assert [a["href"] for a in entry.select("a") if a.get_text() == "Chapter 2.3"] == ["../mmd.html"]
    links = soup("mmd.html").select('article a[href="library/method.html#tlmlda_lib.losses.mmd"]')
    assert len(links) == 1


@pytest.mark.parametrize("name", PAGES)
def test_page_loads_only_what_it_uses(site: Path, name: str) -> None:
    text = text_of(name)
    loaded = " ".join(re.findall(r'<script[^>]*\bsrc="([^"]+)"', text))
    formulas = re.search(r'<(?:span|div) class="math\b', text) is not None
    figures = "vnd.jupyter.widget-view+json" in text
    assert ("mathjax/tex-svg.js" in loaded) == ("window.MathJax" in text) == formulas
    assert ("embed-amd.js" in loaded) == ("require.js" in loaded) == ("anywidget-amd.js" in loaded) == figures
    assert ("vnd.jupyter.widget-state+json" in text) == figures
    assert ("searchindex.js" in loaded) == ("searchtools.js" in loaded) == (name == "search.html")


def test_pages_of_every_kind_were_asked(site: Path) -> None:
    texts = {name: text_of(name) for name in KINDS}
    assert {name for name, text in texts.items() if 'class="math ' in text} == {"mmd.html", "solutions.html"}
    assert {name for name, text in texts.items() if "widget-view+json" in text} == {"index.html", "mmd.html"}


@pytest.mark.parametrize("name", BOOK)
def test_every_figure_has_a_measured_space(site: Path, name: str) -> None:
    text = text_of(name)
    head = r'<figure-space data-heights="([^"]*)"(?: id="[^"]+")?><script type="application/vnd.jupyter.widget-view'
    spaces = re.findall(head, text)
    assert len(spaces) == text.count("vnd.jupyter.widget-view+json")
    assert all(spaces), "run tools/figure_heights.py, and `make book` again"
    assert len(spaces) == len(figure_space.read().get(name.removesuffix(".html"), []))


@pytest.mark.parametrize("name", BOOK)
def test_every_figure_has_an_address_of_its_own(site: Path, name: str) -> None:
    text = text_of(name)
    offered = [line["data-embed"] for line in soup(name).select("figure-space + .figure-embed")]
    own = [space.get("id") for space in soup(name).select("figure-space")]
    assert offered == [f"{name}?embed={figure}" for figure in own]
    assert len(set(own)) == len(own) == text.count("vnd.jupyter.widget-view+json")
    assert not [figure for figure in own if text.count(f'id="{figure}"') != 1]


def test_solutions_are_on_no_one_s_way(site: Path) -> None:
    ways = {name: {a["href"] for a in soup(name).select(".prev-next-area a, head link[rel]")} for name in BOOK}
    assert not [name for name, links in ways.items() if any("solutions.html" in link for link in links)]
    assert soup("solutions.html").select(".prev-next-area a") == []
    assert "library/data.html" in ways["for-teachers.html"]
    assert "../for-teachers.html" in ways["library/data.html"]


def test_goals_and_needs_are_shown(site: Path) -> None:
    known = chapters.read(ROOT / "book")
    goals = soup("for-teachers.html").select("dl dd li")
    said = " ".join(" ".join(e.get_text().split()) for e in goals)
    assert not [goal for c in known.values() for goal in c.goals if goal.split()[-1] not in said]
    links = [a["href"] for a in soup("working-alone.html").select("svg.needs a")]
    assert links == [f"{c.page}.html" for c in known.values()]
    tables = [
        {str(t) for t in soup(name).select("article table")} for name in ("for-teachers.html", "working-alone.html")
    ]
    assert not tables[0] & tables[1]


@pytest.mark.parametrize("digit", chapters.PARTS)
def test_each_part_has_its_slides(site: Path, digit: str) -> None:
    part = [c for c in chapters.read(ROOT / "book").values() if c.number[0] == digit]
    file = site / decks.FOLDER / f"part-{digit}.html"
    assert f'href="{decks.FOLDER}/{file.name}"' in text_of("for-teachers.html")
    deck = built.BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")
    assert {a["href"] for a in deck.select("#begin a")} == {f"#{c.page}" for c in part}
    frames = [frame["data-src"] for frame in deck.select("iframe")]
    assert frames == [
        f"../{line['data-embed']}" for c in part for line in soup(f"{c.page}.html").select(".figure-embed")
    ]
    asked = [form["id"] for form in deck.select("form.quiz")]
    assert asked == [form["id"] for c in part for form in soup(f"{c.page}.html").select("form.quiz")]
    ids = [e["id"] for e in deck.select("[id]")]
    assert len(set(ids)) == len(ids)
    assert not [link for link in links_of(file) if link.startswith("file:") and is_lost(link, site)]
    loaded = [str(e.get("src") or e["href"]) for e in deck.select("img[src], script[src], link[href]")]
    assert not [name for name in loaded if not (file.parent / name).is_file()]


@pytest.mark.parametrize("name", BOOK)
def test_files_of_a_page_are_saved(site: Path, name: str) -> None:
    links = re.findall(r'<a [^>]*href="[^"]*_sources/[^"]*"[^>]*>', text_of(name))
    assert links, "the page's own source"
    assert not [link for link in links if " download" not in link or "target=" in link]


@pytest.mark.parametrize("page", CHAPTERS)
def test_chapter_gives_out_its_notebook_and_the_wheel_that_it_looks_for(site: Path, page: str) -> None:
    facts, folder = published.read(ROOT), site / published.NOTEBOOKS
    links = re.findall(r'href="([^"]+)"', text_of(f"{page}.html"))
    assert f"{published.NOTEBOOKS}/{page}.ipynb" in links
    launches = [link for link in links if re.match("https://(colab|mybinder)", link)]
    assert len(launches) == (2 if facts.repository else 0), "tests/test_published.py has the addresses"
    text = (folder / f"{page}.ipynb").read_text(encoding="utf-8")
    assert published.with_digest(text) == (ROOT / "book" / f"{page}.ipynb").read_text(encoding="utf-8")
    assert [file.name for file in folder.glob("*.whl")] == [facts.wheel]
    if facts.site:
        assert published.sha256(folder / facts.wheel) in text


@pytest.mark.parametrize("old", sorted(MOVED))
def test_an_older_name_names_the_page(site: Path, old: str) -> None:
    assert f'"{MOVED[old]}"' in text_of(old) or f"url={MOVED[old]}" in text_of(old)


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_picture_of_the_method_is_drawn_where_it_is_asked_for(site: Path, name: str) -> None:
    asked = (ROOT / "book" / f"{name}.md").read_text(encoding="utf-8").count("{method-picture}")
    assert len(soup(f"{name}.html").select("figure.method-figure > svg")) == asked
    assert not soup(f"{name}.html").select("dl.py")


@pytest.mark.parametrize("name", BOOK)
def test_no_picture_is_shown_twice(site: Path, name: str) -> None:
    drawn = [image["src"] for image in soup(name).select("div.cell_output img[src]")]
    assert len(drawn) == len(set(drawn)), "a cell returns a figure that it leaves open: close it"


# Which pages a change asks in full


def test_a_digest_sees_words_and_data_and_not_what_each_build_draws() -> None:
    page = (
        '<head>{head}</head><article>{words}<p id="{name}">took 3.2 s</p></article>'
        '<script type="application/vnd.jupyter.widget-state+json">'
        '{{"state": {{"{name}": {{"state": {{"_esm": "{script}", "points": [{point}]}}}}}}}}</script>'
    )
    first = {"head": "a", "words": "Anger.", "name": "0" * 32, "script": "x()", "point": 1}
    same = first | {"head": "b", "name": "1" * 32, "script": "y()"}
    assert built.digest(page.format(**first)) == built.digest(page.format(**same).replace("3.2 s", "4.1 s"))
    for other in ({"words": "Fear."}, {"point": 2}):
        assert built.digest(page.format(**first)) != built.digest(page.format(**first | other))


@pytest.mark.parametrize("file", sorted(built.ASKED.parent.glob("test_*.py")), ids=lambda p: p.stem)
def test_a_file_of_tests_of_one_page_names_all_that_it_asks(site: Path, file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    marked = re.search(r"pytest\.mark\.of\((.*?)\)", text)
    if marked is None:
        return  # asked after every change
    names = set(re.findall(r'"([^"]+)"', marked[1]))
    figures = set(built.figures())
    assert names <= {*PAGES, *figures}
    imported = re.findall(r"^ *from tlmlda_lib\.book\.explorables[\w.]* import (.*)$", text, re.MULTILINE)
    assert {name for line in imported for name in re.split(r",\s*", line)} & figures <= names
    assert set(re.findall(r'"([a-z/-]+\.html)"', text)) <= names


def test_what_was_asked_of_pages_and_figures_is_kept_with_the_tests() -> None:
    files = built.questions()
    assert "test_peers.py" in files
    assert built.others(files | {"test_peers.py": "another"}) >= {"test_peers.py"}


def test_fixed_pages_are_there(site: Path) -> None:
    assert set(built.FIXED) <= set(PAGES)
    assert set(built.FIXED) <= set(built.changed())
    assert set(built.FIXED_FIGURES) <= set(built.changed_figures())


def test_every_page_was_asked_once(site: Path) -> None:
    known = {*PAGES, *built.figures(), *built.questions()}
    assert set(built.kept()) <= known, "a page that is no more: `make browser-all` writes tests/browser/asked.json anew"
