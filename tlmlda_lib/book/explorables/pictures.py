"""The motion of features: where training takes each recording, epoch by epoch, coloured three ways. Chapter 3.2."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import traitlets

from tlmlda_lib.book.explorables.base import Explorable, script, style
from tlmlda_lib.book.explorables.settings import Choice, Number
from tlmlda_lib.book.explorables.shift import clip
from tlmlda_lib.book.explorables.sitting import PEAK
from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import plots

#: Meanings of a point's colour.
COLOURS = ("predicted", "true", "domain")

#: Numbers per epoch that a run contains; the page itself counts hits and the share under random labels.
NUMBERS = ("mmd", "lmmd", "predicted", "true", "head")

#: The largest coordinate, as a whole number of 16 bits.
LARGEST = 30000


class FeatureMotion(Explorable):
    """A slider of epochs over the points of one or several runs.

    Parameters
    ----------
    points : sequence of mappings
        Each with "domain" ("source" or "target"), "emotion" (one of `tlmlda_lib.corpora.EMOTIONS`) and, if wanted,
        "caption" (who speaks, in which language); those with "samples" (float array (n,)) and "rate" (Hz) can be
        heard.
    runs : mapping of str to mapping
        A run by its name: "xy" (array (epochs + 1, n, 2), in one plane for all epochs), "predicted" (array (epochs + 1,
        n) of codes), "numbers" (of each epoch, as `tlmlda_lib.book.pages.pictures.motion.Motion` has them) and "share"
        (how much of the spread the plane holds, 0 to 1).
    emotions : sequence of str
        Names of the codes.
    neighbours : int
        Number of neighbours behind the numbers.
    epoch : int
        The epoch to begin with.
    colour : {"predicted", "true", "domain"}
    magnify : bool
        Whether each epoch fills the frame.
    address : str
        Name of the state in the page's address; empty leaves the address unchanged.

    Raises
    ------
    UserError
        If points and runs do not match, or contain what cannot be shown.
    """

    _esm = script(__name__)
    _css = style(__name__, "shift")
    points = traitlets.List(traitlets.Dict()).tag(sync=True)
    runs = traitlets.List(traitlets.Dict()).tag(sync=True)
    emotions = traitlets.List(traitlets.Unicode()).tag(sync=True)
    neighbours = traitlets.Int(10).tag(sync=True)
    run = Choice(lambda w: [r["name"] for r in w.runs], "")
    epoch = Number(0, lambda w: max(len(r["predicted"]) for r in w.runs) - 1, 0)
    colour = Choice(COLOURS, COLOURS[0])
    magnify = traitlets.Bool(True).tag(sync=True)

    def __init__(
        self,
        points: Sequence[Mapping[str, Any]],
        runs: Mapping[str, Mapping[str, Any]],
        emotions: Sequence[str],
        *,
        neighbours: int = 10,
        epoch: int = 0,
        colour: str = COLOURS[0],
        magnify: bool = True,
        address: str = "motion",
        **kwargs: Any,
    ) -> None:
        for p in points:
            if p.get("domain") not in plots.DOMAIN_COLOURS or p.get("emotion") not in emotions:
                raise UserError(
                    f"a point is of domain {p.get('domain')!r} and emotion {p.get('emotion')!r}: use source or target, "
                    f"and one of {', '.join(emotions)}"
                )
        for emotion in emotions:
            plots.colour(emotion)
        if len({p["domain"] for p in points}) < 2:
            raise UserError(f"{len(points)} points of one domain, or none: give points of source and target")
        if not runs:
            raise UserError("FeatureMotion got no run: give at least one, with xy, predicted, numbers and share")
        shown = [_run(name, one, len(points), len(emotions)) for name, one in runs.items()]
        loudest = max((np.abs(p["samples"]).max() for p in points if "samples" in p), default=1.0)
        super().__init__(
            points=[_point(p, PEAK / max(loudest, 1e-9)) for p in points],
            runs=shown,
            emotions=list(emotions),
            neighbours=neighbours,
            run=shown[0]["name"],
            epoch=epoch,
            colour=colour,
            magnify=magnify,
            address=address,
            **kwargs,
        )


def _run(name: str, one: Mapping[str, Any], n: int, classes: int) -> dict[str, Any]:
    xy, predicted = np.asarray(one["xy"], dtype=float), np.asarray(one["predicted"], dtype=int)
    epochs = len(xy)
    if xy.shape != (epochs, n, 2) or predicted.shape != (epochs, n) or not np.isfinite(xy).all() or not epochs:
        raise UserError(
            f"run {name!r} has places of shape {xy.shape} and predictions of shape {predicted.shape}: (epochs, {n}, 2) "
            f"finite numbers and (epochs, {n}) codes are needed"
        )
    if not 0 <= predicted.min() <= predicted.max() < classes <= 10:
        raise UserError(f"run {name!r} predicts codes {predicted.min()} to {predicted.max()}: there are {classes}")
    numbers = {key: [float(v) for v in one["numbers"][key]] for key in NUMBERS}
    if short := [key for key, values in numbers.items() if len(values) != epochs]:
        raise UserError(f"run {name!r} has {len(numbers[short[0]])} values of {short[0]!r}: {epochs} are needed")
    places = (LARGEST * xy / max(np.abs(xy).max(), 1e-12)).round().astype("<i2")
    return {
        "name": name,
        "xy": base64.b64encode(places.tobytes()).decode(),  # x and y of each point, epoch by epoch
        "predicted": ["".join(map(str, row)) for row in predicted.tolist()],
        "numbers": numbers,
        "share": float(one["share"]),
    }


def _point(point: Mapping[str, Any], gain: float) -> dict[str, Any]:
    shown = {"domain": point["domain"], "emotion": point["emotion"], "caption": str(point.get("caption", ""))}
    if "samples" in point:
        shown["audio"] = clip(point["samples"], point["rate"], gain)
    return shown
