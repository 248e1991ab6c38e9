"""`tlmlda reproduce` and `tlmlda tables`, as a user calls them."""

from __future__ import annotations

import json

import pytest
from stand_ins import kept_in, made_pair
from typer.testing import CliRunner

from tlmlda_lib import domains
from tlmlda_lib.cli import main as cli
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import store

SMALL = ("--set", "encoder=12,8", "--set", "emotion=8,6", "--set", "batch_size=16", "--epochs", "4")
QUICK = ("reproduce", "quick", *SMALL)


@pytest.fixture(autouse=True)
def pairs(monkeypatch):
    """Random numbers in place of C and B; no E."""

    def load_pair(scheme, root=None, features=("is10",), **how):
        if "E" in scheme:
            raise UserError(f"enterface is not below {root}: unpack it there")
        return made_pair(scheme=scheme)

    monkeypatch.setattr(domains, "load_pair", load_pair)


def call(*words, code=0):
    done = CliRunner().invoke(cli.app, [str(w) for w in words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done


def test_a_grid_is_run_once_estimated_and_printed(tmp_path):
    where = (*kept_in(tmp_path), "--jobs", "0")
    before = call(*QUICK, *where, "--dry-run")
    assert "6 to run, 0 kept, 0 stale" in before.stdout
    assert "6 of unknown duration" in before.stdout
    assert not list(tmp_path.iterdir())

    first = call(*QUICK, *where)
    assert "6 done" in first.stdout
    assert "6/6" in first.stderr
    again = json.loads(call(*QUICK, *where, "--json").stdout)
    assert again["count"] == {"kept": 6}
    assert all(store.read(c["record"])["seed"] == c["seed"] for c in again["cells"])

    more = json.loads(call(*QUICK, *where, "--seeds", "4", "--dry-run", "--json").stdout)
    assert (len(more["to_run"]), more["kept"], more["unknown"]) == (4, 6, 0)
    assert more["wall_seconds"] == pytest.approx(more["total_seconds"])
    assert "about" in call(*QUICK, *where, "--seeds", "4", "--dry-run").stdout

    table = call("tables", "table3", *kept_in(tmp_path), "--format", "markdown", "--rule", "final").stdout
    assert "| TLMLDA | paper | 58.93 | 43.16 | 35.40 | 32.74 | 41.00 | 57.11 | 44.72 |" in table
    shown = call("tables", *kept_in(tmp_path)).stdout
    assert max(map(len, shown.splitlines())) <= 80
    for word in ("TLMLDA_alpha, paper", "DoSL, paper", "57.11", "reconstructed", "README"):
        assert word in shown
    rows = json.loads(call("tables", "--against", "pca_svm", *kept_in(tmp_path), "--json").stdout)["against"]
    assert {r["scheme"] for r in rows} == {"mean", "C2B", "B2C"}


def test_what_fails_is_said_and_what_is_not_here_is_left_out(tmp_path):
    where = (*kept_in(tmp_path), "--jobs", "0", *SMALL)
    done = call(
        "reproduce",
        "--scheme",
        "C2B",
        "--scheme",
        "E2B",
        "--method",
        "tlmlda",
        "--preset",
        "quick",
        "--seeds",
        1,
        *where,
    )
    assert "E2B not run: enterface is not below" in done.stderr
    assert "1 done, 1 absent" in done.stdout or "1 absent, 1 done" in done.stdout
    bad = call(
        "reproduce", "--scheme", "B2C", "--method", "pca_svm", "--method", "majority", "--seeds", 1, "--jobs", 0,
        "--set", "C=-1", *kept_in(tmp_path), code=1,
    )  # fmt: skip
    assert "failed: B2C pca_svm" in bad.stderr
    assert "1 done" in bad.stdout
    with pytest.raises(UserError, match="nothing was run: enterface"):
        call("reproduce", "--scheme", "E2C", "--method", "pca_svm", *where[:4])


def test_bad_input_is_one_sentence(tmp_path):
    for words, said in (
        (("reproduce", "--method", "tlmlda"), "give what to run: a plan or a page"),
        (("reproduce", "fast"), "'fast' is no plan and no page"),
        (("reproduce", "--scheme", "C2B"), "--scheme and --method"),
        (("reproduce", "quick", "--set", "epochs"), "write NAME=VALUE"),
        (("tables", *kept_in(tmp_path / "nowhere")), "no folder"),
        (("tables", "table3", "--metric", "f1", *kept_in(tmp_path)), "metric 'f1' is not known"),
        (("tables", "--format", "html", *kept_in(tmp_path)), "format 'html'"),
    ):
        with pytest.raises(UserError, match=said):
            call(*words)
