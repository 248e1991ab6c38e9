"""Explorables as Python objects; the browser suite drives what they do in a page."""

from __future__ import annotations

import base64
import io
import itertools
import json
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from numpy.typing import NDArray

from tlmlda_lib import corpora, losses
from tlmlda_lib.book.explorables import CrossEntropy, DynamicWeights, Hear, LMMDByHand, MMDByHand, lmmd
from tlmlda_lib.book.explorables.base import colours
from tlmlda_lib.book.explorables.emotion import EMOTIONS as CROSS_EMOTIONS
from tlmlda_lib.book.explorables.sitting import PEAK, describe, pitch
from tlmlda_lib.corpora.sound import mp3
from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import plots
from tlmlda_lib.experiments.settings import PRINTED_ALPHA
from tlmlda_lib.losses import LOSSES

RATE = 16000


def voice(hertz: NDArray[np.float64], loudness: float = 0.1) -> NDArray[np.float32]:
    """Twenty harmonics that follow a pitch, as a voice's do."""
    phase = np.cumsum(2 * np.pi * hertz / RATE)
    return np.asarray(sum(loudness * np.sin(k * phase) / k for k in range(1, 20)), dtype=np.float32)


def glide(start: float, end: float, seconds: float = 1.2) -> NDArray[np.float64]:
    return np.geomspace(start, end, int(seconds * RATE))


def clip(**changed: Any) -> dict[str, Any]:
    return {"emotion": "anger", "corpus": "A", "samples": voice(glide(120, 240)), "rate": RATE, **changed}


# Colours


def test_every_emotion_has_its_colour() -> None:
    assert tuple(plots.EMOTION_COLOURS) == tuple(plots.EMOTION_COLOURS_DARK) == corpora.EMOTIONS
    assert plots.colour("anger") == plots.EMOTION_COLOURS["anger"]
    with pytest.raises(UserError, match="'joy'"):
        plots.colour("joy")


#: Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
BLINDNESS = {
    "none": np.eye(3),
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def linear(table: dict[str, str]) -> NDArray[np.float64]:
    codes = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in table.values()]) / 255
    return np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)


def lab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    x = rgb @ XYZ.T / XYZ.sum(1)
    f = np.where(x > 0.008856, np.cbrt(x), 7.787 * x + 16 / 116)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], 1)


@pytest.mark.parametrize("blindness", BLINDNESS)
@pytest.mark.parametrize(
    "table",
    [
        plots.EMOTION_COLOURS,
        plots.EMOTION_COLOURS_DARK,
        plots.DOMAIN_COLOURS,
        plots.DOMAIN_COLOURS_DARK,
        plots.loss_colours(),
        plots.loss_colours(dark=True),
    ],
)
def test_colours_stay_apart_for_every_eye(table: dict[str, str], blindness: str) -> None:
    seen = lab(np.clip(linear(table) @ np.transpose(BLINDNESS[blindness]), 0, 1))
    for (one, x), (other, y) in itertools.combinations(zip(table, seen, strict=True), 2):
        distance = np.linalg.norm(x - y)
        assert distance > 17, f"{one} and {other} are {distance:.0f} apart"  # a just noticeable difference is about 2.3


@pytest.mark.parametrize(
    ("table", "ground"),
    [
        (plots.EMOTION_COLOURS, "#ffffff"),
        (plots.DOMAIN_COLOURS, "#ffffff"),
        (plots.loss_colours(), "#ffffff"),
        (dict(enumerate(plots.SERIES)), "#ffffff"),
        (plots.EMOTION_COLOURS_DARK, "#171c22"),
        (plots.DOMAIN_COLOURS_DARK, "#171c22"),
        (plots.loss_colours(dark=True), "#171c22"),
    ],
)
def test_colours_stand_out_from_their_ground(table: dict[str, str], ground: str) -> None:
    light = np.append(linear(table) @ XYZ[1], linear({"": ground}) @ XYZ[1])
    contrast = (np.maximum(light[:-1], light[-1]) + 0.05) / (np.minimum(light[:-1], light[-1]) + 0.05)
    assert contrast.min() >= 3


def test_what_a_picture_is_about_has_a_colour_of_its_own() -> None:
    meant = {*plots.EMOTION_COLOURS.values(), *plots.DOMAIN_COLOURS.values(), *plots.loss_colours().values()}
    assert not {plots.ACCENT, plots.MUTED} & meant
    assert len(set(plots.SERIES)) == 4
    assert not set(plots.SERIES) & (meant - {plots.INK})


def test_pages_and_plots_share_the_colours() -> None:
    light, dark = colours().split("}\n", 1)
    for name, value in {**plots.EMOTION_COLOURS, **plots.DOMAIN_COLOURS}.items():
        assert f"--tl-{name}: {value};" in light
    for name, value in {**plots.EMOTION_COLOURS_DARK, **plots.DOMAIN_COLOURS_DARK}.items():
        assert f"--tl-{name}: {value};" in dark
    for name, row in LOSSES.items():
        assert f"--tl-loss-{name}: {row.colour[0]};" in light
        assert f"--tl-loss-{name}: {row.colour[1]};" in dark
    for shade, table in zip((plots.DOMAIN_COLOURS, plots.DOMAIN_COLOURS_DARK), (0, 1), strict=True):
        assert [LOSSES[name].colour[table] for name in ("S", "T")] == list(shade.values())
    assert LOSSES["y"].colour[0] == plots.INK


def test_style_is_known_to_matplotlib() -> None:
    import matplotlib as mpl

    with mpl.rc_context():
        plots.use_style()
        assert mpl.rcParams["axes.prop_cycle"].by_key()["color"][0] == plots.DOMAIN_COLOURS["source"]


# MMD by hand


def test_mmd_by_hand_keeps_what_it_is_given() -> None:
    widget = MMDByHand([[0, 1], [2, 2.005]], [[1, 0], [1, 1], [0, 0]], factor=2)
    state = widget.get_state()
    assert state["source"] == [[0.0, 1.0], [2.0, 2.0]]
    assert state["exponent"] == 1
    assert json.dumps({k: state[k] for k in ("source", "target", "start", "count")})
    assert "export default" in state["_esm"]
    assert "--tl-anger" in state["_css"]


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"source": [[0, 0], [1, 1]]}, "one cloud"),
        ({"source": [[0, 0], [1, 1]], "target": [[0, 0]]}, "target has shape"),
        ({"source": [[0, 0], [9, 1]], "target": [[0, 0], [1, 1]]}, "source has a point"),
        ({"source": [[0, 0], [np.nan, 1]], "target": [[0, 0], [1, 1]]}, "source has a point"),
        ({"start": "moon"}, "'moon'"),
        ({"count": 2}, "count=2"),
        ({"factor": 100}, "factor=100"),
    ],
)
def test_mmd_by_hand_says_what_is_wrong(given: dict[str, Any], word: str) -> None:
    with pytest.raises(UserError, match=word):
        MMDByHand(**given)


# Cross-entropy


def test_cross_entropy_keeps_what_it_is_given() -> None:
    widget = CrossEntropy(np.arange(5), true="sad", sign="printed", rate=2)
    state = widget.get_state()
    given = {k: state[k] for k in ("scores", "true", "sign", "rate")}
    assert given == {"scores": [0.0, 1.0, 2.0, 3.0, 4.0], "true": "sad", "sign": "printed", "rate": 2.0}
    assert json.dumps(given)
    assert "export default" in state["_esm"]
    assert set(CROSS_EMOTIONS) < set(corpora.EMOTIONS)
    assert f"const EMOTIONS = {json.dumps(list(CROSS_EMOTIONS))};" in state["_esm"]


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"scores": [1, 2, 3]}, r"\(3,\): give one number for each of anger"),
        ({"scores": [0, 0, 0, 0, 11]}, "outside -10 .. 10"),
        ({"scores": [0, 0, 0, 0, np.nan]}, "one that is not finite"),
        ({"true": "joy"}, "'joy'"),
        ({"sign": "minus"}, "'minus'"),
        ({"rate": 0}, "rate=0"),
    ],
)
def test_cross_entropy_says_what_is_wrong(given: dict[str, Any], word: str) -> None:
    with pytest.raises(UserError, match=word):
        CrossEntropy(**given)


# Dynamic weights

CURVES = {"loss_y": [1.5, 0.7], "loss_S": [0.1, 0.05], "loss_MMD": [0.05, 0.04], "infomax": [0.1, 0.2]}


def test_dynamic_weights_takes_what_a_run_leaves() -> None:
    pandas = pytest.importorskip("pandas")
    for history in (CURVES, pandas.DataFrame(CURVES), {k.removeprefix("loss_"): v for k, v in CURVES.items()}):
        widget = DynamicWeights(history, alpha={"S": 0.1, "y": 5, "MMD": 2}, units="sum", epoch=2, features=12)
        state = widget.get_state()
        assert state["losses"] == {"S": [0.1, 0.05], "y": [1.5, 0.7], "MMD": [0.05, 0.04]}
        assert list(state["losses"]) == ["S", "y", "MMD"]
        assert state["alpha"] == {"S": 0.1, "y": 5.0, "MMD": 2.0}
        assert (state["units"], state["epoch"], state["features"]) == ("sum", 2, 12)
        assert state["printed"] == PRINTED_ALPHA
        assert json.dumps({k: state[k] for k in ("losses", "alpha", "printed")})


@pytest.mark.parametrize(
    ("history", "given", "word"),
    [
        ({"loss_y": [1.0], "infomax": [1.0]}, {}, "columns loss_y, infomax"),
        ({"S": [], "y": []}, {}, "no epoch"),
        ({"S": [1.0, 2.0], "y": [1.0]}, {}, "S 2, y 1"),
        ({"S": [1.0], "y": [-0.1]}, {}, "loss y"),
        ({"S": [np.nan], "y": [1.0]}, {}, "loss S"),
        (CURVES, {"units": "pounds"}, "'pounds'"),
        (CURVES, {"epoch": 3}, "epoch=3 is out of range: use 1 to 2"),
        (CURVES, {"batch": 0}, "batch=0"),
        (CURVES, {"alpha": (1, 1, 3)}, "name each factor"),
        (CURVES, {"alpha": {"y": 6}}, "from 0 to 5"),
    ],
)
def test_dynamic_weights_says_what_is_wrong(history: dict[str, Any], given: dict[str, Any], word: str) -> None:
    with pytest.raises(UserError, match=word):
        DynamicWeights(history, **given)


# LMMD by hand


def test_lmmd_by_hand_keeps_what_it_is_given() -> None:
    state = LMMDByHand(classes=2, count=5, wrong=0.4, missing="guesses", common="source", start="samples").get_state()
    given = {"classes": 2, "count": 5, "wrong": 0.4, "missing": "guesses", "common": "source", "start": "samples"}
    assert {k: state[k] for k in given} == given
    assert state["_esm"].count("export default") == 1
    assert "function board(" in state["_esm"]
    assert ".tl-stage" in state["_css"]


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"start": "moon"}, "start='moon'"),
        ({"missing": "happy"}, "missing='happy'"),
        ({"common": "none"}, "common='none'"),
        ({"classes": 4}, "classes=4"),
        ({"count": 2}, "count=2"),
        ({"wrong": 1.5}, r"wrong=1\.5"),
    ],
)
def test_lmmd_by_hand_says_what_is_wrong(given: dict[str, Any], word: str) -> None:
    with pytest.raises(UserError, match=word):
        LMMDByHand(**given)


def test_lmmd_by_hand_offers_what_the_loss_knows() -> None:
    zs, zt = torch.zeros(2, 2), torch.ones(2, 2)
    for common in lmmd.COMMON:
        assert losses.lmmd(zs, zt, torch.tensor([0, 1]), torch.eye(2), common=common) > 0


# Hear


def test_pitch_follows_a_made_voice() -> None:
    hertz = glide(120, 240)
    contour = pitch(voice(hertz), RATE)
    times = np.arange(len(contour)) * 0.01 + 0.03
    inside = (contour > 0) & (times > 0.1) & (times < 1.1)
    assert inside.sum() > 90
    expected = hertz[(times[inside] * RATE).astype(int)]
    assert np.abs(12 * np.log2(contour[inside] / expected)).max() < 0.5


@pytest.mark.parametrize(("start", "end", "way"), [(120, 240, "rising"), (240, 120, "falling"), (180, 180, "level")])
def test_pitch_in_words(start: float, end: float, way: str) -> None:
    assert describe(pitch(voice(glide(start, end)), RATE)).endswith(way)


def test_noise_has_hardly_any_pitch() -> None:
    noise = np.random.default_rng(0).normal(size=RATE).astype(np.float32) * 0.1
    assert describe(pitch(noise, RATE)) == "hardly any pitch"


def test_mp3_gives_the_sound_back() -> None:
    sound = voice(glide(150, 150))
    back, rate = soundfile.read(io.BytesIO(mp3(sound, RATE)))
    assert rate == RATE
    assert abs(len(back) - len(sound)) < 2400
    assert np.std(back) == pytest.approx(np.std(sound), rel=0.05)
    assert len(mp3(sound, RATE)) < 12_000


def test_hear_keeps_the_clips_apart_in_loudness() -> None:
    clips = [clip(), clip(emotion="sad", samples=voice(glide(120, 120), 0.025)), clip(corpus="B")]
    shown = Hear(clips).clips
    assert [(c["emotion"], c["corpus"]) for c in shown] == [("anger", "A"), ("anger", "B"), ("sad", "A")]
    heights = [max(c["wave"][1]) / 100 for c in shown]
    assert heights[0] == pytest.approx(PEAK, abs=0.12)  # the wave's lowest sample may be the one of that size
    assert heights[2] < heights[0] / 3
    loud, _, soft = (np.std(soundfile.read(io.BytesIO(base64.b64decode(c["audio"])))[0]) for c in shown)
    assert loud / soft == pytest.approx(4, rel=0.1)
    assert json.dumps(shown)


@pytest.mark.parametrize(
    ("clips", "word"),
    [
        ([], "no clip"),
        ([{"emotion": "anger"}], "no 'corpus'"),
        ([clip(emotion="joy")], "'joy'"),
        ([clip(), clip()], "clip 1"),
        ([clip(samples=np.zeros(RATE))], "silent"),
        ([clip(samples=np.full(RATE, np.nan))], "silent"),
        ([clip(samples=np.ones((2, RATE)))], r"\(2, 16000\)"),
        ([clip(samples=np.ones(10))], "seconds"),
    ],
)
def test_hear_says_what_is_wrong(clips: list[dict[str, Any]], word: str) -> None:
    with pytest.raises(UserError, match=word):
        Hear(clips)
