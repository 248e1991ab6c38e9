"""SAVEE (Haq and Jackson 2009): British English, four men, 480 recordings. Chapter 1.2."""

from __future__ import annotations

import re
from pathlib import Path

from tlmlda_lib.corpora.facts import Facts
from tlmlda_lib.corpora.published import Parsed

FACTS = Facts(
    title="SAVEE",
    layout="AudioData/DC/a01.wav (speaker, emotion and sentence) or DC_a01.wav",
    language="en",
    files=480,
    speakers=4,
    licence="research",
    address="http://personal.ee.surrey.ac.uk/Personal/P.Jackson/SAVEE/Register.html",
    sources={
        "language files speakers": "github.com/emo-box/EmoBox, README.md",
        "names": "AudioData/Info.txt of the corpus; github.com/emo-box/EmoBox, EmoBox/preprocess/scripts/savee.py",
        "address": "github.com/felixbur/nkululeko, data/savee/README.md: after registration",
    },
)

#: This library's names of the codes in a file's name; AudioData/Info.txt of the corpus has them.
EMOTIONS = dict(a="anger", d="disgust", f="fear", h="happy", n="neutral", sa="sad", su="surprise")
FOLDERS = {speaker: {"speaker": speaker.upper()} for speaker in ("dc", "je", "jk", "kl")}

_NAME = re.compile(r"(?:(DC|JE|JK|KL)_)?([a-z]{1,2})(\d\d)", re.IGNORECASE)


def parse(file: Path) -> Parsed:
    """What a recording's name says, and its folder's where the name has no speaker.

    Parameters
    ----------
    file : Path
        The file; it is not opened.
    """
    match = _NAME.fullmatch(file.stem)
    speaker = file.parent.name.upper() if match is None or match[1] is None else match[1].upper()
    if match is None or speaker.lower() not in FOLDERS:
        return None
    code = match[2].lower()
    if code not in EMOTIONS:
        return FACTS.no_code(code, EMOTIONS)
    return {"emotion": EMOTIONS[code], "speaker": speaker, "gender": "male", "item": match[3]}
