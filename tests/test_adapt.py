"""From labelled recordings to recordings without labels: no label is read, every doubt is said, nothing is lost."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import made_corpora
import numpy as np
import pandas as pd
import pytest
import soundfile
from safetensors.numpy import load_file
from statsmodels.stats.proportion import proportion_confint
from typer.testing import CliRunner

from tlmlda_lib import corpora, evaluation
from tlmlda_lib.cli import answers as shown
from tlmlda_lib.cli import main as cli
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import adaptation, predict
from tlmlda_lib.experiments.adaptation import answer as answers
from tlmlda_lib.experiments.adaptation import inputs, keep, labelled, networks, report, scoring, trust

EMOTIONS = {"anger": 320.0, "neutral": 180.0, "sad": 120.0}
SMALL = {"encoder": (12, 8), "emotion": (8, 6), "batch_size": 16, "epochs": 4}
HOW: dict[str, Any] = {"features": ("is10",), "preset": "quick", "params": SMALL, "progress": False}
WORDS = ("--features", "is10", "--preset", "quick", "--set", "encoder=12,8", "--set", "emotion=8,6", "--set")
WORDS += ("batch_size=16", "--set", "epochs=4")


def fill(folder: Path, by: Callable[[str, int], str], factor: float = 1.0, each: int = 6) -> list[tuple[str, str]]:
    """Tones, with the emotion of each."""
    made = []
    for emotion, hertz in EMOTIONS.items():
        for i in range(each):
            name = by(emotion, i)
            made_corpora.put(folder / name, factor * (hertz + 3 * i), 0.3)
            made.append((name, emotion))
    return made


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A labelled folder, a folder of neutral names, and a CSV file of true and of permuted labels beside it."""
    root = tmp_path_factory.mktemp("adapt")
    fill(root / "acted", lambda emotion, i: f"{'abc'[i % 3]}/{emotion}/{i}.wav")
    made = fill(root / "mine", lambda emotion, i: f"{list(EMOTIONS).index(emotion) * 6 + i:02}.wav", 1.1)
    rows = [(f"mine/{name}", emotion, f"s{i % 2}") for i, (name, emotion) in enumerate(made)]
    for name, order in (("true", range(len(rows))), ("permuted", np.random.default_rng(0).permutation(len(rows)))):
        labels = [rows[k][1] for k in order]
        table = pd.DataFrame({"file": [r[0] for r in rows], "emotion": labels, "speaker": [r[2] for r in rows]})
        table.to_csv(root / f"{name}.csv", index=False)
    (root / "mine" / "notes.txt").write_text("Ask about the microphone.")
    return root


@pytest.fixture(scope="module")
def found(place: Path) -> adaptation.Answer:
    return adaptation.adapt(place / "acted", place / "mine", **HOW)


def call(*words: object, code: int = 0) -> Any:
    done = CliRunner().invoke(cli.app, [str(w) for w in words], env={"TLMLDA_CORPORA": None, "COLUMNS": "80"})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done


# What is read


def test_a_source_is_a_name_a_folder_a_table_or_a_published_corpus_in_a_folder(place: Path, tmp_path: Path) -> None:
    made_corpora.emodb(tmp_path / "all" / "emodb", seconds=0.3)
    by_name = inputs.source("B", tmp_path / "all")
    assert set(by_name["corpus"]) == {"emodb"}
    pd.testing.assert_frame_equal(inputs.source(tmp_path / "all" / "emodb"), by_name)
    own = inputs.source(place / "acted")
    assert set(own["corpus"]) == {"acted"}
    assert own["emotion"].value_counts().to_dict() == dict.fromkeys(EMOTIONS, 6)
    assert len(inputs.source(place / "true.csv")) == 18
    assert len(inputs.source(own)) == 18
    assert set(inputs.source(place / "acted", label_map={"sad": "fear"})["emotion"]) == {"anger", "neutral", "fear"}


def test_what_is_no_source_is_said(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match=r"'emodbb' is neither a corpus \(emodb, .*\) nor a folder or file"):
        inputs.source("emodbb", tmp_path)
    made_corpora.emodb(tmp_path / "emodb", seconds=0.3)
    made_corpora.casia(tmp_path / "casia", seconds=0.3)
    with pytest.raises(UserError, match="contains emodb and casia: name each as a source"):
        inputs.source(tmp_path)
    asked = []
    monkeypatch.setattr(corpora, "from_audb", lambda name, version, **how: asked.append((name, version)))
    inputs.source("audb:emodb@1.4.1")
    inputs.source("audb:emodb")
    assert asked == [("emodb", "1.4.1"), ("emodb", None)]


def test_a_corpus_comes_before_a_folder_of_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made_corpora.emodb(tmp_path / "corpora" / "emodb", seconds=0.3)
    fill(tmp_path / "here" / "emodb", lambda emotion, i: f"{emotion}/{i}.wav")
    monkeypatch.chdir(tmp_path / "here")
    assert "here" not in inputs.source("emodb", tmp_path / "corpora").index[0]
    assert "here" in inputs.source("./emodb", tmp_path / "corpora").index[0]


def test_emotions_are_those_of_all_sources_and_never_the_targets() -> None:
    one, two = (pd.DataFrame({"emotion": names, "corpus": c}) for names, c in ((list("ab"), "x"), (list("bc"), "y")))
    one["emotion"], two["emotion"] = ["anger", "sad"], ["sad", "fear"]
    three = pd.DataFrame({"emotion": ["sad", "anger", "happy"], "corpus": "z"})
    assert inputs.common([one, three]) == ("anger", "sad")
    with pytest.raises(UserError, match=r"share 1 emotions \(x has anger, sad; y has fear, sad\)"):
        inputs.common([one, two])
    assert inputs.common([one, two], ["sad", "fear"]) == ("fear", "sad")
    with pytest.raises(UserError, match="emotion 'joy' is in none of the sources: use anger, fear, sad"):
        inputs.common([one, two], ["sad", "joy"])
    with pytest.raises(UserError, match="name at least 2"):
        inputs.common([one], ["sad"])


def test_no_recording_is_learnt_from_and_recognised(place: Path) -> None:
    with pytest.raises(UserError, match=r"18 recordings of the target are learnt from in true, first .*mine/00.wav"):
        adaptation.adapt(place / "true.csv", place / "mine", **HOW)
    with pytest.raises(UserError, match="two sources have the name 'acted'"):
        adaptation.adapt([place / "acted", place / "acted"], place / "mine", **HOW)
    with pytest.raises(UserError, match="no source was given"):
        adaptation.adapt([], place / "mine", **HOW)
    with pytest.raises(UserError, match="seeds=0"):
        adaptation.adapt(place / "acted", place / "mine", seeds=0, **HOW)


# The answer


def test_probabilities_agreement_and_doubt_are_those_by_hand(found: adaptation.Answer) -> None:
    table = found.predictions
    assert list(table.index) == [f"{i:02}.wav" for i in range(18)]
    assert list(table.columns) == ["emotion", *EMOTIONS, *answers.DOUBTS]
    pair, rows = found.pair, found.pair.target
    how = {"sample_domain": pair.sample_domain[rows]}
    each = [
        [clf.predict_proba(pair.X[rows], **how) for clf in kind]
        for kind in (found.networks.aligned, found.networks.plain)
    ]
    assert [len(kind) for kind in each] == [3, 3]
    mean = np.mean(each[0], axis=0)
    np.testing.assert_allclose(table[list(EMOTIONS)], mean, atol=1e-12)
    names = np.array(list(EMOTIONS))
    assert table["emotion"].tolist() == names[mean.argmax(1)].tolist()
    assert table["without_transfer"].tolist() == names[np.mean(each[1], axis=0).argmax(1)].tolist()
    same = np.array([p.argmax(1) == mean.argmax(1) for p in each[0]])
    np.testing.assert_allclose(table["agreement"], same.mean(0))
    sure = same.all(0) & (table["without_transfer"] == table["emotion"])
    assert (table["unsure"] == ~sure).all()
    assert [p["file"][-9:] for p in found.left_out] == ["notes.txt"]


def test_no_label_of_the_target_is_read(place: Path, tmp_path: Path) -> None:
    for name in ("true", "permuted"):
        keep.write(adaptation.adapt(place / "acted", place / f"{name}.csv", **HOW), tmp_path / name)
    files = ("predictions.csv", "report.html", "model/model.safetensors")
    one, two = ([(tmp_path / name / file).read_bytes() for file in files] for name in ("true", "permuted"))
    assert one == two
    records = [json.loads((tmp_path / name / "record.json").read_text()) for name in ("true", "permuted")]
    assert records[0] | {"date": ""} == records[1] | {"date": ""}


def test_a_digest_of_data_without_labels_is_the_same_in_every_process(found: adaptation.Answer) -> None:
    code = "from tlmlda_lib.experiments.provenance import digest_of_arrays; print(digest_of_arrays(['a', None]))"
    said = {subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout for _ in range(2)}
    assert len(said) == 1


def test_networks_that_were_finished_are_not_trained_again(place: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("TLMLDA_CACHE", str(tmp_path))
    whole = adaptation.adapt(place / "acted", place / "mine", **HOW)
    fit, fitted = networks.methods.TLMLDA._fit, []

    def interrupted(self: Any, *args: Any, **more: Any) -> None:
        if len(fitted) == 2:
            raise KeyboardInterrupt
        fitted.append(self)
        fit(self, *args, **more)

    answers.forget(whole)
    assert not [f for f in (tmp_path / "checkpoints").rglob("*") if f.is_file()]
    with monkeypatch.context() as patch:
        patch.setattr(networks.methods.TLMLDA, "_fit", interrupted)
        with pytest.raises(KeyboardInterrupt):
            adaptation.adapt(place / "acted", place / "mine", **HOW)
    assert len(list((tmp_path / "checkpoints").rglob("*.safetensors"))) == 2
    steps = []
    losses = networks.methods.tlmlda.Trainer._new_run
    monkeypatch.setattr(
        networks.methods.tlmlda.Trainer,
        "_new_run",
        lambda self, *a: steps.append(self.checkpoint.exists()) or losses(self, *a),
    )
    again = adaptation.adapt(place / "acted", place / "mine", **HOW)
    assert steps == [True, True, False, False, False, False]
    pd.testing.assert_frame_equal(again.predictions, whole.predictions)
    keep.write(again, tmp_path / "out")
    assert not [f for f in (tmp_path / "checkpoints").rglob("*") if f.is_file()]


def test_no_bar_is_written_to_a_file(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    adaptation.adapt(place / "acted", place / "mine", **{**HOW, "progress": None})
    assert capsys.readouterr().err == ""


def test_without_a_speaker_encoder_features_are_scaled_within_the_corpus(monkeypatch: pytest.MonkeyPatch) -> None:
    from tlmlda_lib.features import embeddings

    monkeypatch.setattr(embeddings, "is_here", lambda: False)
    params, notes = answers._without_voices("recommended", {"epochs": 2})
    assert params == {"epochs": 2, "within": "corpus"}
    assert "speaker encoder is not installed" in notes[0]
    monkeypatch.setattr(embeddings, "is_here", lambda: True)
    assert answers._without_voices("recommended", {}) == ({}, ())


# The folder


def test_the_model_answers_like_the_table_and_has_no_row(found: adaptation.Answer, place: Path, tmp_path: Path) -> None:
    keep.write(found, tmp_path / "out")
    again = predict.predict(tmp_path / "out" / "model", place / "mine", progress=False)
    again.index = [Path(f).name for f in again.index]
    np.testing.assert_allclose(again[list(EMOTIONS)], found.predictions[list(EMOTIONS)], atol=1e-6)
    tensors = load_file(tmp_path / "out" / "model" / "model.safetensors")
    rows = {found.pair.X[i].tobytes() for i in range(len(found.pair.X))}
    assert not rows & {np.float32(t[i]).tobytes() for t in tensors.values() if t.ndim == 2 for i in range(len(t))}
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"predictions.csv", "report.html", "record.json", "model"}


def test_the_record_has_all_that_the_answer_depends_on(found: adaptation.Answer) -> None:
    record = keep.about(found)
    assert record["sources"] == [
        {"name": "acted", "recordings": dict.fromkeys(EMOTIONS, 6), "speakers": 3, "left_out": 0}
    ]
    assert record["target"]["recordings"] == 18
    assert sum(record["target"]["named"].values()) == 18
    assert record["saw"] == {"target_features": True, "target_labels": False}
    assert (record["seeds"], record["features"], record["preset"]) == (3, ["is10"], "quick")
    assert json.loads(json.dumps(record)) == json.loads(json.dumps(record | {}))


@pytest.mark.parametrize("name", ["mine", "acted", "."])
def test_an_input_is_never_a_place_for_the_answer(name: str, place: Path) -> None:
    with pytest.raises(UserError, match=r"--out .*: .* lies there, which is only read"):
        keep.check_place(place / name, [place / "mine", place / "acted"])


def test_a_folder_with_anything_else_is_left_alone(found: adaptation.Answer, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("mine")
    with pytest.raises(UserError, match=r"holds thesis.txt, which is no answer of this command"):
        keep.write(found, out)
    assert [f.name for f in out.iterdir()] == ["thesis.txt"]
    (out / "thesis.txt").rename(out / "record.json")
    with pytest.raises(UserError, match=r"holds record\.json"):
        keep.check_place(out)
    (out / "record.json").unlink()
    keep.write(found, out)
    keep.write_score(adaptation.score(found.predictions, found.folder, labels(found)), out)
    keep.write(found, out)  # an earlier answer is replaced, and the score of it goes
    assert "score.json" not in {f.name for f in out.iterdir()}
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot be written"):
        keep.check_place(tmp_path / "file" / "out")


# The report


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_the_report_needs_nothing_else_and_has_no_sound(found: adaptation.Answer) -> None:
    text = report.page(found)
    tags = Page(text).tags
    assert not [t for t, _ in tags if t in ("script", "link", "iframe", "audio")]
    addresses = [value for _, attrs in tags for name, value in attrs.items() if name in ("src", "srcset")]
    assert len(addresses) == 6, "two pictures each, for wide and for narrow screens"
    assert all(a.startswith("data:image/svg+xml;base64,") for a in addresses)
    assert {attrs["href"] for _, attrs in tags if "href" in attrs} == {"predictions.csv", "record.json"}
    assert all(attrs.get("alt") for tag, attrs in tags if tag == "img")
    for words in ("How far to trust it", "Article 5", "no diagnosis", "notes.txt", "3 aligned networks", "acted"):
        assert words in text
    assert report.page(found) == text


def test_sound_is_in_the_report_only_when_it_was_asked_for(found: adaptation.Answer) -> None:
    tags = Page(text := report.page(found, with_audio=True)).tags
    sounds = [attrs for tag, attrs in tags if tag == "audio"]
    assert sounds
    assert all(str(a["src"]).startswith("data:audio/mpeg;base64,") and a["aria-label"] for a in sounds)
    assert "only if those who speak agreed" in text
    assert "licence" in text


def test_names_of_files_are_text_and_nothing_else(place: Path, tmp_path: Path) -> None:
    for i in range(5):
        made_corpora.put(tmp_path / "in" / f"<b>{i}&amp;.wav", 100 + 60 * i, 0.3)
    one = adaptation.adapt(place / "acted", tmp_path / "in", seeds=1, **HOW)
    text = report.page(one)
    assert "<b>" not in text
    assert re.search(r"&lt;b&gt;\d&amp;amp;\.wav", text)
    assert "<b>0&amp;.wav" in one.predictions.index


def test_trust_is_counted_from_records(monkeypatch: pytest.MonkeyPatch) -> None:
    aligned, plain = np.array([[0, 1, 1, 2], [0, 1, 2, 2], [0, 2, 2, 2]]), np.array([[0, 1, 2, 1]])
    codes, sure = trust.named(aligned, plain)
    assert codes.tolist() == [0, 1, 2, 2]
    assert sure.tolist() == [True, False, False, False]
    truth = np.array([0, 0, 2, 2])
    whole = trust._together({"C2B": (codes == truth, sure, 3), "B2C": (codes == truth, ~sure, 3)})
    assert whole.right == {"C2B": 0.75, "B2C": 0.75}
    assert (whole.mean, whole.chance) == (0.75, pytest.approx(1 / 3))
    assert whole.sure == pytest.approx((1 / 4 + 3 / 4) / 2)
    assert whole.right_sure == pytest.approx((1 + 2 / 3) / 2)
    assert trust.tried(("no such features",)) is None
    shipped = trust.tried(("is10",))
    assert shipped is not None
    assert 0.2 < shipped.mean < 0.7
    assert shipped.right_unsure < shipped.right_sure


def test_targets_of_mostly_one_emotion_are_told_apart_with_and_without_transfer() -> None:
    def run(scheme: str, method: str, seed: int, war: float) -> dict[str, Any]:
        names = {"grid": "feature-sets", "scheme": scheme, "method": method, "preset": "recommended-without-B"}
        rest = {"overrides": {}, "options_digest": method, "data": {"features": ["is10"]}, "revisions": {}}
        return names | rest | {"seed": seed, "rules": {"final": {"war": war}}}

    runs = [run("C2B-mostly-sad", "tlmlda", k, 20.0 + 10 * k) for k in (0, 1)]
    runs += [run("C2B-mostly-sad", "only_cls", 0, 50.0), run("R2B-mostly-sad", "tlmlda", 0, 99.0)]
    runs += [run("C2B", "tlmlda", 0, 90.0), run("C2B", "only_cls", 0, 90.0)]
    assert trust._lopsided(runs) == pytest.approx((0.25, 0.5))
    assert trust._lopsided(runs[-2:]) is None
    best = trust.tried(trust.feature_scores.BEST)
    assert best is not None
    assert best.lopsided is not None
    assert best.lopsided[0] < best.lopsided[1]


# What is told of the recordings


def copied(place: Path, folder: Path) -> Path:
    """Two recordings of the source under other names, one of them as FLAC, and four others."""
    sources = sorted((place / "acted").rglob("*.wav"))
    (folder / "in").mkdir()
    (folder / "in" / "same.wav").write_bytes(sources[0].read_bytes())
    soundfile.write(folder / "in" / "recoded.flac", *soundfile.read(sources[7], dtype="int16"))
    for i in range(4):
        made_corpora.put(folder / "in" / f"{i}.wav", 100 + 60 * i, 0.3)
    return folder / "in"


def test_recordings_that_are_in_a_source_too_are_named(place: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ("adapt", place / "acted", "--target", copied(place, tmp_path), "--out", out, *WORDS, "--seeds", 1)
    done = call(*words)
    said = (
        "2 of 6 recordings are also in acted, which is learnt from (recoded.flac, same.wav): for these the answer is no"
    )
    assert said in " ".join(done.stderr.split())
    text = (out / "report.html").read_text()
    assert said in text
    assert "2 of your 6 recordings are in a source, too" in text
    assert json.loads((out / "record.json").read_text())["target"]["in_a_source"] == {
        "recoded.flac": "acted",
        "same.wav": "acted",
    }


def test_recordings_of_ones_own_are_no_copies(found: adaptation.Answer) -> None:
    assert found.heard == {"12.wav": "acted"}, "1.1 * 120 Hz are 120 + 4 * 3 Hz; no other two tones are the same"
    assert "in a source, too" not in report.page(dataclasses.replace(found, heard={}))


def test_trust_names_the_number_of_emotions_that_it_was_measured_with() -> None:
    best = trust.tried(trust.feature_scores.BEST)
    assert best is not None
    assert best.emotions == 5
    assert report._of_so_many(best, 5) == "That was measured with 5 emotions, where guessing gives 20 %, as here."
    assert "yours has 7, where guessing gives 14 %: expect less." in report._of_so_many(best, 7)
    assert "yours has 3, where guessing gives 33 %." in report._of_so_many(best, 3)


def test_no_probability_is_called_certain(found: adaptation.Answer) -> None:
    assert (report._probability(0.9949), report._probability(0.996)) == ("99 %", "&gt;99 %")
    assert "not calibrated" in report.page(found)


def test_what_is_in_the_cache_takes_no_time(place: Path, tmp_path: Path) -> None:
    said: list[str] = []
    for _ in range(2):
        adaptation.adapt(place / "acted", place / "mine", **HOW, seeds=1, cache=tmp_path, say=said.append)
    assert re.search(
        r": about \d+ s for features \(0 of 36 recordings have all theirs in the cache\), and \d+ s for 2 net", said[0]
    )
    assert re.search(r": all features are in the cache; about \d+ s for 2 networks$", said[1])


def test_a_file_has_one_problem_and_is_counted_once(place: Path, tmp_path: Path) -> None:
    for i in range(4):
        made_corpora.put(tmp_path / "in" / f"{i}.wav", 100 + 60 * i, 0.3)
    made_corpora.put(tmp_path / "in" / "short.wav", 200, 0.05)
    soundfile.write(tmp_path / "in" / "silent.wav", np.zeros((8000, 2)), 16000)
    said: list[str] = []
    two = {**HOW, "features": ("is10", "egemaps")}
    one = adaptation.adapt(place / "acted", tmp_path / "in", **two, seeds=1, say=said.append)
    assert said[0].startswith("5 recordings, ")  # what is silent is known only when it is heard
    assert [(Path(p["file"]).name, p["problem"].split(" (")[0].split(":")[0]) for p in one.left_out] == [
        ("short.wav", "is too short"),
        ("silent.wav", "is silent"),
    ]
    assert len(one.predictions) == 4


def test_control_characters_in_names_are_written_out(place: Path, tmp_path: Path) -> None:
    names = ["a\x1b[31m.wav", "b\n.wav", "c.wav", "d.wav"]
    for i, name in enumerate(names):
        made_corpora.put(tmp_path / "in" / name, 100 + 60 * i, 0.3)
    (tmp_path / "in" / "e\n.wav").touch()
    done = call("adapt", place / "acted", "--target", tmp_path / "in", "--out", tmp_path / "o", *WORDS, "--seeds", 1)
    text = (tmp_path / "o" / "report.html").read_text()
    assert "\x1b" not in done.output + text
    assert "e\\n.wav is empty" in done.stdout
    for name in ("a\\x1b[31m.wav", "b\\n.wav", "e\\n.wav"):
        assert f"<code>{name}</code>" in text
    kept = pd.read_csv(tmp_path / "o" / "predictions.csv", index_col="file")
    assert kept.index.tolist() == names, "the table has names as they are"


def test_examples_are_up_to_three_of_each_emotion(found: adaptation.Answer) -> None:
    table = found.predictions.copy()
    table["emotion"] = ["anger"] * 2 + ["neutral"] * 16
    table["unsure"] = [True, True, *[False] * 15, True]
    text = report._examples(dataclasses.replace(found, predictions=table), with_audio=False)
    assert text.count("anger (unsure)") == 2
    assert len(re.findall(r">neutral( \(unsure\))?</td>", text)) >= 3
    assert "Fewer than 3 recordings: anger 2, sad none." in text
    answers_by = report._found(dataclasses.replace(found, predictions=table))
    assert "<code>00.wav</code>, <code>01.wav</code>" in answers_by


# The score


def labels(found: adaptation.Answer) -> pd.DataFrame:
    """A label for each but the last two recordings; the first has an emotion that the networks do not know."""
    files = [str((found.folder / f).resolve()) for f in found.predictions.index]
    true = [emotion for emotion in EMOTIONS for _ in range(6)]
    table = pd.DataFrame({"emotion": ["boredom", *true[1:]], "corpus": "target"}, index=files)
    table["speaker"] = ["anna", "bob"] * 9
    table["gender"] = ["female", "male"] * 9
    return table.iloc[:-2]


def test_a_score_is_that_by_hand(found: adaptation.Answer) -> None:
    true = labels(found)
    one = adaptation.score(found.predictions, found.folder, true)
    said = found.predictions["emotion"].to_numpy()[:16]
    known = true["emotion"].to_numpy() != "boredom"
    right = said == true["emotion"].to_numpy()
    assert (one.labelled, one.outside, one.over) == (16, {"boredom": 1}, "speakers")
    assert one.war == pytest.approx(100 * right[known].mean())
    assert one.confusion.sum() == 16
    assert one.confusion[one.truth.index("boredom")].sum() == 1
    assert one.recall["sad"][0] == pytest.approx(100 * right[-4:].mean())
    assert one.recall["sad"][3] == 4
    women = known & (np.arange(16) % 2 == 0)
    assert one.genders["female"][0] == pytest.approx(100 * right[women].mean())
    unsure = found.predictions["unsure"].to_numpy()[:16]
    assert (one.sure[1], one.unsure[1]) == ((known & ~unsure).sum(), (known & unsure).sum())
    assert one.majority == pytest.approx(100 * 6 / 15)
    assert json.loads(json.dumps(one.to_json(), allow_nan=False))["labelled"] == 16


def test_a_score_without_speakers_or_known_emotions(found: adaptation.Answer) -> None:
    true = labels(found)
    assert adaptation.score(found.predictions, found.folder, true.assign(speaker="unknown")).over == "recordings"
    strange = adaptation.score(found.predictions, found.folder, true.assign(emotion="boredom"))
    assert strange.outside == {"boredom": 16}
    assert strange.to_json()["war"] is None
    with pytest.raises(UserError, match="none of the 16 labelled recordings is among the 18 of the answer"):
        adaptation.score(found.predictions, found.folder / "elsewhere", true)


# The command


def test_the_command_writes_says_and_scores(place: Path, tmp_path: Path) -> None:
    out = tmp_path / "answer"
    words = ("adapt", place / "acted", "--target", place / "mine", "--out", out, *WORDS, "--seeds", 1)
    done = call(*words, "--score", place / "true.csv")
    told = (
        r"18 recordings, learning from 18 of anger, neutral, sad: (about \d+ s for features \(\d+ of|all features are)"
    )
    assert re.search(told, " ".join(done.stderr.split()))
    for said in ("emotion", "of these unsure", "notes.txt is not a sound file: left out", "report.html", "WAR "):
        assert "".join(said.split()) in "".join(done.stdout.split())
    assert "not what a person feels" in done.stderr
    assert max(map(len, done.stdout.replace(str(place), "").replace(str(tmp_path), "").splitlines())) <= 80
    table = pd.read_csv(out / "predictions.csv", index_col="file")
    scored = json.loads((out / "score.json").read_text())
    true = pd.read_csv(place / "true.csv")["emotion"].to_numpy()
    assert scored["war"] == pytest.approx(100 * (table["emotion"].to_numpy() == true).mean())
    assert (out / "score.svg").read_text().startswith("<?xml")
    assert "<dc:title>Who is taken for whom, of 18 labelled recordings</dc:title>" in (out / "score.svg").read_text()
    text = (out / "report.html").read_text()
    assert "tlmlda adapt acted --target mine --seeds 1 --features is10 --set encoder=12,8" in text.replace(
        "--preset quick ", ""
    )
    assert str(place) not in text
    assert str(tmp_path) not in text
    whole = json.loads(call(*words, "--json", "--quiet").stdout)
    assert [row["file"] for row in whole["predictions"]] == table.index.tolist()
    assert not (out / "score.json").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--label", "Wut"), "--label Wut: write YOURS=OURS"),
        (("--emotions", "anger,joy"), "emotion 'joy' is in none of the sources"),
        (("--set", "epochs"), "write NAME=VALUE"),
    ],
)
def test_what_is_wrong_is_said_before_the_work(words: tuple[str, ...], said: str, place: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=said):
        call("adapt", place / "acted", "--target", place / "mine", "--out", tmp_path / "o", *WORDS, *words)
    assert not (tmp_path / "o").exists()


def test_scoring_reads_labels_after_the_answer_is_written(place: Path, tmp_path: Path, monkeypatch) -> None:
    """They are checked before, and nothing of the check is kept."""
    read, check, written = labelled.read, labelled.check, []

    def watched(function: Callable[..., Any], given: Any, *args: Any) -> Any:
        found = function(given, *args)
        written.append((Path(given).name, (tmp_path / "o" / "record.json").exists(), found is None))
        return found

    monkeypatch.setattr(labelled, "read", partial(watched, read))
    monkeypatch.setattr(labelled, "check", partial(watched, check))
    words = ("adapt", place / "acted", "--target", place / "mine", "--out", tmp_path / "o", *WORDS, "--seeds", 1)
    call(*words, "--score", place / "true.csv", "--quiet")
    assert written == [("true.csv", False, True), ("true.csv", True, False)]
    assert scoring.score is adaptation.score


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("absent.csv", None, "--score absent.csv: there is no such file: give a CSV file with the columns file and"),
        ("absent", None, "source 'absent' is neither a corpus"),
        ("few.csv", "file,label\n00.wav,sad\n", "has the columns file, label: one named 'emotion' is needed"),
        ("none.csv", "file,emotion\n00.wav,\n", "has no row with a file and an emotion"),
        ("odd.csv", "file,emotion\n00.wav,Trauer\n", "--label 'trauer=EMOTION', or leave its rows out"),
        ("other.csv", "file,emotion\nzz.wav,sad\n", "none of its 1 recordings is among those of"),
        ("above.csv", "file,emotion\nacted/a/sad/0.wav,sad\n", "none of its 1 recordings is among those of"),
    ],
)
def test_labels_that_cannot_be_used_are_refused_before_the_work(
    name: str, content: str | None, said: str, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adaptation, "adapt", lambda *_, **__: pytest.fail("the work began"))
    for folder in ("acted", "mine"):
        (tmp_path / folder).symlink_to(place / folder)
    monkeypatch.chdir(tmp_path)
    if content is not None:
        Path(name).write_text(content)
    with pytest.raises(UserError) as found:
        call("adapt", "acted", "--target", "mine", "--out", "o", "--score", name, *WORDS)
    assert said in found.value.shell


def test_labels_are_named_from_the_answer_or_from_their_own_file(place: Path, tmp_path: Path, found) -> None:
    names, folder = found.predictions.index, found.folder
    (tmp_path / "as_answered.csv").write_text("file,emotion\n00.wav,Sadness\n./01.wav,anger\n01.wav,anger\n")
    true = labelled.read(tmp_path / "as_answered.csv", names)
    assert true["emotion"].to_dict() == {"00.wav": "sad", "01.wav": "anger"}
    assert labelled.read(place / "true.csv", names, folder).index.tolist() == names.tolist()
    (tmp_path / "whole.csv").write_text(f"file,emotion\n{place / 'mine' / '03.wav'},Wut\n")
    assert labelled.read(tmp_path / "whole.csv", names, folder, label_map={"wut": "anger"}).index.tolist() == ["03.wav"]
    (tmp_path / "twice.csv").write_text("file,emotion\n00.wav,sad\n00.wav,anger\n")
    with pytest.raises(UserError, match=r"00\.wav has two rows that differ"):
        labelled.read(tmp_path / "twice.csv", names)


def test_an_answer_is_scored_later_as_at_once(place: Path, tmp_path: Path, found: adaptation.Answer) -> None:
    keep.write(found, tmp_path / "answer")
    at_once = adaptation.score(found.predictions, found.folder, inputs.source(place / "true.csv")).to_json()
    done = call("score", tmp_path / "answer", place / "true.csv", "--target", place / "mine", "--json")
    assert json.loads(done.stdout)["score"] == json.loads(json.dumps(at_once))
    (tmp_path / "labels.csv").write_text("file,emotion\n00.wav,glad\n01.wav,happiness\n")
    done = call("score", tmp_path / "answer", tmp_path / "labels.csv", "--label", "glad=happy")
    assert "others: happy 2" in done.stdout
    assert json.loads((tmp_path / "answer" / "score.json").read_text())["outside"] == {"happy": 2}
    for words in ("score.json", "score.svg, who is taken for whom"):
        assert words in done.stdout.replace("\n", " ")
    (tmp_path / "labels.csv").write_text("file,emotion\nmine/00.wav,happy\n")
    with pytest.raises(UserError, match=r"first mine/00\.wav") as caught:
        call("score", tmp_path / "answer", tmp_path / "labels.csv")
    assert caught.value.shell.endswith("name them as predictions.csv does, or give their folder with --target")
    with pytest.raises(UserError, match="mine is no answer of `tlmlda adapt`: give the folder that its --out named"):
        call("score", place / "mine", tmp_path / "labels.csv")


def test_an_interval_of_few_recordings_is_wilsons(found: adaptation.Answer) -> None:
    """Three right of three leaves much open; a bootstrap of equal recordings has no width."""
    truth = np.array(["sad"] * 3)
    for who in (np.array(list("abc")), np.array(list("aab")), np.array(list("aaa"))):
        low, high = scoring._interval(truth, truth, who)
        assert (low, high) == (pytest.approx(100 * 3 / (3 + 1.959964**2), abs=1e-3), 100)
    said = np.array(["sad", "anger", "sad"])
    ends = proportion_confint(2, 3, method="wilson")
    assert scoring._interval(truth, said, np.array(list("abc"))) == pytest.approx([100 * e for e in ends])
    of_speakers = scoring._interval(np.repeat(truth, 2), np.repeat(said, 2), np.array(list("aabbcc")))
    assert of_speakers == evaluation.bootstrap_interval(np.repeat(truth, 2), np.repeat(said, 2), list("aabbcc"))
    one = adaptation.score(found.predictions, found.folder, labels(found).iloc[-1:])
    assert one.recall["sad"][1] < one.recall["sad"][2]
    assert one.to_json()["uar_interval"] == [None, None]
    (table,) = (part for part in shown.score(one, 80) if hasattr(part, "columns"))
    assert all(cell.endswith("] of 1") for cell in table.columns[-1].cells)


def test_usual_labels_need_no_map_and_a_map_comes_first() -> None:
    assert inputs.understood()["happiness"] == "happy"
    assert inputs.understood({"Joy": "surprise"}).keys() & {"joy", "Joy"} == {"Joy"}


def test_the_command_line_names_options_and_python_its_arguments(place: Path, tmp_path: Path) -> None:
    words = ("--target", place / "mine", "--out", tmp_path / "o")
    with pytest.raises(UserError, match="or give one with root=") as error:
        call("adapt", "emodb", *words)
    assert "--corpora; `tlmlda corpora --list` has the address of each" in error.value.shell
    assert "root=" not in error.value.shell
    fill(tmp_path / "acted", lambda emotion, i: f"{emotion}ly/{i}.wav", each=1)
    with pytest.raises(UserError, match="map it with label_map=") as error:
        call("adapt", tmp_path / "acted", *words)
    assert error.value.shell.endswith("map it with `tlmlda adapt --label YOURS=OURS`")
    with pytest.raises(UserError, match=r"give a folder of recordings, or a CSV file with the column file$"):
        call("adapt", place / "acted", "--target", place / "nowhere", "--out", tmp_path / "o")
    with pytest.raises(UserError, match=r"--label Wut=angry: 'angry' is no emotion here: .*did you mean 'anger'"):
        call("adapt", place / "acted", *words, "--label", "Wut=angry")


def test_one_function_goes_all_the_way(place: Path, tmp_path: Path, found: adaptation.Answer) -> None:
    import tlmlda_lib as tl

    answer = tl.adapt(place / "acted", place / "mine", **HOW)
    pd.testing.assert_frame_equal(answer.predictions, found.predictions)
    answer.write(tmp_path / "out")
    assert (tmp_path / "out" / "predictions.csv").read_bytes() == keep.csv(found.predictions)
    assert (
        answer.score(labels(found)).to_json()
        == adaptation.score(found.predictions, found.folder, labels(found)).to_json()
    )
    assert "adapt" in dir(tl)
