"""What a page's hidden cells show, as plain text and as cells of tables; and answers that nobody asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.experiments.policy import Answer


def plain(shown: Any) -> str:
    """Text of HTML or Markdown without tags and without spaces that do not break."""
    text = shown if isinstance(shown, str) else shown.data
    return re.sub(r"<[^>]+>", "", text).replace("\N{NO-BREAK SPACE}", " ")


def cells(shown: Any) -> list[list[str]]:
    """Rows of all tables, heads included, as plain text."""
    rows = re.findall(r"<tr>(.*?)</tr>", shown.data)
    return [[plain(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in rows]


def number(cell: str) -> float:
    """A printed number before its interval."""
    return float(re.split(r" [±\[]| \(", cell)[0].replace("\N{MINUS SIGN}", "-"))


def answer(value: float, p: float = 0.001, half: float = 1.0, schemes: Sequence[str] = OPEN_SCHEMES) -> Answer:
    """An answer of no records: a difference in points, its p and half of its interval."""
    return Answer(value, value - half, value + half, p, p, tuple(schemes), 3, (), (), "bootstrap of final war")
