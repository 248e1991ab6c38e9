"""Folders of one's own recordings, as chapter 3.5 thinks of them, and what the library does with each."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tlmlda_lib import domains, features
from tlmlda_lib.domains.scaling import PerDomainScaler
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import run
from tlmlda_lib.features.voices import VoiceGroups

KNOWN = {"corpora": ("two", "one"), "labels": ("known", "none"), "names": ("known", "none"), "voices": ("both", "one")}


def tables(state: dict[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """A labelled corpus, a folder of mine as the library would load it, and the voice of each recording of mine."""
    n = state["recordings"]
    who = np.arange(n) % state["speakers"] if state["names"] == "known" else np.zeros(n, dtype=int)
    voice = (who if state["names"] == "known" else np.arange(n)) % 2 if state["voices"] == "both" else np.zeros(n, int)
    # Each speaker in turns, so that two recordings of anybody are of two emotions.
    rounds = np.arange(n) // state["speakers"] if state["names"] == "known" else np.arange(n)
    labels = pd.array(np.where((rounds + who) % 2, "sad", "anger"), dtype="string")
    mine = pd.DataFrame({"emotion": labels, "corpus": "folder"}, index=[f"/mine/{i}.wav" for i in range(n)])
    mine["speaker"] = [f"s{w}" if state["names"] == "known" else "unknown" for w in who]
    mine["gender"] = pd.NA
    if state["labels"] == "none":
        mine["emotion"] = pd.array([pd.NA] * n, dtype="string")
    theirs = pd.DataFrame({"emotion": ["anger", "sad"] * 20, "corpus": "casia", "gender": pd.NA})
    theirs["speaker"] = np.repeat(["a", "b", "c", "d"], 10)
    theirs.index = pd.Index([f"/theirs/{i}.wav" for i in range(40)])
    return theirs, mine, voice


def made_features(files: Any) -> pd.DataFrame:
    rows = [np.random.default_rng([len(f), *f.encode()]).normal(size=6) for f in files]
    made = pd.DataFrame(np.array(rows, dtype=np.float32), index=list(files), columns=[f"f{i}" for i in range(6)])
    made.attrs["problems"] = []
    return made


def by_library(state: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the library does with such recordings, features and voices put in by hand."""
    theirs, mine, voice = tables(state)
    monkeypatch.setattr(features, "extract", lambda table, **how: made_features(table.index))
    source, target = theirs, mine
    if state["corpora"] == "one":
        held = mine["speaker"] == mine["speaker"].iloc[0]
        source, target = mine[~held], mine[held]
    nothing = {"corpus": (0, 0, "none"), "voices": (0, 0, "none"), "speaker": (0, 0, "none")}
    refused = {"end": ("false", "false", "none")}
    # Which emotions a folder without labels holds is for its owner to say; where all is mine, nobody can.
    classes = ("anger", "sad") if state["labels"] == "none" and state["corpora"] == "two" else None
    try:
        pair = domains.make_pair(source, target, classes, scheme="to-mine")
    except UserError as error:
        return nothing | refused | {"error": str(error)}
    rows = pair.target
    sound = dict(zip(mine.index, voice, strict=True))
    heard = np.array([sound.get(f, int(f[8:-4]) % 2 if "theirs" in f else 0) for f in pair.files])
    spread = np.random.default_rng(0).normal(0, 0.05, size=(len(rows), 256))
    embedded = spread + np.where(heard, 1.0, -1.0)[:, None]
    codes = {
        "corpus": None,
        "voices": VoiceGroups.fit(embedded, pair.sample_domain).codes(embedded, pair.sample_domain),
    }
    codes["speaker"] = pair.groups
    found: dict[str, Any] = {}
    for within, group in codes.items():
        Z = PerDomainScaler("zscore", within).fit_transform(pair.X, sample_domain=pair.sample_domain, groups=group)[
            rows
        ]
        of = np.zeros(len(Z), dtype=int) if group is None else group[rows]
        names, counts = np.unique(of, return_counts=True)
        Z = Z[of == names[counts.argmin()]]
        column = "zeros" if not Z.any() else "signs" if np.allclose(np.abs(Z), 1, atol=1e-4) else "free"
        found[within] = (len(names), int(counts.min()), column)
    interval = "speakers" if len(set(np.array(pair.speakers)[rows])) > 1 else "utterances"
    try:
        run.run(pair, "majority", runs=state["results"], results=state["results"], fresh=True)
    except UserError as error:
        return found | {"end": ("true", "false", "none"), "error": str(error)}
    return found | {"end": ("true", "true", interval), "error": ""}


STATES = [
    {**dict(zip(KNOWN, choice, strict=True)), "recordings": n, "speakers": s}
    for choice in itertools.product(*KNOWN.values())
    for n, s in ((40, 4), (41, 3), (5, 2), (4, 4), (8, 1))
] + [
    {"corpora": "two", "labels": labels, "names": names, "voices": "both", "recordings": n, "speakers": 4}
    for labels, names in itertools.product(KNOWN["labels"], KNOWN["names"])
    for n in (1, 2, 3)
]
