"""Streams joined by weights for each recording: the network and the loss of IFN. Chapter 4.1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

FUSIONS = ("mean", "concat", "global", "attention", "multiplicative")

#: Fusions whose weights are learnt; `balance` keeps them from collapsing.
LEARNT = ("global", "attention")


class Fused(NamedTuple):
    """The network's output for a batch."""

    z: Tensor  # (n, code), or (n, K code) where streams are concatenated
    logits: Tensor  # (n, C); of "multiplicative" sums of weighted log-probabilities
    by_stream: Tensor  # (n, K, C), logits of each stream alone
    weights: Tensor  # (n, K), rows sum to 1


class Gate(nn.Module):
    """Attention over streams: ``s_k = u' tanh(V h_k + V' hbar + e_k)``, ``a = softmax(s + log m)``.

    Parameters
    ----------
    streams, code, width : int
        Number of streams K; width of their codes h_k; width of the gate.
    """

    def __init__(self, streams: int, code: int, width: int) -> None:
        super().__init__()
        self.of_stream = nn.Linear(code, width, bias=False)  # V
        self.of_all = nn.Linear(code, width, bias=False)  # V'
        self.score = nn.Linear(width, 1, bias=False)  # u
        self.offset = nn.Parameter(torch.zeros(streams, width))  # e_k

    def forward(self, h: Tensor, present: Tensor) -> Tensor:
        """Weights (n, K) of the streams, 0 for an absent one.

        Parameters
        ----------
        h : Tensor of shape (n, K, code)
            Codes of the streams.
        present : Tensor of shape (n, K), bool
            Which streams are there.
        """
        hbar = (h * present[..., None]).sum(1, keepdim=True) / present.sum(1)[:, None, None]
        s = self.score(torch.tanh(self.of_stream(h) + self.of_all(hbar) + self.offset))[..., 0]
        return masked_softmax(s, present)


class FusionNetwork(nn.Module):
    """An encoder per stream, their fusion, a linear head on it and one on each stream. Chapter 4.1.

    Parameters
    ----------
    widths : sequence of int
        Number of features of each stream; streams are side by side in the input.
    n_classes : int
    fusion : {"mean", "concat", "global", "attention", "multiplicative"}
        Equal weights of the present streams; codes side by side, absent ones 0; one learnt weight vector for all
        recordings; a `Gate`; heads weighted by each other (`multiplicative_weights`).
    hidden, code, gate : int
        Widths of a stream's layer, of its code, and of the gate.
    dropout, stream_dropout : float
        Rates for units and for whole streams of a recording, in training; at least one stream stays.
    beta : float
        Exponent of "multiplicative".
    rebuild : bool
        Whether there is a decoder from z to the input, 256 units wide.
    """

    def __init__(
        self,
        widths: Sequence[int],
        n_classes: int,
        *,
        fusion: str = "attention",
        hidden: int = 128,
        code: int = 64,
        gate: int = 32,
        dropout: float = 0.3,
        stream_dropout: float = 0.2,
        beta: float = 0.5,
        rebuild: bool = False,
    ) -> None:
        super().__init__()
        self.widths, self.fusion, self.stream_dropout, self.beta = list(widths), fusion, stream_dropout, beta
        k, z = len(self.widths), code * (len(self.widths) if fusion == "concat" else 1)
        self.encoders = nn.ModuleList(
            nn.Sequential(
                nn.Linear(d, hidden),
                nn.LayerNorm(hidden),
                nn.GELU(),
                nn.Dropout(dropout),
                nn.Linear(hidden, code),
                nn.LayerNorm(code),
            )
            for d in self.widths
        )
        self.stream_heads = nn.ModuleList(nn.Linear(code, n_classes) for _ in self.widths)
        # Modules that fusions do not share come last, so that a single stream has the same initial weights in all.
        self.head = nn.Linear(z, n_classes) if fusion != "multiplicative" else None
        self.decoder = (
            nn.Sequential(nn.Linear(z, 256), nn.GELU(), nn.Linear(256, sum(self.widths))) if rebuild else None
        )
        self.gate = Gate(k, code, gate) if fusion == "attention" else None
        self.scores = nn.Parameter(torch.zeros(k)) if fusion == "global" else None

    def forward(self, x: Tensor, present: Tensor) -> Fused:
        """Fuse the streams.

        Parameters
        ----------
        x : Tensor of shape (n, d)
            Streams side by side; any finite values for an absent stream.
        present : Tensor of shape (n, K), bool
            At least one stream in each row.
        """
        x = x if present.all() else torch.where(in_columns(present, self.widths), x, 0)
        codes = [encoder(part) for encoder, part in zip(self.encoders, x.split(self.widths, 1), strict=True)]
        by_stream = torch.stack([head(h) for head, h in zip(self.stream_heads, codes, strict=True)], 1)
        h = torch.stack(codes, 1)  # (n, K, code)
        if self.training:
            present = dropped(present, self.stream_dropout)
        weights = self._weights(h, present)
        z = (h * present[..., None]).flatten(1) if self.fusion == "concat" else (weights[..., None] * h).sum(1)
        if self.head is not None:
            return Fused(z, self.head(z), by_stream, weights)
        log_p = torch.log_softmax(by_stream, 2)
        q = multiplicative_weights(log_p, present, self.beta) * present[..., None]
        logits = (q * log_p).sum(1)
        of_named = q[torch.arange(len(q)), :, logits.argmax(1)]  # (n, K)
        total = of_named.sum(1, keepdim=True)
        shares = torch.where(total > 0, of_named / total.clamp(min=1e-30), weights)
        return Fused(z, logits, by_stream, shares)

    def _weights(self, h: Tensor, present: Tensor) -> Tensor:
        """Weights (n, K) of the codes in z."""
        if self.gate is not None:
            return self.gate(h, present)
        if self.scores is not None:
            return masked_softmax(self.scores.expand(len(h), -1), present)
        return present.to(h.dtype) / present.sum(1, keepdim=True)


def in_columns(present: Tensor, widths: Sequence[int]) -> Tensor:
    """Which columns (n, d) belong to streams that are present.

    Parameters
    ----------
    present : Tensor of shape (n, K), bool
        Which streams are there.
    widths : sequence of int
        Number of columns of each stream.
    """
    return present.repeat_interleave(torch.tensor(widths, device=present.device), 1)


def masked_softmax(scores: Tensor, present: Tensor) -> Tensor:
    """``softmax(s + log m)`` along the streams: exactly 0 for an absent one.

    Parameters
    ----------
    scores : Tensor of shape (n, K)
        The scores s.
    present : Tensor of shape (n, K), bool
        The mask m; at least one in each row.

    Examples
    --------
    >>> masked_softmax(torch.zeros(1, 3), torch.tensor([[True, False, True]])).tolist()
    [[0.5, 0.0, 0.5]]
    """
    return torch.softmax(scores.masked_fill(~present, -torch.inf), 1)


def dropped(present: Tensor, rate: float) -> Tensor:
    """Presence after dropping streams at random; a row that would lose all keeps all.

    Parameters
    ----------
    present : Tensor of shape (n, K), bool
        Which streams are there.
    rate : float
        Probability of dropping each.
    """
    if present.shape[1] == 1 or rate == 0:
        return present
    kept = present & (torch.rand(present.shape, device=present.device) >= rate)
    return torch.where(kept.any(1, keepdim=True), kept, present)


def multiplicative_weights(log_p: Tensor, present: Tensor, beta: float) -> Tensor:
    """Weight of a stream's head for each class: ``q_k = [prod_{j != k} (1 - p_j)]^(beta / (K - 1))`` [1]_. Chapter 4.1.

    Parameters
    ----------
    log_p : Tensor of shape (n, K, C)
        Log-probabilities of each stream's head.
    present : Tensor of shape (n, K), bool
        Streams that count; K is their number, row by row.
    beta : float

    Returns
    -------
    Tensor of shape (n, K, C)
        Not differentiated: a stream counts less for a class of which the others are certain. 1 for a single stream.

    References
    ----------
    .. [1] K. Liu, Y. Li, N. Xu and P. Natarajan, "Learn to combine modalities in multimodal deep learning", arXiv
       1805.11730, 2018.
    """
    doubt = torch.where(present[..., None], 1 - log_p.detach().exp(), 1).clamp(min=0)
    others = [torch.cat([doubt[:, :k], doubt[:, k + 1 :]], 1).prod(1) for k in range(doubt.shape[1])]
    exponent = beta / (present.sum(1) - 1).clamp(min=1).to(log_p.dtype)
    return torch.stack(others, 1) ** exponent[:, None, None]


def balance(weights: Tensor) -> Tensor:
    """Distance of a batch's mean weights from equal ones: ``sum_k abar_k log(K abar_k)``, 0 to log K. Chapter 4.1.

    Parameters
    ----------
    weights : Tensor of shape (n, K)
        Only their mean is regularised, not each recording.
    """
    abar = weights.mean(0).clamp(min=1e-12)
    return (abar * torch.log(len(abar) * abar)).sum()


def fusion_loss(
    fused: Fused, y: Tensor, present: Tensor, fusion: str, *, stream_loss: float = 0.3, balance_weight: float = 0.05
) -> Tensor:
    """``CE + .3 mean_k CE_k + .05 sum_k abar_k log(K abar_k)``.

    Parameters
    ----------
    fused : Fused
        Output for labelled rows, or for labelled ones followed by others, which count only in the balance.
    y : Tensor of shape (n,), int64
    present : Tensor of shape (n, K), bool
        Presence in the labelled rows; a stream's own loss is the mean over the rows with it.
    fusion : str
        With "multiplicative" CE is ``sum_k q_k CE_k``; fixed weights have no balance.
    stream_loss, balance_weight : float

    Returns
    -------
    Tensor of shape ()
    """
    n, streams, classes = len(y), present.shape[1], fused.logits.shape[1]
    of_all = F.nll_loss if fusion == "multiplicative" else F.cross_entropy  # the former's are log-probabilities
    total = of_all(fused.logits[:n], y)
    rows = F.cross_entropy(fused.by_stream[:n].reshape(-1, classes), y.repeat_interleave(streams), reduction="none")
    of_streams = (rows.reshape(n, streams) * present).sum(0) / present.sum(0).clamp(min=1)  # (K,)
    total = total + stream_loss * of_streams.sum() / present.any(0).sum()
    return total + balance_weight * balance(fused.weights) if fusion in LEARNT else total
