"""The library's own code, shown on a page from its source."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from typing import Any

from IPython.display import Markdown


def whole(*things: Any) -> Markdown:
    """Functions, methods and classes as they stand in the library."""
    return _code(*map(_source, things))


def bare(*functions: Callable[..., Any]) -> Markdown:
    """Functions without their docstrings."""
    return _code(*map(_without_docstring, functions))


def piece(function: Callable[..., Any], start: str, end: str) -> Markdown:
    """Lines of a function.

    Parameters
    ----------
    function : callable
    start, end : str
        Words of the first line and of the last; a text that is not there is a `ValueError`.
    """
    text = inspect.getsource(function)
    first = text.index(start)
    last = text.index("\n", text.index(end, first) + len(end))
    return _code(textwrap.dedent(text[text.rindex("\n", 0, first) + 1 : last]))


def _source(thing: Any) -> str:
    return textwrap.dedent(inspect.getsource(thing)).rstrip()


def _without_docstring(function: Callable[..., Any]) -> str:
    head, _, rest = _source(function).partition('    """')
    return (head + rest.partition('"""\n')[2]).rstrip()


def _code(*pieces: str) -> Markdown:
    return Markdown("```python\n" + "\n\n\n".join(pieces) + "\n```")
