"""Features on disk, one small file an entry, found by the content of the recording.

An entry is written to a temporary name, synced and renamed, so it is whole or absent whatever happens to the process;
it begins with a checksum, so a damaged one is seen and made again.
"""

from __future__ import annotations

import hashlib
import os
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

#: Temporary files live for milliseconds. Those older than this (seconds) were left by a process that was killed.
STALE = 3600.0

_CHECKSUM = hashlib.sha256().digest_size


def root(cache: str | os.PathLike[str] | None = None) -> Path:
    """Return the folder of the cache: `cache`, else TLMLDA_CACHE, else the user's cache folder."""
    given = cache or os.environ.get("TLMLDA_CACHE")
    if given:
        return Path(given).expanduser() / "features"
    import platformdirs

    return Path(platformdirs.user_cache_dir("tlmlda_lib", appauthor=False)) / "features"


def digest(path: str | os.PathLike[str]) -> str:
    """SHA-256 of a file's content, in hex. Raises OSError."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True)
class Cache:
    """Entries of one kind of features.

    Parameters
    ----------
    folder : Path
        Of this kind alone: its name tells feature set, versions and preprocessing.
    width : int
        Numbers an entry holds.
    """

    folder: Path
    width: int

    def path(self, key: str) -> Path:
        """Where the entry of a recording with SHA-256 `key` lies."""
        return self.folder / key[:2] / f"{key}.f32"

    def get(self, key: str) -> np.ndarray | None:
        """Features (width,) float32 of a recording, or None where there is no whole entry."""
        try:
            content = self.path(key).read_bytes()
        except OSError:
            return None
        values = content[_CHECKSUM:]
        if len(values) != 4 * self.width or content[:_CHECKSUM] != self._checksum(key, values):
            return None
        return np.frombuffer(values, "<f4").astype(np.float32)

    def put(self, key: str, values: np.ndarray) -> bool:
        """Keep the features of a recording; False where the folder cannot be written."""
        content = np.ascontiguousarray(values, "<f4").tobytes()
        try:
            self._write(self.path(key), self._checksum(key, content) + content)
        except OSError:
            # Another process may have been quicker, and some systems do not replace a file that is being read.
            return self.get(key) is not None
        return True

    def prepare(self) -> bool:
        """Make the folder, clear away what killed processes left; False where it cannot be written."""
        try:
            temporary = self._temporary()
            temporary.mkdir(parents=True, exist_ok=True)
            (temporary / "probe").write_bytes(b"")
            limit = time.time() - STALE
            for left in temporary.iterdir():
                with suppress(OSError):  # another process may sweep as well
                    if left.stat().st_mtime < limit:
                        left.unlink()
        except OSError:
            return False
        return True

    def _temporary(self) -> Path:
        return self.folder / "tmp"

    def _checksum(self, key: str, values: bytes) -> bytes:
        # With key and kind in it, an entry copied to another name or folder is not taken for the right one.
        return hashlib.sha256(f"{self.folder.name}/{key}/".encode() + values).digest()

    def _write(self, path: Path, content: bytes) -> None:
        temporary = self._temporary() / uuid.uuid4().hex
        for folder in (temporary.parent, path.parent):
            folder.mkdir(parents=True, exist_ok=True)
        try:
            with open(temporary, "xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except OSError:
            with suppress(OSError):
                temporary.unlink()
            raise
