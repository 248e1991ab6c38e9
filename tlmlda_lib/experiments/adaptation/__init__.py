"""From labelled corpora to recordings without labels: an answer, a report, a score. Chapter 3.5."""

from tlmlda_lib.experiments.adaptation.answer import Answer, adapt
from tlmlda_lib.experiments.adaptation.keep import write
from tlmlda_lib.experiments.adaptation.scoring import Score, score

__all__ = ["Answer", "Score", "adapt", "score", "write"]
