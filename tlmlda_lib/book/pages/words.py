"""Small words of computed sentences. Part 3."""

from __future__ import annotations

from collections.abc import Sequence


def listed(words: Sequence[str]) -> str:
    """Words with commas and an "and": "a, b and c"; nothing for none.

    Parameters
    ----------
    words : sequence of str
        The words.
    """
    *most, last = words or [""]
    return f"{', '.join(most)} and {last}" if most else last
