"""Every measured number on the pages of Parts 3 and 4 names records that are there, and is what they say."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import numpy as np
import pytest
import recomputed_agreement
import recomputed_conditions

ROOT = Path(__file__).parents[2]
SITE = ROOT / "_build" / "html"
RESULTS = ROOT / "results"

#: Chapters that print records, by the number in their heads.
CHAPTERS = sorted(
    file.stem
    for file in (ROOT / "book").glob("*.md")
    if re.search(r'^chapter: "(3\.[1-4]|4\.[1-3])"$', file.read_text(encoding="utf-8"), re.MULTILINE)
)

DATA = re.compile(r'<data value="([^"]*)" data-what="([^"]*)" data-records="([^"]*)" title="[^"]*">([^<]*)</data>')
PLAIN = re.compile(r"(final|unsupervised|oracle) (war|uar)")
PICTURE = re.compile(r"figure2/(\w+): (\w+), (?:WAR, seed 0|neighbours by (predicted|true) class(, by chance)?)")
TABLE = re.compile(r'<table class="table figures">.*?</table>', re.DOTALL)
CELL = re.compile(r"<td>(.*?)</td>", re.DOTALL)

#: Files beside this one that compute a chapter's own numbers: each has `expected(what, files)`, None for other words.
RECOMPUTED = (recomputed_agreement, recomputed_conditions)

pytestmark = pytest.mark.parametrize("chapter", CHAPTERS)


def page(site: Path, chapter: str) -> str:
    return (site / f"{chapter}.html").read_text(encoding="utf-8")


def files(places: str) -> list[Path]:
    """From "main/B2C/tlmlda/recommended-ee4ed7d3/seed-0,1" the two files, and from "stress/B2C" the one; written anew,
    not read from the library."""
    found = []
    for part in places.split():
        if part.startswith("stress/"):
            found.append(RESULTS / f"{part}.json")
            continue
        folder, seeds = part.rsplit("/seed-", 1)
        found += [RESULTS / folder / f"seed-{seed}.json" for seed in seeds.split(",")]
    return found


def by_seed(where: list[Path], what: str) -> dict[int, float]:
    rule, metric = what.split()
    read = [json.loads(file.read_text(encoding="utf-8")) for file in where]
    return {r["seed"]: r["rules"][rule][metric] for r in read}


def in_picture(scheme: str, method: str, kind: str | None, chance: str | None) -> float:
    """A number of Figure 2 in percent, from the file of its scheme."""
    content = json.loads((RESULTS / "figure2" / f"{scheme}.json").read_text(encoding="utf-8"))["methods"][method]
    return content["war"] if kind is None else 100 * content["chance" if chance else "shared"][kind]


def expected(what: str, where: list[Path]) -> float | None:
    """The value that the files give; None where it is another kind of number, which its own tests check."""
    for module in RECOMPUTED:
        if (value := module.expected(what, where)) is not None:
            return value
    if PLAIN.fullmatch(what):
        return float(np.mean(list(by_seed(where, what).values())))
    first, minus, second = what.partition(" minus ")
    if not (minus and PLAIN.fullmatch(first) and PLAIN.fullmatch(second)):
        return None
    folders = list(dict.fromkeys(file.parent for file in where))
    if len(folders) != 2:
        return None
    a, b = (
        by_seed([f for f in where if f.parent == folder], kind)
        for folder, kind in zip(folders, (first, second), strict=True)
    )
    if len(a) == 1 or len(b) == 1:
        return float(np.mean(list(a.values())) - np.mean(list(b.values())))
    both = sorted(set(a) & set(b))
    return float(np.mean([a[k] - b[k] for k in both]))


def test_each_figure_is_in_the_store(site: Path, chapter: str) -> None:
    found = DATA.findall(page(site, chapter))
    assert found, f"{chapter} prints no figure with its records"
    assert page(site, chapter).count("<data ") == len(found)
    for value, what, places, text in found:
        what = html.unescape(what)
        if what.startswith(("paper ", "README ")):
            assert not places
            continue
        if match := PICTURE.fullmatch(what):
            assert float(value) == pytest.approx(in_picture(*match.groups()), abs=1e-4)
            continue
        where = files(places)
        assert where, f"{text} ({what}) names no record"
        assert [f for f in where if not f.is_file()] == []
        printed = float(re.match(r"[+-]?[\d.]+", text.replace("−", "-")).group())  # type: ignore[union-attr]
        assert printed == pytest.approx(float(value), abs=0.051)
        wanted = expected(what, where)
        if wanted is not None:  # folders are named in alphabetical order: the sign is the page's
            assert abs(float(value)) == pytest.approx(abs(wanted), abs=1e-4), (text, what, places)


def test_no_cell_of_a_table_is_written_by_hand(site: Path, chapter: str) -> None:
    for table in TABLE.findall(page(site, chapter)):
        for cell in CELL.findall(table):
            bare = re.sub(r"<data .*?</data>", "", cell)
            assert not re.search(r"\d+\.\d", bare), f"{chapter}: {bare} names no record"
