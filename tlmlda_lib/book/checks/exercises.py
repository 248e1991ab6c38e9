"""The check of an exercise: a function that names what is wrong, and a memory of what was tried."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tlmlda_lib.book.checks.untouched import untouched
from tlmlda_lib.errors import UserError


class Mistake(AssertionError):
    """One sentence that names what is wrong with an answer, not what would be right."""


class NoAnswer(Mistake):
    """The exercise's stub is unchanged: nothing was tried."""


@dataclass(frozen=True)
class Exercise:
    """An exercise with a check."""

    number: str  # chapter and place, as in "2.3.1"
    title: str  # as in the book
    check: str  # name of the function
    hints: tuple[str, ...]  # from a nudge to the last step but one


@dataclass
class Progress:
    """What happened in one exercise since the kernel started."""

    number: str  # as in "2.3.1"
    title: str  # as in the book
    tries: int = 0  # answers that were checked
    hints: int = 0  # hints that were printed
    passed: str | None = None  # when first passed, UTC


#: By number, in the order of the book.
EXERCISES: dict[str, Exercise] = {}
_progress: dict[str, Progress] = {}
_BEGIN = "put yours where the three dots are, and run the cell again"
_strict: ContextVar[bool] = ContextVar("strict", default=False)


@contextmanager
def strict() -> Iterator[None]:
    """Let checks raise, for autograders: ``with strict(): check_mmd(answer)``.

    Inside, a wrong answer raises `Mistake`, which is an AssertionError and names the mistake; a stub raises `NoAnswer`,
    which is a `Mistake`. A right answer is printed as usual. The environment variable ``TLMLDA_STRICT=1`` does the same
    for a whole process; empty, ``0``, ``no``, ``off`` and ``false`` leave checks as they are.
    """
    before = _strict.set(True)
    try:
        yield
    finally:
        _strict.reset(before)


def _raises() -> bool:
    asked = os.environ.get("TLMLDA_STRICT", "").strip().lower()
    return _strict.get() or asked not in ("", "0", "no", "off", "false")


def exercise(number: str, title: str, *, hints: tuple[str, ...]) -> Callable[[Callable[..., str]], Callable[..., None]]:
    """Turn a function into a check; it raises `Mistake`, or returns a remark if the answer is right.

    Parameters
    ----------
    number : str
        Chapter and place, as in ``"2.3.1"``.
    title : str
        As in the book.
    hints : tuple of str
        What `hint` prints, one after the other.

    Returns
    -------
    decorator
        The check prints its verdict and remembers it; it returns nothing, so that a cell may end with it. Under
        `strict` it raises what is wrong. A stub is not a try, and is not remembered.

    Raises
    ------
    ValueError
        If the number is in use.
    """

    def decorate(judge: Callable[..., str]) -> Callable[..., None]:
        if number in EXERCISES:
            raise ValueError(f"exercise {number} has two checks: {EXERCISES[number].check} and {judge.__name__}")
        EXERCISES[number] = Exercise(number, title, judge.__name__, hints)

        @functools.wraps(judge)
        def check(*answer: Any) -> None:
            try:
                if any(untouched(part) for part in answer):
                    raise NoAnswer(_BEGIN)
                remark = judge(*answer)
            except NoAnswer as stub:
                _refuse(NoAnswer(f"{number}: no answer yet; {stub}."))
            except Mistake as mistake:
                _entry(number).tries += 1
                stop = "" if str(mistake).endswith("?") else "."
                _refuse(Mistake(f'{number} is not there yet: {mistake}{stop} For a hint: hint("{number}")'))
            except Exception:
                _entry(number).tries += 1
                raise
            else:
                entry = _entry(number)
                entry.tries += 1
                entry.passed = entry.passed or datetime.now(UTC).isoformat(timespec="seconds")
                print(f"{number} passed. {remark}")

        check.__annotations__["return"] = None
        return check

    return decorate


def _refuse(verdict: Mistake) -> None:
    """Print what is wrong, or raise it in strict mode."""
    if _raises():
        raise verdict from None
    print(verdict)


def hint(number: str) -> None:
    """Print one more hint for an exercise; after the last one, say so.

    Parameters
    ----------
    number : str
        As in ``"2.3.1"``.

    Raises
    ------
    UserError
        If no exercise has this number.
    """
    if number not in EXERCISES:
        raise UserError(f"no exercise is called {number!r}: the numbers are {', '.join(EXERCISES)}")
    entry, hints = _entry(number), EXERCISES[number].hints
    if entry.hints == len(hints):
        print(f"{number} has no further hint. Go back to the page, or sleep on it.")
        return
    entry.hints += 1
    print(f"{number}, hint {entry.hints} of {len(hints)}: {hints[entry.hints - 1]}")


def progress() -> list[Progress]:
    """What was tried since the kernel started, in the order of the book."""
    return [_progress[number] for number in EXERCISES if number in _progress]


def _entry(number: str) -> Progress:
    return _progress.setdefault(number, Progress(number, EXERCISES[number].title))


def called(function: Any, signature: str, *arguments: Any) -> Any:
    """Call a reader's function; an exception or a missing return value becomes a `Mistake`.

    A function that raises NotImplementedError says itself that it contains no answer: `NoAnswer`.

    Parameters
    ----------
    function : callable
        The reader's function.
    signature : str
        Its parameters, as "(zs, zt)", for the message.
    *arguments
        What it is called with.

    Returns
    -------
    object
        What it returns.
    """
    if not callable(function):
        raise Mistake(f"the check needs the function itself, not {type(function).__name__}: leave out the brackets")
    call = getattr(function, "__name__", "your function") + signature
    try:
        value = function(*arguments)
    except NotImplementedError as error:
        raise NoAnswer(_BEGIN) from error
    except Exception as error:
        raise Mistake(f"{call} stopped with {type(error).__name__}: {str(error).rstrip('.')}") from error
    if value is None or value is ...:
        raise Mistake(f"{call} returned nothing; it needs a `return`")
    return value


def number_of(value: Any) -> float:
    """An answer as a float; anything else becomes a `Mistake` that says what it is.

    Parameters
    ----------
    value : object
        The reader's answer.
    """
    try:
        number = float(value)
    except (TypeError, ValueError, RuntimeError) as error:
        shape = getattr(value, "shape", None)
        what = f"an array of shape {tuple(shape)}" if shape is not None else f"of type {type(value).__name__}"
        raise Mistake(f"a single number is expected; this is {what}") from error
    if number != number or number in (float("inf"), float("-inf")):
        raise Mistake(f"the number is {number}: something was divided by zero, or grew without bound")
    return number
