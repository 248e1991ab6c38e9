"""Figures, tables and computed sentences of chapter 3.2, each a function that a hidden cell calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from IPython.display import HTML, Image, Markdown
from numpy.typing import ArrayLike, NDArray

from tlmlda_lib import domains
from tlmlda_lib.book.pages import traced
from tlmlda_lib.domains.schemes import in_words
from tlmlda_lib.evaluation import plots
from tlmlda_lib.evaluation.neighbours import chance_share, kept_share

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

#: Columns of the pictures.
TITLES = {"only_cls": "Only_cls", "tlmlda_m": "TLMLDA_M", "tlmlda": "TLMLDA"}

#: Numbers about a picture, and their place in its record; WAR in percent, the others as shares.
KINDS = {
    "WAR": ("war",),
    "neighbours by predicted class": ("shared", "predicted"),
    "neighbours by true class": ("shared", "true"),
    "true classes dealt at random": ("chance", "true"),
}

Pictures = Mapping[str, Mapping[str, Any]]


def went(a: float, b: float, unit: str = " %") -> str:
    """How a number moved: "rises from 10 to 20 %", "falls from 20 to 10 %", "stays at 10 %".

    Parameters
    ----------
    a : float
        The number before.
    b : float
        The number after.
    unit : str
        Printed after the number.
    """
    way = "rises" if b > a + 0.5 else "falls" if b < a - 0.5 else "stays"
    return f"{way} at {b:.0f}{unit}" if way == "stays" else f"{way} from {a:.0f} to {b:.0f}{unit}"


def what_moved(numbers: pd.DataFrame, alone: pd.DataFrame) -> Markdown:
    """What the epochs did to the picture, and what they did to the recognition.

    Parameters
    ----------
    numbers, alone : DataFrame
        `tlmlda_lib.book.pages.pictures.motion.Motion.numbers` with alignment and without.
    """
    first, tenth, last = (numbers.iloc[e] for e in (0, 10, -1))
    assert first["predicted"] > first["chance"] + 0.05
    assert first["war"] < 30
    assert last["predicted"] > tenth["predicted"]
    assert last["lmmd"] < tenth["lmmd"] / 2
    assert alone["mmd"].iloc[-1] > 2 * alone["mmd"].iloc[0]
    assert last["mmd"] < first["mmd"]
    assert last["predicted"] > last["head"] > 2 * last["chance"]
    return Markdown(
        f"Before training {100 * first['predicted']:.0f} % of a target point's ten nearest share its predicted "
        "emotion, but only because the network calls most recordings by one "
        f"name: dealt at random, its names would give {100 * first['chance']:.0f} %. From the tenth epoch to the last, "
        f"LMMD goes from {tenth['lmmd']:.2f} to {last['lmmd']:.2f}, and "
        f"the picture gets cleaner: the share {went(100 * tenth['predicted'], 100 * last['predicted'])}. Random heads, "
        f"which have learnt nothing, reach {100 * last['head']:.0f} % on the "
        f"same points. WAR {went(tenth['war'], last['war'])}, and the share of neighbours with the same true emotion "
        f"{went(100 * tenth['true'], 100 * last['true'])}. LMMD has moved each point to where the network's guess "
        "says, as chapter 2.4 describes. "
        f"Without alignment, MMD grows from {alone['mmd'].iloc[0]:.2f} to {alone['mmd'].iloc[-1]:.2f} while the "
        "network learns the source, so alignment does reduce the distance it is "
        "meant to reduce. Whether that improves recognition is another question."
    )


# Pictures of real corpora


def first_shown(real: Pictures) -> str | None:
    """The scheme that is shown large: B2C, or else the first that there is.

    Parameters
    ----------
    real : Pictures
        The recorded pictures, by scheme.
    """
    return "B2C" if "B2C" in real else next(iter(real), None)


def large(real: Pictures) -> Image | None:
    """One scheme: by predicted class and, on the right, by true class, a row for each method. None without records.

    Parameters
    ----------
    real : Pictures
        The recorded pictures, by scheme.
    """
    import matplotlib.pyplot as plt

    shown = first_shown(real)
    if shown is None:
        return None
    plots.use_style()
    one = real[shown]
    figure, axes = plt.subplots(3, 2, figsize=(5.2, 7.2), layout="constrained")
    for line, (method, title) in zip(axes, TITLES.items(), strict=True):
        drawn = one["methods"][method]
        for ax, codes in zip(line, (drawn["predicted"], one["emotion"]), strict=True):
            _dots(ax, drawn["xy"], codes, one["domain"] == 1, one["classes"], size=5)
        line[0].set_ylabel(title)
    axes[0, 0].set_title("predicted class")
    axes[0, 1].set_title("true class")
    _legend(figure, one["classes"])
    return _light(figure)


def further(real: Pictures, schemes: Sequence[str] = domains.OPEN_SCHEMES) -> Image | None:
    """A row of small panels for every other scheme. None without records.

    Parameters
    ----------
    real : Pictures
        The recorded pictures, by scheme.
    schemes : sequence of str
        As ("B2C", "C2B").
    """
    import matplotlib.pyplot as plt

    others = [s for s in schemes if s in real and s != first_shown(real)]
    if not others:
        return None
    plots.use_style()
    size = (5.2, 0.95 * len(others) + 1.2)
    figure, axes = plt.subplots(len(others), 6, figsize=size, layout="constrained", squeeze=False)
    for line, scheme in zip(axes, others, strict=True):
        content = real[scheme]
        line[0].set_ylabel(in_words(scheme))
        for column, method in enumerate(TITLES):
            drawn = content["methods"][method]
            pair = zip(line[2 * column : 2 * column + 2], (drawn["predicted"], content["emotion"]), strict=True)
            for ax, codes in pair:
                _dots(ax, drawn["xy"], codes, content["domain"] == 1, content["classes"], size=0.8)
    for column, title in enumerate(TITLES.values()):
        axes[0, 2 * column].set_title(f"{title},\npredicted", fontsize=9)
        axes[0, 2 * column + 1].set_title("\ntrue", fontsize=9)
    _legend(figure, sorted({c for s in others for c in real[s]["classes"]}))
    return _light(figure, 165)  # small panels: half as many pixels again


def _dots(
    ax: Any, xy: NDArray[Any], codes: NDArray[Any], target: NDArray[Any], classes: Sequence[str], size: float = 7
) -> None:
    """Source as small pale circles, target as diamonds."""
    colours = np.array([plots.colour(c) for c in classes])[codes]
    ax.scatter(*xy[~target].T, c=colours[~target], s=0.7 * size, marker="o", alpha=0.35, linewidths=0)
    ax.scatter(*xy[target].T, c=colours[target], s=size, marker="D", linewidths=0)
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
    ax.spines[["top", "right"]].set_visible(True)


def _light(figure: Any, dpi: int = 110) -> Image:
    """The picture with 64 colours: a quarter of the bytes."""
    import matplotlib.pyplot as plt
    from PIL import Image as Pixels

    drawn, small = BytesIO(), BytesIO()
    figure.savefig(drawn, dpi=dpi)
    plt.close(figure)
    Pixels.open(drawn).convert("RGB").quantize(64, dither=Pixels.Dither.NONE).save(small, "png", optimize=True)
    return Image(small.getvalue())


def _legend(figure: Any, classes: Sequence[str]) -> None:
    """Colours with their names, and the two shapes."""
    from matplotlib.lines import Line2D

    def mark(shape: str, colour: str, label: str) -> Line2D:
        return Line2D([], [], linestyle="", marker=shape, color=colour, label=label)

    marks = [mark("o", plots.colour(c), c) for c in classes]
    marks += [mark("o", plots.MUTED, "source"), mark("D", plots.MUTED, "target")]
    how = {"loc": "outside lower center", "fontsize": 9, "handletextpad": 0.1, "columnspacing": 1}
    figure.legend(handles=marks, ncols=-(-len(marks) // 2), **how)


# Numbers of the pictures


def number(real: Pictures, scheme: str, method: str, kind: str) -> float | None:
    """A number about a picture, as a share; None if it was not run.

    Parameters
    ----------
    real : Pictures
        The recorded pictures, by scheme.
    scheme : str
        As "C2B".
    method : str
        A key of `tlmlda_lib.methods.METHODS`.
    kind : str
        A key of `KINDS`.
    """
    value: Any = real.get(scheme, {}).get("methods", {}).get(method)
    for name in KINDS[kind]:
        value = None if value is None else value[name]
    if value is None:
        return None
    return value / 100 if kind == "WAR" else value


def counted(real: Pictures, scheme: str, method: str, kind: str) -> traced.Figure:
    """The same in percent, as the page prints it.

    Parameters
    ----------
    real : Pictures
        The recorded pictures, by scheme.
    scheme : str
        As "C2B".
    method : str
        A key of `tlmlda_lib.methods.METHODS`.
    kind : str
        A key of `KINDS`.
    """
    value = number(real, scheme, method, kind)
    what = f"picture of {method}: {kind}"
    if value is None:
        return traced.Figure(float("nan"), what=what)
    return traced.Figure(100 * value, records=(real[scheme]["places"][method],), what=what)


def added(real: Pictures, kind: str) -> traced.Figure:
    """TLMLDA minus Only_cls, mean over the schemes, in points.

    Parameters
    ----------
    real : Pictures
        The recorded pictures, by scheme.
    kind : str
        A key of `KINDS`.
    """
    both = {m: [real[s]["methods"][m] for s in real] for m in ("tlmlda", "only_cls")}
    assert all(both.values())
    values = {m: np.array([number(real, s, m, kind) for s in real], dtype=float) for m in both}
    places = [real[s]["places"][m] for s in real for m in both]
    gain = float(np.mean(values["tlmlda"] - values["only_cls"]))
    return traced.Figure(
        100 * gain, records=tuple(places), what=f"pictures, tlmlda minus only_cls: {kind}", signed=True
    )


def cleanest(real: Pictures) -> Markdown:
    """Of the scheme that is shown large, the method with the cleanest picture, and Only_cls beside it.

    Parameters
    ----------
    real : Pictures
        The recorded pictures, by scheme.
    """
    shown = first_shown(real)
    if shown is None:
        return Markdown(
            "Not run: no picture of real corpora is here. `tlmlda figure2` makes them where the corpora are; the next "
            "sections draw the same pictures of synthetic speech."
        )
    right, apart, true, _ = ({m: counted(real, shown, m, kind) for m in TITLES} for kind in KINDS)
    best = max(TITLES, key=lambda m: apart[m].value)
    text = (
        f"{in_words(shown, full=True)}. On the left, {TITLES[best]} is cleanest: "
        f"{apart[best].html()} % of a target point's ten nearest in *z* share its predicted class, and "
        f"{true[best].html()} % the true one; WAR is {right[best].html()} %."
    )
    if best != "only_cls":
        text += (
            f" For Only_cls, without any alignment, the three are {apart['only_cls'].html()}, "
            f"{true['only_cls'].html()} and {right['only_cls'].html()} %."
        )
    return Markdown(text)


def numbers_drawn(real: Pictures, schemes: Sequence[str] = domains.OPEN_SCHEMES) -> Drawing | None:
    """A panel for each method: neighbours with the same true and with the same predicted class. None without records.

    Parameters
    ----------
    real : Pictures
        The recorded pictures, by scheme.
    schemes : sequence of str
        As ("B2C", "C2B").
    """
    import matplotlib.pyplot as plt

    there = [s for s in schemes if s in real]
    if not there:
        return None
    plots.use_style()
    figure, axes = plt.subplots(1, len(TITLES), figsize=(5.2, 2.8), sharex=True, sharey=True, layout="constrained")
    for ax, (method, title) in zip(axes, TITLES.items(), strict=True):
        for row, scheme in enumerate(there):
            kinds = ("neighbours by true class", "neighbours by predicted class")
            true, predicted = (counted(real, scheme, method, kind).value for kind in kinds)
            ax.plot([true, predicted], [row, row], color=plots.ACCENT, linewidth=3, alpha=0.5)
            ax.plot(true, row, "o", color=plots.INK, fillstyle="none")
            ax.plot(predicted, row, "o", color=plots.INK)
        ax.set_title(title, fontsize=10)
        ax.set(xlim=(0, 100), yticks=range(len(there)), yticklabels=[in_words(s) for s in there])
    axes[0].invert_yaxis()
    figure.supxlabel("of the ten nearest (%)", fontsize=10)
    return plots.closed(figure)


def all_numbers(real: Pictures, schemes: Sequence[str] = domains.OPEN_SCHEMES) -> HTML:
    """Each scheme's numbers by method, folded away; "not run" for a scheme without records.

    Parameters
    ----------
    real : Pictures
        The recorded pictures, by scheme.
    schemes : sequence of str
        As ("B2C", "C2B").
    """
    rows: list[str] = []
    cells: list[list[traced.Figure | str]] = []
    for scheme in schemes:
        if scheme not in real:
            rows.append(in_words(scheme))
            cells.append([traced.Figure(float("nan"), what="WAR"), "", "", ""])
            continue
        for method, title in TITLES.items():
            rows.append(f"{in_words(scheme)}, {title}")
            cells.append([counted(real, scheme, method, kind) for kind in KINDS])
    columns = ["WAR", "same predicted class", "same true class", "true classes dealt at random"]
    caption = (
        "Percent. Of a target point's ten nearest target points in z, those with its class; last column: the baseline "
        "of true classes. The baseline of predicted classes, a random head, cannot be computed here, for z itself was "
        "not kept. One seed."
    )
    shown = traced.table(rows, columns, cells, caption)
    return HTML(f"<details><summary>The numbers of all schemes</summary>{shown}</details>")


def what_alignment_adds(real: Pictures) -> Markdown:
    """TLMLDA against Only_cls in all pictures, and how far t-SNE can be trusted.

    Parameters
    ----------
    real : Pictures
        The recorded pictures, by scheme.
    """
    ran = [real[s]["methods"][m] for s in real for m in TITLES]
    if not ran:
        return Markdown("Nothing was run, so nothing can be said.")
    by_word, by_fact = "neighbours by predicted class", "neighbours by true class"

    def value(scheme: str, method: str, kind: str) -> float:
        return number(real, scheme, method, kind) or 0.0

    def highest(scheme: str, kind: str) -> str:
        return max(TITLES, key=lambda m: value(scheme, m, kind))

    cleaner = sum(one["shared"]["predicted"] > one["shared"]["true"] for one in ran)
    agree = sum(highest(s, "WAR") == highest(s, by_word) for s in real)
    more = {k: sum(value(s, "tlmlda", k) > value(s, "only_cls", k) for s in real) for k in (by_word, by_fact)}
    gains = {kind: added(real, kind).html() for kind in ("WAR", by_word, by_fact)}
    trust, kept = ([one[name] for one in ran] for name in ("trustworthiness", "kept"))
    return Markdown(
        "What does alignment add to the picture? Compared with Only_cls, TLMLDA's neighbours agree more about "
        f"the predicted class in {more[by_word]} of {len(real)} schemes, and "
        f"about the true class in {more[by_fact]}. The mean differences are {gains[by_word]} points for the predicted "
        f"class, {gains[by_fact]} for the true class, and {gains['WAR']} in WAR. "
        f"In {cleaner} of {len(ran)} pictures the neighbours agree more about the predicted class than about the true "
        f"one. In {agree} of {len(real)} {'scheme' if len(real) == 1 else 'schemes'} the method with the cleanest "
        "picture also has the highest WAR. With one seed each this does not compare the "
        "methods; chapter 3.1 does. t-SNE itself is the smaller problem: the pictures' trustworthiness is "
        f"{min(trust):.2f} or more, and another seed from a random start keeps {100 * min(kept):.0f} % of the "
        "neighbours or more."
    )


# The baseline of predictions


def random_heads(
    found: Sequence[Sequence[float]], numbers: pd.DataFrame, alone: pd.DataFrame, truth: ArrayLike
) -> Markdown:
    """What random heads make of the same points, beside the trained one.

    Parameters
    ----------
    found : sequence of (float, float, float)
        Of each random head: recognised, neighbours of the same class, the same names dealt; as shares.
    numbers, alone : DataFrame
        As for `what_moved`.
    truth : array-like of shape (n,)
    """
    last, bare = numbers.iloc[-1], alone.iloc[-1]
    right, clean, dealt = np.mean(found, axis=0)
    over, over_alone = (100 * (one["predicted"] - one["head"]) for one in (last, bare))
    above = float(np.mean([share < last["predicted"] for _, share, _ in found]))
    lost = 100 * (bare["true"] - last["true"])
    assert clean > 0.7
    assert right < 0.3
    assert abs(clean - last["head"]) < 0.002
    assert over > over_alone > 0
    assert lost > 3
    return Markdown(
        f"A random head already gives {_percent(clean)}. That is the baseline for a picture coloured by predictions, "
        f"not the {_percent(dealt)} of dealt names: dealt names do not depend on *z*, "
        f"while every head, trained or not, computes its answer from *z*. The trained head gives "
        f"{_percent(last['predicted'])}, {over:.0f} points more than random heads and more than "
        f"{'each' if above == 1 else _percent(above)} of the fifty; without alignment it gives "
        f"{_percent(bare['predicted'])} where random heads give {_percent(bare['head'])}. So beyond the "
        "baseline the picture shows that training has drawn points of the same predicted emotion together, "
        "more so with alignment. It does not show whether the predictions are right. By true "
        f"emotion, for which dealt names ({_percent(chance_share(truth))}) are the right baseline, "
        f"{_percent(last['true'])} of the neighbours agree with alignment and {_percent(bare['true'])} without: the "
        f"cleaner picture is the less true one, by {lost:.0f} points."
    )


def seeds_agree(one: NDArray[Any], other: NDArray[Any]) -> None:
    """Stop the page if two maps do not agree about most neighbours, as the text states.

    Parameters
    ----------
    one : ndarray of shape (n, 2)
        One map.
    other : ndarray of shape (n, 2)
        The same points with another seed.
    """
    assert kept_share(one, other) > 0.8


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
