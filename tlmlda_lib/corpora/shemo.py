"""ShEMO (Mohamad Nezami et al. 2019): Persian, radio plays, 87 speakers, 3000 utterances. Chapter 1.2."""

from __future__ import annotations

import re
from pathlib import Path

from tlmlda_lib.corpora.facts import Facts
from tlmlda_lib.corpora.published import Parsed

FACTS = Facts(
    title="ShEMO",
    layout="female/F21N37.wav (sex and speaker, emotion, number)",
    language="fa",
    files=3000,
    speakers=87,
    licence="academic purposes, free of charge",
    address="https://github.com/mansourehk/ShEMO",
    sources={
        "language files speakers licence address": "github.com/mansourehk/ShEMO, README.md",
        "names": "github.com/felixbur/nkululeko, data/shemo/process_database.py",
    },
)

#: This library's names of the codes in a file's name.
EMOTIONS = dict(A="anger", F="fear", H="happy", N="neutral", S="sad", W="surprise")
FOLDERS = {"female": {"gender": "female"}, "male": {"gender": "male"}}

_NAME = re.compile(r"(([FM])\d\d)([A-Z])(\d\d)", re.IGNORECASE)


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
    speaker, sex, code, number = (part.upper() for part in match.groups())
    if code not in EMOTIONS:
        return FACTS.no_code(code, EMOTIONS)
    gender = "female" if sex == "F" else "male"
    return {"emotion": EMOTIONS[code], "speaker": speaker, "gender": gender, "item": number}
