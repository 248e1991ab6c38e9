"""Checks of chapter 2.8, "What does a step cost?": weights counted, and arithmetic saved."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from tlmlda_lib.book.checks.exercises import Mistake, called, exercise, number_of
from tlmlda_lib.training.options import FIVE, PAPER, Options
from tlmlda_lib.training.trainer import build_network


def weights_of(*widths: int) -> int:
    """Weights of linear layers one after the other, of these widths. Chapter 2.8.

    Parameters
    ----------
    *widths : int
        Of the input, and then of each layer.

    Examples
    --------
    >>> weights_of(3, 2, 4)
    14
    """
    return sum(a * b for a, b in pairwise(widths))


def step_cost(options: Options, n_features: int = 1582, n_classes: int = 5) -> int:
    """Multiplications and additions of one training step in matrix products. Chapter 2.8.

    Parameters
    ----------
    options : Options
    n_features, n_classes : int

    Returns
    -------
    int
        ``2 B (6 W - 2 W_1) + 4 (2 B)^2 (d' + C + 1)``: W the weights of all layers, W_1 those of the first, d' the
        width that is aligned; both domains go through the network in one batch.
    """
    network = build_network(options, n_features, n_classes)
    weights = sum(p.numel() for p in network.parameters() if p.ndim == 2)
    first = n_features * options.encoder[0]
    rows = 2 * options.batch_size
    return rows * (6 * weights - 2 * first) + 4 * rows**2 * (options.emotion[-1] + n_classes + 1)


@exercise(
    "2.8.1",
    "Where are the weights?",
    hints=(
        "A linear layer from a numbers to b has a times b weights.",
        "Encoder 1582, 1200, 900, 500; the decoder is its mirror. On the code of 500: 600, 256 and the five scores.",
        "`sum(a * b for a, b in itertools.pairwise(widths))` does it for a chain of widths; add up three chains.",
    ),
)
def check_count(W: Any) -> str:
    """Check exercise 2.8.1: the weights of all linear layers of the paper's network. Chapter 2.8.

    Parameters
    ----------
    W : int
        The reader's count.
    """
    number = number_of(W)
    network = build_network(PAPER, 1582, 5)
    chains = [(1582, *PAPER.encoder), (*reversed(PAPER.encoder), 1582), (PAPER.encoder[-1], *PAPER.emotion, 5)]
    encoder, decoder, emotion = (weights_of(*chain) for chain in chains)
    slips = {
        sum(p.numel() for p in network.parameters()): "it contains the biases and BatchNorm's scales; count weights",
        encoder + emotion: "the decoder is missing, and it has as many weights as the encoder",
        encoder + decoder: "the emotion network is missing",
        encoder: "this is the encoder alone",
        encoder + decoder + emotion - 5 * PAPER.emotion[-1]: "the last layer, from 256 to five, is missing",
    }
    if number in slips:
        raise Mistake(slips[int(number)])
    if number != encoder + decoder + emotion:
        raise Mistake("this is not the number of weights; write down three chains of widths and multiply neighbours")
    share = 100 * (encoder + decoder) / number
    return f"{share:.0f} % of them belong to the auto-encoder; the layers behind it are small."


@exercise(
    "2.8.2",
    "When would alignment cost as much?",
    hints=(
        "Set the two parts of the formula equal and solve for B.",
        "One factor 2B cancels: 6 W - 2 W1 on one side, and on the other 4 times 2B times a bracket.",
        "B is (6 W - 2 W1) / (8 (d + C + 1)).",
    ),
)
def check_even(even: Any) -> str:
    """Check exercise 2.8.2: the batch size at which kernel and network cost the same. Chapter 2.8.

    Parameters
    ----------
    even : callable
        ``even(W, W1, d, C)`` gives B.
    """
    for W, W1, d, C in ((7_000_000, 1_900_000, 256, 5), (9_000, 2_000, 16, 2)):
        value = number_of(called(even, "(W, W1, d, C)", W, W1, d, C))
        right = (6 * W - 2 * W1) / (8 * (d + C + 1))
        slips = {
            2 * right: "this is the number of rows, 2B, and not B",
            6 * W / (8 * (d + C + 1)): "the first layer passes no gradient on, and is spared 2 W1",
            (6 * W - 2 * W1) / (8 * d): "each of the C + 1 columns of weights costs as much as a number of z",
            2 * (6 * W - 2 * W1) / (4 * (d + C + 1)): "all 2B rows meet all 2B: (2B) squared is 4 B squared",
        }
        for slip, words in slips.items():
            if abs(value - slip) < 1e-6 * slip:
                raise Mistake(words)
        if abs(value - right) > 1 + 1e-6 * right:
            raise Mistake(f"for W={W}, W1={W1}, d={d}, C={C} the two parts do not cost the same at B = {value:g}")
    return "No batch is ever that large: the network decides what a step costs."


#: Utterances of the longer domain in exercise 2.8.3, and how much cheaper its epoch has to be.
LONGER, CHEAPER = 1000, 10


@exercise(
    "2.8.3",
    "Ten times cheaper",
    hints=(
        "What does an epoch cost: how many steps, times what? What of it does the batch size change?",
        "Nearly all of it is weights times utterances. In which layers are the weights?",
        "Make the encoder's first width smaller, and the decoder follows.",
    ),
)
def check_cheaper(options: Any) -> str:
    """Check exercise 2.8.3: all five losses, and an epoch for a tenth of the paper's arithmetic. Chapter 2.8.

    Parameters
    ----------
    options : Options
        As ``replace(PAPER, ...)`` makes them.
    """
    if not isinstance(options, Options):
        raise Mistake(f"an Options is expected, as `replace` gives it; this is {type(options).__name__}")
    if missing := [name for name in FIVE if name not in options.losses]:
        raise Mistake(f"{', '.join(missing)} went out of the losses: that is cheap, but no longer this method")
    if options.epochs != PAPER.epochs:
        raise Mistake("the number of epochs has changed; make the epoch cheaper")

    def epoch(o: Options) -> float:
        steps = LONGER // o.batch_size if o.drop_last else -(-LONGER // o.batch_size)
        return float(max(steps, 1) * step_cost(o))

    factor = epoch(PAPER) / epoch(options)
    if factor < CHEAPER:
        same = (options.encoder, options.emotion) == (PAPER.encoder, PAPER.emotion)
        why = (
            "the network is as large as before, and smaller batches are only more of them"
            if same
            else "the encoder is as large as before, and there and in its mirror the weights are"
            if options.encoder == PAPER.encoder
            else "look for the layers that still have most of the weights"
        )
        raise Mistake(f"your epoch costs 1/{factor:.2g} of the paper's: {why}")
    return (
        f"Your epoch costs 1/{factor:.0f} of the paper's. Now the open half: say what was given up, and how you would "
        "find out without a target label whether it matters."
    )
