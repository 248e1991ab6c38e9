"""eNTERFACE'05 (Martin et al. 2006): English, 42 subjects, 1287 clips whose sound lies in AVI files. Chapter 1.2."""

from __future__ import annotations

import re
from pathlib import Path

from tlmlda_lib.corpora.facts import Facts
from tlmlda_lib.corpora.published import Parsed

FACTS = Facts(
    title="eNTERFACE'05",
    layout="subject 1/anger/sentence 1/s1_an_1.avi (or extracted .wav; subject 6 has no sentence folders)",
    language="en",
    files=1287,
    speakers=42,
    licence="scientific research",
    address="https://enterface.net/enterface05/emotion.html",
    sources={
        "files": "the paper, Section 3.1, as chapter 1.2 quotes it",
        "names": "github.com/felixbur/nkululeko, data/enterface/process_database.py",
        "language speakers address": "enterface.net/enterface05/emotion.html",
        "licence": "doi.org/10.1109/ICDEW.2006.145, abstract",
    },
    # Clips of subject 11 are named after subject 12: github.com/felixbur/nkululeko, data/enterface/process_database.py.
    trusts="folder",
)

#: This library's names of the codes in a file's name.
EMOTIONS = dict(an="anger", di="disgust", fe="fear", ha="happy", sa="sad", su="surprise")
FOLDERS = {
    **{f"subject {subject}": {"speaker": str(subject)} for subject in range(1, 45)},
    **{f"sentence {sentence}": {"item": str(sentence)} for sentence in range(1, 6)},
    **{emotion: {"emotion": emotion} for emotion in ("anger", "disgust", "fear", "surprise")},
    **{"happiness": {"emotion": "happy"}, "sadness": {"emotion": "sad"}},
}

# s1_an_1, S12_FE_3, s3_ha1, s_6_sa_2, s16_su_3avi: names vary in case and in where the underscores are.
_NAME = re.compile(r"s_?(\d{1,2})_?(an|di|fe|ha|sa|su)_?(\d)(?:avi)?", re.IGNORECASE)
_LIKE = re.compile(r"s_?(\d{1,2})_?([a-z]{2})_?(\d)", re.IGNORECASE)


def parse(file: Path) -> Parsed:
    """What a recording's name says. It does not give the subject's gender: it is missing.

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
        return FACTS.no_code(like[2], EMOTIONS)
    subject, code, sentence = match.groups()
    if not 1 <= int(subject) <= 44:
        return f"has the subject {subject}, which is not one of eNTERFACE'05's (1 to 44): left out"
    return {"emotion": EMOTIONS[code.lower()], "speaker": str(int(subject)), "item": sentence}
