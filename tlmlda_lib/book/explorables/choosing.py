"""Choose C by eye on folds of the source, then uncover the target. Chapter 1.6."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import traitlets

from tlmlda_lib.book.explorables.base import Explorable, script, style
from tlmlda_lib.book.explorables.settings import Choice, Number
from tlmlda_lib.errors import UserError


class ChooseC(Explorable):
    """Scores of folds for each C; the reader chooses one, and then sees the target's scores.

    Parameters
    ----------
    grid : sequence of float
        Values of C, from small to large.
    tasks : mapping of str to (folds, target)
        By name of the task: scores of the folds, (folds, values), and of the target, (values,), in percent.
    task : str, optional
        By default the first.
    chosen : int
        Place of the chosen C in the grid, or -1 for none.
    shown : bool
        Whether the target is uncovered.
    address : str
        Name of the state in the page's address; empty leaves the address unchanged.

    Attributes
    ----------
    gain : float
        Read back from the page: what the oracle has more than the one-standard-error rule, in points.

    Raises
    ------
    UserError
        If there is no task, its shape is not that of the grid, or a setting is not known.

    Examples
    --------
    >>> ChooseC([0.1, 1], {"A to B": ([[50, 60], [52, 58]], [40, 45])}).task
    'A to B'
    """

    _esm = script(__name__)
    _css = style(__name__)
    grid = traitlets.List(traitlets.Float()).tag(sync=True)
    tasks = traitlets.List(traitlets.Dict()).tag(sync=True)
    task = Choice(lambda w: [t["name"] for t in w.tasks], "")
    chosen = Number(-1, lambda w: len(w.grid) - 1, -1)
    shown = traitlets.Bool(False).tag(sync=True)
    gain = traitlets.Float(0.0).tag(sync=True)

    def __init__(
        self,
        grid: Sequence[float],
        tasks: Mapping[str, tuple[Any, Any]],
        *,
        task: str | None = None,
        chosen: int = -1,
        shown: bool = False,
        address: str = "choose",
        **kwargs: Any,
    ) -> None:
        if not tasks:
            raise UserError("there is no task: give the scores of at least one")
        given = []
        for name, (folds, target) in tasks.items():
            rows, on_target = np.asarray(folds, dtype=float), np.asarray(target, dtype=float)
            if rows.ndim != 2 or len(rows) < 2 or rows.shape[1] != len(grid) or on_target.shape != (len(grid),):
                raise UserError(
                    f"{name}: folds of shape {rows.shape} and target of shape {on_target.shape} do not fit "
                    f"{len(grid)} values of C; at least two folds are needed"
                )
            given.append({"name": name, "folds": rows.tolist(), "target": on_target.tolist()})
        super().__init__(
            grid=[float(c) for c in grid],
            tasks=given,
            task=task or given[0]["name"],
            chosen=chosen,
            shown=shown,
            address=address,
            **kwargs,
        )
