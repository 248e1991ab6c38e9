"""Numbers of threads: results are the same bits on any machine and for any number of processes."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

#: Variables that libraries read when they are loaded.
_VARIABLES = (
    *("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"),
    *("NUMBA_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"),
)


def environment(number: int = 1) -> dict[str, str]:
    """Environment variables that give a process a number of threads.

    Parameters
    ----------
    number : int
        Number of threads.
    """
    return dict.fromkeys(_VARIABLES, str(number))


@contextmanager
def use_threads(number: int = 1, libraries: ThreadpoolController | None = None) -> Iterator[None]:
    """Use a number of threads for torch and linear algebra; afterwards as before.

    Parameters
    ----------
    number : int
        With 1, the order of sums does not depend on the machine.
    libraries : ThreadpoolController, optional
        The loaded libraries, if already found: finding them takes a moment.
    """
    import torch
    from threadpoolctl import ThreadpoolController

    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        with (libraries or ThreadpoolController()).limit(limits=number):
            yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def quiet() -> Iterator[None]:
    """Suppress warnings of an encoder's dependencies, which the user cannot act on."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
