"""The scikit-learn contract, masked labels, saving, and skada's pipelines."""

from __future__ import annotations

import functools
import json
import os
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
import safetensors.torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import config_context
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.utils.estimator_checks import check_estimator

from tlmlda_lib import methods
from tlmlda_lib.domains.scaling import ScalingWarning
from tlmlda_lib.errors import UserError
from tlmlda_lib.methods.dbn.classifier import StoppingWarning
from tlmlda_lib.methods.pca_svm import C_GRID, ChoiceOfCWarning
from tlmlda_lib.training import checkpoints

EVERY = [(m, p) for m in methods.METHODS for p in methods.presets(m)]
#: The ablations of TLMLDA are one class with other options.
DISTINCT = [m for m in methods.METHODS if not m.startswith("tlmlda_")]
SMALL = {"encoder": (16, 8), "emotion": (8, 6), "epochs": 3, "batch_size": 16}
SMALL_DBN = {"hidden": (8, 6), "rbm_epochs": 2, "epochs": 3, "batch_size": 16}
TWO_STREAMS = {"first": range(12), "second": range(12, 20)}
SMALL_IFN = {"streams": TWO_STREAMS, "hidden": 8, "code": 6, "gate": 4, "epochs": 3, "batch_size": 16}


def make(method, preset=None, **params):
    """A method at a size that fits in a moment."""
    kind = methods.METHODS[method]
    sizes = {methods.TLMLDA: SMALL, methods.DBNBP: SMALL_DBN, methods.IFN: SMALL_IFN}
    sizes[methods.LateFusion] = {"streams": TWO_STREAMS}
    small = next((size for parent, size in sizes.items() if issubclass(kind, parent)), {})
    return methods.make(method, preset, random_state=0, **(small | params))


def domains(seed=0, n=(60, 50), d=20, classes=3):
    """X, y (target masked), sample_domain, speakers, voices, truth."""
    rng = np.random.default_rng(seed)
    labels = np.arange(sum(n)) % classes
    X = rng.normal(size=(classes, d))[labels] + rng.normal(size=(sum(n), d))
    X[n[0] :] = X[n[0] :] * 1.5 + 2
    domain = np.repeat([1, -2], n)
    speakers = np.concatenate([np.arange(n[0]) // 3 % 5, 10 + np.arange(n[1]) // 3 % 4])
    voices = np.concatenate([np.arange(n[0]) // 3 % 2, 2 + np.arange(n[1]) // 3 % 2])
    y = np.where(domain > 0, labels, -1)
    return X, y, domain, speakers, voices, labels[n[0] :]


def fit(method, preset=None, y=None, **params):
    X, masked, domain, speakers, voices, _ = domains()
    y = masked if y is None else y
    return make(method, preset, **params).fit(X, y, sample_domain=domain, groups=speakers, voices=voices)


@functools.cache
def fitted(method, preset):
    """What three tests ask, and none of them changes."""
    return fit(method, preset)


@pytest.mark.parametrize("method", methods.METHODS)
def test_check_estimator(method):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        small = {
            "dbn_bp": {"hidden": (16,), "rbm_epochs": 2, "epochs": 5},
            "bp": {"hidden": (32,)},
            "ifn": {"preset": "quick"},
        }
        few = {"encoder": (48, 24), "emotion": (16, 8), "epochs": 8, "learning_rate": 0.01}
        if issubclass(methods.METHODS[method], methods.TLMLDA):
            small[method] = few
        check_estimator(methods.make(method, **small.get(method, {})))


@pytest.mark.parametrize(("method", "preset"), EVERY)
def test_target_labels_are_never_read(method, preset):
    _, masked, domain, _, _, truth = domains()
    reference = fitted(method, preset)
    given = masked.copy()
    given[domain < 0] = truth
    false = given.copy()
    false[domain < 0] = np.random.default_rng(0).permutation(np.where(np.arange(len(truth)) % 4, truth, 17))
    for y in (given, false):
        other = fit(method, preset, y=y)
        assert np.array_equal(other.target_predictions_, reference.target_predictions_)
        assert np.array_equal(other.classes_, reference.classes_)
        if hasattr(reference, "history_"):
            a, b = (m.history_.drop(columns="seconds") for m in (other, reference))
            assert a.equals(b)


@pytest.mark.parametrize(("method", "preset"), EVERY)
def test_predict_on_the_targets_rows_is_the_last_row_of_target_predictions(method, preset):
    X, _, domain, speakers, voices, _ = domains()
    clf = fitted(method, preset)
    t = domain < 0
    predicted = clf.predict(X[t], voices=voices[t], groups=speakers[t])
    assert np.array_equal(predicted, clf.classes_[clf.target_predictions_[-1]])
    if preset != "authors":  # there the target is scaled as a whole at test, so subsets must agree too
        few = np.flatnonzero(t)[:5]
        assert np.array_equal(clf.predict(X[few], voices=voices[few], groups=speakers[few]), predicted[:5])
    if hasattr(clf, "predict_proba"):
        p = clf.predict_proba(X[t], voices=voices[t], groups=speakers[t])
        np.testing.assert_allclose(p.sum(1), 1)


@pytest.mark.parametrize(("method", "preset"), EVERY)
def test_clone_pickle_save_and_load_predict_the_same(method, preset, tmp_path):
    X, _, domain, speakers, voices, _ = domains()
    clf = fitted(method, preset)
    t = domain < 0
    ask = {"voices": voices[t], "groups": speakers[t]}
    expected = clf.predict(X[t], **ask)
    assert np.array_equal(pickle.loads(pickle.dumps(clf)).predict(X[t], **ask), expected)
    path = tmp_path / "model.safetensors"
    clf.save(path, classes=["a", "b", "c"], features=["is10"])
    loaded = methods.load(path)
    assert np.array_equal(loaded.predict(X[t], **ask), expected)
    assert loaded.about == {"classes": ["a", "b", "c"], "features": ["is10"]}
    assert type(loaded) is type(clf)
    assert clone(clf).get_params() == clf.get_params()
    # and a loaded one can be saved again
    loaded.save(tmp_path / "again.safetensors")
    assert np.array_equal(methods.load(tmp_path / "again.safetensors").predict(X[t], **ask), expected)


@pytest.mark.parametrize("method", methods.METHODS)
def test_feature_names_survive_saving(method, tmp_path):
    X, y, domain, *_ = domains()
    frame = pd.DataFrame(X, columns=[f"f{i}" for i in range(X.shape[1])])
    clf = make(method).fit(frame, y, domain)
    clf.save(tmp_path / "m")
    loaded = methods.load(tmp_path / "m")
    assert np.array_equal(loaded.predict(frame), clf.predict(frame))
    for one in (clf, loaded):
        with pytest.raises(ValueError, match="feature names should match"):
            one.predict(frame[frame.columns[::-1]])
    loaded.save(tmp_path / "again")
    assert list(methods.load(tmp_path / "again").feature_names_in_) == list(frame)


def test_a_model_that_was_saved_without_names_and_checksum_is_read(tmp_path):
    X, y, domain, *_ = domains()
    clf = make("pca_svm").fit(X, y, domain)
    clf.save(tmp_path / "new")
    tensors, content = checkpoints.read(tmp_path / "new")
    del content["fitted"]["feature_names"]
    (tmp_path / "old").write_bytes(safetensors.torch.save(tensors, metadata={"about": json.dumps(content)}))
    old = methods.load(tmp_path / "old")
    assert np.array_equal(old.predict(X), clf.predict(X))
    assert not hasattr(old, "feature_names_in_")


def numpys(value):
    """The same value in numpy's types."""
    if isinstance(value, bool):
        return np.bool_(value)
    if isinstance(value, int):
        return np.int64(value)
    if isinstance(value, float):
        return np.float32(value)
    if isinstance(value, str):
        return np.str_(value)
    if isinstance(value, tuple):
        return tuple(map(numpys, value))
    return {k: numpys(v) for k, v in value.items()} if isinstance(value, dict) else value


@pytest.mark.parametrize("method", methods.METHODS)
def test_numpy_numbers_are_options_in_fit_save_and_load(method, tmp_path):
    X, y, domain, *_ = domains()
    clf = make(method)
    options = clf.options() if hasattr(clf, "options") else None
    given = {name: value for name, value in clf.get_params().items() if name not in ("device", "streams")}
    given |= {name: getattr(options, name) for name in given if given[name] is None and hasattr(options, name)}
    given = {k: numpys(v) for k, v in given.items()} | {"random_state": np.int64(0)}
    assert sum(isinstance(v, np.generic | tuple | dict) for v in given.values()) >= 2
    other = type(clf)(**clf.get_params() | given).fit(X, y, domain)
    other.save(tmp_path / "m", score=np.float32(0.5), counts=np.arange(3))
    loaded = methods.load(tmp_path / "m")
    assert np.array_equal(loaded.predict(X), other.predict(X))
    assert not any(isinstance(v, np.generic) for v in loaded.get_params().values())
    assert loaded.about == {"score": 0.5, "counts": [0, 1, 2]}
    if method == "tlmlda":  # the same run as with Python's own numbers, where they are the same numbers
        same = make(method, epochs=np.int32(3), encoder=np.array([16, 8]), dropout=np.float64(0.2))
        assert same.options() == make(method, epochs=3, encoder=(16, 8), dropout=0.2).options()


def test_an_array_or_a_numpy_number_for_one_option_is_enough():
    X, y, domain, *_ = domains()
    for method, options in {
        "pca_svm": {"C": np.float32(0.5)},
        "tlmlda": {"alpha": {"y": np.float32(2)}, "ramp": np.bool_(True), "emotion": np.array([8, 6])},
        "bp": {"hidden": [np.int64(8)]},
    }.items():
        clf = make(method, **options).fit(X, y, domain)
        assert clone(clf).get_params() == clf.get_params()


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A saved model's file, the same as bytes, and what it predicts."""
    X, y, domain, *_ = domains()
    clf = make("lda").fit(X, y, domain)
    file = tmp_path_factory.mktemp("saved") / "m"
    clf.save(file, emotions=["anger", "fear", "sad"])
    return file, file.read_bytes(), clf.predict(X)


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_a_damaged_model_is_one_sentence(saved, data):
    file, whole, expected = saved
    place = data.draw(st.one_of(st.integers(0, 1500), st.integers(0, len(whole) - 1)))
    flipped = bytearray(whole)
    flipped[place] ^= 1 << data.draw(st.integers(0, 7))
    for damaged in (bytes(flipped), whole[:place], whole + b"x"):
        other = file.with_name("damaged")
        other.write_bytes(damaged)
        loaded, said = None, ""
        try:
            loaded = methods.load(other)
        except UserError as error:
            said = str(error)
        if loaded is None:
            assert str(other) in said
            assert "\n" not in said
        else:  # a blank of the header may be another blank, and a word that nobody reads another word
            assert np.array_equal(loaded.predict(domains()[0]), expected)
            assert loaded.about == {"emotions": ["anger", "fear", "sad"]}
            assert len(damaged) == len(whole)


def test_a_pipe_or_a_folder_is_no_model_and_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(UserError, match="contains no saved method"):
            methods.load(path)


def test_string_labels_survive_saving(tmp_path):
    X, y, domain, *_ = domains()
    names = np.array(["anger", "fear", "sad"])[y]
    clf = make("tlmlda").fit(X, names, domain)
    clf.save(tmp_path / "m")
    assert set(methods.load(tmp_path / "m").predict(X)) <= {"anger", "fear", "sad"}


@pytest.mark.parametrize("method", ["tlmlda", "tlmlda_m", "ifn"])
def test_a_model_of_version_0_1_is_read(method, tmp_path):
    X, _, domain, *_ = domains()
    params = {"alpha": {"MMD": 2.0}} | ({"transfer": "tlmlda"} if method == "ifn" else {})
    clf = fit(method, "quick", **params)
    clf.save(tmp_path / "new")
    tensors, content = checkpoints.read(tmp_path / "new")
    fitted = content["fitted"]
    for part in (fitted["params"], fitted["state"]["options"]):  # five factors in a row
        part["alpha"] = list((clf.options_.alpha | part["alpha"]).values())
    checkpoints.write(tmp_path / "old", tensors, content)
    old = methods.load(tmp_path / "old")
    assert old.alpha == old.options().alpha == old.options_.alpha == clf.options_.alpha
    assert old.options_ == clf.options_
    assert np.array_equal(old.predict(X, domain), clf.predict(X, domain))


@pytest.mark.parametrize("content", [b"", b"not a model", None])
def test_a_file_that_is_no_model_is_named(content, tmp_path):
    path = tmp_path / "model"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match="model"):
        methods.load(path)


def test_pca_svm_with_a_given_C_is_plain_scikit_learn():
    X, y, domain, *_, _ = domains()
    clf = make("pca_svm", C=0.01).fit(X, y, domain)
    s, t = X[domain > 0], X[domain < 0]
    pca = PCA(0.98, svd_solver="full").fit(StandardScaler().fit_transform(s))
    svm = SVC(kernel="linear", C=0.01).fit(pca.transform(StandardScaler().fit_transform(s)), y[domain > 0])
    expected = svm.predict(pca.transform(StandardScaler().fit_transform(t)))
    assert np.array_equal(clf.predict(t), expected)
    assert clf.target_predictions_.shape == (1, 50)


def test_pca_svm_within_source_uses_nothing_of_the_target(tmp_path):
    X, y, domain, speakers, *_ = domains()
    s, t = domain > 0, domain < 0
    clf = make("pca_svm", within="source").fit(X, y, domain, groups=speakers)
    alone = make("pca_svm").fit(X[s], y[s], groups=speakers[s])
    assert clf.C_ == alone.C_
    assert np.array_equal(clf.target_predictions_[-1], alone.predict(X[t]))
    assert np.array_equal(clf.predict(X[t][:3]), alone.predict(X[t][:3]))
    clf.save(tmp_path / "model")
    assert np.array_equal(methods.load(tmp_path / "model").predict(X[t]), alone.predict(X[t]))
    with pytest.raises(UserError, match="within"):
        make("pca_svm", within="target").fit(X, y, domain)


def test_the_honest_C_is_the_one_standard_error_rule_on_speakers():
    X, y, domain, speakers, *_ = domains()
    clf = make("pca_svm").fit(X, y, domain, groups=speakers)
    s = domain > 0
    scores = []
    for train, test in StratifiedGroupKFold(5, shuffle=True, random_state=0).split(X[s], y[s], speakers[s]):
        assert not set(speakers[s][train]) & set(speakers[s][test])
        scaler = StandardScaler().fit(X[s][train])
        pca = PCA(0.98, svd_solver="full").fit(scaler.transform(X[s][train]))
        a, b = (pca.transform(scaler.transform(X[s][i])) for i in (train, test))
        scores.append([SVC(kernel="linear", C=c).fit(a, y[s][train]).score(b, y[s][test]) for c in C_GRID])
    mean, best = np.mean(scores, 0), np.argmax(np.mean(scores, 0))
    error = np.std(scores, 0, ddof=1)[best] / np.sqrt(5)
    assert C_GRID[np.argmax(mean >= mean[best] - error)] == clf.C_
    # a row per C, then the chosen one
    assert clf.target_predictions_.shape == (6, 50)
    chosen = C_GRID.index(clf.C_)
    assert np.array_equal(clf.target_predictions_[chosen], clf.target_predictions_[-1])


def test_a_preset_that_wants_voices_and_gets_none_says_so():
    X, y, domain, *_ = domains()
    assert make("tlmlda", "recommended-is10").requires_voices
    with pytest.warns(ScalingWarning, match="got no voices"):
        clf = make("tlmlda", "recommended-is10").fit(X, y, domain)
    same = make("tlmlda", "recommended-is10", within="corpus").fit(X, y, domain)
    assert np.array_equal(clf.target_predictions_, same.target_predictions_)


def test_one_speaker_or_unknown_speakers_still_give_a_model():
    X, y, domain, speakers, *_ = domains()
    with pytest.warns(ChoiceOfCWarning) as caught:
        make("pca_svm").fit(X, y, domain, groups=np.zeros_like(speakers))
    assert "one speaker" in str(caught[0].message)
    with pytest.warns(ChoiceOfCWarning, match="no speakers"):
        make("pca_svm").fit(X, y, domain)


def _nan(X):
    X = X.copy()
    X[3, 7] = np.nan
    return X


@pytest.mark.parametrize("method", DISTINCT)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda X, y, d: (X, np.where(y >= 0, 0, y), d), "one class"),
        (lambda X, y, d: (_nan(X), y, d), "row 3, column 7"),
        (lambda X, y, d: (X, y, np.full(len(X), -1)), "every row is target"),
        (lambda X, y, d: (X, y[:10], d), "110 rows and y 10"),
        (lambda X, y, d: (X, y, d[:3]), "sample_domain has shape"),
    ],
)
def test_bad_input_is_answered_in_one_sentence(method, change, words):
    X, y, domain, *_ = domains()
    with pytest.raises(ValueError, match=words) as caught:
        make(method).fit(*change(X, y, domain))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("method", [m for m in DISTINCT if m not in ("lda", "late_fusion")])
def test_constant_features_and_three_samples_are_no_obstacle(method):
    X, y, domain, *_ = domains()
    X[:, 4] = 3.3
    few = np.r_[0:3, 60:63]
    with warnings.catch_warnings():
        for kind in (ChoiceOfCWarning, StoppingWarning):
            warnings.simplefilter("ignore", kind)
        clf = make(method).fit(X[few], y[few], domain[few])
    assert set(clf.predict(X[60:63])) <= {0, 1, 2}


@pytest.mark.parametrize("method", ["tlmlda", "pca_svm"])
def test_in_a_skada_pipeline_and_grid_search(method):
    skada = pytest.importorskip("skada", reason="skada comes with the extra 'test'")
    from skada.metrics import CircularValidation, PredictionEntropyScorer
    from skada.model_selection import SourceTargetShuffleSplit
    from sklearn.model_selection import GridSearchCV

    X, y, domain, *_, truth = domains()
    clf = methods.make(method, random_state=0)
    # skada switches routing on when it is imported; a test before this one may have switched it off again
    with warnings.catch_warnings(), config_context(enable_metadata_routing=True):
        warnings.simplefilter("ignore")
        pipeline = skada.make_da_pipeline(StandardScaler(), clf)
        pipeline.fit(X, y.copy(), sample_domain=domain)
        predicted = pipeline.predict(X[domain < 0], sample_domain=domain[domain < 0])
        assert (predicted == truth).mean() > 0.9
        name = pipeline.steps[-1][0]
        grid = {f"{name}__epochs": [1, 2]} if method == "tlmlda" else {f"{name}__C": [0.01, 1.0]}
        scorer = PredictionEntropyScorer() if method == "tlmlda" else CircularValidation()
        search = GridSearchCV(pipeline, grid, cv=SourceTargetShuffleSplit(n_splits=2, random_state=0), scoring=scorer)
        search.fit(X, y.copy(), sample_domain=domain)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
