"""How many threads sum: a number is the same bits for any machine and any number of processes."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

#: What libraries read when they are loaded.
_VARIABLES = (
    *("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"),
    *("NUMBA_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"),
)


def environment(number: int = 1) -> dict[str, str]:
    """Variables that give a process so many threads."""
    return dict.fromkeys(_VARIABLES, str(number))


@contextmanager
def use_threads(number: int = 1, libraries: ThreadpoolController | None = None) -> Iterator[None]:
    """So many threads for torch and the linear algebra, and then as many as before.

    Parameters
    ----------
    number : int
        With 1, the order of sums does not depend on the machine.
    libraries : ThreadpoolController, optional
        The loaded libraries, where they were found before: to look for them takes a moment.
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
    """Keep the warnings of an encoder's parts from the user, who cannot mend them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
