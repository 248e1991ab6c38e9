"""The sealed collections of results/ as one archive, and the build's hook that puts it into the wheel."""

from __future__ import annotations

import lzma
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

#: Where the wheel has the archive: beside the module that reads it (`tlmlda_lib.experiments.shipped`).
INSIDE = "tlmlda_lib/experiments/records.jsonl.xz"

#: Text, not binary: smaller by a hundredth, and the same bytes for the same collections.
_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 6, "lc": 4, "pb": 0}]


def pack(results: Path, archive: Path) -> int:
    """Write all collections below a folder into one archive, one after the other, and say how many bytes it has."""
    files = sorted(results.glob("*.jsonl"))
    if not files:
        raise FileNotFoundError(f"{results} holds no sealed collection: `tlmlda seal` makes them")
    content = b"".join(file.read_bytes() for file in files)
    packed = lzma.compress(content, format=lzma.FORMAT_XZ, filters=_FILTERS)
    archive.parent.mkdir(parents=True, exist_ok=True)
    archive.write_bytes(packed)
    return len(packed)


class WithRecords(BuildHookInterface):
    """Packs the records for a wheel; an editable installation reads those of its checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Pack them outside the checkout, which stays as it is."""
        if version != "standard":
            return
        self._folder = tempfile.TemporaryDirectory()
        archive = Path(self._folder.name, "records.jsonl.xz")
        pack(Path(self.root, "results"), archive)
        build_data["force_include"][str(archive)] = INSIDE

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was packed: the wheel has it now."""
        if version == "standard":
            self._folder.cleanup()
