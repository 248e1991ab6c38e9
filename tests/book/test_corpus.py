"""Chapter 1.2: the counts of the corpora against what the library and the recordings say, and its checks."""

from __future__ import annotations

import itertools
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tlmlda_lib import corpora, domains
from tlmlda_lib.book import checks
from tlmlda_lib.book.checks import corpus as collecting
from tlmlda_lib.book.checks import exercises
from tlmlda_lib.book.explorables import MixCorpora
from tlmlda_lib.book.explorables import corpus as mix_corpora
from tlmlda_lib.book.pages import corpus as page
from tlmlda_lib.errors import UserError


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exercises, "_progress", {})


# Counts


def test_counts_add_up_to_the_published_files() -> None:
    assert set(mix_corpora.COUNTS) <= {corpora.short(name) for name in corpora.PUBLISHED}
    assert mix_corpora.FILES == {"B": 535, "C": 1200, "E": 1287, "R": 1440}
    for letter, own in mix_corpora.COUNTS.items():
        low, high = (sum(n[i] for n in own.values()) for i in (0, 1))
        assert low <= mix_corpora.FILES[letter] <= high
        if letter != "E":
            assert low == high
        assert set(own) <= set(corpora.EMOTIONS)
    assert mix_corpora.FILES["E"] == 5 * 6 * mix_corpora.SPEAKERS["E"] - 3


def test_table_2_follows_from_the_counts() -> None:
    for (one, other), (emotions, sizes) in corpora.TABLE_2.items():
        for name, size in zip((one, other), sizes, strict=True):
            assert mix_corpora.recordings(corpora.short(name), emotions) == (size, size)


def pipe_table(title: str) -> list[list[str]]:
    """The rows, without the head, of the printed table of the page whose caption begins so."""
    page = (Path(__file__).parents[2] / "book" / "corpus.md").read_text(encoding="utf-8")
    body = re.search(rf"^```{{table}} {title}.*\n((?:\|.*\n)+)```", page, re.M)[1]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in body.splitlines()[2:]]


def test_table_2_is_printed_whole_and_is_the_library_s() -> None:
    rows = pipe_table("Table 2 of the paper, as printed")
    assert len(rows) == 6
    names = {"eINTERFACE": "E", "Berlin": "B", "CASIA": "C"}
    words = {"Anger": "anger", "sad": "sad", "fear": "fear", "happy": "happy"}
    for scheme, corpus, labels, size in rows:
        source, target = scheme.split(" → ")
        row = mix_corpora.PRINTED[f"{source}2{target}"]
        assert names[corpus] == source
        assert sorted(words.get(w, w) for w in labels.split(", ")) == row["emotions"]
        assert int(size) == row["sizes"][0]


def test_table_1_is_printed_whole_and_counted_as_the_page_says() -> None:
    rows = pipe_table("Table 1 of the paper, as printed")
    assert [row[0][-5:] for row in rows] == [f" [{n}]" for n in (*range(13, 20), *range(28, 33))]
    assert all(len(row) == 5 and all(row) and row[1].isdigit() for row in rows)
    counted = [sum(name in row[4] for row in rows) for name in ("Berlin", "EMO-DB", "INTERFACE", "CASIA")]
    assert counted == [8, 2, 6, 2]
    sets = [frozenset(row[4].split(", ")) for row in rows]
    assert sets[0] == sets[1]
    assert len(set(sets)) == 11, "no other two take the same corpora"


@pytest.mark.parametrize(
    ("source", "target", "emotions", "row"),
    [
        ("E", "B", "anger disgust fear happy sad", "E2B"),
        ("B", "E", "sad happy fear disgust anger", "B2E"),
        ("C", "B", "anger fear happy neutral sad", "C2B"),
        ("E", "B", "anger fear happy sad", None),  # an emotion less
        ("C", "B", "anger disgust fear happy sad", None),  # those of another pair
        ("E", "C", "anger disgust fear happy sad surprise", None),  # one more than CASIA has
        ("EC", "B", "anger disgust fear happy sad", None),  # two sources
        ("R", "B", "anger disgust fear happy sad", None),  # ours
        ("B", "R", "anger disgust fear happy sad", None),
        ("E", "R", "anger disgust fear happy sad", None),
        ("", "B", "anger disgust fear happy sad", None),
    ],
)
def test_a_mix_is_a_row_of_table_2_or_is_not(source: str, target: str, emotions: str, row: str | None) -> None:
    assert mix_corpora.row_of_table_2(source, target, emotions.split()) == row


def test_six_mixes_of_all_are_rows_of_table_2() -> None:
    rows = set()
    for source, target in itertools.permutations("BCER", 2):
        for n in range(2, 7):
            for kept in itertools.combinations(corpora.EMOTIONS, n):
                rows.add((mix_corpora.row_of_table_2(source, target, kept), n))
    assert rows - {(None, n) for n in range(2, 7)} == {(name, 5) for name in domains.PAPER_SCHEMES}


def test_another_count_is_no_row_of_table_2(monkeypatch: pytest.MonkeyPatch) -> None:
    emotions = domains.SCHEMES["B2E"]
    monkeypatch.setitem(mix_corpora.COUNTS["B"], "anger", (126, 126))
    monkeypatch.setitem(mix_corpora.FILES, "B", 534)
    assert mix_corpora.row_of_table_2("B", "E", emotions) is None


@pytest.mark.parametrize("name", mix_corpora.SCHEMES)
def test_schemes_are_the_library_s_and_possible(name: str) -> None:
    scheme = domains.schemes.parse(name)
    emotions = mix_corpora.SCHEMES[name]
    assert emotions == domains.SCHEMES[name]
    for corpus in scheme.corpora:
        assert set(emotions) <= set(mix_corpora.COUNTS[corpora.short(corpus)])


def test_of_e_no_more_is_said_than_follows() -> None:
    four = ["anger", "fear", "happy", "sad"]
    assert mix_corpora.recordings("E", four) == (857, 857)
    assert mix_corpora.recordings("E", four[:1]) == (212, 215)
    assert mix_corpora.recordings("E", four[:3]) == (642, 645)
    assert mix_corpora.recordings("E", ["neutral"]) == (0, 0)


@pytest.mark.parametrize("letter", ["B", "C", "R"])
def test_counts_are_those_of_the_recordings(letter: str, real_corpora: Path) -> None:
    found = corpora.describe(corpora.load(letter, real_corpora))
    assert {e: n for e, (n, _) in mix_corpora.COUNTS[letter].items()} == found["emotions"]
    assert (mix_corpora.SPEAKERS[letter], mix_corpora.FILES[letter]) == (found["speakers"], found["files"])


# The widget


def test_mix_keeps_what_it_is_given() -> None:
    mix = MixCorpora("RB", "C", ["sad", "anger"])
    assert (mix.source, mix.target, mix.emotions) == ("BR", "C", ["anger", "sad"])
    assert MixCorpora("B", "C").emotions == list(domains.SCHEMES["B2C"])
    assert MixCorpora("R", "C").emotions == ["anger", "fear", "happy", "neutral", "sad", "surprise"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"source": "X"}, "'X'"),
        ({"source": "B", "target": "B"}, "the target not in the source"),
        ({"source": "", "target": "B"}, "each corpus once"),
        ({"source": "EE", "target": "B"}, "each corpus once"),
        ({"emotions": ["joy"]}, "'joy'"),
    ],
)
def test_mix_says_what_is_wrong(given: dict[str, Any], says: str) -> None:
    with pytest.raises(UserError, match=says):
        MixCorpora(**given)


# Checks


def test_tables_without_sound_are_those_of_the_corpora() -> None:
    for language in ("de", "zh"):
        table = collecting.table_of(language)
        real = corpora.synthetic(language, progress=False)
        assert sorted(name.split("/")[-1] for name in table.index) == sorted(
            os.path.basename(name) for name in real.index
        )
        columns = ["emotion", "speaker", "gender", "language", "corpus"]
        ours, theirs = (t.sort_values(columns)[columns].to_numpy().tolist() for t in (table, real))
        assert ours == theirs


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda t: t["emotion"].value_counts(normalize=True).max(), "percent are expected"),
        (lambda t: 100 * t["emotion"].value_counts(normalize=True).min(), "rarest"),
        (lambda t: t["emotion"].value_counts().max(), "how many they are"),
        (lambda t: 3.0, "it is not 3.00 %"),
    ],
)
def test_what_is_not_easy_is_named(answer: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_commonest(answer)
    assert says in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda own: ", ".join(sorted(set.intersection(*own))), "type str"),
        (lambda own: sorted(set.intersection(*own), reverse=True), "alphabetical order"),
        (lambda own: [*sorted(set.intersection(*own)), "calm"], "calm is not in all"),
        (lambda own: ["anger"], "yours has anger"),
        (lambda own: [*sorted(set.intersection(*own)), pd.NA], "missing label"),
    ],
)
def test_what_is_not_shared_is_named(answer: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_shared(lambda tables: answer([set(t["emotion"].dropna()) for t in tables]))
    assert says in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda a, b: a | b, "all who speak"),
        (lambda a, b: a ^ b, "all who speak|on one side only"),
        (lambda a, b: set(), "nobody was found"),
        (lambda a, b: set(sorted(a & b)[:1]), "7 who are on both sides are missing"),
        (lambda a, b: {("made-de", "f9")}, "is not on both sides"),
        (lambda a, b: 3, "type int"),
    ],
)
def test_what_is_no_leak_is_named(answer: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    def leaks(train: pd.DataFrame, test: pd.DataFrame) -> Any:
        return answer(*(set(zip(t["corpus"], t["speaker"], strict=True)) for t in (train, test)))

    checks.check_leak(leaks)
    assert re.search(says, capsys.readouterr().out)


def by_speaker(table: pd.DataFrame, *names: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    out = table["speaker"].isin(names)
    return table[~out], table[out]


@pytest.mark.parametrize(
    ("split", "says"),
    [
        (lambda t: t, "two tables"),
        (lambda t: (t, 3), "not a table"),
        (lambda t: (t, t.head(60)), "60 recordings are on both sides"),
        (lambda t: (t.iloc[:100], t.iloc[200:]), "on neither side"),
        (lambda t: by_speaker(t, "f1", "m1", "f2", "m2"), "15 to 35 %"),
        (lambda t: (t.iloc[0:0], t), "first side has no"),
    ],
)
def test_splits_that_are_none(split: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_split(split)
    assert says in capsys.readouterr().out


def test_an_emotion_that_one_side_lacks(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    whole = collecting.table_of("de")
    few = whole[(whole["emotion"] != "sad") | (whole["speaker"] == "f1")]
    monkeypatch.setattr(collecting, "table_of", lambda language: few)
    checks.check_split(lambda t: by_speaker(t, "f4", "m4"))
    assert "second side has no sad" in capsys.readouterr().out


def test_part_of_a_table_is_the_same_each_time() -> None:
    one, again = (collecting._some(collecting.table_of("en"), 3, unlabelled=5, sad=0.2) for _ in range(2))
    assert one.equals(again)
    assert int(one["emotion"].isna().sum()) == 5
    assert np.isclose((one["emotion"] == "sad").sum(), 0.2 * 48, atol=8)


# What the page computes


def test_what_corpora_share_follows_from_the_counts() -> None:
    counts: dict[str, dict[str, Any]] = {
        "B": {"anger": 1, "sad": 1, "fear": 1, "calm": 1},
        "C": {"anger": 1, "sad": 1, "fear": 1, "neutral": 1},
        "E": {"anger": 1, "sad": 1, "fear": 1},
        "R": {"anger": 1, "sad": 1, "fear": 1, "boredom": 1, "neutral": 1},
    }
    words = page.in_common(counts, {"E": 1000}).data
    assert words.startswith("All four have anger, fear and sad; a fifth")
    names = mix_corpora.NAMES
    assert f"Boredom is in {names['R']} alone, calm in {names['B']} alone, and {names['E']} has no neutral" in words
    assert "leaves 570 recordings" in words
    for letter, emotion in (("C", "calm"), ("E", "neutral"), ("C", "joy")):
        with pytest.raises(AssertionError):
            page.in_common(counts | {letter: counts[letter] | {emotion: 1}}, {"E": 1000})


def test_the_four_emotions_that_all_share_are_the_page_s() -> None:
    words = page.in_common(mix_corpora.COUNTS, mix_corpora.FILES).data
    assert words.startswith("All four have anger, fear, happy and sad;")


def test_pairs_with_ravdess_are_called_ours() -> None:
    table = {("one", "two"): ({"sad", "anger"}, (10, 20)), ("two", "three"): ({"calm"}, (5, 6))}
    lines = page.kept_of_pairs(table, {"A": "one", "B": "two", "R": "three"}).data.splitlines()
    assert lines[2:] == [
        "| A and B | anger, sad | 10 of A, 20 of B | the paper's |",
        "| B and R | calm | 5 of B, 6 of R | ours |",
    ]


def test_numbers_in_the_page_s_text() -> None:
    assert mix_corpora.FILES["C"] / mix_corpora.SPEAKERS["C"] == 300
    assert mix_corpora.COUNTS["B"]["anger"] == (127, 127)
    assert mix_corpora.recordings("B", domains.SCHEMES["E2B"]) == (375, 375)
    assert f"{100 * 127 / 375:.1f}" == "33.9"
    assert (42 * 6 * 5, 43 * 6 * 5 - 3) == (1260, 1287)
    assert mix_corpora.FILES["E"] == 1287
