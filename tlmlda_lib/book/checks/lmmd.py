"""Checks of chapter 2.4, "Same cloud, wrong emotions?"."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from tlmlda_lib import losses
from tlmlda_lib.book.checks.exercises import Mistake, called, exercise, number_of
from tlmlda_lib.book.checks.mmd import cloud_of
from tlmlda_lib.book.checks.shown import SHOWN, Data, Dice, Shown, by, data_of, is_the_book_s

#: Points, labels and guesses of exercise 2.4.1 and the bandwidth of its one kernel.
ZS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 2.0], [2.0, 2.0]])
ZT = np.array([[1.0, 1.0], [2.0, 3.0], [2.0, 0.0], [2.0, 1.0], [1.0, 3.0]])
YS = np.array([0, 0, 0, 1, 1])
GUESSES = np.array([0, 1, 0, 0, 1])
BANDWIDTH = 4.0


def _slips(zs: np.ndarray, ys: np.ndarray, zt: np.ndarray, guesses: np.ndarray) -> dict[str, float]:
    """Results of the usual slips in 2.4.1, by the sentence about each."""
    points = np.concatenate([zs, zt])
    distance = np.linalg.norm(points[:, None] - points, axis=2)
    kernel = np.exp(-(distance**2) / BANDWIDTH)
    halves = np.concatenate([np.eye(2)[ys], np.zeros((5, 2))]), np.concatenate([np.zeros((5, 2)), np.eye(2)[guesses]])

    def squares(source: np.ndarray, target: np.ndarray, k: np.ndarray = kernel, cross: float = -2.0) -> np.ndarray:
        s, t = source / source.sum(0), target / target.sum(0)
        forms = [(s * (k @ s)), (t * (k @ t)), (s * (k @ t))]
        return forms[0].sum(0) + forms[1].sum(0) + cross * forms[2].sum(0)

    source, target = halves
    by_class = squares(source, target)
    whole = squares(source.sum(1, keepdims=True), target.sum(1, keepdims=True))[0]
    shares = (source - target) / 5
    labels_twice = np.concatenate([np.zeros((5, 2)), np.eye(2)[ys]])
    apart = [zs[c == ys].mean(0) - zt[c == guesses].mean(0) for c in (0, 1)]
    sizes = source.sum(0) + target.sum(0)
    itself = [
        sum((m.T @ kernel @ m - m.sum()) / (m.sum() * (m.sum() - 1)) for m in (source[:, c], target[:, c]))
        - 2 * source[:, c] @ kernel @ target[:, c] / (source[:, c].sum() * target[:, c].sum())
        for c in (0, 1)
    ]
    return {
        "this is MMD, of the clouds as wholes and without any label": whole,
        "the squares are summed over the classes, and LMMD takes their mean": by_class.sum(),
        "each class is divided by the size of the whole domain": float((shares * (kernel @ shares)).sum(0).mean()),
        "these are norms, and squares are expected": np.sqrt(by_class).mean(),
        "the root of the mean was taken, and the squares are to be kept": np.sqrt(by_class.mean()),
        "each class is compared with the other one": squares(source, target[:, ::-1]).mean(),
        "large classes count for more; in LMMD all classes count alike": by_class @ sizes / sizes.sum(),
        "the target's points were given the source's labels, and have guesses of their own": (
            squares(source, labels_twice).mean()
        ),
        "the pairs of a point with itself are left out": float(np.mean(itself)),
        "the pairs across the domains are counted once; in the square of a difference they come twice": (
            squares(source, target, cross=-1.0).mean()
        ),
        "the distance in the exponent is not squared": squares(source, target, np.exp(-distance / BANDWIDTH)).mean(),
        "the bandwidth is doubled in the exponent: the kernel here is exp(-distance² / 4)": (
            squares(source, target, np.sqrt(kernel)).mean()
        ),
        "these are the classes' means compared, without any kernel": float(np.mean([a @ a for a in apart])),
    }


def _lmmd(zs: np.ndarray, ys: np.ndarray, zt: np.ndarray, guesses: np.ndarray) -> float:
    """LMMD with the exercise's kernel, by the library."""
    tensors = (torch.from_numpy(a) for a in (zs, zt, ys, np.eye(2)[guesses]))
    return losses.lmmd(*tensors, kernels=1, bandwidth=BANDWIDTH).item()


def _draw(dice: Dice) -> Data | None:
    zs, zt = dice.array((5, 2), (0.0, 1.0, 2.0)), dice.array((5, 2), (0.0, 1.0, 2.0, 3.0))
    ys, guesses = np.array(dice.pick(((0, 0, 0, 1, 1), (0, 0, 1, 1, 1)))), dice.array((5,), (0, 1))
    apart = len(np.unique(zs, axis=0)) == 5 == len(np.unique(zt, axis=0))
    return {"zs": zs, "ys": ys, "zt": zt, "guesses": guesses} if apart and guesses.sum() in (2, 3) else None


SHOWN["2.4.1"] = Shown({"zs": ZS, "ys": YS, "zt": ZT, "guesses": GUESSES}, _draw, _lmmd, _slips, by(1.5e-3))


@exercise(
    "2.4.1",
    "Emotion by emotion",
    hints=(
        "Sort the points first: which of the source bear label 0, which of the target are guessed to be 0?",
        "Each class is an exercise like 2.3.1, with only the points of that class.",
        "Two classes, two numbers. What does the 1/C before LMMD's sum do with them?",
    ),
)
def check_lmmd(answer: Any) -> str:
    """Check exercise 2.4.1: LMMD of two small labelled clouds with one Gaussian kernel, squares kept.

    Chapter 2.4.

    Parameters
    ----------
    answer : float
        The reader's number, right to 1e-4.
    """
    value = number_of(answer)
    data = data_of("2.4.1").values()
    truth = _lmmd(*data)
    if abs(value - truth) < 1e-4:
        return "The library's `lmmd` gives the same number."
    is_the_book_s("2.4.1", lambda book: bool(abs(value - book) < 1e-4))
    if value < 0:
        raise Mistake("a mean of squared norms cannot be negative; look at the signs")
    for sentence, slip in _slips(*data).items():
        if abs(value - slip) < 1e-4:
            raise Mistake(sentence)
    if abs(value - truth) < 5e-3:
        raise Mistake("this is close; keep more digits on the way")
    raise Mistake(f"the number is too {'large' if value > truth else 'small'}; look at the two classes one by one")


def _guesses() -> torch.Tensor:
    """Probabilities (12, 4): the classes of unequal weight, class 2 with less than 1 in all, class 3 with none."""
    p = torch.rand(12, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    p *= torch.tensor([3.0, 2.0, 0.1, 0.0], dtype=torch.float64)
    return p / p.sum(1, keepdim=True)


@exercise(
    "2.4.2",
    "Weights out of guesses",
    hints=(
        "The weights of one class stand in one column, and they are those of a mean.",
        "`p.sum(0)` is what all utterances together give to each class. One of its entries may be 0.",
        "`torch.where` can put another number in the place of a 0 before anything is divided by it.",
    ),
)
def check_class_weights(weights: Any) -> str:
    """Check exercise 2.4.2: the weights of equation 4 from the network's probabilities. Chapter 2.4.

    Parameters
    ----------
    weights : callable
        ``weights(p)`` takes a float64 tensor of shape (n, C) and gives one of the same shape.
    """
    p = _guesses()
    given = p.clone()
    value = called(weights, "(p)", p)
    if not torch.equal(p, given):
        raise Mistake("weights changed the probabilities that it was given; work on a copy")
    try:
        w = torch.as_tensor(value, dtype=torch.float64)
    except (TypeError, ValueError, RuntimeError) as error:
        raise Mistake(f"weights gave back {type(value).__name__}, and a tensor is expected") from error
    if w.shape != p.shape:
        raise Mistake(f"p has shape {tuple(p.shape)} and the weights {tuple(w.shape)}: they must agree")
    if not torch.isfinite(w).all():
        raise Mistake("some weights are not numbers: a class without any probability was divided by 0")
    if (w[:, 3] != 0).any():
        raise Mistake("a class that nobody gives any probability got weights, and shall weigh 0 everywhere")

    def near(other: torch.Tensor) -> bool:
        return torch.allclose(w, other, rtol=1e-5, atol=1e-8)

    total = p.sum(0)
    truth = p / torch.where(total > 0, total, 1.0)
    if near(truth):
        return "The library does the same, in `_class_weights`."
    if near(-truth):
        raise Mistake("the weights are negative; the minus is the loss's affair, not theirs")
    if near(p):
        raise Mistake("each utterance's weights sum to 1, as its probabilities did; it is each class's that shall")
    sure = torch.eye(4, dtype=torch.float64)[p.argmax(1)]
    if near(sure) or near(sure / sure.sum(0).clamp(min=1)):
        raise Mistake("each utterance counts in its most probable class only; it shall count in each with its share")
    if near(p / len(p)):
        raise Mistake("all classes were divided by the number of utterances, as MMD does")
    c = int((w.sum(0) - (total > 0).double()).abs().argmax())
    if abs(w[:, c].sum() - 1) > 1e-5:
        raise Mistake(
            f"where class {c} has {total[c]:.2f} of all probability, its weights sum to {w[:, c].sum():.2f}: "
            "that is not a mean"
        )
    raise Mistake("the weights of a class sum to 1, but are not in proportion to the probabilities")


def _labels(value: Any, name: str, points: np.ndarray) -> np.ndarray:
    labels = np.asarray(value)
    if labels.shape != (len(points),) or labels.dtype.kind not in "iu":
        raise Mistake(f"{name} has to hold a whole number for each of {len(points)} points, in shape ({len(points)},)")
    if len(np.unique(labels)) < 2:
        raise Mistake(f"{name} names one class only; with one class LMMD is MMD")
    return labels


def _by_class(z: torch.Tensor, n: int, y: np.ndarray, shuffles: int) -> tuple[np.ndarray, np.ndarray]:
    """MMD and LMMD, squared, of the first n points against the others: as they are, and shuffled, (2, 1 + shuffles).

    MMD is shuffled among all points; LMMD within each class, so that its null is one distribution in each.
    """
    rng = np.random.default_rng(0)
    target = np.arange(len(y)) >= n

    def columns(rows: np.ndarray) -> np.ndarray:
        count = np.array([(~target & rows).sum(), (target & rows).sum()])
        weights = np.where(target, -1.0, 1.0) / count[target.astype(int)]
        shuffled = np.zeros((shuffles + 1, len(y)))
        shuffled[:, rows] = weights[rows]
        shuffled[1:, rows] = rng.permuted(shuffled[1:, rows], axis=1)
        return shuffled.T

    parts = [np.ones(len(y), dtype=bool), *(y == c for c in np.unique(y))]
    forms = losses.quadratic_forms(z, torch.from_numpy(np.concatenate([columns(rows) for rows in parts], axis=1)))
    whole, *classes = forms.numpy().reshape(len(parts), shuffles + 1)
    return whole, np.mean(classes, axis=0)


@exercise(
    "2.4.3",
    "All means agree",
    hints=(
        "Exercise 2.3.3 had clouds with the same mean that were not the same. Now each class has such a pair.",
        "To keep the wholes alike, what one class of the source looks like may be what another of the target does.",
        "If the target is the source's points with other guesses, MMD is 0 whatever you do. Mend the means then.",
    ),
)
def check_subclouds(zs: Any, ys: Any, zt: Any, yt: Any) -> str:
    """Check exercise 2.4.3: wholes alike, equal means in each class, and an LMMD that chance does not reach.

    Chapter 2.4.

    Parameters
    ----------
    zs, zt : array of shape (n, d) and (m, d)
        The reader's two clouds; 20 to 1000 points, 1 to 20 dimensions.
    ys, yt : integer array of shape (n,) and (m,)
        Labels and guesses: the same two or more classes in both.
    """
    zs, zt = cloud_of(zs, "zs"), cloud_of(zt, "zt")
    ys, yt = _labels(ys, "ys", zs), _labels(yt, "yt", zt)
    if zs.shape[1] != zt.shape[1]:
        raise Mistake(f"zs has {zs.shape[1]} dimensions and zt {zt.shape[1]}: they must agree")
    if set(ys.tolist()) != set(yt.tolist()):
        raise Mistake("ys and yt name different classes; each class has to be in both domains")
    scale = np.concatenate([zs, zt]).std(0)
    if not (scale > 0).all():
        raise Mistake("along one dimension all points are the same: nothing varies there")
    zs, zt = zs / scale, zt / scale
    apart = {c: np.abs(zs[ys == c].mean(0) - zt[yt == c].mean(0)).max() for c in np.unique(ys).tolist()}
    worst = max(apart, key=lambda c: apart[c])
    if apart[worst] > 1e-2:
        raise Mistake(
            f"the means of class {worst} differ, by {apart[worst]:.2g} deviations of all points; 0.01 is allowed"
        )
    whole, classes = _by_class(torch.from_numpy(np.concatenate([zs, zt])), len(zs), np.concatenate([ys, yt]), 400)
    chance = np.quantile(whole[1:], 0.95)
    if whole[0] > chance:
        raise Mistake(
            f"as wholes the clouds differ: MMD is {whole[0]:.3f}, and shuffling the points gives up to {chance:.3f}"
        )
    chance = np.quantile(classes[1:], 0.99)
    if classes[0] <= chance:
        raise Mistake(
            f"the wholes agree, and the classes too: LMMD is {classes[0]:.3f}, where shuffling the points of each "
            f"class gives up to {chance:.3f} by chance"
        )
    return f"An LMMD of {classes[0]:.3f}, where chance gives up to {chance:.3f}, and nothing for MMD to see."
