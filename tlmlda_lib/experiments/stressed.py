"""Records of predictions under stress, the collection "stress". Chapters 4.2 and 4.3.

`tlmlda_lib.experiments.stress` computes them, one for each scheme, transfer and seed. A record has a digit or two
hexadecimal digits for each recording, and no recording's name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tlmlda_lib import domains
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import query, shipped, store
from tlmlda_lib.experiments.places import alike

#: The collection.
GRID = "stress"

#: IFN by itself, and with TLMLDA's transfer.
VARIANTS: dict[str, dict[str, Any]] = {"none": {}, "tlmlda": {"transfer": "tlmlda"}}

_TOLD = ("predicted", "confidence", "attention")
_HEARD = ("streams", "truth", "speakers", "subset")
_SAME = ("scheme", "preset", "classes", "revisions", "versions", "machine", "git_commit", "date")
Record = Mapping[str, Any]


def records_of(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A scheme as records: for each transfer and seed the predictions under each condition.

    Parameters
    ----------
    content : dict
        As `tlmlda_lib.experiments.stress.scheme_of` makes it.

    Returns
    -------
    list of dict
        Records without transfer also contain the predictions after holding out each part of the source's speakers.
    """
    found = []
    for variant, told in content["conditions"].items():
        for seed in range(content["seeds"]):
            stress: dict[str, Any] = {
                "conditions": {
                    recording: {k: one[k][seed] for k in _TOLD}
                    | {"without": {stream: words[seed] for stream, words in one["without"].items()}}
                    for recording, one in told.items()
                    if recording != "options_digest"
                }
            }
            if variant == "none":
                stress |= {"sizes": content["splits"]["sizes"], "splits": content["splits"]["predicted"][seed]}
            own = {
                "grid": GRID,
                "method": "ifn",
                "seed": seed,
                "options_digest": told["options_digest"],
                "overrides": {**content["overrides"], **VARIANTS[variant]},
                "data": {"features": content["features"], "digest": content["data"]},
                "heard": {k: content[k] for k in _HEARD},
                "stress": stress,
            }
            found.append({k: content[k] for k in _SAME} | own)
    return found


def read(results: str | Path | None = None, schemes: Sequence[str] = domains.OPEN_SCHEMES) -> dict[str, dict[str, Any]]:
    """The recorded predictions, by scheme. Chapters 4.2 and 4.3.

    Parameters
    ----------
    results : path, optional
        A folder of records, sealed or single; by default the library's own.
    schemes : sequence of str

    Returns
    -------
    dict of str to dict
        As from `tlmlda_lib.experiments.stress.scheme_of`, but: ``truth`` and ``speakers`` int64 (n,);
        ``subset`` int64 (m,), indices into them; ``splits["predicted"]`` int64 (seeds, splits, n); below
        ``conditions[variant][recording]``: ``predicted`` int64 (seeds, m), ``confidence`` float64 (seeds, m),
        ``attention`` float64 (seeds, m, K), and ``without``, by stream, int64 (seeds, m): predictions without that
        stream. Also ``places``: the places of each variant's records, seed by seed. If records were made at different
        times, ``date`` and similar fields are those of the first.

    Raises
    ------
    UserError
        If the folder does not exist, a record cannot be read, or a scheme's records do not match: they differ in
        options or recordings, or the variants have different seeds.
    """
    records = shipped.records(GRID, results=results)
    by_scheme = {scheme: [r for r in records if r["scheme"] == scheme] for scheme in schemes}
    return {scheme: _content(of) for scheme, of in by_scheme.items() if of}


def _content(records: Sequence[Record]) -> dict[str, Any]:
    """One scheme's records, as `read` gives them."""
    runs = _together(records)
    first = runs["none"][0]
    content = {k: first[k] for k in _SAME} | {
        "seeds": len(runs["none"]),
        "features": first["data"]["features"],
        "data": first["data"]["digest"],
        "overrides": first["overrides"],
    }
    heard = first["heard"]
    content |= {"streams": heard["streams"], "truth": codes(heard["truth"])}
    content |= {k: np.array(heard[k], dtype=np.int64) for k in ("speakers", "subset")}
    content["splits"] = {
        "sizes": first["stress"]["sizes"],
        "predicted": np.array([[codes(words) for words in r["stress"]["splits"]] for r in runs["none"]]),
    }
    content["conditions"] = {
        variant: {"options_digest": of[0]["options_digest"]}
        | {recording: _told(of, recording) for recording in of[0]["stress"]["conditions"]}
        for variant, of in runs.items()
    }
    content["places"] = {variant: tuple(map(store.place, of)) for variant, of in runs.items()}
    return content


def _told(records: Sequence[Record], recording: str) -> dict[str, Any]:
    """The predictions of the runs under a condition, a row for each."""
    told = [r["stress"]["conditions"][recording] for r in records]
    confidence = np.array([from_hex(one["confidence"]) for one in told])
    shape = (*confidence.shape, len(records[0]["heard"]["streams"]))
    return {
        "predicted": np.array([codes(one["predicted"]) for one in told]),
        "confidence": confidence,
        "attention": np.array([from_hex(one["attention"]) for one in told]).reshape(shape),
        "without": {s: np.array([codes(one["without"][s]) for one in told]) for s in told[0]["without"]},
    }


def _together(records: Sequence[Record]) -> dict[str, Sequence[Record]]:
    """The records of a scheme that count, by variant, in the order of their seeds; they must match."""
    found: dict[str, Sequence[Record]] = {
        v: query.one_set(r for r in records if r["overrides"].get("transfer", "none") == v) for v in VARIANTS
    }
    every = [r for of in found.values() for r in of]
    alike(every, lambda r: (r["preset"], {**r["overrides"], "transfer": ""}), "options")
    alike(every, lambda r: (r["data"], r["heard"]), "recordings")
    seeds = {v: [r["seed"] for r in of] for v, of in found.items()}
    if any(of != list(range(max(1, *map(len, seeds.values())))) for of in seeds.values()):
        scheme, named = records[0]["scheme"], "; ".join(f"{v} has {of}" for v, of in seeds.items())
        raise UserError(f"seeds of {scheme} are missing, {named}: run `tlmlda stress --scheme {scheme}` again")
    return found


def digits(codes: np.ndarray) -> str:
    """Codes as text, a digit each.

    Parameters
    ----------
    codes : ndarray of shape (n,), int
        From 0 to 9.
    """
    return "".join(map(str, np.asarray(codes, dtype=int).tolist()))


def codes(text: str) -> np.ndarray:
    """The inverse of `digits`.

    Parameters
    ----------
    text : str
        Digits.
    """
    return np.array(list(text), dtype=np.int64)


def in_hex(shares: np.ndarray) -> str:
    """Shares in 255ths, two hexadecimal digits each.

    Parameters
    ----------
    shares : ndarray of shape (n,)
        From 0 to 1.
    """
    return np.rint(255 * np.asarray(shares).ravel()).astype(np.uint8).tobytes().hex()


def from_hex(text: str) -> np.ndarray:
    """The inverse of `in_hex`: an array (n,).

    Parameters
    ----------
    text : str
        Hexadecimal digits.
    """
    return np.frombuffer(bytes.fromhex(text), dtype=np.uint8) / 255
