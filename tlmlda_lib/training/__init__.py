"""The training loop: options and presets, batches, the trainer, criteria without labels, checkpoints. Chapter 2.7."""

from tlmlda_lib.training.options import PRESETS, Options
from tlmlda_lib.training.trainer import PairArrays, Trainer, Training

__all__ = ["PRESETS", "Options", "PairArrays", "Trainer", "Training"]
