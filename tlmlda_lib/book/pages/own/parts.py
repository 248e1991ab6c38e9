"""Targets of one gender or of one speaker, beside the same recordings within their whole corpus. Chapter 3.5."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tlmlda_lib import domains
from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.traced import Figure
from tlmlda_lib.experiments import contents, plans, policy, query
from tlmlda_lib.experiments.policy import Answer

Record = Mapping[str, Any]

#: What a target is cut to, and the word for it.
KINDS = {"female": "women", "male": "men", "speaker": "one speaker"}

#: Both sides of a comparison, seed by seed: records of the whole corpus, each cut to a part, and of the part alone.
Sides = tuple[list[dict[str, Any]], list[dict[str, Any]]]


def beside(
    records: Iterable[Record], scheme: str, method: str, metric: str = "war"
) -> dict[str, tuple[Figure, Figure]]:
    """Score of the same recordings within the whole target corpus, and as the whole target.

    Chapter 3.5.

    Parameters
    ----------
    records : iterable of dict
        Of the collections "main" and "parts"; those of the preset ``recommended-is10`` count.
    scheme, method : str
        As "C2B", "tlmlda".
    metric : {"war", "uar"}

    Returns
    -------
    dict of str to (Figure, Figure)
        By `KINDS`: within the whole and alone, in percent, the mean over the seeds that both have. Of "speaker" the
        recordings of four speakers are counted together; alone, each speaker is a target of a run of its own.
    """
    what = f"final {metric} of"
    return {
        kind: (
            _figure(within, metric, f"{what} {KINDS[kind]} within all"),
            _figure(alone, metric, f"{what} {KINDS[kind]} alone"),
        )
        for kind, (within, alone) in _sides(records, scheme, method).items()
    }


def asked(
    records: Iterable[Record], schemes: Sequence[str], methods: Sequence[str], *, metric: str = "war"
) -> dict[tuple[str, str], Answer]:
    """How much better a part is recognised alone than within its whole corpus: all questions at once. Chapter 3.5.

    Parameters
    ----------
    records : iterable of dict
        As for `beside`.
    schemes, methods : sequence of str
    metric : {"war", "uar"}

    Returns
    -------
    dict of (str, str) to Answer
        By method and kind, the mean over the schemes (`tlmlda_lib.experiments.policy.ask`); p is corrected for all of
        them. Without those that were not run.
    """
    records = list(records)
    questions: dict[tuple[str, str], Sides] = {}
    for method in methods:
        of_scheme = [_sides(records, scheme, method) for scheme in schemes]
        for kind in KINDS:
            within, alone = ([r for of in of_scheme for r in of[kind][i]] for i in (0, 1))
            questions[method, kind] = (alone, within)
    answers = policy.ask({" ".join(key): sides for key, sides in questions.items()}, metric=metric)
    return {
        key: replace(
            found,
            records=tuple(of for r in found.records for of in r["of"]),
            second=tuple(of for r in found.second for of in r["of"]),
            what=f"bootstrap of final {metric} of {KINDS[key[1]]}, alone minus within all",
        )
        for key in questions
        if (found := answers.get(" ".join(key))) is not None
    }


def _sides(records: Iterable[Record], scheme: str, method: str) -> dict[str, Sides]:
    """By kind, the runs on the whole, cut to the part, and those on the part alone; of the seeds that both have."""
    kept = list(records)
    whole = {r["seed"]: r for r in query.runs(kept, query.Kind(method, "recommended-is10"), scheme)}
    ours = query.runs(kept, query.Kind(method, "recommended-is10", grids=("parts",)))
    alone = {(r["scheme"], r["seed"]): r for r in ours}
    found: dict[str, Sides] = {}
    for kind in KINDS:
        ends = plans.SOME_SPEAKERS[domains.schemes.parse(scheme).target] if kind == "speaker" else (kind,)
        seeds = [k for k in sorted(whole) if all((f"{scheme}-{end}", k) in alone for end in ends)]
        runs = {k: [alone[f"{scheme}-{end}", k] for end in ends] for k in seeds}
        found[kind] = (
            [_made(scheme, [whole[k]], {s for r in runs[k] for s in r["utterances"]}) for k in seeds],
            [_made(scheme, runs[k]) for k in seeds],
        )
    return found


def _made(scheme: str, runs: Sequence[Record], speakers: set[str] | None = None) -> dict[str, Any]:
    """One record of several runs that share no speaker, or of some speakers of a run; ``of`` says which runs."""
    unpacked = [contents.unpack(r, "final") for r in runs]
    hits, truth, who = (np.concatenate(arrays) for arrays in zip(*unpacked, strict=True))
    kept = np.isin(who, sorted(speakers)) if speakers is not None else np.ones(len(who), dtype=bool)
    hits, truth, who = hits[kept], truth[kept], who[kept]
    utterances = {s: list(of) for r in runs for s, of in r["utterances"].items() if speakers is None or s in speakers}
    recalls = [hits[truth == c].mean() for c in np.unique(truth)]
    final = {"hits": contents.pack(hits, truth, who), "war": 100 * hits.mean(), "uar": 100 * np.mean(recalls)}
    own = {"scheme": scheme, "utterances": dict(sorted(utterances.items())), "rules": {"final": final}}
    return {**runs[0], **own, "of": tuple(runs)}


def _figure(side: Sequence[Record], metric: str, what: str) -> Figure:
    """Mean over the seeds, with the places of the runs themselves."""
    places = [traced.place(of) for r in side for of in r["of"]]
    return traced.over_seeds({r["seed"]: float(r["rules"]["final"][metric]) for r in side}, places, what)
