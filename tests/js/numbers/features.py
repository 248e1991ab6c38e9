"""Functionals of contours by NumPy and SciPy, in definitions that openSMILE agrees with."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import stats

from tlmlda_lib.book.explorables.features import FUNCTIONALS, LEVELS, measure

RATE = 16000


def numbers() -> list[dict[str, Any]]:
    assert_as_opensmile()
    rng = np.random.default_rng(7)
    t = np.arange(60) / 60
    contours = [
        rng.normal(0, 0.3, 60) + np.sin(9 * t),
        np.exp(4 * t) + rng.uniform(0, 3, 60),
        rng.uniform(100, 300, 7),
        np.array([5.0, 1.0, 5.0, 1.0]),
        np.full(3, 2.5),
        np.array([-2.0]),
    ]
    rounded = [x.round(3) for x in contours]
    return [{"contour": x.tolist(), "functionals": {n: of(n, x) for n in FUNCTIONALS}} for x in rounded]


def of(name: str, x: np.ndarray) -> float:
    line = stats.linregress(np.arange(len(x)), x) if len(x) > 1 else None
    slope, start = (line.slope, line.intercept) if line else (0.0, x[0])
    off = x - start - slope * np.arange(len(x))
    flat = bool(np.ptp(x) == 0)
    ways: dict[str, Callable[[], Any]] = {
        "maxPos": x.argmax,
        "minPos": x.argmin,
        "amean": x.mean,
        "linregc1": lambda: slope,
        "linregc2": lambda: start,
        "linregerrA": lambda: np.abs(off).mean(),
        "linregerrQ": lambda: (off**2).mean(),
        "stddev": x.std,
        "skewness": lambda: 0 if flat else stats.skew(x),
        "kurtosis": lambda: 0 if flat else stats.kurtosis(x, fisher=False),
        "iqr1-2": lambda: np.subtract(*np.percentile(x, [50, 25])),
        "iqr2-3": lambda: np.subtract(*np.percentile(x, [75, 50])),
        "iqr1-3": lambda: np.subtract(*np.percentile(x, [75, 25])),
        "pctlrange0-1": lambda: np.subtract(*np.percentile(x, [99, 1])),
        **{f"quartile{k}": (lambda k=k: np.percentile(x, 25 * k)) for k in (1, 2, 3)},
        **{f"percentile{k}.0": (lambda k=k: np.percentile(x, k)) for k in (1, 99)},
        **{f"upleveltime{k}": (lambda k=k: (x > x.min() + k / 100 * np.ptp(x)).mean()) for k in (75, 90)},
    }
    return float(ways[name]())


def assert_as_opensmile() -> None:
    """On a glide of ten harmonics, functionals of three contours agree with openSMILE's, which counts in float32."""
    phase = np.cumsum(2 * np.pi * np.geomspace(150, 225, RATE) / RATE)
    sound = np.asarray(sum(0.1 * np.sin(k * phase) / k for k in range(1, 11)), dtype=np.float32)
    contours, features = measure(sound, RATE)
    for level, name in (("lld1", "pcm_loudness_sma"), ("lld1_de", "mfcc_sma_de[2]"), ("lld2", "F0final_sma")):
        x = contours[level][name][: -LEVELS[level]].astype(float)
        x = x[x != 0] if level == "lld2" else x
        for functional in FUNCTIONALS:
            theirs = features.get(f"{name}_{functional}")
            assert theirs is None or np.isclose(of(functional, x), theirs, rtol=2e-4, atol=2e-5 * max(1, x.std()))
