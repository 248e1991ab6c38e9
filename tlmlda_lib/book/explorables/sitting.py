"""Hear the corpora: a grid of short clips, emotion by corpus, each with its waveform and its pitch. Chapter 0.1."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import traitlets
from numpy.typing import NDArray

from tlmlda_lib.book.explorables.base import Explorable, script, style
from tlmlda_lib.book.explorables.settings import Choice
from tlmlda_lib.corpora.sound import mp3
from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import plots
from tlmlda_lib.features.prosody import contour as pitch

#: Bins of the drawn waveform: lowest and highest sample of each.
BINS = 160

#: Largest sample over all clips.
PEAK = 0.89

#: Hop of 10 ms and centre of the 60 ms window of a pitch contour, in seconds.
STEP, CENTRE = 0.01, 0.03


class Hear(Explorable):
    """Grid of clips to hear and see.

    Parameters
    ----------
    clips : sequence of mappings
        Each with "emotion" (one of `tlmlda_lib.corpora.EMOTIONS`), "corpus" (the column's title), "samples" (float
        array (n,), 0.1 to 10 s), "rate" (Hz) and optionally "caption" (what is said, and how it was made). One clip
        for each emotion and corpus; cells may stay empty.
    levelled : bool
        Whether all clips are played at one level, to compare voices rather than recordings. Otherwise all have the same
        gain, and louder clips stay louder: loudness is part of an emotion.
    address : str
        Name of the state in the page's address; empty leaves the address unchanged.

    Attributes
    ----------
    chosen : str
        The clip that is enlarged, as "anger.German".

    Raises
    ------
    UserError
        If a clip is incomplete or silent, or two clips share a cell.

    Notes
    -----
    The clips are kept as MP3, which every browser plays: about 6 kB per second of speech at 16 kHz.
    """

    _esm = script(__name__)
    _css = style(__name__, "clips")
    clips = traitlets.List(traitlets.Dict()).tag(sync=True)
    chosen = Choice(lambda w: ["", *(f"{c['emotion']}.{c['corpus']}" for c in w.clips)], "")

    def __init__(
        self, clips: Sequence[Mapping[str, Any]], *, levelled: bool = False, address: str = "hear", **kwargs: Any
    ) -> None:
        whole = [checked(clip, n) for n, clip in enumerate(clips)]
        if not whole:
            raise UserError("Hear got no clip: give at least one, with emotion, corpus, samples and rate")
        cells = [(c["emotion"], c["corpus"]) for c in whole]
        for n, cell in enumerate(cells):
            if cell in cells[:n]:
                raise UserError(f"clip {n}: there is a clip of {cell[0]} in {cell[1]} already; a cell has one clip")
        order = list(plots.EMOTION_COLOURS)
        whole.sort(key=lambda c: order.index(c["emotion"]))
        sounds = [c["samples"] for c in whole]
        played = at_one_level(sounds) if levelled else _at_peak(sounds)
        shown = [_shown(c, sound) for c, sound in zip(whole, played, strict=True)]
        super().__init__(clips=shown, address=address, **kwargs)


def checked(clip: Mapping[str, Any], n: int) -> dict[str, Any]:
    """A clip with everything that the grid needs, of the right types.

    Parameters
    ----------
    clip : mapping
        As in `Hear`.
    n : int
        Its number, for the message.

    Raises
    ------
    UserError
        If something is missing or unusable.
    """
    for key in ("emotion", "corpus", "samples", "rate"):
        if key not in clip:
            raise UserError(f"clip {n} has no {key!r}: a clip is a mapping with emotion, corpus, samples and rate")
    plots.colour(clip["emotion"])
    samples, rate = np.asarray(clip["samples"], dtype=np.float32), int(clip["rate"])
    if samples.ndim != 1 or rate <= 0 or not 0.1 <= len(samples) / rate <= 10:
        raise UserError(f"clip {n} has shape {samples.shape} at {rate} Hz: use one channel of 0.1 to 10 seconds")
    if not np.isfinite(samples).all() or not np.abs(samples).max() > 0:
        raise UserError(f"clip {n} is silent or contains values that are not finite: leave it out")
    return {"caption": "", **clip, "samples": samples, "rate": rate}


def at_one_level(sounds: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    """Sounds scaled to one root mean square; the largest sample of all is `PEAK`. Chapter 0.1.

    Parameters
    ----------
    sounds : sequence of ndarray
        Each of shape (n,).
    """
    return _at_peak([x / np.sqrt(np.mean(x.astype(float) ** 2)) for x in sounds])


def _at_peak(sounds: Sequence[NDArray[Any]]) -> list[NDArray[np.float32]]:
    gain = PEAK / max(float(np.abs(x).max()) for x in sounds)
    return [(gain * x).astype(np.float32) for x in sounds]


def _shown(clip: Mapping[str, Any], samples: NDArray[np.float32]) -> dict[str, Any]:
    """A clip as the page receives it."""
    contour = pitch(samples, clip["rate"])
    return {
        "emotion": clip["emotion"],
        "corpus": str(clip["corpus"]),
        "caption": str(clip["caption"]),
        "words": describe(contour),
        **drawn(samples, clip["rate"], contour),
    }


def drawn(samples: NDArray[np.float32], rate: int, contour: NDArray[np.float64]) -> dict[str, Any]:
    """A sound and its pitch contour in the form that ``clips.js`` draws and plays.

    Parameters
    ----------
    samples : ndarray of shape (n,)
        One channel.
    rate : int
        Hz.
    contour : ndarray of shape (frames,)
        Pitch, Hz, 0 where unvoiced.
    """
    edges = np.linspace(0, len(samples), BINS + 1).astype(int)[:-1]
    wave = np.stack([np.minimum.reduceat(samples, edges), np.maximum.reduceat(samples, edges)])
    return {
        "seconds": round(len(samples) / rate, 3),
        "audio": base64.b64encode(mp3(samples, rate)).decode(),
        "wave": (wave * 100).round().astype(int).tolist(),
        "pitch": contour.round().astype(int).tolist(),
        "step": STEP,
        "centre": CENTRE,
    }


def describe(contour: NDArray[np.float64]) -> str:
    """A pitch contour in words: middle, range, and where it goes.

    The ends are compared by their medians (a third of the voiced frames each); below two semitones it stays level.

    Parameters
    ----------
    contour : ndarray of shape (frames,)
        Pitch, Hz, 0 where unvoiced.
    """
    voiced = contour[contour > 0]
    if len(voiced) < 6:
        return "hardly any pitch"
    third = len(voiced) // 3
    change = 12 * np.log2(np.median(voiced[-third:]) / np.median(voiced[:third]))
    way = "level" if abs(change) < 2 else "rising" if change > 0 else "falling"
    low, high = np.percentile(voiced, [5, 95])
    return f"pitch around {np.median(voiced):.0f} Hz, mostly between {low:.0f} and {high:.0f} Hz, {way}"
