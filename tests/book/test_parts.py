"""Targets of one gender or of one speaker beside the same recordings within the whole, on records that are made up."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

import recomputed_pictures

from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.own import parts
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.experiments import contents, plans, policy, shipped, store

WOMEN, MEN = ("08", "09"), ("03", "10")
METHODS = ("tlmlda", "only_cls")

#: Recordings of each of two classes.
COUNTS = (8, 2)


def made(
    grid: str, scheme: str, seed: int, right: dict[str, tuple[int, int]], method: str = "tlmlda"
) -> dict[str, Any]:
    """A record in which of each speaker's classes so many are recognised."""
    speakers = sorted(right)
    hits = [i < n for s in speakers for count, n in zip(COUNTS, right[s], strict=True) for i in range(count)]
    truth = [c for _ in speakers for c, count in enumerate(COUNTS) for _ in range(count)]
    who = np.repeat([f"emodb/{s}" for s in speakers], sum(COUNTS))
    return {
        "grid": grid,
        "scheme": scheme,
        "method": method,
        "preset": "recommended-is10",
        "overrides": {},
        "options_digest": store.options_digest({}),
        "seed": seed,
        "classes": ["anger", "sad"],
        "utterances": {f"emodb/{s}": list(COUNTS) for s in speakers},
        "genders": {f"emodb/{s}": "female" if s in WOMEN else "male" for s in speakers},
        "rules": {"final": {"hits": contents.pack(np.array(hits), np.array(truth), who)}},
    }


def whole(seed: int, right: tuple[int, int] = (4, 1), **how: Any) -> dict[str, Any]:
    return made("main", "C2B", seed, dict.fromkeys((*WOMEN, *MEN), right), **how)


@pytest.fixture
def records() -> list[dict[str, Any]]:
    """Women have two seeds alone, men one, single speakers one; five of the whole."""
    return [
        *(whole(k, (4 + k, 1)) for k in range(5)),
        *(made("parts", "C2B-female", k, dict.fromkeys(WOMEN, (8, 0))) for k in (0, 1)),
        made("parts", "C2B-male", 1, dict.fromkeys(MEN, (2, 2))),
        *(made("parts", f"C2B-{s}", 0, {s: (i, 1)}) for i, s in enumerate(plans.SOME_SPEAKERS["emodb"], 2)),
        made("main", "B2C", 0, {"x": (1, 1)}),
        whole(0, (0, 0), method="only_cls"),
    ]


def test_the_same_recordings_are_set_beside_each_other(records: list[dict[str, Any]]) -> None:
    found = parts.beside(records, "C2B", "tlmlda")
    values = {kind: tuple(f.value for f in both) for kind, both in found.items()}
    assert values["female"] == pytest.approx((55.0, 80.0))  # (4 + 1 and 5 + 1) of 10; 8 + 0
    assert values["male"] == pytest.approx((60.0, 40.0))
    assert values["speaker"] == pytest.approx((50.0, 45.0))  # 3, 4, 5 and 6 of 10
    uar = {kind: tuple(f.value for f in both) for kind, both in parts.beside(records, "C2B", "tlmlda", "uar").items()}
    assert uar["female"] == pytest.approx(((50 + 50) / 4 + (62.5 + 50) / 4, 50.0))
    assert uar["male"] == pytest.approx(((62.5 + 50) / 2, (25 + 100) / 2))
    within, alone = found["speaker"]
    assert within.records == (traced.place(records[0]),)
    assert len(alone.records) == 4


def test_fewer_than_three_seeds_have_their_values_and_no_interval(records: list[dict[str, Any]]) -> None:
    found = parts.beside(records, "C2B", "tlmlda")
    assert str(found["female"][0]) == "55.0 (50.0; 60.0)"
    assert str(found["speaker"][1]) == "45.0"
    assert all(np.isnan(f.low) for both in found.values() for f in both)


def test_all_questions_are_asked_at_once(records: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    calls, ask = [], policy.ask
    monkeypatch.setattr(policy, "ask", lambda q, **how: calls.append(list(q)) or ask(q, **how))
    found = parts.asked(records, ("C2B", "B2C"), METHODS)
    assert calls == [[f"{m} {kind}" for m in METHODS for kind in parts.KINDS]]
    assert set(found) == {("tlmlda", kind) for kind in parts.KINDS}  # without transfer nothing was run alone
    gain = found["tlmlda", "female"]
    assert gain.value == pytest.approx(25.0)
    assert (gain.schemes, gain.seeds) == (("C2B",), 2)
    assert {r["scheme"] for r in gain.records} == {"C2B", "C2B-female"}
    assert {r["grid"] for r in gain.second} == {"main"}
    assert [one.p_holm for one in found.values()] >= [one.p for one in found.values()]
    assert traced.answered(gain).what.startswith("bootstrap of final war of women, alone minus within all, difference")


def test_what_was_not_run_has_no_figure() -> None:
    records = [whole(0), made("parts", "C2B-03", 0, {"03": (1, 1)})]
    assert all(np.isnan(f.value) for both in parts.beside(records, "C2B", "tlmlda").values() for f in both)
    assert parts.asked(records, ("C2B",), METHODS) == {}


@pytest.fixture(scope="module")
def cuts() -> list[dict[str, Any]]:
    return shipped.records("main") + shipped.records("parts")


def recomputed(figure: traced.Figure) -> float | None:
    return recomputed_pictures.expected(figure.what, list(dict.fromkeys(figure.records)))


@pytest.mark.parametrize("metric", ["war", "uar"])
def test_the_shipped_numbers_are_those_of_the_files(cuts: list[dict[str, Any]], metric: str) -> None:
    for scheme in OPEN_SCHEMES:
        for both in parts.beside(cuts, scheme, "tlmlda", metric).values():
            for figure in both:
                assert figure.value == pytest.approx(recomputed(figure), abs=1e-9)
                assert "±" not in str(figure)
    answers = parts.asked(cuts, OPEN_SCHEMES, METHODS, metric=metric)
    assert len(answers) == 6
    for answer in answers.values():
        figure = traced.answered(answer)
        assert figure.value == pytest.approx(recomputed(figure), abs=1e-9)
        assert re.search(r"\[.*\],\sp\s=\s", str(figure))
