"""Figures, tables and computed sentences of chapter 3.4, each a function that a hidden cell calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from IPython.display import HTML, Markdown

from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.peeking import best_epochs, without_labels
from tlmlda_lib.book.pages.peeking import prices as pricing
from tlmlda_lib.book.pages.peers import reproduced
from tlmlda_lib.book.pages.traced import Figure, table
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.domains.schemes import in_words
from tlmlda_lib.evaluation import plots
from tlmlda_lib.evaluation.maximum import independent_looks
from tlmlda_lib.experiments import criteria, policy, published, search, shipped, tables
from tlmlda_lib.experiments.plans import PRICED

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing
from tlmlda_lib.experiments.settings import RECOMMENDED_FOR

Record = Mapping[str, Any]
Lines = dict[str, list[Figure | str]]

#: Choices by target labels, as `tlmlda_lib.book.pages.peeking.prices.of_choices` names them.
BY_LABELS = ("the epoch", "one length of training for all seeds", "the best seed, at its best epoch")


@dataclass(frozen=True)
class Asked:
    """Every difference between scores that the page asks about, so that p is corrected for all of them at once.

    Attributes
    ----------
    records : list of dict
        All collections.
    compared : dict of str to dict
        By scheme, `best_epochs.differences` of the preset ``authors``.
    worth : dict of str to list of Figure
        `prices.of_transfer` of the same.
    prices : dict of str to dict
        `prices.of_choices`.
    questions : dict of tuple to Figure
        By ("minus", method, scheme), ("transfer", scheme), ("price", choice, scheme) or ("text", scheme).
    p : dict of tuple to float
        Corrected, of the same; NaN where there are too few seeds.
    """

    records: Sequence[Record]
    compared: Mapping[str, Lines]
    worth: Mapping[str, Sequence[Figure]]
    prices: Mapping[str, Mapping[str, Sequence[Figure | str]]]
    questions: Mapping[tuple[str, ...], Figure]
    p: Mapping[tuple[str, ...], float]

    @property
    def count(self) -> int:
        """How many questions have a p."""
        return sum(not np.isnan(p) for p in self.p.values())

    def said(self, *question: str) -> traced.Spanned:
        """A difference with its corrected p.

        Parameters
        ----------
        *question : str
            Parts of the question's key.
        """
        return traced.with_p(self.questions[question], self.p[question])

    def of(self, kind: str) -> list[tuple[str, ...]]:
        """Questions of a kind.

        Parameters
        ----------
        kind : str
            First part of the key.
        """
        return [q for q in self.questions if q[0] == kind]

    def significant(self, kind: str, verdict: str) -> list[tuple[str, ...]]:
        """Those that were answered "better" or "worse".

        Parameters
        ----------
        kind : str
            First part of the key.
        verdict : {"better", "worse"}
            The verdict.
        """
        return [q for q in self.of(kind) if policy.verdict(self.questions[q].value, self.p[q]) == verdict]


def read() -> Asked:
    """The shipped records, and every question of the page."""
    return ask(shipped.records())


def ask(records: Sequence[Record]) -> Asked:
    """Every question of the page, put to some records.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    """
    compared = {s: best_epochs.differences(records, s, "authors") for s in best_epochs.SCHEMES}
    worth = pricing.of_transfer(records, "authors", best_epochs.SHORT)
    prices = pricing.of_choices(records)
    asked: dict[tuple[str, ...], Any] = {}
    asked |= {("minus", m, s): line[-1] for s, of in compared.items() for m, line in of.items()}
    asked |= {("transfer", s): worth[s][1] for s in OPEN_SCHEMES}
    asked |= {("price", c, s): prices[c][s][1] for c in PRICED for s in best_epochs.SCHEMES}
    asked |= {("text", s): _text_minus_scripts(records, s) for s in best_epochs.SCHEMES}
    p = dict(zip(asked, traced.p_holm(list(asked.values())), strict=True))
    return Asked(records, compared, worth, prices, asked, p)


def _text_minus_scripts(records: Sequence[Record], scheme: str) -> Figure:
    text, scripts = (_under(records, scheme, preset, "score") for preset in ("paper", "authors"))
    return text.minus(scripts)


def _under(records: Sequence[Record], scheme: str, preset: str, column: str) -> Figure:
    return _figure(best_epochs.under(best_epochs.cell(records, "tlmlda", scheme, preset), column))


def _figure(cell: Figure | str) -> Figure:
    assert isinstance(cell, Figure)
    return cell


def _schemes(questions: Sequence[tuple[str, ...]]) -> str:
    return " and ".join(in_words(q[-1]) for q in questions) or "none"


# What the best epoch adds


def lifts(asked: Asked) -> HTML:
    """What the best epoch adds to TLMLDA and to the network without transfer, from C to B.

    Parameters
    ----------
    asked : Asked
        As from `ask`.
    """
    with_, without = (
        best_epochs.of_seeds(
            best_epochs.cell(asked.records, m, "C2B", "authors"),
            lambda r: best_epochs.best(r) - policy.score(r),
            "oracle war minus score war",
            signed=True,
        )
        for m in ("tlmlda", "only_cls")
    )
    looked = _figure(asked.compared["C2B"]["only_cls"][2])
    apart = asked.questions["minus", "only_cls", "C2B"]
    hides = "Here peeking all but hides a difference." if abs(looked.value) < abs(apart.value) / 2 else ""
    return HTML(
        f"<p>From C to B, with the preset <code>authors</code>, the best epoch adds {with_.html()} points to TLMLDA "
        f"and {without.html()} to the network without transfer. If both choose their epochs on target labels, "
        f"TLMLDA is {looked.html()} points ahead; if neither does, {asked.said('minus', 'only_cls', 'C2B').html()}. "
        f"{hides}</p>"
        "<p>The score of a run without peeking is the mean over the last third of its epochs, because with a constant "
        "learning rate a single last epoch is one noisy draw. "
        "± is half of the 95 % t interval over three seeds, on the same target speakers. p is corrected for multiple "
        f"comparisons (Holm): this page asks about {asked.count} differences between scores.</p>"
    )


def neighbouring_epochs(records: Sequence[Record]) -> HTML:
    """How neighbouring epochs of recorded runs correlate, and as how many independent ones their best counts.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    """
    runs = [r for r in best_epochs.whole(records) if r["preset"] == "authors" and r["method"] in ("tlmlda", "only_cls")]
    runs = [r for r in runs if r["scheme"] in OPEN_SCHEMES]
    if not runs:
        return HTML("<p>How neighbouring epochs of recorded runs with a constant learning rate correlate: not run.</p>")
    hold = float(np.mean([without_labels.hold(r) for r in runs]))
    kept = without_labels.correlation(hold, runs, "correlation of neighbouring epochs")
    lift = float(np.mean([without_labels.lift(r) for r in runs]))
    high = traced.derived(lift, runs, "deviations of the best epoch above the mean")
    return HTML(
        "<p>In the second half of the recorded runs with the preset <code>authors</code>, whose learning rate is "
        "constant, an epoch's score and the next one's "
        f"correlate by {kept.html()} on average. Their best epoch lies {high.html()} deviations above the mean of that "
        f"half, like the largest of about {independent_looks(high.value):.0f} independent scores.</p>"
    )


# The audit


def audited(records: Sequence[Record]) -> HTML:
    """Rows of Table 3 with the preset ``authors``, of each method the longest runs.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    """
    heads = ["paper", "README", "oracle", "best seed", "unsupervised", "score"]
    columns = ("paper", "README", "oracle", "best of seeds", "unsupervised", "score")
    shown = ""
    for scheme in best_epochs.SCHEMES:
        rows: dict[tuple[str, int], list[Figure | str]] = {}
        for method, _, members, line in best_epochs.lines(records, scheme):
            if members and members[0]["preset"] == "authors":
                rows[method, len(members[0]["curve"]["war"])] = [line[c] for c in columns]
        longest = {m: max(n for k, n in rows if k == m) for m, _ in rows}
        cells = {f"{published.NAMES[m]}, {n} epochs": rows[m, n] for m, n in longest.items()}
        caption = f"{in_words(scheme)}, preset authors, WAR in percent"
        shown += table(list(cells), heads, list(cells.values()), caption, "method")
    return HTML(shown)


def by_their_rule(records: Sequence[Record]) -> HTML:
    """The printed scores, and the best epoch of the best seed, of TLMLDA and of the network without transfer.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    """

    def line(scheme: str) -> str:
        of = {
            m: line
            for m, settings, members, line in best_epochs.lines(records, scheme)
            if settings == "authors" and members
        }
        mine, plain = (_figure(of[m]["best of seeds"]).html() for m in ("tlmlda", "only_cls"))
        paper, readme = (_figure(of["tlmlda"][source]).html() for source in ("paper", "README"))
        return (
            f"{in_words(scheme)}: published {paper} (paper) and {readme} (README); TLMLDA here {mine}; "
            f"the network without transfer {plain}."
        )

    return HTML(
        "<p>Do the published scores come back? With the scripts' own rule, the best epoch on target labels, and with "
        "the best of three seeds:</p><ul>"
        + "".join(f"<li>{line(scheme)}</li>" for scheme in best_epochs.SCHEMES)
        + "</ul><p>The last number of each line puts the others in perspective: it belongs to a network that aligns "
        "nothing.</p>"
    )


def table4(records: Sequence[Record]) -> HTML:
    """Rows of Table 4 beside ours, and which reconstructions fall short.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    """
    rows = reproduced.rows(records, best_epochs.SCHEMES)
    shown = "".join(reproduced.table(lines, f"{in_words(s)}, WAR in percent") for s, lines in rows.items())
    fails = "; ".join(
        f"{published.NAMES[m]} from {in_words(s)} by {gap.html()} points" for m, s, gap in reproduced.behind(rows)
    )
    return HTML(
        f"{shown}<p>Even so, some reproductions fall short by more than two points: {fails}. There our "
        "reconstruction, or its tuning, is not the paper's.</p>"
    )


def as_the_text(asked: Asked) -> HTML:
    """The method as the paper's text has it: published, best epochs, the best seed's, score.

    Parameters
    ----------
    asked : Asked
        As from `ask`.
    """

    def line(s: str) -> str:
        best, top, late = (_under(asked.records, s, "paper", c).html() for c in ("oracle", "best of seeds", "score"))
        return (
            f"from {in_words(s)} {best} at the best epoch and {top} with the best seed, where "
            f"{traced.published('paper', 'tlmlda', s).html()} is published, and {late} over the last third "
            f"({asked.said('text', s).html()} against the scripts)"
        )

    def short(s: str) -> float:
        return traced.published("paper", "tlmlda", s).value - _under(asked.records, s, "paper", "best of seeds").value

    words = (
        "The text of the paper differs from the scripts, in noise, scaling and units among other things. Trained by "
        "the text, and by our readings where it is silent (preset <code>paper</code>), TLMLDA scores "
    )
    words += "; ".join(map(line, best_epochs.SCHEMES)) + "."
    words += "".join(
        f" On {in_words(s)} the paper's text, as we implemented it, misses the printed score even at the best epoch; "
        "the scripts get there by something that they do beyond the text."
        for s in best_epochs.SCHEMES
        if short(s) > 2
    )
    return HTML(f"<p>{words}</p>")


# Differences, and the price of each choice


def minus_each(asked: Asked) -> HTML:
    """TLMLDA minus its ablations and minus no transfer: printed, at the best epochs, by the score.

    Parameters
    ----------
    asked : Asked
        As from `ask`.
    """
    shown = "".join(
        table(
            [f"minus {published.NAMES[m]}" for m in of],
            ["score", "oracle", "paper", "README"],
            [[asked.said("minus", m, s), line[2], *line[:2]] for m, line in of.items()],
            f"{in_words(s)}, preset authors: TLMLDA minus another, points of WAR, paired by seed; p corrected for "
            f"{asked.count} comparisons (Holm)",
            "TLMLDA",
        )
        for s, of in asked.compared.items()
    )
    better, worse = (asked.significant("minus", verdict) for verdict in ("better", "worse"))
    every = [asked.questions[q] for q in asked.of("minus")]

    def names(questions: Sequence[tuple[str, ...]]) -> str:
        return "; ".join(f"{in_words(s)} minus {published.NAMES[m]}" for _, m, s in questions)

    words = (
        f"Of these {len(every)} differences in score, TLMLDA is significantly better in {len(better)} and "
        f"significantly worse in {len(worse)}"
    )
    words += "".join(f" ({names(q)})" for q in (better, worse) if q) + ". "
    words += "Three seeds leave wide intervals: most rows show neither a difference nor that there is none. "
    words += (
        f"Before the correction, {sum(d.low > 0 or d.high < 0 for d in every)} of the {len(every)} intervals do not "
        "contain 0."
    )
    return HTML(f"{shown}<p>{words}</p>")


def transfer(asked: Asked) -> HTML:
    """What transfer adds with the preset ``authors`` on all open schemes.

    Parameters
    ----------
    asked : Asked
        As from `ask`.
    """
    made = table(
        [in_words(s) for s in OPEN_SCHEMES],
        ["oracle", "score"],
        [[asked.worth[s][0], asked.said("transfer", s)] for s in OPEN_SCHEMES],
        f"TLMLDA minus no transfer, preset authors, {best_epochs.SHORT} epochs, points of WAR; p corrected for "
        f"{asked.count} comparisons (Holm)",
        "scheme",
    )
    mean = traced.mean_over([asked.worth[s][1] for s in OPEN_SCHEMES])
    better, worse = (_schemes(asked.significant("transfer", verdict)) for verdict in ("better", "worse"))
    return HTML(
        f"{made}<p>On average over the six schemes transfer adds {mean.html()} points. It is significantly better on "
        f"{better} and significantly worse on {worse}.</p>"
    )


def price_of_epochs(records: Sequence[Record]) -> HTML:
    """What the best epoch adds to the score, for every network that was run on all open schemes.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    """
    rows = pricing.of_epochs(records)
    columns = [in_words(s) for s in OPEN_SCHEMES]
    return HTML(table(list(rows), columns, list(rows.values()), "Oracle minus score, points", "network"))


def _priced(asked: Asked, names: Sequence[str], caption: str, ways: Sequence[str]) -> str:
    """Some choices in a table: under the oracle, and by the score if there are two ways."""

    def cell(choice: str, scheme: str, way: int) -> Figure | str:
        question = ("price", choice, scheme)
        return asked.said(*question) if way and question in asked.questions else asked.prices[choice][scheme][way]

    columns = [(s, i) for s in best_epochs.SCHEMES for i in range(len(ways))]
    heads = [f"{in_words(s)}{ways[i]}" for s, i in columns]
    return table(list(names), heads, [[cell(c, s, i) for s, i in columns] for c in names], caption, "choice")


def price_of_labels(asked: Asked) -> HTML:
    """What three choices by target labels add.

    Parameters
    ----------
    asked : Asked
        As from `ask`.
    """
    return HTML(_priced(asked, BY_LABELS, "Points that a choice by target labels adds to the score", ("",)))


def price_of_scripts(asked: Asked) -> HTML:
    """What each further choice of the scripts adds, in two tables, and the price of the epoch beside it.

    Parameters
    ----------
    asked : Asked
        As from `ask`.
    """
    half = -(-len(PRICED) // 2)
    caption = f"Points that a choice adds; p corrected for {asked.count} comparisons (Holm)"
    parts = (list(PRICED)[:half], list(PRICED)[half:])
    shown = "".join(_priced(asked, part, caption, (", oracle", ", score")) for part in parts)
    found = len(asked.significant("price", "better")) + len(asked.significant("price", "worse"))
    words = (
        f"Of {len(asked.of('price'))} prices, {found or 'none'} {'is' if found == 1 else 'are'} significant. Three "
        "seeds cannot show a choice that adds a point or two."
    )
    of_epoch = {s: _figure(asked.prices["the epoch"][s][0]) for s in best_epochs.SCHEMES}
    largest = {s: max(_figure(asked.prices[c][s][1]).value for c in PRICED) for s in best_epochs.SCHEMES}
    peek = " and ".join(f"{of_epoch[s].html()} from {in_words(s)}" for s in best_epochs.SCHEMES)
    more = [in_words(s) for s in best_epochs.SCHEMES if of_epoch[s].value > largest[s]]
    tail = f": from {' and '.join(more)} more than any of these choices" if more else ""
    return HTML(f"{shown}<p>{words} The epoch, chosen on target labels, adds {peek} points{tail}.</p>")


def price_of_ours(asked: Asked) -> HTML:
    """C of the plain baseline by target labels, and the scaling of our preset, on all open schemes.

    Parameters
    ----------
    asked : Asked
        As from `ask`.
    """
    lines: Lines = {}
    for choice, of in asked.prices.items():
        if set(of) == set(OPEN_SCHEMES):
            lines[f"{choice}, oracle"] = [of[s][0] for s in OPEN_SCHEMES]
            if not isinstance(of[OPEN_SCHEMES[0]][1], str):
                lines[f"{choice}, score"] = [of[s][1] for s in OPEN_SCHEMES]
    caption = "Points that a choice adds; no p, these are asked elsewhere"
    return HTML(table(list(lines), [in_words(s) for s in OPEN_SCHEMES], list(lines.values()), caption, "choice"))


# Choosing without labels


#: The criteria of the page's picture; BNM lies on InfoMax in every row.
DRAWN = ("infomax", "final", "negative_entropy", "snd")
WAYS = {
    "infomax": "InfoMax",
    "bnm": "BNM",
    "snd": "SND",
    "negative_entropy": "negative entropy",
    "final": "last epoch",
}


def criteria_drawn(rows: Mapping[str, Sequence[Figure]]) -> Drawing:
    """Mean regret of each criterion, a row for each kind of run, the smallest regret of InfoMax first.

    Parameters
    ----------
    rows : mapping
        As from `without_labels.agreement`.
    """
    import matplotlib.pyplot as plt

    plt.switch_backend(plt.get_backend())  # it is loaded late, and only then shows a figure that a cell ends with
    plots.use_style()
    first = len(criteria.WAYS)
    regret = {name: dict(zip(criteria.WAYS, line[first:], strict=True)) for name, line in rows.items()}
    order = sorted(regret, key=lambda name: -regret[name]["infomax"].value)
    figure, ax = plt.subplots(figsize=(5.2, 1 + 0.4 * len(order)), layout="constrained")
    looks = zip(DRAWN, "o|sD", (plots.ACCENT, plots.INK, plots.MUTED, plots.MUTED), strict=True)
    for way, marker, colour in looks:
        at = [regret[name][way].value for name in order]
        how: dict[str, Any] = {"markersize": 9 if marker == "|" else 6, "zorder": 3 if way == "infomax" else 2}
        ax.plot(at, range(len(order)), marker, color=colour, label=WAYS[way], **how)
    ax.set_yticks(range(len(order)), [name.replace(", ", "\n", 1) for name in order])
    ax.tick_params("y", labelsize=9)
    ax.set(xlim=(0, None), xlabel="regret: points below the best epoch")
    figure.legend(ncols=len(DRAWN), loc="outside upper right", fontsize=9, columnspacing=1, handletextpad=0.1)
    return plots.closed(figure)


def criteria_tables(rows: Mapping[str, Sequence[Figure]]) -> HTML:
    """Correlation with WAR and regret of each criterion, folded away.

    Parameters
    ----------
    rows : mapping
        As from `without_labels.agreement`.
    """
    shown = ""
    for what, first in (("Spearman", 0), ("Regret, points", len(criteria.WAYS))):
        some = [i for i, way in enumerate(criteria.WAYS) if first or way != "final"]
        heads = [WAYS[criteria.WAYS[i]] for i in some]
        shown += table(list(rows), heads, [[line[first + i] for i in some] for line in rows.values()], what, "network")
    return HTML(f"<details><summary>The numbers: Spearman and regret of all criteria</summary>{shown}</details>")


def infomax_or_last(rows: Mapping[str, Sequence[Figure]]) -> HTML:
    """In how many kinds of runs InfoMax is better than the last epoch, and in how many it is worse.

    Parameters
    ----------
    rows : mapping
        As from `without_labels.agreement`.
    """
    regrets = [dict(zip(criteria.WAYS, line[len(criteria.WAYS) :], strict=True)) for line in rows.values()]
    gains = [regret["final"].value - regret["infomax"].value for regret in regrets]
    better, worse = sum(g > 0.5 for g in gains), sum(g < -0.5 for g in gains)
    return HTML(
        f"<p>There are {len(rows)} kinds of runs. InfoMax is better than the last epoch by more than half a point "
        f"in {better} of them, worse by as much in "
        f"{worse}, and in {len(gains) - better - worse} it makes next to no difference.</p>"
    )


# The search


def searched(records: Sequence[Record]) -> HTML:
    """What the search has tried and chosen, and its log.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    """
    tried, lines = without_labels.searched(records)
    runs = [r for r in records if r["grid"] == search.GRID]
    ended = not search.todo(search.scores(runs))
    text = f"{len(runs)} of its runs are recorded. {'It has ended. ' if ended else 'It has not ended. '}"
    at = 2 * list(search.VIEWS).index("any")
    scored = {name: _figure(line[at]) for name, line in zip(tried, lines, strict=True) if _known(line[at])}
    if "start" in scored:
        top = max(scored, key=lambda name: (scored[name].value, name))
        text += (
            f"Judged by the first seed on all six schemes, the start has {scored['start'].html()} %, and the highest "
            f"of {len(scored)} settings, <code>{top}</code>, has {scored[top].html()} %. "
            "The highest of so many scores is partly luck, so the best settings ran with more seeds. "
        )
    if RECOMMENDED_FOR["tlmlda"]:
        text += "Its choice is the preset <code>recommended-is10</code>."
    else:
        text += "Until it is done, <code>recommended-is10</code> is the start, and its scores may be too high."
    chosen = {view: name for name, line in zip(tried, lines, strict=True) for view in str(line[-1]).split(", ") if view}
    items = [
        f"<li>{'any other corpus' if v == 'any' else v}: <code>{chosen[v]}</code></li>"
        for v in search.VIEWS
        if v in chosen
    ]
    text += f"</p><p>Chosen for the target</p><ul>{''.join(items)}</ul><p>" if chosen else ""
    count, log = _log(tried, lines)
    words = f"All {count} settings tried, and what each was judged by"
    return HTML(f"<p>{text}</p><details><summary>{words}</summary>{log}</details>")


def _known(*cells: Figure | str) -> bool:
    return any(isinstance(x, Figure) and not np.isnan(x.value) for x in cells)


def _log(tried: Sequence[str], lines: Sequence[Sequence[Figure | str]]) -> tuple[int, str]:
    """How many settings were judged by anything, and the table of these; columns that hold nothing are left out."""
    judged = {name: line for name, line in zip(tried, lines, strict=True) if _known(*line)}
    heads = [f"{view}{more}" for view in search.VIEWS for more in ("", ", seeds")]
    full = [i for i in range(len(heads)) if any(_known(line[i]) for line in judged.values())]
    cells = [[*(line[i] for i in full), line[-1]] for line in judged.values()]
    columns = [heads[i] for i in full] + ["chosen for"]
    log = table(list(judged), columns, cells, "Settings of the search", "setting")
    return len(judged), f"<p>{search.CAPTION}</p>{log}"


def gained(gains: Mapping[str, Sequence[Figure]]) -> HTML:
    """The chosen setting beside the start; ``gains`` as `without_labels.gained` gives them.

    Parameters
    ----------
    gains : mapping
        As from `without_labels.gained`.
    """
    schemes = [in_words(s) for s in gains]
    rows = {name: [line[i] for line in gains.values()] for i, name in enumerate(("chosen", "start", "difference"))}
    made = table(list(rows), schemes, list(rows.values()), "WAR in percent; points", "setting")
    have = [line[2] for line in gains.values() if _known(line[2])]
    if not have:
        return HTML(made)
    mean = traced.mean_over(have)
    seeds = {len(one.by_seed) for one in have}
    words = "on one seed" if seeds == {1} else f"on {min(seeds)} to {max(seeds)} seeds"
    lower = sum(one.value < 0 for one in have)
    made += (
        f"<p>Over the {len(have)} schemes the difference is {mean.html()} points on average, {words}; on {lower} of "
        "them the chosen setting is the lower one. "
    )
    made += (
        "We had found the start by looking at these targets; the search did not look. So this is a first "
        "estimate of what choosing without target labels costs here, or of what our own peeking had added.</p>"
        if mean.value < 0
        else "So the search gained something without target labels.</p>"
    )
    return HTML(made)


def under_every_table() -> Markdown:
    """What `tlmlda tables` prints beside its numbers; the list on the page is asked of it."""
    words = ("epoch", "oracle", "seeds", "speakers", "labels", "transductive")
    assert all(word in tables.CAPTION for word in words)
    return Markdown("> " + tables.CAPTION)
