"""Equations 5 and 6: the weights of the losses. Chapter 2.5."""

from __future__ import annotations

from collections.abc import Mapping

UPDATES = ("epoch", "batch", "running", "constant")


def dynamic_weights(losses: Mapping[str, float], alpha: Mapping[str, float]) -> dict[str, float]:
    """Weights in proportion to the losses (equation 6): ``w_i = alpha_i L_i / sum_j L_j``. Chapter 2.5.

    Parameters
    ----------
    losses : mapping of str to float
        Values of the losses in use, >= 0; numbers or detached tensors.
    alpha : mapping of str to float
        The factor of each loss in use.

    Returns
    -------
    dict of str to float
        ``alpha_i / number of losses`` if all losses are 0.

    Raises
    ------
    ValueError
        If a loss has no factor.

    Notes
    -----
    The values must not carry a gradient: through it, training would increase small losses.

    Examples
    --------
    >>> dynamic_weights({"y": 3.0, "MMD": 1.0}, {"y": 1.0, "MMD": 2.0})
    {'y': 0.75, 'MMD': 0.5}
    """
    missing = [name for name in losses if name not in alpha]
    if missing:
        raise ValueError(f"alpha has no factor for {', '.join(missing)}: give one for each loss in use")
    values = {name: float(value) for name, value in losses.items()}
    total = sum(values.values())
    if total == 0:
        return {name: alpha[name] / len(values) for name in values}
    return {name: alpha[name] * value / total for name, value in values.items()}


class LossWeights:
    """The weights of a training run, batch by batch and epoch by epoch. Chapter 2.5.

    Parameters
    ----------
    names : sequence of str
        The losses in use.
    alpha : mapping of str to float
        Their factors.
    update : {"epoch", "batch", "running", "constant"}
        ``"epoch"``: equation 6 on the mean losses of the epoch before; in the first, ``alpha_i / number of losses``.
        ``"batch"``: on the losses of the batch itself. ``"constant"``: ``alpha_i`` throughout. ``"running"``: as in the
        authors' public scripts, with sums that are divided by the number of steps after each epoch but never reset, and
        weights of 1 in the first.

    Notes
    -----
    Chapter 2.5. `state` and `restore` keep it in a checkpoint.

    Examples
    --------
    >>> weights = LossWeights(("y", "MMD"), {"y": 1.0, "MMD": 1.0})
    >>> weights.of_batch({"y": 3.0, "MMD": 1.0})
    {'y': 0.5, 'MMD': 0.5}
    >>> weights.end_epoch()
    >>> weights.of_batch({"y": 3.0, "MMD": 1.0})
    {'y': 0.75, 'MMD': 0.25}
    """

    def __init__(self, names: tuple[str, ...], alpha: Mapping[str, float], update: str = "epoch") -> None:
        if update not in UPDATES:
            raise ValueError(f"update={update!r} is not known: use one of {', '.join(UPDATES)}")
        self.alpha = {name: float(alpha[name]) for name in names}
        self.update = update
        self._sums = dict.fromkeys(names, 0.0)
        self._steps = 0
        first = {"constant": 1.0, "running": None}.get(update, 1 / len(names))
        self._weights = {name: 1.0 if first is None else a * first for name, a in self.alpha.items()}

    def of_batch(self, losses: Mapping[str, float]) -> dict[str, float]:
        """The weights for a batch; its losses are added to the epoch's.

        Parameters
        ----------
        losses : mapping of str to float
            The batch's losses, detached.
        """
        for name, value in losses.items():
            self._sums[name] += float(value)
        self._steps += 1
        if self.update == "batch":
            return dynamic_weights(losses, self.alpha)
        return self._weights

    def end_epoch(self) -> None:
        """Update the weights from the epoch's mean losses."""
        means = {name: total / max(self._steps, 1) for name, total in self._sums.items()}
        if self.update in ("epoch", "running"):
            self._weights = dynamic_weights(means, self.alpha)
        self._sums = means if self.update == "running" else dict.fromkeys(means, 0.0)
        self._steps = 0

    def state(self) -> dict[str, dict[str, float]]:
        """The state that one epoch passes to the next."""
        return {"weights": dict(self._weights), "sums": dict(self._sums)}

    def restore(self, state: Mapping[str, Mapping[str, float]]) -> None:
        """Continue from a saved state.

        Parameters
        ----------
        state : mapping
            As from `state`.
        """
        self._weights = dict(state["weights"])
        self._sums = dict(state["sums"])
