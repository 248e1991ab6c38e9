"""Numbers of chapters 3.2 and 3.5 from the records that they name, written anew: nothing is taken from the library."""

from __future__ import annotations

import re
from collections import Counter
from statistics import mean
from typing import Any

from sealed_lines import Name, read

ONE = re.compile(r"picture of (\w+): (WAR|neighbours by (predicted|true) class|true classes dealt at random)")
ADDED = re.compile(r"pictures, (\w+) minus (\w+): (WAR|neighbours by (predicted|true) class)")
PART = re.compile(r"final (war|uar) of (women|men|one speaker) (?:within all|alone)")
GAIN = re.compile(
    r"bootstrap of final (war|uar) of (women|men|one speaker), alone minus within all, difference over (\d+) schemes"
)
GENDERS = {"women": "female", "men": "male"}

#: The four speakers of each corpus who were also a target alone.
ALONE = {"B": "08 09 03 10", "C": "liuchanhg zhaoquanyin wangzhe zhaozuoxiang", "R": "01 02 03 04"}


def expected(what: str, files: list[Name]) -> float | None:
    """The value that the records give, by the words of the page; None for words that are not of these chapters."""
    if found := ONE.fullmatch(what):
        return mean(in_pictures(read(files), *found.groups()))
    if found := ADDED.fullmatch(what):
        first, second, *name = found.groups()
        return mean(in_pictures(read(files), first, *name)) - mean(in_pictures(read(files), second, *name))
    if found := PART.fullmatch(what):
        return of_part(found[1], found[2], read(files))
    if found := GAIN.fullmatch(what):
        return gain(found[1], found[2], int(found[3]), read(files))
    return None


def in_pictures(records: list[dict[str, Any]], method: str, name: str, kind: str | None) -> list[float]:
    """Of each picture of this method, in percent; every scheme has one."""
    found = [in_picture(r, name, kind) for r in records if r["method"] == method]
    assert len(found) == len({r["scheme"] for r in records})
    return found


def in_picture(record: dict[str, Any], name: str, kind: str | None) -> float:
    """In percent. What is recognised, and what dealing gives, are counted from the points; a share of neighbours in
    z is what the record says, for z is not in it."""
    points, drawn = record["points"], record["picture"]
    target = [i for i, d in enumerate(points["domain"]) if d == "1"]
    truth = [points["emotion"][i] for i in target]
    if name == "WAR":
        return 100 * mean(drawn["predicted"][i] == e for i, e in zip(target, truth, strict=True))
    if kind:
        return 100 * drawn["shared"][kind]
    return 100 * mean(truth[i] == truth[j] for i in range(len(truth)) for j in range(len(truth)) if i != j)


def answers(record: dict[str, Any], part: str) -> list[tuple[int, bool]]:
    """Class and whether it was recognised, of each recording of the part: of a gender, or of the four speakers."""
    packed = bytes.fromhex(record["rules"]["final"]["hits"])
    corpus, i, found = record["scheme"][2], 0, []
    for speaker in sorted(record["utterances"]):
        name = speaker.split("/")[-1]
        wanted = record["genders"][speaker] == GENDERS[part] if part in GENDERS else name in ALONE[corpus].split()
        for code, count in enumerate(record["utterances"][speaker]):
            for _ in range(count):
                if wanted:
                    found.append((code, bool(packed[i // 8] >> (7 - i % 8) & 1)))
                i += 1
    return found


def rate(metric: str, told: list[tuple[int, bool]]) -> float:
    if metric == "war":
        return 100 * mean(hit for _, hit in told)
    hits, counts = Counter(code for code, hit in told if hit), Counter(code for code, _ in told)
    return 100 * mean(hits[code] / n for code, n in counts.items())


def of_part(metric: str, part: str, records: list[dict[str, Any]]) -> float:
    """Mean over the seeds; runs of one seed are of different speakers, and count together."""
    seeds = sorted({r["seed"] for r in records})
    return mean(rate(metric, [a for r in records if r["seed"] == k for a in answers(r, part)]) for k in seeds)


def gain(metric: str, part: str, schemes: int, records: list[dict[str, Any]]) -> float:
    names = {r["scheme"][:3] for r in records}
    assert len(names) == schemes
    return mean(
        of_part(metric, part, [r for r in records if r["scheme"].startswith(name) and r["grid"] == "parts"])
        - of_part(metric, part, [r for r in records if r["scheme"] == name and r["grid"] == "main"])
        for name in sorted(names)
    )
