"""Embeddings of recordings by pre-trained speech encoders: hidden layers, averaged over frames. Chapter 4.1."""

from __future__ import annotations

import hashlib
import importlib
import json
import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from tlmlda_lib import files
from tlmlda_lib.errors import UserError
from tlmlda_lib.features import encoders, recipe, whisper
from tlmlda_lib.features.cache import digest
from tlmlda_lib.features.encoders import is_ctranslate2
from tlmlda_lib.features.threads import quiet, use_threads

#: Longest input, in seconds, of Whisper. Longer recordings are cut into equal parts.
LONGEST = 30.0

#: Parts of a recording in one batch.
AT_ONCE = 8

#: From sound (n,) to the layers (frames, width) of each of its parts.
Parts = Callable[[np.ndarray], Iterator[list[np.ndarray]]]


@dataclass(frozen=True)
class Encoder:
    """A pre-trained encoder, as a `tlmlda_lib.features.recipe.Recipe`.

    A row is the mean over frames of each layer, followed by the standard deviations if `std` is set. Recordings do not
    share a batch: neither padding nor the order of sums in a larger product may let a row depend on its neighbours, for
    rows are cached by the content of their own file.
    """

    folder: Path  # weights, configuration and preprocessing
    name: str  # as the user gave it
    layers: tuple[int, ...] = (-1,)  # 0: input of the first layer; -1: the last
    std: bool = False  # append the standard deviation over frames
    context: str | float = "thinned"  # what Whisper reads beyond the sound, as in `tlmlda_lib.features.embed`

    few = 16
    memory = 2000 * 2**20

    #: Raise it when a change alters the features.
    revision: ClassVar[int] = 1

    @cached_property
    def key(self) -> str:
        """Name, digest of the files, pooling, context, the package that runs it, revisions of sound and module."""
        pooled = "-".join((*self._labels, *(["std"] if self.std else [])))
        read = f"-{self.context}" if self._kind == "whisper" else ""
        runs = "ctranslate2" if self._kind == "ctranslate2" else "transformers"
        files = _digest(self.folder)
        return f"{self.short}-{files}-{pooled}{read}-{runs}-{version(runs)}-sound-{recipe.PREPARATION}.{self.revision}"

    @property
    def short(self) -> str:
        """Last part of the name, with which columns begin."""
        return self.name.rstrip("/").rpartition("/")[2]

    @property
    def columns(self) -> list[str]:
        """As ``whisper-tiny_L4_mean_000``; "last" for L and number where CTranslate2 does not give the number."""
        kinds = ("mean", "std") if self.std else ("mean",)
        width = self._shape[1]
        return [f"{self.short}_{i}_{kind}_{j:03d}" for i in self._labels for kind in kinds for j in range(width)]

    @cached_property
    def _config(self) -> dict[str, Any]:
        found = json.loads((self.folder / "config.json").read_text(encoding="utf-8"))
        return found if isinstance(found, dict) else {}

    @cached_property
    def _kind(self) -> str:
        """ "ctranslate2", "whisper" or, of any other, transformers' name of the kind."""
        return "ctranslate2" if is_ctranslate2(self.folder) else str(self._config.get("model_type"))

    @cached_property
    def _shape(self) -> tuple[int, int]:
        """Number of layers and width."""
        if self._kind == "ctranslate2":
            return 0, next(self._ctranslate2()(np.zeros(recipe.RATE, np.float32)))[0].shape[1]
        layers = self._config.get("encoder_layers", self._config.get("num_hidden_layers"))
        width = self._config.get("d_model", self._config.get("hidden_size"))
        if not isinstance(layers, int) or not isinstance(width, int):
            raise UserError(
                f"{self.folder / 'config.json'} lacks the number of layers or the width: give a speech encoder"
            )
        return layers, width

    @cached_property
    def _places(self) -> tuple[int, ...]:
        """The layers, counted from 0."""
        if self._kind == "ctranslate2":
            if self.layers != (-1,):
                raise UserError(f"layers={self.layers!r} of {self.name}: CTranslate2 gives only the last layer, (-1,)")
            return (0,)
        count = self._shape[0]
        if not self.layers or not all(-count - 1 <= i <= count for i in self.layers):
            raise UserError(
                f"layers={self.layers!r} of {self.name} are not known: use 0 to {count}, or -1 for the last"
            )
        return tuple(i % (count + 1) for i in self.layers)

    @property
    def _labels(self) -> tuple[str, ...]:
        return ("last",) if self._kind == "ctranslate2" else tuple(f"L{i}" for i in self._places)

    def load(self) -> recipe.Measure:
        """The function from sound (n,) to pooled layers (width,)."""
        with quiet():
            parts_of = self._parts()
        layers, std = len(self._places), self.std
        libraries = importlib.import_module("threadpoolctl").ThreadpoolController()

        def measure(samples: np.ndarray) -> np.ndarray:
            with quiet(), use_threads(1, libraries):
                parts = list(parts_of(samples))
                row = []
                for i in range(layers):
                    frames = np.concatenate([part[i] for part in parts])  # (frames, width)
                    row += [kind(frames, 0, dtype=np.float64) for kind in ((np.mean, np.std) if std else (np.mean,))]
            return np.concatenate(row)

        return measure

    def _parts(self) -> Parts:
        """The function from sound to layers, by the package and the kind of model that the files are for."""
        kinds = {"ctranslate2": self._ctranslate2, "whisper": self._whisper}
        return kinds.get(self._kind, self._transformers)()

    def _loaded(self, **changes: Any) -> tuple[Any, Any]:
        """Preprocessing and model of transformers, with changes of the model's configuration."""
        import torch

        transformers = importlib.import_module("transformers")
        here: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
        with _loading(self.name), torch.random.fork_rng(devices=[]), _silent(transformers):
            torch.manual_seed(0)  # weights missing from the files would be random
            prepare = transformers.AutoFeatureExtractor.from_pretrained(self.folder, **here)
            config = transformers.AutoConfig.from_pretrained(self.folder, **here)
            for name, value in changes.items():
                setattr(config, name, value)
            model = transformers.AutoModel.from_pretrained(self.folder, config=config, use_safetensors=True, **here)
        return prepare, model.float().eval()

    def _whisper(self) -> Parts:
        prepare, model = self._loaded(decoder_layers=0)  # which is not read
        encoder = model.get_encoder()

        def parts_of(samples: np.ndarray) -> Iterator[list[np.ndarray]]:
            return (whisper.states(encoder, prepare, part, self._places, self.context) for part in equal_parts(samples))

        return parts_of

    def _transformers(self) -> Parts:
        import torch

        prepare, model = self._loaded()
        encoder = model.get_encoder() if model.config.is_encoder_decoder else model
        name = prepare.model_input_names[0]

        def parts_of(samples: np.ndarray) -> Iterator[list[np.ndarray]]:
            for batch in batches(samples):
                prepared = prepare(list(batch), sampling_rate=recipe.RATE, return_tensors="pt")[name]
                with torch.inference_mode():
                    states = encoder(prepared, output_hidden_states=True).hidden_states
                yield from ([states[place][i].numpy() for place in self._places] for i in range(len(batch)))

        return parts_of

    def _ctranslate2(self) -> Parts:
        with _loading(self.name):
            ctranslate2 = importlib.import_module("ctranslate2")
            model = ctranslate2.models.Whisper(str(self.folder), "cpu", compute_type="float32", intra_threads=1)
        # faster-whisper's own class needs a tokenizer, which may have to be downloaded; an encoder needs none.
        mel = importlib.import_module("faster_whisper.feature_extractor").FeatureExtractor(feature_size=model.n_mels)
        pad = importlib.import_module("faster_whisper.audio").pad_or_trim

        def parts_of(samples: np.ndarray) -> Iterator[list[np.ndarray]]:
            for batch in batches(samples):
                whole = np.pad(batch, ((0, 0), (0, whisper.FRAMES * whisper.FRAME - batch.shape[1])))
                mels = np.stack([pad(mel(part)) for part in whole]).astype(np.float32)
                states = np.array(model.encode(ctranslate2.StorageView.from_array(mels)))  # (parts, 1500, width)
                yield from ([state[: whisper.heard(batch.shape[1])]] for state in states)

        return parts_of


def find(
    name: str,
    layers: tuple[int, ...] = (-1,),
    std: bool = False,
    context: str | float = "thinned",
    encoders_folder: str | os.PathLike[str] | None = None,
) -> Encoder:
    """An encoder whose files are on this machine.

    Parameters
    ----------
    name, layers, std, context
        As in `tlmlda_lib.features.embed`.
    encoders_folder : path, optional
        As `encoders` there.

    Returns
    -------
    Encoder

    Raises
    ------
    UserError
        If it is not here, a package is missing, or it lacks a layer; see `tlmlda_lib.features.encoders.folder_of`.
    """
    whisper.check(context)
    folder = encoders.folder_of(name, encoders_folder)
    given = files.place(name).is_dir()
    found = Encoder(folder, folder.name if given else name, tuple(layers), std, context)
    _ = found._places  # checks the layers now
    return found


def equal_parts(samples: np.ndarray) -> np.ndarray:
    """Cut sound into parts of equal length, none longer than `LONGEST`.

    Parameters
    ----------
    samples : ndarray of shape (n,)
        At 16 kHz.

    Returns
    -------
    ndarray of shape (k, m), float32
        Up to k - 1 samples at the end are dropped.
    """
    k = max(1, math.ceil(len(samples) / (LONGEST * recipe.RATE)))
    m = len(samples) // k
    return np.ascontiguousarray(samples[: k * m].reshape(k, m), dtype=np.float32)


def batches(samples: np.ndarray) -> Iterator[np.ndarray]:
    """The parts of a recording, `AT_ONCE` at a time.

    Parameters
    ----------
    samples : ndarray of shape (n,)
        At 16 kHz.
    """
    parts = equal_parts(samples)
    return (parts[i : i + AT_ONCE] for i in range(0, len(parts), AT_ONCE))


def _digest(folder: Path) -> str:
    """12 hex digits of the content of configuration and weights."""
    weights = [folder / "model.bin"] if is_ctranslate2(folder) else sorted(folder.glob("*.safetensors"))
    files = [folder / "config.json", *weights]
    files += [f for f in (folder / "preprocessor_config.json",) if f.is_file()]
    return hashlib.sha256("".join(digest(file) for file in files).encode()).hexdigest()[:12]


@contextmanager
def _loading(name: str) -> Iterator[None]:
    """Turn any failure to load a model into one sentence that names it."""
    try:
        yield
    except Exception as error:
        reason = str(error).strip().split("\n")[0]
        raise UserError(
            f"the encoder {name} cannot be loaded ({type(error).__name__}: {reason}): give a speech encoder's files"
        ) from error


@contextmanager
def _silent(transformers: Any) -> Iterator[None]:
    """Suppress reports on unused weights (a decoder's, a head's) and progress bars."""
    logging = transformers.utils.logging
    before, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(before)
        if bars:
            logging.enable_progress_bar()
