"""Write the skeleton of a chapter: every file that a chapter has, minimal, running, and marked where it is not written.

    python tools/chapter.py surprise --number 2.9
    python tools/chapter.py surprise --part "The model"     # the next free number of that part

All files have the chapter's one name. Each ``TODO`` in them fails a test of that chapter, by the part that it is in,
until words or code have taken its place: `pytest tests/book/test_chapters.py -k surprise`.
"""

from __future__ import annotations

import argparse
import ast
import keyword
import re
import sys
from bisect import bisect
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

import chapters  # noqa: E402

SKELETON = Path(__file__).with_name("skeleton")

#: Files of a chapter, and which of the skeleton each is made from.
FILES = {
    "book/NAME.md": "page.md",
    "book/quizzes/NAME.yml": "quiz.yml",
    "book/_exercises/NAME.md": "exercises.md",
    "tlmlda_lib/book/pages/NAME.py": "figures.py",
    "tlmlda_lib/book/explorables/NAME.py": "explorable.py",
    "tlmlda_lib/book/explorables/NAME.js": "explorable.js",
    "tlmlda_lib/book/explorables/NAME.css": "explorable.css",
    "tlmlda_lib/book/checks/NAME.py": "checks.py",
    "tests/book/test_NAME.py": "test.py",
    "tests/js/NAME.test.js": "explorable.test.js",
}
#: What names the things of all chapters.
CHECKS, EXPLORABLES = (f"tlmlda_lib/book/{package}/__init__.py" for package in ("checks", "explorables"))


class Refused(ValueError):
    """What is wrong with what was asked for, in one sentence."""


def written(root: Path, name: str, *, part: str = "", number: str = "") -> dict[Path, str]:
    """All files that the chapter adds or changes, with their new text; nothing is written yet.

    Parameters
    ----------
    root : path
        The repository.
    name : str
        Of the chapter: a word in small letters, as Python names a module.
    part : str
        A caption of the table of contents, or its number; needed where `number` is not given.
    number : str
        As "2.9", free; without it the next of the part.

    Raises
    ------
    Refused
        If name, part or number cannot be used, or a file of that name is there.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise Refused(f"NAME={name!r} cannot name a page and a module: use small letters, digits and _, as `surprise`")
    files = {root / place.replace("NAME", name): source for place, source in FILES.items()}
    # A package of that name would hide the module, or be hidden by it.
    taken = [p for file in files for p in (file, file.with_suffix("")) if p.exists()]
    if taken:
        raise Refused(f"{taken[0].relative_to(root).as_posix()} is there already: choose another NAME, or remove it")
    known = chapters.read(root / "book")
    number = _number(known, part, number)
    own = "".join(word.capitalize() for word in name.split("_"))
    words = {"9.9": number, "chapter_name": name, "chapter-name": name.replace("_", "-"), "ChapterName": own}
    texts = {file: _replaced((SKELETON / source).read_text(encoding="utf-8"), words) for file, source in files.items()}
    toc = root / "_toc.yml"
    texts[toc] = _with_page(toc.read_text(encoding="utf-8"), name, number, known)
    for init, with_it, thing in ((CHECKS, _with_import, f"check_{name}"), (EXPLORABLES, _with_figure, own)):
        texts[root / init] = with_it((root / init).read_text(encoding="utf-8"), name, thing)
    return texts


def _names(digit: str) -> tuple[str, ...]:
    """How a part may be named."""
    return digit, chapters.PARTS[digit], chapters.caption(digit)


def _number(known: Mapping[str, chapters.Chapter], part: str, number: str) -> str:
    """The chapter's number, free and in a part that there is."""
    every = ", ".join(f"{digit} ({name})" for digit, name in chapters.PARTS.items())
    if not number:
        if not part:
            raise Refused(f"say where the chapter stands: NUMBER=2.9, or PART=2, one of {every}")
        digits = [digit for digit in chapters.PARTS if part in _names(digit)]
        if not digits:
            raise Refused(f"PART={part!r} is no part of the book: use one of {every}")
        last = max((int(n.split(".")[1]) for n in known if n.startswith(f"{digits[0]}.")), default=0)
        number = f"{digits[0]}.{last + 1}"
    if not re.fullmatch(r"\d\.[1-9]", number) or number[0] not in chapters.PARTS:
        raise Refused(
            f"NUMBER={number!r} is no chapter's number: a part's digit, a point and 1 to 9; parts are {every}"
        )
    if part and part not in _names(number[0]):
        raise Refused(f"NUMBER={number} is in part {chapters.PARTS[number[0]]!r} and not in PART={part!r}: give one")
    if number in known:
        raise Refused(f"NUMBER={number} is {known[number].page}'s already: take a free one")
    return number


def _replaced(text: str, words: Mapping[str, str]) -> str:
    return re.sub("|".join(map(re.escape, words)), lambda found: words[found[0]], text)


def _with_page(contents: str, name: str, number: str, known: Mapping[str, chapters.Chapter]) -> str:
    """The table of contents with one line more: after the chapter that comes before, else first in its part."""
    lines = contents.splitlines(keepends=True)
    order = chapters.exercises.order
    before = [c.page for n, c in known.items() if n[0] == number[0] and order(n) < order(number)]
    mark = rf"\s*- file: {re.escape(before[-1])}\s*" if before else rf"\s*- caption: {chapters.caption(number[0])}\s*"
    at = next(i for i, line in enumerate(lines) if re.fullmatch(mark, line)) + (1 if before else 2)
    return "".join([*lines[:at], f"      - file: {name}\n", *lines[at:]])


def _assigned(tree: ast.Module, name: str) -> ast.expr:
    """What a module assigns to a name."""
    return next(n.value for n in tree.body if isinstance(n, ast.Assign) and getattr(n.targets[0], "id", "") == name)


def _with_figure(text: str, name: str, thing: str) -> str:
    """The explorables with one more, in the order of their modules."""
    of = _assigned(ast.parse(text), "_MODULES")
    if not isinstance(of, ast.Dict):
        raise TypeError("the explorables' _MODULES is no dictionary")
    if thing in [ast.literal_eval(figure) for figure in of.keys if figure]:
        raise Refused(f"tlmlda_lib.book.explorables has another {thing} already: choose another NAME")
    modules = [ast.literal_eval(module) for module in of.values]
    place = bisect(modules, name)
    at = of.values[place].lineno if place < len(modules) else of.end_lineno or 0
    lines = text.splitlines(keepends=True)
    lines.insert(at - 1, f'    "{thing}": "{name}",\n')
    return "".join(lines)


def _with_import(text: str, name: str, thing: str) -> str:
    """The checks with one import more and one name more in ``__all__``, both in their order."""
    package = "tlmlda_lib.book.checks"
    module = f"{package}.{name}"
    tree = ast.parse(text)
    imports = {n.module: n.lineno for n in tree.body if isinstance(n, ast.ImportFrom) and n.module}
    later = [line for other, line in imports.items() if other.startswith(package) and other > module]
    names = _assigned(tree, "__all__")
    if not isinstance(names, ast.List):
        raise TypeError(f"{package}: __all__ is no list")
    there = [str(ast.literal_eval(e)) for e in names.elts]
    if thing in there:
        raise Refused(f"{package} has another {thing} already: choose another NAME")
    place = bisect([_rank(other) for other in there], _rank(thing))
    at = names.elts[place].lineno if place < len(there) else names.end_lineno or 0
    lines = text.splitlines(keepends=True)
    lines.insert(at - 1, f'    "{thing}",\n')
    where = min(later) if later else max(line for other, line in imports.items() if other.startswith(package)) + 1
    lines.insert(where - 1, f"from {module} import {thing}\n")
    return "".join(lines)


def _rank(name: str) -> tuple[int, str]:
    """Constants, classes, functions: ruff's order of ``__all__``."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name


def write(texts: Mapping[Path, str]) -> None:
    """Write all of them, or leave everything as it was."""
    before = {file: file.read_bytes() if file.exists() else None for file in texts}
    try:
        for file, text in texts.items():
            file.write_text(text, encoding="utf-8")
    except BaseException:
        for file, content in before.items():
            if content is None:
                file.unlink(missing_ok=True)
            else:
                file.write_bytes(content)
        raise


def main() -> None:
    """As in the first lines of this file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name")
    parser.add_argument("--part", default="")
    parser.add_argument("--number", default="")
    asked = parser.parse_args()
    try:
        texts = written(ROOT, asked.name, part=asked.part, number=asked.number)
        write(texts)
    except (Refused, OSError) as error:
        sys.exit(f"make chapter: {error}")
    for file in texts:
        print(file.relative_to(ROOT).as_posix())
    print(f"What is not written yet: pytest -o addopts= tests/book/test_chapters.py -k {asked.name}")


if __name__ == "__main__":
    main()
