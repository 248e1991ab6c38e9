"""Figures that the command line draws from records: confusion matrices, and the paper's Figure 2."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tlmlda_lib import files
from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import plots
from tlmlda_lib.experiments import feature_scores, published

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Allowed endings of a picture's file.
FORMATS = (".svg", ".png")

#: Columns of the paper's Figure 2, by its names.
TITLES = {"only_cls": "Only_cls", "tlmlda_m": "TLMLDA_M", "tlmlda": "TLMLDA"}

#: Confusion matrices side by side.
SIDE_BY_SIDE = 3


def check_name(file: Path) -> None:
    """Check before the work that a figure can be written under this name; otherwise raise `UserError`.

    Parameters
    ----------
    file : path
        The picture's file.
    """
    if file.suffix.lower() not in FORMATS:
        raise UserError(f"--plot {file}: give a file that ends with {' or '.join(FORMATS)}")


def save(figure: Figure, file: Path) -> None:
    """Write a figure, whole or not at all, as SVG or PNG according to its name.

    Parameters
    ----------
    figure : matplotlib Figure
        The picture.
    file : path
        Where it goes.

    Raises
    ------
    UserError
        If the name ends otherwise, or the file cannot be written.
    """
    check_name(file)
    form, drawn = file.suffix.lower().removeprefix("."), io.BytesIO()
    with _style({"svg.fonttype": "none", "svg.hashsalt": "tlmlda"}):
        figure.savefig(drawn, format=form, dpi=150, metadata={"Date": None} if form == "svg" else None)
    try:
        files.write(file, drawn.getvalue())
    except OSError as error:
        raise UserError(f"{file} cannot be written ({error.strerror or error}): give another file by --plot") from error


def _style(more: Mapping[str, Any] | None = None) -> Any:
    """The book's style, while a figure is drawn."""
    import matplotlib as mpl

    settings: Any = {**plots.STYLE, **(more or {})}
    return mpl.rc_context(settings)


def confusions(found: Sequence[Mapping[str, Any]]) -> Figure:
    """A heat map for each confusion matrix: counts, and below them the percent of the row; colour is the percent.

    Parameters
    ----------
    found : sequence of dict
        As from `tlmlda_lib.experiments.tables.confusions`.
    """
    from matplotlib.figure import Figure

    columns = min(len(found), SIDE_BY_SIDE)
    rows = -(-len(found) // columns)
    side = 1.6 + 0.75 * max(len(one["classes"]) for one in found)
    with _style():
        figure = Figure(figsize=(columns * side, rows * (side + 0.3)), layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False).ravel()
        for ax, one in zip(axes, found, strict=False):
            _heat_map(ax, one)
        for ax in axes[len(found) :]:
            ax.set_axis_off()
    return figure


def readable_on(ground: Any) -> str:
    """Black or white, whichever has the higher contrast with a colour.

    Parameters
    ----------
    ground : colour
        As matplotlib takes it.
    """
    import seaborn as sns

    return "black" if sns.utils.relative_luminance(ground) > 0.179 else "white"  # where both have the same contrast


def _heat_map(ax: Axes, one: Mapping[str, Any]) -> None:
    import seaborn as sns

    counts = np.asarray(one["counts"])
    shares = 100 * counts / np.maximum(counts.sum(1, keepdims=True), 1)
    words = [[f"{n}\n{p:.0f} %" for n, p in zip(*row, strict=True)] for row in zip(counts, shares, strict=True)]
    scale = {"vmin": 0, "vmax": 100, "cmap": "cividis", "cbar": False, "square": True, "linewidths": 0.5}
    names = {"xticklabels": one["classes"], "yticklabels": one["classes"]}
    sns.heatmap(shares, ax=ax, annot=np.array(words), fmt="", annot_kws={"fontsize": 9}, **scale, **names)
    ground = ax.collections[0].cmap
    for text, share in zip(ax.texts, shares.ravel(), strict=True):
        text.set_color(readable_on(ground(share / 100)))
    ax.grid(False)
    ax.tick_params(length=0)
    ax.set_xticks(ax.get_xticks(), one["classes"], rotation=35, ha="right", rotation_mode="anchor")
    ax.set_yticks(ax.get_yticks(), one["classes"], rotation=0)
    runs = "" if one["seeds"] == 1 else f", {one['seeds']} seeds summed"
    ax.set_title(f"{one['scheme']}: {one['method']}\n{one['settings']}{runs}", fontsize=10)
    ax.set(xlabel="recognised as", ylabel="acted")


def features(table: pd.DataFrame) -> Figure:
    """Scores by feature set: a dot for each method, and its 95 % interval over the seeds.

    Parameters
    ----------
    table : DataFrame
        As from `tlmlda_lib.experiments.feature_scores.table`.
    """
    from matplotlib.figure import Figure

    sets = list(dict.fromkeys(table["features"]))
    names = list(dict.fromkeys(table["method"]))
    losses = plots.loss_colours()  # each alignment alone has the colour of its loss
    shades = (plots.MUTED, losses["MMD"], losses["LMMD"], plots.INK)
    looks = dict(
        zip((published.NAMES[m] for m in feature_scores.METHODS), zip("osvD", shades, strict=True), strict=True)
    )
    with _style():
        figure = Figure(figsize=(5.2, 1.2 + 0.8 * len(sets)), layout="constrained")
        ax = figure.subplots()
        for i, method in enumerate(names):
            rows = table[table["method"] == method]
            y = [sets.index(words) + (i - (len(names) - 1) / 2) * 0.16 for words in rows["features"]]
            ends = [rows["mean"] - rows["low"], rows["high"] - rows["mean"]]
            mark, shade = looks[method]
            ax.errorbar(rows["mean"], y, xerr=ends, fmt=mark, color=shade, markersize=5, label=method)
        ax.set_yticks(range(len(sets)), sets)
        ax.invert_yaxis()
        ax.grid(axis="y", visible=False)
        ax.set(xlabel="recognised (%), mean over the six schemes")
        figure.legend(ncols=len(names), loc="outside lower center", fontsize=9)
    return figure


def matrix(table: pd.DataFrame) -> Figure:
    """Every corpus on every other: two heat maps with one scale, without transfer and with it, which shows the gain.

    Parameters
    ----------
    table : DataFrame
        As from `tlmlda_lib.experiments.matrix.table`.
    """
    from matplotlib.figure import Figure

    order = list(dict.fromkeys([*table["source"], *table["target"]]))
    by = {name: _square(table, name, order) for name in ("only_cls", "tlmlda", "gain")}
    both = np.stack([by["only_cls"], by["tlmlda"]])
    low, high = float(np.nanmin(both)), float(np.nanmax(both))
    side = 1.4 + 0.75 * len(order)
    with _style():
        figure = Figure(figsize=(2 * side, side), layout="constrained")
        panels = (("only_cls", "without transfer", None), ("tlmlda", "with transfer (gain)", by["gain"]))
        for ax, (method, title, gains) in zip(figure.subplots(1, 2), panels, strict=True):
            image = ax.imshow(np.ma.masked_invalid(by[method]), vmin=low, vmax=max(high, low + 1), cmap="cividis")
            _numbers(ax, image, by[method], gains)
            ax.set_xticks(range(len(order)), order, rotation=35, ha="right", rotation_mode="anchor")
            ax.set_yticks(range(len(order)), order)
            ax.set(title=title, xlabel="tested on", ylabel="learnt on")
            ax.tick_params(length=0)
            ax.grid(visible=False)
    return figure


def _square(table: pd.DataFrame, values: str, order: Sequence[str]) -> np.ndarray:
    """A row for each source and a column for each target; NaN where there is no run."""
    square = np.full((len(order), len(order)), np.nan)
    for source, target, value in zip(table["source"], table["target"], table[values], strict=True):
        square[order.index(source), order.index(target)] = value
    return square


def _numbers(ax: Axes, image: Any, square: np.ndarray, gains: np.ndarray | None) -> None:
    """The score in each cell, and below it the gain, in the colour that can be read there."""
    for i, j in np.ndindex(*square.shape):
        if np.isnan(square[i, j]):
            continue
        more = "" if gains is None or np.isnan(gains[i, j]) else f"\n{gains[i, j]:+.1f}"
        colour = readable_on(image.cmap(image.norm(square[i, j])))
        words = f"{square[i, j]:.1f}{more}".replace("-", "\N{MINUS SIGN}")
        ax.text(j, i, words, ha="center", va="center", color=colour, fontsize=9)


def figure2(contents: Mapping[str, Mapping[str, Any]]) -> Figure:
    """The paper's Figure 2: for each scheme and method the features in the plane, by predicted and by acted emotion.

    Source as small pale circles, target as diamonds. The plane is t-SNE's: distances between islands mean nothing.

    Parameters
    ----------
    contents : dict of str to dict
        Pictures by scheme, as from `tlmlda_lib.experiments.pictures.read`.
    """
    from matplotlib.figure import Figure

    with _style():
        figure = Figure(figsize=(9, 1.6 * len(contents) + 1.0), layout="constrained")
        axes = figure.subplots(len(contents), 2 * len(TITLES), squeeze=False)
        for line, (scheme, content) in zip(axes, contents.items(), strict=True):
            line[0].set_ylabel(scheme)
            for column, method in enumerate(TITLES):
                drawn = content["methods"][method]
                for ax, codes in zip(line[2 * column :], (drawn["predicted"], content["emotion"]), strict=False):
                    _dots(ax, drawn["xy"], codes, content["domain"] == 1, content["classes"])
        for column, title in enumerate(TITLES.values()):
            axes[0, 2 * column].set_title(f"{title},\npredicted", fontsize=9)
            axes[0, 2 * column + 1].set_title("\nacted", fontsize=9)
        _legend(figure, sorted({c for content in contents.values() for c in content["classes"]}))
    return figure


def _dots(ax: Axes, xy: np.ndarray, codes: np.ndarray, target: np.ndarray, classes: Sequence[str]) -> None:
    colours = np.array([plots.colour(c) for c in classes])[codes]
    for rows, shape, size, alpha in ((~target, "o", 1.5, 0.35), (target, "D", 2, 1.0)):
        x, y = xy[rows].T
        ax.scatter(x, y, c=colours[rows].tolist(), s=size, marker=shape, alpha=alpha, linewidths=0, rasterized=True)
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
    ax.spines[["top", "right"]].set_visible(True)


def _legend(figure: Figure, classes: Sequence[str]) -> None:
    from matplotlib.lines import Line2D

    def mark(shape: str, colour: str, label: str) -> Line2D:
        return Line2D([], [], linestyle="", marker=shape, color=colour, label=label)

    marks = [mark("o", plots.colour(c), c) for c in classes]
    marks += [mark("o", plots.MUTED, "source (pale)"), mark("D", plots.MUTED, "target")]
    figure.legend(handles=marks, ncols=len(marks), loc="outside lower center", fontsize=8, columnspacing=1)
