"""A number to move, and its square. Chapter 9.9. TODO: name what is moved, and what it shows."""

from __future__ import annotations

from typing import Any

import traitlets

from tlmlda_lib.book.explorables.base import Explorable, script, style
from tlmlda_lib.book.explorables.settings import Number


class ChapterName(Explorable):
    """A number, and its square.

    Parameters
    ----------
    x : float
        From 0 to 10.
    address : str
        Name of the state in the page's address; empty leaves the address unchanged.

    Attributes
    ----------
    square : float
        Read back from the page.

    Raises
    ------
    UserError
        If the number is out of its range.
    """

    _esm = script(__name__)
    _css = style(__name__)
    x = Number(0, 10, 3.0)
    square = traitlets.Float(0.0).tag(sync=True)

    def __init__(self, x: float = 3.0, *, address: str = "chapter_name", **kwargs: Any) -> None:
        super().__init__(x=x, address=address, **kwargs)
