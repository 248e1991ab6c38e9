"""Every corpus on every other: which pairs there are, the scores, and the picture of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from stand_ins import kept_in, made_pair
from typer.testing import CliRunner

from tlmlda_lib import domains
from tlmlda_lib.cli import main as cli
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import figures, matrix

SMALL = ("--set", "encoder=12,8", "--set", "emotion=8,6", "--set", "batch_size=16", "--set", "epochs=3")
QUICK = ("--features", "is10", "--preset", "quick", *SMALL)


@pytest.fixture
def pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(scheme: str, *args: Any, **how: Any) -> Any:
        if scheme == "R2C":
            raise UserError("CASIA is not here")
        return made_pair(scheme=scheme)

    monkeypatch.setattr(domains, "load_pair", load)


def call(*words: object, code: int = 0) -> Any:
    done = CliRunner().invoke(cli.app, [str(w) for w in words], env={"TLMLDA_CORPORA": None, "COLUMNS": "80"})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done


def test_every_corpus_meets_every_other_where_they_share_enough_emotions(monkeypatch: pytest.MonkeyPatch) -> None:
    made, none = matrix.pairs(["emodb", "C", "turev"])
    assert made == ["B2C", "emodb_to_turev", "C2B", "casia_to_turev", "turev_to_emodb", "turev_to_casia"]
    assert none == {}
    monkeypatch.setattr(domains.schemes, "FEWEST", 4)
    made, none = matrix.pairs(["emodb", "C", "turev"])
    assert made == ["B2C", "C2B"]
    assert list(none) == ["emodb to turev", "casia to turev", "turev to emodb", "turev to casia"]
    assert "3 emotions in common (anger, happy, sad)" in none["emodb to turev"]


@pytest.mark.parametrize(
    ("names", "why"),
    [(["emodb"], "at least two"), (["emodb", "B"], "'emodb' is named twice"), (["x", "y"], "'x' is not known")],
)
def test_what_is_no_matrix_is_said(names: list[str], why: str) -> None:
    with pytest.raises(UserError, match=why):
        matrix.pairs(names)


def record(scheme: str, method: str, seed: int, war: float) -> dict[str, Any]:
    return {
        "grid": "matrix",
        "scheme": scheme,
        "method": method,
        "preset": "recommended",
        "overrides": {},
        "options_digest": "0",
        "seed": seed,
        "classes": list("abc"),
        "data": {"features": ["is10"]},
        "params": {"averaged": 1 / 3},
        "floor": {"chance": 100 / 3},
        "rules": {"final": {"war": war, "uar": war / 2}},
        "revisions": {},
    }


def test_scores_gains_and_intervals_are_those_by_hand() -> None:
    runs = [record("B2C", "only_cls", k, 40 + k) for k in range(3)] + [record("B2C", "tlmlda", k, 50) for k in range(3)]
    runs += [record("C2B", "tlmlda", 0, 70.0), record("C2B", "pca_svm", 0, 99.0)]
    table = matrix.table(runs).set_index(["source", "target"])
    one = table.loc["emodb", "casia"]
    assert (one["only_cls"], one["tlmlda"], one["gain"], one["seeds"]) == (41, 50, 9, 3)
    assert one["only_cls_low"] == pytest.approx(41 - 4.302652729749462 / np.sqrt(3))
    assert np.isnan(table.loc["casia", "emodb"]["gain"])
    square = matrix.squares(table.reset_index()).set_index("learnt on")
    assert square.loc["emodb"].tolist() == ["", "50.0 (+9.0)"]
    assert square.loc["casia"].tolist() == ["", ""]


def test_the_picture_has_each_score_where_it_belongs() -> None:
    table = pd.DataFrame(
        {"source": ["a", "b"], "target": ["b", "a"], "only_cls": [30.0, 60.0], "tlmlda": [35.0, 55.5]}
    ).assign(gain=lambda t: t["tlmlda"] - t["only_cls"])
    plain, aligned = figures.matrix(table).axes
    assert {(t.get_position(), t.get_text()) for t in plain.texts} == {((1, 0), "30.0"), ((0, 1), "60.0")}
    assert {t.get_text() for t in aligned.texts} == {"35.0\n+5.0", "55.5\n\N{MINUS SIGN}4.5"}
    assert [t.get_text() for t in plain.get_yticklabels()] == ["a", "b"]


def test_the_command_draws_writes_and_goes_on(pairs: None, tmp_path: Path) -> None:
    files = (tmp_path / "m.svg", tmp_path / "m.csv")
    words = (
        "matrix",
        "emodb",
        "casia",
        "--seeds",
        1,
        *QUICK,
        *kept_in(tmp_path),
        "--plot",
        files[0],
        "--out",
        files[1],
    )
    done = call(*words)
    assert "4 of 4 runs are to be made" in done.stderr
    assert files[0].read_text().startswith("<?xml")
    table = pd.read_csv(files[1])
    assert list(zip(table["source"], table["target"], strict=True)) == [("emodb", "casia"), ("casia", "emodb")]
    again = call(*words, "--json")
    assert "0 of 4 runs are to be made" in again.stderr
    assert [row["tlmlda"] for row in json.loads(again.stdout)["pairs"]] == pytest.approx(table["tlmlda"].tolist())


def test_a_corpus_that_is_missing_is_left_out(pairs: None, tmp_path: Path) -> None:
    done = call("matrix", "ravdess", "casia", "--seeds", 1, *QUICK, *kept_in(tmp_path))
    assert "R2C not run: CASIA is not here" in done.stderr
    assert "ravdess" in done.stdout
