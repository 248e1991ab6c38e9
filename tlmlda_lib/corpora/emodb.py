"""EmoDB, the Berlin database (Burkhardt et al. 2005): German, ten actors, 535 files. Chapter 1.2."""

from __future__ import annotations

import re
from pathlib import Path

from tlmlda_lib.corpora.table import Parsed

TITLE = "EmoDB (Berlin)"
LAYOUT = "wav/03a01Fa.wav (speaker, text, emotion, version)"

_NAME = re.compile(r"(\d\d)([ab]\d\d)([a-z])([a-z])", re.IGNORECASE)
#: This library's names of the codes in a file's name.
EMOTIONS = dict(W="anger", L="boredom", E="disgust", A="fear", F="happy", T="sad", N="neutral")
#: Published with the corpus.
_GENDERS = dict.fromkeys(("03", "10", "11", "12", "15"), "male") | dict.fromkeys(
    ("08", "09", "13", "14", "16"), "female"
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
    speaker, _, code, _ = match.groups()
    if code.upper() not in EMOTIONS:
        return f"has the emotion code {code!r}, which is not one of EmoDB's ({', '.join(EMOTIONS)}): left out"
    if speaker not in _GENDERS:
        return f"has the speaker {speaker!r}, which is not one of EmoDB's ({', '.join(sorted(_GENDERS))}): left out"
    return {
        "emotion": EMOTIONS[code.upper()],
        "speaker": speaker,
        "gender": _GENDERS[speaker],
        "language": "de",
        "corpus": "emodb",
    }
