"""The library's own code, shown on a page from its source."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from IPython.display import Markdown


def whole(*things: Any) -> Markdown:
    """Functions and classes as they stand in the library."""
    return _code(*(inspect.getsource(thing).rstrip() for thing in things))


def bare(*functions: Callable[..., Any]) -> Markdown:
    """Functions without their docstrings."""
    return _code(*map(_without_docstring, functions))


def piece(function: Callable[..., Any], start: str, end: str) -> Markdown:
    """Lines of a function.

    Parameters
    ----------
    function : callable
    start, end : str
        Words of the first line, and those that end the last; a text that is not there is a `ValueError`.
    """
    text = inspect.getsource(function)
    first = text.index(start)
    lines = text[text.rindex("\n", 0, first) + 1 : text.index(end, first) + len(end)]
    return _code(inspect.cleandoc("\n" + lines))


def _without_docstring(function: Callable[..., Any]) -> str:
    head, _, rest = inspect.getsource(function).partition('    """')
    return (head + rest.partition('"""\n')[2]).rstrip()


def _code(*pieces: str) -> Markdown:
    return Markdown("```python\n" + "\n\n\n".join(pieces) + "\n```")
