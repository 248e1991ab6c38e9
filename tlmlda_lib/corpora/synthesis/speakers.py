"""Synthetic speakers: voices of espeak-ng that differ in pitch, vocal tract and voice quality. Chapter 1.2."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tlmlda_lib.errors import UserError

#: espeak-ng's own tone curve: gains of the harmonics (128: none) at these frequencies in Hz, constant above.
_TONE = ((600, 170), (1200, 135), (2000, 110), (3000, 110), (4500, 110))

#: Frequency about which a spectral tilt turns, Hz.
_HINGE = 500


@dataclass(frozen=True)
class Voice:
    """A speaker, or a speaker in one mood.

    Attributes
    ----------
    gender : str
        "female" or "male".
    pitch : float
        Middle of the speaker's usual pitch, Hz.
    span : float
        Between the lowest and the highest usual pitch, semitones.
    tract : float
        Formant frequencies, percent of espeak-ng's (a man of usual size has 100).
    upper : float
        Formants 3 to 5 once more, percent: the part of a voice that vowels leave alone.
    width : float
        Formant bandwidths, percent.
    rate : float
        Words a minute.
    roughness : float
        Irregular glottal cycles: 0 (none) to 7.
    breath : float
        Noise in the voice: 0 (none) to 40.
    tilt : float
        dB per octave added to the spectrum of voiced sounds above 500 Hz: positive is tense, negative is lax.
    flutter : float
        Slow unsteadiness of pitch: espeak-ng's usual is 2.
    """

    gender: str
    pitch: float
    span: float = 7.0
    tract: float = 100.0
    upper: float = 100.0
    width: float = 100.0
    rate: float = 165.0
    roughness: float = 1.0
    breath: float = 0.0
    tilt: float = 0.0
    flutter: float = 2.0

    def variant(self) -> str:
        """The content of a voice-variant file for espeak-ng, in whole numbers."""
        low, high = (self.pitch * 2 ** (sign * self.span / 24) for sign in (-1, 1))
        lines = [
            "language variant",
            "name made",
            f"gender {self.gender}",
            f"pitch {round(low)} {max(round(high), round(low) + 1)}",
            f"flutter {round(max(self.flutter, 0))}",
            f"roughness {round(min(max(self.roughness, 0), 7))}",
        ]
        for i in range(9):
            shift = self.tract * (self.upper / 100 if 3 <= i <= 5 else 1)
            lines.append(f"formant {i} {round(shift)} 100 {round(self.width)}")
        if round(self.breath) > 0:
            lines.append("breath " + " ".join(str(round(self.breath * share)) for share in _BREATH))
            lines.append(f"voicing {round(100 - min(self.breath, 40))}")
        lines.append("tone " + " ".join(f"{f} {gain}" for f, gain in _tone(self.tilt)))
        return "\n".join(lines) + "\n"


#: Breath noise by formant, 1 to 8.
_BREATH = (1.0, 1.0, 0.9, 0.9, 0.7, 0.6, 0.5, 0.4)


def _tone(tilt: float) -> list[tuple[int, int]]:
    gains = [gain * 10 ** (tilt * math.log2(f / _HINGE) / 20) for f, gain in _TONE]
    most = max(255.0, *gains) / 255  # larger gains do not fit; the level is set afterwards anyway
    return [(f, max(round(gain / most), 1)) for (f, _), gain in zip(_TONE, gains, strict=True)]


def _women(*rows: tuple[float, float, float, float, float, float, float]) -> dict[str, Voice]:
    return _people("f", "female", rows)


def _men(*rows: tuple[float, float, float, float, float, float, float]) -> dict[str, Voice]:
    return _people("m", "male", rows)


def _people(letter: str, gender: str, rows: tuple[tuple[float, ...], ...]) -> dict[str, Voice]:
    names = ("pitch", "span", "tract", "upper", "width", "rate", "tilt")
    return {
        f"{letter}{i}": Voice(gender, **dict(zip(names, row, strict=True)), breath=3.0 if letter == "f" else 0.0)
        for i, row in enumerate(rows, 1)
    }


#: By language and name. Columns: pitch, span, tract, upper, width, rate, tilt.
SPEAKERS: dict[str, dict[str, Voice]] = {
    "de": {
        **_women(
            (196, 7.0, 114, 100, 110, 160, 0.0),
            (212, 6.0, 117, 103, 120, 172, -0.6),
            (185, 8.0, 111, 98, 105, 166, 0.5),
            (224, 7.5, 119, 101, 125, 155, -0.3),
        ),
        **_men(
            (112, 7.0, 99, 100, 100, 162, 0.2),
            (98, 6.0, 96, 97, 95, 152, -0.4),
            (125, 8.0, 102, 103, 110, 174, 0.6),
            (106, 6.5, 98, 102, 90, 168, 0.0),
        ),
    },
    "en": {
        **_women(
            (204, 6.5, 116, 102, 115, 176, 0.3),
            (190, 8.5, 112, 99, 105, 164, -0.2),
            (218, 7.0, 118, 104, 120, 184, 0.6),
            (180, 6.0, 113, 97, 112, 170, -0.7),
        ),
        **_men(
            (118, 7.5, 101, 99, 105, 178, 0.4),
            (92, 5.5, 95, 101, 92, 160, -0.5),
            (108, 6.5, 97, 104, 98, 186, 0.1),
            (130, 8.0, 103, 98, 112, 170, -0.1),
        ),
    },
    "zh": {
        **_women((208, 8.0, 115, 101, 115, 168, 0.2), (226, 7.0, 118, 98, 108, 180, -0.4)),
        **_men((116, 8.0, 100, 102, 100, 172, 0.4), (128, 7.0, 97, 99, 95, 162, -0.2)),
    },
}


def speaker(language: str, name: str) -> Voice:
    """A voice by its name.

    Parameters
    ----------
    language : str
        A key of `SPEAKERS`.
    name : str
        As "f1" or "m2".

    Raises
    ------
    UserError
        If the language or the name is not known.
    """
    if language not in SPEAKERS:
        raise UserError(f"language {language!r} has no speaker: use one of {', '.join(SPEAKERS)}")
    if name not in SPEAKERS[language]:
        raise UserError(f"voice {name!r} is not known in {language!r}: use one of {', '.join(SPEAKERS[language])}")
    return SPEAKERS[language][name]
