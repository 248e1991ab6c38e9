"""The three voices of chapter 1.1's first question."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import soundfile
from IPython.display import HTML
from numpy.typing import NDArray

from tlmlda_lib import corpora
from tlmlda_lib.book.explorables.sitting import at_one_level
from tlmlda_lib.corpora.sound import mp3
from tlmlda_lib.features import prosody

#: Language, speaker and emotion of each voice.
VOICES = {"A": ("de", "f2", "happy"), "B": ("en", "f2", "anger"), "C": ("en", "f2", "happy")}


@dataclass(frozen=True)
class Voice:
    """A clip, and the numbers of `tlmlda_lib.features.prosody.measure`.

    Attributes
    ----------
    samples : ndarray of shape (n,), float32
        The sound.
    rate : int
        Hz.
    numbers : dict of str to float
        The measurements.
    """

    samples: NDArray[np.float32]
    rate: int
    numbers: dict[str, float]


def voices() -> dict[str, Voice]:
    """The voices of the page's first question, by their letters."""
    found = {}
    for letter, (language, speaker, emotion) in VOICES.items():
        made = corpora.synthetic(language, progress=False)  # a bar would load scripts that this page needs not
        file = next(f for f in made.index if f.endswith(f"{speaker}-{emotion}-01.wav"))
        samples, rate = soundfile.read(file, dtype="float32")
        numbers = prosody.measure(samples, rate, prosody.SYLLABLES[language][0])
        found[letter] = Voice(samples, rate, numbers)
    return found


def players(found: Mapping[str, Voice]) -> HTML:
    """A player for each voice, all at one level.

    Parameters
    ----------
    found : dict of str to Voice
        B has to be lower, rougher and less clear than the others, for the answer on the page says so.
    """
    numbers = {letter: voice.numbers for letter, voice in found.items()}
    angry, others = numbers["B"], [own for letter, own in numbers.items() if letter != "B"]
    assert all(own["pitch"] > angry["pitch"] for own in others)
    assert all(own["shimmer"] < angry["shimmer"] - 0.5 for own in others)
    assert all(own["harmonicity"] > angry["harmonicity"] + 2 for own in others)
    levelled = at_one_level([voice.samples for voice in found.values()])
    heard = ""
    for (letter, voice), samples in zip(found.items(), levelled, strict=True):
        sound = base64.b64encode(mp3(samples, voice.rate)).decode()
        heard += (
            f"<figure><figcaption>{letter}</figcaption>"
            f'<audio controls aria-label="voice {letter}" src="data:audio/mpeg;base64,{sound}"></audio></figure>'
        )
    return HTML(f'<div class="voices">{heard}</div>')
