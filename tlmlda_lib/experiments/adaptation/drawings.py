"""Pictures of an answer, as SVG in text: emotions, certainty, and both domains in the plane. Chapter 3.5."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tlmlda_lib.domains import DomainPair
from tlmlda_lib.evaluation import plots
from tlmlda_lib.experiments import figures, scatter
from tlmlda_lib.experiments.adaptation.networks import Networks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Colour of what was learnt from, and of what is unsure.
PALE = "#9aa5b1"

#: Width of a picture on a page, and of that for a narrow screen, in inches of 96 pixels.
WIDE, NARROW = 7.3, 3.7

#: Smallest letters, in points: 4/3 of as many pixels where a picture is shown in its own width.
SMALL = 9

#: Most points of a domain in the plane; of more, as many are drawn by chance.
POINTS = 1000


def emotions(predicted: pd.Series, learnt: pd.Series, classes: Sequence[str], width: float = WIDE) -> Figure:
    """Shares of the emotions: in what was learnt from, and in the answer.

    Parameters
    ----------
    predicted, learnt : Series of str
        An emotion for each recording.
    classes : sequence of str
        Emotions, in their order.
    width : float
        `WIDE` or `NARROW`.
    """
    figure, ax = _figure(width, 0.9 + 0.46 * len(classes))
    for series, away, colour, label in (
        (learnt, -0.2, PALE, "learnt from"),
        (predicted, 0.2, plots.DOMAIN_COLOURS["target"], "your recordings"),
    ):
        share = 100 * series.value_counts(normalize=True).reindex(list(classes), fill_value=0.0)
        rows = np.arange(len(classes)) + away
        ax.barh(rows, share, height=0.36, color=colour, label=label)
        for row, value in zip(rows, share, strict=True):
            ax.annotate(f"{value:.0f} %", (value, row), (3, 0), textcoords="offset points", va="center", fontsize=SMALL)
    ax.set_yticks(range(len(classes)), list(classes))
    ax.invert_yaxis()
    ax.grid(visible=False)
    ax.set(xlabel="recordings (%)")
    ax.margins(x=0.12 if width > NARROW else 0.25)
    figure.legend(ncols=2, loc="outside upper right", fontsize=SMALL)
    return figure


def certainty(answer: pd.DataFrame, classes: Sequence[str], width: float = WIDE) -> Figure:
    """How probable the named emotion is, of recordings on which all networks agree and of the others.

    Parameters
    ----------
    answer : DataFrame
        `Answer.predictions`.
    classes : sequence of str
        Emotions.
    width : float
        `WIDE` or `NARROW`.
    """
    figure, ax = _figure(width, 2.8)
    p = 100 * answer[list(classes)].to_numpy().max(1)
    unsure = answer["unsure"].to_numpy()
    bins = np.linspace(100 / len(classes), 100, 21)
    ax.hist(
        [p[~unsure], p[unsure]],
        bins=bins,
        stacked=True,
        color=[plots.DOMAIN_COLOURS["target"], PALE],
        label=["all networks agree", "unsure"],
    )
    ax.grid(axis="x", visible=False)
    ax.set(xlabel="probability of the named emotion (%)", ylabel="recordings")
    figure.legend(ncols=2, loc="outside upper right", fontsize=SMALL)
    return figure


@dataclass(frozen=True)
class Clouds:
    """Both domains in the plane, before and after alignment.

    Attributes
    ----------
    before, after : ndarray of shape (n, 2), float64
        Principal components of scaled features, and of the layer that the first network aligned.
    target : ndarray of shape (n,), bool
        Which points are the target's.
    named : ndarray of shape (n,), str
        The emotion that this network names.
    shown : tuple of str
        The emotions that it names at all.
    """

    before: NDArray[np.float64]
    after: NDArray[np.float64]
    target: NDArray[np.bool_]
    named: NDArray[Any]
    shown: tuple[str, ...]


def clouds(pair: DomainPair, fitted: Networks, seed: int = 0) -> Clouds:
    """Both domains in the plane: as scaled features, and in the layer that the first network aligned.

    Principal components of the points that are drawn, so that distances mean what they seem to.

    Parameters
    ----------
    pair : DomainPair
    fitted : Networks
        Fitted on the pair.
    seed : int
        Of the draw, where there are more than `POINTS`.
    """
    clf = fitted.aligned[0]
    codes = {"voices": fitted.voices, "speaker": pair.groups}.get(clf.scaler_.within)
    scaled = clf.scaler_.transform(pair.X, sample_domain=pair.sample_domain, groups=codes)
    z, named = scatter.aligned(clf, pair)
    rows = _drawn(pair, seed)
    names = {str(pair.classes[c]) for c in np.unique(named)}
    shown = tuple(c for c in pair.classes if c in names)
    return Clouds(
        _plane(scaled[rows]), _plane(z[rows]), pair.target[rows], np.asarray(pair.classes)[named[rows]], shown
    )


def planes(both: Clouds, width: float = WIDE) -> Figure:
    """A picture of `clouds`: beside each other, or one below the other where the screen is narrow.

    Parameters
    ----------
    both : Clouds
    width : float
        `WIDE` or `NARROW`.
    """
    across = width > NARROW
    figure, axes = _figure(width, 3.9 if across else 7.4, *((1, 2) if across else (2, 1)))
    titled = (("before: features", both.before), ("after: the aligned layer", both.after))
    for ax, (title, xy) in zip(axes, titled, strict=True):
        _points(ax, xy, both.target, both.named)
        ax.set_title(title)
    _legend(figure, both.shown, 5 if across else 3)
    return figure


def _drawn(pair: DomainPair, seed: int) -> NDArray[np.int64]:
    rng = np.random.default_rng(seed)
    kept = []
    for mask in (~pair.target, pair.target):
        rows = np.flatnonzero(mask)
        kept.append(rows if len(rows) <= POINTS else np.sort(rng.choice(rows, POINTS, replace=False)))
    return np.concatenate(kept)


def _plane(x: NDArray[Any]) -> NDArray[np.float64]:
    from sklearn.decomposition import PCA

    return np.asarray(PCA(2, svd_solver="full").fit_transform(np.asarray(x, dtype=np.float64)))


def _points(ax: Axes, xy: NDArray[np.float64], target: NDArray[np.bool_], named: NDArray[Any]) -> None:
    colours = np.array([plots.colour(str(e)) for e in named])
    (x, y), (xt, yt) = xy[~target].T, xy[target].T
    ax.scatter(x, y, c=PALE, s=5, linewidths=0)
    ax.scatter(xt, yt, c=colours[target].tolist(), s=11, marker="D", linewidths=0)
    ax.set(xticks=[], yticks=[])
    ax.grid(visible=False)


def _legend(figure: Figure, shown: Sequence[str], columns: int) -> None:
    from matplotlib.lines import Line2D

    marks = [Line2D([], [], linestyle="", marker="o", color=PALE, label="learnt from")]
    marks += [Line2D([], [], linestyle="", marker="D", color=plots.colour(e), label=e) for e in shown]
    figure.legend(handles=marks, ncols=columns, loc="outside lower center", fontsize=SMALL)


def confusion(counts: NDArray[np.int64], truth: Sequence[str], classes: Sequence[str]) -> Figure:
    """Who is taken for whom: counts, coloured by their share of the row.

    Parameters
    ----------
    counts : ndarray of shape (len(truth), len(classes)), int64
    truth, classes : sequence of str
        Emotions as labelled, and as named.
    """
    import matplotlib as mpl

    share = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    figure, ax = _figure(1.8 + 0.7 * len(classes), 1.5 + 0.5 * len(truth))
    ax.imshow(share, vmin=0, vmax=1, cmap="Blues", aspect="auto")
    ground = mpl.colormaps["Blues"]
    for i, j in np.ndindex(*counts.shape):
        colour = figures.readable_on(ground(share[i, j]))
        ax.text(j, i, str(counts[i, j]), ha="center", va="center", color=colour, fontsize=9)
    ax.set_xticks(range(len(classes)), list(classes), rotation=35, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(truth)), list(truth))
    ax.set(xlabel="named", ylabel="labelled")
    figure.suptitle(f"Who is taken for whom (n = {counts.sum()})", fontsize=11)
    ax.grid(visible=False)
    ax.tick_params(length=0)
    return figure


def _figure(width: float, height: float, rows: int = 1, columns: int = 1) -> tuple[Figure, Any]:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(_style()):
        figure = Figure(figsize=(width, height), layout="constrained")
        return figure, figure.subplots(rows, columns)


def _style() -> Any:
    settings: Mapping[str, Any] = {**plots.STYLE, "svg.hashsalt": "tlmlda", "svg.fonttype": "path"}
    return settings


def svg(figure: Figure, title: str | None = None) -> bytes:
    """A picture as SVG, the same bytes each time.

    Parameters
    ----------
    figure : Figure
    title : str, optional
        For those who do not see it.
    """
    import matplotlib as mpl

    drawn = io.BytesIO()
    metadata: dict[str, str | None] = {"Date": None, "Creator": None} | ({"Title": title} if title else {})
    with mpl.rc_context(_style()):
        figure.savefig(drawn, format="svg", metadata=metadata)
    return drawn.getvalue()


def address(figure: Figure) -> str:
    """A picture as the address of an image on a page that needs nothing else.

    Parameters
    ----------
    figure : Figure
    """
    return "data:image/svg+xml;base64," + base64.b64encode(svg(figure)).decode()
