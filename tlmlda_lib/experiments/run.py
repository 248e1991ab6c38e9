"""One cell of a grid: a pair of domains, a method, a preset and a seed make one record. Chapter 3.4.

Target labels are read only after training, for the scores and for the oracle's epoch.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from tlmlda_lib import evaluation, files
from tlmlda_lib.domains.scaling import SOURCE
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import contents, provenance, revisions, settings, shipped, store
from tlmlda_lib.features.threads import use_threads


class RecordWarning(UserWarning):
    """A record could not be read and was replaced, or belongs to other recordings."""


def run(
    pair: Any, method: str, preset: str | None = None, seeds: int | Iterable[int] = 3, **how: Any
) -> list[dict[str, Any]]:
    """The records of several seeds; see `run_cell`. Chapter 3.4.

    Parameters
    ----------
    pair : tlmlda_lib.domains.DomainPair
    method, preset : str
    seeds : int or iterable of int
        How many (0, 1, ..), or which.
    **how
        As in `run_cell`; ``save`` keeps the last seed's.

    Returns
    -------
    list of dict
        A record per seed; one record for a deterministic method.
    """
    wanted = seeds_of(method, seeds)
    save = how.pop("save", None)
    return [run_cell(pair, method, preset, s, save=save if s == wanted[-1] else None, **how) for s in wanted]


def default_preset(method: str, features: tuple[str, ...] = contents.FEATURES) -> str:
    """The command line's default preset for some features, or the method's own default.

    Parameters
    ----------
    method : str
        A key of `tlmlda_lib.methods.METHODS`.
    features : tuple of str
        Feature sets: for IS10 alone, TLMLDA's preset is ``recommended-is10``; for others, ``recommended``.
    """
    from tlmlda_lib import methods

    own = methods.presets(method)
    usual = ("recommended-is10", "recommended") if features == contents.FEATURES else ("recommended",)
    return next((preset for preset in usual if preset in own), own[0])


def seeds_of(method: str, seeds: int | Iterable[int]) -> list[int]:
    """The seeds to run; a deterministic method runs only the first.

    Parameters
    ----------
    method : str
        A key of `tlmlda_lib.methods.METHODS`.
    seeds : int or iterable of int
        How many (0, 1, ..), or which.
    """
    from tlmlda_lib import methods

    wanted = list(range(seeds)) if isinstance(seeds, int) else list(seeds)
    if not wanted:
        raise UserError(f"seeds={seeds!r}: at least one is needed")
    return wanted if getattr(methods.METHODS.get(method), "stochastic", True) else wanted[:1]


def run_cell(
    pair: Any,
    method: str,
    preset: str | None = None,
    seed: int = 0,
    *,
    params: Mapping[str, Any] | None = None,
    grid: str = "main",
    runs: str | Path = "runs",
    results: str | Path | None = None,
    checkpoint_folder: str | Path | None = None,
    threads: int = 1,
    fresh: bool = False,
    stale: bool = False,
    save: str | Path | None = None,
    progress: bool = False,
) -> dict[str, Any]:
    """Train, score, and keep a record; or read the existing record. Chapter 3.4.

    Parameters
    ----------
    pair : tlmlda_lib.domains.DomainPair
        With the name of its scheme, and the target's true classes.
    method, preset : str
        As in `tlmlda_lib.methods.make`.
    seed : int
    params : dict, optional
        Options that differ from the preset.
    grid : str
        Collection of the record.
    runs : path
        Folder of single runs' records.
    results : path, optional
        Folder of sealed collections, which need not exist: a cell in one of them is not run again. By default
        ``results/`` in the working directory, if it contains records, otherwise those that came with the library.
    checkpoint_folder : path, optional
        Folder of unfinished trainings; by default in the library's cache.
    threads : int
        Threads of torch and of linear algebra. Scores are equal to the bit for equal numbers.
    fresh : bool
        Run again even if there is a record.
    stale : bool
        Run again if `outdated` gives a reason.
    save : path, optional
        File for the fitted method; with it, the method is trained in any case.
    progress : bool
        Show a progress bar.

    Returns
    -------
    dict
        The record; see `tlmlda_lib.experiments.store`. Its ``seconds`` and ``peak_memory_mib`` (see
        `tlmlda_lib.experiments.provenance.PeakMemory`) are those of the call of ``fit``.

    Raises
    ------
    UserError
        If the method, preset, an option or the seed is not known, the target has no labels, or the record cannot be
        written.
    """
    from tlmlda_lib.training import checkpoints

    if pair.truth is None:
        raise UserError("the target has no labels, so there is no score: fit the method and use its predict")
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise UserError(f"seed={seed!r}: a whole number from 0 is needed")
    if threads < 1:
        raise UserError(f"threads={threads}: at least 1 is needed")
    runs = files.place(runs)
    if runs.exists() and not runs.is_dir():
        raise UserError(f"{runs} is not a folder, so it takes no record: give another folder of runs")
    if save is not None:
        files.check_output(save, "save=")
    clf, every, cell = named(
        pair.scheme, method, preset, int(seed), params=params, grid=grid, features=contents.feature_sets(pair)
    )
    file = store.path(runs, **cell)
    checkpoint = files.cache("checkpoints") if checkpoint_folder is None else files.place(checkpoint_folder)
    checkpoint /= "-".join(str(name) for name in cell.values()) + ".safetensors"
    record = None if fresh else _kept(cell, runs, shipped.place(results), pair, stale=stale)
    if record is None or save is not None:
        voices = pair.voices if clf.requires_voices else None
        seconds, memory = _train(clf, pair, voices, threads, checkpoint, progress)
        if record is None:
            measured = {"seconds": seconds, "peak_memory_mib": memory, "threads": threads}
            content = cell | {"params": every, "overrides": dict(params or {})}
            content |= _trained(clf, pair, every, voices, measured)
            content |= contents.about_pair(pair, voices) | contents.scores(clf, pair)
            with use_threads(threads):
                record = store.write(file, content | {"said": contents.said(clf, pair, voices)})
        if save is not None:  # after the record, which is kept even if the model's file fails
            keep_model(clf, pair, save, {k: v for k, v in cell.items() if k != "grid"})
    with suppress(OSError):  # its folder cannot be written
        checkpoints.remove(checkpoint)
    return record


def named(
    scheme: str,
    method: str,
    preset: str | None = None,
    seed: int = 0,
    *,
    params: Mapping[str, Any] | None = None,
    **where: Any,
) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """A cell's method, not yet fitted, all of its options, and the fields that name its record.

    Parameters
    ----------
    scheme, method, preset, seed, params
        As in `run_cell`, the scheme by name.
    **where
        ``grid`` and ``features``, as in `described`.
    """
    from tlmlda_lib import methods

    clf = methods.make(method, preset, random_state=seed, **settings.of(method, preset, scheme, params))
    return clf, *described(scheme, method, preset, seed, params=params, **where)


def described(
    scheme: str,
    method: str,
    preset: str | None = None,
    seed: int = 0,
    *,
    params: Mapping[str, Any] | None = None,
    grid: str = "main",
    features: tuple[str, ...] = contents.FEATURES,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """All options of a cell's method, and the fields that name its record.

    Parameters
    ----------
    scheme, method, preset, seed, params, grid
        As in `run_cell`, the scheme by name.
    features : tuple of str
        Feature sets of the pair.
    """
    given = settings.of(method, preset, scheme, params)
    of = (method, preset, features, store.options_digest(given))
    if of not in _DESCRIBED:  # a plan has thousands of cells, and few ways to set a method
        _DESCRIBED[of] = _described(method, preset, features, given)
    preset, every, digest = _DESCRIBED[of]
    names = {"grid": grid, "scheme": scheme, "method": method, "preset": preset}
    return dict(every), names | {"options_digest": digest, "seed": seed}


_DESCRIBED: dict[tuple[Any, ...], tuple[str, dict[str, Any], str]] = {}


def _described(
    method: str, preset: str | None, features: tuple[str, ...], given: Mapping[str, Any]
) -> tuple[str, dict[str, Any], str]:
    from tlmlda_lib import methods

    clf = methods.make(method, preset, **given)
    every, own = contents.options(clf)
    if features != contents.FEATURES:
        own = own | {"features": features}
    return clf.preset, every, store.options_digest(own)


def _trained(
    clf: Any, pair: Any, every: Mapping[str, Any], voices: np.ndarray | None, measured: Mapping[str, Any]
) -> dict[str, Any]:
    """What a record says of a training: what it saw, what it took, and what it was made with."""
    within = "batch" if every.get("within") == "batch" else clf.scaler_.within
    return {
        "scaling": f"{clf.scaler_.kind} within {within}",
        "saw": {
            "target_features": "not used" if clf.scaler_.within == SOURCE else "transductive",
            "target_labels": "oracle rule only",
            "speaker_metadata": clf.scaler_.within == "speaker",
        },
        **measured,
        "versions": provenance.versions(),
        "machine": provenance.machine() | {"device": str(getattr(clf, "device", "cpu"))},
        "revisions": revisions.depends_on(clf, contents.feature_sets(pair), voices=voices is not None),
        "git_commit": provenance.git_commit(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _kept(
    cell: Mapping[str, Any], runs: str | Path, results: str | Path, pair: Any, *, stale: bool
) -> dict[str, Any] | None:
    """The record that may stay, or None."""
    record = store.find_cell(cell, results, runs)
    if record is None:
        if (file := store.path(runs, **cell)).exists():
            warnings.warn(
                f"{file} is not a readable record: it is set aside and the cell is run again",
                RecordWarning,
                stacklevel=3,
            )
        return None
    if stale and outdated(record, pair):
        return None
    if record.get("data", {}).get("digest") != contents.data_digest(pair):
        text = "were made on other recordings or features than these: stale=True (--stale) runs their cells again"
        warnings.warn(f"kept records of {cell['scheme']}, {cell['method']} {text}", RecordWarning, stacklevel=3)
    return record


def outdated(record: Mapping[str, Any], pair: Any = None) -> list[str]:
    """Reasons why a record may differ from a new run. Chapter 3.4.

    Parameters
    ----------
    record : dict
    pair : tlmlda_lib.domains.DomainPair, optional
        The pair of a new run.

    Returns
    -------
    list of str
        What has a different revision now, as "trainer", and "data" if recordings, labels or features have changed;
        empty if there is no reason.
    """
    other = pair is not None and record.get("data", {}).get("digest") != contents.data_digest(pair)
    return store.stale(record) + (["data"] if other else [])


def fit(clf: Any, pair: Any, voices: np.ndarray | None, checkpoint: Path, progress: bool) -> Any:
    """Fit a method on a pair, and return it.

    Parameters
    ----------
    clf : object
        The method.
    pair : tlmlda_lib.domains.DomainPair
    voices : ndarray of shape (n,), optional
        Voice group of each row.
    checkpoint : Path
        File from which an interrupted training continues.
    progress : bool
        Show a progress bar.
    """
    return clf.fit(
        pair.X,
        pair.y,
        sample_domain=pair.sample_domain,
        groups=pair.groups,
        voices=voices,
        checkpoint=checkpoint,
        progress=progress,
    )


def _train(
    clf: Any, pair: Any, voices: np.ndarray | None, threads: int, checkpoint: Path, progress: bool
) -> tuple[float, float]:
    """Fit, and return seconds and MiB."""
    with use_threads(threads), provenance.PeakMemory() as memory:
        began = time.perf_counter()
        fit(clf, pair, voices, checkpoint, progress)
        seconds = time.perf_counter() - began
    history = getattr(clf, "history_", None)
    if history is not None and "seconds" in history:  # in a resumed run, the earlier epochs count too
        seconds = max(seconds, float(history["seconds"].sum()))
    return seconds, memory.mib


def keep_model(clf: Any, pair: Any, path: str | Path, cell: Mapping[str, Any]) -> None:
    """Save a fitted method with everything that `tlmlda predict` needs, and its scores.

    Parameters
    ----------
    clf : object
        The fitted method.
    pair : DomainPair
        What it was fitted on.
    path : path
        The file.
    cell : mapping
        The fields that name its record.

    Raises
    ------
    UserError
        If the file cannot be written.
    """
    try:
        clf.save(
            path,
            emotions=list(pair.classes),
            features=list(contents.feature_sets(pair)),
            columns=list(pair.feature_names),
            voice_centres=pair.voice_groups.to_json() if clf.requires_voices else None,
            cell=dict(cell),
            worth=_worth(clf, pair),
        )
    except OSError as error:
        raise UserError(f"the model {path} cannot be written ({error.strerror or error}): give another file") from error


def _worth(clf: Any, pair: Any) -> dict[str, Any]:
    """Corpora on which a model was trained and tested, and its scores there, percent, if labels are known."""
    corpus = np.array([name.partition("/")[0] for name in pair.speakers])
    found: dict[str, Any] = {
        "source": sorted(set(corpus[~pair.target].tolist())),
        "target": sorted(set(corpus[pair.target].tolist())),
        "recordings": int(pair.target.sum()),
    }
    if pair.truth is not None:
        predicted = clf.classes_[np.atleast_2d(np.asarray(clf.target_predictions_, dtype=np.int64))[-1]]
        known = pair.truth >= 0
        report = evaluation.report(pair.truth[known], predicted[known], classes=list(pair.classes))
        found |= {"recordings": int(known.sum())} | {"war": report.war, "uar": report.uar, "chance": report.chance}
    return found
