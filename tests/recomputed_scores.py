"""Scores, differences and prices of Parts 3 and 4 from the records that they name, written anew: no library.

Records that a page subtracts stand in ``data-against``, so that every sign is checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from statistics import mean, pstdev
from typing import Any

from printed import PRINTED
from sealed_lines import Name, read

RULE = r"(score|final|unsupervised|oracle|best) (war|uar)"
OF_FIRST = r"(?: of the first (\d+) epochs)?"
ONE = re.compile(rf"{RULE}{OF_FIRST}(?:, mean over (?:\d+ )?schemes)?")
TWO = re.compile(rf"{RULE}{OF_FIRST} minus {RULE}{OF_FIRST}(?:, mean over (?:\d+ )?schemes)?")
BOOTSTRAP = re.compile(r"bootstrap of (final|unsupervised|oracle) (war|uar), difference over (\d+) schemes")
WEIGHT = re.compile(r"last weight (\w+)")
CRITERION = re.compile(r"mean (regret|spearman) of (\w+)")
SEARCHED = re.compile(r"for \w+(, seeds)?: mean final war")
PUBLISHED = re.compile(r"(paper|README) (\w+) (\w+)")
BETWEEN = re.compile(r"(paper|README) (\w+) (\w+) minus (.+)")

#: Methods in which nothing is drawn: one run meets every seed of another method.
WITHOUT_CHANCE = {"pca_svm", "lda", "coral", "tca", "subspace", "dosl", "jdar", "tsdsl", "late_fusion", "majority"}

Runs = list[dict[str, Any]]
Of = Callable[[dict[str, Any]], float]


def expected(what: str, files: list[Name], against: list[Name]) -> float | None:
    """The value that the records give, by the words of the page; None for words that are not known here."""
    seeds = by_seed(what, files, against)
    if seeds is not None:
        return mean(seeds.values())
    runs = read(f for f in files if f not in set(against))
    if match := BOOTSTRAP.fullmatch(what):
        return counted(runs, read(against), match[1], match[2])
    if match := CRITERION.fullmatch(what):
        found = [(regret if match[1] == "regret" else spearman)(r, match[2]) for r in runs]
        return mean(x for x in found if x is not None)
    if SEARCHED.fullmatch(what):
        return mean(over_schemes(runs, lambda r: of_run(r, "final", "war")).values())
    others = {
        "largest of the seeds' oracle war": lambda: max(of_run(r, "oracle", "war") for r in runs),
        "best seed": lambda: max(w := [of_run(r, "oracle", "war") for r in runs]) - mean(w),
        "pairs of runs with equal oracle war, percent": lambda: equal_pairs(runs),
        "one epoch for all war minus score war": lambda: one_length(runs),
        "score war, mean over speakers, then corpora": lambda: over_corpora(runs),
        "correlation of neighbouring epochs": lambda: mean(map(neighbours, runs)),
        "deviations of the best epoch above the mean": lambda: mean(map(lift, runs)),
    }
    if what in others:
        return others[what]()
    return published(what, runs)


def by_seed(what: str, files: list[Name], against: list[Name]) -> dict[int, float] | None:
    """The same for each seed, of numbers that are a mean over seeds."""
    runs, others = read(f for f in files if f not in set(against)), read(against)
    if match := WEIGHT.fullmatch(what):
        return over_schemes(runs, lambda r: 100 * r["curve"][f"weight_{match[1]}"][-1])
    if match := ONE.fullmatch(what):
        rule, metric, first = match.groups()
        return over_schemes(runs, lambda r: of_run(r, rule, metric, first))
    what = "score war minus score war" if what == "mean of the differences" and others else what
    if not (match := TWO.fullmatch(what)):
        return None
    rule, metric, first, rule_2, metric_2, first_2 = match.groups()
    if others:
        return paired(
            runs, others, lambda r: of_run(r, rule, metric, first), lambda r: of_run(r, rule_2, metric_2, first_2)
        )
    first = first or first_2
    return over_schemes(runs, lambda r: of_run(r, rule, metric, first) - of_run(r, rule_2, metric_2, first))


def of_run(record: dict[str, Any], rule: str, metric: str, first: str | None = None) -> float:
    """A number of a run, as it was, or had it ended after its first epochs."""
    curve = record["curve"][metric][: int(first) if first else None]
    if rule == "best" or (rule == "oracle" and first):
        return float(max(curve))
    averaged = record["params"].get("averaged") or "infomax" not in record["curve"]
    if rule == "score" and not averaged:
        return sum(curve[-(len(curve) // 3 or 1) :]) / (len(curve) // 3 or 1)
    return float(record["rules"]["final" if rule == "score" else rule][metric])


def over_schemes(runs: Iterable[dict[str, Any]], of: Of) -> dict[int, float]:
    """By seed the mean over schemes; over seeds that all schemes have."""
    schemes: dict[str, dict[int, float]] = {}
    for r in runs:
        schemes.setdefault(r["scheme"], {})[r["seed"]] = of(r)
    shared = set.intersection(*map(set, schemes.values()))
    return {k: mean(s[k] for s in schemes.values()) for k in sorted(shared)}


def over_corpora(runs: Runs) -> float:
    """The mean over corpora, each the mean over the speakers held out of it: "B2B-03" is one of B's."""
    corpora: dict[str, list[float]] = {}
    for r in runs:
        corpora.setdefault(r["scheme"].partition("-")[0], []).append(of_run(r, "score", "war"))
    return mean(map(mean, corpora.values()))


def paired(runs: Runs, others: Runs, of: Of, of_other: Of) -> dict[int, float]:
    """By seed the first minus the second, the mean over schemes; two schemes of one target may stand side by side."""
    sides: list[dict[str, Runs]] = [{}, {}]
    for side, some in zip(sides, (runs, others), strict=True):
        for r in some:
            side.setdefault(r["scheme"], []).append(r)
    shared = [(sides[0][s], sides[1][s]) for s in sides[0] if s in sides[1]]
    if not shared:
        first_alone, second_alone = (next(iter(side.values())) for side in sides)
        shared = [(first_alone, second_alone)]
    gaps = []
    for first, second in shared:
        a, b = {r["seed"]: of(r) for r in first}, {r["seed"]: of_other(r) for r in second}
        a = dict.fromkeys(b, *a.values()) if first[0]["method"] in WITHOUT_CHANCE else a
        b = dict.fromkeys(a, *b.values()) if second[0]["method"] in WITHOUT_CHANCE else b
        gaps.append({k: a[k] - b[k] for k in set(a) & set(b)})
    seeds = set.intersection(*(set(g) for g in gaps))
    return {k: mean(g[k] for g in gaps) for k in sorted(seeds)}


def counted(runs: Runs, others: Runs, rule: str, metric: str) -> float:
    """A difference from which recordings were recognised, scheme by scheme over the seeds that both have."""

    def hits(record: dict[str, Any]) -> float:
        packed, i, by_class = bytes.fromhex(record["rules"][rule]["hits"]), 0, {}
        for speaker in sorted(record["utterances"]):
            for code, n in enumerate(record["utterances"][speaker]):
                by_class.setdefault(code, []).extend(packed[j // 8] >> (7 - j % 8) & 1 for j in range(i, i + n))
                i += n
        shares = [found for found in by_class.values() if found]
        if metric == "uar":
            return 100 * mean(map(mean, shares))
        return 100 * sum(map(sum, shares)) / sum(map(len, shares))

    schemes = {r["scheme"] for r in runs} & {r["scheme"] for r in others}
    if not schemes:
        return mean(paired(runs, others, hits, hits).values())
    each = [[[r for r in side if r["scheme"] == s] for side in (runs, others)] for s in schemes]
    return mean(mean(paired(*sides, hits, hits).values()) for sides in each)


def equal_pairs(runs: Runs) -> float:
    pairs = [(a, b) for i, a in enumerate(runs) for b in runs[:i] if a["method"] != b["method"]]
    return 100 * mean(of_run(a, "oracle", "war") == of_run(b, "oracle", "war") for a, b in pairs)


def criterion(record: dict[str, Any], way: str) -> tuple[list[float], list[float]]:
    """A criterion and WAR, in the epochs in which the criterion is a number."""
    pairs = zip(record["curve"][way], record["curve"]["war"], strict=True)
    kept = [(c, w) for c, w in pairs if c is not None and c == c and abs(c) != float("inf")]
    return [c for c, _ in kept], [w for _, w in kept]


def regret(record: dict[str, Any], way: str) -> float:
    """What the epoch that a criterion chooses, the first of equals, loses against the best."""
    war = record["curve"]["war"]
    if way == "final":
        return float(max(war) - war[-1])
    values, of_those = criterion(record, way)
    return float(max(war) - of_those[values.index(max(values))])


def spearman(record: dict[str, Any], way: str) -> float | None:
    """Correlation of ranks, ties sharing theirs; None where one of the two never changes."""
    if way == "final":
        return None
    a, b = map(ranks, criterion(record, way))
    return correlation(a, b) if pstdev(a) and pstdev(b) else None


def ranks(values: list[float]) -> list[float]:
    order = sorted(values)
    first = {v: i for i, v in reversed([*enumerate(order)])}
    last = {v: i for i, v in enumerate(order)}
    return [(first[v] + last[v]) / 2 for v in values]


def correlation(a: list[float], b: list[float]) -> float:
    ma, mb = mean(a), mean(b)
    return mean((x - ma) * (y - mb) for x, y in zip(a, b, strict=True)) / (pstdev(a) * pstdev(b))


def second_half(record: dict[str, Any]) -> list[float]:
    war: list[float] = record["curve"]["war"]
    return war[len(war) // 2 :]


def neighbours(record: dict[str, Any]) -> float:
    war = second_half(record)
    return correlation(war[:-1], war[1:])


def lift(record: dict[str, Any]) -> float:
    war = second_half(record)
    return (max(war) - mean(war)) / pstdev(war)


def one_length(runs: Runs) -> float:
    """The epoch that is best for the mean of the seeds, taken for all of them, minus the score."""
    curves = [r["curve"]["war"] for r in runs]
    means = [sum(column) / len(column) for column in zip(*curves, strict=True)]
    top = means.index(max(means))
    return mean(curve[top] for curve in curves) - mean(of_run(r, "score", "war") for r in runs)


def published(what: str, runs: Runs) -> float | None:
    """A printed number, two printed numbers' difference, or a printed one minus ours."""
    if match := PUBLISHED.fullmatch(what):
        return PRINTED[match.groups()]
    if not (match := BETWEEN.fullmatch(what)):
        return None
    source, method, scheme, rest = match.groups()
    if other := PUBLISHED.fullmatch(rest):
        return PRINTED[source, method, scheme] - PRINTED[other.groups()]
    if one := ONE.fullmatch(rest):
        ours = over_schemes(runs, lambda r: of_run(r, one[1], one[2], one[3]))
        return PRINTED[source, method, scheme] - mean(ours.values())
    return PRINTED[source, method, scheme] - PRINTED[source, rest, scheme]
