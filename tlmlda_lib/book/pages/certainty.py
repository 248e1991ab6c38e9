"""What chapter 1.5 computes: speakers to draw from, how wide an interval is, how many points a few speakers allow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from IPython.display import Markdown

from tlmlda_lib.book.pages import traced
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.evaluation import plots, report
from tlmlda_lib.experiments import shipped, tables

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

Ends = tuple[float, float]
#: Speakers in the target, share of its largest class, WAR, and the interval of the WAR over speakers.
Measured = tuple[int, float, float, float, float]


def by_speaker(truth: Any, predicted: Any, speakers: Any) -> dict[str, tuple[int, int]]:
    """By speaker: how many utterances were recognised, and how many there are.

    Parameters
    ----------
    truth, predicted, speakers : array-like of shape (n,)

    Examples
    --------
    >>> by_speaker([0, 1, 1], [0, 1, 0], ["de/a", "de/a", "de/b"])
    {'a': (2, 2), 'b': (0, 1)}
    """
    hits, who = np.asarray(truth) == np.asarray(predicted), np.asarray(speakers)
    return {
        str(name).split("/")[-1]: (int(hits[who == name].sum()), int((who == name).sum())) for name in np.unique(who)
    }


def what_moves(truth: Any, predicted: Any, speakers: Any) -> Markdown:
    """The first sentences: a score and how far its speakers lie apart.

    Parameters
    ----------
    truth, predicted, speakers : array-like of shape (n,)
    """
    one = report(truth, predicted, speakers)
    low, high = min(one.by_speaker.values()), max(one.by_speaker.values())
    return Markdown(
        f"A classifier that learnt five emotions from Mandarin recognises {one.war:.1f} % of the German utterances. "
        f"Of one speaker it recognises {low:.0f} %, of another {high:.0f} %. With other speakers the score would have "
        "been different, and a score without an interval hides how different."
    )


def how_wide(utterances: int, speakers: int, wide: Ends, narrow: Ends) -> Markdown:
    """How much longer the interval over speakers is than that over utterances; the page says that it is longer.

    Parameters
    ----------
    utterances : int
        Number of utterances.
    speakers : int
        Number of speakers.
    wide : (float, float)
        Interval over speakers.
    narrow : (float, float)
        Interval over utterances.
    """
    longer = (wide[1] - wide[0]) / (narrow[1] - narrow[0])
    assert longer > 1.2
    return Markdown(
        f"The {utterances} utterances come from {speakers} speakers. One speaker is easier than another, so a "
        f"speaker's utterances are easy or hard together. The honest interval is {longer:.1f} times as long. With so "
        "few speakers it is itself a rough guide, and tends to be too short."
    )


def widths() -> dict[str, Measured]:
    """By scheme between corpora of people: `Measured` of PCA + SVM with z-scores within each corpus."""
    records = [r for r in shipped.records("main") if r["method"] == "pca_svm" and r["preset"] == "zscore"]
    return measured(records)


def measured(records: Sequence[Mapping[str, Any]]) -> dict[str, Measured]:
    """The same of given records, one for each scheme.

    Parameters
    ----------
    records : sequence of dict
    """
    speakers = {r["scheme"]: r["counts"]["target_speakers"] for r in records}
    table = tables.summary(records).set_index("scheme")
    columns = ["majority", "final_war", "final_war_speakers_low", "final_war_speakers_high"]
    return {s: (speakers[s], *(float(v) for v in table.loc[s, columns])) for s in OPEN_SCHEMES if s in speakers}


def longest(found: Mapping[str, Measured], records: Iterable[Mapping[str, Any]]) -> Markdown:
    """The longest of the intervals and its score, with its record.

    Parameters
    ----------
    found : dict
        From `widths`.
    records : iterable of dict
        Of which they were measured.
    """
    scheme = max(found, key=lambda s: found[s][4] - found[s][3])
    _, _, _, low, high = found[scheme]
    score = traced.figure(records, scheme, "pca_svm", "zscore", rule="final").html()
    return Markdown(f"The longest is on {scheme}: WAR {score} %, other speakers {low:.0f} to {high:.0f} %.")


def intervals_drawn(found: Mapping[str, Measured]) -> Drawing:
    """A dot with its interval over speakers for each scheme, and a tick for the largest class; fewest speakers first.

    Parameters
    ----------
    found : dict
        From `widths`.
    """
    import matplotlib.pyplot as plt

    plots.use_style()
    figure, ax = plt.subplots(figsize=(5.2, 2.8), layout="constrained")
    order = sorted(found, key=lambda s: found[s][0])
    for y, scheme in enumerate(order):
        _, largest, war, low, high = found[scheme]
        ax.plot(largest, y, "|", color=plots.INK, markersize=14)
        ax.plot([low, high], [y, y], color=plots.ACCENT, linewidth=2.5)
        ax.plot(war, y, "o", color=plots.INK)
    ax.set_yticks(range(len(order)), [f"{s}, {found[s][0]} speakers" for s in order])
    ax.annotate("largest class", (found[order[0]][1], 0), (0, 12), textcoords="offset points", ha="center", fontsize=9)
    ax.set(xlabel="WAR of PCA + SVM (%), with 95 % over speakers", xlim=(10, 65), ylim=(-0.9, len(order) - 0.5))
    ax.invert_yaxis()
    return plots.closed(figure)


def width_in_words(found: Mapping[str, Measured]) -> Markdown:
    """The finding of that picture: how long the intervals are.

    Parameters
    ----------
    found : dict
        From `widths`.
    """
    lengths = [high - low for *_, low, high in found.values()]
    few, many = (pick(n for n, *_ in found.values()) for pick in (min, max))
    return Markdown(
        f"**With {few} to {many} target speakers, an interval is {min(lengths):.0f} to {max(lengths):.0f} points "
        "long.** Two methods that differ by two points on one pair of corpora may well change places with other "
        "speakers."
    )
