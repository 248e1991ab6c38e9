"""Recordings of one's own: what is there decides what a scaling may see, and what comes out. Chapter 3.5."""

from __future__ import annotations

from typing import Any

import traitlets

from tlmlda_lib.book.explorables.base import Explorable, script, style
from tlmlda_lib.book.explorables.settings import Choice, Number
from tlmlda_lib.domains.scaling import WITHIN

#: Most recordings and most speakers that the page counts with.
MOST = 100, 12


class ScalingChooser(Explorable):
    """What a folder holds, what each scaling then sees and needs, and the lines to run.

    Parameters
    ----------
    corpora : {"two", "one"}
        A labelled corpus beside the recordings, or the recordings alone.
    labels : {"known", "none"}
        Of the recordings' emotions.
    names : {"known", "none"}
        Of the recordings' speakers.
    voices : {"both", "one"}
        Women and men among the speakers, or one of them.
    recordings, speakers : int
        How many, 1 to 100 and 1 to 12; dealt to the speakers in turn.
    within : {"corpus", "voices", "speaker"}
        Which scaling the lines use.
    address : str
        Name of the state in the page's address; empty leaves the address alone.

    Raises
    ------
    UserError
        If a choice is not known, or a number is out of range.
    """

    _esm = script(__name__)
    _css = style(__name__)
    corpora = Choice(("two", "one"), "two")
    labels = Choice(("known", "none"), "known")
    names = Choice(("known", "none"), "known")
    voices = Choice(("both", "one"), "both")
    within = Choice(WITHIN, "corpus")
    recordings = Number(1, MOST[0], 40)
    speakers = Number(1, MOST[1], 4)
    most = traitlets.List(traitlets.Int(), list(MOST)).tag(sync=True)

    def __init__(
        self,
        *,
        corpora: str = "two",
        labels: str = "known",
        names: str = "known",
        voices: str = "both",
        recordings: int = 40,
        speakers: int = 4,
        within: str = "corpus",
        address: str = "own",
        **kwargs: Any,
    ) -> None:
        super().__init__(
            corpora=corpora,
            labels=labels,
            names=names,
            voices=voices,
            recordings=recordings,
            speakers=speakers,
            within=within,
            address=address,
            **kwargs,
        )
