"""Small mends of the markup that docutils, myst-nb and the theme write.

A screen reader reads it right, no line begins with a comma or a percent sign, and a file that is offered for download
is saved, not shown, from a folder as well.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

MENDS = (
    # docutils: a list role without list items in it, and a role that is no longer known
    ('<div role="list" class="citation-list">', '<div class="citation-list">'),
    (' role="doc-biblioentry"', ""),
    # myst-nb: the fixed label hides the summary's visible text
    ('<summary aria-label="Toggle hidden content">', "<summary>"),
    # the theme: a wide table scrolls in a box that the keyboard cannot reach
    ('<div class="pst-scrollable-table-container">', '<div class="pst-scrollable-table-container" tabindex="0">'),
)

#: The theme's own first script leaves "auto" for its last one to settle, and until then no colour of ours is known.
SETTLED = """{
  const { dataset } = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  if (!["light", "dark"].includes(dataset.theme)) dataset.theme = dark ? "dark" : "light";
}"""

#: The theme's buttons for a page's notebook and source, which open the file in a new tab.
OPENED = re.compile(r'<a href="([^"]*\b_sources/[^"]*)" target="_blank"')

#: What is no running text: code, scripts and the states of widgets, drawings; and every tag by itself.
NO_TEXT = re.compile(r"(<(pre|code|script|style|svg|textarea)\b.*?</\2>|<[^>]*>)", re.DOTALL)

#: The space before a percent sign, after a number or what ends an element (a formula, bold type).
PERCENT = re.compile(r"((?:\d|^)) (?=%(?:\W|$))")

#: The space before a unit, after its number, and the space within "Part 2".
UNIT = re.compile(r"(?<=\d) (?=(?:dB|k?Hz|ms)\b)|(?<=\bPart) (?=\d)")

#: A formula in a line, with what touches it on both sides. Browsers may break the line on either side of it.
FORMULA = re.compile(r'[([“]*<span class="math notranslate nohighlight">[^<]*</span>[^\s<]*')


def unbroken(body: str) -> str:
    """The same body, where no line breaks before "%" or a unit, or between a formula and its comma or bracket."""
    pieces = NO_TEXT.split(body)  # text, what is no text, its name or None, text, ...
    for i in range(0, len(pieces), 3):
        pieces[i] = PERCENT.sub("\\1\N{NO-BREAK SPACE}", pieces[i])
        pieces[i] = UNIT.sub("\N{NO-BREAK SPACE}", pieces[i])
        if i + 2 < len(pieces):
            pieces[i + 2] = ""  # the name is part of the piece before
    return FORMULA.sub(_together, "".join(pieces))


def _together(found: re.Match[str]) -> str:
    alone = found[0].startswith("<") and found[0].endswith("</span>")
    return found[0] if alone else f'<span class="unbroken">{found[0]}</span>'


def mend(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Replace the markup in a page's body."""
    body = context.get("body")
    if body:
        for old, new in MENDS:
            body = body.replace(old, new)
        context["body"] = unbroken(body)


def offer(app: Any, exception: Exception | None) -> None:
    """After the last page: let the buttons for a page's files save them. The template has no setting for it."""
    if exception or app.builder.format != "html":
        return
    for file in Path(app.outdir).rglob("*.html"):
        old = file.read_text(encoding="utf-8")
        new = OPENED.sub(r'<a href="\1" download', old)
        if new != old:
            file.write_text(new, encoding="utf-8")


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's entry point."""
    app.connect("html-page-context", mend)
    app.connect("build-finished", offer)
    app.add_js_file(None, body=SETTLED)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
