"""The tables that `tlmlda tables` prints, as frames of numbers and words. Chapter 3.1.

Nothing here trains: everything is read from records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from tlmlda_lib.book.pages.peeking import audit
from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import METRICS
from tlmlda_lib.experiments import choosing, compare, criteria, feature_scores, paper_tables, store, tables

Records = Sequence[Mapping[str, Any]]

#: Collections whose many variants have a table of their own; elsewhere they appear only on request.
ASIDE = ("search", choosing.GRID, "prices", "parts", feature_scores.GRID)


def runs(records: Records) -> pd.DataFrame:
    """Every record, summed up over the seeds, with intervals as text.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    """
    rows = [
        {key: row[key] for key in ("scheme", "method", "settings", "scaling", "seeds")}
        | {f"{rule} {m.upper()}": tables.cell(row, f"{rule}_{m}") for rule in tables.WAYS for m in METRICS}
        | {"chance": row["chance"], "largest class": row["majority"]}
        for row in tables.summary(records).to_dict("records")
    ]
    return pd.DataFrame(rows)


def of_criteria(records: Records) -> pd.DataFrame:
    """Spearman and regret of each criterion without labels.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    """
    table = criteria.summary(records)
    return table.rename(columns=lambda c: c.replace("_spearman", " rho").replace("_regret", " regret"))


def of_genders(records: Records, rule: str = "final") -> pd.DataFrame:
    """WAR of women and men, and the gap with its interval.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    rule : str
        A rule of `tlmlda_lib.experiments.tables.WAYS`.
    """
    rows = compare.gender_gap(records, rule=rule)
    for row in rows:
        row["women, men"] = ", ".join(map(str, row.pop("speakers")))
    return pd.DataFrame(rows).rename(columns={"gap": "female - male"})


def against(records: Records, name: str, rule: str = "final", metric: str = "war") -> pd.DataFrame:
    """Every other method compared with one: means over the shared schemes, each scheme, and speakers where few.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    name : str
        A label of `tlmlda_lib.experiments.compare.label`, or its beginning.
    rule : str
        A rule of `tlmlda_lib.experiments.tables.WAYS`.
    metric : {"war", "uar"}
        The score.

    Raises
    ------
    UserError
        If there is no such method among the records, or nothing to compare it with.
    """
    found = compare.by_label(records)
    second = compare.one_of(found, name)
    others = [x for x in found if x != second and set(found[x]) & set(found[second])]
    if not others:
        raise UserError(f"no other method was run on a scheme of {second}: run one")
    rows = []
    for one in compare.compare(records, [(x, second) for x in others], rule=rule, metric=metric):
        for scheme, d in (("mean", one.mean), *one.schemes.items()):
            row = {"first": one.first, "second": one.second, "scheme": scheme, "seeds": d.seeds}
            row |= {"difference": d.value, "low": d.low, "high": d.high, "p": d.p}
            row["p (Holm)"] = one.p_holm if scheme == "mean" else ""
            few = len(d.by_speaker) <= compare.FEW_SPEAKERS
            row["by speaker"] = ", ".join(f"{s} {v:+.1f}" for s, v in d.by_speaker.items()) if few else ""
            rows.append(row)
    return pd.DataFrame(rows)


_HOW = (
    "ours, reconstructed (our reading of a source that leaves much open): {rule}; below it half of the 95 % t interval "
    "over seeds. Preset: {preset}."
)

_BESIDE = (
    " paper, README (the authors' own): as printed; their scripts report the best epoch on target labels (chapter "
    "3.4), so the like of it is --rule oracle. " + _HOW + " - : not run; eNTERFACE (E) is not available to us."
)

#: How a rule is said under a table.
RULE_WORDS = {
    "score": "the last epoch where weights are averaged, else the mean of the last third of the epochs",
    "final": "the last epoch",
    "unsupervised": "the epoch that InfoMax chooses without labels",
    "oracle": "the best epoch on target labels, a bound, not a result",
}

#: What each table's numbers are.
CAPTIONS = {
    "table3": "Table 3 of the paper, {metric} %: ablations." + _BESIDE,
    "table4": "Table 4 of the paper, {metric} %: other methods." + _BESIDE,
    "open": "The six schemes that anyone can run, {metric} %. " + _HOW,
    "features": "Features by method on the six schemes that anyone can run, {metric} %: last epoch, mean over the "
    "seeds; low, high: 95 % t interval of the mean over the seeds; gain: over no transfer with the same features and "
    "seeds, in points. The preset for a target corpus was chosen on pairs in which it does not occur.",
    "audit": "Tables 3 and 4 of the paper where B and C allow it, WAR %: as printed (the best epoch on target labels), "
    "and ours: oracle is of that kind; unsupervised, final and score (see table3) are not.",
    "prices": "What a choice adds to WAR, in points, one at a time, with 95 % t intervals over the seeds: under the "
    "oracle, and by the score (see table3); not corrected for multiple comparisons; 150 epochs "
    "as the authors' scripts train, where nothing else is said.",
    "runs": tables.CAPTION,
    "criteria": "Rank correlation (rho) of a criterion with the target's WAR over the epochs, and what the epoch that "
    "it chooses loses against the best one (points); means over the seeds. final: the last epoch.",
    "gender": "WAR % by the published gender of the target's speakers; low, high: 95 % bootstrap interval of the gap.",
    "against": "First method minus second, in points, on the same seeds, last epoch; 95 % intervals by a hierarchical "
    "bootstrap (target speakers, then utterances; and seeds); p of the means corrected for multiple comparisons "
    "(Holm).",
}

#: Number of first columns that name a row.
NAMES = {"table3": 1, "table4": 1, "open": 1, "features": 2, "audit": 5, "prices": 2}
NAMES |= {"runs": 3, "criteria": 3, "gender": 3, "against": 3}


def caption(name: str, *, rule: str | None = None, metric: str = "war", preset: str | None = None) -> str:
    """What a table's numbers are, for the rule, metric and preset of ours that it was made with.

    Parameters
    ----------
    name : str
        Name of the table.
    rule : str
        A rule of `tlmlda_lib.experiments.tables.WAYS`.
    metric : {"war", "uar"}
        The score.
    preset : str, optional
        Preset of our runs.
    """
    words = {
        "rule": RULE_WORDS[rule or "score"],
        "metric": metric.upper(),
        "preset": preset or paper_tables.defaults(name),
    }
    text = CAPTIONS[name]
    for key, word in words.items():
        text = text.replace("{" + key + "}", word)
    return text


def make(
    name: str,
    records: Records,
    *,
    rule: str | None = None,
    metric: str = "war",
    preset: str | None = None,
    each_seed: bool = False,
    other: str | None = None,
) -> pd.DataFrame:
    """A table by its name, a key of `CAPTIONS`.

    Parameters
    ----------
    name : str
    records : sequence of dict
    rule, metric, preset, each_seed
        Of ours in the tables `table3`, `table4` and `open`, as in `paper_tables.of_the_paper`; ``rule`` of `gender` and
        `against`, too.
    other : str, optional
        The method that `against` compares with.

    Raises
    ------
    UserError
        If there is no such table, rule or metric, or no record for a table that needs them.
    """
    if name not in CAPTIONS:
        raise UserError(f"table {name!r} is not known: use one of {', '.join(CAPTIONS)}")
    if rule is not None and rule not in RULE_WORDS:
        raise UserError(f"rule {rule!r} is not known: use one of {', '.join(RULE_WORDS)}")
    if metric not in METRICS:
        raise UserError(f"metric {metric!r} is not known: use one of {', '.join(METRICS)}")
    if name == "against" and other is None:
        raise UserError("the table `against` needs a method to compare with: give --against METHOD[:PRESET]")
    how: dict[str, Any] = {"rule": rule or "score", "metric": metric, "preset": preset, "each_seed": each_seed}
    if name == "features":
        return feature_scores.table(records, metric)
    if name != "prices":
        records = [r for r in records if r["grid"] not in ASIDE] or records
    if name in ("table3", "table4"):
        return paper_tables.of_the_paper(name, records, **how)
    if not records:
        raise UserError(f"the table {name} needs records, and there are none: `tlmlda reproduce` makes them")
    of_runs = "final" if rule in (None, "score") else str(rule)
    made: dict[str, Callable[[], pd.DataFrame]] = {
        "open": lambda: paper_tables.of_open_schemes(records, **how),
        "audit": lambda: audit.audit(records),
        "prices": lambda: audit.prices(records),
        "runs": lambda: runs(records),
        "criteria": lambda: of_criteria(records),
        "gender": lambda: of_genders(records, of_runs),
        "against": lambda: against(records, str(other), of_runs),
    }
    return made[name]()


def text(table: pd.DataFrame, form: str) -> str:
    """A table as "markdown", "csv" (all digits) or "latex" (booktabs).

    Parameters
    ----------
    table : DataFrame
        The table.
    form : {"markdown", "csv", "latex"}
        The format.

    Raises
    ------
    UserError
        If the form is not known.
    """
    if form == "csv":
        return str(table.to_csv(index=False, lineterminator="\n").rstrip("\n"))
    if form == "markdown":
        return tables.pipes(list(table.columns), words(table).to_numpy().tolist())
    if form == "latex":
        style = words(table).style.format(escape="latex").format_index(escape="latex", axis=1)
        return style.hide(axis="index").to_latex(hrules=True).rstrip("\n")
    raise UserError(f"format {form!r} is not known: use one of terminal, markdown, csv, latex")


def words(table: pd.DataFrame) -> pd.DataFrame:
    """The same in words: one decimal for percents and points, two for correlations, three for p.

    Parameters
    ----------
    table : DataFrame
        The table.
    """

    def word(column: str, value: Any) -> str:
        if not isinstance(value, float):
            return str(value)
        if pd.isna(value):
            return "-"
        digits = 2 if column.endswith(" rho") else 3 if column in ("p", "p (Holm)") else 1
        return f"{value:.{digits}f}"

    return pd.DataFrame({c: [word(c, v) for v in table[c]] for c in table}, columns=table.columns)


def read(folders: Iterable[Any], grid: str | None = None) -> tuple[list[dict[str, Any]], list[str]]:
    """Records in some folders, and sentences about those that are stale or could not be read.

    Parameters
    ----------
    folders : iterable of path
        Folders of records.
    grid : str, optional
        Only this collection.
    """
    records, problems = store.scan(*folders, grid=grid)
    records = [r for r in records if "rules" in r]  # pictures and stress have no scores of their own
    return records, tables.notes(records) + problems
