"""Numbers of chapter 4.2 from the files of stress themselves, by loops of their own: nothing of the library is used."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

RECORDINGS = ("studio", "telephone", "noise20", "noise10", "noise0", "room")
ONE = re.compile(r"(?:(attention) of (\w+)|war without (\w+) minus war|(war)) under (\w+), (none|tlmlda)")
AGREEMENT = re.compile(r"rank agreement, (none|tlmlda)")


def expected(what: str, files: list[Path]) -> float | None:
    """The value that the files give; None where it is another kind of number."""
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
    for content in read(files):
        told = content["conditions"][transfer][recording]
        per_seed = range(content["seeds"])
        if attention:
            values += [100 * sum(w := weights(content, told, k)[weighed]) / len(w) for k in per_seed]
        else:
            values += [share(content, told["without"][missing][k]) for k in per_seed] if missing else []
            values += [(-1 if missing else 1) * share(content, told["predicted"][k]) for k in per_seed]
    seeds = sum(content["seeds"] for content in read(files))
    return sum(values) / seeds


def agreement(files: list[Path], transfer: str) -> float:
    """Rank correlation of weights and costs, streams within each scheme, condition and seed."""
    found = []
    for content in read(files):
        for recording in RECORDINGS:
            told = content["conditions"][transfer][recording]
            for k in range(content["seeds"]):
                means = [sum(w) / len(w) for w in weights(content, told, k).values()]
                whole = share(content, told["predicted"][k])
                costs = [whole - share(content, told["without"][s][k]) for s in content["streams"]]
                found.append(correlation(ranks(means), ranks(costs)))
    return sum(found) / len(found)


def read(files: list[Path]) -> list[dict[str, Any]]:
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


def weights(content: dict[str, Any], told: dict[str, Any], seed: int) -> dict[str, list[float]]:
    """A stream's weight in each recording."""
    text, names = told["attention"][seed], content["streams"]
    flat = [int(text[i : i + 2], 16) / 255 for i in range(0, len(text), 2)]
    return {name: flat[place :: len(names)] for place, name in enumerate(names)}


def share(content: dict[str, Any], said: str) -> float:
    """Percent of the subset that is named rightly."""
    truth = [content["truth"][i] for i in content["subset"]]
    return 100 * sum(a == b for a, b in zip(said, truth, strict=True)) / len(truth)


def ranks(values: list[float]) -> list[float]:
    """Ties share the mean of their ranks; a hair's breadth counts as a tie."""
    return [sum((v > w + 1e-9) + (abs(v - w) <= 1e-9) / 2 for w in values) for v in values]


def correlation(a: list[float], b: list[float]) -> float:
    ma, mb = sum(a) / len(a), sum(b) / len(b)
    up = sum((x - ma) * (y - mb) for x, y in zip(a, b, strict=True))
    down = (sum((x - ma) ** 2 for x in a) * sum((y - mb) ** 2 for y in b)) ** 0.5
    return up / down if down else 0.0
