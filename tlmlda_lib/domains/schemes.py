"""Schemes: source corpora, target corpus, and the emotions that they share. Chapter 1.4."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tlmlda_lib import corpora
from tlmlda_lib.errors import UserError, did_you_mean, one_of

#: The paper's six schemes, the six with RAVDESS (R) for eNTERFACE (E) that anyone can run, and leave-one-corpus-out.
PAPER_SCHEMES = ("E2B", "B2E", "E2C", "C2E", "B2C", "C2B")
OPEN_SCHEMES = ("R2B", "B2R", "B2C", "C2B", "R2C", "C2R")
MADE_SCHEMES = ("d2e", "e2d", "d2z", "z2d", "e2z", "z2e")
LEAVE_ONE_OUT = {"loco-B": "CR2B", "loco-C": "BR2C", "loco-R": "BC2R"}

#: Pairs that share more emotions than are used: they keep those of the paper's pair that they replace. Within one of
#: the open corpora they are the five that all three share.
STANDS_FOR: dict[frozenset[str], frozenset[str]] = {
    frozenset(("ravdess", "emodb")): frozenset(("enterface", "emodb")),
    frozenset(("ravdess", "casia")): frozenset(("enterface", "casia")),
    frozenset(("made-de", "made-en")): frozenset(("emodb", "enterface")),
    frozenset(("made-en", "made-zh")): frozenset(("enterface", "casia")),
    frozenset(("made-de", "made-zh")): frozenset(("emodb", "casia")),
    **{frozenset((name,)): frozenset(("emodb", "casia", "ravdess")) for name in ("emodb", "casia", "ravdess")},
}

#: How the part of a target begins in which one emotion is most of the recordings: "mostly-anger".
MOSTLY = "mostly-"

#: Fewest emotions that the corpora of a scheme must share.
FEWEST = 3

_SHORT = re.compile(r"([A-Za-z]+)2([A-Za-z])(?:-(.+))?")
_TO, _AND = "_to_", "+"


@dataclass(frozen=True)
class Scheme:
    """One or more source corpora, and a target corpus; or one corpus, of which a part is the target. Chapter 1.4.

    ``str(scheme)`` is its name in records: letters if every corpus has one, as "C2B", "CR2B" and "C2B-female",
    otherwise names, as "casia_to_folder.calls" and "casia+emodb_to_folder.calls".

    Attributes
    ----------
    sources : tuple of str
        Names of corpora; they are kept in the order of `tlmlda_lib.corpora.CORPORA`.
    target : str
        Name of a corpus that is not a source; or the only source, if a part of it is held out, as in "B2B-03".
    part : str
        "female", "male", a speaker, or "mostly-" and an emotion, if only that part of the target is recognised; "" for
        all of it. The last one is not held out of a source.

    Raises
    ------
    UserError
        If a corpus is not known or occurs twice, or the corpora share fewer than three emotions.
    """

    sources: tuple[str, ...]
    target: str
    part: str = ""

    def __post_init__(self) -> None:
        order = list(corpora.CORPORA)
        given = [corpora.corpus_name(name) for name in self.sources]
        sources = sorted(given, key=lambda name: (order.index(name) if name in order else len(order), name))
        object.__setattr__(self, "sources", tuple(sources))
        object.__setattr__(self, "target", corpora.corpus_name(self.target))
        names = self.sources if self.within else self.corpora
        if "folder" in names:
            raise UserError("corpus 'folder' needs a name in a scheme: write folder.calls for the folder calls")
        if not sources or (twice := [name for name in names if names.count(name) > 1]):
            what = f"names {twice[0]} twice" if sources else "has no source"
            raise UserError(f"the scheme to {self.target} {what}: name one source or more, and another target")
        if all(corpora.about(name).emotions for name in names):
            enough(self.emotions, names)

    @property
    def within(self) -> bool:
        """Whether the source is the target's corpus without the part that is the target."""
        return self.sources == (self.target,) and self.part != "" and not self.part.startswith(MOSTLY)

    @property
    def whole(self) -> str:
        """Its name without the part."""
        return str(self).removesuffix(f"-{self.part}")

    @property
    def corpora(self) -> tuple[str, ...]:
        """The sources, then the target."""
        return (*self.sources, self.target)

    @property
    def emotions(self) -> tuple[str, ...]:
        """Emotions that all its corpora have, ordered by name; () if they depend on the recordings of one."""
        pair = frozenset(self.corpora)
        pair = STANDS_FOR.get(pair, pair)
        return common(corpora.about(name).emotions for name in pair)

    def __str__(self) -> str:
        letters = [corpora.about(name).letter for name in self.corpora]
        if all(letters):
            whole = f"{''.join(letters[:-1])}2{letters[-1]}"
        else:
            whole = f"{_AND.join(self.sources)}{_TO}{self.target}"
        return f"{whole}-{self.part}" if self.part else whole


def parse(text: str | Scheme) -> Scheme:
    """The scheme that a text names. Chapter 1.4.

    Parameters
    ----------
    text : str
        Letters of corpora, as "C2B" (CASIA to EmoDB) or "CR2B" (CASIA and RAVDESS to EmoDB), or names, as
        "casia_to_emodb", "casia+ravdess_to_emodb" or "casia_to_folder.calls" (your folder ``calls`` below that of the
        corpora). Either may end in a part of the target, as "C2B-female", "C2B-03" or "C2B-mostly-anger";
        "B2B-03" holds a speaker out of B. A key of `LEAVE_ONE_OUT`, as "loco-B".

    Returns
    -------
    Scheme

    Raises
    ------
    UserError
        If the text is not a scheme, or as in `Scheme`.

    Examples
    --------
    >>> str(parse("casia_to_emodb")), parse("C2B").target
    ('C2B', 'emodb')
    """
    if isinstance(text, Scheme):
        return text
    written = LEAVE_ONE_OUT.get(text, text)
    if _TO in written and not written.endswith("-"):
        sources, _, rest = written.partition(_TO)
        target, part = _target(rest)
        return Scheme(tuple(sources.split(_AND)), target, part)
    found = _SHORT.fullmatch(written)
    if found is None:
        known = one_of(written, [*SCHEMES, *LEAVE_ONE_OUT])
        raise UserError(f"scheme {text!r} is not known: name any two corpora, as casia_to_emodb, or use {known}")
    sources, target, part = found.groups()
    for letter in (*sources, target):
        if letter not in corpora.LETTERS:
            known = ", ".join(f"{x} ({name})" for x, name in corpora.LETTERS.items())
            near = did_you_mean(written, SCHEMES) or did_you_mean(written.upper(), SCHEMES)
            raise UserError(f"scheme {text!r} is not known: no corpus has the letter {letter}, use {known}{near}")
    return Scheme(tuple(corpora.LETTERS[letter] for letter in sources), corpora.LETTERS[target], part or "")


def find(text: str | Scheme) -> Scheme | None:
    """The scheme that a text names, or None if the text is another name in a pair's records.

    Parameters
    ----------
    text : str or Scheme
        As in `parse`.
    """
    try:
        return parse(text)
    except UserError:
        return None


def in_words(scheme: str | Scheme, *, full: bool = False) -> str:
    """A scheme in a sentence: "C to B", "C and R to B", "C to B, female".

    Parameters
    ----------
    scheme : str or Scheme
        As `parse` takes it; another name of a pair stays as it is.
    full : bool
        Use titles instead of letters: "CASIA to EmoDB".

    Examples
    --------
    >>> in_words("C2B"), in_words("C2B", full=True)
    ('C to B', 'CASIA to EmoDB')
    >>> in_words("B2B-03")
    'within B, 03 held out'
    """
    one = find(scheme)
    if one is None:
        return str(scheme)
    named = [corpora.about(name).title if full else corpora.short(name) for name in one.corpora]
    if one.within:
        return f"within {named[-1]}, {one.part} held out"
    *first, last = named[:-1]
    sources = f"{', '.join(first)} and {last}" if first else last
    return f"{sources} to {named[-1]}" + (f", {one.part}" if one.part else "")


def common(label_sets: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """Emotions in all of several sets, ordered by name; "calm" is not "neutral".

    Parameters
    ----------
    label_sets : iterable of iterable of str
        Emotions of each corpus.

    Examples
    --------
    >>> common([{"anger", "sad", "calm"}, {"sad", "anger", "neutral"}])
    ('anger', 'sad')
    """
    shared = set.intersection(*map(set, label_sets))
    return tuple(e for e in corpora.EMOTIONS if e in shared)


def enough(emotions: tuple[str, ...], names: Iterable[str]) -> tuple[str, ...]:
    """The given emotions, if some corpora share enough of them.

    Parameters
    ----------
    emotions : tuple of str
        Shared emotions.
    names : iterable of str
        Names of the corpora, for the message.

    Raises
    ------
    UserError
        If there are fewer than `FEWEST`.
    """
    if len(emotions) < FEWEST:
        shared = f" ({', '.join(emotions)})" if emotions else ""
        raise UserError(
            f"{' and '.join(names)} have {len(emotions)} emotions in common{shared}: name corpora that share {FEWEST} "
            "or more"
        )
    return emotions


def _target(text: str) -> tuple[str, str]:
    """A target by name and its part; the name of a corpus may itself contain a hyphen."""
    named = [name for name in corpora.CORPORA if text == name or text.startswith(f"{name}-")]
    name = max(named, key=len) if named else text.partition("-")[0]
    return name, text[len(name) + 1 :]


#: Emotions of the schemes that the paper and this book use, by their short forms; any other two corpora make one, too.
SCHEMES: dict[str, tuple[str, ...]] = {
    name: parse(name).emotions
    for name in (
        *("E2B", "E2C", "R2B", "R2C", "B2E", "C2E", "B2R", "C2R", "B2C", "C2B"),
        *LEAVE_ONE_OUT.values(),
        *("d2e", "e2d", "e2z", "z2e", "d2z", "z2d"),
    )
}
