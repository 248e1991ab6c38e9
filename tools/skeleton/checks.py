"""Checks of chapter 9.9. TODO: name the chapter by its title."""

from __future__ import annotations

from typing import Any

from tlmlda_lib.book.checks.exercises import Mistake, exercise, number_of


@exercise(
    "9.9.1",
    "TODO: a title",
    hints=(
        "TODO: a nudge.",
        "TODO: the last step but one.",
    ),
)
def check_chapter_name(answer: Any) -> str:
    """Check exercise 9.9.1: the square of 3.

    Parameters
    ----------
    answer : float
        The reader's number.
    """
    number = number_of(answer)
    if number == 6:
        raise Mistake("this is twice the number")
    if number != 9:
        raise Mistake("this is not the square of 3")
    return "TODO: a remark that leads on."
