"""Answers at temperatures, one of them certain."""

from typing import Any

from tlmlda_lib.book.live import tempered

ANSWERS = [[0.7, 0.2, 0.1], [0.34, 0.33, 0.33], [1.0, 0.0, 0.0], [1e-9, 0.5, 0.5 - 1e-9]]


def numbers() -> list[dict[str, Any]]:
    return [
        {"p": p, "temperature": t, "tempered": tempered(p, t).tolist()} for p in ANSWERS for t in (0.5, 1.0, 3.5, 10.0)
    ]
