"""Where the project is published, from ``[tool.tlmlda]`` of pyproject.toml, and the library's wheel for the site.

An empty address means: not published. Then there is no button, no link and no installation from it.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

#: Where the site has the students' notebooks, and beside them the wheel.
NOTEBOOKS = "_sources"


#: The wheel's address and digest in a notebook's first cell, as JSON has it.
DIGEST = re.compile(r'(ADDRESS, SHA256 = \\"[^"]*\\", \\")[0-9a-f]*(\\")')


@dataclass(frozen=True)
class Published:
    """The three facts, and the library's version that goes with them."""

    version: str
    repository: str = ""  # as https://github.com/NAME/PROJECT
    site: str = ""  # of the built pages, without a slash at the end
    tag: str = "main"  # branch or tag whose notebooks the buttons open

    @property
    def wheel(self) -> str:
        """Name of the library's wheel."""
        return f"tlmlda_lib-{self.version}-py3-none-any.whl"

    @property
    def wheel_address(self) -> str:
        """Where the site gives out the wheel; empty where there is no site."""
        return f"{self.site}/{NOTEBOOKS}/{self.wheel}" if self.site else ""


def read(root: Path) -> Published:
    """Read the facts of a checkout.

    Raises
    ------
    ValueError
        If one is missing or unknown, or an address is none.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    facts = project.get("tool", {}).get("tlmlda", {})
    if set(facts) != {"repository", "site", "tag"}:
        raise ValueError(f"pyproject.toml, [tool.tlmlda]: wants repository, site and tag, and has {sorted(facts)}")
    for name in ("repository", "site"):
        if facts[name] and not re.fullmatch(r"https?://[^\s/]+(/[^\s/]+)*", facts[name]):
            raise ValueError(
                f"pyproject.toml, [tool.tlmlda]: {name} = {facts[name]!r} is no address without a slash at its end"
            )
    if not facts["tag"]:
        raise ValueError("pyproject.toml, [tool.tlmlda]: tag is empty; name a branch or a tag")
    return Published(project["project"]["version"], **facts)


def build_wheel(root: Path, folder: Path) -> Path:
    """Build the library's wheel into a folder, the same bytes for the same sources, and return the file.

    Raises
    ------
    RuntimeError
        If the build failed; the end of what it printed.
    """
    target = folder / read(root).wheel
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", scratch]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"the library's wheel could not be built: {done.stderr.strip()[-500:]}")
        (built,) = Path(scratch).glob("*.whl")
        folder.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(".part")
        part.write_bytes(built.read_bytes())
        part.replace(target)
    return target


def sha256(file: Path) -> str:
    """SHA-256 of a file, in 64 hex digits."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def with_digest(notebook: str, digest: str = "") -> str:
    """A notebook's text with this digest of the wheel; without one, as it is compared: the digest changes often."""
    return DIGEST.sub(rf"\g<1>{digest}\g<2>", notebook)
