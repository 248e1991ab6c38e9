"""What the pages cost: ``{page-status}`` writes each page's run time and peak memory, and the environment.

Run times are myst-nb's. Memory is watched from here: while a page is read, a thread asks the system, ten times a
second, how much the processes hold that this one has started, which are the page's kernel and what the kernel starts.
The figures lie beside the execution cache, so a page that was not run again keeps them.
"""

from __future__ import annotations

import json
import os
import platform
import threading
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.util.docutils import SphinxDirective

PACKAGES = ("torch", "numpy", "scipy", "pandas", "scikit-learn", "opensmile", "matplotlib", "jupyter-book", "Sphinx")
BINDER = 2e9  # bytes that a Binder session has, at least


class Watch:
    """Highest memory held by the processes that this one has started, page by page."""

    def __init__(self) -> None:
        self.page: str | None = None
        self.peaks: dict[str, int] = {}
        self.end = threading.Event()

    def run(self) -> None:
        """Sample until the end."""
        here = psutil.Process()
        while not self.end.wait(0.1):
            page = self.page
            if page is None:
                continue
            held = 0
            for process in here.children(recursive=True):
                try:
                    held += process.memory_info().rss
                except psutil.Error:
                    continue  # it has ended meanwhile
            self.peaks[page] = max(self.peaks.get(page, 0), held)


def memory_file(app: Any) -> Path:
    """Where the figures lie: in the folder that lib_digest names."""
    return Path(app.config.nb_execution_cache_path, "memory.json")


def begin(app: Any) -> None:
    """Start to watch."""
    app.watch = Watch()
    threading.Thread(target=app.watch.run, daemon=True).start()


def read(app: Any, docname: str, source: list[str]) -> None:
    """A page begins: what is held from now on is its own."""
    app.watch.page = docname


def keep(app: Any, env: Any) -> list[str]:
    """All pages are read: join what was seen with what is known of pages that were not run. Rewrite the status page."""
    app.watch.end.set()
    file = memory_file(app)
    known = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    for page, held in app.watch.peaks.items():
        data = NbMetadataCollector.get_exec_data(env, page)
        if data and (held > known.get(page, 0) or not known.get(page)):
            known[page] = held
    if known:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(known, indent=1), encoding="utf-8")
    app.page_memory = known
    return [page for page in env.found_docs if env.metadata.get(page, {}).get("status_page")]


class Placeholder(nodes.General, nodes.Element):
    """Stands on the page until all pages are read."""


class PageStatus(SphinxDirective):
    """The directive."""

    def run(self) -> list[nodes.Node]:
        """Leave a mark, and make the page one that is written in every build."""
        self.env.metadata[self.env.docname]["status_page"] = "yes"
        return [Placeholder()]


def table(head: list[str], rows: list[list[nodes.Node | str]]) -> nodes.table:
    """A table of words and nodes."""
    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in head), cols=len(head))
    for kind, lines in ((nodes.thead, [head]), (nodes.tbody, rows)):
        part = kind("")
        for line in lines:
            cells = [c if isinstance(c, nodes.Node) else nodes.Text(c) for c in line]
            part += nodes.row("", *(nodes.entry("", nodes.paragraph("", "", cell)) for cell in cells))
        group += part
    return nodes.table("", group)


def fill(app: Any, doctree: nodes.document, docname: str) -> None:
    """Put the tables where the mark is."""
    for mark in list(doctree.findall(Placeholder)):
        rows: list[list[nodes.Node | str]] = []
        for page in sorted(app.env.found_docs):
            data = NbMetadataCollector.get_exec_data(app.env, page) if page in app.env.metadata else None
            if not data:
                continue
            link = nodes.reference(
                "", app.env.titles[page].astext(), refuri=app.builder.get_relative_uri(docname, page)
            )
            held = app.page_memory.get(page)
            seconds = data.get("runtime")
            rows.append([
                link,
                f"{seconds:.1f}" if seconds is not None else "not known",
                f"{held / 1e6:.0f}" if held else "not known",
                "not known" if not held else "yes" if held < BINDER else "no",
            ])  # fmt: skip
        pages = table(["page", "seconds", "peak memory, MB", "fits Binder (2 GB)"], rows)
        here = [["Python", platform.python_version()]]
        here += [["system", f"{platform.system()}, {platform.machine()}, {os.cpu_count()} processors"]]
        mark.replace_self([pages, table(["what", "version"], here + [[name, version(name)] for name in PACKAGES])])


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's entry point."""
    app.add_node(Placeholder)
    app.add_directive("page-status", PageStatus)
    app.connect("builder-inited", begin)
    app.connect("source-read", read)
    app.connect("env-updated", keep)
    app.connect("doctree-resolved", fill)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
