"""The library's code as pages show it."""

from __future__ import annotations

import pytest

from tlmlda_lib import losses
from tlmlda_lib.book.pages import sources
from tlmlda_lib.book.pages.words import listed


class Shown:
    """A class of this file."""

    def first(self, x: int) -> int:
        """What is in it.

        More of it.
        """
        if x:
            x += 1
            x *= 2
        return x

    def second(self) -> None:
        """One line."""
        self.first(1)

    def third(self) -> str:
        r"""With \b."""
        return """
    A text that is no docstring."""

    def fourth(self) -> str:
        return "none"


def test_methods_stand_at_the_margin_two_lines_apart() -> None:
    text = "def second(self) -> None:\n    self.first(1)"
    assert sources.bare(Shown.second, Shown.second).data == f"```python\n{text}\n\n\n{text}\n```"


def test_docstrings_are_left_out_of_whatever_length() -> None:
    assert sources.bare(Shown.second).data == "```python\ndef second(self) -> None:\n    self.first(1)\n```"
    assert sources.bare(Shown.first).data.startswith("```python\ndef first(self, x: int) -> int:\n    if x:\n")
    third = 'def third(self) -> str:\n    return """\nA text that is no docstring."""'
    fourth = 'def fourth(self) -> str:\n    return "none"'
    assert sources.bare(Shown.third, Shown.fourth).data == f"```python\n{third}\n\n\n{fourth}\n```"


def test_a_piece_goes_from_line_to_line() -> None:
    assert sources.piece(Shown.first, "if x", "x *= 2").data == ("```python\nif x:\n    x += 1\n    x *= 2\n```")
    assert sources.piece(Shown.first, "x +=", "x +=").data == "```python\nx += 1\n```"
    with pytest.raises(ValueError, match="not found"):
        sources.piece(Shown.first, "z = ", "return")


def test_the_library_s_own_function_is_shown() -> None:
    assert "def mmd(" in sources.bare(losses.mmd).data
    shown = sources.table(losses, "LOSSES").data.splitlines()
    assert (shown[1], shown[-2]) == ("LOSSES: dict[str, Loss] = {", "}")
    assert len(shown) == len(losses.LOSSES) + 4
    with pytest.raises(ValueError, match="assigns nothing to LOSS"):
        sources.table(losses, "LOSS")


def test_words_are_listed() -> None:
    assert [listed(list(words)) for words in ("", "a", "ab", "abc")] == ["", "a", "a and b", "a, b and c"]
