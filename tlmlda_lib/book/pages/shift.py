"""What chapter 1.4 computes and draws: what scaling alone wins, on synthetic speech and on people's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from IPython.display import Markdown

from tlmlda_lib.book.pages import traced
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.evaluation import plots
from tlmlda_lib.experiments import policy, shipped, tables

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

Record = Mapping[str, Any]

#: Scalings of the records by preset, and their words; the picture sorts them by mean WAR.
SCALINGS = {
    "voices": "z-scores, each voice",
    "zscore": "z-scores, each corpus",
    "rank": "ranks, each corpus",
    "minmax": "min-max, each corpus",
}


def what_scaling_wins(pair: Any, maps: Mapping[str, Mapping[str, Sequence[str]]]) -> Markdown:
    """How much of the target is recognised on one scale, on each corpus's and on each voice's.

    Parameters
    ----------
    pair : Pair
    maps : dict of str to dict
        By "together", "each corpus" and "each voice", among others, what was predicted of each row.
    """
    truth = np.array(pair.classes)[pair.truth]
    wars = {how: 100 * (np.array(one["predicted"])[pair.target] == truth).mean() for how, one in maps.items()}
    return Markdown(
        "**Notice.** On one scale the two corpora form two separate clouds: language, speakers and room are in the "
        "same numbers as the emotion, and they weigh more, so a mark's neighbours come from its own corpus. "
        f"{wars['together']:.1f} % of the target are recognised, where "
        f"guessing gives {100 / len(pair.classes):.0f}. With each corpus on a scale of its own the clouds meet, and "
        f"{wars['each corpus']:.1f} % are recognised; with each voice, {wars['each voice']:.1f}. Only the scale has "
        "changed; the classifier is the same."
    )


def people() -> list[Record]:
    """The records of PCA + SVM and of naming one emotion, between corpora of people."""
    return [r for r in shipped.records("main") if r["method"] in ("pca_svm", "majority")]


def scores(records: Iterable[Record]) -> pd.DataFrame:
    """WAR and UAR of each scaling and scheme with its interval over speakers; by scaling, the best mean WAR first.

    Parameters
    ----------
    records : iterable of dict
        As from `people`.

    Returns
    -------
    DataFrame
        Rows by scaling (a word of `SCALINGS`, or "majority") and scheme; columns war, low, high, uar.
    """
    table = tables.summary(list(records))
    found = pd.DataFrame(
        {
            "scaling": [
                "majority" if m == "majority" else SCALINGS[p]
                for m, p in zip(table["method"], table["preset"], strict=True)
            ],
            "scheme": table["scheme"],
            "war": table["final_war"],
            "low": table["final_war_speakers_low"],
            "high": table["final_war_speakers_high"],
            "uar": table["final_uar"],
        }
    )
    order = found.groupby("scaling")["war"].mean().sort_values(ascending=False).index
    return found.set_index(["scaling", "scheme"]).reindex(order, level=0)


def scalings_drawn(found: pd.DataFrame) -> Drawing:
    """A panel for each scheme: a dot and its interval over speakers for each scaling, a line for naming one emotion.

    Parameters
    ----------
    found : DataFrame
        From `scores`.
    """
    import matplotlib.pyplot as plt

    plots.use_style()
    every = [s for s in dict.fromkeys(found.index.get_level_values(0)) if s != "majority"]
    schemes = [s for s in OPEN_SCHEMES if s in found.index.get_level_values(1)]
    rows = -(-len(schemes) // 3)  # three in a row, so that a phone shows the letters large enough
    how: dict[str, Any] = {"sharex": True, "sharey": True, "layout": "constrained", "squeeze": False}
    figure, axes = plt.subplots(rows, min(3, len(schemes)), figsize=(5.2, 0.4 + 1.9 * rows), **how)
    for ax in axes.flat[len(schemes) :]:
        ax.set_visible(False)
    for ax, scheme in zip(axes.flat, schemes, strict=False):
        for y, scaling in enumerate(every):
            row = found.loc[scaling, scheme]
            ax.plot([row["low"], row["high"]], [y, y], color=plots.ACCENT)
            ax.plot(row["war"], y, "o", color=plots.INK, markersize=5)
        ax.axvline(found.loc[("majority", scheme), "war"], color=plots.INK, linestyle=":", linewidth=1.2)
        ax.set(title=scheme, xlim=(10, 70), xticks=[20, 40, 60])
    axes[0, 0].set_yticks(range(len(every)), every)
    axes[0, 0].invert_yaxis()
    figure.supxlabel("WAR (%)", fontsize=10)
    return plots.closed(figure)


def what_scales_best(found: pd.DataFrame, records: Iterable[Record]) -> Markdown:
    """Means of the scalings over the schemes, and the difference of the first two; the page names both.

    Parameters
    ----------
    found : DataFrame
        From `scores`.
    records : iterable of dict
        As from `people`.
    """
    mean = found.groupby("scaling")[["war", "uar"]].mean()
    voices, corpus, minmax = (SCALINGS[preset] for preset in ("voices", "zscore", "minmax"))
    ranked = mean["war"].drop("majority").sort_values(ascending=False)
    assert [*ranked.index[:2], ranked.index[-1]] == [voices, corpus, minmax]
    runs = {p: [r for r in records if r["method"] == "pca_svm" and r["preset"] == p] for p in SCALINGS}
    asked = {p: (runs[p], runs["minmax"]) for p in ("zscore", "voices")}
    answers = policy.ask(asked)
    by_corpus, by_voice = (traced.answered(answers[p], "points").html() for p in asked)
    verb = {"better": "gain", "worse": "lose", "open": "make no significant difference:"}[answers["zscore"].verdict]
    return Markdown(
        f"**The scale alone is the difference between {mean['war'][minmax]:.1f} and {mean['war'][voices]:.1f} %**, on "
        f"average of the six directions; naming one emotion each time gives {mean['war']['majority']:.1f} % (UAR: "
        f"{mean['uar'][minmax]:.1f}, {mean['uar'][voices]:.1f} and {mean['uar']['majority']:.1f} %). Beside the "
        f"paper's min-max scaling, z-scores within each corpus {verb} {by_corpus}; z-scores within each "
        f"voice, {by_voice}."
    )
