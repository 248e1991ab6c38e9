"""MESD (Duville et al. 2021): Mexican Spanish, single words of adults and children, 862 recordings. Chapter 1.2.

Names tell the kind of voice (woman, man, child), not which of the eleven speakers it is. The kind stands for the
speaker: no speaker is then on both sides of a split by speakers.
"""

from __future__ import annotations

import re
from pathlib import Path

from tlmlda_lib.corpora.facts import Facts
from tlmlda_lib.corpora.published import Parsed

FACTS = Facts(
    title="MESD",
    layout="Anger_F_A_abajo.wav (emotion, kind of voice, list of words, word)",
    language="es",
    files=862,
    speakers=11,
    licence="CC BY 4.0",
    address="https://data.mendeley.com/datasets/cy34mh68j9/5",
    sources={
        "language files speakers": "github.com/emo-box/EmoBox, README.md",
        "names": "github.com/emo-box/EmoBox, EmoBox/preprocess/scripts/mesd.py",
        "licence address": "github.com/audeering/datasets, datasets/mesd/1.0.0/convert.py",
    },
)

#: This library's names of the codes in a file's name.
EMOTIONS = dict(anger="anger", disgust="disgust", fear="fear", happiness="happy", neutral="neutral", sadness="sad")
FOLDERS: dict[str, dict[str, str]] = {}
_GENDERS = {"F": {"gender": "female"}, "M": {"gender": "male"}, "C": {}}

_NAME = re.compile(r"([a-z]+)_([FMC])_([AB])_(?:L(\d)_)?(\w.*)", re.IGNORECASE)


def parse(file: Path) -> Parsed:
    """What a recording's name says. A number after L marks a copy of lower quality.

    Parameters
    ----------
    file : Path
        The file; it is not opened.
    """
    match = _NAME.fullmatch(file.stem)
    if match is None:
        return None
    code, voice, words, level, word = match.groups()
    if code.lower() not in EMOTIONS:
        return f"has the emotion {code!r}, which is not one of MESD's ({', '.join(EMOTIONS)}): left out"
    said = {"emotion": EMOTIONS[code.lower()], "speaker": voice.upper(), "item": f"{words}-{word}"}
    return {**said, **_GENDERS[voice.upper()], "copy": int(level or 0)}
