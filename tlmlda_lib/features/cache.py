"""Features on disk: one small file per recording, found by the recording's content. Chapter 1.3.

`tlmlda_lib.files.write` writes an entry, so it is whole or absent whatever happens to the process. It begins with a
checksum, so a damaged one is detected and computed again.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tlmlda_lib import files

_CHECKSUM = hashlib.sha256().digest_size


def root(cache: str | os.PathLike[str] | None = None) -> Path:
    """Folder of the feature cache: below `cache`, else below TLMLDA_CACHE, else the user's cache folder.

    Parameters
    ----------
    cache : path, optional
        A folder; it takes precedence.
    """
    return files.cache("features", cache)


def digest(path: str | os.PathLike[str]) -> str:
    """SHA-256 of a file's content, in hexadecimal.

    Parameters
    ----------
    path : path
        The file.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True)
class Cache:
    """The entries of one kind of features.

    Parameters
    ----------
    folder : Path
        Folder of this kind alone: its name contains feature set, versions and preprocessing.
    width : int
        Number of features in an entry.
    """

    folder: Path
    width: int

    def path(self, key: str) -> Path:
        """Path of a recording's entry.

        Parameters
        ----------
        key : str
            SHA-256 of the recording.
        """
        return self.folder / key[:2] / f"{key}.f32"

    def get(self, key: str) -> np.ndarray | None:
        """The cached features of a recording, or None if there is no intact entry.

        Parameters
        ----------
        key : str
            SHA-256 of the recording.

        Returns
        -------
        ndarray of shape (width,), float32, or None
        """
        try:
            content = self.path(key).read_bytes()
        except OSError:
            return None
        values = content[_CHECKSUM:]
        if len(values) != 4 * self.width or content[:_CHECKSUM] != self._checksum(key, values):
            return None
        return np.frombuffer(values, "<f4").astype(np.float32)

    def put(self, key: str, values: np.ndarray) -> bool:
        """Keep the features of a recording; False if the folder cannot be written.

        Parameters
        ----------
        key : str
            SHA-256 of the recording.
        values : ndarray of shape (width,)
            Kept as float32.
        """
        content = np.ascontiguousarray(values, "<f4").tobytes()
        try:
            files.write(self.path(key), self._checksum(key, content) + content)
        except OSError:
            # Another process may have been faster, and some systems do not replace a file that is being read.
            return self.get(key) is not None
        return True

    def prepare(self) -> bool:
        """Create the folder; False if it cannot be written."""
        return files.is_writable(self.folder)

    def _checksum(self, key: str, values: bytes) -> bytes:
        # It covers key and kind, so an entry copied to another name or folder does not count.
        return hashlib.sha256(f"{self.folder.name}/{key}/".encode() + values).digest()
