"""Figures, tables and computed sentences of chapter 4.3, each a function that a hidden cell calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from IPython.display import HTML, Markdown

from tlmlda_lib.book.explorables.reproducibility import HowManySeeds
from tlmlda_lib.book.pages import sources, traced
from tlmlda_lib.book.pages.reproducibility import agreement, rankings, reliability, repeats
from tlmlda_lib.book.pages.reproducibility.repeats import BESIDE, KINDS, Record
from tlmlda_lib.book.pages.traced import Spanned
from tlmlda_lib.book.pages.words import listed
from tlmlda_lib.domains import LEAVE_ONE_OUT, OPEN_SCHEMES
from tlmlda_lib.evaluation import agreement as measures
from tlmlda_lib.evaluation.agreement import Calibration
from tlmlda_lib.experiments import policy, query, shipped, stressed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NOT_RUN = "*Not run.*"

#: Schemes with two sources, each with the one-source schemes for comparison.
ADDED = {"CR2B": "C2B", "BR2C": "B2C"}

#: Schemes that sentences take as their examples: of transfer, and of recordings that every run recognises.
EXAMPLE, RECOGNISED = "B2C", "C2B"

#: How many seeds are drawn in the table.
DRAWN = (1, 3, 5)

#: Whose agreement is shown, on which schemes.
AGREEING = ("tlmlda", "only_cls", "ifn", "ifn_tlmlda")
SCHEMES = (*OPEN_SCHEMES, *LEAVE_ONE_OUT.values())

#: Kinds whose recordings' fates are drawn.
SHORT = {"tlmlda": "TLMLDA", "only_cls": "no transfer"}

#: Runs that are compared, by what differs in them.
ACROSS = {"seeds": "another seed", "splits": "another split", "both": "any two runs"}

#: IFN's transfer, in the table of conditions.
VARIANTS = {"none": "IFN", "tlmlda": "with transfer"}

#: All that may have kept its confidence; a bin of fewer answers is an open mark.
EVERY = {**KINDS, **BESIDE}
FEW = 100

Rates = Mapping[str, Mapping[str, Mapping[str, Spanned]]]
Fates = Mapping[tuple[str, str], Mapping[str, traced.Figure]]
Losses = Mapping[tuple[str, str], Spanned]
Stated = Mapping[str, Mapping[str, traced.Figure]]


@dataclass(frozen=True)
class Asked:
    """Records of the chapter, and the answers to its comparisons of runs.

    Attributes
    ----------
    records : list of dict
        Of the collections `repeats.GRIDS`.
    stress : dict
        As `tlmlda_lib.experiments.stressed.read` gives it.
    ranked : dict
        As `rankings.collect` gives it.
    top : tuple of str
        The two of TLMLDA's parts that are first on the mean of the schemes; empty where that was not run.
    answers : dict of str to Answer
        Every comparison of two sets of runs on the page: "ifn CR2B" (what a second source adds), "transfer", and
        "first", the first of `top` minus the second.
    """

    records: Sequence[Record]
    stress: Mapping[str, Mapping[str, Any]]
    ranked: Mapping[str, Mapping[str, Any]]
    top: tuple[str, ...]
    answers: Mapping[str, policy.Answer]

    @property
    def parts(self) -> Mapping[str, Mapping[str, Any]]:
        """Rankings of TLMLDA and its parts, by scheme."""
        found: Mapping[str, Mapping[str, Any]] = self.ranked.get("parts", {}).get("schemes", {})
        return found

    @cached_property
    def winners(self) -> dict[str, dict[int, traced.Figure]]:
        """How often the first of all seeds is first, by scheme and by how many are drawn."""
        return {s: {k: rankings.holding(one, k)["winner"] for k in DRAWN} for s, one in self.parts.items()}

    def score(self, scheme: str, kind: str, metric: str = "war") -> traced.Figure:
        """Of one of `repeats.KINDS`.

        Parameters
        ----------
        scheme : str
            As "B2C".
        kind : str
            A key of `repeats.KINDS`.
        metric : {"war", "uar"}
        """
        return repeats.scored(self.records, scheme, KINDS[kind], metric)


def read() -> Asked:
    """The shipped records, and every comparison of the page asked at once."""
    return ask([r for grid in repeats.GRIDS for r in shipped.records(grid)], stressed.read())


def ask(records: Iterable[Record], stress: Mapping[str, Mapping[str, Any]], *, draws: int = 4000) -> Asked:
    """Every comparison of two sets of runs on the page, corrected together.

    Parameters
    ----------
    records : iterable of dict
        As `tlmlda_lib.experiments.shipped.records` gives them.
    stress : dict
        As `tlmlda_lib.experiments.stressed.read` gives it.
    draws : int
        As in `tlmlda_lib.experiments.policy.ask`.
    """
    kept = list(records)

    def runs(kind: repeats.Kind, schemes: Iterable[str]) -> list[Record]:
        return [r for s in schemes for r in query.runs(kept, kind, s)]

    questions: dict[str, policy.Question] = {
        f"{name} {two}": (runs(kind, [two]), runs(kind, [one]))
        for name, kind in KINDS.items()
        for two, one in ADDED.items()
    }
    questions["transfer"] = (runs(KINDS["ifn_tlmlda"], [EXAMPLE]), runs(KINDS["ifn"], [EXAMPLE]))
    top: tuple[str, ...] = ()
    ranked = rankings.collect(kept)
    if one := ranked.get("parts", {}).get("schemes", {}).get(rankings.MEAN):
        top = tuple(one["methods"][i]["name"] for i in rankings.order(rankings.units_of(one).sum(1))[:2])
        first, second = (runs(rankings.ranked("parts")[name], OPEN_SCHEMES) for name in top)
        questions["first"] = (first, second)
    return Asked(kept, stress, ranked, top, repeats.ask(questions, draws=draws))


# A ranking by few seeds


def how_many(asked: Asked) -> HowManySeeds | Markdown:
    """Seeds to draw.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    """
    return HowManySeeds(asked.records) if asked.ranked else Markdown(NOT_RUN)


def notice(asked: Asked) -> Markdown:
    """On which scheme one seed is enough, on which not, and what the mean over schemes shows.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    """
    single = {s: of for s, of in asked.winners.items() if s != rankings.MEAN}
    said = "**Notice.** Without runs there is nothing to rank. "
    if single:
        firm, shaky = (pick(single, key=lambda s: single[s][1].value) for pick in (max, min))
        said = (
            f"**Notice.** With one seed the method that is first by all seeds is first in {single[firm][1].html()} % "
            f"of the draws on {firm}, and in {single[shaky][1].html()} % on {shaky}: whether one seed is enough "
            "depends on the scheme. "
        )
    if single and rankings.MEAN in asked.winners:
        of_mean = asked.winners[rankings.MEAN]
        calmer = of_mean[1].value > 5 + sum(of[1].value for of in single.values()) / len(single)
        said += (
            f"On the mean of the schemes it is {of_mean[1].html()} % with one seed and {of_mean[5].html()} % with "
            f"five. {'Here the mean over schemes is more stable than single schemes' if calmer else ''}"
            f"{'' if calmer else 'The mean over schemes is no more stable than single schemes'}. "
        )
        if "first" in asked.answers:
            said += f"On that mean, {_said_of(asked.answers['first'], *asked.top)}. "
    return Markdown(said + "The five recorded seeds are themselves one draw.")


def _said_of(answer: policy.Answer, first: str, second: str) -> str:
    """What a comparison shows, in words."""
    found = traced.answered(answer).html()
    if answer.verdict != "open":
        return f"{first} is significantly {answer.verdict} than {second} ({found})"
    widest = max(abs(answer.low), abs(answer.high))
    points = f"{widest:.0f} point{'s' * (round(widest) > 1)}"
    most = f": if one is better, then by about {points} at most" if widest < 2.5 else ""
    return f"there is no significant difference between {first} and {second} ({found}){most}"


def corrected(asked: Asked) -> Markdown:
    """How the page's comparisons are corrected.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    """
    many = f"The {len(asked.answers)} comparisons of runs on this page are corrected together."
    return Markdown(f"> {policy.CAPTION} {many}" if asked.answers else "")


def enough(asked: Asked) -> HTML:
    """How often the first stays first, by how many seeds are drawn, and from how many on it nearly always does.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    """
    rows: list[str] = []
    cells: list[list[traced.Figure | str]] = []
    for scheme, one in asked.parts.items():
        found = rankings.enough(rankings.units_of(one))
        rows.append(f"mean of {one['count']}" if scheme == rankings.MEAN else scheme)
        cells.append(
            [*asked.winners[scheme].values(), f"more than {rankings.MOST_DRAWN}" if found is None else str(found)]
        )
    columns = [f"{k} seed" + "s" * (k > 1) for k in DRAWN] + ["95 of 100"]
    caption = "The first of all seeds is first, percent of all draws: TLMLDA and its parts"
    return HTML(traced.table(rows, columns, cells, caption, "scheme"))


# What repeated runs say of the same recordings


def library_lines() -> Markdown:
    """The lines of the library that compute the agreement."""
    counted = sources.piece(measures._of_recordings, "pairs = k * (k - 1)", "right * (right - 1) / pairs,\n    ]")
    return Markdown(f"{counted.data}\n\n{sources.bare(measures._figures).data}")


def rates(asked: Asked, *, draws: int = 2000) -> Rates:
    """The five rates of each kind in `AGREEING` on each scheme.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    draws : int
        Of speakers, for the intervals.
    """
    return {
        kind: {s: agreement.rates(asked.records, s, KINDS[kind], draws=draws) for s in SCHEMES} for kind in AGREEING
    }


def agreement_drawn(of: Rates) -> Figure | Markdown:
    """How often two runs are both right and how often they say the same, a panel for each kind.

    Parameters
    ----------
    of : dict
        As `rates` gives it.
    """
    there = [s for s in SCHEMES if any(cells[s]["correct_fractional"].records for cells in of.values())]
    if not there:
        return Markdown(NOT_RUN)
    import matplotlib.pyplot as plt

    from tlmlda_lib.evaluation import plots

    plots.use_style()
    high = -(-len(of) // 2)
    how: dict[str, Any] = {"sharex": True, "sharey": True, "layout": "constrained", "squeeze": False}
    chart, axes = plt.subplots(high, 2, figsize=(5.2, 0.4 + 2.9 * high), **how)
    for ax, (kind, cells) in zip(axes.flat, of.items(), strict=True):
        for row, scheme in enumerate(there):
            right, same = (cells[scheme][rate].value for rate in ("correct_fractional", "general_fractional"))
            ax.plot([right, same], [row, row], color=plots.ACCENT, linewidth=3, alpha=0.5)
            ax.plot(right, row, "o", color=plots.INK, fillstyle="none", markersize=6)
            ax.plot(same, row, "o", color=plots.INK, markersize=6)
        name = SHORT.get(kind, KINDS[kind].name).replace(" with ", "\nwith ")
        ax.set_title(name, fontsize=10)
        ax.set(xlim=(0, 100), yticks=range(len(there)), yticklabels=there)
    axes[0, 0].invert_yaxis()
    chart.supxlabel("pairs of runs (%)", fontsize=10)
    return plots.closed(chart)


def agreement_tables(of: Rates) -> HTML:
    """The rates, a table for each kind, folded away.

    Parameters
    ----------
    of : dict
        As `rates` gives it.
    """
    tables = ""
    for kind, cells in of.items():
        there = [s for s in SCHEMES if any(f.records for f in cells[s].values())] or list(OPEN_SCHEMES)
        tables += traced.table(
            there,
            list(agreement.RATES.values()),
            [agreement.cells(cells[s]) for s in there],
            f"{KINDS[kind].name}: agreement of runs, percent",
            "scheme",
        )
    words = (
        "<p>In brackets is the 95 % interval over other speakers; <em>not kept</em> marks runs whose records hold "
        "which recordings were recognised, but not what was answered.</p>"
    )
    return HTML(f"<details><summary>The numbers, with kappa and intervals</summary>{words}{tables}</details>")


def agreement_in_words(asked: Asked, of: Rates) -> Markdown:
    """Whether runs are right on the same recordings, what transfer does to kappa, and that it is not accuracy.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    of : dict
        As `rates` gives it.
    """
    said = [_same_recordings(asked, of), _kappa_by_transfer(asked, of), _not_accuracy(asked, of)]
    return Markdown(" ".join(s for s in said if s))


def _plain(figure: traced.Figure) -> str:
    """A score without its interval."""
    return traced.Figure(figure.value, records=figure.records, what=figure.what).html()


def _same_recordings(asked: Asked, of: Rates) -> str:
    right = of["tlmlda"][RECOGNISED]["correct_perfect"]
    if not right.records:
        return ""
    lucky = agreement.by_luck(asked.records, RECOGNISED, KINDS["tlmlda"])
    return (
        f"On {RECOGNISED}, all of TLMLDA's runs recognise {_plain(right)} % of the recordings. If each run were "
        f"right on as many recordings, but drawn at random, all would be right on {lucky.html()} %. "
    ) + (
        "So the runs are right on the same recordings: what is easy for one seed is easy for every seed."
        if right.value > 2 * lucky.value
        else "That is not far from luck."
    )


def _kappa_by_transfer(asked: Asked, of: Rates) -> str:
    first, second = (agreement.mean([of[k][s] for s in OPEN_SCHEMES], "kappa") for k in ("ifn", "ifn_tlmlda"))
    if not first.records:
        return "How far IFN's runs agree is not known yet."
    if not second.records:
        return f"IFN's kappa is {first.html()} hundredths, mean of the open schemes that were run."
    over_schemes, over_speakers = agreement.kappa_gap(asked.records, OPEN_SCHEMES, KINDS["ifn_tlmlda"], KINDS["ifn"])
    gains = [
        of["ifn_tlmlda"][s]["kappa"].value - of["ifn"][s]["kappa"].value
        for s in OPEN_SCHEMES
        if of["ifn_tlmlda"][s]["kappa"].records
    ]
    return (
        f"Over the open schemes, IFN has a kappa of {first.html()} hundredths without transfer and {second.html()} "
        f"with TLMLDA's. Paired by scheme, the difference is {over_schemes.html()} (interval over the schemes): "
        f"{'significant' if over_schemes.p < policy.LEVEL else 'not significant'}. Kappa is higher with transfer on "
        f"{sum(v > 0 for v in gains)} of {len(gains)} schemes. An interval over the speakers alone, for these schemes "
        f"and seeds, is narrower: {over_speakers.html()}."
    )


def _not_accuracy(asked: Asked, of: Rates) -> str:
    """An example of high agreement and a low score, if the example is one."""
    here = of["ifn_tlmlda"][EXAMPLE]["kappa"]
    before, after = (asked.score(EXAMPLE, kind) for kind in ("ifn", "ifn_tlmlda"))
    if "transfer" not in asked.answers or not here.records or not after.value < before.value:
        return ""
    every = [f.value for k in ("ifn", "ifn_tlmlda") for s in OPEN_SCHEMES if (f := of[k][s]["kappa"]).records]
    lost = agreement.fates(asked.records, EXAMPLE, KINDS["ifn_tlmlda"])["never"]
    return (
        f"Agreement is not accuracy. On {EXAMPLE}, the kappa with transfer is {_plain(here)} hundredths"
        + (", IFN's highest on the open schemes, " if here.value == max(every) else " ")
        + f"but WAR is {after.html()} with transfer and {before.html()} without "
        f"({traced.answered(asked.answers['transfer']).html()}). With transfer, {lost.html()} % of the recordings are "
        "wrong in every run: reproducibly wrong."
    )


def fates(asked: Asked) -> Fates:
    """Fates of the recordings, by scheme and kind, as far as they were run.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    """
    every = {(s, kind): agreement.fates(asked.records, s, KINDS[kind]) for s in OPEN_SCHEMES for kind in SHORT}
    return {cell: of for cell, of in every.items() if of["always"].records}


def fates_drawn(found: Fates) -> Figure | Markdown:
    """A bar for each scheme and kind.

    Parameters
    ----------
    found : dict
        As `fates` gives it.
    """
    if not found:
        return Markdown(NOT_RUN)
    import matplotlib.pyplot as plt

    from tlmlda_lib.evaluation import plots

    colours = (plots.RULE, plots.MUTED, plots.INK)
    places = [row + 0.25 * (row // 2) for row in range(len(found))]
    plots.use_style()
    chart, ax = plt.subplots(figsize=(5.2, 0.9 + 0.32 * len(found)), layout="constrained")
    for row, (place, of) in enumerate(zip(places, found.values(), strict=True)):
        left = 0.0
        for (fate, words), colour in zip(agreement.FATES.items(), colours, strict=True):
            label = words if not row else None
            ax.barh(place, of[fate].value, left=left, color=colour, height=0.8, label=label)
            left += of[fate].value
    ax.set_yticks(places, [f"{s}, {SHORT[kind]}" for s, kind in found])
    ax.set(xlim=(0, 100), xlabel="recordings (%)")
    ax.invert_yaxis()
    ax.grid(visible=False)
    chart.legend(loc="outside upper center", ncols=3, fontsize=9, handlelength=1, columnspacing=1)
    return plots.closed(chart)


def fates_in_words(found: Fates) -> Markdown:
    """The same of one scheme, in words.

    Parameters
    ----------
    found : dict
        As `fates` gives it.
    """
    if not found:
        return Markdown(NOT_RUN)
    cell = (RECOGNISED, "tlmlda") if (RECOGNISED, "tlmlda") in found else next(iter(found))
    always, never, sometimes = (found[cell][fate] for fate in ("always", "never", "sometimes"))
    scheme, kind = cell
    return Markdown(
        f"On {scheme}, {KINDS[kind].name} is right for every seed on {always.html()} % of the recordings. "
        + (
            f"{never.html()} % are wrong for every seed; only {sometimes.html()} % depend on the seed. No choice of "
            "seed recognises the former, and neither does a vote among the seeds."
            if never.value > sometimes.value
            else f"{never.html()} % are wrong for every seed, and {sometimes.html()} % depend on the seed: a vote "
            "among the seeds may help."
        )
    )


# Other speakers to learn from, and a second source


def splits(asked: Asked) -> HTML:
    """Agreement of runs that differ in seed, split or either.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    """
    over = f", mean of {len(asked.stress)} schemes" if asked.stress else ""
    cells = [[agreement.over_splits(asked.stress, rate, across) for rate in agreement.RATES] for across in ACROSS]
    columns = list(agreement.RATES.values())
    return HTML(traced.table(list(ACROSS.values()), columns, cells, f"IFN, agreement in percent{over}", "runs with"))


def how_far_war_moves(asked: Asked) -> HTML:
    """By seed, by split, and by jackknife.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    """
    moved = agreement.deviations(asked.stress)
    rows = [*agreement.SOURCES.values(), "other speakers to learn from: jackknife"]
    cells = [*([moved[source]] for source in agreement.SOURCES), [agreement.jackknifed(asked.stress)]]
    caption = "How far WAR moves: standard deviations, and a standard error by jackknife"
    return HTML(traced.table(rows, ["points"], cells, caption, "what changes"))


def seed_and_speakers(asked: Asked) -> Markdown:
    """Whether other speakers move WAR more than another seed.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    """
    if not asked.stress:
        return Markdown("*Not run.* An interval over seeds says nothing about other speakers to learn from.")
    moved = agreement.deviations(asked.stress)
    whole = agreement.jackknifed(asked.stress)
    return Markdown(
        f"From one quarter left out to another, WAR moves by {moved['split'].html()} points; from one seed to another, "
        f"by {moved['seed'].html()}. The standard error by jackknife is {whole.html()} points. "
        + (
            "An interval over seeds alone misses this larger part. "
            if whole.value > moved["seed"].value
            else "Here the seed moves WAR more. "
        )
        + "Four groups are few: for one scheme, such an estimate may be wrong by half. A variance below 0 is "
        "shown as 0."
    )


def second_source_scores(asked: Asked) -> HTML:
    """Scores of the schemes that leave one corpus out.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    """
    columns = [(s, metric) for s in LEAVE_ONE_OUT.values() for metric in ("war", "uar")]
    return HTML(
        traced.table(
            [kind.name for kind in KINDS.values()],
            [f"{s}, {metric.upper()}" for s, metric in columns],
            [[asked.score(s, kind, metric) for s, metric in columns] for kind in KINDS],
            "One corpus left out and recognised: scores in percent",
            "method",
        )
    )


def second_source_gains(asked: Asked) -> HTML:
    """What a second source adds.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    """
    return HTML(
        traced.table(
            [kind.name for kind in KINDS.values()],
            [f"{two} minus {one}" for two, one in ADDED.items()],
            [[traced.answered(asked.answers.get(f"{kind} {two}")) for two in ADDED] for kind in KINDS],
            "What RAVDESS adds as a second source: points of WAR at the last epoch, interval and corrected p",
            "method",
        )
    )


def second_source_in_words(asked: Asked) -> Markdown:
    """For which methods a second source helps or harms significantly.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    """
    names = {f"{kind} {two}": f"{KINDS[kind].name} on {two}" for kind in KINDS for two in ADDED}
    gains = {words: asked.answers[name] for name, words in names.items() if name in asked.answers}
    if not gains:
        return Markdown(NOT_RUN)
    better, worse = ([words for words, g in gains.items() if g.verdict == way] for way in ("better", "worse"))
    said = (
        f"A second source helps significantly: {listed(better)}. "
        if better
        else "For no method does a second source help significantly. "
    )
    said += f"It harms significantly: {listed(worse)}. " if worse else "For none does it harm significantly. "
    wide = max((g for g in gains.values() if g.verdict == "open"), key=lambda g: g.high - g.low, default=None)
    if wide:
        said += (
            "For the others there is no significant difference after the correction. Their intervals are wide, the "
            f"widest {traced.answered(wide).html()}: with so few speakers in a target, a gain and a loss both remain "
            "possible."
        )
    return Markdown(said)


# Recording conditions


def losses(asked: Asked, *, draws: int = 4000) -> Losses:
    """What each condition costs, by transfer and recording.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    draws : int
        Of the hierarchical bootstrap.
    """
    return reliability.lost(asked.stress, draws=draws)


def under_conditions(asked: Asked, lost: Losses) -> HTML:
    """WAR, UAR and the loss under each condition.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    lost : dict
        As `losses` gives it.
    """

    def line(recording: str) -> list[traced.Figure | str]:
        cells: list[traced.Figure | str] = []
        for variant in VARIANTS:
            cells += [reliability.under(asked.stress, recording, of, variant) for of in ("right", "uar")]
            cells.append(lost.get((variant, recording), "-"))
        return cells

    return HTML(
        traced.table(
            list(reliability.CONDITIONS.values()),
            [f"{name}, {what}" for name in VARIANTS.values() for what in ("WAR", "UAR", "difference of WAR")],
            [line(r) for r in reliability.CONDITIONS],
            "Recordings of the target under conditions, percent; differences in points with interval and p, corrected "
            "for the ten of this table",
            "recordings",
        )
    )


def what_conditions_cost(asked: Asked, lost: Losses) -> Markdown:
    """Which conditions lower the scores significantly, and what was not run under them.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    lost : dict
        As `losses` gives it.
    """
    said = NOT_RUN
    if asked.stress:
        of = {r: lost["none", r] for r in reliability.CONDITIONS if r != "studio"}
        worst = min(of, key=lambda r: of[r].value)
        rest = [
            f"{reliability.CONDITIONS[r]} ({d.html()})"
            for r, d in of.items()
            if not (d.value < 0 and d.p < policy.LEVEL)
        ]
        said = (
            f"Without transfer, {len(of) - len(rest)} of {len(of)} conditions cost IFN significantly. The largest loss "
            f"is {of[worst].html()}: {reliability.CONDITIONS[worst]}."
        )
        said += f" Not significant: {', '.join(rest)}." if rest else ""
    return Markdown(
        f"{said} The noise is synthetic, and the same for every network. A real room has a fan, a street, a second "
        f"voice.{_limit(asked)}"
    )


def _limit(asked: Asked) -> str:
    """What was not run under conditions."""
    three, four = (
        repeats.scored_over(asked.records, OPEN_SCHEMES, kind) for kind in (KINDS["ifn"], BESIDE["recommended"])
    )
    scores = (
        f", which scores {three.html()} on the six schemes, and not of the recommended setting with four streams, "
        f"which scores {four.html()}"
    )
    return (
        " **What is missing.** These runs are of IFN with three streams and attention"
        f"{scores if three.records and four.records else ''}. Nor were single streams, late fusion or TLMLDA recorded "
        "under these conditions: whether they would lose less is not tested here."
    )


# Confidence


def curves(asked: Asked) -> dict[str, dict[str, Calibration]]:
    """Reliability curves by panel and name, for what has kept its confidence.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    """
    schemes = {
        EVERY[k].name: reliability.curve(asked.records, OPEN_SCHEMES, EVERY[k])
        for k in ("ifn", "recommended", "late_fusion", "tlmlda")
    }
    under = {
        reliability.CONDITIONS[r]: reliability.under_curve(asked.stress, r)
        for r in ("studio", "telephone", "noise0", "room")
    }
    panels = {"open schemes": schemes, "IFN, three streams, under conditions": under}
    kept = {title: {n: c for n, c in of.items() if c is not None} for title, of in panels.items()}
    return {title: of for title, of in kept.items() if of}


def curves_drawn(panels: Mapping[str, Mapping[str, Calibration]]) -> Figure | Markdown:
    """Stated confidence against accuracy.

    Parameters
    ----------
    panels : dict
        As `curves` gives it.
    """
    if not panels:
        return Markdown("No run has kept its confidence yet: no curve.")
    import matplotlib.pyplot as plt

    from tlmlda_lib.evaluation import plots

    styles = list(zip("osD^", ("-", "--", ":", "-."), plots.SERIES, strict=True))
    size = (5.2, 4.8 * len(panels))
    plots.use_style()
    chart, axes = plt.subplots(len(panels), 1, figsize=size, squeeze=False, layout="constrained")
    for ax, (title, of) in zip(axes.flat, panels.items(), strict=True):
        ax.plot([0, 100], [0, 100], color=plots.MUTED, linewidth=1)
        for (name, curve), (mark, line, hue) in zip(of.items(), styles, strict=False):
            many = curve.count >= FEW
            how: dict[str, Any] = {"marker": mark, "color": hue, "markersize": 5, "clip_on": False}
            ax.plot(curve.confidence[many], curve.accuracy[many], line, linewidth=1.4, label=name, **how)
            ax.plot(curve.confidence[~many], curve.accuracy[~many], linestyle="", fillstyle="none", **how)
        ax.set(title=title, xlim=(0, 100), ylim=(0, 100), aspect="equal")
        ax.set(xlabel="it says (%)", ylabel="it is right (%)")
        ax.legend(loc="upper left", fontsize=9)
    return plots.closed(chart)


def stated(asked: Asked) -> Stated:
    """Calibration of stated confidence, by the names of the methods that kept it.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    """
    every = {k.name: reliability.calibrated_over(asked.records, OPEN_SCHEMES, k) for k in EVERY.values()}
    return {name: of for name, of in every.items() if of["ece"].records}


def confidence(asked: Asked, of: Stated) -> HTML:
    """The same as tables, of all methods and of one under conditions, folded.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    of : dict
        As `stated` gives it.
    """
    nothing: list[list[traced.Figure | str]] = [["not run"] * len(reliability.ASKED)]
    cells: list[list[traced.Figure | str]] = [list(one.values()) for one in of.values()]
    columns = list(reliability.ASKED.values())
    tables = traced.table(
        list(of) or [KINDS["ifn"].name],
        columns,
        cells or nothing,
        "Confidence at the last epoch, mean of the six schemes, percent; an error is sure from 90 % on",
        "method",
    )
    tables += traced.table(
        list(reliability.CONDITIONS.values()),
        columns,
        [[reliability.under(asked.stress, r, key) for key in reliability.ASKED] for r in reliability.CONDITIONS],
        "IFN of three streams under conditions, mean of the schemes, percent",
        "recordings",
    )
    return HTML(f"<details><summary>The numbers of all methods, and under conditions</summary>{tables}</details>")


def over_confident(of: Stated) -> Markdown:
    """Which methods are over-confident.

    Parameters
    ----------
    of : dict
        As `stated` gives it.
    """
    said = "*Not run.* "
    if of:
        over = [name for name, one in of.items() if one["stated"].value > one["right"].value]
        best, worst = (pick(of, key=lambda name: of[name]["ece"].value) for pick in (min, max))
        said = (
            f"{len(over)} of {len(of)} methods are over-confident: their mean confidence exceeds the share that is "
            f"right. The calibration error is smallest for {best} ({of[best]['ece'].html()}) and largest for {worst} "
            f"({of[worst]['ece'].html()}). "
        )
        most = of.get(BESIDE["recommended"].name)
        if most and all(most["right"].value >= one["right"].value for one in of.values()):
            said += (
                f"The method that recognises most, {BESIDE['recommended'].name}, has a mean confidence of "
                f"{most['stated'].html()} % and is right on {most['right'].html()} %; {most['sure'].html()} % of its "
                "errors are made with 90 % confidence or more. "
            )
        if KINDS["late_fusion"].name in over:
            said += (
                "Late fusion adds log-probabilities as if the streams were independent, which makes it more confident "
                "than it should be. "
            )
    return Markdown(
        f"{said}Confidence is learnt on the source, where the labels are. Nothing in training makes it right on the "
        "target; correcting it would need labels there. Under telephone, noise and echoes we ran only IFN with three "
        "streams."
    )
