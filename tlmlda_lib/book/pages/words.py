"""Small words of computed sentences. Part 3."""

from __future__ import annotations

from collections.abc import Sequence


def listed(words: Sequence[str]) -> str:
    """Words with commas and an "and": "a, b and c"; nothing for none."""
    *most, last = words or [""]
    return f"{', '.join(most)} and {last}" if most else last


def arrow(scheme: str) -> str:
    """A scheme of two letters in words: "C to B" for "C2B"."""
    source, _, target = scheme.partition("2")
    return f"{source} to {target}"
