"""Pairs of domains made of random numbers, for tests that need no recordings."""

from __future__ import annotations

import hashlib
import os
import signal
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from tlmlda_lib.features.voices import VoiceGroups


@dataclass(frozen=True)
class MadePair:
    """As `tlmlda_lib.domains.DomainPair`."""

    X: np.ndarray
    y: np.ndarray
    sample_domain: np.ndarray
    groups: np.ndarray
    classes: tuple[str, ...]
    truth: np.ndarray | None
    feature_names: tuple[str, ...]
    files: tuple[str, ...]
    speakers: tuple[str, ...]
    scheme: str = "C2B"
    problems: tuple = ()
    features: tuple[str, ...] = ("is10",)
    genders: tuple[str, ...] = ()
    how: dict = field(default_factory=dict)

    @property
    def target(self) -> np.ndarray:
        return self.sample_domain < 0

    @cached_property
    def _embeddings(self) -> np.ndarray:
        rng = np.random.default_rng(5)
        return rng.normal(size=(len(self.X), 256)) + 3 * (self.groups % 2)[:, None]

    @cached_property
    def voice_groups(self) -> VoiceGroups:
        return VoiceGroups.fit(self._embeddings, self.sample_domain)

    @cached_property
    def voices(self) -> np.ndarray:
        return self.voice_groups.codes(self._embeddings, self.sample_domain)

    @cached_property
    def feature_digest(self) -> str:
        return hashlib.sha256(self.X.tobytes() + self.y.tobytes() + self.groups.tobytes()).hexdigest()


def made_pair(seed: int = 0, n: tuple[int, int] = (60, 41), d: int = 20, noise: float = 1.5, **changes) -> MadePair:
    """Three emotions, five source speakers, four target speakers; the target is shifted and wider."""
    rng = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(n[0]) % 3, rng.permutation(np.arange(n[1]) % 3)])
    X = rng.normal(size=(3, d))[labels] + rng.normal(0, noise, size=(sum(n), d))
    X[n[0] :] = X[n[0] :] * 1.5 + 2
    domain = np.repeat([1, -2], n)
    groups = np.concatenate([np.arange(n[0]) // 3 % 5, 5 + np.arange(n[1]) // 3 % 4])
    truth = labels[n[0] :].copy()
    truth.flags.writeable = False
    fields = {
        "X": X.astype(np.float32),
        "y": np.where(domain > 0, labels, -1),
        "sample_domain": domain,
        "groups": groups,
        "classes": ("anger", "happy", "sad"),
        "truth": truth,
        "feature_names": tuple(f"f{i}" for i in range(d)),
        "files": tuple(f"/made/{i}.wav" for i in range(sum(n))),
        "speakers": tuple(f"{'casia' if dom > 0 else 'emodb'}/{g}" for dom, g in zip(domain, groups, strict=True)),
        "genders": tuple("female" if g % 2 else "male" for g in groups),
    }
    return MadePair(**(fields | changes))


@dataclass(frozen=True)
class DeadlyPair(MadePair):
    """Kills the process that trains on it: always, or, with a file to remember by, once."""

    parent: int = 0
    remember: Path | None = None

    @property
    def target(self) -> np.ndarray:
        if os.getpid() != self.parent and not (self.remember and self.remember.exists()):
            if self.remember:
                self.remember.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().target


def deadly_pair(remember: Path | None = None, **changes) -> DeadlyPair:
    """As `made_pair`."""
    return DeadlyPair(**vars(made_pair(**changes)), parent=os.getpid(), remember=remember)


def kept_in(folder) -> tuple[str, ...]:
    """Options for a command that keeps and reads records in one folder."""
    return ("--runs", str(folder), "--results", str(folder))
