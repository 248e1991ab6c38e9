"""Two corpora in a plane: points that can be heard, and that move with the scaling. Chapter 1.4."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import traitlets

from tlmlda_lib.book.explorables.base import Explorable, script, style
from tlmlda_lib.book.explorables.settings import Choice
from tlmlda_lib.book.explorables.sitting import PEAK
from tlmlda_lib.corpora.sound import mp3
from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import plots

#: Sampling rate of the clips on the page, Hz: enough to hear an emotion, and small for many clips.
RATE = 12000

#: Number of nearest neighbours on the page.
NEIGHBOURS = 5


class TwoCorpora(Explorable):
    """A map of utterances for each scaling: neighbours, predictions, and sound.

    Parameters
    ----------
    points : sequence of mappings
        Each with "corpus" (one of two names), "emotion" (one of `tlmlda_lib.corpora.EMOTIONS`) and "speaker"; those
        with "samples" (float array (n,)) and "rate" (Hz) can be heard. At least `NEIGHBOURS` + 1 points.
    maps : mapping of str to mapping
        A map by its name: "xy" (array (n, 2), where each point lies) and "predicted" (n emotions, ``""`` where a point
        has no prediction).
    colour : {"emotion", "corpus"}
        Meaning of the points' colours.
    address : str
        Name of the state in the page's address; empty leaves the address unchanged.

    Attributes
    ----------
    chosen : str
        Name of the visible map.

    Raises
    ------
    UserError
        If points and maps do not match, or contain what cannot be shown.
    """

    _esm = script(__name__)
    _css = style(__name__)
    points = traitlets.List(traitlets.Dict()).tag(sync=True)
    maps = traitlets.List(traitlets.Dict()).tag(sync=True)
    neighbours = traitlets.Int(NEIGHBOURS).tag(sync=True)
    chosen = Choice(lambda w: [m["name"] for m in w.maps], "")
    colour = Choice(("emotion", "corpus"), "emotion")

    def __init__(
        self,
        points: Sequence[Mapping[str, Any]],
        maps: Mapping[str, Mapping[str, Any]],
        *,
        colour: str = "emotion",
        address: str = "corpora",
        **kwargs: Any,
    ) -> None:
        if len(points) <= NEIGHBOURS:
            raise UserError(f"TwoCorpora got {len(points)} points: give at least {NEIGHBOURS + 1}")
        corpora = list(dict.fromkeys(str(p.get("corpus", "")) for p in points))
        if len(corpora) != 2 or "" in corpora:
            raise UserError(f"the points are from the corpora {corpora}: each needs one, and there must be two")
        for p in points:
            plots.colour(p.get("emotion", ""))
        loudest = max((np.abs(p["samples"]).max() for p in points if "samples" in p), default=1.0)
        if not maps:
            raise UserError("TwoCorpora got no map: give at least one, with xy and predicted")
        shown = [_map(name, one, len(points)) for name, one in maps.items()]
        super().__init__(
            points=[_point(p, corpora, PEAK / max(loudest, 1e-9)) for p in points],
            maps=shown,
            chosen=shown[0]["name"],
            colour=colour,
            address=address,
            **kwargs,
        )


def _map(name: str, one: Mapping[str, Any], n: int) -> dict[str, Any]:
    xy, predicted = np.asarray(one["xy"], dtype=float), [str(e) for e in one["predicted"]]
    if xy.shape != (n, 2) or not np.isfinite(xy).all() or len(predicted) != n:
        raise UserError(
            f"map {name!r} has places of shape {xy.shape} and {len(predicted)} predictions: "
            f"({n}, 2) finite numbers and {n} are needed"
        )
    for emotion in set(predicted) - {""}:
        plots.colour(emotion)
    # Scaled to some hundreds, so that rounded numbers are exact enough and short.
    xy = xy - xy.mean(0)
    xy = (1000 * xy / max(np.abs(xy).max(), 1e-12)).round(1)
    return {"name": name, "xy": xy.tolist(), "predicted": predicted}


def _point(point: Mapping[str, Any], corpora: list[str], gain: float) -> dict[str, Any]:
    shown = {
        "corpus": str(point["corpus"]),
        "place": corpora.index(str(point["corpus"])),
        "emotion": point["emotion"],
        "speaker": str(point.get("speaker", "")),
    }
    if "samples" in point:
        shown["audio"] = clip(point["samples"], point["rate"], gain)
    return shown


def clip(samples: Any, rate: float, gain: float) -> str:
    """A recording as base64 text of an MP3 at `RATE`.

    Parameters
    ----------
    samples : array_like of shape (n,)
        One channel, 0.1 to 10 s.
    rate : float
        Hz.
    gain : float
        Factor for the samples.

    Raises
    ------
    UserError
        If the sound has another length or shape.
    """
    from scipy.signal import resample_poly

    samples, rate = np.asarray(samples, dtype=np.float64), int(rate)
    if samples.ndim != 1 or rate <= 0 or not 0.1 <= len(samples) / rate <= 10:
        raise UserError(f"a clip has shape {samples.shape} at {rate} Hz: use one channel of 0.1 to 10 seconds")
    step = Fraction(RATE, rate)
    less = resample_poly(samples * gain, step.numerator, step.denominator)
    return base64.b64encode(mp3(np.clip(less, -1, 1).astype(np.float32), RATE)).decode()
