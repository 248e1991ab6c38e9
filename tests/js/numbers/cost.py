"""Operations of a step by batch size and width of z, as the library adds them up and as PyTorch counts them."""

from dataclasses import replace
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from tlmlda_lib.book.checks.cost import step_cost
from tlmlda_lib.book.explorables.cost import BATCHES, WIDTHS, CostOfStep
from tlmlda_lib.training.options import PAPER
from tlmlda_lib.training.trainer import batch_losses, build_network


def numbers() -> dict[str, Any]:
    shown = [(100, 256), (BATCHES[0], WIDTHS[0]), (BATCHES[-1], WIDTHS[-1]), (400, 1024)]
    small = replace(PAPER, encoder=(12, 7), emotion=(9, 4), batch_size=10)
    return {
        "layers": CostOfStep().layers,
        "cases": [
            {"batch": batch, "width": width, "cost": step_cost(replace(PAPER, emotion=(600, width), batch_size=batch))}
            for batch, width in shown
        ],
        "small": CostOfStep(options=small, features=20, classes=3).layers,
        "counted": _counted(small),
    }


def _counted(options: Any) -> int:
    network = build_network(options, 20, 3).train()
    xs, xt = torch.rand(2, options.batch_size, 20)
    with FlopCounterMode(display=False) as counter:
        terms = batch_losses(network, xs, torch.arange(len(xs)) % 3, xt, options)
        torch.stack(list(terms.values())).sum().backward()
    return counter.get_total_flops()
