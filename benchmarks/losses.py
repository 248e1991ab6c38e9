"""How many times faster are MMD and LMMD than the usual broadcast form, and what do they need of memory?

Each line is a ratio against a baseline in the same run, one thread. Run: python benchmarks/losses.py
"""

from __future__ import annotations

import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from tlmlda_lib import losses


def broadcast_kernel(zs: Tensor, zt: Tensor) -> Tensor:
    """The usual form: n x n x d differences, then five exponentials."""
    z = torch.cat([zs, zt])
    n = len(z)
    squared = ((z[None] - z[:, None]) ** 2).sum(2)
    b0 = squared.detach().sum() / (n * n - n) / 4
    return sum(torch.exp(-squared / (b0 * 2**m)) for m in range(5))


def broadcast(zs: Tensor, zt: Tensor, ys: Tensor, pt: Tensor) -> tuple[Tensor, Tensor]:
    """MMD and LMMD of the usual form, a kernel matrix for each."""
    v = torch.cat([torch.full((len(zs),), 1 / len(zs)), torch.full((len(zt),), -1 / len(zt))])
    mmd = v @ broadcast_kernel(zs, zt) @ v
    hard = torch.nn.functional.one_hot(ys, pt.shape[1]).float()
    w = torch.cat([hard / hard.sum(0), -pt / pt.sum(0)])
    return mmd, (w * (broadcast_kernel(zs, zt) @ w)).sum() / pt.shape[1]


def batch(n: int, d: int = 256, classes: int = 5) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    torch.manual_seed(0)
    zs, zt = torch.rand(n, d, requires_grad=True), torch.rand(n, d, requires_grad=True)
    return zs, zt, torch.arange(n) % classes, torch.softmax(torch.randn(n, classes), 1)


def seconds(step: Callable[[], Tensor], leaves: tuple[Tensor, ...], rounds: int) -> float:
    """Median of forward and backward."""
    times = []
    for i in range(rounds + 3):
        for leaf in leaves:
            leaf.grad = None
        began = time.perf_counter()
        step().backward()
        if i >= 3:
            times.append(time.perf_counter() - began)
    return sorted(times)[len(times) // 2]


def memory_growth(n: int) -> float:
    """Growth of the peak resident memory (MiB) over one forward and backward, in a fresh process (Linux)."""
    code = (
        "import torch; from benchmarks.losses import batch; from tlmlda_lib import losses\n"
        "torch.set_num_threads(1)\n"
        "def status(key):\n"
        "    return next(int(l.split()[1]) for l in open('/proc/self/status') if l.startswith(key)) / 1024\n"
        "sum(losses.mmd_and_lmmd(*batch(10))).backward()\n"
        f"b = batch({n}); before = status('VmRSS'); open('/proc/self/clear_refs', 'w').write('5')\n"
        "sum(losses.mmd_and_lmmd(*b)).backward(); print(status('VmHWM') - before)"
    )
    root = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=root)
    return float(done.stdout)


def main() -> None:
    torch.set_num_threads(1)
    zs, zt, ys, pt = batch(100)
    usual = seconds(lambda: sum(broadcast(zs, zt, ys, pt)), (zs, zt), 15)
    ours = seconds(lambda: sum(losses.mmd_and_lmmd(zs, zt, ys, pt)), (zs, zt), 300)
    print(
        f"mmd_and_lmmd, 100 + 100 x 256, forward + backward: {usual / ours:.0f} times the speed of the broadcast form"
    )

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from skada.deep.losses import dan_loss
    except ImportError as error:
        print(f"mmd against skada's dan_loss: not run ({error}; pip install '.[baselines]')")
    else:
        theirs = seconds(lambda: dan_loss(zs, zt), (zs, zt), 100)
        ours = seconds(lambda: losses.mmd(zs, zt), (zs, zt), 300)
        print(f"mmd, 100 + 100 x 256, forward + backward: {theirs / ours:.1f} times the speed of skada's dan_loss")

    if sys.platform == "linux":
        print(f"mmd_and_lmmd, 1000 + 1000 x 256: peak memory grows by {memory_growth(1000):.0f} MiB")


if __name__ == "__main__":
    main()
