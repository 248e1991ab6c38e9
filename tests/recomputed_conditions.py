"""Numbers of chapter 4.2 from the records of stress themselves, by loops of their own: nothing of the library."""

from __future__ import annotations

import re
from typing import Any

from sealed_lines import Name, read

RECORDINGS = ("studio", "telephone", "noise20", "noise10", "noise0", "room")
ONE = re.compile(r"(?:(attention) of (\w+)|war without (\w+) minus war|(war)) under (\w+), (none|tlmlda)")
AGREEMENT = re.compile(r"rank agreement, (none|tlmlda)")


def expected(what: str, files: list[Name]) -> float | None:
    """The value that the records give; None where it is another kind of number."""
    first, less, second = what.partition(" less ")
    if less:
        a, b = expected(first, files), expected(second, files)
        return None if a is None or b is None else a - b
    if match := AGREEMENT.fullmatch(what):
        return agreement(files, match[1])
    if not (match := ONE.fullmatch(what)):
        return None
    attention, weighed, missing, _, recording, transfer = match.groups()
    values = []
    for record in read(files):
        told = told_of(record, recording, transfer)
        if attention:
            values.append(100 * sum(w := weights(record, told)[weighed]) / len(w))
        elif missing:
            values.append(share(record, told["without"][missing]) - share(record, told["predicted"]))
        else:
            values.append(share(record, told["predicted"]))
    return sum(values) / len(values)


def agreement(files: list[Name], transfer: str) -> float:
    """Rank correlation of weights and costs, streams within each scheme, condition and seed."""
    found = []
    for record in read(files):
        for recording in RECORDINGS:
            told = told_of(record, recording, transfer)
            means = [sum(w) / len(w) for w in weights(record, told).values()]
            whole = share(record, told["predicted"])
            costs = [whole - share(record, told["without"][s]) for s in record["heard"]["streams"]]
            found.append(correlation(ranks(means), ranks(costs)))
    return sum(found) / len(found)


def told_of(record: dict[str, Any], recording: str, transfer: str) -> dict[str, Any]:
    """What a run said under a condition, if it is of this transfer."""
    assert record["overrides"].get("transfer", "none") == transfer
    told: dict[str, Any] = record["stress"]["conditions"][recording]
    return told


def weights(record: dict[str, Any], told: dict[str, Any]) -> dict[str, list[float]]:
    """A stream's weight in each recording."""
    text, names = told["attention"], record["heard"]["streams"]
    flat = [int(text[i : i + 2], 16) / 255 for i in range(0, len(text), 2)]
    return {name: flat[place :: len(names)] for place, name in enumerate(names)}


def share(record: dict[str, Any], said: str) -> float:
    """Percent of the subset that is named rightly."""
    truth = [record["heard"]["truth"][i] for i in record["heard"]["subset"]]
    return 100 * sum(a == b for a, b in zip(said, truth, strict=True)) / len(truth)


def ranks(values: list[float]) -> list[float]:
    """Ties share the mean of their ranks; a hair's breadth counts as a tie."""
    return [sum((v > w + 1e-9) + (abs(v - w) <= 1e-9) / 2 for w in values) for v in values]


def correlation(a: list[float], b: list[float]) -> float:
    ma, mb = sum(a) / len(a), sum(b) / len(b)
    up = sum((x - ma) * (y - mb) for x, y in zip(a, b, strict=True))
    down = (sum((x - ma) ** 2 for x in a) * sum((y - mb) ** 2 for y in b)) ** 0.5
    return up / down if down else 0.0
