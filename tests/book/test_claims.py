"""Chapter 4.1's table of IFN's claims, and the section of 4.2 that most claims point to, on the records of the book."""

from __future__ import annotations

import dataclasses
import re
import subprocess
from pathlib import Path

import pytest

from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.streams import claims
from tlmlda_lib.book.pages.trust import fusions, page
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.experiments import shipped, stressed

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "book"
CHAPTERS = {"streams": "4.1", "trust": "4.2", "reproducibility": "4.3", "peers": "3.3"}
ROW = re.compile(r'<tr><th scope="row">(.*?)</th><td>(.*?)</td><td>(.*?)</td></tr>', re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
DATA = re.compile(r"<data .*?</data>", re.DOTALL)


@pytest.fixture(scope="module")
def found() -> claims.Found:
    records = shipped.records(fusions.GRID)
    return claims.Found(records, fusions.answers(records), stressed.read())


def rows(found: claims.Found) -> list[tuple[str, str, str]]:
    return ROW.findall(claims.table(found, "", CHAPTERS))


def test_every_claim_has_an_outcome_and_a_link_that_exists(found: claims.Found) -> None:
    shown = rows(found)
    assert len(shown) == len(claims.CLAIMS) <= 8
    for words, where, outcome in shown:
        page, _, anchor = re.fullmatch(r'<a href="([\w-]+)\.html(#?)([\w-]*)">.+</a>', where).groups()  # type: ignore[union-attr]
        text = (BOOK / f"{page}.md").read_text(encoding="utf-8")
        assert f'chapter: "{CHAPTERS[page]}"' in text
        assert not anchor or anchor in {claims.anchor(h) for h in HEADING.findall(text)}, words
        assert outcome.startswith(("Supported", "Not supported", "Adopted", "Not tested"))
        assert anchor or outcome.startswith("Not tested")
        assert not re.search(r"\d\.\d", DATA.sub("", outcome)), "a number that names no record"


def test_outcomes_follow_the_answers(found: claims.Found) -> None:
    open_ = {n: dataclasses.replace(a, p_holm=1.0) for n, a in found.answers.items()}
    up = {n: dataclasses.replace(a, p_holm=0.001, value=abs(a.value) or 1.0) for n, a in found.answers.items()}
    for answers, words in ((open_, "Not supported."), (up, "Supported.")):
        changed = dataclasses.replace(found, answers=answers)
        for outcome in (claims.complement, claims.adaptive, claims.single):
            assert outcome(changed).startswith(words)
    assert claims.single(found).startswith("Supported without transfer, not with it.")
    assert claims.robust(found).startswith("Not supported.")


def test_without_records_nothing_is_claimed() -> None:
    for _, _, outcome in rows(claims.Found([], {}, {})):
        assert outcome == claims.NOT_RUN or outcome.startswith("Not tested")


def test_the_abstract_is_named_as_it_is() -> None:
    """The network's name is not another one anywhere, and every chapter of the part names its source."""
    wrong = "information" + " fusion network"
    names = subprocess.run(["git", "ls-files", "*.md", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in names.stdout.split():
        if (ROOT / name).is_file():
            assert wrong not in " ".join((ROOT / name).read_text(encoding="utf-8").lower().split()), name
    for name in ("streams", "trust"):
        text = " ".join((BOOK / f"{name}.md").read_text(encoding="utf-8").split())
        assert "{cite:p}`zhang2025ifn`" in text
        assert "abstract was available to us" in text


# The page of 4.2


def shown(monkeypatch: pytest.MonkeyPatch, asked: page.Asked) -> str:
    """What the cells of "What fusion gains on people" show."""
    monkeypatch.setattr(fusions, "tried", lambda: 37)
    text = (BOOK / "trust.md").read_text(encoding="utf-8")
    part = text.partition("## What fusion gains on people")[2].partition("\n## ")[0]
    cells = re.findall(r"^page\.(\w+)\((asked)?\)$", part, re.MULTILINE)
    assert len(cells) == part.count("{code-cell}") == 9
    made = [getattr(page, name)(*[asked][: len(of)]) for name, of in cells]
    return "\n".join(getattr(one, "data", "") for one in made)


def test_the_clean_comparison_comes_first(monkeypatch: pytest.MonkeyPatch, found: claims.Found) -> None:
    text = shown(monkeypatch, page.Asked(found.records, found.answers))
    assert "not run" not in text
    assert (
        text.index("minus speaker alone") < text.index("Streams joined in") < text.index("Searched against unsearched")
    )
    before = text.partition("Searched against unsearched")[0]
    for name in ("recommended minus speaker alone", "recommended minus late fusion"):
        printed = traced.answered(found.answers[name]).html()
        assert printed in text
        assert printed not in before
    for name in fusions.QUESTIONS:
        assert traced.answered(found.answers[name]).html() in text, name
    assert "That supports the abstract" in text
    assert "significantly worse than concat and multiplicative" in text
    assert "Its score is the lowest of the five" in text
    assert "CASIA (C), RAVDESS (R)" in text
    assert "37 settings" in text
    assert "UAR in percent" in text
    for line in DATA.sub("", re.sub(r"\| .*", "", text)).split("\n"):
        assert not re.search(r"\d\.\d", line), line


def test_sentences_of_fusions_follow_the_answers(monkeypatch: pytest.MonkeyPatch, found: claims.Found) -> None:
    open_ = {n: dataclasses.replace(a, p_holm=1.0) for n, a in found.answers.items()}
    text = shown(monkeypatch, page.Asked(found.records, open_))
    assert "That does not support the abstract" in text
    assert text.count("no fusion differs significantly from attention") == 2
    assert "damaged" not in text


def test_the_section_stands_without_records(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(monkeypatch, page.ask([]))
    assert "<data" not in text
    assert text.count("not run") > 40


def test_nobody_is_told_of_a_goal() -> None:
    assert not re.search(r"\bgoal\b", (BOOK / "trust.md").read_text(encoding="utf-8"))
    assert not hasattr(fusions, "GOAL")


def test_what_is_compared_was_run_on_all_schemes(found: claims.Found) -> None:
    assert {set(a.schemes) == set(OPEN_SCHEMES) for a in found.answers.values()} == {True}
    assert {a.seeds for a in found.answers.values()} == {5}
