"""Figures of real recordings, read from the records in results/: ``{measured} B2C C2B``.

A table with a row for each method and preset and a column for each scheme. ``:rule:`` (final), ``:metric:`` (war) and
``:methods:`` (all) say which figures. It is written when the page is read, without a kernel, so that a chapter's
notebook can hold it and still stand alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from tlmlda_lib.experiments import store, tables

RESULTS, GRID = "results", "main"


def plain(root: Path, schemes: str, options: dict[str, str]) -> str:
    """Markdown table of the records below `root`.

    Raises
    ------
    ValueError
        If there is no record of a method that was asked for.
    """
    records, _ = store.scan(root / RESULTS, GRID)
    wanted = options.get("methods", "").replace(",", " ").split()
    if missing := set(wanted) - {r["method"] for r in records}:
        raise ValueError(f"{RESULTS}/{GRID} has no record of {', '.join(sorted(missing))}")
    records = [r for r in records if not wanted or r["method"] in wanted]
    table = tables.summary(records, speakers=False)
    rule, metric = options.get("rule", "final"), options.get("metric", "war")
    return tables.markdown_by_scheme(tables.by_scheme(table, rule, metric, schemes.split()))


class Measured(SphinxDirective):
    """The directive."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec = dict.fromkeys(("rule", "metric", "methods"), directives.unchanged_required)

    def run(self) -> list[nodes.Node]:
        """Nodes for the page; the page is read anew when a record changes."""
        root = Path(self.env.srcdir).parent
        for file in sorted((root / RESULTS / GRID).rglob("*.json")):
            self.env.note_dependency(str(file))
        return self.parse_text_to_nodes(plain(root, self.arguments[0], self.options))


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's entry point."""
    app.add_directive("measured", Measured)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
