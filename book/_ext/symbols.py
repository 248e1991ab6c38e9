"""The book's symbols, each written once, in book/symbols.yml, beside the names that they have in the library.

``{symbols}`` shows them as tables, one for each part of the file. The chapter in which a symbol first appears is looked
up in the chapters' formulas, so that it stays true when a chapter is added.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import chapters
import exercises
import yaml
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

FILE = "symbols.yml"
SMALL = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta kappa lambda mu nu xi pi rho sigma tau phi varphi chi "
    "psi omega"
)
GREEK = {f"\\{name}" for name in SMALL.split()} | {f"\\{name.capitalize()}" for name in SMALL.split()}
#: What makes another symbol of the letter that follows.
ACCENTS = {"\\bar", "\\hat", "\\tilde", "\\mathbb", "\\mathcal", "\\mathbf", "\\boldsymbol"}
#: What makes a word: the letters that follow belong together.
WORDS = {"\\mathrm", "\\operatorname", "\\mathit"}
PIECE = re.compile(r"\\[A-Za-z]+|\\.|\S")
CODE = re.compile(r"^([a-z_]\w*(?:\.\w+)+)(?:\((\w+)\))?$")


def pieces(tex: str) -> list[str]:
    """What a formula consists of, without plain text and what only sets it; braces around one piece are dropped."""
    tex = re.sub(r"\\text\s*\{[^{}]*\}", " ", tex)
    found = [p for p in PIECE.findall(tex) if p not in ("\\,", "\\;", "\\!", "\\ ", "\\quad", "\\qquad")]
    out: list[str] = []
    for piece in found:
        if piece == "}" and len(out) > 1 and out[-2] == "{":
            out[-2:] = [out[-1]]
        else:
            out.append(piece)
    return out


def atoms(tex: str) -> set[str]:
    """Letters of a formula, an accent or a script kept with its letter, and words such as MMD."""
    tex = re.sub(r"\\(?:begin|end)\s*\{\w+\*?\}", " ", tex)
    found, run = set(), pieces(tex)
    at = 0
    while at < len(run):
        piece = run[at]
        if piece in WORDS:
            end = run.index("}", at) if run[at + 1 : at + 2] == ["{"] else at + 1
            word = "".join(p for p in run[at + 1 : end + 1] if p not in "{}")
            found |= {word} if word.isupper() else set()  # MMD is a name, dB and "for all" are not
            at = end
        elif piece in ACCENTS:
            at += 1 + (run[at + 1 : at + 2] == ["{"])
            found.add(f"{piece} {run[at]}")
        elif piece in GREEK or re.fullmatch(r"[A-Za-z]", piece):
            found.add(piece)
        at += 1
    return found


def formulas(text: str) -> Iterator[str]:
    """Formulas of some MyST, in lines of their own and within a line."""
    for token in exercises.tokens(text):
        yield from _of_token(token)


def _of_token(token: Any) -> Iterator[str]:
    if token.type.startswith("math"):
        yield token.content
    for child in token.children or ():
        yield from _of_token(child)
    if token.type in ("fence", "colon_fence") and token.info.startswith("{math}"):
        yield token.content
    elif token.type in ("fence", "colon_fence") and token.info.startswith("{") and "code" not in token.info:
        yield from formulas(token.content)


def of_chapters(book: Path) -> dict[str, list[str]]:
    """Formulas of each chapter and of its exercises, by the chapter's number."""
    found = {}
    for number, chapter in chapters.read(book).items():
        text = (book / f"{chapter.page}.md").read_text(encoding="utf-8")
        tasks = exercises.of_chapter(book, Path(chapter.page).name).values()
        found[number] = [f for t in [text, *(f"{e.text}\n\n{e.words}" for e in tasks)] for f in formulas(t)]
    return found


def read(book: Path) -> list[dict[str, Any]]:
    """Parts, each with its ``rows``: ``symbol``, ``what``, ``shape``, and perhaps ``code`` and ``chapter``."""
    parts = yaml.safe_load((book / FILE).read_text(encoding="utf-8"))
    for part in parts:
        for row in part["rows"]:
            if unknown := set(row) - {"symbol", "what", "shape", "code", "chapter"}:
                raise ValueError(f"{FILE}: {row.get('symbol')}: {', '.join(sorted(unknown))} is not known")
            if missing := {"symbol", "what"} - set(row):
                raise ValueError(f"{FILE}: {row.get('symbol')}: {', '.join(sorted(missing))} is missing")
            for code in row.get("code", ()):
                if not CODE.match(code):
                    raise ValueError(
                        f"{FILE}: {row['symbol']}: {code!r} is neither module.name nor module.name(argument)"
                    )
    return parts


def is_in(symbol: str, formula: str) -> bool:
    """Whether a symbol stands in a formula, other than as a mark at another symbol."""
    wanted, run = pieces(symbol), pieces(formula)
    for at in range(len(run) - len(wanted) + 1):
        before = run[at - 1] if at else ""
        if run[at : at + len(wanted)] == wanted and before not in {"_", "^", *ACCENTS, *WORDS}:
            return True
    return False


def first(row: dict[str, Any], found: dict[str, list[str]]) -> str | None:
    """Number of the chapter in which a symbol first appears; the row may say it where a letter means two things."""
    if "chapter" in row:
        return row["chapter"] if row["chapter"] in found else None
    one = row["symbol"].split(",")[0].strip()
    return next((number for number, texts in found.items() if any(is_in(one, text) for text in texts)), None)


def code(name: str) -> str:
    """MyST of a name in the library: a link, with the argument or the field before it."""
    path, argument = CODE.match(name).groups()  # type: ignore[union-attr]
    owner, _, last = path.rpartition(".")
    if owner.rpartition(".")[2][:1].isupper():  # a field of a class
        path, argument = owner, last
        last = owner.rpartition(".")[2]
    kind = "data" if last.isupper() else "class" if last[:1].isupper() else "func"
    link = f"{{{kind}}}`~tlmlda_lib.{path}`"
    return f"`{argument}` of {link}" if argument else link


def table(part: dict[str, Any], found: dict[str, list[str]], written: dict[str, chapters.Chapter]) -> str:
    """One part as a Markdown table."""
    lines = ["| Symbol | What it is | Shape | In the library | Chapter |", "| --- | --- | --- | --- | --- |"]
    for row in part["rows"]:
        number = first(row, found)
        if number is None:
            continue
        symbol = ", ".join(f"${one.strip()}$" for one in row["symbol"].split(","))
        names = ", ".join(map(code, row.get("code", ())))
        link = f"[{number}](/{written[number].page}.md)"
        shape = row.get("shape", "")
        lines.append(f"| {symbol} | {row['what']} | {f'${shape}$' if shape else ''} | {names} | {link} |")
    return "\n".join(lines)


class SymbolsDirective(SphinxDirective):
    """``{symbols}``: all parts."""

    def run(self) -> list[nodes.Node]:
        """Nodes for the page."""
        book = Path(self.env.srcdir)
        self.env.note_dependency(str(book / FILE))
        written, found, out = chapters.read(book), of_chapters(book), []
        for part in read(book):
            if not any(first(row, found) for row in part["rows"]):
                continue
            section = nodes.section(ids=[nodes.make_id(part["part"])])
            section += nodes.title("", part["part"])
            if part.get("words"):
                section += self.parse_text_to_nodes(part["words"])
            for node in self.parse_text_to_nodes(table(part, found, written)):
                if isinstance(node, nodes.table):
                    node["classes"].append("symbols")
                section += node
            out.append(section)
        return out


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's entry point."""
    app.add_directive("symbols", SymbolsDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
