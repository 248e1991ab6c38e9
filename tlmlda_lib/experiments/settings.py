"""What a preset means for a pair of corpora: options that the paper prints, or that the search found, for each.

A preset knows no corpus. Here are the tables by corpora, in the letters of `tlmlda_lib.domains.SCHEMES`: B is EmoDB,
C is CASIA, E is eNTERFACE, R is RAVDESS. Chapters 2.5 and 3.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tlmlda_lib import corpora, methods
from tlmlda_lib.domains import schemes
from tlmlda_lib.training.options import FIVE, PRINTED, START

#: Factors alpha that the paper prints for each of its schemes, by loss.
PRINTED_ALPHA: dict[str, dict[str, float]] = {
    "E2B": PRINTED,
    **{
        scheme: dict(zip(FIVE, row, strict=True))
        for scheme, row in {
            "B2E": (0.1, 0.1, 2.0, 1.0, 0.1),
            "E2C": (1.0, 1.0, 5.0, 2.0, 1.0),
            "C2E": (1.0, 1.0, 2.0, 1.0, 0.1),
            "B2C": (0.1, 0.1, 5.0, 1.0, 0.1),
            "C2B": (0.1, 0.1, 5.0, 2.0, 0.1),
        }.items()
    },
}

#: The paper has no RAVDESS: its schemes take what is printed for eNTERFACE.
PRINTED_FOR = {"R2B": "E2B", "B2R": "B2E", "R2C": "E2C", "C2R": "C2E"}

#: Presets that follow the paper in giving every scheme its own alpha.
PAPERS = ("paper", "authors")

#: The preset that a search found, by family of methods: TLMLDA with its ablations, and IFN.
SEARCHED = {"tlmlda": "recommended-is10", "ifn": "recommended"}

#: What the searches found for a target corpus by the schemes in which it does not occur: options in place of those of
#: the family's preset in `SEARCHED`.
RECOMMENDED_FOR: dict[str, dict[str, dict[str, Any]]] = {
    "tlmlda": {
        "B": {"dropout": START.dropout, "noise_std": 2.0},
        "C": {
            "scaling": "rank",
            "output_activation": "sigmoid",
            "noise_std": 0.3,
            "encoder": (128, 64),
            "batchnorm": "joint",
            "batch_size": 200,
        },
        "R": {
            "dropout": START.dropout,
            "emotion_activation": "sigmoid",
            "alpha": {"S": 0.1, "T": 0.1, "y": 1.0, "MMD": 0.1, "LMMD": 4.0},
            "schedule": "constant",
        },
    },
    "ifn": {
        "B": {
            "fusion": "attention",
            "within": "corpus",
            "hidden": 128,
            "code": 64,
            "alpha": {"S": 1.0, "T": 1.0, "y": 3.0, "MMD": 1.0, "LMMD": 0.3},
        },
        "R": {"hidden": 128, "code": 64},
    },
}


def printed_alpha(scheme: str) -> dict[str, float]:
    """The factors that the paper prints for a scheme, by loss; for a scheme without printed ones, those of E to B.

    Parameters
    ----------
    scheme : str
        As "C2B".
    """
    return dict(PRINTED_ALPHA.get(PRINTED_FOR.get(scheme, scheme), PRINTED))


def of(method: str, preset: str | None, scheme: str, changes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Options with which a preset is used on a pair of corpora, as `tlmlda_lib.methods.make` takes them.

    Parameters
    ----------
    method : str
    preset : str, optional
        Without it the method's default.
    scheme : str
        As `tlmlda_lib.domains.schemes.parse` takes it; a part of a target is as the whole. The presets ``paper`` and
        ``authors`` take the alpha that the paper prints for it; ``recommended-is10``, and ``recommended`` of IFN, what
        was found without its target corpus. Of another name of a pair nothing is known.
    changes : dict, optional
        Options that are set by hand; an alpha changes the factors that it names.

    Raises
    ------
    UserError
        If the method is not known.
    """
    default, *_ = methods.presets(method)
    preset = default if preset is None else preset
    changes = dict(changes or {})
    one = schemes.find(scheme)
    found = {} if one is None else _known(method, preset, one)
    if "alpha" in found and isinstance(changes.get("alpha"), Mapping):
        changes["alpha"] = {**found["alpha"], **changes["alpha"]}
    return found | changes


def _known(method: str, preset: str, one: schemes.Scheme) -> dict[str, Any]:
    kind = methods.METHODS[method]
    family = "ifn" if kind is methods.IFN else "tlmlda" if issubclass(kind, methods.TLMLDA) else ""
    if family == "tlmlda" and preset in PAPERS:
        return {"alpha": printed_alpha(one.whole)}
    if preset == SEARCHED.get(family):
        return dict(RECOMMENDED_FOR[family].get(corpora.about(one.target).letter, {}))
    return {}
