"""The built site, for tests of its pages: which there are, and what their HTML says without a browser."""

from __future__ import annotations

import functools
import hashlib
import html
import json
import os
import re
import unicodedata
from pathlib import Path
from urllib.parse import unquote, urljoin, urlparse

import pytest
import yaml
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build" / "html"
REQUIRED = os.environ.get("TLMLDA_BROWSER_REQUIRED", "") not in ("", "0")

CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["sphinx"]["config"]
#: Names that pages had before, and where they lead.
MOVED = {f"{old}.html": new for old, new in CONFIG["redirects"].items()}
PAGES = sorted(
    {p.relative_to(SITE).as_posix() for p in SITE.rglob("*.html") if not {"_static", "slides"} & set(p.parts)}
    - set(MOVED)
) or ["index.html"]
#: Pages of the book itself: the search page has nothing to measure, the index may be empty.
BOOK = [p for p in PAGES if p not in ("genindex.html", "search.html", "py-modindex.html")]

#: Pages that every change asks in full: the first, one with figures and sound and a quiz, one with formulas and a
#: figure, one of the library's.
FIXED = ("index.html", "hearing.html", "mmd.html", "library/method.html")
#: Figures that every change asks in full: one to move, one to hear, one to sort, one of many points.
FIXED_FIGURES = ("MMDByHand", "VoiceDials", "Leaderboard", "TwoCorpora")
#: What the pages' HTML, the figures' scripts and the tests of both were when all was asked last (`make browser-all`).
ASKED = Path(__file__).parent / "browser" / "asked.json"


#: Names of models, cells and pictures, drawn anew by every build.
DRAWN = re.compile(r"(?<![0-9a-f])([0-9a-f]{32,64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9a-f])")

#: A name in a docstring: whether it becomes a link depends on which pages were read before.
XREF = re.compile(r'<(em|code) class="xref[^>]*>(?:<span class="pre">)?(.*?)(?:</span>)?</\1>')


def absent(reason: str) -> None:
    """Skip with the reason; fail where the suite is asked for (TLMLDA_BROWSER_REQUIRED=1)."""
    if REQUIRED:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@functools.cache
def text_of(name: str, site: Path = SITE) -> str:
    """A page's HTML."""
    return (site / name).read_text(encoding="utf-8")


@functools.cache
def soup(name: str) -> BeautifulSoup:
    """A page, parsed."""
    return BeautifulSoup(text_of(name), "html.parser")


def links_of(file: Path) -> list[str]:
    """Where a page's links lead, as a browser resolves them."""
    found = re.findall(r'<a\b[^>]*?\shref="([^"]*)"', file.read_text(encoding="utf-8"))
    return [urljoin(file.as_uri(), html.unescape(href)) for href in found]


def is_lost(link: str, site: Path) -> bool:
    """Whether a link within the site leads nowhere."""
    parts = urlparse(link)
    file = Path(unquote(parts.path))
    if not file.is_file() or site not in file.parents:
        return True
    return bool(parts.fragment) and file.suffix == ".html" and unquote(parts.fragment) not in places(file)


@functools.cache
def places(file: Path) -> frozenset[str]:
    """What a link may lead to on a page."""
    return frozenset(re.findall(r'\bid="([^"]+)"', file.read_text(encoding="utf-8")))


def bare(text: str) -> str:
    """Letters and digits alone: lines and ligatures are set anew on paper."""
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKC", text).lower())


def digest(text: str, *, times: bool = False) -> str:
    """Of what a reader sees of a page: its article and its figures' data, without what every build draws anew.

    Scripts and styles of the figures are not in it: their own pages ask them (`make explorables`). With `times` the
    page is one of times and sizes, whose numbers do not count.
    """
    article = text[text.find("<article") : text.rfind("</article>")]
    article = re.sub(r"\d+(\.\d+)?" + ("" if times else r"(?= (s|seconds|MB|MiB)\b)"), "", DRAWN.sub("", article))
    article = re.sub(r"\s+", " ", XREF.sub(r"\2", article))
    figures = re.search(r'<script type="application/vnd.jupyter.widget-state\+json">(.*?)</script>', text, re.DOTALL)
    states = json.loads(figures[1])["state"].values() if figures else ()
    data = sorted(
        DRAWN.sub("", json.dumps({k: v for k, v in s["state"].items() if not k.startswith("_")}, sort_keys=True))
        for s in states
    )
    return hashlib.sha256("\n".join([article, *data]).encode()).hexdigest()[:16]


def digests() -> dict[str, str]:
    """The digest of every page."""
    return {name: digest(text_of(name), times=name == "status.html") for name in PAGES}


def figures() -> dict[str, str]:
    """The digest of every interactive figure: its script, its style and the names of its settings."""
    from tlmlda_lib.book import explorables

    found = {}
    for name in explorables.__all__:
        kind = getattr(explorables, name)
        settings = sorted(kind.class_trait_names(sync=True))
        found[name] = hashlib.sha256("\n".join([str(kind._esm), str(kind._css), *settings]).encode()).hexdigest()[:16]
    return found


def kept() -> dict[str, str]:
    """The digests of what was asked last, by page and by figure."""
    return json.loads(ASKED.read_text(encoding="utf-8")) if ASKED.is_file() else {}


def questions() -> dict[str, str]:
    """The digest of every file of tests of the pages, with what all share: its fixtures, scripts and styles."""
    here = ASKED.parent
    static = [p for p in (ROOT / "book" / "_static").rglob("*") if p.suffix in (".js", ".css")]
    shared = "\n".join(p.read_text(encoding="utf-8") for p in [here / "conftest.py", *sorted(static)])
    texts = {p.name: shared + p.read_text(encoding="utf-8") for p in sorted(here.glob("test_*.py"))}
    return {name: hashlib.sha256(text.encode()).hexdigest()[:16] for name, text in texts.items()}


def others(now: dict[str, str]) -> set[str]:
    """What is another than when all were asked last."""
    before = kept()
    return {name for name, value in now.items() if before.get(name) != value}


def changed() -> list[str]:
    """Pages whose HTML is another than when all were asked last, and the fixed ones."""
    if not (SITE / "index.html").is_file():
        return list(FIXED)
    return sorted(others(digests()) | set(FIXED))


def changed_figures() -> list[str]:
    """Figures that are others than when all were asked last, and the fixed ones."""
    return sorted(others(figures()) | set(FIXED_FIGURES))


def write_asked() -> None:
    """Keep what the pages' HTML, the figures and the tests of both are now."""
    ASKED.write_text(json.dumps(digests() | figures() | questions(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_asked()
