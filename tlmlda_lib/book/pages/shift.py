"""What chapter 1.4 computes: what scaling alone wins, how wide an interval is, what peeking at a setting buys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from IPython.display import Markdown
from numpy.typing import NDArray

from tlmlda_lib.evaluation import war
from tlmlda_lib.methods.pca_svm import C_GRID

Ends = tuple[float, float]


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
        "**Notice.** On one scale the two corpora have nothing to do with each other: the language, the speakers and "
        "the room are in the same numbers as the emotion, and weigh more there. What lies next to a mark comes from "
        f"its own corpus, and what is next in the other one has its emotion by chance. {wars['together']:.1f} % of the "
        f"target are recognised, where guessing gives {100 / len(pair.classes):.0f}. With each corpus on a scale of "
        f"its own the clouds meet, and {wars['each corpus']:.1f} % are recognised; with each voice, "
        f"{wars['each voice']:.1f}. Nothing was learnt in between."
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
        f"The {utterances} utterances come from {speakers} speakers, and one speaker is easier than another, so that "
        f"their utterances are easy or hard together. The honest interval is {longer:.1f} times as long. With so few "
        "it is itself a rough guide, and tends to be too short."
    )


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
        f"{max(on_target) - taken:.1f} points, is the price of peeking at five settings."
    )
