"""Features on a Dask scheduler: the same rows, kept here too, and a file that ends a worker harms no other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import made_corpora
import numpy as np
import pandas as pd
import pytest

from tlmlda_lib import features
from tlmlda_lib.errors import UserError
from tlmlda_lib.features import remote
from tlmlda_lib.features.cache import Cache
from tlmlda_lib.features.recipe import Outcome


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    from distributed import LocalCluster

    folder = str(tmp_path_factory.mktemp("dask"))
    how = {"n_workers": 1, "threads_per_worker": 1, "processes": False, "dashboard_address": None}
    with LocalCluster(**how, protocol="tcp", local_directory=folder) as cluster:
        yield cluster.scheduler_address


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """More than a task takes."""
    names = [made_corpora.put(tmp_path / f"{i}.wav", 100 + 20 * i, 0.3) for i in range(remote.CHUNK + 2)]
    (tmp_path / "broken.wav").write_text("half a download")
    return [*map(str, names), str(tmp_path / "broken.wav")]


def test_rows_are_those_of_this_machine_and_are_kept_here(scheduler: str, files: list[str], tmp_path: Path) -> None:
    with pytest.warns(features.FeatureWarning):
        here = features.extract(files, cache=tmp_path / "here", workers=1, progress=False)
    with pytest.warns(features.FeatureWarning):
        there = features.extract(files, cache=tmp_path / "there", workers=scheduler, progress=False)
    pd.testing.assert_frame_equal(here, there)
    assert there.attrs["problems"] == here.attrs["problems"]
    kept = list((tmp_path / "there").rglob("*.f32"))
    assert len(kept) == len(here)
    assert [p["file"] for p in there.attrs["problems"]] == files[-1:]
    with pytest.warns(features.FeatureWarning):  # what is kept asks no scheduler: none listens there
        again = features.extract(files[:1] + files[-1:], cache=tmp_path / "there", workers=1, progress=False)
    np.testing.assert_array_equal(again.to_numpy(), here.to_numpy()[:1])


def test_what_dask_gives_up_is_a_problem_of_its_files_alone(tmp_path: Path) -> None:
    class Future:
        status = "error"

        @staticmethod
        def exception() -> Exception:
            return RuntimeError("the worker died")

    said = remote._outcomes(Future, 3)
    assert said == [Outcome(problem="was given up by Dask (RuntimeError('the worker died')): try again")] * 3
    assert remote._kept(said[0], "k", Cache(tmp_path, 2)) == said[0]


def test_a_scheduler_that_does_not_answer_is_said(files: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from distributed import Client

    monkeypatch.setattr("distributed.Client", lambda address, timeout, **how: Client(address, timeout="1s", **how))
    with pytest.raises(UserError, match=r"no Dask scheduler answers at tcp://127.0.0.1:9"):
        features.extract(files, workers="tcp://127.0.0.1:9", progress=False)
    with pytest.raises(UserError, match="workers=0: give a number of processes, 1 or more, or a Dask scheduler's"):
        features.extract(files, workers=0, progress=False)
