"""Take off each page what it does not use: the theme's two thousand icons, formulas' typesetter, the search index.

The icons that the pages do use are in _static/icons.css, a few hundred bytes each. A test asks for one for every icon.
Sphinx loads MathJax (2.1 MB) where a page's sources have a formula, though it may be in a form that is not shown; the
theme loads the search index on every page for a search in the page itself, which this book does not offer.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from sphinx.util import logging

SCRIPT = re.compile(r"\s*<!-- So that users can add custom icons -->\s*<script[^>]*fontawesome\.js[^>]*></script>")
SEARCH = re.compile(r'\s*<script src="[^"]*\b(?:searchtools|language_data|searchindex)\.js[^"]*"></script>')
TWICE = re.compile(r'<meta name="viewport" content="width=device-width, initial-scale=1"\s*/?>')
LEFT_OVER = ("_static/scripts/fontawesome.js*", "_static/scripts/*.map", "_static/styles/*.map", "_static/**/*.map")

logger = logging.getLogger(__name__)
began = time.monotonic()


def without_mathjax(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Take the typesetter off a page that shows no formula."""
    if 'class="math ' not in context.get("body", ""):
        context["script_files"] = [script for script in context["script_files"] if not _is_mathjax(script, app)]


def _is_mathjax(script: Any, app: Any) -> bool:
    settings = str(script.attributes.get("body", "")).startswith("window.MathJax")
    return settings or str(script.filename).endswith(app.config.mathjax_path)


def lighten(app: Any, exception: Exception | None) -> None:
    """After the last page: remove what the templates load in vain, then the files; say how long all of it took."""
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    for file in out.rglob("*.html"):
        old = file.read_text(encoding="utf-8")
        new = TWICE.sub("", SCRIPT.sub("", old))
        if file != out / "search.html":
            new = SEARCH.sub("", new)
        if new != old:
            file.write_text(new, encoding="utf-8")
    for pattern in LEFT_OVER:
        for file in out.glob(pattern):
            file.unlink()
    size = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
    logger.info("the site: %.1f MB, built in %.0f s", size / 1e6, time.monotonic() - began)


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's entry point."""
    app.connect("html-page-context", without_mathjax, priority=900)  # when Sphinx has added it
    app.connect("build-finished", lighten, priority=950)  # of all that is written, its size
    return {"parallel_read_safe": True, "parallel_write_safe": True}
