"""Which cells a grid has, and how long they will take."""

from __future__ import annotations

import pytest
from stand_ins import made_pair
from test_features_streams import IS10, SPEAKER

from tlmlda_lib import corpora, domains, methods
from tlmlda_lib.domains import schemes
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import estimate, grid, plans, provenance, run, store, stream_plans
from tlmlda_lib.features.streams import streams
from tlmlda_lib.methods.ifn.options import columns_of

SMALL = {"encoder": (12, 8), "emotion": (8, 6), "epochs": 6, "batch_size": 16}


def test_cells_are_the_product_as_far_as_it_has_a_meaning():
    made = plans.cells(["C2B", "loco-B"], ["tlmlda", "pca_svm"], ["quick", "zscore", "voices"], 2, params={"epochs": 3})
    assert [(c.scheme, c.method, c.preset, c.seed) for c in made[:4]] == [
        ("C2B", "tlmlda", "quick", 0),
        ("C2B", "pca_svm", "zscore", 0),
        ("C2B", "pca_svm", "voices", 0),
        ("C2B", "tlmlda", "quick", 1),
    ]
    assert {c.scheme for c in made} == {"C2B", "CR2B"}
    assert len(made) == 8
    assert {c.method: dict(c.params) for c in made} == {"tlmlda": {"epochs": 3}, "pca_svm": {}}
    assert len(set(plans.cells(["C2B", "C2B"], ["tlmlda", "tlmlda"], ["quick"], 3))) == 3


def test_a_method_without_these_presets_runs_with_its_own():
    rows = {(c.method, c.preset) for c in plans.cells(["C2B"], ["tlmlda", "pca_svm"], ["authors"], 1)}
    assert rows == {("tlmlda", "authors"), ("pca_svm", methods.presets("pca_svm")[0])}


@pytest.mark.parametrize("name", plans.PLANS)
def test_every_plan_can_be_named_without_a_corpus(name, tmp_path):
    made = plans.of_plan(name)
    places = [c.place(tmp_path) for c in made]
    assert len(set(places)) == len(places)
    known = [schemes.parse(c.scheme) for c in made]
    assert {one.whole for one in known if not one.within} <= set(domains.SCHEMES)
    assert {one.target for one in known if one.within} <= set(corpora.CORPORA)
    of_all = {m for block in plans.PLANS[name].blocks for m in block.methods}
    chief = next(m for m in ("tlmlda", "ifn", "bp", "pca_svm") if m in of_all)
    most = max(block.seeds for block in plans.PLANS[name].blocks if chief in block.methods)
    assert {c.seed for c in made if c.method == chief} == set(run.seeds_of(chief, most))
    others = {"tlmlda": ("only_cls", "quick"), "pca_svm": ("pca_svm", "minmax")}
    other, preset = others.get(chief, ("ifn", "quick"))
    few = plans.of_plan(name, schemes=["C2B"], names=[other], presets=[preset], seeds=1, grid="mine")
    assert {str(c) for c in few} == {f"C2B {other} {preset} seed 0"}
    assert few[0].place(tmp_path).relative_to(tmp_path).parts[0] == "mine"


def test_blocks_and_changes_of_a_plan_are_joined():
    made = plans.of_plan("authors", seeds=1)
    assert len(made) == 6 + 6 + 8
    long = {(c.scheme, c.method) for c in made if c.named()[1]["epochs"] == 500}
    assert long == {(s, m) for s in ("B2C", "C2B") for m in ("tlmlda", "tlmlda_m", "only_cls")}
    priced = [c for c in plans.of_plan("prices", schemes=["C2B"], seeds=1) if c.preset == "authors"]
    assert len(priced) == len(plans.PRICED)
    base = plans.Cell("C2B", "tlmlda", "authors", params={"epochs": 150}).named()[1]
    for cell, change in zip(priced, plans.PRICED.values(), strict=True):
        different = {k for k, v in cell.named()[1].items() if v != base[k]}
        assert different == set(change)  # one choice at a time, and none that changes nothing


def test_a_method_of_more_feature_sets_gets_its_pair_and_its_own_place(tmp_path):
    wanted = []
    cells = plans.cells(["C2B"], ["pca_svm", "ifn"], ["zscore", "quick"], 1, params={"epochs": 2})
    places = {c.method: c.place(tmp_path) for c in cells}
    bare = run.named("C2B", "ifn", "quick", params={"epochs": 2})[2]
    assert places["ifn"] != store.path(tmp_path, **bare)

    def load(*of):
        wanted.append(of)
        return made_pair()

    assert {o.state for o in grid.run_grid(cells[:1], load, runs=tmp_path, results=tmp_path, jobs=0)} == {"done"}
    list(grid.run_grid(cells[1:], load, runs=tmp_path, results=tmp_path, jobs=0))
    assert wanted == [("C2B",), ("C2B", ("is10", "resemblyzer"))]


def test_streams_are_the_columns_that_their_names_say():
    assert len(stream_plans.TOGETHER) == 4 + 6 + 2
    features, options = stream_plans.of(("prosodic", "whisper", "speaker"))
    assert features == ("is10", "whisper-tiny.en", "resemblyzer")
    names = [*IS10, *(f"whisper-tiny.en_last_mean_{i:03d}" for i in range(384)), *SPEAKER]
    found = columns_of(options["streams"], None, len(names))
    by_name = streams(names)
    assert {n: c.tolist() for n, c in found.items()} == {
        "prosodic": by_name["prosodic"].tolist(),
        "whisper": by_name["whisper-tiny.en"].tolist(),
        "speaker": by_name["resemblyzer"].tolist(),
    }
    with pytest.raises(UserError, match="stream 'deep' is not known"):
        stream_plans.of(("deep",))


def test_a_cell_of_streams_asks_for_their_features_and_is_named_by_them(tmp_path):
    made = plans.of_plan("fusions", schemes=["B2C"], seeds=1)
    assert {c.method for c in made} == {"ifn", "late_fusion"}
    alone = [c for c in made if c.sets == ("whisper-tiny.en",)]
    assert len(alone) == 2 + 2
    assert len({c.place(tmp_path) for c in made}) == len(made) == 12 * 2 + 12 * 2 + 2 * 4 * 2 + 2
    assert grid._wanted(alone[0]) == ("B2C", ("whisper-tiny.en",))


def test_a_part_of_a_target_takes_the_choices_of_the_whole():
    of = {s: plans.Cell(s, "tlmlda", "paper").named()[1]["alpha"] for s in ("C2B", "C2B-female")}
    assert of["C2B"] == of["C2B-female"]
    with pytest.raises(UserError, match="scheme 'X2Y-female' is not known"):
        plans.cells(["X2Y-female"], ["tlmlda"])


def test_the_place_is_where_the_run_puts_it(tmp_path):
    for cell in plans.cells(["C2B"], ["tlmlda", "pca_svm"], ["authors"], 1, params=SMALL):
        how = {"runs": tmp_path, "results": tmp_path, "checkpoint_folder": tmp_path / "c"}
        assert grid.attempt(made_pair(), cell, how).state == "done"
        assert cell.place(tmp_path).is_file()


@pytest.mark.parametrize(
    ("words", "how"),
    [
        ("scheme 'X2Y' is not known", {"schemes": ["X2Y"]}),
        ("did you mean 'tlmlda'", {"names": ["tlmdla"]}),
        ("did you mean 'quick'", {"presets": ["quik"]}),
        ("did you mean 'epochs'", {"params": {"epoch": 3}}),
        ("no cell", {"seeds": 0}),
    ],
)
def test_errors_name_the_value(words, how):
    with pytest.raises(UserError, match=words):
        plans.of_plan("quick", **how)
    with pytest.raises(UserError, match="plan 'fast' is not known: use one of quick, main"):
        plans.of_plan("fast")


# Estimates


def past(scheme="C2B", method="tlmlda", preset="quick", seconds=10.0, sizes=(1000, 408), seed=0, threads=1, **params):
    cell = plans.Cell(scheme, method, preset, seed, params)
    _, every, names = cell.named()
    return names | {
        "params": every, "overrides": params, "seconds": seconds, "threads": threads,
        "counts": {"source": {"a": sizes[0]}, "target": {"a": sizes[1]}}, "machine": provenance.machine(),
    }  # fmt: skip


def seconds_of(cell, *records, **how):
    return estimate.estimate([cell], records, **how).seconds[0]


def test_the_same_cell_takes_as_long_again():
    cell = plans.Cell("C2B", "tlmlda", "quick")
    assert seconds_of(cell, past(seconds=10), past(seconds=12, seed=1), past(seconds=90, seed=2)) == 12  # the median
    assert seconds_of(cell) is None
    assert seconds_of(plans.Cell("C2B", "tlmlda", "quick", 0, {"epochs": 3}), past(seconds=10)) == pytest.approx(1)
    assert seconds_of(plans.Cell("CR2B", "tlmlda", "quick"), past()) is None  # of unknown size


def test_other_schemes_scale_with_their_steps():
    cell = plans.Cell("R2B", "tlmlda", "quick")  # 960 and 375 rows by Table 2: 10 batches, as C2B
    assert seconds_of(cell, past(seconds=10)) == pytest.approx(10)
    assert seconds_of(plans.Cell("E2B", "tlmlda", "quick"), past(seconds=10)) == pytest.approx(11)  # 1072: 11 batches
    assert seconds_of(plans.Cell("E2B", "tlmlda", "authors"), past(preset="authors", seconds=10)) == pytest.approx(10)
    svm = plans.Cell("B2C", "pca_svm", "zscore")
    assert seconds_of(svm, past(method="pca_svm", preset="zscore")) == pytest.approx(10 * (408 / 1000) ** 1.3)
    # of two the nearer
    near = past("R2C", "pca_svm", "zscore", 8, (960, 1000))
    r2b = plans.Cell("R2B", "pca_svm", "zscore")
    assert seconds_of(r2b, past("B2C", "pca_svm", "zscore", 1, (408, 1000)), near) == pytest.approx(8)


def test_the_likest_records_count():
    cell = plans.Cell("C2B", "tlmlda_m", "quick")
    assert seconds_of(cell, past(seconds=10)) == pytest.approx(10)  # another method, the same preset
    assert seconds_of(cell, past(seconds=10), past(method="tlmlda_m", seconds=7)) == pytest.approx(7)
    wide = past(seconds=50, encoder=(1200, 500))
    assert seconds_of(plans.Cell("C2B", "tlmlda", "quick"), wide, past(seconds=10)) == pytest.approx(10)
    assert seconds_of(cell, past(method="pca_svm", preset="zscore")) is None
    other = past(seconds=1) | {"machine": {"processor": "another"}}
    assert seconds_of(cell, other, past(seconds=10)) == pytest.approx(10)
    assert seconds_of(cell, other) == pytest.approx(1)
    assert seconds_of(cell, past(seconds=3, threads=2), past(seconds=10), threads=2) == pytest.approx(3)


def test_processes_share_the_work():
    guess = estimate.Estimate((4.0, 4.0, None, 4.0, 10.0))
    assert (guess.total, guess.unknown) == (22, 1)
    assert guess.wall(1) == 22
    assert guess.wall(2) == 14
    assert guess.wall(8) == 10
