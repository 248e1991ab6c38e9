"""Mix corpora: choose source, target and emotions, and see what remains of each. Chapter 1.2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import traitlets

from tlmlda_lib import corpora, domains
from tlmlda_lib.book.explorables.base import Explorable, script, style
from tlmlda_lib.book.explorables.settings import Choice
from tlmlda_lib.corpora import EMOTIONS, TABLE_2
from tlmlda_lib.errors import UserError

#: Recordings of each emotion, by the letters of `tlmlda_lib.corpora.LETTERS`: the fewest and the most. They are counted
#: in the published files, except for E, where they follow from the paper's Table 2: the totals with disgust and with
#: surprise are equal, so both are complete, five by each of 43 speakers, and the other four lack three recordings.
COUNTS: dict[str, dict[str, tuple[int, int]]] = {
    "B": {
        emotion: (n, n)
        for emotion, n in dict(anger=127, boredom=81, disgust=46, fear=69, happy=71, neutral=79, sad=62).items()
    },
    "C": dict.fromkeys(("anger", "fear", "happy", "neutral", "sad", "surprise"), (200, 200)),
    "E": {
        **dict.fromkeys(("anger", "fear", "happy", "sad"), (212, 215)),
        **dict.fromkeys(("disgust", "surprise"), (215, 215)),
    },
    "R": {
        **dict.fromkeys(("anger", "calm", "disgust", "fear", "happy", "sad", "surprise"), (192, 192)),
        "neutral": (96, 96),
    },
}

#: Total recordings of each corpus, for E more precise than the sum.
FILES = {letter: corpora.about(letter).files or 0 for letter in COUNTS}

#: Number of speakers.
SPEAKERS = {"B": 10, "C": 4, "E": 43, "R": 24}

NAMES = {letter: corpora.about(letter).title for letter in COUNTS}
LANGUAGES = {"B": "German", "C": "Mandarin", "E": "English", "R": "English"}

#: Schemes in the page's menu.
SCHEMES = {
    name: domains.SCHEMES[name]
    for name in (*domains.PAPER_SCHEMES, *domains.OPEN_SCHEMES, *domains.LEAVE_ONE_OUT.values())
}


def recordings(letter: str, emotions: Sequence[str]) -> tuple[int, int]:
    """Recordings of some emotions in a corpus: the fewest and the most that there can be. Chapter 1.2.

    Parameters
    ----------
    letter : str
        "B", "C", "E" or "R".
    emotions : sequence of str
        Emotions that the corpus lacks count 0.
    """
    own = COUNTS[letter]
    low, high = (sum(own[e][i] for e in emotions if e in own) for i in (0, 1))
    rest_low, rest_high = (sum(n[i] for e, n in own.items() if e not in emotions) for i in (0, 1))
    return max(low, FILES[letter] - rest_high), min(high, FILES[letter] - rest_low)


def _printed() -> dict[str, dict[str, Any]]:
    """The six schemes of the paper's Table 2: the emotions, and how many recordings of source and target."""
    rows: dict[str, dict[str, Any]] = {}
    for (one, other), (emotions, sizes) in TABLE_2.items():
        for a, b, counted in ((one, other, sizes), (other, one, sizes[::-1])):
            own = {"source": corpora.short(a), "target": corpora.short(b), "sizes": list(counted)}
            rows[str(domains.schemes.Scheme((a,), b))] = {**own, "emotions": sorted(emotions)}
    return {name: rows[name] for name in domains.PAPER_SCHEMES}


#: Table 2's entry for each scheme.
PRINTED = _printed()


def row_of_table_2(source: str, target: str, emotions: Sequence[str]) -> str | None:
    """The scheme of the paper's Table 2 that a mix is, or None. Chapter 1.2.

    A mix is a row of that table if its source and its target, its emotions and the recordings on both sides are the
    printed ones.

    Parameters
    ----------
    source, target : str
        Letters of `tlmlda_lib.corpora.LETTERS`; the source may have several.
    emotions : sequence of str

    Returns
    -------
    str or None
        As "E2B".
    """
    for name, row in PRINTED.items():
        if (row["source"], row["target"], row["emotions"]) == (source, target, sorted(emotions)):
            counted = [recordings(letter, emotions) for letter in (source, target)]
            return name if counted == [(n, n) for n in row["sizes"]] else None
    return None


def _offered(scheme: domains.schemes.Scheme) -> dict[str, Any]:
    """A scheme as the page needs it."""
    *sources, target = map(corpora.short, scheme.corpora)
    words = domains.schemes.in_words(scheme)
    return {"sources": sources, "target": target, "emotions": list(scheme.emotions), "words": words}


class MixCorpora(Explorable):
    """Four corpora to mix: which emotions source and target share, how many recordings and speakers are left.

    Parameters
    ----------
    source : str
        One or more letters of B, C, E and R (EmoDB, CASIA, eNTERFACE'05, RAVDESS).
    target : str
        A letter that is not in the source.
    emotions : sequence of str, optional
        Emotions to keep; by default all that source and target share.
    address : str
        Name of the state in the page's address; empty leaves the address unchanged.

    Attributes
    ----------
    sizes : list of int
        Read back from the page: fewest and most recordings of the source, then of the target.

    Raises
    ------
    UserError
        If a letter or an emotion is not known, or the target is in the source.
    """

    _esm = script(__name__)
    _css = style(__name__)
    counts = traitlets.Dict().tag(sync=True)
    facts = traitlets.Dict().tag(sync=True)
    schemes = traitlets.Dict().tag(sync=True)
    printed = traitlets.Dict().tag(sync=True)
    every = traitlets.List(traitlets.Unicode()).tag(sync=True)
    source = traitlets.Unicode("E").tag(sync=True)
    target = Choice(COUNTS, "B")
    emotions = traitlets.List(traitlets.Unicode()).tag(sync=True)
    sizes = traitlets.List(traitlets.Int()).tag(sync=True)

    @traitlets.validate("source")
    def _corpora(self, proposal: Any) -> str:
        for letter in proposal["value"]:
            if letter not in COUNTS:
                raise UserError(f"corpus {letter!r} is not known here: use {', '.join(COUNTS)}")
        return "".join(sorted(set(proposal["value"])))

    @traitlets.validate("emotions")
    def _emotions(self, proposal: Any) -> list[str]:
        if unknown := set(proposal["value"]) - set(EMOTIONS):
            raise UserError(f"emotion {min(unknown)!r} is not known: use some of {', '.join(EMOTIONS)}")
        return [e for e in EMOTIONS if e in proposal["value"]]

    def __init__(
        self,
        source: str = "E",
        target: str = "B",
        emotions: Sequence[str] | None = None,
        *,
        address: str = "mix",
        **kwargs: Any,
    ) -> None:
        if not source or target in source or len(set(source)) < len(source):
            raise UserError(
                f"source={source!r} and target={target!r}: give each corpus once, the target not in the source"
            )
        if emotions is None:
            emotions = [
                e for e in EMOTIONS if e in COUNTS.get(target, ()) and any(e in COUNTS.get(s, ()) for s in source)
            ]
        super().__init__(
            counts={letter: {e: list(n) for e, n in own.items()} for letter, own in COUNTS.items()},
            facts={
                letter: {
                    "files": FILES[letter],
                    "speakers": SPEAKERS[letter],
                    "name": NAMES[letter],
                    "language": LANGUAGES[letter],
                }
                for letter in COUNTS
            },
            schemes={name: _offered(domains.schemes.parse(name)) for name in SCHEMES},
            printed=PRINTED,
            every=list(EMOTIONS),
            source=source,
            target=target,
            emotions=list(emotions),
            address=address,
            **kwargs,
        )
