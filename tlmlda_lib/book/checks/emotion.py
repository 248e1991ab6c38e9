"""Checks of chapter 2.2, "How sure is it, and how wrong?"."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from tlmlda_lib import losses
from tlmlda_lib.book.checks.exercises import Mistake, called, exercise, number_of
from tlmlda_lib.book.checks.shown import SHOWN, Data, Dice, Shown, by, data_of, is_the_book_s

#: Scores of three utterances for three emotions, and the true ones, of exercise 2.2.1.
SCORES = np.array([[2.0, 0.0, -1.0], [0.0, 1.0, 0.0], [1.0, 3.0, 1.0]])
LABELS = np.array([0, 1, 0])


def _softmax(scores: np.ndarray, axis: int = 1) -> np.ndarray:
    e = np.exp(scores - scores.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def _slips(scores: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Results of the usual slips, by the sentence about each."""
    rows = np.arange(len(scores))
    p = _softmax(scores)
    true = p[rows, labels]
    shifted = scores - scores.min() + 1
    return {
        "this is equation 2 as it is printed, without the minus": np.log(true).mean(),
        "the utterances' losses are summed, and their mean is expected": -np.log(true).sum(),
        "the mean is over all entries of the table, but there are three utterances": -np.log(true).sum() / scores.size,
        "the softmax runs along one emotion over all utterances; it must run along the emotions of one utterance": (
            -np.log(_softmax(scores, 0)[rows, labels]).mean()
        ),
        "the mean was taken before the logarithm; each utterance has a logarithm of its own": -np.log(true.mean()),
        "the logarithm has base 2; a nat has base e": -np.log2(true).mean(),
        "the logarithm has base 10; a nat has base e": -np.log10(true).mean(),
        "this is what the guesses cost, the largest probability of each row; the labels say which one counts": (
            -np.log(p.max(1)).mean()
        ),
        "this is the mean of 1 - p; where is the logarithm?": (1 - true).mean(),
        "the wrong emotions' logarithms are in it; y is 0 there": -np.log(p).sum(1).mean(),
        "these are the scores themselves; where is the softmax?": -scores[rows, labels].mean(),
        "the scores were divided by their sum; the softmax divides exponentials": (
            -np.log((shifted / shifted.sum(1, keepdims=True))[rows, labels]).mean()
        ),
    }


def _entropy(scores: np.ndarray, labels: np.ndarray) -> float:
    """The cross-entropy, by the library."""
    return float(losses.classification(torch.from_numpy(scores), torch.from_numpy(labels)))


def _draw(dice: Dice) -> Data:
    return {"scores": dice.array((3, 3), (-1.0, 0.0, 1.0, 2.0, 3.0)), "labels": dice.array((3,), (0, 1, 2))}


SHOWN["2.2.1"] = Shown({"scores": SCORES, "labels": LABELS}, _draw, _entropy, _slips, by(2e-3))


@exercise(
    "2.2.1",
    "Three utterances",
    hints=(
        "Take one utterance at a time: what probability does the network give the true emotion?",
        "It is the exponential of one score, divided by the sum of the row's exponentials.",
        "Three probabilities, three logarithms, one mean; and it has to be positive.",
    ),
)
def check_entropy(answer: Any) -> str:
    """Check exercise 2.2.1: the cross-entropy of three utterances. Chapter 2.2.

    Parameters
    ----------
    answer : float
        The reader's number in nats, right to 1e-4.
    """
    value = number_of(answer)
    data = data_of("2.2.1").values()
    truth = _entropy(*data)
    if abs(value - truth) < 1e-4:
        return "The library's `classification` gives the same number."
    is_the_book_s("2.2.1", lambda book: bool(abs(value - book) < 1e-4))
    for sentence, slip in _slips(*data).items():
        if abs(value - slip) < 1e-4:
            raise Mistake(sentence)
    if value < 0:
        raise Mistake("a cross-entropy cannot be negative: no probability is larger than 1")
    if abs(value - truth) < 5e-3:
        raise Mistake("this is close; keep more digits on the way")
    raise Mistake(f"the number is too {'large' if value > truth else 'small'}; look at the three utterances one by one")


@exercise(
    "2.2.2",
    "What the head is told",
    hints=(
        "Begin with one utterance: which slope does each score have, and how does a score depend on a row of W?",
        "The row of emotion c gets z times (p - y) of that emotion.",
        "For all utterances at once this is a product of two matrices; and the cross-entropy is a mean.",
    ),
)
def check_head_gradient(head_gradient: Any) -> str:
    """Check exercise 2.2.2: the gradient of the cross-entropy at the head's weights. Chapter 2.2.

    Parameters
    ----------
    head_gradient : callable
        ``head_gradient(z, W, labels)`` takes float64 tensors of shape (n, h) and (C, h) and int64 labels (n,), and
        gives a tensor of shape (C, h).
    """
    generator = torch.Generator().manual_seed(0)
    for n, classes, h in ((6, 3, 4), (1, 5, 2), (9, 2, 7)):
        z = torch.rand(n, h, generator=generator, dtype=torch.float64)
        weight = torch.randn(classes, h, generator=generator, dtype=torch.float64)
        labels = torch.randint(classes, (n,), generator=generator)
        given = z.clone(), weight.clone(), labels.clone()
        value = called(head_gradient, "(z, W, labels)", z, weight, labels)
        if not all(torch.equal(a, b) for a, b in zip((z, weight, labels), given, strict=True)):
            raise Mistake("head_gradient changed what it was given; work on a copy")
        _judge_gradient(value, z, weight, labels)
    return "PyTorch's `backward` says the same."


def _judge_gradient(value: Any, z: torch.Tensor, weight: torch.Tensor, labels: torch.Tensor) -> None:
    """Raise a `Mistake` unless a value is the gradient at the weights."""
    if not isinstance(value, torch.Tensor):
        raise Mistake(f"a tensor is expected; this is of type {type(value).__name__}")
    if value.shape != weight.shape:
        raise Mistake(f"the gradient has shape {tuple(value.shape)} where W has {tuple(weight.shape)}")
    n = len(z)
    leaf = weight.clone().requires_grad_()
    (truth,) = torch.autograd.grad(losses.classification(z @ leaf.T, labels), leaf)
    if torch.allclose(value.double(), truth, atol=1e-6):
        return
    p = torch.softmax(z @ weight.T, dim=1)
    y = torch.nn.functional.one_hot(labels, len(weight)).double()
    slips = {
        "this leads uphill, which is where equation 2 leads as printed": -truth,
        "this is a sum over the utterances, and the cross-entropy is their mean": n * truth,
        "the mean is over all n · C entries, but there are n utterances": truth / len(weight),
        "the labels are not in it: p alone is not a slope": p.T @ z / n,
        "the probabilities are not in it: y alone is not a slope": -y.T @ z / n,
        "the softmax runs along one emotion over all utterances": (torch.softmax(z @ weight.T, dim=0) - y).T @ z / n,
        "the scores are not yet probabilities: where is the softmax?": (z @ weight.T - y).T @ z / n,
    }
    for sentence, slip in slips.items():
        if torch.allclose(value.double(), slip, atol=1e-6):
            raise Mistake(sentence)
    raise Mistake("these are not the slopes of the head's weights; try one utterance and two emotions on paper")


def _probabilities(value: Any, name: str, shape: tuple[int, int]) -> np.ndarray:
    try:
        p = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError, RuntimeError) as error:
        raise Mistake(f"{name} is not an array of numbers") from error
    if p.shape != shape:
        raise Mistake(f"{name} has shape {p.shape}; a row for each utterance and a column for each emotion is {shape}")
    if not (p > 0).all():
        raise Mistake(f"{name} has an entry that is not positive; the softmax never gives one")
    sums = p.sum(1)
    worst = int(np.abs(sums - 1).argmax())
    if abs(sums[worst] - 1) > 1e-6:
        raise Mistake(f"row {worst} of {name} sums to {sums[worst]:.3g}; probabilities sum to 1")
    return p


@exercise(
    "2.2.3",
    "Better, and worse",
    hints=(
        "Recognising counts each utterance alike. Does the loss?",
        "Which utterance on this page cost the most, and how much more could it have cost?",
        "Let the first be sure of everything, and wrong rarely; let the second be sure of nothing.",
    ),
)
def check_disagreement(labels: Any, first: Any, second: Any) -> str:
    """Check exercise 2.2.3: more utterances recognised, and the larger cross-entropy all the same.

    Chapter 2.2.

    Parameters
    ----------
    labels : array of shape (10,), int
        The true emotions, as the exercise has them.
    first, second : array of shape (10, 5)
        The two networks' probabilities.
    """
    true = np.arange(10) % 5
    if not np.array_equal(np.asarray(labels), true):
        raise Mistake("the labels are no longer those of the exercise; leave them as they are")
    tables = _probabilities(first, "first", (10, 5)), _probabilities(second, "second", (10, 5))
    right, loss = [], []
    for name, p in zip(("first", "second"), tables, strict=True):
        tied = (p == p.max(1, keepdims=True)).sum(1) > 1
        if (tied & (p[np.arange(10), true] == p.max(1))).any():
            raise Mistake(f"in {name} the true emotion shares the first place with another: what is the guess there?")
        right.append(int((p.argmax(1) == true).sum()))
        loss.append(float(losses.classification(torch.from_numpy(np.log(p)), torch.from_numpy(true))))
    if right[0] <= right[1]:
        raise Mistake(f"the first does not recognise more: {right[0]} of 10, and the second {right[1]}")
    if loss[0] <= loss[1]:
        raise Mistake(
            f"the first recognises more ({right[0]} against {right[1]}) and has the smaller loss too, {loss[0]:.2f} "
            f"against {loss[1]:.2f}"
        )
    return f"{right[0]} of 10 against {right[1]}, at a loss of {loss[0]:.2f} against {loss[1]:.2f}."
