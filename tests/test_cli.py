"""The command line from end to end, on tones in the published layouts."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import made_corpora
import numpy as np
import pandas as pd
import pytest
import soundfile
from stand_ins import kept_in
from typer.testing import CliRunner

import tlmlda_lib as tl
from tlmlda_lib.cli import main as cli
from tlmlda_lib.cli.arguments import assignments
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import store

SMALL = ("--preset", "quick", "--set", "encoder=12,8", "--set", "emotion=8,6", "--epochs", "3")


@pytest.fixture(scope="module")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """EmoDB and CASIA, each of two speakers, in tones of 0.3 s."""
    root = tmp_path_factory.mktemp("tones")
    made_corpora.emodb(root / "emodb", seconds=0.3)
    made_corpora.casia(root / "casia", seconds=0.3)
    return root


def ask(*words: object, **variables: str) -> str:
    """What a command prints on standard output; errors are the library's own."""
    done = CliRunner().invoke(cli.app, [str(w) for w in words], env={"TLMLDA_CORPORA": None, **variables})
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def read(*words: object, **variables: str) -> dict:
    return json.loads(ask(*words, "--json", **variables))


def ran(tones: Path, results: Path, *words: object) -> dict:
    return read("run", "--scheme", "C2B", "--corpora", tones, *kept_in(results), *words)


def process(*words: object, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    environment = {k: v for k, v in os.environ.items() if k != "TLMLDA_CORPORA"} | variables
    command = [sys.executable, "-m", "tlmlda_lib.cli", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)


def test_corpora_says_what_is_there_beside_table_2(tones):
    text = ask("corpora", "--corpora", tones)
    assert re.search(r"files +28 +24\b", text)
    assert re.search(r"files as published +535 +1200", text)
    assert re.search(r"emodb +408 +20 \(differs\)", text)
    assert "not here" in text
    assert "casia: no problem" in text
    content = read("corpora", TLMLDA_CORPORA=str(tones))
    assert [d["files"] for d in content["corpora"]] == [28, 24]
    assert content["folders"]["casia"] == str(tones / "casia")
    pair = next(row for row in content["table_2"] if row["pair"] == ["emodb", "casia"])
    assert pair["expected"] == {"emodb": 408, "casia": 1000}
    assert pair["found"] == {"emodb": 20, "casia": 20}
    assert pair["printed"]


def test_corpora_names_every_problem_and_counts_those_it_does_not_list(tones, tmp_path):
    root = tmp_path / "emodb"
    made_corpora.emodb(root)
    for i in range(25):
        (root / "wav" / f"03b0{i % 10}Z{chr(97 + i)}.wav").write_bytes(b"")
    text = ask("corpora", "--corpora", root)
    assert "emodb: 25 problems" in text
    assert "and 5 more: --json lists them all" in text
    assert len(read("corpora", "--corpora", root)["corpora"][0]["problems"]) == 25
    assert ask("corpora", "--corpora", root, "--quiet") == ""


def test_run_prints_one_table_keeps_records_and_does_not_repeat_itself(tones, tmp_path):
    words = ("run", "--scheme", "C2B", "--method", "tlmlda", *SMALL, "--seeds", 2, "--corpora", tones)
    text = ask(*words, *kept_in(tmp_path))
    for word in ("C2B  tlmlda", "2 seeds", "final", "unsupervised", "oracle", "MiB", "chance 20.0 %", "bound"):
        assert word in text
    assert max(map(len, text.splitlines())) <= 80
    records, problems = store.scan(tmp_path)
    assert not problems
    assert [r["seed"] for r in records] == [0, 1]
    files = sorted(tmp_path.rglob("seed-*.json"))
    before = [f.read_bytes() for f in files]
    again = ran(tones, tmp_path, "--method", "tlmlda", *SMALL, "--seeds", 2)
    assert [f.read_bytes() for f in files] == before
    assert sorted(again["records"]) == [str(f) for f in files]
    row = again["rows"][0]
    assert row["final_war"] == pytest.approx(np.mean([r["rules"]["final"]["war"] for r in records]))
    assert {"uar_low", "war_high"} <= {k.split("_", 1)[1] for k in row if k.startswith("final_")}
    assert row["seconds"] > 0
    ran(tones, tmp_path, "--method", "tlmlda", *SMALL, "--seeds", 2, "--fresh")
    assert [f.read_bytes() for f in files] != before  # the date, at least
    assert [store.reproducible(store.read(f)) for f in files] == [store.reproducible(json.loads(b)) for b in before]


def test_run_equals_the_library_itself(tones, tmp_path):
    row = ran(tones, tmp_path, "--method", "pca_svm", "--preset", "minmax")["rows"][0]
    pair = tl.domains.load_pair("C2B", tones)
    clf = tl.methods.make("pca_svm", "minmax").fit(pair.X, pair.y, pair.sample_domain, pair.groups)
    assert row["seeds"] == 1  # nothing is drawn
    assert row["final_war"] == pytest.approx(tl.evaluation.war(pair.truth, clf.predict(pair.X[pair.target])), rel=1e-5)


def test_ifn_gets_the_feature_sets_that_it_is_meant_for_and_others_keep_theirs(tones, tmp_path, monkeypatch):
    def embed(table, model="resemblyzer", **how):
        assert model == "resemblyzer"
        index = table.index if isinstance(table, pd.DataFrame) else pd.Index(table, name="file")
        rows = np.random.default_rng(len(index)).normal(size=(len(index), 256)).astype(np.float32)
        E = pd.DataFrame(rows, index, [f"resemblyzer_{i:03d}" for i in range(256)])
        E.attrs["problems"] = []
        return E

    monkeypatch.setattr(tl.features, "embed", embed)
    assert tl.methods.feature_sets("ifn") == ("is10", "resemblyzer")
    assert tl.methods.feature_sets("pca_svm") == ("is10",)
    content = ran(tones, tmp_path, "--method", "ifn", "--method", "pca_svm", "--seeds", 2)
    records = [json.loads(Path(file).read_text()) for file in content["records"]]
    assert [(r["method"], r["seed"], r["data"]["columns"]) for r in records] == [
        ("ifn", 0, 1838),
        ("ifn", 1, 1838),
        ("pca_svm", 0, 1582),
    ]
    assert {"gate_acoustic", "gate_prosodic", "gate_deep"} <= set(records[0]["curve"])
    model = tmp_path / "model.safetensors"
    ran(tones, tmp_path, "--method", "ifn", "--seeds", 1, "--save", model)
    made_corpora.put(tmp_path / "mine" / "one.wav", 180, 0.4)
    content = read("predict", model, tmp_path / "mine", "--out", tmp_path / "emotions.csv")
    assert len(content["recordings"]) == 1


def test_a_saved_model_recognises_recordings_of_ones_own(tones, tmp_path):
    model, mine = tmp_path / "model.safetensors", tmp_path / "mine"
    ran(tones, tmp_path / "r", "--method", "tlmlda", *SMALL, "--seeds", 1, "--save", model)
    made_corpora.put(mine / "one.wav", 180, 0.4)
    made_corpora.put(mine / "deep" / "two.flac", 240, 0.5)
    (mine / "broken.wav").write_text("no sound at all")
    out = tmp_path / "new" / "emotions.csv"
    content = read("predict", model, mine, "--out", out)
    table = pd.read_csv(out, index_col="file")
    assert [Path(f).name for f in table.index] == ["two.flac", "one.wav"]
    emotions = ["anger", "fear", "happy", "neutral", "sad"]
    assert list(table) == ["emotion", *emotions]
    np.testing.assert_allclose(table[emotions].sum(axis=1), 1, atol=3e-4)  # of four digits
    assert list(table["emotion"]) == list(table[emotions].idxmax(axis=1))
    assert [r["emotion"] for r in content["recordings"]] == list(table["emotion"])
    assert [Path(p["file"]).name for p in content["problems"]] == ["broken.wav"]
    text = ask("predict", model, mine / "one.wav", "--out", out)
    assert "100 %" in text
    assert len(pd.read_csv(out)) == 1


def test_new_recordings_are_scaled_as_the_target(tones, tmp_path):
    model = tmp_path / "model.safetensors"
    ran(tones, tmp_path / "r", "--method", "pca_svm", "--save", model)
    table = tl.experiments.predict.predict(model, tones / "emodb")
    pair = tl.domains.load_pair("C2B", tones)
    clf = tl.methods.make("pca_svm").fit(pair.X, pair.y, pair.sample_domain, pair.groups)
    target = [f for f, t in zip(pair.files, pair.target, strict=True) if t]
    expected = [pair.classes[c] for c in clf.predict(pair.X[pair.target])]
    assert list(table.loc[target, "emotion"]) == expected
    assert list(table.columns) == ["emotion", *pair.classes]


def test_options_are_set_as_a_whole_or_in_part():
    words = ("epochs=20", "encoder=256,128", "alpha.y=3", "alpha.MMD=0.5", "device=cuda:0", "ramp=false", "epochs=30")
    assert assignments(words) == {
        "epochs": 30,
        "encoder": (256, 128),
        "alpha": {"y": 3, "MMD": 0.5},
        "device": "cuda:0",
        "ramp": False,
    }
    assert assignments(None) == {}
    for both in (("alpha=1", "alpha.y=3"), ("alpha.y=3", "alpha=1")):
        with pytest.raises(UserError, match=f"--set {both[1]}: alpha is set as a whole and in part"):
            assignments(both)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("run", "--scheme", "C2X", "--method", "pca_svm"), "'C2X' is not known"),
        (("run", "--scheme", "C2B", "--method", "pca_smv"), "did you mean 'pca_svm'"),
        (("run", "--scheme", "C2B", "--method", "pca_svm", "--preset", "minmx"), "did you mean 'minmax'"),
        (("run", "--scheme", "C2B", "--method", "pca_svm", "--set", "C"), "write NAME=VALUE"),
        (("run", "--scheme", "C2B", "--method", "pca_svm", "--set", "C=-1"), "C=-1"),
        (("run", "--scheme", "C2B", "--method", "tlmlda", "--set", "alpha=1,1,3,1,1"), "--set alpha.y=3"),
        (("run", "--scheme", "C2B", "--method", "tlmlda", "--set", "alpha.Y=3"), "alpha names 'Y'"),
        (("run", "--scheme", "C2B", "--method", "tlmlda", "--set", "dropout=high"), "dropout='high'"),
        (("run", "--scheme", "open", "--method", "pca_svm", "--save", "m"), "one scheme and one method"),
        (("run", "--scheme", "C2R", "--method", "pca_svm"), "RAVDESS"),
        (("run", "--scheme", "C2B", "--method", "pca_svm", "--grid", "a/b"), "'a/b' cannot name a folder"),
        (("corpora", "--corpora", "nowhere"), "nowhere is not a folder"),
        (("predict", "absent.safetensors", "."), "absent.safetensors is not there"),
    ],
)
def test_bad_input_is_one_sentence_that_names_it(words, sentence, tones, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=re.escape(sentence)) as found:
        ask(*words, TLMLDA_CORPORA=str(tones))
    assert "\n" not in str(found.value)
    assert not list(tmp_path.rglob("*.json"))


def test_an_error_is_exit_status_2_and_no_traceback(tmp_path):
    done = process("run", "--scheme", "C2B", "--method", "pca_svm", "--corpora", tmp_path / "absent")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("tlmlda: ")
    assert len(done.stderr.splitlines()) == 1
    unknown = process("sing")
    assert unknown.returncode == 2
    assert "sing" in unknown.stderr


def test_quiet_prints_errors_alone_and_json_is_json(tones, tmp_path):
    words = (
        "run",
        "--scheme",
        "C2B",
        "--method",
        "pca_svm",
        "--corpora",
        tones,
        "--runs",
        tmp_path,
        "--results",
        tmp_path,
    )
    cache = {"TLMLDA_CACHE": str(tmp_path / "cache")}
    done = process(*words, "--quiet", **cache)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert json.loads(process(*words, "--quiet", "--json", **cache).stdout)["rows"]


def test_notes_of_the_library_stand_beside_the_result(tones, tmp_path):
    root = tmp_path / "corpora"
    made_corpora.emodb(root / "emodb", seconds=0.3)
    made_corpora.casia(root / "casia", seconds=0.3)
    soundfile.write(root / "emodb" / "wav" / "03a02Wa.wav", np.zeros(8000, np.float32), 16000)  # silent
    words = (
        "run",
        "--scheme",
        "C2B",
        "--method",
        "pca_svm",
        "--corpora",
        root,
        "--runs",
        tmp_path / "r",
        "--results",
        tmp_path / "r",
    )
    done = CliRunner().invoke(cli.app, [*map(str, words), "--json"])
    assert done.exit_code == 0
    assert done.stderr.count("03a02Wa.wav is silent") == 1
    assert "C2B: problems with files: 1;" in done.stderr
    assert json.loads(done.stdout)["rows"][0]["seeds"] == 1


def test_help_teaches():
    for words in ((), ("corpora",), ("run",), ("predict",), ("doctor",)):
        text = process(*words, "--help").stdout
        assert len(text) > 300
    assert tl.__version__ == process("--version").stdout.strip()


class TestDoctor:
    def test_a_healthy_machine(self, tones):
        checks = {c["what"]: c for c in read("doctor", "--corpora", tones)["checks"]}
        assert checks["openSMILE"]["found"].startswith("1582 features")
        assert checks["corpus casia (C)"]["state"] == "ok"
        assert checks["corpus ravdess (R)"]["state"] == "missing"
        assert all(c["mend"] for c in checks.values() if c["state"] != "ok")

    def test_no_corpora_and_no_cache(self, tmp_path):
        (tmp_path / "file").write_text("in the way")
        done = CliRunner().invoke(
            cli.app, ["doctor", "--json"], env={"TLMLDA_CORPORA": None, "TLMLDA_CACHE": str(tmp_path / "file" / "x")}
        )
        assert done.exit_code == 1
        checks = {c["what"]: c for c in json.loads(done.stdout)["checks"]}
        assert checks["feature cache"]["state"] == "wrong"
        assert "TLMLDA_CACHE" in checks["feature cache"]["mend"]
        assert checks["corpora"]["state"] == "missing"

    def test_a_package_outside_its_range_and_one_that_is_absent(self, monkeypatch):
        from tlmlda_lib.cli import doctor

        real = doctor.metadata.version

        def version(name):
            if name == "tqdm":
                raise doctor.metadata.PackageNotFoundError(name)
            return "0.1" if name == "rich" else real(name)

        monkeypatch.setattr(doctor.metadata, "version", version)
        found = {c["what"]: c for c in doctor._packages()}
        assert found["rich"]["state"] == found["tqdm"]["state"] == "wrong"
        assert found["rich"]["found"] == "0.1"
        assert found["tqdm"]["mend"].startswith("pip install 'tqdm>=")
