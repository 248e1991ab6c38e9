"""Slides: one deck for each part, made of the built pages, with the interactive figures alive in them.

A chapter gives its title and goals, each interactive figure and each picture in the order of the page, the take-away
and the quiz. A deck is a page of the site, ``slides/part-2.html``: it works from a folder and without a network, and
an interactive figure is framed at its own address (_ext/figure_space.py). ``{decks}`` links them.
"""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lessons
from bs4 import BeautifulSoup, Tag
from chapters import Chapter
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

FOLDER = "slides"
OWN = Path(__file__).with_name("deck")
FILES = ("deck.css", "deck.js")
MATH = "vendor/mathjax/tex-svg.js"
#: What of a page becomes a slide: a figure, a picture that no fold hides, the take-away, a question.
PIECES = "figure-space[id], figure.method-figure, img, div.important.admonition, form.quiz"

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: slides</title>
<link rel="icon" href="../_static/favicon.svg">
<link rel="stylesheet" href="../_static/quiz.css">
<link rel="stylesheet" href="deck.css">
{math}<script src="../_static/quiz.js"></script>
<script src="deck.js" defer></script>
</head>
<body>
<main>
{slides}
</main>
<nav aria-label="Slides">
<a href="../{first}.html">The pages</a>
<button type="button" data-step="-1">Previous</button>
<span id="place" role="status"></span>
<button type="button" data-step="1">Next</button>
</nav>
</body>
</html>
"""
TYPESETTER = """<script>MathJax = {{options: {{enableMenu: false}}}};</script>
<script defer src="../_static/{math}"></script>
"""


@dataclass(frozen=True)
class Slide:
    """One slide: its name in the address, its title, and its HTML beneath the title."""

    name: str
    title: str
    body: str
    kind: str
    level: int = 2


def article(page: str) -> Tag:
    """A page's article, parsed; its links lead from the folder of the decks."""
    whole = re.search(r"<article.*?</article>", page, re.DOTALL)
    parsed = BeautifulSoup(whole[0] if whole else "", "html.parser")
    for mark in parsed.select("a.headerlink"):
        mark.decompose()
    for tag, name in (("a", "href"), ("img", "src")):
        for e in parsed.select(f"{tag}[{name}]"):
            if not re.match(r"[a-z]+:|#", str(e[name])):
                e[name] = f"../{e[name]}"
    return parsed


def heading(piece: Tag, chapter: Chapter) -> str:
    """Title of the section that a piece of a page stands in."""
    before = piece.find_previous(["h1", "h2"])
    return before.get_text().strip() if before and before.name == "h2" else chapter.title


def tried(space: Tag) -> str:
    """What a reader is to try with a figure, as HTML; empty where the page does not say it."""
    near = space.find_all_next("p", limit=12)
    return next((p.decode_contents() for p in near if p.get_text().strip().startswith("Try.")), "")


def of_figure(space: Tag, chapter: Chapter) -> str:
    """An interactive figure in a frame; the frame is filled when its slide is shown."""
    address = f"../{chapter.page}.html?embed={space['id']}"
    title = html.escape(f"Interactive figure of chapter {chapter.name}")
    words = f"<p>{said}</p>" if (said := tried(space)) else ""
    link = f'<p class="alone"><a href="{address}">The figure alone</a></p>'
    return f'{words}<iframe data-src="{address}" title="{title}" allow="microphone"></iframe>{link}'


def of_picture(image: Tag) -> str:
    """A picture with its caption."""
    figure = image.find_parent("figure")
    caption = figure.find("figcaption") if figure else None
    words = f"<figcaption>{caption.get_text(' ').strip()}</figcaption>" if caption else ""
    source, alt = (html.escape(str(image.get(name, ""))) for name in ("src", "alt"))
    return f'<figure><img src="{source}" alt="{alt}" loading="lazy">{words}</figure>'


def of_drawing(figure: Tag, name: str) -> str:
    """A drawing whose parts are links, under ids of its own: a deck shows it more than once."""
    text = str(figure)
    for one in re.findall(r'\bid="([^"]+)"', text):
        text = re.sub(rf'(?<=[" #]){re.escape(one)}(?=[" )])', f"{one}-{name}", text)
    return text


def opening(chapter: Chapter) -> Slide:
    """A chapter's first slide: what a reader can do after it."""
    goals = "".join(f"<li>{html.escape(goal.removeprefix(lessons.BEGIN))}</li>" for goal in chapter.goals)
    body = f'<p>After this chapter you can</p><ul>{goals}</ul><p><a href="../{chapter.page}.html">The chapter</a></p>'
    return Slide(chapter.page, chapter.name, body, "opening")


def of_chapter(chapter: Chapter, page: str) -> Iterator[Slide]:
    """All slides of a chapter, from its built page."""
    yield opening(chapter)
    for number, piece in enumerate(article(page).select(PIECES), 2):
        name = f"{chapter.page}-{number}"
        if piece.name == "figure-space":
            yield Slide(name, heading(piece, chapter), of_figure(piece, chapter), "live")
        elif piece.name == "form":
            yield Slide(name, heading(piece, chapter), str(piece), "question")
        elif piece.name == "div":
            title = piece.select_one(".admonition-title")
            words = title.extract().get_text().strip() if title else ""
            yield Slide(name, words, piece.decode_contents(), "away")
        elif piece.name == "figure":
            yield Slide(name, heading(piece, chapter), of_drawing(piece, name), "picture")
        elif not piece.find_parent("details"):
            yield Slide(name, heading(piece, chapter), of_picture(piece), "picture")


def written(part: str, slides: list[Slide], first: str) -> str:
    """A deck's HTML."""
    made = [
        f'<section class="{s.kind}" id="{s.name}" role="group" aria-roledescription="slide" '
        f'aria-label="{n} of {len(slides)}: {html.escape(s.title)}" tabindex="-1">'
        f"<h{s.level}>{html.escape(s.title)}</h{s.level}>{s.body}</section>"
        for n, s in enumerate(slides, 1)
    ]
    math = TYPESETTER.format(math=MATH) if any('class="math ' in s.body for s in slides) else ""
    return PAGE.format(title=html.escape(part), math=math, slides="\n".join(made), first=first)


def decks(known: Mapping[str, Chapter]) -> dict[str, list[Chapter]]:
    """The decks' files, and the chapters in each."""
    return {f"part-{digit}.html": part for digit, part in lessons.by_part(known).items()}


def make(site: Path, known: Mapping[str, Chapter]) -> list[Path]:
    """Write all decks into a built site; where they are. A chapter that the site does not have is left out."""
    folder = site / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in FILES:
        shutil.copyfile(OWN / name, folder / name)
    made = []
    for name, part in decks(known).items():
        there = [c for c in part if (site / f"{c.page}.html").is_file()]
        if not there:
            continue
        title = lessons.part_name(there[0].number[0])
        links = "".join(f'<li><a href="#{c.page}">{html.escape(c.name)}</a></li>' for c in there)
        slides = [Slide("begin", title, f"<ul>{links}</ul>", "begin", level=1)]
        for chapter in there:
            slides += of_chapter(chapter, (site / f"{chapter.page}.html").read_text(encoding="utf-8"))
        (folder / name).write_text(written(title, slides, there[0].page), encoding="utf-8")
        made.append(folder / name)
    return made


class DecksDirective(SphinxDirective):
    """``{decks}``: links to all decks."""

    def run(self) -> list[nodes.Node]:
        """Nodes for the page."""
        root = self.env.app.builder.get_relative_uri(self.env.docname, self.config.root_doc).rpartition("/")[0]
        lines = [
            f'<li><a href="{root and root + "/"}{FOLDER}/{name}">{lessons.part_name(part[0].number[0])}</a></li>'
            for name, part in decks(lessons.of_book(Path(self.env.srcdir))).items()
        ]
        return [nodes.raw("", f"<ul>{''.join(lines)}</ul>", format="html")]


def finish(app: Any, exception: Exception | None) -> None:
    """After the last page: the decks."""
    if not exception and app.builder.format == "html":
        make(Path(app.outdir), lessons.of_book(Path(app.srcdir)))


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's entry point."""
    app.add_directive("decks", DecksDirective)
    app.connect("build-finished", finish, priority=940)  # of pages as they stay, and before the site is measured
    return {"parallel_read_safe": True, "parallel_write_safe": True}
