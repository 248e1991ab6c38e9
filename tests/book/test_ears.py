"""What features are worth, on records that are made up: two sentences, a picture, and the layers of an encoder."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from tlmlda_lib.book.pages import ears
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.experiments import contents, feature_scores, store

#: Recordings of each of a target's eight speakers, half of each of two classes.
EACH = 20

#: Of these the recognised ones, by feature set and method.
RIGHT = {
    (ears.IS10, "only_cls"): 8,
    (ears.IS10, "tlmlda"): 8,
    (ears.BEST, "only_cls"): 11,
    (ears.BEST, "tlmlda"): 14,
}


def record(sets: tuple[str, ...], method: str, scheme: str, seed: int, right: int, **more: Any) -> dict[str, Any]:
    speakers = [f"s/{i}" for i in range(8)]
    hits = np.tile(np.arange(EACH) < right, len(speakers))
    truth = np.tile(np.arange(EACH) % 2, len(speakers))
    packed = contents.pack(hits, truth, np.repeat(speakers, EACH))
    return {
        "grid": "feature-sets",
        "scheme": scheme,
        "method": method,
        "preset": f"recommended-without-{scheme[-1]}",
        "overrides": {},
        "options_digest": store.options_digest({}),
        "seed": seed,
        "classes": ["anger", "sad"],
        "utterances": {s: [EACH // 2, EACH // 2] for s in speakers},
        "data": {"features": list(sets)},
        "params": {"averaged": 1 / 3},
        "curve": {},
        "revisions": {},
        "rules": {"final": {"war": 100 * right / EACH, "uar": 0.0, "hits": packed}},
    } | more


@pytest.fixture
def records() -> list[dict[str, Any]]:
    runs = [
        record(sets, method, scheme, seed, right)
        for (sets, method), right in RIGHT.items()
        for scheme in OPEN_SCHEMES
        for seed in range(3)
    ]
    layers = [
        record((name,), "lda", scheme, 0, 4 + min(i, 6 - i))
        for i, name in enumerate(feature_scores.LAYERS)
        for scheme in OPEN_SCHEMES
    ]
    return [*runs, *layers]


def words(text: str) -> str:
    return re.sub(r"<[^>]*>", "", text).replace("\N{NO-BREAK SPACE}", " ")


def test_scores_and_gains_are_those_by_hand(records: list[dict[str, Any]]) -> None:
    said = words(ears.in_short(records, ears.ask(records, draws=200)).data)
    assert "TLMLDA recognises 40.0 ± 0.0 % of the six schemes" in said
    assert "not significantly different (+0.0 points [0.0, 0.0], p = 1) from the same network without transfer" in said
    assert "recognises 70.0 ± 0.0 %, +15.0 points [" in said
    assert re.search(r"significantly better than the same network .* gains \+15\.0 points \[", said)


def test_the_layers_are_named_by_their_scores(records: list[dict[str, Any]]) -> None:
    said = words(ears.layers(records).data)
    assert "has 6 layers" in said
    assert "enters the first of them recognises 20.0 %, on layer 3 35.0 %" in said
    assert said.endswith("which is the usual choice, 20.0 %.")


def test_every_method_has_a_mark_in_the_picture(records: list[dict[str, Any]]) -> None:
    (axes,) = ears.drawn(records).axes
    means = {tuple(np.round(line.get_xdata().astype(float), 6)) for line in axes.lines if line.get_marker() in "oD"}
    assert means == {(40.0, 55.0), (40.0, 70.0)}
    assert [t.get_text() for t in axes.get_yticklabels()] == ["IS10", "layer 3 + speaker encoder"]
    assert axes.yaxis_inverted()


def test_runs_of_another_scaling_and_of_other_targets_are_left_out(
    records: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = record(ears.BEST, "tlmlda", "C2B", 0, 1, overrides={"within": "speaker"})
    lopsided = record(ears.BEST, "tlmlda", "C2B-mostly-anger", 0, 1)
    monkeypatch.setattr(ears.shipped, "records", lambda grid: [*records, other, lopsided])
    assert ears.read() == records
