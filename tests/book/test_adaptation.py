"""Chapter 1.7: its sentences, its picture, its interactive figure, and the classes of SKADA that it names."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tlmlda_lib.book.explorables import AlignClouds
from tlmlda_lib.book.explorables.adaptation import SHOWN, WAYS
from tlmlda_lib.book.pages import adaptation as page
from tlmlda_lib.book.pages import ears, traced
from tlmlda_lib.errors import UserError

PAGE = (Path(__file__).parents[2] / "book" / "adaptation.md").read_text(encoding="utf-8")


# The interactive figure


def test_the_figure_keeps_what_it_is_given() -> None:
    given = {"right": 1.5, "up": -0.5, "turn": 90, "share": 80, "way": "classes", "rounds": 3, "shown": "truth"}
    state = AlignClouds(**given).get_state()
    assert {k: state[k] for k in given} == given


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"right": 3}, "right=3"),
        ({"up": -1.1}, r"up=-1\.1"),
        ({"turn": 181}, "turn=181"),
        ({"share": 5}, "share=5"),
        ({"rounds": 0}, "rounds=0"),
        ({"way": "both"}, "way='both'"),
        ({"shown": "all"}, "shown='all'"),
    ],
)
def test_the_figure_says_what_is_wrong(given: dict[str, Any], word: str) -> None:
    with pytest.raises(UserError, match=word):
        AlignClouds(**given)


def test_python_and_the_page_know_the_same_choices() -> None:
    script = str(AlignClouds._esm)
    for name, known in (("WAYS", WAYS), ("SHOWN", SHOWN)):
        (body,) = re.findall(rf"const {name} = \{{(.*?)\}};", script, re.DOTALL)
        assert tuple(re.findall(r"(\w+):", body)) == known


# Sentences and the picture


def answer(value: float, verdict: str) -> SimpleNamespace:
    return SimpleNamespace(value=value, verdict=verdict)


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers and scores are plain numbers here; `traced` has tests of its own."""
    monkeypatch.setattr(page.traced, "answered", lambda a: traced.Figure(a.value, signed=True))
    monkeypatch.setattr(
        ears, "mean", lambda _, sets, __: traced.Figure(40.0 if sets == ears.IS10 else 55.0, 54.0, 56.0)
    )


def plain(html: str) -> str:
    return re.sub(r"<.*?>", "", html)


@pytest.mark.usefixtures("spoken")
def test_what_comes_first_follows_the_answers() -> None:
    def said(*answers: SimpleNamespace) -> str:
        return plain(page.what_first([], dict(zip(ears.QUESTIONS, answers, strict=True))).data)

    words = said(answer(1.0, "open"), answer(5.0, "better"), answer(15.0, "better"))
    assert "Without transfer, the network recognises 40.0 % on IS10 and 55.0 % on the better features." in words
    assert "On these, TLMLDA adds +5.0 points" in words
    assert words.endswith("on IS10 it makes no significant difference (+1.0 points).")
    assert "on IS10 it changes the score by −3.0 points." in said(
        answer(-3.0, "worse"), answer(1.0, "open"), answer(2.0, "open")
    )
    with pytest.raises(AssertionError):
        said(answer(6.0, "better"), answer(1.0, "open"), answer(2.0, "open"))


def test_the_example_of_a_distance_counts_what_lies_between_the_lines() -> None:
    one, other = (
        np.array([[0.02, 0.0], [0.05, 0.0], [-2.0, 0.0], [2.0, 0.0]])[part] for part in ([0, 1, 2, 3], [0, 2])
    )
    words = page.disagreement_in_words({"source": one, "target": other[1:]}).data
    assert "50.0 % of the source's points and 0.0 % of the target's, a difference of 50.0 points" in words
    clouds = page.two_classifiers()
    shares = [float(page._between(points).mean()) for points in clouds.values()]
    assert shares[0] > shares[1], "as the picture's description says"
    assert [ax.get_title(loc="left") for ax in page.disagreement(clouds).axes] == ["source", "target"]


def test_errors_are_counted() -> None:
    wrong = {"as they are": np.array([True, False, False]), "each on its own scale": np.array([True, True, False])}
    assert "Without alignment, 1 of 3 target points are wrong" in page.errors(wrong).data
    assert "on its own scale, 2 are wrong" in page.errors(wrong).data
    with pytest.raises(AssertionError):
        page.errors(dict(zip(wrong, reversed(wrong.values()), strict=True)))


def test_the_harm_of_alignment_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    wars = {
        "tlmlda": {"R2B-mostly-anger": (28.0, 30.0, 32.0), "C2B-mostly-sad": (40.0, 40.0, 40.0)},
        "only_cls": {"R2B-mostly-anger": (41.0, 40.0, 39.0), "C2B-mostly-sad": (39.0, 39.0, 39.0)},
    }

    def figure(of: dict[str, tuple[float, ...]], scheme: str, method: str) -> traced.Figure:
        return traced.over_seeds(dict(enumerate(of[scheme])), [f"{method}/{scheme}/seed-0"], "score war")

    given = SimpleNamespace(value=-4.5, verdict="worse", schemes=tuple(wars["tlmlda"]))
    monkeypatch.setattr(page.policy, "ask", lambda _: {"lopsided": given})
    monkeypatch.setattr(page.traced, "answered", lambda a: traced.Figure(a.value, signed=True))
    monkeypatch.setattr(page.traced, "figure", figure)
    html = page.lopsided_in_words(wars).data  # type: ignore[arg-type]
    words = plain(html)
    assert "2 targets from the recordings of three corpora; in each target one emotion makes up 70 %." in words
    assert "TLMLDA recognises 35.0 % of the utterances, and the same network without transfer 39.5 %." in words
    assert "significantly worse (difference −4.5 points)." in words
    assert words.endswith("1 of the 2 targets lose by alignment.")
    assert "tlmlda/R2B-mostly-anger/seed-0" in html
    given.verdict = "open"
    with pytest.raises(AssertionError):
        page.lopsided_in_words(wars)  # type: ignore[arg-type]


def test_the_picture_has_a_source_and_a_target_for_each_shift() -> None:
    axes = page.three_shifts().axes
    for title in (ax.get_title(loc="left") for ax in axes[:3]):
        assert f"**{title[0].upper()}{title[1:]}.**" in PAGE, "the list below the picture has its columns' names"
    assert [ax.get_ylabel() for ax in axes] == ["source", "", "", "target", "", ""]
    heights = [[float(line.get_ydata().max()) for line in ax.lines[:2]] for ax in axes]
    peaks = [[float(line.get_xdata()[line.get_ydata().argmax()]) for line in ax.lines[:2]] for ax in axes]
    assert heights[:3] == [pytest.approx([0.5, 0.5], abs=0.01)] * 3
    for (middles, shares), height, peak in zip(page.SHIFTS.values(), heights[3:], peaks[3:], strict=True):
        assert height == pytest.approx(shares, abs=0.01)
        assert peak == pytest.approx(middles, abs=0.02)


# What the page computes and names


def cells() -> list[str]:
    return re.findall(r"```\{code-cell\} ipython3\n(.*?)```", PAGE, re.DOTALL)


def test_the_bound_of_thresholds_is_what_all_pairs_of_them_give() -> None:
    names: dict[str, Any] = {"np": np}
    exec(next(c for c in cells() if "def terms" in c).split("cases = ")[0], names)
    rng = np.random.default_rng(0)
    for _ in range(20):
        xs, xt = rng.normal(0, 1, 7), rng.normal(0.5, 1, 9)
        ys, yt = np.arange(7) % 2, rng.integers(0, 2, 9)
        _, _, distance, joint = names["terms"](xs, ys, xt, yt)
        edges = [-99.0, *xs, *xt]
        rules = [(xs > e, xt > e) for e in edges]
        pairs = itertools.product(rules, repeat=2)
        assert distance == pytest.approx(max(abs((a != c).mean() - (b != d).mean()) for (a, b), (c, d) in pairs))
        assert joint == pytest.approx(min((a != ys).mean() + (b != yt).mean() for a, b in rules))


def test_every_class_of_skada_is_there() -> None:
    skada = pytest.importorskip("skada", reason="SKADA, of the extra `baselines`, is not installed")
    rows = [line for line in PAGE.splitlines() if " SKADA: `" in line]
    assert 6 <= len(rows) <= 8
    for row in rows:
        for name in re.findall(r"`([\w.]+)`", row.partition(" SKADA: ")[2].partition(" Here: ")[0]):
            found = skada
            if name.startswith("deep."):
                found, name = pytest.importorskip("skada.deep"), name.removeprefix("deep.")
            assert hasattr(found, name), name
