"""Checks of chapter 2.3, "When are two clouds the same?"."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from tlmlda_lib import losses
from tlmlda_lib.book.checks.exercises import Mistake, called, exercise, number_of
from tlmlda_lib.book.checks.shown import SHOWN, Data, Dice, Shown, by, data_of, is_the_book_s

#: The two clouds of exercise 2.3.1 and the bandwidth of its one kernel.
ZS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
ZT = np.array([[2.0, 0.0], [2.0, 2.0]])
BANDWIDTH = 4.0


def _slips(zs: np.ndarray, zt: np.ndarray, bandwidth: float) -> dict[str, float]:
    """Results of the usual slips, by the sentence about each."""
    n, m = len(zs), len(zt)

    def kernel(a: np.ndarray, b: np.ndarray, power: int = 2, width: float = bandwidth) -> np.ndarray:
        distance = np.linalg.norm(a[:, None] - b[None], axis=2)
        return np.exp(-(distance**power) / width)

    ss, st, tt = kernel(zs, zs), kernel(zs, zt), kernel(zt, zt)
    square = ss.mean() + tt.mean() - 2 * st.mean()
    one = kernel(zs, zs, power=1).mean() + kernel(zt, zt, power=1).mean() - 2 * kernel(zs, zt, power=1).mean()
    half = [kernel(a, b, width=2 * bandwidth).mean() for a, b in ((zs, zs), (zt, zt), (zs, zt))]
    unbiased = (ss.sum() - n) / (n * (n - 1)) + (tt.sum() - m) / (m * (m - 1)) - 2 * st.mean()
    return {
        "this is the norm, and the square is expected": np.sqrt(square),
        "the pairs of a point with itself are left out, and MMD counts them": unbiased,
        "the pairs across the clouds are counted once; in the square of a difference they come twice": (
            ss.mean() + tt.mean() - st.mean()
        ),
        "the pairs across the clouds are added, so that distant clouds would look alike": (
            ss.mean() + tt.mean() + 2 * st.mean()
        ),
        "the distance in the exponent is not squared": one,
        "the bandwidth b is doubled in the exponent: the kernel here is exp(-distance² / b)": (
            half[0] + half[1] - 2 * half[2]
        ),
        "the kernel values are summed, and each block needs its mean": ss.sum() + tt.sum() - 2 * st.sum(),
        "these are the clouds' means compared, without any kernel": float(((zs.mean(0) - zt.mean(0)) ** 2).sum()),
    }


def _mmd(zs: np.ndarray, zt: np.ndarray) -> float:
    """The squared MMD with the exercise's kernel, by the library."""
    return float(losses.mmd(torch.from_numpy(zs), torch.from_numpy(zt), kernels=1, bandwidth=BANDWIDTH))


def _draw(dice: Dice) -> Data | None:
    zs, zt = dice.array((3, 2), (0.0, 1.0, 2.0)), dice.array((2, 2), (0.0, 1.0, 2.0, 3.0))
    apart = len(np.unique(zs, axis=0)) == 3 and len(np.unique(zt, axis=0)) == 2
    return {"zs": zs, "zt": zt} if apart else None


SHOWN["2.3.1"] = Shown({"zs": ZS, "zt": ZT}, _draw, _mmd, lambda zs, zt: _slips(zs, zt, BANDWIDTH), by(2e-3))


@exercise(
    "2.3.1",
    "Five points by hand",
    hints=(
        "There are three kinds of pairs: within the source, within the target, and across. Make a small table of each.",
        "Each table holds exp(-distance² / b). The diagonals of the first two are ones.",
        "MMD² is the square of a difference: think of (s - t)² written out, with means of tables in it.",
    ),
)
def check_mmd(answer: Any) -> str:
    """Check exercise 2.3.1: the squared MMD of two small clouds with one Gaussian kernel. Chapter 2.3.

    Parameters
    ----------
    answer : float
        The reader's number, right to 1e-4.
    """
    value = number_of(answer)
    zs, zt = data_of("2.3.1").values()
    truth = _mmd(zs, zt)
    if abs(value - truth) < 1e-4:
        return "The library's `mmd` gives the same number."
    is_the_book_s("2.3.1", lambda book: bool(abs(value - book) < 1e-4))
    if value < 0:
        raise Mistake("a squared norm cannot be negative; look at the signs of the three means")
    for sentence, slip in _slips(zs, zt, BANDWIDTH).items():
        if abs(value - slip) < 1e-4:
            raise Mistake(sentence)
    if abs(value - truth) < 5e-3:
        raise Mistake("this is close; keep more digits on the way")
    raise Mistake(f"the number is too {'large' if value > truth else 'small'}; compare your three tables one by one")


def _shuffles(zs: torch.Tensor, zt: torch.Tensor, shuffles: int) -> tuple[float, np.ndarray]:
    """Squared MMD of two clouds, and after random exchanges of their points, (shuffles,); one kernel matrix for all."""
    weights = np.concatenate([np.full(len(zs), 1 / len(zs)), np.full(len(zt), -1 / len(zt))])
    shuffled = np.random.default_rng(0).permuted(np.tile(weights, (shuffles, 1)), axis=1)
    columns = torch.from_numpy(np.column_stack([weights, shuffled.T]))
    value, *null = losses.quadratic_forms(torch.cat([zs, zt]), columns).tolist()
    return value, np.array(null)


@exercise(
    "2.3.2",
    "Where zero really lies",
    hints=(
        "If the domains were one, it would not matter which point is called source and which target.",
        "`torch.cat` heaps the points up, `torch.randperm` shuffles the heap; the sizes of the clouds stay.",
        "One shuffle is one number. The floor is what many shuffles give on average.",
    ),
)
def check_floor(floor: Any) -> str:
    """Check exercise 2.3.2: the mean squared MMD of the same points, randomly exchanged between the clouds.

    Chapter 2.3.

    Parameters
    ----------
    floor : callable
        ``floor(zs, zt)`` takes float64 tensors of shape (n, d) and (m, d) and gives a number.
    """
    generator = torch.Generator().manual_seed(0)
    zs = torch.randn(15, 3, generator=generator, dtype=torch.float64)
    zt = torch.randn(60, 3, generator=generator, dtype=torch.float64) + 1
    given = zs.clone(), zt.clone()
    values = [number_of(called(floor, "(zs, zt)", zs, zt)) for _ in range(8)]
    if not (torch.equal(zs, given[0]) and torch.equal(zt, given[1])):
        raise Mistake("floor changed the clouds that it was given; work on a copy")
    observed, null = _shuffles(zs, zt, 2000)
    truth, value = null.mean(), float(np.mean(values))

    def near(other: float, tolerance: float = 0.05) -> bool:
        return abs(value / other - 1) < tolerance

    if near(observed, 1e-3):
        raise Mistake("this is the MMD of the clouds as they are; shuffling within a cloud changes nothing")
    if abs(value) < 1e-9:
        raise Mistake("the result is 0, as if a cloud were compared with itself")
    if np.std(values) > 0.08 * abs(value):
        raise Mistake("eight calls scatter widely: one shuffle is luck, many shuffles are a floor")
    if near(truth):
        return "Remember it when you next see an MMD that is not 0."
    if near(np.sqrt(null).mean()):
        raise Mistake("this is a mean of norms, and squares are expected")
    half, other = torch.cat([zs, zt]).tensor_split(2)
    if near(_shuffles(half, other, 500)[1].mean()):
        raise Mistake("it looks as if both clouds got equally many points; keep their sizes, 15 and 60 here")
    if near(np.quantile(null, 0.95), 0.15):
        raise Mistake("this is near the upper end of what the shuffles give; the mean is expected")
    raise Mistake(f"the result is too {'high' if value > truth else 'low'}: what was exchanged, and what averaged?")


def cloud_of(value: Any, name: str) -> np.ndarray:
    """An answer as points (n, d), float64; anything else becomes a `Mistake` that says what it is.

    Parameters
    ----------
    value : object
        The reader's answer.
    name : str
        Its name, for the message.
    """
    try:
        cloud = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError, RuntimeError) as error:
        raise Mistake(f"{name} is not an array of numbers") from error
    if cloud.ndim != 2:
        raise Mistake(f"{name} has shape {cloud.shape}; a cloud is (points, dimensions)")
    if not 20 <= len(cloud) <= 1000 or not 1 <= cloud.shape[1] <= 20:
        raise Mistake(f"{name} has shape {cloud.shape}; take 20 to 1000 points in 1 to 20 dimensions")
    if not np.isfinite(cloud).all():
        raise Mistake(f"{name} contains a NaN or an infinity")
    return cloud


@exercise(
    "2.3.3",
    "Alike on paper",
    hints=(
        "Mean and covariance are only two of the things that a cloud has. What else does its outline show?",
        "Draw any two clouds whose shapes differ, and mend their means and covariances afterwards.",
        "To mend: subtract the mean, then divide by the standard deviation (in one dimension that is all).",
    ),
)
def check_same_moments(zs: Any, zt: Any) -> str:
    """Check exercise 2.3.3: equal means and covariances, and an MMD that chance does not reach. Chapter 2.3.

    Parameters
    ----------
    zs, zt : array of shape (n, d) and (m, d)
        The reader's two clouds; 20 to 1000 points, 1 to 20 dimensions.
    """
    zs, zt = cloud_of(zs, "zs"), cloud_of(zt, "zt")
    if zs.shape[1] != zt.shape[1]:
        raise Mistake(f"zs has {zs.shape[1]} dimensions and zt {zt.shape[1]}: they must agree")
    scale = np.concatenate([zs, zt]).std(0)
    if not (scale > 0).all():
        raise Mistake("along one dimension all points are the same: nothing varies there")
    zs, zt = zs / scale, zt / scale
    apart = np.abs(zs.mean(0) - zt.mean(0)).max()
    if apart > 1e-2:
        raise Mistake(f"the means differ, by up to {apart:.2g} standard deviations; 0.01 is allowed")
    apart = np.abs(np.cov(zs.T, bias=True) - np.cov(zt.T, bias=True)).max()
    if apart > 1e-2:
        raise Mistake(
            f"the covariances differ, by up to {apart:.2g} (both clouds scaled to variance 1); 0.01 is allowed"
        )
    value, null = _shuffles(torch.from_numpy(zs), torch.from_numpy(zt), 400)
    chance = np.quantile(null, 0.99)
    if value <= chance:
        raise Mistake(
            f"means and covariances agree, and the MMD too: {value:.3f}, where shuffling the points gives up to "
            f"{chance:.3f} by chance"
        )
    return f"An MMD of {value:.3f}, where chance gives up to {chance:.3f}: it saw what mean and covariance do not."
