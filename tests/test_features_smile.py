"""openSMILE's numbers: those of a bare call, for every form of the same sound."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import opensmile
import pytest
import soundfile
import soxr

from tlmlda_lib import features
from tlmlda_lib.errors import UserError
from tlmlda_lib.features import recipe
from tlmlda_lib.features.smile import Functionals

RATE = 16000


def voice(seconds: float = 1.0, rate: int = RATE, pitch: float = 140.0, peak: float = 0.4) -> np.ndarray:
    """A hum with a moving pitch and six harmonics, (n,) in steps of 16 bits."""
    t = np.arange(int(seconds * rate)) / rate
    phase = 2 * np.pi * pitch * (t + 0.05 * np.sin(2 * np.pi * 3 * t) / 3)
    sound = sum(np.sin(k * phase) / k for k in range(1, 7)) * (0.6 + 0.4 * np.sin(2 * np.pi * 2 * t))
    return np.round(peak * sound / np.abs(sound).max() * 32768) / 32768


def bare(sound: np.ndarray, feature_set: str = "IS10") -> np.ndarray:
    smile = opensmile.Smile(opensmile.FeatureSet[feature_set], opensmile.FeatureLevel.Functionals)
    return smile.process_signal(sound, RATE).to_numpy()[0]


@pytest.mark.parametrize("feature_set", features.FEATURE_SETS)
def test_values_and_names_are_opensmiles(tmp_path: Path, feature_set: str) -> None:
    soundfile.write(tmp_path / "a.wav", voice(), RATE)
    X = features.extract([tmp_path / "a.wav"], feature_set=feature_set)
    names = opensmile.Smile(opensmile.FeatureSet[feature_set], opensmile.FeatureLevel.Functionals).feature_names
    assert X.shape == (1, features.FEATURE_SETS[feature_set])
    assert list(X.columns) == names
    assert (X.dtypes == np.float32).all()
    np.testing.assert_array_equal(X.to_numpy()[0], bare(voice(), feature_set))


def test_real_recordings_give_a_bare_calls_values(real_corpora: Path) -> None:
    files = [str(sorted(folder.rglob("*.flac"))[k]) for folder in sorted(real_corpora.iterdir()) if folder.is_dir()
             for k in (0, 99)]  # fmt: skip
    X = features.extract(files)
    for file, row in zip(files, X.to_numpy(), strict=True):
        np.testing.assert_array_equal(row, bare(soundfile.read(file, dtype="float32")[0]))


def test_stereo_44100_hz_is_the_mean_at_16000(tmp_path: Path) -> None:
    left, right = voice(rate=44100), voice(rate=44100, pitch=141)
    soundfile.write(tmp_path / "a.wav", np.stack([left, right], 1), 44100)
    mono = soxr.resample(((left + right) / 2).astype(np.float32), 44100, RATE, quality="VHQ")
    np.testing.assert_array_equal(features.extract([tmp_path / "a.wav"]).to_numpy()[0], bare(mono))


@pytest.mark.parametrize(("suffix", "subtype"), [("wav", "PCM_U8"), ("wav", "FLOAT"), ("flac", "PCM_24")])
def test_other_formats(tmp_path: Path, suffix: str, subtype: str) -> None:
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, voice(), RATE, subtype=subtype)
    X = features.extract([path])
    np.testing.assert_array_equal(X.to_numpy()[0], bare(soundfile.read(path, dtype="float32")[0]))


def test_full_scale_does_not_wrap_round(tmp_path: Path) -> None:
    """openSMILE's binding turns 1.0 into -32768: what resampling lifts to it is clipped below."""
    sound = (voice() / voice().max()).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", sound, RATE, subtype="FLOAT")
    assert sound.max() == 1
    assert recipe.prepare(str(tmp_path / "a.wav")).max() == np.float32(32767 / 32768)
    expected = bare(np.clip(sound, -1, np.float32(32767 / 32768)))
    np.testing.assert_array_equal(features.extract([tmp_path / "a.wav"]).to_numpy()[0], expected)


def test_shortest_sound(tmp_path: Path) -> None:
    n = int(recipe.SHORTEST * RATE)
    for length in (n - 1, n):
        soundfile.write(tmp_path / f"{length}.wav", voice()[:length], RATE)
    with pytest.warns(features.FeatureWarning, match=f"{n - 1}.wav is too short"):
        X = features.extract([tmp_path / f"{n - 1}.wav", tmp_path / f"{n}.wav"])
    assert list(X.index) == [str(tmp_path / f"{n}.wav")]
    assert np.isfinite(X.to_numpy()).all()


def test_workers_change_no_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Functionals, "few", 1)  # else six files are done in this process
    files = [tmp_path / f"{i}.wav" for i in range(6)]
    for i, file in enumerate(files):
        soundfile.write(file, voice(0.4 + 0.1 * i, pitch=100 + 20 * i), RATE)
    tables = [features.extract(files[::-1], workers=w, cache=tmp_path / f"c{w}") for w in (1, 2)]
    tables.append(features.extract(files[::-1], cache=tmp_path / "c1"))  # from the cache
    monkeypatch.setattr(Functionals, "few", 100)
    tables.append(features.extract(files[::-1], cache=tmp_path / "c3"))
    for table in tables:
        assert list(table.index) == [str(f) for f in files[::-1]]
        assert table.to_numpy().tobytes() == tables[0].to_numpy().tobytes()


def test_unknown_feature_set() -> None:
    with pytest.raises(UserError, match="'IS11' is not known: use one of IS10, eGeMAPSv02"):
        features.extract(["a.wav"], feature_set="IS11")


def test_key_tells_set_versions_and_preprocessing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = Functionals("IS10").key
    assert before.startswith("IS10-opensmile-2.")
    monkeypatch.setattr(recipe, "PREPARATION", 99)
    assert len({before, Functionals("IS10").key, Functionals("eGeMAPSv02").key}) == 3
