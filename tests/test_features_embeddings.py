"""The speaker encoder: a bare call's values, quietly, and one sentence where it is absent."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tlmlda_lib import features
from tlmlda_lib.errors import UserError
from tlmlda_lib.features import embeddings
from tlmlda_lib.features.embeddings import Resemblyzer

RATE = 16000
INSTALL = (
    "pip install 'librosa>=0.10.2' 'setuptools<81,>=70' 'webrtcvad-wheels>=2.0.14' && pip install --no-deps resemblyzer"
)


@pytest.fixture
def encoder() -> None:
    """Skip where the extra is not installed."""
    for name in ("resemblyzer", "librosa", "webrtcvad"):
        pytest.importorskip(name, reason=f"the extra voices is not installed: {INSTALL}")


def buzz(pitch: float, seconds: float = 1.2) -> np.ndarray:
    """A buzz with a vowel's resonances, loud enough for the detector of speech."""
    t = np.arange(int(seconds * RATE)) / RATE
    sound = np.zeros_like(t)
    for k in range(1, int(3800 / pitch)):
        f = k * pitch
        sound += sum(np.exp(-(((f - r) / 120) ** 2)) for r in (500, 1500, 2500)) * np.sin(2 * np.pi * f * t)
    return 0.5 * sound / np.abs(sound).max() * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * t))


def write(folder: Path, pitches: tuple[float, ...] = (110, 220, 150)) -> list[str]:
    for pitch in pitches:
        soundfile.write(folder / f"{pitch}.wav", buzz(pitch), RATE)
    return [str(folder / f"{pitch}.wav") for pitch in pitches]


@pytest.mark.usefixtures("encoder")
def test_values_are_a_bare_calls(tmp_path: Path) -> None:
    files = write(tmp_path)
    E = features.embed(files)
    assert E.shape == (3, 256)
    assert (E.dtypes == np.float32).all()
    assert list(E.columns[[0, 255]]) == ["resemblyzer_000", "resemblyzer_255"]
    import resemblyzer

    bare = resemblyzer.VoiceEncoder("cpu", verbose=False)
    for file, row in zip(files, E.to_numpy(), strict=True):
        sound = resemblyzer.preprocess_wav(soundfile.read(file, dtype="float32")[0])
        np.testing.assert_allclose(row, bare.embed_utterance(sound), atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(E, axis=1), 1, atol=1e-6)


@pytest.mark.usefixtures("encoder")
def test_neither_threads_nor_workers_change_a_bit_and_the_callers_state_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    files = write(tmp_path)
    tables = []
    before, drawn = torch.get_num_threads(), torch.get_rng_state()
    try:
        for threads in (1, 3):
            torch.set_num_threads(threads)
            tables.append(features.embed(files, cache=tmp_path / f"threads{threads}"))
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    assert torch.equal(torch.get_rng_state(), drawn)
    monkeypatch.setattr(Resemblyzer, "few", 1)
    tables.append(features.embed(files, workers=1, cache=tmp_path / "worker"))
    tables.append(features.embed(files, cache=tmp_path / "worker"))  # from the cache
    assert len({t.to_numpy().tobytes() for t in tables}) == 1


@pytest.mark.usefixtures("encoder")
def test_sound_without_speech_is_taken_whole(tmp_path: Path) -> None:
    noise = 0.001 * np.random.default_rng(0).standard_normal(RATE)
    soundfile.write(tmp_path / "noise.wav", noise, RATE)
    import resemblyzer

    sound = soundfile.read(tmp_path / "noise.wav", dtype="float32")[0]
    assert len(resemblyzer.preprocess_wav(sound)) == 0
    E = features.embed([tmp_path / "noise.wav"])
    whole = resemblyzer.audio.normalize_volume(sound, -30, increase_only=True)
    bare = resemblyzer.VoiceEncoder("cpu", verbose=False).embed_utterance(whole)
    np.testing.assert_allclose(E.to_numpy()[0], bare, atol=1e-6)
    assert not E.attrs["problems"]


@pytest.mark.usefixtures("encoder")
def test_bad_files_are_those_of_extract(tmp_path: Path) -> None:
    files = write(tmp_path, (110,))
    soundfile.write(tmp_path / "silence.wav", np.zeros(RATE), RATE)
    soundfile.write(tmp_path / "short.wav", buzz(110, 0.2), RATE)
    bad = [str(tmp_path / name) for name in ("silence.wav", "short.wav", "absent.wav")]
    problems = []
    for take in (features.extract, features.embed):
        with pytest.warns(features.FeatureWarning, match="3 of 4 files"):
            problems.append(take([*bad, *files]).attrs["problems"])
    assert problems[0] == problems[1]


# A newer SciPy has no scipy.ndimage.morphology, a newer setuptools no pkg_resources: neither may be found here.
QUIET = """
import importlib.util, sys, warnings
import scipy.ndimage
del sys.modules["scipy.ndimage.morphology"], scipy.ndimage.morphology
class Gone:
    def find_spec(self, name, path=None, target=None):
        if name in ("scipy.ndimage.morphology", "pkg_resources"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Gone())
find_spec = importlib.util.find_spec
importlib.util.find_spec = lambda name, *a: None if name == "pkg_resources" else find_spec(name, *a)
warnings.simplefilter("error", DeprecationWarning)
from tlmlda_lib import features
E = features.embed(sys.argv[1:2], cache=sys.argv[2])
assert E.shape == (1, 256)
assert "resemblyzer" in sys.modules
assert not {"scipy.ndimage.morphology", "pkg_resources"} & set(sys.modules)
"""


@pytest.mark.usefixtures("encoder")
def test_it_is_quiet_and_bears_newer_packages(tmp_path: Path) -> None:
    file = write(tmp_path, (110,))[0]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONWARNINGS": "default"}
    command = [sys.executable, "-c", QUIET, file, str(tmp_path / "cache")]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "resemblyzer" not in done.stderr + done.stdout
    assert "Warning" not in done.stderr


@pytest.mark.parametrize("name", ["resemblyzer", "librosa", "webrtcvad"])
def test_without_the_extra_one_sentence_says_what_to_type(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UserError) as error:
        features.embed(["a.wav"])
    assert str(error.value).endswith(f": {INSTALL}")
    assert name in str(error.value)


def test_unknown_model() -> None:
    with pytest.raises(UserError, match="model 'wav2vec' is not known: use one of resemblyzer"):
        features.embed(["a.wav"], "wav2vec")


@pytest.mark.usefixtures("encoder")
def test_key_follows_the_weights(tmp_path: Path) -> None:
    found = embeddings.MODELS["resemblyzer"]()
    assert found.weights.is_file()
    other = tmp_path / "pretrained.pt"
    other.write_bytes(b"other weights")
    assert Resemblyzer(other).key != found.key


@pytest.mark.usefixtures("encoder")
def test_voices_of_real_speakers_are_told_apart(real_corpora: Path) -> None:
    from sklearn.cluster import KMeans

    actors = [1, 2, 5, 6, 11, 12]
    files = [f for a in actors for f in sorted((real_corpora / "ravdess").rglob(f"Actor_{a:02d}/*.flac"))[:40:10]]
    if not files:
        pytest.skip("RAVDESS is not there")
    found = KMeans(2, n_init=10, random_state=0).fit_predict(features.embed(files).to_numpy())
    male = np.array([int(f.parent.name[-2:]) % 2 for f in files])  # odd actors are men
    assert max((found == male).mean(), (found != male).mean()) == 1
