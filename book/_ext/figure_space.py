"""Keep each interactive figure's space free from the first paint, and give each figure an address of its own.

Nothing below a figure jumps when it is drawn. ``mmd.html?embed=MMDByHand`` shows one figure alone, and the line *Embed*
beneath it says what another page writes to show it there.

The heights are in figure_heights.yml: for each page a list of its figures, and of each its height at some widths of the
column, all in CSS pixels. ``tools/figure_heights.py`` measures them on the built pages; _static/figures.js reads them.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

HEIGHTS = Path(__file__).with_name("figure_heights.yml")
FIGURE = re.compile(r'<script type="application/vnd\.jupyter\.widget-view\+json">(.*?)</script>', re.DOTALL)
STATE = "application/vnd.jupyter.widget-state+json"
#: Width of a frame on another page, and a figure's height in it where it was never measured.
FRAME, UNMEASURED = 700, 700

#: Height by width.
Heights = dict[int, int]


def read(file: Path = HEIGHTS) -> dict[str, list[Heights]]:
    """Heights of each page's figures, in their order; nothing where they were never measured."""
    return yaml.safe_load(file.read_text(encoding="utf-8")) if file.is_file() else {}


def names(body: str, state: Mapping[str, Any]) -> list[str]:
    """Names of a page's figures, in their order: the class, and a number from the second of a kind on.

    Parameters
    ----------
    body : str
        The page's HTML.
    state : mapping
        The models of the page's widgets by their ids; one that is no figure of this book gets no name.
    """
    found: list[str] = []
    for match in FIGURE.finditer(body):
        model = json.loads(match[1]).get("model_id", "")
        kind = str(state.get(model, {}).get("state", {}).get("_anywidget_id", "")).rpartition(".")[2]
        count = sum(re.fullmatch(rf"{kind}(-\d+)?", name) is not None for name in found) if kind else 0
        found.append(f"{kind}-{count + 1}" if count else kind)
    return found


def height_at(heights: Heights, width: int = FRAME) -> int:
    """A figure's height in a frame of about this width."""
    return heights[min(heights, key=lambda known: abs(known - width))] if heights else UNMEASURED


def with_space(body: str, heights: Sequence[Heights], page: str = "", named: Sequence[str] = ()) -> str:
    """Wrap each figure of a page in a space of its height; one that was not measured gets one without a height.

    A figure with a name can be linked by it, and a line beneath it has its address, ``page.html?embed=NAME``.
    """
    number = iter(range(len(FIGURE.findall(body))))

    def space(match: re.Match[str]) -> str:
        n = next(number)
        known = heights[n] if n < len(heights) else {}
        name = html.escape(named[n]) if n < len(named) else ""
        own = f' id="{name}"' if name else ""
        pairs = " ".join(f"{w}:{h}" for w, h in sorted(known.items()))
        height = height_at(known)
        line = f'<div class="figure-embed" data-embed="{page}.html?embed={name}" data-height="{height}"></div>'
        return f'<figure-space data-heights="{pairs}"{own}>{match[0]}</figure-space>' + (line if name else "")

    return FIGURE.sub(space, body)


def models(env: Any, pagename: str) -> dict[str, Any]:
    """The models of a page's widgets, as myst-nb keeps them for it; none on a page without widgets."""
    kept = getattr(env, "nb_metadata", {}).get(pagename, {}).get("js_files", {})
    bodies = (how.get("body") for _, how in kept.values() if str(how.get("type")) == STATE)
    return {model: state for body in bodies if body for model, state in json.loads(body)["state"].items()}


def keep_free(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Do so on a page."""
    if body := context.get("body"):
        named = names(body, models(app.env, pagename))
        context["body"] = with_space(body, app.figure_heights.get(pagename, []), pagename, named)


def begin(app: Any) -> None:
    """Read the heights, once a build."""
    app.figure_heights = read()


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's entry point."""
    app.connect("builder-inited", begin)
    app.connect("html-page-context", keep_free)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
