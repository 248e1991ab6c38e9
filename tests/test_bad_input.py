"""Ten kinds of bad input: each is named in a sentence, and nothing good is lost."""

from __future__ import annotations

import math
import os
import warnings
from pathlib import Path

import made_corpora
import numpy as np
import pandas as pd
import pytest
import soundfile
from test_methods import DISTINCT, domains, make

import tlmlda_lib as tl
from tlmlda_lib import methods
from tlmlda_lib.errors import UserError
from tlmlda_lib.methods.base import NoTargetWarning, seed_of
from tlmlda_lib.methods.pca_svm import ChoiceOfCWarning
from tlmlda_lib.methods.scaled import ScaledClassifier

FITTED = ("tlmlda", "only_cls", "pca_svm")


def folder(root: Path, *emotions: str, each: int = 3) -> Path:
    """A folder per emotion, with tones that differ."""
    for i, emotion in enumerate(emotions):
        for k in range(each):
            made_corpora.put(root / emotion / f"{k}.wav", 120 + 40 * i + 3 * k, 0.4)
    return root


def pair_of(source: Path, target: Path) -> tl.domains.DomainPair:
    return tl.domains.make_pair(tl.corpora.load("folder", source), tl.corpora.load("folder", target))


def test_an_empty_folder(tmp_path):
    for name in ("folder", "emodb"):
        with pytest.raises(UserError, match=str(tmp_path)):
            tl.corpora.load(name, tmp_path)


def test_one_class(tmp_path):
    good = folder(tmp_path / "b", "anger", "sad")
    with pytest.raises(UserError, match="'anger'"):
        pair_of(folder(tmp_path / "a", "anger"), good)
    X, y, domain, *_ = domains()
    for method in FITTED:
        with pytest.raises(UserError, match="one class, 0:"):
            make(method).fit(X, np.where(y >= 0, 0, y), domain)


def test_one_speaker_is_said_and_the_method_is_fitted():
    X, y, domain, _, _, truth = domains()
    with pytest.warns(ChoiceOfCWarning, match="one speaker"):
        clf = make("pca_svm").fit(X, y, domain, np.zeros(len(X), dtype=int))
    assert clf.score(X[domain < 0], truth) > 0.5
    report = tl.evaluation.report(truth, truth, np.zeros(len(truth)))
    assert report.by_speaker == {"0.0": 100.0}


@pytest.mark.parametrize("method", FITTED)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_feature_that_is_no_number(method, bad):
    X, y, domain, *_ = domains()
    X[7, 3] = bad
    with pytest.raises(UserError, match="row 7, column 3"):
        make(method).fit(X, y, domain)


@pytest.mark.parametrize("method", FITTED)
def test_a_constant_feature_changes_no_prediction_for_the_worse(method):
    X, y, domain, _, _, truth = domains()
    X[:, 4] = 1e6
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ChoiceOfCWarning)
        warnings.simplefilter("error", RuntimeWarning)  # no division by its deviation
        clf = make(method, epochs=12).fit(X, y, domain) if method != "pca_svm" else make(method).fit(X, y, domain)
    assert np.isfinite(clf.scaler_.transform(X)).all()
    assert (clf.classes_[clf.target_predictions_[-1]] == truth).mean() > 1 / 3


@pytest.mark.parametrize("method", methods.METHODS)
@pytest.mark.filterwarnings("ignore")
def test_three_samples(method):
    X, y, domain, *_ = domains()
    few = np.r_[np.flatnonzero(domain > 0)[:3], np.flatnonzero(domain < 0)[:2]]
    too_few = {"lda": "the source has 3 rows of 3 classes", "coral": "3 source and 2 target rows have no root"}
    too_few["late_fusion"] = too_few["lda"]
    if method in too_few:
        with pytest.raises(UserError, match=too_few[method]):
            make(method).fit(X[few], y[few], domain[few])
        return
    clf = make(method).fit(X[few], y[few], domain[few])
    assert clf.predict(X[domain < 0]).shape == (50,)
    alone = few[:-1]
    if method.startswith("tlmlda") or method in ("subspace", "tca"):
        with pytest.raises(UserError, match="target has n_samples=1"):
            make(method).fit(X[alone], y[alone], domain[alone])
    else:  # what needs no second row of the target does without
        make(method).fit(X[alone], y[alone], domain[alone])
    with pytest.raises(ValueError, match=r"1 sample\(s\)"):
        make(method).fit(X[:1], y[:1], domain[:1])


NO_NUMBERS = (-1, 2.5, math.nan, math.inf, "high", None, (), [], {}, True)


@pytest.mark.parametrize("method", DISTINCT)
@pytest.mark.filterwarnings("ignore")
def test_a_value_of_an_option_is_taken_or_named_in_a_sentence(method, monkeypatch):
    X, y, domain, *_ = domains()
    if not issubclass(methods.METHODS[method], ScaledClassifier):  # options are checked before the epochs, and the seed
        monkeypatch.setattr(methods.METHODS[method], "_fit", lambda self, rows, **how: seed_of(self.random_state))
    said = {}
    for name in make(method).get_params():
        for value in (*NO_NUMBERS, object()):
            if name in ("preset", "streams"):
                continue
            try:
                type(make(method))(**make(method).get_params() | {name: value}).fit(X, y, domain)
            except UserError as error:
                said[f"{name}={value!r}"] = (name, str(error))
    assert all(name in sentence and "\n" not in sentence for name, sentence in said.values()), said
    assert method in ("lda", "majority", "late_fusion") or len(said) > 8


@pytest.mark.parametrize("method", DISTINCT)
def test_labels_of_the_target_need_not_be_labels(method):
    X, y, domain, *_ = domains()
    expected = make(method).fit(X, y, domain).predict(X)
    for unknown in (math.nan, pd.NA):
        labels = np.array([unknown if d < 0 else int(label) for d, label in zip(domain, y, strict=True)], dtype=object)
        for given in (labels, labels.tolist(), pd.Series(labels, index=[7] * len(X))):
            assert np.array_equal(make(method).fit(X, given, domain).predict(X), expected)


@pytest.mark.parametrize("method", DISTINCT)
@pytest.mark.filterwarnings("ignore")
def test_features_in_any_memory_are_the_same_features(method):
    X, y, domain, *_ = domains()
    expected = make(method).fit(X, y, domain).predict(X)
    read_only = X.copy()
    read_only.setflags(write=False)
    doubled = pd.DataFrame(X, index=[3] * len(X), columns=[f"f{i}" for i in range(X.shape[1])])
    for same in (np.asfortranarray(X), np.repeat(X, 2, 1)[:, ::2], X[::-1][::-1], read_only, X.tolist(), doubled):
        assert np.array_equal(make(method).fit(same, y, domain).predict(same), expected)
    for other in (X.astype(np.float16), X.astype(np.float32), X > 0, (10 * X).astype(int)):
        assert set(make(method).fit(other, y, domain).predict(other)) <= {0, 1, 2}


@pytest.mark.parametrize("method", DISTINCT)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda X, y, d: (np.ma.masked_greater(X, 1), y, d), "X has 988 masked values"),
        (lambda X, y, d: (X, np.ma.masked_equal(y, 0), d), "y has 20 masked values"),
        (lambda X, y, d: (X, y, np.ma.masked_less(d, 0)), "sample_domain has 50 masked values"),
        (lambda X, y, d: (X, y, np.where(d < 0, math.nan, 1)), "sample_domain has the type float64"),
        (lambda X, y, d: (X, y, d > 0), "sample_domain has the type bool"),
        (lambda X, y, d: (X, y, np.where(d < 0, "t", "s")), "sample_domain has the type <U1"),
        (lambda X, y, d: (X, y, d[:, None]), "sample_domain has shape"),
        (lambda X, y, d: (1e39 * X, y, d), "X contains a number above 3e38"),
        (lambda X, y, d: (X, y, d, np.arange(3)), "groups has shape"),
        (lambda X, y, d: (X, y, d, None, np.ones((110, 1))), "voices has shape"),
    ],
)
def test_what_would_be_misread_in_silence_is_refused(method, change, words):
    X, y, domain, *_ = domains()
    with pytest.raises(UserError, match=words):
        make(method).fit(*change(X, y, domain))


@pytest.mark.parametrize("method", FITTED)
def test_predict_refuses_what_fit_refuses(method):
    X, y, domain, *_ = domains()
    clf = make(method).fit(X, y, domain)
    with pytest.raises(UserError, match="X has 988 masked values"):
        clf.predict(np.ma.masked_greater(X, 1))
    with pytest.raises(UserError, match="row 3, column 0"):
        clf.predict(np.where(np.arange(len(X))[:, None] == 3, math.inf, X))
    for wrong in (domain[:, None], domain[:3], domain > 0, domain * 0.5):
        with pytest.raises(UserError, match="sample_domain has"):
            clf.predict(X, wrong)


def test_a_target_that_is_marked_by_0_is_said_to_be_none():
    X, y, domain, *_ = domains()
    y = np.abs(y)
    with pytest.warns(NoTargetWarning, match="no row of sample_domain is below 0"):
        make("tlmlda").fit(X, y, np.where(domain < 0, 0, 1))
    with warnings.catch_warnings():
        warnings.simplefilter("error", NoTargetWarning)
        make("tlmlda").fit(X, y, np.ones(len(X), dtype=int))


@pytest.mark.parametrize("method", ["coral", "tca"])
def test_features_that_are_all_constant_are_named(method):
    X, y, domain, *_ = domains()
    with pytest.raises(UserError, match=f"every feature is constant: {method}"):
        make(method).fit(np.ones_like(X), y, domain)


def test_a_batch_may_be_larger_than_the_data():
    X, y, domain, *_ = domains()
    for preset in ("quick", "authors"):
        clf = make("tlmlda", preset, batch_size=10_000).fit(X, y, domain)
        assert np.isfinite(clf.predict_proba(X)).all()


def test_a_device_that_is_not_here_is_named():
    X, y, domain, *_ = domains()
    for device in ("tpu", "cuda:99", 3.5):
        with pytest.raises(UserError, match=f"device={device!r} is not here"):
            make("tlmlda", device=device).fit(X, y, domain)


def test_files_of_every_kind_beside_good_ones(tmp_path):
    source, target = folder(tmp_path / "s", "anger", "sad"), folder(tmp_path / "t", "anger", "sad")
    tone = made_corpora.tone(200, 0.5, 44100)
    soundfile.write(target / "anger" / "stereo.wav", np.stack([tone, 0.5 * tone], 1), 44100)
    soundfile.write(target / "anger" / "eight.wav", made_corpora.tone(210, 0.5), 16000, subtype="PCM_U8")
    (target / "sad" / "zero.wav").write_bytes(b"")
    (target / "sad" / "text.wav").write_text("I am a text\n" * 100)
    (target / "sad" / "cut.wav").write_bytes((source / "sad" / "0.wav").read_bytes()[:20])
    os.chmod(made_corpora.put(target / "sad" / "closed.wav", 333, 0.4), 0)
    closed = os.geteuid() != 0  # root reads it all the same
    pair = pair_of(source, target)
    names = {Path(f).name for f in np.array(pair.files)[pair.target]}
    assert {"stereo.wav", "eight.wav"} <= names  # both are sound, and are used
    bad = {Path(p["file"]).name: p["problem"] for p in pair.problems}
    assert set(bad) == {"zero.wav", "text.wav", "cut.wav"} | ({"closed.wav"} if closed else set())
    assert all(problem for problem in bad.values())
    assert pair.target.sum() == 6 + 2 + (0 if closed else 1)
    clf = tl.methods.make("pca_svm", C=0.1).fit(pair.X, pair.y, pair.sample_domain)
    assert len(clf.predict(pair.X[pair.target])) == pair.target.sum()


def test_a_label_that_is_not_known_is_named_and_the_rest_is_loaded(tmp_path):
    table = tl.corpora.load("folder", folder(tmp_path, "anger", "sad", "bliss"))
    assert len(table) == 6
    assert {p["problem"].split("'")[1] for p in table.attrs["problems"]} == {"bliss"}
    assert isinstance(table, pd.DataFrame)
