"""Criteria without labels against the target's WAR over the epochs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stand_ins import made_pair

from tlmlda_lib.experiments import criteria, run
from tlmlda_lib.training import criteria as selection


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 5)), min_size=2, max_size=30))
def test_spearman_is_the_correlation_of_ranks_and_regret_a_difference(pairs):
    criterion, war = np.array(pairs, dtype=float).T
    spearman, regret = criteria.agreement(criterion, war)
    if len(set(criterion)) > 1 and len(set(war)) > 1:
        a, b = pd.Series(criterion).rank(), pd.Series(war).rank()
        assert spearman == pytest.approx(np.corrcoef(a, b)[0, 1])
    else:
        assert np.isnan(spearman)
    assert regret == max(war) - war[list(criterion).index(max(criterion))]


def test_what_is_not_finite_does_not_count():
    assert criteria.agreement([1, np.nan, 2], [10, 99, 20]) == pytest.approx((1, 79))
    assert np.isnan(criteria.agreement([np.nan, np.nan], [1, 2])).all()
    assert criteria.agreement([5.0], [40.0])[1] == 0


def test_records_give_a_row_for_each_method(tmp_path):
    how = {"runs": tmp_path, "results": tmp_path, "checkpoint_folder": tmp_path / "c"}
    small = {"encoder": (12, 8), "emotion": (8, 6), "epochs": 6, "batch_size": 16}
    records = run.run(made_pair(), "tlmlda", "quick", 2, params=small, **how)
    records += run.run(made_pair(), "pca_svm", **how)  # settings, no epochs
    (row,) = criteria.summary(records).to_dict("records")
    assert (row["scheme"], row["method"], row["seeds"]) == ("C2B", "tlmlda", 2)
    for name in selection.CRITERIA:
        expected = [criteria.agreement(r["curve"][name], r["curve"]["war"]) for r in records[:2]]
        np.testing.assert_allclose([row[f"{name}_spearman"], row[f"{name}_regret"]], np.nanmean(expected, axis=0))
    missed = [r["rules"]["oracle"]["war"] - r["rules"]["final"]["war"] for r in records[:2]]
    assert row["final_regret"] == pytest.approx(np.mean(missed), abs=1e-3)
    chosen = [r["rules"]["oracle"]["war"] - r["rules"]["unsupervised"]["war"] for r in records[:2]]
    assert row["infomax_regret"] == pytest.approx(np.mean(chosen), abs=1e-3)
