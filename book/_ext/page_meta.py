"""What a link to a page shows elsewhere: title, first sentence, picture."""

from __future__ import annotations

import html
import re
from typing import Any

from docutils import nodes

PICTURE = "_static/preview.png"


def first_words(doctree: nodes.document | None, limit: int = 200) -> str:
    """The page's first paragraph, cut after a sentence or at a word."""
    paragraph = next(iter(doctree.findall(nodes.paragraph)), None) if doctree else None
    words = " ".join(paragraph.astext().split()) if paragraph else ""
    if len(words) <= limit:
        return words
    cut = words[:limit]
    sentence = re.match(r".*[.?!](?= )", cut)
    return sentence[0] if sentence else cut.rsplit(" ", 1)[0] + " ..."


def describe(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Add the Open Graph tags to a page's head."""
    if doctree is None:
        return
    base = app.config.html_baseurl.rstrip("/")
    tags = {
        "og:type": "article",
        "og:site_name": app.config.html_title or app.config.project,
        "og:title": re.sub(r"<[^>]+>", "", context.get("title", "")),
        "og:description": first_words(doctree),
    }
    if base:  # they want whole addresses
        tags["og:url"] = f"{base}/{pagename}.html"
        tags["og:image"] = f"{base}/{PICTURE}"
        tags["og:image:alt"] = "Two clouds of points, a source and a target, that overlap in part"
    lines = [f'<meta property="{name}" content="{html.escape(html.unescape(text))}" />' for name, text in tags.items()]
    lines.append(f'<meta name="description" content="{html.escape(tags["og:description"])}" />')
    context["metatags"] = context.get("metatags", "") + "\n".join(lines) + "\n"


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's entry point."""
    app.connect("html-page-context", describe)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
