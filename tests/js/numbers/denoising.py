"""Auto-encoders as the page gets them, what they rebuild, and equation 1 of it."""

from typing import Any

import torch

from tlmlda_lib.book.explorables.denoising import NOISE, layers_of
from tlmlda_lib.losses import reconstruction
from tlmlda_lib.networks import DenoisingAutoencoder

KINDS = [
    {},
    {"encoder_activation": "relu", "decoder_activation": "elu", "output_activation": "linear", "norm_output": True},
]


def numbers() -> dict[str, Any]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        return {"steps": list(NOISE), "cases": [_case(kind) for kind in KINDS]}


def _case(kind: dict[str, Any]) -> dict[str, Any]:
    network = DenoisingAutoencoder(4, (3, 2), **kind).double()
    for _ in range(20):
        network(torch.rand(40, 4).double())  # BatchNorm's running statistics
    network.eval()
    clean = torch.rand(2, 4).double().round(decimals=3)
    given = (clean + torch.randn(2, 4).double()).round(decimals=3)
    with torch.no_grad():
        rebuilt = network(given)[1]
    errors = [[reconstruction(x, c).item() for x, c in zip(rows, clean, strict=True)] for rows in (given, rebuilt)]
    return {"layers": layers_of(network, 4), "clean": clean.tolist(), "given": given.tolist()} | {
        "rebuilt": rebuilt.tolist(),
        "errors": errors,
    }
