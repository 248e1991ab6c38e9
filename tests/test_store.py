"""Records: their place, their form, and what survives damage, rivals and kill -9."""

from __future__ import annotations

import gc
import json
import mmap
import multiprocessing
import os
import random
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import provenance, store


def made(seed: int = 0, **changes) -> dict:
    """A small record."""
    record = {
        "grid": "main",
        "scheme": "C2B",
        "method": "tlmlda",
        "preset": "quick",
        "options_digest": "0123abcd",
        "seed": seed,
        "params": {"learning_rate": 1 / 3, "encoder": (2, 1)},
        "rules": {"final": {"war": 51.23456789, "confusion": np.arange(4).reshape(2, 2)}},
        "curve": {"war": np.linspace(20, 60, 60), "seconds": [0.1] * 60},
        "revisions": {"method tlmlda": 1},
        "seconds": 1.5,
        "date": "2026-01-01T00:00:00+00:00",
    }
    return record | changes


def place(results, record: dict):
    return store.path(results, **record)


def test_a_record_lies_where_the_protocol_says(tmp_path):
    record = made(3)
    file = place(tmp_path, record)
    assert file.relative_to(tmp_path).as_posix() == "main/C2B/tlmlda/quick-0123abcd/seed-3.json"
    written = store.write(file, record)
    assert store.read(file) == written
    assert store.scan(tmp_path) == ([written], [])
    assert store.scan(tmp_path, grid="other") == ([], [])
    assert [f.name for f in file.parent.iterdir()] == ["seed-3.json"]


def test_the_form_is_strict_stable_and_compact(tmp_path):
    file = tmp_path / "a.json"
    written = store.write(
        file, made(rules={"final": {"war": float("nan"), "uar": np.float32(1 / 3), "n": np.int64(5)}})
    )
    assert written["rules"]["final"] == {"war": None, "uar": 0.333333, "n": 5}
    assert written["params"] == {"learning_rate": 1 / 3, "encoder": [2, 1]}  # to the bit
    text = file.read_text(encoding="utf-8")
    assert "NaN" not in text
    keys = [line.split('"')[1] for line in text.splitlines() if line.startswith(' "')]
    assert keys == sorted(keys)
    shuffled = dict(random.Random(0).sample(sorted(made().items()), len(made())))
    again = tmp_path / "b.json"
    assert store.write(again, shuffled) == store.write(file, made())
    assert again.read_bytes() == file.read_bytes()


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=60, deadline=None)
@given(plain)
def test_whatever_is_written_can_be_read(tmp_path_factory, value):
    file = tmp_path_factory.mktemp("any") / "seed-0.json"
    assert store.write(file, made(extra=value)) == store.read(file)


def test_the_options_digest_hangs_on_names_and_values_alone():
    a = store.options_digest({"epochs": 5, "alpha": (1, 2.5)})
    assert a == store.options_digest({"alpha": [1, np.float64(2.5)], "epochs": np.int64(5)})
    assert len(a) == 8
    assert a != store.options_digest({"epochs": 6, "alpha": (1, 2.5)})
    assert store.options_digest({"x": 1 / 3}) != store.options_digest({"x": 0.333333})


@pytest.mark.parametrize("name", ["../away", "a/b", "", ".hidden", "a b", "-x"])
def test_names_cannot_leave_the_folder(tmp_path, name):
    with pytest.raises(UserError, match="cannot name a folder"):
        place(tmp_path, made(grid=name))


def test_damaged_foreign_and_misplaced_files_are_reported_and_the_rest_is_read(tmp_path):
    good = store.write(place(tmp_path, made(0)), made(0))
    folder = place(tmp_path, made(0)).parent
    (folder / "seed-1.json").write_text('{"grid": "main", "sch')
    (folder / "seed-2.json").write_text('{"hello": 1}')
    (folder / "seed-3.json").write_text('{"war": NaN}')
    (folder / "seed-4.json").write_bytes(b"\xff\xfe\x00")
    (folder / "seed-5.json").write_text((folder / "seed-0.json").read_text())
    (folder / "seed-6.json").write_text(json.dumps(good | {"format": 99, "seed": 6}))
    (folder / "seed-7.json").write_text("[1, 2]")
    (folder / ".seed-0.json.1.abc.tmp").write_text("{")
    records, problems = store.scan(tmp_path)
    assert records == [good]
    assert len(problems) == 7
    for k, words in zip(
        range(1, 8),
        ("damaged", "not a record", "damaged", "damaged", "another cell", "form 99", "not a rec"),
        strict=True,
    ):
        assert f"seed-{k}.json" in problems[k - 1]
        assert words in problems[k - 1]
        assert "\n" not in problems[k - 1]
    with pytest.raises(UserError, match="no folder"):
        store.scan(tmp_path / "nowhere")
    with pytest.raises(UserError, match="not there"):
        store.read(folder / "seed-9.json")


def test_what_is_no_record_is_moved_aside_not_lost(tmp_path):
    file = place(tmp_path, made())
    file.parent.mkdir(parents=True)
    file.write_text("somebody's notes")
    assert store.find(file) is None
    store.write(file, made())
    assert store.find(file)["seed"] == 0
    assert file.with_name("seed-0.json.damaged").read_text() == "somebody's notes"


def test_a_folder_that_cannot_be_written_to_gives_one_sentence(tmp_path):
    (tmp_path / "main").write_text("a file where a folder should be")
    with pytest.raises(UserError, match=r"cannot be written .*another folder"):
        store.write(place(tmp_path, made()), made())


def test_temporary_files_of_the_dead_go_and_those_of_the_living_stay(tmp_path):
    file = place(tmp_path, made())
    file.parent.mkdir(parents=True)
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    dead = file.parent / f".seed-0.json.{child.pid}.aaaaaaaa.tmp"
    living = file.parent / f".seed-0.json.{os.getpid()}.bbbbbbbb.tmp"
    ancient = file.parent / f".seed-1.json.{os.getpid()}.cccccccc.tmp"
    other = file.parent / "notes.tmp"
    for temporary in (dead, living, ancient, other):
        temporary.write_text("{")
    os.utime(ancient, (0, 0))
    store.write(file, made())
    assert not dead.exists()
    assert not ancient.exists()
    assert living.exists()
    assert other.exists()


def test_a_writer_whose_temporary_was_swept_away_writes_again(tmp_path, monkeypatch):
    file = place(tmp_path, made())
    replace, calls = os.replace, []

    def swept(source, target):
        calls.append(source)
        if len(calls) == 1:
            os.unlink(source)
        replace(source, target)

    monkeypatch.setattr(os, "replace", swept)
    assert store.write(file, made()) == store.read(file)
    assert len(calls) == 2


def _write_often(results, seed, times):
    for i in range(times):
        store.write(place(results, made(0)), made(0, note=f"{seed}-{i}" * 1000))


def test_two_writers_do_each_other_no_harm(tmp_path):
    spawn = multiprocessing.get_context("fork" if os.name == "posix" else "spawn")
    writers = [spawn.Process(target=_write_often, args=(tmp_path, s, 60)) for s in range(2)]
    for writer in writers:
        writer.start()
    seen = 0
    while any(w.is_alive() for w in writers):
        if place(tmp_path, made(0)).exists():
            assert store.read(place(tmp_path, made(0)))["seed"] == 0
            seen += 1
    assert seen
    assert [w.exitcode for w in writers] == [0, 0]
    assert len(list(place(tmp_path, made(0)).parent.iterdir())) == 1


def test_the_machine_is_a_kind_and_no_name():
    import platform
    import socket

    said = json.dumps([provenance.machine(), provenance.versions(), provenance.git_commit()])
    for name in (socket.gethostname(), platform.node(), os.path.expanduser("~")):
        assert not name or len(name) < 4 or name not in said
    assert set(provenance.machine()) == {"processor", "architecture", "cores", "system", "blas"}
    assert {"python", "numpy", "torch"} <= set(provenance.versions())


def test_peak_memory_sees_what_comes_and_goes():
    gc.collect()  # or what earlier tests have left is given back meanwhile
    with provenance.PeakMemory(every=0.005) as memory:
        before, end = memory.mib, time.monotonic() + 10
        with mmap.mmap(-1, 64 * 2**20) as block:  # an array may lie in memory that the process holds already
            block.write(b"1" * len(block))
            while memory.mib - before < 55 and time.monotonic() < end:
                time.sleep(0.01)
    assert 55 < memory.mib - before < 200


def test_figures_leave_out_what_passes():
    record = made() | {"peak_memory_mib": 5, "git_commit": None}
    kept = store.reproducible(record)
    assert not {"date", "seconds", "peak_memory_mib", "git_commit"} & set(kept)
    assert set(kept["curve"]) == {"war"}
    assert kept["rules"] is record["rules"]


_plain = st.none() | st.text("ab", max_size=2) | st.sampled_from([0.5, 1.5])
_options = st.dictionaries(st.sampled_from("abc"), _plain | st.lists(_plain | st.lists(_plain, max_size=2), max_size=2))


@given(_options, _options)
def test_options_are_the_same_where_their_digests_are(one, other):
    as_tuples = {name: tuple(value) if isinstance(value, list) else value for name, value in other.items()}
    same = store.options_digest(one) == store.options_digest(other)
    assert store.same_options(one, other) == store.same_options(one, as_tuples) == same
