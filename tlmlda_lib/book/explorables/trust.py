"""A recording in more and more noise: the gate's weights, and predictions with and without each stream. Chapter 4.2."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import traitlets

from tlmlda_lib.book.explorables.base import Explorable, script, style
from tlmlda_lib.book.explorables.settings import Choice, Number
from tlmlda_lib.book.explorables.sitting import PEAK, checked
from tlmlda_lib.corpora.sound import mp3
from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import plots

#: Recording conditions; "studio" is unchanged.
RECORDINGS = ("studio", "noise20", "noise10", "noise5", "noise0", "telephone", "room")

#: Decimals of the page's numbers.
DECIMALS = 4


class WhoToTrust(Explorable):
    """Clips to hear under several conditions, with a network's weights and probabilities for each.

    The page runs no network: `listen` did, on the same sound.

    Parameters
    ----------
    clips : sequence of mappings
        Each with "emotion" (true; one of ``classes``), "heard" (an item of what `listen` gives) and, if wanted,
        "caption". All have been heard in the same ways, "studio" among them.
    streams, classes : sequence of str
        In the order of the weights and of the probabilities; two streams or more.
    clip : int
    recording, out : str
        The condition; the stream that is left out, "" for none.
    address : str
        Name of the state in the page's address; empty leaves the address unchanged.

    Raises
    ------
    UserError
        If clips do not match, or a choice is not known.

    Notes
    -----
    Sound is kept as MP3, about 8 kB for two seconds, all clips with the same gain.
    """

    _esm = script(__name__)
    _css = style(__name__)
    data = traitlets.Dict().tag(sync=True)
    clip = Number(0, lambda w: len(w.data["clips"]) - 1, 0)
    recording = Choice(lambda w: w.data["recordings"], "studio")
    out = Choice(lambda w: ["", *w.data["streams"]], "")

    def __init__(
        self,
        clips: Sequence[Mapping[str, Any]],
        streams: Sequence[str],
        classes: Sequence[str],
        *,
        clip: int = 0,
        recording: str = "studio",
        out: str = "",
        address: str = "trust",
        **kwargs: Any,
    ) -> None:
        if not clips or len(streams) < 2:
            raise UserError(f"WhoToTrust got {len(clips)} clips and {len(streams)} streams: give 1 clip, 2 streams")
        ways = sorted(clips[0]["heard"], key=_order)
        for n, one in enumerate(clips):
            if sorted(one["heard"], key=_order) != ways or "studio" not in ways:
                raise UserError(f"clip {n} was heard as {', '.join(one['heard'])}: give all the same, studio with them")
            if one["emotion"] not in classes:
                raise UserError(f"clip {n} is {one['emotion']!r}, which is not one of {', '.join(classes)}")
        for name in classes:
            plots.colour(name)
        loudest = max(np.abs(h["samples"]).max() for one in clips for h in one["heard"].values())
        shape = (len(streams), len(classes))
        shown = [
            {
                "emotion": one["emotion"],
                "caption": str(one.get("caption", "")),
                "heard": {way: _shown(one["heard"][way], n, PEAK / max(loudest, 1e-9), shape) for way in ways},
            }
            for n, one in enumerate(clips)
        ]
        data = {"streams": list(streams), "classes": list(classes), "recordings": ways, "clips": shown}
        super().__init__(data=data, clip=clip, recording=recording, out=out, address=address, **kwargs)


def listen(
    clf: Any,
    files: Sequence[str],
    recordings: Sequence[str] = RECORDINGS,
    features: Sequence[str] = ("is10", "egemaps"),
    *,
    cache: str | None = None,
) -> list[dict[str, dict[str, Any]]]:
    """Weights and probabilities of a network for recordings under each condition.

    Parameters
    ----------
    clf : tlmlda_lib.methods.ifn.IFN
        A fitted IFN; rows are scaled like those of its target.
    files : sequence of str
    recordings : sequence of str
        As `tlmlda_lib.corpora.conditions.record` takes them.
    features : sequence of str
        Feature sets, side by side, as ``clf`` was given them.
    cache : path, optional
        As in `tlmlda_lib.features.extract`.

    Returns
    -------
    list of dict of str to dict
        Per file, by condition: "samples" (float32 (n,)) and "rate" (Hz) of the sound that was measured; "weights"
        (float64 (K + 1, K)) and "p" (float64 (K + 1, C)), first with all streams, then without each.
    """
    import soundfile

    from tlmlda_lib import features as measures
    from tlmlda_lib.experiments import stress

    found: list[dict[str, dict[str, Any]]] = [{} for _ in files]
    for recording in recordings:
        with TemporaryDirectory() as folder:
            made = stress.recorded(files, recording, folder)
            how: dict[str, Any] = {"cache": cache, "workers": 1, "progress": False}
            X = measures.side_by_side(made, features, **how)
            sounds = [soundfile.read(file, dtype="float32") for file in made]
        if len(X) < len(made):
            raise UserError(f"under {recording} a clip gives no features: {X.attrs['problems'][0]['problem']}")
        whole = X.to_numpy(np.float64)
        every = [whole, *(clf.without(whole, name) for name in clf.streams_)]
        p, weights = ([of(x) for x in every] for of in (clf.predict_proba, clf.attention))
        for i, (samples, rate) in enumerate(sounds):
            found[i][recording] = {
                "samples": samples,
                "rate": rate,
                "p": np.stack([one[i] for one in p]),
                "weights": np.stack([one[i] for one in weights]),
            }
    return found


def missed(p: np.ndarray) -> np.ndarray:
    """Change of the probabilities when each stream is left out: total variation distance, 0 to 1.

    Parameters
    ----------
    p : ndarray of shape (K + 1, C)
        As `listen` gives it.

    Returns
    -------
    ndarray of shape (K,)
    """
    return np.abs(p[1:] - p[0]).sum(1) / 2


def _order(recording: str) -> tuple[int, int, str]:
    """Unchanged first, then increasing noise, then the rest."""
    if recording == "studio":
        return 0, 0, ""
    return (1, -int(recording[5:] or 10), "") if recording.startswith("noise") else (2, 0, recording)


def _shown(heard: Mapping[str, Any], n: int, gain: float, shape: tuple[int, int]) -> dict[str, Any]:
    """A clip under one condition, as the page receives it."""
    p, weights = np.asarray(heard["p"], dtype=float), np.asarray(heard["weights"], dtype=float)
    k, c = shape
    if p.shape != (k + 1, c) or weights.shape != (k + 1, k):
        raise UserError(
            f"clip {n} has probabilities of shape {p.shape} and weights of {weights.shape}: "
            f"{(k + 1, c)} and {(k + 1, k)} are needed"
        )
    sound = checked({"emotion": "neutral", "corpus": "", "samples": heard["samples"], "rate": heard["rate"]}, n)
    return {
        "audio": base64.b64encode(mp3(sound["samples"] * gain, sound["rate"])).decode(),
        "p": p.round(DECIMALS).tolist(),
        "weights": weights.round(DECIMALS).tolist(),
    }
