"""Peeking: recorded curves of target figures, an epoch to stop at, and what is then published. Chapter 3.4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import traitlets

from tlmlda_lib.book.explorables.base import Explorable, script, style
from tlmlda_lib.book.explorables.settings import Number
from tlmlda_lib.errors import UserError

#: Names of the methods on the page.
NAMES = {
    "tlmlda": "TLMLDA",
    "tlmlda_w": "TLMLDA_w, all factors 1",
    "tlmlda_alpha": "TLMLDA_alpha, weights fixed",
    "tlmlda_m": "TLMLDA_M, no LMMD",
    "tlmlda_l": "TLMLDA_L, no MMD",
    "only_cls": "no transfer",
}

#: Keys that name a run.
_PARTS = ("scheme", "method", "preset")


def _part(name: str) -> Any:
    """A key of a run, as an attribute: setting it selects the run that differs least otherwise."""

    def change(widget: Peeking, value: str) -> None:
        now = widget.series[widget.which]
        alike = {i: sum(s[k] == now[k] for k in (*_PARTS, "epochs")) for i, s in enumerate(widget.series)}
        fitting = [i for i in alike if widget.series[i][name] == value]
        if not fitting:
            known = dict.fromkeys(s[name] for s in widget.series)
            raise UserError(f"{name}={value!r} was not run: use one of {', '.join(known)}")
        widget.which = max(fitting, key=lambda i: alike[i])

    return property(lambda widget: widget.series[widget.which][name], change, doc=f"{name.capitalize()} of the run.")


class Peeking(Explorable):
    """Stop at any epoch, keep the best of any number of seeds, and see the score in the table.

    Parameters
    ----------
    series : sequence of dict
        From `tlmlda_lib.book.pages.peeking.best_epochs.series`: recorded curves with the names of their records. With
        none, the page says that nothing was run.
    scheme, method, preset : str, optional
        Initial run; by default the longest of TLMLDA, C2B before others.
    epoch : int, optional
        Where to stop, from 1; by default the last one.
    seeds : int
        Number of recorded seeds that take part, in order.
    beside : bool
        Whether to show the network without transfer, chosen in the same way, if it was recorded.
    address : str
        Name of the state in the page's address; empty leaves the address unchanged.

    Attributes
    ----------
    result : float
        Read back from the page: the score that would be published, in percent.

    Raises
    ------
    UserError
        If the run does not exist, or does not have that epoch or number of seeds.
    """

    _esm = script(__name__)
    _css = style(__name__)
    series = traitlets.List(traitlets.Dict()).tag(sync=True)
    names = traitlets.Dict(NAMES).tag(sync=True)
    which = Number(0, lambda w: max(len(w.series) - 1, 0), 0)
    epoch = Number(1, lambda w: max([s["epochs"] for s in w.series], default=1), 1)
    seeds = Number(1, lambda w: max([len(s["seeds"]) for s in w.series], default=1), 1)
    beside = traitlets.Bool(False).tag(sync=True)
    result = traitlets.Float(0.0).tag(sync=True)
    scheme, method, preset = (_part(name) for name in _PARTS)

    def __init__(
        self,
        series: Sequence[Mapping[str, Any]],
        *,
        scheme: str | None = None,
        method: str | None = None,
        preset: str | None = None,
        epoch: int | None = None,
        seeds: int = 1,
        beside: bool = False,
        address: str = "peek",
        **kwargs: Any,
    ) -> None:
        known = [dict(s) for s in series]
        asked = {k: v for k, v in (("scheme", scheme), ("method", method), ("preset", preset)) if v is not None}
        fitting = [i for i, s in enumerate(known) if all(s[k] == v for k, v in asked.items())]
        if known and not fitting:
            there = ", ".join(f"{s['scheme']} {s['method']} {s['preset']}" for s in known[:10])
            raise UserError(f"{' '.join(asked.values())} was not run: use one of {there}")
        which = 0
        if fitting:
            wanted = ("only_cls", "tlmlda")  # the method itself before its ablations, and these before no transfer
            which = max(
                fitting,
                key=lambda i: (
                    wanted.index(known[i]["method"]) if known[i]["method"] in wanted else 0.5,
                    known[i]["epochs"],
                    known[i]["scheme"] == "C2B",
                ),
            )
            one = known[which]
            epoch = one["epochs"] if epoch is None else epoch
            for what, number, most in (("epoch", epoch, one["epochs"]), ("seeds", seeds, len(one["seeds"]))):
                if not 1 <= number <= most:
                    raise UserError(f"{what}={number} is out of range: this run has 1 to {most}")
        super().__init__(
            series=known,
            which=which,
            epoch=epoch or 1,
            seeds=seeds,
            beside=beside,
            address=address,
            **kwargs,
        )
