"""What is known of a published corpus before it is read, and where each fact is stated. Chapter 1.2."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

#: Languages of the corpora, by their codes in tables.
LANGUAGES = {
    "am": "Amharic",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fa": "Persian",
    "fr": "French",
    "it": "Italian",
    "pl": "Polish",
    "tr": "Turkish",
    "ur": "Urdu",
    "zh": "Mandarin",
}

#: The facts that need a source; "names" is what the names of files and folders mean, as the codes of emotions.
FACTS = ("language", "names", "files", "speakers", "licence", "address")


@dataclass(frozen=True)
class Facts:
    """A published corpus, as its makers or its users describe it.

    Attributes
    ----------
    title : str
        Its name in a text.
    layout : str
        An example of a file's name and folders, and what they say.
    language : str
        A key of `LANGUAGES`.
    files, speakers : int
        As published.
    licence : str
        Name of the licence, or the terms in a few words.
    address : str
        Where it can be had.
    sources : mapping of str to str
        Where facts are stated: one or more of `FACTS`, separated by spaces, and a repository's file or a page. A fact
        without a source is unconfirmed.
    trusts : {"name", "folder"}
        Which of the two counts where the name of a file and the names of its folders contradict each other.
    """

    title: str
    layout: str
    language: str
    files: int
    speakers: int
    licence: str
    address: str
    sources: Mapping[str, str] = field(hash=False)
    trusts: Literal["name", "folder"] = "name"

    @property
    def unconfirmed(self) -> tuple[str, ...]:
        """The facts for which no source was found."""
        stated = {name for names in self.sources for name in names.split()}
        return tuple(name for name in FACTS if name not in stated)

    def no_code(self, code: str, known: Iterable[str]) -> str:
        """Why a recording is left out whose name has a code of no emotion: the end of a sentence.

        Parameters
        ----------
        code : str
            As the name has it.
        known : iterable of str
            The corpus's codes.
        """
        return f"has the emotion code {code!r}, which is not one of {self.title}'s ({', '.join(known)}): left out"
