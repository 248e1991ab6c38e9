"""Run the code of two pages side by side, before Sphinx reads them one after the other.

What myst-nb would execute while it reads a page is executed here by its own client, and lies in its cache when the page
is read. A page that fails here fails again there, and is reported there.
"""

from __future__ import annotations

import logging as standard
import os
from collections.abc import Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from jupyter_cache import get_cache
from myst_nb.core.execute import create_client
from myst_nb.core.read import create_nb_reader
from sphinx.util import logging

#: Kernels at once: each wants a core, and close to a gigabyte.
AT_ONCE = 2

logger = logging.getLogger(__name__)


class Unheard(standard.LoggerAdapter):
    """What myst-nb says of an execution: it says the same where the page is read."""

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        """Drop what only Sphinx's loggers take."""
        return msg, {}


def execute(app: Any, env: Any, docnames: Iterable[str]) -> None:
    """Execute those of the pages that will be read whose outputs the cache does not have."""
    if env.mystnb_config.execution_mode != "cache":
        return
    stale = [page for name in docnames if (page := _stale(env, name)) is not None]
    if len(stale) < 2:
        return
    at_once = min(AT_ONCE, os.cpu_count() or 1)
    logger.info("executing %d pages, %d at once", len(stale), at_once)
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(lambda page: _execute(env, *page), stale))


def _stale(env: Any, name: str) -> tuple[Path, Any, Any] | None:
    """A page's file, notebook and format, if it has code whose outputs are not in the cache."""
    file = Path(env.doc2path(name))
    if file.suffix != ".md":
        return None
    text = file.read_text(encoding="utf-8")
    reader = create_nb_reader(str(file), env.myst_config, env.mystnb_config, text)
    if reader is None:
        return None
    notebook = reader.read(text)
    try:
        get_cache(env.mystnb_config.execution_cache_path).match_cache_notebook(notebook)
    except KeyError:
        return file, notebook, reader.read_fmt
    return None


def _execute(env: Any, file: Path, notebook: Any, read_fmt: Any) -> None:
    silent = standard.getLogger(f"{__name__}.silent")
    silent.addHandler(standard.NullHandler())
    silent.propagate = False
    try:
        with create_client(notebook, file, env.mystnb_config, Unheard(silent, {}), read_fmt):
            pass
    except Exception:
        logger.info("%s: failed, and is executed again where it is read", file.name)


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's entry point."""
    app.connect("env-before-read-docs", execute)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
