"""The networks behind an answer: TLMLDA several times, and the same network without transfer. Chapter 3.5."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tlmlda_lib import methods
from tlmlda_lib.domains import DomainPair
from tlmlda_lib.experiments import contents, run
from tlmlda_lib.features.threads import use_threads
from tlmlda_lib.methods.tlmlda import TLMLDA
from tlmlda_lib.progress import watch

#: The method, and its network without transfer.
ALIGNED, PLAIN = "tlmlda", "only_cls"


@dataclass(frozen=True)
class Networks:
    """Fitted networks, one of each kind for every seed.

    Attributes
    ----------
    aligned, plain : tuple of TLMLDA
        With transfer, and without.
    voices : ndarray of shape (n,), int64, or None
        Voice groups of the pair's rows, if the networks want them.
    """

    aligned: tuple[TLMLDA, ...]
    plain: tuple[TLMLDA, ...]
    voices: NDArray[np.int64] | None

    def probabilities(self, pair: DomainPair) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Probabilities of the target's emotions, (seeds, n_t, C), by the aligned and by the plain networks.

        Parameters
        ----------
        pair : DomainPair
            What they were fitted on.
        """
        rows = pair.target
        voices = None if self.voices is None else self.voices[rows]
        how: dict[str, Any] = {"sample_domain": pair.sample_domain[rows], "groups": pair.groups[rows], "voices": voices}
        aligned, plain = (
            np.stack([one.predict_proba(pair.X[rows], **how) for one in kind]) for kind in (self.aligned, self.plain)
        )
        return aligned, plain


def train(
    pair: DomainPair,
    preset: str,
    seeds: int,
    folder: Path,
    *,
    params: Mapping[str, Any] | None = None,
    threads: int = 1,
    progress: bool = False,
) -> Networks:
    """Fit all networks; those that a killed call had finished are read from their checkpoints. Chapter 3.5.

    Parameters
    ----------
    pair : DomainPair
    preset : str
    seeds : int
        Number of networks of each kind.
    folder : Path
        Folder of checkpoints, as from `checkpoints_of`.
    params : dict, optional
        Options that differ from the preset.
    threads : int
    progress : bool
        Show a bar of the networks, and one for each.
    """
    every = [
        (methods.make(name, preset, random_state=seed, **dict(params or {})), folder / f"{name}-{seed}.safetensors")
        for name in (ALIGNED, PLAIN)
        for seed in range(seeds)
    ]
    voices = pair.voices if any(clf.requires_voices for clf, _ in every) else None
    with use_threads(threads):
        one_by_one = (run.fit(clf, pair, voices, checkpoint, progress) for clf, checkpoint in every)
        fitted = tuple(watch(one_by_one, len(every), "networks", progress, unit="network"))
    return Networks(fitted[:seeds], fitted[seeds:], voices)


def checkpoints_of(pair: DomainPair, preset: str, params: Mapping[str, Any], root: Path) -> Path:
    """Folder of the checkpoints of networks on this data with these settings.

    Parameters
    ----------
    pair : DomainPair
    preset : str
    params : dict
        Options that differ from the preset.
    root : Path
        Folder of all checkpoints.
    """
    text = json.dumps(
        [contents.data_digest(pair), list(pair.classes), preset, dict(params)], sort_keys=True, default=str
    )
    return root / f"adapt-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
