"""A small book built by Sphinx in this process, for tests of the book's extensions."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx


def build(folder: Path, out: Path, config: Mapping[str, Any]) -> str:
    """The site of `folder`, in `out`; returns Sphinx's warnings.

    Sphinx keeps the endings of source files in a default that all its applications of a process share, so that a book
    read by one parser for Markdown would decide for the next: each book gets endings of its own.
    """
    warnings = io.StringIO()
    own = {"source_suffix": {".rst": "restructuredtext"}, **config}
    Sphinx(folder, None, out, out.with_name(f"{out.name}-trees"), "html", own, status=None, warning=warnings).build()
    return warnings.getvalue()
