"""Whether an answer is still the stub that the exercise began with."""

from __future__ import annotations

import dis
from collections.abc import Callable, Iterable, Mapping
from types import FunctionType
from typing import Any, NoReturn

import numpy as np


def untouched(answer: Any) -> bool:
    """Whether an answer is still the stub.

    Parameters
    ----------
    answer : object
        What a check was given.

    Returns
    -------
    bool
        True for ``...`` and None, for a list, tuple, mapping or array that contains ``...``, for a function whose body
        is ``...``, ``pass``, ``return None`` or ``raise NotImplementedError``, and for a class without anything in it
        but such functions. A function that works and forgets its ``return`` is a try.
    """
    if answer is ... or answer is None:
        return True
    if isinstance(answer, Mapping):
        return any(part is ... for part in answer.values())
    if isinstance(answer, list | tuple):
        return any(part is ... for part in answer)
    if isinstance(answer, np.ndarray):
        return answer.dtype == object and any(part is ... for part in answer.ravel())
    if isinstance(answer, FunctionType):
        return _does_nothing(answer)
    if isinstance(answer, type):
        return _is_empty(answer)
    return False


def _is_empty(answer: type) -> bool:
    """Whether a class inherits nothing and defines nothing, or stubs alone."""
    own = [value for name, value in vars(answer).items() if name == "__init__" or not name.startswith("__")]
    return answer.__bases__ == (object,) and all(isinstance(v, FunctionType) and _does_nothing(v) for v in own)


def _does_nothing(function: FunctionType) -> bool:
    steps = _steps(function)
    return steps in _NOTHING or any(_is_refusal(steps, stub) for stub in _REFUSALS)


def _is_refusal(steps: list[tuple[str, Any]], stub: list[tuple[str, Any]]) -> bool:
    """Whether it raises NotImplementedError at once; what the error says does not matter."""
    return len(steps) == len(stub) and all(
        mine == theirs or (mine[0] == theirs[0] and isinstance(mine[1], str) and theirs[1] == "words")
        for mine, theirs in zip(steps, stub, strict=True)
    )


def _steps(function: Callable[..., Any]) -> list[tuple[str, Any]]:
    """The instructions that Python executes for a function, without those for lines, closures and caches."""
    silent = {"RESUME", "NOP", "CACHE", "COPY_FREE_VARS", "MAKE_CELL", "EXTENDED_ARG", "NOT_TAKEN"}
    found: Iterable[dis.Instruction] = dis.get_instructions(function)
    return [(step.opname, step.argval) for step in found if step.opname not in silent]


def _dots() -> None: ...


def _returned() -> Any:
    return ...


def _refused() -> NoReturn:
    raise NotImplementedError


def _called() -> NoReturn:
    raise NotImplementedError()  # as nbgrader writes it


def _refused_in_words() -> NoReturn:
    raise NotImplementedError("words")


# Python versions compile stubs differently, so these are compiled for comparison.
_NOTHING = [_steps(_dots), _steps(_returned)]
_REFUSALS = [_steps(_refused), _steps(_called), _steps(_refused_in_words)]
