"""Speak a text with a synthetic voice, and change how it is said. Chapter 1.2."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

import numpy as np

from tlmlda_lib.corpora.synthesis import espeak
from tlmlda_lib.corpora.synthesis.speakers import Voice, speaker
from tlmlda_lib.errors import UserError

#: Level of an utterance at ``loudness=0``: root mean square in dB relative to full scale.
LEVEL = -26.0

#: Allowed range of each departure.
LIMITS: dict[str, tuple[float, float]] = {
    "rate": (0.3, 3),
    "pitch": (-24, 24),
    "pitch_range": (0, 4),
    "loudness": (-40, 20),
    "roughness": (-7, 7),
    "breath": (-40, 40),
    "tilt": (-18, 12),
    "tract": (0.7, 1.4),
    "flutter": (-20, 20),
    "final": (-11, 11),
}

#: espeak-ng's pitch steps per octave; it accepts 0 to 99, and 50 is the voice's own pitch.
_STEPS, _OWN = 50, 50

#: What follows the last word.
_MARKS = ".,;:!?…。，；：！？ "


@dataclass(frozen=True)
class Manner:
    """How an utterance departs from the speaker's own way.

    Attributes
    ----------
    rate : float
        Factor of the speaking rate.
    pitch : float
        Semitones.
    pitch_range : float
        Factor of the span of pitch.
    loudness : float
        dB.
    roughness : float
        Steps of espeak-ng's, of which there are 7.
    breath : float
        Noise in the voice, to about 30.
    tilt : float
        dB per octave above 500 Hz: positive is tense, negative is lax.
    tract : float
        Factor of the formant frequencies: above 1 as with spread lips.
    flutter : float
        Unsteadiness of pitch: espeak-ng's steps.
    final : float
        Pitch of the last word (in Mandarin of the last two characters), semitones above or below where it would be:
        the utterance rises or falls at its end.
    """

    rate: float = 1.0
    pitch: float = 0.0
    pitch_range: float = 1.0
    loudness: float = 0.0
    roughness: float = 0.0
    breath: float = 0.0
    tilt: float = 0.0
    tract: float = 1.0
    flutter: float = 0.0
    final: float = 0.0


def speak(
    text: str,
    language: str = "en",
    voice: str | Voice = "f1",
    *,
    rate: float = 1.0,
    pitch: float = 0.0,
    pitch_range: float = 1.0,
    loudness: float = 0.0,
    roughness: float = 0.0,
    breath: float = 0.0,
    tilt: float = 0.0,
    tract: float = 1.0,
    flutter: float = 0.0,
    final: float = 0.0,
) -> tuple[np.ndarray, int]:
    """Speak a text: the same samples for the same arguments, on every call and in every process. Chapter 1.2.

    Parameters
    ----------
    text : str
    language : str
        "de", "en" or "zh".
    voice : str or Voice
        A speaker of that language, "f1" .. "m4" (Mandarin has "f1", "f2", "m1", "m2"), or a voice that you define.
    rate, pitch, pitch_range, loudness, roughness, breath, tilt, tract, flutter, final
        As in `Manner`: departures from the speaker's own way.

    Returns
    -------
    sound : ndarray of shape (n,), float32
        In [-1, 1], at a level of -26 dB (root mean square, relative to full scale) plus `loudness`.
    rate : int
        In Hz.

    Raises
    ------
    UserError
        If a name is not known, a number is out of range, or espeakng-loader is missing.
    """
    manner = Manner(rate, pitch, pitch_range, loudness, roughness, breath, tilt, tract, flutter, final)
    who = voice if isinstance(voice, Voice) else speaker(language, voice)
    return np.clip(utter(text, language, who, manner), -1, 1).astype(np.float32), espeak.RATE


def utter(text: str, language: str, voice: Voice, manner: Manner) -> np.ndarray:
    """`speak` with a voice and a manner.

    Parameters
    ----------
    text, language
        As in `speak`.
    voice : Voice
        The speaker.
    manner : Manner
        The departures from that speaker's own way.

    Returns
    -------
    ndarray of shape (n,), float64
        At 22050 Hz, not yet clipped to [-1, 1].
    """
    _check(manner)
    mood = replace(
        voice,
        pitch=voice.pitch * 2 ** (manner.pitch / 12),
        span=voice.span * manner.pitch_range,
        tract=voice.tract * manner.tract,
        roughness=voice.roughness + manner.roughness,
        breath=voice.breath + manner.breath,
        tilt=voice.tilt + manner.tilt,
        flutter=voice.flutter + manner.flutter,
    )
    rate = round(min(max(voice.rate * manner.rate, espeak.SLOWEST), espeak.FASTEST))
    samples = espeak.synthesise(_marked_up(text.strip(), language, manner.final), language, mood.variant(), rate)
    spoken = np.flatnonzero(samples)
    sound = samples[spoken[0] : spoken[-1] + 1].astype(np.float64)
    # Integers: their sum does not depend on the order of summation.
    power = int(np.sum(samples.astype(np.int64) ** 2)) / len(sound)
    sound *= 10 ** ((LEVEL + manner.loudness) / 20) / math.sqrt(power)
    return sound


def _check(manner: Manner) -> None:
    for name, (low, high) in LIMITS.items():
        value = getattr(manner, name)
        if not low <= value <= high:  # catches NaN too
            raise UserError(f"{name}={value!r} cannot be spoken: give a number from {low} to {high}")


def _marked_up(text: str, language: str, final: float) -> str:
    """The text in SSML, with the pitch of the last word."""
    steps = round(_STEPS * final / 12)
    words = text.rstrip(_MARKS)
    last = max(len(words) - 2, 0) if language == "zh" else words.rfind(" ") + 1
    if not steps or not words[last:]:
        return escape(text)
    word = f'<prosody pitch="{_OWN + steps}">{escape(words[last:])}</prosody>'
    return escape(words[:last]) + word + escape(text[len(words) :])
