"""Tables as published with ours beside, comparisons, and the forms in which they are printed."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from stand_ins import made_pair

from tlmlda_lib.domains import OPEN_SCHEMES, PAPER_SCHEMES
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import compare, criteria, plans, published, reports, run, store, tables

SMALL = {"encoder": (12, 8), "emotion": (8, 6), "epochs": 4, "batch_size": 16}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Records of the open six with two methods and two seeds."""
    folder = tmp_path_factory.mktemp("results")
    how = {"results": folder, "checkpoint_folder": folder / "c"}
    for i, scheme in enumerate(OPEN_SCHEMES):
        pair = made_pair(seed=i, scheme=scheme)
        run.run(pair, "tlmlda", "quick", 2, params=SMALL, **how)
        run.run(pair, "pca_svm", **how)
    return folder


@pytest.fixture
def records(results):
    return store.scan(results)[0]


def row_of(table, **values):
    found = table
    for column, value in values.items():
        found = found[found[column] == value]
    (row,) = found.to_dict("records")
    return row


def test_what_is_published_stands_as_it_is_printed(records):
    table = reports.make("table3", records)
    paper = row_of(table, method="TLMLDA", figures="paper")
    assert (paper["C2B"], paper["B2C"], paper["mean"], paper["E2B"]) == (57.11, 41.0, 44.72, "not at hand")
    readme = row_of(table, method="TLMLDA", figures="README")
    assert [readme[s] for s in PAPER_SCHEMES] == [59.73, 43.19, 35.4, 32.77, 41.0, 58.58]
    assert readme["mean"] == pytest.approx(45.11, abs=0.005)
    assert readme["R2B"] == "-"
    assert (
        row_of(table, method="TLMLDA_w", figures="paper")["mean"] == 38.51
    )  # as printed, beside a row's mean of 38.47
    four = reports.make("table4", [])
    assert row_of(four, method="PCA + SVM", figures="paper")["C2B"] == 43.4
    assert row_of(four, method="DoSL", figures="paper")["C2E"] == "not at hand"
    assert set(published.PAPER) | set(published.README) <= set(plans.TABLE_3) | set(plans.TABLE_4)


def test_ours_stand_beside_with_not_run_where_there_is_nothing(records):
    table = reports.make("table3", records)
    for rule in ("final", "unsupervised", "oracle"):
        row = row_of(table, method="TLMLDA", rule=rule)
        wars = {
            s: np.mean([r["rules"][rule]["war"] for r in records if r["scheme"] == s and r["method"] == "tlmlda"])
            for s in OPEN_SCHEMES
        }
        assert {s: row[s] for s in OPEN_SCHEMES} == pytest.approx(wars)
        assert row["open mean"] == pytest.approx(np.mean(list(wars.values())))
        assert [row[s] for s in ("E2B", "B2E", "E2C", "C2E", "mean")] == ["not run"] * 5
        assert row["seeds"] == "2"
    missing = row_of(table, method="TLMLDA_L", figures="ours")
    assert {missing[s] for s in (*PAPER_SCHEMES, "mean", "R2B", "open mean")} == {"not run"}
    assert set(reports.make("table3", records, rule="oracle")["rule"]) == {"", "oracle"}


def test_variants_of_other_collections_are_shown_only_by_themselves(records):
    variants = [r | {"grid": "search", "options_digest": "0"} for r in records]
    assert reports.make("runs", records + variants).equals(reports.make("runs", records))
    assert len(reports.make("runs", variants)) == len(reports.make("runs", records))


def test_the_other_tables_agree_with_what_makes_them(records):
    assert len(reports.make("runs", records)) == 12
    rows = reports.make("against", records, other="pca_svm").to_dict("records")
    (made,) = compare.compare(records, [("tlmlda", "pca_svm")])
    assert rows[0]["difference"] == made.mean.value
    assert rows[0]["p (Holm)"] == made.p_holm
    assert [r["scheme"] for r in rows] == ["mean", *sorted(OPEN_SCHEMES)]
    assert all(len(r["by speaker"].split(",")) == 4 for r in rows[1:])  # four target speakers: each is shown
    gaps = reports.make("gender", records)
    assert list(gaps["women, men"]) == ["2, 2"] * 12
    first = reports.make("criteria", records).to_dict("records")[0]
    assert first["infomax regret"] == criteria.summary(records)["infomax_regret"][0]


@pytest.mark.parametrize("name", [n for n in reports.CAPTIONS])
def test_every_table_in_every_form(records, name):
    table = reports.make(name, records, other="pca_svm")
    lines = reports.text(table, "markdown").splitlines()
    assert len(lines) == len(table) + 2
    assert {line.count("|") - line.count("\\|") for line in lines} == {len(table.columns) + 1}
    latex = reports.text(table, "latex")
    assert latex.startswith("\\begin{tabular}")
    assert "_" not in latex.replace("\\_", "")
    read = list(csv.DictReader(io.StringIO(reports.text(table, "csv"))))
    assert len(read) == len(table)
    for column in table:
        for text, value in zip((r[column] for r in read), table[column], strict=True):
            if isinstance(value, float) and not np.isnan(value):
                assert float(text) == value  # all digits


def test_stale_records_are_named(records):
    assert tables.notes(records) == []
    old = [r | {"code": {"modules": {"losses": "0"}}} for r in records if r["scheme"] == "C2B"]
    (note,) = tables.notes(old)
    assert "3 records were made with other code (losses changed)" in note
    assert "C2B tlmlda (quick, batch_size=16," in note
    assert "x 2" in note


def test_errors_name_the_value(records):
    for how, words in (
        ({"name": "table5"}, "table 'table5' is not known: use one of table3"),
        ({"name": "runs", "rule": "best"}, "rule 'best'"),
        ({"name": "against"}, "give --against"),
        ({"name": "against", "other": "dosl"}, "dosl is in no record"),
    ):
        with pytest.raises(UserError, match=words):
            reports.make(records=records, **how)
    with pytest.raises(UserError, match="there are none"):
        reports.make("runs", [])
    with pytest.raises(UserError, match="format 'html'"):
        reports.text(reports.make("runs", records), "html")
