"""What the pages cost: ``{page-status}`` writes each page's run time and peak memory, and the environment.

Run times are myst-nb's; memory is what ``kernels`` saw when the page ran.
"""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from typing import Any

import kernels
from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.util.docutils import SphinxDirective

PACKAGES = ("torch", "numpy", "scipy", "pandas", "scikit-learn", "opensmile", "matplotlib", "jupyter-book", "Sphinx")
BINDER = 2e9  # bytes that a Binder session has, at least


def status_pages(app: Any, env: Any) -> list[str]:
    """All pages are read: rewrite the status page."""
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
    memory = kernels.known(app)
    for mark in list(doctree.findall(Placeholder)):
        rows: list[list[nodes.Node | str]] = []
        for page in sorted(app.env.found_docs):
            data = NbMetadataCollector.get_exec_data(app.env, page) if page in app.env.metadata else None
            if not data:
                continue
            link = nodes.reference(
                "", app.env.titles[page].astext(), refuri=app.builder.get_relative_uri(docname, page)
            )
            held = memory.get(page)
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
    app.connect("env-updated", status_pages)
    app.connect("doctree-resolved", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
