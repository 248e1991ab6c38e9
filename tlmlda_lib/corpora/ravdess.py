"""RAVDESS, the speech part (Livingstone & Russo 2018): English, 24 actors, 1440 files. Chapter 1.2."""

from __future__ import annotations

import re
from pathlib import Path

from tlmlda_lib.corpora.table import Parsed

TITLE = "RAVDESS speech"
LAYOUT = "Actor_01/03-01-05-01-02-01-01.wav (modality, channel, emotion, intensity, statement, repetition, actor)"

_NAME = re.compile(r"(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)")
#: This library's names of the codes in a file's name.
EMOTIONS = dict(
    zip(
        ("01", "02", "03", "04", "05", "06", "07", "08"),
        ("neutral", "calm", "happy", "sad", "anger", "fear", "disgust", "surprise"),
        strict=True,
    )
)


def parse(file: Path) -> Parsed:
    """The table row of a recording, from its file name.

    Parameters
    ----------
    file : Path
        The file; it is not opened.
    """
    match = _NAME.fullmatch(file.stem)
    if match is None:
        return None
    _, channel, emotion, _, _, _, actor = match.groups()
    if channel != "01":
        return f"has the vocal channel {channel} (01 is speech, 02 song): left out"
    if emotion not in EMOTIONS:
        return f"has the emotion code {emotion}, which is not one of RAVDESS's (01 to 08): left out"
    if not 1 <= int(actor) <= 24:
        return f"has the actor {actor}, who is not one of RAVDESS's (01 to 24): left out"
    return {
        "emotion": EMOTIONS[emotion],
        "speaker": actor,
        "gender": "male" if int(actor) % 2 else "female",  # published: odd numbers are male
        "language": "en",
        "corpus": "ravdess",
    }
