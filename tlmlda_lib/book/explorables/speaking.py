"""Say it yourself: a take, its contours, its distance from a corpus, and the classifier's certainty. Chapter 4.4."""

from __future__ import annotations

import base64
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import traitlets
from numpy.typing import NDArray

from tlmlda_lib.book.explorables.base import Explorable, script, style
from tlmlda_lib.book.explorables.settings import Choice, Number
from tlmlda_lib.book.explorables.sitting import PEAK, checked
from tlmlda_lib.corpora.sound import mp3
from tlmlda_lib.errors import UserError

SIDES = ("corpus", "own")
TEMPERATURES = (0.5, 10.0)

#: Rented kernels, by their environment variables. Binder has JupyterHub's too, so it comes first.
RENTED = {
    "Google Colab": ("COLAB_RELEASE_TAG", "COLAB_GPU"),
    "Kaggle": ("KAGGLE_KERNEL_RUN_TYPE",),
    "GitHub Codespaces": ("CODESPACES",),
    "Binder": ("BINDER_SERVICE_HOST", "BINDER_LAUNCH_HOST"),
    "a JupyterHub": ("JUPYTERHUB_API_URL",),
}

Answer = Callable[[NDArray[np.float32], int], Mapping[str, Any]]


class SayIt(Explorable):
    """Synthetic takes to examine, and, if a kernel answers, a button to record one's own.

    Parameters
    ----------
    clips : sequence of mappings
        One to nine, each with "name" (no two alike), "samples" (float array (n,), 0.1 to 10 s), "rate" (Hz), "view" (as
        `tlmlda_lib.book.live.Session.hear` gives it), and optionally "caption" and "meant" (the intended
        emotion, "" if unknown, None if nobody speaks).
    answer : callable, optional
        ``answer(samples, rate)`` takes the reader's samples (n,) float32 and Hz, and returns a view; the reader sees a
        `UserError` as text. Without it there is no recording.
    forget : callable, optional
        ``forget(take)`` forgets a take by its number, or all for None.
    statistics : {"corpus", "own"}
    temperature : float
        0.5 to 10.
    address : str
        Name of the state in the page's address; empty leaves the address unchanged.

    Raises
    ------
    UserError
        If a clip or a choice cannot be used.

    Notes
    -----
    Recordings and their views travel in messages, not in traits: a notebook that is saved with its widgets contains
    none of them.
    """

    _esm = script(__name__)
    _css = style(__name__)
    clips = traitlets.List(traitlets.Dict()).tag(sync=True)
    shown = Choice(lambda w: [c["name"] for c in w.clips], "")
    statistics = Choice(SIDES, "corpus")
    temperature = Number(*TEMPERATURES, 1.0)

    def __init__(
        self,
        clips: Sequence[Mapping[str, Any]],
        *,
        answer: Answer | None = None,
        forget: Callable[[int | None], object] | None = None,
        statistics: str = "corpus",
        temperature: float = 1.0,
        address: str = "say",
        **kwargs: Any,
    ) -> None:
        # `checked` needs an emotion, which only Hear's clips have: "neutral" stands in.
        whole = [{**checked({"emotion": "neutral", "corpus": "", **c}, n)} for n, c in enumerate(clips)]
        names = [c.get("name") for c in whole]
        if not 1 <= len(names) <= 9 or len(set(names)) < len(names) or not all(names):
            raise UserError(f"SayIt got clips {names}: give one to nine, with a name of its own for each")
        for c in whole:
            if set(c.get("view", {}).get("by", ())) != set(SIDES):
                raise UserError(f"clip {c['name']!r} has no 'view': tlmlda_lib.book.live.Session.hear gives it")
        gain = PEAK / max(np.abs(c["samples"]).max() for c in whole)
        super().__init__(
            clips=[_shown(c, gain) for c in whole],
            shown=names[0],
            statistics=statistics,
            temperature=temperature,
            address=address,
            **kwargs,
        )
        self._answer, self._forget = answer, forget
        self.on_msg(self._receive)

    def _receive(self, _: Any, content: Mapping[str, Any], buffers: Sequence[Any]) -> None:
        """Answer the page: a ping, a take (its samples as bytes), or a wish to forget."""
        kind, view = content.get("kind"), content.get("view")
        if self._answer is None:
            return
        if kind == "ping":
            self.send({"kind": "pong", "where": rented()})
        elif kind == "forget":
            if self._forget is not None:
                self._forget(content.get("take"))
            self.send({"kind": "forgotten", "view": view})
        elif kind == "take":
            reply = {"view": view, "id": content.get("id")}
            try:
                samples = np.frombuffer(buffers[0], dtype="<f4").astype(np.float32)
                self.send({"kind": "view", "answer": dict(self._answer(samples, int(content["rate"]))), **reply})
            except UserError as error:
                self.send({"kind": "problem", "words": _sentence(error), **reply})
            except Exception as error:  # the reader sees a sentence, and the last good view stays
                words = f"Python stopped with {type(error).__name__}: {error}"
                self.send({"kind": "problem", "words": _sentence(words), **reply})


def _sentence(words: object) -> str:
    text = str(words)
    return text if text.endswith((".", "?")) else f"{text}."


def rented() -> str:
    """Whose computer this kernel runs on, if the environment says that it is rented; otherwise ""."""
    if "google.colab" in sys.modules:
        return "Google Colab"
    return next((name for name, signs in RENTED.items() if any(os.environ.get(s) for s in signs)), "")


def _shown(clip: Mapping[str, Any], gain: float) -> dict[str, Any]:
    """A clip as the page receives it."""
    return {
        "name": str(clip["name"]),
        "caption": str(clip["caption"]),
        "meant": clip.get("meant", ""),
        "audio": base64.b64encode(mp3(clip["samples"] * gain, clip["rate"])).decode(),
        "view": dict(clip["view"]),
    }
