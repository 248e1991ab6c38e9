"""The main function of a worker process: see `tlmlda_lib.features.pool`."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import warnings

from tlmlda_lib.features.recipe import work


def main() -> None:
    """Read a recipe and a cache, then files, from standard input; answer each on standard output."""
    # Output of libraries must not mix with the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C
    warnings.simplefilter("ignore")

    def answer(message: object) -> None:
        pickle.dump(message, answers)
        answers.flush()

    recipe, cache = pickle.load(sys.stdin.buffer)
    measure = recipe.load()
    answer("ready")
    while True:
        try:
            path, key = pickle.load(sys.stdin.buffer)
        except EOFError:  # no more files, or the parent is gone
            return
        try:
            answer(work(path, key, measure, cache))
        except BrokenPipeError:  # the parent is gone; the cache has the row
            return
