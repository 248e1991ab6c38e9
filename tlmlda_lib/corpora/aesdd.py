"""AESDD (Vryzas et al. 2018): Greek, six actors, 604 recordings of some twenty sentences. Chapter 1.2."""

from __future__ import annotations

import re
from pathlib import Path

from tlmlda_lib.corpora.facts import Facts
from tlmlda_lib.corpora.published import Parsed

FACTS = Facts(
    title="AESDD",
    layout="anger/a03 (4).wav (emotion and sentence, speaker); f18 (5)b.wav is a second take",
    language="el",
    files=604,
    speakers=6,
    licence="CC BY 4.0",  # of a copy on Hugging Face; its makers' page was not found
    address="http://m3c.web.auth.gr/research/aesdd-speech-emotion-recognition/",
    sources={
        "language files address": "github.com/emo-box/EmoBox, README.md",
        "names": "github.com/emo-box/EmoBox, EmoBox/preprocess/scripts/aesdd.py and data/aesdd/aesdd.jsonl",
        "speakers": "huggingface.co/datasets/EdwardLin2023/AESDD: numbered from 1 to 6",
    },
)

#: This library's names of the codes in a file's name.
EMOTIONS = dict(a="anger", d="disgust", f="fear", h="happy", s="sad")
FOLDERS = {folder: {"emotion": EMOTIONS[folder[0]]} for folder in ("anger", "disgust", "fear", "happiness", "sadness")}

_NAME = re.compile(r"([a-z])(\d\d) ?\((\d)\) ?([a-z]?)", re.IGNORECASE)


def parse(file: Path) -> Parsed:
    """What a recording's name says. Whether a speaker is a woman or a man is not published.

    Parameters
    ----------
    file : Path
        The file; it is not opened.
    """
    match = _NAME.fullmatch(file.stem)
    if match is None:
        return None
    code, sentence, speaker, take = (part.lower() for part in match.groups())
    if code not in EMOTIONS:
        return FACTS.no_code(code, EMOTIONS)
    return {"emotion": EMOTIONS[code], "speaker": speaker, "item": sentence + take}
