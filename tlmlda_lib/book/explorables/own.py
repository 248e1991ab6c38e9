"""Recordings of your own: what a scaling can use in them, and the resulting features. Chapter 3.5."""

from __future__ import annotations

from typing import Any

import traitlets

from tlmlda_lib.book.explorables.base import Explorable, script, style
from tlmlda_lib.book.explorables.settings import Choice, Number
from tlmlda_lib.domains.scaling import WITHIN

#: Largest numbers of recordings and of speakers.
MOST = 100, 12


class ScalingChooser(Explorable):
    """The content of a folder, what each scaling uses and needs of it, and the code to run.

    Parameters
    ----------
    corpora : {"two", "one"}
        A labelled corpus beside the recordings, or the recordings alone.
    labels : {"known", "none"}
        Whether the recordings' emotions are known.
    names : {"known", "none"}
        Whether the recordings' speakers are known.
    voices : {"both", "one"}
        Women and men among the speakers, or one of them.
    recordings, speakers : int
        Numbers of recordings, 1 to 100, and speakers, 1 to 12; recordings are assigned to the speakers in turn.
    within : {"corpus", "voices", "speaker"}
        The scaling in the code.
    address : str
        Name of the state in the page's address; empty leaves the address unchanged.

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
