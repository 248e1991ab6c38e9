"""Computed content of chapter 1.2: emotions that corpora share, and the size of each pair."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from IPython.display import Markdown

from tlmlda_lib.book.explorables import corpus


def in_common(counts: Mapping[str, Mapping[str, Any]], files: Mapping[str, int]) -> Markdown:
    """What all corpora share, and what one alone has.

    Parameters
    ----------
    counts : dict of str to dict
        Emotions of each corpus, by its letter, as in `tlmlda_lib.book.explorables.corpus.COUNTS`.
    files : dict of str to int
        Recordings of each.
    """
    shared = sorted(set.intersection(*(set(own) for own in counts.values())))
    owners = {emotion: [x for x, own in counts.items() if emotion in own] for own in counts.values() for emotion in own}
    alone = {emotion: x for emotion, (x, *others) in owners.items() if not others}
    assert set(alone) == {"boredom", "calm"}
    assert "neutral" not in counts["E"]
    names = corpus.NAMES
    return Markdown(
        f"All four have {', '.join(shared[:-1])} and {shared[-1]}; a fifth emotion depends on the pair. Boredom is in "
        f"{names[alone['boredom']]} alone, calm in {names[alone['calm']]} alone, and {names['E']} has no neutral "
        f"speech at all. Table 2 leaves {files['E'] - 2 * 215} recordings for its four common emotions together "
        "and does not divide them, so the mixer at the top says *212 to 215* for each."
    )


def kept_of_pairs(table: Mapping[tuple[str, str], tuple[Any, Any]], letters: Mapping[str, str]) -> Markdown:
    """Emotions and recordings that remain of each pair.

    Parameters
    ----------
    table : dict of (str, str) to (set of str, (int, int))
        As `tlmlda_lib.corpora.TABLE_2`.
    letters : dict of str to str
        A corpus's name by its letter.
    """
    letter = {name: x for x, name in letters.items()}
    rows = ["| | emotions | recordings | |", "| --- | --- | --- | --- |"]
    for (one, other), (emotions, sizes) in table.items():
        a, b = letter[one], letter[other]
        whose = "ours" if "R" in (a, b) else "the paper's"
        rows.append(f"| {a} and {b} | {', '.join(sorted(emotions))} | {sizes[0]} of {a}, {sizes[1]} of {b} | {whose} |")
    return Markdown("\n".join(rows))
