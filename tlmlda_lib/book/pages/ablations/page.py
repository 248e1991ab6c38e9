"""Figures, tables and computed sentences of chapter 3.1, each a function that a hidden cell calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from IPython.display import HTML, Markdown

from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.ablations import shares, switches, two_metrics
from tlmlda_lib.book.pages.peeking import best_epochs
from tlmlda_lib.book.pages.words import listed
from tlmlda_lib.domains import OPEN_SCHEMES, PAPER_SCHEMES
from tlmlda_lib.experiments import policy, published, shipped

Record = Mapping[str, Any]

#: Rows of the chapter's tables.
ORDER = (*published.TABLE3_PRINTED, "only_cls")

#: What the method is compared with.
OTHERS = tuple(m for m in ORDER if m != "tlmlda")

#: What each row of the paper's Table 3 leaves out.
AWAY = {
    "tlmlda_w": "factors α",
    "tlmlda_alpha": "dynamic weights",
    "tlmlda_l": "MMD",
    "tlmlda_m": "LMMD",
    "tlmlda": "nothing",
}

#: Schemes whose target has classes of unequal size, so that WAR and UAR differ.
UNEQUAL = tuple(s for s in PAPER_SCHEMES if two_metrics.balance(s) != "equal")

#: Epochs that all methods ran for with the preset ``authors``; chapter 3.4 has the longer runs.
EPOCHS = 150


@dataclass(frozen=True)
class Asked:
    """Records of the chapter, and the answers to all of its questions.

    Attributes
    ----------
    records : list of dict
        Of the collections "main" and "authors".
    ours : list of dict
        Of these the preset ``recommended-is10``, nothing changed.
    answers : dict of (str, str) to Answer
        TLMLDA minus a method, by its name and "mean" or a scheme; p is corrected for all of them.
    """

    records: Sequence[Record]
    ours: Sequence[Record]
    answers: Mapping[tuple[str, str], policy.Answer]

    def runs(self, method: str, scheme: str | None = None) -> list[Record]:
        """Our runs of a method, on one scheme or on all.

        Parameters
        ----------
        method : str
            A key of `tlmlda_lib.methods.METHODS`.
        scheme : str, optional
            Only this scheme.
        """
        return [r for r in self.ours if r["method"] == method and scheme in (None, r["scheme"])]

    def cell(self, scheme: str, method: str, rule: str = "score", metric: str = "war") -> traced.Figure:
        """Mean over the seeds.

        Parameters
        ----------
        scheme : str
            As "C2B".
        method : str
            A key of `tlmlda_lib.methods.METHODS`.
        rule : str
            A rule of `tlmlda_lib.experiments.tables.WAYS`.
        metric : {"war", "uar"}
            The score.
        """
        return traced.figure(self.ours, scheme, method, "recommended-is10", grid="main", rule=rule, metric=metric)

    def said(self, method: str, scheme: str = "mean") -> str:
        """An answer in print.

        Parameters
        ----------
        method : str
            A key of `tlmlda_lib.methods.METHODS`.
        scheme : str
            As "C2B", or "mean".
        """
        return traced.answered(self.answers[method, scheme]).html()

    def significant(self, method: str, verdict: str) -> list[str]:
        """Schemes on which the whole method is better or worse than this one.

        Parameters
        ----------
        method : str
            A key of `tlmlda_lib.methods.METHODS`.
        verdict : {"better", "worse", "open"}
            The verdict.
        """
        return [s for s in OPEN_SCHEMES if self.answers[method, s].verdict == verdict]

    def gains(self, method: str, schemes: Iterable[str]) -> str:
        """The answers on some schemes, as a list in words.

        Parameters
        ----------
        method : str
            A key of `tlmlda_lib.methods.METHODS`.
        schemes : sequence of str
            As ("B2C", "C2B").
        """
        return listed([f"{self.said(method, s)} on {s}" for s in schemes])


def read() -> Asked:
    """The shipped records, and every question of the page asked at once."""
    return ask(shipped.records("main") + shipped.records("authors"))


def ask(records: Sequence[Record]) -> Asked:
    """TLMLDA minus each other row, on the mean of all open schemes and on each; p corrected for all of these.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    """
    ours = [r for r in records if (r["grid"], r["preset"]) == ("main", "recommended-is10") and not r["overrides"]]
    bare = Asked(records, ours, {})
    names = {f"{m} {s}": (m, s) for m in OTHERS for s in ("mean", *OPEN_SCHEMES)}
    sides = {n: tuple(bare.runs(x, None if s == "mean" else s) for x in ("tlmlda", m)) for n, (m, s) in names.items()}
    answers = policy.ask({n: (first, second) for n, (first, second) in sides.items()})
    return Asked(records, ours, {names[n]: answer for n, answer in answers.items()})


def lead(asked: Asked) -> Markdown:
    """The gains by LMMD and MMD, and their weights by equation 6.

    Parameters
    ----------
    asked : Asked
        As from `ask`.
    """
    helps, costs = (asked.significant("tlmlda_m", verdict) for verdict in ("better", "worse"))
    weights = {
        name: [switches.last_weight(asked.runs("tlmlda", s), name) for s in OPEN_SCHEMES] for name in ("MMD", "LMMD")
    }
    least, most = (
        {name: of(each, key=lambda x: x.value).html() for name, each in weights.items()} for of in (min, max)
    )
    assert helps, "the text says that LMMD gains"
    assert costs, "the text says that LMMD costs"
    assert asked.answers["tlmlda_l", "mean"].verdict == "open", "the text says that MMD makes no difference"
    return Markdown(
        f"LMMD moves WAR by {asked.gains('tlmlda_m', helps)}, and "
        f"by {asked.gains('tlmlda_m', costs)}. MMD makes no measurable difference ({asked.said('tlmlda_l')} on "
        f"average): equation 6 gives it next to no weight, {least['MMD']} to {most['MMD']} hundredths in the last "
        f"epoch, where LMMD has {least['LMMD']} to {most['LMMD']}."
    )


def taken_away(scheme: str = "B2C") -> HTML:
    """The paper's Table 3 for one scheme.

    Parameters
    ----------
    scheme : str
        As "C2B".
    """
    cells = [[traced.published("paper", m, scheme)] for m in AWAY]
    caption = f"Table 3 of the paper, {scheme}"
    return HTML(traced.table(list(AWAY.values()), ["recognised (%)"], cells, caption, "taken away"))


def half_a_recording() -> Markdown:
    """How many recordings the cells of B2C are."""
    n = shares.recordings("B2C")
    of_b2c = {m: published.PAPER[m]["B2C"] for m in AWAY}
    assert len({of_b2c[m] for m in ("tlmlda_w", "tlmlda_alpha", "tlmlda_m")}) == 1
    (hits,) = shares.counts(of_b2c["tlmlda_w"], n)
    odd = of_b2c["tlmlda_l"]
    assert round(odd * n, 6) == 200.5 * 100
    return Markdown(
        f"Three different trainings each get exactly {hits} of {n} recordings right. The fourth gets {odd:.2f} %, "
        "which "
        f"is chance for five emotions. And {odd:.2f} % of {n} recordings are two hundred and a half. Nobody recognises "
        "half a recording."
    )


def notice(asked: Asked) -> Markdown:
    """What the rule does to the difference between the method and the network without transfer.

    Parameters
    ----------
    asked : Asked
        As from `ask`.
    """
    last, best = (
        asked.cell("C2B", "tlmlda", rule).minus(asked.cell("C2B", "only_cls", rule)) for rule in ("final", "oracle")
    )
    if abs(best.value) < abs(last.value):
        said = (
            "The runs are the same; the rule differs. The oracle takes each curve where it happens to be highest, "
            "and the lower curve gains more from that. "
        )
    else:
        said = "Here the rule changes little; look at the other schemes. "
    return Markdown(
        "**Notice.** From CASIA to EmoDB the whole method minus the network without transfer is "
        f"{last.html()} points at the last epoch. At the best epoch on target labels it is {best.html()}. {said}"
        "Where the interval contains 0, these seeds show no difference. That does not show that there is none."
    )


def _printed() -> list[tuple[str, str]]:
    """Source and method of each printed row."""
    return [(s, m) for m in published.PAPER for s in ("paper", "README") if s == "paper" or m in published.README]


def printed_drawn(schemes: Sequence[str] = PAPER_SCHEMES) -> Any:
    """The printed cells as a grid, those tinted that no single run can have as its WAR; a matplotlib figure.

    Parameters
    ----------
    schemes : sequence of str
        As ("B2C", "C2B").
    """
    import matplotlib.pyplot as plt

    from tlmlda_lib.evaluation import plots

    plots.use_style()
    lines = _printed()
    figure, ax = plt.subplots(figsize=(5.2, 0.7 + 0.3 * len(lines)), layout="constrained")
    for row, line in enumerate(lines):
        for column, scheme in enumerate(schemes):
            words = str(shares.printed(*line, scheme))
            if words.endswith("†"):
                box: dict[str, Any] = {"facecolor": plots.ACCENT, "alpha": 0.25, "edgecolor": "white"}
                ax.add_patch(plt.Rectangle((column - 0.5, row - 0.5), 1, 1, **box))
            ax.text(column, row, words, ha="center", va="center", fontsize=9)
    ax.set_yticks(range(len(lines)), [f"{published.NAMES[m]}, {s}" for s, m in lines])
    ax.set_xticks(range(len(schemes)), [f"{s}\n({shares.recordings(s)})" for s in schemes])
    ax.set(xlim=(-0.5, len(schemes) - 0.5), ylim=(len(lines) - 0.5, -0.5))
    ax.grid(visible=False)
    ax.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
    return plots.closed(figure)


def printed_cells(schemes: Sequence[str] = PAPER_SCHEMES) -> HTML:
    """Tables 3 and 4 and the README, marked where no single run can have a number as its WAR; folded away.

    Parameters
    ----------
    schemes : sequence of str
        As ("B2C", "C2B").
    """
    lines = _printed()
    shown = traced.table(
        [f"{published.NAMES[m]}, {s}" for s, m in lines],
        [f"{scheme} ({shares.recordings(scheme)})" for scheme in schemes],
        [[shares.printed(*line, scheme) for scheme in schemes] for line in lines],
        "Tables 3 and 4 and the README, as printed: WAR in percent",
        "method, source",
    )
    return HTML(f"<details><summary>The same as a table</summary>{shown}</details>")


def tally(source: str, methods: Iterable[str], schemes: Sequence[str]) -> tuple[int, int, float]:
    """How many numbers a source has, how many of them can be one run's WAR, and how many would be by chance.

    Parameters
    ----------
    source : {"paper", "README"}
        Where it was printed.
    methods : iterable of str
        Rows of the table.
    schemes : sequence of str
        As ("B2C", "C2B").
    """
    found = [(published.PAPER if source == "paper" else published.README)[m][s] for m in methods for s in schemes]
    sizes = [shares.recordings(s) for _ in methods for s in schemes]
    fit = sum(shares.is_share(v, n) for v, n in zip(found, sizes, strict=True))
    return len(found), fit, sum(map(shares.by_chance, sizes))


def who_passes() -> Markdown:
    """Which tables' numbers can be one run's WAR, and the one average that is off."""
    everything = tally("paper", published.PAPER, PAPER_SCHEMES)
    ablations = [m for m in published.TABLE3_PRINTED if m != "tlmlda"]
    of_ablations, of_whole = tally("paper", ablations, UNEQUAL), tally("paper", ["tlmlda"], UNEQUAL)
    of_readme = tally("README", published.README, UNEQUAL)
    assert everything[:2] == (60, 23)
    assert of_ablations[1] < of_ablations[0] / 4
    ((odd_row, (printed_mean, row_mean)),) = published.odd_averages().items()
    return Markdown(
        f"Of the {everything[0]} cells {everything[1]} can be a single run's WAR; random numbers would pass "
        f"{everything[2]:.0f} times. The rule differs by table and target. With EmoDB or eNTERFACE as target, "
        f"{of_whole[1]} of TLMLDA's {of_whole[0]} cells pass, but only {of_ablations[1]} of its ablations' "
        f"{of_ablations[0]}; of the README's {of_readme[0]} such cells {of_readme[1]} pass. "
        f"One printed average is off by more than rounding: {published.NAMES[odd_row]}'s is {printed_mean:.2f}, and "
        f"its row's mean is {row_mean:.2f}. The other {len(published.PAPER) - 1} averages agree with their rows."
    )


def readme_minus_paper(schemes: Sequence[str] = PAPER_SCHEMES) -> HTML:
    """The three rows that both print, as differences.

    Parameters
    ----------
    schemes : sequence of str
        As ("B2C", "C2B").
    """
    rows = two_metrics.differences()
    return HTML(
        traced.table(
            [published.NAMES[m] for m in rows],
            [f"{s}, {two_metrics.balance(s)}" for s in schemes],
            [[shares.between(m, s) for s in schemes] for m in rows],
            "README minus paper, and how equal the target's classes are in size",
            "method",
        )
    )


def pattern() -> Markdown:
    """How the differences between README and paper depend on the balance of the target's classes."""
    gaps = {(m, s): d for m, row in two_metrics.differences().items() for s, d in row.items()}
    kinds = {
        kind: [abs(d) for (m, s), d in gaps.items() if two_metrics.balance(s) == kind]
        for kind in ("equal", "nearly equal", "unequal")
    }
    one_recording = 100 / shares.recordings("B2E")
    assert max(kinds["equal"]) == 0
    assert max(kinds["nearly equal"]) < one_recording < min(kinds["unequal"])
    return Markdown(
        f"They agree in all {len(kinds['equal'])} cells whose target is CASIA, where every emotion has as many "
        f"recordings. On eNTERFACE, whose classes are nearly equal, all {len(kinds['nearly equal'])} differ, "
        f"by less than one recording ({one_recording:.3f} points). On EmoDB, whose classes are unequal, they differ by "
        f"{min(kinds['unequal']):.1f} to {max(kinds['unequal']):.1f} points. "
        "Two separate sets of runs would hardly agree so closely on CASIA and eNTERFACE. The same runs, scored by "
        "accuracy in one place and by UAR, the mean of the emotions' own shares, in the other, would produce this "
        "pattern."
    )


def between_metrics(asked: Asked) -> HTML:
    """Best WAR minus best UAR of our runs as the scripts train, beside README minus paper.

    Parameters
    ----------
    asked : Asked
        As from `ask`.
    """
    methods = ("tlmlda", "tlmlda_m", "tlmlda_alpha")
    return HTML(
        traced.table(
            [published.NAMES[m] for m in methods],
            ["B2C, ours", "C2B, ours", "C2B, README minus paper"],
            [
                [*(two_metrics.apart(asked.records, m, s) for s in ("B2C", "C2B")), shares.between(m, "C2B")]
                for m in methods
            ],
            "Best WAR minus best UAR over the epochs, points; mean and 95 % interval over three seeds",
            "method",
        )
    )


def which_table() -> Markdown:
    """Which of two printed numbers can be WAR, of the cells in which paper and README differ."""
    found = list(two_metrics.readings().values())
    kinds = ((True, False), (False, True), (True, True), (False, False))
    readme_alone, paper_alone, both_fit, neither = map(found.count, kinds)
    tables, rows = (published.PAPER, published.README), two_metrics.differences()
    assert all(shares.can_be_uar(t[m][s], s) for m in rows for s in UNEQUAL for t in tables)
    assert readme_alone > len(found) / 3
    assert paper_alone
    return Markdown(
        f"Of the {len(found)} cells that differ, the README's number alone can be a WAR in {readme_alone}, the "
        f"paper's alone in {paper_alone}, both in {both_fit}, and neither in {neither}. So the README mostly "
        "prints accuracy, and the paper, under the name WAR, mostly what can only be UAR or something else; but "
        "neither table holds one metric throughout. "
        "That is as far as printed numbers go: the runs behind them are not public."
    )


def equal_by_luck(asked: Asked) -> Markdown:
    """How often two trainings of different methods get equally many recordings right at their best epochs.

    Parameters
    ----------
    asked : Asked
        As from `ask`.
    """
    runs = [r for r in asked.ours if r["scheme"] == "B2C" and r["method"] in ORDER]
    pairs = [(a, b) for a, b in combinations(runs, 2) if a["method"] != b["method"]]
    equal = [(a, b) for a, b in pairs if a["rules"]["oracle"]["war"] == b["rules"]["oracle"]["war"]]
    methods = len({r["method"] for r in runs})
    what = "pairs of runs with equal oracle war, percent"
    share = traced.derived(100 * len(equal) / max(len(pairs), 1), runs, what)
    return Markdown(
        f"Our {len(runs)} runs of {methods} methods on B2C make {len(pairs)} pairs of two methods. Equally many right "
        f"at their best epochs: {len(equal)} pairs, or {share.html()} %. For three methods to agree, that must happen "
        "twice. A copied cell would look the same; the table alone cannot decide. The README has the same number "
        "for two of these three ablations."
    )


def beside(asked: Asked, schemes: Sequence[str] = ("B2C", "C2B")) -> HTML:
    """Ours under three rules beside paper and README, a table for each scheme.

    Parameters
    ----------
    asked : Asked
        As from `ask`.
    schemes : sequence of str
        As ("B2C", "C2B").
    """
    rules = ("oracle", "unsupervised", "score")
    sources = (("paper", published.PAPER), ("README", published.README))

    def line(m: str, scheme: str) -> list[traced.Figure | str]:
        printed = [shares.printed(source, m, scheme) if m in table else "–" for source, table in sources]
        return [*printed, *(asked.cell(scheme, m, rule) for rule in rules)]

    return HTML(
        "".join(
            traced.table(
                [published.NAMES[m] for m in ORDER],
                ["paper", "README", *(f"ours, {rule}" for rule in rules)],
                [line(m, scheme) for m in ORDER],
                f"{scheme}, WAR in percent; – is not printed",
                "method",
            )
            for scheme in schemes
        )
    )


def as_the_scripts(asked: Asked, epochs: int = EPOCHS) -> HTML:
    """The preset ``authors``: the best of its epochs, and the mean of their last third.

    Parameters
    ----------
    asked : Asked
        As from `ask`.
    epochs : int
        Number of epochs.
    """
    ways = ((best_epochs.best, "oracle war"), (policy.score, "score war"))

    def line(method: str) -> list[traced.Figure]:
        found = [best_epochs.after(asked.records, method, s, "authors", epochs) for s in ("B2C", "C2B")]
        return [best_epochs.of_seeds(runs, of, what + of_first) for runs, of_first in found for of, what in ways]

    return HTML(
        "<p>The same with the preset <code>authors</code>, which does what the public scripts do (three seeds; the "
        "score is the mean of the last third of the epochs):</p>"
        + traced.table(
            [published.NAMES[m] for m in ORDER],
            [f"{s}, {rule}" for s in ("B2C", "C2B") for rule in ("oracle", "score")],
            [line(m) for m in ORDER],
            f"Preset authors, {epochs} epochs, WAR in percent",
            "method",
        )
    )


def scores(asked: Asked) -> HTML:
    """Every row on every open scheme, in WAR and in UAR.

    Parameters
    ----------
    asked : Asked
        As from `ask`.
    """

    def table(metric: str) -> str:
        lines = [[asked.cell(s, m, metric=metric) for s in OPEN_SCHEMES] for m in ORDER]
        return traced.table(
            [published.NAMES[m] for m in ORDER],
            ["mean", *OPEN_SCHEMES],
            [[traced.mean_over(line), *line] for line in lines],
            f"Score, preset recommended-is10, five seeds, {metric.upper()} in percent",
            "method",
        )

    return HTML(table("war") + table("uar"))


def gain_of_each_part(asked: Asked) -> Any:
    """A panel for each part: TLMLDA minus the method without it, over seeds and over speakers; a matplotlib figure.

    Parameters
    ----------
    asked : Asked
        As from `ask`.
    """
    import matplotlib.pyplot as plt

    from tlmlda_lib.evaluation import plots

    plots.use_style()
    columns, tall = 2, -(-len(OTHERS) // 2)
    how: dict[str, Any] = {
        "figsize": (5.2, 2.9 * tall),
        "sharey": True,
        "sharex": True,
        "squeeze": False,
        "layout": "constrained",
    }
    figure, axes = plt.subplots(tall, columns, **how)
    for ax in axes.flat[len(OTHERS) :]:
        ax.set_visible(False)
    colour = plots.ACCENT
    for ax, m in zip(axes.flat, OTHERS, strict=False):
        for row, s in enumerate(OPEN_SCHEMES):
            d, seeds = asked.answers[m, s], asked.cell(s, "tlmlda").minus(asked.cell(s, m))
            ax.plot([d.low, d.high], [row, row], color=colour, linewidth=1)
            ax.plot([seeds.low, seeds.high], [row, row], color=colour, linewidth=4, solid_capstyle="butt")
            ax.plot(d.value, row, "o", color=plots.INK, markersize=4)
        of_all = asked.answers[m, "mean"]
        ax.plot([of_all.low, of_all.high], [len(OPEN_SCHEMES)] * 2, color=plots.INK, linewidth=1)
        ax.plot(of_all.value, len(OPEN_SCHEMES), "D", color=plots.INK, markersize=5)
        ax.axvline(0, color=plots.INK, linewidth=1)
        ax.tick_params(labelbottom=True)
        ax.set(title=f"minus {published.NAMES[m]}", xlabel="points")
    axes[0, 0].set(yticks=range(len(OPEN_SCHEMES) + 1), yticklabels=[*OPEN_SCHEMES, "mean"])
    axes[0, 0].invert_yaxis()
    return plots.closed(figure)


def differences(asked: Asked) -> HTML:
    """TLMLDA minus each other row, with corrected p.

    Parameters
    ----------
    asked : Asked
        As from `ask`.
    """
    schemes = ("mean", *OPEN_SCHEMES)
    return HTML(
        traced.table(
            ["mean of six", *OPEN_SCHEMES],
            [published.NAMES[m] for m in OTHERS],
            [[traced.answered(asked.answers.get((m, s))) for m in OTHERS] for s in schemes],
            f"TLMLDA minus each, points of WAR at the last epoch; p corrected for {len(asked.answers)} comparisons "
            "(Holm)",
            "scheme",
        )
    )


def transfer(asked: Asked) -> Markdown:
    """What transfer as a whole adds, and how much MMD can add at most.

    Parameters
    ----------
    asked : Asked
        As from `ask`.
    """
    up, down = (asked.significant("only_cls", verdict) for verdict in ("better", "worse"))
    narrow = asked.answers["tlmlda_l", "mean"]
    words = "Transfer as a whole "
    words += f"gains {asked.gains('only_cls', up)}" if up else "helps significantly on no scheme"
    words += f", and costs {asked.gains('only_cls', down)}. " if down else ". "
    open_ = asked.answers["only_cls", "mean"].verdict == "open"
    words += f"On the mean of six it adds {asked.said('only_cls')}: {'no' if open_ else 'a'} significant difference. "
    words += (
        "That MMD adds nothing is a finding: over other speakers and seeds it adds at most "
        f"{max(abs(narrow.low), abs(narrow.high)):.1f} points. "
    )
    return Markdown(
        words + "CASIA has four speakers, EmoDB ten, RAVDESS twenty-four; and six schemes have only three targets, so "
        "their mean rests on little."
    )
