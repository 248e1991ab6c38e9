"""Where pre-trained speech encoders lie, and how one is fetched. Chapter 4.1.

The library contains no weights, and nothing is downloaded unless `fetch` is called: by `tlmlda fetch-encoder`.
"""

from __future__ import annotations

import importlib
import os
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tlmlda_lib import files
from tlmlda_lib.errors import UserError, install

INSTALL = install("pretrained")

#: What is read of an encoder. Weights in other formats may run code when they are opened.
FILES = ("config.json", "preprocessor_config.json", "*.safetensors")


@dataclass(frozen=True)
class Offer:
    """What the Hugging Face Hub says of an encoder before it is downloaded.

    Attributes
    ----------
    name : str
        As "openai/whisper-base".
    size : int
        Bytes to download.
    licence : str
        Its identifier, as "apache-2.0", or "not stated".
    """

    name: str
    size: int
    licence: str


def is_ctranslate2(folder: Path) -> bool:
    """Whether a folder contains a model converted for CTranslate2.

    Parameters
    ----------
    folder : Path
        It need not exist.
    """
    return (folder / "model.bin").is_file()


def folder_of(name: str, encoders: str | os.PathLike[str] | None = None) -> Path:
    """Folder of an encoder's files on this machine. Chapter 4.1.

    Parameters
    ----------
    name : str
        A folder, or a name on the Hugging Face Hub, as "openai/whisper-base".
    encoders : path, optional
        A folder of encoders, by default that of the environment variable TLMLDA_ENCODERS. "openai/whisper-base" is its
        folder ``openai/whisper-base``, ``whisper-base`` or ``whisper-base-encoder``. The cache of the Hugging Face Hub
        comes after it.

    Returns
    -------
    Path
        It contains ``config.json`` and weights.

    Raises
    ------
    UserError
        If the encoder is not here, has no weights in the form of safetensors, or needs a package that is missing.
    """
    given = files.place(name)
    local = given.is_dir()
    if not local and (given.is_absolute() or name.startswith((".", "~"))):
        raise UserError(f"{name} is not a folder: give one that contains an encoder's files, or a Hugging Face name")
    found = given if local else _below(name, encoders)
    needed = ("faster_whisper", "ctranslate2") if found and is_ctranslate2(found) else ("transformers", "torch")
    if missing := [module for module in needed if find_spec(module) is None]:
        raise UserError(f"the encoder {name} needs {', '.join(missing)}: {INSTALL}")
    found = found or _cached(name)
    if found is None:
        raise UserError(
            f"the encoder {name} is not on this machine: `tlmlda fetch-encoder {name}` downloads it, or name the "
            f"folder that contains it with --encoders or {files.ENCODERS}"
        )
    if not (found / "config.json").is_file():
        raise UserError(f"{found} contains no config.json: give a folder that `save_pretrained` or CTranslate2 wrote")
    if not is_ctranslate2(found) and not list(found.glob("*.safetensors")):
        raise UserError(f"{found} contains no weights as .safetensors, the only form that is read: give another folder")
    return found.resolve()


def is_here(name: str, encoders: str | os.PathLike[str] | None = None) -> bool:
    """Whether an encoder and the packages that run it are on this machine.

    Parameters
    ----------
    name, encoders
        As in `folder_of`.
    """
    try:
        folder_of(name, encoders)
    except UserError:
        return False
    return True


def offer(name: str) -> Offer:
    """Size and licence of an encoder on the Hugging Face Hub; needs a network.

    Parameters
    ----------
    name : str
        As "openai/whisper-base".

    Raises
    ------
    UserError
        If it is a folder, the Hub cannot be reached, or has no such encoder with weights in the form of safetensors.
    """
    if (here := files.place(name)).is_dir():
        raise UserError(
            f"{name} is a folder, which needs no fetching: "
            + _means(here.resolve().parent if (here / "config.json").is_file() else here.resolve())
        )
    try:
        info = _hub(name).HfApi().model_info(name, files_metadata=True)
    except Exception as error:  # of any kind: no network, no such model, no permission
        raise _unreachable(name, error) from error
    theirs = [f for f in info.siblings if any(fnmatch(f.rfilename, pattern) for pattern in FILES)]
    if not any(f.rfilename.endswith(".safetensors") for f in theirs):
        raise UserError(f"the encoder {name} has no weights as .safetensors, the only form that is read: use another")
    licence = (info.card_data or {}).get("license") or "not stated"
    return Offer(name, sum(f.size or 0 for f in theirs), str(licence))


def fetch(name: str) -> Path:
    """Download an encoder into the cache of the Hugging Face Hub.

    Parameters
    ----------
    name : str
        As "openai/whisper-base".

    Returns
    -------
    Path
        Folder of its files.

    Raises
    ------
    UserError
        If it cannot be downloaded.
    """
    try:
        return Path(_hub(name).snapshot_download(name, allow_patterns=list(FILES)))
    except Exception as error:
        raise _unreachable(name, error) from error


def _below(name: str, encoders: str | os.PathLike[str] | None) -> Path | None:
    """Folder of an encoder in a folder of encoders, or None."""
    home, short = files.named_by(files.ENCODERS, encoders), name.rpartition("/")[2]
    if home is None:
        return None
    if not home.is_dir():
        raise UserError(f"{home} is not a folder: name the one that contains encoders")
    places = [home / name, home / short, home / f"{short}-encoder"]
    return next((folder for folder in places if (folder / "config.json").is_file()), None)


def _cached(name: str) -> Path | None:
    """Folder of an encoder in the cache of the Hub, or None; no network is used."""
    try:
        folder = _hub(name).snapshot_download(name, allow_patterns=list(FILES), local_files_only=True)
    except Exception:
        return None
    return Path(folder)


def _hub(name: str) -> Any:
    if find_spec("huggingface_hub") is None:
        raise UserError(f"the encoder {name} needs huggingface_hub: {INSTALL}")
    return importlib.import_module("huggingface_hub")


def _unreachable(name: str, error: Exception) -> UserError:
    return UserError(
        f"the encoder {name} could not be downloaded from the Hugging Face Hub ({type(error).__name__}), which alone "
        f"knows its size and licence: check the name, or call again with a network; if you have its files in "
        f"FOLDER/{name.rpartition('/')[2]}, {_means('FOLDER')}"
    )


def _means(folder: str | os.PathLike[str]) -> str:
    """How a folder of encoders is named."""
    return f"use it by `export {files.ENCODERS}={os.fspath(folder)}` or `--encoders {os.fspath(folder)}`"
