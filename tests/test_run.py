"""A cell from the pair to the record: what it says, when it is run again, and what a crash leaves of it."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, balanced_accuracy_score, confusion_matrix
from stand_ins import made_pair

from tlmlda_lib import evaluation, files, methods
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import contents, provenance, revisions, run, sealing, settings, store
from tlmlda_lib.methods import pca_svm
from tlmlda_lib.training.checkpoints import CheckpointWarning

SMALL = {"encoder": (12, 8), "emotion": (8, 6), "epochs": 6, "batch_size": 16}


@pytest.fixture
def folders(tmp_path):
    folder = tmp_path / "results"
    return {"runs": folder, "results": folder, "checkpoint_folder": tmp_path / "unfinished"}


def tlmlda(folders, pair=None, seed=0, **how):
    return run.run_cell(pair or made_pair(), "tlmlda", "quick", seed, params=SMALL, **(folders | how))


def fitted(pair, seed=0, preset="quick", method="tlmlda", **params):
    clf = methods.make(method, preset, random_state=seed, **settings.of(method, preset, pair.scheme, params))
    voices = pair.voices if clf.requires_voices else None
    with run.use_threads(1):  # as many as a record has
        return clf.fit(pair.X, pair.y, sample_domain=pair.sample_domain, groups=pair.groups, voices=voices)


def test_scores_are_those_of_scikit_learn_on_the_method_itself(folders):
    pair = made_pair()
    record = tlmlda(folders, pair)
    clf = fitted(pair, **SMALL)
    rows = clf.target_predictions_
    accuracies = [accuracy_score(pair.truth, p) for p in rows]
    expected = {"final": 5, "unsupervised": int(clf.history_["infomax"].argmax()), "oracle": int(np.argmax(accuracies))}
    for rule, row in expected.items():
        got = record["rules"][rule]
        assert got["epoch"] == row + 1
        assert got["war"] == pytest.approx(100 * accuracies[row], rel=1e-5)
        assert got["uar"] == pytest.approx(100 * balanced_accuracy_score(pair.truth, rows[row]), rel=1e-5)
        np.testing.assert_array_equal(got["confusion"], confusion_matrix(pair.truth, rows[row]))
    assert record["rules"]["unsupervised"]["criterion"] == "infomax"
    assert record["rules"]["oracle"]["chosen_by"] == "target labels"
    np.testing.assert_allclose(record["curve"]["war"], 100 * np.array(accuracies), rtol=1e-5)
    np.testing.assert_allclose(
        record["curve"]["uar"], [100 * balanced_accuracy_score(pair.truth, p) for p in rows], rtol=1e-5
    )
    for name in clf.history_.drop(columns="seconds"):
        np.testing.assert_allclose(record["curve"][name], clf.history_[name], rtol=1e-5)


def test_a_record_says_all_that_a_figure_hangs_on(folders):
    pair = made_pair()
    record = tlmlda(folders, pair, seed=3)
    assert {k: record[k] for k in ("grid", "scheme", "method", "preset", "seed", "threads")} == {
        "grid": "main", "scheme": "C2B", "method": "tlmlda", "preset": "quick", "seed": 3, "threads": 1,
    }  # fmt: skip
    assert record["params"]["encoder"] == [12, 8]
    assert len(record["params"]) == len(methods.make("tlmlda").options().__dataclass_fields__)
    assert record["overrides"] == {**SMALL, "encoder": [12, 8], "emotion": [8, 6]}
    assert record["counts"]["target"] == {"anger": 14, "happy": 14, "sad": 13}
    assert record["counts"]["source"] == {"anger": 20, "happy": 20, "sad": 20}
    assert (record["counts"]["source_speakers"], record["counts"]["target_speakers"]) == (5, 4)
    assert record["floor"]["chance"] == pytest.approx(100 / 3, rel=1e-5)
    assert record["floor"]["majority"] == pytest.approx(100 * 14 / 41, rel=1e-5)
    assert record["saw"] == {
        "target_features": "transductive", "target_labels": "oracle rule only", "speaker_metadata": False,
    }  # fmt: skip
    assert record["scaling"] == "zscore within corpus"
    assert record["counts"]["target_genders"] == {"female": 21, "male": 20}
    assert record["genders"] == {"emodb/5": "female", "emodb/6": "male", "emodb/7": "female", "emodb/8": "male"}
    assert record["machine"]["device"] == "cpu"
    assert record["peak_memory_mib"] > 50
    assert record["seconds"] > 0
    assert record["versions"]["torch"].startswith(torch.__version__.split("+")[0])
    assert record["date"].endswith("+00:00")
    expected = dict.fromkeys(("features is10", "method tlmlda", "pair", "sound", "trainer"), 1)
    assert record["revisions"] == expected
    text = json.dumps(record)
    assert str(Path.home()) not in text
    assert "/made/" not in text  # no file of a corpus is named


def test_a_long_record_stays_small(folders):
    pair = made_pair(n=(60, 1000))
    tlmlda(folders, replace(pair), **{})
    record = run.run_cell(pair, "tlmlda", "quick", params=SMALL | {"epochs": 60, "batch_size": 500}, **folders)
    file = store.path(folders["runs"], **record)
    assert len(record["curve"]["war"]) == 60
    assert file.stat().st_size < 40_000


def test_methods_without_epochs_have_one_rule_and_an_oracle_of_settings(folders):
    pair = made_pair()
    record = run.run_cell(pair, "pca_svm", **folders)
    clf = fitted(pair, method="pca_svm", preset=None)
    assert record["preset"] == "zscore"
    assert record["params"] == {"C": None, "variance": 0.98, "within": None}
    wars = [evaluation.war(pair.truth, clf.classes_[p]) for p in clf.target_predictions_]
    assert record["rules"]["final"]["war"] == pytest.approx(wars[-1], rel=1e-5)
    assert record["rules"]["unsupervised"]["war"] == record["rules"]["final"]["war"]
    assert record["rules"]["unsupervised"]["criterion"] is None
    assert record["rules"]["oracle"]["war"] == pytest.approx(max(wars), rel=1e-5)
    assert "epoch" not in record["rules"]["oracle"]
    one = run.run_cell(pair, "pca_svm", params={"C": 0.01}, **folders)
    assert one["options_digest"] != record["options_digest"]


@pytest.mark.parametrize("method", methods.METHODS)
def test_every_method_makes_a_record_that_it_reads_again(folders, method):
    kind = methods.METHODS[method]
    params = SMALL if issubclass(kind, methods.TLMLDA) else {}
    if issubclass(kind, methods.DBNBP):
        params = {"hidden": (8, 6), "rbm_epochs": 2, "epochs": 3}
    if issubclass(kind, methods.IFN):
        params = {"hidden": 8, "code": 6, "epochs": 3}
    if issubclass(kind, methods.IFN | methods.LateFusion):
        params["streams"] = {"first": "0-11", "second": "12-19"}
    pair = made_pair()
    record = run.run_cell(pair, method, params=params, **folders)
    clf = fitted(pair, method=method, preset=None, **params)
    for i, p in enumerate(clf.target_predictions_):
        assert record["curve"]["war"][i] == pytest.approx(evaluation.war(pair.truth, clf.classes_[p]), rel=1e-5)
    assert record["rules"]["final"]["war"] == record["curve"]["war"][-1]
    assert ("epoch" in record["rules"]["final"]) == hasattr(clf, "history_")
    assert record["revisions"] == revisions.depends_on(clf, pair.features)
    assert "preset" not in record["params"]
    assert all(v is not None for k, v in record["params"].items() if k not in ("C", "within"))
    assert run.run_cell(pair, method, params=params, **folders) == record


def test_hits_give_every_interval_back(folders):
    pair = made_pair()
    record = tlmlda(folders, pair)
    predicted = fitted(pair, **SMALL).target_predictions_[-1]
    hit, truth, who = contents.unpack(record, "final")
    target_speakers = np.array(pair.speakers)[pair.target]
    assert 100 * hit.mean() == pytest.approx(record["rules"]["final"]["war"], rel=1e-5)
    assert sorted(zip(who, truth, hit, strict=True)) == sorted(
        zip(target_speakers, pair.truth, predicted == pair.truth, strict=True)
    )
    for metric in evaluation.METRICS:
        direct = evaluation.bootstrap_interval(pair.truth, predicted, target_speakers, metric)
        again = evaluation.bootstrap_interval(truth, np.where(hit, truth, -1), who, metric)
        assert again == pytest.approx(direct)
    with pytest.raises(UserError, match="hits"):
        contents.unpack(record | {"utterances": {"x": [1, 1, 1]}}, "final")


def counting(monkeypatch):
    calls = []
    real = run._train
    monkeypatch.setattr(run, "_train", lambda *a: calls.append(a) or real(*a))
    return calls


@pytest.mark.parametrize(("method", "sure"), [("tlmlda", True), ("late_fusion", True), ("pca_svm", False)])
def test_what_a_run_says_is_what_the_method_says(folders, method, sure):
    pair = made_pair()
    preset, params = ("quick", SMALL) if method == "tlmlda" else ("zscore", {})
    record = run.run_cell(pair, method, preset, 0, params=params, **folders)
    predicted, confidence, truth, speakers = contents.heard(record)
    clf = fitted(pair, preset=preset, method=method, **params)
    rows = sorted(range(len(pair.truth)), key=lambda i: (pair.speakers[60:][i], pair.truth[i], i))
    np.testing.assert_array_equal(predicted, clf.target_predictions_[-1][rows])
    np.testing.assert_array_equal(truth, pair.truth[rows])
    assert speakers.tolist() == [pair.speakers[60:][i] for i in rows]
    np.testing.assert_array_equal(predicted == truth, contents.unpack(record, "final")[0])
    assert (confidence is not None) == sure
    if sure:
        p = clf.predict_proba(pair.X[60:], sample_domain=pair.sample_domain[60:])
        np.testing.assert_allclose(confidence, p.max(1)[rows], atol=1 / 509)


def test_a_confidence_that_is_not_the_last_epochs_is_left_out(folders):
    pair = made_pair()
    clf = fitted(pair, **SMALL)
    clf.target_predictions_[-1, 0] = (clf.target_predictions_[-1, 0] + 1) % 3
    assert set(contents.said(clf, pair, None)) == {"predicted"}


def test_words_that_do_not_fit_are_refused(folders):
    record = tlmlda(folders)
    with pytest.raises(UserError, match="has no predictions"):
        contents.heard({k: v for k, v in record.items() if k != "said"})
    for changed in ({"predicted": "0" * 40}, {"predicted": "0" * 41, "confidence": "00"}):
        with pytest.raises(UserError, match=r"different number of predictions than utterances \(41\)"):
            contents.heard(record | {"said": changed})


def test_a_cell_with_a_record_is_not_run_again(folders, monkeypatch):
    calls = counting(monkeypatch)
    first = tlmlda(folders)
    assert tlmlda(folders) == first
    assert len(calls) == 1
    assert tlmlda(folders, stale=True) == first
    assert len(calls) == 1
    again = tlmlda(folders, fresh=True)
    assert len(calls) == 2
    assert store.reproducible(again) == store.reproducible(first)
    tlmlda(folders, seed=1)
    tlmlda(folders, grid="other")
    tlmlda(folders, pair=made_pair(features=("is10", "resemblyzer")))
    assert len(calls) == 5
    assert not list(folders["checkpoint_folder"].iterdir())


def test_a_record_of_an_older_revision_is_reported_and_remade_when_asked(folders, monkeypatch):
    calls = counting(monkeypatch)
    record = tlmlda(folders)
    file = store.path(folders["runs"], **record)
    store.write(file, record | {"revisions": record["revisions"] | {"trainer": 0, "features gone": 1}})
    kept = tlmlda(folders)
    assert run.outdated(kept, made_pair()) == ["trainer"]
    assert len(calls) == 1
    assert tlmlda(folders, stale=True)["revisions"] == record["revisions"]
    assert len(calls) == 2


def test_a_cell_that_is_sealed_is_not_run_again(folders, monkeypatch, tmp_path):
    calls = counting(monkeypatch)
    record = tlmlda(folders)
    sealing.seal(folders["runs"], tmp_path / "sealed", remove=True)
    assert not list(folders["runs"].rglob("*.json"))
    again = tlmlda(folders | {"results": tmp_path / "sealed"})
    assert again["rules"] == record["rules"]
    assert len(calls) == 1
    assert not list(folders["runs"].rglob("*.json"))


def test_the_last_third_is_kept_where_weights_are_not_averaged(folders):
    pair = made_pair()
    record = run.run_cell(pair, "tlmlda", "quick", params=SMALL | {"epochs": 16, "averaged": 0.0}, **folders)
    assert record["late"]["epochs"] == [12, 13, 14, 15, 16]
    clf = fitted(pair, **(SMALL | {"epochs": 16, "averaged": 0.0}))
    for epoch, packed in zip(record["late"]["epochs"], record["late"]["hits"], strict=True):
        hits = pair.truth == clf.classes_[clf.target_predictions_[epoch - 1]]
        assert packed == contents.pack(hits, pair.truth, np.asarray(pair.speakers)[pair.target])
    averaged = run.run_cell(pair, "tlmlda", "quick", params=SMALL | {"averaged": 0.5}, **folders)
    assert "late" not in averaged
    assert "late" not in run.run_cell(pair, "pca_svm", **folders)


def test_other_data_are_seen(folders, monkeypatch):
    calls = counting(monkeypatch)
    record = tlmlda(folders)
    other = made_pair(seed=1)
    assert run.outdated(tlmlda(folders, pair=other), other) == ["data"]
    assert tlmlda(folders, pair=other) == record
    assert tlmlda(folders, pair=other, stale=True) != record
    assert len(calls) == 2


def test_a_damaged_record_is_set_aside_and_made_anew(folders):
    record = tlmlda(folders)
    file = store.path(folders["runs"], **record)
    file.write_text(file.read_text()[:100])
    with pytest.warns(run.RecordWarning, match=r"seed-0\.json"):
        again = tlmlda(folders)
    assert store.reproducible(again) == store.reproducible(record)
    assert file.with_name("seed-0.json.damaged").exists()


@pytest.mark.parametrize(("method", "preset"), [("tlmlda", "quick"), ("pca_svm", "zscore")])
def test_target_labels_touch_no_final_and_no_unsupervised_prediction(folders, method, preset):
    pair = made_pair()
    shuffled = replace(pair, truth=np.random.default_rng(0).permutation(pair.truth))
    params = SMALL if method == "tlmlda" else {}
    got = [run.run_cell(p, method, preset, params=params, grid=g, **folders) for p, g in ((pair, "a"), (shuffled, "b"))]
    for rule in ("final", "unsupervised"):
        assert got[0]["rules"][rule].get("epoch") == got[1]["rules"][rule].get("epoch")
        columns = [np.sum(g["rules"][rule]["confusion"], axis=0).tolist() for g in got]
        assert columns[0] == columns[1]  # as many rows of each predicted class
    assert [got[0]["curve"].get(k) for k in ("infomax", "loss_y")] == [
        got[1]["curve"].get(k) for k in ("infomax", "loss_y")
    ]


def test_voices_and_speakers_are_said(folders):
    how = folders | {"params": SMALL | {"within": "voices"}}
    record = run.run_cell(made_pair(), "tlmlda", "quick", **how)
    assert record["scaling"] == "zscore within voices"
    assert record["data"]["voices"]
    speaker = run.run_cell(made_pair(), "pca_svm", "speaker", **folders)
    assert speaker["scaling"] == "zscore within speaker"
    assert speaker["saw"]["speaker_metadata"]
    batch = run.run_cell(made_pair(), "tlmlda", "authors", params=SMALL, **folders)
    assert batch["scaling"] == "minmax within batch"
    assert batch["params"]["alpha"] == {"S": 0.1, "T": 0.1, "y": 5, "MMD": 2, "LMMD": 0.1}  # as printed for C2B


def test_seeds_are_a_number_or_a_list_and_one_where_nothing_is_drawn(folders, monkeypatch):
    how = folders | {"params": SMALL}
    assert [r["seed"] for r in run.run(made_pair(), "tlmlda", "quick", 2, **how)] == [0, 1]
    assert [r["seed"] for r in run.run(made_pair(), "tlmlda", "quick", [4, 1], **how)] == [4, 1]
    monkeypatch.setattr(pca_svm.PCASVM, "stochastic", False, raising=False)
    assert [r["seed"] for r in run.run(made_pair(), "pca_svm", "zscore", 3, **folders)] == [0]
    with pytest.raises(UserError, match="at least one"):
        run.run(made_pair(), "tlmlda", "quick", 0, **how)


def test_the_saved_model_predicts_what_was_scored(folders, tmp_path):
    pair = made_pair()
    how = folders | {"params": SMALL | {"within": "voices"}}
    file = tmp_path / "model.safetensors"
    run.run(pair, "tlmlda", "quick", 2, **how)
    run.run(pair, "tlmlda", "quick", 2, save=file, **how)  # although the records are there
    clf = methods.load(file)
    got = clf.predict(pair.X[pair.target], voices=pair.voices[pair.target])
    expected = fitted(pair, seed=1, within="voices", **SMALL).target_predictions_[-1]
    np.testing.assert_array_equal(got, expected)
    assert clf.about["emotions"] == list(pair.classes)
    assert clf.about["features"] == ["is10"]
    assert clf.about["cell"]["seed"] == 1
    from tlmlda_lib.features.voices import VoiceGroups

    groups = VoiceGroups.from_json(clf.about["voice_centres"])
    np.testing.assert_array_equal(groups.codes(pair._embeddings[pair.target]), pair.voices[pair.target])


def test_threads_are_set_and_set_back(folders, monkeypatch):
    before, seen = torch.get_num_threads(), []
    real = methods.METHODS["pca_svm"].fit
    monkeypatch.setattr(
        methods.METHODS["pca_svm"], "fit", lambda *a, **k: (seen.append(torch.get_num_threads()), real(*a, **k))[1]
    )
    assert run.run_cell(made_pair(), "pca_svm", threads=2, **folders)["threads"] == 2
    assert seen == [2]
    assert torch.get_num_threads() == before


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"seed": -1}, "seed=-1"),
        ({"seed": 1.5}, "seed=1.5"),
        ({"threads": 0}, "threads=0"),
        ({"pair": made_pair(truth=None)}, "no labels"),
        ({"pair": made_pair(scheme="")}, "scheme ''"),
        ({"grid": "../x"}, "grid"),
        ({"method": "tlmdla"}, "did you mean 'tlmlda'"),
        ({"preset": "papper"}, "did you mean 'paper'"),
        ({"params": {"epoch": 3}}, "did you mean 'epochs'"),
    ],
)
def test_errors_name_the_value(folders, how, words):
    with pytest.raises(UserError, match=words):
        run.run_cell(**({"pair": made_pair(), "method": "tlmlda", "preset": "quick"} | folders | how))


def test_a_row_for_each_target_utterance_is_needed(folders, monkeypatch):
    class Short(pca_svm.PCASVM):
        def fit(self, *a, **k):
            super().fit(*a, **k)
            self.target_predictions_ = self.target_predictions_[:, 1:]
            return self

    monkeypatch.setitem(methods.METHODS, "pca_svm", Short)
    with pytest.raises(UserError, match="40 target rows of 41"):
        run.run_cell(made_pair(), "pca_svm", **folders)


def test_an_unwritable_cache_costs_no_record(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TLMLDA_CACHE", str(tmp_path / "file"))
    with pytest.warns(CheckpointWarning, match="no checkpoint is kept"):
        record = run.run_cell(made_pair(), "tlmlda", "quick", params=SMALL, runs=tmp_path / "runs")
    assert store.scan(tmp_path / "runs")[0] == [record]


def test_a_model_that_cannot_be_kept_is_said_before_training(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr(run, "_train", lambda *a: pytest.fail("trained"))
    with pytest.raises(UserError, match="give another save="):
        run.run(made_pair(), "pca_svm", save=tmp_path / "file" / "model", runs=tmp_path, results=tmp_path)


def test_the_cache_holds_unfinished_runs(monkeypatch, tmp_path):
    monkeypatch.setenv("TLMLDA_CACHE", str(tmp_path))
    assert files.cache("checkpoints") == tmp_path / "checkpoints"


def test_provenance_is_asked_once_and_cheap():
    began = time.perf_counter()
    for _ in range(3):
        provenance.machine(), provenance.versions(), revisions.depends_on(methods.make("tlmlda"), ("is10",))
    assert time.perf_counter() - began < 3
