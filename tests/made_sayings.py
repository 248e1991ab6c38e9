"""Records that hold what runs said, of stress as well, of runs that were never made: for pages that read them."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import numpy as np

from tlmlda_lib.experiments import contents, plans, store, stream_plans, stressed
from tlmlda_lib.experiments.stream_plans import THREE
from tlmlda_lib.experiments.stress import RECORDINGS

#: The collection of runs that leave one corpus out.
OUT = plans.PLANS["leave-one-out"].grid

CLASSES = 5
SPEAKERS = 4
EACH = 3  # utterances of a speaker in a class
PRESETS = {"ifn": "default", "late_fusion": "zscore", "pca_svm": "zscore"}


def rng_of(*words: Any) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(" ".join(map(str, words)).encode()))


def target(scheme: str) -> tuple[np.ndarray, np.ndarray]:
    """Truth and speakers of a scheme's recordings, in the order in which records keep them; classes differ in size."""
    sizes = EACH + np.arange(CLASSES) % 2
    truth = np.tile(np.repeat(np.arange(CLASSES), sizes), SPEAKERS)
    return truth, np.repeat([f"s{i}" for i in range(SPEAKERS)], sizes.sum())


def heard(scheme: str, *words: Any, right: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """What a run says and how sure it is (255ths). Recordings are easy or hard, whoever listens; all runs boast."""
    truth, _ = target(scheme)
    hard = rng_of(scheme).random(len(truth))
    rng = rng_of(scheme, *words)
    knows = hard + rng.normal(0, 0.15, len(truth)) < right
    predicted = np.where(knows, truth, (truth + rng.integers(1, CLASSES, len(truth))) % CLASSES)
    confidence = np.clip(rng.normal(np.where(knows, 0.85, 0.7), 0.12), 0.21, 1)
    return predicted.astype(np.int64), np.rint(255 * confidence).astype(np.uint8)


def record(
    scheme: str,
    method: str,
    seed: int = 0,
    *,
    preset: str | None = None,
    grid: str = "main",
    streams: tuple[str, ...] = (),
    kept: bool = True,
    right: float = 0.5,
    **overrides: Any,
) -> dict[str, Any]:
    """One run; ``kept`` says whether it is new enough to hold what it said."""
    preset = preset or PRESETS.get(method, "recommended-is10")
    truth, speakers = target(scheme)
    changed = {**(stream_plans.of(streams)[1] if streams else {}), **overrides}
    predicted, confidence = heard(scheme, method, grid, streams, sorted(overrides.items()), seed, right=right)
    hit = predicted == truth
    names = sorted(set(speakers))
    made = {
        "grid": grid,
        "scheme": scheme,
        "method": method,
        "preset": preset,
        "options_digest": store.options_digest({**changed, "method": method}),
        "overrides": changed,
        "params": {},
        "classes": [f"c{i}" for i in range(CLASSES)],
        "seed": seed,
        "date": "2026-11-26T00:00:00+00:00",
        "rules": {
            rule: {"war": 100 * hit.mean(), "uar": 0.0, "epoch": 1, "hits": contents.pack(hit, truth, speakers)}
            for rule in ("final", "unsupervised", "oracle")
        },
        "utterances": {s: np.bincount(truth[speakers == s], minlength=CLASSES).tolist() for s in names},
        "curve": {"war": [100 * hit.mean()]},
        "floor": {"chance": 20.0, "majority": 20.0},
        "revisions": {},
    }
    if kept:
        made["said"] = {"predicted": "".join(map(str, predicted))}
        if method not in ("pca_svm",):
            made["said"]["confidence"] = confidence.tobytes().hex()
    return made


def fill(results: Path, schemes: tuple[str, ...] = ("B2C", "C2B"), seeds: int = 5) -> None:
    """A small store: TLMLDA's older runs, IFN's newer ones, one corpus left out, each with something missing."""
    heights = {"tlmlda": 0.55, "tlmlda_w": 0.5, "tlmlda_alpha": 0.53, "tlmlda_m": 0.54, "only_cls": 0.42}
    made = [record(s, m, k, kept=False, right=h) for s in schemes for m, h in heights.items() for k in range(seeds)]
    for transfer in ({}, {"transfer": "tlmlda"}):
        for names in stream_plans.TOGETHER:
            made += [
                record(s, "ifn", k, grid="streams", streams=names, **transfer) for s in schemes for k in range(seeds)
            ]
        made += [record("CR2B", "ifn", k, grid=OUT, **transfer) for k in range(seeds)]
    made += [record(s, "late_fusion", grid="streams", streams=THREE) for s in schemes]
    made += [record("CR2B", m, k, grid=OUT, right=heights[m]) for m in ("tlmlda", "only_cls") for k in range(seeds - 1)]
    made += [
        record(s, m, k, grid=OUT)
        for s, m, k in (("CR2B", "pca_svm", 0), ("BR2C", "late_fusion", 0), ("BR2C", "tlmlda", 3))
    ]
    for one in made:
        store.write(store.path(results, **one), one)


def stress(scheme: str, seeds: int = 3, splits: int = 4, streams: tuple[str, ...] = THREE) -> dict[str, Any]:
    """A scheme as `tlmlda stress` makes it."""
    truth, speakers = target(scheme)
    subset = np.arange(0, len(truth), 2)

    def condition(variant: str, i: int, recording: str) -> dict[str, Any]:
        made: dict[str, Any] = {"predicted": [], "confidence": [], "attention": [], "without": {}}
        for seed in range(seeds):
            predicted, confidence = heard(scheme, variant, recording, seed, right=0.6 - 0.06 * i)
            made["predicted"].append(stressed.digits(predicted[subset]))
            made["confidence"].append(confidence[subset].tobytes().hex())
            made["attention"].append(stressed.in_hex(np.full((len(subset), len(streams)), 1 / len(streams))))
        return made

    return {
        "scheme": scheme,
        "preset": "default",
        "seeds": seeds,
        "overrides": {},
        "features": ["is10", "resemblyzer"],
        "streams": list(streams),
        "classes": [f"c{i}" for i in range(CLASSES)],
        "truth": stressed.digits(truth),
        "speakers": np.unique(speakers, return_inverse=True)[1],
        "subset": subset,
        "splits": {
            "sizes": [10] * splits,
            "predicted": [
                [stressed.digits(heard(scheme, "split", s, k)[0]) for s in range(splits)] for k in range(seeds)
            ],
        },
        "conditions": {
            v: {"options_digest": digest * 8} | {r: condition(v, i, r) for i, r in enumerate(RECORDINGS)}
            for v, digest in (("none", "0"), ("tlmlda", "1"))
        },
        "data": "0" * 16,
        "revisions": {},
        "versions": {},
        "machine": {},
        "git_commit": None,
        "date": "2026-11-26T00:00:00+00:00",
    }
