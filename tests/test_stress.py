"""IFN under stress: who is left out, what a condition does to sound, and records of what the networks said."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from stand_ins import made_pair
from typer.testing import CliRunner

from tlmlda_lib import domains, methods
from tlmlda_lib.cli import main as cli
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import run, sealed, store, stress, stressed
from tlmlda_lib.training import trainer

SMALL = {"hidden": 8, "code": 6, "gate": 4, "epochs": 3, "streams": {"first": "0-11", "second": "12-19"}}
WORDS = [w for k, v in SMALL.items() if k != "streams" for w in ("--set", f"{k}={v}")]


def shifted(pair: Any, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Features that drift a little more under each condition, in the second stream only; the first are clean."""
    drift = np.r_[np.zeros(12), np.ones(8)]
    return {name: (pair.X[rows] + 3 * i * drift).astype(np.float32) for i, name in enumerate(stress.RECORDINGS)}


@pytest.fixture
def drifting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stress, "under_conditions", shifted)


@pytest.fixture
def content(drifting: None) -> dict[str, Any]:
    return stress.scheme_of(made_pair(), "quick", seeds=2, about=24, **SMALL)


def test_each_part_has_speakers_of_its_own_and_of_both_genders() -> None:
    speakers = [f"s{i:02d}" for i in range(10) for _ in range(3)]
    genders = ["female" if int(s[1:]) % 2 else "male" for s in speakers]
    part = stress.splits(speakers, genders)
    assert {p: len({s for s, q in zip(speakers, part, strict=True) if q == p}) for p in range(4)} == {
        0: 3, 1: 3, 2: 2, 3: 2,
    }  # fmt: skip
    assert len(set(zip(speakers, part.tolist(), strict=True))) == 10
    for p in (0, 1):
        assert {g for g, q in zip(genders, part, strict=True) if q == p} == {"female", "male"}
    order = np.random.default_rng(0).permutation(30)
    again = stress.splits([speakers[i] for i in order], [genders[i] for i in order])
    np.testing.assert_array_equal(again, part[order])
    with pytest.raises(UserError, match="3 speakers cannot be split into 4"):
        stress.splits(["a", "b", "c"], ["", "", ""])


def test_the_same_few_of_every_speaker_and_emotion() -> None:
    truth = np.tile([0, 0, 0, 1, 1, 1], 4)
    speakers = np.repeat(["a", "b", "c", "d"], 6).tolist()
    rows = stress.some(truth, speakers, about=16)
    assert rows.tolist() == [6 * s + i for s in range(4) for i in (0, 1, 3, 4)]
    assert len(stress.some(truth, speakers, about=1)) == 8


def test_conditions_are_what_they_say(tmp_path: Path) -> None:
    rate, t = 22050, np.arange(22050) / 22050
    hum = 0.1 * np.sin(2 * np.pi * 200 * t) + 0.1 * np.sin(2 * np.pi * 1000 * t) + 0.1 * np.sin(2 * np.pi * 6000 * t)
    soundfile.write(tmp_path / "a.wav", hum, rate, subtype="FLOAT")

    def heard(recording: str) -> np.ndarray:
        (tmp_path / recording).mkdir()
        (file,) = stress.recorded([str(tmp_path / "a.wav")], recording, tmp_path / recording)
        samples, read_rate = soundfile.read(file)
        assert read_rate == 16000
        return samples[1600:-1600]

    def level(samples: np.ndarray, hz: int) -> float:
        return 2 * abs(np.mean(samples * np.exp(-2j * np.pi * hz * np.arange(len(samples)) / 16000)))

    clean = heard("studio")
    assert len(clean) == 16000
    assert [level(clean, hz) for hz in (200, 1000, 6000)] == pytest.approx([0.1] * 3, rel=0.02)
    narrow = heard("telephone")
    assert level(narrow, 1000) == pytest.approx(0.1, rel=0.1)
    assert max(level(narrow, 200), level(narrow, 6000)) < 0.04
    for recording, ratio in (("noise20", 20), ("noise10", 10), ("noise0", 0)):
        noise = heard(recording) - clean
        # The ratio is of the whole file, whose padded tenths of a second have no speech.
        measured = 10 * np.log10(np.sum(clean**2) / (np.sum(noise**2) * 1.2))
        assert measured == pytest.approx(ratio, abs=0.4)
    room = heard("room")
    assert np.sum((room - clean) ** 2) > 0.3 * np.sum(clean**2)  # the tail is as loud as the direct sound


def test_features_come_from_the_sound_as_it_is_heard(tmp_path: Path) -> None:
    files = []
    for i in range(2):
        t = np.arange(16000) / 16000
        samples = sum(np.sin(2 * np.pi * 150 * (1 + i) * k * t) / k for k in range(1, 20)) * 0.05
        files.append(str(tmp_path / f"{i}.wav"))
        soundfile.write(files[-1], samples, 16000, subtype="PCM_16")
    pair = replace(made_pair(), files=(*files, *made_pair().files[2:]), features=("egemaps",), how={"cache": tmp_path})
    found = stress.under_conditions(pair, np.array([0, 1]))
    assert list(found) == list(stress.RECORDINGS)
    assert all(x.shape == (2, 88) and np.isfinite(x).all() for x in found.values())
    assert np.ptp([x[0, 0] for x in found.values()]) < 3  # semitones: the pitch survives
    assert len({x.tobytes() for x in found.values()}) == len(found)
    soundfile.write(files[1], np.zeros(16000), 16000)
    with pytest.raises(UserError, match="under telephone a recording gives no features"):
        stress.under_conditions(replace(pair, features=("is10",)), np.array([0, 1]))


def test_records_say_what_the_method_says(content: dict[str, Any], tmp_path: Path) -> None:
    store.write_all(tmp_path, stressed.records_of(content))
    read = stressed.read(tmp_path, ["C2B", "B2C"])
    assert list(read) == ["C2B"]
    one = read["C2B"]
    pair = made_pair()
    np.testing.assert_array_equal(one["truth"], pair.truth)
    assert one["streams"] == ["first", "second"]
    assert one["subset"].tolist() == stress.some(pair.truth, pair.speakers[60:], 24).tolist()
    X = shifted(pair, 60 + one["subset"])
    for variant, change in stress.VARIANTS.items():
        for seed in range(2):
            clf = methods.make("ifn", "quick", random_state=seed, **SMALL, **change)
            with run.use_threads(1):
                clf.fit(pair.X, pair.y, sample_domain=pair.sample_domain)
                for recording in stress.RECORDINGS:
                    told = one["conditions"][variant][recording]
                    p = clf.predict_proba(X[recording])
                    np.testing.assert_array_equal(told["predicted"][seed], p.argmax(1))
                    np.testing.assert_allclose(told["confidence"][seed], p.max(1), atol=1 / 509)
                    np.testing.assert_allclose(told["attention"][seed], clf.attention(X[recording]), atol=1 / 509)
                    alone = clf.predict(clf.without(X[recording], "second"))
                    np.testing.assert_array_equal(told["without"]["second"][seed], alone)
        clean, noisy = (one["conditions"][variant][r] for r in ("studio", "room"))
        # The drift is in the second stream alone.
        np.testing.assert_array_equal(clean["without"]["second"], noisy["without"]["second"])
        assert not np.array_equal(clean["without"]["first"], noisy["without"]["first"])


def test_a_part_of_the_speakers_is_really_left_out(content: dict[str, Any], tmp_path: Path) -> None:
    store.write_all(tmp_path, stressed.records_of(content))
    one = stressed.read(tmp_path, ["C2B"])["C2B"]
    pair = made_pair()
    part = stress.splits(pair.speakers[:60], pair.genders[:60])
    assert one["splits"]["sizes"] == [int((part == k).sum()) for k in range(4)]
    for k in range(4):
        kept = np.r_[part != k, np.ones(len(pair.truth), dtype=bool)]
        clf = methods.make("ifn", "quick", random_state=1, **SMALL)
        with run.use_threads(1):
            clf.fit(pair.X[kept], pair.y[kept], sample_domain=pair.sample_domain[kept])
        np.testing.assert_array_equal(one["splits"]["predicted"][1, k], clf.target_predictions_[-1])


def test_target_labels_reach_no_network(content: dict[str, Any], drifting: None) -> None:
    pair = made_pair()
    again = stress.scheme_of(replace(pair, truth=(pair.truth + 1) % 3), "quick", seeds=2, about=24, **SMALL)
    assert again["truth"] != content["truth"]
    assert again["conditions"] == content["conditions"]
    assert again["splits"]["predicted"] == content["splits"]["predicted"]


def test_records_name_nobody_and_come_back_sealed(content: dict[str, Any], tmp_path: Path) -> None:
    folder = store.write_all(tmp_path / "runs", stressed.records_of(content))
    assert folder == tmp_path / "runs" / "stress" / "C2B"
    pair = made_pair()
    files = sorted(folder.rglob("*.json"))
    assert len(files) == 2 * 2
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert not [name for name in (*pair.files, *pair.speakers) if name in text]
    records, problems = store.scan(tmp_path / "runs")
    assert (len(records), problems) == (4, [])
    assert {r["revisions"]["method ifn"] for r in records} == {methods.METHODS["ifn"].revision}
    sealed.write(tmp_path / "results" / "stress.jsonl", records)
    single, whole = (stressed.read(tmp_path / folder)["C2B"] for folder in ("runs", "results"))
    assert single["places"] == whole["places"]
    assert single["places"]["none"] == tuple(
        f"stress/C2B/ifn/quick-{content['conditions']['none']['options_digest']}/seed-{k}" for k in range(2)
    )
    np.testing.assert_equal(single, whole)


def rewritten(file: Path, **changed: Any) -> None:
    """A record with other fields, where it belongs then."""
    record = store.read(file) | changed
    file.unlink()
    store.write(store.path(file.parents[4], **record), record)


def test_state_of_a_scheme(content: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def state(*how: Any, **params: Any) -> str:
        return stress.state(runs, tmp_path / "results", "C2B", *how, features=("is10",), **params)

    runs = tmp_path / "runs"
    assert state("quick") == "missing"
    store.write_all(runs, stressed.records_of(content))
    assert state("quick", 2, **SMALL) == state("quick", 1, **SMALL) == "kept"
    assert state("quick", 2) == state("quick", 3, **SMALL) == state("default", 2, **SMALL) == "missing"
    assert stress.state(runs, tmp_path, "C2B", "quick", 2, **SMALL) == "missing"  # IFN's own feature sets
    sealed.write(tmp_path / "results" / "stress.jsonl", store.scan(runs)[0])
    shutil.rmtree(runs)
    assert state("quick", 2, **SMALL) == "kept"
    with monkeypatch.context() as patch:
        patch.setattr(trainer, "REVISION", trainer.REVISION + 1)
        assert state("quick", 2, **SMALL) == "stale"
    assert state("quick", 2, **SMALL) == "kept"


def test_records_that_do_not_belong_together_are_named(content: dict[str, Any], tmp_path: Path) -> None:
    def files(variant: str) -> list[Path]:
        digest = content["conditions"][variant]["options_digest"]
        return [tmp_path / f"stress/C2B/ifn/quick-{digest}/seed-{k}.json" for k in range(2)]

    def read(says: str) -> None:
        with pytest.raises(UserError, match=says):
            stressed.read(tmp_path)
        shutil.rmtree(tmp_path / "stress")
        store.write_all(tmp_path, stressed.records_of(content))
        assert list(stressed.read(tmp_path)) == ["C2B"]

    store.write_all(tmp_path, stressed.records_of(content))
    (first, second), (third, fourth) = files("none"), files("tlmlda")
    rewritten(second, options_digest="0" * 8)
    read(rf"(?s)(?=.*C2B/ifn/{first.parent.name})(?=.*C2B/ifn/quick-{'0' * 8})")
    for file in (third, fourth):
        rewritten(file, overrides={"transfer": "tlmlda", "epochs": 9})
    read(rf"differ in options, stress/C2B/ifn/{first.parent.name}/seed-0 and stress/C2B/ifn/{third.parent.name}/seed-0")
    rewritten(fourth, data={"features": ["is10"], "digest": "1" * 16})
    read(rf"differ in recordings, .*seed-0 and stress/C2B/ifn/{third.parent.name}/seed-1")
    fourth.unlink()
    read(r"none has \[0, 1\]; tlmlda has \[0\]: run `tlmlda stress --scheme C2B` again")
    first.unlink()
    third.unlink()
    read(r"none has \[1\]; tlmlda has \[1\]")
    third.write_text("{", encoding="utf-8")
    read("is damaged")


def test_what_cannot_be_done_is_named(drifting: None) -> None:
    with pytest.raises(UserError, match="has no labels"):
        stress.scheme_of(made_pair(truth=None))
    with pytest.raises(UserError, match="only z-scores within the corpus"):
        stress.scheme_of(made_pair(), "quick", within="speaker", **SMALL)
    with pytest.raises(UserError, match="both none and tlmlda are run"):
        stress.scheme_of(made_pair(), "quick", transfer="tlmlda", **SMALL)


def test_a_folder_that_cannot_be_written_to_is_named(content: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "stress").touch()
    with pytest.raises(UserError, match="cannot be written"):
        store.write_all(tmp_path, stressed.records_of(content))


def test_the_command_makes_each_scheme_once(monkeypatch: pytest.MonkeyPatch, drifting: None, tmp_path: Path) -> None:
    asked = []

    def load_pair(scheme: str, root: Any, features: tuple[str, ...], **how: Any) -> Any:
        asked.append((scheme, features))
        if "R" in scheme:
            raise UserError("ravdess is not here")
        pair = replace(made_pair(scheme=scheme), features=features)
        return replace(pair, truth=None) if scheme == "B2C" else pair

    def call(*words: object, code: int = 0) -> Any:
        done = CliRunner().invoke(cli.app, ["stress", *map(str, words)])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == code, done.output
        return done

    monkeypatch.setattr(domains, "load_pair", load_pair)
    where = (
        "--runs",
        tmp_path / "runs",
        "--results",
        tmp_path / "results",
        "--preset",
        "quick",
        *WORDS,
        "--seeds",
        2,
        "--jobs",
        0,
    )
    said = call(*where, code=1)
    assert "C2B: done" in said.stderr
    assert "B2C: failed: the target has no labels" in said.stderr
    assert "R2B: absent: ravdess is not here" in said.stderr
    assert asked[0] == ("R2B", ("is10", "resemblyzer"))
    asked.clear()
    again = json.loads(call(*where, "--scheme", "C2B", "--json").stdout)
    assert again == {"schemes": {"C2B": {"state": "kept", "message": ""}}}
    assert not asked
    sealed.write(tmp_path / "results" / "stress.jsonl", store.scan(tmp_path / "runs")[0])
    shutil.rmtree(tmp_path / "runs")
    assert "C2B: kept" in call(*where, "--scheme", "C2B").stdout
    assert not asked
    monkeypatch.setattr(trainer, "REVISION", trainer.REVISION + 1)
    assert "kept from an older revision: C2B" in call(*where, "--scheme", "C2B").stderr
    assert not asked
    assert "C2B: done" in call(*where, "--scheme", "C2B", "--stale").stderr
    assert {r["revisions"]["trainer"] for r in store.scan(tmp_path / "runs")[0]} == {trainer.REVISION}
    assert "C2B: kept" in call(*where, "--scheme", "C2B", "--stale").stdout
