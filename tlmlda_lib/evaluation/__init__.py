"""Predictions to scores, intervals and their plots. Chapter 1.4."""

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
