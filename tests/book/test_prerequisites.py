"""The short test of what a reader should know: its code prints what it says, and each wrong answer leads somewhere."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

pytest.importorskip("sphinx", reason="the extra `book`, which reads the quizzes, is not installed")

BOOK = Path(__file__).parents[2] / "book"
sys.path[:0] = [str(BOOK / "_ext")]

import quiz  # noqa: E402

ITEMS = quiz.of_chapter(BOOK, "prerequisites")
PIECES = re.findall(r"^```python\n(.*?)^```", (BOOK / "prerequisites.md").read_text(encoding="utf-8"), re.M | re.S)


@pytest.mark.parametrize(("piece", "item"), list(zip(PIECES, list(ITEMS.values())[:2], strict=True)))
def test_code_prints_the_right_choice(piece: str, item: quiz.Item, capsys: pytest.CaptureFixture[str]) -> None:
    exec(piece, {})
    said = capsys.readouterr().out.strip()
    assert [choice.text.strip("`") for choice in item.choices if choice.right] == [said]


@pytest.mark.parametrize("item", ITEMS.values(), ids=lambda item: item.id)
def test_each_wrong_answer_says_where_to_learn(item: quiz.Item) -> None:
    for choice in item.choices:
        assert bool(re.search(r"\]\(https://[\w./#-]+\)", " ".join(choice.why.split()))) is not choice.right, (
            choice.text
        )
