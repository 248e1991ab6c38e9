"""The sealed collections of results/ as one archive, and the build's hook that puts it into the wheel."""

from __future__ import annotations

import hashlib
import lzma
import os
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

#: Where the wheel has the archive: beside the module that reads it (`tlmlda_lib.experiments.shipped`).
INSIDE = "tlmlda_lib/experiments/records.jsonl.xz"

#: Text, not binary: smaller by a hundredth, and the same bytes for the same collections.
_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 6, "lc": 4, "pb": 0}]


def pack(results: Path, archive: Path, kept: Path | None = None) -> int:
    """Write all collections below a folder into one archive, one after the other, and say how many bytes it has.

    Packing takes a dozen seconds, and a build of the book wants several wheels: what was packed is kept in the folder
    `kept`, if there is one, under the digest of what is in it.
    """
    files = sorted(results.glob("*.jsonl"))
    if not files:
        raise FileNotFoundError(f"{results} holds no sealed collection: `tlmlda seal` makes them")
    content = b"".join(file.read_bytes() for file in files)
    before = kept and kept / f"{hashlib.sha256(repr(_FILTERS).encode() + content).hexdigest()}.xz"
    packed = before.read_bytes() if before and before.is_file() else b""
    if not packed:
        packed = lzma.compress(content, format=lzma.FORMAT_XZ, filters=_FILTERS)
        if before:
            _write(before, packed)
    _write(archive, packed)
    return len(packed)


def _write(file: Path, content: bytes) -> None:
    """Whole, or not at all: builds run side by side."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f"{file.name}.{os.getpid()}")
    new.write_bytes(content)
    new.replace(file)


class WithRecords(BuildHookInterface):
    """Packs the records for a wheel; an editable installation reads those of its checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Pack them outside the checkout, which stays as it is."""
        if version != "standard":
            return
        self._folder = tempfile.TemporaryDirectory()
        archive = Path(self._folder.name, "records.jsonl.xz")
        built = Path(self.root, "_build")  # of a checkout in which something was built
        pack(Path(self.root, "results"), archive, built / "packed" if built.is_dir() else None)
        build_data["force_include"][str(archive)] = INSIDE

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was packed: the wheel has it now."""
        if version == "standard":
            self._folder.cleanup()
