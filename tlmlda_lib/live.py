"""One recording, and what a machine makes of it that has heard a corpus of others. Chapter 4.4.

Nothing here opens a file: samples come in, numbers go out. What is kept of a take is a row of features, in memory, until
it is forgotten.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tlmlda_lib import methods
from tlmlda_lib.corpora import sound
from tlmlda_lib.domains import DomainPair
from tlmlda_lib.errors import UserError
from tlmlda_lib.features.recipe import RATE
from tlmlda_lib.features.smile import Functionals
from tlmlda_lib.features.streams import IS10_STREAMS

#: Seconds that a take may last.
SHORTEST, LONGEST = 0.5, 10.0

#: Earlier takes that a scale of one's own needs: with one every z-score is 0, with two each is 1 or -1.
LEAST_TAKES = 3

#: A take is silent whose loudest sample lies below this, and clipped where more than this share is at full scale.
FAINTEST, AT_FULL_SCALE = 0.003, 0.001

#: Contours of IS10 by what they tell, in words; streams are those of `tlmlda_lib.features.streams`.
FAMILIES = {
    "loudness": ("pcm_loudness",),
    "pitch": ("F0final", "F0finEnv"),
    "voicing": ("voicingFinalUnclipped",),
    "jitter and shimmer": ("jitterLocal", "jitterDDP", "shimmerLocal"),
    "onsets and duration": ("F0final__Turn",),
    "cepstrum": ("mfcc",),
    "mel bands": ("logMelFreqBand",),
    "line spectral pairs": ("lspFreq",),
}


def z_scores(x: ArrayLike, mean: ArrayLike, deviation: ArrayLike, clip: float = np.inf) -> NDArray[np.float64]:
    """``z = (x - mean) / deviation``, at most `clip` to either side; 0 where nothing deviates.

    Parameters
    ----------
    x, mean, deviation : array_like of shape (d,)
        A recording's features, and the statistics that it is put to.
    clip : float
        What lies farther away counts as this far, as IFN has it.

    Returns
    -------
    ndarray of shape (d,), float64
        Chapter 4.4.
    """
    x, mean, deviation = (np.asarray(a, dtype=np.float64) for a in (x, mean, deviation))
    # Rounding leaves a constant feature with a deviation of some 1e-8 of its value: that is not a scale.
    flat = deviation <= 1e-7 * np.maximum(np.abs(mean), 1e-30)
    return np.where(flat, 0.0, np.clip((x - mean) / np.where(flat, 1.0, deviation), -clip, clip))


def tempered(probabilities: ArrayLike, temperature: float = 1.0) -> NDArray[np.float64]:
    """``p_c^(1/T) / sum_k p_k^(1/T)``: the softmax of the same scores, divided by T.

    Parameters
    ----------
    probabilities : array_like of shape (..., C)
    temperature : float
        Above 1 the answer is less sure, below 1 surer; which emotion comes first stays as it is.

    Returns
    -------
    ndarray of shape (..., C), float64
        Chapter 4.4.

    Raises
    ------
    UserError
        If the temperature is not above 0.
    """
    if not 0 < temperature < np.inf:
        raise UserError(f"temperature={temperature!r}: a number above 0 is needed")
    scores = np.log(np.maximum(np.asarray(probabilities, dtype=np.float64), 1e-300)) / temperature
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def prepared(samples: ArrayLike, rate: int) -> NDArray[np.float32]:
    """A take as features are taken of it: 16 kHz, in [-1, 1]; neither trimmed nor made louder.

    Parameters
    ----------
    samples : array_like of shape (n,)
        One channel.
    rate : int
        In Hz, 8000 to 192000.

    Returns
    -------
    ndarray of shape (m,), float32

    Raises
    ------
    UserError
        In a sentence to the speaker, if it is too short or too long, silent, clipped, or no sound. Chapter 4.4.
    """
    take = np.asarray(samples, dtype=np.float32)
    if take.ndim != 1 or not np.isfinite(take).all():
        raise UserError(f"samples of shape {take.shape} are no sound: one channel of finite numbers is needed")
    if not 8000 <= rate <= 192_000:
        raise UserError(f"rate={rate} Hz: 8000 to 192000 can be used")
    seconds = len(take) / rate
    if seconds < SHORTEST:
        raise UserError(f"{seconds:.1f} seconds are too short: say a whole sentence")
    if seconds > LONGEST + 0.5:
        raise UserError(f"{seconds:.1f} seconds are too long: say one sentence, {LONGEST:g} seconds at most")
    loudest = float(np.abs(take).max())
    if loudest < FAINTEST:
        raise UserError(
            f"there is next to nothing in it: the loudest sample is {loudest:.4f} of full scale; is the microphone "
            "switched off?"
        )
    share = float((np.abs(take) >= 0.99).mean())
    if share > AT_FULL_SCALE:
        raise UserError(
            f"it is clipped: {share:.1%} of the samples are at full scale; go farther from the microphone, or turn "
            "it down"
        )
    return np.clip(sound.to_rate(take, rate, RATE), -1, 32767 / 32768)


class Listener:
    """IFN, taught by the source of a pair, that can be asked about one recording at a time.

    Parameters
    ----------
    pair : DomainPair
        Of IS10, with one source corpus.
    random_state : int
        Of the training.

    Attributes
    ----------
    method : IFN
        Preset ``quick``, fitted.
    mean, deviation : ndarray of shape (1582,)
        Of the source's features.

    Raises
    ------
    UserError
        If the pair has other features, or more than one source.

    Notes
    -----
    It knows the emotions of its corpus and no other answer. Where that corpus is made speech it recognises nobody.
    Chapter 4.4.
    """

    def __init__(self, pair: DomainPair, *, random_state: int = 0) -> None:
        self._functionals = Functionals("IS10")
        if tuple(pair.feature_names) != tuple(self._functionals.columns):
            raise UserError(f"the pair has the features {', '.join(pair.features)}: make it with features=('is10',)")
        sources = sorted({int(d) for d in pair.sample_domain if d >= 0})
        if len(sources) != 1:
            raise UserError(f"the pair has {len(sources)} source corpora: one is needed, whose statistics serve")
        self._source = sources[0]
        self.classes = pair.classes
        self.method = methods.make("ifn", "quick", random_state=random_state)
        self.method.fit(pair.X, pair.y, pair.sample_domain)
        self.mean, self.deviation = self.method.scaler_.tables_[self._source, None]

    @cached_property
    def families(self) -> dict[str, NDArray[np.int64]]:
        """Columns of each of `FAMILIES`; every column is in one."""
        names = self._functionals.columns
        turns = {name for name in names if "__Turn" in name}
        found = {
            family: [
                i
                for i, name in enumerate(names)
                if name.startswith(tuple(f"{c}_" for c in contours)) and (name in turns) == ("F0final__Turn" in contours)
            ]
            for family, contours in FAMILIES.items()
        }
        return {family: np.array(places, dtype=np.int64) for family, places in found.items()}

    def row(self, samples: ArrayLike, rate: int) -> NDArray[np.float32]:
        """IS10 of a take (n,): the numbers (1582,) that `tlmlda_lib.features.extract` gives for its file.

        Raises
        ------
        UserError
            As `prepared`; if a number is not finite.
        """
        take = prepared(samples, rate)
        values = np.asarray(self._measure(take), dtype=np.float32).ravel()
        if not np.isfinite(values).all():
            raise UserError("it gives features that are no numbers: say it again")
        return values

    def contours(self, samples: ArrayLike, rate: int) -> dict[str, NDArray[np.float64]]:
        """Pitch (Hz, 0 without a voice) and loudness of a take, a value each 10 ms, by openSMILE's set eGeMAPSv02."""
        frames = self._frames.process_signal(prepared(samples, rate), RATE)
        semitones = frames["F0semitoneFrom27.5Hz_sma3nz"].to_numpy(float)
        pitch = np.where(semitones > 0, 27.5 * 2 ** (semitones / 12), 0.0)
        return {"pitch": pitch, "loudness": frames["Loudness_sma3"].to_numpy(float)}

    def opinion(
        self, row: ArrayLike, earlier: Sequence[NDArray[np.float32]] | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """What IFN makes of a take.

        Parameters
        ----------
        row : array_like of shape (1582,)
        earlier : sequence of such rows, optional
            Takes whose statistics serve; without them the source's.

        Returns
        -------
        z : ndarray of shape (1582,)
            What IFN is given: z-scores, at most 5 to either side.
        attention : ndarray of shape (K,)
            Weight of each stream.
        probabilities : ndarray of shape (C,)
            In the order of ``classes``.
        """
        x = np.asarray(row, dtype=np.float64)
        clip = self.method.options_.clip
        if earlier is None:
            z = z_scores(x, self.mean, self.deviation, clip)
        else:
            takes = np.asarray(earlier, dtype=np.float64)
            z = z_scores(x, takes.mean(0), takes.std(0), clip)
            # Moved to where the corpus has such a take: scaled by the source, it has the very same z-scores.
            x = self.mean + z * self.deviation
        where = np.array([self._source])
        how = {"sample_domain": where}
        return z, self.method.attention(x[None], **how)[0], self.method.predict_proba(x[None], **how)[0]

    @cached_property
    def _measure(self) -> Any:
        return self._functionals.load()

    @cached_property
    def _frames(self) -> Any:
        import opensmile

        # Not `prosody.contour`, which remembers the last sound it was given.
        return opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.LowLevelDescriptors)


class Session:
    """Takes of one speaker, one after another, each beside the corpus and beside those before it.

    Parameters
    ----------
    listener : Listener

    Attributes
    ----------
    takes : dict of int to ndarray of shape (1582,)
        Features of the takes that were not forgotten; no sound.
    """

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.takes: dict[int, NDArray[np.float32]] = {}
        self._next = 1

    def hear(self, samples: ArrayLike, rate: int, *, keep: bool = True) -> dict[str, Any]:
        """Take a recording in, and say what there is to see.

        Parameters
        ----------
        samples : array_like of shape (n,)
        rate : int
            In Hz.
        keep : bool
            Whether its features count among the earlier takes of what comes.

        Returns
        -------
        dict
            As `tlmlda_lib.explorables.SayIt` shows it: "take" (its number, 0 if not kept), "seconds", "step",
            "pitch" and "loudness" (contours), "families" (name, stream, number of features) and "by", which has for
            "corpus" and "own" the "z" (base64 of float32, in the families' order), "attention" and "probabilities",
            or a "problem".

        Raises
        ------
        UserError
            As `prepared`; the session is then as it was.
        """
        row = self.listener.row(samples, rate)
        contours = self.listener.contours(samples, rate)
        earlier = list(self.takes.values())
        by = {"corpus": self._side(row, None)}
        if len(earlier) >= LEAST_TAKES:
            by["own"] = self._side(row, earlier)
        else:
            by["own"] = {
                "problem": f"A scale of the speaker's own needs {LEAST_TAKES} earlier takes, and there "
                f"{'is' if len(earlier) == 1 else 'are'} {len(earlier)}: with one every z-score would be 0, with two "
                "each would be 1 or −1."
            }
        take = 0
        if keep:
            take, self._next = self._next, self._next + 1
            self.takes[take] = row
        families = self.listener.families
        return {
            "take": take,
            "seconds": round(len(np.asarray(samples)) / rate, 3),
            "step": 0.01,
            "pitch": [round(float(v), 1) for v in contours["pitch"]],
            "loudness": [round(float(v), 4) for v in contours["loudness"]],
            "families": [{"name": f, "stream": stream_of(f), "n": len(c)} for f, c in families.items()],
            "by": by,
        }

    def forget(self, take: int | None = None) -> None:
        """Forget a take's features; without a number those of all."""
        if take is None:
            self.takes.clear()
        else:
            self.takes.pop(take, None)

    def _side(self, row: NDArray[np.float32], earlier: list[NDArray[np.float32]] | None) -> Mapping[str, Any]:
        z, attention, probabilities = self.listener.opinion(row, earlier)
        order = np.concatenate(list(self.listener.families.values()))
        return {
            "z": base64.b64encode(z[order].astype("<f4").tobytes()).decode(),
            "attention": dict(zip(self.listener.method.streams_, attention.tolist(), strict=True)),
            "probabilities": dict(zip(self.listener.classes, probabilities.tolist(), strict=True)),
        }


def stream_of(family: str) -> str:
    """Stream of one of `FAMILIES`."""
    contour = FAMILIES[family][0].removesuffix("__Turn")
    return next(stream for stream, contours in IS10_STREAMS.items() if contour in contours)
