"""eNTERFACE'05 (Martin et al. 2006): English, 43 subjects, 1287 clips whose sound lies in AVI files. Chapter 1.2."""

from __future__ import annotations

import re
from pathlib import Path

from tlmlda_lib.corpora.table import Parsed

TITLE = "eNTERFACE'05"
LAYOUT = "subject 1/anger/sentence 1/s1_an_1.avi (or extracted .wav; subject 6 has no sentence folders)"

# s1_an_1, S12_FE_3, s3_ha1, s_6_sa_2: names vary in case and in where the underscores are.
_NAME = re.compile(r"s_?(\d{1,2})_?(an|di|fe|ha|sa|su)_?(\d)", re.IGNORECASE)
_LIKE = re.compile(r"s_?(\d{1,2})_?([a-z]{2})_?(\d)", re.IGNORECASE)
#: This library's names of the codes in a file's name.
EMOTIONS = dict(an="anger", di="disgust", fe="fear", ha="happy", sa="sad", su="surprise")


def parse(file: Path) -> Parsed:
    """The table row of a recording, from its file name. The name does not give the subject's gender: it is missing.

    Parameters
    ----------
    file : Path
        The file; it is not opened.
    """
    match = _NAME.fullmatch(file.stem)
    if match is None:
        like = _LIKE.fullmatch(file.stem)
        if like is None:
            return None
        return f"has the emotion code {like[2]!r}, which is not one of eNTERFACE'05's ({', '.join(EMOTIONS)}): left out"
    subject, code, _ = match.groups()
    if not 1 <= int(subject) <= 44:
        return f"has the subject {subject}, which is not one of eNTERFACE'05's (1 to 44): left out"
    return {"emotion": EMOTIONS[code.lower()], "speaker": str(int(subject)), "language": "en", "corpus": "enterface"}
