"""Figures, tables and computed sentences of chapter 3.3, each a function that a hidden cell calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from IPython.display import HTML, Markdown

from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.peers import leaderboard, reproduced
from tlmlda_lib.book.pages.peers.leaderboard import MEAN, OURS
from tlmlda_lib.book.pages.words import listed
from tlmlda_lib.domains import OPEN_SCHEMES, PAPER_SCHEMES
from tlmlda_lib.experiments import policy, published, shipped

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """Records of the board, and TLMLDA minus every other row that was run on all open schemes.

    Attributes
    ----------
    records : list of dict
        Of the collection "main".
    entries : dict
        As `tlmlda_lib.book.pages.peers.leaderboard.entries` gives them.
    answers : dict of str to Answer
        By the other row's label, the smallest difference first; p is corrected for all of them.
    """

    records: Sequence[Record]
    entries: Mapping[str, Mapping[str, Mapping[int, Record]]]
    answers: Mapping[str, policy.Answer]

    def runs(self, label: str) -> list[Record]:
        """All runs of a row, scheme by scheme.

        Parameters
        ----------
        label : str
            Label of the row.
        """
        return [r for s in OPEN_SCHEMES for r in self.entries[label].get(s, {}).values()]

    def mean(self, label: str, metric: str) -> traced.Figure:
        """A row's score, mean over the open schemes.

        Parameters
        ----------
        label : str
            Label of the row.
        metric : {"war", "uar"}
            The score.
        """
        method = label.partition(":")[0]
        return traced.mean_over([traced.figure(self.runs(label), s, method, metric=metric) for s in OPEN_SCHEMES])

    def named(self, label: str) -> str:
        """A row in words: "PCA + SVM (z-scores by corpus)".

        Parameters
        ----------
        label : str
            Label of the row.
        """
        scalings = {leaderboard.in_words(r["scaling"]) for r in self.runs(label)}
        scaling = scalings.pop() if len(scalings) == 1 else leaderboard.VARIED
        return f"{leaderboard.NAMES[label.partition(':')[0]]} ({scaling})"

    def verdicts(self, verdict: str) -> list[str]:
        """Labels of the rows that TLMLDA is "better" or "worse" than, or of which that is "open".

        Parameters
        ----------
        verdict : {"better", "worse", "open"}
            The verdict.
        """
        return [label for label, answer in self.answers.items() if answer.verdict == verdict]


def read() -> Asked:
    """The shipped records, and every question of the page asked at once."""
    return ask(shipped.records("main"))


def ask(records: Sequence[Record]) -> Asked:
    """TLMLDA minus each row that was run on all open schemes; p corrected for all of these.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    """
    bare = Asked(records, leaderboard.entries(records), {})
    others = [x for x in bare.entries if x != OURS and set(OPEN_SCHEMES) <= set(bare.entries[x])]
    answers = policy.ask({x: (bare.runs(OURS), bare.runs(x)) for x in others})
    return Asked(records, bare.entries, {x: answers[x] for x in sorted(others, key=lambda x: answers[x].value)})


def lead(asked: Asked) -> Markdown:
    """Whether TLMLDA has the highest mean, and how many rows it is significantly better than.

    Parameters
    ----------
    asked : Asked
        As from `ask`.
    """
    nearest = next(iter(asked.answers))
    better, n = asked.verdicts("better"), len(asked.answers)
    assert not asked.verdicts("worse")
    if asked.answers[nearest].value <= 0:
        return Markdown(f"Not on these features: {asked.named(nearest)} has the higher mean.")
    return Markdown(
        f"TLMLDA has the highest mean of the {n + 1} rows that were run on all six schemes, "
        f"{asked.mean(OURS, 'war').html()} % WAR and "
        f"{asked.mean(OURS, 'uar').html()} % UAR, but not by enough to be sure. It is significantly better "
        f"than {len(better)} of the other {n}, and the difference to the nearest, {asked.named(nearest)}, is "
        f"{traced.answered(asked.answers[nearest], 'points').html()}."
    )


def notice(board: Mapping[str, Any]) -> Markdown:
    """Who leads the board under two rules, and who leads on a single scheme.

    Parameters
    ----------
    board : dict
        As `tlmlda_lib.book.pages.peers.leaderboard.board` makes it.
    """
    rows, figures = board["rows"], board["figures"]

    def name(label: str) -> str:
        return f"{rows[label]['name']} ({figures[MEAN][label]['scaling']})"

    def ahead(rule: str) -> str:
        first, second = leaderboard.ranked(board, MEAN, rule)[:2]
        gap = leaderboard.gap(board, MEAN, first, second, rule).html()
        return f"{name(first)} is first and {name(second)} second, {gap} points behind"

    firsts = {leaderboard.ranked(board, s)[0] for s in OPEN_SCHEMES if s in figures} - {OURS}
    others = sorted({rows[x]["name"].removesuffix(", reconstructed") for x in firsts})
    return Markdown(
        f"**Notice.** On the mean of six schemes, at the last epoch, {ahead('final')}. At the best epoch on target "
        f"labels, {ahead('oracle')}. "
        f"On one scheme or another, at the last epoch, {listed(others)} {'are' if len(others) > 1 else 'is'} first. "
        "We chose each row's scaling: choose one scaling for all, and the order changes."
    )


def minus_each(asked: Asked) -> Any:
    """TLMLDA minus each other row with its interval; a matplotlib figure.

    Parameters
    ----------
    asked : Asked
        As from `ask`.
    """
    import matplotlib.pyplot as plt

    from tlmlda_lib.evaluation import plots

    plots.use_style()
    figure, ax = plt.subplots(figsize=(5.2, 0.8 + 0.36 * len(asked.answers)), layout="constrained")
    for row, a in enumerate(asked.answers.values()):
        ax.plot([a.low, a.high], [row, row], color=plots.ACCENT, linewidth=2)
        filled = "none" if a.verdict == "better" else "full"  # as in the leaderboard below it
        ax.plot(a.value, row, "o", color=plots.INK, markersize=6, fillstyle=filled)
    ax.axvline(0, color=plots.INK, linewidth=1)
    ax.set(yticks=range(len(asked.answers)), yticklabels=plots.in_lines(asked.named(x) for x in asked.answers))
    ax.tick_params("y", labelsize=9)
    ax.set_xlabel("TLMLDA is better by (points)")
    ax.invert_yaxis()
    return plots.closed(figure)


def all_rows(asked: Asked, board: Mapping[str, Any]) -> HTML:
    """Scores and differences of every row, folded.

    Parameters
    ----------
    asked : Asked
        As from `ask`.
    board : mapping
        As from `tlmlda_lib.book.pages.peers.leaderboard.board`.
    """
    rows = board["rows"]
    absent = {row["name"] for row in rows.values() if row["table4"]} - {rows[x]["name"] for x in board["figures"][MEAN]}
    assert not absent, f"the text says that all of Table 4 was run on all six schemes: not {sorted(absent)}"
    listing = traced.table(
        [asked.named(x) for x in asked.answers],
        ["WAR", "UAR", "TLMLDA minus it, WAR"],
        [[asked.mean(x, "war"), asked.mean(x, "uar"), traced.answered(a)] for x, a in asked.answers.items()],
        "Scores, mean of six schemes in percent, and TLMLDA minus each; p corrected for "
        f"{len(asked.answers)} comparisons (Holm)",
        "method (scaling)",
    )
    return HTML(f"<details><summary>All {len(asked.answers)} rows</summary>{listing}</details>")


def of_table4(records: Sequence[Record], board: Mapping[str, Any]) -> reproduced.Rows:
    """Table 4 beside ours on the paper's schemes that were run; the text says that four are not.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    board : mapping
        As from `tlmlda_lib.book.pages.peers.leaderboard.board`.
    """
    missing = [s for s in PAPER_SCHEMES if s not in board["figures"]]
    assert len(missing) == 4
    assert all("E" in s for s in missing)
    return reproduced.rows(records, [s for s in PAPER_SCHEMES if s in board["figures"]])


def table4(rows: reproduced.Rows) -> HTML:
    """The same as tables, one for each scheme.

    Parameters
    ----------
    rows : Rows
        As from `of_table4`.
    """
    return HTML("".join(reproduced.table(lines, f"Table 4 on {scheme}") for scheme, lines in rows.items()))


def shortfalls(rows: reproduced.Rows) -> Markdown:
    """Which reconstructions fall short of the printed scores, and how they stand beside PCA + SVM on C2B.

    Parameters
    ----------
    rows : Rows
        As from `of_table4`.
    """
    short = [f"{published.NAMES[m]} on {s} by {gap.html()} points" for m, s, gap in reproduced.behind(rows)]
    near = [f"{published.NAMES[m]} on {s}" for m, s, gap in reproduced.gaps(rows) if gap.value <= 2]
    svm = published.PAPER["pca_svm"]["C2B"]
    above = [m for m in published.TABLE4_PRINTED if published.PAPER[m]["C2B"] > svm and m in published.RECONSTRUCTED]
    oracle = {m: line[1].value for m, line in rows["C2B"].items() if isinstance(line[1], traced.Figure)}
    below = [published.NAMES[m] for m in above if oracle[m] < oracle["pca_svm"]]
    return Markdown(
        f"Where a reproduction falls short: {'; '.join(short)}. "
        f"{listed(near)} come within two points of what is printed, or above it. On C2B the paper has all of "
        f"{listed([published.NAMES[m] for m in above])} above PCA + SVM; of ours {listed(below)} "
        f"{'are' if len(below) > 1 else 'is'} below it. So everything this page says about these four is about our "
        "reconstructions."
    )


def on_the_toy(right: Mapping[str, float]) -> Markdown:
    """PCA + SVM on z-scores beside the other methods on the toy.

    Parameters
    ----------
    right : dict of str to float
        What each recognised, as a share.
    """
    plain, best = right["PCA + SVM on z-scores"], max(("DoSL", "JDAR", "TSDSL", "DBN + BP"), key=lambda m: right[m])
    assert plain > right["PCA + SVM on min–max"] + 0.2
    more = right[best] - plain
    if abs(more) < 0.02:
        word = "as well as the best of the others"
    else:
        word = "better than any other" if more < 0 else f"better than all but {best}"
    return Markdown(
        f"Here PCA + SVM on z-scores does {word}. Another scaling repairs what five shouts broke, without any "
        "transfer. The toy proves nothing about speech. It shows that a table of methods is also a table of scalings."
    )
