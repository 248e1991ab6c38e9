"""Take off the pages what nobody looks at: the theme's script of two thousand icons, and the maps of its sources.

The icons that the pages do use are in _static/icons.css, a few hundred bytes each. A test asks for one for every icon.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from sphinx.util import logging

SCRIPT = re.compile(r"\s*<!-- So that users can add custom icons -->\s*<script[^>]*fontawesome\.js[^>]*></script>")
TWICE = re.compile(r'<meta name="viewport" content="width=device-width, initial-scale=1"\s*/?>')
LEFT_OVER = ("_static/scripts/fontawesome.js*", "_static/scripts/*.map", "_static/styles/*.map", "_static/**/*.map")

logger = logging.getLogger(__name__)
began = time.monotonic()


def lighten(app: Any, exception: Exception | None) -> None:
    """After the last page: remove the script's tag from every page, then the files; say how long all of it took."""
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    for file in out.rglob("*.html"):
        old = file.read_text(encoding="utf-8")
        new = TWICE.sub("", SCRIPT.sub("", old))
        if new != old:
            file.write_text(new, encoding="utf-8")
    for pattern in LEFT_OVER:
        for file in out.glob(pattern):
            file.unlink()
    size = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
    logger.info("the site: %.1f MB, built in %.0f s", size / 1e6, time.monotonic() - began)


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's entry point."""
    app.connect("build-finished", lighten)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
