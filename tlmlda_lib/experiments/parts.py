"""Targets of one gender or of one speaker, beside the same recordings within their whole corpus. Chapter 3.5."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tlmlda_lib.experiments import plans, tables, traced
from tlmlda_lib.experiments.traced import Figure

Record = Mapping[str, Any]

#: What a target is cut to, and the word for it.
KINDS = {"female": "women", "male": "men", "speaker": "one speaker"}


def beside(records: Iterable[Record], scheme: str, method: str) -> dict[str, tuple[Figure, Figure]]:
    """Final WAR of the same recordings: where the target is the whole corpus, and where it is no more than they.

    Parameters
    ----------
    records : iterable of dict
        Of the collections "main" and "parts"; those of the preset ``recommended`` count.
    scheme, method : str
        As "C2B", "tlmlda".

    Returns
    -------
    dict of str to (Figure, Figure)
        By `KINDS`: within the whole and alone, the mean over the seeds that both have. Of "speaker" each value is a
        mean over some speakers, one target for each.
    """
    ours = [r for r in records if r["method"] == method and tables.settings(r) == "recommended"]
    whole = {r["seed"]: r for r in ours if (r["grid"], r["scheme"]) == ("main", scheme)}
    cut = {(r["scheme"], r["seed"]): r for r in ours if r["grid"] == "parts"}
    found = {}
    for kind in KINDS:
        ends = plans.SOME_SPEAKERS[scheme[-1]] if kind == "speaker" else (kind,)
        seeds = [k for k in sorted(whole) if all((f"{scheme}-{end}", k) in cut for end in ends)]
        parts = {k: [cut[f"{scheme}-{end}", k] for end in ends] for k in seeds}
        within = {k: float(np.mean([_within(whole[k], end) for end in ends])) for k in seeds}
        alone = {k: float(np.mean([r["rules"]["final"]["war"] for r in parts[k]])) for k in seeds}
        of_parts = [traced.place(r) for k in seeds for r in parts[k]]
        found[kind] = (
            traced.over_seeds(
                within, [traced.place(whole[k]) for k in seeds], f"final war of {KINDS[kind]} within all"
            ),
            traced.over_seeds(alone, of_parts, f"final war of {KINDS[kind]} alone"),
        )
    return found


def _within(record: Record, part: str) -> float:
    """WAR that a run on a whole corpus has on a gender, or on a speaker."""
    final = record["rules"]["final"]
    if part in final["by_gender"]:
        return float(final["by_gender"][part])
    (war,) = [war for speaker, war in final["by_speaker"].items() if speaker.split("/")[-1] == part]
    return float(war)
