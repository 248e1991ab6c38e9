"""IFN, trained once, applied to one recording at a time. Chapter 4.4."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tlmlda_lib import methods
from tlmlda_lib.book.live.takes import prepared, z_scores
from tlmlda_lib.domains import DomainPair
from tlmlda_lib.errors import UserError
from tlmlda_lib.features import prosody
from tlmlda_lib.features.recipe import RATE
from tlmlda_lib.features.smile import Functionals
from tlmlda_lib.features.streams import IS10_STREAMS

#: Contours of IS10 by family, in words; streams are those of `tlmlda_lib.features.streams`.
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


class Listener:
    """IFN, trained on the source of a pair, for one recording at a time. Chapter 4.4.

    Parameters
    ----------
    pair : DomainPair
        With IS10 features and one source corpus.
    random_state : int
        Random seed of the training.

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
    It can answer only with the emotions of its corpus. Trained on synthetic speech, it recognises nobody.
    """

    def __init__(self, pair: DomainPair, *, random_state: int = 0) -> None:
        self._functionals = Functionals("IS10")
        if tuple(pair.feature_names) != tuple(self._functionals.columns):
            raise UserError(f"the pair has the features {', '.join(pair.features)}: make it with features=('is10',)")
        sources = sorted({int(d) for d in pair.sample_domain if d >= 0})
        if len(sources) != 1:
            raise UserError(f"the pair has {len(sources)} source corpora: exactly one is needed")
        self._source = sources[0]
        self.classes = pair.classes
        self.method = methods.make("ifn", "quick", random_state=random_state)
        self.method.fit(pair.X, pair.y, pair.sample_domain)
        self.mean, self.deviation = self.method.scaler_.tables_[self._source, None]

    @cached_property
    def families(self) -> dict[str, NDArray[np.int64]]:
        """Columns of each of `FAMILIES`; every column is in one."""
        of_each = [
            "F0final__Turn" if "__Turn" in name else name.partition("_sma")[0] for name in self._functionals.columns
        ]
        found = {family: [i for i, c in enumerate(of_each) if c in contours] for family, contours in FAMILIES.items()}
        return {family: np.array(places, dtype=np.int64) for family, places in found.items()}

    def row(self, samples: ArrayLike, rate: int) -> NDArray[np.float32]:
        """Features of a take, as `tlmlda_lib.features.extract` gives them for its file.

        Parameters
        ----------
        samples : array_like of shape (n,)
            One channel.
        rate : int
            Hz.

        Returns
        -------
        ndarray of shape (1582,), float32
            IS10.

        Raises
        ------
        UserError
            As in `prepared`, or if a feature is not finite.
        """
        take = prepared(samples, rate)
        values = np.asarray(self._measure(take), dtype=np.float32).ravel()
        if not np.isfinite(values).all():
            raise UserError("it gives features that are not finite: say it again")
        return values

    def contours(self, samples: ArrayLike, rate: int) -> dict[str, NDArray[np.float64]]:
        """Pitch and loudness of a take over time.

        Parameters
        ----------
        samples : array_like of shape (n,)
            One channel.
        rate : int
            Hz.

        Returns
        -------
        dict of str to ndarray
            "pitch" (Hz, 0 where unvoiced; `prosody.contour`) and "loudness" (openSMILE's), one value every 10 ms.
        """
        take = prepared(samples, rate)
        pitch = prosody.contour(take, RATE)
        loudness = self._frames.process_signal(take, RATE)["Loudness_sma3"].to_numpy(float)
        return {"pitch": pitch, "loudness": loudness[: len(pitch)]}

    def opinion(
        self, row: ArrayLike, earlier: Sequence[NDArray[np.float32]] | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """IFN's prediction for a take.

        Parameters
        ----------
        row : array_like of shape (1582,)
        earlier : sequence of such rows, optional
            Takes that provide mean and deviation; by default the source's.

        Returns
        -------
        z : ndarray of shape (1582,)
            IFN's input: z-scores, clipped at 5.
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
            # Moved into the corpus: scaled by the source, it has these z-scores.
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

        return opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.LowLevelDescriptors)


def stream_of(family: str) -> str:
    """Stream of a family of contours.

    Parameters
    ----------
    family : str
        A key of `FAMILIES`.
    """
    contour = FAMILIES[family][0].removesuffix("__Turn")
    return next(stream for stream, contours in IS10_STREAMS.items() if contour in contours)
