"""Checks of chapter 1.1, "Can you hear it?"."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from tlmlda_lib.book.checks.exercises import Mistake, called, exercise, number_of
from tlmlda_lib.book.checks.shown import SHOWN, Data, Dice, Shown, by, data_of, is_the_book_s
from tlmlda_lib.features import prosody

#: Two pitch contours of one speaker, Hz, of exercise 1.1.1; 0 where there is no voice.
CALM = np.array([0, 0, 118, 120, 122, 0, 116, 110, 104, 0])
ANGRY = np.array([0, 150, 165, 180, 0, 160, 155, 150, 0, 0])


def _apart(low: float, high: float) -> float:
    return float(12 * np.log2(high / low))


def _slips(calm: np.ndarray, angry: np.ndarray) -> dict[str, float]:
    """Results of the usual slips, by the sentence about each."""
    (low, high), truth = _medians(calm, angry), _semitones(calm, angry)
    return {
        "the frames without a voice were counted; a zero there is no pitch": _apart(np.median(calm), np.median(angry)),
        "these are means, and the median is expected": _apart(calm[calm > 0].mean(), angry[angry > 0].mean()),
        "this is a difference in hertz; the ear hears ratios": high - low,
        "this is the ratio itself; how many semitones is it?": high / low,
        "these are octaves; an octave has twelve semitones": truth / 12,
        "the logarithm has base e; an octave is a doubling": truth * float(np.log(2)),
        "the logarithm has base 10; an octave is a doubling": truth * float(np.log10(2)),
        "the sign is reversed: `angry` lies above `calm`": -truth,
        "the highest pitch of each is compared, and the median is expected": _apart(calm.max(), angry.max()),
    }


def _medians(calm: np.ndarray, angry: np.ndarray) -> tuple[float, float]:
    return float(np.median(calm[calm > 0])), float(np.median(angry[angry > 0]))


def _semitones(calm: np.ndarray, angry: np.ndarray) -> float:
    return _apart(*_medians(calm, angry))


def _draw(dice: Dice) -> Data:
    usual = dice.pick(range(90, 230, 4))
    raised = usual * dice.pick((1.15, 1.25, 1.35, 1.5, 1.6))
    contours = [np.round(dice.array((10,), range(86, 115, 2)) * base / 100) for base in (usual, raised)]
    for contour in contours:
        contour[[dice.pick((0, 9)), dice.pick((1, 8)), dice.pick((3, 4, 5, 6))]] = 0
    return {"calm": contours[0], "angry": contours[1]}


SHOWN["1.1.1"] = Shown({"calm": CALM, "angry": ANGRY}, _draw, _semitones, _slips, by(0.05))


@exercise(
    "1.1.1",
    "How much higher?",
    hints=(
        "Not every frame has a pitch. Which ones count?",
        "The ear hears ratios: from 100 to 200 Hz is as far as from 200 to 400 Hz.",
        "An octave is a doubling and has twelve semitones. Which logarithm counts doublings?",
    ),
)
def check_semitones(answer: Any) -> str:
    """Check exercise 1.1.1: how many semitones one utterance lies above another. Chapter 1.1.

    Parameters
    ----------
    answer : float
        The reader's number, right to 0.01.
    """
    value = number_of(answer)
    contours = data_of("1.1.1").values()
    truth = _semitones(*contours)
    if abs(value - truth) < 0.01:
        return "Anyone who knows this speaker hears that."
    is_the_book_s("1.1.1", lambda book: bool(abs(value - book) < 0.01))
    for sentence, slip in _slips(*contours).items():
        if abs(value - slip) < 0.01:
            raise Mistake(sentence)
    raise Mistake(f"the number is too {'large' if value > truth else 'small'}; write down the two medians first")


#: Hz, in the sounds of exercise 1.1.2, and the strength of the first harmonics of each.
VOICES = ((92.0, (1, 0.7, 0.5, 0.4)), (205.0, (0.2, 1, 0.6, 0.3)), (131.0, (0.05, 0.6, 1, 0.5)), (310.0, (1, 0.4)))
RATE = 16000


@exercise(
    "1.1.2",
    "Find the period",
    hints=(
        "Lay the sound over itself, shifted by some samples. At which shifts does it fit again?",
        "It fits best when it is not shifted at all: leave out shifts that are shorter than a voice's period.",
        "The sum of products of the sound and the shifted sound says how well it fits; a pitch is rate / shift.",
    ),
)
def check_pitch(pitch_of: Any) -> str:
    """Check exercise 1.1.2: the pitch of a stretch of voiced sound. Chapter 1.1.

    Parameters
    ----------
    pitch_of : callable
        ``pitch_of(samples, rate)`` takes 50 ms of sound, float64, and its rate in Hz, and gives the pitch in Hz, right
        to 3 %. Pitches lie between 75 and 400 Hz.
    """
    t = np.arange(RATE // 20) / RATE
    for hertz, strengths in VOICES:
        sound = sum(a * np.sin(2 * np.pi * k * hertz * t + k) for k, a in enumerate(strengths, 1))
        given = np.array(sound)
        value = number_of(called(pitch_of, "(samples, rate)", given, RATE))
        if not np.array_equal(given, sound):
            raise Mistake("pitch_of changed the samples that it was given; work on a copy")
        if abs(value / hertz - 1) < 0.03:
            continue
        if value > RATE / 4:
            raise Mistake(
                f"{value:.0f} Hz is no voice: every sound fits best where it is hardly moved, or not at all, so leave "
                "those shifts out"
            )
        if abs(value * hertz / RATE - 1) < 0.03:
            raise Mistake("this is the period in samples; the pitch is how often it comes in a second")
        if abs(value * hertz - 1) < 0.03:
            raise Mistake("this is the period in seconds; the pitch is how often it comes in one")
        times = value / hertz
        if times > 1.5 and abs(times - round(times)) < 0.05:
            raise Mistake(
                f"for a voice of {hertz:.0f} Hz this is harmonic {round(times)}, the loudest of them; only all "
                "harmonics together repeat with the period"
            )
        if times < 0.7 and abs(1 / times - round(1 / times)) < 0.05:
            raise Mistake(f"this is {round(1 / times)} periods at once; the shortest shift that fits is one period")
        raise Mistake(f"for a voice of {hertz:.0f} Hz your function gives {value:.1f}")
    return "One of these voices has hardly any first harmonic, and you found its pitch all the same."


#: Of exercise 1.1.3: speakers, emotions and texts of made English; how many of 30 are to be recognised.
SPEAKERS, EMOTIONS, TEXTS, ENOUGH = ("f4", "m4"), ("anger", "fear", "happy", "neutral", "sad"), (1, 2, 3), 15


@exercise(
    "1.1.3",
    "A rule of thumb",
    hints=(
        "Say aloud what you listened for in the game, one emotion after another, and begin with the plainest.",
        "Compare each number with the speaker's usual one: by a ratio for Hz and rate, by a difference for dB.",
        "The figure above shows what sets each emotion apart. Begin with what separates most; return neutral last.",
    ),
)
def check_ear(guess: Any) -> str:
    """Check exercise 1.1.3: a rule that names emotions from seven numbers, on speakers of its own.

    Chapter 1.1.

    Parameters
    ----------
    guess : callable
        ``guess(now, usual)`` takes the numbers of an utterance, and the means of its speaker's 15 utterances, as
        dictionaries of `tlmlda_lib.features.prosody.NUMBERS`; it gives one of five emotions. Half of 30 utterances are
        enough.
    """
    table = prosody.made("en", SPEAKERS, EMOTIONS, TEXTS)
    names = list(prosody.NUMBERS)
    usual = {who: rows[names].mean().to_dict() for who, rows in table.groupby("speaker")}
    said = []
    for row in table.to_dict("records"):
        answer = called(guess, "(now, usual)", {name: row[name] for name in names}, dict(usual[row["speaker"]]))
        if answer not in EMOTIONS:
            raise Mistake(f"your rule said {answer!r}; it may say {', '.join(EMOTIONS)}")
        said.append(answer)
    if len(set(said)) == 1:
        raise Mistake(f"your rule says {said[0]} whatever it hears, so it is right once in five times")
    truth = table["emotion"].tolist()
    right = sum(t == s for t, s in zip(truth, said, strict=True))
    if right >= ENOUGH:
        return f"It recognises {right} of 30, from two speakers it has never met."
    (meant, taken), times = Counter((t, s) for t, s in zip(truth, said, strict=True) if t != s).most_common(1)[0]
    raise Mistake(
        f"your rule recognises {right} of 30, and {ENOUGH} are expected; most often it takes {meant} for {taken} "
        f"({times} times)"
    )
