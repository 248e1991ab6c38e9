"""ASED (Retta et al. 2022): Amharic, 65 speakers, 2474 recordings that judges accepted. Chapter 1.2."""

from __future__ import annotations

import re
from pathlib import Path

from tlmlda_lib.corpora.facts import Facts
from tlmlda_lib.corpora.published import Parsed

FACTS = Facts(
    title="ASED",
    layout="Angry/a5-03-01-02-50.wav (emotion and folder, sentence, repetition, sex, speaker)",
    language="am",
    files=2474,
    speakers=65,
    licence="not stated by its makers",
    address="https://github.com/Ethio2021/ASED_V1",
    sources={
        "language names files speakers licence address": "github.com/Ethio2021/ASED_V1, README.md",
    },
)

#: This library's names of the codes in a file's name.
EMOTIONS = dict(a="anger", f="fear", h="happy", n="neutral", s="sad")
FOLDERS = {
    folder: {"emotion": emotion}
    for emotion, folders in {
        "anger": ("anger", "angry"),
        "fear": ("fear", "fearful"),
        "happy": ("happy", "happiness"),
        "neutral": ("neutral",),
        "sad": ("sad", "sadness"),
    }.items()
    for folder in folders
}

_NAME = re.compile(r"([a-z])(\d)-(\d\d)-(\d\d)-(0[12])-(\d\d)", re.IGNORECASE)


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
    code, folder, sentence, repetition, sex, speaker = match.groups()
    if code.lower() not in EMOTIONS:
        return FACTS.no_code(code, EMOTIONS)
    return {
        "emotion": EMOTIONS[code.lower()],
        "speaker": speaker,
        "gender": "female" if sex == "01" else "male",
        "item": f"{folder}-{sentence}-{repetition}",
    }
