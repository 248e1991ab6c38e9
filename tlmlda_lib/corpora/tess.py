"""TESS (Pichora-Fuller and Dupuis 2010): Canadian English, two actresses, 2800 words. Chapter 1.2."""

from __future__ import annotations

import re
from pathlib import Path

from tlmlda_lib.corpora.facts import Facts
from tlmlda_lib.corpora.published import Parsed

FACTS = Facts(
    title="TESS",
    layout="OAF_angry/OAF_back_angry.wav (speaker, word, emotion)",
    language="en",
    files=2800,
    speakers=2,
    licence="CC BY-NC-ND 4.0",
    address="https://tspace.library.utoronto.ca/handle/1807/24487",
    sources={
        "language files speakers address": "github.com/emo-box/EmoBox, README.md",
        "names": "github.com/emo-box/EmoBox, EmoBox/preprocess/scripts/tess.py and data/tess/label_map.json",
        "licence": "github.com/tsagketas/demokritos-ml-project, datasets/tess/README.md",
    },
)

#: This library's names of the codes in a file's name; "ps" is a pleasant surprise.
EMOTIONS = dict(
    angry="anger", disgust="disgust", fear="fear", happy="happy", neutral="neutral", sad="sad", ps="surprise"
)
#: The older and the younger actress; one name of the corpus, OA_bite_neutral, lacks a letter.
_SPEAKERS = {"OAF": "OAF", "OA": "OAF", "YAF": "YAF"}
FOLDERS = {
    f"{speaker.lower()}_{folder}": {"speaker": speaker, "emotion": emotion}
    for speaker in ("OAF", "YAF")
    for folder, emotion in (*EMOTIONS.items(), ("pleasant_surprise", "surprise"), ("pleasant_surprised", "surprise"))
}

_NAME = re.compile(r"(OAF?|YAF)_([a-z]+)_([a-z]+)", re.IGNORECASE)


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
    code = match[3].lower()
    if code not in EMOTIONS:
        return f"has the emotion {code!r}, which is not one of TESS's ({', '.join(EMOTIONS)}): left out"
    return {
        "emotion": EMOTIONS[code],
        "speaker": _SPEAKERS[match[1].upper()],
        "gender": "female",
        "item": match[2],
    }
