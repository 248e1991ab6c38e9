"""Everything that one epoch of training passes to the next, so that a run can stop and resume. Chapter 2.7."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import OneCycleLR
from torch.optim.swa_utils import AveragedModel

from tlmlda_lib.networks import TLMLDANetwork
from tlmlda_lib.training import checkpoints
from tlmlda_lib.weighting import LossWeights


@dataclass
class RunState:
    """A training run between two epochs. No random state: each epoch draws from its own seed."""

    network: TLMLDANetwork  # in training
    optimizer: Optimizer  # with its moments
    scheduler: OneCycleLR | None  # None for a constant learning rate
    averaged: AveragedModel | None  # None without averaging
    weights: LossWeights  # of the losses
    rows: list[dict[str, float]] = field(default_factory=list)  # rows of the history
    predictions: list[np.ndarray] = field(default_factory=list)  # (n_t,) uint8 for each epoch

    def result(self) -> TLMLDANetwork:
        """The network whose predictions count: the average, once it exists."""
        if self.averaged is not None and int(self.averaged.n_averaged):
            return self.averaged.module  # type: ignore[return-value]
        return self.network

    def save(self, path: Path, identity: str) -> None:
        """Write the state to one file.

        Parameters
        ----------
        path : Path
            The file.
        identity : str
            Digest of data, options and seed.
        """
        tensors, groups = _optimizer_state(self.optimizer)
        tensors |= checkpoints.with_prefix("network", self.network)
        if self.averaged is not None:
            tensors |= checkpoints.with_prefix("averaged", self.averaged)
        tensors["predictions"] = torch.as_tensor(np.array(self.predictions, dtype=np.uint8))
        about: dict[str, Any] = {
            "identity": identity,
            "rows": self.rows,
            "weights": self.weights.state(),
            "groups": groups,
            "scheduler": None if self.scheduler is None else self.scheduler.state_dict(),
        }
        checkpoints.write(path, tensors, about)

    def resume(self, path: Path | None, identity: str) -> int:
        """Restore what `save` wrote if it belongs to this run, and return the number of finished epochs.

        Parameters
        ----------
        path : Path or None
            The file, which need not exist.
        identity : str
            Digest of data, options and seed.
        """
        found = checkpoints.read_if_of(path, identity)
        if found is None:
            return 0
        tensors, about = found
        self.network.load_state_dict(checkpoints.without_prefix("network", tensors))
        _restore_optimizer(self.optimizer, tensors, about["groups"])
        if self.averaged is not None:
            self.averaged.load_state_dict(checkpoints.without_prefix("averaged", tensors))
        if self.scheduler is not None:
            self.scheduler.load_state_dict(about["scheduler"])
        self.weights.restore(about["weights"])
        self.rows = about["rows"]
        self.predictions = list(tensors["predictions"].numpy()) if len(self.rows) else []
        return len(self.rows)


def _optimizer_state(optimizer: Optimizer) -> tuple[dict[str, Tensor], list[dict[str, Any]]]:
    """An optimiser's tensors, by name, and its groups' settings."""
    state = optimizer.state_dict()
    tensors = {f"optimizer.{i}.{k}": torch.as_tensor(v) for i, s in state["state"].items() for k, v in s.items()}
    return tensors, [{k: v for k, v in group.items() if k != "params"} for group in state["param_groups"]]


def _restore_optimizer(optimizer: Optimizer, tensors: dict[str, Tensor], groups: list[dict[str, Any]]) -> None:
    """Put back what `_optimizer_state` gave."""
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        if name.startswith("optimizer."):
            _, i, key = name.split(".")
            state.setdefault(int(i), {})[key] = tensor
    own = optimizer.state_dict()["param_groups"]
    merged = [
        {**mine, **{k: tuple(v) if isinstance(v, list) else v for k, v in saved.items()}}
        for mine, saved in zip(own, groups, strict=True)
    ]
    optimizer.load_state_dict({"state": state, "param_groups": merged})
