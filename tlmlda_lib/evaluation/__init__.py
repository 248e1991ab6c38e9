"""From predictions to scores: rates, intervals, agreement and tests. Chapters 1.5, 3.4 and 4.3."""

from tlmlda_lib.evaluation.rates import (
    METRICS,
    RULES,
    Report,
    bootstrap_interval,
    confusion,
    epoch_rules,
    report,
    t_interval,
    uar,
    war,
)

__all__ = [
    "METRICS",
    "RULES",
    "Report",
    "bootstrap_interval",
    "confusion",
    "epoch_rules",
    "report",
    "t_interval",
    "uar",
    "war",
]
