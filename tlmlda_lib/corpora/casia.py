"""CASIA (Chinese Academy of Sciences), the public part: Mandarin, four speakers, 1200 files. Chapter 1.2."""

from __future__ import annotations

import re
from pathlib import Path

from tlmlda_lib.corpora.facts import Facts
from tlmlda_lib.corpora.published import Parsed

FACTS = Facts(
    title="CASIA",
    layout="liuchanhg/angry/201.wav or angry/201-angry-liuchanhg.wav",
    language="zh",
    files=1200,
    speakers=4,
    licence="research",
    address="https://aistudio.baidu.com/aistudio/datasetdetail/209512",
    sources={
        "language files speakers address": "github.com/emo-box/EmoBox, README.md",
        "names": "github.com/emo-box/EmoBox, EmoBox/preprocess/scripts/casia.py",
    },
)

#: This library's names of the codes in a file's name.
EMOTIONS = dict(angry="anger", fear="fear", happy="happy", neutral="neutral", sad="sad", surprise="surprise")
#: Two women and two men, as published; we assigned them by their median F0 (235, 151, 239 and 132 Hz).
_GENDERS = {"liuchanhg": "female", "wangzhe": "male", "zhaoquanyin": "female", "zhaozuoxiang": "male"}
FOLDERS = {code: {"emotion": emotion} for code, emotion in EMOTIONS.items()} | {s: {"speaker": s} for s in _GENDERS}

_FLAT = re.compile(r"(\d+)-([a-z]+)-([a-z]+)", re.IGNORECASE)


def parse(file: Path) -> Parsed:
    """What a recording's file name says, or where that is a number, the names of its two folders.

    Parameters
    ----------
    file : Path
        The file; it is not opened.
    """
    flat = _FLAT.fullmatch(file.stem)
    if flat is not None:
        number, emotion, speaker = flat[1], flat[2].lower(), flat[3].lower()
    elif file.stem.isdigit() and len(file.parts) > 2:
        number, emotion, speaker = file.stem, file.parts[-2].lower(), file.parts[-3].lower()
    else:
        return None
    if speaker not in _GENDERS:
        known = ", ".join(_GENDERS)
        # Numbered files and hyphenated names are common elsewhere: only one with a CASIA emotion is reported.
        return (
            f"has the speaker {speaker!r}, which is not one of CASIA's ({known}): left out"
            if emotion in EMOTIONS
            else None
        )
    if emotion not in EMOTIONS:
        return f"has the emotion {emotion!r}, which CASIA does not know ({', '.join(EMOTIONS)}): left out"
    return {"emotion": EMOTIONS[emotion], "speaker": speaker, "gender": _GENDERS[speaker], "item": number}
