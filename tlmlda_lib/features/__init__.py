"""Recordings to numbers: 1582 acoustic features each, or an encoder's embedding. Chapter 1.3.

Both are cached on disk by the content of the file, so a second call costs next to nothing. Files that cannot be used
are reported once; the others are kept.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import pandas as pd

from tlmlda_lib.errors import UserError
from tlmlda_lib.features import embeddings, encoders, gather
from tlmlda_lib.features.embeddings import MODELS, embed
from tlmlda_lib.features.problems import FeatureWarning
from tlmlda_lib.features.smile import FEATURE_SETS, SHORT_NAMES, Functionals, extract
from tlmlda_lib.features.streams import streams

__all__ = [
    "ENCODER",
    "FEATURE_SETS",
    "MODELS",
    "FeatureWarning",
    "best",
    "embed",
    "extract",
    "missing",
    "side_by_side",
    "streams",
]

#: The speech encoder of `best`, and the layer that is read.
ENCODER = "openai/whisper-base:3"


def best(encoders_folder: str | os.PathLike[str] | None = None) -> tuple[str, ...]:
    """The feature sets with the best scores among those that can be computed on this machine. Chapter 4.1.

    Parameters
    ----------
    encoders_folder : path, optional
        As `encoders` in `embed`.

    Returns
    -------
    tuple of str
        A hidden layer of a speech encoder beside the speaker encoder; without the speech encoder, IS10.
    """
    speaker = ("resemblyzer",) if embeddings.is_here() else ()
    here = encoders.is_here(embeddings.with_layers(ENCODER)[0], encoders_folder)
    return (ENCODER, *speaker) if here else ("is10",)


def missing(
    table: pd.DataFrame | Sequence[str | os.PathLike[str]],
    names: Sequence[str],
    *,
    encoders: str | os.PathLike[str] | None = None,
    cache: str | os.PathLike[str] | None = None,
) -> dict[str, frozenset[str]]:
    """The recordings whose features are not in the cache, by feature set; nothing is computed. Chapter 1.3.

    Parameters
    ----------
    table, encoders, cache
        As in `side_by_side`.
    names : sequence of str
        Of the sets, as in `side_by_side`.

    Raises
    ------
    UserError
        If a set is not known, or its model not on this machine.
    """
    recipes = {
        name: Functionals(SHORT_NAMES[name]) if name in SHORT_NAMES else embeddings.recipe_of(name, encoders=encoders)
        for name in names
    }
    return gather.missing(table, recipes, cache=cache)


def side_by_side(
    table: pd.DataFrame | Sequence[str | os.PathLike[str]],
    names: Sequence[str],
    *,
    encoders: str | os.PathLike[str] | None = None,
    workers: int | str | None = None,
    cache: str | os.PathLike[str] | None = None,
    progress: bool | None = None,
) -> pd.DataFrame:
    """Several feature sets of the same recordings, one beside the other. Chapter 4.1.

    Parameters
    ----------
    table : DataFrame or sequence of paths
        As in `extract`, each file once.
    names : sequence of str
        Of the sets: "is10" and "egemaps" are openSMILE's, any other is a model of `embed`, as "resemblyzer" or
        "openai/whisper-base:3".
    encoders : path, optional
        As in `embed`.
    workers, cache, progress
        As in `extract`.

    Returns
    -------
    DataFrame of shape (n, d), float32
        Of the recordings that gave all sets; ``attrs["problems"]`` has the first problem of each other one.

    Raises
    ------
    UserError
        If no set is named, or as in `extract` and `embed`.
    """
    parts = [
        extract(table, feature_set=SHORT_NAMES[name], workers=workers, cache=cache, progress=progress)
        if name in SHORT_NAMES
        else embed(table, model=name, encoders=encoders, workers=workers, cache=cache, progress=progress)
        for name in names
    ]
    if not parts:
        raise UserError("features=() names no feature set: give ('is10',)")
    X = pd.concat(parts, axis=1, join="inner")
    said: dict[str, dict[str, str]] = {}  # what one set says of a file, the next one says again
    for problem in (p for part in parts for p in part.attrs.get("problems", [])):
        said.setdefault(problem["file"], problem)
    X.attrs = {"problems": list(said.values())}
    return X
