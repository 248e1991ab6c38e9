"""Records of runs that were never made, for pages that read records: a method's curve is its number and some noise."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import numpy as np

from tlmlda_lib import methods
from tlmlda_lib.evaluation import RULES
from tlmlda_lib.experiments import settings, store
from tlmlda_lib.training.options import FIVE, describe

HEIGHTS = {"tlmlda": 50, "tlmlda_w": 47, "tlmlda_alpha": 50, "tlmlda_m": 44, "tlmlda_l": 52, "only_cls": 38}


def record(
    scheme: str,
    method: str,
    preset: str = "recommended-is10",
    seed: int = 0,
    *,
    epochs: int = 0,
    grid: str = "main",
    **changes: Any,
) -> dict[str, Any]:
    """One run; ``changes`` are options that differ from the preset, as is ``epochs`` where it is given."""
    changes |= {"epochs": epochs} if epochs else {}
    options = methods.make(method, preset, **settings.of(method, preset, scheme, changes)).options()
    rng = np.random.default_rng([seed, zlib.crc32(f"{scheme}{method}{preset}{sorted(changes)}".encode())])
    n = options.epochs
    rise = 1 - np.exp(-np.arange(1, n + 1) / 8)
    war = (20 + (HEIGHTS[method] - 20) * rise + rng.normal(0, 2, n)).round(1)
    infomax = (rise + rng.normal(0, 0.05, n)).round(4)
    at = {"final": n - 1, "unsupervised": int(infomax.argmax()), "oracle": int(war.argmax())}
    return {
        "grid": grid,
        "scheme": scheme,
        "method": method,
        "preset": preset,
        "options_digest": store.options_digest({**describe(options), "method": method}),
        "overrides": {k: list(v) if isinstance(v, tuple) else v for k, v in changes.items()},
        "params": describe(options),
        "seed": seed,
        "rules": {rule: {"war": float(war[at[rule]]), "uar": 0.0, "epoch": at[rule] + 1} for rule in RULES},
        "curve": {"war": war.tolist(), "infomax": infomax.tolist()},
        "floor": {"chance": 20.0, "majority": 20.0},
        "revisions": {},
    }


def fill(results: Path) -> None:
    """A small store: all of Table 3 on two schemes, holes in it, the authors' longer and shorter runs, and others'."""
    cells = [record(s, m, seed=k) for s in ("B2C", "C2B") for m in HEIGHTS for k in range(3)]
    cells = [r for r in cells if (r["scheme"], r["method"]) != ("B2C", "tlmlda_l")]
    cells += [record("R2B", "tlmlda_m", seed=1)]
    cells += [record("C2B", m, "authors", k, grid="authors") for m in ("tlmlda", "only_cls") for k in (0, 2)]
    cells += [record("C2B", "tlmlda_w", "authors", k, epochs=150, grid="authors") for k in (0, 1, 2)]
    without = {"MMD": 0.0, "LMMD": 0.0}
    cells += [record("C2B", "tlmlda", seed=k, alpha=without, update="constant") for k in (0, 1)]
    cells += [
        record("C2B", "tlmlda", seed=0, alpha={"S": 7, "T": 7, "y": 1, "MMD": 0, "LMMD": 0}),
        record("C2B", "tlmlda", noise_std=0.7),
    ]
    cells += [record("C2B", "tlmlda", seed=0, grid="prices", alpha=dict.fromkeys(FIVE, 1))]
    for cell in cells:
        store.write(store.path(results, **cell), cell)
