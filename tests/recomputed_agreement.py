"""The numbers of chapter 4.3 from the records that they name, written anew: nothing is taken from the library."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from statistics import mean
from typing import Any

from sealed_lines import Name, folder, read

AGREEMENT = re.compile(r"agreement: (\w+)(, mean)?")
LUCK, FATE = "agreement: all are right by luck", re.compile(r"agreement: (always|sometimes|never) right")
CALIBRATION = re.compile(r"calibration: (stated|right|ece|sure)(, mean over \d+ schemes)?")
KAPPA_GAP = re.compile(r"agreement: kappa with transfer (\w+) minus (\w+), mean")
STRESS = re.compile(r"stress (none|tlmlda) (\w+): (stated|right|ece|sure|uar)")
ACROSS = re.compile(r"splits: (\w+) across (seeds|splits|both)")
JACKKNIFE = "splits: jackknife standard error of war"
DEVIATION = re.compile(r"splits: deviation by (seed|split|residual)")
RANKING = re.compile(r"ranking: (order|winner) with (\d+) of (\d+)")


def expected(what: str, files: list[Name]) -> float | None:
    """The value that the records give, by the words of the page; None for words that are not of this chapter."""
    if what == LUCK:
        value = 100.0
        for content in read(files):
            value *= content["rules"]["final"]["war"] / 100
        return value
    if found := FATE.fullmatch(what):
        return fate(found[1], read(files))
    if found := KAPPA_GAP.fullmatch(what):
        return kappa(found[1], files) - kappa(found[2], files)
    if found := AGREEMENT.fullmatch(what):
        return mean(rate(found[1], [said(r) for r in read(of)]) for of in folders(files))
    if found := CALIBRATION.fullmatch(what):
        return mean(asked(found[1], confidences(r)) for r in read(files))
    if found := RANKING.fullmatch(what):
        return ranking(found[1], int(found[2]), int(found[3]), files)
    if found := ACROSS.fullmatch(what):
        return mean(across(found[1], found[2], runs) for runs in by_scheme(files))
    if what == JACKKNIFE:
        return mean(jackknife(runs) ** 2 for runs in by_scheme(files)) ** 0.5
    if found := DEVIATION.fullmatch(what):
        return max(mean(components(runs)[found[1]] for runs in by_scheme(files)), 0.0) ** 0.5
    first, minus, second = what.partition(" minus ")
    if (one := STRESS.fullmatch(first)) and (not minus or STRESS.fullmatch(second)):
        value = under(*one.groups(), read(files))
        return value - under(*STRESS.fullmatch(second).groups(), read(files)) if minus else value
    return None


def folders(files: Iterable[Name]) -> list[list[Name]]:
    """Names of one cell's runs together."""
    return [list(of) for _, of in itertools.groupby(sorted(files), key=folder)]


def by_scheme(files: Iterable[Name]) -> list[list[dict[str, Any]]]:
    """Records of each scheme together, in the order of their seeds."""
    found: dict[str, list[dict[str, Any]]] = {}
    for record in sorted(read(files), key=lambda r: r["seed"]):
        found.setdefault(record["scheme"], []).append(record)
    return list(found.values())


def kappa(transfer: str, files: Iterable[Name]) -> float:
    """Mean over the cells that have this transfer."""
    cells = [read(of) for of in folders(files)]
    return mean(
        rate("kappa", [said(r) for r in of]) for of in cells if of[0]["overrides"].get("transfer", "none") == transfer
    )


def truth_of(record: dict[str, Any]) -> list[int]:
    """Classes of the target's recordings: speaker by speaker in the order of names, class by class."""
    counts = record["utterances"]
    return [c for speaker in sorted(counts) for c, n in enumerate(counts[speaker]) for _ in range(n)]


def hits_of(record: dict[str, Any]) -> list[bool]:
    """The bits of the record's hits, the first of each byte the largest."""
    packed = bytes.fromhex(record["rules"]["final"]["hits"])
    return [bool(packed[i // 8] >> (7 - i % 8) & 1) for i in range(len(truth_of(record)))]


def said(record: dict[str, Any]) -> list[tuple[int, bool]]:
    """Class and whether it is right, of each recording; without what was said, the class is whether it is right."""
    hits = hits_of(record)
    if "said" not in record:
        return [(int(h), h) for h in hits]
    codes = [int(digit) for digit in record["said"]["predicted"]]
    assert [c == t for c, t in zip(codes, truth_of(record), strict=True)] == hits
    return list(zip(codes, hits, strict=True))


def rate(name: str, runs: list[list[tuple[int, bool]]]) -> float:
    """A rate of several runs by going through all pairs of them, in hundredths."""
    n = len(runs[0])
    pairs = list(itertools.combinations(runs, 2))
    two = mean(a[i][0] == b[i][0] for a, b in pairs for i in range(n))
    if name == "general_perfect":
        return 100 * mean(len({run[i][0] for run in runs}) == 1 for i in range(n))
    if name == "general_fractional":
        return 100 * two
    if name == "correct_perfect":
        return 100 * mean(all(run[i][1] for run in runs) for i in range(n))
    if name == "correct_fractional":
        return 100 * mean(a[i][1] and b[i][1] for a, b in pairs for i in range(n))
    if name == "kappa":
        counts = Counter(word for run in runs for word, _ in run)
        luck = sum((c / (n * len(runs))) ** 2 for c in counts.values())
        return 100 * (two - luck) / (1 - luck)
    raise ValueError(name)


def fate(name: str, records: list[dict[str, Any]]) -> float:
    """Recordings that all, some, or no runs recognise."""
    times = [sum(column) for column in zip(*(hits_of(r) for r in records), strict=True)]
    of = {"always": len(records), "never": 0}
    return 100 * mean(t == of[name] if name in of else 0 < t < len(records) for t in times)


def confidences(record: dict[str, Any]) -> list[tuple[bool, int]]:
    return list(zip(hits_of(record), bytes.fromhex(record["said"]["confidence"]), strict=True))


def asked(name: str, answers: list[tuple[bool, int]]) -> float:
    """Of answers, right or not, with confidence in 255ths: ten bins in whole numbers, an edge belongs to the lower."""
    n = len(answers)
    if name == "stated":
        return 100 * sum(c for _, c in answers) / 255 / n
    if name == "right":
        return 100 * sum(h for h, _ in answers) / n
    if name == "sure":
        wrong = [c for h, c in answers if not h]
        return 100 * sum(10 * c >= 9 * 255 for c in wrong) / len(wrong) if wrong else 0.0
    bins: dict[int, list[tuple[bool, int]]] = {}
    for answer in answers:
        bins.setdefault(max(-(-10 * answer[1] // 255), 1), []).append(answer)
    return 100 * sum(abs(sum(h - c / 255 for h, c in of)) for of in bins.values()) / n


def stress_answers(record: dict[str, Any], variant: str, recording: str) -> list[tuple[bool, int]]:
    assert record["overrides"].get("transfer", "none") == variant
    one, heard = record["stress"]["conditions"][recording], record["heard"]
    truth = [heard["truth"][i] for i in heard["subset"]]
    right = [p == t for p, t in zip(one["predicted"], truth, strict=True)]
    return list(zip(right, bytes.fromhex(one["confidence"]), strict=True))


def under(variant: str, recording: str, name: str, records: list[dict[str, Any]]) -> float:
    """Mean over runs; each scheme has as many."""
    if name == "uar":
        return mean(uar(record, variant, recording) for record in records)
    return mean(asked(name, stress_answers(record, variant, recording)) for record in records)


def uar(record: dict[str, Any], variant: str, recording: str) -> float:
    """Mean over the classes of the share that is right, percent."""
    of: dict[str, list[bool]] = {}
    for i, (right, _) in zip(record["heard"]["subset"], stress_answers(record, variant, recording), strict=True):
        of.setdefault(record["heard"]["truth"][i], []).append(right)
    return 100 * mean(mean(rights) for rights in of.values())


def splits(runs: list[dict[str, Any]]) -> list[list[list[tuple[int, bool]]]]:
    """Of every seed (rows) on every split: class and whether it is right, of each recording."""
    return [
        [[(int(p), p == t) for p, t in zip(words, r["heard"]["truth"], strict=True)] for words in r["stress"]["splits"]]
        for r in runs
    ]


def wars_of_splits(runs: list[dict[str, Any]]) -> list[list[float]]:
    """WAR of every seed (rows) on every split."""
    return [[100 * mean(right for _, right in said) for said in row] for row in splits(runs)]


def jackknife(runs: list[dict[str, Any]]) -> float:
    """Standard error over the groups of speakers that were left out in turn."""
    without = [mean(column) for column in zip(*wars_of_splits(runs), strict=True)]
    k, centre = len(without), mean(without)
    return ((k - 1) / k * sum((x - centre) ** 2 for x in without)) ** 0.5


def across(name: str, kind: str, runs: list[dict[str, Any]]) -> float:
    """A rate over runs of one split, of one seed, or over all."""
    rows = splits(runs)
    sets = {"splits": rows, "seeds": list(zip(*rows, strict=True)), "both": [[r for row in rows for r in row]]}[kind]
    return mean(rate(name, list(of)) for of in sets)


def components(runs: list[dict[str, Any]]) -> dict[str, float]:
    """Variance by seed and by split from sums of squares, as a table of two-way analysis of variance has them."""
    x = wars_of_splits(runs)
    a, b = len(x), len(x[0])
    grand = mean(v for row in x for v in row)
    total = sum((v - grand) ** 2 for row in x for v in row)
    by_seed = b * sum((mean(row) - grand) ** 2 for row in x)
    by_split = a * sum((mean(column) - grand) ** 2 for column in zip(*x, strict=True))
    residual = (total - by_seed - by_split) / ((a - 1) * (b - 1))
    return {
        "seed": (by_seed / (a - 1) - residual) / b,
        "split": (by_split / (b - 1) - residual) / a,
        "residual": residual,
    }


def score(content: dict[str, Any]) -> Fraction:
    """What a run scores, exactly: its last epoch, or the last third of its epochs where it has some and averages no
    weights."""
    hits, curve = hits_of(content), content["curve"]
    if content["params"].get("averaged") or "infomax" not in curve:
        return Fraction(sum(hits), len(hits))
    last = curve["war"][-(len(curve["war"]) // 3 or 1) :]
    return Fraction(sum(round(war * len(hits) / 100) for war in last), len(hits) * len(last))


def ranking(name: str, k: int, seeds: int, files: list[Name]) -> float | None:
    """How often k drawn seeds rank as all: by going through all draws, as long as these are not too many.

    Methods differ in what their records call them. Equal sums of a draw do not speak against the order.
    """
    if seeds**k > 5000:
        return None
    wars: dict[tuple[str, str, str], dict[int, Fraction]] = {}
    for content in read(files):
        method = f"{content['method']} {json.dumps(content['overrides'], sort_keys=True)}"
        by_seed = wars.setdefault((content["grid"], method, content["preset"]), {})
        seed = content["seed"]
        by_seed[seed] = by_seed.get(seed, Fraction()) + score(content)
    rows = list(wars.values())
    numbers = sorted(rows[0])
    assert len(numbers) == seeds

    def totals(draw: Iterable[int]) -> list[Fraction]:
        return [sum((row[s] for s in draw), Fraction()) for row in rows]

    by_all = totals(numbers)
    whole = sorted(range(len(rows)), key=lambda i: -by_all[i])

    def holds(draw: Iterable[int]) -> bool:
        now = [t[i] for t in [totals(draw)] for i in whole]
        return max(now) == now[0] if name == "winner" else now == sorted(now, reverse=True)

    return 100 * mean(holds(draw) for draw in itertools.product(numbers, repeat=k))
