"""Committed records come out anew, equal to the last bit: one of every collection, method and preset.

About an hour and a half in all; ``TLMLDA_SAMPLE_SECONDS=20`` leaves out groups whose record took longer. Streams of
Whisper want its encoder: the folder ``whisper-tiny.en`` where the command is run, or ``TLMLDA_WHISPER=FOLDER``; without
it other records of their groups are drawn.
"""

from __future__ import annotations

import json
import math
import os
import random
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tlmlda_lib.experiments import provenance, sealed, store
from tlmlda_lib.experiments.stream_plans import WHISPER

RESULTS = Path(__file__).parents[2] / "results"
LIMIT = float(os.environ.get("TLMLDA_SAMPLE_SECONDS") or math.inf)
ENCODER = Path(os.environ.get("TLMLDA_WHISPER") or WHISPER)

#: Where a group's median run took longer, its cheapest is made anew.
LONG = 100.0

#: Fields that say by what a record was made, not what came out.
MADE_BY = (*store.PASSING, "machine", "revisions", "versions")

#: The kernels that OpenBLAS chose on the machine of the records, which has no "blas" of its own where it is older.
KERNELS = "SkylakeX"

Record = dict[str, Any]


def draw() -> dict[str, Record]:
    """A record for each collection, method and preset, by these names."""
    groups: dict[str, list[Record]] = defaultdict(list)
    records, problems = store.scan(RESULTS)
    assert not problems, problems
    for r in records:
        if ENCODER.is_dir() or WHISPER not in r["data"]["features"]:
            groups[f"{r['grid']} {r['method']} {r['preset']}"].append(r)
    found = {}
    for name, group in sorted(groups.items()):
        by_cost = sorted(group, key=lambda r: (seconds(r), r["scheme"], r["seed"]))
        if seconds(by_cost[len(by_cost) // 2]) > LONG or untimed(by_cost[0]):
            found[name] = by_cost[0]
        else:
            found[name] = random.Random(name).choice(by_cost[: max(1, len(by_cost) // 2)])
    return {name: r for name, r in found.items() if seconds(r) <= LIMIT}


def seconds(record: Record) -> float:
    """What it took; pictures and stress keep none: a scheme of theirs takes some minutes."""
    return record.get("seconds", 150.0)


def untimed(record: Record) -> bool:
    return "seconds" not in record


SAMPLE = draw()


@pytest.fixture(scope="session")
def kind() -> dict[str, str]:
    """Environment in which this machine computes as that of the records, or a skip."""
    processor = next(r["machine"]["processor"] for r in SAMPLE.values() if "machine" in r)
    if provenance.machine()["processor"] != processor:
        pytest.skip(f"the records were made on {processor}: on another processor bits need not agree")
    if f"openblas {KERNELS}" in provenance.kernels():
        return {}
    if "avx512f" not in Path("/proc/cpuinfo").read_text(encoding="utf-8"):
        pytest.skip(f"the records were made with OpenBLAS's kernels for {KERNELS}, which this processor cannot run")
    return {"OPENBLAS_CORETYPE": KERNELS}


@pytest.mark.parametrize("name", SAMPLE)
def test_a_record_comes_out_anew(
    name: str, kind: dict[str, str], real_corpora: Path, shared_cache: Path, tmp_path: Path
) -> None:
    from conftest import environment

    record = SAMPLE[name]
    if ENCODER.is_dir():
        (tmp_path / WHISPER).symlink_to(ENCODER.resolve(), target_is_directory=True)
    (tmp_path / "wanted.json").write_text(json.dumps(record), encoding="utf-8")
    # In a process of its own: the kernels are chosen when numpy is loaded.
    done = subprocess.run(
        [sys.executable, __file__, str(real_corpora.resolve())],
        cwd=tmp_path,
        env=environment(real_corpora.resolve(), shared_cache.resolve()) | kind,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    anew = json.loads((tmp_path / "anew.json").read_text(encoding="utf-8"))
    score = record.get("rules", {}).get("final", {}).get("war")
    took = f", took {seconds(record):.0f} s" if "seconds" in record else ""
    print(f"{name}: {record['scheme']} seed {record['seed']}, WAR {score}{took}")
    assert unequal(record, anew) == []


def unequal(kept: Any, anew: Any, at: str = "") -> list[str]:
    """Places where two records differ; what only one of them says, and curves kept in fewer points, do not count."""
    if isinstance(kept, dict) and isinstance(anew, dict):
        names = sorted(kept.keys() & anew.keys() - (set() if at else set(MADE_BY)))
        return [place for name in names for place in unequal(kept[name], anew[name], f"{at}.{name}".lstrip("."))]
    if at.startswith("curve.weight_") and len(kept) != len(anew):  # the lowest seed alone keeps them whole
        kept, anew = kept[-1:], anew[-1:]
    return [] if _written(kept) == _written(anew) else [at]


def _written(value: Any) -> Any:
    """Numbers as `store.write` keeps them; pictures made before it did so have more digits."""
    if isinstance(value, list):
        return [_written(v) for v in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def test_unequal_finds_a_digit() -> None:
    kept = {"rules": {"final": {"war": 50.1}}, "curve": {"weight_y": [0.5]}, "seconds": 3.0, "classes": ["anger"]}
    anew = {"rules": {"final": {"war": 50.1, "uar": 1}}, "curve": {"weight_y": [0.7, 0.5]}, "classes": ["anger"]}
    assert unequal(kept, anew | {"seconds": 4.0}) == []
    assert unequal(kept, anew | {"classes": ["fear"], "curve": {"weight_y": [0.5, 0.6]}}) == [
        "classes",
        "curve.weight_y",
    ]


# The process that makes one anew -----------------------------------------------------------------------------------


def make_anew(wanted: Record, corpora: Path) -> Record:
    """A record of the same cell, as a sealed collection would give it back."""
    from tlmlda_lib import domains
    from tlmlda_lib.cli import figure2 as scatter_cli
    from tlmlda_lib.cli import stress as stress_cli
    from tlmlda_lib.experiments import run

    made, features = Path("made"), tuple(wanted["data"]["features"])
    scheme, preset, options = wanted["scheme"], wanted["preset"], dict(wanted["overrides"])
    with run.use_threads(1):
        if wanted["grid"] == "figure2":
            scatter_cli.one_scheme(scheme, str(made), corpora, preset, options)
        elif wanted["grid"] == "stress":
            options.pop("transfer", None)  # both are made, of all seeds up to this one
            stress_cli.one_scheme(scheme, str(made), corpora, features, preset, max(2, wanted["seed"] + 1), options)
        else:
            pair = domains.load_pair(scheme, corpora, features, progress=False)
            cell = {name: wanted[name] for name in ("method", "preset", "seed", "grid")}
            places = {"runs": made, "results": made, "checkpoint_folder": made / "unfinished"}
            run.run_cell(pair, **cell, params=options, **places)
    (back,) = sealed.records_of(sealed.lines([store.read(store.path(made, **wanted))]), "anew")
    return back


if __name__ == "__main__":
    content = make_anew(json.loads(Path("wanted.json").read_text(encoding="utf-8")), Path(sys.argv[1]))
    Path("anew.json").write_text(json.dumps(content), encoding="utf-8")
