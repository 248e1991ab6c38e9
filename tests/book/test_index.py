"""The landing page: the trainings behind its moving picture, and what it promises."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import yaml
from sklearn.decomposition import PCA

from tlmlda_lib.book.explorables import CloudsMeet
from tlmlda_lib.book.pages import index as page
from tlmlda_lib.errors import UserError

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "book" / "index.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def shown() -> tuple:
    return page.trainings()


def test_alignment_helps_from_one_scale_and_a_scale_of_its_own_does_too(shown: tuple) -> None:
    pair, seen = shown
    rates = page.shares(pair, seen)
    assert set(rates) == {*page.METHODS, *page.SCALED.values()}
    for name, of in seen.items():
        codes = [(one.predicted[pair.target] == pair.truth).mean() for one in of]
        assert rates[name] == pytest.approx([100 * share for share in codes])
        assert min((one.predicted[~pair.target] == pair.y[~pair.target]).mean() for one in of) > 0.95
    said = page.caption(rates).data
    without, with_it = (rates[name][0] for name in page.METHODS)
    assert f"{with_it:.0f} % of the Mandarin sentences with alignment and {without:.0f} % without" in said
    assert len(re.findall(r"\d+ %", said)) == 2, "no number that the picture does not show"


def test_switched_on_the_languages_mix_and_so_do_emotions_but_sadness(shown: tuple) -> None:
    """What the page tells readers to see."""
    widget = page.figure(*shown)
    emotions, places = (np.array([p[key] for p in widget.points]) for key in ("emotion", "place"))
    own = []
    for one in widget.maps:
        xy = np.array(one["xy"])
        far = np.hypot(*(xy[:, None] - xy).T)
        np.fill_diagonal(far, np.inf)
        near = far.argsort(1)[:, :5]
        own.append((places[near] == places[:, None]).mean())
    assert own[0] > 0.85
    assert own[1] < 0.6
    alike = {e: (emotions[near] == e)[emotions == e].mean() for e in set(emotions)}
    assert alike.pop("sad") > 0.9
    assert max(alike.values()) < 0.7


def test_rows_are_the_pair_s(shown: tuple) -> None:
    """Marks of the source and the target are not exchanged when they are put together."""
    pair, seen = shown
    widget = page.figure(pair, seen)
    assert [p["place"] for p in widget.points] == pair.target.astype(int).tolist()
    said = widget.maps[1]["predicted"]
    assert [bool(word) for word in said] == pair.target.tolist()
    right = [p["emotion"] == word for p, word in zip(widget.points, said, strict=True) if word]
    assert 100 * np.mean(right) == pytest.approx(page.shares(pair, seen)["tlmlda"][0])
    assert sum("audio" in p for p in widget.points) == 20


def test_the_turned_plane_keeps_all_distances(shown: tuple) -> None:
    pair, seen = shown
    places = np.array(page.figure(pair, seen).maps[1]["xy"])
    wanted = PCA(2, svd_solver="full").fit_transform(seen["tlmlda"][0].z.astype(float))
    far = lambda xy: np.hypot(*(xy[:50, None] - xy[:50]).T)  # noqa: E731
    assert np.corrcoef(far(places).ravel(), far(wanted).ravel())[0, 1] == pytest.approx(1, abs=1e-5)


def test_two_corpora_are_needed() -> None:
    points = [{"corpus": "A", "emotion": "sad", "speaker": "s"}] * 3
    one = {"xy": np.zeros((3, 2)), "predicted": [""] * 3}
    with pytest.raises(UserError, match=r"\['A'\]"):
        CloudsMeet(points, one, one)
    with pytest.raises(UserError, match="shape"):
        CloudsMeet([*points, {"corpus": "B", "emotion": "sad"}], one, one)


def test_the_page_has_no_table_and_cites_as_the_repository_does() -> None:
    assert not re.search(r"^\|", TEXT, re.MULTILINE)
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    (paper,) = cited["references"]
    words = " ".join(TEXT.split())
    assert cited["title"] in words
    assert f"author = {{{{{cited['authors'][0]['name']}}}}}" in words
    assert f"version = {{{cited['version']}}}" in words
    assert paper["title"] in words
    assert f"doi = {{{paper['doi']}}}" in words
    for name in paper["authors"]:
        assert f"{name['family-names']}, {name['given-names']}" in words
