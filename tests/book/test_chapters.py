"""Every chapter has all that a chapter has, and stands in its place; and the walker that says so can fail."""

from __future__ import annotations

import re
import sys
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

pytest.importorskip("jupytext", reason="the extra `book`, which reads the chapters, is not installed")
pytest.importorskip("myst_parser", reason="the extra `book`, which reads the chapters, is not installed")

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "book"
sys.path[:0] = [str(ROOT / "tools"), str(BOOK / "_ext"), str(Path(__file__).parent)]

import anatomy  # noqa: E402
import chapters  # noqa: E402
from references import Book  # noqa: E402

from tlmlda_lib.book.checks import EXERCISES  # noqa: E402

WRITTEN = chapters.read(BOOK)


@cache
def book() -> Book:
    return Book.read(BOOK, "https://book.example")


@cache
def lacks(page: str) -> dict[str, list[str]]:
    return anatomy.pieces(book(), page, EXERCISES)


@pytest.mark.parametrize("piece", anatomy.PIECES)
@pytest.mark.parametrize("page", [chapter.page for chapter in WRITTEN.values()])
def test_chapter_has(page: str, piece: str) -> None:
    said = lacks(page)[piece]
    assert not said, "\n".join(["", *said])


PAGES = sorted(file.stem for file in BOOK.glob("*.md") if "{code-cell}" in file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", PAGES)
def test_hidden_cells_hold_no_logic(name: str) -> None:
    said = list(anatomy.of_hidden(list(anatomy.landmarks(book().pages[name]))))
    assert not said, "\n".join(["", *said])


def test_chapters_stand_in_their_order_and_parts() -> None:
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    assert list(anatomy.of_contents(contents, {n: c.page for n, c in WRITTEN.items()})) == []
    assert WRITTEN, "there are chapters to walk"


# The walker, on a chapter that is whole and on the same one, broken in one place

PAGE = """\
---
file_format: mystnb
kernelspec:
  name: python3
  display_name: Python 3
chapter: "2.9"
minutes: 30
needs: []
goals:
  - You can move a point.
  - You can measure its way.
---

(tiny)=
# Is it whole?

```{admonition} Before you start
:class: tip

**You will** move a point (and another), measure its way, and say what it is worth.

**You need** a ruler.

**Time**: half an hour.
```

```{code-cell} ipython3
:tags: [remove-input]
from tlmlda_lib.book.explorables import MMDByHand  # noqa: E402

MMDByHand()
```

**Try.** Move it.

**Notice.** It moves.

## The formula

Equation 3 of the paper {cite:p}`tao2022tlmlda`:

$$
a = b
$$ (eq-tiny)

```{admonition} What the paper does not say
:class: note

Which of many ways is meant, and where it begins.
```

```{code-cell} ipython3
import inspect
import math

from tlmlda_lib import losses  # noqa: E402

print(inspect.getsource(losses.mmd))
assert math.isclose(1, 1)
```

{func}`tlmlda_lib.losses.mmd` says more.

```{code-cell} ipython3
---
mystnb:
  image:
    alt: Two lines, one above the other from the first epoch to the last.
---
import matplotlib.pyplot as plt


def draw():
    plt.plot([1, 2])


draw()
```

![Two dots that lie beside each other, one of them red.](dots.svg)

```{admonition} Take away
:class: important

- One.
- Two.
- Three.
```

## Exercises

For a hint: `hint("2.9.1")`.

```{exercise} 2.9.1
```

```{exercise} 2.9.2
```

```{exercise} 2.9.3
```

## What have you seen?

```{quiz} one
```

```{quiz} two
```

```{quiz} three
```
"""
ONE_EXERCISE = """\
# 2.9.{n} Title {n}

{text}Do it.

```{{code-cell}} ipython3
### BEGIN SOLUTION
# stub: answer = ...
answer = {n}
### END SOLUTION
check_{n}(answer)
```

## Solution

It is done as it was said above.

## Mistake: first

```{{code-cell}} ipython3
check_{n}(10)
```

## Mistake: second

```{{code-cell}} ipython3
check_{n}(20)
```

"""
HEAD = "---\nkernelspec:\n  name: python3\n  display_name: Python 3\n---\n\n"
TASKS = HEAD + "".join(ONE_EXERCISE.format(n=n, text="Open end. " if n == 3 else "") for n in (1, 2, 3))
MISTAKE = "## Mistake: second\n\n```{code-cell} ipython3\ncheck_1(20)\n```\n"
CHOICES = [{"text": "A", "why": "x", "right": True}, {"text": "B", "why": "y"}, {"text": "C", "why": "z"}]
ITEMS = yaml.safe_dump([{"id": name, "question": "Why?", "choices": CHOICES} for name in ("one", "two", "three")])
CHECKS = {f"2.9.{n}": SimpleNamespace(title=f"Title {n}", check=f"check_{n}", hints=("a", "b")) for n in (1, 2, 3)}


def built(module: str, call: str) -> str:
    """A cell that shows what a page's own function builds."""
    return (
        f"```{{code-cell}} ipython3\n:tags: [remove-input]\nfrom tlmlda_lib.book.pages import {module}\n\n{call}\n```"
    )


def found(folder: Path, page: str = PAGE, tasks: str = TASKS, items: str = ITEMS, checks: dict = CHECKS) -> list[str]:
    (folder / "_exercises").mkdir()
    (folder / "quizzes").mkdir()
    (folder / "tiny.md").write_text(page, encoding="utf-8")
    (folder / "_exercises" / "tiny.md").write_text(tasks, encoding="utf-8")
    (folder / "quizzes" / "tiny.yml").write_text(items, encoding="utf-8")
    return anatomy.walk(Book.read(folder, "https://book.example"), "tiny", checks)


def test_nothing_is_wrong_with_a_whole_chapter(tmp_path: Path) -> None:
    assert found(tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("file_format: mystnb\n", "", "file_format"),
        ('chapter: "2.9"', "chapter: 2.9", "chapter:"),
        ("minutes: 30", "minutes: soon", "minutes:"),
        ("needs: []", "needs: mmd", "needs:"),
        ("  - You can move a point.\n", "", "`goals`, two to four"),
        ("(tiny)=\n", "", r"no label \(tiny\)="),
        ("# Is it whole?", "# It is whole", "is no question"),
        ("## The formula", "# The formula?", "2 titles"),
        ("Before you start", "Before", "no box 'Before you start'"),
        ("# Is it whole?\n", "# Is it whole?\n\n```{tip}\nFirst.\n```\n", "does not come first"),
        ("move a point (and another), measure its way, and say what it is worth", "", r"does not say \*\*You will\*\*"),
        ("**You need** a ruler.", "", r"does not say \*\*You need\*\*"),
        ("**Time**: half an hour.", "**Time**: ?", r"does not say \*\*Time\*\*"),
        ("MMDByHand()", "MMDByHand", "no explorable"),
        ("**Try.** Move it.", "Move it.", r"\*\*Try\.\*\*"),
        ("**Notice.** It moves.", "It moves.", r"\*\*Notice\.\*\* after Try"),
        ("**Notice.** It moves.", built("choosing as page", "page.price(svm)"), r"\*\*Notice\.\*\* after Try"),
        ("half an hour.\n```", "half an hour.\n```\n\n$$ c $$", "formula comes before"),
        ("Which of many ways is meant, and where it begins.", "Much.", "its box 'What the paper does not say'"),
        (" {cite:p}`tao2022tlmlda`", "", "does not cite it"),
        ("print(inspect.getsource(losses.mmd))\n", "", "from its source"),
        ("assert math.isclose(1, 1)", "", "asserted to equal"),
        ("one above the other from the first epoch to the last.", "", r"'draw\(\)' draws and has no alt"),
        ("alt: Two lines, one", "alt: Plot of two lines, one", "says that it is a picture"),
        ("![Two dots that lie beside each other, one of them red.]", "![]", r"picture dots\.svg has no alt"),
        ("draw()\n```", "draw()\nHTML('<audio src=x>')\n```", "'<audio src=x>' has no aria-label"),
        ("{func}`tlmlda_lib.losses.mmd` says more.", "", "links no page of the library"),
        ("{func}`tlmlda_lib.losses.mmd`", "{func}`tlmlda_lib.losses.nnd`", r"losses\.nnd is not in the library"),
        ("draw()\n```", "draw()\n```\n\n" + built("speaking", "speaking.beside_drawn(ways)"), "no alt"),
        ("- Three.\n", "", "has 2 lines"),
        ("} Take away", "} Summary", "no box 'Take away'"),
        ("## Exercises", "## Tasks", "no heading 'Exercises'"),
        ('`hint("2.9.1")`', "none", "how to get a hint"),
        ("```{exercise} 2.9.2\n```\n", "", "each exercise once and in order"),
        ("```{quiz} two\n```\n", "", "each question of the quiz once and in order"),
        ("import math\n", "import math" + " " * 70 + "# long\n", "line of code has 87 characters"),
    ],
)  # fmt: skip
def test_what_is_missing_on_the_page_is_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in PAGE
    (said,) = found(tmp_path, PAGE.replace(old, new, 1))
    assert re.search(says, said)


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ({"tasks": TASKS.replace("2.9.3", "2.9.4")}, "numbered 2.9.1"),
        ({"tasks": TASKS.split("# 2.9.3")[0]}, "2 exercises"),
        ({"tasks": TASKS.replace("Open end. ", "")}, "does not begin with 'Open end.'"),
        ({"tasks": TASKS.replace("It is done as it was said above.", "Done.", 1)}, "2.9.1 has no words"),
        ({"tasks": TASKS.replace(MISTAKE, "", 1)}, "2.9.1 has 1 mistakes"),
        ({"tasks": TASKS.replace("answer = 1", "answer = 1" + " " * 70 + "#", 1)}, "line of exercise 2.9.1 has 81"),
        ({"tasks": TASKS.replace("check_2(answer)", "print(answer)")}, "2.9.2 has no check"),
        ({"tasks": ""}, "0 exercises"),
        ({"checks": {}}, "2.9.1 has no check"),
        ({"checks": {n: SimpleNamespace(**vars(c) | {"hints": ("a",)}) for n, c in CHECKS.items()}}, "1 hints"),
        ({"checks": {n: SimpleNamespace(**vars(c) | {"title": "Other"}) for n, c in CHECKS.items()}}, "'Other' in the"),
        ({"items": ITEMS.replace("why: z", "why: ''", 1)}, "every choice wants `text` and `why`"),
        ({"items": yaml.safe_dump(yaml.safe_load(ITEMS)[:2])}, "2 questions"),
        ({"items": "[]"}, "0 questions"),
    ],
)  # fmt: skip
def test_what_is_missing_beside_the_page_is_named(tmp_path: Path, broken: dict, says: str) -> None:
    assert any(says in said for said in found(tmp_path, **broken))


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("if True:\n    MMDByHand()", r"'    MMDByHand\(\)' holds logic \(If\)"),
        ("MMDByHand(x for x in (1, 2))", "GeneratorExp"),
        ("MMDByHand(f'{MMDByHand}')", "JoinedStr"),
        ("MMDByHand(1 + 1)", "BinOp"),
        ("def draw():\n    MMDByHand()\n\n\ndraw()", "FunctionDef"),
        ("assert MMDByHand()", "Assert"),
        ("a = f()\nb = f()\nc = f()\nMMDByHand()", "4 statements"),
        ("MMDByHand", "calls nothing"),
        ("names = ['a']\nMMDByHand(names)", "calls nothing"),
    ],
)
@pytest.mark.parametrize("tag", ["remove-input", "remove-cell", "hide-output"])
def test_logic_in_a_hidden_cell_is_named(tmp_path: Path, code: str, says: str, tag: str) -> None:
    old = ":tags: [remove-input]\nfrom tlmlda_lib.book.explorables import MMDByHand  # noqa: E402\n\nMMDByHand()\n"
    assert old in PAGE

    def of(page: str) -> list[str]:
        (tmp_path / "tiny.md").write_text(page, encoding="utf-8")
        book = Book.read(tmp_path, "https://book.example")
        return list(anatomy.of_hidden(list(anatomy.landmarks(book.pages["tiny"]))))

    assert of(PAGE) == []
    assert of(PAGE.replace(old, f":tags: [hide-input]\n{code}\n")) == []
    (said,) = of(PAGE.replace(old, f":tags: [{tag}]\n{code}\n"))
    assert re.search(says, said)


@pytest.mark.parametrize(
    ("module", "call"),
    [("shift as page", "page.what_scaling_wins(pair, maps)"), ("weighting", "weighting.falls_and_loses(history, 3)")],
)
def test_a_sentence_may_be_built_by_the_page_s_own_function(tmp_path: Path, module: str, call: str) -> None:
    assert found(tmp_path, PAGE.replace("**Notice.** It moves.", built(module, call))) == []


@pytest.mark.parametrize(
    ("here", "module", "call"),
    [
        ("\nMMDByHand()\n", "reproducibility", "reproducibility.page.how_many(asked)"),
        ("\nprint(inspect.getsource(losses.mmd))\n", "streams", "streams.page.encoders()"),
    ],
)
def test_a_figure_and_the_library_s_code_may_be_made_there_as_well(
    tmp_path: Path, here: str, module: str, call: str
) -> None:
    assert here in PAGE
    page = PAGE.replace(here, "\n").replace("**Try.**", f"{built(module, call)}\n\n**Try.**")
    assert found(tmp_path, page) == []


def test_what_the_paper_leaves_open_may_stand_in_the_appendix_alone(tmp_path: Path) -> None:
    assert found(tmp_path, PAGE.replace("What the paper does not say", "More")) == []


def test_a_formula_of_no_paper_wants_no_citation(tmp_path: Path) -> None:
    assert found(tmp_path, PAGE.replace("Equation 3 of the paper {cite:p}`tao2022tlmlda`:", "By definition:")) == []


def test_a_function_that_draws_is_no_picture_until_it_is_called(tmp_path: Path) -> None:
    page = PAGE.replace("alt: Two lines, one above the other from the first epoch to the last.", "alt: ''")
    assert found(tmp_path, page.replace("\n\ndraw()\n```", "\n```")) == []


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"1 The problem": ["one"]}, "chapter 2.1 is not in the table"),
        ({"1 The problem": ["one", "two"]}, "chapter 2.1 stands under '1 The problem', and not under '2 The model'"),
        ({"2 The model": ["two"], "1 The problem": ["one"]}, "chapter 1.1 comes after 2.1"),
    ],
)
def test_what_is_out_of_place_is_named(parts: dict[str, list[str]], says: str) -> None:
    contents = {"parts": [{"caption": c, "chapters": [{"file": f} for f in files]} for c, files in parts.items()]}
    assert [said for said in anatomy.of_contents(contents, {"1.1": "one", "2.1": "two"}) if says in said]
    right = {"1 The problem": ["one"], "2 The model": ["other", "two"]}
    contents = {"parts": [{"caption": c, "chapters": [{"file": f} for f in files]} for c, files in right.items()]}
    assert not list(anatomy.of_contents(contents, {"1.1": "one", "2.1": "two"}))
