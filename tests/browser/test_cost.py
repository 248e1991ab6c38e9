"""What a step costs in a real page: its numbers against the library's, and its lines of Python."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tlmlda_lib.book.checks.cost import step_cost
from tlmlda_lib.book.explorables.cost import BATCHES, WIDTHS
from tlmlda_lib.training.options import PAPER

Visitor = Callable[..., Any]
pytestmark = pytest.mark.of("cost.html", "CostOfStep")
PAGE = "cost.html"


def total(page: Any) -> int:
    return int(page.locator('.tl-cost output[data-value="total"]').get_attribute("data-exact"))


def test_numbers_are_the_library_s_and_its_lines_hold(visit: Visitor) -> None:
    with visit(PAGE) as seen:
        page = seen.page
        assert total(page) == step_cost(PAPER)
        page.get_by_label("Batch size B").fill(str(BATCHES.index(400)))
        page.get_by_label("Width of z").fill(str(WIDTHS.index(1024)))
        assert total(page) == step_cost(replace(PAPER, emotion=(600, 1024), batch_size=400))
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(page.locator(".tl-cost details pre").text_content(), {})
        assert printed.getvalue().strip() == f"{total(page):,}"
        link = page.get_by_role("link", name="Link to this setting").get_attribute("href")
        assert not seen.errors
    assert link == "?cost=400.1024"
    with visit(PAGE, query=link) as seen:
        assert total(seen.page) == step_cost(replace(PAPER, emotion=(600, 1024), batch_size=400))
