"""Speech encoders: a bare call's values on tiny models that are saved here, and one sentence where there is none."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from tlmlda_lib import features
from tlmlda_lib.errors import UserError
from tlmlda_lib.features import pretrained

RATE = 16000
INSTALL = "pip install 'faster-whisper>=1.0.3' 'transformers>=4.44'"


@pytest.fixture(scope="module")
def transformers():
    return pytest.importorskip("transformers", reason=f"the extra pretrained is not installed: {INSTALL}")


@pytest.fixture(scope="module")
def models(transformers, tmp_path_factory) -> dict[str, Path]:
    """Folders of a wav2vec2 and a Whisper with random weights, 16 numbers wide."""
    torch.manual_seed(0)
    folders = {name: tmp_path_factory.mktemp("models") / f"tiny-{name}" for name in ("wav2vec2", "whisper")}
    config = transformers.Wav2Vec2Config(
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=24,
        conv_dim=(8, 8),
        conv_kernel=(10, 8),
        conv_stride=(10, 16),
        num_conv_pos_embeddings=4,
        num_conv_pos_embedding_groups=2,
    )
    transformers.Wav2Vec2Model(config).save_pretrained(folders["wav2vec2"])
    transformers.Wav2Vec2FeatureExtractor(do_normalize=True).save_pretrained(folders["wav2vec2"])
    config = transformers.WhisperConfig(
        d_model=16,
        encoder_layers=3,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=24,
        decoder_ffn_dim=24,
        vocab_size=60,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=3,
    )
    transformers.WhisperModel(config).save_pretrained(folders["whisper"])
    transformers.WhisperFeatureExtractor().save_pretrained(folders["whisper"])
    return folders


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> list[str]:
    folder, rng = tmp_path_factory.mktemp("sounds"), np.random.default_rng(0)
    for i, seconds in enumerate((0.6, 1.0, 1.317)):
        soundfile.write(folder / f"{i}.wav", 0.1 * rng.standard_normal(int(seconds * RATE)), RATE)
    return [str(folder / f"{i}.wav") for i in range(3)]


def bare(transformers, kind: str, folder: Path, sound: np.ndarray) -> list[np.ndarray]:
    """All layers (frames, 16) of a sound by transformers alone."""
    if kind == "wav2vec2":
        values = torch.as_tensor((sound - sound.mean()) / np.sqrt(sound.var() + 1e-7))[None]
        states = transformers.Wav2Vec2Model.from_pretrained(folder).eval()(values, output_hidden_states=True)
        return [s[0].detach().numpy() for s in states.hidden_states]
    mel = transformers.WhisperFeatureExtractor()(sound, sampling_rate=RATE, return_tensors="pt").input_features
    encoder = transformers.WhisperModel.from_pretrained(folder).eval().encoder
    kept = math.ceil(len(sound) / 320)
    return [s[0, :kept].detach().numpy() for s in encoder(mel, output_hidden_states=True).hidden_states]


@pytest.mark.parametrize("kind", ["wav2vec2", "whisper"])
def test_values_are_a_bare_calls(transformers, models, files, kind):
    E = features.embed(files, str(models[kind]))
    assert E.shape == (3, 16)
    assert (E.dtypes == np.float32).all()
    last = {"wav2vec2": 2, "whisper": 3}[kind]
    assert list(E.columns[[0, 15]]) == [f"tiny-{kind}_L{last}_mean_000", f"tiny-{kind}_L{last}_mean_015"]
    assert list(features.streams(E.columns)) == [f"tiny-{kind}"]
    both = features.embed(files, str(models[kind]), layers=(0, -1), std=True)
    assert both.shape == (3, 64)
    assert both.columns[16] == f"tiny-{kind}_L0_std_000"
    for file, row, long in zip(files, E.to_numpy(), both.to_numpy(), strict=True):
        layers = bare(transformers, kind, models[kind], soundfile.read(file, dtype="float32")[0])
        assert len(layers) == last + 1
        np.testing.assert_allclose(row, layers[-1].mean(0), atol=1e-5)
        expected = [f(layers[i], 0) for i in (0, -1) for f in (np.mean, np.std)]
        np.testing.assert_allclose(long, np.concatenate(expected), atol=1e-5)


@pytest.mark.parametrize("kind", ["wav2vec2", "whisper"])
def test_long_sound_goes_in_equal_parts(transformers, models, files, kind, tmp_path, monkeypatch):
    monkeypatch.setattr(pretrained, "LONGEST", 0.5)
    monkeypatch.setattr(pretrained, "AT_ONCE", 2)
    row = features.embed(files[2:], str(models[kind]), std=True, cache=tmp_path).to_numpy()[0]
    sound = soundfile.read(files[2], dtype="float32")[0]
    m = len(sound) // 3
    parts = [bare(transformers, kind, models[kind], sound[i * m : (i + 1) * m])[-1] for i in range(3)]
    frames = np.concatenate(parts)
    np.testing.assert_allclose(row, np.concatenate([frames.mean(0), frames.std(0)]), atol=1e-5)


def test_neither_workers_nor_the_cache_change_a_bit_and_the_callers_state_stays(models, files, tmp_path, monkeypatch):
    drawn = torch.get_rng_state()
    here = features.embed(files, str(models["wav2vec2"]), cache=tmp_path / "here")
    assert torch.equal(torch.get_rng_state(), drawn)
    monkeypatch.setattr(pretrained.Encoder, "few", 1)
    there = features.embed(files, str(models["wav2vec2"]), workers=1, cache=tmp_path / "there")
    monkeypatch.setattr(pretrained.Encoder, "load", lambda self: pytest.fail("loaded again"))
    kept = features.embed(files[::-1], str(models["wav2vec2"]), cache=tmp_path / "there")[::-1]
    assert here.to_numpy().tobytes() == there.to_numpy().tobytes() == kept.to_numpy().tobytes()


def test_key_follows_weights_and_what_is_asked_for(transformers, models, tmp_path):
    folder = tmp_path / "tiny-wav2vec2"
    torch.manual_seed(1)
    transformers.Wav2Vec2Model(transformers.Wav2Vec2Config.from_pretrained(models["wav2vec2"])).save_pretrained(folder)
    transformers.Wav2Vec2FeatureExtractor().save_pretrained(folder)
    asked = [(models["wav2vec2"], (-1,), False), (folder, (-1,), False), (folder, (1,), False), (folder, (1,), True)]
    assert len({pretrained.find(str(f), layers, std).key for f, layers, std in asked}) == 4
    assert pretrained.find(str(folder), (2,)).key == pretrained.find(str(folder)).key


def test_a_name_that_is_not_here_is_fetched(models, files, monkeypatch):
    hub = pytest.importorskip("huggingface_hub")
    asked = []

    def snapshot_download(name, allow_patterns, local_files_only):
        asked.append((name, local_files_only))
        if local_files_only:
            raise FileNotFoundError
        return str(models["whisper"])

    monkeypatch.setattr(hub, "snapshot_download", snapshot_download)
    E = features.embed(files, "someone/whisper-small")
    assert asked == [("someone/whisper-small", here_only) for here_only in (True, True, False)]
    assert E.columns[0] == "whisper-small_L3_mean_000"
    np.testing.assert_array_equal(E.to_numpy(), features.embed(files, str(models["whisper"])).to_numpy())


def test_older_weights_that_are_kept_need_no_network(tmp_path, monkeypatch):
    hub = pytest.importorskip("huggingface_hub")
    for name in ("config.json", "pytorch_model.bin"):
        (tmp_path / name).write_text("{}")

    def snapshot_download(name, allow_patterns, local_files_only):
        assert local_files_only
        return str(tmp_path)

    monkeypatch.setattr(hub, "snapshot_download", snapshot_download)
    assert pretrained._fetched("facebook/wav2vec2-base") == tmp_path


def test_without_network_and_weights_one_sentence(transformers, files, tmp_path, monkeypatch):
    hub = pytest.importorskip("huggingface_hub")

    def snapshot_download(*_, local_files_only, **__):
        raise FileNotFoundError if local_files_only else ConnectionError("no route\nto host")

    monkeypatch.setattr(hub, "snapshot_download", snapshot_download)
    with pytest.raises(UserError, match="openai/whisper-tiny is not on this machine") as error:
        features.embed(files, "openai/whisper-tiny")
    assert "\n" not in str(error.value)
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert", "num_hidden_layers": 1, "hidden_size": 4}))
    with pytest.raises(UserError, match="cannot be loaded") as error:
        features.embed(files, str(tmp_path))
    assert "\n" not in str(error.value)


def test_a_whisper_of_ctranslate2_has_transformers_values(transformers, models, files, tmp_path):
    ctranslate2 = pytest.importorskip("ctranslate2", reason=f"the extra pretrained is not installed: {INSTALL}")
    pytest.importorskip("faster_whisper", reason=f"the extra pretrained is not installed: {INSTALL}")
    whole = transformers.WhisperForConditionalGeneration(transformers.WhisperConfig.from_pretrained(models["whisper"]))
    whole.model.load_state_dict(transformers.WhisperModel.from_pretrained(models["whisper"]).state_dict())
    spec = ctranslate2.converters.transformers.WhisperLoader().get_model_spec(whole)
    spec.register_vocabulary([f"token{i}" for i in range(60)])
    spec.validate()
    spec.save(str(tmp_path))
    E = features.embed(files, str(tmp_path), std=True)
    assert E.columns[0] == f"{tmp_path.name}_last_mean_000"
    np.testing.assert_allclose(E.to_numpy(), features.embed(files, str(models["whisper"]), std=True), atol=1e-4)
    with pytest.raises(UserError, match="only the last layer"):
        features.embed(files, str(tmp_path), layers=(1,))


# What follows needs no model


def test_without_the_extra_one_sentence_says_what_to_type(monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(UserError) as error:
        features.embed(["a.wav"], "openai/whisper-tiny")
    assert str(error.value) == f"the encoder openai/whisper-tiny needs transformers: {INSTALL}"


def test_what_is_no_model_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(pretrained, "find_spec", lambda name: True)
    for name, words in (
        (str(tmp_path / "absent"), "is not a folder"),
        ("./absent", "is not a folder"),
        (str(tmp_path), "contains no config.json"),
    ):
        with pytest.raises(UserError, match=words):
            features.embed(["a.wav"], name)
    with pytest.raises(UserError, match="'whisper' is not known: use one of resemblyzer, a name like openai/whisper"):
        features.embed(["a.wav"], "whisper")
    (tmp_path / "config.json").write_text(json.dumps({"num_hidden_layers": 4, "hidden_size": 8}))
    with pytest.raises(UserError, match="0 to 4"):
        features.embed(["a.wav"], str(tmp_path), layers=(5,))
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(UserError, match="lacks the number of layers"):
        features.embed(["a.wav"], str(tmp_path))


def test_the_speaker_encoder_has_no_layers():
    with pytest.raises(UserError, match="one embedding"):
        features.embed(["a.wav"], std=True)


def test_equal_parts_lose_less_than_a_sample_each():
    for n in (4000, 480000, 480001, 1440007):
        parts = pretrained.equal_parts(np.arange(n, dtype=np.float32))
        assert parts.shape[1] <= 30 * RATE
        assert 0 <= n - parts.size < len(parts)
        np.testing.assert_array_equal(parts.ravel(), np.arange(parts.size))
