"""URDU (Latif et al. 2018): Urdu, television talk shows, 400 clips of 29 speakers. Chapter 1.2."""

from __future__ import annotations

import re
from pathlib import Path

from tlmlda_lib.corpora.facts import Facts
from tlmlda_lib.corpora.published import Parsed

FACTS = Facts(
    title="URDU",
    layout="Angry/SM1_F12_A012.wav (sex and speaker, file, emotion)",
    language="ur",
    files=400,
    speakers=29,
    licence="research only",
    address="https://github.com/siddiquelatif/URDU-Dataset",
    sources={
        "language files licence address": "github.com/siddiquelatif/URDU-Dataset, README.md",
        "names": "github.com/emo-box/EmoBox, EmoBox/preprocess/scripts/urdu.py",
        "speakers": "github.com/emo-box/EmoBox, README.md",
    },
)

#: This library's names of the codes in a file's name.
EMOTIONS = {"A": "anger", "H": "happy", "N": "neutral", "S": "sad"}
FOLDERS = {folder: {"emotion": EMOTIONS[folder[0].upper()]} for folder in ("angry", "happy", "neutral", "sad")}

_NAME = re.compile(r"(S([MF])\d+)_F(\d+)_([A-Z])(\d+)", re.IGNORECASE)


def parse(file: Path) -> Parsed:
    """What a recording's name says.

    Parameters
    ----------
    file : Path
        The file; it is not opened.
    """
    match = _NAME.fullmatch(file.stem)
    if match is None:
        return None
    speaker, sex, number, code, of_emotion = match.groups()
    if code.upper() not in EMOTIONS:
        return FACTS.no_code(code, EMOTIONS)
    return {
        "emotion": EMOTIONS[code.upper()],
        "speaker": speaker.upper(),
        "gender": "male" if sex.upper() == "M" else "female",
        "item": f"{number}-{of_emotion}",
    }
