"""Tables in, tables out: bad recordings are named, good ones kept, and the cache is used."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import audformat
import numpy as np
import pandas as pd
import pytest
import soundfile

from tlmlda_lib import features, progress
from tlmlda_lib.errors import UserError
from tlmlda_lib.features.gather import gather

RATE = 16000


@dataclass
class Mean:
    """A recipe that counts its calls; a mean below zero gives NaN, above .5 an error."""

    calls: int = 0

    name = "mean"
    key = "mean-1"
    columns = ("mean", "length")
    few = 10_000
    memory = 1

    def load(self) -> Callable[[np.ndarray], np.ndarray]:
        def measure(samples: np.ndarray) -> np.ndarray:
            self.calls += 1
            mean = samples.mean()
            if mean > 0.5:
                raise RuntimeError("inner failure")
            return np.array([np.nan if mean < -0.05 else mean, len(samples)])

        return measure


def write(path: Path, seconds: float = 0.5, offset: float = 0.0, rate: int = RATE) -> str:
    soundfile.write(path, offset + 0.2 * np.sin(np.arange(round(seconds * rate)) / 20), rate)
    return str(path)


def run(table: object, recipe: Mean | None = None, **how: object) -> pd.DataFrame:
    return gather(table, recipe or Mean(), **how)  # type: ignore[arg-type]


def test_rows_keep_the_tables_order_and_index(tmp_path: Path) -> None:
    files = [write(tmp_path / f"{i}.wav", 0.3 + i / 10) for i in (2, 0, 1)]
    table = pd.DataFrame({"emotion": list("abc")}, index=audformat.filewise_index(files))
    X = run(table)
    pd.testing.assert_index_equal(X.index, table.index)
    assert X["length"].tolist() == [8000, 4800, 6400]
    for same in (files, [Path(f) for f in files], table.index, table["emotion"]):
        np.testing.assert_array_equal(run(same).to_numpy(), X.to_numpy())
    assert X.attrs == {"problems": [], "features": "mean-1"}
    twice = run([files[0], files[1], files[0]])
    assert twice["length"].tolist() == [8000, 4800, 8000]
    assert run(files[0]).shape == run(Path(files[0])).shape == (1, 2)


def bad_files(folder: Path) -> dict[str, str]:
    """Every kind of bad recording, and what is said about it."""
    kinds = {
        "absent.wav": "is not there",
        "zero.wav": "is empty",
        "text.wav": "is not sound, whatever its name says",
        "cut.flac": "cannot be read as sound",
        "header.wav": "contains no samples",
        "silence.wav": "is silent",
        "offset.wav": "is silent",
        "short.wav": "is too short",
        "nan.wav": "not finite",
        "nan_features.wav": "gives 1 of 2 features that are not finite",
        "inner.wav": "RuntimeError: inner failure",
        "folder.wav": "cannot be opened",
        "picture.avi": "cannot be read as sound",
    }
    (folder / "zero.wav").touch()
    (folder / "text.wav").write_text("emotion,file\n" * 100)
    write(folder / "whole.flac")
    (folder / "cut.flac").write_bytes((folder / "whole.flac").read_bytes()[:60])
    soundfile.write(folder / "header.wav", np.zeros(0), RATE)
    soundfile.write(folder / "silence.wav", np.zeros(RATE), RATE)
    soundfile.write(folder / "offset.wav", np.full(RATE, 0.25), RATE)
    write(folder / "short.wav", 0.2)
    sound = np.sin(np.arange(RATE) / 20)
    sound[77] = np.nan
    soundfile.write(folder / "nan.wav", sound, RATE, subtype="FLOAT")
    write(folder / "nan_features.wav", offset=-0.1)
    write(folder / "inner.wav", offset=0.7)
    (folder / "folder.wav").mkdir()
    (folder / "picture.avi").write_bytes(b"RIFF" + bytes(100))
    return {str(folder / name): said for name, said in kinds.items()}


def test_every_bad_file_is_named_and_the_good_are_kept(tmp_path: Path) -> None:
    bad = bad_files(tmp_path)
    good = [write(tmp_path / "good.wav"), write(tmp_path / "high.wav", rate=44100)]
    files = [good[0], *bad, good[1]]
    with pytest.warns(features.FeatureWarning) as said:
        X = run(files)
    assert list(X.index) == good
    assert [p["file"] for p in X.attrs["problems"]] == list(bad)
    for problem in X.attrs["problems"]:
        assert bad[problem["file"]] in problem["problem"], problem
        assert "\n" not in problem["problem"]
        assert not problem["problem"].startswith(problem["file"])
    assert len(said) == 1
    text = str(said[0].message)
    assert text.startswith(f"{len(bad)} of {len(files)} files left out: ")
    assert text.endswith(f"; and {len(bad) - 10} more")
    assert [file in text for file in bad] == [True] * 10 + [False] * (len(bad) - 10)


def test_warning_points_at_the_callers_line(tmp_path: Path) -> None:
    with pytest.warns(features.FeatureWarning) as said:
        features.extract([write(tmp_path / "a.wav"), tmp_path / "absent.wav"])
    assert [w.filename for w in said] == [__file__]


def test_all_bad_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "zero.wav").touch()
    with pytest.raises(UserError, match=r"no recording of 2 can be used: .*zero.wav is empty"):
        run([tmp_path / "zero.wav", tmp_path / "absent.wav"])


@pytest.mark.parametrize("table", [[], pd.DataFrame()])
def test_nothing_asked_for(table: object) -> None:
    with pytest.raises(UserError, match="has no recording"):
        run(table)


def test_index_that_holds_no_paths() -> None:
    with pytest.raises(UserError, match="contains 0, which is not a path"):
        run(pd.DataFrame({"file": ["a.wav"]}))
    with pytest.raises(UserError, match="only whole files"):
        run(pd.DataFrame(index=audformat.segmented_index(["a.wav"], [0], [1])))


@pytest.mark.parametrize("workers", [0, -1, 1.5, "two"])
def test_workers_are_counted(workers: object) -> None:
    with pytest.raises(UserError, match="give a number of processes"):
        run(["a.wav"], workers=workers)


def test_without_a_number_cores_memory_and_files_decide(
    features_in_this_process: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("joblib.cpu_count", lambda: 4)
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=10))

    def number(asked: int | None, files: int, memory: int = 1) -> int:
        return features_in_this_process(asked, files, SimpleNamespace(few=24, memory=memory))

    assert [number(None, files) for files in (1, 24, 25, 49, 1000)] == [0, 0, 2, 3, 4]
    assert (number(None, 1000, memory=5), number(None, 1000, memory=50)) == (2, 1)
    assert (number(7, 1000), number(7, 24), number(7, 25)) == (7, 0, 2)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_permission_denied(tmp_path: Path) -> None:
    locked, good = write(tmp_path / "locked.wav"), write(tmp_path / "good.wav")
    os.chmod(locked, 0)
    with pytest.warns(features.FeatureWarning, match="locked.wav cannot be opened"):
        assert list(run([locked, good]).index) == [good]


def test_permission_denied_as_the_system_says_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked, good = write(tmp_path / "locked.wav"), write(tmp_path / "good.wav")
    real = open

    def guarded(file: object, *args: object, **options: object) -> object:
        if str(file) == locked:
            raise PermissionError(13, "Permission denied", locked)
        return real(file, *args, **options)  # type: ignore[call-overload]

    monkeypatch.setattr("builtins.open", guarded)
    with pytest.warns(features.FeatureWarning, match=r"locked.wav cannot be opened \(Permission denied\)"):
        assert list(run([locked, good]).index) == [good]


def test_second_call_reads_and_changed_content_is_made_anew(tmp_path: Path) -> None:
    files = [write(tmp_path / f"{i}.wav", 0.3 + i / 10) for i in range(5)]
    cache, recipe = tmp_path / "cache", Mean()
    first = run(files, recipe, cache=cache)
    assert recipe.calls == 5
    pd.testing.assert_frame_equal(run(files, recipe, cache=cache), first)
    copy = tmp_path / "copy.wav"
    copy.write_bytes(Path(files[0]).read_bytes())
    assert run([copy], recipe, cache=cache)["length"].item() == first["length"].iloc[0]
    assert recipe.calls == 5
    before = os.stat(files[0])
    write(Path(files[0]), 0.3, offset=0.1)
    os.utime(files[0], ns=(before.st_atime_ns, before.st_mtime_ns))  # same size, same time, other content
    assert run(files, recipe, cache=cache)["mean"].iloc[0] == pytest.approx(0.1, abs=0.05)
    assert recipe.calls == 6


def test_damaged_entries_are_made_again(tmp_path: Path) -> None:
    files = [write(tmp_path / f"{i}.wav", 0.3 + i / 10) for i in range(4)]
    cache, recipe = tmp_path / "cache", Mean()
    first = run(files, recipe, cache=cache)
    entries = sorted((cache / "features" / "mean-1").glob("*/*.f32"))
    assert len(entries) == 4
    whole = [e.read_bytes() for e in entries]
    entries[0].write_bytes(whole[0][:-1])
    entries[1].write_bytes(b"")
    entries[2].write_bytes(whole[3])
    entries[3].unlink()
    entries[3].mkdir()  # cannot even be replaced: the row is made, and said not to be kept
    with pytest.warns(features.FeatureWarning, match="features are not cached"):
        pd.testing.assert_frame_equal(run(files, recipe, cache=cache), first)
    assert recipe.calls == 8
    assert [e.read_bytes() for e in entries[:3]] == whole[:3]


def test_unwritable_cache_is_one_warning(tmp_path: Path) -> None:
    files = [write(tmp_path / f"{i}.wav", 0.3 + i / 10) for i in range(4)]
    (tmp_path / "file").write_text("in the way")
    with pytest.warns(features.FeatureWarning) as said:
        X = run(files, cache=tmp_path / "file")
    assert len(X) == 4
    assert len(said) == 1
    assert "cannot be written; change cache= or TLMLDA_CACHE" in str(said[0].message)


def test_failures_are_not_kept(tmp_path: Path) -> None:
    path, good = write(tmp_path / "a.wav", offset=-0.1), write(tmp_path / "good.wav")
    recipe = Mean()
    for _ in range(2):
        with pytest.warns(features.FeatureWarning):
            run([path, good], recipe, cache=tmp_path / "cache")
    assert recipe.calls == 3


def test_bar_only_when_it_takes_long(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 1 <= progress.DELAY <= 3
    files = [write(tmp_path / f"{i}.wav", 0.3 + i / 10) for i in range(4)]
    monkeypatch.setattr(progress, "DELAY", 60)  # a busy machine may need seconds for what is quick
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run(files, cache=tmp_path / "a", progress=True)
    assert not capsys.readouterr().err
    monkeypatch.setattr(progress, "DELAY", 1)

    class Slow(Mean):
        def load(self) -> Callable[[np.ndarray], np.ndarray]:
            measure = super().load()
            return lambda samples: (time.sleep(0.8), measure(samples))[1]

    run(files, Slow(), cache=tmp_path / "b", progress=True)
    assert "mean" in capsys.readouterr().err
    run(files[:3], Slow(), cache=tmp_path / "c")  # no terminal
    assert not capsys.readouterr().err
