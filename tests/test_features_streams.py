"""Streams of columns by name: counts of the literature, every column once, in any order."""

from __future__ import annotations

import numpy as np
import opensmile
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from tlmlda_lib import corpora, domains, features
from tlmlda_lib.features.streams import IS10_PLACES


def names_of(feature_set: str) -> list[str]:
    return opensmile.Smile(opensmile.FeatureSet[feature_set], opensmile.FeatureLevel.Functionals).feature_names


IS10, EGEMAPS = names_of("IS10"), names_of("eGeMAPSv02")
SPEAKER = [f"resemblyzer_{i:03d}" for i in range(256)]
WHISPER = [f"whisper-tiny_L{layer}_{what}_{i:03d}" for layer in (2, 4) for what in ("mean", "std") for i in range(384)]


def test_is10_is_31_acoustic_contours_and_the_prosody():
    found = features.streams(IS10)
    assert {name: len(columns) for name, columns in found.items()} == {"prosodic": 280, "acoustic": 1302}
    for name, columns in found.items():
        assert np.array_equal(np.flatnonzero(name == IS10_PLACES), columns)
    assert len(found["acoustic"]) == 31 * 2 * 21  # contours, with their slopes, by 21 functionals
    contours = {IS10[i].split("_sma")[0].split("__")[0] for i in found["acoustic"]}
    assert contours == {"mfcc", "logMelFreqBand", "lspFreq"}
    assert not any(IS10[i].startswith(("mfcc", "logMel", "lsp")) for i in found["prosodic"])
    assert {"F0final__Turn_numOnsets", "F0final__Turn_duration"} <= {IS10[i] for i in found["prosodic"]}


def test_every_set_has_its_stream():
    assert list(features.streams(EGEMAPS)) == ["egemaps"]  # it has mfcc1_sma3_amean: a cepstrum, but not IS10's
    assert list(features.streams(SPEAKER)) == ["resemblyzer"]
    assert list(features.streams(WHISPER)) == ["whisper-tiny"]
    assert list(features.streams(["pitch", "energy"])) == ["other"]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_order_of_columns_is_free_and_each_has_one_stream(seed):
    names = [*IS10, *EGEMAPS, *SPEAKER, *WHISPER, "x"]
    expected = {s: {names[i] for i in columns} for s, columns in features.streams(names).items()}
    np.random.default_rng(seed).shuffle(names)
    found = features.streams(names)
    assert {s: {names[i] for i in columns} for s, columns in found.items()} == expected
    assert sorted(np.concatenate(list(found.values()))) == list(range(len(names)))
    assert all((np.diff(columns) > 0).all() for columns in found.values())


def test_egemaps_beside_is10_in_a_pair_comes_from_the_cache(tmp_path, monkeypatch):
    rate, tables = 16000, {}
    for corpus, pitch in (("one", 130.0), ("two", 200.0)):
        folder = tmp_path / corpus
        for emotion, rise in (("anger", 1.3), ("sad", 0.8)):
            (folder / emotion).mkdir(parents=True)
            t = np.arange(rate) / rate
            tone = sum(np.sin(2 * np.pi * k * pitch * rise * t) / k for k in range(1, 6))
            soundfile.write(folder / emotion / "0.wav", 0.2 * tone, rate)
        tables[corpus] = corpora.load("folder", folder)
    sets = ("is10", "egemaps")
    pair = domains.make_pair(tables["one"], tables["two"], features=sets, cache=str(tmp_path / "cache"))
    assert pair.features == sets
    assert pair.X.shape == (4, 1582 + 88)
    assert {name: len(c) for name, c in pair.streams.items()} == {"prosodic": 280, "acoustic": 1302, "egemaps": 88}
    fresh = features.extract(list(pair.files), feature_set="eGeMAPSv02", cache=tmp_path / "other")
    np.testing.assert_array_equal(pair.X[:, 1582:], fresh.to_numpy())

    def never(self):
        pytest.fail("extracted again")

    monkeypatch.setattr("tlmlda_lib.features.smile.Functionals.load", never)
    again = domains.make_pair(tables["one"], tables["two"], features=sets, cache=str(tmp_path / "cache"))
    assert again.feature_digest == pair.feature_digest
