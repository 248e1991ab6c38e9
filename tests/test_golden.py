"""Every method on synthetic speech gives what it gave, unless a revision says otherwise; and the guard sees to it."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import golden_runs as golden
import numpy as np
import pytest
from filelock import FileLock

from tlmlda_lib import methods
from tlmlda_lib.experiments import feature_scores, plans, revisions
from tlmlda_lib.methods.tlmlda import ABLATIONS
from tlmlda_lib.training.options import WITHOUT

KEPT = golden.read()
EXACT = golden.is_exact(KEPT["about"])
INPUTS = [name for name in KEPT["entries"] if name not in golden.RUNS]


@pytest.fixture(scope="session")
def arrays(shared: Path) -> dict[str, Any]:
    """The pair that all runs share, made once for all processes."""
    folder = shared / "golden"
    folder.mkdir(exist_ok=True)
    file = folder / "arrays.npz"
    with FileLock(folder / "lock"):
        if not file.exists():
            np.savez(file, **golden.arrays(shared / "cache"))  # of this run alone, never TLMLDA_TEST_CACHE
    with np.load(file) as found:
        return dict(found)


@pytest.fixture(scope="session")
def inputs(arrays: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return golden.inputs(arrays)


def verdict(name: str, found: dict[str, Any], inputs: dict[str, dict[str, Any]]) -> str | None:
    kept = KEPT["entries"]
    changed = [n for n in INPUTS if golden.differences(kept[n], inputs[n], exact=EXACT)]
    words = golden.verdict(name, kept.get(name), found, exact=EXACT, changed_inputs=changed)
    if words is None:
        return None
    return golden.verdict(name, kept.get(name), found, exact=EXACT, changed_inputs=changed, records=golden.committed())


@pytest.mark.parametrize("name", INPUTS)
def test_what_runs_are_made_from(name: str, inputs: dict[str, dict[str, Any]]) -> None:
    if words := verdict(name, inputs[name], inputs):
        pytest.fail(words, pytrace=False)


@pytest.mark.parametrize("name", golden.RUNS)
def test_run(name: str, arrays: dict[str, Any], inputs: dict[str, dict[str, Any]]) -> None:
    if words := verdict(name, golden.entry(golden.RUNS[name], arrays), inputs):
        pytest.fail(words, pytrace=False)


def test_a_run_for_every_method_and_every_preset_that_has_records(inputs: dict[str, dict[str, Any]]) -> None:
    assert list(KEPT["entries"]) == [*inputs, *golden.RUNS], "run `make golden`"
    made = {(r.method, methods.make(r.method, r.preset).preset) for r in golden.RUNS.values()}
    missing = set(methods.METHODS) - {method for method, _ in made}
    assert not missing, f"no golden run of {', '.join(missing)}: add one to `tests/golden_runs.py`, then `make golden`"
    assert {(r["method"], r["preset"]) for r in golden.committed()} <= made
    own = {m for m in methods.METHODS if methods.METHODS[m].presets != methods.PCASVM.presets}  # scalings are shared
    chosen, into = {"recommended", *WITHOUT}, {c.preset for c in plans.of_plan("feature-sets")}
    unrun = {
        m: {"quick", "paper", "start"} | chosen - (into if m in feature_scores.METHODS else set()) for m in ABLATIONS
    }
    unrun |= {m: set(methods.presets(m)) - {"start"} for m in ("tlmlda_vote", "tlmlda_self")}
    assert {(m, p) for m in own for p in methods.presets(m)} - made == {
        *((m, p) for m, of in unrun.items() for p in of),
        ("bp", "full"),
    }


def test_every_revision_that_a_record_may_depend_on_is_in_a_run() -> None:
    named = {n for e in KEPT["entries"].values() for n in e["revisions"]}
    kept = {n for r in golden.committed() for n in r["revisions"]}
    encoders = ("whisper-tiny.en", *feature_scores.LAYERS, "openai/whisper-base:2,3,4")
    assert kept - named <= {f"features {name}" for name in encoders}  # their weights are not the library's
    unused = {name for name in named - kept if not name.startswith("method ")}  # a method may have no record yet
    assert unused <= {"features egemaps"}, f"no record depends on {', '.join(unused)}: name it here if that is right"


# The guard itself --------------------------------------------------------------------------------------------------

ENTRY: dict[str, Any] = {
    "revisions": {"features is10": 1, "method tlmlda": 1, "pair": 1, "sound": 1, "trainer": 1},
    "codes": {"predictions": "01234"},
    "numbers": {"loss_y": [1.5, 1.25], "loss_MMD": [1e-3, 5e-4]},
    "criteria": {"snd": [2.0, None]},
    "bits": {"network": "0123abcd"},
}
RECORDS = [
    *(
        {"grid": "main", "method": "tlmlda", "preset": "recommended-is10", "revisions": ENTRY["revisions"]}
        for _ in range(3)
    ),
    {"grid": "search", "method": "tlmlda", "preset": "start", "revisions": ENTRY["revisions"]},
    {
        "grid": "main",
        "method": "tlmlda_m",
        "preset": "recommended-is10",
        "revisions": {"method tlmlda_m": 1, "trainer": 1},
    },
    {"grid": "streams", "method": "ifn", "preset": "default", "revisions": {"method ifn": 1, "trainer": 1}},
    {"grid": "main", "method": "lda", "preset": "zscore", "revisions": {"method lda": 1, "features is10": 1}},
]


def changed(**entries: Any) -> dict[str, Any]:
    """The entry with other values, as ``numbers={"loss_y": [..]}``."""
    entry = copy.deepcopy(ENTRY)
    for group, values in entries.items():
        entry[group] |= values
    return entry


def judged(found: dict[str, Any], *, exact: bool = True, **how: Any) -> str | None:
    return golden.verdict("a run", ENTRY, found, exact=exact, records=RECORDS, **how)


@pytest.mark.parametrize("exact", [True, False])
def test_what_is_equal_passes(exact: bool) -> None:
    assert judged(changed(), exact=exact) is None
    assert judged(changed(criteria={"snd": [2.00001, None]}), exact=exact) is None  # records keep four digits of it


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (changed(bits={"network": "0123abce"}), "other bits in: network"),
        (changed(numbers={"loss_y": [1.5, 1.2500000000000002]}), "loss_y number 2 was 1.25, is 1.2500000000000002"),
        (changed(codes={"predictions": "01233"}), "predictions changed in 1 of 5 rows"),
        (changed(numbers={"loss_y": [1.5]}), "loss_y has 1 numbers, had 2"),
        (changed(numbers={"loss_S": [1.5]}), "loss_S is in one of the two only"),
        (changed(criteria={"snd": [2.0, 1.0]}), "snd number 2 was None, is 1.0"),
    ],
)
def test_changed_scores_without_a_raised_revision_name_the_records(found: dict[str, Any], words: str) -> None:
    said = judged(found)
    assert said is not None
    first, *lines = said.splitlines()
    assert first.startswith(f"a run: {words}; and no revision was raised.")
    of_tlmlda = [
        "    main: tlmlda recommended-is10 3: `tlmlda reproduce main --stale`",
        "    main: tlmlda_m recommended-is10 1: `tlmlda reproduce table3 --stale`",
        "    search: tlmlda start 1: `tlmlda search tlmlda --stale`",
    ]
    assert lines == [
        "  method tlmlda (`revision` of TLMLDA in tlmlda.py)",
        "    5 committed records depend on it:",
        *of_tlmlda,
        "  trainer (REVISION in trainer.py)",
        "    6 committed records depend on it:",
        *of_tlmlda,
        "    streams: ifn default 1: `tlmlda reproduce fusions --stale`",
    ]


def test_changed_features_are_to_blame_for_what_is_made_from_them() -> None:
    said = judged(changed(bits={"network": "0123abce"}), changed_inputs=["features is10", "voices"])
    assert said is not None
    assert [line for line in said.splitlines() if line.startswith("  ") and line[2] != " "] == [
        "  features is10 (`revision` of Functionals in features/smile.py)"
    ]
    assert "5 committed records depend on it" in said


def test_a_raised_revision_wants_a_new_file() -> None:
    for found in (changed(revisions={"trainer": 2}), changed(revisions={"trainer": 2}, bits={"network": "0123abce"})):
        said = judged(found)
        assert said is not None
        assert "trainer 1 -> 2" in said
        assert said.endswith("run `make golden`, and commit it")
    another = "a run: not in runs.json, or as another run: run `make golden`"
    assert golden.verdict("a run", None, ENTRY, exact=True) == another
    assert golden.verdict("a run", {**ENTRY, "run": {"preset": "quick"}}, ENTRY, exact=True) == another


def test_another_kind_of_machine_has_a_tolerance() -> None:
    near = changed(bits={"network": "0123abce"}, numbers={"loss_y": [1.5001, 1.25], "loss_MMD": [1.05e-3, 5e-4]})
    assert judged(near) is not None
    assert judged(near, exact=False) is None
    for found in (changed(numbers={"loss_y": [1.5002, 1.25]}), changed(codes={"predictions": "01233"})):
        assert "no revision was raised" in str(judged(found, exact=False))


def test_the_kind_is_more_than_the_processors_name() -> None:
    here = golden.about()
    assert golden.is_exact(here)
    assert any(word.startswith("openblas ") for word in here["kind"][1:])
    assert not golden.is_exact(here | {"kind": [*here["kind"][:1], "openblas Another", *here["kind"][2:]]})
    assert not golden.is_exact(here | {"packages": here["packages"] | {"numpy": "1.0"}})
    assert Path(golden.FILE).is_file()


def test_every_collection_has_a_command() -> None:
    for grid, method, preset in {(r["grid"], r["method"], r["preset"]) for r in golden.committed()}:
        words = golden.command(grid, method, preset)
        assert words.startswith("tlmlda ")
        assert words.endswith("--stale")


def test_a_revision_is_handed_on_to_ablations() -> None:
    assert golden.suspects(revisions.depends_on(methods.make("tlmlda_m"), ("is10",))) == ["method tlmlda_m", "trainer"]
    assert golden.suspects(revisions.depends_on(methods.make("lda"), ("is10",))) == ["method lda"]
    assert golden.to_make_anew("method tlmlda_m", RECORDS)[0] == "1 committed record depends on it:"
    assert golden.to_make_anew("method tlmlda_w", RECORDS) == ["no committed record depends on it"]
