"""How something was said, in seven numbers: pitch, rate, level and voice quality. Chapter 1.1."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from tlmlda_lib import corpora
from tlmlda_lib.errors import UserError
from tlmlda_lib.features import pitch

#: The numbers and their units, in the order of all tables.
NUMBERS = {
    "pitch": "Hz",
    "range": "semitones",
    "rate": "syllables a second",
    "level": "dB",
    "harmonicity": "dB",
    "shimmer": "dB",
    "brightness": "dB",
}

#: Number of syllables of each text of the synthetic corpora.
SYLLABLES = {
    "de": (8, 9, 9, 9, 10, 10),
    "en": (9, 10, 9, 10, 9, 9),
    "zh": (7, 8, 8, 8, 8, 9, 8, 8, 8, 8),
}

#: Names of openSMILE's columns; pitch is in semitones above 27.5 Hz, 0 where unvoiced.
_PITCH = "F0semitoneFrom27.5Hz_sma3nz"
_QUALITY = {
    "harmonicity": "HNRdBACF_sma3nz",
    "shimmer": "shimmerLocaldB_sma3nz",
    "brightness": "alphaRatio_sma3",
}

#: Fewest voiced frames, of 10 ms each, for meaningful numbers.
_LEAST = 10

#: Octaves within which openSMILE's pitch counts as ours; elsewhere its harmonicity and shimmer belong to another pitch.
_SAME = 0.25


def measure(samples: ArrayLike, rate: int, syllables: int) -> dict[str, float]:
    """Measure how an utterance was said. Chapter 1.1.

    Parameters
    ----------
    samples : array_like of shape (n,)
        One channel, in [-1, 1].
    rate : int
        In Hz.
    syllables : int
        Number of syllables that were spoken.

    Returns
    -------
    dict of str to float
        pitch : median over the voiced frames, Hz. range : between their 5th and 95th percentile, semitones.
        rate : syllables a second, from the first voiced frame to the last. level : root mean square, dB relative to
        full scale. harmonicity : harmonics-to-noise ratio, dB; lower for a breathy or rough voice. shimmer : amplitude
        difference of neighbouring glottal cycles, dB; higher for a rough voice. brightness : level from 1 to 5 kHz
        over level below 1 kHz, dB; higher for a tense voice.

    Raises
    ------
    UserError
        If the sound does not have one channel, `syllables` is below 1, or there is hardly any voice.

    Notes
    -----
    Pitch and voicing are those of `contour`. Voice quality is from openSMILE's set eGeMAPSv02, over the frames in which
    openSMILE finds the same pitch. Frames are 10 ms apart.
    """
    sound = np.asarray(samples, dtype=np.float32)
    if sound.ndim != 1:
        raise UserError(f"samples has shape {sound.shape}: one channel is needed")
    if syllables < 1:
        raise UserError(f"syllables={syllables}: give the number that was spoken")
    hertz = contour(sound, rate)
    voiced = np.flatnonzero(hertz > 0)
    if len(voiced) < _LEAST:
        raise UserError(f"{len(voiced)} frames have a voice: at least a tenth of a second is needed")
    low, middle, high = np.percentile(12 * np.log2(hertz[voiced]), [5, 50, 95])
    frames = _smile().process_signal(sound, rate).iloc[voiced]
    octaves = frames[_PITCH].to_numpy(float) / 12 + np.log2(27.5)
    same = np.abs(octaves - np.log2(hertz[voiced])) < _SAME
    quality = frames[same] if same.sum() >= _LEAST else frames
    return {
        "pitch": float(2 ** (middle / 12)),
        "range": float(high - low),
        "rate": syllables / (0.01 * float(voiced[-1] - voiced[0])),
        "level": float(10 * np.log10(np.mean(sound.astype(float) ** 2))),
        **{name: float(quality[column].mean()) for name, column in _QUALITY.items()},
    }


def contour(samples: ArrayLike, rate: int) -> np.ndarray:
    """Pitch contour, by autocorrelation. Chapter 1.1.

    Parameters
    ----------
    samples : array_like of shape (n,)
    rate : int
        In Hz.

    Returns
    -------
    ndarray of shape (frames,)
        Hz, one value every 10 ms from a window of 60 ms; 0 where unvoiced.

    Notes
    -----
    openSMILE has a contour too, but sometimes takes a strong harmonic, two or three times too high, for the pitch.
    `tlmlda_lib.features.pitch` describes how this one stays in the octave.
    """
    return pitch.track(samples, rate)


def made(language: str, speakers: Sequence[str], emotions: Sequence[str], texts: Sequence[int]) -> pd.DataFrame:
    """Measure utterances of a synthetic corpus. Chapter 1.1.

    Parameters
    ----------
    language : str
        "de", "en" or "zh".
    speakers, emotions : sequence of str
        As in the corpus's table.
    texts : sequence of int
        Numbers of its texts, from 1.

    Returns
    -------
    DataFrame
        A row for each utterance, by its file: emotion, speaker, and the numbers of `measure`.
    """
    return _made(language, tuple(speakers), tuple(emotions), tuple(texts)).copy()


@cache
def _made(language: str, speakers: tuple[str, ...], emotions: tuple[str, ...], texts: tuple[int, ...]) -> pd.DataFrame:
    import soundfile

    table = corpora.synthetic(language, progress=False)
    number = table.index.str.extract(r"-(\d+)\.wav$", expand=False).astype(int)
    kept = table["speaker"].isin(speakers) & table["emotion"].isin(emotions) & number.isin(texts)
    rows: dict[str, dict[str, Any]] = {}
    for file, text in zip(table.index[kept], number[kept], strict=True):
        sound, rate = soundfile.read(file, dtype="float32")
        who = table.loc[file, ["emotion", "speaker"]].to_dict()
        rows[file] = {**who, **measure(sound, rate, SYLLABLES[language][text - 1])}
    if not rows:
        raise UserError(f"made-{language} has no such utterance: check speakers, emotions and texts")
    return pd.DataFrame.from_dict(rows, orient="index")


@cache
def _smile() -> Any:
    import opensmile

    return opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.LowLevelDescriptors)
