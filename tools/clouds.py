"""Draw the picture of the README: book/_static/clouds.svg, what alignment does to two corpora of synthetic speech.

python tools/clouds.py
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np

mpl.use("agg")

from matplotlib import pyplot as plt

from tlmlda_lib.book.pages import index
from tlmlda_lib.evaluation import plots

FILE = Path(__file__).parents[1] / "book" / "_static" / "clouds.svg"
TITLES = ("without alignment", "with alignment")


def main() -> None:
    """The two states of the landing page's moving picture side by side."""
    pair, seen = index.trainings()
    widget = index.figure(pair, seen)
    plots.use_style()
    mpl.rcParams.update({"svg.hashsalt": "tlmlda", "svg.fonttype": "path"})
    figure, axes = plt.subplots(1, 2, figsize=(8, 3.6), layout="constrained")
    emotions = np.array([p["emotion"] for p in widget.points])
    for ax, one, title in zip(axes, widget.maps, TITLES, strict=True):
        xy = np.array(one["xy"])
        for emotion in pair.classes:
            for target, marker in ((False, "o"), (True, "D")):
                rows = (emotions == emotion) & (pair.target == target)
                label = emotion if not target else None
                ax.scatter(*xy[rows].T, s=12, marker=marker, color=plots.colour(emotion), linewidths=0, label=label)
        ax.set(title=title, xticks=[], yticks=[])
        ax.set_aspect("equal", adjustable="datalim")
    marks = [
        axes[0].scatter([], [], marker=m, color=plots.INK, label=w, s=16)
        for m, w in (("o", "German"), ("D", "Mandarin"))
    ]
    handles = axes[1].get_legend_handles_labels()[0] + marks
    figure.legend(handles=handles, loc="outside lower center", ncols=7, fontsize=9)
    figure.savefig(FILE, metadata={"Date": None})


if __name__ == "__main__":
    main()
