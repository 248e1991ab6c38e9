"""Figures that were published for the paper's six schemes: WAR in percent, as far as they are at hand.

The authors' public scripts report the best of all epochs on target labels, of one run (chapter 3.4): of our rules the
oracle is the one to put beside them.
"""

from __future__ import annotations

from tlmlda_lib.domains import PAPER_SCHEMES
from tlmlda_lib.experiments.plans import TABLE_3, TABLE_4

#: Names that the paper gives its rows.
NAMES = {
    "tlmlda_w": "TLMLDA_w",
    "tlmlda_alpha": "TLMLDA_alpha",
    "tlmlda_m": "TLMLDA_M",
    "tlmlda_l": "TLMLDA_L",
    "tlmlda": "TLMLDA",
    "only_cls": "no transfer",
    "pca_svm": "PCA + SVM",
    "dbn_bp": "DBN + BP",
    "dosl": "DoSL",
    "jdar": "JDAR",
    "tsdsl": "TSDSL",
}

#: Rows of both tables by the paper's numbers. ``only_cls`` is ours: the paper has no such row.
ROWS = {"table3": (*TABLE_3, "only_cls"), "table4": TABLE_4}

#: Printed in the paper: by method and scheme; "mean" as printed, which is not always the row's mean.
PAPER: dict[str, dict[str, float]] = {
    "tlmlda": {"B2C": 41.00, "C2B": 57.11, "mean": 44.72},
    "tlmlda_w": {"B2C": 32.70, "mean": 38.51},
    "tlmlda_alpha": {"B2C": 32.70},
    "tlmlda_m": {"B2C": 32.70, "C2B": 54.33},
    "tlmlda_l": {"B2C": 20.05},
    "pca_svm": {"B2C": 33.1, "C2B": 43.4},
}

#: The authors' README of January 2022.
README: dict[str, dict[str, float]] = {
    name: dict(zip(PAPER_SCHEMES, row, strict=True))
    for name, row in {
        "tlmlda_alpha": (54.40, 34.42, 31.60, 30.60, 32.70, 52.21),
        "tlmlda_m": (57.04, 38.34, 34.90, 29.29, 32.70, 56.84),
        "tlmlda": (59.73, 43.19, 35.40, 32.77, 41.00, 58.58),
    }.items()
}
