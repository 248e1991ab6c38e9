"""URDU (Latif et al. 2018): Urdu, television talk shows, 400 clips of 29 speakers. Chapter 1.2."""

from __future__ import annotations

import re
from pathlib import Path

from tlmlda_lib.corpora.table import Parsed

TITLE = "URDU"
LAYOUT = "Angry/SM1_F12_A012.wav (sex and speaker, file, emotion)"

#: This library's names of the codes in a file's name.
EMOTIONS = {"A": "anger", "H": "happy", "N": "neutral", "S": "sad"}
_NAME = re.compile(r"(S([MF])\d+)_F\d+_([A-Z])\d+", re.IGNORECASE)


def parse(file: Path) -> Parsed:
    """The table row of a recording, from its file name.

    Parameters
    ----------
    file : Path
        The file; it is not opened.
    """
    match = _NAME.fullmatch(file.stem)
    if match is None:
        return None
    speaker, sex, code = match.groups()
    if code.upper() not in EMOTIONS:
        return f"has the emotion code {code!r}, which is not one of URDU's ({', '.join(EMOTIONS)}): left out"
    return {
        "emotion": EMOTIONS[code.upper()],
        "speaker": speaker.upper(),
        "gender": "male" if sex.upper() == "M" else "female",
        "language": "ur",
        "corpus": "urdu",
    }
