"""Embeddings of recordings by a pre-trained network. Chapters 1.4 (speakers) and 4.1 (speech encoders)."""

from __future__ import annotations

import importlib
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import ClassVar

import numpy as np
import pandas as pd

from tlmlda_lib.errors import UserError, install
from tlmlda_lib.features import pretrained, recipe
from tlmlda_lib.features.cache import digest
from tlmlda_lib.features.gather import gather
from tlmlda_lib.features.threads import quiet, use_threads

_NEEDED = ("resemblyzer", "librosa", "webrtcvad", "torch")
#: The command that installs the speaker encoder.
INSTALL = install("voices")


@dataclass(frozen=True)
class Resemblyzer:
    """The speaker encoder, whose weights come in its wheel, as a `tlmlda_lib.features.recipe.Recipe`."""

    weights: Path  # the file, so that the recipe is frozen and picklable

    name = "resemblyzer"
    few = 128
    memory = 1000 * 2**20

    #: Raise it when a change alters the features.
    revision: ClassVar[int] = 1

    @cached_property
    def key(self) -> str:
        """Name, digest of the weights, revisions of the preprocessing and of this encoder."""
        return f"{self.name}-{digest(self.weights)[:12]}-sound-{recipe.PREPARATION}.{self.revision}"

    @property
    def columns(self) -> list[str]:
        """``resemblyzer_000`` to ``resemblyzer_255``."""
        return [f"{self.name}_{i:03d}" for i in range(256)]

    def load(self) -> recipe.Measure:
        """The function from sound (n,) to embedding (256,)."""
        import torch
        from threadpoolctl import ThreadpoolController

        with quiet(), _stand_ins(), torch.random.fork_rng(devices=[]):  # initial weights are random, then replaced
            resemblyzer = importlib.import_module("resemblyzer")
            encoder = resemblyzer.VoiceEncoder("cpu", verbose=False, weights_fpath=self.weights)

            encoder.embed_utterance(np.zeros(recipe.RATE, np.float32))  # librosa imports its parts on first use
        libraries = ThreadpoolController()  # finds the loaded libraries, once

        def measure(samples: np.ndarray) -> np.ndarray:
            with quiet(), use_threads(1, libraries):
                voiced = resemblyzer.preprocess_wav(samples)
                if not len(voiced):  # no speech detected: the whole sound, at the same loudness
                    audio = importlib.import_module("resemblyzer.audio")
                    voiced = audio.normalize_volume(samples, audio.audio_norm_target_dBFS, increase_only=True)
                return encoder.embed_utterance(voiced)

        return measure


def _resemblyzer() -> Resemblyzer:
    """Find the encoder without importing it."""
    if missing := _missing():
        raise UserError(f"the speaker encoder needs {', '.join(missing)}: {INSTALL}")
    spec = find_spec("resemblyzer")
    assert spec is not None
    return Resemblyzer(Path(str(spec.origin)).parent / "pretrained.pt")


def is_here() -> bool:
    """Whether the speaker encoder is installed."""
    return not _missing()


def _missing() -> list[str]:
    """Packages that the speaker encoder needs and that are not installed."""
    return [name for name in _NEEDED if find_spec(name) is None]


#: Speaker encoders that `embed` knows, by name.
MODELS = {"resemblyzer": _resemblyzer}


def embed(
    table: pd.DataFrame | Sequence[str | os.PathLike[str]],
    model: str = "resemblyzer",
    *,
    layers: Sequence[int] = (-1,),
    std: bool = False,
    context: str | float = "thinned",
    encoders: str | os.PathLike[str] | None = None,
    workers: int | str | None = None,
    cache: str | os.PathLike[str] | None = None,
    progress: bool | None = None,
) -> pd.DataFrame:
    """Embed each recording by a speaker encoder (chapter 1.4) or a pre-trained speech encoder (chapter 4.1).

    Resemblyzer [1]_ raises quiet sound to -30 dBFS, cuts long pauses, and averages over stretches of 1.6 s;
    a recording in which its detector finds no speech is used whole. Rows are the same bits for any number of workers
    and of the caller's threads, whose number does not change.

    Parameters
    ----------
    table : DataFrame or sequence of paths
        As in `extract`.
    model : str
        "resemblyzer" (extra ``voices``); or, with the extra ``pretrained``, a speech encoder by its name on the Hugging
        Face Hub, as "openai/whisper-base" or "facebook/wav2vec2-base", or the folder that holds one's files, also a
        Whisper converted for CTranslate2. Layers may follow a colon: "openai/whisper-base:3" or ":2,3,4".
    layers : sequence of int
        Of a speech encoder: the layers whose frames are averaged, from 0 (input of the first) to -1 (the last).
    std : bool
        Of a speech encoder: whether to append the standard deviation over frames.
    context : str or float
        Of Whisper, which was trained on 30 s: the silence that it reads after a recording. "padded" is all of it, as
        usual; "thinned" the first half second, and of the rest a fifth, counted five times, eleven times faster; a
        number, that many seconds. See `tlmlda_lib.features.whisper`.
    encoders : path, optional
        Folder of speech encoders, by default the environment variable TLMLDA_ENCODERS; see
        `tlmlda_lib.features.encoders.folder_of`. Nothing is downloaded.
    workers, cache, progress
        As in `extract`.

    Returns
    -------
    DataFrame of shape (n, d), float32
        In the order of `table`; ``attrs["problems"]`` as in `extract`. The speaker encoder's rows have 256 numbers and
        length 1. Columns as ``resemblyzer_000`` or ``whisper-tiny_L4_mean_000``.

    Warns
    -----
    FeatureWarning
        As in `extract`.

    Raises
    ------
    UserError
        If the model is not known or not on this machine, or if no recording is left.

    Notes
    -----
    Sound longer than 30 s enters a speech encoder in equal parts, whose frames are pooled together. Its training data
    may include the recordings that it is tested on: say so beside the scores.

    References
    ----------
    .. [1] https://github.com/resemble-ai/Resemblyzer, after L. Wan et al., "Generalized End-to-End Loss for Speaker
       Verification", ICASSP 2018.
    """
    one = recipe_of(model, layers, std=std, context=context, encoders=encoders)
    return gather(table, one, workers=workers, cache=cache, progress=progress)


def with_layers(model: str) -> tuple[str, tuple[int, ...] | None]:
    """A model's name, and the layers that follow its colon, if any.

    Parameters
    ----------
    model : str
        As in `embed`.

    Examples
    --------
    >>> with_layers("openai/whisper-base:2,3"), with_layers("resemblyzer")
    (('openai/whisper-base', (2, 3)), ('resemblyzer', None))
    """
    match = re.fullmatch(r"(.+):(-?\d+(?:,-?\d+)*)", model)
    return (model, None) if match is None else (match[1], tuple(map(int, match[2].split(","))))


def recipe_of(
    model: str,
    layers: Sequence[int] = (-1,),
    *,
    std: bool = False,
    context: str | float = "thinned",
    encoders: str | os.PathLike[str] | None = None,
) -> recipe.Recipe:
    """How a model's embedding is computed, and where it lies in the cache.

    Parameters
    ----------
    model, layers, std, context, encoders
        As in `embed`.

    Raises
    ------
    UserError
        If the model is not known or not on this machine.
    """
    name, named = with_layers(model)
    if name in MODELS:
        if tuple(layers) != (-1,) or named or std or context != "thinned":
            raise UserError(f"{name} gives one embedding: leave layers, std= and context= out")
        return MODELS[name]()
    if named and tuple(layers) != (-1,):
        raise UserError(f"model {model!r} names layers, and layers={tuple(layers)} others: give them once")
    if "/" not in name and not os.path.isdir(name):
        raise UserError(
            f"model {name!r} is not known: use one of {', '.join(MODELS)}, a name like openai/whisper-base or a folder"
        )
    return pretrained.find(name, named or tuple(layers), std, context, encoders)


@contextmanager
def _stand_ins() -> Iterator[None]:
    """Provide what the encoder imports under old names, while it is imported.

    SciPy's namespace ``scipy.ndimage.morphology`` is deprecated and will be removed in SciPy 2; the source package
    ``webrtcvad`` asks ``pkg_resources``, which setuptools 82 removed, for its own version number.
    """
    import scipy.ndimage

    morphology = ModuleType("scipy.ndimage.morphology")
    morphology.binary_dilation = scipy.ndimage.binary_dilation  # type: ignore[attr-defined]
    offered = {morphology.__name__: morphology}
    if find_spec("pkg_resources") is None:
        resources = ModuleType("pkg_resources")
        resources.get_distribution = lambda name: SimpleNamespace(version="")  # type: ignore[attr-defined]
        offered[resources.__name__] = resources
    before = {name: sys.modules.get(name) for name in offered}
    sys.modules.update(offered)
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
