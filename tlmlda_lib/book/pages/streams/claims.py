"""What the abstract of IFN claims, where this book tests it, and what came out. Chapter 4.1.

Outcomes are written from the answers of chapter 4.2's questions, so that both pages say the same.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tlmlda_lib import domains
from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.reproducibility import agreement
from tlmlda_lib.book.pages.trust import conditions, fusions
from tlmlda_lib.book.pages.trust.fusions import EVERY, Join
from tlmlda_lib.experiments import policy

NOT_RUN = "Not run."

#: How an outcome begins, by how many of two comparisons are significantly better.
WORDS = ("Not supported", "Supported in part", "Supported")


@dataclass(frozen=True)
class Found:
    """All that outcomes are written from.

    Attributes
    ----------
    records : sequence of dict
        Of the collection ``streams``.
    answers : dict of str to Answer
        As `tlmlda_lib.book.pages.trust.fusions.answers` gives them.
    stress : dict
        As `tlmlda_lib.experiments.stressed.read` gives it.
    """

    records: Sequence[Mapping[str, Any]]
    answers: Mapping[str, policy.Answer]
    stress: Mapping[str, Mapping[str, Any]]

    def text(self, name: str) -> str:
        """The answer to a question, in print, with its records.

        Parameters
        ----------
        name : str
            Name of the question.
        """
        return traced.answered(self.answers.get(name)).html()

    def better(self, names: Iterable[str]) -> list[bool]:
        """Questions in which the first side is significantly better; empty if one of them has no answer.

        Parameters
        ----------
        names : iterable of str
            Names of the questions.
        """
        verdicts = [self.answers[n].verdict if n in self.answers else "" for n in names]
        return [v == "better" for v in verdicts] if all(verdicts) else []


@dataclass(frozen=True)
class Claim:
    """A claim of the abstract in few words, the section that tests it (file, heading), and what came out.

    Without a heading it is not tested: the page asks the same of TLMLDA.

    Attributes
    ----------
    words : str
        The claim.
    page : str
        Page of the test, without ".md".
    section : str
        Heading of its section; "" if the claim is not tested.
    outcome : callable
        The outcome in words, from `Found`.
    """

    words: str
    page: str
    section: str
    outcome: Callable[[Found], str]


def complement(found: Found) -> str:
    """Whether IS10's streams and the pre-trained ones add to each other.

    Parameters
    ----------
    found : Found
        The answers and records behind the claims.
    """
    names = ("all four minus IS10's two", "all four minus the encoders' two")
    if not (better := found.better(names)):
        return NOT_RUN
    first, second = map(found.text, names)
    return (
        f"{WORDS[sum(better)]}. The two pre-trained streams change the score of the other two by {first}; those "
        f"change the score of the pre-trained two by {second}."
    )


def adaptive(found: Found) -> str:
    """Whether weights for each recording are better than one vector for all.

    Parameters
    ----------
    found : Found
        The answers and records behind the claims.
    """
    names = ("attention minus global, none", "attention minus global, tlmlda")
    if not (better := found.better(names)):
        return NOT_RUN
    first, second = map(found.text, names)
    said = f"{WORDS[sum(better)]}. Against one weight vector for all recordings: {first} without transfer, {second} "
    said += "with it. "
    worse = [
        name
        for name in fusions.FUSIONS
        if (a := found.answers.get(f"attention minus {name}, tlmlda")) and a.verdict == "worse"
    ]
    if worse:
        said += f"With transfer, attention is significantly worse than {' and '.join(worse)}."
    return said


def cross_corpus(found: Found) -> str:
    """Which schemes this book uses.

    Parameters
    ----------
    found : Found
        The answers and records behind the claims.
    """
    schemes = fusions.common(found.records, [Join(EVERY)])
    if not schemes:
        return NOT_RUN
    corpora = len({name for scheme in schemes for name in domains.schemes.parse(scheme).corpora})
    return f"Adopted: {len(schemes)} schemes over {corpora} corpora. The abstract does not name its corpora."


def art(found: Found) -> str:
    """Not tested.

    Parameters
    ----------
    found : Found
        The answers and records behind the claims.
    """
    return "Not tested: the abstract names no benchmark and no score to compare with."


def single(found: Found) -> str:
    """Whether the whole is better than each stream alone.

    Parameters
    ----------
    found : Found
        The answers and records behind the claims.
    """
    said = []
    for transfer, words in (("none", "Without transfer"), ("tlmlda", "With it")):
        names = [f"attention minus {s} alone, {transfer}" for s in EVERY]
        if not (better := found.better(names)):
            return NOT_RUN
        said.append((all(better), words, found.text(names[2]), found.text(names[3])))
    parts = [
        f"{words}: {speaker} over the speaker encoder alone, {other} over the recogniser alone"
        for _, words, speaker, other in said
    ]
    (without, *_), (with_it, *_) = said
    verdict = {(True, True): WORDS[2], (True, False): "Supported without transfer, not with it"}.get(
        (without, with_it), WORDS[without or with_it]
    )
    return f"{verdict}. {'. '.join(parts)}."


def repeats(found: Found) -> str:
    """How far scores and answers repeat.

    Parameters
    ----------
    found : Found
        The answers and records behind the claims.
    """
    score = fusions.mean(found.records, Join(EVERY))
    same = agreement.over_splits(found.stress, "general_fractional", "both")
    if not (score.records and same.records):
        return NOT_RUN
    return (
        f"{WORDS[1]}. The mean score repeats ({score.html()}, four streams), single answers less: two runs that differ "
        "in their seed, in a quarter of the source's speakers or in both give the same answer for "
        f"{same.html()} % of the recordings (three streams)."
    )


def robust(found: Found) -> str:
    """What conditions cost.

    Parameters
    ----------
    found : Found
        The answers and records behind the claims.
    """
    if not found.stress:
        return NOT_RUN
    clean = conditions.war(found.stress, conditions.CLEAN)
    under = {r: conditions.war(found.stress, r) for r in conditions.WORDS if r != conditions.CLEAN}
    worst = min(under, key=lambda r: under[r].value)
    lower = sum(f.high < clean.low for f in under.values())
    verdict = WORDS[0] if lower == len(under) else WORDS[1] if lower else WORDS[2]
    return (
        f"{verdict}. WAR of the three-stream network is {clean.html()} on recordings as they are, and at worst "
        f"{under[worst].html()} ({conditions.WORDS[worst]})."
    )


def clinic(found: Found) -> str:
    """Not tested.

    Parameters
    ----------
    found : Found
        The answers and records behind the claims.
    """
    return "Not tested, and not to be inferred from acted speech: the linked section says why."


#: In the abstract's order.
CLAIMS = (
    Claim(
        "Acoustic, prosodic and pre-trained streams complement each other",
        "trust",
        "Better than one stream?",
        complement,
    ),
    Claim(
        "Attention emphasises the most informative streams for each sample",
        "trust",
        "Better than other fusions?",
        adaptive,
    ),
    Claim("Evaluated by cross-corpus protocols", "streams", "Each stream alone", cross_corpus),
    Claim("State of the art on multiple benchmarks", "peers", "", art),
    Claim(
        "Generalises significantly better than single-stream baselines",
        "trust",
        "Better than one stream?",
        single,
    ),
    Claim("Consistent across runs and dataset splits", "reproducibility", "Other speakers to learn from", repeats),
    Claim("Robust across diverse acoustic environments", "trust", "When the line is bad", robust),
    Claim("Suitable for medical and clinical deployment", "reproducibility", "Not for a clinic", clinic),
)


def anchor(heading: str) -> str:
    """The id that the site gives to a heading.

    Parameters
    ----------
    heading : str
        Text of the heading.
    """
    return "-".join("".join(c if c.isalnum() else " " for c in heading.lower()).split())


def table(found: Found, caption: str, chapters: Mapping[str, str], claims: Sequence[Claim] = CLAIMS) -> str:
    """The table of the page.

    Parameters
    ----------
    found : Found
    caption : str
    chapters : dict of str to str
        Numbers of the pages, as "4.2".
    claims : sequence of Claim

    Returns
    -------
    str
        HTML.
    """
    body = ""
    for c in claims:
        where = f"{chapters[c.page]}, {html.escape(c.section)}" if c.section else f"{chapters[c.page]} (of TLMLDA)"
        target = f"{c.page}.html" + (f"#{anchor(c.section)}" if c.section else "")
        body += f'<tr><th scope="row">{html.escape(c.words)}</th>'
        body += f'<td><a href="{target}">{where}</a></td><td>{c.outcome(found)}</td></tr>'
    head = "".join(f'<th scope="col">{h}</th>' for h in ("the abstract claims", "tested in", "outcome here"))
    return (
        f'<div class="pst-scrollable-table-container"><table class="table claims">'
        f"<caption>{html.escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
