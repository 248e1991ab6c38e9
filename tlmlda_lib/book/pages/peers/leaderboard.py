"""Every method in every scaling, in order, and what tells each from the first. Chapter 3.3.

`board` takes records and gives plain lists and numbers, from which a page can order methods by any rule, metric and
scaling. Its figures are those of `tlmlda_lib.experiments.tables.summary`, its differences those of
`tlmlda_lib.experiments.compare.compare`; only that they are made for hundreds of pairs at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tlmlda_lib import domains, evaluation
from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.peers.pairs import Draws
from tlmlda_lib.evaluation import METRICS, RULES
from tlmlda_lib.experiments import compare, contents, policy, published, query, tables
from tlmlda_lib.experiments.plans import TABLE_4

#: The row that all others are always compared with, and the mean over the schemes that anyone can run.
OURS, MEAN = "tlmlda:recommended-is10", "mean"

#: Who is on the board: the paper's Table 4, and what it leaves out.
NAMES = {name: published.marked(name) for name in TABLE_4} | {
    "only_cls": "network without transfer",
    "bp": "BP, the DBN not pre-trained",
    "coral": "CORAL",
    "tca": "TCA",
    "subspace": "subspace alignment",
    "lda": "shrinkage LDA",
}

_PRESETS = ("recommended-is10", "fast", "minmax", "zscore", "rank", "voices", "speaker")
_KINDS = {"minmax": "min–max", "zscore": "z-scores", "rank": "ranks"}


#: The scaling of a row that has not the same one on every scheme.
VARIED = "scaling by target"


def in_words(scaling: str) -> str:
    """A record's scaling for readers: "zscore within voices" is "z-scores by voice".

    Parameters
    ----------
    scaling : str
        As in a record.
    """
    kind, _, within = scaling.partition(" within ")
    return f"{_KINDS.get(kind, kind)} by {'voice' if within == 'voices' else within}"


def entries(records: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, dict[int, query.Record]]]:
    """Records of the board's methods by label, scheme and seed.

    Of the collection "main", those that differ from a preset in nothing but what is scaled within.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    """
    return compare.by_label(
        r
        for r in records
        if r["grid"] == "main"
        and r["method"] in NAMES
        and r["preset"] in _PRESETS
        and set(r["overrides"]) <= {"within"}
        and not _of_a_part(r["scheme"])  # they have their own table
    )


def _of_a_part(scheme: str) -> bool:
    known = domains.schemes.find(scheme)
    return known is not None and known.part != ""


def board(records: Iterable[Mapping[str, Any]], *, draws: int = 4000) -> dict[str, Any]:
    """All that the leaderboard shows.

    Parameters
    ----------
    records : iterable of dict
        As `tlmlda_lib.experiments.shipped.records` gives them.
    draws : int
        Of the bootstrap of the differences.

    Returns
    -------
    dict
        ``rows``: by label ``method name table4``. ``schemes``: by name ``chance majority printed``; the first, "mean",
        is the mean over `tlmlda_lib.domains.OPEN_SCHEMES`. ``figures``: by scheme and label ``scaling seeds records``
        and, by rule and metric, [mean, seeds' low and high, speakers' low and high], None where there is no interval.
        ``against``: by scheme, rule, metric and the label of a row that is first in some scaling (and of `OURS`), of
        every other row [the first minus it, low, high]. All in percent or points.
    """
    rows = entries(records)
    there = dict.fromkeys(s for schemes in rows.values() for s in schemes)
    names = [s for s in dict.fromkeys((*domains.SCHEMES, *there)) if s in there]
    members = {s: {label: schemes[s] for label, schemes in rows.items() if s in schemes} for s in names}
    everywhere = [label for label, schemes in rows.items() if set(domains.OPEN_SCHEMES) <= set(schemes)]
    made: dict[str, Any] = {
        "rows": {label: _about(next(iter(next(iter(s.values())).values()))) for label, s in rows.items()},
        "schemes": {MEAN: {}},
        "figures": {MEAN: {}},
        "against": {},
    }
    for name in names:
        listed = [r for runs in members[name].values() for r in runs.values()]
        for _, row in tables.summary(listed, speakers=False).iterrows():
            label = f"{row['method']}:{row['settings']}"
            made["figures"].setdefault(name, {})[label] = _figures(row, members[name][label])
        made["schemes"][name] = {**listed[0]["floor"], "printed": _printed(name)}
        made["against"][name] = _against(Draws({name: members[name]}, draws), made, name)
    floors = {n: [made["schemes"][s][n] for s in names if s in domains.OPEN_SCHEMES] for n in ("chance", "majority")}
    made["schemes"][MEAN] = {n: float(np.mean(v)) if v else None for n, v in floors.items()} | {"printed": {}}
    if everywhere:
        of_all = {s: {label: rows[label][s] for label in everywhere} for s in domains.OPEN_SCHEMES}
        drawn = Draws(of_all, draws)
        for label in everywhere:
            made["figures"][MEAN][label] = _mean_figures({s: of_all[s][label] for s in of_all}, label, drawn)
        made["against"][MEAN] = _against(drawn, made, MEAN)
    return made


def firsts(made: Mapping[str, Any], scheme: str, rule: str, metric: str) -> list[str]:
    """Labels of the rows that are first on a scheme in their scaling, the first of all before the others.

    Parameters
    ----------
    made : mapping
        The board, as from `board`.
    scheme : str
        As "C2B".
    rule : str
        A rule of `tlmlda_lib.experiments.tables.WAYS`.
    metric : {"war", "uar"}
        The score.
    """
    best: dict[str, str] = {}
    for label in ranked(made, scheme, rule, metric):
        best.setdefault(made["figures"][scheme][label]["scaling"], label)
    return list(best.values())


def score(
    made: Mapping[str, Any], scheme: str, label: str, rule: str = "final", metric: str = "war", *, speakers: bool = True
) -> traced.Spanned:
    """A row's score, with the interval over seeds and, in brackets, over speakers; "not run" without it.

    Parameters
    ----------
    made : mapping
        The board, as from `board`.
    scheme : str
        As "C2B".
    label : str
        Label of the row.
    rule : str
        A rule of `tlmlda_lib.experiments.tables.WAYS`.
    metric : {"war", "uar"}
        The score.
    speakers : bool
        Whether to add the interval over speakers.
    """
    found = made["figures"][scheme].get(label)
    if found is None:
        return traced.Spanned(float("nan"))
    value, low, high, *span = (float("nan") if v is None else v for v in found[rule][metric])
    places = tuple(traced.unfolded(found["records"]))
    what = f"{rule} {metric}" + (", mean over schemes" if scheme == MEAN else "")
    ends = (span[0], span[1]) if speakers else (float("nan"), float("nan"))
    return traced.Spanned(value, low, high, places, what, span=ends)


def gap(
    made: Mapping[str, Any], scheme: str, first: str, other: str, rule: str = "final", metric: str = "war"
) -> traced.Spanned:
    """The first minus the other with the paired interval; "not run" if one is missing.

    Parameters
    ----------
    made : mapping
        The board, as from `board`.
    scheme : str
        As "C2B".
    first : str
        Label of the first row.
    other : str
        Label of the other row.
    rule : str
        A rule of `tlmlda_lib.experiments.tables.WAYS`.
    metric : {"war", "uar"}
        The score.
    """
    numbers = made["against"].get(scheme, {}).get(rule, {}).get(metric, {}).get(first, {}).get(other)
    if numbers is None:
        return traced.Spanned(float("nan"), signed=True)
    places = [p for x in (first, other) for p in traced.unfolded(made["figures"][scheme][x]["records"])]
    what = f"{rule} {metric} minus {rule} {metric}" + (", mean over schemes" if scheme == MEAN else "")
    subtracted = tuple(traced.unfolded(made["figures"][scheme][other]["records"]))
    span = (numbers[1], numbers[2])
    return traced.Spanned(numbers[0], records=tuple(places), what=what, signed=True, against=subtracted, span=span)


def ranked(made: Mapping[str, Any], scheme: str, rule: str = "final", metric: str = "war") -> list[str]:
    """Labels of a scheme in their order, the first first.

    Parameters
    ----------
    made : mapping
        The board, as from `board`.
    scheme : str
        As "C2B".
    rule : str
        A rule of `tlmlda_lib.experiments.tables.WAYS`.
    metric : {"war", "uar"}
        The score.
    """
    found = {label: f[rule][metric][0] for label, f in made["figures"][scheme].items()}
    return sorted(found, key=lambda x: (-found[x], x))


def _about(record: Mapping[str, Any]) -> dict[str, Any]:
    method = record["method"]
    return {"method": method, "name": NAMES[method], "table4": method in TABLE_4}


def _printed(scheme: str) -> dict[str, dict[str, float]]:
    """By method, what the paper and the authors' README print for a scheme."""
    sources = {"paper": published.PAPER, "README": published.README}
    found = {m: {w: t[m][scheme] for w, t in sources.items() if scheme in t.get(m, {})} for m in NAMES}
    return {method: values for method, values in found.items() if values}


def _figures(row: Mapping[str, Any], runs: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    def five(rule: str, metric: str) -> list[float | None]:
        ends = (row[f"{rule}_{metric}{end}"] for end in ("", "_low", "_high"))
        return _plain([*ends, *_over_speakers(runs, rule, metric)])

    return _listed(runs.values(), len(runs)) | {r: {m: five(r, m) for m in METRICS} for r in RULES}


def _over_speakers(runs: Mapping[int, Mapping[str, Any]], rule: str, metric: str) -> tuple[float, float]:
    """The interval of `tlmlda_lib.experiments.tables.summary`."""
    unpacked = [contents.unpack(r, rule) for r in runs.values()]
    _, truth, speakers = unpacked[0]
    return evaluation.bootstrap_interval(truth, [np.where(hit, truth, -1) for hit, _, _ in unpacked], speakers, metric)


def _mean_figures(schemes: Mapping[str, Mapping[int, Mapping[str, Any]]], label: str, drawn: Draws) -> dict[str, Any]:
    """The mean over schemes; over seeds, of the seeds that all have; over speakers, of the runs' mean."""
    seeds = sorted(set.intersection(*(set(runs) for runs in schemes.values())))
    made = _listed([r for runs in schemes.values() for r in runs.values()], len(seeds))
    for rule in RULES:
        made[rule] = {}
        for metric in METRICS:
            of = {s: {k: r["rules"][rule][metric] for k, r in runs.items()} for s, runs in schemes.items()}
            value = float(np.mean([np.mean(list(x.values())) for x in of.values()]))
            low, high = policy.interval([np.mean([of[s][k] for s in schemes]) for k in seeds])
            made[rule][metric] = _plain([value, low, high, *drawn.interval(label, rule, metric)])
    return made


def _listed(records: Iterable[Mapping[str, Any]], seeds: int) -> dict[str, Any]:
    records = list(records)
    scalings = {in_words(r["scaling"]) for r in records}
    return {
        "scaling": scalings.pop() if len(scalings) == 1 else VARIED,
        "seeds": int(seeds),
        "records": " ".join(traced.folded(traced.place(r) for r in records)),
    }


def _plain(values: Iterable[float]) -> list[float | None]:
    """Five decimals, and None for NaN: what a page can read."""
    return [None if np.isnan(v) else round(float(v), 5) for v in values]


def _against(drawn: Draws, made: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Differences of one scheme, or of the mean."""
    labels = list(made["figures"][name])
    out: dict[str, Any] = {rule: {metric: {} for metric in METRICS} for rule in RULES}
    for rule, of_rule in out.items():
        for metric, found in of_rule.items():
            for first in dict.fromkeys([*firsts(made, name, rule, metric), *(x for x in labels if x == OURS)]):
                pairs = {other: drawn.difference(first, other, rule, metric) for other in labels if other != first}
                found[first] = {other: _plain(numbers) for other, numbers in pairs.items()}
    return out
