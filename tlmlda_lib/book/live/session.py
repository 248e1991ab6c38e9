"""The takes of one speaker, kept in memory only. Chapter 4.4."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tlmlda_lib.book.live.listener import Listener, stream_of
from tlmlda_lib.book.live.takes import warning

#: Earlier takes that a speaker's own scale needs: with one every z-score is 0, with two each is 1 or -1.
LEAST_TAKES = 3


class Session:
    """Takes of one speaker, each compared with the corpus and with the earlier takes.

    Parameters
    ----------
    listener : Listener

    Attributes
    ----------
    takes : dict of int to ndarray of shape (1582,)
        Features of the takes that are kept; no sound.
    """

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.takes: dict[int, NDArray[np.float32]] = {}
        self._next = 1

    def hear(self, samples: ArrayLike, rate: int, *, keep: bool = True) -> dict[str, Any]:
        """Add a recording, and return what there is to see.

        Parameters
        ----------
        samples : array_like of shape (n,)
        rate : int
            In Hz.
        keep : bool
            Whether its features count as an earlier take from now on.

        Returns
        -------
        dict
            As `tlmlda_lib.book.explorables.SayIt` shows it: "take" (its number, 0 if not kept), "seconds", "step",
            "pitch" and "loudness" (contours), "families" (name, stream, number of features), "warning" (a sentence if
            the take is clipped, else "") and "by", which has for
            "corpus" and "own" the "z" (base64 of float32, in the families' order), "attention" and "probabilities",
            or a "problem".

        Raises
        ------
        UserError
            As in `prepared`; the session is then unchanged.
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
            "warning": warning(samples),
            "by": by,
        }

    def forget(self, take: int | None = None) -> None:
        """Forget the features of one take, or of all.

        Parameters
        ----------
        take : int, optional
            Number of the take; by default all.
        """
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
