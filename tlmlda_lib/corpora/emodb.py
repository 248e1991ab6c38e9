"""EmoDB, the Berlin database (Burkhardt et al. 2005): German, ten actors, 535 files. Chapter 1.2."""

from __future__ import annotations

import re
from pathlib import Path

from tlmlda_lib.corpora.facts import Facts
from tlmlda_lib.corpora.published import Parsed

FACTS = Facts(
    title="EmoDB (Berlin)",
    layout="wav/03a01Fa.wav (speaker, text, emotion, version)",
    language="de",
    files=535,
    speakers=10,
    licence="CC0 1.0",
    address="http://emodb.bilderbar.info/index-1280.html",
    sources={
        "language files speakers": "github.com/emo-box/EmoBox, README.md",
        "names": "emodb.bilderbar.info/docu/, as e-com-net.com/article/1275696281754288128.htm copies it",
        "licence address": "github.com/audeering/datasets, datasets/emodb/README.md",
    },
)

#: This library's names of the codes in a file's name.
EMOTIONS = dict(W="anger", L="boredom", E="disgust", A="fear", F="happy", T="sad", N="neutral")
FOLDERS: dict[str, dict[str, str]] = {}

_NAME = re.compile(r"(\d\d)([ab]\d\d)([a-z])([a-z])", re.IGNORECASE)
#: Published with the corpus.
_GENDERS = dict.fromkeys(("03", "10", "11", "12", "15"), "male") | dict.fromkeys(
    ("08", "09", "13", "14", "16"), "female"
)


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
    speaker, text, code, version = match.groups()
    if code.upper() not in EMOTIONS:
        return f"has the emotion code {code!r}, which is not one of EmoDB's ({', '.join(EMOTIONS)}): left out"
    if speaker not in _GENDERS:
        return f"has the speaker {speaker!r}, which is not one of EmoDB's ({', '.join(sorted(_GENDERS))}): left out"
    return {
        "emotion": EMOTIONS[code.upper()],
        "speaker": speaker,
        "gender": _GENDERS[speaker],
        "item": text + version,
    }
