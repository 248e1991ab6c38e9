"""Small mends of the markup that docutils, myst-nb and the theme write, so that a screen reader reads it right."""

from __future__ import annotations

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


def mend(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Replace the markup in a page's body."""
    body = context.get("body")
    if body:
        for old, new in MENDS:
            body = body.replace(old, new)
        context["body"] = body


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's entry point."""
    app.connect("html-page-context", mend)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
