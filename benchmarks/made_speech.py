"""How fast is speech made, and how hard are the made corpora?

PCA and a linear support vector machine on openSMILE's 1582 features, five emotions a pair, chance 20 %: *within* the
source (on speakers that were not trained on), *across* with each corpus scaled by itself, and across with *source
only*, where the target takes the source's scaling.
Run: python benchmarks/made_speech.py [--seeds 3]
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from sklearn.model_selection import LeaveOneGroupOut

from tlmlda_lib import domains
from tlmlda_lib.corpora.synthesis import made
from tlmlda_lib.methods.pca_svm import PCASVM

#: As for z-scores on the real corpora; nothing is chosen.
C = 0.001

RANGES = {"within": (70, 90), "across": (35, 60), "source only": (0, 35)}


def synthesis() -> tuple[float, float]:
    """Seconds for 1000 utterances, spoken and recorded, by one process: on the clock, and of the processor."""
    utterances = [u for language in made.TEXTS for u in made.plan(language, 1, "studio")][::4]
    utterances[0].samples()  # what is loaded and copied on first use
    began = time.perf_counter(), time.process_time()
    for u in utterances:
        u.samples()
    clock, processor = time.perf_counter() - began[0], time.process_time() - began[1]
    return clock / len(utterances) * 1000, processor / len(utterances) * 1000


def figures(pair: domains.DomainPair) -> dict[str, float]:
    """The three figures of a pair; within: of its source."""
    Xs, ys, Xt = pair.X[~pair.target], pair.y[~pair.target], pair.X[pair.target]
    speakers = pair.groups[~pair.target]
    right = np.zeros(len(ys), dtype=bool)
    for train, test in LeaveOneGroupOut().split(Xs, ys, speakers):
        clf = PCASVM("zscore", C=C).fit(Xs[train], ys[train])
        right[test] = clf.predict(Xs[test]) == ys[test]
    both = PCASVM("zscore", C=C).fit(pair.X, pair.y, sample_domain=pair.sample_domain)
    alone = PCASVM("zscore", C=C).fit(Xs, ys)
    return {
        "within": 100 * float(right.mean()),
        "across": 100 * float(np.mean(both.predict(Xt) == pair.truth)),
        "source only": 100 * float(np.mean(alone.predict(Xt) == pair.truth)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    seeds = parser.parse_args().seeds
    clock, processor = synthesis()
    print(f"1000 utterances, spoken and recorded: {clock:.1f} s, {processor:.1f} s of one core (limit: 30 s)")
    print(f"{'':12}" + "".join(f"{scheme:>8}" for scheme in domains.MADE_SCHEMES) + "    range")
    for seed in range(seeds):
        rows = {scheme: figures(domains.load_pair(scheme, seed=seed)) for scheme in domains.MADE_SCHEMES}
        for name, (low, high) in RANGES.items():
            values = [rows[scheme][name] for scheme in domains.MADE_SCHEMES]
            odd = "" if all(low <= v <= high for v in values) else "  out of it"
            print(f"seed {seed} {name:12}" + "".join(f"{v:8.1f}" for v in values) + f"    {low} to {high}{odd}")


if __name__ == "__main__":
    main()
