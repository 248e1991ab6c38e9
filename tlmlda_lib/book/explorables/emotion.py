"""Cross-entropy: five scores to move, their cross-entropy (equation 2), and where its gradient leads. Chapter 2.2."""

from __future__ import annotations

from typing import Any

import numpy as np
import traitlets
from numpy.typing import ArrayLike

from tlmlda_lib.book.explorables.base import Explorable, script, style
from tlmlda_lib.book.explorables.settings import Choice, Number
from tlmlda_lib.errors import UserError

#: The five emotions, in the order of the scores.
EMOTIONS = ("anger", "fear", "happy", "neutral", "sad")

#: Equation 2 as it is meant, and as it is printed: without its minus sign.
SIGNS = ("meant", "printed")


class CrossEntropy(Explorable):
    """Five scores, their softmax, the loss of one utterance, and one gradient step after another.

    Parameters
    ----------
    scores : array_like of shape (5,)
        Logits of anger, fear, happy, neutral and sad, -10 .. 10.
    true : str
        The true emotion.
    sign : {"meant", "printed"}
        What a step minimises: the cross-entropy, or the cross-entropy without its minus sign.
    rate : float
        Step size, 0.1 to 5.
    address : str
        Name of the state in the page's address; empty leaves the address unchanged.

    Attributes
    ----------
    loss, probability : float
        Read back from the page: the cross-entropy in nats, as `tlmlda_lib.losses.classification` gives it, and the
        probability of the true emotion.
    steps : int
        Gradient steps since the last move.

    Raises
    ------
    UserError
        If the scores, the emotion, the sign or the rate cannot be used.
    """

    _esm = script(__name__)
    _css = style(__name__)
    scores = traitlets.List(traitlets.Float()).tag(sync=True)
    true = Choice(EMOTIONS, "anger")
    sign = Choice(SIGNS, "meant")
    rate = Number(0.1, 5, 1.0)
    loss = traitlets.Float(0.0).tag(sync=True)
    probability = traitlets.Float(0.0).tag(sync=True)
    steps = traitlets.Int(0).tag(sync=True)

    def __init__(
        self,
        scores: ArrayLike = (0.5, -0.5, 1.5, 0.0, -1.0),
        *,
        true: str = "anger",
        sign: str = "meant",
        rate: float = 1.0,
        address: str = "entropy",
        **kwargs: Any,
    ) -> None:
        values = np.asarray(scores, dtype=float)
        if values.shape != (len(EMOTIONS),):
            raise UserError(f"scores has shape {values.shape}: give one number for each of {', '.join(EMOTIONS)}")
        if not (np.abs(values) <= 10).all():
            raise UserError("scores has a number outside -10 .. 10, or one that is not finite: scale them down")
        super().__init__(scores=values.tolist(), true=true, sign=sign, rate=rate, address=address, **kwargs)
