"""Equations 1 to 4, and the table of losses, `LOSSES`: TLMLDA's objectives. Chapters 2.1 to 2.4.

`mmd` and `lmmd` share one computation, `quadratic_forms`, which builds the kernel matrix once and needs
n x n numbers, not n x n x d. A loss of your own is a function of a `Step` and a row of `LOSSES`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

#: Smallest mean squared distance (of features at unit size) that is used as a bandwidth.
SMALLEST_BANDWIDTH = 1e-12


def reconstruction(rebuilt: Tensor, clean: Tensor, *, units: str = "mean") -> Tensor:
    """Reconstruction loss of the auto-encoder (equation 1). Chapter 2.1.

    Parameters
    ----------
    rebuilt, clean : Tensor of shape (n, d)
        Output of the decoder and the features before noise was added.
    units : {"mean", "sum", "printed", "bce"}
        ``"mean"``: squared error, mean over samples and features. ``"sum"``: summed over features, mean over samples.
        ``"printed"``: summed over both, as equation 1 is printed. ``"bce"``: mean binary cross-entropy, as in the
        authors' public scripts; both arguments in [0, 1].

    Returns
    -------
    Tensor of shape ()

    Raises
    ------
    ValueError
        If the shapes differ or the units are not known.

    Notes
    -----
    The paper prints sums; we use means, since sums make this loss 10^3 to 10^5 times larger than the others.

    Examples
    --------
    >>> rebuilt, clean = torch.tensor([[0.5, 1.0]]), torch.tensor([[0.0, 1.0]])
    >>> reconstruction(rebuilt, clean).item(), reconstruction(rebuilt, clean, units="sum").item()
    (0.125, 0.25)
    """
    if rebuilt.shape != clean.shape:
        raise ValueError(f"rebuilt has shape {tuple(rebuilt.shape)}, clean {tuple(clean.shape)}: they must agree")
    if units == "bce":
        try:
            return F.binary_cross_entropy(rebuilt, clean)
        except RuntimeError as error:  # on the CPU
            raise ValueError(f"rebuilt and clean must be in [0, 1] for units='bce' ({error})") from error
    if units in ("mean", "printed"):
        return F.mse_loss(rebuilt, clean, reduction="mean" if units == "mean" else "sum")
    if units == "sum":
        return F.mse_loss(rebuilt, clean, reduction="sum") / len(clean)
    raise ValueError(f"units={units!r} is not known: use 'mean', 'sum', 'printed' or 'bce'")


def classification(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy on the labelled source (equation 2, with the minus sign that the paper omits). Chapter 2.2.

    Parameters
    ----------
    logits : Tensor of shape (n, C)
        Scores before the softmax.
    labels : Tensor of shape (n,), int64
        Codes 0 .. C-1.

    Returns
    -------
    Tensor of shape (), in nats.

    Raises
    ------
    ValueError
        If a label is not the code of a class.

    Examples
    --------
    >>> round(classification(torch.zeros(3, 5), torch.tensor([0, 1, 4])).item(), 4)  # log 5
    1.6094
    """
    _check_codes("labels", labels, logits.shape[-1])
    return F.cross_entropy(logits, labels)


def _check_codes(name: str, codes: Tensor, classes: int) -> None:
    """Raise if a label is not one of 0 .. C-1: PyTorch's own message names neither, and it silently ignores -100."""
    if codes.is_floating_point() or codes.dtype == torch.bool:
        raise ValueError(f"{name} has the type {codes.dtype}: labels are whole numbers, from 0 to {classes - 1}")
    wrong = codes[(codes < 0) | (codes >= classes)]
    if len(wrong):
        raise ValueError(f"{name} contains {int(wrong[0])}: labels are codes from 0 to {classes - 1}")


def _check_probabilities(pt: Tensor) -> None:
    """Raise if rows are clearly not probabilities, as logits; NaN, as from a diverged run, passes."""
    if len(pt) and (float(pt.min()) < 0 or float((pt.sum(1, dtype=torch.float32) - 1).abs().max()) > 0.02):
        raise ValueError(
            "pt contains rows that are not probabilities: they must be at least 0 and sum to 1 (softmax first)"
        )


class _QuadraticForms(torch.autograd.Function):
    """``u_r = w_r' K w_r`` for the columns w_r of W, with K a sum of Gaussian kernels of the rows of Z.

    The gradient is explicit, since autograd would keep about ten n x n matrices: with ``k' = sum_m exp(-D / b_m) /
    b_m`` and ``A = (W diag(g) W') * k'`` it is ``dZ = -4 (diag(A 1) Z - A Z)``, the bandwidths held fixed. Where the
    gradient is itself differentiated (a gradient penalty), autograd takes over, with all its matrices.
    """

    @staticmethod
    def forward(ctx, z: Tensor, w: Tensor, kernels: int, bandwidth: float | None) -> Tensor:
        n = len(z)
        # Distances do not change when all rows move together, but their rounding does: without centring, an offset
        # of 100 leaves no correct digit in float32. The first row goes first, so that identical rows become exact
        # zeros.
        rows = z
        z = z - z[0]
        z -= z.mean(0)
        # Nor do the kernels change with the scale of Z (the bandwidth follows it): unit size avoids NaN at 1e20.
        size = z.abs().amax()
        size = torch.where(size > 0, size, torch.ones_like(size))
        z /= size
        q = torch.linalg.vecdot(z, z)  # (n,)
        d = torch.addmm(q, z, z.T, alpha=-2)  # (n, n): q_j - 2 z_i z_j
        d += q[:, None]
        d.clamp_(min=0)
        d.fill_diagonal_(0)
        # Mean squared distance of distinct rows: for centred rows the sum of all D_ij is 2 n sum(q).
        b0 = 2 * q.sum() / (n - 1) if bandwidth is None else bandwidth / size**2
        b0 = torch.clamp(b0, min=SMALLEST_BANDWIDTH)
        # Bandwidths b0 * 2^m, m = -half .. : the widest needs an exponential, each narrower one is its square.
        widest = 2.0 ** (kernels - 1 - kernels // 2)
        e = d.mul_(-1 / (widest * b0)).exp_()
        total = e.clone()
        slope = e / widest if ctx.needs_input_grad[0] else None
        for m in range(1, kernels):
            e.square_()
            total += e
            if slope is not None:
                slope.add_(e, alpha=2.0**m / widest)
        if slope is not None:
            ctx.save_for_backward(z, w, slope.div_(b0), size, rows)
            ctx.kernels, ctx.bandwidth = kernels, b0 * size**2
        return torch.linalg.vecdot(w, total @ w, dim=0)

    @staticmethod
    def backward(ctx, g: Tensor):
        z, w, slope, size, rows = ctx.saved_tensors
        if torch.is_grad_enabled():
            u = _forms_by_autograd(rows, w, ctx.kernels, ctx.bandwidth)
            return *torch.autograd.grad(u, rows, g, create_graph=True), None, None, None
        a = ((w * g) @ w.T).mul_(slope)  # (n, n)
        dz = torch.addmm(a.sum(1, keepdim=True) * z, a, z, beta=-4, alpha=4)
        return dz.div_(size), None, None, None


def _forms_by_autograd(z: Tensor, w: Tensor, kernels: int, bandwidth: Tensor) -> Tensor:
    """The same squared norms in plain operations, which can be differentiated any number of times."""
    d = (z[:, None] - z[None]).square().sum(2)
    total = torch.stack([torch.exp(-d / (bandwidth * 2.0 ** (m - kernels // 2))) for m in range(kernels)]).sum(0)
    return torch.linalg.vecdot(w, total @ w, dim=0)


def quadratic_forms(z: Tensor, w: Tensor, *, kernels: int = 5, bandwidth: float | None = None) -> Tensor:
    """Squared norms ``w_r' K w_r`` of weighted sums of samples in the kernel's feature space. Chapters 2.3 and 2.4.

    Parameters
    ----------
    z : Tensor of shape (n, d), n >= 2
        Samples. Half precision is computed in float32, also under autocast.
    w : Tensor of shape (n, R)
        One column of weights for each norm; not differentiated.
    kernels : int
        Number of Gaussian kernels; their bandwidths are ``b0 * 2 ** m``, m = -(kernels // 2) and up.
    bandwidth : float, optional
        The middle bandwidth b0, in squared units of z. By default the mean squared distance of distinct rows,
        detached.

    Returns
    -------
    Tensor of shape (R,)
        float32, or float64 where z is. Differentiable with respect to z; a second derivative is right too, and
        needs n x n x d numbers.

    Raises
    ------
    ValueError
        If the number of kernels is not a whole one above 0, or the bandwidth not a number above 0.

    Examples
    --------
    >>> z = torch.tensor([[0.0], [1.0]])
    >>> w = torch.tensor([[1.0], [-1.0]])
    >>> round(quadratic_forms(z, w, kernels=1, bandwidth=1.0).item(), 4)  # 2 - 2 / e
    1.2642
    """
    if isinstance(kernels, bool) or not isinstance(kernels, Integral) or kernels < 1:
        raise ValueError(f"kernels={kernels}: a whole number of kernels is needed, at least one")
    if bandwidth is not None and not 0 < bandwidth < math.inf:
        raise ValueError(f"bandwidth={bandwidth}: a bandwidth is a squared distance, above 0")
    dtype = torch.float64 if z.dtype == torch.float64 else torch.float32
    kind = z.device.type
    wide = torch.autocast(kind, enabled=False) if torch.is_autocast_enabled(kind) else nullcontext()
    with wide:
        return _QuadraticForms.apply(z.to(dtype), w.detach().to(dtype), kernels, bandwidth)


def _stack(zs: Tensor, zt: Tensor) -> Tensor:
    if zs.ndim != 2 or zt.ndim != 2 or zs.shape[1] != zt.shape[1]:
        raise ValueError(f"zs {tuple(zs.shape)} and zt {tuple(zt.shape)} must be (n_s, d) and (n_t, d)")
    if not len(zs) or not len(zt):
        raise ValueError(f"zs has {len(zs)} rows and zt {len(zt)}: each domain needs at least one")
    return torch.cat([zs, zt])


def _domain_weights(zs: Tensor, zt: Tensor) -> Tensor:
    """Column v of equation 3: 1/n_s on source rows, -1/n_t on target rows."""
    v = torch.empty(len(zs) + len(zt), 1, dtype=torch.promote_types(zs.dtype, torch.float32), device=zs.device)
    v[: len(zs)] = 1 / len(zs)
    v[len(zs) :] = -1 / len(zt)
    return v


def _class_weights(zs: Tensor, zt: Tensor, ys: Tensor, pt: Tensor, common: str) -> tuple[Tensor, Tensor]:
    """Columns W_c of equation 4 (n, C), and the classes that count (C,)."""
    if ys.shape != (len(zs),) or pt.ndim != 2 or len(pt) != len(zt):
        raise ValueError(
            f"ys {tuple(ys.shape)} and pt {tuple(pt.shape)} must be ({len(zs)},) codes and ({len(zt)}, C) probabilities"
        )
    classes = pt.shape[1]
    _check_codes("ys", ys, classes)
    _check_probabilities(pt.detach())
    dtype = torch.promote_types(pt.dtype, torch.float32)
    hard = torch.zeros(len(ys), classes, dtype=dtype, device=pt.device).scatter_(1, ys[:, None].long(), 1)
    soft = pt.detach().to(dtype)
    in_source, in_target = hard.sum(0), soft.sum(0)
    # An absent class divides 0 by 1: its column stays 0.
    w = torch.cat([hard / in_source.clamp(min=1), -soft / torch.where(in_target > 0, in_target, 1.0)])
    if common not in ("both", "source", "all"):
        raise ValueError(f"common={common!r} is not known: use 'both', 'source' or 'all'")
    kept = (in_source > 0) | (common == "all")
    if common == "both":
        predicted = torch.zeros_like(kept)
        predicted[soft.argmax(1)] = True
        kept &= predicted
    return w, kept


def _root(u: Tensor, power: int) -> Tensor:
    """u itself (power 2), or its root (power 1) with a finite slope at 0."""
    if power == 2:
        return u
    if power == 1:
        return torch.sqrt(u.clamp(min=0) + (1e-12 if u.dtype == torch.float64 else 1e-8))
    raise ValueError(f"power={power!r} is not known: use 2 (squares) or 1 (roots)")


def _mean_over_classes(u: Tensor, kept: Tensor, power: int) -> Tensor:
    return (_root(u, power) * kept).sum() / kept.sum().clamp(min=1)


def mmd(
    zs: Tensor,
    zt: Tensor,
    *,
    kernels: int = 5,
    power: int = 2,
    bandwidth: float | None = None,
) -> Tensor:
    """Maximum mean discrepancy of source and target (equation 3) [1]_. Chapter 2.3.

    Parameters
    ----------
    zs, zt : Tensor of shape (n_s, d), (n_t, d)
        Activations of the layer that is aligned; the sizes may differ.
    kernels : int
        Number of Gaussian kernels that are summed.
    power : {2, 1}
        2: the square, as in public code of this lineage; 1: the norm, as printed.
    bandwidth : float, optional
        A fixed middle bandwidth; by default the batch's mean squared distance, detached.

    Returns
    -------
    Tensor of shape ()

    Raises
    ------
    ValueError
        If the shapes do not match, a domain is empty, or the bandwidth is not above 0.

    Notes
    -----
    For two samples of one distribution the value is above 0: the expected square is about 3.1 (1/n_s + 1/n_t) in high
    dimension.

    References
    ----------
    .. [1] A. Gretton, K. M. Borgwardt, M. J. Rasch, B. Schölkopf and A. Smola, "A kernel two-sample test", Journal of
       Machine Learning Research 13, 723-773, 2012.

    Examples
    --------
    >>> zs = torch.tensor([[0.0], [1.0]])
    >>> mmd(zs, zs).item(), mmd(zs, zs + 5).item() > 1
    (0.0, True)
    """
    z, v = _stack(zs, zt), _domain_weights(zs, zt)
    u = quadratic_forms(z, v, kernels=kernels, bandwidth=bandwidth)
    return _root(u, power)[0]


def lmmd(
    zs: Tensor,
    zt: Tensor,
    ys: Tensor,
    pt: Tensor,
    *,
    kernels: int = 5,
    power: int = 2,
    common: str = "both",
    bandwidth: float | None = None,
) -> Tensor:
    """Local maximum mean discrepancy: source and target, emotion by emotion (equation 4) [1]_. Chapter 2.4.

    Parameters
    ----------
    zs, zt : Tensor of shape (n_s, d), (n_t, d)
        Activations of the layer that is aligned.
    ys : Tensor of shape (n_s,), integer
        Source labels 0 .. C-1.
    pt : Tensor of shape (n_t, C)
        The network's probabilities for the target (pseudo-labels); not differentiated.
    kernels, power, bandwidth
        As in `mmd`; with power 1 the mean over classes is of the roots.
    common : {"both", "source", "all"}
        Classes that count: those among both the source labels and the target's most probable classes; those among the
        source labels; all.

    Returns
    -------
    Tensor of shape ()
        Mean over the classes that count; 0, still part of the graph, if none does.

    Raises
    ------
    ValueError
        If the shapes do not match, a domain is empty, a label is not the code of a class, or rows of pt are not
        probabilities.

    Notes
    -----
    The weights of equation 4 are misprinted; we read ``y_ic / sum_j y_jc``.

    References
    ----------
    .. [1] Y. Zhu et al., "Deep subdomain adaptation network for image classification", IEEE Transactions on Neural
       Networks and Learning Systems 32, 1713-1722, 2021.

    Examples
    --------
    >>> zs, ys = torch.tensor([[0.0], [1.0]]), torch.tensor([0, 1])
    >>> right, wrong = torch.eye(2), torch.eye(2).flip(0)
    >>> lmmd(zs, zs, ys, right).item(), lmmd(zs, zs, ys, wrong).item() > 1
    (0.0, True)
    """
    w, kept = _class_weights(zs, zt, ys, pt, common)
    z = _stack(zs, zt)
    u = quadratic_forms(z, w, kernels=kernels, bandwidth=bandwidth)
    return _mean_over_classes(u, kept, power)


def mmd_and_lmmd(
    zs: Tensor,
    zt: Tensor,
    ys: Tensor,
    pt: Tensor,
    *,
    kernels: int = 5,
    power: int = 2,
    common: str = "both",
    bandwidth: float | None = None,
) -> tuple[Tensor, Tensor]:
    """`mmd` and `lmmd` of the same batch from one kernel matrix. Chapters 2.3 and 2.4.

    Parameters
    ----------
    zs, zt, ys, pt, kernels, power, common, bandwidth
        As in `lmmd`.

    Returns
    -------
    mmd, lmmd : Tensor of shape ()
    """
    w, kept = _class_weights(zs, zt, ys, pt, common)
    columns = torch.cat([_domain_weights(zs, zt).to(w.dtype), w], dim=1)
    u = quadratic_forms(_stack(zs, zt), columns, kernels=kernels, bandwidth=bandwidth)
    return _root(u[:1], power)[0], _mean_over_classes(u[1:], kept, power)


# The table


_ABSENT: Any = None  # without a target or a decoder; the losses that need it are then left out


@dataclass(frozen=True)
class Step:
    """The state of a training step: everything that a loss may use. Chapter 2.7.

    Without a target, its four tensors are None; without a decoder, so are its two outputs. A loss whose row needs
    them is then left out.
    """

    xs: Tensor  # (n_s, d) source features, clean
    ys: Tensor  # (n_s,) int64, their labels
    zs: Tensor  # (n_s, h) the aligned layer
    logits: Tensor  # (n_s, C) scores of the source before the softmax
    rebuilt_s: Tensor = _ABSENT  # (n_s, d) the decoder's output
    xt: Tensor = _ABSENT  # (n_t, d) target features, clean
    zt: Tensor = _ABSENT  # (n_t, h)
    pt: Tensor = _ABSENT  # (n_t, C) the network's probabilities, the pseudo-labels; without gradient
    rebuilt_t: Tensor = _ABSENT  # (n_t, d)
    asked: tuple[str, ...] = ()  # names of the losses in use
    units: str = "mean"  # of the reconstruction
    power: int = 2  # of MMD and LMMD
    common: str = "both"  # classes that LMMD counts
    kernels: int = 5  # number of Gaussian kernels

    @cached_property
    def mmd_and_lmmd(self) -> tuple[Tensor, Tensor]:
        """`mmd_and_lmmd` of this step; if both are in use, they share one kernel matrix."""
        how: dict[str, Any] = {"kernels": self.kernels, "power": self.power, "common": self.common}
        return mmd_and_lmmd(self.zs, self.zt, self.ys, self.pt, **how)

    @property
    def _aligned_twice(self) -> bool:
        return {"MMD", "LMMD"} <= set(self.asked)


@dataclass(frozen=True)
class Loss:
    """A row of `LOSSES`.

    Attributes
    ----------
    function : callable
        From the `Step` to the loss: a Tensor of shape (), not below 0, differentiable.
    needs_target : bool
        Whether the loss is left out without a target.
    needs_labels : bool
        Whether the labels of the source are read; those of the target never are.
    needs_decoder : bool
        Whether the loss needs a decoder; without any such loss the network has none.
    aligns : bool
        Whether the alignment ramp scales it down early in training.
    alpha : float
        Default factor in equation 6; those of the paper's five losses are the ones printed for E to B.
    colour : tuple of str
        Colours of the loss on a light and on a dark background.
    """

    function: Callable[[Step], Tensor]
    needs_target: bool = False
    needs_labels: bool = False
    needs_decoder: bool = False
    aligns: bool = False
    alpha: float = 1.0
    colour: tuple[str, str] = ("#55606d", "#a7b1bd")


def _of_source(step: Step) -> Tensor:
    return reconstruction(step.rebuilt_s, step.xs, units=step.units)


def _of_target(step: Step) -> Tensor:
    return reconstruction(step.rebuilt_t, step.xt, units=step.units)


def _of_labels(step: Step) -> Tensor:
    return classification(step.logits, step.ys)


def _of_wholes(step: Step) -> Tensor:
    if step._aligned_twice:
        return step.mmd_and_lmmd[0]
    return mmd(step.zs, step.zt, kernels=step.kernels, power=step.power)


def _of_emotions(step: Step) -> Tensor:
    if step._aligned_twice:
        return step.mmd_and_lmmd[1]
    how: dict[str, Any] = {"kernels": step.kernels, "power": step.power, "common": step.common}
    return lmmd(step.zs, step.zt, step.ys, step.pt, **how)


#: The losses by name, in the order in which they are summed and printed; the paper's five first. A reconstruction has
#: its domain's colour. A new row can be named in the options' ``losses``.
LOSSES: dict[str, Loss] = {
    "S": Loss(_of_source, needs_decoder=True, colour=("#1f5fa8", "#7db8ff")),
    "T": Loss(_of_target, needs_target=True, needs_decoder=True, colour=("#b4540a", "#ffad5c")),
    "y": Loss(_of_labels, needs_labels=True, alpha=3.0, colour=("#1d2733", "#e6eaef")),
    "MMD": Loss(_of_wholes, needs_target=True, aligns=True, colour=("#e0307a", "#e0446e")),
    "LMMD": Loss(_of_emotions, needs_target=True, needs_labels=True, aligns=True, colour=("#8a2be2", "#9f40ff")),
}


def in_use(names: Iterable[str], *, target: bool = True, decoder: bool = True) -> tuple[str, ...]:
    """The losses that can be computed, in the table's order. Chapter 2.7.

    Parameters
    ----------
    names : iterable of str
        Rows of `LOSSES`.
    target, decoder : bool
        Whether there is a target, and a decoder.
    """
    wanted = set(names)
    return tuple(
        name
        for name, row in LOSSES.items()
        if name in wanted and (target or not row.needs_target) and (decoder or not row.needs_decoder)
    )


def of_step(step: Step) -> dict[str, Tensor]:
    """The losses in use in a step, by name, in the table's order. Chapter 2.7.

    Parameters
    ----------
    step : Step
        The step.
    """
    return {name: LOSSES[name].function(step) for name in in_use(step.asked)}
