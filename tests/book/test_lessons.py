"""Goals and needs in the chapters' heads: what may stand there, and what is made of it."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "book"
sys.path[:0] = [str(ROOT / "tools"), str(BOOK / "_ext")]

import chapters  # noqa: E402
import lessons  # noqa: E402

GOALS = ("You can move a point.", "You can measure its way.")
KNOWN = {
    "a": chapters.Chapter("0.1", "a", "First?", 30, (), GOALS),
    "b": chapters.Chapter("1.1", "b", "Second?", 45, ("a",), GOALS),
    "c": chapters.Chapter("1.2", "c", "A third, whose title is longer than one line?", 60, ("a", "b"), GOALS),
    "d": chapters.Chapter("1.10", "d", "Fourth & last?", 60, ("a",), GOALS),
}


def test_the_book_s_goals_and_needs_are_right() -> None:
    assert lessons.faults(lessons.of_book(BOOK)) == []


def test_what_a_chapter_s_box_links_is_among_its_needs() -> None:
    """The box says in words what the head says for the picture."""
    known, missing = lessons.of_book(BOOK), []
    for page in known:
        text = (BOOK / f"{page}.md").read_text(encoding="utf-8")
        box = re.search(r"\*\*You need\*\*(.*?)\n\n", text, re.DOTALL)
        linked = re.findall(r"\]\((\w+)\.md", box[1]) if box else []
        missing += [f"{page} needs {n}" for n in linked if n in known and n not in lessons.behind(known, page)]
    assert missing == []


def test_whole_heads_have_no_faults() -> None:
    assert lessons.faults(KNOWN) == []


@pytest.mark.parametrize(
    ("page", "change", "says"),
    [
        ("b", {"needs": ("z",)}, "b needs z, which is no chapter"),
        ("b", {"needs": ("c",)}, r"b \(1.1\) needs c \(1.2\), which does not come earlier"),
        ("b", {"needs": ("d",)}, r"b \(1.1\) needs d \(1.10\), which does not come earlier"),
        ("a", {"needs": ("b",)}, "a needs itself, by way of what it needs"),
        ("a", {"goals": GOALS[:1]}, "a has 1 goals, and not 2 to 4"),
        ("a", {"goals": (GOALS[0], "Move a point.")}, "no sentence with 'You can '"),
    ],
)
def test_faults_are_named(page: str, change: dict, says: str) -> None:
    said = lessons.faults(KNOWN | {page: replace(KNOWN[page], **change)})
    assert re.search(says, "\n".join(said))


def test_what_follows_is_not_drawn() -> None:
    assert lessons.direct(KNOWN) == [("a", "b"), ("b", "c"), ("a", "d")]


def test_lines_in_one_lane_do_not_meet() -> None:
    known = lessons.of_book(BOOK)
    rows = {page: n for n, page in enumerate(known)}
    pairs = lessons.direct(known)
    lane = lessons.lanes(pairs, rows)
    spans = {n: (rows[n], max(rows[page] for m, page in pairs if m == n)) for n in lane}
    assert set(lane) == {n for n, _ in pairs}
    for n, (begin, end) in spans.items():
        for m, (a, b) in spans.items():
            assert n == m or lane[n] != lane[m] or end <= a or b <= begin


def test_the_picture_links_every_chapter_and_says_what_it_needs() -> None:
    svg = lessons.drawn(KNOWN, lambda page: f"../{page}.html")
    assert re.findall(r'<a href="([^"]+)" aria-label="([^"]+)"', svg) == [
        ("../a.html", "0.1 First? Needs no other chapter."),
        ("../b.html", "1.1 Second? Needs 0.1."),
        ("../c.html", "1.2 A third, whose title is longer than one line? Needs 0.1 and 1.1."),
        ("../d.html", "1.10 Fourth &amp; last? Needs 0.1."),
    ]
    assert svg.count('class="line"') == svg.count('class="head"') == 3
    words = re.findall(r"<text x=[^>]*>([^<]*)</text>", svg)
    assert max(map(len, words)) <= lessons.LETTERS + 4
    assert "than one line?" in [line.strip() for line in words]


def test_the_picture_of_the_book_fits_a_phone() -> None:
    svg = lessons.drawn(lessons.of_book(BOOK), lambda page: page)
    xs = [float(x) for x in re.findall(r"M\d+ [\d.]+H([\d.]+)Q", svg)]
    assert min(xs) > 4, "no line leaves the picture"
    (left,) = {float(x) for x in re.findall(r'<rect x="([\d.]+)"', svg)}
    assert lessons.WIDTH - left > 230, "a line of letters fits its box"


def test_the_list_has_every_goal_and_time() -> None:
    text = lessons.listed(KNOWN, BOOK)
    assert text.count("::::{dropdown}") == 2
    assert "Part 1: The problem (3 chapters, 2.8 hours)" in text
    assert ": 60 minutes, 0 exercises, 0 questions. Needs [0.1](/a.md) and [1.1](/b.md)." in text
    assert text.count("  - You can move a point.") == len(KNOWN)
