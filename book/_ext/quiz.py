"""Quizzes that work on a page with neither kernel nor network.

``{quiz} name`` shows a question of the chapter's file, book/quizzes/<chapter>.yml::

    - id: name
      question: What ...?
      multi: true            # only where several choices are right
      choices:
        - text: This.
          right: true
          why: For that reason.
        - text: That.
          why: Not quite, for ...

The markup is native: a fieldset, radio buttons or boxes, a button; quiz.js gives the explanation of what was chosen.
Without scripts the explanations are in a fold beneath.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

FOLDER = "quizzes"
NO_CHOICE = re.compile(r"\b(all|none|both|neither)\b.*\b(above|below|these|them)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Choice:
    """An answer that may be chosen."""

    text: str
    why: str
    right: bool


@dataclass(frozen=True)
class Item:
    """A question."""

    id: str
    question: str
    choices: tuple[Choice, ...]
    multi: bool


def read(file: Path) -> dict[str, Item]:
    """Read a chapter's quiz, by id.

    Raises
    ------
    ValueError
        If an item has no single right choice (unless it says ``multi: true``), a choice has no explanation, two ids,
        texts or explanations are equal, or a choice speaks of the other choices.
    """
    found: dict[str, Item] = {}
    for entry in yaml.safe_load(file.read_text(encoding="utf-8")):
        where = f"{file.name}: {entry.get('id', 'an item without id')}"
        if extra := set(entry) - {"id", "question", "multi", "choices"}:
            raise ValueError(f"{where}: {', '.join(sorted(extra))} is not known")
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", entry.get("id", "")) or entry["id"] in found:
            raise ValueError(f"{where}: an id is small letters, digits and hyphens, and no other item has it")
        choices = []
        for choice in entry.get("choices", ()):
            if set(choice) - {"right"} != {"text", "why"} or not choice["text"].strip() or not choice["why"].strip():
                raise ValueError(f"{where}: every choice wants `text` and `why`, and may have `right: true`")
            if NO_CHOICE.search(choice["text"]):
                raise ValueError(f"{where}: {choice['text'].strip()!r} speaks of the other choices")
            choices.append(Choice(choice["text"].strip(), choice["why"].strip(), choice.get("right", False) is True))
        right = sum(choice.right for choice in choices)
        multi = entry.get("multi", False) is True
        if not entry.get("question", "").strip() or len(choices) < 3:
            raise ValueError(f"{where}: an item has a question and at least three choices")
        if (right < 2 or right == len(choices)) if multi else right != 1:
            raise ValueError(f"{where}: {right} of {len(choices)} are right: one is, or several with `multi: true`")
        if len({c.text for c in choices}) < len(choices) or len({c.why for c in choices}) < len(choices):
            raise ValueError(f"{where}: two choices have the same text or the same explanation")
        found[entry["id"]] = Item(entry["id"], entry["question"].strip(), tuple(choices), multi)
    return found


def of_chapter(book: Path, chapter: str) -> dict[str, Item]:
    """Items of a chapter, by id; none where it has no file."""
    file = book / FOLDER / f"{chapter}.yml"
    return read(file) if file.is_file() else {}


class QuizDirective(SphinxDirective):
    """``{quiz} name``: one question."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Nodes for the page: markup, with the texts parsed in between."""
        chapter, book = Path(self.env.docname).name, Path(self.env.srcdir)
        self.env.note_dependency(str(book / FOLDER / f"{chapter}.yml"))
        items = of_chapter(book, chapter)
        if self.arguments[0] not in items:
            raise self.error(f"{FOLDER}/{chapter}.yml has no item {self.arguments[0]!r}")
        item = items[self.arguments[0]]
        name, kind = f"quiz-{item.id}", "checkbox" if item.multi else "radio"
        hint = "several answers are right" if item.multi else "one answer is right"
        box = nodes.container(classes=["quiz-box"])

        def html(text: str) -> None:
            box.append(nodes.raw("", text, format="html"))

        def words(text: str) -> None:
            (paragraph,) = self.parse_text_to_nodes(text)
            box.append(nodes.inline("", "", *paragraph.children))  # a link wants words around it

        html(f'<form class="quiz" id="{name}"><fieldset><legend>')
        words(item.question)
        html(f' <span class="quiz-hint">({hint})</span></legend>')
        for number, choice in enumerate(item.choices):
            html(f'<label class="quiz-choice"><input type="{kind}" name="{name}" value="{number}"> <span>')
            words(choice.text)
            html("</span></label>")
        html(
            '</fieldset><button type="submit" hidden>Check</button><div class="quiz-verdict" role="status"></div>'
            '<details class="quiz-reasons"><summary>Explanations</summary><ol>'
        )
        for choice in item.choices:
            html(f'<li data-right="{int(choice.right)}"><strong>{verdict(choice)}</strong> ')
            words(choice.why)
            html("</li>")
        html("</ol></details></form>")
        return [box]


def verdict(choice: Choice) -> str:
    """Word that goes before an explanation."""
    return "Right." if choice.right else "No."


def plain(item: Item) -> str:
    """Write an item as plain Markdown, the explanations folded away."""
    letters = "abcdefgh"
    asks = " (several answers are right)" if item.multi else ""
    lines = [f"**{' '.join(item.question.split())}**{asks}", ""]
    lines += [f"- ({letters[i]}) {' '.join(c.text.split())}" for i, c in enumerate(item.choices)]
    lines += ["", "<details><summary>Explanations</summary>", ""]
    lines += [f"- ({letters[i]}) {verdict(c)} {' '.join(c.why.split())}" for i, c in enumerate(item.choices)]
    return "\n".join([*lines, "", "</details>"])


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's entry point."""
    app.add_directive("quiz", QuizDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
