"""Restricted Boltzmann machines and their training by contrastive divergence. Chapter 3.3.

The energy of visible units v (V,) and hidden units h (H,) in {0, 1} is ::

    E(v, h) = -v'W h - b'v - c'h                      v in {0, 1}: Bernoulli-Bernoulli
    E(v, h) = |v - b|^2 / 2 - v'W h - c'h             v real, variance 1: Gaussian-Bernoulli

and p(v, h) is in proportion to exp(-E).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

#: Number of epochs before the momentum rises.
EARLY = 5


@dataclass
class RBM:
    """A restricted Boltzmann machine.

    Attributes
    ----------
    W : Tensor of shape (V, H)
        Weights.
    b : Tensor of shape (V,)
        Biases of the visible units.
    c : Tensor of shape (H,)
        Biases of the hidden units.
    gaussian : bool
        Whether the visible units are Gaussian.
    """

    W: Tensor
    b: Tensor
    c: Tensor
    gaussian: bool = False

    @classmethod
    def drawn(cls, visible: int, hidden: int, *, gaussian: bool = False, device: str | torch.device = "cpu") -> RBM:
        """A new machine: W from N(0, 0.01^2) by torch's generator, b and c 0.

        Parameters
        ----------
        visible, hidden : int
            Numbers of units.
        gaussian : bool
            Whether the visible units are Gaussian.
        device : str or device
            Where the tensors are.
        """
        W = 0.01 * torch.randn(visible, hidden, device=device)
        return cls(W, torch.zeros(visible, device=device), torch.zeros(hidden, device=device), gaussian)

    def hidden(self, v: Tensor) -> Tensor:
        """Probability (n, H) of each hidden unit.

        Parameters
        ----------
        v : Tensor of shape (n, V)
            Visible units.
        """
        return torch.sigmoid(v @ self.W + self.c)

    def visible(self, h: Tensor) -> Tensor:
        """Mean (n, V) of each visible unit.

        Parameters
        ----------
        h : Tensor of shape (n, H)
            Hidden units.
        """
        mean = h @ self.W.T + self.b
        return mean if self.gaussian else torch.sigmoid(mean)

    def statistics(self, v: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """``-dF/dW``, ``-dF/db``, ``-dF/dc``, means over the rows.

        The difference of those on data and on the machine's own samples is the gradient of the log-likelihood.

        Parameters
        ----------
        v : Tensor of shape (n, V)
            Visible units.
        """
        h = self.hidden(v)
        return v.T @ h / len(v), (v - self.b if self.gaussian else v).mean(0), h.mean(0)

    def divergence(self, v0: Tensor) -> tuple[tuple[Tensor, Tensor, Tensor], Tensor]:
        """The CD-1 gradient of W, b, c, and the reconstruction v1 (n, V) behind it.

        h0 is sampled, v1 is the mean given h0, and h1 stays a probability [1]_.

        Parameters
        ----------
        v0 : Tensor of shape (n, V)
            Data.

        References
        ----------
        .. [1] G. E. Hinton, "A practical guide to training restricted Boltzmann machines", in "Neural Networks:
           Tricks of the Trade", 2nd edition, Springer, 2012, 599-619.
        """
        v1 = self.visible(torch.bernoulli(self.hidden(v0)))
        on_data, on_model = self.statistics(v0), self.statistics(v1)
        return (on_data[0] - on_model[0], on_data[1] - on_model[1], on_data[2] - on_model[2]), v1


def train(
    x: Tensor,
    hidden: int,
    *,
    gaussian: bool,
    epochs: int,
    learning_rate: float,
    batch_size: int,
    momentum: tuple[float, float] = (0.5, 0.9),
    decay: float = 2e-4,
) -> tuple[RBM, list[float]]:
    """Train a machine on x (n, V) by stochastic gradient ascent with CD-1.

    Parameters
    ----------
    x : Tensor of shape (n, V)
        In [0, 1], or of variance 1 for Gaussian units.
    hidden : int
    gaussian : bool
    epochs, batch_size : int
    learning_rate : float
    momentum : tuple of two float
        Momentum in the first five epochs, and later.
    decay : float
        ``decay * W`` is subtracted from the gradient of W.

    Returns
    -------
    RBM
    errors : list of float
        Mean squared error of the reconstruction in each epoch.
    """
    machine = RBM.drawn(x.shape[1], hidden, gaussian=gaussian, device=x.device)
    parameters = (machine.W, machine.b, machine.c)
    velocity = [torch.zeros_like(p) for p in parameters]
    errors = []
    for epoch in range(epochs):
        keep = momentum[epoch >= EARLY]
        error = 0.0
        for rows in torch.randperm(len(x)).to(x.device).split(batch_size):
            v0 = x[rows]
            gradients, v1 = machine.divergence(v0)
            for i, (p, g) in enumerate(zip(parameters, gradients, strict=True)):
                velocity[i].mul_(keep).add_(g - decay * p if i == 0 else g, alpha=learning_rate)
            for p, v in zip(parameters, velocity, strict=True):
                p.add_(v)
            error += float((v0 - v1).square().mean()) * len(rows) / len(x)
        errors.append(error)
    return machine, errors
