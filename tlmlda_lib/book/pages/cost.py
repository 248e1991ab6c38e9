"""What chapter 2.8 computes: what a step costs, and the memory that training takes."""

from __future__ import annotations

from collections.abc import Mapping

from IPython.display import Markdown


def cost_of_a_step(counted: Mapping[int, int], kernel: float, parameters: int) -> Markdown:
    """The kernel's part of the arithmetic, and the memory that training takes.

    Parameters
    ----------
    counted : dict of int to int
        Operations of a step, by the batch's size: 100 and 200, among others.
    kernel : float
        Of those at 100 the kernel's.
    parameters : int
        Of the network.
    """
    part, doubled = kernel / counted[100], counted[200] / counted[100]
    even = 100 * (counted[100] - kernel) / kernel  # the kernel's grow with the square of the batch
    assert 0.004 < part < 0.006
    assert 1.95 < doubled < 2.05
    return Markdown(
        f"At the paper's 100 utterances the kernel has {100 * part:.1f} % of the arithmetic, and it would need batches "
        f"of {even:,.0f} to cost as much as the network. Twice the batch costs {doubled:.2f} times as much, so an "
        f"epoch costs about the same whatever the batch. The {parameters:,} parameters, with their gradients and "
        f"Adam's two memories, take {16 * parameters / 1e6:.0f} MB in single precision; the decoder, which the paper's "
        "account of space leaves out, has about half of them."
    )
