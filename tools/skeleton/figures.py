"""Figures and computed sentences of chapter 9.9. TODO: name what they show."""

from __future__ import annotations

from collections.abc import Sequence

from IPython.display import Markdown


def squares(numbers: Sequence[float]) -> Markdown:
    """A sentence with the squares of some numbers. TODO: replace it by what the page shows.

    Parameters
    ----------
    numbers : sequence of float
    """
    said = "; ".join(f"{x:g} squared is {x * x:g}" for x in numbers)
    return Markdown(f"{said}.")
