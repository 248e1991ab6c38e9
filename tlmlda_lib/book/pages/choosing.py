"""What chapter 1.6 draws and computes: scores to choose by, the rule that chooses, what the oracle gains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from IPython.display import Markdown
from numpy.typing import NDArray

from tlmlda_lib import domains, methods
from tlmlda_lib.book.explorables import ChooseC
from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.shift import SCALINGS
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.evaluation import plots, war
from tlmlda_lib.experiments import query, shipped
from tlmlda_lib.methods.pca_svm import C_GRID

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

#: Points from which on a dot of the picture has its scheme beside it.
NAMED = 1.5

TASKS = {"d2z": "German to Mandarin", "z2d": "Mandarin to German"}


def by_eye() -> ChooseC:
    """The interactive figure: folds of the source and scores of the target, in both directions of the synthetic speech.

    Everything is as `tlmlda_lib.methods.pca_svm.PCASVM` has it with min-max scaling, and is computed in seconds.
    """
    tasks = {}
    for scheme, words in TASKS.items():
        pair = domains.load_pair(scheme, progress=False)
        svm = methods.make("pca_svm", "minmax").fit(
            pair.X, pair.y, sample_domain=pair.sample_domain, groups=pair.groups
        )
        on_target = [war(pair.truth, row) for row in svm.target_predictions_[:-1]]
        tasks[words] = (100 * svm.fold_accuracies_, on_target)
    return ChooseC(C_GRID, tasks)


def assert_one_standard_error(chosen: float, rate: Sequence[float], error: Sequence[float]) -> None:
    """Compare the chosen C with the page's rule: the smallest whose rate is within one standard error of the best.

    Parameters
    ----------
    chosen : float
        The chosen C.
    rate : sequence of float
        Mean rate at each C.
    error : sequence of float
        Its standard error.
    """
    top = int(np.argmax(rate))
    assert chosen == min(C for C, r in zip(C_GRID, rate, strict=True) if r >= rate[top] - error[top])


def price(svm: Any, truth: NDArray[Any], on_target: Sequence[float]) -> Markdown:
    """What the best C on target labels gives beyond the one that was chosen without them, in points.

    Parameters
    ----------
    svm : PCASVM
        Fitted; its last row of predictions is that of the chosen C.
    truth : ndarray of shape (n_t,)
    on_target : sequence of float
        WAR of each C of `C_GRID`.
    """
    taken = war(truth, svm.target_predictions_[-1])
    assert taken == on_target[C_GRID.index(svm.C_)]
    return Markdown(
        f"The honest C gives {taken:.1f} %, the oracle {max(on_target):.1f} %. The difference, "
        f"{max(on_target) - taken:.1f} points, is what peeking at five settings adds."
    )


def people() -> list[dict[str, Any]]:
    """Recorded runs of PCA + SVM between corpora of people: honest and oracle WAR, by scheme and scaling."""
    return measured(shipped.records("main"))


def measured(records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same of given records, scheme by scheme, in the order of `SCALINGS`.

    Parameters
    ----------
    records : iterable of dict
    """
    kept = query.selected(r for r in records if r["method"] == "pca_svm" and r["preset"] in SCALINGS)
    rows = [
        {
            "scheme": r["scheme"],
            "scaling": r["preset"],
            "honest": r["rules"]["final"]["war"],
            "oracle": r["rules"]["oracle"]["war"],
        }
        for r in kept
    ]
    return sorted(rows, key=lambda r: (OPEN_SCHEMES.index(r["scheme"]), [*SCALINGS].index(r["scaling"])))


def gains(rows: Sequence[Mapping[str, Any]]) -> Markdown:
    """Mean and largest gain of the oracle over the honest choice, in points; the page says that it is never below 0.

    Parameters
    ----------
    rows : sequence of dict
        From `measured`.
    """
    more = np.array([r["oracle"] - r["honest"] for r in rows])
    assert (more >= 0).all()
    return Markdown(
        f"**Choosing C on target labels adds {more.mean():.1f} points on average and up to {more.max():.1f}.** In "
        f"{(more == 0).sum()} of {len(more)} cases the honest choice was the best one already."
    )


def largest_gain(rows: Sequence[Mapping[str, Any]], records: Iterable[Mapping[str, Any]]) -> Markdown:
    """The case in which the oracle gains most, with its records.

    Parameters
    ----------
    rows : sequence of dict
        From `measured`.
    records : iterable of dict
        Of which they were measured.
    """
    top, kept = max(rows, key=lambda r: r["oracle"] - r["honest"]), list(records)
    case = top["scheme"], "pca_svm", top["scaling"]
    honest, oracle = (traced.figure(kept, *case, rule=rule).html() for rule in ("final", "oracle"))
    return Markdown(
        f"The largest gain is on {top['scheme']} with {SCALINGS[top['scaling']]}: {honest} becomes {oracle} %. None of "
        "it would come with another target."
    )


def gains_drawn(rows: Sequence[Mapping[str, Any]]) -> Drawing:
    """The oracle's gain: a row for each scaling, a dot for each scheme, the larger ones with their names.

    Parameters
    ----------
    rows : sequence of dict
        From `measured`.
    """
    import matplotlib.pyplot as plt

    plots.use_style()
    figure, ax = plt.subplots(figsize=(5.2, 2.4), layout="constrained")
    names: dict[tuple[float, int], list[tuple[float, str]]] = {}  # dots that nearly coincide share a label
    for r in rows:
        x, y = r["oracle"] - r["honest"], [*SCALINGS].index(r["scaling"])
        ax.plot(x, y, "o", color=plots.ACCENT, alpha=0.6)
        if x >= NAMED:
            names.setdefault((round(x), y), []).append((x, r["scheme"]))
    for (_, y), known in names.items():
        place = sum(x for x, _ in known) / len(known), y
        schemes = ", ".join(scheme for _, scheme in known)
        ax.annotate(schemes, place, (0, 7), textcoords="offset points", ha="center", fontsize=9)
    ax.set_yticks(range(len(SCALINGS)), SCALINGS.values())
    ax.set(xlabel="what the oracle gains (points)", ylim=(len(SCALINGS) - 0.5, -0.7))
    return plots.closed(figure)
