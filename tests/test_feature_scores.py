"""Features by method: means, intervals and gains by hand, and the plan that makes their records."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import feature_scores, figures

SETS = list(feature_scores.SETS)


def record(sets: tuple[str, ...], method: str, scheme: str, seed: int, war: float) -> dict:
    return {
        "grid": "feature-sets",
        "scheme": scheme,
        "method": method,
        "preset": f"recommended-without-{scheme[-1]}",
        "options_digest": "0" * 8,
        "overrides": {},
        "seed": seed,
        "params": {"averaged": 1 / 3},
        "curve": {},
        "data": {"features": list(sets)},
        "rules": {"final": {"war": war, "uar": war / 2}},
        "revisions": {},
    }


@pytest.fixture
def records() -> list[dict]:
    rng = np.random.default_rng(0)
    return [
        record(sets, method, scheme, seed, float(rng.uniform(30, 80)))
        for sets in (SETS[0], SETS[3])
        for method in ("only_cls", "tlmlda")
        for scheme in OPEN_SCHEMES
        for seed in range(5)
    ]


def test_means_intervals_and_gains_are_those_by_hand(records) -> None:
    table = feature_scores.table(records).set_index(["features", "method"])
    assert list(table.index) == [
        (f, m) for f in ("IS10", "layer 3 + speaker encoder") for m in ("no transfer", "TLMLDA")
    ]

    def of(sets, method, seed):
        wars = [
            r["rules"]["final"]["war"]
            for r in records
            if (tuple(r["data"]["features"]), r["method"], r["seed"]) == (sets, method, seed)
        ]
        assert len(wars) == 6
        return np.mean(wars)

    whole = [of(SETS[3], "tlmlda", seed) for seed in range(5)]
    gains = [w - of(SETS[3], "only_cls", seed) for seed, w in enumerate(whole)]
    row = table.loc[("layer 3 + speaker encoder", "TLMLDA")]
    assert row["mean"] == pytest.approx(np.mean(whole))
    half = stats.t.ppf(0.975, 4) * np.std(whole, ddof=1) / np.sqrt(5)
    assert (row["low"], row["high"]) == pytest.approx((np.mean(whole) - half, np.mean(whole) + half))
    assert row["gain"] == pytest.approx(np.mean(gains))
    half = stats.t.ppf(0.975, 4) * np.std(gains, ddof=1) / np.sqrt(5)
    assert row["gain high"] == pytest.approx(np.mean(gains) + half)
    assert np.isnan(table.loc[("IS10", "no transfer"), "gain"])
    assert (table["seeds"] == 5).all()
    assert feature_scores.table(records, "uar")["mean"].iloc[0] == pytest.approx(table["mean"].iloc[0] / 2)


def test_a_seed_without_a_scheme_is_in_no_mean(records) -> None:
    less = [r for r in records if not (r["seed"] == 4 and r["scheme"] == "C2R" and r["method"] == "tlmlda")]
    table = feature_scores.table(less).set_index(["features", "method"])
    assert table.loc[("IS10", "TLMLDA"), "seeds"] == 4
    with pytest.raises(UserError, match="`tlmlda reproduce feature-sets` makes them"):
        feature_scores.table([r | {"grid": "main"} for r in records])


def test_the_picture_has_a_dot_for_each_row(records, tmp_path) -> None:
    table = feature_scores.table(records)
    figure = figures.features(table)
    (ax,) = figure.axes
    assert [label.get_text() for label in ax.get_yticklabels()] == ["IS10", "layer 3 + speaker encoder"]
    drawn = sorted(x for container in ax.containers for x in container[0].get_xdata())
    assert drawn == pytest.approx(sorted(table["mean"]))
    figures.save(figure, tmp_path / "f.svg")
    assert "TLMLDA" in (tmp_path / "f.svg").read_text()
