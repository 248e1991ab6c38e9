"""What a record depends on: revisions of its method, the training loop, its pair and its features. Chapter 3.4.

A revision is an integer beside the code that it describes. A change of what that code computes raises it, and every
record with an older number becomes stale. Words, names and modules may change without it: `tests/test_golden.py` runs
every method on synthetic speech and fails if scores have changed and no revision was raised.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tlmlda_lib import domains
from tlmlda_lib.features import embeddings, pretrained, recipe, smile, voices
from tlmlda_lib.training import trainer

#: Prefixes in a record, before the name of the method or of the feature set.
METHOD, FEATURES = "method ", "features "


def depends_on(clf: Any, features: Iterable[str], *, voices: bool = False) -> dict[str, int]:
    """Revisions on which the scores of a method on a pair depend. Chapter 3.4.

    Parameters
    ----------
    clf : object
        A method; a user's own method has revision 1 unless its class has a ``revision``.
    features : iterable of str
        Names of the pair's feature sets.
    voices : bool
        Whether voice groups were used.

    Returns
    -------
    dict of str to int
        As ``{"features is10": 1, "method tlmlda": 1, "pair": 1, "sound": 1, "trainer": 1}``.
    """
    names = [
        METHOD + name_of(clf),
        *(FEATURES + name for name in features),
        *getattr(clf, "depends_on", ()),
        "pair",
        "sound",
    ]
    names += ["voices", FEATURES + "resemblyzer"] if voices else []
    found = {name: current(name) for name in sorted(set(names))}
    return {name: 1 if number is None else number for name, number in found.items()}


def name_of(clf: Any) -> str:
    """A method's name in `tlmlda_lib.methods.METHODS`, or the name of its class.

    Parameters
    ----------
    clf : object
        The method.
    """
    from tlmlda_lib import methods

    return next((name for name, kind in methods.METHODS.items() if type(clf) is kind), type(clf).__name__)


def current(name: str) -> int | None:
    """The library's current revision under a record's name; None if the library lacks it.

    Parameters
    ----------
    name : str
        As "method tlmlda" or "features is10".
    """
    if name.startswith(METHOD):
        from tlmlda_lib import methods

        kind = methods.METHODS.get(name.removeprefix(METHOD))
        return None if kind is None else kind.revision
    if name.startswith(FEATURES):
        return _of_features(name.removeprefix(FEATURES))
    return {
        "trainer": trainer.REVISION,
        "pair": domains.REVISION,
        "sound": recipe.PREPARATION,
        "voices": voices.REVISION,
    }.get(name)


def _of_features(name: str) -> int:
    if name in smile.SHORT_NAMES:
        return smile.Functionals.revision
    return embeddings.Resemblyzer.revision if name in embeddings.MODELS else pretrained.Encoder.revision


def raised(kept: Mapping[str, int]) -> list[str]:
    """What has a different revision now than in a record, or no longer exists; empty for a fresh record.

    Parameters
    ----------
    kept : mapping of str to int
        The record's revisions.
    """
    return sorted(name for name, number in kept.items() if current(name) != number)
