"""What Whisper's encoder costs on two-second recordings, one core: the usual call over `features.embed`'s forms.

The baseline is transformers' own: padded to 30 s, all layers. Beside each ratio, how far the mean over frames of layer
3 is from the usual one, in standard deviations over the recordings: with the real encoder, if it is here
(TLMLDA_ENCODERS), on synthetic speech; otherwise with random weights of the same size, whose distance says nothing.
Run: python benchmarks/encoders.py
"""

from __future__ import annotations

import os
import statistics
import time

import numpy as np
import torch

from tlmlda_lib import corpora
from tlmlda_lib.features import encoders, pretrained, recipe, whisper

#: Least ratio of the default form.
LIMIT = 5.0

NAME, PLACE, RUNS = "openai/whisper-base", 3, 5
FORMS = ("thinned", 1.0, 10.0, "padded")


def model() -> tuple[object, object, bool]:
    """Preprocessing, encoder, and whether its weights are the real ones."""
    if encoders.is_here(NAME):
        prepare, whole = pretrained.find(NAME, (PLACE,))._loaded(decoder_layers=0)
        return prepare, whole.get_encoder(), True
    from transformers import WhisperConfig, WhisperFeatureExtractor, WhisperModel

    torch.manual_seed(0)
    config = WhisperConfig(
        d_model=512, encoder_layers=6, encoder_attention_heads=8, encoder_ffn_dim=2048, decoder_layers=0
    )
    return WhisperFeatureExtractor(), WhisperModel(config).get_encoder().eval(), False


def recordings(number: int = 6) -> list[np.ndarray]:
    """Synthetic utterances, two seconds each."""
    files = corpora.load("made-de", progress=False).index[::40][:number]
    return [np.resize(recipe.prepare(file), 2 * recipe.RATE) for file in files]


def main() -> None:
    torch.set_num_threads(1)
    prepare, encoder, real = model()
    sounds = recordings()

    def usual(sound: np.ndarray) -> np.ndarray:
        mel = prepare(sound, sampling_rate=recipe.RATE, return_tensors="pt").input_features
        with torch.inference_mode():
            states = encoder(mel, output_hidden_states=True).hidden_states
        return states[PLACE][0, : whisper.heard(len(sound))].mean(0).numpy()

    def form(context: str | float, sound: np.ndarray) -> np.ndarray:
        return whisper.states(encoder, prepare, sound, (PLACE,), context)[0].mean(0)

    ways = {"usual call": usual} | {str(c): lambda sound, c=c: form(c, sound) for c in FORMS}
    rows = {name: np.stack([way(sound) for sound in sounds]) for name, way in ways.items()}  # and a first run
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(RUNS):
        for name, way in ways.items():  # by turns
            began = time.perf_counter()
            for sound in sounds:
                way(sound)
            seconds[name].append((time.perf_counter() - began) / len(sounds))
    base, spread = seconds["usual call"], rows["usual call"].std(0)
    print(f"{NAME if real else 'random weights'}: {statistics.median(base):.2f} s a recording by the usual call")
    ratios = {}
    for name in list(ways)[1:]:
        ratios[name] = statistics.median(b / s for b, s in zip(base, seconds[name], strict=True))
        away = np.sqrt((((rows[name] - rows["usual call"]) / spread) ** 2).mean())
        print(f"{name:>10}: {ratios[name]:5.1f} times faster; {away:.3f} standard deviations away")
    print(f"ratio of the default: {ratios['thinned']:.1f} (limit {LIMIT})")
    if ratios["thinned"] < LIMIT:
        raise SystemExit(1)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
