"""What the page of scores computes: a plot of every method, the numbers behind it, and sentences about the runs."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any

import pandas as pd
from IPython.display import HTML, Markdown

from tlmlda_lib import corpora, domains
from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.peers import leaderboard
from tlmlda_lib.book.pages.peers.pairs import Draws
from tlmlda_lib.book.pages.words import listed
from tlmlda_lib.domains import OPEN_SCHEMES, PAPER_SCHEMES
from tlmlda_lib.evaluation import METRICS, plots
from tlmlda_lib.experiments import compare, policy, published, tables

Record = Mapping[str, Any]

VERDICTS = {"open": "no significant difference", "better": "a significant gain", "worse": "a significant loss"}

#: Rows of the plot that stand out: ours and its ablations.
OURS = ("tlmlda", "tlmlda_w", "tlmlda_alpha", "tlmlda_m", "tlmlda_l")


def lead(table: pd.DataFrame, final: pd.DataFrame, gain: policy.Answer) -> Markdown:
    """The page's answer: the best mean beside guessing, and what transfer adds.

    Parameters
    ----------
    table, final : DataFrame
        `tables.summary` of the records, and of it `tables.by_scheme` over the open schemes.
    gain : Answer
        As `lift` finds it.
    """
    of_row = final.dropna()["mean"]
    return Markdown(
        f"The best of {len(final)} rows recognises {of_row.max():.1f} % of the utterances (`{of_row.idxmax()[0]}`), "
        f"on average over {len(OPEN_SCHEMES)} pairs of corpora; guessing evenly would give "
        f"{table['chance'].min():.0f} %. Compared with the same network without transfer, TLMLDA scores "
        f"{traced.answered(gain, 'points').html()}: {VERDICTS[gain.verdict]}."
    )


def drawn(records: Sequence[Record], *, draws: int = 2000) -> Any:
    """Every row of `tables.by_scheme` as a dot with its interval, the best first; a matplotlib figure.

    Parameters
    ----------
    records : sequence of dict
        As `tlmlda_lib.experiments.shipped.records` gives them, of rows that were run on all open schemes.
    draws : int
        Of the bootstrap.
    """
    import matplotlib.pyplot as plt

    plt.switch_backend(plt.get_backend())  # it is loaded late, and only then shows a figure that a cell ends with
    rows = means(records, draws=draws)
    plots.use_style()
    figure, ax = plt.subplots(figsize=(5.2, 1 + 0.29 * len(rows)), layout="constrained")
    for height, row in enumerate(rows.itertuples()):
        colour = plots.ACCENT if row.method in OURS else plots.MUTED
        ax.plot([row.low, row.high], [height, height], color=colour, linewidth=2)
        ax.plot(row.war, height, "o", color=colour, markersize=6)
    for name, where in (("guessing evenly", rows["chance"].mean()), ("commonest emotion", rows["majority"].mean())):
        ax.axvline(where, color=plots.INK, linewidth=1, linestyle=":", label=f"{name}, {where:.0f} %")
    ax.set(yticks=range(len(rows)), yticklabels=plots.in_lines(rows["name"], 34), xlabel="WAR (%), mean of six schemes")
    ax.lines[-2].set_linestyle("--")
    ax.tick_params("y", labelsize=9)
    figure.legend(loc="outside upper right", ncols=2, fontsize=9, columnspacing=1)
    ax.invert_yaxis()
    return plots.closed(figure)


def means(records: Sequence[Record], *, draws: int = 2000) -> pd.DataFrame:
    """WAR after the last epoch, the mean over the open schemes, for each row that was run on all of them.

    Parameters
    ----------
    records : sequence of dict
        As `tlmlda_lib.experiments.shipped.records` gives them.
    draws : int
        Of the bootstrap.

    Returns
    -------
    DataFrame
        ``method name war low high chance majority``, the best first: percent, and the ends of the 95 % bootstrap
        interval over the target's speakers, then their utterances, of the mean over the seeds.
    """
    rows = {
        label: {scheme: runs for scheme, runs in schemes.items() if scheme in OPEN_SCHEMES}
        for label, schemes in compare.by_label(r for r in records if r["scheme"] in OPEN_SCHEMES).items()
        if set(OPEN_SCHEMES) <= set(schemes)
    }
    sampled = Draws({s: {label: of[s] for label, of in rows.items()} for s in OPEN_SCHEMES}, draws)
    found = []
    for label, schemes in rows.items():
        every = [[r for _, r in sorted(runs.items())] for runs in schemes.values()]
        low, high = sampled.interval(label, "final", "war")
        found.append(
            {
                "method": every[0][0]["method"],
                "name": named([r for runs in every for r in runs]),
                "war": mean(mean(r["rules"]["final"]["war"] for r in runs) for runs in every),
                "low": low,
                "high": high,
                "chance": mean(runs[0]["floor"]["chance"] for runs in every),
                "majority": mean(runs[0]["floor"]["majority"] for runs in every),
            }
        )
    return pd.DataFrame(found).sort_values("war", ascending=False, kind="stable", ignore_index=True)


def named(runs: Sequence[Record]) -> str:
    """A row in words: "JDAR (z-scores by voice)".

    Parameters
    ----------
    runs : sequence of dict
        Its records.
    """
    if runs[0]["method"] == "majority":
        return "always the source's commonest emotion"
    method, ways = runs[0]["method"], {leaderboard.in_words(r["scaling"]) for r in runs}
    name = published.NAMES.get(method) or leaderboard.NAMES.get(method, method)
    return f"{name} ({ways.pop() if len(ways) == 1 else leaderboard.VARIED})"


def data(table: pd.DataFrame) -> HTML:
    """A link that saves every number of the page as CSV.

    Parameters
    ----------
    table : DataFrame
        As from `tables.summary`.
    """
    ends = ("", "_low", "_high", "_speakers_low", "_speakers_high")
    numbers = [f"{rule}_{metric}{end}" for rule in tables.WAYS for metric in METRICS for end in ends]
    kept = ["scheme", "method", "settings", "scaling", "seeds", *numbers, "chance", "majority"]
    text = table[[name for name in kept if table[name].notna().any()]].to_csv(index=False, float_format="%.2f")
    address = f"data:text/csv;base64,{base64.b64encode(text.encode()).decode()}"
    return HTML(f'<p><a download="scores.csv" href="{address}">Save all {len(table)} rows as CSV</a></p>')


def summary(records: Sequence[Record], table: pd.DataFrame, final: pd.DataFrame) -> Markdown:
    """How many runs are behind the scores, what the floors are, which scheme is hardest, what the oracle would add.

    Parameters
    ----------
    records : sequence of dict
        As `tlmlda_lib.experiments.shipped.records` gives them.
    table, final : DataFrame
        As in `lead`.
    """
    hardest = final.max().drop("mean")
    counted = {domains.schemes.parse(r["scheme"]).target: r["counts"]["target_speakers"] for r in records}
    speakers = {corpora.short(name): n for name, n in counted.items()}
    missing = [scheme for scheme in PAPER_SCHEMES if scheme not in set(table["scheme"])]
    usual, most = lifts_of_the_oracle(table)
    return Markdown(
        f"- *Data.* An utterance is {records[0]['data']['columns']} numbers. The targets have "
        f"{', '.join(f'{n} speakers ({corpus})' for corpus, n in sorted(speakers.items()))}.\n"
        f"- *Runs.* Every score comes from {len(records)} records of single runs. The rows {numbers_of_runs(table)}. "
        f"Every other row is one run of a method whose result does not depend on the seed.\n"
        f"- *Guessing.* Always naming the target's commonest emotion would give {table['majority'].min():.0f} to "
        f"{table['majority'].max():.0f} %.\n"
        f"- *Hardest.* The hardest scheme is {hardest.idxmin()}, where no row passes {hardest.min():.1f} %.\n"
        f"- *Peeking.* If the target's own labels had chosen the epoch, the trained networks would seem {usual:.1f} "
        f"points better on average, and up to {most:.1f}.\n"
        f"- *Not run.* Of the paper's schemes, {', '.join(missing)} were not run."
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
