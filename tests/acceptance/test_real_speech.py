"""The figures that the first issue promises, measured on the real corpora through the command line."""

from __future__ import annotations

import subprocess

import numpy as np
import pytest
from conftest import command, environment, rows_of
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from tlmlda_lib import domains, methods
from tlmlda_lib.experiments import store


@pytest.fixture(scope="module")
def run(real_corpora, shared_cache, tmp_path_factory):
    """`tlmlda run` on the real corpora; its rows and the records."""
    results = tmp_path_factory.mktemp("results")

    def call(*words):
        env = environment(real_corpora, shared_cache)
        done = subprocess.run(
            command("run", *words, "--runs", results, "--results", results, "--json", "--quiet"),
            env=env,
            capture_output=True,
            text=True,
        )
        rows = rows_of(done)
        print(
            " ".join(words), "->", [{k: r["rules"][k]["war"] for k in r["rules"]} for r in store.scan(results)[0]][-5:]
        )
        return rows, [
            r
            for r in store.scan(results)[0]
            if all(
                r.get(k) == v
                for k, v in zip(("scheme", "method", "preset"), (words[1], words[3], words[5]), strict=True)
            )
        ]

    return call


def wars(records, rule):
    return [r["rules"][rule]["war"] for r in records]


def test_corpora_are_counted(real_corpora, shared_cache):
    done = subprocess.run(
        command("corpora"), env=environment(real_corpora, shared_cache), capture_output=True, text=True
    )
    print(done.stdout)
    assert done.returncode == 0
    for number in ("535", "1200", "1440", "375", "408", "1000"):
        assert number in done.stdout
    assert "03-01-03-01-02-01-07" in done.stdout


def test_pca_svm_agrees_with_ten_lines_of_scikit_learn(real_corpora, shared_cache, monkeypatch):
    monkeypatch.setenv("TLMLDA_CACHE", str(shared_cache))
    pair = domains.load_pair("C2B", real_corpora)
    clf = methods.make("pca_svm", "zscore").fit(pair.X, pair.y, pair.sample_domain, pair.groups)

    s = ~pair.target
    X, y = pair.X.astype(float), pair.y
    pca = PCA(0.98, svd_solver="full").fit(StandardScaler().fit_transform(X[s]))
    svm = SVC(kernel="linear", C=clf.C_).fit(pca.transform(StandardScaler().fit_transform(X[s])), y[s])
    by_hand = svm.predict(pca.transform(StandardScaler().fit_transform(X[~s])))

    print(f"C = {clf.C_}, {np.mean(by_hand == pair.truth):.4f} by hand")
    assert np.array_equal(clf.target_predictions_[-1], by_hand)


def test_recommended_is10_reaches_57_on_C2B_at_the_final_epoch(run):
    _, records = run("--scheme", "C2B", "--method", "tlmlda", "--preset", "recommended-is10", "--seeds", "3")
    assert len(records) == 3
    assert np.mean(wars(records, "final")) >= 57


def test_the_printed_settings_run(run):
    _, records = run("--scheme", "C2B", "--method", "tlmlda", "--preset", "paper", "--epochs", "5", "--seeds", "1")
    params = records[0]["params"]
    assert params["encoder"] == [1200, 900, 500]
    assert params["alpha"] == {"S": 0.1, "T": 0.1, "y": 5, "MMD": 2, "LMMD": 0.1}
    assert params["learning_rate"] == 1e-5


def test_the_authors_epoch_rule_is_worth_five_points(run):
    _, records = run("--scheme", "C2B", "--method", "tlmlda", "--preset", "authors", "--epochs", "100", "--seeds", "3")
    oracle, final = np.mean(wars(records, "oracle")), np.mean(wars(records, "final"))
    print(f"mean oracle {oracle:.1f}, mean final {final:.1f}")
    assert oracle - final >= 5


@pytest.mark.parametrize("method", [m for m in methods.METHODS if not m.startswith("tlmlda_")])
def test_target_labels_change_no_bit_on_real_speech(real_corpora, shared_cache, monkeypatch, method):
    monkeypatch.setenv("TLMLDA_CACHE", str(shared_cache))
    pair = domains.load_pair("C2B", real_corpora)
    kind = methods.METHODS[method]
    small = {"epochs": 5} if "epochs" in kind().get_params() else {}
    preset = next((p for p in ("voices", "recommended-is10", "recommended") if p in kind.presets), None)
    rng = np.random.default_rng(0)
    seen = []
    for target_labels in (np.full(len(pair.truth), -1), pair.truth, rng.permutation(pair.truth)):
        y = pair.y.copy()
        y[pair.target] = target_labels
        clf = methods.make(method, preset, random_state=0, **small)
        clf.fit(pair.X, y, pair.sample_domain, pair.groups, pair.voices)
        seen.append(clf.target_predictions_)
    assert np.array_equal(seen[0], seen[1])
    assert np.array_equal(seen[0], seen[2])


def test_two_voices_are_found_in_whole_corpora_and_none_where_one_gender_or_speaker_is_the_target(
    real_corpora, shared_cache, monkeypatch
):
    monkeypatch.setenv("TLMLDA_CACHE", str(shared_cache))
    for scheme in domains.OPEN_SCHEMES:
        pair = domains.load_pair(scheme, real_corpora)
        found = {d: len(centres) for d, centres in pair.voice_groups.centres.items()}
        speakers = {name.split("/")[1] for name in np.array(pair.speakers)[pair.target]}
        parts = [domains.load_pair(f"{scheme}-{part}", real_corpora) for part in ("female", "male", *sorted(speakers))]
        alone = {part.scheme: len(part.voice_groups.centres[-2]) for part in parts}
        print(scheme, found, alone)
        assert set(found.values()) == {2}
        assert set(alone.values()) == {1}
