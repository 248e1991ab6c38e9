"""Scores on real recordings, read from the records in results/: ``{measured} B2C C2B``.

A table with a row for each method and preset and a column for each scheme. ``:rule:`` (score), ``:metric:`` (war) and
``:methods:`` (all) say which numbers. It is written when the page is read, without a kernel, so that a chapter's
notebook can hold it and still stand alone. The page's numbers name their records; the notebook's are plain.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from tlmlda_lib.book.pages import traced
from tlmlda_lib.experiments import compare, policy, store, tables

RESULTS, GRID = "results", "main"

#: What a number is, by its rule.
RULES = {
    "score": "the last epoch; where weights are not averaged, the mean of the last third of the epochs",
    "final": "the last epoch",
    "unsupervised": "the epoch that a criterion chose without labels",
    "oracle": "the best on target labels, a bound and no result",
}


Rows = dict[tuple[str, str, str], list[traced.Figure]]


def figures(root: Path, schemes: list[str], options: Mapping[str, str]) -> Rows:
    """Of each method, preset and scaling a number for each scheme, and the mean over the schemes.

    Raises
    ------
    ValueError
        If there is no record of a method, or no rule, that was asked for.
    """
    records, _ = store.scan(root / RESULTS, grid=GRID)
    rule, metric = options.get("rule", "score"), options.get("metric", "war")
    if rule not in RULES:
        raise ValueError(f"rule {rule!r} is not known: use one of {', '.join(RULES)}")
    wanted = options.get("methods", "").replace(",", " ").split()
    if missing := set(wanted) - {r["method"] for r in records}:
        raise ValueError(f"{RESULTS}/{GRID} has no record of {', '.join(sorted(missing))}")
    found: Rows = {}
    for by_scheme in compare.by_label(r for r in records if not wanted or r["method"] in wanted).values():
        runs = [by_scheme.get(scheme, {}) for scheme in schemes]
        shown = [r for seeds in by_scheme.values() for r in seeds.values()]
        row = (shown[0]["method"], tables.settings(shown[0]), " or ".join(sorted({r["scaling"] for r in shown})))
        found[row] = [_mean([of], rule, metric, "") for of in runs]
        found[row].append(_mean(runs, rule, metric, f", mean over {len(schemes)} schemes"))
    return found


def _mean(runs: list[dict[int, Any]], rule: str, metric: str, over: str) -> traced.Figure:
    """Mean over schemes of the seeds that all of them have, and over these seeds."""
    seeds = set.intersection(*map(set, runs)) if runs else set()
    of_seed = {k: float(np.mean([_value(of[k], rule, metric) for of in runs])) for k in seeds}
    places = [traced.place(of[k]) for of in runs for k in sorted(seeds)]
    return traced.over_seeds(of_seed, places, f"{rule} {metric}{over}")


def _value(record: Mapping[str, Any], rule: str, metric: str) -> float:
    return policy.score(record, metric) if rule == "score" else float(record["rules"][rule][metric])


def caption(found: Rows, options: Mapping[str, str]) -> str:
    """What stands under the table."""
    rule, metric = options.get("rule", "score"), options.get("metric", "war")
    text = f"{metric.upper()} in percent: {RULES[rule]}."
    if any(not np.isnan(figure.low) for row in found.values() for figure in row):
        text += " Means over the seeds; ± is half of the 95 % t interval over them, where there are three or more."
    return text


def plain(root: Path, schemes: str, options: Mapping[str, str]) -> str:
    """Markdown table of the records below `root`, and its caption; raises as `figures`."""
    names = schemes.split()
    found = figures(root, names, options)
    table = tables.pipes(["method", "settings", "scaling", *names, "mean"], [[*row, *of] for row, of in found.items()])
    return f"{table}\n\n{caption(found, options)}"


def page(root: Path, schemes: str, options: Mapping[str, str]) -> str:
    """The same as HTML, each number with its records."""
    names = schemes.split()
    found = figures(root, names, options)
    cells = [[settings, scaling, *of] for (_, settings, scaling), of in found.items()]
    columns = ["settings", "scaling", *names, "mean"]
    return traced.table([method for method, _, _ in found], columns, cells, caption(found, options), "method")


class Measured(SphinxDirective):
    """The directive."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec = dict.fromkeys(("rule", "metric", "methods"), directives.unchanged_required)

    def run(self) -> list[nodes.Node]:
        """Nodes for the page; the page is read anew when a record changes."""
        root = Path(self.env.srcdir).parent
        self.env.note_dependency(str(root / RESULTS / f"{GRID}.jsonl"))
        return [nodes.raw("", page(root, self.arguments[0], self.options), format="html")]


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's entry point."""
    app.add_directive("measured", Measured)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
