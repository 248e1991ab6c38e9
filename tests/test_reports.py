"""Tables as published with ours beside, comparisons, and the forms in which they are printed."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from stand_ins import made_pair

from tlmlda_lib.book.pages import tables as reports
from tlmlda_lib.domains import OPEN_SCHEMES, PAPER_SCHEMES
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import (
    compare,
    criteria,
    paper_tables,
    plans,
    policy,
    published,
    run,
    shipped,
    store,
    tables,
)

QUICK = "quick, batch_size=16, emotion=8,6, encoder=12,8, epochs=4"
SMALL = {"encoder": (12, 8), "emotion": (8, 6), "epochs": 4, "batch_size": 16}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Records of the open six with two methods and two seeds."""
    folder = tmp_path_factory.mktemp("results")
    how = {"runs": folder, "results": folder, "checkpoint_folder": folder / "c"}
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
    assert list(table.columns) == ["method", "source", *PAPER_SCHEMES, "mean"]
    paper = row_of(table, method="TLMLDA", source="paper")
    assert (paper["C2B"], paper["B2C"], paper["mean"], paper["E2B"]) == ("57.11", "41.00", "44.72", "58.93")
    readme = row_of(table, method="TLMLDA", source="README")
    assert [readme[s] for s in (*PAPER_SCHEMES, "mean")] == ["59.73", "43.19", "35.40", "32.77", "41.00", "58.58", "-"]
    assert row_of(table, method="TLMLDA_w", source="paper")["mean"] == "38.51"  # beside a row's mean of 38.47
    assert "paper" not in set(table.loc[table["method"] == "no transfer", "source"])
    four = reports.make("table4", [])
    assert row_of(four, method="PCA + SVM", source="paper")["C2B"] == "43.38"
    assert row_of(four, method="DoSL", source="reconstructed")["C2B"] == "-"
    assert set(published.PAPER) | set(published.README) <= set(plans.TABLE_3) | set(plans.TABLE_4)


def test_ours_stand_below_with_a_dash_where_there_is_nothing(records):
    for rule in ("score", "final", "unsupervised", "oracle"):
        table = reports.make("table3", records, rule=rule, preset=QUICK)
        row = row_of(table, method="TLMLDA", source="ours")
        assert [row[s] for s in ("E2B", "B2E", "E2C", "C2E", "mean")] == ["-"] * 5
        for s in ("B2C", "C2B"):
            runs = [r for r in records if (r["scheme"], r["method"]) == (s, "tlmlda")]
            wars = [policy.score(r) if rule == "score" else r["rules"][rule]["war"] for r in runs]
            assert row[s] == f"{np.mean(wars):.1f}"
    assert not [s for s in table["source"] if s.startswith("±")], "two seeds make no interval"
    missing = row_of(table, method="TLMLDA_L", source="ours")
    assert {missing[s] for s in (*PAPER_SCHEMES, "mean")} == {"-"}
    whole = row_of(reports.make("open", records, preset=QUICK), method="TLMLDA", source="ours")
    wars = [
        np.mean([policy.score(r) for r in records if (r["scheme"], r["method"]) == (s, "tlmlda")]) for s in OPEN_SCHEMES
    ]
    assert whole["mean"] == f"{np.mean(wars):.1f}"
    seeds = reports.make("open", records, preset=QUICK, each_seed=True)
    assert list(seeds.loc[seeds["method"] == "TLMLDA", "source"]) == ["ours seed 0", "ours seed 1"]
    twice = [*records, *(r | {"grid": "mine"} for r in records if r["method"] == "tlmlda")]
    with pytest.raises(UserError, match=r"2 settings, main/\S+; mine/\S+: keep one, or give one collection"):
        reports.make("open", twice, preset=QUICK)


def test_labels_for_a_narrow_terminal_name_a_method_once(records):
    table = paper_tables.labelled(reports.make("table3", records))
    assert list(table["method"][:2]) == ["TLMLDA_w, paper", "  ours"]
    assert "source" not in table
    assert paper_tables.labelled(reports.make("runs", records)).equals(reports.make("runs", records))


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
    table = reports.make(name, shipped.records("feature-sets") if name == "features" else records, other="pca_svm")
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
    old = [r | {"revisions": {"trainer": 0}} for r in records if r["scheme"] == "C2B"]
    (note,) = tables.notes(old)
    assert "3 records depend on an older revision (trainer)" in note
    assert "C2B tlmlda (quick, batch_size=16," in note
    assert "x 2" in note


def test_errors_name_the_value(records):
    for how, words in (
        ({"name": "table5"}, "table 'table5' is not known: use one of table3"),
        ({"name": "runs", "rule": "best"}, "rule 'best'"),
        ({"name": "against"}, "give --against"),
        ({"name": "against", "other": "dosl"}, "dosl has no record"),
    ):
        with pytest.raises(UserError, match=words):
            reports.make(records=records, **how)
    with pytest.raises(UserError, match="there are none"):
        reports.make("runs", [])
    with pytest.raises(UserError, match="format 'html'"):
        reports.text(reports.make("runs", records), "html")
