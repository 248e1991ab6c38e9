"""The data that an exercise shows: the book's, or a class's own.

Exercises whose answer is a number show the data it follows from. A word makes other data, and with it other answers,
so that one class cannot hand in what another has worked out::

    classroom("spring-2027")  # or TLMLDA_CLASS=spring-2027 in the environment
    zs, zt = given("2.3.1")

The same word gives the same data on every machine. Exercises whose answer is a function need none of this: their check
tries the function on data that nobody is shown.
"""

from __future__ import annotations

import functools
import hashlib
import os
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, TypeVar

import numpy as np

from tlmlda_lib.book.checks.exercises import Mistake
from tlmlda_lib.errors import UserError

Data = dict[str, np.ndarray]
T = TypeVar("T")

#: How often data are drawn until every usual slip can be recognised by its number.
DRAWS = 2000


class Dice:
    """Draws that follow from a word, equal under every version of Python and NumPy."""

    def __init__(self, word: str) -> None:
        self._word, self._count = word, 0

    def pick(self, values: Sequence[T]) -> T:
        """One of a few values."""
        self._count += 1
        seed = hashlib.sha256(f"{self._word}\0{self._count}".encode()).digest()
        return values[int.from_bytes(seed[:8], "big") % len(values)]

    def array(self, shape: tuple[int, ...], values: Sequence[float]) -> np.ndarray:
        """An array of such values."""
        drawn = [self.pick(values) for _ in range(int(np.prod(shape)))]
        return np.array(drawn).reshape(shape)


@dataclass(frozen=True)
class Shown:
    """What an exercise shows, and how a class's own data are drawn."""

    book: Data  # by the names that the exercise uses
    draw: Callable[[Dice], Data | None]  # None where a draw is not fit
    answer: Callable[..., Any]  # from the data, by position: a number, or several
    slips: Callable[..., Mapping[str, Any]]  # from the data: what the usual slips give, by what is said about them
    apart: Callable[[np.ndarray, np.ndarray], bool]  # whether the check can tell two answers from each other

    def is_clear(self, data: Data) -> bool:
        """Whether the answer is none of the book's, and answer and slips are all recognised by their numbers."""
        found = [self.answer(*data.values()), *self.slips(*data.values()).values()]
        arrays = [np.asarray(one, dtype=float) for one in found]
        book = np.asarray(self.answer(*self.book.values()), dtype=float)
        return all(np.isfinite(one).all() for one in arrays) and all(
            self.apart(one, other) for one, other in [(arrays[0], book), *combinations(arrays, 2)]
        )


def by(margin: float) -> Callable[[np.ndarray, np.ndarray], bool]:
    """Whether two numbers lie further apart than a margin."""
    return lambda one, other: bool(np.abs(one - other).max() > margin)


def by_part(part: float) -> Callable[[np.ndarray, np.ndarray], bool]:
    """Whether two lists of numbers differ somewhere by more than a part of themselves."""
    return lambda one, other: not np.allclose(one, other, rtol=part, atol=0)


#: By the exercise's number.
SHOWN: dict[str, Shown] = {}
_word: str | None = None


def classroom(word: str | None) -> None:
    """Give the exercises the data of a class, in this process; without a word, the book's.

    Parameters
    ----------
    word : str or None
        Any word, the same for the whole class; capitals do not count. It goes before the environment's TLMLDA_CLASS.

    Raises
    ------
    UserError
        If it is not a word.
    """
    global _word
    if word is not None and not isinstance(word, str):
        raise UserError(f"classroom({word!r}): give a word, as classroom('spring-2027')")
    _word = word


def class_word() -> str | None:
    """The word that the data are made of, or None where they are the book's."""
    word = os.environ.get("TLMLDA_CLASS", "") if _word is None else _word
    return _plain(word)


def _plain(word: str) -> str | None:
    return " ".join(unicodedata.normalize("NFC", word.lower()).split()) or None


def data_of(number: str, word: str | None = None) -> Data:
    """An exercise's data, by name, as its check has them; of the class in force, or of another one."""
    word = class_word() if word is None else _plain(word)
    return SHOWN[number].book if word is None else _drawn(number, word)


@functools.cache
def _drawn(number: str, word: str) -> Data:
    shown, dice = SHOWN[number], Dice(f"{number}\0{word}")
    for _ in range(DRAWS):
        with np.errstate(all="ignore"):
            data = shown.draw(dice)
            if data is not None and shown.is_clear(data):
                return data
    raise UserError(f"no data for {number} can be made of the class word {word!r}: take another word")


def given(number: str, **shown: Any) -> tuple[np.ndarray, ...]:
    """Return the data of an exercise, and print them where a class has its own.

    Parameters
    ----------
    number : str
        As "2.3.1".
    **shown : array
        The data as the page shows them, by name. They are returned where no class has its own; without them, the
        library's copy is.

    Returns
    -------
    tuple of array

    Raises
    ------
    UserError
        If the exercise shows no data that vary, or not by these names.
    """
    if number not in SHOWN:
        raise UserError(f"exercise {number} shows no data that a class can vary; these do: {', '.join(sorted(SHOWN))}")
    names, word = list(SHOWN[number].book), class_word()
    if shown and list(shown) != names:
        raise UserError(f"the data of {number} are {', '.join(names)}, in this order, and not {', '.join(shown)}")
    if word is None and shown:
        return tuple(np.array(value) for value in shown.values())
    data = data_of(number)
    if word is not None:
        print(f"{number}, numbers for the class {word}:")
        print("\n".join(f"{name} = {in_numbers(value.tolist())}" for name, value in data.items()))
    return tuple(value.copy() for value in data.values())


def is_the_book_s(number: str, near: Callable[[np.ndarray], bool]) -> None:
    """Raise a `Mistake` where a class has its own data and an answer is the one to the book's."""
    shown = SHOWN[number]
    if class_word() is not None and near(np.asarray(shown.answer(*shown.book.values()), dtype=float)):
        raise Mistake(f'this is the answer for the numbers in the book; given("{number}") prints those of your class')


def in_numbers(value: Any) -> str:
    """Numbers, or lists of them, as one types them in Python."""
    if isinstance(value, list):
        return f"[{', '.join(map(in_numbers, value))}]"
    return str(value) if isinstance(value, bool) else f"{value:g}"
