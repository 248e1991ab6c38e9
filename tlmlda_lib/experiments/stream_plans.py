"""The streams that are joined in the runs behind Part 4, and how a run selects them. Chapter 4.1."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from tlmlda_lib.errors import UserError
from tlmlda_lib.features.streams import IS10_PLACES
from tlmlda_lib.methods.ifn.fusion import FUSIONS
from tlmlda_lib.methods.ifn.options import compact

#: Whisper's encoder, English only, 39 million parameters: a folder of this name in the working directory, as
#: ``ct2-transformers-converter --model openai/whisper-tiny.en --output_dir whisper-tiny.en`` makes it.
WHISPER = "whisper-tiny.en"

#: Each stream's feature set, and its columns within it.
STREAMS: dict[str, tuple[str, np.ndarray]] = {
    "acoustic": ("is10", np.flatnonzero(IS10_PLACES == "acoustic")),
    "prosodic": ("is10", np.flatnonzero(IS10_PLACES == "prosodic")),
    "speaker": ("resemblyzer", np.arange(256)),
    "whisper": (WHISPER, np.arange(384)),
}

#: Number of features in each feature set.
WIDTHS = {"is10": len(IS10_PLACES), "resemblyzer": 256, WHISPER: 384}

#: Streams that need no download: IS10's two, and the speaker encoder.
THREE = ("acoustic", "prosodic", "speaker")

#: Combinations of streams: each alone, every pair, those that need no download, all.
TOGETHER: tuple[tuple[str, ...], ...] = (
    *itertools.combinations(STREAMS, 1),
    *itertools.combinations(STREAMS, 2),
    THREE,
    tuple(STREAMS),
)

#: Ways to join all streams, other than the default.
OTHER_FUSIONS = tuple(name for name in FUSIONS if name != "attention")


def of(names: Sequence[str]) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Feature sets and options of a run that uses exactly these streams.

    Parameters
    ----------
    names : sequence of str
        Keys of `STREAMS`.

    Returns
    -------
    features : tuple of str
        Feature sets, side by side.
    options : dict
        ``streams``: the indices of each stream's columns.

    Raises
    ------
    UserError
        If a stream is not known.
    """
    if unknown := [name for name in names if name not in STREAMS]:
        raise UserError(f"stream {unknown[0]!r} is not known: use {', '.join(STREAMS)}")
    features = tuple(dict.fromkeys(STREAMS[name][0] for name in names))
    begins = dict(zip(features, itertools.accumulate((WIDTHS[s] for s in features), initial=0), strict=False))
    places = {name: (STREAMS[name][1] + begins[STREAMS[name][0]]).tolist() for name in names}
    return features, {"streams": dict(compact(places))}
