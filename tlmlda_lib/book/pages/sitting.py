"""Computed content of chapter 0.1: clips, anger and sadness relative to neutral, training, people's recordings."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from statistics import mean
from typing import TYPE_CHECKING, Any

import soundfile
from IPython.display import Markdown

from tlmlda_lib import corpora
from tlmlda_lib.book.pages import ears, traced
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.evaluation import plots
from tlmlda_lib.experiments import plans, policy
from tlmlda_lib.features import prosody

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

Record = Mapping[str, Any]
Clip = Mapping[str, Any]

EMOTIONS = ("anger", "fear", "happy", "neutral", "sad")
NAMES = {"de": "German", "en": "English", "zh": "Mandarin"}
SPEAKER = "f1"  # a woman in all three

#: What the table shows, by the names of `prosody.measure`.
COLUMNS = {"level": "level (dB)", "pitch": "pitch (semitones)", "harmonicity": "tone over noise (dB)"}

#: The features in which people's recordings are heard: their names, and the sets.
FEATURES = {"IS10, the paper's features": ears.IS10, "a speech encoder's features": ears.BEST}

#: What is done with them, with its method and, where there are several, its preset.
STEPS: dict[str, tuple[str, str | None]] = {
    "SVM, each corpus scaled": ("pca_svm", "zscore"),
    "SVM, each voice group scaled": ("pca_svm", "voices"),
    "network, no transfer": ("only_cls", None),
    "network, TLMLDA": ("tlmlda", None),
}

#: The same classifier without any of it: on speakers held out of one corpus, and across two by the source's scale.
WITHIN, ACROSS = "SVM, within a corpus", "SVM, source's scale"

#: What the picture shows, from the top.
ROWS = (WITHIN, ACROSS, *STEPS)

#: Percent recognised by guessing: each of the open six has five emotions, and so has each corpus by itself.
CHANCE = 100 / len(EMOTIONS)

Scores = Mapping[tuple[str, str], traced.Figure]


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
        f"The classifier recognises {100 * within:.1f} % within its corpus and {100 * across:.1f} % in the other "
        f"language. Scaling alone brings back {100 * (own - across):.1f} points, though the classifier learnt nothing "
        "new. Transfer tries to bring back more. It has no labels of Mandarin, so do not expect it to beat a "
        "classifier that has learnt from labelled Mandarin."
    )


def whether_it_helped(shares: Mapping[str, Sequence[float]], apart: Mapping[str, float]) -> Markdown:
    """Whether source and target came closer, and whether more was recognised.

    Parameters
    ----------
    shares : dict of str to sequence of float
        Percent recognised, for each seed, of ``tlmlda`` and ``only_cls``.
    apart : dict of str to float
        MMD of the aligned layer.
    """
    gain = mean(shares["tlmlda"]) - mean(shares["only_cls"])
    spread = max(max(values) - min(values) for values in shares.values())
    closer = apart["tlmlda"] / apart["only_cls"]
    said = (
        f"**Closer: {'yes' if closer < 1 else 'no'}.** In TLMLDA's network the MMD² is {100 * closer:.0f} % of that in "
        f"the network without transfer.\n\n**More recognised: {'yes' if gain > spread else 'no'}.** TLMLDA recognises "
        f"{abs(gain):.1f} points "
        f"{'more' if gain >= 0 else 'fewer'} than the network without transfer. The seed alone changes the score of a "
        f"method by up to {spread:.1f} points."
    )
    if closer < 0.8 and gain <= spread:
        said += " The clouds have met, and it did not help."
    return Markdown(said)


def people(heard: Sequence[Record], main: Sequence[Record], gap: Sequence[Record]) -> Scores:
    """Each of `ROWS` on each of `FEATURES`: the mean over the open six, within a corpus as `within` has it.

    Parameters
    ----------
    heard : sequence of Record
        As from `tlmlda_lib.book.pages.ears.read`.
    main : sequence of Record
        The collection "main", which has the support vector machine on IS10.
    gap : sequence of Record
        The collection "gap".
    """
    pool = [*heard, *(r for r in main if r["method"] == "pca_svm")]

    def mean_of(sets: tuple[str, ...], method: str, preset: str | None) -> traced.Figure:
        runs = ears.of(pool, sets, method)
        return traced.mean_over([traced.figure(runs, s, method, preset, overrides={}) for s in OPEN_SCHEMES])

    found = {}
    for name, sets in FEATURES.items():
        unscaled = ears.of(gap, sets, "pca_svm")
        found[name, WITHIN] = within(unscaled)
        found[name, ACROSS] = _mean(unscaled, OPEN_SCHEMES)
        found |= {(name, step): mean_of(sets, *how) for step, how in STEPS.items()}
    return found


def _mean(unscaled: Sequence[Record], schemes: Sequence[str]) -> traced.Figure:
    how = {"within": "source"}
    return traced.mean_over([traced.figure(unscaled, s, "pca_svm", overrides=how) for s in schemes])


def by_corpus(unscaled: Sequence[Record]) -> dict[str, traced.Figure]:
    """By corpus the share recognised of a speaker held out of it, the mean over its speakers.

    Parameters
    ----------
    unscaled : sequence of Record
        The collection "gap", on one set of features.
    """
    return {corpus: _mean(unscaled, schemes) for corpus, schemes in plans.HELD_OUT.items()}


def within(unscaled: Sequence[Record]) -> traced.Figure:
    """The mean over the corpora of `by_corpus`.

    Parameters
    ----------
    unscaled : sequence of Record
        The collection "gap", on one set of features.
    """
    each = by_corpus(unscaled).values()
    places = tuple(place for of in each for place in of.records)
    return traced.Figure(
        mean(of.value for of in each), records=places, what="score war, mean over speakers, then corpora"
    )


def people_drawn(scores: Scores) -> Drawing:
    """A row for each of `ROWS`, a mark for each set of features, and a line for the interval over seeds.

    Parameters
    ----------
    scores : mapping
        As from `people`.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure as Drawing

    style: Any = plots.STYLE
    with rc_context(style):
        drawing = Drawing(figsize=(5.2, 4.4), layout="constrained")
        ax = drawing.subplots()
        for name, mark, shade in zip(FEATURES, "sD", (plots.MUTED, plots.INK), strict=True):
            for y, step in enumerate(ROWS):
                of = scores[name, step]
                half = None if math.isnan(of.low) else [[of.value - of.low], [of.high - of.value]]
                label = None if y else name
                ax.errorbar(of.value, y, xerr=half, fmt=mark, color=shade, markersize=6, capsize=3, label=label)
                above: Any = {"textcoords": "offset points", "ha": "center", "fontsize": 9}
                ax.annotate(f"{of.value:.1f}", (of.value, y), (0, 6), color=shade, **above)
        ax.axvline(CHANCE, color=plots.MUTED, linestyle=":", label="chance")
        ax.set_yticks(range(len(ROWS)), ROWS)
        ax.set_ylim(len(ROWS) - 0.5, -0.7)
        ax.grid(axis="y", visible=False)
        ax.set(xlabel="recognised (%)", xlim=(15, None))
        drawing.legend(ncols=2, loc="outside lower center", fontsize=9)
    return drawing


def people_lost(scores: Scores, gap: Sequence[Record]) -> Markdown:
    """What is lost on people from one corpus to another, and what scaling each corpus by itself brings back.

    Parameters
    ----------
    scores : mapping
        As from `people`.
    gap : sequence of Record
        The collection "gap".
    """
    paper, encoder = FEATURES
    svm = next(iter(STEPS))
    own, away, each = ([scores[name, row].html() for name in (encoder, paper)] for row in (WITHIN, ACROSS, svm))
    spread = ", ".join(
        f"{corpora.short(corpus)} {of.html()}" for corpus, of in by_corpus(ears.of(gap, ears.BEST, "pca_svm")).items()
    )
    return Markdown(
        "**In another corpus, on the scale of the source, the support vector machine recognises far less.** On the "
        f"encoder's features it falls from {own[0]} % ({spread}) to {away[0]} %, and on IS10 from {own[1]} % to "
        f"{away[1]} %; guessing gives {CHANCE:.0f} %. With each corpus scaled by itself, it comes back to {each[0]} % "
        f"on the encoder's features and to {each[1]} % on IS10."
    )


def people_in_words(scores: Scores, answers: Mapping[str, policy.Answer]) -> Markdown:
    """What scaling, features and transfer gain on recordings of people.

    Parameters
    ----------
    scores : mapping
        As from `people`.
    answers : mapping of str to Answer
        As from `tlmlda_lib.book.pages.ears.ask`.
    """
    paper, encoder = FEATURES
    *_, alone, whole = STEPS
    asked = [answers[name] for name in ears.QUESTIONS]
    little, much, gained = (replace(traced.answered(answer, "points"), p=math.nan).html() for answer in asked)
    shown = {at: replace(scores[at], low=math.nan, high=math.nan).html() for at in product(FEATURES, (alone, whole))}
    sure = "All three" if all(answer.verdict == "better" for answer in asked) else "Not all"
    return Markdown(
        "**Transfer helps, and better features help more.** In brackets is the 95 % interval of each difference: with "
        "other seeds, other speakers and other recordings, expect a difference in this range.\n\n"
        f"- *Does transfer help on the encoder's features?* The network recognises {shown[encoder, alone]} % without "
        f"transfer and {shown[encoder, whole]} % with TLMLDA: {much}.\n"
        f"- *Does it help on IS10?* The network recognises {shown[paper, alone]} % without transfer and "
        f"{shown[paper, whole]} % with TLMLDA: {little}.\n"
        f"- *Do better features help, without transfer?* The encoder's features instead of IS10 gain {gained}.\n\n"
        f"Scores are means over {asked[0].seeds} seeds, and differences are taken before rounding. {sure} of the "
        "differences are significant: more than chance would easily make."
    )


def assert_opening(scores: Scores, answers: Mapping[str, policy.Answer]) -> None:
    """Fail if the records no longer say what the page's first lines say.

    Parameters
    ----------
    scores : mapping
        As from `people`.
    answers : mapping of str to Answer
        As from `tlmlda_lib.book.pages.ears.ask`.
    """
    _, encoder = FEATURES
    *_, alone, whole = STEPS
    _, transfer, _ = (answers[name] for name in ears.QUESTIONS)
    assert round(scores[encoder, alone].value) == 56
    assert round(scores[encoder, whole].value) == 63
    assert round(transfer.value) == 7
    assert round(scores[encoder, WITHIN].value) == 76
    assert CHANCE == 20
    assert transfer.verdict == "better"
    for name in FEATURES:
        within, across = scores[name, WITHIN].value, scores[name, ACROSS].value
        assert within - across > (within - CHANCE) / 2
