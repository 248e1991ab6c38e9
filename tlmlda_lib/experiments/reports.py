"""The tables that `tlmlda tables` prints, as frames of numbers and words. Chapter 3.1.

Nothing here trains: everything is read from records.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from tlmlda_lib.domains import OPEN_SCHEMES, PAPER_SCHEMES
from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import METRICS, RULES
from tlmlda_lib.experiments import audit, compare, criteria, published, store, tables

Records = Sequence[Mapping[str, Any]]

#: Collections whose many variants have a table of their own; elsewhere they are shown only if asked for by name.
ASIDE = ("search", "prices", "parts")

_OURS_ALONE = tuple(s for s in OPEN_SCHEMES if s not in PAPER_SCHEMES)


def of_the_paper(name: str, records: Records, rules: Sequence[str] = RULES) -> pd.DataFrame:
    """Table 3 or 4: WAR as published, and ours beside it.

    Parameters
    ----------
    name : {"table3", "table4"}
    records : sequence of dict
    rules : sequence of str

    Returns
    -------
    DataFrame
        A row for each method and source of figures: ``method``, ``figures`` ("paper", "README" or our setting),
        ``rule``, ``seeds``, a column for each scheme of the paper with ``mean``, and for each open scheme that the
        paper lacks, with ``open mean``. A cell is a mean over the seeds in percent, "not run" where a record is
        missing, or "not at hand" and "-" for what was not published.
    """
    ours = tables.summary(records, speakers=False) if records else pd.DataFrame()
    rows = []
    for method in published.ROWS[name]:
        for source, figures in (("paper", published.PAPER), ("README", published.README)):
            if method in figures:
                rows.append(_published(method, source, figures[method]))
        if method not in published.PAPER and method != "only_cls":
            rows.append(_published(method, "paper", {}))
        own = ours[ours["method"] == method] if len(ours) else ours
        if not len(own):
            rows.append({"method": published.NAMES[method], "figures": "ours", "rule": "", "seeds": ""} | _means({}))
        for settings, runs in own.groupby("settings", sort=False) if len(own) else ():
            seeds = sorted({int(runs["seeds"].min()), int(runs["seeds"].max())})
            for rule in rules:
                best = runs.sort_values("stale", ascending=False, kind="stable").drop_duplicates("scheme", keep="last")
                row = {"method": published.NAMES[method], "figures": f"ours, {settings}", "rule": rule}
                row["seeds"] = "-".join(map(str, seeds))
                rows.append(row | _means(dict(zip(best["scheme"], best[f"{rule}_war"], strict=True))))
    return pd.DataFrame(rows)


def _published(method: str, source: str, figures: Mapping[str, float]) -> dict[str, Any]:
    row: dict[str, Any] = {"method": published.NAMES[method], "figures": source, "rule": "", "seeds": ""}
    row |= {s: figures.get(s, "not at hand") for s in PAPER_SCHEMES}
    whole = [figures[s] for s in PAPER_SCHEMES if s in figures]
    row["mean"] = figures.get("mean", sum(whole) / 6 if len(whole) == 6 else "not at hand")
    return row | dict.fromkeys((*_OURS_ALONE, "open mean"), "-")


def _means(found: Mapping[str, float]) -> dict[str, Any]:
    """Figures by scheme with the two means, "not run" where one is missing."""

    def mean(schemes: Sequence[str]) -> Any:
        return sum(found[s] for s in schemes) / len(schemes) if all(s in found for s in schemes) else "not run"

    row = {s: found.get(s, "not run") for s in PAPER_SCHEMES} | {"mean": mean(PAPER_SCHEMES)}
    return row | {s: found.get(s, "not run") for s in _OURS_ALONE} | {"open mean": mean(OPEN_SCHEMES)}


def runs(records: Records) -> pd.DataFrame:
    """Every record, summed up over the seeds, with intervals as text."""
    rows = [
        {key: row[key] for key in ("scheme", "method", "settings", "scaling", "seeds")}
        | {f"{rule} {m.upper()}": tables.cell(row, f"{rule}_{m}") for rule in RULES for m in METRICS}
        | {"chance": row["chance"], "largest class": row["majority"]}
        for row in tables.summary(records).to_dict("records")
    ]
    return pd.DataFrame(rows)


def of_criteria(records: Records) -> pd.DataFrame:
    """Spearman and regret of each criterion without labels."""
    table = criteria.summary(records)
    return table.rename(columns=lambda c: c.replace("_spearman", " rho").replace("_regret", " regret"))


def of_genders(records: Records, rule: str = "final") -> pd.DataFrame:
    """WAR of women and men, and the gap with its interval."""
    rows = compare.gender_gap(records, rule=rule)
    for row in rows:
        row["women, men"] = ", ".join(map(str, row.pop("speakers")))
    return pd.DataFrame(rows).rename(columns={"gap": "female - male"})


def against(records: Records, name: str, rule: str = "final", metric: str = "war") -> pd.DataFrame:
    """Every other method compared with one: means over the shared schemes, each scheme, and speakers where few.

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


#: What each table's figures are.
CAPTIONS = {
    "table3": "Table 3 of the paper, WAR %: ablations. ",
    "table4": "Table 4 of the paper, WAR %: other methods. ",
    "audit": "Tables 3 and 4 of the paper where B and C allow it, WAR %: as published (the best epoch on target "
    "labels), and ours: oracle is of that kind; unsupervised, final and last (mean of the last fifty "
    "epochs, or of a third of a shorter run) are not.",
    "prices": "What a choice adds to WAR, in points, one at a time, with 95 % t intervals over the seeds: under the "
    "oracle, in the last epochs (as in the audit) and at the final one, not corrected for how many they are; 150 "
    "epochs as the authors' scripts train, where nothing else is said.",
    "runs": tables.CAPTION,
    "criteria": "Rank correlation (rho) of a criterion with the target's WAR over the epochs, and what the epoch that "
    "it chooses loses against the best one (points); means over the seeds. final: the last epoch.",
    "gender": "WAR % by the published gender of the target's speakers; low, high: 95 % bootstrap interval of the gap.",
    "against": "First method minus second, in points, on the same seeds; 95 % intervals by a hierarchical bootstrap "
    "(target speakers, then utterances; and seeds); Holm's correction over the comparisons of means.",
}

#: How many of a table's first columns say what a row is.
NAMES = {"table3": 3, "table4": 3, "audit": 5, "prices": 2, "runs": 3, "criteria": 3, "gender": 3, "against": 3}

_BESIDE = (
    "paper, README: as published, the best epoch on target labels (chapter 3.4), so our oracle row is the one beside "
    "it; final and unsupervised choose without target labels. not run: the corpus or the record is absent."
)
CAPTIONS |= {name: CAPTIONS[name] + _BESIDE for name in ("table3", "table4")}


def make(name: str, records: Records, *, rule: str | None = None, other: str | None = None) -> pd.DataFrame:
    """A table by its name, a key of `CAPTIONS`.

    Raises
    ------
    UserError
        If there is no such table, or no record for one that needs them.
    """
    if name not in CAPTIONS:
        raise UserError(f"table {name!r} is not known: use one of {', '.join(CAPTIONS)}")
    if rule is not None and rule not in RULES:
        raise UserError(f"rule {rule!r} is not known: use one of {', '.join(RULES)}")
    if name != "prices":
        records = [r for r in records if r["grid"] not in ASIDE] or records
    if name in ("table3", "table4"):
        return of_the_paper(name, records, RULES if rule is None else (rule,))
    if name == "against" and other is None:
        raise UserError("the table `against` needs a method to compare with: give --against METHOD[:PRESET]")
    made: dict[str, Callable[[], pd.DataFrame]] = {
        "audit": lambda: audit.audit(records),
        "prices": lambda: audit.prices(records),
        "runs": lambda: runs(records),
        "criteria": lambda: of_criteria(records),
        "gender": lambda: of_genders(records, rule or "final"),
        "against": lambda: against(records, str(other), rule or "final"),
    }
    if not records:
        raise UserError(f"the table {name} needs records, and there are none: `tlmlda reproduce` makes them")
    return made[name]()


def text(table: pd.DataFrame, form: str) -> str:
    """A table as "markdown", "csv" (all digits) or "latex" (booktabs).

    Raises
    ------
    UserError
        If the form is not known.
    """
    if form == "csv":
        return table.to_csv(index=False, lineterminator="\n").rstrip("\n")
    if form == "markdown":
        return tables.pipes(list(table.columns), words(table).to_numpy().tolist())
    if form == "latex":
        style = words(table).style.format(escape="latex").format_index(escape="latex", axis=1)
        return style.hide(axis="index").to_latex(hrules=True).rstrip("\n")
    raise UserError(f"format {form!r} is not known: use one of terminal, markdown, csv, latex")


def words(table: pd.DataFrame) -> pd.DataFrame:
    """The same in words: one decimal for percents and points, two for correlations, three for p."""

    def word(column: str, value: Any) -> str:
        if not isinstance(value, float):
            return str(value)
        if pd.isna(value):
            return "-"
        digits = 2 if column.endswith(" rho") else 3 if column in ("p", "p (Holm)") else 1
        return f"{value:.{digits}f}"

    return pd.DataFrame({c: [word(c, v) for v in table[c]] for c in table}, columns=table.columns)


def read(results: Any, grid: str | None = None) -> tuple[list[dict[str, Any]], list[str]]:
    """Records below a folder, and sentences about those that are stale or could not be read."""
    records, problems = store.scan(results, grid)
    return records, tables.notes(records) + problems
