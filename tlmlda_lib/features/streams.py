"""The streams that columns belong to, by their names. Chapter 4.1."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

#: Contours of IS10 by stream: the sound of the vocal tract, and the movement of the voice.
IS10_STREAMS = {
    "acoustic": ("mfcc", "logMelFreqBand", "lspFreq"),
    "prosodic": (
        *("pcm_loudness", "F0finEnv", "voicingFinalUnclipped"),
        *("F0final", "jitterLocal", "jitterDDP", "shimmerLocal"),
    ),
}

#: Stream of each of IS10's 1582 columns in openSMILE's order: 21 functionals of 34 contours and of their slopes, 19 of
#: four contours of voiced stretches and of their slopes, two numbers of the whole. Read-only.
IS10_PLACES = np.repeat(
    ["prosodic", "acoustic", "prosodic", "prosodic", "acoustic", "prosodic"],
    [21, 651, 42, 21, 651, 42 + 2 * 4 * 19 + 2],
)
IS10_PLACES.flags.writeable = False

# "mfcc_sma[3]_amean", "F0final_sma_de_stddev", "F0final__Turn_duration"; eGeMAPS smooths over three frames, "_sma3".
_IS10 = re.compile(r"(?P<contour>\w+?)(?:_sma(?:_de)?(?:\[\d+\])?_|__Turn_)")
_EGEMAPS = re.compile(r".*_sma3|loudnessPeaksPerSec|.*VoicedSegment|.*UnvoicedSegment|equivalentSoundLevel_dBp")
# "resemblyzer_017", "whisper-tiny_L4_std_017"
_EMBEDDING = re.compile(r"(?P<model>.+?)(?:_(?:L\d+|last)_(?:mean|std))?_\d+")


def streams(names: Sequence[str]) -> dict[str, np.ndarray]:
    """Sort columns into streams by their names. Chapter 4.1.

    Parameters
    ----------
    names : sequence of str
        Names of columns from `extract` and `embed`, in any order.

    Returns
    -------
    dict of str to ndarray of int64
        Places of each stream's columns, ascending; streams in the order in which they begin. IS10 falls into
        "acoustic" (1302 numbers of cepstrum, mel bands and line spectral pairs) and "prosodic" (280 of loudness,
        pitch, voicing, jitter, shimmer and duration), eGeMAPSv02 is "egemaps", an embedding has its model's name.
        Columns of other names are "other".

    Examples
    --------
    >>> found = streams(["mfcc_sma[0]_amean", "F0final_sma_amean", "resemblyzer_000"])
    >>> {name: places.tolist() for name, places in found.items()}
    {'acoustic': [0], 'prosodic': [1], 'resemblyzer': [2]}
    """
    found: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        found.setdefault(_stream(str(name)), []).append(place)
    return {stream: np.array(places, dtype=np.int64) for stream, places in found.items()}


def _stream(name: str) -> str:
    if match := _IS10.match(name):
        for stream, contours in IS10_STREAMS.items():
            if match["contour"] in contours:
                return stream
    if _EGEMAPS.match(name):
        return "egemaps"
    if match := _EMBEDDING.fullmatch(name):
        return match["model"]
    return "other"
