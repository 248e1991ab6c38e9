"""What chapter 1.7 draws and computes: three kinds of shift, a bound for thresholds on a line, what to do first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from IPython.display import Markdown
from numpy.typing import NDArray

from tlmlda_lib.book.pages import ears, traced
from tlmlda_lib.domains import schemes
from tlmlda_lib.evaluation import plots
from tlmlda_lib.experiments import feature_scores, policy, shipped

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

#: Middles of anger and sadness in the target, and their shares; in the source -1 and 1, and a half each.
SHIFTS: dict[str, tuple[tuple[float, float], tuple[float, float]]] = {
    "moved as a whole": ((0.5, 2.5), (0.5, 0.5)),
    "label shift": ((-1.0, 1.0), (0.85, 0.15)),
    "conditional shift": ((1.0, -1.0), (0.5, 0.5)),
}
SOURCE = ((-1.0, 1.0), (0.5, 0.5))
SPREAD = 0.5


def three_shifts() -> Drawing:
    """Densities of two emotions on a line: those of the source above, three targets below it."""
    import matplotlib.pyplot as plt

    plots.use_style()
    figure, axes = plt.subplots(2, 3, figsize=(8, 3.4), sharex=True, sharey=True, layout="constrained")
    for ax, domain in zip(axes[:, 0], ("source", "target"), strict=True):
        ax.set_ylabel(domain, color=plots.DOMAIN_COLOURS[domain])
    for column, (name, target) in zip(axes.T, SHIFTS.items(), strict=True):
        for ax, (middles, shares) in zip(column, (SOURCE, target), strict=True):
            _hills(ax, middles, shares)
            ax.axvline(0, color=plots.INK, linewidth=1)
            ax.set(yticks=[])
            ax.grid(visible=False)
        column[0].set_title(name)
        column[1].set_xlabel("a feature")
    return plots.closed(figure)


def _hills(ax: Any, middles: tuple[float, float], shares: tuple[float, float]) -> None:
    """A hill for each emotion, as high as it is frequent, with its name above it."""
    x = np.linspace(-3, 4.5, 400)
    for emotion, word, middle, share in zip(("anger", "sad"), ("anger", "sadness"), middles, shares, strict=True):
        y = share * np.exp(-((x - middle) ** 2) / (2 * SPREAD**2))
        ax.fill_between(x, y, color=plots.colour(emotion), alpha=0.35, linewidth=0)
        ax.plot(x, y, color=plots.colour(emotion))
        ax.annotate(word, (middle, share), (0, 3), textcoords="offset points", ha="center", fontsize=9)
    ax.set_ylim(0, 1.1)


def what_first(records: list[ears.Record], answers: Mapping[str, policy.Answer]) -> Markdown:
    """What better features gain without transfer, and what transfer adds on either; the page says features first.

    Parameters
    ----------
    records : list of dict
        As from `tlmlda_lib.book.pages.ears.read`.
    answers : mapping of str to Answer
        As from `tlmlda_lib.book.pages.ears.ask`.
    """
    little, much, features = (answers[name] for name in ears.QUESTIONS)
    # The section's order is a claim about these records: it stands only while better features gain the most.
    assert features.value > max(little.value, much.value)
    alone = ears.mean(records, ears.BEST, "only_cls").html()
    return Markdown(
        f"In points, better features gain {traced.answered(features).html()} on the six schemes without any transfer, "
        f"and reach {alone} %. Transfer then {_adds(much)} on these features; on IS10 it {_adds(little)}."
    )


def _adds(answer: policy.Answer) -> str:
    points = traced.answered(answer).html()
    if answer.verdict == "open":
        return f"makes no significant difference ({points})"
    return f"{'gains' if answer.verdict == 'better' else 'loses'} {points}"


def lopsided() -> Markdown:
    """What alignment did to targets of which 70 % have one emotion, from the records."""
    runs = [r for r in shipped.records(feature_scores.GRID) if f"-{schemes.MOSTLY}" in r["scheme"]]
    return lopsided_in_words({m: [r for r in runs if r["method"] == m] for m in ("tlmlda", "only_cls")})


def lopsided_in_words(runs: Mapping[str, Sequence[Mapping[str, Any]]]) -> Markdown:
    """The sentence on such targets: both means, the difference, and how many targets lose; the page says that it harms.

    Parameters
    ----------
    runs : mapping of str to sequence of dict
        Records of "tlmlda" and of "only_cls", the same network without transfer.
    """
    answer = policy.ask({"lopsided": (runs["tlmlda"], runs["only_cls"])})["lopsided"]
    assert answer.verdict == "worse"
    wars = {
        m: {s: np.mean([policy.score(r) for r in own if r["scheme"] == s]) for s in answer.schemes}
        for m, own in runs.items()
    }
    aligned, alone = (float(np.mean([*wars[m].values()])) for m in ("tlmlda", "only_cls"))
    lose = sum(wars["tlmlda"][s] < wars["only_cls"][s] for s in answer.schemes)
    return Markdown(
        f"Recordings of people show the harm. On {len(answer.schemes)} targets of which 70 % have one emotion, TLMLDA "
        f"recognises {aligned:.1f} %, and the same network without transfer {alone:.1f} % (difference "
        f"{traced.answered(answer).html()}); {lose} of the {len(answer.schemes)} targets lose by alignment."
    )


def errors(by_way: Mapping[str, NDArray[np.bool_]]) -> Markdown:
    """Two sentences on what is wrong before and after each domain got a scale of its own.

    Parameters
    ----------
    by_way : mapping of str to ndarray of bool
        "as they are" and "each on its own scale": which target points are wrong.
    """
    before, after = (int(wrong.sum()) for wrong in by_way.values())
    assert before < after
    n = len(by_way["as they are"])
    return Markdown(
        f"The classifier of the source gets {before} of {n} target points wrong. With each domain on a scale of its "
        f"own it gets {after} wrong: the means meet, so the frequent emotion moves across the border."
    )
