"""Chapter 1.1: the seven numbers, the voice's dials, the game, and the checks of its exercises."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import soundfile
from scipy.stats import binom

from tlmlda_lib import corpora
from tlmlda_lib.book import checks
from tlmlda_lib.book.checks import exercises, hearing
from tlmlda_lib.book.explorables import Guess, Hear, VoiceDials
from tlmlda_lib.book.explorables.hearing_dials import DIALS, SYLLABLES, TEXT
from tlmlda_lib.book.explorables.sitting import PEAK, at_one_level
from tlmlda_lib.book.pages import hearing as page
from tlmlda_lib.corpora.synthesis import rules
from tlmlda_lib.corpora.synthesis.made import TEXTS
from tlmlda_lib.errors import UserError
from tlmlda_lib.features import prosody

RATE = 16000
BOOK = Path(__file__).parents[2] / "book"


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exercises, "_progress", {})


def tone(hertz: np.ndarray, loudness: float = 0.1, noise: float = 0.0) -> np.ndarray:
    phase = np.cumsum(2 * np.pi * hertz / RATE)
    sound = loudness * sum(np.sin(k * phase) / k for k in range(1, 20))
    return (sound + noise * np.random.default_rng(0).normal(size=len(hertz))).astype(np.float32)


STEADY, GLIDE = np.full(RATE, 150.0), np.geomspace(120, 240, RATE)


# The seven numbers


def test_pitch_range_rate_and_level_of_a_known_sound() -> None:
    found = prosody.measure(tone(GLIDE), RATE, syllables=4)
    assert list(found) == list(prosody.NUMBERS)
    assert 12 * np.log2(found["pitch"] / np.sqrt(120 * 240)) == pytest.approx(0, abs=0.5)
    assert found["range"] == pytest.approx(0.9 * 12, abs=0.7)
    assert found["rate"] == pytest.approx(4, rel=0.08)
    assert found["level"] == pytest.approx(10 * np.log10(np.mean(tone(GLIDE).astype(float) ** 2)), abs=1e-9)


def test_a_number_changes_with_what_it_measures_alone() -> None:
    plain, soft, noisy = (
        prosody.measure(s, RATE, 4) for s in (tone(STEADY), tone(STEADY, 0.05), tone(STEADY, noise=0.05))
    )
    assert soft["level"] - plain["level"] == pytest.approx(-6.02, abs=0.01)
    for name in ("pitch", "range", "rate", "harmonicity", "brightness"):
        assert soft[name] == pytest.approx(plain[name], rel=0.02, abs=0.05)
    assert noisy["harmonicity"] < plain["harmonicity"] - 3


def test_voice_quality_follows_the_synthesiser() -> None:
    def said(**manner: float) -> dict[str, float]:
        return prosody.measure(*corpora.speak(TEXT, "en", "f2", **manner), SYLLABLES)

    own, breathy, rough, tense = said(), said(breath=20), said(roughness=5), said(tilt=4)
    assert breathy["harmonicity"] < own["harmonicity"] - 2
    assert rough["shimmer"] > own["shimmer"] + 0.5
    assert tense["brightness"] > own["brightness"] + 2
    assert said(rate=1.35)["rate"] > 1.2 * own["rate"]
    assert 12 * np.log2(said(pitch=4)["pitch"] / own["pitch"]) == pytest.approx(4, abs=0.5)


@pytest.mark.parametrize(
    ("sound", "syllables", "says"),
    [
        (np.zeros((2, RATE)), 3, r"\(2, 16000\)"),
        (tone(STEADY), 0, "syllables=0"),
        (np.random.default_rng(0).normal(0, 0.1, RATE), 3, "have a voice"),
    ],
)
def test_what_cannot_be_measured_is_said(sound: np.ndarray, syllables: int, says: str) -> None:
    with pytest.raises(UserError, match=says):
        prosody.measure(sound, RATE, syllables)


def test_syllables_are_counted_for_every_text() -> None:
    assert {k: len(v) for k, v in prosody.SYLLABLES.items()} == {k: len(v) for k, v in TEXTS.items()}
    assert prosody.SYLLABLES["zh"] == tuple(len(text.strip("。")) for text in TEXTS["zh"])
    vowels = tuple(len(re.findall(r"au|ei|äu|ie|[aeiouäöü]", text.lower())) for text in TEXTS["de"])
    assert prosody.SYLLABLES["de"] == vowels


def test_made_utterances_are_measured_by_their_text() -> None:
    table = prosody.made("en", ["f1"], ["sad"], [2, 1])
    assert table[["emotion", "speaker"]].drop_duplicates().to_numpy().tolist() == [["sad", "f1"]]
    assert [file[-6:-4] for file in table.index] == ["01", "02"]
    table["pitch"] = 0
    assert (prosody.made("en", ["f1"], ["sad"], [2, 1])["pitch"] > 100).all(), "what is kept is not handed out"
    with pytest.raises(UserError, match="no such utterance"):
        prosody.made("en", ["f9"], ["sad"], [1])


# Dials


@pytest.fixture(scope="module")
def dials() -> VoiceDials:
    return VoiceDials()


def test_every_way_is_spoken_and_measured(dials: VoiceDials) -> None:
    assert len(dials.clips) == 27
    sound, rate = corpora.speak(TEXT, "en", "f2", pitch=4, rate=0.75, breath=20, tilt=-5)
    clip = dials.clips["high.slow.breathy"]
    assert clip["numbers"] == pytest.approx(prosody.measure(sound, rate, SYLLABLES))
    assert clip["seconds"] == pytest.approx(len(sound) / rate, abs=1e-3)
    assert set(dials.dials) == set(DIALS)
    assert sum(len(c["audio"]) for c in dials.clips.values()) < 800_000
    for name, ways in DIALS.items():
        assert ways["own"] == {}, f"{name} has no way that leaves the speaker alone"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"text": "Good morning."}, "syllables="),
        ({"voice": "f9"}, "'f9'"),
        ({"text": "word " * 40, "syllables": 40}, "8 seconds"),
    ],
)
def test_dials_say_what_is_wrong(given: dict[str, Any], says: str) -> None:
    with pytest.raises(UserError, match=says):
        VoiceDials(**given)


# Clips that are compared


def test_clips_that_are_compared_are_equally_loud() -> None:
    loud, soft = tone(STEADY, 0.1), tone(GLIDE, 0.005)
    played = at_one_level([loud, soft])
    assert max(np.abs(x).max() for x in played) == pytest.approx(PEAK)
    assert np.sqrt(np.mean(played[0] ** 2)) == pytest.approx(np.sqrt(np.mean(played[1] ** 2)))
    clips = [{"emotion": e, "corpus": "A", "samples": x, "rate": RATE} for e, x in (("anger", loud), ("sad", soft))]
    for levelled, ratio in ((False, 20), (True, 1)):
        shown = Hear(clips, levelled=levelled).clips
        a, b = (np.std(soundfile.read(io.BytesIO(base64.b64decode(c["audio"])))[0]) for c in shown)
        assert a / b == pytest.approx(ratio, rel=0.05)


@pytest.mark.parametrize(("page", "how"), [("hearing", "voices.players("), ("sitting", "Hear(clips, levelled=True)")])
def test_pages_that_compare_clips_play_them_at_one_level_and_say_so(page: str, how: str) -> None:
    text = (BOOK / f"{page}.md").read_text(encoding="utf-8")
    assert how in text
    assert "played at the same level" in text


# The game


def clip(emotion: str) -> dict[str, Any]:
    return {"emotion": emotion, "samples": tone(STEADY[:8000]), "rate": RATE}


def test_game_shuffles_clips_and_predictions_alike() -> None:
    meant = ["anger", "sad", "happy"] * 3
    said = ["anger", "sad", "sad"] * 3
    game = Guess([clip(e) for e in meant], said)
    assert sorted(zip(game.truth, game.predicted, strict=True)) == sorted(zip(meant, said, strict=True))
    assert game.truth != meant
    assert game.truth == Guess([clip(e) for e in meant], said).truth
    assert game.guesses == [""] * 9
    assert game.classes == ["anger", "happy", "sad"]


@pytest.mark.parametrize(
    ("clips", "said", "says"),
    [
        ([], [], "0 clips and 0 predictions"),
        ([clip("sad")], [], "1 clips and 0 predictions"),
        ([clip("joy")], ["sad"], "'joy'"),
        ([clip("sad")], ["surprise"], "begin with one letter"),
        ([{"emotion": "sad"}], ["sad"], "no 'samples'"),
    ],
)
def test_game_says_what_is_wrong(clips: list[dict[str, Any]], said: list[str], says: str) -> None:
    with pytest.raises(UserError, match=says):
        Guess(clips, said)


# Checks


def test_slips_of_the_semitones_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    slips = hearing._slips(hearing.CALM, hearing.ANGRY)
    truth = 12 * np.log2(157.5 / 117)
    assert min(np.diff(sorted([truth, *slips.values()]))) > 0.02
    for says, value in slips.items():
        checks.check_semitones(value)
        assert says in capsys.readouterr().out
    for value, says in ((truth, "1.1.1 passed"), (truth + 3, "too large"), (truth - 3, "too small")):
        checks.check_semitones(value)
        assert says in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda move, rate: move / rate, "in seconds"),
        (lambda move, rate: rate / (2 * move), "2 periods at once"),
        (lambda move, rate: 1.3 * rate / move, "your function gives"),
        (lambda move, rate: float("inf"), "inf"),
    ],
)
def test_what_is_no_pitch_is_named(change: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    def pitch_of(samples: np.ndarray, rate: int) -> float:
        moves = np.arange(rate // 400, rate // 75)
        return change(moves[np.argmax([samples[:-m] @ samples[m:] for m in moves])], rate)

    checks.check_pitch(pitch_of)
    assert says in capsys.readouterr().out


def test_pitch_must_not_touch_the_samples(capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_pitch(lambda samples, rate: np.sum(np.multiply(samples, 2, out=samples)))
    assert "changed the samples" in capsys.readouterr().out


# What the page computes


def test_a_lower_pitch_lowers_the_measured_harmonicity(dials: VoiceDials) -> None:
    low, own = (dials.clips[name]["numbers"]["harmonicity"] for name in ("low.own.own", "own.own.own"))
    assert low < own - 1


def test_rules_are_said_in_words() -> None:
    def rule(emotion: str, parameter: str, value: float) -> rules.Rule:
        return rules.Rule(emotion, parameter, value, "", ())

    made = [
        *(rule("anger", "pitch", -2), rule("anger", "rate", 1.2), rule("anger", "tilt", -1)),
        *(rule("fear", "pitch_range", 0.5), rule("fear", "roughness", 2), rule("fear", "tilt", 2)),
        *(rule("happy", "loudness", 3), rule("happy", "final", 1)),
        *(rule("sad", "rate", 0.8), rule("sad", "breath", 5), rule("sad", "loudness", -3), rule("sad", "final", -1)),
        rule("boredom", "pitch", -9),
    ]
    assert page.table_of_rules(made).data.splitlines() == [
        "| | voice | level | pitch | pitch range | rate | end |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        "| anger | lax |  | lower |  | faster |  |",
        "| fear | rough, tense |  |  | narrower |  |  |",
        "| happy |  | louder |  |  |  | rises |",
        "| sad | breathy | softer |  |  | slower | falls |",
    ]


def test_anger_fear_and_joy_are_all_higher_wider_and_faster() -> None:
    lines = page.table_of_rules(rules.RULES).data.splitlines()
    assert [line.split("|")[1].strip() for line in lines if "higher | wider | faster" in line] == [
        *("anger", "fear", "happy"),
    ]


def test_game_takes_every_second_utterance_in_turn(tmp_path: Path) -> None:
    rows = {}
    for speaker in ("m9", "f7"):
        for emotion in ("sad", "anger"):
            for text in (2, 5):
                file = tmp_path / f"made-en-{speaker}-{emotion}-{text:02d}.wav"
                soundfile.write(file, tone(STEADY, 0.01 * len(rows) + 0.01), RATE)
                rows[str(file)] = {"speaker": speaker, "emotion": emotion, "model": f"{speaker} {emotion} {text}"}
    clips, said = page.game(pd.DataFrame.from_dict(rows, orient="index"))
    assert said == ["f7 anger 2", "m9 anger 5", "m9 sad 2", "f7 sad 5"]
    assert [clip["emotion"] for clip in clips] == ["anger", "anger", "sad", "sad"]
    assert [clip["caption"][-3:] for clip in clips] == ["f7.", "m9.", "m9.", "f7."]
    wanted = next(file for file in rows if file.endswith("m9-anger-05.wav"))
    assert np.array_equal(clips[1]["samples"], soundfile.read(wanted, dtype="float32")[0])
    assert sorted(Guess(clips, ["anger"] * 4).truth) == ["anger", "anger", "sad", "sad"]


def test_chance_of_six_right_guesses_is_one_in_sixteen() -> None:
    assert 1 / binom.sf(5, 15, 1 / 5) == pytest.approx(16, abs=0.5)


def described() -> pd.DataFrame:
    """Means that are as the alternative text of the figure says."""
    away = pd.DataFrame(0.2, index=["anger", "fear", "happy", "neutral", "sad"], columns=list(prosody.NUMBERS))
    for emotion, names in page.FAR_ABOVE.items():
        away.loc[emotion, list(names)] = 1.0
    for emotion, names in page.FAR_BELOW.items():
        away.loc[emotion, list(names)] = -1.5
    return away


def test_figure_is_as_its_alternative_text_says() -> None:
    away = described()
    page.assert_described(away)
    for emotion, name, value in (("anger", "rate", 0.8), ("sad", "pitch", 0.0), ("neutral", "level", -2.0)):
        other = away.copy()
        other.loc[emotion, name] = value
        with pytest.raises(AssertionError, match=emotion):
            page.assert_described(other)


def test_the_furthest_number_tells_an_emotion() -> None:
    away = described().loc[["fear", "sad"]]
    away.loc["fear", "rate"], away.loc["sad", "level"] = 2.0, -3.0
    assert "mean is rate for fear (above the mean), level for sad (below the mean). No" in page.what_tells(away).data
