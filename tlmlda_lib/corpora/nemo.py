"""nEMO (Christop 2024): Polish, nine actors, 4481 recordings of ninety sentences. Chapter 1.2."""

from __future__ import annotations

import re
from pathlib import Path

from tlmlda_lib.corpora.facts import Facts
from tlmlda_lib.corpora.published import Parsed

FACTS = Facts(
    title="nEMO",
    layout="samples/EB0_anger_1.wav (speaker, emotion, sentence)",
    language="pl",
    files=4481,
    speakers=9,
    licence="CC BY-NC-SA 4.0",
    address="https://github.com/amu-cai/nEMO",
    sources={
        "files": "huggingface.co/datasets/amu-cai/nEMO, README.md",
        "language names licence address": "github.com/amu-cai/nEMO, README.md",
        "speakers": "github.com/amu-cai/nEMO, README.md and data.tsv",
    },
)

#: This library's names of the codes in a file's name.
EMOTIONS = dict(anger="anger", fear="fear", happiness="happy", neutral="neutral", sadness="sad", surprised="surprise")
FOLDERS: dict[str, dict[str, str]] = {}
#: By data.tsv of the corpus.
_GENDERS = dict.fromkeys(("EB0", "IC0", "KD0", "MK0"), "female") | dict.fromkeys(
    ("KS0", "MP0", "SM0", "TP0", "WR0"), "male"
)

_NAME = re.compile(r"([A-Z]{2}\d)_([a-z]+)_(\d+)", re.IGNORECASE)


def parse(file: Path) -> Parsed:
    """What a recording's name says; whether a speaker is a woman or a man is in the corpus's own table.

    Parameters
    ----------
    file : Path
        The file; it is not opened.
    """
    match = _NAME.fullmatch(file.stem)
    if match is None:
        return None
    speaker, code, sentence = match[1].upper(), match[2].lower(), match[3]
    if speaker not in _GENDERS:
        # Names of this form are common elsewhere: only one with an emotion of nEMO is reported.
        known = ", ".join(sorted(_GENDERS))
        return (
            f"has the speaker {speaker!r}, which is not one of nEMO's ({known}): left out" if code in EMOTIONS else None
        )
    if code not in EMOTIONS:
        return f"has the emotion {code!r}, which is not one of nEMO's ({', '.join(EMOTIONS)}): left out"
    return {"emotion": EMOTIONS[code], "speaker": speaker, "gender": _GENDERS[speaker], "item": sentence}
