"""The page of scores in a real browser: its long tables are sorted by a click, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Visitor = Callable[..., Any]
pytestmark = pytest.mark.of("scores.html")
PAGE = "scores.html"
LONG = "table:has(th button.sort)"


def column(page: Any, name: str) -> list[str]:
    """Cells of a column of the first long table, from top to bottom."""
    return page.locator(LONG).first.evaluate(
        """(table, name) => {
          const k = [...table.tHead.rows[0].cells].findIndex((head) => head.innerText.includes(name));
          return [...table.tBodies[0].rows].map((row) => row.cells[k].innerText.trim());
        }""",
        name,
    )


def first(cell: str) -> float:
    return float(cell.split()[0].replace("−", "-"))


def test_a_click_sorts_a_long_table_and_keeps_its_rows(visit: Visitor) -> None:
    with visit(PAGE) as seen:
        page = seen.page
        assert page.locator(LONG).count() == 2, "every score, and the mean of every scheme"
        for details in page.locator("details:has(th button.sort) > summary").all():
            details.click()
        head = page.locator(LONG).first.locator("th", has_text="mean")
        before = column(page, "mean")
        head.get_by_role("button").click()
        down = column(page, "mean")
        assert head.get_attribute("aria-sort") == "descending"
        assert sorted(before) == sorted(down)
        numbers = [first(cell) for cell in down if cell[:1].isdigit()]
        assert len(numbers) > 20
        assert numbers == sorted(numbers, reverse=True)
        head.get_by_role("button").click()
        assert head.get_attribute("aria-sort") == "ascending"
        up = [first(cell) for cell in column(page, "mean") if cell[:1].isdigit()]
        assert up == sorted(numbers)
        assert not seen.errors
