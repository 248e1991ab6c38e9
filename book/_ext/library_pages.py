"""Pages about the library, from its docstrings alone.

``.. library:: tlmlda_lib.losses`` (inside an ``eval-rst`` fence) writes the module's own words, a table of its public
names, and an entry for each. Words such as "Chapter 2.3" in a docstring become links once that chapter is a page.
"""

from __future__ import annotations

import builtins
import importlib
import inspect
import re
from functools import cache
from pathlib import Path
from typing import Any

import chapters
from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docutils import SphinxDirective

#: Characters of a value that is shown beside its name.
LONGEST = 60
ONE = r"\d\.\d\b"
SOME = re.compile(rf"\b([Cc]hapters?) ({ONE}(?:(?:, | and | to ){ONE})*)")


def public_names(module: Any) -> dict[str, str]:
    """Names that a module offers, with the kind of entry each gets."""
    documented = ModuleAnalyzer.for_module(module.__name__).find_attr_docs()
    names = getattr(module, "__all__", None) or [n for n in vars(module) if not n.startswith("_")]
    found = {}
    for name in names:
        thing = getattr(module, name)
        own = getattr(thing, "__module__", "").startswith(module.__name__)
        if inspect.isclass(thing) and own:
            found[name] = "class"
        elif inspect.isfunction(thing) and own:
            found[name] = "function"
        elif ("", name) in documented:
            found[name] = "data"
    return found


class Library(SphinxDirective):
    """The directive."""

    required_arguments = 1
    option_spec = {"only": directives.unchanged}  # noqa: RUF012 - names, where the rest is shown elsewhere

    def run(self) -> list[nodes.Node]:
        """Write reST, and let Sphinx's own directives do the rest."""
        name = self.arguments[0]
        module = importlib.import_module(name)
        names = public_names(module)
        if only := self.options.get("only", "").split():
            names = {own: names[own] for own in only}
        # The table comes first: behind automodule its rows would point at nothing.
        text = ["", f".. currentmodule:: {name}", "", ".. autosummary::", "   :nosignatures:", ""]
        text += [f"   {own}" for own in names]
        text += ["", f".. automodule:: {name}", ""]
        for own, kind in names.items():
            value = repr(getattr(module, own))
            options = {"class": ["   :members:"], "data": ["   :no-value:"] * (len(value) > LONGEST)}.get(kind, [])
            text += [f".. auto{kind}:: {name}.{own}", *options, ""]
        node = nodes.container(classes=["library"])
        self.state.nested_parse(StringList(text, name), self.content_offset, node)
        return [node]


@cache
def written_in(book: Any) -> dict[str, chapters.Chapter]:
    """Chapters by number, read once a build: every docstring asks."""
    return chapters.read(Path(book))


def adapt(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Make a docstring fit a page that it shares; the chapters that it names become links, where they are pages."""
    written = written_in(app.srcdir)

    def page(number: str) -> str | None:
        return written[number].page if number in written else None

    def linked(match: re.Match[str]) -> str:
        word, numbers = match.groups()
        if re.fullmatch(ONE, numbers):
            return f":doc:`{match[0]} </{page(numbers)}>`" if page(numbers) else match[0]
        return f"{word} " + re.sub(ONE, lambda m: f":doc:`{m[0]} </{page(m[0])}>`" if page(m[0]) else m[0], numbers)

    lines[:] = [SOME.sub(linked, line) for line in lines]
    # Numbered references begin at 1 in every docstring: as footnotes of one page they would collide.
    lines[:] = [re.sub(r"\[(\d)\]_", r"[\1]", re.sub(r"^(\s*)\.\. \[(\d)\] ", r"\1*  [\2] ", line)) for line in lines]
    if what in ("data", "attribute", "property"):
        lines.insert(0, "\\ ")  # napoleon takes what stands before a colon in the first line for a type


def skip(app: Any, what: str, name: str, obj: Any, skipped: bool, options: Any) -> bool | None:
    """Leave out what scikit-learn writes into every estimator, and fields that Python describes by their number."""
    made = re.fullmatch(r"set_\w+_request", name) or (inspect.getdoc(obj) or "").startswith("Alias for field number")
    return True if made else None


def resolve(app: Any, env: Any, node: Any, contnode: nodes.Node) -> nodes.Node | None:
    """Words in code type that are no entry of these pages stay words; UserError is found wherever it is named."""
    if node.get("refdomain") != "py":
        return None
    target = node["reftarget"]
    if target == "UserError":
        domain = env.get_domain("py")
        return domain.resolve_xref(
            env, node["refdoc"], app.builder, "exc", "tlmlda_lib.errors.UserError", node, contnode
        )
    # `obj` comes from single backticks: a parameter, a private helper. `class` comes from types, which are words here.
    # Exceptions of Python itself have no page.
    if node["reftype"] in ("obj", "class") or hasattr(builtins, target):
        return contnode
    return None


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's entry point."""
    app.add_directive("library", Library)
    app.connect("autodoc-process-docstring", adapt, priority=400)  # before napoleon
    app.connect("autodoc-skip-member", skip)
    app.connect("missing-reference", resolve)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
