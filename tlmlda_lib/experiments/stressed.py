"""The files that `tlmlda_lib.experiments.stress` leaves: what networks said under stress. Chapters 4.2 and 4.3.

``results/stress/<scheme>.json`` holds a digit or two hex digits for each recording, without the name of any. It is no
record of `store`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tlmlda_lib import domains
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import shipped, store

FOLDER, FORMAT = "stress", 1


def place(results: str | Path, scheme: str) -> Path:
    """Where the file of a scheme lies."""
    return Path(results) / FOLDER / f"{scheme}.json"


def write(results: str | Path, content: Mapping[str, Any]) -> Path:
    """Keep what was found, whole or not at all."""
    file = place(results, content["scheme"])
    store.keep(file, {**content, "format": FORMAT})
    return file


def read(results: str | Path | None = None, schemes: Sequence[str] = domains.OPEN_SCHEMES) -> dict[str, dict[str, Any]]:
    """What was found, by scheme. Chapters 4.2 and 4.3.

    Parameters
    ----------
    results : path, optional
        Without it, the library's own.
    schemes : sequence of str

    Returns
    -------
    dict of str to dict
        As `tlmlda_lib.experiments.stress.scheme_of` makes them, but: ``truth`` and ``speakers`` int64 (n,);
        ``subset`` int64 (m,), places in them; ``splits["predicted"]`` int64 (seeds, splits, n); below
        ``conditions[variant][recording]``: ``predicted`` int64 (seeds, m), ``confidence`` float64 (seeds, m),
        ``attention`` float64 (seeds, m, K), and ``without``, by stream, int64 (seeds, m): what is said when that stream
        is missing.
    """
    found = {}
    for scheme in schemes:
        content = content_of(place(shipped.folder() if results is None else results, scheme))
        if content is None:
            continue
        content["truth"] = codes(content["truth"])
        content["speakers"], content["subset"] = (np.array(content[k], dtype=np.int64) for k in ("speakers", "subset"))
        by_split = content["splits"]
        by_split["predicted"] = np.array([[codes(words) for words in row] for row in by_split["predicted"]])
        streams = len(content["streams"])
        for variant in content["conditions"].values():
            for one in variant.values():
                if isinstance(one, str):  # the digest of its options
                    continue
                one["predicted"] = np.array([codes(words) for words in one["predicted"]])
                one["confidence"] = np.array([from_hex(words) for words in one["confidence"]])
                shape = (*one["confidence"].shape, streams)
                one["attention"] = np.array([from_hex(words) for words in one["attention"]]).reshape(shape)
                one["without"] = {s: np.array([codes(w) for w in words]) for s, words in one["without"].items()}
        found[scheme] = content
    return found


def content_of(file: Path) -> dict[str, Any] | None:
    """A file as it was written, or None where it is not there."""
    mend = "delete it and run `tlmlda stress` again"
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise UserError(f"{file} is damaged ({error}): {mend}") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT or "conditions" not in content:
        raise UserError(f"{file} is no file of this library: {mend}")
    return content


def digits(codes: np.ndarray) -> str:
    """Codes (n,) of at most ten classes, a digit each."""
    return "".join(map(str, np.asarray(codes, dtype=int).tolist()))


def codes(text: str) -> np.ndarray:
    """`digits` as an array again."""
    return np.array(list(text), dtype=np.int64)


def in_hex(shares: np.ndarray) -> str:
    """Shares from 0 to 1, in 255ths, two hex digits each."""
    return np.rint(255 * np.asarray(shares).ravel()).astype(np.uint8).tobytes().hex()


def from_hex(text: str) -> np.ndarray:
    """`in_hex` as an array (n,) again."""
    return np.frombuffer(bytes.fromhex(text), dtype=np.uint8) / 255
