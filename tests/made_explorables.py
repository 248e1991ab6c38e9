"""One small instance of every explorable, made of noise and tones: for tests that go through all of them."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import made_clips
import made_runs
import made_sayings
import numpy as np
import torch

from tlmlda_lib.book import explorables
from tlmlda_lib.book.explorables.base import Explorable
from tlmlda_lib.experiments import shipped
from tlmlda_lib.networks import DenoisingAutoencoder

RATE = 16000
EMOTIONS = ("anger", "happy", "sad")


def tone(hertz: float = 150.0, seconds: float = 0.6) -> np.ndarray:
    """A glide of ten harmonics."""
    phase = np.cumsum(2 * np.pi * np.geomspace(hertz, 1.5 * hertz, int(seconds * RATE)) / RATE)
    return np.asarray(sum(0.1 * np.sin(k * phase) / k for k in range(1, 11)), dtype=np.float32)


def clip(emotion: str, number: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "emotion": emotion,
        "corpus": "made",
        "samples": tone(110 + 30 * number),
        "rate": RATE,
        "caption": f"Number {number}.",
        **more,
    }


def cloud(n: int = 12) -> np.ndarray:
    return np.random.default_rng(n).normal(size=(n, 2))


def align_clouds() -> Explorable:
    return explorables.AlignClouds()


def choose_c() -> Explorable:
    rng = np.random.default_rng(7)
    tasks = {name: (rng.uniform(50, 70, (4, 3)), rng.uniform(30, 50, 3)) for name in ("A to B", "B to A")}
    return explorables.ChooseC([0.01, 0.1, 1], tasks)


def clouds_meet() -> Explorable:
    rng = np.random.default_rng(0)
    points = [{"corpus": "AB"[i % 2], "emotion": EMOTIONS[i % 3], "speaker": "s"} for i in range(12)]
    for i in (0, 1, 4, 7):
        points[i] |= {"samples": tone(100 + 20 * i), "rate": RATE}

    def places(step: int) -> dict[str, Any]:
        return {
            "xy": rng.normal(size=(12, 2)),
            "predicted": ["" if i % 2 == 0 else EMOTIONS[i % step] for i in range(12)],
        }

    return explorables.CloudsMeet(points, places(2), places(3))


def cost_of_step() -> Explorable:
    return explorables.CostOfStep()


def cross_entropy() -> Explorable:
    return explorables.CrossEntropy()


def denoising() -> Explorable:
    rng = np.random.default_rng(0)
    torch.manual_seed(3)
    return explorables.Denoising(
        {noise: DenoisingAutoencoder(6, (5, 2)).eval() for noise in (0, 0.5)},
        rng.uniform(0, 1, (5, 6)),
        rng.uniform(0.4, 0.6, 6),
        labels=[f"utterance {i}" for i in range(5)],
        groups={"left": 4, "right": 2},
    )


def draw_speakers() -> Explorable:
    return explorables.DrawSpeakers({"f1": (9, 20), "f2": (14, 20), "m1": (4, 20)})


def dynamic_weights() -> Explorable:
    falling = 1 / np.arange(1, 9)
    return explorables.DynamicWeights({name: falling * k for k, name in enumerate(("S", "T", "y", "MMD", "LMMD"), 1)})


def feature_motion() -> Explorable:
    points = [{"domain": ("source", "target")[i % 2], "emotion": EMOTIONS[i % 3]} for i in range(12)]
    for i in (0, 1, 4, 7):
        points[i] |= {"samples": tone(100 + 20 * i), "rate": RATE, "caption": f"no. {i}"}
    rng = np.random.default_rng(1)
    runs = {
        name: {
            "xy": rng.normal(size=(4, 12, 2)),
            "predicted": rng.integers(0, 3, (4, 12)),
            "numbers": {key: rng.uniform(0, 1, 4) for key in ("mmd", "lmmd", "predicted", "true", "head")},
            "share": 0.6,
        }
        for name in ("aligned", "not aligned")
    }
    return explorables.FeatureMotion(points, runs, EMOTIONS, neighbours=3)


def guess() -> Explorable:
    return explorables.Guess([clip(e, i) for i, e in enumerate(EMOTIONS)], ["anger", "anger", "sad"])


def hear() -> Explorable:
    return explorables.Hear([clip(e, i, corpus=c) for i, e in enumerate(EMOTIONS) for c in ("German", "Mandarin")])


def how_many_seeds() -> Explorable:
    with TemporaryDirectory() as folder:
        made_sayings.fill(Path(folder))
        return explorables.HowManySeeds(shipped.records(results=folder), seeds=2)


def leaderboard() -> Explorable:
    rng = np.random.default_rng(5)
    labels, rules = ("a z", "b z", "c w"), ("final", "unsupervised", "oracle")

    def five(value: float) -> list[float]:
        return [value, value - 1, value + 1, value - 4, value + 4]

    figures = {
        label: {
            "scaling": f"by {label[-1]}",
            "seeds": 5,
            "records": f"made/{label[0]}",
            **{
                rule: {metric: five(round(float(rng.uniform(35, 60)), 1)) for metric in ("war", "uar")}
                for rule in rules
            },
        }
        for label in labels
    }
    against = {
        rule: {
            metric: {
                first: {
                    other: [gap := figures[first][rule][metric][0] - figures[other][rule][metric][0], gap - 3, gap + 3]
                    for other in labels
                    if other != first
                }
                for first in labels
            }
            for metric in ("war", "uar")
        }
        for rule in rules
    }
    schemes = {"B2C": {"chance": 20.0, "majority": 25.0, "printed": {"a": {"paper": 50.0, "README": 52.0}}}}
    return explorables.Leaderboard(
        {
            "rows": {label: {"method": label[0], "name": label[0].upper(), "table4": True} for label in labels},
            "figures": dict.fromkeys(("B2C", "mean"), figures),
            "against": dict.fromkeys(("B2C", "mean"), against),
            "schemes": {**schemes, "mean": {"chance": 20.0, "majority": 25.0, "printed": {}}},
        }
    )


def lmmd_by_hand() -> Explorable:
    return explorables.LMMDByHand()


def loss_switches() -> Explorable:
    with TemporaryDirectory() as folder:
        made_runs.fill(Path(folder))
        return explorables.LossSwitches(shipped.records(results=folder))


def mix_corpora() -> Explorable:
    return explorables.MixCorpora()


def mmd_by_hand() -> Explorable:
    return explorables.MMDByHand()


def one_batch() -> Explorable:
    rng = np.random.default_rng(1)
    features, classes = ["a", "b", "c", "d"], ["anger", "fear", "sad"]
    xs, xt = rng.uniform(0, 1, (5, 4)), rng.uniform(0, 1, (3, 4))
    return explorables.OneBatch(xs, [0, 1, 2, 0, 1], xt, classes=classes, features=features, seed=2)


def peeking() -> Explorable:
    def run(scheme: str, method: str, epochs: int) -> dict[str, Any]:
        rng = np.random.default_rng(len(method) + epochs)
        return {
            "scheme": scheme,
            "method": method,
            "preset": "authors",
            "epochs": epochs,
            "seeds": [0, 1, 2],
            "war": rng.integers(3000, 6000, (3, epochs)).tolist(),
            "unsupervised": [1, 2, 3],
            "paper": 5711,
            "readme": 5858,
            "records": [f"authors/{scheme}/{method}/authors-0/seed-{k}" for k in range(3)],
        }

    return explorables.Peeking([run(s, m, 30) for s in ("C2B", "B2C") for m in ("tlmlda", "only_cls")])


def say_it() -> Explorable:
    def view(seed: int) -> dict[str, Any]:
        rng = np.random.default_rng(seed)
        p = rng.dirichlet(np.ones(3))
        side = {
            "z": base64.b64encode(rng.normal(size=10).astype("<f4").tobytes()).decode(),
            "attention": {"prosodic": 0.6, "acoustic": 0.4},
            "probabilities": dict(zip(EMOTIONS, p.tolist(), strict=True)),
        }
        return {
            "take": seed,
            "seconds": 0.6,
            "step": 0.01,
            "pitch": [0.0, *[150.0 + i for i in range(50)]],
            "loudness": [0.1 + 0.001 * i for i in range(51)],
            "families": [
                {"name": n, "stream": s, "n": 5} for n, s in (("pitch", "prosodic"), ("cepstrum", "acoustic"))
            ],
            "warning": "",
            "by": {"corpus": side, "own": {"problem": "A scale of the speaker's own needs 3 earlier takes."}},
        }

    return explorables.SayIt([{**clip(e, i), "name": e, "meant": e, "view": view(i)} for i, e in enumerate(EMOTIONS)])


def scaling_chooser() -> Explorable:
    return explorables.ScalingChooser()


def sound_to_numbers() -> Explorable:
    return explorables.SoundToNumbers([{**clip("sad", i), "name": n} for i, n in enumerate(("one", "two"))])


def stream_ears() -> Explorable:
    return explorables.StreamEars([clip(e, i, samples=tone(110 + 30 * i, 1.0)) for i, e in enumerate(EMOTIONS)])


def two_corpora() -> Explorable:
    rng = np.random.default_rng(0)
    points = [{"corpus": "AB"[i % 2], "emotion": EMOTIONS[i % 3], "speaker": "s"} for i in range(12)]
    for i in (0, 1, 4, 7):
        points[i] |= {"samples": tone(100 + 20 * i), "rate": RATE}
    said = [["", EMOTIONS[i % 2]][i % 2] for i in range(12)]
    return explorables.TwoCorpora(
        points, {name: {"xy": rng.normal(size=(12, 2)), "predicted": said} for name in ("together", "each corpus")}
    )


def voice_dials() -> Explorable:
    return explorables.VoiceDials()


def who_to_trust() -> Explorable:
    return explorables.WhoToTrust(made_clips.clips(), made_clips.STREAMS, made_clips.CLASSES)


#: How to make each, by the name of its class.
MAKE: dict[str, Callable[[], Explorable]] = {
    "AlignClouds": align_clouds,
    "ChooseC": choose_c,
    "CloudsMeet": clouds_meet,
    "CostOfStep": cost_of_step,
    "CrossEntropy": cross_entropy,
    "Denoising": denoising,
    "DrawSpeakers": draw_speakers,
    "DynamicWeights": dynamic_weights,
    "FeatureMotion": feature_motion,
    "Guess": guess,
    "Hear": hear,
    "HowManySeeds": how_many_seeds,
    "LMMDByHand": lmmd_by_hand,
    "Leaderboard": leaderboard,
    "LossSwitches": loss_switches,
    "MMDByHand": mmd_by_hand,
    "MixCorpora": mix_corpora,
    "OneBatch": one_batch,
    "Peeking": peeking,
    "SayIt": say_it,
    "ScalingChooser": scaling_chooser,
    "SoundToNumbers": sound_to_numbers,
    "StreamEars": stream_ears,
    "TwoCorpora": two_corpora,
    "VoiceDials": voice_dials,
    "WhoToTrust": who_to_trust,
}
