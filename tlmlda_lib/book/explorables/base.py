"""What all interactive figures share: one script, one style sheet, the colours of the plots."""

from __future__ import annotations

import re
from pathlib import Path

import anywidget
import traitlets

from tlmlda_lib.book.explorables.joined import joined
from tlmlda_lib.evaluation import plots

_HERE = Path(__file__).parent

#: Selectors of a dark page: this book's theme, JupyterLab, Colab, VS Code.
DARK = 'html[data-theme="dark"]', 'body[data-jp-theme-light="false"]', 'html[theme="dark"]', "body.vscode-dark"


#: Classes of an interactive figure's outermost element, in shared sheets.
_ROOTS = re.compile(r"\.tl(-points|-corpora)?(?![\w-])")


class Explorable(anywidget.AnyWidget):
    """Base of all interactive figures.

    A subclass in ``name.py`` sets ``_esm = script(__name__)`` and ``_css = style(__name__)``: its own ``name.js`` and
    ``name.css``. A widget takes one file, so modules that ``name.js`` imports are joined with it.

    Parameters
    ----------
    address : str
        Name under which the state is written to the page's address, so that a setting can be linked; two figures of one
        kind on one page need two names. Empty leaves the address unchanged.
    """

    address = traitlets.Unicode("").tag(sync=True)


def script(module: str) -> str:
    """The script of an interactive figure: its own ``name.js`` with all that it imports, as one module.

    Parameters
    ----------
    module : str
        Name of its module, ``__name__``.
    """
    return joined(module.rpartition(".")[2], lambda name: _text(f"{name}.js"))


def style(module: str, *shared: str) -> str:
    """The style sheet of an interactive figure: the colours, ``base.css``, shared sheets, then its own ``name.css``.

    A notebook has several interactive figures, and each brings a sheet of its own. Shared rules are therefore bound to
    the figure that brings them: otherwise the last sheet on a page would override the others' own rules. `:where` adds
    nothing to the specificity of a selector.

    Parameters
    ----------
    module : str
        Name of its module, ``__name__``.
    *shared : str
        Names of sheets that it shares with others, without suffix.
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
    # Where the reader forces colours, the background is the reader's, whatever the page declares.
    forced = "".join(
        f"@media (forced-colors: active) and (prefers-color-scheme: {scheme}) {{\n{rule('.tl.tl.tl', *tables)}}}\n"
        for scheme, tables in (("light", light), ("dark", dark))
    )
    return rule(".tl", *light) + rule(f":is({', '.join(DARK)}) .tl", *dark) + forced


def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8") + "\n"
