"""Checks of chapter 3.2, "What do the pictures show?"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tlmlda_lib.book.checks.exercises import Mistake, called, exercise, number_of
from tlmlda_lib.evaluation.neighbours import chance_share, nearest, neighbour_share

#: What a picture has to reach to be called clean, and how much of it one class may fill.
CLEAN, LARGEST = 0.7, 0.5

#: What a faithful picture keeps of the neighbourhoods, and how far two pictures may agree about the islands.
FAITHFUL, AGREES = 0.9, 0.5


def clouds() -> Iterator[tuple[NDArray[np.float64], NDArray[np.int64], int]]:
    """Points without any structure, labels assigned to them at random in two ways, and the number of neighbours."""
    rng = np.random.default_rng(32)
    for n, h, classes, k in ((30, 2, 3, 4), (50, 5, 2, 10), (12, 3, 4, 1)):
        z = rng.normal(size=(n, h))
        yield z, rng.integers(0, classes, n), k
        yield z, (z[:, 0] > 0).astype(np.int64), k


@exercise(
    "3.2.1",
    "Who lies beside whom?",
    hints=(
        "Distances first, from every point to every other; then the k smallest in each row.",
        "The nearest point of all is the point itself, at distance 0. It is not its own neighbour.",
        "For each point k answers, yes or no. The mean of all of them is expected.",
    ),
)
def check_share(share: Any) -> str:
    """Check exercise 3.2.1: the share of neighbours that have a point's own name. Chapter 3.2.

    Parameters
    ----------
    share : callable
        ``share(z, codes, k)`` takes points (n, h), a code for each (n,) and a number of neighbours, and gives a number
        between 0 and 1.
    """
    for z, codes, k in clouds():
        right = neighbour_share(z, codes, k)
        found = number_of(called(share, "(z, codes, k)", z.copy(), codes.copy(), k))
        if abs(found - right) < 1e-9:
            continue
        same = codes[nearest(z, k)] == codes[:, None]
        distance = ((z[:, None] - z) ** 2).sum(-1)
        ordered = np.argsort(distance, axis=1, kind="stable")
        if np.isclose(found, (codes[ordered[:, :k]] == codes[:, None]).mean()):
            raise Mistake("every point is counted among its own neighbours, and it always has its own name")
        if np.isclose(found, (codes[ordered[:, -k:]] == codes[:, None]).mean()):
            raise Mistake("these are the points that lie furthest away")
        if np.isclose(found, 100 * right):
            raise Mistake("this is in percent; a share between 0 and 1 is expected")
        if np.isclose(found, same.sum()) or np.isclose(found, same.sum(1).mean()):
            raise Mistake("neighbours are counted, and a share of them is expected")
        if np.isclose(found, (same.mean(1) > 0.5).mean()) or np.isclose(found, (same.mean(1) >= 0.5).mean()):
            raise Mistake("this is the share of points with a majority beside them, and how large it is gets lost")
        if np.isclose(found, chance_share(codes)):
            raise Mistake("this is what chance gives; where the points lie was not looked at")
        raise Mistake(f"for {len(z)} points in {z.shape[1]} dimensions and k={k} it gives {found:.3f}, which is not it")
    return "The same number for true labels and for random ones: that is what the baseline is for."


@exercise(
    "3.2.2",
    "A colour that cannot be wrong",
    hints=(
        "No right answer is needed, only one that depends on a point's position.",
        "How does a network name a class? By a weighted sum of z for each class, and the largest of them.",
        "The weights need not be learnt. Draw them; if one class is too large, look where the middle of the cloud is.",
    ),
)
def check_clean(name: Any) -> str:
    """Check exercise 3.2.2: a classifier that knows nothing, and whose picture is clean. Chapter 3.2.

    Parameters
    ----------
    name : callable
        ``name(z, classes)`` takes points (n, h) and a number of classes, and gives a code for each point (n,), from 0
        to classes - 1.
    """
    said = []
    for seed in range(3):
        rng = np.random.default_rng([322, seed])
        z, truth = rng.normal(size=(400, 8)) * [3, 2, 1, 0.3, 0.3, 0.3, 0.3, 0.3], rng.integers(0, 4, 400)
        codes = np.asarray(called(name, "(z, classes)", z.copy(), 4))
        if codes.shape != (400,) or not np.isin(codes, range(4)).all():
            raise Mistake(f"a code from 0 to 3 is expected, for each of 400 points; this has shape {codes.shape}")
        largest = np.bincount(codes.astype(int)).max() / len(z)
        if largest == 1:
            raise Mistake("all points have one class: there is nothing to see in such a picture")
        if largest > LARGEST:
            raise Mistake(f"one class fills {largest:.0%} of the picture; no more than {LARGEST:.0%} is expected")
        share, chance = neighbour_share(z, codes), chance_share(codes)
        if share < chance + 0.05:
            raise Mistake(f"neighbours share a class as often as by chance ({share:.0%}): these labels are random")
        if share < CLEAN:
            raise Mistake(f"{share:.0%} of the neighbours share a class; the picture is clean from {CLEAN:.0%} on")
        said.append(f"{share:.0%} of neighbours share a class, {np.mean(codes == truth):.0%} are right")
    return f"{said[0]}; chance would be 25 %. And it has learnt nothing."


def islands() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Five groups of 24 points in ten dimensions, no two groups nearer to each other than others, and their names."""
    rng = np.random.default_rng(323)
    names = np.repeat(np.arange(5), 24)
    return 6 * np.eye(5, 10)[names] + rng.normal(size=(len(names), 10)), names


@exercise(
    "3.2.3",
    "Two pictures of one thing",
    hints=(
        "Both pictures have to keep who lies beside whom. About what lies far apart they are free.",
        "t-SNE with init='random' puts the islands elsewhere for every random_state. Try some.",
        "Or make one picture, and move whole islands of it.",
    ),
)
def check_maps(maps: Any) -> str:
    """Check exercise 3.2.3: two pictures of the same points, each faithful to neighbours, that seem unrelated.

    Chapter 3.2.

    Parameters
    ----------
    maps : callable
        ``maps(z, names)`` takes points (n, h) and the group of each (n,), and gives two pictures, each (n, 2).
    """
    from scipy.spatial.distance import pdist
    from scipy.stats import spearmanr
    from sklearn.manifold import trustworthiness

    z, names = islands()
    found = called(maps, "(z, names)", z.copy(), names.copy())
    try:
        pictures = [np.asarray(one, dtype=float) for one in found]
    except (TypeError, ValueError) as error:
        raise Mistake("two arrays of numbers are expected") from error
    if [p.shape for p in pictures] != [(len(z), 2)] * 2:
        raise Mistake(f"two pictures of shape ({len(z)}, 2) are expected; these have {[p.shape for p in pictures]}")
    if not all(np.isfinite(p).all() for p in pictures):
        raise Mistake("a picture contains a value that is not a number")
    trust = [float(trustworthiness(z, p, n_neighbors=10)) for p in pictures]
    if min(trust) < FAITHFUL:
        raise Mistake(
            f"picture {int(np.argmin(trust)) + 1} puts strangers side by side: trustworthiness {min(trust):.2f}, where "
            f"{FAITHFUL} is expected"
        )
    centres = [np.array([p[names == c].mean(0) for c in range(5)]) for p in pictures]
    agreement = float(spearmanr(pdist(centres[0]), pdist(centres[1]))[0])
    if agreement > 0.99:
        raise Mistake("both have the same islands in the same places, perhaps turned or mirrored")
    if agreement > AGREES:
        raise Mistake(
            f"which islands lie near each other is much the same in both (rank correlation {agreement:.2f}; "
            f"at most {AGREES} is expected)"
        )
    return (
        f"Trustworthiness {trust[0]:.2f} and {trust[1]:.2f}, and they agree about the islands by {agreement:.2f}. Say "
        "which you would print, and what a reader would wrongly learn from it."
    )
