"""What a score was computed with: code, packages, machine, memory. Chapter 3.4 says why it is kept."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import threading
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGE = "tlmlda_lib"
_ROOT = Path(__file__).parents[1]

_PACKAGES = (
    "audformat",
    "librosa",
    "numpy",
    "opensmile",
    "pandas",
    "resemblyzer",
    "scikit-learn",
    "scipy",
    "skada",
    "soxr",
    "tlmlda_lib",
    "torch",
    "transformers",
)


@cache
def versions() -> dict[str, str]:
    """Versions of Python and of the installed packages on which scores depend."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


@cache
def machine() -> dict[str, Any]:
    """Kind of machine: processor, cores, system, linear algebra kernels; nothing that identifies this machine."""
    return {
        "processor": _processor(),
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "blas": list(kernels()),
    }


@cache
def kernels() -> tuple[str, ...]:
    """Linear algebra kernels chosen for this processor, as "openblas Haswell": bits depend on them, too.

    Processors of one name may differ here, and ``OPENBLAS_CORETYPE`` selects others.
    """
    import numpy  # noqa: F401 - only loaded libraries are found
    import scipy.linalg  # noqa: F401
    import torch
    from threadpoolctl import threadpool_info

    found = {
        f"{p['internal_api']} {p.get('architecture') or ''}".strip()
        for p in threadpool_info()
        if p["user_api"] == "blas"
    }
    return tuple(sorted(found | {f"torch {torch.backends.cpu.get_cpu_capability()}"}))


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.lower().startswith(("model name", "hardware")):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


@cache
def git_commit() -> str | None:
    """Commit of the library's working copy, with "+" if its code has changed since; None without git."""
    if not (_ROOT.parent / ".git").exists():
        return None
    commit = _git("rev-parse", "HEAD")
    return f"{commit}{'+' if _git('status', '--porcelain', '--', PACKAGE) else ''}" if commit else None


def _git(*words: str) -> str | None:
    try:
        done = subprocess.run(["git", *words], cwd=_ROOT.parent, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


class PeakMemory:
    """Record the peak memory of this process while a block runs.

    Parameters
    ----------
    every : float
        Seconds between two measurements.

    Attributes
    ----------
    mib : float
        Largest resident set size of the process (MiB), measured when the block begins, every 0.05 s, and at its end. It
        includes Python, the packages, the features, and memory that earlier work has not released.
    """

    def __init__(self, every: float = 0.05) -> None:
        import psutil

        self.mib = 0.0
        self._every = every
        self._process = psutil.Process()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> PeakMemory:
        self._look()
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over.set()
        self._thread.join()
        self._look()

    def _watch(self) -> None:
        while not self._over.wait(self._every):
            self._look()

    def _look(self) -> None:
        self.mib = max(self.mib, self._process.memory_info().rss / 2**20)


def digest_of_arrays(arrays: Iterable[object]) -> str:
    """Digest of arrays and names, 16 hexadecimal digits.

    Parameters
    ----------
    arrays : iterable of ndarray, str, tuple of str, or None
        In a fixed order.
    """
    import numpy as np

    h = hashlib.sha256()
    for item in arrays:
        h.update(repr(item).encode() if isinstance(item, str | tuple | None) else np.ascontiguousarray(item).tobytes())
    return h.hexdigest()[:16]
