"""The parts of the method, switched on and off over runs that were recorded. Chapter 3.1."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

import traitlets

from tlmlda_lib.book.explorables.base import Explorable, script, style
from tlmlda_lib.book.explorables.settings import Choice
from tlmlda_lib.book.pages.ablations.switches import METHODS, MOST, SWITCHES, curves
from tlmlda_lib.domains import schemes
from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import RULES


class LossSwitches(Explorable):
    """WAR over the epochs for the parts that are switched on, beside the whole method; and which runs are missing.

    Nothing is trained: the page contains the scores of the records from which it was built.

    Parameters
    ----------
    records : iterable of dict
        As `tlmlda_lib.experiments.shipped.records` gives them.
    scheme : str, optional
        A recorded scheme; by default C2B, or the first.
    setting : str, optional
        A preset, with the number of epochs if it is not the preset's own, as "authors-150"; by default the first.
    rule : {"final", "unsupervised", "oracle"}
    switches : str
        A digit, 1 for on, for each of `tlmlda_lib.book.pages.ablations.switches.SWITCHES`.
    most : int
        Largest number of epochs to draw.
    address : str
        Name of the state in the page's address; empty leaves the address unchanged.

    Raises
    ------
    UserError
        If the records contain no run of the method, or a choice is not known.
    """

    _esm = script(__name__)
    _css = style(__name__)
    data = traitlets.Dict().tag(sync=True)
    scheme_words = traitlets.Dict().tag(sync=True)
    scheme = Choice(lambda w: w.data["schemes"], "")
    setting = Choice(lambda w: w.data["settings"], "")
    rule = Choice(RULES, "final")
    switches = Choice(["".join(bits) for bits in product("01", repeat=len(SWITCHES))], METHODS["tlmlda"])

    def __init__(
        self,
        records: Iterable[Mapping[str, Any]],
        *,
        scheme: str | None = None,
        setting: str | None = None,
        rule: str = "final",
        switches: str = METHODS["tlmlda"],
        most: int = MOST,
        address: str = "parts",
        **kwargs: Any,
    ) -> None:
        data = curves(records, most=most)
        if not data["runs"]:
            raise UserError("there is no record of TLMLDA or one of its parts: `tlmlda reproduce table3` makes them")
        scheme = scheme or ("C2B" if "C2B" in data["schemes"] else data["schemes"][0])
        setting = setting or next(iter(data["settings"]))
        if not re.fullmatch(f"[01]{{{len(SWITCHES)}}}", switches):
            raise UserError(f"switches={switches!r} is not known: a digit 0 or 1 for each of {', '.join(SWITCHES)}")
        super().__init__(
            data=data,
            scheme_words={name: schemes.in_words(name) for name in data["schemes"]},
            scheme=scheme,
            setting=setting,
            rule=rule,
            switches=switches,
            address=address,
            **kwargs,
        )
