"""Figures, tables and computed sentences of chapter 3.5, each a function that a hidden cell calls."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd
from IPython.display import HTML, Markdown

from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.own import parts
from tlmlda_lib.book.pages.words import listed
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.evaluation import METRICS
from tlmlda_lib.experiments import shipped
from tlmlda_lib.experiments.adaptation import Answer as Adapted
from tlmlda_lib.experiments.policy import Answer

Record = Mapping[str, Any]

#: Answers by metric, then by method and kind of part.
Answers = Mapping[str, Mapping[tuple[str, str], Answer]]

#: Whose parts were run, and the words for them.
NAMES = {"tlmlda": "TLMLDA", "only_cls": "without transfer"}


# The folder


def account(files: Collection[str], table: pd.DataFrame, rows: int) -> Markdown:
    """Where every file of the folder is: in the table, or named among its problems.

    Parameters
    ----------
    files : collection of str
        Every path in the folder.
    table : DataFrame
        As `tlmlda_lib.corpora.load` gives it.
    rows : int
        How many recordings the page has put there: stop the page where the table has not so many.
    """
    lost = set(files) - set(table.index)
    said = {p["file"] for p in table.attrs["problems"]}
    assert lost <= said
    assert len(files) == len(table) + len(lost)
    (kept,) = said - lost
    assert "copy" in kept
    assert len(table) == rows
    return Markdown(
        f"Of {len(files)} files, {len(table)} are in the table and {len(lost)} are not, and each of these is named "
        "above: nothing is lost silently. "
        "The file that is named but not left out is there twice. The library leaves the choice to you "
        "(`drop_duplicates=True`), because two people may have "
        "sent the same file, or one person twice."
    )


def adds_up(files: Collection[str], table: pd.DataFrame, pair: Any, warned: Sequence[Any]) -> None:
    """Stop the page if a file is neither in the pair nor reported, or if no warning named the files left out.

    Parameters
    ----------
    files : collection of str
        Files of the folder.
    table : DataFrame
        The table loaded from it.
    pair : DomainPair
        The pair made of it.
    warned : sequence
        Warnings on the way.
    """
    late = pair.problems[len(table.attrs["problems"]) :]
    assert len(late) == 2
    assert any(f"{len(late)} of" in str(w.message) for w in warned)
    lost = set(files) - set(table.index)
    assert pair.target.sum() == len(table) - len(late)
    assert len(files) == pair.target.sum() + len(lost) + len(late)


def scores(table: pd.DataFrame) -> Markdown:
    """A summary of records as a table, with chance and the largest class below it.

    Parameters
    ----------
    table : DataFrame
        As `tlmlda_lib.experiments.tables.summary` gives it.
    """
    heads = ("method", "scaling", "seeds", "WAR, final", "other speakers", "UAR, final", "unsupervised", "oracle")
    lines = ["| " + " | ".join(heads) + " |", "| " + " | ".join(["---"] * len(heads)) + " |"]
    for row in table.to_dict("records"):
        cells = [
            row["method"],
            row["scaling"],
            row["seeds"],
            f"{row['final_war']:.1f}",
            f"{row['final_war_speakers_low']:.0f} to {row['final_war_speakers_high']:.0f}",
            f"{row['final_uar']:.1f}",
            f"{row['unsupervised_war']:.1f}",
            f"{row['oracle_war']:.1f}",
        ]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    floor = table.iloc[0]
    return Markdown(
        "\n".join(lines) + f"\n\nPercent. Chance is {floor['chance']:.1f}, the largest class {floor['majority']:.1f}. "
        "Synthetic speech."
    )


def doubts(answer: Adapted) -> Markdown:
    """How to read the table of an answer.

    Parameters
    ----------
    answer : tlmlda_lib.experiments.adaptation.Answer
        As from `tlmlda_lib.experiments.adaptation.adapt`.
    """
    table, n = answer.predictions, len(answer.networks.aligned)
    return Markdown(
        f"The numbers are probabilities by {n} networks that were aligned with this folder. *agreement* is the share "
        "of these networks that name the same emotion, and *without_transfer* is what the same network names without "
        f"alignment. If anything differs, a last column says *unsure*: here for {int(table['unsure'].sum())} of "
        f"{len(table)} recordings."
    )


def confused(answer: Adapted) -> Markdown:
    """The answer for the recording that has an emotion which the networks do not know.

    Parameters
    ----------
    answer : tlmlda_lib.experiments.adaptation.Answer
        One of its files is in the folder "confused".
    """
    table = answer.predictions
    (strange,) = [file for file in table.index if "confused" in str(file)]
    assert answer.pair.truth is None
    row = table.loc[strange]
    return Markdown(
        "And `confused`? It is among these recordings too, because without labels it cannot be left out. The answer is "
        f"*{row['emotion']}*, with a probability of {100 * row[row['emotion']]:.0f} %, one of the "
        f"{len(answer.pair.classes)} words that the networks know. They have none for *I do not know*, and nothing on "
        "this page has calibrated the probabilities: they rank the words, and say little about how often one is right."
    )


# Targets of one gender or of one speaker


def cuts() -> list[Any]:
    """The shipped records of whole targets and of their parts."""
    return shipped.records("main") + shipped.records("parts")


def beside(records: Sequence[Record], schemes: Sequence[str] = OPEN_SCHEMES) -> HTML:
    """TLMLDA on the parts, within the whole corpus and alone; folded away.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    schemes : sequence of str
        As ("B2C", "C2B").
    """
    every = {(s, m): parts.beside(records, s, "tlmlda", m) for s in schemes for m in METRICS}

    def same(row: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
        return all(str(a) == str(b) for kind in parts.KINDS for a, b in zip(row[kind], other[kind], strict=True))

    # Where the classes are of equal size UAR is WAR, and one row is enough.
    lines = {(s, m): row for (s, m), row in every.items() if m == "war" or not same(row, every[s, "war"])}
    shown = traced.table(
        [f"{s}, {m.upper()}" if (s, "uar") in lines else f"{s}, WAR and UAR" for s, m in lines],
        [f"{word}, {way}" for word in parts.KINDS.values() for way in ("within all", "alone")],
        [[figure for kind in parts.KINDS for figure in line[kind]] for line in lines.values()],
        "TLMLDA, percent, last epoch (the weights are averaged). Women and men: two seeds, their mean and in "
        "brackets both values. One speaker: one seed, the recordings of "
        "four speakers counted together. Too few seeds for an interval",
        "scheme",
    )
    return HTML(f"<details><summary>Scores of all parts</summary>{shown}</details>")


def ask(records: Sequence[Record], schemes: Sequence[str] = OPEN_SCHEMES) -> Answers:
    """How much better a part is recognised alone, in each measure; p corrected within a measure.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    schemes : sequence of str
        As ("B2C", "C2B").
    """
    return {m: parts.asked(records, schemes, tuple(NAMES), metric=m) for m in METRICS}


def alone_minus_within(asked: Answers) -> HTML:
    """The answers in a table.

    Parameters
    ----------
    asked : Answers
        As from `ask`.
    """
    return HTML(
        traced.table(
            list(parts.KINDS.values()),
            [f"{name}, {m.upper()}" for name in NAMES.values() for m in METRICS],
            [[traced.answered(asked[m].get((name, kind))) for name in NAMES for m in METRICS] for kind in parts.KINDS],
            f"Alone minus within all, points, mean of {len(OPEN_SCHEMES)} schemes, last epoch. In brackets the 95 % "
            "interval by hierarchical bootstrap: other speakers, other "
            "recordings and, for women and men, other seeds; of one speaker there is one seed, so this interval says "
            "nothing about other seeds. p is corrected for "
            f"{len(asked['war'])} questions in each measure (Holm)",
        )
    )


def is_a_part_worse(asked: Answers) -> Markdown:
    """Whether TLMLDA recognises women, men and single speakers worse if they are the whole target.

    Parameters
    ----------
    asked : Answers
        As from `ask`.
    """
    ours = {kind: asked["war"]["tlmlda", kind] for kind in parts.KINDS}
    words = [f"{parts.KINDS[kind]} {traced.answered(one).html()}" for kind, one in ours.items()]
    text = f"Is a part recognised worse alone? TLMLDA, WAR: {listed(words)}. "
    found = {
        way: [parts.KINDS[kind] for kind, one in ours.items() if one.verdict == way] for way in ("worse", "better")
    }
    if any(found.values()):
        return Markdown(text + "".join(f"Significantly {way} alone: {listed(of)}. " for way, of in found.items() if of))
    text += "No difference is significant. "
    if max(abs(end) for kind in ("female", "male") for end in (ours[kind].low, ours[kind].high)) < 5:
        text += (
            "For women and for men that is a finding: on average over the schemes the difference is a few points at "
            "most, in either direction. "
        )
    if ours["speaker"].low < 0 < ours["speaker"].high:
        text += "For single speakers the interval is too wide to say more: both a loss and a gain remain possible."
    return Markdown(text)
