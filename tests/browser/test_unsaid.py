"""The appendix in a real page: all of it is there without a script's help, and the field leaves out the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Visitor = Callable[..., Any]
pytestmark = pytest.mark.of("unsaid.html")
PAGE = "unsaid.html"


def test_the_field_leaves_what_matches(visit: Visitor) -> None:
    with visit(PAGE) as seen:
        page = seen.page
        entries, shown = page.locator(".unsaid-entry"), page.locator(".unsaid-entry:visible")
        every = entries.count()
        assert every >= 22
        assert shown.count() == every
        field = page.get_by_label("Search this page")
        field.fill("BatchNorm dropout")
        left = shown.all_text_contents()
        assert 0 < len(left) < every
        assert all("batch normalisation" in text.lower() or "batchnorm" in text.lower() for text in left)
        assert page.locator(".unsaid-filter output").text_content().startswith(f"{len(left)} entr")
        field.fill("no such words")
        assert shown.count() == 0
        assert page.locator("section.unsaid:visible").count() == 0
        field.fill("")
        assert shown.count() == every
        assert not seen.errors
