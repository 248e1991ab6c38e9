"""The meaning of a term beside the term, on every page that links the glossary.

A link that ``{term}`` makes is described by a box with the first paragraph of the definition; terms.js shows it on
hover, focus and touch. Without scripts the link leads to the glossary.
"""

from __future__ import annotations

import html
import re
from functools import cache
from typing import Any

from docutils import nodes

PAGE = "glossary"
LINK = re.compile(
    r'<a class="reference internal" href="([^"#]*)#(term-[^"]+)"><span class="xref std std-term">(.*?)</span></a>',
    re.DOTALL,
)


def definitions(doctree: nodes.document) -> dict[str, str]:
    """First paragraph of each definition as plain text, by the term's anchor."""
    found = {}
    for item in doctree.findall(nodes.definition_list_item):
        paragraph = next(iter(item.findall(nodes.paragraph)), None)
        for term in item.findall(nodes.term):
            words = re.sub(r"\s*See chapter \d\.\d\.", "", " ".join(paragraph.astext().split())) if paragraph else ""
            found |= dict.fromkeys(term["ids"], words)
    return found


@cache
def _known(env: Any) -> dict[str, str]:
    return definitions(env.get_doctree(PAGE))


def explain(body: str, known: dict[str, str]) -> str:
    """Describe each link to a term; the boxes stand at the end, each once."""
    used: list[str] = []

    def link(match: re.Match[str]) -> str:
        page, anchor, words = match.groups()
        if anchor not in known:
            return match[0]
        if anchor not in used:
            used.append(anchor)
        return f'<a class="term" href="{page}#{anchor}" aria-describedby="tip-{anchor}">{words}</a>'

    body = LINK.sub(link, body)
    tips = "".join(f'<div role="tooltip" id="tip-{a}" hidden>{html.escape(known[a], quote=False)}</div>' for a in used)
    return body + (f'<div class="term-tips">{tips}</div>' if tips else "")


def on_page(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Explain the terms of a page's body; the glossary itself needs no box."""
    if context.get("body") and doctree is not None and pagename != PAGE and PAGE in app.env.found_docs:
        context["body"] = explain(context["body"], _known(app.env))


def note(app: Any, env: Any, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
    """Remember whether the glossary is read anew; nothing else has to be."""
    env.terms_changed = PAGE in added | changed
    return []


def rewrite(app: Any, env: Any) -> list[str]:
    """Write all pages anew when a definition may have changed."""
    return sorted(env.found_docs) if getattr(env, "terms_changed", False) else []


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's entry point."""
    app.connect("html-page-context", on_page)
    app.connect("env-get-outdated", note)
    app.connect("env-updated", rewrite)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
