"""CREMA-D (Cao et al. 2014): American English, 91 actors, 7442 clips of twelve sentences. Chapter 1.2."""

from __future__ import annotations

import re
from pathlib import Path

from tlmlda_lib.corpora.facts import Facts
from tlmlda_lib.corpora.published import Parsed

FACTS = Facts(
    title="CREMA-D",
    layout="AudioWAV/1001_DFA_ANG_XX.wav (actor, sentence, emotion, level)",
    language="en",
    files=7442,
    speakers=91,
    licence="ODbL 1.0, contents DbCL 1.0",
    address="https://github.com/CheyneyComputerScience/CREMA-D",
    sources={
        "language": "github.com/emo-box/EmoBox, README.md",
        "names": "github.com/emo-box/EmoBox, EmoBox/preprocess/scripts/cremad.py and data/cremad/label_map.json",
        "files speakers address": "github.com/CheyneyComputerScience/CREMA-D, README.md",
        "licence": "github.com/CheyneyComputerScience/CREMA-D, LICENSE.txt",
    },
)

#: This library's names of the codes in a file's name. Listeners' votes lie beside the sound; they are not read.
EMOTIONS = dict(ANG="anger", DIS="disgust", FEA="fear", HAP="happy", NEU="neutral", SAD="sad")
FOLDERS: dict[str, dict[str, str]] = {}

_NAME = re.compile(r"(1\d{3})_([A-Z]{3})_([A-Z]{3})_([A-Z]{1,2})", re.IGNORECASE)
#: The actresses among 1001 to 1091, by VideoDemographics.csv of the corpus.
_WOMEN = frozenset(
    1000 + n
    for n in (
        *(2, 3, 4, 6, 7, 8, 9, 10, 12, 13, 18, 20, 21, 24, 25, 28, 29, 30, 37, 43, 46, 47, 49, 52, 53, 54, 55, 56),
        *(58, 60, 61, 63, 72, 73, 74, 75, 76, 78, 79, 82, 84, 89, 91),
    )
)


def parse(file: Path) -> Parsed:
    """What a recording's name says; whether an actor is a woman or a man is in the corpus's own table.

    Parameters
    ----------
    file : Path
        The file; it is not opened.
    """
    match = _NAME.fullmatch(file.stem)
    if match is None:
        return None
    actor, sentence, code, level = match.groups()
    if code.upper() not in EMOTIONS:
        return FACTS.no_code(code, EMOTIONS)
    if not 1001 <= int(actor) <= 1091:
        return f"has the actor {actor}, who is not one of CREMA-D's (1001 to 1091): left out"
    return {
        "emotion": EMOTIONS[code.upper()],
        "speaker": actor,
        "gender": "female" if int(actor) in _WOMEN else "male",
        "item": f"{sentence}-{level}",
    }
