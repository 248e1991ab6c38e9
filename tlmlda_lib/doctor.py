"""What is installed, found and missing, and the command that mends it."""

from __future__ import annotations

import importlib
import os
import platform
import re
import sys
import tempfile
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tlmlda_lib import corpora
from tlmlda_lib.errors import UserError
from tlmlda_lib.features import cache
from tlmlda_lib.features.embeddings import INSTALL as INSTALL_VOICES

Check = dict[str, str]

#: What an extra is good for; a name that can be imported stands for each.
EXTRAS = {
    "voices": ("voice groups, on which the preset `recommended` stands", ("resemblyzer", "librosa", "webrtcvad")),
    "speech": ("made speech, on which the book's pages run", ("espeakng_loader",)),
    "audb": ("EmoDB from audEERING's server", ("audb",)),
    "baselines": ("methods of other packages", ("skada", "skorch")),
    "book": ("building the book", ("jupyter_book", "anywidget")),
    "test": ("the tests", ("pytest", "hypothesis")),
    "dask": ("grids on many machines", ("distributed",)),
    "pretrained": ("pre-trained streams", ("transformers", "faster_whisper")),
}


def examine(root: str | os.PathLike[str] | None = None) -> list[Check]:
    """Look at everything that a run stands on.

    Parameters
    ----------
    root : path, optional
        Folder of the corpora; without it the environment variable TLMLDA_CORPORA.

    Returns
    -------
    list of dict
        Each with ``what``, ``state`` ("ok"; "missing": a run may do without; "wrong": it may not), ``found``, and
        ``mend``, the command or the deed that helps ("" where nothing is to be done).
    """
    return [*_python(), *_packages(), _smile(), *_extras(), _cache(), *_corpora(root)]


def _check(what: str, state: str, found: str, mend: str = "") -> Check:
    return {"what": what, "state": state, "found": found, "mend": mend}


def _python() -> Iterator[Check]:
    fits = (3, 11) <= sys.version_info[:2] <= (3, 13)
    version = f"{platform.python_version()}, {platform.system()} {platform.machine()}"
    yield _check("Python", "ok" if fits else "wrong", version, "" if fits else "use Python 3.11, 3.12 or 3.13")


def _packages() -> Iterator[Check]:
    """Each package that the library declares, against its range."""
    from packaging.requirements import Requirement

    try:
        declared = [Requirement(text) for text in metadata.requires("tlmlda_lib") or ()]
    except metadata.PackageNotFoundError:
        yield _check("tlmlda_lib", "missing", "not installed, only imported", "pip install -e .")
        return
    good = 0
    for requirement in declared:
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        name = requirement.name
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            yield _check(name, "wrong", "not installed", f"pip install '{name}{requirement.specifier}'")
            continue
        if requirement.specifier.contains(version, prereleases=True):
            good += 1
        else:
            yield _check(name, "wrong", version, f"pip install '{name}{requirement.specifier}'")
    if good:
        yield _check("packages", "ok", f"{good} within their ranges")


def _smile() -> Check:
    """Does openSMILE run here? Its library is compiled for some systems only."""
    try:
        import numpy as np
        import opensmile

        smile = opensmile.Smile(opensmile.FeatureSet.IS10, opensmile.FeatureLevel.Functionals)
        rng = np.random.default_rng(0)
        width = smile(rng.normal(0, 0.1, 16000).astype(np.float32), 16000).size
    except Exception as error:  # whatever it is, the user must hear of it
        return _check(
            "openSMILE", "wrong", f"{type(error).__name__}: {error}", "pip install --force-reinstall opensmile"
        )
    return _check("openSMILE", "ok", f"{width} numbers of a second of noise")


def _extras() -> Iterator[Check]:
    for extra, (purpose, names) in EXTRAS.items():
        missing = [name for name in names if find_spec(name) is None]
        if not missing:
            yield _check(f"extra {extra}", "ok", purpose)
            continue
        mend = INSTALL_VOICES if extra == "voices" else f"pip install 'tlmlda_lib[{extra}]'"
        yield _check(f"extra {extra}", "missing", f"{', '.join(missing)}: for {purpose}", mend)
    if find_spec("resemblyzer") is not None and find_spec("webrtcvad") is not None:
        yield _encoder()
    yield _devices()


def _encoder() -> Check:
    """Does the speaker encoder load? It asks for modules by old names."""
    try:
        importlib.import_module("tlmlda_lib.features.embeddings").MODELS["resemblyzer"]().load()
    except Exception as error:  # whatever it is, the user must hear of it
        return _check("speaker encoder", "wrong", f"{type(error).__name__}: {error}", INSTALL_VOICES)
    return _check("speaker encoder", "ok", "loads; 256 numbers a recording")


def _devices() -> Check:
    import torch

    found = f"CPU, {torch.get_num_threads()} threads"
    if torch.cuda.is_available():
        found += f"; CUDA, {torch.cuda.get_device_name(0)}"
    return _check("PyTorch runs on", "ok", found)


def _cache() -> Check:
    folder = cache.root()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        found = f"{folder} cannot be written ({error.strerror or error})"
        return _check("feature cache", "wrong", found, "set TLMLDA_CACHE to a folder of yours")
    sizes = [f.stat().st_size for f in folder.rglob("*.f32")]
    return _check("feature cache", "ok", f"{folder}: {len(sizes)} entries, {sum(sizes) / 2**20:.0f} MiB")


def _corpora(root: Any) -> Iterator[Check]:
    try:
        found = corpora.find(root)
    except UserError as error:
        where = re.sub(r"^no folder of corpora was given: .*", "no folder was given", str(error))
        yield _check("corpora", "missing", where, "export TLMLDA_CORPORA=FOLDER, or --corpora FOLDER (or made speech)")
        return
    for letter, name in corpora.LETTERS.items():
        if name in found:
            yield _check(f"corpus {name} ({letter})", "ok", str(Path(found[name])))
        else:
            yield _check(f"corpus {name} ({letter})", "missing", "not found", "put its folder beside the others")
