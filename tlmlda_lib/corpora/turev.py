"""TurEV-DB (Canpolat et al. 2020): Turkish, single words, six speakers, 1735 files. Chapter 1.2."""

from __future__ import annotations

import re
from pathlib import Path

from tlmlda_lib.corpora.facts import Facts
from tlmlda_lib.corpora.published import Parsed

FACTS = Facts(
    title="TurEV-DB",
    layout="Angry/1157_kz_deve.wav (speaker, emotion, word)",
    language="tr",
    files=1735,
    speakers=6,
    licence="CC BY-NC-ND 4.0",
    address="https://github.com/Xeonen/TurEV-DB",
    sources={
        "language files speakers address": "github.com/emo-box/EmoBox, README.md",
        "names": "github.com/emo-box/EmoBox, EmoBox/preprocess/scripts/turevdb.py, and the corpus's own folders",
        "licence": "github.com/Xeonen/TurEV-DB, README.md",
    },
)

#: This library's names of the codes in a file's name: kızgın, sakin, mutlu, hüzünlü.
EMOTIONS = {"kz": "anger", "sk": "calm", "mt": "happy", "hl": "sad"}
FOLDERS = {
    folder: {"emotion": emotion}
    for folder, emotion in (("angry", "anger"), ("calm", "calm"), ("happy", "happy"), ("sad", "sad"))
}

_NAME = re.compile(r"(\d{4})_([a-z]{2})_([a-z]\w*)", re.IGNORECASE)


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
    speaker, code, word = match.groups()
    if code.lower() not in EMOTIONS:
        return FACTS.no_code(code, EMOTIONS)
    return {"emotion": EMOTIONS[code.lower()], "speaker": speaker, "item": word}
