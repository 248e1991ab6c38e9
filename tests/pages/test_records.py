"""Every measured number on the pages names records that are there, and is what they say, its sign and ± included."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import stdev

import pytest
import recomputed_agreement
import recomputed_conditions
import recomputed_pictures
import recomputed_scores
import sealed_lines
from scipy import stats

from tlmlda_lib.experiments import reruns

ROOT = Path(__file__).parents[2]

#: Chapters that read records; the page of scores prints tables of all of them, which say no record beside a number.
CHAPTERS = sorted(page for page, parts in reruns.PAGES.items() if parts and page != "scores")

#: Kinds of number that are not recomputed from the records, and why.
NOT_RECOMPUTED = {
    r"ranking: winner with (5|\d\d) of 5": "all 5^k draws are too many to go through one by one",
}

#: What stands beside a number and is not recomputed here: the ends of bootstrap intervals and p, which are drawn. They
#: must lie around the number; `tests/test_policy.py`, `test_compare.py` and `test_parts.py` hold how they are made.

DATA = re.compile(
    r'<data value="([^"]*)" data-what="([^"]*)" data-records="([^"]*)" (?:data-against="([^"]*)" )?title="[^"]*">'
    r"([^<]*)</data>"
)
NUMBER = r"[+-]?\d+(?:\.\d+)?"
TABLE = re.compile(r'<table class="table figures">.*?</table>', re.DOTALL)
CELL = re.compile(r"<td>(.*?)</td>", re.DOTALL)

#: Files beside this one that compute a chapter's own numbers: each has `expected(what, files)`, None for other words.
RECOMPUTED = (recomputed_agreement, recomputed_conditions, recomputed_pictures)


@dataclass(frozen=True)
class Printed:
    """One number of a page, as its HTML has it."""

    value: float
    what: str
    files: tuple[str, ...]
    against: tuple[str, ...]
    text: str


@cache
def page(site: Path, chapter: str) -> str:
    return (site / f"{chapter}.html").read_text(encoding="utf-8")


@cache
def numbers(site: Path, chapter: str) -> tuple[Printed, ...]:
    found = DATA.findall(page(site, chapter))
    assert page(site, chapter).count("<data ") == len(found)
    return tuple(
        Printed(float(value), html.unescape(what), files(places), files(against), html.unescape(text).replace("−", "-"))
        for value, what, places, against, text in found
    )


def files(places: str) -> tuple[str, ...]:
    """From "main/B2C/tlmlda/recommended-is10-afc2deb3/seed-0,1" the places of two records; written anew, not read
    from the library."""
    found = []
    for part in places.split():
        folder, seeds = part.rsplit("/seed-", 1)
        found += [f"{folder}/seed-{seed}" for seed in seeds.split(",")]
    return tuple(found)


def expected(one: Printed) -> float | None:
    """The value that the records give; None where nobody computes it anew."""
    value = recomputed_scores.expected(one.what, list(one.files), list(one.against))
    for module in RECOMPUTED:
        value = module.expected(one.what, list(one.files)) if value is None else value
    return value


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_number_is_what_its_records_say(site: Path, chapter: str) -> None:
    assert numbers(site, chapter), f"{chapter} prints no number with its records"
    for one in numbers(site, chapter):
        assert one.files or one.what.startswith(("paper ", "README ")), f"{one.text} ({one.what}) names no record"
        assert [place for place in one.files if place not in sealed_lines.records()] == []
        printed = re.match(NUMBER, one.text)
        assert printed, one
        assert float(printed[0]) == pytest.approx(one.value, abs=0.051)
        if any(re.fullmatch(kind, one.what) for kind in NOT_RECOMPUTED):
            continue
        wanted = expected(one)
        assert wanted is not None, f"nobody recomputes {one.what!r}: do, or say in NOT_RECOMPUTED why not"
        assert one.value == pytest.approx(wanted, abs=2e-4), one


@pytest.mark.parametrize("chapter", reruns.PAGES)
def test_each_number_is_of_a_run_that_its_page_makes_anew(site: Path, chapter: str) -> None:
    """`tlmlda reproduce CHAPTER` makes all the records that the page names."""
    cells = {cell.place("").with_suffix("").as_posix() for cell in reruns.cells(chapter)}
    named = {place for one in numbers(site, chapter) for place in one.files}
    own = {place for place in named if place in cells or place.split("/")[0] in reruns.commands(chapter)}
    assert sorted(named - own) == []
    assert bool(named) == bool(reruns.PAGES[chapter])


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_what_stands_beside_a_number_is_what_its_records_say(site: Path, chapter: str) -> None:
    for one in numbers(site, chapter):
        if ends := re.search(rf"\[({NUMBER}),\s({NUMBER})\]", one.text):
            assert float(ends[1]) - 0.06 <= one.value <= float(ends[2]) + 0.06, one
        seeds = recomputed_scores.by_seed(one.what, list(one.files), list(one.against))
        if half := re.search(rf"±\s({NUMBER})", one.text):
            if seeds is None:  # of stress and of prices, their own tests hold it
                continue
            assert len(seeds) > 2, f"no interval from {len(seeds)} seeds: {one}"
            values = [*seeds.values()]
            t = float(stats.t.ppf(0.975, len(values) - 1))
            assert float(half[1]) == pytest.approx(t * stdev(values) / len(values) ** 0.5, abs=0.051), one
        if few := re.search(rf"\(({NUMBER});\s({NUMBER})\)", one.text):
            assert seeds is None or [float(x) for x in few.groups()] == pytest.approx([*seeds.values()], abs=0.051), one


def test_few_numbers_are_not_recomputed(site: Path) -> None:
    every = [one for chapter in CHAPTERS for one in numbers(site, chapter)]
    passed_over = [one for one in every if any(re.fullmatch(kind, one.what) for kind in NOT_RECOMPUTED)]
    print(f"{len(every) - len(passed_over)} of {len(every)} printed numbers are recomputed")
    assert len(every) > 1500
    assert len(passed_over) <= 12
    for kind in NOT_RECOMPUTED:
        assert any(re.fullmatch(kind, one.what) for one in passed_over), f"{kind} is on no page any more"


def test_a_wrong_sign_is_found(site: Path) -> None:
    """Of every difference that names what it subtracts."""
    signed = [one for chapter in CHAPTERS for one in numbers(site, chapter) if one.against and abs(one.value) > 0.01]
    assert len(signed) > 150
    for one in signed[::7]:
        wanted = expected(one)
        assert wanted is not None
        assert -one.value != pytest.approx(wanted, abs=2e-4), one


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_cell_of_a_table_is_written_by_hand(site: Path, chapter: str) -> None:
    for table in TABLE.findall(page(site, chapter)):
        for cell in CELL.findall(table):
            bare = re.sub(r"<data .*?</data>", "", cell)
            assert not re.search(r"\d+\.\d", bare), f"{chapter}: {bare} names no record"
