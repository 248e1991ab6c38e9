"""Chapter 9.9: its sentences and its interactive figure. TODO: test what replaces the squares."""

from __future__ import annotations

import pytest

from tlmlda_lib.book.explorables import ChapterName
from tlmlda_lib.book.pages import chapter_name as page
from tlmlda_lib.errors import UserError


def test_the_sentence_names_each_square() -> None:
    assert page.squares([2, 0.5]).data == "2 squared is 4; 0.5 squared is 0.25."


def test_a_number_out_of_range_is_refused() -> None:
    assert ChapterName(4).x == 4
    with pytest.raises(UserError, match="x"):
        ChapterName(11)
