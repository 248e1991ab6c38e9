"""Embeddings of recordings by pre-trained speech encoders. Chapter 4.1.

Weights come from a folder or, once, from the Hugging Face Hub; the library contains none.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from tlmlda_lib.errors import UserError, install
from tlmlda_lib.features import recipe
from tlmlda_lib.features.cache import digest
from tlmlda_lib.features.threads import quiet, use_threads

INSTALL = install("pretrained")

#: Longest input of Whisper, in seconds. Longer recordings are cut into equal parts.
LONGEST = 30.0

#: Samples per frame of Whisper's encoder: 20 ms.
WHISPER_FRAME = 320

#: Input samples of Whisper's encoder; shorter sound is padded with silence.
WHISPER_LONG = 480000

#: Parts of a recording in one batch.
AT_ONCE = 8

#: From sound (n,) to the layers (frames, width) of each of its parts.
Parts = Callable[[np.ndarray], Iterator[list[np.ndarray]]]


@dataclass(frozen=True)
class Encoder:
    """A pre-trained encoder, as a `tlmlda_lib.features.recipe.Recipe`.

    A row is the mean over frames of each layer, followed by the standard deviations if `std` is set. Recordings do not
    share a batch: padding would let a row depend on its neighbours, and rows are cached by the content of their own
    file.
    """

    folder: Path  # weights, configuration and preprocessing
    name: str  # as the user gave it
    layers: tuple[int, ...] = (-1,)  # 0: input of the first layer; -1: the last
    std: bool = False  # append the standard deviation over frames

    few = 16
    memory = 2000 * 2**20

    #: Raise it when a change alters the features.
    revision: ClassVar[int] = 1

    @cached_property
    def key(self) -> str:
        """Name, digest of the files, pooling, the package that runs it, revisions of preprocessing and module."""
        pooled = "-".join((*self._labels, *(["std"] if self.std else [])))
        runs = "ctranslate2" if is_ctranslate2(self.folder) else "transformers"
        files = _digest(self.folder)
        return f"{self.short}-{files}-{pooled}-{runs}-{version(runs)}-sound-{recipe.PREPARATION}.{self.revision}"

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
    def _shape(self) -> tuple[int, int]:
        """Number of layers and width."""
        if is_ctranslate2(self.folder):
            return 0, next(self._ctranslate2()(np.zeros(recipe.RATE, np.float32)))[0].shape[1]
        config = json.loads((self.folder / "config.json").read_text(encoding="utf-8"))
        layers = config.get("encoder_layers", config.get("num_hidden_layers"))
        width = config.get("d_model", config.get("hidden_size"))
        if not isinstance(layers, int) or not isinstance(width, int):
            raise UserError(
                f"{self.folder / 'config.json'} lacks the number of layers or the width: give a speech encoder"
            )
        return layers, width

    @cached_property
    def _places(self) -> tuple[int, ...]:
        """The layers, counted from 0."""
        if is_ctranslate2(self.folder):
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
        return ("last",) if is_ctranslate2(self.folder) else tuple(f"L{i}" for i in self._places)

    def load(self) -> recipe.Measure:
        """The function from sound (n,) to pooled layers (width,)."""
        with quiet():
            parts_of = self._ctranslate2() if is_ctranslate2(self.folder) else self._transformers()
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

    def _transformers(self) -> Parts:
        import torch

        transformers = importlib.import_module("transformers")
        with _loading(self.name), torch.random.fork_rng(devices=[]), _silent(transformers):
            torch.manual_seed(0)  # weights missing from the files would be random
            prepare = transformers.AutoFeatureExtractor.from_pretrained(self.folder, local_files_only=True)
            model = transformers.AutoModel.from_pretrained(self.folder, local_files_only=True).float().eval()
        whisper = model.config.model_type == "whisper"
        encoder = model.get_encoder() if model.config.is_encoder_decoder else model
        name = prepare.model_input_names[0]

        def parts_of(samples: np.ndarray) -> Iterator[list[np.ndarray]]:
            for batch in batches(samples):
                prepared = prepare(list(batch), sampling_rate=recipe.RATE, return_tensors="pt")[name]
                with torch.inference_mode():
                    states = encoder(prepared, output_hidden_states=True).hidden_states
                frames = heard(batch) if whisper else None
                yield from ([states[place][i, :frames].numpy() for place in self._places] for i in range(len(batch)))

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
                whole = np.pad(batch, ((0, 0), (0, WHISPER_LONG - batch.shape[1])))
                mels = np.stack([pad(mel(part)) for part in whole]).astype(np.float32)
                states = np.array(model.encode(ctranslate2.StorageView.from_array(mels)))  # (parts, 1500, width)
                yield from ([state[: heard(batch)]] for state in states)

        return parts_of


def find(name: str, layers: tuple[int, ...] = (-1,), std: bool = False) -> Encoder:
    """Find an encoder's files: a folder, or a name on the Hugging Face Hub.

    Parameters
    ----------
    name : str
        A folder, or a name on the Hub as "openai/whisper-tiny".
    layers, std
        As in `tlmlda_lib.features.embed`.

    Returns
    -------
    Encoder

    Raises
    ------
    UserError
        If the extra ``pretrained`` is missing, the folder does not exist, or the files cannot be downloaded.
    """
    folder = Path(name).expanduser()
    local = folder.is_dir()
    needed = ("faster_whisper", "ctranslate2") if local and is_ctranslate2(folder) else ("transformers", "torch")
    if missing := [module for module in needed if find_spec(module) is None]:
        raise UserError(f"the encoder {name} needs {', '.join(missing)}: {INSTALL}")
    if not local:
        if folder.is_absolute() or name.startswith((".", "~")):
            raise UserError(
                f"{name} is not a folder: give one that contains an encoder's files, or a Hugging Face name"
            )
        folder = _fetched(name)
    elif not (folder / "config.json").is_file():
        raise UserError(f"{name} contains no config.json: give a folder that `save_pretrained` or CTranslate2 wrote")
    found = Encoder(folder.resolve(), name if not local else folder.resolve().name, tuple(layers), std)
    _ = found._places  # checks the layers now
    return found


def is_ctranslate2(folder: Path) -> bool:
    """Whether a folder contains a model converted for CTranslate2.

    Parameters
    ----------
    folder : Path
        It need not exist.
    """
    return (folder / "model.bin").is_file()


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


def heard(parts: np.ndarray) -> int:
    """Number of Whisper's frames that contain the sound of the parts; the rest, up to 30 s, is silence.

    Parameters
    ----------
    parts : ndarray of shape (k, m)
        As from `equal_parts`.
    """
    return math.ceil(parts.shape[1] / WHISPER_FRAME)


def _fetched(name: str) -> Path:
    """Folder of a model from the Hub: from the local cache, or downloaded."""
    hub = importlib.import_module("huggingface_hub")
    for here_only in (True, False):  # the local cache, in either form, needs no network
        for weights in ("*.safetensors", "pytorch_model*.bin"):
            wanted = ["config.json", "preprocessor_config.json", weights]
            try:
                folder = Path(hub.snapshot_download(name, allow_patterns=wanted, local_files_only=here_only))
            except Exception as error:  # of any kind: no network, no such model, no permission
                if here_only:
                    continue
                raise UserError(
                    f"the encoder {name} is not on this machine and could not be downloaded from the Hugging Face Hub "
                    f"({type(error).__name__}): check the name, call again with a network, or give a local folder"
                ) from error
            if (folder / "config.json").is_file() and list(folder.glob(weights)):
                return folder
    raise UserError(f"the encoder {name} has no weights that can be read: use another, or a local folder")


def _digest(folder: Path) -> str:
    """12 hex digits of the content of configuration and weights."""
    weights = sorted(folder.glob("*.safetensors")) or sorted(folder.glob("*.bin"))
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
