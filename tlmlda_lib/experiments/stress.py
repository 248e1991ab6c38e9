"""IFN with held-out source speakers, and with target audio by telephone, in noise and in a room. Chapters 4.2 and 4.3.

`tlmlda_lib.experiments.stressed` keeps and reads the predictions.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from tlmlda_lib import features, methods
from tlmlda_lib.corpora import sound
from tlmlda_lib.corpora.conditions import RATE, Studio, record
from tlmlda_lib.domains.pair import whole_truth
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import contents, provenance, revisions, run, store, stressed
from tlmlda_lib.experiments.stressed import VARIANTS as VARIANTS
from tlmlda_lib.features.threads import use_threads
from tlmlda_lib.files import write

#: Conditions of the target's recordings for a network trained on clean ones. "studio" takes the same path.
RECORDINGS = ("studio", "telephone", "noise20", "noise10", "noise0", "room")

#: Number of runs; of parts of the source's speakers that are held out in turn; of recordings under `RECORDINGS`.
SEEDS, SPLITS, ABOUT = 5, 4, 100

#: A recording chain that adds nothing.
_NOWHERE = Studio(floor=-96.0)


def splits(speakers: Sequence[str], genders: Sequence[str], n: int = SPLITS) -> np.ndarray:
    """The part of the speakers to which each utterance belongs. Chapter 4.3.

    Parameters
    ----------
    speakers, genders : sequence of str
        Of each utterance.
    n : int

    Returns
    -------
    ndarray of shape (len(speakers),), int64
        0 to n - 1: the speakers of one gender, ordered by name, are assigned in turn, and then those of the next.

    Raises
    ------
    UserError
        If there are fewer speakers than parts.
    """
    known = sorted(set(zip(genders, speakers, strict=True)))
    if len(known) < n:
        raise UserError(f"{len(known)} speakers cannot be split into {n} parts")
    part = {speaker: i % n for i, (_, speaker) in enumerate(known)}
    return np.array([part[s] for s in speakers], dtype=np.int64)


def some(truth: np.ndarray, speakers: Sequence[str], about: int = ABOUT) -> np.ndarray:
    """The first few utterances of every speaker and emotion. Chapter 4.2.

    Parameters
    ----------
    truth : ndarray of shape (n,), int64
    speakers : sequence of str
    about : int

    Returns
    -------
    ndarray of shape (m,), int64
        Their indices, ascending; at least one for each speaker and emotion.
    """
    table = pd.DataFrame({"speaker": list(speakers), "truth": truth})
    cells = table.groupby(["speaker", "truth"])
    each = max(1, round(about / cells.ngroups))
    return np.flatnonzero(cells.cumcount() < each)


def recorded(files: Sequence[str], recording: str, folder: str | Path) -> list[str]:
    """Recordings under a condition, written as sound files. Chapter 4.2.

    Parameters
    ----------
    files : sequence of str
    recording : str
        As in `tlmlda_lib.corpora.conditions.record`. Noise and echoes are seeded by the index in `files`.
    folder : path

    Returns
    -------
    list of str
        WAV files, 16 kHz, 16 bits.
    """
    import soundfile

    made = []
    for i, file in enumerate(files):
        samples, rate = sound.read(file)
        heard = record(samples, rate, _NOWHERE, recording, str(i))
        made.append(str(Path(folder) / f"{i:04d}.wav"))
        written = io.BytesIO()
        soundfile.write(written, heard, RATE, format="WAV", subtype="PCM_16")
        write(made[-1], written.getvalue())
    return made


def under_conditions(pair: Any, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Features of some rows of a pair under each of `RECORDINGS`. Chapter 4.2.

    Parameters
    ----------
    pair : DomainPair
        The pair.
    rows : ndarray of shape (m,), int
        Rows of the target.

    Returns
    -------
    dict of str to ndarray of shape (m, d)
        By condition.

    Raises
    ------
    UserError
        If a recording gives no features under a condition.
    """
    found = {}
    how = {name: pair.how.get(name) for name in ("cache", "progress")}
    for recording in RECORDINGS:
        with TemporaryDirectory() as folder:
            files = recorded([pair.files[r] for r in rows], recording, folder)
            X = features.side_by_side(files, pair.features, **how)
            if len(X) < len(files):
                problem = X.attrs["problems"][0]["problem"]
                raise UserError(f"under {recording} a recording gives no features: {problem}")
            found[recording] = X.to_numpy(np.float32)
    return found


def scheme_of(
    pair: Any, preset: str = "default", *, seeds: int = SEEDS, about: int = ABOUT, progress: Any = None, **params: Any
) -> dict[str, Any]:
    """Content of a scheme's records: IFN's predictions with fewer source speakers, and under each condition.

    Chapters 4.2 and 4.3.

    Parameters
    ----------
    pair : tlmlda_lib.domains.DomainPair
        With the feature sets to be joined.
    preset : str
    seeds, about : int
    progress : callable, optional
        Called with a few words about each step.
    **params
        Options in place of the preset's.

    Returns
    -------
    dict
        ``truth`` and ``predicted`` are digits, one per recording; ``confidence`` and ``attention`` 255ths in two
        hexadecimal digits, the latter stream by stream; `tlmlda_lib.experiments.stressed.read` turns them into arrays.

    Raises
    ------
    UserError
        If the target has no labels, the source has too few speakers, or ``transfer`` is among the options.
    """
    whole_truth(pair, ", so there is no score")
    if "transfer" in params:
        raise UserError(f"transfer={params['transfer']!r}: both {' and '.join(VARIANTS)} are run; leave it out")
    said = progress or (lambda words: None)
    target = np.flatnonzero(pair.target)
    source_parts = splits(
        [s for s, t in zip(pair.speakers, pair.target, strict=True) if not t],
        [g for g, t in zip(pair.genders or [""] * len(pair.speakers), pair.target, strict=True) if not t],
    )
    who = [pair.speakers[row] for row in target]
    subset = some(pair.truth, who, about)
    said("features under each condition")
    heard = under_conditions(pair, target[subset])
    with use_threads(1):
        conditions = {}
        for variant, change in VARIANTS.items():
            said(f"conditions, transfer {variant}")
            conditions[variant] = _conditions(pair, heard, preset, seeds, {**params, **change})
        predicted = []
        for seed in range(seeds):
            said(f"other speakers, seed {seed}")
            predicted.append(
                [
                    stressed.digits(_fitted(_without(pair, source_parts == k), preset, seed, params)[1])
                    for k in range(SPLITS)
                ]
            )
        fitted, _ = _fitted(pair, preset, 0, {**params, "epochs": 1})
    return {
        "scheme": pair.scheme,
        "preset": preset,
        "seeds": seeds,
        "overrides": params,
        "features": list(contents.feature_sets(pair)),
        "streams": list(fitted.streams_),
        "classes": list(pair.classes),
        "truth": stressed.digits(pair.truth),
        "speakers": np.unique(who, return_inverse=True)[1],
        "subset": subset,
        "splits": {"sizes": np.bincount(source_parts, minlength=SPLITS), "predicted": predicted},
        "conditions": conditions,
        "data": contents.data_digest(pair),
        "revisions": revisions.depends_on(fitted, contents.feature_sets(pair)),
        "versions": provenance.versions(),
        "machine": provenance.machine(),
        "git_commit": provenance.git_commit(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def state(
    runs: str | Path,
    results: str | Path,
    scheme: str,
    preset: str = "default",
    seeds: int = SEEDS,
    *,
    features: Sequence[str] | None = None,
    **params: Any,
) -> str:
    """Whether a scheme's records are "missing" (at least one), "stale" (one depends on an older revision) or "kept".

    Parameters
    ----------
    runs, results : path
        Folders of single and of sealed records; neither need exist.
    scheme, preset : str
    seeds : int
    features : sequence of str, optional
        Feature sets that are joined; by default IFN's own.
    **params
        Options in place of the preset's.
    """
    sets = methods.feature_sets("ifn") if features is None else features
    cells = [_named(scheme, preset, 0, {**params, **change}, sets)[1] for change in VARIANTS.values()]
    return store.state([{**cell, "seed": seed} for cell in cells for seed in range(seeds)], results, runs)


def _named(scheme: str, preset: str, seed: int, params: Mapping[str, Any], sets: Sequence[str]) -> tuple[Any, Any]:
    clf, _, cell = run.named(scheme, "ifn", preset, seed, params=params, grid=stressed.GRID, features=tuple(sets))
    return clf, cell


def _fitted(pair: Any, preset: str, seed: int, params: Mapping[str, Any]) -> tuple[Any, np.ndarray]:
    """The method, trained, and its final predictions for the target's recordings."""
    clf, _ = _named(pair.scheme, preset, seed, params, contents.feature_sets(pair))
    if clf.options().within != "corpus":
        raise UserError(f"within={clf.options().within!r}: under stress there are only z-scores within the corpus")
    clf.fit(pair.X, pair.y, sample_domain=pair.sample_domain)
    return clf, clf.target_predictions_[-1].astype(np.int64)


def _conditions(
    pair: Any, heard: Mapping[str, np.ndarray], preset: str, seeds: int, params: Mapping[str, Any]
) -> dict[str, Any]:
    _, cell = _named(pair.scheme, preset, 0, params, contents.feature_sets(pair))
    found: dict[str, Any] = {"options_digest": cell["options_digest"]}
    for seed in range(seeds):
        clf, _ = _fitted(pair, preset, seed, params)
        for recording, X in heard.items():
            one = found.setdefault(recording, {"predicted": [], "confidence": [], "attention": [], "without": {}})
            p = clf.predict_proba(X)  # without a domain, rows are scaled like the target's
            one["predicted"].append(stressed.digits(p.argmax(1)))
            one["confidence"].append(stressed.in_hex(p.max(1)))
            one["attention"].append(stressed.in_hex(clf.attention(X)))
            for stream in clf.streams_ if len(clf.streams_) > 1 else ():
                names = clf.predict_proba(clf.without(X, stream)).argmax(1)
                one["without"].setdefault(stream, []).append(stressed.digits(names))
    return found


def _without(pair: Any, left_out: np.ndarray) -> Any:
    """A pair with fewer rows of its source; left_out (n_s,) bool."""
    kept = np.ones(len(pair.X), dtype=bool)
    kept[np.flatnonzero(~pair.target)[left_out]] = False
    rows = {name: getattr(pair, name)[kept] for name in ("X", "y", "sample_domain", "groups")}
    named = {
        name: tuple(v for v, k in zip(getattr(pair, name), kept, strict=True) if k)
        for name in ("files", "speakers", "genders")
        if getattr(pair, name)
    }
    return replace(pair, **rows, **named)
