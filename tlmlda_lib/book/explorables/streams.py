"""Three ways to hear an utterance: as a hum, as a whisper, and whole. Chapter 4.1."""

from __future__ import annotations

import base64
import random
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import traitlets
from numpy.typing import NDArray

from tlmlda_lib.book import stream_sounds
from tlmlda_lib.book.explorables.base import Explorable, script, style
from tlmlda_lib.book.explorables.settings import Choice, Number
from tlmlda_lib.book.explorables.sitting import PEAK, checked
from tlmlda_lib.corpora.sound import mp3
from tlmlda_lib.errors import UserError

#: How a clip is heard: what remains of it, and from what that is computed.
EARS = {
    "hum": "pitch and loudness",
    "whisper": "timbre and loudness",
    "whole": "as it was said",
}

#: Decibels between white and black in a picture.
RANGE = 60


class StreamEars(Explorable):
    """Clips whose emotion the reader guesses from a hum, from a whisper, and from the whole.

    Parameters
    ----------
    clips : sequence of mappings
        Each with "emotion", "corpus", "samples" (float array (n,), 0.1 to 10 s), "rate" (Hz) and, if wanted,
        "caption". Clips of one corpus share one gain, since loudness is part of an emotion, while a corpus's level is
        the microphone's.
    seed : int
        Random seed of the clips' order.
    address : str
        Name of the state in the page's address; empty leaves the address unchanged.

    Attributes
    ----------
    classes : list of str
        The emotions to choose from.
    clip, ear : int, str
        The chosen clip, from 0, and one of `EARS`.
    guesses : list of str
        Three per clip, in the order of the page and of `EARS`; "" where there is none yet.
    shown : bool
        Whether all answers are visible; a clip's own are after three guesses.

    Raises
    ------
    UserError
        If a clip is incomplete or silent, or two emotions begin with the same letter.

    Notes
    -----
    The sounds are those of `tlmlda_lib.book.stream_sounds`; what each keeps is computed in the page, as
    `tlmlda_lib.book.stream_sounds.kept` does.
    """

    _esm = script(__name__)
    _css = style(__name__)
    classes = traitlets.List(traitlets.Unicode()).tag(sync=True)
    ears = traitlets.Dict(EARS).tag(sync=True)
    clips = traitlets.List(traitlets.Dict()).tag(sync=True)
    clip = Number(0, lambda w: len(w.clips) - 1, 0)
    ear = Choice(EARS, "hum")
    guesses = traitlets.List(traitlets.Unicode()).tag(sync=True)
    shown = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self, clips: Sequence[Mapping[str, Any]], *, seed: int = 0, address: str = "ears", **kwargs: Any
    ) -> None:
        whole = [checked(clip, n) for n, clip in enumerate(clips)]
        if not whole:
            raise UserError("StreamEars got no clip: give at least one, with emotion, corpus, samples and rate")
        classes = sorted({c["emotion"] for c in whole})
        if len({c[0] for c in classes}) < len(classes):
            raise UserError(f"two of {', '.join(classes)} begin with one letter: the page's address needs one for each")
        random.Random(seed).shuffle(whole)
        made = [heard(c["samples"], c["rate"]) for c in whole]
        loudest: dict[str, float] = {}
        for c, versions in zip(whole, made, strict=True):
            peak = max(float(np.abs(v).max()) for v in versions.values())
            loudest[c["corpus"]] = max(peak, loudest.get(c["corpus"], 0))
        super().__init__(
            classes=classes,
            clips=[_shown(c, v, PEAK / loudest[c["corpus"]]) for c, v in zip(whole, made, strict=True)],
            guesses=[""] * (len(EARS) * len(whole)),
            address=address,
            **kwargs,
        )


def heard(samples: NDArray[np.float32], rate: int) -> dict[str, NDArray[np.float32]]:
    """A sound through each of `EARS`.

    Parameters
    ----------
    samples : ndarray of shape (n,), float32
        One channel.
    rate : int
        Hz.
    """
    return {
        "hum": stream_sounds.hum(samples, rate),
        "whisper": stream_sounds.whisper(samples, rate),
        "whole": np.asarray(samples, dtype=np.float32),
    }


def _shown(clip: Mapping[str, Any], versions: Mapping[str, NDArray[np.float32]], gain: float) -> dict[str, Any]:
    """A clip as the page receives it."""
    rate = clip["rate"]
    pictures = {ear: stream_sounds.picture(v, rate) for ear, v in versions.items()}
    top = pictures["whole"].max()
    found: dict[str, Any] = {}
    for ear, sound in versions.items():
        grey = np.clip(255 * (1 + (pictures[ear] - top) / RANGE), 0, 255).round().astype(np.uint8)
        found[ear] = {
            "audio": base64.b64encode(mp3(sound * gain, rate)).decode(),
            "picture": base64.b64encode(grey.tobytes()).decode(),
            **{name: trace.round(2).tolist() for name, trace in stream_sounds.traces(sound, rate).items()},
        }
    return {
        "emotion": clip["emotion"],
        "corpus": str(clip["corpus"]),
        "caption": str(clip["caption"]),
        "seconds": round(len(clip["samples"]) / rate, 3),
        "rows": int(pictures["whole"].shape[0]),
        "versions": found,
    }
