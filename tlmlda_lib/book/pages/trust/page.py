"""Figures, tables and computed sentences of chapter 4.2, each a function that a hidden cell calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from IPython.display import HTML, Markdown

from tlmlda_lib.book.explorables.trust import missed
from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.trust import conditions, fusions
from tlmlda_lib.book.pages.trust.conditions import Files
from tlmlda_lib.book.pages.trust.fusions import EVERY, PLAINEST, QUESTIONS, SEARCHED, THREE, Join
from tlmlda_lib.book.pages.words import listed
from tlmlda_lib.experiments import policy, search, shipped, stream_plans

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Record = Mapping[str, Any]

#: Conditions in the first figure; all others are noise.
ARRIVES = {"studio": "as recorded", "telephone": "by telephone", "room": "from a room"}

KINDS = {"none": "no transfer", "tlmlda": "transfer"}

#: Streams in short; "deep" is what the networks under conditions call the speaker encoder's.
WORDS = {
    "acoustic": "acoustic",
    "prosodic": "prosodic",
    "speaker": "speaker",
    "deep": "speaker",
    "whisper": "recogniser",
}
VERDICTS = {
    "better": "significantly better than",
    "worse": "significantly worse than",
    "open": "not significantly different from",
}

#: All fusions of the network but attention.
OTHERS = tuple(f for f in fusions.FUSIONS if f != "attention")

#: Fusions that do not exist with a transfer, or without it.
NO_SUCH = {(PLAINEST, "tlmlda"), (SEARCHED, "none")}

#: Targets of the search.
CORPORA = {
    "start": "start of the search",
    "B": "EmoDB (B)",
    "C": "CASIA (C)",
    "R": "RAVDESS (R)",
    "any": "any other corpus",
}

SCORE = (
    "A score is the mean over the last third of the epochs; ± is half of the 95 % interval over seeds. Late fusion "
    "draws nothing: one run, no interval."
)


@dataclass(frozen=True)
class Asked:
    """Records of fusions, and the answers to the chapter's questions.

    Attributes
    ----------
    records : sequence of dict
        Of the collection "streams".
    answers : dict of str to Answer
        As `tlmlda_lib.book.pages.trust.fusions.answers` gives them.
    """

    records: Sequence[Record]
    answers: Mapping[str, policy.Answer]

    def gap(self, name: str) -> traced.Spanned:
        """The answer to a question, for a table.

        Parameters
        ----------
        name : str
            A key of `fusions.QUESTIONS`.
        """
        return traced.answered(self.answers.get(name))


def read() -> Asked:
    """The shipped records, and all questions of the page asked at once."""
    return ask(shipped.records(fusions.GRID))


def ask(records: Iterable[Record]) -> Asked:
    """All questions of the page, asked of these records at once.

    Parameters
    ----------
    records : iterable of dict
        As `tlmlda_lib.experiments.shipped.records` gives them.
    """
    kept = list(records)
    return Asked(kept, fusions.answers(kept))


# The sounds that are played


@dataclass(frozen=True)
class Sound:
    """What the network makes of a clip that arrives in one way.

    Attributes
    ----------
    said : str
        The emotion that was meant, and how the clip arrives.
    meant : str
    weights, missed : ndarray of shape (K,)
        Of each stream: its weight, and how far the probabilities move without it.
    answers : list of str
        With all streams, then without each.
    """

    said: str
    meant: str
    weights: np.ndarray
    missed: np.ndarray
    answers: Sequence[str]

    def without(self, stream: int) -> str:
        """The answer when a stream is left out.

        Parameters
        ----------
        stream : int
            Its place, from 0.
        """
        return self.answers[1 + stream]


def notice(
    heard: Sequence[Mapping[str, Mapping[str, Any]]],
    meant: Sequence[str],
    streams: Sequence[str],
    classes: Sequence[str],
) -> Markdown:
    """Attention in noise, and where it differs from need.

    Parameters
    ----------
    heard : sequence of dict
        As `tlmlda_lib.book.explorables.trust.listen` gives it, of clips "studio" and "noise0" among others.
    meant : sequence of str
        The emotion of each clip.
    streams, classes : sequence of str
        In the network's order.
    """
    sounds = [
        Sound(
            f"{emotion}, {ARRIVES.get(way, 'in noise of ' + way[5:] + ' dB')}",
            emotion,
            h["weights"][0],
            missed(h["p"]),
            [classes[c] for c in h["p"].argmax(1)],
        )
        for emotion, one in zip(meant, heard, strict=True)
        for way, h in one.items()
    ]
    mean = {way: np.mean([one[way]["weights"][0] for one in heard], axis=0) for way in ("studio", "noise0")}
    moved = mean["noise0"] - mean["studio"]
    loser, winner = int(moved.argmin()), int(moved.argmax())
    return Markdown(
        "**Notice.** From no noise to noise as loud as the voice, the mean weight of the "
        f"{streams[loser]} stream goes from {100 * mean['studio'][loser]:.0f} to {100 * mean['noise0'][loser]:.0f} %, "
        f"and that of the {streams[winner]} one from {100 * mean['studio'][winner]:.0f} to "
        f"{100 * mean['noise0'][winner]:.0f} %. The network has never met noise in training. "
        + _trust_and_need(sounds, streams)
    )


def _trust_and_need(sounds: Sequence[Sound], streams: Sequence[str]) -> str:
    """How often the most trusted stream is the most missed, and the clearest exceptions."""
    agree = sum(s.weights.argmax() == s.missed.argmax() for s in sounds)
    said = f"In {agree} of {len(sounds)} sounds the stream that is trusted most is also the one that is missed most. "
    if idle := [s for s in sounds if s.without(int(s.weights.argmax())) == s.answers[0]]:
        one = max(idle, key=lambda s: s.weights.max() - s.missed[s.weights.argmax()])
        k = int(one.weights.argmax())
        said += (
            f"{'But trust' if agree > len(sounds) / 2 else 'Trust'} is not need. Take *{one.said}*: the {streams[k]} "
            f"stream has {100 * one.weights[k]:.0f} % of the trust; leave it out, and the probabilities move by "
            f"{100 * one.missed[k]:.0f} %. The answer stays. "
        )
    if quiet := [s for s in sounds if s.without(int(s.weights.argmin())) != s.answers[0]]:
        one = min(quiet, key=lambda s: s.weights.min())
        k = int(one.weights.argmin())
        said += (
            f"And take *{one.said}*: {streams[k]} has {100 * one.weights[k]:.0f} %, the least of the three, and "
            f"without it *{one.answers[0]}* becomes *{one.without(k)}*. "
        )
    misled = [s for s in sounds if s.answers[0] != s.meant == s.without(int(s.weights.argmax()))]
    if misled:
        said += (
            f"In {len(misled)} of {len(sounds)} sounds the answer is wrong, and is right once the most trusted stream "
            "is gone."
        )
    return said


# Fusions on people


def over(schemes: Sequence[str]) -> str:
    """Over what a mean is taken, in words.

    Parameters
    ----------
    schemes : sequence of str
        Names, as "B2C".
    """
    if not schemes:
        return "mean over schemes"
    return f"mean of {len(schemes)} schemes" if len(schemes) > 1 else schemes[0]


def called(streams: Iterable[str]) -> str:
    """A set of streams in words.

    Parameters
    ----------
    streams : iterable of str
        Keys of `WORDS`.
    """
    return " + ".join(WORDS[s] for s in streams)


def against_one_stream(asked: Asked) -> HTML:
    """Attention over four streams minus each of them alone.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    """
    caption = (
        "Attention over four streams minus one stream, points of WAR at the last epoch, mean over six schemes; in "
        "brackets the 95 % interval over speakers, recordings and seeds; p corrected for "
        f"the {len(QUESTIONS)} questions of this page (Holm)"
    )
    cells = [[asked.gap(f"attention minus {s} alone, {t}") for t in KINDS] for s in EVERY]
    rows = [f"minus {WORDS[s]} alone" for s in EVERY]
    return HTML(traced.table(rows, list(KINDS.values()), cells, caption, "the whole"))


def whether_better(asked: Asked) -> Markdown:
    """Whether fusion is better than one stream, with transfer and without, and where the gain comes from.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    """
    if len(asked.answers) < len(QUESTIONS):
        return Markdown("Whether fusion is better than one stream: not run in full.")
    (without, supports), (with_it, _) = (_beaten(asked, t) for t in KINDS)
    said = f"Without transfer, {without}. "
    said += "That supports the abstract. " if supports else "That does not support the abstract. "
    said += f"With transfer, {with_it}. "
    alone = [asked.gap(f"transfer minus none, {s}").html() for s in ("speaker alone", "whisper alone", "all four")]
    said += (
        f"Transfer itself changes the streams differently: the speaker encoder alone by {alone[0]}, the recogniser "
        f"alone by {alone[1]}, and all four by {alone[2]}. "
    )
    if asked.answers["transfer minus none, whisper alone"].verdict == "worse":
        said += (
            "So a fusion with transfer that beats the recogniser with transfer has beaten a recogniser that transfer "
            "had damaged. "
        )
    twos = [asked.gap(f"all four minus {n} two").html() for n in ("IS10's", "the encoders'")]
    late, two = (f"attention minus late fusion{of}" for of in ("", " of the encoders' two"))
    return Markdown(
        f"{said}\n\nWhere does the gain come from? The two pre-trained streams add {twos[0]} to IS10's two; IS10's two "
        f"add {twos[1]} to the pre-trained two. Attention over four streams is "
        f"{VERDICTS[asked.answers[late].verdict]} late fusion of the same four, the plain sum: "
        f"{asked.gap(late).html()}. Against late fusion of the two encoders alone it is {asked.gap(two).html()}."
    )


def _beaten(asked: Asked, transfer: str) -> tuple[str, bool]:
    """What is said of the whole beside its streams alone, and whether it is better than each."""
    of = {WORDS[s]: a for s in EVERY if (a := asked.answers.get(f"attention minus {s} alone, {transfer}"))}
    if all(a.verdict == "better" for a in of.values()):
        return "fusion is significantly better than each of its streams alone", True
    sorts = {v: [n for n, a in of.items() if a.verdict == v] for v in VERDICTS}
    return (
        "fusion is " + ", and ".join(f"{VERDICTS[v]} {listed(names)} alone" for v, names in sorts.items() if names),
        False,
    )


def every_fusion(asked: Asked) -> HTML:
    """Scores of all ways to join, of three streams and of four.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    """
    grid = {
        f: [None if (f, t) in NO_SUCH else Join(s, f, t) for s in (EVERY, THREE) for t in KINDS] for f in fusions.NAMES
    }
    schemes = fusions.common(asked.records, [j for line in grid.values() for j in line if j])
    tables = (
        traced.table(
            list(fusions.NAMES.values()),
            [f"{n}, {t}" for n in ("all four", "without recogniser") for t in KINDS.values()],
            [
                ["has none" if j is None else fusions.mean(asked.records, j, schemes, metric) for j in line]
                for line in grid.values()
            ],
            f"Streams joined in {len(grid)} ways, {metric.upper()} in percent, {over(schemes)}. {SCORE}",
            "fusion",
        )
        for metric in ("war", "uar")
    )
    return HTML("".join(tables))


def minus_other_fusions(asked: Asked) -> HTML:
    """Attention minus each other fusion of all four streams.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    """
    caption = (
        "Attention minus another fusion, all four streams, points of WAR; interval and p as above, corrected for "
        f"{len(QUESTIONS)} questions"
    )
    cells = [[asked.gap(f"attention minus {f}, {t}") for t in KINDS] for f in OTHERS]
    rows = [f"minus {f}" for f in OTHERS]
    return HTML(traced.table(rows, list(KINDS.values()), cells, caption, "attention"))


def whether_adaptive(asked: Asked) -> Markdown:
    """Verdicts of attention beside the other fusions.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    """
    without, with_it = (_beside(asked, t) for t in KINDS)
    return Markdown(
        f"Without transfer, {without} With transfer, {with_it} A gate that chooses anew for each recording can "
        "also choose wrongly each time."
    )


def _beside(asked: Asked, transfer: str) -> str:
    of = {f: a for f in OTHERS if (a := asked.answers.get(f"attention minus {f}, {transfer}"))}
    if len(of) < len(OTHERS):
        return "not run."
    scores = {f: fusions.mean(asked.records, Join(EVERY, f, transfer)).value for f in fusions.FUSIONS}
    place = sorted(scores, key=lambda f: -scores[f]).index("attention")
    sorts = {v: [f for f, a in of.items() if a.verdict == v] for v in ("better", "worse", "open")}
    if len(sorts["open"]) == len(OTHERS):
        widest = max(of.values(), key=lambda a: max(abs(a.low), abs(a.high)))
        return (
            "no fusion differs significantly from attention. The intervals are narrow: the one that reaches farthest "
            f"from 0 is {traced.answered(widest).html()}. How the streams are joined hardly matters there."
        )
    words = ", and ".join(f"{VERDICTS[v]} {listed(names)}" for v, names in sorts.items() if names)
    last = " Its score is the lowest of the five." if place == len(scores) - 1 else ""
    return f"attention is {words}.{last}"


def searched_settings() -> Markdown:
    """The options in which the settings that a search chose differ, target by target."""
    options = fusions.searched_options()

    def word(value: Any) -> str:
        if not isinstance(value, dict):
            return str(value)
        return ",\u00a0".join(f"{name}\u00a0{a:g}" for name, a in value.items())  # on one line: the table scrolls

    rows = [
        f"| {CORPORA[t]} | " + " | ".join(word(getattr(o, a)) for a in options) + " |"
        for t, o in fusions.chosen().items()
    ]
    head = "| target | " + " | ".join(options) + " |"
    return Markdown("\n".join([head, "|---" * (len(options) + 1) + "|", *rows]))


def searched(asked: Asked) -> Markdown:
    """What the search chose, how much it tried, and how its setting compares with unsearched ones.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    """
    by: dict[str, list[str]] = {}
    picked = {t: o for t, o in fusions.chosen().items() if t != "start"}
    for t, o in picked.items():
        by.setdefault(o.fusion, []).append(CORPORA[t])
    said = "It joins by " + ", and by ".join(f"{f} for {listed(names)}" for f, names in by.items()) + ". "
    if voices := [CORPORA[t] for t, o in picked.items() if o.within == "voices"]:
        said += (
            f"For {listed(voices)} it also scales within groups of similar voices, so its gain is not due to fusion "
            "alone. "
        )
    said += (
        f"The search tried {fusions.tried()} settings, on the three streams without the recogniser, with one seed and, "
        f"for the {search.FINALISTS} best of each target, with {search.SEEDS}. `tlmlda search ifn --dry-run` prints "
        "all of them with what they were judged by; the start itself was chosen with labels in view."
    )
    best, late = (asked.answers.get(f"recommended minus {n}") for n in ("speaker alone", "late fusion"))
    if best and late:
        said += (
            "\n\n*Searched against unsearched.* We did not search settings of single streams or of late fusion, so "
            "the following compares a search as much as a fusion. With all four streams, *recommended* is "
            f"{VERDICTS[best.verdict]} the speaker encoder alone with transfer ({traced.answered(best).html()}), and "
            f"{VERDICTS[late.verdict]} late fusion ({traced.answered(late).html()}). A search for single streams with "
            "the same number of tries has not been run."
        )
    return Markdown(said)


def _sets(asked: Asked) -> tuple[dict[Sequence[str], list[Join]], Sequence[str]]:
    """The ways in which each set of two streams and more was joined, and the schemes on which all were run."""
    grid: dict[Sequence[str], list[Join]] = {
        s: [Join(s), Join(s, transfer="tlmlda"), Join(s, PLAINEST)] for s in stream_plans.TOGETHER if len(s) > 1
    }
    return grid, fusions.common(asked.records, [j for line in grid.values() for j in line])


#: How a set of streams is joined in the page's picture and tables.
JOINED = ("attention, no transfer", "attention, transfer", "late fusion")


def which_streams_drawn(asked: Asked) -> Figure:
    """A row for each set of streams, a mark for each way to join it, sorted by late fusion.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    """
    import matplotlib.pyplot as plt

    from tlmlda_lib.evaluation import plots

    grid, schemes = _sets(asked)
    means = {s: [fusions.mean(asked.records, j, schemes, "war").value for j in line] for s, line in grid.items()}
    order = sorted(means, key=lambda s: -np.nan_to_num(means[s][-1]))
    plots.use_style()
    figure, ax = plt.subplots(figsize=(5.2, 1.1 + 0.32 * len(order)), layout="constrained")
    for way, (name, mark, hue) in enumerate(zip(JOINED, "osD", plots.SERIES, strict=False)):
        ax.plot([means[s][way] for s in order], range(len(order)), mark, color=hue, markersize=6, label=name)
    ax.set_yticks(range(len(order)), plots.in_lines(called(s) for s in order))
    ax.set_xlabel("recognised (%)")
    ax.invert_yaxis()
    figure.legend(loc="outside upper center", ncols=len(JOINED), fontsize=9)
    return plots.closed(figure)


def which_streams(asked: Asked) -> HTML:
    """Scores of every set of two streams and more, folded away.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    """
    grid, schemes = _sets(asked)
    tables = (
        traced.table(
            [called(s) for s in grid],
            list(JOINED),
            [[fusions.mean(asked.records, j, schemes, metric) for j in line] for line in grid.values()],
            f"Which streams are joined, {metric.upper()} in percent, {over(schemes)}. {SCORE}",
            "streams",
        )
        for metric in ("war", "uar")
    )
    return HTML(f"<details><summary>The numbers, WAR and UAR</summary>{''.join(tables)}</details>")


# Recording conditions


def under_conditions_drawn(files: Files) -> Figure | None:
    """Weights of the streams, and the effect of leaving one out, condition by condition; nothing without records.

    Parameters
    ----------
    files : dict
        As `tlmlda_lib.experiments.stressed.read` gives them.
    """
    if not files:
        return None
    import matplotlib.pyplot as plt

    from tlmlda_lib.evaluation import plots

    lines = list(zip(plots.SERIES, "os^D", ("-", "--", ":", "-."), strict=True))
    plots.use_style()
    figure, axes = plt.subplots(2, 2, figsize=(5.2, 6), sharex=True, sharey="row", layout="constrained")
    for column, (transfer, kind) in enumerate(KINDS.items()):
        for row, of in enumerate((conditions.attention, conditions.without)):
            for (colour, mark, line), s in zip(lines, conditions.streams(files), strict=False):
                shown = [of(files, s, r, transfer) for r in conditions.WORDS]
                half = np.nan_to_num([(f.high - f.low) / 2 for f in shown])
                how: dict[str, Any] = {"color": colour, "marker": mark, "linestyle": line, "label": WORDS.get(s, s)}
                x, y = range(len(shown)), [f.value for f in shown]
                axes[row, column].errorbar(x, y, half, markersize=5, elinewidth=1, **how)
        axes[0, column].set(title=kind)
        axes[1, column].axhline(0, color=plots.INK, linewidth=1)
        axes[1, column].set_xticks(range(len(conditions.WORDS)), conditions.WORDS.values(), rotation=90)
    axes[0, 0].set(ylabel="trusted (%)")
    axes[1, 0].set(ylabel="points without it")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
    return plots.closed(figure)


def under_conditions(files: Files) -> HTML | Markdown:
    """The same as tables, with WAR.

    Parameters
    ----------
    files : dict
        As `tlmlda_lib.experiments.stressed.read` gives them.
    """
    if not files:
        return Markdown("Attention under real conditions: not run. `tlmlda stress` makes the files.")
    streams = conditions.streams(files)
    names = [WORDS.get(s, s) for s in streams]
    heads = ["WAR", *(f"trusts {n}" for n in names), *(f"without {n}" for n in names)]
    tables = (
        traced.table(
            list(conditions.WORDS.values()),
            heads,
            [
                [
                    conditions.war(files, r, transfer),
                    *(of(files, s, r, transfer) for of in (conditions.attention, conditions.without) for s in streams),
                ]
                for r in conditions.WORDS
            ],
            f"{kind.capitalize()}: WAR and trust in percent, and points of WAR without a stream; {over(tuple(files))}",
            "recordings arrive",
        )
        for transfer, kind in KINDS.items()
    )
    return HTML("".join(tables))


def whether_trust_follows(files: Files, *, draws: int = 4000) -> Markdown:
    """Whether trust leaves the stream that suffers.

    Parameters
    ----------
    files : dict
        As `tlmlda_lib.experiments.stressed.read` gives them.
    draws : int
        As in `conditions.moves`.
    """
    if not files:
        return Markdown("And whether trust leaves the stream that suffers: not run.")
    moves = conditions.moves(files, draws=draws)
    hurt = [m for m in moves if conditions.verdict(m.change) > 0]
    end = _followed([conditions.verdict(m.shift) for m in hurt])
    end += (
        " In brackets the 95 % interval over speakers, recordings and seeds; p is corrected for "
        f"{2 * len(moves)} questions (Holm). Weights sum to 1: where all streams suffer, not all of them can lose."
    )
    return Markdown("\n\n".join([*(_moved(files, moves, t) for t in KINDS), end]))


def _followed(ways: Sequence[int]) -> str:
    """What the weights of the streams that have become significantly less useful did: 1 up, -1 down, 0 neither."""
    clean = (
        "A gate that has met only clean recordings knows what a good stream looks like, not what a broken one looks "
        "like."
    )
    if not ways:
        return (
            "So these recordings do not show that trust leaves the stream that suffers: they are too few to say which "
            "stream suffers."
        )
    if ways.count(-1) > len(ways) / 2:
        return "More often than not, then, trust leaves the stream that suffers, though no network was told which."
    if ways.count(1) > len(ways) / 2:
        return f"More often than not, then, trust goes *towards* the stream that suffers. {clean}"
    return f"On the whole, then, trust does not follow the usefulness of a stream. {clean}"


def _moved(files: Files, every: Sequence[conditions.Move], transfer: str) -> str:
    """Significant changes; the largest loss of usefulness, and the change of attention with it."""
    moves = [m for m in every if m.transfer == transfer]
    hurt = [m for m in moves if conditions.verdict(m.change) > 0]
    moved = [m for m in moves if conditions.verdict(m.shift)]
    worst = max(moves, key=lambda m: m.change.value)
    words = (
        f"*{KINDS[transfer].capitalize()}.* Of {len(moves)} pairs of a stream and a condition, a stream is "
        f"significantly less useful than in recordings as they were in {len(hurt) or 'none'}, and its weight differs "
        f"significantly in {len(moved) or 'none'}. The largest loss of use is that of the "
        f"{WORDS.get(worst.stream, worst.stream)} stream, *{conditions.WORDS[worst.recording]}*: WAR without it, less "
        f"WAR with it, rises by {worst.change.html()}, while its weight changes by {worst.shift.html()}. "
    )
    if moved:
        most = max(moved, key=lambda m: abs(m.shift.value))
        words += (
            f"The weight that moves most is that of the {WORDS.get(most.stream, most.stream)} stream, "
            f"*{conditions.WORDS[most.recording]}*: {most.shift.html()}; its use changes by {most.change.html()}. "
        )
    agreement = conditions.rank_agreement(files, transfer)
    words += (
        "The order of the weights and the order of the streams' use agree by "
        f"{agreement.html()} (1: always, 0: as by chance, −1: the wrong way round)."
    )
    if agreement.high < 0:
        words += " So the stream that is trusted more tends to be the one that is needed less."
    return words
