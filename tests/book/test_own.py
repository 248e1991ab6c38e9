"""Chapter 3.5: the chooser as a Python object, what its checks tell, and one command against the function."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from tlmlda_lib import methods
from tlmlda_lib.book import checks as teaching
from tlmlda_lib.book.checks import exercises, own
from tlmlda_lib.book.explorables import ScalingChooser
from tlmlda_lib.cli import main as cli
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import predict, run


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
        (lambda f, t: ["x"], "x is none of the paths"),
        (lambda f, t: t.index, "files that are in the table"),
        (lambda f, t: sorted(set(f) - set(t.index))[:1], "2 files that are not in the table"),
        (lambda f, t: [], "called lost, or none"),
    ],
)
def test_an_account_that_does_not_add_up_is_named(answer, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    teaching.check_account(answer)
    assert says in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda s: 1.5, "of type float"),
        (lambda s: ["zoe"], "'zoe' is none"),
        (lambda s: [n for n in s if (s == n).sum() <= 2], "more than once"),
        (lambda s: {n for n in s if (s == n).sum() > 2}, "who have enough"),
        (lambda s: [], "it names nobody"),
    ],
)
def test_speakers_wrongly_named(answer, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    teaching.check_scales(answer)
    assert says in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda s, e: [1, 2], "a mask is asked for"),
        (lambda s, e: np.zeros(len(s)), "type float64"),
        (lambda s, e: (s == "ida") | (s == "ben") & (len(s) == 60), "a single emotion is held out"),
    ],
)
def test_splits_that_are_none(answer, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    teaching.check_held_out(answer)
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
    np.testing.assert_allclose(by_command["anger"], by_function["anger"])
