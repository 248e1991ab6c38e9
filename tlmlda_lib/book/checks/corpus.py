"""Checks of chapter 1.2, "What is a corpus?"."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from tlmlda_lib.book.checks.exercises import Mistake, called, exercise, number_of
from tlmlda_lib.corpora.synthesis import made
from tlmlda_lib.corpora.synthesis.speakers import SPEAKERS


def table_of(language: str) -> pd.DataFrame:
    """The table of a synthetic corpus, as `tlmlda_lib.corpora.synthetic` gives it, without any synthesis. Chapter 1.2.

    Parameters
    ----------
    language : str
        "de", "en" or "zh".
    """
    utterances = made.plan(language, 0, "studio")
    rows = {
        f"made-{language}/{u.name}": {
            "emotion": u.emotion,
            "speaker": u.speaker,
            "gender": SPEAKERS[language][u.speaker].gender,
            "language": language,
            "corpus": f"made-{language}",
        }
        for u in utterances
    }
    table = pd.DataFrame.from_dict(rows, orient="index").astype("string")
    table.index = pd.Index(table.index, dtype="string", name="file")
    return table


def _some(table: pd.DataFrame, seed: int, unlabelled: int = 0, **left: float) -> pd.DataFrame:
    """Part of a table: a share of each emotion is kept, and some rows lose their label."""
    rng = np.random.default_rng(seed)
    kept = table[rng.random(len(table)) < [left.get(str(e), 1.0) for e in table["emotion"]]].copy()
    if unlabelled:
        kept.iloc[rng.choice(len(kept), unlabelled, replace=False), kept.columns.get_loc("emotion")] = pd.NA
    return kept


@exercise(
    "1.2.1",
    "What is easy?",
    hints=(
        "Count first: `value_counts()` counts a column, and leaves out what has no label.",
        "If you always say the commonest emotion, you are right as often as it occurs.",
        "Its count, over all recordings that have a label, times a hundred.",
    ),
)
def check_commonest(commonest: Any) -> str:
    """Check exercise 1.2.1: what naming the commonest emotion recognises. Chapter 1.2.

    Parameters
    ----------
    commonest : callable
        ``commonest(table)`` takes a table of recordings, some without a label, and gives percent of those with one.
    """
    tables = (
        _some(table_of("de"), 0, sad=0.3, disgust=0.1),
        _some(table_of("zh"), 1, unlabelled=45, anger=0.9, fear=0.2, surprise=0.05),
        _some(table_of("en"), 2, unlabelled=10),
    )
    for table in tables:
        value = number_of(called(commonest, "(table)", table.copy()))
        counts = table["emotion"].value_counts()
        share = counts / counts.sum()
        if abs(value - 100 * share.max()) < 1e-6:
            continue
        slips = {
            "this is a share; percent are expected": share.max(),
            "this is guessing evenly; how often does the commonest occur?": 100 / len(counts),
            "this is the rarest emotion, and the commonest is expected": 100 * share.min(),
            "recordings without a label were counted as well; nobody can be right or wrong on them": (
                100 * counts.max() / len(table)
            ),
            "this is how many they are, not percent": counts.max(),
        }
        for sentence, slip in slips.items():
            if abs(value - slip) < 1e-6:
                raise Mistake(sentence)
        raise Mistake(f"for a table with {', '.join(f'{n} {e}' for e, n in counts.items())} it is not {value:.2f} %")
    return "Compare any score of a classifier with this one."


@exercise(
    "1.2.2",
    "What do they share?",
    hints=(
        "Which emotions does a table have? Count each once, and leave missing labels out.",
        "What all of them have is an intersection of sets.",
        "`set(table['emotion'].dropna())`, and `sorted` at the end.",
    ),
)
def check_shared(shared: Any) -> str:
    """Check exercise 1.2.2: the emotions that all of some corpora have. Chapter 1.2.

    Parameters
    ----------
    shared : callable
        ``shared(tables)`` takes a list of two or more tables and gives a sorted list of names.
    """
    de, zh, en = table_of("de"), table_of("zh"), table_of("en")
    given = (
        [de[de["emotion"] != "surprise"], zh[zh["emotion"] != "disgust"]],
        [_some(en, 3, unlabelled=40, neutral=0), de, zh[zh["emotion"] != "fear"]],
        [de[de["emotion"].isin(["sad", "anger"])], en[en["emotion"] == "happy"]],
    )
    for tables in given:
        value = called(shared, "(tables)", [table.copy() for table in tables])
        if isinstance(value, str) or not isinstance(value, Iterable):
            raise Mistake(f"a list of names is expected; this is of type {type(value).__name__}")
        names = list(value)
        own = [set(table["emotion"].dropna()) for table in tables]
        truth = sorted(set.intersection(*own))
        if names == truth:
            continue
        if any(not isinstance(name, str) for name in names):
            raise Mistake("a missing label is among the names; it is not an emotion")
        if set(names) == set(truth):
            raise Mistake("the names are right, but each must come once, in alphabetical order")
        if set(names) == set.union(*own):
            raise Mistake("this is what any of them has; a source teaches nothing about what it lacks")
        if len(tables) > 2 and set(names) == own[0] & own[1]:
            raise Mistake("only the first two tables were compared, but there may be more")
        if extra := sorted(set(names) - set(truth)):
            raise Mistake(f"{extra[0]} is not in all of them")
        raise Mistake(f"an emotion is missing that all of them have; yours has {', '.join(names) or 'none'}")
    return "For two corpora of the paper this gives the emotions of Table 2."


@exercise(
    "1.2.3",
    "Who is on both sides?",
    hints=(
        "When are two rows of the same person? The same name is not enough.",
        "A name counts within its corpus: take both columns together.",
        "`set(zip(table['corpus'], table['speaker']))` for either side, and what is in both.",
    ),
)
def check_leak(leaks: Any) -> str:
    """Check exercise 1.2.3: the people who are in two tables. Chapter 1.2.

    Parameters
    ----------
    leaks : callable
        ``leaks(train, test)`` takes two tables and gives the set of (corpus, speaker) that both hold.
    """
    de, en = table_of("de"), table_of("en")
    rng = np.random.default_rng(4)
    dealt = rng.random(len(de)) < 0.8
    mostly = de["speaker"].isin(["f1", "f2", "m1", "m2"]) | (de["speaker"].eq("m4") & (rng.random(len(de)) < 0.5))
    for train, test in (
        (de, en),
        (pd.concat([de[mostly], en]), de[~mostly]),
        (de[dealt], de[~dealt]),
        (de[de["gender"] == "female"], de[de["gender"] == "male"]),
    ):
        value = called(leaks, "(train, test)", train.copy(), test.copy())
        sides = [set(zip(side["corpus"], side["speaker"], strict=True)) for side in (train, test)]
        truth = sides[0] & sides[1]
        if not isinstance(value, Iterable) or isinstance(value, str):
            raise Mistake(f"a set of pairs is expected; this is of type {type(value).__name__}")
        found = {tuple(pair) if isinstance(pair, list) else pair for pair in value}
        if found == truth:
            continue
        names = {speaker for _, speaker in sides[0]} & {speaker for _, speaker in sides[1]}
        if found == names:
            raise Mistake("these are names alone; f1 of one corpus is not f1 of another")
        if not found:
            raise Mistake("nobody was found, as when recordings are compared; one person can be in two recordings")
        if found == sides[0] | sides[1]:
            raise Mistake("these are all who speak; who is on both sides?")
        if found == sides[0] ^ sides[1]:
            raise Mistake("these are those who are on one side only")
        extra = sorted(map(str, found - truth))
        if extra:
            raise Mistake(f"{extra[0]} is not on both sides")
        raise Mistake(f"{len(truth - found)} who are on both sides are missing")
    return "Run it before you believe a score, above all your own."


@exercise(
    "1.2.4",
    "A split to defend",
    hints=(
        "Deal people, not recordings: choose some speakers, and everything they said goes to one side.",
        "With both genders on either side, nobody can say that your score is about women or about men.",
        "Eight speakers, half of them women: how many pairs of a woman and a man make a quarter?",
    ),
)
def check_split(split: Any) -> str:
    """Check exercise 1.2.4: train and test without a person in both. Chapter 1.2.

    Parameters
    ----------
    split : callable
        ``split(table)`` takes a table of recordings and gives two tables that hold all its rows: nobody on both
        sides, on either side every emotion and both genders, and 15 to 35 % of the rows in the second.
    """
    said = ""
    for language in ("de", "en"):
        table = _some(table_of(language), 5, disgust=0.5)
        value = called(split, "(table)", table.copy())
        if not isinstance(value, tuple | list) or len(value) != 2:
            raise Mistake("two tables are expected: return train, test")
        train, test = value
        if not all(isinstance(side, pd.DataFrame) and {"speaker", "emotion"} <= set(side.columns) for side in value):
            raise Mistake("a side is not a table with the columns of the whole")
        if both := set(train.index) & set(test.index):
            raise Mistake(f"{len(both)} recordings are on both sides")
        if lost := set(table.index) - set(train.index) - set(test.index):
            raise Mistake(f"{len(lost)} recordings are on neither side")
        if people := set(train["speaker"]) & set(test["speaker"]):
            raise Mistake(
                f"{len(people)} of {table['speaker'].nunique()} speakers are on both sides, and a model may know their "
                "voices"
            )
        for name, side in (("first", train), ("second", test)):
            if missing := set(table["emotion"]) - set(side["emotion"]):
                raise Mistake(f"the {name} side has no {min(missing)}")
            if len(set(side["gender"])) < 2:
                raise Mistake(f"the {name} side has only one gender, so pitch alone can make the difference")
        share = len(test) / len(table)
        if not 0.15 <= share <= 0.35:
            raise Mistake(f"the second side has {share:.0%} of the recordings; 15 to 35 % are expected")
        said += f" {language}: {', '.join(sorted(set(test['speaker'])))}."
    return f"Held out for the test:{said}"
