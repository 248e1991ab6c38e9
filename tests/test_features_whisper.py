"""Whisper on what was heard: silence is counted once, and a frame that stands for k weighs as k equal ones."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import WhisperConfig, WhisperFeatureExtractor, WhisperModel

from tlmlda_lib import corpora
from tlmlda_lib.errors import UserError
from tlmlda_lib.features import pretrained, recipe, whisper


@pytest.fixture(scope="module")
def encoder():
    torch.manual_seed(0)
    config = WhisperConfig(
        d_model=16,
        encoder_layers=3,
        decoder_layers=0,
        encoder_attention_heads=2,
        encoder_ffn_dim=24,
        vocab_size=60,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=3,
    )
    found = WhisperModel(config).get_encoder().eval()
    with torch.no_grad():
        for weight in found.parameters():  # attention that is not flat
            weight.mul_(3)
    return found


@pytest.fixture(scope="module")
def prepare():
    return WhisperFeatureExtractor()


def noise(seconds: float) -> np.ndarray:
    return 0.1 * np.random.default_rng(0).standard_normal(int(16000 * seconds)).astype(np.float32)


@given(st.integers(0, 1600), st.one_of(st.sampled_from(["padded", "thinned"]), st.floats(0, 30)))
def test_silence_is_in_order_and_counted_once(first, context):
    places, counts = whisper.silence(min(first, whisper.FRAMES), context)
    assert len(places) == len(counts)
    assert (np.diff(places) > 0).all()
    assert all(min(first, whisper.FRAMES) <= place < whisper.FRAMES for place in places)
    left = whisper.FRAMES - min(first, whisper.FRAMES)
    assert counts.sum() == pytest.approx(left if isinstance(context, str) else min(left, round(context * 50)))
    assert ((counts >= 1) & (counts <= (whisper.PERIOD / whisper.BLOCK if context == "thinned" else 1))).all()


@pytest.mark.parametrize("seconds", [0.3, 2.013, 29.97, 30.0])
def test_padded_is_transformers_own(encoder, prepare, seconds):
    sound = noise(seconds)
    mel = prepare(sound, sampling_rate=16000, return_tensors="pt").input_features
    with torch.inference_mode():
        expected = encoder(mel, output_hidden_states=True).hidden_states
    frames = math.ceil(len(sound) / 320)
    for places in ((0, 1, 2, 3), (1,), (3,)):
        got = whisper.states(encoder, prepare, sound, places, "padded")
        for place, state in zip(places, got, strict=True):
            assert state.shape == (frames, 16)
            np.testing.assert_allclose(state, expected[place][0, :frames], atol=1e-5)


def test_a_frame_that_stands_for_three_is_three_equal_ones(encoder):
    layer = encoder.layers[0]
    h = torch.randn(5, 16, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        thin = whisper._layer(layer, h, torch.tensor([1.0, 1, 1, 3, 2]).log()[None, None], 5)
        long = layer(h[[0, 1, 2, 3, 3, 3, 4, 4]][None], None)
    long = (long[0] if isinstance(long, tuple) else long).reshape(8, 16)
    np.testing.assert_allclose(thin, long[[0, 1, 2, 3, 6]], atol=1e-5)


def test_thinned_is_near_padded_and_equal_to_it_where_nothing_is_thinned(encoder, prepare, monkeypatch):
    sound = noise(1.2)
    padded = whisper.states(encoder, prepare, sound, (3,), "padded")[0]
    thinned = whisper.states(encoder, prepare, sound, (3,), "thinned")[0]
    short = whisper.states(encoder, prepare, sound, (3,), 1.0)[0]
    away = np.abs(thinned.mean(0) - padded.mean(0)).max()
    assert away < 0.1 * np.abs(short.mean(0) - padded.mean(0)).max()
    monkeypatch.setattr(whisper, "BLOCK", whisper.PERIOD)
    np.testing.assert_allclose(whisper.states(encoder, prepare, sound, (3,), "thinned")[0], padded, atol=1e-5)


@pytest.mark.parametrize("context", ["whole", -1, 31, True, float("nan"), None])
def test_what_is_no_context_is_named(context):
    with pytest.raises(UserError, match=r"context=.* is not known: use 'thinned', 'padded' or seconds"):
        whisper.check(context)


def test_the_real_encoder_hears_nearly_the_same(real_encoders):
    encoder = pretrained.find("openai/whisper-base", (3,), encoders_folder=real_encoders)
    prepare, model = encoder._loaded(decoder_layers=0)
    sounds = [recipe.prepare(file) for file in corpora.load("made-de", progress=False).index[::60]]
    assert len(sounds) >= 5

    def rows(context):
        return np.stack(
            [whisper.states(model.get_encoder(), prepare, sound, (3,), context)[0].mean(0) for sound in sounds]
        )

    padded = rows("padded")

    def away(context):
        return np.sqrt((((rows(context) - padded) / padded.std(0)) ** 2).mean())

    assert away("thinned") < 0.15 < away(1.0)
