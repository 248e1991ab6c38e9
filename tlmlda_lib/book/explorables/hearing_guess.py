"""You against the model: clips to name by ear, and two confusion matrices. Chapter 1.1."""

from __future__ import annotations

import base64
import random
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import traitlets

from tlmlda_lib.book.explorables.base import Explorable, script, style
from tlmlda_lib.book.explorables.sitting import PEAK, checked
from tlmlda_lib.corpora.sound import mp3
from tlmlda_lib.errors import UserError


class Guess(Explorable):
    """Clips whose emotion the reader guesses, beside a model's predictions for the same clips.

    Parameters
    ----------
    clips : sequence of mappings
        Each with "emotion", "samples" (float array (n,), 0.1 to 10 s), "rate" (Hz) and optionally "caption".
    predictions : sequence of str
        The model's emotion for each clip.
    seed : int
        Random seed of the clips' order.
    address : str
        Name of the state in the page's address; empty leaves the address unchanged.

    Attributes
    ----------
    guesses : list of str
        The reader's guesses, clip by clip, in the order of the page; "" where there is none yet.
    shown : bool
        Whether the answers are visible; from then on no guess can be changed.
    truth, predicted : list of str
        The true emotions and the model's, in the order of the page.

    Raises
    ------
    UserError
        If a clip is incomplete or silent, or the number of predictions is not the number of clips.
    """

    _esm = script(__name__)
    _css = style(__name__)
    classes = traitlets.List(traitlets.Unicode()).tag(sync=True)
    audio = traitlets.List(traitlets.Unicode()).tag(sync=True)
    captions = traitlets.List(traitlets.Unicode()).tag(sync=True)
    truth = traitlets.List(traitlets.Unicode()).tag(sync=True)
    predicted = traitlets.List(traitlets.Unicode()).tag(sync=True)
    guesses = traitlets.List(traitlets.Unicode()).tag(sync=True)
    shown = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self,
        clips: Sequence[Mapping[str, Any]],
        predictions: Sequence[str],
        *,
        seed: int = 0,
        address: str = "guess",
        **kwargs: Any,
    ) -> None:
        whole = [checked({"corpus": "", **clip}, n) for n, clip in enumerate(clips)]
        predicted = [str(p) for p in predictions]
        if not whole or len(whole) != len(predicted):
            raise UserError(f"Guess got {len(whole)} clips and {len(predicted)} predictions: give one for each")
        classes = sorted({c["emotion"] for c in whole} | set(predicted))
        if len({c[0] for c in classes}) < len(classes):
            raise UserError(f"two of {', '.join(classes)} begin with one letter: the page's address needs one for each")
        order = list(range(len(whole)))
        random.Random(seed).shuffle(order)
        gain = PEAK / max(np.abs(c["samples"]).max() for c in whole)
        super().__init__(
            classes=classes,
            audio=[base64.b64encode(mp3(whole[i]["samples"] * gain, whole[i]["rate"])).decode() for i in order],
            captions=[str(whole[i]["caption"]) for i in order],
            truth=[whole[i]["emotion"] for i in order],
            predicted=[predicted[i] for i in order],
            guesses=[""] * len(whole),
            address=address,
            **kwargs,
        )
