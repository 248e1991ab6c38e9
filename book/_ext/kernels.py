"""Run the pages before Sphinx reads them, some at a time, and see how much memory each takes.

Sphinx reads one page after another, and myst-nb runs a page when it is read. The pages that are not in the cache yet
are run here first, by as many workers as ``KERNELS`` says; myst-nb then finds them. A page that fails is not kept:
myst-nb runs it once more and reports it as it always does.

While a page runs, a thread of its worker asks the system, four times a second, how much the processes hold that the
worker has started, which are the page's kernel and what the kernel starts. The figures lie beside the cache, so a page
that is not run again keeps them.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from jupyter_cache import get_cache
from myst_nb.core.execute import ExecutionError, create_client
from myst_nb.core.read import create_nb_reader
from sphinx.util.display import status_iterator


class Peak:
    """Highest memory held by the processes that this one has started, while the block runs."""

    def __init__(self) -> None:
        self.held = 0
        self.end = threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def __enter__(self) -> Peak:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end.set()
        self.thread.join()

    def watch(self) -> None:
        """Sample until the end."""
        here = psutil.Process()
        while not self.end.wait(0.25):
            held = 0
            for process in here.children(recursive=True):
                with suppress(psutil.Error):  # it may have ended meanwhile
                    held += process.memory_info().rss
            self.held = max(self.held, held)


class Unheard(logging.LoggerAdapter):  # type: ignore[type-arg]
    """Drops what myst-nb says of a page here: it says it again when Sphinx reads the page."""

    def log(self, level: int, msg: object, *args: object, **kwargs: object) -> None:
        """Say nothing."""


def read(page: Path, markdown: Any, notebooks: Any) -> tuple[Any, dict[str, Any]] | None:
    """The page as myst-nb reads it, and in which format; none where it has no code."""
    text = page.read_text(encoding="utf-8")
    reader = create_nb_reader(str(page), markdown, notebooks, text)
    return None if reader is None else (reader.read(text), reader.read_fmt)


def run(page: Path, markdown: Any, notebooks: Any) -> int | None:
    """Run a page and keep it in the cache; return the most memory, in bytes, or none where it fails."""
    notebook, kind = read(page, markdown, notebooks)
    quiet = Unheard(logging.getLogger(__name__))
    with Peak() as peak, suppress(ExecutionError), create_client(notebook, str(page), notebooks, quiet, kind) as client:
        return peak.held if client.exec_metadata["succeeded"] else None
    return None


def unknown(page: Path, markdown: Any, notebooks: Any) -> bool:
    """Whether the page has code that the cache does not have."""
    made = read(page, markdown, notebooks)
    if made is None:
        return False
    try:
        get_cache(notebooks.execution_cache_path).match_cache_notebook(made[0])
    except KeyError:
        return True
    return False


def memory_file(app: Any) -> Path:
    """Where the figures lie: in the folder that lib_digest names."""
    return Path(app.config.nb_execution_cache_path, "memory.json")


def known(app: Any) -> dict[str, int]:
    """The most memory, in bytes, that each page took when it last ran."""
    file = memory_file(app)
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def run_all(app: Any, env: Any, docnames: list[str]) -> None:
    """Before Sphinx reads: run what it would run one by one."""
    if env.mystnb_config.execution_mode != "cache":
        return  # nothing is to run, or nothing would be kept
    ask = partial(unknown, markdown=env.myst_config, notebooks=env.mystnb_config)
    pages = {name: path for name in sorted(docnames) if ask(path := Path(env.doc2path(name)))}
    if not pages:
        return
    work = partial(run, markdown=env.myst_config, notebooks=env.mystnb_config)
    with ProcessPoolExecutor(
        int(os.environ.get("KERNELS", "2")), mp_context=multiprocessing.get_context("spawn")
    ) as workers:
        jobs = {name: workers.submit(work, page) for name, page in pages.items()}
        names = status_iterator(jobs, "running pages... ", "purple", len(jobs), app.verbosity)
        seen = {name: jobs[name].result() for name in names}
    memory_file(app).write_text(
        json.dumps(known(app) | {name: held for name, held in seen.items() if held}, indent=1), encoding="utf-8"
    )


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's entry point."""
    app.connect("env-before-read-docs", run_all)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
