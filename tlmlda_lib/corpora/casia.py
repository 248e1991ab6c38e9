"""CASIA (Chinese Academy of Sciences), the public part: Mandarin, four speakers, 1200 files. Chapter 1.2."""

from __future__ import annotations

import re
from pathlib import Path

from tlmlda_lib.corpora.table import Parsed

TITLE = "CASIA"
LAYOUT = "liuchanhg/angry/201.wav or angry/201-angry-liuchanhg.wav"

#: This library's names of the codes in a file's name.
EMOTIONS = dict(angry="anger", fear="fear", happy="happy", neutral="neutral", sad="sad", surprise="surprise")
#: Two women and two men, as published; we assigned them by their median F0 (235, 151, 239 and 132 Hz).
_GENDERS = {"liuchanhg": "female", "wangzhe": "male", "zhaoquanyin": "female", "zhaozuoxiang": "male"}
_FLAT = re.compile(r"(\d+)-([a-z]+)-([a-z]+)", re.IGNORECASE)


def parse(file: Path) -> Parsed:
    """The table row of a recording, from its file name or the names of its two folders.

    Parameters
    ----------
    file : Path
        The file; it is not opened.
    """
    flat = _FLAT.fullmatch(file.stem)
    if flat is not None:
        emotion, speaker = flat[2].lower(), flat[3].lower()
    elif file.stem.isdigit() and len(file.parts) > 2:
        emotion, speaker = file.parts[-2].lower(), file.parts[-3].lower()
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
    return {
        "emotion": EMOTIONS[emotion],
        "speaker": speaker,
        "gender": _GENDERS[speaker],
        "language": "zh",
        "corpus": "casia",
    }
