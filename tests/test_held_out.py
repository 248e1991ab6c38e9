"""Speakers held out of one corpus, against scikit-learn's own cross-validation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.decomposition import PCA
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from tlmlda_lib import domains, features
from tlmlda_lib.domains import schemes
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import contents, plans, run, settings
from tlmlda_lib.training.options import PRINTED

FIVE = ("anger", "fear", "happy", "neutral", "sad")
SPEAKERS = ("03", "08", "16")


@pytest.fixture(autouse=True)
def made(monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    """EmoDB with three made speakers of unequal numbers of files, each emotion and boredom, and 20 made features."""
    rng = np.random.default_rng(0)
    emotions = (*FIVE, "boredom")
    rows = [(speaker, e) for i, speaker in enumerate(SPEAKERS) for e in emotions for _ in range(5 + 2 * i)]
    table = pd.DataFrame(rows, columns=["speaker", "emotion"], index=[f"{i:03d}.wav" for i in range(len(rows))])
    table = table.assign(corpus="emodb", gender=np.where(table["speaker"] == "08", "female", "male"))
    centre = rng.normal(size=(len(emotions), 20))[table["emotion"].map(emotions.index)]
    shift = rng.normal(size=(len(SPEAKERS), 20))[table["speaker"].map(SPEAKERS.index)]
    X = 100 + 7 * (centre + shift + rng.normal(size=centre.shape))
    numbers = pd.DataFrame(X, index=table.index, columns=[f"x{i}" for i in range(20)], dtype="float32")
    monkeypatch.setattr(domains.pair.corpora, "load", lambda name, root=None: table)
    monkeypatch.setattr(features, "extract", lambda asked, **how: numbers.loc[asked.index])
    return table.join(numbers)


def test_a_part_is_held_out_of_its_corpus(made: pd.DataFrame) -> None:
    pair = domains.load_pair("B2B-08")
    target = {f for f, t in zip(pair.files, pair.target, strict=True) if t}
    assert pair.scheme == "B2B-08"
    assert pair.classes == FIVE, "those that the open corpora share"
    assert target == set(made.index[(made["speaker"] == "08") & (made["emotion"] != "boredom")])
    assert set(pair.files) - target == set(made.index[(made["speaker"] != "08") & (made["emotion"] != "boredom")])
    women = domains.load_pair("emodb_to_emodb-female")
    assert women.files == pair.files
    with pytest.raises(UserError, match="emodb has no part '09'"):
        domains.load_pair("B2B-09")


@pytest.mark.parametrize("C", [0.001, 0.1])
def test_each_speaker_in_turn_is_what_scikit_learn_makes_of_it(made: pd.DataFrame, C: float, tmp_path: Path) -> None:
    kept = made[made["emotion"].isin(FIVE)]
    X, y = kept.drop(columns=["speaker", "emotion", "corpus", "gender"]).to_numpy(np.float64), kept["emotion"]
    pipe = make_pipeline(StandardScaler(), PCA(0.98, svd_solver="full"), SVC(kernel="linear", C=C))
    with config_context(enable_metadata_routing=False):  # skada switches it on for the whole process
        expected = cross_val_predict(pipe, X, y, groups=kept["speaker"], cv=LeaveOneGroupOut())
    assert 0.3 < (expected == y).mean() < 1
    for speaker in SPEAKERS:
        pair = domains.load_pair(f"B2B-{speaker}")
        how = {"params": {"C": C, "within": "source"}, "checkpoint_folder": tmp_path / "unfinished"}
        record = run.run_cell(pair, "pca_svm", runs=tmp_path, results=tmp_path, **how)
        predicted, _, truth, who = contents.heard(record)
        theirs = expected[kept["speaker"] == speaker]
        own = y[kept["speaker"] == speaker]
        order = np.argsort([FIVE.index(e) for e in own], kind="stable")
        assert [FIVE[code] for code in predicted] == theirs[order].tolist()
        assert [FIVE[code] for code in truth] == own.iloc[order].tolist()
        assert set(who) == {f"emodb/{speaker}"}
        assert record["rules"]["final"]["war"] == pytest.approx(100 * (theirs == own).mean(), rel=1e-5)
        assert record["saw"]["target_features"] == "not used"
        assert record["scaling"] == "zscore within source"


@pytest.mark.parametrize("text", ["B2B", "B2B-mostly-anger", "BC2B-03", "casia_to_casia"])
def test_what_holds_nobody_out_names_its_corpus_twice(text: str) -> None:
    with pytest.raises(UserError, match="twice"):
        schemes.parse(text)


def test_the_name_of_a_speaker_held_out() -> None:
    one = schemes.parse("casia_to_casia-liuchanhg")
    assert (str(one), one.whole, one.within, one.emotions) == ("C2C-liuchanhg", "C2C", True, FIVE)
    assert schemes.in_words(one, full=True) == "within CASIA, liuchanhg held out"
    assert not schemes.parse("C2B-03").within
    assert schemes.parse("C2B-03").whole == schemes.parse("C2B").whole == "C2B"
    assert settings.of("tlmlda", "paper", "B2B-03")["alpha"] == dict(PRINTED)
    assert settings.of("tlmlda", "paper", "C2B-03") == settings.of("tlmlda", "paper", "C2B")


def test_the_plan_holds_out_every_speaker(real_corpora: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    from tlmlda_lib import corpora

    for corpus, named in plans.HELD_OUT.items():
        assert {schemes.parse(s).part for s in named} == set(corpora.load(corpus, real_corpora)["speaker"])
