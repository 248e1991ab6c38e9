"""The library's own code, shown on a page from its source."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from types import ModuleType
from typing import Any

from IPython.display import Markdown

from tlmlda_lib.book import sixty_lines as whole_method


def bare(*functions: Callable[..., Any]) -> Markdown:
    """Functions without their docstrings.

    Parameters
    ----------
    *functions : function or method
        Of the library.
    """
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


def table(module: ModuleType, name: str) -> Markdown:
    """A module's table as it stands in the library: what it assigns to a name; no such name is a `ValueError`.

    Parameters
    ----------
    module : module
        Of the library.
    name : str
        Name of the table.
    """
    text = inspect.getsource(module)
    for node in ast.parse(text).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == name:
            return _code(ast.get_source_segment(text, node) or "")
    raise ValueError(f"{module.__name__} assigns nothing to {name}")


def sixty_lines() -> Markdown:
    """The whole TLMLDA in plain PyTorch that Part 2 builds, without the module's docstring."""
    return _code(plain_pytorch())


def plain_pytorch() -> str:
    """Text of `tlmlda_lib.book.sixty_lines`, without its docstring."""
    return inspect.getsource(whole_method).partition('"""\n\n')[2].rstrip()


def _without_docstring(function: Callable[..., Any]) -> str:
    text = textwrap.dedent(inspect.getsource(function))
    lines = text.splitlines()
    (node,) = ast.parse(text).body
    if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None:
        del lines[node.body[0].lineno - 1 : node.body[0].end_lineno]
    return "\n".join(lines)


def _code(*pieces: str) -> Markdown:
    return Markdown("```python\n" + "\n\n\n".join(pieces) + "\n```")
