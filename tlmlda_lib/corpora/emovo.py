"""EMOVO (Costantini et al. 2014): Italian, six actors, 588 recordings of 14 sentences. Chapter 1.2."""

from __future__ import annotations

import re
from pathlib import Path

from tlmlda_lib.corpora.facts import Facts
from tlmlda_lib.corpora.published import Parsed

FACTS = Facts(
    title="EMOVO",
    layout="f1/dis-f1-b1.wav (emotion, sex and speaker, sentence)",
    language="it",
    files=588,
    speakers=6,
    licence="research",
    address="http://voice.fub.it/activities/corpora/emovo/index.html",
    sources={
        "language files speakers address": "github.com/emo-box/EmoBox, README.md",
        "names": "github.com/emo-box/EmoBox, EmoBox/preprocess/scripts/emovo.py",
    },
)

#: This library's names of the codes in a file's name: rabbia, disgusto, paura, gioia, neutro, tristezza, sorpresa.
EMOTIONS = dict(rab="anger", dis="disgust", pau="fear", gio="happy", neu="neutral", tri="sad", sor="surprise")
FOLDERS = {speaker: {"speaker": speaker} for speaker in ("f1", "f2", "f3", "m1", "m2", "m3")}

_NAME = re.compile(r"([a-z]{3})-([fm])(\d)-([a-z]\d)", re.IGNORECASE)


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
    code, sex, number, sentence = (part.lower() for part in match.groups())
    if code not in EMOTIONS:
        return FACTS.no_code(code, EMOTIONS)
    if sex + number not in FOLDERS:
        return f"has the speaker {sex + number!r}, which is not one of EMOVO's ({', '.join(FOLDERS)}): left out"
    gender = "female" if sex == "f" else "male"
    return {"emotion": EMOTIONS[code], "speaker": sex + number, "gender": gender, "item": sentence}
