"""ES modules of explorables joined into the one file that a widget takes.

On a built page, also from a folder, a widget's script cannot import its neighbours. The modules are written for
editors, type checker and Node; here each becomes a function that is called once, in the order of their imports, so
that names of two modules do not meet.
"""

from __future__ import annotations

import re
from collections.abc import Callable

#: ``import { a, b as c } from "./name.js";``, also over several lines.
_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./(\w+)\.js";\n', re.MULTILINE)

#: ``export function name``, ``export const name``, ``export class name``.
_EXPORT = re.compile(r"^export (?=(?:(?:async )?function\*?|const|class) (\w+))", re.MULTILINE)

#: Other forms. "import torch" is none: a line of Python that an explorable shows.
_OTHER = re.compile(r"""^(?:import (?:[*{"']|\w+ from\b)|export (?!default )).*""", re.MULTILINE)


#: Comments on lines of their own: a third of the modules, which a phone need not load.
_COMMENTS = re.compile(r"^[ \t]*(?://.*|/\*\*(?:(?!\*/)[\s\S])*\*/[ \t]*)\n", re.MULTILINE)


def joined(name: str, source: Callable[[str], str]) -> str:
    """One module that has all that the named one imports, directly or through others, without comments.

    Parameters
    ----------
    name : str
        Name of the module, without ``.js``; its default export becomes that of the whole.
    source : callable
        The text of a module by its name.

    Raises
    ------
    ValueError
        If modules import each other in a circle, or one imports or exports in a form that is not joined.
    """
    found: dict[str, str] = {}
    _gather(name, source, found, ())
    own = found.pop(name)
    return "".join(_called(each, text) for each, text in found.items()) + _body(name, own)


def _gather(name: str, source: Callable[[str], str], found: dict[str, str], above: tuple[str, ...]) -> None:
    """Put a module into `found` after those that it imports."""
    if name in above:
        raise ValueError(f"modules import each other in a circle: {' -> '.join((*above, name))}")
    if name in found:
        return
    text = source(name)
    for match in _IMPORT.finditer(text):
        _gather(match[2], source, found, (*above, name))
    found[name] = text


def _called(name: str, text: str) -> str:
    """A module as a function's result: an object with its exports."""
    exports = ", ".join(match[1] for match in _EXPORT.finditer(text))
    return f"const ${name} = (() => {{\n{_body(name, text)}return {{ {exports} }};\n}})();\n"


def _body(name: str, text: str) -> str:
    """A module's text with imports from the objects of others, and without ``export``."""

    def taken(match: re.Match[str]) -> str:
        names = ", ".join(each.strip().replace(" as ", ": ") for each in match[1].split(",") if each.strip())
        return f"const {{ {names} }} = ${match[2]};\n"

    body = _EXPORT.sub("", _IMPORT.sub(taken, _COMMENTS.sub("", text)))
    other = _OTHER.search(body)
    if other:
        raise ValueError(f"{name}.js: {other[0]!r} is not joined: import by names from './other.js', export a name")
    return body
