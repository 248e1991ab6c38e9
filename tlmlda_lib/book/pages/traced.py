"""Figures that know which records they come from, for the book's pages. Part 3.

A page prints a measured number only as a `Figure`: its HTML names the records, for a reader's pointer and for tests.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import METRICS, RULES, bootstrap
from tlmlda_lib.experiments import policy, query, store
from tlmlda_lib.experiments import published as printed
from tlmlda_lib.experiments.places import folded as folded
from tlmlda_lib.experiments.places import place as place
from tlmlda_lib.experiments.places import unfolded as unfolded

NOT_RUN, NOT_PRINTED = "not run", "not printed"


@dataclass(frozen=True)
class Figure:
    """A number and its origin.

    Attributes
    ----------
    value : float
        In percent or points; NaN where there is none.
    low, high : float
        95 % interval over seeds; NaN where there is none.
    records : tuple of str
        Places of the records, as `place` has them.
    what : str
        What was taken from them, as "final war"; "paper tlmlda B2C" for a printed figure.
    by_seed : tuple of (int, float)
        The figure of each seed, where it is a mean of these.
    signed : bool
        Whether it is a difference, written with its sign.
    against : tuple of str
        Of a difference the records that were subtracted; they are among `records`, too.
    """

    value: float
    low: float = float("nan")
    high: float = float("nan")
    records: tuple[str, ...] = ()
    what: str = ""
    by_seed: tuple[tuple[int, float], ...] = ()
    signed: bool = False
    against: tuple[str, ...] = ()

    def __str__(self) -> str:
        if np.isnan(self.value):
            return NOT_RUN
        text = _short(self.value, self.signed)
        if np.isnan(self.low):
            return text + self._few()
        return f"{text}\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}{(self.high - self.low) / 2:.1f}"

    def _few(self) -> str:
        """The values themselves, if there are too few for an interval."""
        values = [_short(v, self.signed) for _, v in self.by_seed]
        return f" ({'; '.join(values)})" if 1 < len(values) < policy.FEWEST_SEEDS else ""

    def minus(self, other: Figure) -> Figure:
        """The difference, seed by seed; a deterministic number is paired with every seed of the other.

        Parameters
        ----------
        other : Figure
            What is subtracted.
        """
        a, b = dict(self.by_seed), dict(other.by_seed)
        if len(a) == 1 and len(b) > 1:
            a = dict.fromkeys(b, self.value)
        elif len(b) == 1 and len(a) > 1:
            b = dict.fromkeys(a, other.value)
        seeds = sorted(set(a) & set(b))
        what = f"{self.what} minus {other.what}"
        if not seeds:
            return Figure(float("nan"), what=what, signed=True)
        of = over_seeds({k: a[k] - b[k] for k in seeds}, (*self.records, *other.records), what, signed=True)
        return replace(of, against=other.records)

    def html(self) -> str:
        """As the page prints it: a ``<data>`` element with value, records and, on hover, their places."""
        if np.isnan(self.value):
            return f'<span class="nothing">{self}</span>'
        places = " ".join(folded(self.records))
        title = f"{len(self.records)} records: {places}" if self.records else self.what
        against = f'data-against="{html.escape(" ".join(folded(self.against)))}" ' if self.against else ""
        return (
            f'<data value="{self.value:.6g}" data-what="{html.escape(self.what)}" data-records="{html.escape(places)}" '
            f'{against}title="{html.escape(title)}">{self}</data>'
        )


def _short(value: float, signed: bool) -> str:
    return (f"{value:+.1f}" if signed else f"{value:.1f}").replace("-", "\N{MINUS SIGN}")


@dataclass(frozen=True)
class Spanned(Figure):
    """A number with a second interval, in brackets; a difference has only this one.

    Attributes
    ----------
    span : tuple of two float
        Both ends, for bootstrap intervals are lopsided; NaN where there is none.
    p : float
        Corrected for all questions that were asked together, printed after the interval; NaN where none is given.
    unit : str
        Printed after the number itself, before its interval, as "points".
    """

    span: tuple[float, float] = (float("nan"), float("nan"))
    p: float = float("nan")
    unit: str = ""

    def __str__(self) -> str:
        parts = [f"{super().__str__()} {self.unit}".rstrip()]  # a cell of a table breaks between these and nowhere else
        if not np.isnan(self.span[0]):
            low, high = (_short(end, signed=False) for end in self.span)
            parts.append(f"[{low}, {high}]")
        text = " ".join(part.replace(" ", "\N{NO-BREAK SPACE}") for part in parts)
        if np.isnan(self.p):
            return text if len(parts) > 1 else parts[0]
        return f"{text}, " + policy.p_words(self.p).replace(" ", "\N{NO-BREAK SPACE}")


def answered(answer: policy.Answer | None, unit: str = "") -> Spanned:
    """An answer of `tlmlda_lib.experiments.policy` in print: "+6.7 [3.3, 9.8], p = .004"; "not run" without one.

    Parameters
    ----------
    answer : Answer or None
        The answer.
    unit : str
        As in `Spanned`: "+6.7 points [3.3, 9.8], p = .004".
    """
    if answer is None:
        return Spanned(float("nan"), signed=True)
    return Spanned(
        answer.value,
        records=tuple(place(r) for r in answer.records),
        what=f"{answer.what}, difference over {len(answer.schemes)} schemes",
        signed=True,
        against=tuple(place(r) for r in answer.second),
        span=(answer.low, answer.high),
        p=answer.p_holm,
        unit=unit,
    )


def figure(
    records: Iterable[Mapping[str, Any]],
    scheme: str,
    method: str,
    preset: str | None = None,
    *,
    overrides: Mapping[str, Any] | None = None,
    grid: str | None = None,
    rule: str = "score",
    metric: str = "war",
) -> Figure:
    """Mean over the seeds of one cell.

    Parameters
    ----------
    records : iterable of dict
        As `tlmlda_lib.experiments.shipped.records` gives them.
    scheme, method : str
    preset : str, optional
        Needed only where the records have several.
    overrides : dict, optional
        Options that differ from the preset; by default none do.
    grid : str, optional
        Needed only where several collections have the cell.
    rule, metric : str
        As in `tlmlda_lib.evaluation`, or the rule "score": `tlmlda_lib.experiments.policy.score`.

    Returns
    -------
    Figure
        "not run" where there is no record.

    Raises
    ------
    UserError
        If the rule or metric is not known, or the records are of more than one preset or collection.
    """
    known = (*RULES, "score", *METRICS)
    if rule not in known[:-2] or metric not in METRICS:
        raise UserError(f"rule {rule!r} or metric {metric!r} is not known: use {', '.join(known)}")
    changed = overrides or {}
    found = query.one_set(
        r
        for r in records
        if (r["scheme"], r["method"]) == (scheme, method)
        and preset in (None, r["preset"])
        and grid in (None, r["grid"])
        and store.same_options(r["overrides"], changed)
    )
    of = policy.score if rule == "score" else lambda r, metric: float(r["rules"][rule][metric])
    by_seed = {r["seed"]: of(r, metric) for r in found}
    return over_seeds(by_seed, tuple(place(r) for r in found), f"{rule} {metric}")


def over_seeds(by_seed: Mapping[int, float], places: Iterable[str], what: str, *, signed: bool = False) -> Figure:
    """Mean of a number of each seed with its 95 % t interval, from the records at these places.

    Parameters
    ----------
    by_seed : mapping of int to float
        The number of each seed.
    places : iterable of str
        Places of the records.
    what : str
        What was computed, for the page's index of numbers.
    signed : bool
        Whether to print a plus sign.
    """
    if not by_seed:
        return Figure(float("nan"), what=what, signed=signed)
    values = [by_seed[k] for k in sorted(by_seed)]
    low, high = policy.interval(values)
    return Figure(float(np.mean(values)), low, high, tuple(places), what, tuple(sorted(by_seed.items())), signed)


def mean_over(cells: Sequence[Figure]) -> Figure:
    """The mean over several schemes, seed by seed, over the seeds that all of them have.

    Parameters
    ----------
    cells : sequence of Figure
        One per scheme.
    """
    of = [dict(c.by_seed) for c in cells]
    if not of or not all(of):
        return Figure(float("nan"), what="mean")
    by_seed = {k: float(np.mean([x[k] for x in of])) for k in sorted(set.intersection(*map(set, of)))}
    longest = max((c.what for c in cells), key=len)  # with "of the first 150 epochs", if one has it
    what = f"{longest}, mean over {len(cells)} schemes"
    found = over_seeds(by_seed, [p for c in cells for p in c.records], what, signed=cells[0].signed)
    return replace(found, against=tuple(p for c in cells for p in c.against))


def p_holm(differences: Sequence[Figure]) -> list[float]:
    """p of each difference's being 0 but for the seeds, corrected for asking about all of them at once. Chapter 3.4.

    Parameters
    ----------
    differences : sequence of Figure
        Means over seeds.

    Returns
    -------
    list of float
        Two-sided, by the t test that belongs to their intervals, then by Holm's rule; NaN for fewer than three seeds.
    """
    each = {i: policy.p_of_mean([v for _, v in d.by_seed]) for i, d in enumerate(differences)}
    each = {i: p for i, p in each.items() if not np.isnan(p)}
    p = dict(zip(each, bootstrap.holm(list(each.values())), strict=True))
    return [p.get(i, float("nan")) for i in range(len(differences))]


def with_p(difference: Figure, p: float) -> Spanned:
    """A difference over seeds, printed with its corrected p: "+8.3 ± 1.8, p = .03".

    Parameters
    ----------
    difference : Figure
        The difference.
    p : float
        Corrected p-value.
    """
    own = {field.name: getattr(difference, field.name) for field in fields(Figure)}
    return Spanned(**own, p=p)


@dataclass(frozen=True)
class Published(Figure):
    """A printed number, with both decimals."""

    def __str__(self) -> str:
        if np.isnan(self.value):
            return NOT_PRINTED
        text = f"{round(self.value, 2) + 0.0:+.2f}" if self.signed else f"{self.value:.2f}"
        return text.replace("-", "\N{MINUS SIGN}").replace("+0.00", "0.00")


def published(source: str, method: str, scheme: str) -> Published:
    """A printed score; ``source`` is "paper" or "README".

    Parameters
    ----------
    source : {"paper", "README"}
        Where it was printed.
    method : str
        A key of `tlmlda_lib.methods.METHODS`.
    scheme : str
        As "C2B".
    """
    values = {"paper": printed.PAPER, "README": printed.README}[source]
    return Published(values.get(method, {}).get(scheme, float("nan")), what=f"{source} {method} {scheme}")


def derived(value: float, records: Iterable[Mapping[str, Any]], what: str, **how: Any) -> Figure:
    """Any other number that was computed from these records.

    Parameters
    ----------
    value : float
        The number.
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    what : str
        How it was computed.
    **how
        Other fields of `Figure`.
    """
    return Figure(float(value), records=tuple(place(r) for r in records), what=what, **how)


def table(
    rows: Sequence[str], columns: Sequence[str], cells: Sequence[Sequence[Figure | str]], caption: str, corner: str = ""
) -> str:
    """A table for a page: headers for screen readers, numbers with their records.

    Parameters
    ----------
    rows, columns : sequence of str
        Their headers; plain text.
    cells : sequence of sequence of Figure or str
        As many as rows, each as long as columns; text is escaped.
    caption, corner : str

    Returns
    -------
    str
        HTML.
    """
    head = "".join(f'<th scope="col">{html.escape(c)}</th>' for c in (corner, *columns))
    body = ""
    for name, line in zip(rows, cells, strict=True):
        inside = "".join(
            f"<td>{c.html() if isinstance(c, Figure) else html.escape(c)}</td>"
            for _, c in zip(columns, line, strict=True)
        )
        body += f'<tr><th scope="row">{html.escape(name)}</th>{inside}</tr>'
    return (
        f'<div class="pst-scrollable-table-container"><table class="table figures">'
        f"<caption>{html.escape(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
