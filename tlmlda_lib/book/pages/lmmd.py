"""What chapter 2.4 computes: how many wrong guesses LMMD bears, and what it does to the points that carry them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from IPython.display import Markdown

#: Percent nearest to their right class: all points before and after, the wrongly guessed before and after.
Shares = tuple[float, float, float, float]


def where_it_turns(lmmd: Callable[[Any, float], float], lies: Mapping[str, Any], shares: Sequence[float]) -> Markdown:
    """Largest share of wrong guesses up to which LMMD is smaller with the emotions in their right places.

    Parameters
    ----------
    lmmd : callable
        LMMD of a target and a share of wrong guesses, between 0 and 1.
    lies : dict of str to Tensor
        The target where it belongs, and swapped, in this order.
    shares : sequence of float
        In equal steps.
    """
    belongs, swapped = lies.values()
    last = max(share for share in shares if lmmd(belongs, share) < lmmd(swapped, share))
    step = shares[1] - shares[0]
    return Markdown(
        f"With up to {100 * last:.0f} % of the guesses wrong, LMMD is smaller with the emotions in place; "
        f"from {100 * (last + step):.0f} % on it is smaller with the emotions swapped."
    )


def harm(alone: Mapping[float, Shares]) -> Markdown:
    """What free points lose to LMMD, by the share of right guesses; the page says that all lose much.

    Parameters
    ----------
    alone : mapping of float to Shares
        By the share of right guesses.
    """
    assert all(after < before - 4 and last < start - 40 for before, after, start, last in alone.values())
    assert all(last < 40 for *_, last in alone.values()), "most go where their guess says"
    mild, severe = alone[0.8], alone[0.6]
    return Markdown(
        "The target began in the right place, and LMMD did harm: with 80 % of the guesses right the share of points in "
        f"their right place falls from {mild[0]:.0f} to {mild[1]:.0f} %, with 60 % from {severe[0]:.0f} to "
        f"{severe[1]:.0f} %. Most points go where their guess says, right or wrong. So guesses that merely beat chance "
        "are not enough where every point moves alone."
    )


def neighbours_carry(beside: Mapping[str, Shares]) -> Markdown:
    """Free points, a network, and a network with guesses of its own, in this order.

    Parameters
    ----------
    beside : mapping of str to Shares
        By setting, in this order.
    """
    one_by_one, together, own = beside.values()
    assert one_by_one[3] < one_by_one[2] - 20
    assert together[3] > together[2] + 5
    assert one_by_one[1] > one_by_one[0] + 5
    assert own[2] == 0
    assert own[3] < 35
    return Markdown(
        f"The network carries the wrongly guessed points along with their neighbours: {together[3]:.0f} % of them end "
        f"right, against {one_by_one[3]:.0f} % of those that moved freely. Even free points gain on the whole: of all "
        "points, more are right at the end than before, because the target began beside the source and most guesses "
        "lead it back. But the network needs right guesses nearby. Guesses by the nearest mean are wrong for whole "
        f"groups of neighbours, and only {own[3]:.0f} % of these points end right. (They begin at 0 %: here a guess is "
        "wrong where the point lies nearer to the other mean, and then the point is not right either.)"
    )
