"""The records in results/*.jsonl by the names that pages give them, read without the library.

`read` takes such names, or the files of single runs, which hold the same in full.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parents[1] / "results"

Record = dict[str, Any]
Name = str | Path


@cache
def records() -> dict[str, Record]:
    """By place, as "main/B2C/tlmlda/recommended-is10-afc2deb3/seed-0"."""
    return {place: record for file in sorted(RESULTS.glob("*.jsonl")) for place, record in collection(file)}


def read(names: Iterable[Name]) -> list[Record]:
    """The records of these names, in their order."""
    return [records()[name] if isinstance(name, str) else single(name) for name in names]


@cache
def single(file: Path) -> Record:
    content: Record = json.loads(file.read_text(encoding="utf-8"))
    return content


def folder(name: Name) -> str:
    """All of a name but the seed: what runs of one cell have in common."""
    return str(name).rpartition("/")[0]


def collection(file: Path) -> list[tuple[str, Record]]:
    """A file's runs with their places; what lines share is put into each."""
    found, shared = [], {}
    for text in file.read_text(encoding="utf-8").splitlines():
        line = json.loads(text)
        if "format" in line:
            assert (line["collection"], line["format"]) == (file.stem, 3)
        elif "is" in line:
            (name,) = {"how", "on", "by"} & set(line)
            shared[name, line[name]] = line["is"]
        else:
            for name in ("how", "on", "by"):
                line |= shared[name, line.pop(name)]
            cell = f"{line['preset']}-{line['options_digest']}"
            place = f"{file.stem}/{line['scheme']}/{line['method']}/{cell}/seed-{line['seed']}"
            found.append((place, whole({"grid": file.stem} | line)))
    return found


def whole(record: Record) -> Record:
    """With what follows from the rest: hits and rates of every rule, WAR of every epoch, bytes as hex digits."""
    if "confidence" in record.get("said", {}):
        record["said"]["confidence"] = in_hex(record["said"]["confidence"])
    if "late" in record:
        record["late"]["hits"] = [in_hex(hits) for hits in record["late"]["hits"]]
    if "rules" not in record:
        return record
    truth = [c for _, counts in sorted(record["utterances"].items()) for c, n in enumerate(counts) for _ in range(n)]
    seen: dict[str, Record] = {}
    for rule in record["rules"].values():
        if "war" in rule:  # as it was measured
            continue
        epoch = json.dumps([rule.get("epoch"), rule.get("setting")])
        if "hits" in rule:
            packed = base64.b64decode(rule["hits"])
            rule |= rates([bool(packed[i // 8] >> (7 - i % 8) & 1) for i in range(len(truth))], truth)
        elif epoch in seen:  # an earlier rule chose the same
            rule |= {k: seen[epoch][k] for k in ("war", "uar", "hits", "confusion")}
        else:
            words = [int(digit) for digit in record["said"]["predicted"]]
            pairs = list(zip(truth, words, strict=True))
            classes = range(len(record["classes"]))
            rule |= rates([t == p for t, p in pairs], truth)
            count = Counter(pairs)
            rule["confusion"] = [[count[t, p] for p in classes] for t in classes]
        seen.setdefault(epoch, rule)
    curve = record.get("curve", {})
    if "right" in curve:
        curve["war"] = [six(100 * n / len(truth)) for n in curve.pop("right")]
        curve.setdefault("uar", curve["war"])
    return record


def rates(hits: list[bool], truth: list[int]) -> Record:
    """WAR and UAR in percent, and the hits, eight to a byte."""
    by_class: dict[int, list[bool]] = {}
    for hit, code in zip(hits, truth, strict=True):
        by_class.setdefault(code, []).append(hit)
    recalls = [sum(of) / len(of) for of in by_class.values()]
    bits = "".join(str(int(hit)) for hit in hits).ljust(-(-len(hits) // 8) * 8, "0")
    return {
        "war": six(100 * sum(hits) / len(hits)),
        "uar": six(100 * sum(recalls) / len(recalls)),
        "hits": "".join(f"{int(bits[i : i + 8], 2):02x}" for i in range(0, len(bits), 8)),
    }


def six(value: float) -> float:
    """Six significant digits, as records have of what was measured."""
    return float(f"{value:.6g}")


def in_hex(text: str) -> str:
    return base64.b64decode(text).hex()
