"""Sealed collections: all records of a collection in one file, ``results/<collection>.jsonl``. Chapter 3.4.

The first line names the collection. Lines with a number under "how", "on" or "by" state once what many runs share:
settings, data, machine. Every further line is one run, in the order of its key. What follows from the rest is not
stored but computed on reading; what no page reads (losses, seconds and gates of each epoch) is dropped.
"""

from __future__ import annotations

import base64
import json
import lzma
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tlmlda_lib import files
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import contents, older
from tlmlda_lib.training.criteria import CRITERIA

#: Version of the file format.
FORMAT = 3

#: Fields that runs share, by the key on their lines.
SHARED = {
    "how": ("params", "overrides", "scaling", "saw", "threads"),
    "on": ("classes", "counts", "floor", "data", "utterances", "genders", "heard", "points"),
    "by": ("versions", "machine", "revisions", "git_commit"),
}

#: Significant digits of the criteria, and largest number of points in a weight's curve.
DIGITS, POINTS = 4, 30

#: Runs with more epochs than this are also read as shorter ones.
LONG = 60

#: Collections that are judged only by their final scores: the confidence of their runs is dropped.
JUDGED = ("search", "search-ifn", "feature-sets")

#: Collections of which nothing is read but scores: predictions and all curves but WAR and UAR are dropped.
BARE = ("search-features",)

_MEASURED = 6  # significant digits, as `store.write` keeps them
_RULE = ("war", "uar", "confusion", "hits")
Record = Mapping[str, Any]


def key(record: Record) -> tuple[str, ...]:
    """Sort key of a record: the order of the paths of single runs.

    Parameters
    ----------
    record : dict
        A record.
    """
    folder = f"{record['preset']}-{record['options_digest']}"
    return (record["grid"], record["scheme"], record["method"], folder, f"seed-{record['seed']}.json")


def kept(record: Record, *, weights: bool = True) -> dict[str, Any]:
    """A record as a sealed collection keeps it: a subset of a single run's file.

    Parameters
    ----------
    record : dict
    weights : bool
        Whether to keep the weights' curves; otherwise only the last epoch's weights.
    """
    found = {k: v for k, v in record.items() if k != "format"}
    if "rules" in record:
        own = (*_RULE, "chosen_by", "criterion", "epoch", "setting")
        found["rules"] = {r: {k: v for k, v in one.items() if k in own} for r, one in record["rules"].items()}
    if "curve" in record:
        found["curve"] = _curve(record["curve"], weights)
    if record["grid"] in BARE:
        found.pop("said", None)
        found["curve"] = {name: values for name, values in found["curve"].items() if name in ("war", "uar")}
    if record["grid"] in JUDGED and "said" in record:
        found["said"] = {k: v for k, v in record["said"].items() if k != "confidence"}
    return found


def _curve(curve: Record, weights: bool) -> dict[str, Any]:
    found = {}
    for name, values in curve.items():
        if name in ("war", "uar"):
            found[name] = list(values)
        elif name in CRITERIA:
            found[name] = _to_choose_by(values, beginnings=name == "infomax" and len(values) > LONG)
        elif name.startswith("weight_"):
            drawn = np.unique(np.linspace(1, len(values), min(POINTS, len(values))).round().astype(int)).tolist()
            points = [values[i - 1] for i in drawn] if weights else []
            found[name] = [*(_rounded(v, DIGITS) for v in points[:-1]), values[-1]]
    return found


def _to_choose_by(values: Sequence[float | None], *, beginnings: bool) -> list[float | None]:
    """Cut off after `DIGITS`, but keep the largest value whole, so that the same epoch is chosen.

    With ``beginnings`` also every value that is larger than all before it, so that every beginning of a long run,
    shown as a shorter run, chooses the same epoch.
    """
    found: list[float | None] = []
    top, largest = -math.inf, max((v for v in values if v is not None), default=None)
    for v in values:
        if v is None or v == _rounded(v, DIGITS) or (v > top and (beginnings or v == largest)):
            found.append(v)  # short numbers stay, so that sealing again changes nothing
        else:
            unit = 10.0 ** (math.floor(math.log10(abs(v))) - DIGITS + 1) if v else 1.0
            found.append(min(float(f"{math.floor(v / unit) * unit:.{DIGITS}g}"), v))
        top = top if v is None else max(top, v)
    return found


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else float(f"{value:.{digits}g}")


def lines(records: Iterable[Record]) -> Iterator[str]:
    """The lines of a collection's file.

    Parameters
    ----------
    records : iterable of dict
        Records of one collection. In each cell the run with the lowest seed keeps its weights' curves.
    """
    runs = sorted(records, key=key)
    first: dict[tuple[str, ...], int] = {}
    for r in runs:
        first[key(r)[:-1]] = min(r["seed"], first.get(key(r)[:-1], r["seed"]))
    reduced = [kept(r, weights=r["seed"] == first[key(r)[:-1]]) for r in runs]
    yield _json({"collection": runs[0]["grid"], "format": FORMAT, "runs": len(runs)})
    said: dict[str, dict[str, int]] = {name: {} for name in SHARED}
    for r in reduced:
        line = {k: v for k, v in _packed(r).items() if k != "grid"}
        for name, fields in SHARED.items():
            value = {k: line.pop(k) for k in fields if k in line}
            text = _json(value)
            if text not in said[name]:
                said[name][text] = len(said[name])
                yield _json({name: said[name][text], "is": value})
            line[name] = said[name][text]
        yield _json(line)


def records_of(text: Iterable[str], where: str | Path) -> list[dict[str, Any]]:
    """Records from the lines of one or more collections.

    Parameters
    ----------
    text : iterable of str
        The lines.
    where : path
        Their file, for messages.

    Raises
    ------
    UserError
        If a line is damaged or has another form.
    """
    found: list[dict[str, Any]] = []
    collection, form, shared = "", FORMAT, {name: {} for name in SHARED}  # type: ignore[var-annotated]
    for number, line in enumerate(text, 1):
        try:
            content = json.loads(line)
            if "format" in content:
                form = content["format"]
                if form not in (older.FORMAT, FORMAT):
                    raise UserError(f"{where} has the form {form}, this library reads form {FORMAT}")
                collection, shared = content["collection"], {name: {} for name in SHARED}
            elif "is" in content:
                name = next(n for n in SHARED if n in content)
                shared[name][content[name]] = content["is"]
            else:
                together = {k: v for name in SHARED for k, v in shared[name][content.pop(name)].items()}
                record = _unpacked({"grid": collection, **together, **content})
                found.append(older.today(record) if form == older.FORMAT else record)
        except UserError:
            raise
        except (ValueError, LookupError, StopIteration, TypeError) as error:
            raise UserError(
                f"{where} is damaged in line {number} ({type(error).__name__}: {error}): fetch it again, or delete the "
                "line and run its cell again"
            ) from error
    return found


def write(file: str | Path, records: Iterable[Record]) -> int:
    """Write a collection, whole or not at all, and return its size in bytes.

    Parameters
    ----------
    file : path
        The file; its folder is created if absent.
    records : iterable of dict
        Of one collection.

    Raises
    ------
    UserError
        If the folder cannot be written to.
    """
    file = Path(file)
    content = "".join(f"{line}\n" for line in lines(records))
    try:
        files.write(file, content)
    except OSError as error:
        raise UserError(f"{file} cannot be written ({error.strerror or error}): give another --results") from error
    return len(content.encode())


def read(file: str | Path) -> list[dict[str, Any]]:
    """The records in a collection's file, or in an archive of collections (".xz").

    Parameters
    ----------
    file : path
        The file.

    Raises
    ------
    UserError
        If it is damaged or cannot be read.
    """
    packed = Path(file).suffix == ".xz"
    try:
        with lzma.open(file, "rt", encoding="utf-8") if packed else open(file, encoding="utf-8") as text:
            return records_of(text, file)
    except (OSError, EOFError, lzma.LZMAError, UnicodeDecodeError) as error:
        if packed:
            raise UserError(f"{file} is damaged ({error}): install the library anew") from error
        raise UserError(f"{file} cannot be read ({error})") from error


def _json(value: Any) -> str:
    return json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


# What follows from the rest


def _packed(record: dict[str, Any]) -> dict[str, Any]:
    """A record without what `_unpacked` computes; a part that would not be restored to the digit stays."""
    found = dict(record)
    if "said" in record and "confidence" in record["said"]:
        found["said"] = {**record["said"], "confidence": _in_64(record["said"]["confidence"])}
    if "late" in record:
        found["late"] = {**record["late"], "hits": [_in_64(hits) for hits in record["late"]["hits"]]}
    if "utterances" not in record:
        return found
    truth = contents.truth_of(record)
    if "classes" in record and all({"war", "confusion", "hits"} <= one.keys() for one in record["rules"].values()):
        packed = _packed_rules(record)
        if _unpacked_rules({**found, "rules": packed}, truth) == record["rules"]:
            found["rules"] = packed
    if "curve" in record and (right := _counts(record["curve"].get("war"), len(truth))) is not None:
        curve = {k: v for k, v in record["curve"].items() if k != "war"} | {"right": right}
        if curve.get("uar") == record["curve"]["war"]:
            del curve["uar"]
        found["curve"] = curve
    return found


def _unpacked(line: dict[str, Any]) -> dict[str, Any]:
    found = dict(line)
    if "said" in line and "confidence" in line["said"]:
        found["said"] = {**line["said"], "confidence": base64.b64decode(line["said"]["confidence"]).hex()}
    if "late" in line:
        found["late"] = {**line["late"], "hits": [base64.b64decode(hits).hex() for hits in line["late"]["hits"]]}
    if "utterances" not in line:
        return found
    truth = contents.truth_of(line)
    if "rules" in line and "war" not in line["rules"].get("final", {"war": 0}):
        found["rules"] = _unpacked_rules(line, truth)
    if "right" in line.get("curve", {}):
        war = [_rounded(100 * k / len(truth), _MEASURED) for k in line["curve"]["right"]]
        found["curve"] = {"war": war, "uar": war} | {k: v for k, v in line["curve"].items() if k != "right"}
    return found


def _counts(war: list[float] | None, n: int) -> list[int] | None:
    """Utterances recognised in each epoch, if percentages say no more."""
    if war is None or any(v is None for v in war):
        return None
    counts = [round(v * n / 100) for v in war]
    return counts if [_rounded(100 * k / n, _MEASURED) for k in counts] == war else None


def _packed_rules(record: Record) -> dict[str, Any]:
    """For each rule the epoch, and unless an earlier rule has it, hits and confusions."""
    found: dict[str, Any] = {}
    for rule, one in record["rules"].items():
        place = {k: one[k] for k in ("epoch", "setting") if k in one}
        found[rule] = dict(place)
        if "criterion" in one:
            found[rule]["criterion"] = one["criterion"]
        if any(place == {k: v for k, v in o.items() if k in place} for r, o in found.items() if r != rule):
            continue
        if rule == "final" and "said" in record:
            continue
        found[rule] |= {"confusion": one["confusion"], "hits": _in_64(one["hits"])}
    return found


def _unpacked_rules(record: Record, truth: np.ndarray) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = {}
    for rule, one in record["rules"].items():
        place = {k: one[k] for k in ("epoch", "setting") if k in one}
        criterion = one.get("criterion")
        chosen_by = {"final": "nobody", "oracle": "target labels"}.get(rule, criterion or "nobody")
        about = {**place, "chosen_by": chosen_by} | ({"criterion": criterion} if "criterion" in one else {})
        same = next((o for o in found.values() if place == {k: o.get(k) for k in place}), None)
        if "hits" in one:
            hit = np.unpackbits(np.frombuffer(base64.b64decode(one["hits"]), dtype=np.uint8), count=len(truth))
            found[rule] = about | _rates(hit.astype(bool), truth) | {"confusion": one["confusion"]}
        elif same is not None:
            found[rule] = about | {k: same[k] for k in _RULE}
        else:
            predicted = np.array(list(record["said"]["predicted"]), dtype=np.int64)
            confusion = np.zeros((len(record["classes"]),) * 2, dtype=int)
            np.add.at(confusion, (truth, predicted), 1)
            found[rule] = about | _rates(predicted == truth, truth) | {"confusion": confusion.tolist()}
    return found


def _rates(hit: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    recalls = [hit[truth == c].mean() for c in np.unique(truth)]
    return {
        "war": _rounded(float(100 * hit.mean()), _MEASURED),
        "uar": _rounded(float(100 * np.mean(recalls)), _MEASURED),
        "hits": np.packbits(hit).tobytes().hex(),
    }


def _in_64(digits: str) -> str:
    """Hexadecimal digits in three quarters of their length."""
    return base64.b64encode(bytes.fromhex(digits)).decode()
