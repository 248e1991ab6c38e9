"""Which of two methods is better, and how certain that is, from records alone. Chapter 3.4.

Two methods are compared on the same utterances and seeds, scheme by scheme, and by the mean over schemes. A
hierarchical bootstrap resamples target speakers, their utterances, and seeds. Schemes with one target corpus share its
speakers and utterances, so they share the draws.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import METRICS, RULES
from tlmlda_lib.evaluation.bootstrap import Difference, Hits, differences, holm, interval, resample
from tlmlda_lib.experiments import contents, query, tables

#: Targets with up to this number of speakers have their scores printed speaker by speaker.
FEW_SPEAKERS = 4


@dataclass(frozen=True)
class Comparison:
    """A comparison of two methods.

    Attributes
    ----------
    first, second : str
        The methods, by `label`.
    mean : Difference
        Over the schemes.
    schemes : dict of str to Difference
        By scheme.
    p_holm : float
        p-value of the mean, corrected for all comparisons made together (Holm).
    """

    first: str
    second: str
    mean: Difference
    schemes: dict[str, Difference]
    p_holm: float


#: Runs by seed, of the first and of the second, by scheme.
Runs = Mapping[int, Mapping[str, Any]]
Sides = Mapping[str, tuple[Runs, Runs]]


def label(record: Mapping[str, Any]) -> str:
    """A method with its preset and changed options, as "tlmlda:recommended-is10, epochs=5".

    Parameters
    ----------
    record : dict
        A record.
    """
    return f"{record['method']}:{tables.settings(record)}"


def compare(
    records: Iterable[Mapping[str, Any]],
    pairs: Sequence[tuple[str, str]],
    *,
    schemes: Sequence[str] | None = None,
    rule: str = "final",
    metric: str = "war",
    level: float = 0.95,
    draws: int = 4000,
    random_state: int = 0,
) -> list[Comparison]:
    """Compare pairs of methods, corrected for multiple comparisons (Holm). Chapter 3.4.

    Parameters
    ----------
    records : iterable of dict
        As from `tlmlda_lib.experiments.store.scan`.
    pairs : sequence of (str, str)
        First and second method by `label`, or by an unambiguous beginning of it, as "pca_svm".
    schemes : sequence of str, optional
        By default, for each pair, all schemes on which both were run.
    rule, metric : str
        As in `tlmlda_lib.evaluation`; UAR is over the classes in a draw.
    level : float
    draws : int
    random_state : int
        Random seed of the draws.

    Returns
    -------
    list of Comparison
        One for each pair, in their order.

    Raises
    ------
    UserError
        If a method has no records, or the two share no seed on a scheme, or were scored on different utterances.
    """
    if rule not in RULES or metric not in METRICS:
        raise UserError(f"rule {rule!r} or metric {metric!r} is not known: use {', '.join((*RULES, *METRICS))}")
    found = by_label(records)
    named: list[tuple[str, str]] = []
    sides: list[Sides] = []
    for names in pairs:
        first, second = (one_of(found, name) for name in names)
        shared = [s for s in found[first] if s in found[second]]
        wanted = shared if schemes is None else list(schemes)
        for scheme in wanted:
            if scheme not in shared:
                raise UserError(f"{scheme} was not run with both {first} and {second}: run it, or leave it out")
        if not wanted:
            raise UserError(f"{first} and {second} have no scheme in common: run both on one")
        named.append((first, second))
        sides.append({s: (found[first][s], found[second][s]) for s in wanted})
    made = compared(sides, rule=rule, metric=metric, level=level, draws=draws, random_state=random_state)
    return [
        Comparison(first, second, mean, each, p) for (first, second), (mean, each, p) in zip(named, made, strict=True)
    ]


def compared(
    sides: Sequence[Sides], *, rule: str = "final", **how: Any
) -> list[tuple[Difference, dict[str, Difference], float]]:
    """Pairs of runs compared, all at once: what `compare` and `tlmlda_lib.experiments.policy.ask` have in common.

    Parameters
    ----------
    sides : sequence of dict
        For each comparison, by scheme, the runs of the first and of the second by seed.
    rule : str
        As in `compare`.
    **how
        ``metric``, ``level``, ``draws`` and ``random_state``, as `tlmlda_lib.evaluation.bootstrap.differences` has
        them.

    Returns
    -------
    list of (Difference, dict of str to Difference, float)
        For each the mean over its schemes, each scheme, and p after Holm's correction over all.
    """
    found = [differences({s: paired(a, b, rule) for s, (a, b) in of.items()}, **how) for of in sides]
    return [(mean, each, p) for (mean, each), p in zip(found, holm([mean.p for mean, _ in found]), strict=True)]


def by_label(records: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, dict[int, query.Record]]]:
    """Records by label, scheme and seed.

    Parameters
    ----------
    records : iterable of dict
        As from `tlmlda_lib.experiments.store.scan`.

    Raises
    ------
    UserError
        As in `query.one_set`, if two settings or collections share a label.
    """
    found: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
    for record in records:
        found.setdefault(label(record), {}).setdefault(record["scheme"], []).append(record)
    return {
        name: {scheme: {r["seed"]: r for r in query.one_set(members)} for scheme, members in schemes.items()}
        for name, schemes in found.items()
    }


def one_of(labels: Iterable[str], name: str) -> str:
    """The label with this name, or the only one that begins with it.

    Parameters
    ----------
    labels : iterable of str
        Known labels.
    name : str
        A label or its beginning.

    Raises
    ------
    UserError
        If there is none, or more than one.
    """
    known = sorted(labels)
    if name in known:
        return name
    fitting = [x for x in known if x.split(":")[0] == name] or [x for x in known if x.startswith(name)]
    if len(fitting) != 1:
        what = "fits several records" if fitting else "has no record"
        raise UserError(f"{name} {what}: use one of {'; '.join(fitting or known) or 'none: there are no records'}")
    return fitting[0]


def paired(first: Runs, second: Runs, rule: str) -> Hits:
    """Hits of two methods on one scheme, paired by seed; a deterministic method is paired with every seed.

    Parameters
    ----------
    first, second : mapping of int to record
        Runs of each method, by seed.
    rule : str
        Which epoch counts.

    Raises
    ------
    UserError
        If they share no seed, or were scored on different utterances.
    """
    a, b = dict(first), dict(second)
    if len(a) == 1 and not drawn(a):
        a = dict.fromkeys(b, next(iter(a.values())))
    elif len(b) == 1 and not drawn(b):
        b = dict.fromkeys(a, next(iter(b.values())))
    seeds = sorted(set(a) & set(b))
    some, other = next(iter(first.values())), next(iter(second.values()))
    where = f"{label(some)} and {label(other)} on {some['scheme']}"
    if not seeds:
        raise UserError(f"{where} have no seed in common: run both with the same seeds")
    every = [one[seed] for one in (a, b) for seed in seeds]
    if any(r["utterances"] != some["utterances"] or r["classes"] != some["classes"] for r in every):
        raise UserError(f"{where} were scored on different utterances: run them again with --stale")
    scored = [[contents.unpack(one[seed], rule)[0].astype(np.int8) for seed in seeds] for one in (a, b)]
    names = [
        (speaker, emotion, i)
        for speaker, counts in sorted(some["utterances"].items())
        for emotion, count in zip(some["classes"], counts, strict=True)
        for i in range(count)
    ]
    return Hits(np.array(scored[0]) - np.array(scored[1]), names)


def drawn(runs: Runs) -> bool:
    """Whether a method is stochastic, so that its seeds differ.

    Parameters
    ----------
    runs : mapping of int to record
        Its runs, by seed.
    """
    from tlmlda_lib import methods

    name = next(iter(runs.values()))["method"]
    return bool(getattr(methods.METHODS.get(name), "stochastic", True))


def gender_gap(
    records: Iterable[Mapping[str, Any]], *, rule: str = "final", level: float = 0.95, draws: int = 4000
) -> list[dict[str, Any]]:
    """WAR of women and of men among the target's speakers, where genders are published. Chapter 3.4.

    Parameters
    ----------
    records : iterable of dict
    rule : str
    level : float
    draws : int

    Returns
    -------
    list of dict
        A row for each scheme and method: ``scheme method settings seeds``, ``female male`` (mean WAR over the seeds,
        percent), ``gap`` (female minus male, points) with ``low high`` (bootstrap over the speakers of each gender,
        then their utterances) and ``speakers`` (women, men). There is no row if a gender is missing.
    """
    rows = []
    for runs in (seeds for schemes in by_label(records).values() for seeds in schemes.values()):
        first = next(iter(runs.values()))
        same = [r for r in runs.values() if r["utterances"] == first["utterances"]]
        unpacked = [contents.unpack(r, rule) for r in same]
        share, speakers = np.mean([hit for hit, _, _ in unpacked], axis=0), unpacked[0][2]
        genders = np.array([first.get("genders", {}).get(s, "") for s in speakers])
        masks = [genders == g for g in ("female", "male")]
        if not all(m.any() for m in masks):
            continue
        rng = np.random.default_rng(0)
        war, drawn_war = [], []
        for m in masks:
            weights = resample(speakers[m], draws, rng)
            war.append(float(100 * share[m].mean()))
            drawn_war.append(100 * weights @ share[m] / weights.sum(1))
        people = [len(np.unique(speakers[m])) for m in masks]
        parts = [(float(x.var()), max(n - 1, 1)) for x, n in zip(drawn_war, people, strict=True)]
        below = sum(v**2 / f for v, f in parts)
        freedom = sum(v for v, _ in parts) ** 2 / below if below else float("inf")  # Welch's
        gap = war[0] - war[1]
        low, high, _ = interval(gap, drawn_war[0] - drawn_war[1], freedom, level)
        rows.append(
            {"scheme": first["scheme"], "method": first["method"], "settings": tables.settings(first)}
            | {"seeds": len(same), "female": war[0], "male": war[1], "gap": gap, "low": low, "high": high}
            | {"speakers": people}
        )
    return rows
