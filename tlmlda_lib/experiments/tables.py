"""Records as tables, for the command line and for the book. Chapter 3.1.

Nothing here trains or needs a corpus: everything is read from the records.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tlmlda_lib import evaluation
from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import METRICS, RULES
from tlmlda_lib.experiments import contents, policy, store

#: Fields that are equal in all records of a summary's row.
KEYS = ("grid", "scheme", "method", "preset", "options_digest")

#: Rules of a summary: the score of `policy`, and the three of `tlmlda_lib.evaluation`.
WAYS = ("score", *RULES)

#: Caption of the tables.
CAPTION = (
    "WAR and UAR in percent, both of the same epochs. score: the last epoch where weights are averaged, else the mean "
    "over the last third of the epochs. final: the last epoch; unsupervised: the epoch with the largest "
    f"{contents.CRITERION}, found without labels; oracle: the best epoch on target labels, a bound, not a result. "
    "± half of the 95 % t interval over seeds, from three on; in brackets the 95 % bootstrap interval over target "
    "speakers, then their utterances. Every method sees the target's features without labels (transductive)."
)


#: Caption if no method has epochs.
ONE_SCORE = (
    "WAR and UAR in percent, of the method as it was fitted: it has no epochs to choose from. ± half of the 95 % t "
    "interval over seeds, from three on; in brackets the 95 % bootstrap interval over target speakers, then their "
    "utterances. Every method sees the target's features without labels (transductive)."
)


def tidy(records: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """A row for each record and rule.

    Parameters
    ----------
    records : iterable of dict
        As from `tlmlda_lib.experiments.store.scan`.

    Returns
    -------
    DataFrame
        The columns of `KEYS`, ``settings`` (options that differ from the preset), ``scaling``, ``seed``, ``rule``,
        ``war``, ``uar`` (percent), ``epoch`` (NA for methods without epochs), ``chance``, ``majority`` (percent),
        ``seconds``, ``peak_memory_mib``.
    """
    rows = [
        {
            **{key: r[key] for key in KEYS},
            "settings": settings(r),
            "scaling": r["scaling"],
            "seed": r["seed"],
            "rule": rule,
            "war": r["rules"][rule]["war"],
            "uar": r["rules"][rule]["uar"],
            "epoch": r["rules"][rule].get("epoch"),
            "chance": r["floor"]["chance"],
            "majority": r["floor"]["majority"],
            "seconds": r["seconds"],
            "peak_memory_mib": r["peak_memory_mib"],
        }
        for r in records
        for rule in RULES
    ]
    columns = [*KEYS, "settings", "scaling", "seed", "rule", *METRICS, "epoch", "chance", "majority"]
    table = pd.DataFrame(rows, columns=[*columns, "seconds", "peak_memory_mib"])
    return table.astype({"epoch": "Int64"})


def settings(record: Mapping[str, Any]) -> str:
    """The preset and changed options, as "recommended-is10, epochs=5".

    Parameters
    ----------
    record : dict
        A record.
    """
    parts = []
    for k, v in sorted(record.get("overrides", {}).items()):
        if k == "alpha" and isinstance(v, Mapping):
            parts += [f"alpha.{name}={a:g}" for name, a in v.items()]
        else:
            parts.append(f"{k}={_short(v)}")
    sets = record.get("data", {}).get("features", list(contents.FEATURES))
    parts += [] if tuple(sets) == contents.FEATURES else [f"features={_short(sets)}"]
    return ", ".join([record["preset"], *parts])


def summary(records: Iterable[Mapping[str, Any]], *, level: float = 0.95, speakers: bool = True) -> pd.DataFrame:
    """A row for each scheme, method and preset (with its options): means over seeds, and intervals. Chapter 3.1.

    Parameters
    ----------
    records : iterable of dict
    level : float
        Level of both kinds of intervals.
    speakers : bool
        Whether to draw the bootstrap intervals.

    Returns
    -------
    DataFrame
        ``scheme method settings scaling seeds``; for each of `WAYS` and metric, as ``final_war``, the mean in percent,
        ``final_war_low final_war_high`` (t over seeds, NaN for one seed) and ``final_war_speakers_low
        final_war_speakers_high`` (bootstrap over target speakers and utterances, of the mean over the seeds; NaN where
        seeds were scored on different data); ``chance majority classes seconds`` (mean) ``peak_memory_mib`` (largest)
        ``speaker_metadata`` (whether speakers' names were used) ``stale`` (records of an older revision) ``epochs``
        (whether the method has any to choose from), and `KEYS`.
    """
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for record in records:
        groups.setdefault(tuple(record[key] for key in KEYS), []).append(record)
    rows = []
    for key, members in groups.items():
        first = members[0]
        row: dict[str, Any] = {
            **dict(zip(KEYS, key, strict=True)),
            "settings": settings(first),
            "scaling": first["scaling"],
            "seeds": len(members),
        }
        for rule in WAYS:
            for metric in METRICS:
                values = [number(m, rule, metric) for m in members]
                name = f"{rule}_{metric}"
                row[name] = float(np.mean(values))
                row[f"{name}_low"], row[f"{name}_high"] = policy.interval(values, level)
                nothing = (float("nan"), float("nan"))
                drawn = _over_speakers(members, rule, metric, level) if speakers and rule != "score" else nothing
                row[f"{name}_speakers_low"], row[f"{name}_speakers_high"] = drawn
        row |= {
            "chance": first["floor"]["chance"],
            "majority": first["floor"]["majority"],
            "classes": len(first["classes"]),
            "seconds": float(np.mean([m["seconds"] for m in members])),
            "peak_memory_mib": max(m["peak_memory_mib"] for m in members),
            "speaker_metadata": any(m["saw"]["speaker_metadata"] for m in members),
            "stale": sum(bool(store.stale(m)) for m in members),
            "epochs": "epoch" in first["rules"]["final"],
        }
        rows.append(row)
    return pd.DataFrame(rows)


def confusions(records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A confusion matrix for each scheme, method and preset (with its options). Chapter 3.1.

    Parameters
    ----------
    records : iterable of dict

    Returns
    -------
    list of dict
        `KEYS`, ``settings``, ``seeds`` (how many runs are summed), ``rule`` ("final", the last epoch), ``epochs``
        (whether the method has any), ``classes``, ``counts`` (rows are the truth, columns the predictions) and
        ``recall`` (percent, by emotion; NaN for an emotion that the target does not have).
    """
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for record in records:
        groups.setdefault(tuple(record[key] for key in KEYS), []).append(record)
    found = []
    for key, members in groups.items():
        final = [m["rules"]["final"] for m in members]
        counts = np.sum([np.asarray(one["confusion"], dtype=np.int64) for one in final], axis=0)
        of_row = counts.sum(1)
        recall = np.where(of_row > 0, 100 * counts.diagonal() / np.maximum(of_row, 1), np.nan)
        classes = list(members[0]["classes"])
        found.append(
            dict(zip(KEYS, key, strict=True))
            | {"settings": settings(members[0]), "seeds": len(members), "rule": "final", "epochs": "epoch" in final[0]}
            | {"classes": classes, "counts": counts.tolist()}
            | {"recall": dict(zip(classes, recall.tolist(), strict=True))}
        )
    return found


def number(record: Mapping[str, Any], rule: str, metric: str) -> float:
    """WAR or UAR of a run under one of `WAYS`.

    Parameters
    ----------
    record : dict
        A record.
    rule : str
        One of `WAYS`.
    metric : {"war", "uar"}
        The score.
    """
    return policy.score(record, metric) if rule == "score" else float(record["rules"][rule][metric])


def _over_speakers(members: Sequence[Mapping[str, Any]], rule: str, metric: str, level: float) -> tuple[float, float]:
    """Bootstrap interval of the mean over seeds."""
    if len({m["data"]["digest"] for m in members}) > 1:
        return float("nan"), float("nan")
    unpacked = [contents.unpack(m, rule) for m in members]
    _, truth, speakers = unpacked[0]
    runs = np.stack([np.where(hit, truth, -1) for hit, _, _ in unpacked])
    return evaluation.bootstrap_interval(truth, runs, speakers, metric, level=level)


def by_scheme(
    table: pd.DataFrame, rule: str = "score", metric: str = "war", schemes: Sequence[str] | None = None
) -> pd.DataFrame:
    """Methods down, schemes across: means over seeds of one rule and metric. Chapter 3.1.

    Parameters
    ----------
    table : DataFrame
        From `summary`.
    rule, metric : str
    schemes : sequence of str, optional
        Columns and their order; by default all, as they come.

    Returns
    -------
    DataFrame
        Indexed by method, settings and scaling (several are joined by "or"); a column per scheme (NaN: not run) and
        ``mean`` over all of them (NaN if one was not run), in percent.
    """
    if rule not in WAYS or metric not in METRICS:
        raise UserError(f"rule {rule!r} or metric {metric!r} is not known: use {_short(WAYS)} and {_short(METRICS)}")
    columns = list(dict.fromkeys(table["scheme"])) if schemes is None else list(schemes)
    index = ["method", "settings", "scaling"]
    # A preset may scale the features of different targets differently, and still has one row.
    ways = table.groupby(index[:2], sort=False)["scaling"].transform(lambda of: " or ".join(sorted(set(of))))
    table = table.assign(scaling=ways)
    if (twice := table[table.duplicated([*index, "scheme"], keep=False)]).size:
        both = " and ".join(twice.iloc[:2][list(KEYS)].agg(" ".join, axis=1))
        raise UserError(f"two settings share a name, {both}: keep one of them, or give one collection")
    rows = table.set_index([*index, "scheme"])[f"{rule}_{metric}"]
    wide = rows.unstack("scheme").reindex(columns=columns)  # noqa: PD010 - pivot would sort the methods
    wide = wide.loc[list(dict.fromkeys(table.set_index(index).index))]
    wide["mean"] = wide.mean(axis=1, skipna=False)
    wide.columns.name = None
    return wide


def cell(row: Mapping[str, Any], name: str, *, speakers: bool = True) -> str:
    """Mean and intervals of one score in a summary's row, as "57.1 ± 1.2 [49.0, 63.2]".

    Parameters
    ----------
    row : mapping
        A row of `summary`.
    name : str
        Column, as "final_war".
    speakers : bool
        Whether to add the interval over speakers.
    """
    text = f"{row[name]:.1f}"
    if not np.isnan(row[f"{name}_low"]):
        text += f" ± {(row[f'{name}_high'] - row[f'{name}_low']) / 2:.1f}"
    if speakers and not np.isnan(row[f"{name}_speakers_low"]):
        text += f" [{row[f'{name}_speakers_low']:.1f}, {row[f'{name}_speakers_high']:.1f}]"
    return text


def markdown(table: pd.DataFrame, *, speakers: bool = True) -> str:
    """A summary as a Markdown table: one row per scheme, method and preset; WAR and UAR under the three rules.

    Parameters
    ----------
    table : DataFrame
        As from `summary`.
    speakers : bool
        Whether to add the intervals over speakers.
    """
    head = ["scheme", "method", "preset", "scaling", "seeds"]
    for rule in RULES:
        head += [f"{rule} {metric.upper()}" for metric in METRICS]
    head = [h.replace("oracle", "*oracle*") for h in head] + ["chance / largest class"]
    rows = [
        [row["scheme"], row["method"], row["settings"], row["scaling"], str(row["seeds"])]
        + [cell(row, f"{rule}_{metric}", speakers=speakers) for rule in RULES for metric in METRICS]
        + [f"{row['chance']:.1f} / {row['majority']:.1f}"]
        for row in table.to_dict("records")
    ]
    return pipes(head, rows)


def markdown_by_scheme(wide: pd.DataFrame) -> str:
    """A table of `by_scheme` in Markdown, with one decimal, and "not run" where there is no score.

    Parameters
    ----------
    wide : DataFrame
        As from `by_scheme`.
    """
    head = [*wide.index.names, *wide.columns]
    rows = [
        [*names, *("not run" if np.isnan(v) else f"{v:.1f}" for v in values)]
        for names, values in zip(wide.index, wide.to_numpy(), strict=True)
    ]
    return pipes(head, rows)


def pipes(head: Sequence[Any], rows: Sequence[Sequence[Any]]) -> str:
    """A Markdown table.

    Parameters
    ----------
    head : sequence
        Titles of the columns.
    rows : sequence of sequence
        The cells.
    """
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(c).replace("|", "\\|") for c in line) + " |" for line in lines)


def notes(records: Iterable[Mapping[str, Any]]) -> list[str]:
    """What a reader of these records must know: which depend on older revisions, and of what.

    Parameters
    ----------
    records : iterable of dict
        Records.
    """
    changed: set[str] = set()
    cells: dict[str, int] = {}
    for record in records:
        if names := store.stale(record):
            changed |= set(names)
            cell = f"{record['scheme']} {record['method']} ({settings(record)})"
            cells[cell] = cells.get(cell, 0) + 1
    if not cells:
        return []
    return [
        f"{sum(cells.values())} records depend on an older revision ({', '.join(sorted(changed))}); --stale of "
        f"`tlmlda run` or `reproduce` runs them again: {', '.join(f'{cell} x {n}' for cell, n in cells.items())}"
    ]


def read(*folders: str | Path, grid: str | None = None) -> tuple[pd.DataFrame, list[str]]:
    """Summary of all records in some folders, and sentences about stale or unreadable ones.

    Parameters
    ----------
    *folders : path
        As in `tlmlda_lib.experiments.store.scan`.
    grid : str, optional
        Only this collection.
    """
    records, problems = store.scan(*folders, grid=grid)
    return summary(records), notes(records) + problems


def _short(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
