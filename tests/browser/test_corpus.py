"""Chapter 1.2 in a real page: what is mixed, and its counts against the library's."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tlmlda_lib import corpora, domains
from tlmlda_lib.book.explorables import MixCorpora, corpus

Visitor = Callable[..., Any]
pytestmark = pytest.mark.of("corpus.html", "MixCorpora")
PAGE = "corpus.html"


def chosen(page: Any, kind: str) -> list[str]:
    return page.evaluate(
        f"[...document.querySelectorAll('.tl-mix input[data-kind=\"{kind}\"]:checked')].map(i => i.value)"
    )


def state(page: Any) -> tuple[list[str], str, list[str]]:
    target = page.locator(".tl-mix input[type=radio]:checked").get_attribute("value")
    return chosen(page, "source"), target, chosen(page, "emotion")


def exact(page: Any, name: str) -> str:
    return page.locator(f'.tl-mix output[data-value="{name}"]').get_attribute("data-exact")


def pick(page: Any, kind: str, value: str, on: bool = True) -> None:
    page.locator(f'.tl-mix input[data-kind="{kind}"][value="{value}"]').set_checked(on)


def aim(page: Any, letter: str) -> None:
    page.locator(f'.tl-mix input[type=radio][value="{letter}"]').check()


def assert_counts_are_the_library_s(page: Any) -> None:
    source, target, emotions = state(page)
    sums = [corpus.recordings(letter, emotions) for letter in source]
    low, high = (sum(s[i] for s in sums) for i in (0, 1))
    assert exact(page, "source") == f"{low} {high}"
    sizes = corpus.recordings(target, emotions)
    assert exact(page, "target") == f"{sizes[0]} {sizes[1]}"
    shown = page.locator('.tl-mix output[data-value="target"]').text_content()
    assert shown == (str(sizes[0]) if sizes[0] == sizes[1] else f"{sizes[0]} to {sizes[1]}")
    speakers = page.locator('.tl-mix output[data-value="speakers_source"]').text_content()
    assert int(speakers) == sum(corpus.SPEAKERS[letter] for letter in source)
    own = corpus.COUNTS[target]
    most = max((own[e][1] for e in emotions if e in own), default=0)
    assert float(exact(page, "most")) == pytest.approx(100 * most / sizes[0] if sizes[0] else 0)
    for emotion in emotions:
        for kind, letters in (("source", source), ("target", [target])):
            cells = page.locator(f'.tl-mix [data-count="{kind}.{emotion}"]')
            found = [corpus.COUNTS[x][emotion] for x in letters if emotion in corpus.COUNTS[x]]
            fewest, most = (sum(n[i] for n in found) for i in (0, 1))
            words = "none" if not most else str(most) if fewest == most else f"{fewest} to {most}"
            if cells.count():
                assert cells.text_content() == words
            else:
                assert not most


def test_schemes_of_the_page_are_table_2(visit: Visitor) -> None:
    table = {(corpora.short(a), corpora.short(b)): sizes for (a, b), (_, sizes) in corpora.TABLE_2.items()}
    with visit(PAGE) as seen:
        page = seen.page
        for name in corpus.SCHEMES:
            page.get_by_label("Scheme", exact=True).select_option(name)
            *letters, target = map(corpora.short, domains.schemes.parse(name).corpora)
            sources = "".join(letters)
            assert state(page)[1:] == (target, sorted(domains.SCHEMES[name]))
            assert sorted(state(page)[0]) == sorted(sources)
            assert_counts_are_the_library_s(page)
            if (sizes := table.get((sources, target), table.get((target, sources), ())[::-1])) and len(sources) == 1:
                numbers = [exact(page, side).split() for side in ("source", "target")]
                assert numbers == [[str(n)] * 2 for n in sizes]
        assert not seen.errors


def says_of_table_2(page: Any) -> str | None:
    """The scheme that the summary calls a row of Table 2, or None where it says nothing of the table."""
    said = page.locator(".tl-mix .tl-summary").text_content()
    found = re.search(r"This is (\w+) of the paper's Table 2", said)
    assert bool(found) == ("Table 2" in said)
    return found[1] if found else None


def assert_table_2(page: Any, row: str | None) -> None:
    page.wait_for_timeout(600)  # the summary is said when the hand rests
    source, target, emotions = state(page)
    assert says_of_table_2(page) == corpus.row_of_table_2("".join(source), target, emotions) == row


def test_only_a_row_of_table_2_is_called_one(visit: Visitor, bench: Callable[[Any], Path]) -> None:
    with visit(bench(MixCorpora())) as seen:
        page = seen.page
        page.locator(".tl-mix .tl-chart").wait_for()
        assert_table_2(page, "E2B")
        pick(page, "emotion", "disgust", False)
        assert_table_2(page, None)
        pick(page, "emotion", "disgust")
        assert_table_2(page, "E2B")
        pick(page, "source", "C")
        assert_table_2(page, None)
        pick(page, "source", "E", False)
        assert_table_2(page, None)  # C to B with the emotions of E and B
        page.get_by_role("button", name="All that both have").click()
        assert_table_2(page, "C2B")
        pick(page, "source", "C", False)
        assert_table_2(page, None)
        for name in corpus.SCHEMES:
            page.get_by_label("Scheme", exact=True).select_option(name)
            assert_table_2(page, name if name in domains.PAPER_SCHEMES else None)
        assert not seen.errors


def test_mixing_changes_classes_speakers_and_counts(visit: Visitor) -> None:
    with visit(PAGE) as seen:
        page = seen.page
        assert state(page) == (["E"], "B", ["anger", "disgust", "fear", "happy", "sad"])
        pick(page, "source", "R")
        assert_counts_are_the_library_s(page)
        assert page.get_by_label("Scheme", exact=True).input_value() == "own"
        page.get_by_role("button", name="All that both have").click()
        assert state(page)[2] == ["anger", "disgust", "fear", "happy", "neutral", "sad"]
        assert_counts_are_the_library_s(page)
        pick(page, "emotion", "boredom")
        page.wait_for_function(
            "document.querySelector('.tl-mix .tl-summary').textContent.includes('The source has no boredom')"
        )
        aim(page, "R")  # what is recognised is not learnt from
        assert state(page)[:2] == (["E"], "R")
        assert page.locator('.tl-mix input[data-kind="source"][value="R"]').is_disabled()
        assert_counts_are_the_library_s(page)
        pick(page, "source", "E", False)
        page.wait_for_function("document.querySelector('.tl-mix .tl-summary').textContent.includes('Without a source')")
        assert exact(page, "source") == "0 0"
        assert not seen.errors


def test_every_pair_and_any_emotions_agree(visit: Visitor) -> None:
    with visit(PAGE) as seen:
        page = seen.page
        for n, (source, target) in enumerate(itertools.permutations("EBCR", 2)):
            bits = "".join(str((n * 37 + 11 * i) // 3 % 2) for i in range(9))
            page.goto(page.url.split("?")[0] + f"?mix={source}.{target}.{bits}")
            page.locator(".tl-mix .tl-chart").wait_for()
            kept = [e for e, bit in zip(corpora.EMOTIONS, bits, strict=True) if bit == "1"]
            assert state(page) == ([source], target, kept)
            assert_counts_are_the_library_s(page)


def test_mix_by_keyboard_and_touch(visit: Visitor) -> None:
    with visit(PAGE) as seen:
        page = seen.page
        page.locator('.tl-mix input[data-kind="emotion"][value="disgust"]').focus()
        page.keyboard.press("Space")
        assert "disgust" not in state(page)[2]
        page.locator(".tl-mix input[type=radio]:checked").focus()
        page.keyboard.press("ArrowRight")
        assert state(page)[1] == "C"
        assert_counts_are_the_library_s(page)
    with visit(PAGE, width=390, has_touch=True, is_mobile=True) as seen:
        seen.page.locator('.tl-mix input[data-kind="source"][value="C"]').tap()
        assert state(seen.page)[0] == ["E", "C"]
        assert_counts_are_the_library_s(seen.page)
        assert seen.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_mix_can_be_linked(visit: Visitor, bench: Callable[[Any], Path]) -> None:
    with visit(PAGE) as seen:
        page = seen.page
        page.wait_for_timeout(500)
        assert page.evaluate("location.search") == ""
        pick(page, "source", "C")
        pick(page, "emotion", "fear", False)
        page.wait_for_function("location.search === '?mix=EC.B.100101010'")
        first = page.locator(".tl-mix details pre").text_content()
        assert 'for x in "EC"' in first
        compile(first, "page", "exec")
    with visit(PAGE, query="?mix=EC.B.100101010") as seen:
        assert seen.page.locator(".tl-mix details pre").text_content() == first
    for nonsense in ("E.E.111111111",):  # others are asked in Node
        with visit(PAGE, query=f"?mix={nonsense}") as seen:
            assert state(seen.page) == (["E"], "B", ["anger", "disgust", "fear", "happy", "sad"])
            assert not seen.errors
    with visit(bench(MixCorpora("BC", "R", ["neutral", "sad"]))) as seen:
        seen.page.locator(".tl-mix .tl-chart").wait_for()
        assert state(seen.page) == (["B", "C"], "R", ["neutral", "sad"])
        assert_counts_are_the_library_s(seen.page)
