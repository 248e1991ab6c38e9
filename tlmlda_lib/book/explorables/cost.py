"""What a step costs: the arithmetic of network and kernel for a batch size and a width of z. Chapter 2.8."""

from __future__ import annotations

from typing import Any

import traitlets

from tlmlda_lib.book.explorables.base import Explorable, script, style
from tlmlda_lib.book.explorables.settings import Choice
from tlmlda_lib.training.options import PAPER, Options

#: Batch sizes and widths of z on the page.
BATCHES = (10, 25, 50, 100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600)
WIDTHS = (2, 16, 64, 128, 256, 512, 1024, 2048, 4096)


class CostOfStep(Explorable):
    """A training step's multiplications and additions in matrix products, split into network and kernel.

    The page computes what `tlmlda_lib.book.checks.cost.step_cost` gives.

    Parameters
    ----------
    batch : int
        Utterances of each domain in a batch, one of `BATCHES`.
    width : int
        Width of z, the layer that is aligned, one of `WIDTHS`.
    options : Options
        The network; the last width of its emotion network is the one that moves.
    features, classes : int
        Widths of input and output.
    address : str
        Name of the state in the page's address; empty leaves the address unchanged.

    Attributes
    ----------
    costs : dict of str to int
        Read back from the page: operations of ``network`` and ``kernel``.

    Raises
    ------
    UserError
        If the page does not have the batch size or the width.
    """

    _esm = script(__name__)
    _css = style(__name__)
    layers = traitlets.Dict().tag(sync=True)
    batches = traitlets.List(list(BATCHES)).tag(sync=True)
    widths = traitlets.List(list(WIDTHS)).tag(sync=True)
    batch = Choice(BATCHES, 100)
    width = Choice(WIDTHS, 256)
    costs = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        *,
        batch: int = 100,
        width: int = 256,
        options: Options = PAPER,
        features: int = 1582,
        classes: int = 5,
        address: str = "cost",
        **kwargs: Any,
    ) -> None:
        layers = {"encoder": [features, *options.encoder], "emotion": list(options.emotion[:-1]), "classes": classes}
        super().__init__(layers=layers, batch=batch, width=width, address=address, **kwargs)
