"""Settings of an interactive figure: traits that page and Python share, and that refuse a wrong value in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import traitlets

from tlmlda_lib.errors import UserError

#: A bound or a list, or a function of the figure's data. It must not depend on another setting: a page's settings
#: arrive together, in any order.
Known = Iterable[Any] | Callable[[Any], Iterable[Any]]
Bound = float | Callable[[Any], float]


class Choice(traitlets.TraitType[Any, Any]):
    """A setting with a few values.

    Parameters
    ----------
    known : iterable, or callable that takes the figure and returns one
        The values.
    default : object
        The initial value.
    """

    def __init__(self, known: Known, default: Any) -> None:
        super().__init__(default)
        self.known = known
        self.tag(sync=True)

    def validate(self, obj: Any, value: Any) -> Any:
        """The value if it is known, otherwise a `UserError` that lists the known ones.

        Parameters
        ----------
        obj : Explorable
            The figure.
        value : object
            The new value.
        """
        known = list(self.known(obj) if callable(self.known) else self.known)
        if value not in known:
            words = ", ".join(repr(k) if k == "" else str(k) for k in known)
            raise UserError(f"{self.name}={value!r} is not known: use one of {words}")
        return known[known.index(value)]


class Number(traitlets.TraitType[Any, Any]):
    """A setting that is a number within bounds; whole if its default is.

    Parameters
    ----------
    low, high : float, or callable that takes the figure and returns one
        The bounds, inclusive.
    default : int or float
        The initial value.
    """

    def __init__(self, low: Bound, high: Bound, default: float) -> None:
        super().__init__(default)
        self.low, self.high, self.whole = low, high, isinstance(default, int)
        self.tag(sync=True)

    def validate(self, obj: Any, value: Any) -> float:
        """The value as int or float, or a `UserError` with the bounds.

        Parameters
        ----------
        obj : Explorable
            The figure.
        value : object
            The new value.
        """
        low, high = (bound(obj) if callable(bound) else bound for bound in (self.low, self.high))
        try:
            number = float(value)
            inside = low <= number <= high
        except (TypeError, ValueError):
            inside = False
        if not inside or (self.whole and number % 1):
            span = f"from {low:g}" if high == float("inf") else f"{low:g} to {high:g}"
            raise UserError(f"{self.name}={value!r} is out of range: use {'a whole number, ' * inside}{span}")
        return int(number) if self.whole else number
