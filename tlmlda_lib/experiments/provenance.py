"""What a figure was made with: code, packages, machine, memory. Chapter 3.4 says why it is kept."""

from __future__ import annotations

import ast
import hashlib
import io
import os
import platform
import subprocess
import threading
import tokenize
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import metadata, util
from pathlib import Path

PACKAGE = "tlmlda_lib"
_ROOT = Path(__file__).parents[1]

#: Rooms whose work ends in the feature tables; a record keeps the tables' digest beside their code's.
DATA_ROOMS = ("corpora", "features", "domains", "voices")

#: No figure hangs on these: they say what went wrong and hold what was computed.
_NO_FIGURES = ("errors", "checkpoints")

#: Modules whose constants do not count: a record holds the value of every option, wherever a preset had it from.
_WITHOUT_CONSTANTS = ("options", "methods.ifn_options")

#: Changes of code that change no figure: a module's digest before and after. `tests/acceptance/test_equal_code.py` runs
#: records of the code before anew and wants them equal to the last bit.
EQUAL = {
    "2c044845af66727c": "acf04af4805e8f0e",  # trainer: averages weights on a CUDA device as well
}

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
)


def code_digest(*rooms: str) -> dict[str, str]:
    """Digests of the modules that these rooms are made of, themselves and all that they import from the library.

    Parameters
    ----------
    *rooms : str
        Modules by their name within the library, as "methods.tlmlda" or "evaluation".

    Returns
    -------
    dict of str to str
        16 hex digits for each module by name. Comments, docstrings and blank lines do not count, so that better words
        make no record stale.
    """
    found: dict[str, str] = {}
    todo = list(rooms)
    while todo:
        name = todo.pop()
        if name in found or name.split(".")[0] in _NO_FIGURES:
            continue
        found[name] = _digest(name)
        todo.extend(_imports(name))
    return dict(sorted(found.items()))


def whole(modules: Mapping[str, str]) -> str:
    """One digest (16 hex digits) of the digests of modules."""
    return hashlib.sha256(repr(sorted(modules.items())).encode()).hexdigest()[:16]


def changed(modules: Mapping[str, str]) -> list[str]:
    """Names of the modules whose code is neither what these digests say nor `EQUAL` to it, or that are gone."""
    return sorted(name for name, digest in modules.items() if _file(name) is None or not _same(digest, _digest(name)))


def _same(before: str, now: str) -> bool:
    """Whether code with one digest became code with another by changes that change no figure, or by none."""
    while before != now and before in EQUAL:
        before = EQUAL[before]
    return before == now


@cache
def _digest(name: str) -> str:
    file = _file(name)
    if file is None:
        raise ModuleNotFoundError(f"{PACKAGE}.{name} is no module of the library", name=name)
    source = file.read_text(encoding="utf-8")
    if name in _WITHOUT_CONSTANTS:
        parts = [n for n in ast.parse(source).body if isinstance(n, ast.ClassDef | ast.FunctionDef)]
        source = "\n".join(ast.get_source_segment(source, part) or "" for part in parts)
    return hashlib.sha256(bare(source).encode()).hexdigest()[:16]


def bare(source: str) -> str:
    """Python source without comments, docstrings, blank lines and trailing blanks."""
    lines = source.split("\n")
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and type(first.value.value) is str:
                for row in range(first.lineno - 1, first.end_lineno or first.lineno):
                    lines[row] = ""
    return "\n".join(line.rstrip() for line in lines if line.strip())


def _imports(name: str) -> set[str]:
    """Modules of the library that this one imports anywhere in its text."""
    file = _file(name)
    assert file is not None
    package = f"{PACKAGE}.{name}" if file.name == "__init__.py" else f"{PACKAGE}.{name}".rpartition(".")[0]
    candidates: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            candidates |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = util.resolve_name("." * node.level + (node.module or ""), package) if node.level else node.module
            candidates |= {str(base)} | {f"{base}.{alias.name}" for alias in node.names}
    names = {c.removeprefix(f"{PACKAGE}.") for c in candidates if c.startswith(f"{PACKAGE}.")}
    return {n for n in names if _file(n) is not None}


def _file(name: str) -> Path | None:
    """Source of a module of the library."""
    path = _ROOT.joinpath(*name.split("."))
    return next((p for p in (path.with_suffix(".py"), path / "__init__.py") if p.is_file()), None)


@cache
def versions() -> dict[str, str]:
    """Versions of Python and of the packages that figures hang on, as far as they are installed."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


@cache
def machine() -> dict[str, str | int | None]:
    """Kind of machine: processor, cores, system; nothing that names this very one."""
    return {
        "processor": _processor(),
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "system": platform.system(),
    }


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
    """Commit of the library's working copy, with "+" if its code was changed since; None without git."""
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
    """Watches the memory of this process while a block runs.

    Attributes
    ----------
    mib : float
        Largest resident set of the process that was seen (MiB), looked at when the block begins, every 0.05 s, and at
        its end. It includes Python, the packages and the features, and what earlier work has not given back.
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
    """16 hex digits of arrays and names."""
    import numpy as np

    h = hashlib.sha256()
    for item in arrays:
        h.update(repr(item).encode() if isinstance(item, str | tuple) else np.ascontiguousarray(item).tobytes())
    return h.hexdigest()[:16]
