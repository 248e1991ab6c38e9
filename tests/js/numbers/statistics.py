"""Intervals over seeds with their quantiles, orders, and the outcomes of drawing seeds."""

from typing import Any

import numpy as np
from scipy import stats

from tlmlda_lib.book.pages.reproducibility import rankings
from tlmlda_lib.experiments import policy

VALUES = [[50.0, 52.0, 54.0], [41.2, 41.2, 41.3, 40.9], [3.5, -2.25, 0.5, 0.5, 8.125], [7.0, 7.0, 7.0], [44.0, 46.0]]


def numbers() -> dict[str, Any]:
    intervals = []
    for values in VALUES:
        low, high = policy.interval(values)
        half = None if np.isnan(low) else (high - low) / 2
        intervals.append({"values": values, "mean": float(np.mean(values)), "half": half})
    drawn = {}
    for seeds, k in ((2, 3), (3, 4), (5, 2)):
        times, shares = rankings.draws(seeds, k)
        drawn[f"{seeds} {k}"] = {" ".join(map(str, t)): s for t, s in zip(times.tolist(), shares.tolist(), strict=True)}
    totals = [[3, 1, 2], [1, 1, 1, 1], [0, 5, -2, 5, 0]]
    return {
        "quantiles": [None, None, None, *(float(stats.t.ppf(0.975, n - 1)) for n in range(3, 6))],
        "intervals": intervals,
        "orders": [{"totals": t, "order": rankings.order(t)} for t in totals],
        "draws": drawn,
    }
