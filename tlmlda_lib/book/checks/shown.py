"""The data that an exercise shows: the book's, or a class's own.

Exercises whose answer is a number show the data from which it follows. A word generates other data, and with them other
answers, so that one class cannot hand in another's results::

    classroom("spring-2027")  # or TLMLDA_CLASS=spring-2027 in the environment
    zs, zt = given("2.3.1")

The same word gives the same data on every machine. Exercises whose answer is a function do not need this: their check
calls the function on data that are not shown.
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

#: Most draws of data until every usual slip is recognisable by its number.
DRAWS = 2000


class Dice:
    """Random draws seeded by a word, equal under every version of Python and NumPy.

    Parameters
    ----------
    word : str
        The seed.
    """

    def __init__(self, word: str) -> None:
        self._word, self._count = word, 0

    def pick(self, values: Sequence[T]) -> T:
        """One of several values.

        Parameters
        ----------
        values : sequence
            To choose from.
        """
        self._count += 1
        seed = hashlib.sha256(f"{self._word}\0{self._count}".encode()).digest()
        return values[int.from_bytes(seed[:8], "big") % len(values)]

    def array(self, shape: tuple[int, ...], values: Sequence[float]) -> np.ndarray:
        """An array of random values.

        Parameters
        ----------
        shape : tuple of int
            Its shape.
        values : sequence of float
            To choose from.
        """
        drawn = [self.pick(values) for _ in range(int(np.prod(shape)))]
        return np.array(drawn).reshape(shape)


@dataclass(frozen=True)
class Shown:
    """What an exercise shows, and how a class's own data are drawn."""

    book: Data  # the book's data, by the names that the exercise uses
    draw: Callable[[Dice], Data | None]  # None if a draw is unsuitable
    answer: Callable[..., Any]  # from the data, by position: a number, or several
    slips: Callable[..., Mapping[str, Any]]  # from the data: results of the usual slips, by their sentence
    apart: Callable[[np.ndarray, np.ndarray], bool]  # whether the check can distinguish two answers

    def is_clear(self, data: Data) -> bool:
        """Whether the answer differs from the book's, and answer and slips are all distinguishable.

        Parameters
        ----------
        data : dict of str to ndarray
            A draw.
        """
        found = [self.answer(*data.values()), *self.slips(*data.values()).values()]
        arrays = [np.asarray(one, dtype=float) for one in found]
        book = np.asarray(self.answer(*self.book.values()), dtype=float)
        return all(np.isfinite(one).all() for one in arrays) and all(
            self.apart(one, other) for one, other in [(arrays[0], book), *combinations(arrays, 2)]
        )


def by(margin: float) -> Callable[[np.ndarray, np.ndarray], bool]:
    """The test whether two numbers differ by more than a margin.

    Parameters
    ----------
    margin : float
        The margin.
    """
    return lambda one, other: bool(np.abs(one - other).max() > margin)


def by_part(part: float) -> Callable[[np.ndarray, np.ndarray], bool]:
    """The test whether two lists of numbers differ somewhere by more than a relative margin.

    Parameters
    ----------
    part : float
        The margin, as a part of the number.
    """
    return lambda one, other: not np.allclose(one, other, rtol=part, atol=0)


#: By the exercise's number.
SHOWN: dict[str, Shown] = {}
_word: str | None = None


def classroom(word: str | None) -> None:
    """Switch the exercises to a class's data, in this process; without a word, to the book's.

    Parameters
    ----------
    word : str or None
        Any word, the same for the whole class, in any case. It overrides the environment variable TLMLDA_CLASS.

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
    """The word that seeds the data, or None if they are the book's."""
    word = os.environ.get("TLMLDA_CLASS", "") if _word is None else _word
    return _plain(word)


def _plain(word: str) -> str | None:
    return " ".join(unicodedata.normalize("NFC", word.lower()).split()) or None


def data_of(number: str, word: str | None = None) -> Data:
    """An exercise's data, by name, as its check has them.

    Parameters
    ----------
    number : str
        As "2.3.1".
    word : str, optional
        Class whose data are wanted; by default the class in force.
    """
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
    raise UserError(f"no data for {number} can be drawn for the class word {word!r}: choose another word")


def given(number: str, **shown: Any) -> tuple[np.ndarray, ...]:
    """The data of an exercise, printed if a class has its own.

    Parameters
    ----------
    number : str
        As "2.3.1".
    **shown : array
        The data as the page shows them, by name; returned if no class has its own. By default the library's copy.

    Returns
    -------
    tuple of array

    Raises
    ------
    UserError
        If the exercise shows no data that vary, or if the names differ.
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
    """Raise a `Mistake` if a class has its own data and the answer is the book's.

    Parameters
    ----------
    number : str
        As "2.3.1".
    near : callable
        Whether a number is the reader's answer.
    """
    shown = SHOWN[number]
    if class_word() is not None and near(np.asarray(shown.answer(*shown.book.values()), dtype=float)):
        raise Mistake(f'this is the answer for the numbers in the book; given("{number}") prints those of your class')


def in_numbers(value: Any) -> str:
    """Numbers, or lists of them, as Python source.

    Parameters
    ----------
    value : number or list
        Nested to any depth.
    """
    if isinstance(value, list):
        return f"[{', '.join(map(in_numbers, value))}]"
    return str(value) if isinstance(value, bool) else f"{value:g}"
