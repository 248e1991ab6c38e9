"""`tlmlda run` and `predict`: who is taken for whom, what the presets are, and what a prediction is worth."""

from __future__ import annotations

import json
import os
import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import made_corpora
import matplotlib.colors
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import confusion_matrix, recall_score
from stand_ins import kept_in, made_pair
from typer.testing import CliRunner

from tlmlda_lib import domains, files, methods
from tlmlda_lib.cli import arguments
from tlmlda_lib.cli import main as cli
from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import plots
from tlmlda_lib.experiments import figures, plans, predict, run, settings, store, tables
from tlmlda_lib.features import embeddings

SMALL = ("--set", "encoder=12,8", "--set", "emotion=8,6", "--set", "batch_size=16", "--epochs", "4")
QUICK = ("run", "--scheme", "C2B", "--method", "tlmlda", "--preset", "quick", *SMALL)


@pytest.fixture
def pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Random numbers in place of corpora."""
    monkeypatch.setattr(domains, "load_pair", lambda scheme, *a, **k: made_pair(scheme=scheme))


@pytest.fixture(scope="module")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tones")
    made_corpora.emodb(root / "emodb", seconds=0.3)
    made_corpora.casia(root / "casia", seconds=0.3)
    return root


def call(*words: object, code: int = 0):
    done = CliRunner().invoke(cli.app, [str(w) for w in words], env={"TLMLDA_CORPORA": None, "COLUMNS": "80"})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done


# Who is taken for whom


def test_counts_are_summed_over_seeds_and_recalls_are_scikit_learns(pairs: None, tmp_path: Path) -> None:
    (one,) = json.loads(call(*QUICK, "--seeds", 2, *kept_in(tmp_path), "--confusion", "--json").stdout)["confusion"]
    pair = made_pair()
    params = {"encoder": (12, 8), "emotion": (8, 6), "batch_size": 16, "epochs": 4}
    said = []
    for seed in (0, 1):
        clf = methods.make("tlmlda", "quick", random_state=seed, **settings.of("tlmlda", "quick", "C2B", params))
        with run.use_threads(1):
            clf.fit(pair.X, pair.y, sample_domain=pair.sample_domain, groups=pair.groups)
        said.append(clf.classes_[clf.target_predictions_[-1]])
    truth, predicted = np.tile(pair.truth, 2), np.concatenate(said)
    assert one["counts"] == confusion_matrix(truth, predicted, labels=range(3)).tolist()
    expected = 100 * recall_score(truth, predicted, labels=range(3), average=None, zero_division=0)
    assert list(one["recall"].values()) == pytest.approx(expected.tolist())
    assert list(one["recall"]) == one["classes"] == ["anger", "happy", "sad"]
    assert (one["seeds"], one["rule"], one["method"], one["settings"].split(",")[0]) == (2, "final", "tlmlda", "quick")


def test_one_factor_can_be_set_and_the_record_says_so(pairs: None, tmp_path: Path) -> None:
    words = (*QUICK, "--set", "alpha.y=3", "--set", "alpha.MMD=0.5", "--seeds", 1, *kept_in(tmp_path), "--json")
    content = json.loads(call(*words).stdout)
    assert {"alpha.y=3", "alpha.MMD=0.5"} < set(content["rows"][0]["settings"].split(", "))
    (file,) = content["records"]
    record = store.read(file)
    assert record["overrides"]["alpha"] == {"y": 3, "MMD": 0.5}
    assert record["params"]["alpha"] == {"S": 0.1, "T": 0.1, "y": 3, "MMD": 0.5, "LMMD": 1}
    again = plans.Cell("C2B", "tlmlda", "quick", 0, record["overrides"])  # as the record has it, the cell is the same
    assert again.names()["options_digest"] == record["options_digest"]
    before = Path(file).read_bytes()
    call(*words)
    assert Path(file).read_bytes() == before


def test_the_matrix_is_printed_in_eighty_columns(pairs: None, tmp_path: Path) -> None:
    text = call(*QUICK, "--seeds", 2, *kept_in(tmp_path), "--confusion").stdout
    assert max(map(len, text.splitlines())) <= 80
    flat = " ".join(text.split())
    assert "recordings by acted emotion (rows) and answer, 2 seeds summed; last epoch" in flat
    (one,) = json.loads(call(*QUICK, "--seeds", 2, *kept_in(tmp_path), "--json").stdout)["confusion"]
    for name, row in zip(one["classes"], one["counts"], strict=True):
        assert re.search(rf"{name} +{one['recall'][name]:.1f} +{' +'.join(map(str, row))}\b", text)
    assert "acted emotion" not in call(*QUICK, "--seeds", 2, *kept_in(tmp_path)).stdout
    alone = " ".join(call(*QUICK, "--seeds", 1, *kept_in(tmp_path), "--confusion").stdout.split())
    assert "summed" not in alone


def test_nine_emotions_stay_within_eighty_columns() -> None:
    from tlmlda_lib.cli import terminal

    names = list(plots.EMOTION_COLOURS)
    counts = np.arange(81).reshape(9, 9)
    one = {"scheme": "C2B", "method": "m", "settings": "s", "seeds": 1, "epochs": True, "classes": names}
    one |= {"counts": counts.tolist(), "recall": {n: float(i) for i, n in enumerate(names)}}
    _, *blocks = terminal.confusion(one, 80)
    assert len(blocks) == 2
    shown = [column.header for block in blocks for column in block.columns]
    assert [n for n in shown if n in names] == names


def test_an_emotion_that_the_target_lacks_has_no_recall() -> None:
    record = {key: "x" for key in tables.KEYS} | {"overrides": {}, "classes": ["anger", "sad"]}
    record |= {"rules": {"final": {"confusion": [[3, 1], [0, 0]], "setting": 1}}}
    (one,) = tables.confusions([record])
    assert one["recall"]["anger"] == 75
    assert np.isnan(one["recall"]["sad"])
    from tlmlda_lib.cli import terminal

    assert terminal.confusion(one, 80)[1].columns[1]._cells == ["75.0", "-"]


@pytest.mark.parametrize("name", ["who.svg", "deep/who.PNG"])
def test_the_heat_map_has_counts_percents_and_names(name: str, pairs: None, tmp_path: Path) -> None:
    file = tmp_path / name
    content = json.loads(call(*QUICK, "--seeds", 2, *kept_in(tmp_path), "--plot", file, "--json").stdout)
    assert content["plot"] == str(file)
    assert not list(tmp_path.rglob("*.tmp"))
    if name.endswith("PNG"):
        assert file.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
        return
    words = [e.text for e in ET.parse(file).iter() if e.text and e.text.strip()]
    (one,) = content["confusion"]
    assert {"anger", "happy", "sad", "acted", "recognised as"} <= set(words)
    for row in one["counts"]:
        for n in row:
            assert str(n) in words
            assert f"{100 * n / sum(row):.0f} %" in words
    assert any("2 seeds summed" in word for word in words)
    again = tmp_path / "again.svg"
    call(*QUICK, "--seeds", 2, *kept_in(tmp_path), "--plot", again)
    assert again.read_bytes() == file.read_bytes()


def test_several_cells_are_several_panels_and_numbers_can_be_read_on_their_ground() -> None:
    one = {"scheme": "C2B", "method": "m", "settings": "s", "seeds": 1, "classes": ["anger", "sad"]}
    figure = figures.confusions([one | {"counts": [[9, 1], [5, 5]]}] * 4)
    drawn = [ax for ax in figure.axes if ax.texts]
    assert len(drawn) == 4

    def luminance(colour: tuple[float, ...]) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
        return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))

    for share in range(0, 101, 5):
        (ax,) = [a for a in figures.confusions([one | {"counts": [[share, 100 - share], [1, 1]]}]).axes if a.texts]
        ground = luminance(ax.collections[0].cmap(share / 100))
        ink = luminance(matplotlib.colors.to_rgb(ax.texts[0].get_color()))
        low, high = sorted((ground, ink))
        assert (high + 0.05) / (low + 0.05) >= 4.5, share


def test_a_file_that_cannot_be_drawn_is_said_before_the_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def load_pair(*a, **k):
        raise AssertionError("the work has begun")

    monkeypatch.setattr(domains, "load_pair", load_pair)
    (tmp_path / "file").touch()
    (tmp_path / "folder.svg").mkdir()
    for option, name, says in (
        ("--plot", "who.gif", r"who\.gif: give a file that ends with \.svg or \.png"),
        ("--plot", tmp_path / "file" / "who.svg", r"who\.svg cannot be written .*: give another --plot"),
        ("--plot", tmp_path / "folder.svg", r"folder\.svg cannot be written .*: give another --plot"),
        ("--save", tmp_path / "file" / "my.model", r"my\.model cannot be written .*: give another --save"),
    ):
        with pytest.raises(UserError, match=says):
            call(*QUICK, *kept_in(tmp_path), option, name)
    with pytest.raises(UserError, match=r"folder\.svg cannot be written"):
        call("figure2", "--plot", tmp_path / "folder.svg", *kept_in(tmp_path))


def test_a_figure_is_whole_or_not_there(monkeypatch: pytest.MonkeyPatch, pairs: None, tmp_path: Path) -> None:
    file = tmp_path / "who.svg"
    file.write_text("the one before")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    call(*QUICK, "--seeds", 1, *kept_in(tmp_path))
    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(UserError, match=r"who\.svg cannot be written \(No space left on device\)"):
        call(*QUICK, "--seeds", 1, *kept_in(tmp_path), "--plot", file)
    assert file.read_text() == "the one before"
    assert not list(tmp_path.glob(".who*"))


# Presets and methods


def test_the_preset_is_the_searched_one_where_a_method_has_it(pairs: None, tmp_path: Path) -> None:
    for method in methods.METHODS:
        own = methods.presets(method)
        searched = [preset for preset in ("recommended-is10", "recommended") if preset in own]
        assert run.default_preset(method) == [*searched, own[0]][0]
    assert [run.default_preset(m) for m in ("tlmlda_w", "ifn")] == ["recommended-is10", "recommended"]
    assert run.default_preset("tlmlda", ("openai/whisper-base:3", "resemblyzer")) == "recommended"
    words = ("run", "--scheme", "C2B", "--method", "only_cls", "--method", "pca_svm", *kept_in(tmp_path), "--seeds", 1)
    with pytest.raises(UserError, match="option 'epochs' is not known for pca_svm"):
        call(*words, "--epochs", 2)
    done = call("run", "--scheme", "C2B", "--method", "only_cls", *SMALL, *kept_in(tmp_path), "--seeds", 1)
    assert "note: preset: recommended-is10 (only_cls); --preset takes another" in done.stderr
    assert {r["preset"] for r in store.scan(tmp_path)[0]} == {"recommended-is10"}
    done = call("run", "--scheme", "C2B", "--method", "pca_svm", *kept_in(tmp_path))
    assert "note: preset: zscore (pca_svm)" in done.stderr
    assert "preset" not in call(*QUICK, *kept_in(tmp_path), "--seeds", 1).stderr


def test_a_grid_without_a_plan_takes_the_same_preset(tmp_path: Path) -> None:
    words = ("reproduce", "--scheme", "C2B", "--method", "tlmlda", "--method", "pca_svm", "--seeds", 1, "--dry-run")
    cells = json.loads(call(*words, *kept_in(tmp_path), "--json").stdout)["to_run"]
    assert cells == [str(plans.Cell("C2B", m, p)) for m, p in (("tlmlda", "recommended-is10"), ("pca_svm", "zscore"))]
    cells = json.loads(call(*words, *kept_in(tmp_path), "--preset", "quick", "--json").stdout)["to_run"]
    assert cells[0] == "C2B tlmlda quick seed 0"


def test_help_names_every_method_and_the_preset() -> None:
    assert list(methods.METHODS) == list(arguments.METHODS)
    for command in ("run", "reproduce"):
        text = " ".join(call(command, "--help").stdout.replace("│", " ").split())
        assert ", ".join(methods.METHODS) in text
        assert "recommended-is10" in text
    with pytest.raises(UserError, match=f"use one of {', '.join(methods.METHODS)}"):
        call("run", "--scheme", "C2B", "--method", "nothing")


def test_what_is_not_known_is_said_before_features_are_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def load_pair(*a, **k):
        raise AssertionError("the work has begun")

    monkeypatch.setattr(domains, "load_pair", load_pair)
    for words, says in (
        (("--method", "pca_svm", "--preset", "papper"), "preset 'papper'"),
        (("--method", "tlmlda", "--set", "dropout=high"), "dropout='high'"),
        (("--method", "tlmlda", "--set", "epoch=3"), "did you mean 'epochs'"),
    ):
        with pytest.raises(UserError, match=says):
            call("run", "--scheme", "C2B", *words, *kept_in(tmp_path))


def test_without_the_speaker_encoder_another_preset_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(embeddings, "find_spec", lambda name: None)
    words = ("run", "--scheme", "C2B", "--method", "tlmlda", *kept_in(tmp_path))
    with pytest.raises(UserError, match=r"pip install .*; or give --preset quick, which does not need it"):
        call(*words)
    with pytest.raises(UserError, match=r"the speaker encoder needs [^;]*$"):
        call(*words, "--preset", "recommended-is10")


def test_a_method_without_epochs_shows_one_score_and_no_rules(pairs: None, tmp_path: Path) -> None:
    text = call("run", "--scheme", "C2B", "--method", "pca_svm", *kept_in(tmp_path), "--confusion").stdout
    for word in ("epoch rule", "final", "unsupervised", "oracle", "last epoch", "infomax"):
        assert word not in text
    (record,) = store.scan(tmp_path)[0]
    shown = tuple(f"{record['rules']['final'][metric]:.1f}" for metric in ("war", "uar"))
    assert re.findall(r"C2B  pca_svm +([\d.]+) +([\d.]+)", text) == [shown]
    words = ("run", "--scheme", "C2B", "--method", "pca_svm", "--method", "majority", *kept_in(tmp_path))
    assert "epoch rule" not in call(*words).stdout


def test_methods_with_and_without_epochs_stand_in_one_table(tmp_path: Path) -> None:
    from rich.console import Console

    from tlmlda_lib.cli import terminal

    pair = made_pair()
    small = {"encoder": (12, 8), "emotion": (8, 6), "epochs": 3, "batch_size": 16}
    folders = {"runs": tmp_path, "results": tmp_path, "checkpoint_folder": tmp_path / "c"}
    records = run.run(pair, "tlmlda", "quick", 1, params=small, **folders) + run.run(pair, "pca_svm", **folders)
    rows = tables.summary(records)
    assert rows["epochs"].tolist() == [True, False]
    console = Console(width=80)
    with console.capture() as printed:
        console.print(terminal.runs(rows.to_dict("records")))
    text = printed.get()
    assert [text.count(word) for word in ("final", "unsupervised", "oracle", "no epochs")] == [1, 1, 1, 1]


# What a prediction is worth


@pytest.fixture(scope="module")
def model(tones: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    folder = tmp_path_factory.mktemp("model")
    file = folder / "my.model"
    words = ("run", "--scheme", "C2B", "--method", "pca_svm", "--corpora", tones, *kept_in(folder / "r"))
    row = json.loads(call(*words, "--save", file, "--json").stdout)["rows"][0]
    return file, row["final_war"]


def recordings(folder: Path, n: int = 3) -> Path:
    for i in range(n):
        made_corpora.put(folder / f"{i}.wav", 150 + 40 * i, 0.4)
    return folder


def test_a_prediction_says_what_it_is_worth(model: tuple[Path, float], tmp_path: Path) -> None:
    file, war = model
    mine, out = recordings(tmp_path / "mine"), tmp_path / "emotions.csv"
    done = call("predict", file, mine, "--out", out)
    (note,) = [line for line in done.stderr.splitlines() if line.startswith("note: The model")]
    assert (
        f"acted emotions from casia, and recognised {war:.1f} % of 20 recordings of emodb (WAR; chance 20.0 %)" in note
    )
    assert "no answer but anger, fear, happy, neutral and sad" in note
    assert "not for diagnosis" in note
    assert note.count(". ") == 1, "two sentences"
    content = json.loads(call("predict", file, mine, "--out", out, "--json").stdout)
    assert f"note: {content['worth']}" == note
    table = pd.read_csv(out, index_col="file")
    assert list(table) == ["emotion", "anger", "fear", "happy", "neutral", "sad"]
    assert set(content["recordings"][0]) == {"file", *table}
    assert call("predict", file, mine, "--out", out, "--quiet").stderr == ""


def test_what_a_prediction_leaves_out_is_named_once(model: tuple[Path, float], tmp_path: Path) -> None:
    mine, out = recordings(tmp_path / "mine"), tmp_path / "e.csv"
    made_corpora.put(mine / "short.wav", 200, 0.05)
    (mine / "notes\n.txt").touch()
    done = call("predict", model[0], mine, "--out", out)
    text = "".join((done.stdout + done.stderr).split())
    assert text.count("short.wav") == text.count("notes\\n.txt") == 1
    assert "attrs" not in text


def test_predictions_have_the_form_of_an_answers_and_take_several_recordings(
    model: tuple[Path, float], tmp_path: Path
) -> None:
    """Names from the given folder, four digits; a model in a folder, or in the answer that holds that folder."""
    mine, out = recordings(tmp_path / "mine"), tmp_path / "e.csv"
    (tmp_path / "answer" / "model").mkdir(parents=True)
    shutil.copy(model[0], tmp_path / "answer" / "model" / "model.safetensors")
    said = json.loads(call("predict", model[0], mine, "--out", out, "--json").stdout)
    text = out.read_text()
    assert [line.split(",")[0] for line in text.splitlines()] == ["file", "0.wav", "1.wav", "2.wav"]
    assert [row["file"] for row in said["recordings"]] == ["0.wav", "1.wav", "2.wav"]
    assert re.fullmatch(r"0\.wav,\w+(,-?\d+\.\d{4}){5}", text.splitlines()[1])
    for place in (tmp_path / "answer", tmp_path / "answer" / "model"):
        call("predict", place, mine / "0.wav", mine / "1.wav", mine / "0.wav", "--out", out)
        assert out.read_text().splitlines() == text.splitlines()[:3]
    recordings(tmp_path / "more", 1)
    call("predict", model[0], mine, tmp_path / "more", "--out", out)
    assert pd.read_csv(out)["file"].tolist() == ["mine/0.wav", "mine/1.wav", "mine/2.wav", "more/0.wav"]
    with pytest.raises(UserError, match=r"mine holds no .*, nor .*: give the folder that `tlmlda adapt --out` wrote"):
        call("predict", mine, mine, "--out", out)
    with pytest.raises(UserError, match="or the folder that `tlmlda adapt --out` wrote"):
        call("predict", tmp_path / "nowhere", mine, "--out", out)


def test_worth_of_older_files_and_of_synthetic_speech() -> None:
    text = predict.worth({"emotions": ["anger", "sad"]})
    assert "from recordings that its file does not name, and how often it is right is not known" in text
    assert "no answer but anger and sad" in text
    known = {"source": ["made-zh"], "target": ["made-de"], "recordings": 9}
    text = predict.worth({"emotions": ["anger", "fear", "sad"], "worth": known})
    assert "synthetic emotions from made-zh" in text
    assert "how often it is right is not known" in text


def test_a_recording_has_no_column_that_nobody_explains(tones: Path, tmp_path: Path, monkeypatch) -> None:
    def embed(files, *a, **how):
        rows = np.random.default_rng(len(list(files))).normal(size=(len(list(files)), 256)).astype(np.float32)
        E = pd.DataFrame(rows, pd.Index(list(files), name="file"))
        E.attrs["problems"] = []
        return E

    monkeypatch.setattr(domains.pair.features, "embed", embed)
    file, where = tmp_path / "my.model", kept_in(tmp_path / "r")
    words = ("run", "--scheme", "C2B", "--method", "pca_svm", "--preset", "voices", "--corpora", tones, *where)
    call(*words, "--save", file)
    assert methods.load(file).scaler_.within == "voices"
    call("predict", file, recordings(tmp_path / "mine"), "--out", tmp_path / "e.csv")
    assert list(pd.read_csv(tmp_path / "e.csv")) == ["file", "emotion", "anger", "fear", "happy", "neutral", "sad"]


def test_a_folder_without_recordings_is_said_as_that(model: tuple[Path, float], tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(UserError, match=f"^no recordings in {empty}: give a folder of sound files"):
        call("predict", model[0], empty, "--out", tmp_path / "e.csv")
    (empty / "notes.txt").write_text("nothing to hear")
    with pytest.raises(UserError, match=f"^no recordings in {empty}"):
        call("predict", model[0], empty, "--out", tmp_path / "e.csv")
    (empty / "broken.wav").touch()
    with pytest.raises(UserError, match=r"broken\.wav is empty") as found:
        call("predict", model[0], empty, "--out", tmp_path / "e.csv")
    assert "folder per emotion" not in str(found.value)
    assert not (tmp_path / "e.csv").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has neither pipes in folders nor names of bytes")
def test_trash_pipes_stray_names_and_second_forms_are_not_recognised(model: tuple[Path, float], tmp_path: Path) -> None:
    mine, out = recordings(tmp_path / "mine"), tmp_path / "emotions.csv"
    made_corpora.put(mine / "0.flac", 150, 0.4)
    made_corpora.put(mine / ".Trash-1000" / "files" / "9.wav", 300, 0.4)
    made_corpora.put(mine / "stray.wav", 310, 0.4).rename(mine / os.fsdecode(b"caf\xe9.wav"))
    os.mkfifo(mine / "pipe.wav")
    (mine / "again").symlink_to(mine, target_is_directory=True)
    done = call("predict", model[0], mine, "--out", out, "--json")
    assert [Path(f).name for f in pd.read_csv(out)["file"]] == ["0.wav", "1.wav", "2.wav"]
    problems = {Path(p["file"]).name: p["problem"] for p in json.loads(done.stdout)["problems"]}
    assert set(problems) == {"0.flac", ".Trash-1000", "caf\\xe9.wav", "pipe.wav", "again"}
    assert "same utterance as" in problems["0.flac"]
    with pytest.raises(UserError, match=r"caf\\xe9.wav has a name that is not valid UTF-8"):
        call("predict", model[0], mine / os.fsdecode(b"caf\xe9.wav"), "--out", out)
    with pytest.raises(UserError, match="neither a folder nor a CSV file"):
        call("predict", model[0], mine / "pipe.wav", "--out", out)


def test_an_input_is_not_written_over(model: tuple[Path, float], tmp_path: Path) -> None:
    mine = recordings(tmp_path / "mine")
    listed = tmp_path / "list.csv"
    listed.write_text("file,emotion\n" + "".join(f"mine/{i}.wav,\n" for i in range(3)))
    (tmp_path / "another name").symlink_to(listed)
    sound = (mine / "0.wav").read_bytes()
    for words, out in (
        ((model[0], mine), model[0]),
        ((model[0], listed), listed),
        ((model[0], listed), tmp_path / "another name"),
        ((model[0], mine / "0.wav"), mine / "0.wav"),
        ((model[0], mine), mine / "0.wav"),
        ((model[0], mine), mine / "new.wav"),
    ):
        before = out.read_bytes() if out.exists() else None
        with pytest.raises(UserError, match=f"--out {re.escape(str(out))}: "):
            call("predict", *words, "--out", out)
        assert (out.read_bytes() if out.exists() else None) == before
    assert (mine / "0.wav").read_bytes() == sound
    call("predict", model[0], listed, "--out", tmp_path / "e.csv")
    assert len(pd.read_csv(tmp_path / "e.csv")) == 3


def test_a_model_does_not_take_a_recordings_place(tones: Path, tmp_path: Path) -> None:
    file = next((tones / "casia").rglob("*.wav"))
    before = file.read_bytes()
    words = ("run", "--scheme", "C2B", "--method", "pca_svm", "--corpora", tones, *kept_in(tmp_path))
    with pytest.raises(UserError, match="what is written is not a sound"):
        call(*words, "--save", file)
    assert file.read_bytes() == before


def test_a_table_is_whole_or_not_there(model: tuple[Path, float], tmp_path: Path, monkeypatch) -> None:
    mine, out = recordings(tmp_path / "mine"), tmp_path / "emotions.csv"
    out.write_text("the one before")
    monkeypatch.setattr(files.os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(UserError, match=r"emotions\.csv cannot be written \(No space left on device\)"):
        call("predict", model[0], mine, "--out", out)
    assert out.read_text() == "the one before"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["emotions.csv", "mine"]


def test_the_record_is_kept_where_the_model_cannot_be(tmp_path: Path, monkeypatch) -> None:
    def full(*a, **k):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(methods.PCASVM, "save", full)
    with pytest.raises(UserError, match=r"my\.model cannot be written \(No space left on device\)"):
        run.run(made_pair(), "pca_svm", runs=tmp_path, results=tmp_path, save=tmp_path / "my.model")
    assert len(store.scan(tmp_path)[0]) == 1


def test_a_record_of_other_recordings_is_said(tmp_path: Path) -> None:
    how = {"runs": tmp_path, "results": tmp_path}
    run.run(made_pair(), "pca_svm", **how)
    with pytest.warns(run.RecordWarning, match="C2B, pca_svm were made on other recordings or features than these"):
        run.run(made_pair(seed=1), "pca_svm", **how)
