"""Checks of chapter 2.5, "Who decides what matters?"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tlmlda_lib.book.checks.exercises import Mistake, called, exercise
from tlmlda_lib.book.checks.shown import SHOWN, Data, Dice, Shown, by_part, data_of, is_the_book_s
from tlmlda_lib.weighting import LossWeights, dynamic_weights

#: Losses and factors of exercise 2.5.1, in the order S, T, y, MMD, LMMD.
LOSSES = {"S": 0.04, "T": 0.06, "y": 0.8, "MMD": 0.05, "LMMD": 0.3}
ALPHA = {"S": 0.1, "T": 0.1, "y": 5.0, "MMD": 1.0, "LMMD": 0.1}


def array_of(value: Any, shape: tuple[int, ...], what: str) -> np.ndarray:
    """An answer as a finite array of a given shape; anything else becomes a `Mistake`.

    Parameters
    ----------
    value : object
        The reader's answer.
    shape : tuple of int
        The expected shape.
    what : str
        What it is, for the message.
    """
    try:
        found = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError, RuntimeError) as error:
        raise Mistake(f"{what} is not an array of numbers") from error
    if found.shape != shape:
        raise Mistake(f"{what} has shape {found.shape}; {shape} is expected")
    if not np.isfinite(found).all():
        raise Mistake(f"{what} contains a NaN or an infinity; was something divided by 0?")
    return found


def _slips(losses: np.ndarray, alpha: np.ndarray) -> dict[str, np.ndarray]:
    """Results of the usual slips, by the sentence about each."""
    total, weighted = losses.sum(), alpha * losses
    return {
        "these weights sum to 1, so the factors have gone into the sum; equation 6 sums the bare losses": (
            weighted / weighted.sum()
        ),
        "these are the parts that the losses have in their sum; the factors are missing": losses / total,
        "this is factor times loss; nothing was divided": weighted,
        "these are the terms of equation 5, weight times loss; the weights alone are expected": (
            weighted * losses / total
        ),
        "the smallest loss gets the largest part here; equation 6 goes the other way": (
            alpha * (1 / losses) / (1 / losses).sum()
        ),
        "these are the weights of the first epoch, when no loss is known; here all five are": alpha / len(losses),
        "this is divided by the mean of the losses; equation 6 divides by their sum": weighted / losses.mean(),
    }


def _weights(losses: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Equation 6, by the library."""
    by_name = (dict(zip(LOSSES, values.tolist(), strict=True)) for values in (losses, alpha))
    return np.array(list(dynamic_weights(*by_name).values()))


def _draw(dice: Dice) -> Data:
    """Losses of usual sizes; the factors stay the paper's."""
    sizes = ((100, range(2, 10)), (100, range(2, 10)), (10, range(3, 10)), (100, range(2, 10)), (10, range(1, 6)))
    losses = np.array([dice.pick(values) / unit for unit, values in sizes])
    return {"losses": losses, "alpha": np.array(list(ALPHA.values()))}


SHOWN["2.5.1"] = Shown(
    {"losses": np.array(list(LOSSES.values())), "alpha": np.array(list(ALPHA.values()))},
    _draw,
    _weights,
    _slips,
    by_part(0.01),
)


@exercise(
    "2.5.1",
    "Five weights by hand",
    hints=(
        "First one number: the sum of the five losses, without any factor.",
        "Each loss has a part of that sum. The five parts are 1 together; the five weights need not be.",
        "Multiply each part by the factor that stands above it.",
    ),
)
def check_weights(answer: Any) -> str:
    """Check exercise 2.5.1: equation 6 for five losses. Chapter 2.5.

    Parameters
    ----------
    answer : sequence of five float, or mapping by the losses' names
        In the order S, T, y, MMD, LMMD; each right to 0.1 %.
    """
    if isinstance(answer, Mapping):
        if missing := [name for name in LOSSES if name not in answer]:
            raise Mistake(f"there is no weight for {', '.join(missing)}")
        answer = [answer[name] for name in LOSSES]
    value = array_of(answer, (len(LOSSES),), "the answer")
    data = data_of("2.5.1").values()
    truth = _weights(*data)

    def near(other: np.ndarray) -> bool:
        return bool(np.allclose(value, other, rtol=1e-3, atol=0))

    if near(truth):
        return "The library's `dynamic_weights` gives the same five."
    is_the_book_s("2.5.1", near)
    for sentence, slip in _slips(*data).items():
        if near(slip):
            raise Mistake(sentence)
    off = [name for name, mine, right in zip(LOSSES, value, truth, strict=True) if abs(mine / right - 1) > 1e-3]
    raise Mistake(f"not right yet: {', '.join(off)}")


def _trained(losses: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Weights of each epoch, as a training run with ``update="epoch"`` has them."""
    names = tuple(map(str, range(losses.shape[1])))
    rule = LossWeights(names, dict(zip(names, alpha, strict=True)), "epoch")
    weights = []
    for row in losses:
        weights.append(list(rule.of_batch(dict(zip(names, row, strict=True))).values()))
        rule.end_epoch()
    return np.array(weights)


@exercise(
    "2.5.2",
    "Only what is past",
    hints=(
        "While an epoch runs, its mean losses are not known yet. Which are the newest that are known?",
        "Take the parts of each row in its sum, and move the rows down by one.",
        "In the first row every loss has the same part: 1 divided by the number of losses.",
    ),
)
def check_past(weights_of_epochs: Any) -> str:
    """Check exercise 2.5.2: the weights of each epoch, from the mean losses of the epoch before. Chapter 2.5.

    Parameters
    ----------
    weights_of_epochs : callable
        ``weights_of_epochs(losses, alpha)`` takes mean losses (epochs, K) and factors (K,) and gives the weights that
        are in force in each epoch, (epochs, K).
    """
    rng = np.random.default_rng(0)
    for epochs, k in ((6, 5), (4, 3), (1, 5)):
        losses, alpha = rng.uniform(0.1, 2, (epochs, k)), rng.uniform(0.5, 4, k)
        value = called(weights_of_epochs, "(losses, alpha)", losses.copy(), alpha.copy())
        value = array_of(value, (epochs, k), "the result")
        truth = _trained(losses, alpha)
        if np.allclose(value, truth, rtol=1e-9):
            continue
        own = alpha * losses / losses.sum(1, keepdims=True)
        if np.allclose(value, own, rtol=1e-9):
            raise Mistake("each epoch is weighed by its own mean losses, which are known only when it is over")
        if np.allclose(value[1:], truth[1:], rtol=1e-9):
            raise Mistake(f"the first epoch is not right: no loss is known yet, and there are {k} of them")
        mean = losses.cumsum(0) / np.arange(1, epochs + 1)[:, None]
        so_far = alpha * mean / mean.sum(1, keepdims=True)
        if np.allclose(value[1:], so_far[:-1], rtol=1e-9):
            raise Mistake("this looks back at all epochs so far, but only the one before is expected")
        if np.allclose(value[1:], (own / own.sum(1, keepdims=True))[:-1], rtol=1e-9):
            raise Mistake("the weights of an epoch sum to 1; in equation 6 the factors stand outside the sum")
        if np.allclose(value[1:] * alpha, truth[1:], rtol=1e-9):
            raise Mistake("the factors are missing")
        raise Mistake(f"for {epochs} epochs of {k} losses the result is not what a training run uses; look at row 2")
    return "These are the weights that the library trains with."


#: Epochs of exercise 2.5.3, and by how much a unit is changed there.
EPOCHS, UNIT = 6, 1000.0


def _pulls(rule: Any, losses: np.ndarray) -> np.ndarray:
    """Parts of the five terms w L in their sum, for the newest losses; the weights are looked at on the way."""
    n = len(losses)
    which = "after the first epoch" if n == 1 else f"after {n} epochs"
    weights = array_of(called(rule, "(losses)", losses.copy()), (losses.shape[1],), f"what rule gives {which}")
    if (weights < 0).any():
        raise Mistake(f"{which} a weight is negative, and that trains its loss upwards")
    terms = weights * losses[-1]
    if terms.sum() == 0:
        raise Mistake(f"{which} all weights are 0, and nothing would be trained")
    return terms / terms.sum()


@exercise(
    "2.5.3",
    "A rule of your own",
    hints=(
        "Write the newest losses in another unit: what would you have to divide by so that the unit cancels?",
        "Each loss has a measure of its own: what it was in the beginning, or an epoch ago.",
        "Make a number without a unit that says how a loss changes, and divide it by the newest loss.",
    ),
)
def check_rule(rule: Any) -> str:
    """Check exercise 2.5.3: weights that no unit decides, and that see whether a loss still falls.

    Chapter 2.5.

    Parameters
    ----------
    rule : callable
        ``rule(losses)`` takes the losses of the epochs so far, (epochs, 5) with the newest last, and gives the weights
        of the next epoch, (5,).
    """
    rng = np.random.default_rng(0)
    start = rng.uniform(0.2, 2, 5)
    standing = start * (1 + 0.02 * rng.uniform(-1, 1, (EPOCHS, 5)))
    falling = standing.copy()
    falling[:, 2] *= 0.7 ** np.arange(EPOCHS)
    _pulls(rule, falling[:1])
    before, after = _pulls(rule, standing), _pulls(rule, falling)
    for k in range(5):
        other = falling.copy()
        other[:, k] *= UNIT
        if not np.allclose(_pulls(rule, other), after, rtol=1e-6, atol=1e-9):
            raise Mistake(
                f"units decide: with one of the losses written in a unit that is {UNIT:.0f} times smaller, its term "
                f"w L has {_pulls(rule, other)[k]:.1%} of the sum, and before that it had {after[k]:.1%}"
            )
    if abs(after[2] / before[2] - 1) < 0.02:
        raise Mistake("your rule is blind: a loss that falls to a sixth and one that stands still pull the same")
    way = "less" if after[2] < before[2] else "more"
    return (
        f"Under it a falling loss pulls {way} than one that stands still: {after[2]:.1%} of the sum, against "
        f"{before[2]:.1%}."
    )
