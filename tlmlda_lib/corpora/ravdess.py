"""RAVDESS, the speech part (Livingstone & Russo 2018): English, 24 actors, 1440 files. Chapter 1.2."""

from __future__ import annotations

import re
from pathlib import Path

from tlmlda_lib.corpora.facts import Facts
from tlmlda_lib.corpora.published import Parsed

FACTS = Facts(
    title="RAVDESS speech",
    layout="Actor_01/03-01-05-01-02-01-01.wav (modality, channel, emotion, intensity, statement, repetition, actor)",
    language="en",
    files=1440,
    speakers=24,
    licence="CC BY-NC-SA 4.0",
    address="https://zenodo.org/records/1188976",
    sources={
        "language files speakers": "github.com/emo-box/EmoBox, README.md",
        "names": "github.com/emo-box/EmoBox, EmoBox/preprocess/scripts/ravdess.py",
        "licence": "huggingface.co/datasets/birgermoell/ravdess, README.md",
        "address": "huggingface.co/datasets/eschmechel/stormhacks-lipread-eval",
    },
)

#: This library's names of the codes in a file's name.
EMOTIONS = dict(
    zip(
        ("01", "02", "03", "04", "05", "06", "07", "08"),
        ("neutral", "calm", "happy", "sad", "anger", "fear", "disgust", "surprise"),
        strict=True,
    )
)
FOLDERS = {f"actor_{actor:02d}": {"speaker": f"{actor:02d}"} for actor in range(1, 25)}

_NAME = re.compile(r"(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)")


def parse(file: Path) -> Parsed:
    """What a recording's name says. The modality is a form: the sound of a video is that of its audio file.

    Parameters
    ----------
    file : Path
        The file; it is not opened.
    """
    match = _NAME.fullmatch(file.stem)
    if match is None:
        return None
    _, channel, emotion, intensity, statement, repetition, actor = match.groups()
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
        "item": f"{intensity}-{statement}-{repetition}",
    }
