"""How encoders are run: quietly, and with sums in one order."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the warnings of the encoder's parts from the user, who cannot mend them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def one_thread(threads: ThreadpoolController) -> Iterator[None]:
    """Sum in one thread, so that the order of sums does not depend on the machine; then as before."""
    import torch

    before = torch.get_num_threads()
    try:
        with threads.limit(limits=1):
            torch.set_num_threads(1)
            yield
    finally:
        torch.set_num_threads(before)
