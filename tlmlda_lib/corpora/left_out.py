"""What a loader leaves out, in one warning: how many files, and for which reasons. Chapter 1.2."""

from __future__ import annotations

import re
import sys
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from tlmlda_lib.corpora.files import is_system

#: Words of problems that leave nothing out.
KEPT = ("loaded anyway", "loaded once", "counts under its own name")

#: Number of reasons that are named; the others are counted together.
REASONS = 6

#: What only Python can do, and what is said instead to others.
_PYTHON = {
    "; attrs['problems'] of the table names each": "",
    " (drop_duplicates=True leaves it out)": "",
    "; unlabelled=True loads recordings without labels": "",
    "map it with label_map=": "map it with `tlmlda adapt --label YOURS=OURS`",
    "change cache= or TLMLDA_CACHE": "change TLMLDA_CACHE",
}

_LIBRARY = str(Path(__file__).parents[1])


class LeftOutWarning(UserWarning):
    """Some files of a corpus were left out; ``attrs["problems"]`` of the table names each."""


def by_reason(problems: Iterable[Mapping[str, str]]) -> str:
    """Problems counted by reason, the most frequent first, as "is silent (3), is empty (1)".

    Parameters
    ----------
    problems : iterable of {"file", "problem"}
        The reason is the text before the first colon or bracket; the rest is advice and detail.
    """
    counted = Counter(_reason(p["problem"]) for p in problems)
    reasons = counted.most_common()
    named = [f"{reason} ({n})" for reason, n in reasons[:REASONS]]
    rest = sum(n for _, n in reasons[REASONS:])
    return ", ".join([*named, *([f"other reasons ({rest})"] if rest else [])])


def _reason(problem: str) -> str:
    known = re.sub(r"byte-identical to .*", "byte-identical to another", problem)
    known = re.sub(r"same utterance as .*", "same utterance as another", known)
    known = re.sub(r"which is not one of .*", "which is not known", known)
    return known.split(" (")[0].split(": ")[0].strip()


def warn(problems: Iterable[Mapping[str, str]], kept: int, *, of: str = "") -> None:
    """Warn once about what was left out, if anything was.

    Parameters
    ----------
    problems : iterable of {"file", "problem"}
        Files that were loaded anyway and hidden system files do not count.
    kept : int
        Number of files that were loaded.
    of : str
        Name of the corpus; "" for none.
    """
    gone = [p for p in problems if not is_kept(p["problem"]) and not is_system(Path(p["file"]).name)]
    if not gone:
        return
    whose = f"{of}: " if of else ""
    text = (
        f"{whose}{len(gone)} of {len(gone) + kept} files left out: {by_reason(gone)}; "
        "attrs['problems'] of the table names each"
    )
    warnings.warn(text, LeftOutWarning, stacklevel=_callers_level())


def without_python(text: str) -> str:
    """A sentence without what only a caller from Python can do, for the command line and for pages.

    Parameters
    ----------
    text : str
        As in ``attrs["problems"]``, or a warning.
    """
    for words, instead in _PYTHON.items():
        text = text.replace(words, instead)
    return text


def is_kept(problem: str) -> bool:
    """Whether a problem is a note on a file that was loaded all the same.

    Parameters
    ----------
    problem : str
        End of a sentence.
    """
    return any(words in problem for words in KEPT)


def _callers_level() -> int:
    """How many frames above `warn` the first line outside the library is."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_LIBRARY):
        frame, level = frame.f_back, level + 1
    return level
