"""Worker processes that may die: no finished file is lost, and nothing blocks. Chapter 1.3.

They are plain child processes, not `multiprocessing`'s, whose safe start method runs the caller's script again
(readers' scripts seldom guard against that), and whose pools drop all open work when one process dies.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import suppress
from queue import SimpleQueue

from tlmlda_lib.features import threads
from tlmlda_lib.features.cache import Cache
from tlmlda_lib.features.recipe import Outcome, Recipe, work

Job = tuple[str, str]  # path, SHA-256


class _Died(Exception):
    """A worker process ended by itself."""


class _Worker:
    """One child process, which takes a file at a time."""

    def __init__(self) -> None:
        path = [str(folder) for folder in sys.path]
        start = f"import sys; sys.path[:] = {path!r}; from tlmlda_lib.features.worker import main; main()"
        self.process = subprocess.Popen(
            [sys.executable, "-c", start],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # One thread each: the processes share the cores, and sums are the same for any number of workers.
            env={**os.environ, **threads.environment()},
        )

    def ask(self, message: object) -> object:
        """Send a message and wait for the answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            pickle.dump(message, self.process.stdin)
            self.process.stdin.flush()
            return pickle.load(self.process.stdout)
        except (OSError, EOFError, ValueError, pickle.UnpicklingError) as error:
            self.end()
            code = self.process.returncode
            raise _Died(f"signal {-code}" if code < 0 else f"exit code {code}") from error

    def end(self) -> None:
        """End the process, whatever it is doing."""
        if self.process.poll() is None:
            # A closed pipe means that it ended by itself: give it time to report how.
            try:
                self.process.wait(0.5)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(OSError):  # unsent data are lost
                    pipe.close()


class _Crew:
    """Threads, each of which drives one worker process."""

    def __init__(self, jobs: Sequence[Job], recipe: Recipe, cache: Cache | None, size: int) -> None:
        self.recipe, self.cache = recipe, cache
        self.todo = deque(enumerate(jobs))
        self.done: SimpleQueue[tuple[int, Outcome] | None] = SimpleQueue()
        self.stopped = threading.Event()
        self.alive: dict[int, _Worker] = {}
        self.threads = [threading.Thread(target=self._tend, args=(i,), daemon=True) for i in range(size)]
        for thread in self.threads:
            thread.start()

    def _tend(self, place: int) -> None:
        """Hand files to a process, and to a new one when it dies; None at the end."""
        try:
            while not self.stopped.is_set() and self.todo:
                try:
                    i, job = self.todo.popleft()
                except IndexError:  # another thread was faster
                    break
                try:
                    outcome = self._twice(place, job)
                except (OSError, _Died):  # no process can be started: `run` does the rest
                    self.todo.append((i, job))
                    break
                self.done.put((i, outcome))
        finally:
            self._dismiss(place)
            self.done.put(None)

    def _twice(self, place: int, job: Job) -> Outcome:
        """Try again once: memory may have been short for a moment, or the process was killed."""
        last = ""
        while True:
            try:
                worker = self._ready(place)
            except (OSError, _Died):
                if not last:
                    raise
                break  # the process died on this file, so the calling process does not try it
            try:
                answer = worker.ask(job)
                assert isinstance(answer, Outcome)
                return answer
            except _Died as death:
                again, last = not last, str(death)
                del self.alive[place]
                if not again or self.stopped.is_set():
                    break
        return Outcome(problem=f"ended the process that worked on it, twice ({last}): leave it out")

    def _ready(self, place: int) -> _Worker:
        """The process in this place, or a new one that has imported its packages."""
        if place not in self.alive:
            # `stop` knows it before anyone waits for it.
            worker = self.alive[place] = _Worker()
            try:
                if self.stopped.is_set():
                    raise _Died("stopped")
                worker.ask((self.recipe, self.cache))
            except _Died:
                del self.alive[place]
                worker.end()
                raise
        return self.alive[place]

    def _dismiss(self, place: int) -> None:
        if worker := self.alive.pop(place, None):
            assert worker.process.stdin is not None
            with suppress(OSError):
                worker.process.stdin.close()  # it ends at the end of its input
            worker.end()

    def stop(self) -> None:
        """End all processes now; finished files are in the cache."""
        self.stopped.set()
        self.todo.clear()
        for worker in list(self.alive.values()):
            worker.process.kill()
        for thread in self.threads:
            thread.join()


def run(
    jobs: Sequence[Job], recipe: Recipe, cache: Cache | None, workers: int
) -> Generator[tuple[int, Outcome], None, None]:
    """Work on files in `workers` child processes.

    Parameters
    ----------
    jobs : sequence of (path, SHA-256)
    recipe : Recipe
    cache : Cache or None
        The workers write to it themselves, file by file.
    workers : int
        Number of processes; 0 for the calling process.

    Yields
    ------
    (int, Outcome)
        Index of the job and its outcome, in the order in which jobs finish.
    """
    left = list(enumerate(jobs))
    if workers:
        crew = _Crew(jobs, recipe, cache, workers)
        try:
            ended = 0
            while ended < workers:
                item = crew.done.get()
                if item is None:
                    ended += 1
                else:
                    yield item
            left = sorted(crew.todo)
        finally:
            crew.stop()
    if left:
        measure = recipe.load()
        for i, (path, key) in left:
            yield i, work(path, key, measure, cache)
