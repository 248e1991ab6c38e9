"""The picture of the whole method, ``{method-picture}``, and with one part lit: ``{method-picture} lmmd``.

It is drawn once, in method_picture.svg beside this file: each part leads to its chapter, whose number is put in here.
A page holds the SVG itself, so that its links work and its colours follow the page's; a notebook holds an image.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import chapters
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

SVG = Path(__file__).with_name("method_picture.svg")

#: The parts that can be lit, named after their chapters, and what is said of each.
PARTS = {
    "denoising": "noise, encoder and decoder, with the losses S and T",
    "emotion": "the emotion network, with the loss y",
    "mmd": "the loss MMD",
    "lmmd": "the loss LMMD",
    "weighting": "the weights of the five losses",
    "batch": "the batch",
    "training": "the total loss and its gradient",
}
NUMBER = re.compile(r'(<(?:tspan|text) class="chapter"[^>]*>)(\w+)<')
LINK = re.compile(r' href="(\w+)\.html"')


def caption(lit: str) -> str:
    """What stands below the picture.

    Parameters
    ----------
    lit : str
        A key of `PARTS`, or nothing.
    """
    if not lit:
        return "The whole method. Each part leads to its chapter."
    return f"The whole method. This chapter's part is highlighted: {PARTS[lit]}."


def alt(lit: str = "") -> str:
    """What is seen, in words."""
    said = re.search(r"<desc[^>]*>(.*?)</desc>", SVG.read_text(encoding="utf-8"), re.DOTALL)
    assert said
    return f"{said[1]} {caption(lit)}" if lit else said[1]


def drawing(numbers: Mapping[str, str], lit: str = "") -> str:
    """The picture as SVG.

    Parameters
    ----------
    numbers : mapping of str to str
        Number of each chapter, by its page.
    lit : str
        A key of `PARTS`, or nothing.

    Raises
    ------
    ValueError
        If there is no such part.
    """
    if lit and lit not in PARTS:
        raise ValueError(f"the method has no part {lit!r}: use one of {', '.join(PARTS)}")
    svg = NUMBER.sub(lambda m: f"{m[1]}{numbers.get(m[2], '')}<", SVG.read_text(encoding="utf-8").strip())
    svg = LINK.sub(lambda m: m[0] if m[1] in numbers else "", svg)  # a chapter that is not written has no link
    return svg.replace('class="method"', f'class="method lit-{lit}"', 1) if lit else svg


def of_book(book: Path, lit: str = "") -> str:
    """The picture with the numbers of a book's chapters; raises as `drawing`."""
    return drawing({chapter.page: number for number, chapter in chapters.read(book).items()}, lit)


class MethodDirective(SphinxDirective):
    """``{method-picture}``: the picture, perhaps with one part lit."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The drawing and what stands below it."""
        lit = self.arguments[0] if self.arguments else ""
        self.env.note_dependency(str(SVG))
        try:
            svg = of_book(Path(self.env.srcdir), lit)
        except ValueError as error:
            raise self.error(str(error)) from error
        html = f'<figure class="method-figure">\n{svg}\n<figcaption>{caption(lit)}</figcaption>\n</figure>'
        return [nodes.raw("", html, format="html")]


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's entry point."""
    app.add_directive("method-picture", MethodDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
