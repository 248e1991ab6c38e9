"""Computed content of chapter 0.1: fifteen clips, anger and sadness relative to neutral, and the effect of training."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any

import soundfile
from IPython.display import Markdown

from tlmlda_lib import corpora
from tlmlda_lib.book.pages import traced
from tlmlda_lib.experiments import policy
from tlmlda_lib.features import prosody

Record = Mapping[str, Any]
Clip = Mapping[str, Any]

EMOTIONS = ("anger", "fear", "happy", "neutral", "sad")
NAMES = {"de": "German", "en": "English", "zh": "Mandarin"}
SPEAKER = "f1"  # a woman in all three

#: What the table shows, by the names of `prosody.measure`.
COLUMNS = {"level": "level (dB)", "pitch": "pitch (semitones)", "harmonicity": "tone over noise (dB)"}

#: The questions asked of people's recordings: their names, and the schemes of each.
ASKED = {"B2C": ("B2C",), "C2B": ("C2B",), "the mean of both": ("B2C", "C2B")}


def clips() -> list[dict[str, Any]]:
    """The first text of each emotion by one woman of each language, as `Hear` takes it."""
    return [_clip(file, row) for language in NAMES for file, row in _first_text(language).iterrows()]


def _first_text(language: str) -> Any:
    table = corpora.synthetic(language, progress=False)
    one = table[(table["speaker"] == SPEAKER) & table["emotion"].isin(EMOTIONS)]
    return one[one.index.str.endswith("-01.wav")]


def _clip(file: str, row: Mapping[str, Any]) -> dict[str, Any]:
    samples, rate = soundfile.read(file, dtype="float32")
    who = row["speaker"]
    return {
        "emotion": row["emotion"],
        "corpus": NAMES[row["language"]],
        "samples": samples,
        "rate": rate,
        "caption": f"Synthetic speech (espeak-ng), speaker {who}, played at the same level as the other clips.",
    }


def from_neutral(clips: Sequence[Clip]) -> dict[tuple[str, str], dict[str, float]]:
    """By corpus and emotion, how far level, pitch and harmonicity are from the neutral clip.

    Parameters
    ----------
    clips : sequence of dict
        As `clips` gives them, with a neutral one of each corpus.

    Returns
    -------
    dict of (str, str) to dict of str to float
        In decibels, and for the pitch in semitones.
    """
    language = {name: code for code, name in NAMES.items()}
    said = {}
    for clip in clips:
        syllables = prosody.SYLLABLES[language[clip["corpus"]]][0]
        said[clip["corpus"], clip["emotion"]] = prosody.measure(clip["samples"], clip["rate"], syllables)
    away = {}
    for (corpus, emotion), now in said.items():
        own = said[corpus, "neutral"]
        away[corpus, emotion] = {name: now[name] - own[name] for name in COLUMNS}
        away[corpus, emotion]["pitch"] = 12 * math.log2(now["pitch"] / own["pitch"])
    return away


def anger_and_sadness(away: Mapping[tuple[str, str], Mapping[str, float]]) -> Markdown:
    """The table of `from_neutral`, for two emotions.

    Parameters
    ----------
    away : mapping
        As from `from_neutral`.
    """
    rows = [f"| | {' | '.join(COLUMNS.values())} |", "| --- |" + " --: |" * len(COLUMNS)]
    for emotion in ("anger", "sad"):
        for corpus in dict.fromkeys(corpus for corpus, _ in away):
            numbers = [f"{away[corpus, emotion][name]:+.1f}".replace("-", "−") for name in COLUMNS]
            rows.append(f"| {emotion}, {corpus} | " + " | ".join(numbers) + " |")
    return Markdown("\n".join(rows))


def gap(within: float, across: float, own: float) -> Markdown:
    """What is lost across corpora, and what scaling brings back; shares of the utterances, from 0 to 1.

    Parameters
    ----------
    within : float
        Share recognised within a corpus.
    across : float
        Share recognised across corpora.
    own : float
        Share recognised across corpora, each scaled by itself.
    """
    return Markdown(
        f"Of {100 * within:.1f} % within a corpus, {100 * across:.1f} % are left in another language. Scaling alone "
        f"brings back {100 * (own - across):.1f} points without having learnt anything. What is left to win lies "
        f"between {100 * own:.1f} and {100 * within:.1f} %, if Mandarin is no harder than German."
    )


def whether_it_helped(
    shares: Mapping[str, Sequence[float]], apart: Mapping[str, float], floors: Mapping[str, float]
) -> Markdown:
    """Whether source and target came closer, and whether more was recognised.

    Parameters
    ----------
    shares : dict of str to sequence of float
        Percent recognised, for each seed, of ``tlmlda`` and ``only_cls``.
    apart, floors : dict of str to float
        MMD of the aligned layer, and what is left of it by chance.
    """
    gain = mean(shares["tlmlda"]) - mean(shares["only_cls"])
    spread = max(max(values) - min(values) for values in shares.values())
    closer = apart["tlmlda"] / apart["only_cls"]
    said = f"The distance fell to {100 * closer:.0f} % of what it is without alignment"
    if apart["tlmlda"] < floors["tlmlda"]:
        said += (
            ", below its floor even: training moved these very utterances towards each other, nearer than chance would"
        )
    said += (
        f". And {abs(gain):.1f} points {'more' if gain >= 0 else 'fewer'} were recognised, where seeds alone differ by "
        f"up to {spread:.1f}."
    )
    if closer < 0.8 and gain <= spread:
        said += (
            " So the clouds have met, and it did not help: on this pair, alignment gained nothing beyond what seeds "
            "differ by."
        )
    return Markdown(said)


def with_people(answers: Mapping[str, policy.Answer]) -> Markdown:
    """Where TLMLDA is better than the same network without transfer, as `ask` found it.

    Parameters
    ----------
    answers : mapping of str to Answer
        As from `ask`.
    """
    verdicts = {name: answers[name].verdict for name in ("B2C", "C2B")}
    assert "worse" not in verdicts.values()
    helped = [name for name, verdict in verdicts.items() if verdict == "better"]
    unsure = [name for name, verdict in verdicts.items() if verdict == "open"]
    words = f"With people, transfer helped on {' and '.join(helped) or 'neither'}"
    words += f"; on {' and '.join(unsure)} there is no significant difference. " if helped and unsure else ". "
    points = [f"{traced.answered(answer).html()} on {name}" for name, answer in answers.items()]
    return Markdown(
        f"{words}TLMLDA minus the same network without transfer, in points: {', '.join(points[:-1])}, and "
        f"{points[-1]}. In brackets stands the 95 % interval over {answers['B2C'].seeds} seeds and over the target's "
        "speakers and recordings; p is corrected for three comparisons (Holm)."
    )


def ask(records: Sequence[Record]) -> dict[str, policy.Answer]:
    """TLMLDA against the same network without transfer, on B2C, on C2B and over both.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    """
    people = [r for r in records if r["preset"] == "recommended-is10" and not r["overrides"]]

    def runs(method: str, schemes: Sequence[str]) -> list[Record]:
        return [r for r in people if r["method"] == method and r["scheme"] in schemes]

    return policy.ask({name: (runs("tlmlda", of), runs("only_cls", of)) for name, of in ASKED.items()})
