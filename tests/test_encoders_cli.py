"""Speech encoders on the command line: the default takes what is here and says so, and one command fetches."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import huggingface_hub
import made_corpora
import pandas as pd
import pytest
import torch
from transformers import WhisperConfig, WhisperFeatureExtractor, WhisperModel
from typer.testing import CliRunner

from tlmlda_lib import features
from tlmlda_lib.cli import main as cli
from tlmlda_lib.experiments import store
from tlmlda_lib.features import embeddings

ENCODER = "openai/whisper-base:3"
RUN = ("run", "--scheme", "C2B", "--method", "pca_svm", "--seeds", "1")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Corpora of tones, and a Whisper of random weights under the real one's name."""
    root = tmp_path_factory.mktemp("home")
    made_corpora.emodb(root / "corpora" / "emodb", seconds=0.3)
    made_corpora.casia(root / "corpora" / "casia", seconds=0.3)
    torch.manual_seed(0)
    size = {"d_model": 16, "encoder_layers": 3, "encoder_attention_heads": 2, "encoder_ffn_dim": 24}
    WhisperModel(WhisperConfig(decoder_layers=1, decoder_attention_heads=2, **size)).save_pretrained(
        root / "encoders" / "whisper-base"
    )
    WhisperFeatureExtractor().save_pretrained(root / "encoders" / "whisper-base")
    return root


def call(home: Path, *words: object, code: int = 0, encoders: bool = True) -> SimpleNamespace:
    env = {"TLMLDA_CORPORA": str(home / "corpora"), "TLMLDA_ENCODERS": str(home / "encoders") if encoders else None}
    done = CliRunner().invoke(cli.app, [str(w) for w in words], env=env | {"COLUMNS": "200"})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done


def test_the_best_that_is_here_is_taken_and_said(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = ("--runs", tmp_path / "runs", "--results", tmp_path / "none")
    both = call(home, *RUN, *kept, "--json")
    assert f"features: {ENCODER} + resemblyzer; --features takes others (is10: the paper's)" in both.stderr
    (file,) = json.loads(both.stdout)["records"]
    record = store.read(file)
    assert record["data"]["features"] == [ENCODER, "resemblyzer"]
    assert record["data"]["columns"] == 16 + 256
    assert record["revisions"] | {f"features {ENCODER}": 1, "features resemblyzer": 1} == record["revisions"]

    without = call(home, *RUN, *kept, "--json", encoders=False)
    assert "features: is10;" in without.stderr
    paper = call(home, *RUN, *kept, "--json", "--features", "is10")
    assert json.loads(paper.stdout)["records"] == json.loads(without.stdout)["records"]
    assert "features:" not in paper.stderr

    monkeypatch.setattr(embeddings, "_NEEDED", ("no_such_module",))
    assert features.best(home / "encoders") == (ENCODER,)
    assert features.best() == ("is10",)


def test_other_features_can_be_named(home: Path, tmp_path: Path) -> None:
    kept = ("--runs", tmp_path / "runs", "--results", tmp_path / "none", "--json")
    words = ("--features", "openai/whisper-base:1,2", "--features", "egemaps")
    (file,) = json.loads(call(home, *RUN, *kept, *words).stdout)["records"]
    assert store.read(file)["data"]["columns"] == 32 + 88


def test_a_saved_model_finds_its_encoder(home: Path, tmp_path: Path) -> None:
    kept = ("--runs", tmp_path / "runs", "--results", tmp_path / "none")
    call(home, *RUN, *kept, "--features", ENCODER, "--save", tmp_path / "m.model")
    call(home, "predict", tmp_path / "m.model", home / "corpora" / "emodb", "--out", tmp_path / "e.csv")
    assert len(pd.read_csv(tmp_path / "e.csv")) == 28


def test_fetching_says_size_and_licence_and_asks(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    info = SimpleNamespace(
        siblings=[SimpleNamespace(rfilename="model.safetensors", size=290e6)], card_data={"license": "apache-2.0"}
    )
    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", lambda self, name, files_metadata: info)
    fetched = []

    def snapshot_download(name, allow_patterns, local_files_only=False):
        fetched.append(name)
        return str(tmp_path)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot_download)
    done = CliRunner().invoke(cli.app, ["fetch-encoder", "openai/whisper-base"], input="n\n")
    assert "openai/whisper-base: 290 MB, licence apache-2.0" in done.stdout
    assert fetched == []
    assert "was not downloaded: call again with --yes" in str(done.exception)
    done = call(home, "fetch-encoder", "openai/whisper-base", "--yes")
    assert fetched == ["openai/whisper-base"]
    assert f"here: {tmp_path}" in done.stdout


def test_without_a_network_a_folder_is_named_as_the_other_means(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise ConnectionError("no route")

    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", unreachable)
    said = str(CliRunner().invoke(cli.app, ["fetch-encoder", "openai/whisper-base"]).exception)
    for words in ("alone knows its size and licence", "FOLDER/whisper-base", "`export TLMLDA_ENCODERS=FOLDER`"):
        assert words in said
    assert "`--encoders FOLDER`" in said


def test_a_folder_needs_no_fetching_and_asks_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", lambda *_, **__: pytest.fail("the hub was asked"))
    (tmp_path / "whisper-base").mkdir()
    (tmp_path / "whisper-base" / "config.json").touch()
    for given in (tmp_path / "whisper-base", tmp_path):
        said = str(CliRunner().invoke(cli.app, ["fetch-encoder", str(given)]).exception)
        assert f"needs no fetching: use it by `export TLMLDA_ENCODERS={tmp_path}` or `--encoders {tmp_path}`" in said


def test_the_doctor_knows_it(home: Path) -> None:
    def check(encoders: bool) -> dict[str, str]:
        done = call(home, "doctor", "--json", encoders=encoders)
        return next(c for c in json.loads(done.stdout)["checks"] if c["what"] == "speech encoder")

    assert check(True)["state"] == "ok"
    missing = check(False)
    assert missing["state"] == "missing"
    assert "tlmlda fetch-encoder openai/whisper-base" in missing["mend"]
