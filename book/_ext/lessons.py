"""What each chapter teaches and what it needs, from the chapters' heads: ``{lessons}`` and ``{needs}``.

``{lessons}`` lists the chapters part by part, each with its goals, its time, its exercises and what it needs.
``{needs}`` draws which chapter needs which, as one picture whose boxes are links.
"""

from __future__ import annotations

import html
import textwrap
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import chapters
import exercises
import quiz
from chapters import Chapter
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

BEGIN = "You can "
FEWEST, MOST = 2, 4

#: The picture's measures in its own units: it is as wide as a phone's column, and its letters are as large there.
WIDTH, LANE, LETTERS, LINE, GAP, CAPTION = 350, 9, 34, 17, 9, 34


def of_book(book: Path) -> dict[str, Chapter]:
    """The chapters by their pages, in the order of their numbers."""
    return {chapter.page: chapter for chapter in chapters.read(book).values()}


def behind(known: Mapping[str, Chapter], page: str) -> set[str]:
    """All that a chapter needs, and what that needs in turn; chapters in a circle need themselves."""
    found: set[str] = set()
    heap = list(known[page].needs)
    while heap:
        here = heap.pop()
        if here in known and here not in found:
            found.add(here)
            heap += known[here].needs
    return found


def faults(known: Mapping[str, Chapter]) -> list[str]:
    """What is wrong with goals and needs, in sentences."""
    said = []
    for page, chapter in known.items():
        place = exercises.order(chapter.number)
        for other in chapter.needs:
            if other not in known:
                said.append(f"{page} needs {other}, which is no chapter")
            elif exercises.order(known[other].number) >= place:
                numbers = chapter.number, known[other].number
                said.append(f"{page} ({numbers[0]}) needs {other} ({numbers[1]}), which does not come earlier")
        if page in behind(known, page):
            said.append(f"{page} needs itself, by way of what it needs")
        if not FEWEST <= len(chapter.goals) <= MOST:
            said.append(f"{page} has {len(chapter.goals)} goals, and not {FEWEST} to {MOST}")
        said += [
            f"{page} has a goal that is no sentence with {BEGIN!r} at its beginning: {goal!r}"
            for goal in chapter.goals
            if not (str(goal).startswith(BEGIN) and str(goal).endswith("."))
        ]
    return said


def direct(known: Mapping[str, Chapter]) -> list[tuple[str, str]]:
    """Pairs (needed, chapter) without those that follow from others: they are all that a picture has to show."""
    pairs = []
    for page, chapter in known.items():
        needs = [n for n in chapter.needs if n in known]
        pairs += [(n, page) for n in needs if not any(n in behind(known, other) for other in needs)]
    return pairs


def by_part(known: Mapping[str, Chapter]) -> dict[str, list[Chapter]]:
    """Chapters by the first digit of their numbers."""
    found: dict[str, list[Chapter]] = {}
    for chapter in known.values():
        found.setdefault(chapter.number[0], []).append(chapter)
    return found


def part_name(digit: str) -> str:
    """A part's number and caption, as "Part 2: The model"."""
    return f"Part {digit}: {chapters.PARTS[digit]}"


def counted(count: int, one: str, more: str) -> str:
    """A number with its noun."""
    return f"{count} {one if count == 1 else more}"


def listed(known: Mapping[str, Chapter], book: Path) -> str:
    """The list of ``{lessons}``, in MyST: a fold for each part."""
    lines: list[str] = []
    for digit, part in by_part(known).items():
        time = f"{counted(len(part), 'chapter', 'chapters')}, {sum(c.minutes for c in part) / 60:.1f} hours"
        lines += [f"::::{{dropdown}} {part_name(digit)} ({time})", ""]
        for chapter in part:
            name = Path(chapter.page).name
            tasks = counted(len(exercises.of_chapter(book, name)), "exercise", "exercises")
            asked = counted(len(quiz.of_chapter(book, name)), "question", "questions")
            needs = " and ".join(f"[{known[n].number}](/{n}.md)" for n in chapter.needs if n in known)
            lines += [
                chapters.link(chapter),
                f": {chapter.minutes} minutes, {tasks}, {asked}." + (f" Needs {needs}." if needs else ""),
                "",
                *(f"  - {goal}" for goal in chapter.goals),
                "",
            ]
        lines += ["::::", ""]
    return "\n".join(lines)


def lanes(pairs: Iterable[tuple[str, str]], rows: Mapping[str, int]) -> dict[str, int]:
    """A lane for each chapter that others need, as near to the boxes as no other one's lines are in its way."""
    last: dict[str, int] = {}
    for needed, page in pairs:
        last[needed] = max(last.get(needed, 0), rows[page])
    taken: dict[int, list[tuple[int, int]]] = {}
    found = {}
    for needed in sorted(last, key=lambda n: (last[n] - rows[n], rows[n])):
        begin, end = rows[needed], last[needed]
        lane = next(k for k in range(len(last)) if all(end <= a or b <= begin for a, b in taken.get(k, ())))
        taken.setdefault(lane, []).append((begin, end))
        found[needed] = lane
    return found


def drawn(known: Mapping[str, Chapter], uri: Callable[[str], str]) -> str:
    """The picture of ``{needs}``, as SVG. `uri` says where a page is."""
    pairs = direct(known)
    order = list(known)
    lane = lanes(pairs, {page: n for n, page in enumerate(order)})
    left = 16 + LANE * (max(lane.values(), default=0) + 1)
    boxes: dict[str, str] = {}
    middle: dict[str, float] = {}
    shapes: list[str] = []
    y = 6
    for digit, part in by_part(known).items():
        shapes.append(f'<text class="part" x="{left}" y="{y + CAPTION - 14}">{chapters.caption(digit)}</text>')
        y += CAPTION
        for chapter in part:
            words = textwrap.wrap(chapter.name, LETTERS)
            height = LINE * len(words) + 10
            middle[chapter.page] = y + height / 2
            boxes[chapter.page] = _box(chapter, words, (left, y, WIDTH - left - 2, height), uri(chapter.page), known)
            y += height + GAP
    for page, box in boxes.items():
        own = [needed for needed, to in pairs if to == page]
        lines = "".join(_line(n, left - 12 - LANE * lane[n], left, (middle[n], middle[page])) for n in own)
        shapes.append(f'<g class="chapter" data-page="{page}">{lines}{box}</g>')
    return (
        f'<svg class="needs" viewBox="0 0 {WIDTH} {y}" role="group" aria-label="Which chapter needs which" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(shapes)}</svg>'
    )


def _line(needed: str, x: float, left: float, middles: tuple[float, float]) -> str:
    """From a needed chapter's box to the one that needs it, along the lane at `x`."""
    a, b = middles[0] + 5, middles[1] - 5
    path = f"M{left} {a}H{x + 6}Q{x} {a} {x} {a + 6}V{b - 6}Q{x} {b} {x + 6} {b}H{left - 5}"
    head = f"M{left - 6} {b - 3.5}L{left - 1} {b}L{left - 6} {b + 3.5}Z"
    return f'<path class="line" data-from="{needed}" d="{path}"/><path class="head" d="{head}"/>'


def _box(chapter: Chapter, words: list[str], at: tuple[float, ...], address: str, known: Mapping[str, Chapter]) -> str:
    x, y, width, height = at
    needs = [known[n].number for n in chapter.needs if n in known]
    label = f"{chapter.name} " + (f"Needs {' and '.join(needs)}." if needs else "Needs no other chapter.")
    lines = "".join(
        f'<text x="{x + 9}" y="{y + LINE * (n + 1) + 1}">{html.escape(line)} </text>' for n, line in enumerate(words)
    )
    return (
        f'<a href="{html.escape(address)}" aria-label="{html.escape(label)}">'
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="6"/>{lines}</a>'
    )


class _FromHeads(SphinxDirective):
    """What is made of all chapters' heads."""

    def known(self) -> dict[str, Chapter]:
        """The chapters; the page is read anew when one of them changes."""
        book = Path(self.env.srcdir)
        found = of_book(book)
        for page in found:
            self.env.note_dependency(str(book / f"{page}.md"))
        return found


class LessonsDirective(_FromHeads):
    """``{lessons}``: each chapter with its goals."""

    def run(self) -> list[nodes.Node]:
        """Nodes for the page."""
        return self.parse_text_to_nodes(listed(self.known(), Path(self.env.srcdir)))


class NeedsDirective(_FromHeads):
    """``{needs}``: the picture."""

    def run(self) -> list[nodes.Node]:
        """Nodes for the page."""
        builder, here = self.env.app.builder, self.env.docname
        return [nodes.raw("", drawn(self.known(), lambda page: builder.get_relative_uri(here, page)), format="html")]


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's entry point."""
    app.add_directive("lessons", LessonsDirective)
    app.add_directive("needs", NeedsDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
