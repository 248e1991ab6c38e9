"""What chapter 1.7 draws and says: three ways in which a target differs, the harm of alignment, what to do first."""

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
    "other shares": ((-1.0, 1.0), (0.85, 0.15)),
    "emotions swapped": ((1.0, -1.0), (0.5, 0.5)),
}
SOURCE = ((-1.0, 1.0), (0.5, 0.5))
SPREAD = 0.5


def three_shifts() -> Drawing:
    """Densities of two emotions on a line: those of the source above, three targets below it."""
    import matplotlib.pyplot as plt

    plots.use_style()
    figure, axes = plt.subplots(2, 3, figsize=(5.2, 3.2), sharex=True, sharey=True, layout="constrained")
    for ax, domain in zip(axes[:, 0], ("source", "target"), strict=True):
        ax.set_ylabel(domain, color=plots.DOMAIN_COLOURS[domain])
    for column, (name, target) in zip(axes.T, SHIFTS.items(), strict=True):
        for ax, (middles, shares) in zip(column, (SOURCE, target), strict=True):
            _hills(ax, middles, shares)
            ax.axvline(0, color=plots.INK, linewidth=1)
            ax.set(yticks=[])
            ax.grid(visible=False)
        column[0].set_title(name, fontsize=10)
        column[1].set_xlabel("a feature")
    return plots.closed(figure)


def _hills(ax: Any, middles: tuple[float, float], shares: tuple[float, float]) -> None:
    """A hill for each emotion, as high as it is frequent, with its name above it."""
    x = np.linspace(-2.6, 4.1, 400)
    for emotion, middle, share in zip(("anger", "sad"), middles, shares, strict=True):
        y = share * np.exp(-((x - middle) ** 2) / (2 * SPREAD**2))
        ax.fill_between(x, y, color=plots.colour(emotion), alpha=0.35, linewidth=0)
        ax.plot(x, y, color=plots.colour(emotion))
        paper = {"facecolor": "white", "edgecolor": "none", "pad": 1}  # over the line at 0
        ax.annotate(emotion, (middle, share), (0, 4), textcoords="offset points", ha="center", fontsize=9, bbox=paper)
    ax.set_ylim(0, 1.1)


Clouds = dict[str, NDArray[np.float64]]

#: Two linear classifiers as the x at which each line crosses the height 0, and how far it leans for each step upwards.
LINES = ((0.0, 0.0), (0.1, 0.8))


def two_classifiers() -> Clouds:
    """Forty points of a source and forty of a target that lies further right, to draw `LINES` through."""
    rng = np.random.default_rng(3)
    return {domain: rng.normal((middle, 0), (0.9, 0.9), (40, 2)) for domain, middle in (("source", 0), ("target", 1.3))}


def _between(points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which points lie right of one line of `LINES` and left of the other."""
    one, other = (points[:, 0] > at + lean * points[:, 1] for at, lean in LINES)
    return one != other


def disagreement(clouds: Clouds) -> Drawing:
    """Both clouds with the same two lines through them; what lies between the lines is shaded.

    Parameters
    ----------
    clouds : dict of str to ndarray of shape (n, 2)
        As from `two_classifiers`.
    """
    import matplotlib.pyplot as plt

    plots.use_style()
    figure, axes = plt.subplots(1, 2, figsize=(5.2, 2.6), sharex=True, sharey=True, layout="constrained")
    heights = np.array([-3.4, 3.4])
    for ax, (domain, points) in zip(axes, clouds.items(), strict=True):
        fine = np.linspace(heights[0], heights[-1], 201)
        ax.fill_betweenx(fine, *(at + lean * fine for at, lean in LINES), color=plots.RULE, linewidth=0)
        for at, lean in LINES:
            ax.plot(at + lean * heights, heights, color=plots.INK, linewidth=1.2)
        ax.scatter(*points.T, s=22, color=plots.DOMAIN_COLOURS[domain], marker="oD"[domain == "target"], zorder=3)
        ax.set(xlim=(-2.8, 3.8), ylim=heights, xticks=[], yticks=[], title=domain)
        ax.grid(visible=False)
    return plots.closed(figure)


def disagreement_in_words(clouds: Clouds) -> Markdown:
    """On how much of each domain the two classifiers of `LINES` disagree, and what the distance makes of it.

    Parameters
    ----------
    clouds : dict of str to ndarray of shape (n, 2)
        As from `two_classifiers`.
    """
    source, target = (100 * float(_between(clouds[domain]).mean()) for domain in ("source", "target"))
    return Markdown(
        f"*Two classifiers disagree in the shaded part.* That is {source:.1f} % of the source's points and "
        f"{target:.1f} % of the target's, a difference of {abs(source - target):.1f} points. The "
        f"distance is at least as large, for another pair may differ more."
    )


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
    low, high = (_alone(ears.mean(records, sets, "only_cls")) for sets in (ears.IS10, ears.BEST))
    return Markdown(
        f"Better features gain the most. Without transfer, the network recognises {low} % on IS10 and {high} % on the "
        f"better features. On these, TLMLDA {_adds(much)}; on IS10 it {_adds(little)}."
    )


def _adds(answer: policy.Answer) -> str:
    points = f"{_alone(traced.answered(answer))} points"
    if answer.verdict == "open":
        return f"makes no significant difference ({points})"
    return f"{'adds' if answer.verdict == 'better' else 'changes the score by'} {points}"


def _alone(figure: traced.Figure) -> str:
    """The number without its interval: this page does not explain intervals, chapter 0.1 prints them."""
    kept = {name: getattr(figure, name) for name in ("records", "what", "signed", "against")}
    return traced.Figure(figure.value, **kept).html()


def lopsided() -> Markdown:
    """What alignment did to targets of which 70 % have one emotion, from the records."""
    runs = [r for r in shipped.records(feature_scores.GRID) if f"-{schemes.MOSTLY}" in r["scheme"]]
    return lopsided_in_words({m: [r for r in runs if r["method"] == m] for m in ("tlmlda", "only_cls")})


def lopsided_in_words(runs: Mapping[str, Sequence[Mapping[str, Any]]]) -> Markdown:
    """Sentences on such targets: both means, and how many lose; the page says that it harms.

    Parameters
    ----------
    runs : mapping of str to sequence of dict
        Records of "tlmlda" and of "only_cls", the same network without transfer.
    """
    answer = policy.ask({"lopsided": (runs["tlmlda"], runs["only_cls"])})["lopsided"]
    assert answer.verdict == "worse"
    wars = {s: [traced.figure(runs[m], s, m) for m in ("tlmlda", "only_cls")] for s in answer.schemes}
    aligned, alone = (_alone(traced.mean_over(side)) for side in zip(*wars.values(), strict=True))
    lose = sum(one.value < other.value for one, other in wars.values())
    return Markdown(
        f"Recordings of people show the same harm. We drew {len(answer.schemes)} targets from the recordings of three "
        "corpora; in each target one emotion makes up 70 %. On average over these targets, and on a speech encoder's "
        f"features, TLMLDA recognises {aligned} % of the utterances, and the same network without transfer {alone} %. "
        "TLMLDA is significantly worse (difference "
        f"{_alone(traced.answered(answer))} points). {lose} of the "
        f"{len(answer.schemes)} targets lose by alignment."
    )


def errors(by_way: Mapping[str, NDArray[np.bool_]]) -> Markdown:
    """What is wrong before and after each domain got a scale of its own, and why.

    Parameters
    ----------
    by_way : mapping of str to ndarray of bool
        "as they are" and "each on its own scale": which target points are wrong.
    """
    before, after = (int(wrong.sum()) for wrong in by_way.values())
    assert before < after
    n = len(by_way["as they are"])
    return Markdown(
        f"Without alignment, {before} of {n} target points are wrong. With each domain on its own scale, {after} are "
        f"wrong. Anger is frequent in the target and pulls its mean to the left. To make the means equal, the scaling "
        f"moves the target to the right, and some of the anger crosses the threshold."
    )
