"""What a sound keeps of another, of short traces: glides, too little voice, and what never changes."""

import math
from typing import Any

import numpy as np

from tlmlda_lib.book import stream_sounds

FRAMES = 28


def numbers() -> dict[str, Any]:
    rng = np.random.default_rng(3)
    whole = _traces(rng, 0.1)
    near = {name: np.round(np.where(x == 0, 0, x + rng.normal(0, 0.3, x.shape)), 2) for name, x in whole.items()}
    far = _traces(rng, 0.3)
    traces = {
        "whole": whole,
        "near": near,
        "far": far,
        "silent": {**far, "pitch": np.zeros(FRAMES)},
        "hardly": {**near, "pitch": np.where(np.arange(FRAMES) < FRAMES - 6, 0, 150.0)},
        "flat": {**near, "shape": np.full_like(near["shape"], 0.5), "level": np.full(FRAMES, -20.0)},
        "short": {"pitch": whole["pitch"][:8], "level": whole["level"][:8], "shape": whole["shape"][:4]},
    }
    pairs = [*(("whole", name) for name in traces if name != "short"), ("silent", "near"), ("short", "short")]
    return {
        "traces": {k: {name: x.tolist() for name, x in t.items()} for k, t in traces.items()},
        "cases": [{"whole": a, "other": b, **_case(traces[a], traces[b])} for a, b in pairs],
    }


def _traces(rng: np.random.Generator, unvoiced: float) -> dict[str, np.ndarray]:
    return {
        "pitch": np.where(rng.uniform(size=FRAMES) < unvoiced, 0, rng.uniform(80, 300, FRAMES)).round(2),
        "level": rng.uniform(-45, -10, FRAMES).round(2),
        "shape": rng.normal(0, 2, (FRAMES // 2, 2)).round(2),
    }


def _case(whole: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> dict[str, Any]:
    found = stream_sounds.kept(whole, other)
    voiced = other["pitch"][other["pitch"] > 0]
    return {
        "kept": {name: None if math.isnan(v) else v for name, v in found.items()},
        "median": float(np.median(voiced)) if len(voiced) else None,
    }
