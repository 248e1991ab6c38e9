"""The anatomy of a chapter, asked of its sources: what is missing, piece by piece, in words that say what to write."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from blocks import split_options
from chapters import PARTS
from chapters import caption as caption_of
from references import Book, Page, exercises, quiz, tokens

from tlmlda_lib.book import explorables

BEFORE, BOX, AWAY = "Before you start", "What the paper does not say", "Take away"
EXERCISES, QUIZ = "Exercises", "What have you seen?"
LONGEST_LINE, SHORTEST_ALT = 78, 40
#: Tags of cells whose code a page does not show, and the statements and expressions that these may hold.
HIDDEN = {"remove-input", "remove-cell", "hide-output"}
STATEMENTS, MOST_STATEMENTS = (ast.Import, ast.ImportFrom, ast.Assign, ast.Expr), 3
CALLS = (ast.Call, ast.keyword, ast.Name, ast.Attribute, ast.Constant, ast.Subscript)
CALLS += (ast.List, ast.Tuple, ast.Dict, ast.Starred, ast.expr_context, ast.alias)
#: Where `make chapter` has left words or code to be written, and what follows says which.
TODO = re.compile(r"\bTODO\b:? *(.*?)[\"',]*$", re.MULTILINE)
#: Files beside the page, quiz and exercises that a chapter may have, by piece.
BESIDE = {
    "page-module": ("tlmlda_lib/book/pages/{}.py",),
    "figure-module": tuple(f"tlmlda_lib/book/explorables/{{}}.{suffix}" for suffix in ("py", "js", "css")),
    "checks-module": ("tlmlda_lib/book/checks/{}.py",),
    "tests": ("tests/book/test_{}.py", "tests/js/{}.test.js"),
}
DRAWS = {"subplots", "subplot_mosaic", "figure", "imshow", "plot"}


@dataclass(frozen=True)
class Landmark:
    """A piece of a page, in its order: a heading, a directive, a formula, a paragraph, a cell."""

    kind: str  # "h1", "h2", ..., "formula", "text", "code", or a directive's name
    name: str = ""  # a heading's words, a directive's argument
    body: str = ""
    options: Mapping[str, Any] | None = None  # a directive's options, a cell's metadata


def landmarks(page: Page) -> Iterator[Landmark]:
    """All pieces of a page, in order."""
    for kind, source, meta in page.cells:
        if kind == "code":
            yield Landmark("code", "", source, meta)
            continue
        stream = tokens(source)
        for here, token in enumerate(stream):
            if token.type == "heading_open":
                yield Landmark(token.tag, stream[here + 1].content)
            elif token.type.startswith("math_block"):
                yield Landmark("formula", token.info, token.content)
            elif token.type == "inline":
                yield Landmark("text", "", token.content)
            elif token.type in ("fence", "colon_fence") and (found := re.match(r"\{([\w:-]+)\} *(.*)", token.info)):
                options, body = split_options(token.content)
                name = "formula" if found[1] == "math" else found[1]
                yield Landmark(name, options.get("label", "") if name == "formula" else found[2], body, options)


def walk(book: Book, name: str, checks: Mapping[str, Any]) -> list[str]:
    """What a chapter lacks. `checks` are the library's exercises by number, with ``title``, ``check`` and ``hints``."""
    return [said for lacks in pieces(book, name, checks).values() for said in lacks]


def pieces(book: Book, name: str, checks: Mapping[str, Any]) -> dict[str, list[str]]:
    """The same by piece: the keys are `PIECES`, a whole piece has an empty list."""
    page = book.pages[name]
    marks = list(landmarks(page))
    return {
        piece: [*of_unwritten(marks, piece), *of(book, page, marks, checks), *of_beside(book, page, piece)]
        for piece, of in PIECES.items()
    }


def todo(where: str, text: str) -> Iterator[str]:
    """What is still to be written in a text."""
    yield from (f"{where} is not written yet: {found or 'see there'}" for found in TODO.findall(text))


def of_unwritten(marks: list[Landmark], piece: str) -> Iterator[str]:
    """Placeholders on the page that belong to a piece."""
    titles = {m.name for m in marks if m.kind == "h1"}
    for m in marks:
        if m.body in titles:  # a heading's words follow it as text
            owner = "title"
        elif m.kind == "admonition" and m.name in (BEFORE, AWAY):
            owner = "before-you-start" if m.name == BEFORE else "take-away"
        elif m.kind == "text" and re.match(r"\*\*(Try|Notice)\.\*\*", m.body):
            owner = "interactive-figure"
        else:
            owner = "other-text"
        if owner == piece:
            yield from todo(f"the {piece.replace('-', ' ')}", m.body)


def of_beside(book: Book, page: Page, piece: str) -> Iterator[str]:
    """Placeholders in the files beside the page."""
    name = Path(page.name).name
    own = {"exercises": ("book/_exercises/{}.md",), "quiz": ("book/quizzes/{}.yml",)} | BESIDE
    for pattern in own.get(piece, ()):
        file = book.folder.parent / pattern.format(name)
        if file.is_file():
            yield from todo(pattern.format(name), file.read_text(encoding="utf-8"))


def first(marks: list[Landmark], kind: str, name: str = "") -> int | None:
    """Place of the first landmark of a kind, or nothing."""
    return next((i for i, m in enumerate(marks) if m.kind == kind and (not name or m.name == name)), None)


def of_head(book: Book, page: Page) -> Iterator[str]:
    """Front matter and label."""
    if page.meta.get("file_format") != "mystnb":
        yield "the head has no `file_format: mystnb`"
    if not re.fullmatch(r"\d\.\d", str(page.meta.get("chapter", ""))) or not isinstance(page.meta["chapter"], str):
        yield 'the head has no `chapter: "2.3"`'
    minutes = page.meta.get("minutes")
    if not isinstance(minutes, int) or not 10 <= minutes <= 180:
        yield "the head has no `minutes: 60`, between 10 and 180"
    if not isinstance(page.meta.get("needs"), list):
        yield "the head has no `needs: [mmd]`, the pages of the chapters to read before it; `[]` for none"
    goals = page.meta.get("goals")
    if not isinstance(goals, list) or not 2 <= len(goals) <= 4:
        yield "the head has no `goals`, two to four sentences that begin with 'You can'"
    else:
        yield from (found for goal in goals for found in todo("a goal in the head", str(goal)))
    label = Path(page.name).name
    if label not in book.targets or book.targets[label].page != page.name:
        yield f"there is no label ({label})= before the title"


def of_title(marks: list[Landmark]) -> Iterator[str]:
    """One title, a question."""
    titles = [m.name for m in marks if m.kind == "h1"]
    if len(titles) != 1:
        yield f"there are {len(titles)} titles"
    elif not titles[0].endswith("?"):
        yield f"the title {titles[0]!r} is no question"


def of_objectives(marks: list[Landmark]) -> Iterator[str]:
    """The box at the beginning."""
    box, title = first(marks, "admonition", BEFORE), first(marks, "h1")
    if box is None:
        yield f"there is no box {BEFORE!r}"
        return
    if [m.kind for m in marks[(title or 0) + 1 : box] if m.kind != "text"]:
        yield f"the box {BEFORE!r} does not come first"
    parts = re.split(r"^\*\*([\w ]+)\*\*", marks[box].body, flags=re.MULTILINE)
    said = dict(zip(parts[1::2], parts[2::2], strict=True))
    for word in ("You will", "You need", "Time"):
        if len(said.get(word, "").strip(" :\n.")) < 5:
            yield f"the box {BEFORE!r} does not say **{word}**"


def of_explorable(marks: list[Landmark]) -> Iterator[str]:
    """Something to move or hear, before the first formula; what to try, what to notice."""
    imports = [node for m in marks if m.kind == "code" for node in ast.walk(tree(m.body))]
    names = {
        alias.asname or alias.name
        for node in imports
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tlmlda_lib.book.explorables")
        for alias in node.names
    }
    made = re.compile(rf"\b({'|'.join(explorables.__all__)})\(")
    shown = [
        i
        for i, m in enumerate(marks)
        if m.kind == "code"
        and (
            any(getattr(call.func, "id", getattr(call.func, "attr", "")) in names for call in at_once(m.body))
            or made.search(built(m, marks))
        )
    ]
    if not shown:
        yield "there is no explorable"
        return
    formula, away = first(marks, "formula"), first(marks, "admonition", AWAY)
    if formula is not None and formula < shown[0]:
        yield "a formula comes before the explorable"
    at = shown[0]
    for word in ("Try", "Notice"):
        found = next((i for i, m in enumerate(marks) if i > at and f"**{word}.** " in m.body + built(m, marks)), None)
        if found is None or (away is not None and found > away):
            yield f"nothing says **{word}.** after {'the explorable' if word == 'Try' else 'Try'}"
            return
        at = found


def built(mark: Landmark, marks: list[Landmark]) -> str:
    """Source of the functions of `tlmlda_lib.book.pages` that a cell calls: sentences are built there."""
    if mark.kind != "code":
        return ""
    nodes = [n for m in marks if m.kind == "code" for n in ast.walk(tree(m.body)) if isinstance(n, ast.ImportFrom)]
    known = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in nodes
        if (node.module or "").startswith("tlmlda_lib.book.pages")
        for alias in node.names
    }
    called = [re.fullmatch(r"(\w+)(\.[\w.]+)?", ast.unparse(call.func)) for call in at_once(mark.body)]
    things = [pkgutil.resolve_name(known[m[1]] + (m[2] or "")) for m in called if m and m[1] in known]
    return "\n".join(inspect.getsource(thing) for thing in things if inspect.isfunction(thing))


def of_formulas(marks: list[Landmark]) -> Iterator[str]:
    """Where formulas are: the paper cited, the library's source, a case by hand."""
    words = "\n".join(m.body for m in marks if m.kind == "text")
    box = first(marks, "admonition", BOX)
    if box is not None and len(marks[box].body.strip()) < SHORTEST_ALT:
        yield f"its box {BOX!r} says nothing"
    numbered = [m for m in marks if m.kind == "formula" and m.name]
    if not numbered:
        return
    code = [m.body for m in marks if m.kind == "code"]
    behind = [m.body + built(m, marks) for m in marks if m.kind == "code"]
    if re.search(r"\b[Ee]quations? \d", words) and "tao2022tlmlda" not in words:
        yield "it has a formula of the paper and does not cite it"
    if (
        not any(re.search(r"\b(inspect\.getsource|sources\.\w+)\(", c) for c in behind)
        and first(marks, "literalinclude") is None
    ):
        yield "it has a formula and does not show the library's own function from its source"
    if not any(isinstance(node, ast.Assert) for c in code for node in ast.walk(tree(c))):
        yield "it has a formula and no case by hand that is asserted to equal the library"


def of_hidden(marks: list[Landmark]) -> Iterator[str]:
    """Cells that nobody reads: imports and calls of what is tested elsewhere."""
    for m in marks:
        if m.kind != "code" or not HIDDEN & set((m.options or {}).get("tags", ())):
            continue
        body = tree(m.body).body
        last = f"the hidden cell that ends with {m.body.strip().splitlines()[-1][:60]!r}"
        others = sorted({type(n).__name__ for s in body for n in ast.walk(s) if not isinstance(n, STATEMENTS + CALLS)})
        if others:
            yield f"{last} holds logic ({', '.join(others)}): a function in tlmlda_lib/book/pages can be tested"
        done = [s for s in body if not isinstance(s, ast.Import | ast.ImportFrom)]
        if len(done) > MOST_STATEMENTS:
            yield f"{last} has {len(done)} statements besides its imports, and not {MOST_STATEMENTS} at most"
        if not all(isinstance(s.value, ast.Call) for s in done if isinstance(s, ast.Assign | ast.Expr)):
            yield f"{last} has a statement that calls nothing"


def tree(code: str) -> ast.Module:
    """Parsed code of a cell, IPython's own lines left out."""
    return ast.parse(re.sub(r"^\s*[%!].*$", "", code, flags=re.MULTILINE))


def at_once(code: str) -> Iterator[ast.Call]:
    """Calls that a cell makes when it runs, not those in functions that it only defines."""
    heap: list[ast.AST] = [tree(code)]
    while heap:
        node = heap.pop()
        if isinstance(node, ast.Call):
            yield node
        heap += [n for n in ast.iter_child_nodes(node) if not isinstance(n, ast.FunctionDef | ast.Lambda)]


def drawers(marks: list[Landmark]) -> set[str]:
    """Functions of a page that draw."""
    functions = [n for m in marks if m.kind == "code" for n in ast.walk(tree(m.body)) if isinstance(n, ast.FunctionDef)]
    found: set[str] = set()
    while new := {f.name for f in functions if any(is_drawing(c, found) for c in ast.walk(f))} - found:
        found |= new
    return found


def is_drawing(node: ast.AST, known: set[str]) -> bool:
    """Whether a call makes a picture."""
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Name):
        return node.func.id in known
    if not isinstance(node.func, ast.Attribute):
        return False
    return node.func.attr in DRAWS or (node.func.attr == "show" and getattr(node.func.value, "id", "") == "plt")


def of_pictures(marks: list[Landmark]) -> Iterator[str]:
    """Words in place of every picture that say what is seen."""
    known = drawers(marks)
    for m in marks:
        if m.kind == "code":
            drawn = re.search(r"\bplt\.(subplots|subplot_mosaic|figure)\(", built(m, marks))
            if drawn or any(is_drawing(call, known) for call in at_once(m.body)):
                alt = ((m.options or {}).get("mystnb") or {}).get("image", {}).get("alt") or ""
                yield from of_alt(alt, f"the cell {m.body.strip().splitlines()[-1][:50]!r} draws and")
            for tag, wants in (("img", "alt="), ("audio", "aria-label="), ("svg", "aria-")):
                for found in re.findall(rf"<{tag}\b[^>]*>", m.body):
                    if wants not in found:
                        yield f"{found[:50]!r} has no {wants.rstrip('=')}"
        elif m.kind in ("image", "figure"):
            yield from of_alt((m.options or {}).get("alt", ""), f"the picture {m.name}")
        elif m.kind == "text":
            for alt, path in re.findall(r"!\[([^\]]*)\]\(([^)]*)\)", m.body):
                yield from of_alt(alt, f"the picture {path}")


def of_alt(alt: str, where: str) -> Iterator[str]:
    """What is wrong with a picture's words."""
    if len(alt.strip()) < SHORTEST_ALT:
        yield f"{where} has no alt text that says what is seen"
    elif re.match(r"(an? )?(image|picture|figure|plot|graph)\b", alt.strip(), re.IGNORECASE):
        yield f"{where} has an alt text that says that it is a picture, and a screen reader says so already"


def of_library(marks: list[Landmark]) -> Iterator[str]:
    """Links to the library's pages."""
    role = re.compile(r"\{(?:py:)?(?:func|class|meth|mod|data)\}`~?(tlmlda_lib[\w.]*)`")
    linked = [name for m in marks for name in role.findall(m.body)]
    if not linked:
        yield "it links no page of the library, as {func}`tlmlda_lib.losses.mmd` does"
    yield from (f"{name} is not in the library" for name in linked if not is_there(name))


def is_there(name: str) -> bool:
    """Whether a full name leads to something in the library."""
    module, _, rest = name.partition(".")
    thing: Any = importlib.import_module(module)
    while rest:
        part, _, rest = rest.partition(".")
        module = f"{module}.{part}"
        try:
            thing = getattr(thing, part) if hasattr(thing, part) else importlib.import_module(module)
        except ModuleNotFoundError:
            return part in getattr(thing, "__annotations__", {}) and not rest
    return True


def of_exercises(book: Book, page: Page, marks: list[Landmark], checks: Mapping[str, Any]) -> Iterator[str]:
    """Exercises of rising difficulty, each with a check, hints, a solution and two mistakes, the last open."""
    try:
        known = exercises.of_chapter(book.folder, Path(page.name).name)
    except ValueError as error:
        yield str(error)
        return
    chapter = page.meta.get("chapter")
    if len(known) < 3:
        yield f"there are {len(known)} exercises, and not three"
    if list(known) != [f"{chapter}.{i + 1}" for i in range(len(known))]:
        yield f"the exercises are not numbered {chapter}.1, {chapter}.2 and so on"
    if [m.name for m in marks if m.kind == "exercise"] != list(known):
        yield "the page does not show each exercise once and in order"
    for number, one in known.items():
        if len(one.words) < 20:
            yield f"exercise {number} has no words with its solution"
        yield from of_width(one.stub + "\n" + one.solution, f"a line of exercise {number}")
        if len(one.mistakes) < 2:
            yield f"exercise {number} has {len(one.mistakes)} mistakes, and not two"
        check = checks.get(number)
        if check is None or f"{check.check}(" not in one.stub:
            yield f"exercise {number} has no check"
        elif check.title != one.title:
            yield f"exercise {number} is called {one.title!r} here and {check.title!r} in the library"
        elif len(check.hints) < 2:
            yield f"exercise {number} has {len(check.hints)} hints, and not two"
    if known and not re.match(r"Open\b", next(reversed(known.values())).text):
        yield "the last exercise does not begin with 'Open end.'"
    if known and not any(f'hint("{next(iter(known))}")' in m.body for m in marks):
        yield "the page does not say how to get a hint"


def of_quiz(book: Book, page: Page, marks: list[Landmark]) -> Iterator[str]:
    """Three to five questions; that each choice has an explanation is the reader's business."""
    try:
        items = quiz.of_chapter(book.folder, Path(page.name).name)
    except ValueError as error:
        yield str(error)
        return
    if not 3 <= len(items) <= 5:
        yield f"the quiz has {len(items)} questions, and not three to five"
    if [m.name for m in marks if m.kind == "quiz"] != list(items):
        yield "the page does not ask each question of the quiz once and in order"


def of_end(marks: list[Landmark]) -> Iterator[str]:
    """Three lines to take away, then the exercises, then the quiz."""
    away = first(marks, "admonition", AWAY)
    if away is None:
        yield f"there is no box {AWAY!r}"
    else:
        lines = sum(t.type == "list_item_open" and t.level == 1 for t in tokens(marks[away].body))
        if lines != 3:
            yield f"the box {AWAY!r} has {lines} lines, and not three"
    rest = (("h2", EXERCISES), ("exercise", ""), ("h2", QUIZ), ("quiz", ""))
    places = [away, *(first(marks, kind, name) for kind, name in rest)]
    there = [place for place in places if place is not None]
    if None in places[1::2]:
        yield f"there is no heading {EXERCISES!r} or no heading {QUIZ!r}"
    if there != sorted(there):
        yield f"the end is not {AWAY!r}, {EXERCISES!r}, {QUIZ!r}"


def of_lines(marks: list[Landmark]) -> Iterator[str]:
    """Code that fits a page."""
    for m in marks:
        if m.kind == "code" and not {"remove-input", "remove-cell"} & set((m.options or {}).get("tags", ())):
            yield from of_width(m.body, "a line of code")


def of_width(code: str, what: str) -> Iterator[str]:
    """Lines that are too long."""
    for line in code.splitlines():
        if len(line) > LONGEST_LINE:
            yield f"{what} has {len(line)} characters, and a page has room for {LONGEST_LINE}: {line.strip()[:40]}"


Lacks = Callable[[Book, Page, list[Landmark], Mapping[str, Any]], Iterator[str]]

#: Every piece that a chapter has, by the name that its test has. A placeholder counts in all of them.
PIECES: dict[str, Lacks] = {
    "head": lambda book, page, marks, checks: of_head(book, page),
    "title": lambda book, page, marks, checks: of_title(marks),
    "before-you-start": lambda book, page, marks, checks: of_objectives(marks),
    "interactive-figure": lambda book, page, marks, checks: of_explorable(marks),
    "formulas": lambda book, page, marks, checks: of_formulas(marks),
    "pictures": lambda book, page, marks, checks: of_pictures(marks),
    "library-link": lambda book, page, marks, checks: of_library(marks),
    "exercises": lambda book, page, marks, checks: of_exercises(book, page, marks, checks),
    "quiz": lambda book, page, marks, checks: of_quiz(book, page, marks),
    "take-away": lambda book, page, marks, checks: of_end(marks),
    "width-of-code": lambda book, page, marks, checks: of_lines(marks),
    "other-text": lambda book, page, marks, checks: iter(()),
    **dict.fromkeys(BESIDE, lambda book, page, marks, checks: iter(())),
}


def of_contents(contents: Mapping[str, Any], written: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with the table of contents. `written` are the chapters' pages by number."""
    number = {page: n for n, page in written.items()}
    entries = [(entry["file"], part.get("caption")) for part in contents["parts"] for entry in part["chapters"]]
    listed = [(number[file], caption) for file, caption in entries if file in number]
    order = [n for n, _ in listed]
    yield from (f"chapter {n} is not in the table of contents" for n in written if n not in order)
    yield from (f"chapter {b} comes after {a}" for a, b in pairwise(order) if exercises.order(a) >= exercises.order(b))
    yield from (
        f"chapter {n} stands under {caption!r}, and not under {caption_of(n[0])!r}"
        for n, caption in listed
        if n[0] in PARTS and caption_of(n[0]) != caption
    )
