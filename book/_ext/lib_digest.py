"""Let the pages follow what they are made from.

jupyter-cache knows a page by its code alone. The library, the records in results/ and the pinned packages count as
well: when one of them changes, so does the cache's name, and every page is run again. Sphinx knows a page by its text
alone: when style or extensions change, every page is read and written again.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

COMPUTED = (
    *(f"tlmlda_lib/**/*.{kind}" for kind in ("py", "js", "css", "yml")),
    "results/**/*.jsonl",
    "constraints.txt",
)
WRITTEN = ("book/_static/**/*", "book/_ext/**/*.py", "book/_ext/**/*.yml", "book/_ext/**/*.html", "book/_vendor/**/*")


def digest(root: Path, globs: tuple[str, ...]) -> str:
    """16 hex digits of the names and the contents of all files that the pages hang on."""
    h = hashlib.sha256()
    for file in sorted({file for pattern in globs for file in root.glob(pattern) if file.is_file()}):
        h.update(file.relative_to(root).as_posix().encode() + b"\0")
        h.update(hashlib.sha256(file.read_bytes()).digest())
    return h.hexdigest()[:16]


def name_cache(app: Any, config: Any) -> None:
    """Set the cache's folder and the style's digest: a changed value makes Sphinx read every page anew."""
    build, root = Path(app.outdir).parent, Path(app.srcdir).parent
    config.nb_execution_cache_path = str(build / ".jupyter_cache" / digest(root, COMPUTED))
    config.written_digest = digest(root, WRITTEN)


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's entry point."""
    app.add_config_value("written_digest", "", "env")
    app.connect("config-inited", name_cache)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
