"""What all explorables have in common: one script, one style sheet, the colours of the plots."""

from __future__ import annotations

import json
import re
from pathlib import Path

import anywidget
import traitlets

from tlmlda_lib.evaluation import plots

_HERE = Path(__file__).parent

#: Signs by which a page says that it is dark: this book's theme, JupyterLab, Colab, VS Code.
DARK = 'html[data-theme="dark"]', 'body[data-jp-theme-light="false"]', 'html[theme="dark"]', "body.vscode-dark"


#: Classes of an explorable's outermost element, in the sheets that several share.
_ROOTS = re.compile(r"\.tl(-points|-corpora)?(?![\w-])")


class Explorable(anywidget.AnyWidget):
    """Base of all explorables.

    A subclass in ``name.py`` sets ``_esm = script(__name__)`` and ``_css = style(__name__)``: its own ``name.js`` and
    ``name.css``. A widget's script can import nothing from its neighbours on a page that was built, so ``base.js`` is
    put before it and its functions are simply there.

    Parameters
    ----------
    address : str
        Name under which the state is written to the page's address, so that a setting can be linked; two explorables
        of one kind on one page need two names. Empty: the address is left alone.
    """

    address = traitlets.Unicode("").tag(sync=True)


def script(module: str, *shared: str) -> str:
    """The script of the explorable that a module holds: ``base.js``, what it shares with others, then ``name.js``."""
    own = module.rpartition(".")[2]
    return f"const EXPLORABLE = {json.dumps(own)};\n" + "".join(_text(f"{name}.js") for name in ("base", *shared, own))


def style(module: str, *shared: str) -> str:
    """Its style sheet: the colours, ``base.css``, what it shares with others, then ``name.css``.

    A notebook has several explorables, and each brings a sheet of its own. What sheets share is therefore bound to the
    explorable that brings it: the last sheet of a page would otherwise override what the others say of themselves.
    `:where` adds nothing to the weight of a selector.
    """
    own = module.rpartition(".")[2]
    text = "".join(_text(f"{name}.css") for name in ("base", *shared, own))
    return colours() + _ROOTS.sub(rf'\g<0>:where([data-explorable="{own}"])', text)


def colours() -> str:
    """CSS variables of the plots' colours, ``--tl-anger``, ``--tl-loss-MMD`` and so on, for light and dark pages."""

    def rule(selector: str, *tables: dict[str, str]) -> str:
        lines = "".join(f"  --tl-{name}: {value};\n" for table in tables for name, value in table.items())
        return f"{selector} {{\n{lines}}}\n"

    def losses(*, dark: bool) -> dict[str, str]:
        return {f"loss-{name}": value for name, value in plots.loss_colours(dark=dark).items()}

    light = plots.EMOTION_COLOURS, plots.DOMAIN_COLOURS, losses(dark=False)
    dark = plots.EMOTION_COLOURS_DARK, plots.DOMAIN_COLOURS_DARK, losses(dark=True)
    # Where the reader's own colours are forced on a page, theirs is the ground, whatever the page says of itself.
    forced = "".join(
        f"@media (forced-colors: active) and (prefers-color-scheme: {scheme}) {{\n{rule('.tl.tl.tl', *tables)}}}\n"
        for scheme, tables in (("light", light), ("dark", dark))
    )
    return rule(".tl", *light) + rule(f":is({', '.join(DARK)}) .tl", *dark) + forced


def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8") + "\n"
