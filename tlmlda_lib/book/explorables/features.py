"""From sound to numbers: a descriptor of a clip, and each functional of IS10 over its contour. Chapter 1.3."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import traitlets
from numpy.typing import NDArray

from tlmlda_lib.book.explorables.base import Explorable, script, style
from tlmlda_lib.book.explorables.sitting import PEAK
from tlmlda_lib.corpora.sound import mp3
from tlmlda_lib.errors import UserError

#: The 21 functionals of IS10, by openSMILE's names, in its order. Descriptors that exist only in voiced
#: frames have the same except `NOT_VOICED`.
FUNCTIONALS = (
    *("maxPos", "minPos", "amean", "linregc1", "linregc2", "linregerrA", "linregerrQ"),
    *("stddev", "skewness", "kurtosis", "quartile1", "quartile2", "quartile3", "iqr1-2", "iqr2-3", "iqr1-3"),
    *("percentile1.0", "percentile99.0", "pctlrange0-1", "upleveltime75", "upleveltime90"),
)
NOT_VOICED = ("percentile1.0", "pctlrange0-1")

#: openSMILE's levels of IS10, and the number of frames at the end of its contours that the functionals ignore, found by
#: comparison.
LEVELS = {"lld1": 3, "lld1_de": 5, "lld2": 3, "lld2_de": 5}

#: Frames begin every 10 ms; those of pitch and what depends on it last 60 ms, all others 25 ms.
STEP, WINDOW, PITCH_WINDOW = 0.01, 0.025, 0.06


def _part(name: str, what: str) -> Any:
    """One of the choices, as an attribute that can be set."""
    return property(
        lambda w: w.chosen[name], lambda w, value: w.set_trait("chosen", {name: value}), doc=f"{name}: {what}."
    )


class SoundToNumbers(Explorable):
    """Contours of a few clips, a functional to choose, its drawing and its value beside openSMILE's.

    Parameters
    ----------
    clips : sequence of mappings
        One to eight, each with "name" (no two alike), "samples" (float array (n,), 0.5 to 10 s) and "rate" (Hz).
    descriptor : str
        The contour to begin with, by openSMILE's name without ``_sma`` and ``_de``.
    functional : str
        The functional to begin with, one of `FUNCTIONALS`.
    delta : bool
        Whether to begin with the contour's changes.
    address : str
        Name of the state in the page's address; empty leaves the address unchanged.

    Attributes
    ----------
    chosen : dict of str to object
        What is visible: "clip", "descriptor", "functional" and "delta", each of which is an attribute as well.
    value : float
        Read back from the page: the number that it computed.

    Raises
    ------
    UserError
        If a clip or the choice cannot be used.
    """

    _esm = script(__name__)
    _css = style(__name__)
    clips = traitlets.List(traitlets.Dict()).tag(sync=True)
    descriptors = traitlets.List(traitlets.Dict()).tag(sync=True)
    functionals = traitlets.List(traitlets.Unicode()).tag(sync=True)
    step = traitlets.Float(STEP).tag(sync=True)
    chosen = traitlets.Dict().tag(sync=True)
    value = traitlets.Float(0.0).tag(sync=True)
    clip, descriptor = _part("clip", "name of the clip"), _part("descriptor", "the contour, by openSMILE's name")
    functional = _part("functional", "one of `FUNCTIONALS`")
    delta = _part("delta", "whether the contour's changes are taken")

    @traitlets.validate("chosen")
    def _known(self, proposal: Any) -> dict[str, Any]:
        """Choices that are not named stay unchanged."""
        chosen = {**self._trait_values.get("chosen", {}), **proposal["value"]}
        known = {
            "clip": [clip["name"] for clip in self.clips],
            "descriptor": [d["key"] for d in self.descriptors],
            "functional": self.functionals,
            "delta": [False, True],
        }
        for name, value in chosen.items():
            if value not in known.get(name, ()):
                raise UserError(
                    f"{name} {value!r} is not known: use one of {', '.join(map(str, known.get(name, known)))}"
                )
        return chosen

    def __init__(
        self,
        clips: Sequence[Mapping[str, Any]],
        *,
        descriptor: str = "pcm_loudness",
        functional: str = "amean",
        delta: bool = False,
        address: str = "numbers",
        **kwargs: Any,
    ) -> None:
        checked = [_checked(clip, n) for n, clip in enumerate(clips)]
        names = [clip["name"] for clip in checked]
        if not 1 <= len(names) <= 8 or len(set(names)) < len(names):
            raise UserError(f"SoundToNumbers got clips {names}: give one to eight, with a name of its own for each")
        gain = PEAK / max(np.abs(clip["samples"]).max() for clip in checked)
        measured = [measure(clip["samples"], clip["rate"]) for clip in checked]
        known = _descriptors(measured[0][0])
        super().__init__(
            clips=[_shown(clip, gain, *found) for clip, found in zip(checked, measured, strict=True)],
            descriptors=known,
            functionals=list(FUNCTIONALS),
            chosen={"clip": names[0], "descriptor": descriptor, "delta": bool(delta), "functional": functional},
            address=address,
            **kwargs,
        )


def measure(
    samples: NDArray[np.float32], rate: int
) -> tuple[dict[str, dict[str, NDArray[np.float32]]], dict[str, float]]:
    """openSMILE's IS10 of a clip at each of its levels, and the final features. Chapter 1.3.

    Parameters
    ----------
    samples : array of shape (n,)
    rate : int
        Hz.

    Returns
    -------
    contours : dict of str to dict of str to array of shape (frames,)
        By level (`LEVELS`), then by openSMILE's name; one value every 10 ms.
    features : dict of str to float
        All 1582 by name.
    """
    import opensmile

    def frames(level: Any) -> Any:
        return opensmile.Smile(opensmile.FeatureSet.IS10, level).process_signal(samples, rate)

    contours = {level: {n: c.to_numpy(np.float32) for n, c in frames(level).items()} for level in LEVELS}
    row = frames(opensmile.FeatureLevel.Functionals).iloc[0]
    return contours, {str(name): float(v) for name, v in row.items()}


def words_of(descriptor: str) -> str:
    """A descriptor in words: ``"mfcc[2]"`` is "MFCC 2".

    Parameters
    ----------
    descriptor : str
        openSMILE's name without ``_sma``.
    """
    stem, _, place = descriptor.rstrip("]").partition("[")
    plain = {
        "pcm_loudness": "loudness",
        "F0finEnv": "pitch envelope (Hz)",
        "voicingFinalUnclipped": "voicing",
        "F0final": "pitch (Hz)",
        "jitterLocal": "jitter",
        "jitterDDP": "jitter of the jitter",
        "shimmerLocal": "shimmer",
        "mfcc": "MFCC",
        "logMelFreqBand": "log Mel band",
        "lspFreq": "line spectral frequency",
    }[stem]
    return f"{plain} {place}".rstrip()


def _descriptors(contours: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for level in ("lld1", "lld2"):
        for name in contours[level]:
            key = name.replace("_sma", "")
            voiced = level == "lld2"
            slow = voiced or key in ("F0finEnv", "voicingFinalUnclipped")
            centre = (PITCH_WINDOW if slow else WINDOW) / 2
            found.append({"key": key, "name": name, "words": words_of(key), "voiced": voiced, "centre": centre})
    return found


def _checked(clip: Mapping[str, Any], n: int) -> dict[str, Any]:
    for key in ("name", "samples", "rate"):
        if key not in clip:
            raise UserError(f"clip {n} has no {key!r}: a clip is a mapping with name, samples and rate")
    samples, rate = np.asarray(clip["samples"], dtype=np.float32), int(clip["rate"])
    if samples.ndim != 1 or rate <= 0 or not 0.5 <= len(samples) / rate <= 10:
        raise UserError(f"clip {n} has shape {samples.shape} at {rate} Hz: use one channel of 0.5 to 10 seconds")
    if not np.isfinite(samples).all() or not np.abs(samples).max() > 0:
        raise UserError(f"clip {n} is silent or contains values that are not finite: leave it out")
    return {"name": str(clip["name"]), "samples": samples, "rate": rate}


def _shown(
    clip: Mapping[str, Any],
    gain: float,
    contours: Mapping[str, Mapping[str, NDArray[np.float32]]],
    features: Mapping[str, float],
) -> dict[str, Any]:
    """A clip as the page receives it; arrays as the bytes of little-endian float32."""
    flat = {name: _bytes(values) for level in contours.values() for name, values in level.items()}
    unseen = {name: LEVELS[level] for level, of_level in contours.items() for name in of_level}
    numbers = {
        name: _bytes([features.get(f"{name}_{functional}", np.nan) for functional in FUNCTIONALS]) for name in flat
    }
    return {
        "name": clip["name"],
        "seconds": round(len(clip["samples"]) / clip["rate"], 3),
        "audio": base64.b64encode(mp3(clip["samples"] * gain, clip["rate"])).decode(),
        "contours": flat,
        "unseen": unseen,
        "features": numbers,
    }


def _bytes(values: Any) -> str:
    return base64.b64encode(np.asarray(values, dtype="<f4").tobytes()).decode()
