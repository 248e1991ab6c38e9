"""Speech encoders: a bare call's values on tiny models that are saved here, and one sentence where there is none."""

from __future__ import annotations

import json
import math
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import huggingface_hub
import numpy as np
import pytest
import soundfile
import torch

from tlmlda_lib import features
from tlmlda_lib.errors import UserError
from tlmlda_lib.features import embeddings, encoders, pretrained

RATE = 16000
INSTALL = "pip install 'faster-whisper>=1.0.3' 'transformers>=4.44'"


@pytest.fixture(scope="module")
def transformers():
    import transformers

    return transformers


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
    E = features.embed(files, str(models[kind]), context="padded")
    assert E.shape == (3, 16)
    assert (E.dtypes == np.float32).all()
    last = {"wav2vec2": 2, "whisper": 3}[kind]
    assert list(E.columns[[0, 15]]) == [f"tiny-{kind}_L{last}_mean_000", f"tiny-{kind}_L{last}_mean_015"]
    assert list(features.streams(E.columns)) == [f"tiny-{kind}"]
    both = features.embed(files, str(models[kind]), layers=(0, -1), std=True, context="padded")
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
    row = features.embed(files[2:], str(models[kind]), std=True, context="padded", cache=tmp_path).to_numpy()[0]
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


def test_key_follows_weights_and_what_is_asked_for(transformers, models, tmp_path, monkeypatch):
    folder = tmp_path / "tiny-wav2vec2"
    torch.manual_seed(1)
    transformers.Wav2Vec2Model(transformers.Wav2Vec2Config.from_pretrained(models["wav2vec2"])).save_pretrained(folder)
    transformers.Wav2Vec2FeatureExtractor().save_pretrained(folder)
    asked = [(models["wav2vec2"], (-1,), False), (folder, (-1,), False), (folder, (1,), False), (folder, (1,), True)]
    asked += [(models["whisper"], (1,), False, context) for context in ("thinned", "padded", 2.0)]
    keys = [pretrained.find(str(f), *how).key for f, *how in asked]
    assert len(set(keys)) == len(asked)
    assert pretrained.find(str(folder), (2,)).key == pretrained.find(str(folder)).key
    monkeypatch.setattr(pretrained, "version", lambda name: "0.0")
    assert pretrained.find(*map(str, asked[0][:1]), *asked[0][1:]).key != keys[0]


def test_an_encoder_is_found_in_a_folder_of_encoders(models, files, tmp_path, monkeypatch):
    for place in ("someone/whisper-small", "whisper-small", "whisper-small-encoder"):
        home = tmp_path / place.replace("/", "-")
        shutil.copytree(models["whisper"], home / place)
        E = features.embed(files, "someone/whisper-small:2", encoders=home)
        assert E.columns[0] == "whisper-small_L2_mean_000"
        monkeypatch.setenv("TLMLDA_ENCODERS", str(home))
        assert features.embed(files, "someone/whisper-small", layers=(2,)).equals(E)
        monkeypatch.delenv("TLMLDA_ENCODERS")
    monkeypatch.setenv("TLMLDA_ENCODERS", str(tmp_path / "absent"))
    with pytest.raises(UserError, match="absent is not a folder"):
        features.embed(files, "someone/whisper-small")


def test_what_was_fetched_is_found_without_a_network(models, files, monkeypatch):
    asked = []

    def snapshot_download(name, allow_patterns, local_files_only=False):
        asked.append((name, local_files_only))
        assert not any(pattern.endswith(".bin") for pattern in allow_patterns)
        return str(models["whisper"])

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot_download)
    E = features.embed(files, "someone/whisper-small")
    assert asked == [("someone/whisper-small", True)]
    assert E.columns[0] == "whisper-small_L3_mean_000"
    assert encoders.fetch("someone/whisper-small") == models["whisper"]
    assert asked[1:] == [("someone/whisper-small", False)]


def test_nothing_is_downloaded_unasked(files, monkeypatch):
    def snapshot_download(*_, local_files_only=False, **__):
        assert local_files_only
        raise FileNotFoundError

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot_download)
    with pytest.raises(UserError, match="`tlmlda fetch-encoder openai/whisper-tiny` downloads it") as error:
        features.embed(files, "openai/whisper-tiny")
    assert "\n" not in str(error.value)
    assert not encoders.is_here("openai/whisper-tiny")


def test_size_and_licence_are_known_before(monkeypatch):
    sizes = {"config.json": 2, "model.safetensors": 300, "pytorch_model.bin": 400, "vocab.json": 50}
    info = SimpleNamespace(
        siblings=[SimpleNamespace(rfilename=name, size=size) for name, size in sizes.items()],
        card_data={"license": "mit"},
    )
    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", lambda self, name, files_metadata: info)
    assert encoders.offer("a/b") == encoders.Offer("a/b", 302, "mit")
    del info.siblings[1]
    with pytest.raises(UserError, match=r"a/b has no weights as \.safetensors"):
        encoders.offer("a/b")

    def unreachable(*_, **__):
        raise ConnectionError("no route\nto host")

    for what in (lambda: encoders.offer("a/b"), lambda: encoders.fetch("a/b")):
        monkeypatch.setattr(huggingface_hub.HfApi, "model_info", unreachable)
        monkeypatch.setattr(huggingface_hub, "snapshot_download", unreachable)
        with pytest.raises(UserError, match="could not be downloaded") as error:
            what()
        assert "\n" not in str(error.value)


def test_weights_that_may_run_code_are_not_opened(models, files, tmp_path):
    folder = tmp_path / "older"
    shutil.copytree(models["wav2vec2"], folder)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(UserError, match=r"no weights as \.safetensors"):
        features.embed(files, str(folder))
    shutil.copytree(models["wav2vec2"], tmp_path / "code")
    config = json.loads((tmp_path / "code" / "config.json").read_text())
    config |= {"model_type": "mine", "auto_map": {"AutoConfig": "mine.Mine", "AutoModel": "mine.Model"}}
    (tmp_path / "code" / "config.json").write_text(json.dumps(config))
    (tmp_path / "code" / "mine.py").write_text("raise SystemExit('it ran')")
    with pytest.raises(UserError, match="cannot be loaded") as error:
        features.embed(files, str(tmp_path / "code"))
    assert "\n" not in str(error.value)


def test_a_killed_run_loses_nothing(models, files, tmp_path):
    done = features.embed(files[:2], str(models["whisper"]), cache=tmp_path)
    recipe = pretrained.find(str(models["whisper"]))
    kept = sorted(tmp_path.rglob("*.f32"))
    assert len(kept) == 2
    assert all(recipe.key in file.parts for file in kept)
    kept[0].write_bytes(kept[0].read_bytes()[:-1])  # what no kill leaves, but a full disk may
    assert features.embed(files[:2], str(models["whisper"]), cache=tmp_path).equals(done)


def test_a_model_that_is_no_speech_encoder(files, tmp_path, models):
    shutil.copytree(models["whisper"], tmp_path / "bert")
    (tmp_path / "bert" / "config.json").write_text(
        json.dumps({"model_type": "bert", "num_hidden_layers": 1, "hidden_size": 4})
    )
    with pytest.raises(UserError, match="cannot be loaded") as error:
        features.embed(files, str(tmp_path / "bert"))
    assert "\n" not in str(error.value)


def test_a_whisper_of_ctranslate2_has_transformers_values(transformers, models, files, tmp_path):
    import ctranslate2

    whole = transformers.WhisperForConditionalGeneration(transformers.WhisperConfig.from_pretrained(models["whisper"]))
    whole.model.load_state_dict(transformers.WhisperModel.from_pretrained(models["whisper"]).state_dict())
    spec = ctranslate2.converters.transformers.WhisperLoader().get_model_spec(whole)
    spec.register_vocabulary([f"token{i}" for i in range(60)])
    spec.validate()
    spec.save(str(tmp_path))
    E = features.embed(files, str(tmp_path), std=True)
    assert E.columns[0] == f"{tmp_path.name}_last_mean_000"
    np.testing.assert_allclose(
        E.to_numpy(), features.embed(files, str(models["whisper"]), std=True, context="padded"), atol=1e-4
    )
    with pytest.raises(UserError, match="only the last layer"):
        features.embed(files, str(tmp_path), layers=(1,))


# What follows needs no model


def test_without_the_extra_one_sentence_says_what_to_type(monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(UserError) as error:
        features.embed(["a.wav"], "openai/whisper-tiny")
    assert str(error.value) == f"the encoder openai/whisper-tiny needs transformers: {INSTALL}"


def test_what_is_no_model_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(encoders, "find_spec", lambda name: True)
    for name, words in (
        (str(tmp_path / "absent"), "is not a folder"),
        ("./absent", "is not a folder"),
        (str(tmp_path), "contains no config.json"),
    ):
        with pytest.raises(UserError, match=words):
            features.embed(["a.wav"], name)
    with pytest.raises(UserError, match="'whisper' is not known: use one of resemblyzer, a name like openai/whisper"):
        features.embed(["a.wav"], "whisper")
    (tmp_path / "model.safetensors").write_bytes(b"")
    (tmp_path / "config.json").write_text(json.dumps({"num_hidden_layers": 4, "hidden_size": 8}))
    with pytest.raises(UserError, match="0 to 4"):
        features.embed(["a.wav"], str(tmp_path), layers=(5,))
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(UserError, match="lacks the number of layers"):
        features.embed(["a.wav"], str(tmp_path))


def test_the_speaker_encoder_has_no_layers():
    for how in ({"std": True}, {"layers": (1,)}, {"context": "padded"}, {"model": "resemblyzer:1"}):
        with pytest.raises(UserError, match="one embedding"):
            features.embed(["a.wav"], **how)


def test_layers_after_a_colon():
    assert embeddings.with_layers("openai/whisper-base:2,3") == ("openai/whisper-base", (2, 3))
    assert embeddings.with_layers("a/b:-1") == ("a/b", (-1,))
    for name in ("resemblyzer", "C:/models/whisper", "a/b:", "a/b:x"):
        assert embeddings.with_layers(name) == (name, None)
    with pytest.raises(UserError, match="names layers, and layers="):
        features.embed(["a.wav"], "a/b:1", layers=(2,))


def test_equal_parts_lose_less_than_a_sample_each():
    for n in (4000, 480000, 480001, 1440007):
        parts = pretrained.equal_parts(np.arange(n, dtype=np.float32))
        assert parts.shape[1] <= 30 * RATE
        assert 0 <= n - parts.size < len(parts)
        np.testing.assert_array_equal(parts.ravel(), np.arange(parts.size))
