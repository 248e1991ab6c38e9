"""What the landing page computes: three voices, and sentences about the table of recorded runs."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import soundfile
from IPython.display import HTML, Markdown
from numpy.typing import NDArray

from tlmlda_lib import corpora, domains
from tlmlda_lib.book.explorables.sitting import at_one_level
from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.words import listed
from tlmlda_lib.corpora.sound import mp3
from tlmlda_lib.domains import OPEN_SCHEMES, PAPER_SCHEMES
from tlmlda_lib.experiments import policy, tables
from tlmlda_lib.features import prosody

Record = Mapping[str, Any]

#: Language, speaker and emotion of each voice.
VOICES = {"A": ("de", "f2", "happy"), "B": ("en", "f2", "anger"), "C": ("en", "f2", "happy")}

VERDICTS = {"open": "no significant difference", "better": "a significant gain", "worse": "a significant loss"}


@dataclass(frozen=True)
class Voice:
    """A clip, and the numbers of `tlmlda_lib.features.prosody.measure`.

    Attributes
    ----------
    samples : ndarray of shape (n,), float32
        The sound.
    rate : int
        Hz.
    numbers : dict of str to float
        The measurements.
    """

    samples: NDArray[np.float32]
    rate: int
    numbers: dict[str, float]


def voices() -> dict[str, Voice]:
    """The voices of the page's first question, by their letters."""
    found = {}
    for letter, (language, speaker, emotion) in VOICES.items():
        made = corpora.synthetic(language, progress=False)  # a bar would load scripts that this page needs not
        file = next(f for f in made.index if f.endswith(f"{speaker}-{emotion}-01.wav"))
        samples, rate = soundfile.read(file, dtype="float32")
        numbers = prosody.measure(samples, rate, prosody.SYLLABLES[language][0])
        found[letter] = Voice(samples, rate, numbers)
    return found


def players(found: Mapping[str, Voice]) -> HTML:
    """A player for each voice, all at one level.

    Parameters
    ----------
    found : dict of str to Voice
        B has to be lower, rougher and less clear than the others, for the answer on the page says so.
    """
    numbers = {letter: voice.numbers for letter, voice in found.items()}
    angry, others = numbers["B"], [own for letter, own in numbers.items() if letter != "B"]
    assert all(own["pitch"] > angry["pitch"] for own in others)
    assert all(own["shimmer"] < angry["shimmer"] - 0.5 for own in others)
    assert all(own["harmonicity"] > angry["harmonicity"] + 2 for own in others)
    levelled = at_one_level([voice.samples for voice in found.values()])
    heard = ""
    for (letter, voice), samples in zip(found.items(), levelled, strict=True):
        sound = base64.b64encode(mp3(samples, voice.rate)).decode()
        heard += (
            f"<figure><figcaption>{letter}</figcaption>"
            f'<audio controls aria-label="voice {letter}" src="data:audio/mpeg;base64,{sound}"></audio></figure>'
        )
    return HTML(f'<div class="voices">{heard}</div>')


def summary(records: Sequence[Record], table: pd.DataFrame, final: pd.DataFrame, gain: policy.Answer) -> Markdown:
    """What stands below the table of scores.

    Parameters
    ----------
    records : sequence of dict
        As `tlmlda_lib.experiments.shipped.records` gives them.
    table, final : DataFrame
        `tables.summary` of the records, and of it `tables.by_scheme` over the open schemes.
    gain : Answer
        As `lift` finds it.
    """
    means = final.dropna()["mean"]
    best, hardest = means.idxmax(), final.max().drop("mean")
    counted = {domains.schemes.parse(r["scheme"]).target: r["counts"]["target_speakers"] for r in records}
    speakers = {corpora.short(name): n for name, n in counted.items()}
    missing = [scheme for scheme in PAPER_SCHEMES if scheme not in set(table["scheme"])]
    mean, most = lifts_of_the_oracle(table)
    return Markdown(
        f"Each utterance is {records[0]['data']['columns']} numbers. All of it comes from {len(records)} records of "
        f"single runs. The rows {numbers_of_runs(table)}. Every other row is one run of a method whose result does not "
        f"depend on the seed. Guessing evenly would give {table['chance'].min():.0f} %, always naming the target's "
        f"commonest emotion {table['majority'].min():.0f} to {table['majority'].max():.0f} %. The highest mean of the "
        f"{len(OPEN_SCHEMES)} schemes is {means.max():.1f} % (`{best[0]}`, {best[1]}, {best[2]}); the hardest scheme "
        f"is {hardest.idxmin()}, where no row passes {hardest.min():.1f} %. Beside the same network without transfer "
        f"(`only_cls`), TLMLDA scores {traced.answered(gain).html()} on average over the schemes, in points: "
        f"{VERDICTS[gain.verdict]}; chapter 3.1 has each scheme. Had the epoch been chosen by the target's own labels, "
        f"the trained networks would seem {mean:.1f} points better on average, and up to {most:.1f}. The targets have "
        f"{', '.join(f'{n} speakers ({corpus})' for corpus, n in sorted(speakers.items()))}. Of the paper's schemes "
        f"{', '.join(missing)} were not run."
    )


def numbers_of_runs(table: pd.DataFrame) -> str:
    """Which methods are means of how many runs: "`a` and `b` are means of 10 runs; `c` is a mean of ...".

    Parameters
    ----------
    table : DataFrame
        As from `tlmlda_lib.experiments.tables.summary`.
    """
    counted = table.pivot_table("seeds", "method", "scheme", "max")
    most = counted.max(axis=None)
    whole = counted.index[(counted == most).all(axis=1)]
    said = [f"{listed([f'`{method}`' for method in whole])} are means of {most} runs"]
    for method, own in counted.loc[counted.min(axis=1) < counted.max(axis=1)].iterrows():
        kinds = [(n, listed(list(own.index[own == n]))) for n in sorted(own.unique(), reverse=True)]
        shown = [f"a mean of {n} runs on {where}" if n > 1 else f"a single run on {where}" for n, where in kinds]
        said.append(f"`{method}` is {' and '.join(shown)}")
    return "; ".join(said)


def lift(records: Sequence[Record]) -> policy.Answer:
    """TLMLDA against the same network without transfer, over the open schemes.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    """

    def runs_of(method: str) -> list[Record]:
        kind = (method, "recommended-is10")
        return [r for r in records if (r["method"], r["preset"]) == kind and r["scheme"] in OPEN_SCHEMES]

    return policy.ask({"gain": (runs_of("tlmlda"), runs_of("only_cls"))})["gain"]


def lifts_of_the_oracle(table: pd.DataFrame) -> tuple[float, float]:
    """Mean and largest gain of the best epoch on target labels, of the methods with more than one seed.

    Parameters
    ----------
    table : DataFrame
        As from `tlmlda_lib.experiments.tables.summary`.
    """
    drawn = table[table["seeds"] > 1]
    gains = drawn["oracle_war"] - drawn["score_war"]
    return gains.mean(), gains.max()


def notes(records: Sequence[Record]) -> Markdown:
    """Notes on the numbers in the full table, and on the records.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    """
    return Markdown("\n\n".join([tables.CAPTION, *tables.notes(records)]))
