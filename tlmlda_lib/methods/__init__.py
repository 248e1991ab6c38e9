"""The methods, each a scikit-learn classifier, by name. Chapter 3.3."""

from __future__ import annotations

import inspect
from functools import cache
from pathlib import Path
from typing import Any

import torch

from tlmlda_lib import errors
from tlmlda_lib.errors import UserError
from tlmlda_lib.methods.base import DomainClassifier
from tlmlda_lib.methods.dbn.classifier import BP, DBNBP
from tlmlda_lib.methods.ifn import IFN
from tlmlda_lib.methods.ifn.late_fusion import LateFusion
from tlmlda_lib.methods.pca_svm import PCASVM
from tlmlda_lib.methods.peers import CORAL, TCA, SubspaceAlignment
from tlmlda_lib.methods.plain import Majority, ShrinkageLDA
from tlmlda_lib.methods.regression import JDAR, DoSL
from tlmlda_lib.methods.tlmlda import CLASSES, TLMLDA, OnlyCls, TLMLDAalpha, TLMLDAl, TLMLDAm, TLMLDAw
from tlmlda_lib.methods.tsdsl import TSDSL
from tlmlda_lib.methods.votes import TLMLDASelf, TLMLDAVote
from tlmlda_lib.training import checkpoints
from tlmlda_lib.training.options import by_name

__all__ = [
    "BP",
    "CORAL",
    "DBNBP",
    "IFN",
    "JDAR",
    "METHODS",
    "PCASVM",
    "TCA",
    "TLMLDA",
    "TSDSL",
    "DoSL",
    "DomainClassifier",
    "LateFusion",
    "Majority",
    "OnlyCls",
    "ShrinkageLDA",
    "SubspaceAlignment",
    "TLMLDASelf",
    "TLMLDAVote",
    "TLMLDAalpha",
    "TLMLDAl",
    "TLMLDAm",
    "TLMLDAw",
    "feature_sets",
    "load",
    "make",
    "presets",
]

_GIVE = "give a file that `save` or `tlmlda run --save` wrote, or the folder that `tlmlda adapt --out` wrote"

#: Every method by its name on the command line and in tables.
METHODS: dict[str, type[DomainClassifier]] = {
    "tlmlda": TLMLDA,
    **CLASSES,
    "tlmlda_vote": TLMLDAVote,
    "tlmlda_self": TLMLDASelf,
    "dosl": DoSL,
    "jdar": JDAR,
    "tsdsl": TSDSL,
    "dbn_bp": DBNBP,
    "bp": BP,
    "ifn": IFN,
    "late_fusion": LateFusion,
    "pca_svm": PCASVM,
    "coral": CORAL,
    "tca": TCA,
    "subspace": SubspaceAlignment,
    "lda": ShrinkageLDA,
    "majority": Majority,
}


def presets(method: str) -> tuple[str, ...]:
    """Names of a method's presets, the default first.

    Parameters
    ----------
    method : str
        A key of `METHODS`.

    Raises
    ------
    UserError
        If the method is not known.
    """
    kind: Any = _class(method)
    default = _default_preset(kind)
    return (default, *(name for name in kind.presets if name != default))


@cache
def _default_preset(kind: type) -> str:
    return inspect.signature(kind).parameters["preset"].default


def feature_sets(method: str) -> tuple[str, ...]:
    """Feature sets for which a method is meant, as `tlmlda_lib.domains.make_pair` takes them; IS10 alone for most.

    Parameters
    ----------
    method : str
        A key of `METHODS`.

    Raises
    ------
    UserError
        If the method is not known.
    """
    return getattr(_class(method), "feature_sets", ("is10",))


def make(method: str, preset: str | None = None, random_state: Any = 0, **params: Any) -> DomainClassifier:
    """A method by name, ready to fit. Chapter 3.3.

    Parameters
    ----------
    method : str
        A key of `METHODS`.
    preset : str, optional
        One of `presets(method)`; by default the first.
    random_state : int
    **params
        Options that differ from the preset. For options that depend on the pair of corpora, as the printed alpha, see
        `tlmlda_lib.experiments.settings.of`.

    Returns
    -------
    DomainClassifier

    Raises
    ------
    UserError
        If method, preset or an option is not known.
    """
    kind = _class(method)
    preset = presets(method)[0] if preset is None else preset
    if preset not in presets(method):
        raise UserError(f"preset {preset!r} is not known for {method}: use {errors.one_of(preset, presets(method))}")
    known = set(inspect.signature(kind).parameters) - {"preset", "random_state"}
    if "scheme" in params:
        raise UserError("scheme is not an option of a method: give **experiments.settings.of(method, preset, scheme)")
    for name in params:
        if name not in known:
            raise UserError(f"option {name!r} is not known for {method}: use {errors.one_of(name, sorted(known))}")
    return kind(preset=preset, random_state=random_state, **params)


def load(path: str | Path) -> DomainClassifier:
    """A fitted method from the file that its `save` wrote, with what was saved about it in ``about``.

    A method that was trained on a CUDA device is loaded on the CPU if there is no such device.

    Parameters
    ----------
    path : path
        The file.

    Raises
    ------
    UserError
        If the file is absent, damaged or not ours.
    """
    try:
        tensors, content = checkpoints.read(Path(path))
        fitted = content["fitted"]
        kind = {cls.__name__: cls for cls in METHODS.values()}[fitted["method"]]
    except FileNotFoundError as error:
        raise UserError(f"{path} is not there: {_GIVE}") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path} contains no saved method: {_GIVE}") from error
    try:
        params = {k: tuple(v) if isinstance(v, list) else v for k, v in fitted["params"].items()}
        params |= {"alpha": by_name(params["alpha"])} if "alpha" in params else {}
        if str(params.get("device", "cpu")).startswith("cuda") and not torch.cuda.is_available():
            params["device"] = "cpu"
        method = kind(**params)
        method._load(tensors, fitted, content["about"])
    except ImportError:  # a missing package is not the file's fault
        raise
    except Exception as error:  # older files have no checksum, so anything may be wrong in them
        why = f"{type(error).__name__}: {error}".splitlines()[0]
        raise UserError(f"{path} is damaged, or another version wrote it ({why}): train the method again") from error
    return method


def _class(method: str) -> type[DomainClassifier]:
    if method not in METHODS:
        raise UserError(f"method {method!r} is not known: use {errors.one_of(method, tuple(METHODS))}")
    return METHODS[method]
