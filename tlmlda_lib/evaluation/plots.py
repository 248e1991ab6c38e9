"""Colours and style of every picture: one colour per emotion, the same in plots and in interactive figures.

The colours maximise the smallest distance (CIELAB) between any two of the nine, with full colour vision and with each
kind of colour blindness; each has a contrast of at least 3 to 1 with its background. Nine colours are still many: a
picture also prints each emotion's name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tlmlda_lib.errors import UserError

#: Colour of each emotion of `tlmlda_lib.corpora.EMOTIONS`, on a light background.
EMOTION_COLOURS = {
    "anger": "#b7353b",
    "boredom": "#a88d78",
    "calm": "#129ca8",
    "disgust": "#0c4604",
    "fear": "#59007b",
    "happy": "#aa7701",
    "neutral": "#373435",
    "sad": "#4064c4",
    "surprise": "#a64670",
}

#: The same hues for a dark background.
EMOTION_COLOURS_DARK = {
    "anger": "#e54238",
    "boredom": "#ebcfaa",
    "calm": "#4af1ef",
    "disgust": "#93f06e",
    "fear": "#7767fe",
    "happy": "#ea8c00",
    "neutral": "#848379",
    "sad": "#66abf5",
    "surprise": "#e814b0",
}

#: Source and target; on a light and on a dark background.
DOMAIN_COLOURS = {"source": "#1f5fa8", "target": "#b4540a"}
DOMAIN_COLOURS_DARK = {"source": "#7db8ff", "target": "#ffad5c"}

#: Ink and lines of the figures.
INK, MUTED, RULE = "#1d2733", "#55606d", "#d5dae0"

#: What a picture is about, and several of a kind: no emotion and no corpus has these colours, and of the losses only y.
ACCENT = "#0f766e"
SERIES = (ACCENT, INK, MUTED, "#5b8f89")

STYLE: dict[Any, Any] = {
    "figure.figsize": (5.2, 3.4),  # a phone shows it 350 pixels wide, with letters of 8 pixels and more
    "figure.dpi": 110,
    "figure.facecolor": "white",
    "savefig.bbox": "tight",
    "savefig.pad_inches": 0.04,  # as much as lies round a figure with a constrained layout: its size stays
    "savefig.facecolor": "white",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib: the same picture on every machine
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "image.cmap": "cividis",
}


def use_style() -> None:
    """Set the book's style for every later figure, with the domains' colours as its cycle."""
    import matplotlib as mpl
    from cycler import cycler

    settings: Any = mpl.rcParams  # its type lists several hundred names, which a plain dict lacks
    settings.update(STYLE)
    settings["axes.prop_cycle"] = cycler(color=[*DOMAIN_COLOURS.values(), *EMOTION_COLOURS.values()])


def loss_colours(*, dark: bool = False) -> dict[str, str]:
    """Colour of each loss of `tlmlda_lib.losses.LOSSES`, as ``#rrggbb``, on a light or a dark background.

    Parameters
    ----------
    dark : bool
        For a dark background.
    """
    from tlmlda_lib.losses import LOSSES

    return {name: row.colour[dark] for name, row in LOSSES.items()}


def colour(emotion: str, *, dark: bool = False) -> str:
    """Colour of an emotion, as ``#rrggbb``.

    Parameters
    ----------
    emotion : str
        One of `tlmlda_lib.corpora.EMOTIONS`.
    dark : bool
        For a dark background.

    Returns
    -------
    str

    Raises
    ------
    UserError
        If the emotion has no colour.

    Examples
    --------
    >>> colour("anger")
    '#b7353b'
    """
    try:
        return (EMOTION_COLOURS_DARK if dark else EMOTION_COLOURS)[emotion]
    except KeyError:
        raise UserError(f"emotion {emotion!r} has no colour: use one of {', '.join(EMOTION_COLOURS)}") from None


def in_lines(names: Iterable[str], width: int = 30) -> list[str]:
    """Long names on several lines; what is in brackets begins one.

    Parameters
    ----------
    names : iterable of str
        Labels of an axis.
    width : int
        Most letters of a line.

    Examples
    --------
    >>> in_lines(["JDAR (z-scores by corpus)", "subspace alignment (z-scores by corpus)"])
    ['JDAR (z-scores by corpus)', 'subspace alignment\\n(z-scores by corpus)']
    """
    from textwrap import fill

    def divided(name: str) -> str:
        parts = name.replace(" (", "\n(").split("\n") if len(name) > width else [name]
        return "\n".join(fill(part, width, break_on_hyphens=False) for part in parts)

    return [divided(name) for name in names]


def closed(figure: Any) -> Any:
    """The figure, closed in pyplot: a cell shows the figure that it returns, and would show an open one twice.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        As from ``plt.subplots``.

    Returns
    -------
    matplotlib.figure.Figure
        The same.
    """
    import matplotlib.pyplot as plt

    plt.close(figure)
    return figure
