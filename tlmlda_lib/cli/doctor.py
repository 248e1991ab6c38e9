"""What is installed, found and missing, and the command that fixes it."""

from __future__ import annotations

import importlib
import os
import platform
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from tlmlda_lib import errors, files
from tlmlda_lib.errors import UserError

# Nothing else is imported here: missing packages must be reported, not raise.

Check = dict[str, str]

#: Purpose of each extra, and modules that show whether it is installed.
EXTRAS = {
    "voices": (
        "voice groups, which the presets `recommended-is10` and `recommended` need",
        ("resemblyzer", "librosa", "webrtcvad"),
    ),
    "speech": ("synthetic speech, which the book's pages need", ("espeakng_loader",)),
    "audb": ("EmoDB from audEERING's server", ("audb",)),
    "baselines": ("methods of other packages", ("skada", "skorch")),
    "book": ("building the book", ("jupyter_book", "anywidget")),
    "test": ("the tests", ("pytest", "hypothesis")),
    "dask": ("grids on many machines", ("distributed",)),
    "pretrained": ("pre-trained streams", ("transformers", "faster_whisper")),
}


def examine(root: str | os.PathLike[str] | None = None) -> list[Check]:
    """Check everything that a run needs.

    Parameters
    ----------
    root : path, optional
        Folder of the corpora; without it the environment variable TLMLDA_CORPORA.

    Returns
    -------
    list of dict
        Each with ``what``, ``state`` ("ok"; "missing" if a run may do without it; "wrong" if not), ``found``, and
        ``mend``, the command or action that fixes it ("" if there is nothing to do).
    """
    looked: tuple[tuple[str, Callable[[], Iterable[Check]]], ...] = (
        ("Python", _python),
        ("packages", _packages),
        ("openSMILE", lambda: [_smile()]),
        ("extras", _extras),
        ("speaker encoder", _encoder),
        ("speech encoder", _speech_encoder),
        ("PyTorch", lambda: [_devices()]),
        ("feature cache", lambda: [_cache()]),
        ("corpora", lambda: _corpora(root)),
    )
    return [check for what, look in looked for check in _all_of(what, look)]


def plain(checks: Sequence[Check]) -> str:
    """The checks as lines of text, for when the package that draws tables is missing.

    Parameters
    ----------
    checks : sequence of dict
        As from `examine`.
    """
    rows = [[check[key] for key in ("state", "what", "found", "mend")] for check in checks]
    widths = [max(len(row[i]) for row in rows) for i in range(2)]
    return "\n".join("  ".join([*map(str.ljust, row[:2], widths), *row[2:]]).rstrip() for row in rows)


def _all_of(what: str, look: Callable[[], Iterable[Check]]) -> list[Check]:
    """The results of one check; a missing package ends this check, not the others."""
    try:
        return list(look())
    except ImportError as error:
        return [_check(what, "wrong", *(errors.explained(error) or (f"{error}", "install the library again")))]


def _check(what: str, state: str, found: str, mend: str = "") -> Check:
    return {"what": what, "state": state, "found": found, "mend": mend}


def _python() -> Iterator[Check]:
    fits = (3, 11) <= sys.version_info[:2] <= (3, 13)
    version = f"{platform.python_version()}, {platform.system()} {platform.machine()}"
    yield _check("Python", "ok" if fits else "wrong", version, "" if fits else "use Python 3.11, 3.12 or 3.13")


def _packages() -> Iterator[Check]:
    """For each package that the library depends on: is it installed, in its range, and importable?"""
    declared = errors.declared()
    if not declared:
        yield _check("tlmlda_lib", "missing", "not installed, only imported", "pip install -e .")
        return
    good = 0
    for name, range_ in declared.items():
        mend = f"pip install '{name}{range_}'"
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            yield _check(name, "wrong", "not installed", mend)
            continue
        if not _within(version, range_):
            yield _check(name, "wrong", version, mend)
        elif failed := errors.failure(name):
            yield _check(name, "wrong", failed, mend.replace("install", "install --force-reinstall", 1))
        else:
            good += 1
    if good:
        yield _check("packages", "ok", f"{good} within their ranges")


def _within(version: str, range_: str) -> bool:
    try:
        from packaging.specifiers import SpecifierSet
    except ImportError:  # other packages need it; without it a range cannot be read
        return True
    return SpecifierSet(range_).contains(version, prereleases=True)


def _smile() -> Check:
    """Whether openSMILE runs here: its library is compiled for some systems only."""
    import numpy as np
    import opensmile

    try:
        smile = opensmile.Smile(opensmile.FeatureSet.IS10, opensmile.FeatureLevel.Functionals)
        rng = np.random.default_rng(0)
        width = smile(rng.normal(0, 0.1, 16000).astype(np.float32), 16000).size
    except Exception as error:  # the user must see any error
        return _check(
            "openSMILE", "wrong", f"{type(error).__name__}: {error}", "pip install --force-reinstall opensmile"
        )
    return _check("openSMILE", "ok", f"{width} features of a second of noise")


def _extras() -> Iterator[Check]:
    for extra, (purpose, names) in EXTRAS.items():
        gone = [name for name in names if not errors.there(name)]
        if not gone:
            yield _check(f"extra {extra}", "ok", purpose)
            continue
        yield _check(f"extra {extra}", "missing", f"{', '.join(gone)}: for {purpose}", errors.install(extra))


def _encoder() -> Iterator[Check]:
    """Whether the speaker encoder loads: it imports modules by old names."""
    if not (errors.there("resemblyzer") and errors.there("webrtcvad")):
        return
    embeddings = importlib.import_module("tlmlda_lib.features.embeddings")
    try:
        embeddings.MODELS["resemblyzer"]().load()
    except Exception as error:  # the user must see any error
        if isinstance(error, ImportError) and errors.is_declared(error):
            raise
        yield _check("speaker encoder", "wrong", f"{type(error).__name__}: {error}", embeddings.INSTALL)
        return
    yield _check("speaker encoder", "ok", "loads; 256 numbers per recording")


def _speech_encoder() -> Iterator[Check]:
    """Whether the encoder of the default features is here."""
    if not errors.there("transformers"):
        return
    from tlmlda_lib import features
    from tlmlda_lib.features import embeddings, encoders

    name, _ = embeddings.with_layers(features.ENCODER)
    try:
        yield _check("speech encoder", "ok", f"{name}: {encoders.folder_of(name)}")
    except UserError:
        mend = f"tlmlda fetch-encoder {name}, or export TLMLDA_ENCODERS=FOLDER"
        yield _check("speech encoder", "missing", f"{name}: without it, features are IS10", mend)


def _devices() -> Check:
    import torch

    found = f"CPU, {torch.get_num_threads()} threads"
    if torch.cuda.is_available():
        found += f"; CUDA, {torch.cuda.get_device_name(0)}"
    return _check("PyTorch runs on", "ok", found)


def _cache() -> Check:
    from tlmlda_lib.features import cache

    folder = cache.root()
    if why := files.why_not_writable(folder):
        return _check(
            "feature cache", "wrong", f"{folder} cannot be written ({why})", "set TLMLDA_CACHE to another folder"
        )
    sizes = [f.stat().st_size for f in folder.rglob("*.f32")]
    return _check("feature cache", "ok", f"{folder}: {len(sizes)} entries, {sum(sizes) / 2**20:.0f} MiB")


def _corpora(root: Any) -> Iterator[Check]:
    from tlmlda_lib import corpora

    try:
        found = corpora.find(root)
    except UserError as error:
        where = re.sub(r"^no folder of corpora was given: .*", "no folder was given", str(error))
        mend = "export TLMLDA_CORPORA=FOLDER, or --corpora FOLDER (or synthetic speech)"
        yield _check("corpora", "missing", where, mend)
        return
    others = []
    for name in corpora.PUBLISHED:
        letter = corpora.about(name).letter
        what = f"corpus {name} ({letter})" if letter else f"corpus {name}"
        if name in found:
            yield _check(what, "ok", str(Path(found[name])))
        elif letter:
            yield _check(what, "missing", "not found", "put its folder beside the others")
        else:
            others.append(name)
    if others:
        yield _check("other corpora", "missing", ", ".join(others), "`tlmlda corpora --list` says where they are")
