"""A training run on disk: one safetensors file with its JSON inside, replaced whole or not at all.

The format has no checksum, and a flipped bit in a weight changes answers silently; so the JSON contains one.
"""

from __future__ import annotations

import glob
import hashlib
import json
import warnings
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from tlmlda_lib import files


class CheckpointWarning(UserWarning):
    """A checkpoint could not be used; training starts anew."""


def write(path: Path, tensors: dict[str, Tensor], about: dict[str, Any]) -> None:
    """Write tensors and JSON to `path` so that a crash leaves the old file or the new one.

    Parameters
    ----------
    path : Path
        Its folder is created if it is missing.
    tensors : dict of str to Tensor
    about : dict
        Anything JSON can hold.
    """
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    text = json.dumps(about)
    # One entry, a line each: safetensors writes several in another order each time, and equal files must be equal.
    files.write(path, save(plain, metadata={"about": f"{text}\n{_digest(plain, text)}"}))


def read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors and JSON that `write` wrote.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    OSError, ValueError
        If the file is absent, damaged or not ours.
    """
    path = files.place(path)
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for
            raise ValueError("it is not a regular file")
        with safe_open(str(path), framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        text, _, expected = metadata["about"].partition("\n")  # older files have no checksum
        about = json.loads(text)
        if expected and expected != _digest(tensors, text):
            raise ValueError("its content is not that of its checksum")
    except (SafetensorError, KeyError, ValueError) as error:
        raise ValueError(f"{path} is not a file of this library or is damaged ({error})") from error
    return tensors, about


def _digest(tensors: dict[str, Tensor], about: str) -> str:
    """SHA-256 of JSON and tensors, with their names, types and shapes."""
    found = hashlib.sha256(about.encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        found.update(f"\0{name}\0{tensor.dtype}\0{tuple(tensor.shape)}\0".encode())
        found.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
    return found.hexdigest()


def read_if_of(path: Path | None, identity: str) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """The checkpoint of the run with this identity; a warning if the file belongs to another run.

    Parameters
    ----------
    path : Path or None
        The file, which need not exist.
    identity : str
        Digest of data, options and seed.
    """
    try:
        if path is None or not Path(path).exists():
            return None
        tensors, about = read(path)
    except (OSError, ValueError) as error:
        warnings.warn(f"{error}; training starts anew", CheckpointWarning, stacklevel=2)
        return None
    if about.get("identity") != identity:
        warnings.warn(
            f"{path} belongs to another run (other data, options or seed); training starts anew",
            CheckpointWarning,
            stacklevel=2,
        )
        return None
    return tensors, about


def of_member(path: Path, number: int) -> Path:
    """The checkpoint of one of several networks that are trained in one run.

    Parameters
    ----------
    path : Path
        Checkpoint of the run.
    number : int
        Of the network.
    """
    return path.with_name(f"{path.stem}.{number}{path.suffix}")


def remove(path: Path) -> None:
    """Remove a run's checkpoint, and those of its networks.

    Parameters
    ----------
    path : Path
        The run's; it need not exist.
    """
    for file in path.parent.glob(f"{glob.escape(path.stem)}.*"):
        if file.suffix == path.suffix:
            file.unlink(missing_ok=True)


def with_prefix(prefix: str, module: nn.Module) -> dict[str, Tensor]:
    """A module's tensors, renamed; copies, since tied memory cannot be written.

    Parameters
    ----------
    prefix : str
        Put before each name, with a dot.
    module : Module
        Its state is copied, since shared memory cannot be written.
    """
    return {f"{prefix}.{k}": v.clone() for k, v in module.state_dict().items()}


def without_prefix(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors whose names begin with ``prefix.``, by the rest of their names.

    Parameters
    ----------
    prefix : str
        Beginning of the names, before the dot.
    tensors : dict of str to Tensor
        Any.
    """
    return {k.removeprefix(f"{prefix}."): v for k, v in tensors.items() if k.startswith(f"{prefix}.")}
