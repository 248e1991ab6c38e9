"""Keep each interactive figure's space free from the first paint, so that nothing below it jumps when it is drawn.

The heights are in figure_heights.yml: for each page a list of its figures, and of each its height at some widths of the
column, all in CSS pixels. ``tools/figure_heights.py`` measures them on the built pages; _static/figures.js reads them.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

HEIGHTS = Path(__file__).with_name("figure_heights.yml")
FIGURE = re.compile(r'<script type="application/vnd\.jupyter\.widget-view\+json">.*?</script>', re.DOTALL)

#: Height by width.
Heights = dict[int, int]


def read(file: Path = HEIGHTS) -> dict[str, list[Heights]]:
    """Heights of each page's figures, in their order; nothing where they were never measured."""
    return yaml.safe_load(file.read_text(encoding="utf-8")) if file.is_file() else {}


def with_space(body: str, heights: list[Heights]) -> str:
    """Wrap each figure of a page in a space of its height; one that was not measured gets one without a height."""
    known = iter(heights)

    def space(match: re.Match[str]) -> str:
        pairs = sorted(next(known, {}).items())
        return f'<figure-space data-heights="{" ".join(f"{w}:{h}" for w, h in pairs)}">{match[0]}</figure-space>'

    return FIGURE.sub(space, body)


def keep_free(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Do so on a page."""
    if context.get("body"):
        context["body"] = with_space(context["body"], app.figure_heights.get(pagename, []))


def begin(app: Any) -> None:
    """Read the heights, once a build."""
    app.figure_heights = read()


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's entry point."""
    app.connect("builder-inited", begin)
    app.connect("html-page-context", keep_free)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
