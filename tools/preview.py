"""Draw the picture that a link to the book shows elsewhere: book/_static/preview.png, 1200 x 630.

python tools/preview.py
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np

mpl.use("agg")

from matplotlib import pyplot as plt

from tlmlda_lib.evaluation import plots

FILE = Path(__file__).parents[1] / "book" / "_static" / "preview.png"


def main() -> None:
    """Two clouds that half overlap, and the title."""
    plots.use_style()
    rng = np.random.default_rng(2022)
    figure = plt.figure(figsize=(12, 6.3), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 12), ylim=(0, 6.3))
    axes.axis("off")
    for name, middle, marker in (("source", (8.4, 3.6), "o"), ("target", (10.0, 2.6), "D")):
        points = rng.normal(middle, 0.75, (70, 2))
        axes.scatter(*points.T, s=70, marker=marker, color=plots.DOMAIN_COLOURS[name], alpha=0.8, linewidths=0)
    axes.text(0.7, 3.5, "Emotion\nacross corpora", fontsize=50, weight="bold", va="center", linespacing=1.15)
    axes.text(
        0.75,
        1.5,
        "Hear, take apart and rerun a method\nof cross-corpus speech emotion recognition",
        fontsize=19,
        va="center",
        color=plots.MUTED,
    )
    figure.savefig(FILE, dpi=100, bbox_inches=None, metadata={"Software": None})


if __name__ == "__main__":
    main()
