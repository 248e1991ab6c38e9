"""CaFE (Gournay et al. 2018): Canadian French, twelve actors, 936 recordings of six sentences. Chapter 1.2."""

from __future__ import annotations

import re
from pathlib import Path

from tlmlda_lib.corpora.facts import Facts
from tlmlda_lib.corpora.published import Parsed

FACTS = Facts(
    title="CaFE",
    layout="Colère/Faible/01-C-1-1.wav (actor, emotion, intensity, sentence)",
    language="fr",
    files=936,
    speakers=12,
    licence="CC BY-NC-SA 4.0",
    address="https://zenodo.org/record/1478765",
    sources={
        "language files speakers address": "github.com/emo-box/EmoBox, README.md",
        "names": "github.com/emo-box/EmoBox, EmoBox/preprocess/scripts/cafe.py and data/cafe/label_map.json",
        "licence": "LeBenchmark, data_preprocessing, README.md, by the identifier 10.5281/zenodo.1478765",
    },
)

#: This library's names of the codes in a file's name.
EMOTIONS = dict(C="anger", D="disgust", P="fear", J="happy", N="neutral", T="sad", S="surprise")
FOLDERS = {
    folder: {"emotion": EMOTIONS[folder[0].upper()]}
    for folder in ("colère", "dégoût", "peur", "joie", "neutre", "tristesse", "surprise")
}

_NAME = re.compile(r"(\d\d)-([a-z])-(?:(\d)-)?(\d)", re.IGNORECASE)


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
    actor, code, intensity, sentence = match.groups()
    if code.upper() not in EMOTIONS:
        return FACTS.no_code(code, EMOTIONS)
    if not 1 <= int(actor) <= 12:
        return f"has the actor {actor}, who is not one of CaFE's (01 to 12): left out"
    return {
        "emotion": EMOTIONS[code.upper()],
        "speaker": actor,
        "gender": "male"
        if int(actor) % 2
        else "female",  # github.com/emo-box/EmoBox, EmoBox/preprocess/scripts/cafe.py
        "item": f"{intensity or 1}-{sentence}",
    }
