"""Sentences of 1.4, the first page and the prerequisites: which row is best, what is named, and what code needs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tlmlda_lib.book.pages import scores
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.experiments import shipped, tables

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "book"


@pytest.fixture(scope="module")
def records() -> list[dict[str, Any]]:
    return shipped.records("main")


def words(page: str) -> str:
    return " ".join((BOOK / f"{page}.md").read_text(encoding="utf-8").split())


def test_majority_is_anger_by_size_or_by_the_alphabet(records: list[dict[str, Any]]) -> None:
    rows = {r["scheme"]: r for r in records if r["method"] == "majority"}
    assert sorted(rows) == sorted(OPEN_SCHEMES)
    equal = set()
    for scheme, row in rows.items():
        named = np.flatnonzero(np.sum(row["rules"]["final"]["confusion"], axis=0))
        assert [row["classes"][i] for i in named] == ["anger"]
        sizes = row["counts"]["source"]
        assert sizes["anger"] == max(sizes.values())
        if len(set(sizes.values())) == 1:
            equal.add(scheme[0])
            assert min(sizes) == "anger", "the first in the alphabet"
        else:
            assert list(sizes.values()).count(max(sizes.values())) == 1
    assert equal == {"C", "R"}
    said = words("shift")
    assert "where all are equally large as in CASIA and RAVDESS, the first in the alphabet" in said
    assert "In all six schemes that is anger" in said
    for page in BOOK.glob("*.md"):
        assert "always names the source's largest class" not in page.read_text(encoding="utf-8"), page.name


def test_the_best_rows_of_1_4_are_those_that_it_names(records: list[dict[str, Any]]) -> None:
    table = tables.summary([r for r in records if r["method"] == "pca_svm"], speakers=False)
    means = tables.by_scheme(table, "final", "war", OPEN_SCHEMES)["mean"].droplevel(["method", "settings"])
    assert means.idxmax() == "zscore within voices"
    assert means.drop("zscore within voices").idxmax() == "zscore within corpus"
    said = words("shift")
    assert "The best row by mean WAR is z-scores within voices" in said
    assert "a neural speaker encoder found its groups of voices" in said
    assert "nothing of deep learning" not in said


def test_which_rows_are_means_is_counted(records: list[dict[str, Any]]) -> None:
    said = scores.numbers_of_runs(tables.summary(records, speakers=False))
    seeds = pd.DataFrame([(r["method"], r["scheme"], r["seed"]) for r in records], columns=["method", "scheme", "seed"])
    counted = seeds.pivot_table(index="method", columns="scheme", values="seed", aggfunc="nunique")
    assert counted.loc["bp"].to_dict() == {"B2C": 3, "C2B": 3, "B2R": 1, "C2R": 1, "R2B": 1, "R2C": 1}
    fives = set(counted.index[(counted == 5).all(axis=1)])
    assert set(re.findall(r"`(\w+)`", said.split(" are means of 5 runs")[0])) == fives
    assert "`bp` is a mean of 3 runs on B2C and C2B and a single run on B2R, C2R, R2B and R2C" in said
    assert set(counted.index[(counted == 1).all(axis=1)]) == set(counted.index) - fives - {"bp"}


def test_nobody_is_promised_plain_python() -> None:
    pages = [p.read_text(encoding="utf-8") for p in BOOK.glob("*.md")]
    by_hand = [
        re.split(r"^## ", p.split("\n## By hand")[1], maxsplit=1, flags=re.M)[0] for p in pages if "\n## By hand" in p
    ]
    assert any(re.search(r"^import (torch|numpy|pandas)|np\.|torch\.|pd\.", section, re.M) for section in by_hand)
    assert "by hand are plain Python" not in words("prerequisites")
