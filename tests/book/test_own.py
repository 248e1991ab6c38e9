"""Chapter 3.5: the chooser as a Python object, what its checks tell, and one command against the function."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from shown import answer, cells, plain
from typer.testing import CliRunner

from tlmlda_lib import methods
from tlmlda_lib.book import checks
from tlmlda_lib.book.checks import exercises, own
from tlmlda_lib.book.explorables import ScalingChooser
from tlmlda_lib.book.pages import traced
from tlmlda_lib.cli import main as cli
from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import METRICS
from tlmlda_lib.experiments import predict, run

pytest.importorskip("IPython", reason="the extra `chapters`, which shows a page's sentences, is not installed")
from tlmlda_lib.book.pages.own import page, parts


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exercises, "_progress", {})


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"corpora": "three"}, "corpora='three' is not known: use one of two, one"),
        ({"within": "batch"}, "within='batch' is not known: use one of corpus, voices, speaker"),
        ({"recordings": 0}, "recordings=0 is out of range: use 1 to 100"),
        ({"speakers": 13}, "speakers=13 is out of range: use 1 to 12"),
    ],
)
def test_chooser_says_what_it_cannot_show(given: dict[str, Any], says: str) -> None:
    with pytest.raises(UserError, match=re.escape(says)):
        ScalingChooser(**given)


def test_chooser_keeps_what_it_was_given() -> None:
    widget = ScalingChooser(corpora="one", recordings=3, within="speaker")
    assert (widget.corpora, widget.recordings, widget.within, widget.speakers) == ("one", 3, "speaker", 4)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda f, t: "all", "this is one string"),
        (lambda f, t: 3, "of type int"),
        (lambda f, t: ["x"], "x is not one of the given paths"),
        (lambda f, t: t.index, "files that are in the table"),
        (lambda f, t: sorted(set(f) - set(t.index))[:1], "2 files that are not in the table"),
        (lambda f, t: [], "called lost, or none"),
    ],
)
def test_an_account_that_does_not_add_up_is_named(answer, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_account(answer)
    assert says in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda s: 1.5, "of type float"),
        (lambda s: ["zoe"], "'zoe' is not one"),
        (lambda s: [n for n in s if (s == n).sum() <= 2], "more than once"),
        (lambda s: {n for n in s if (s == n).sum() > 2}, "who have enough"),
        (lambda s: [], "it names nobody"),
    ],
)
def test_speakers_wrongly_named(answer, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_scales(answer)
    assert says in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda s, e: [1, 2], "a mask is expected"),
        (lambda s, e: np.zeros(len(s)), "type float64"),
        (lambda s, e: (s == "ida") | (s == "ben") & (len(s) == 60), "a single emotion is held out"),
    ],
)
def test_splits_that_are_none(answer, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_held_out(answer)
    assert says in capsys.readouterr().out


def test_everybody_s_corpora_can_be_split() -> None:
    for speakers, emotions in own.corpora():
        assert len(speakers) == len(emotions)
        assert len(set(speakers)) == 4


def recordings(folder: Path, n: int = 6) -> Path:
    """Tones of several pitches that stand for speech."""
    import soundfile

    folder.mkdir()
    t = np.arange(16000) / 16000
    for i in range(n):
        tone = 0.3 * np.sin(2 * np.pi * (150 + 60 * i) * t) * np.sin(2 * np.pi * 3 * t)
        soundfile.write(folder / f"{i}.wav", tone, 16000)
    return folder


def test_one_command_is_the_function(tmp_path: Path) -> None:
    from tlmlda_lib import corpora, domains

    source = corpora.load("folder", recordings(tmp_path / "theirs"), unlabelled=True)
    source["emotion"] = pd.array(["anger", "sad"] * 3, dtype="string")
    mine = corpora.load("folder", recordings(tmp_path / "mine", 4), unlabelled=True)
    pair = domains.make_pair(source, mine, ("anger", "sad"), progress=False)
    clf = methods.make("pca_svm", "zscore", C=1.0)
    clf.fit(pair.X, pair.y, sample_domain=pair.sample_domain, groups=pair.groups)
    run.keep_model(clf, pair, tmp_path / "mine.model", {})
    out = tmp_path / "emotions.csv"
    said = CliRunner().invoke(
        cli.app, ["predict", str(tmp_path / "mine.model"), str(tmp_path / "mine"), "--out", str(out)]
    )
    assert said.exit_code == 0, said.output
    by_command = pd.read_csv(out, index_col="file")
    by_function = predict.predict(tmp_path / "mine.model", tmp_path / "mine", progress=False)
    assert by_command["emotion"].tolist() == by_function["emotion"].tolist()
    np.testing.assert_allclose(by_command["anger"], by_function["anger"], atol=6e-5)  # four digits


# The page's tables and sentences


def table_of(files: list[str], problems: list[str]) -> pd.DataFrame:
    made = pd.DataFrame(index=files)
    made.attrs["problems"] = [{"file": file, "problem": "is odd"} for file in problems]
    return made


def test_every_file_is_in_the_table_or_named() -> None:
    files = ["a.wav", "b.wav", "copy of a.wav", "notes.txt"]
    table = table_of(files[:3], ["notes.txt", "copy of a.wav"])
    assert page.account(files, table, rows=3).data.startswith("Of 4 files, 3 are in the table and 1 are not,")
    for wrong in (
        table_of(files[:3], ["copy of a.wav"]),  # one is lost in silence
        table_of(files[:3], ["notes.txt", "a.wav"]),  # another is named twice
        table_of([files[0], files[2]], ["notes.txt", "b.wav", "copy of a.wav"]),  # fewer than the page has put there
    ):
        with pytest.raises(AssertionError):
            page.account(files, wrong, rows=3)


def test_files_that_are_left_out_late_are_counted() -> None:
    files = [f"{i}.wav" for i in range(6)]
    table = table_of(files[:5], ["5.wav"])
    pair = SimpleNamespace(problems=[1, 2, 3], target=np.array([True, True, True, False]))
    said = [SimpleNamespace(message="2 of 5 files were left out")]
    page.adds_up(files, table, pair, said)
    for wrong in (
        (files, table, pair, []),
        (files, table, SimpleNamespace(problems=[1, 2, 3], target=np.ones(4, bool)), said),
        ([*files, "6.wav", "7.wav"], table_of(files[:5], ["5.wav", "6.wav"]), pair, said),
    ):
        with pytest.raises(AssertionError):
            page.adds_up(*wrong)


def test_scores_stand_above_their_floor() -> None:
    row = {"method": "pca_svm", "scaling": "zscore within corpus", "seeds": 1, "final_war": 41.26, "final_uar": 39.94}
    row |= {"final_war_speakers_low": 30.4, "final_war_speakers_high": 52.6, "unsupervised_war": 41.0}
    row |= {"oracle_war": 45.0, "chance": 20.0, "majority": 25.04}
    *_, line, _, floor = page.scores(pd.DataFrame([row | {"method": "majority"}, row])).data.split("\n")
    assert line == "| pca_svm | zscore within corpus | 1 | 41.3 | 30 to 53 | 39.9 | 41.0 | 45.0 |"
    assert floor == "Percent. Chance is 20.0, the largest class 25.0. Synthetic speech."


def test_doubts_and_the_answer_for_an_emotion_without_a_name() -> None:
    table = pd.DataFrame(
        {"emotion": ["sad", "happy"], "sad": [0.8, 0.3], "happy": [0.2, 0.7], "unsure": [False, True]},
        index=["sad/2.wav", "confused/3.wav"],
    )
    pair = SimpleNamespace(classes=("happy", "sad"), truth=None)
    answer = SimpleNamespace(predictions=table, pair=pair, networks=SimpleNamespace(aligned=(0, 0, 0)))
    assert "by 3 networks" in page.doubts(answer).data
    assert page.doubts(answer).data.endswith("here for 1 of 2 recordings.")
    said = page.confused(answer).data
    assert "The answer is *happy*, with a probability of 70 %, one of the 2 words" in said
    with pytest.raises(AssertionError):
        page.confused(SimpleNamespace(predictions=table, pair=SimpleNamespace(classes=("happy", "sad"), truth=[0])))


def test_one_row_is_enough_where_both_measures_are_equal(monkeypatch: pytest.MonkeyPatch) -> None:
    def beside(records: Any, scheme: str, method: str, metric: str) -> dict[str, Any]:
        value = 50.0 if scheme == "B2C" or metric == "war" else 40.0
        return dict.fromkeys(parts.KINDS, (traced.Figure(value), traced.Figure(value + 1)))

    monkeypatch.setattr(parts, "beside", beside)
    head, *rows = cells(page.beside([], ("B2C", "C2B")))
    assert len(head) == 1 + 2 * len(parts.KINDS)
    assert [row[0] for row in rows] == ["B2C, WAR and UAR", "C2B, WAR", "C2B, UAR"]
    assert rows[2][1:3] == ["40.0", "41.0"]


def test_both_measures_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        parts, "asked", lambda records, schemes, methods, metric: {(m, metric): schemes for m in methods}
    )
    assert page.ask([], ("C2B",)) == {m: {(x, m): ("C2B",) for x in ("tlmlda", "only_cls")} for m in METRICS}


def answers(**of: Any) -> dict[str, Any]:
    """No significant difference of TLMLDA's, but where one is given; without transfer nothing was run."""
    return {m: {("tlmlda", kind): of.get(kind, answer(0.5, 0.5)) for kind in parts.KINDS} for m in METRICS}


def test_what_was_not_run_is_said_in_the_table() -> None:
    head, women, *_ = cells(page.alone_minus_within(answers()))
    assert head[1:] == ["TLMLDA, WAR", "TLMLDA, UAR", "without transfer, WAR", "without transfer, UAR"]
    assert women == ["women", "+0.5 [−0.5, 1.5], p = .5", "+0.5 [−0.5, 1.5], p = .5", "not run", "not run"]


FEW = (
    "For women and for men that is a finding: on average over the schemes the difference is a few points at most, in "
    "either direction. "
)
WIDE = "For single speakers the interval is too wide to say more: both a loss and a gain remain possible."


@pytest.mark.parametrize(
    ("of", "ends"),
    [
        ({}, f"No difference is significant. {FEW}{WIDE}"),
        ({"male": answer(0.5, 0.5, half=6)}, f"No difference is significant. {WIDE}"),
        ({"speaker": answer(2, 0.2)}, f"No difference is significant. {FEW}"),
        (
            {"speaker": answer(-2), "male": answer(-3), "female": answer(4)},
            "Significantly worse alone: men and one speaker. Significantly better alone: women. ",
        ),
    ],
)
def test_whether_a_part_is_worse_alone(of: dict[str, Any], ends: str) -> None:
    text = plain(page.is_a_part_worse(answers(**of)))
    assert text.startswith("Is a part recognised worse alone? TLMLDA, WAR: women +")
    assert text.endswith(ends)
