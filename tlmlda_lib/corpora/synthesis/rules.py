"""How synthetic speakers express emotions: rules from studies of synthetic speech. Chapter 1.2.

Each rule is one departure from the speaker's neutral way of speaking, with the studies that it follows. The direction
is theirs; the amount is ours, of the same order as theirs where they give one.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from tlmlda_lib.corpora.synthesis.speech import LIMITS, Manner

#: Keys of `Rule.sources`.
SOURCES = {
    "Cahn 1990": "J. E. Cahn, The generation of affect in synthesized speech. Journal of the American Voice I/O "
    "Society 8, 1-19, 1990.",
    "Murray 1993": "I. R. Murray, J. L. Arnott, Toward the simulation of emotion in synthetic speech: a review of the "
    "literature on human vocal emotion. JASA 93(2), 1097-1108, 1993.",
    "Murray 1995": "I. R. Murray, J. L. Arnott, Implementation and testing of a system for producing "
    "emotion-by-rule in synthetic speech. Speech Communication 16(4), 369-390, 1995.",
    "Burkhardt 2000": "F. Burkhardt, W. F. Sendlmeier, Verification of acoustical correlates of emotional speech "
    "using formant-synthesis. ISCA Workshop on Speech and Emotion, Newcastle, Northern Ireland, 151-156, 2000.",
    "Schroeder 2001": "M. Schröder, Emotional speech synthesis: a review. Eurospeech, Aalborg, 561-564, 2001 "
    "(its Table 1 sums up the rules of the others).",
    "Ross 1986": "E. D. Ross, J. A. Edmondson, G. B. Seibert, The effect of affect on various acoustic measures of "
    "prosody in tone and non-tone languages. Journal of Phonetics 14(2), 283-302, 1986.",
    "Scherer 2001": "K. R. Scherer, R. Banse, H. G. Wallbott, Emotion inferences from vocal expression correlate "
    "across languages and cultures. Journal of Cross-Cultural Psychology 32(1), 76-92, 2001.",
}


@dataclass(frozen=True)
class Rule:
    """One departure from the speaker's neutral way of speaking.

    Attributes
    ----------
    emotion : str
    parameter : str
        A field of `Manner`.
    value : float
        Its value: a factor for rate, pitch_range and tract, else a sum.
    says : str
        What the studies say.
    sources : tuple of str
        Keys of `SOURCES`.
    """

    emotion: str
    parameter: str
    value: float
    says: str
    sources: tuple[str, ...]


_M93, _M95, _B00, _C90, _S01 = "Murray 1993", "Murray 1995", "Burkhardt 2000", "Cahn 1990", "Schroeder 2001"

RULES = (
    Rule("anger", "pitch", 4.0, "pitch very much higher; +10 Hz", (_M93, _M95)),
    Rule("anger", "pitch_range", 1.6, "range much wider; +9 semitones", (_M93, _M95)),
    Rule("anger", "rate", 1.18, "slightly faster; +30 words a minute", (_M93, _M95)),
    Rule("anger", "loudness", 6.0, "+6 dB", (_M95, _S01)),
    Rule("anger", "roughness", 4.0, "laryngealised", (_M95, _S01)),
    Rule("anger", "tilt", 3.0, "tense phonation", (_B00,)),
    Rule("disgust", "pitch", -3.0, "pitch very much lower", (_M93,)),
    Rule("disgust", "pitch_range", 1.2, "range slightly wider", (_M93,)),
    Rule("disgust", "rate", 0.76, "very much slower", (_M93,)),
    Rule("disgust", "loudness", -2.0, "intensity lower", (_M93,)),
    Rule("disgust", "roughness", 5.0, "grumbled chest tone", (_M93,)),
    Rule("disgust", "final", -4.0, "wide, downward terminal inflections", (_M93,)),
    Rule("fear", "pitch", 7.0, "pitch very much higher; +150 %", (_M93, _B00)),
    Rule("fear", "pitch_range", 1.25, "range +20 %", (_B00, _S01)),
    Rule("fear", "rate", 1.28, "much faster; +30 %", (_M93, _B00)),
    Rule("fear", "flutter", 8.0, "irregular voicing", (_M93,)),
    Rule("happy", "pitch", 4.0, "pitch much higher; +50 %", (_M93, _B00)),
    Rule("happy", "pitch_range", 1.9, "range much wider; +100 %", (_M93, _B00)),
    Rule("happy", "rate", 1.18, "+30 %", (_B00, _S01)),
    Rule("happy", "loudness", 3.0, "intensity higher", (_M93,)),
    Rule("happy", "tract", 1.06, "spread lips: first two formants +10 %", (_B00, _S01)),
    Rule("happy", "final", 5.0, "smooth, upward inflections", (_M93,)),
    Rule("sad", "pitch", -1.5, "pitch slightly lower", (_M93,)),
    Rule("sad", "pitch_range", 0.55, "range slightly narrower; the least of its scale", (_M93, _C90)),
    Rule("sad", "rate", 0.8, "slightly slower; the least of its scale", (_M93, _C90)),
    Rule("sad", "loudness", -4.0, "intensity lower; -5 of 10", (_M93, _C90)),
    Rule("sad", "breath", 12.0, "breathiness, the most of its scale", (_C90, _S01)),
    Rule("sad", "tilt", -4.0, "brilliance -9 of 10", (_C90, _S01)),
    Rule("surprise", "pitch_range", 1.7, "range +8 of 10", (_C90, _S01)),
    Rule("surprise", "rate", 1.1, "tempo +4 of 10", (_C90, _S01)),
    Rule("surprise", "loudness", 3.0, "loudness +5 of 10", (_C90, _S01)),
    Rule("surprise", "final", 6.0, "steeply rising contour", (_C90, _S01)),
)

EMOTIONS = ("anger", "disgust", "fear", "happy", "neutral", "sad", "surprise")

#: Parameters that multiply; a rule's strength is their exponent.
FACTORS = ("rate", "pitch_range", "tract")

#: How strongly the speakers of a corpus follow each rule: the subdomain shift. The German synthetic speakers show hot
#: anger and quiet sorrow, the English ones cold anger and crying despair (Burkhardt 2000 distinguishes both pairs); in
#: a tone language, pitch is less free (Ross 1986). The rest is invented: that languages differ is known (Scherer
#: 2001), but not by how much in which rule.
STRENGTHS: dict[str, dict[str, dict[str, float]]] = {
    "de": {
        "anger": dict(pitch=1.3, pitch_range=1.2, rate=0.6, loudness=1.2, roughness=0.4, tilt=0.5),
        "disgust": dict(pitch=0.4, pitch_range=1.0, rate=1.2, loudness=0.5, roughness=1.2, final=1.2),
        "fear": dict(pitch=1.2, pitch_range=1.0, rate=0.5, flutter=0.5),
        "happy": dict(pitch=0.6, pitch_range=1.2, rate=0.5, loudness=0.5, tract=1.2, final=1.2),
        "sad": dict(pitch=1.2, pitch_range=1.0, rate=0.5, loudness=1.4, breath=0.4, tilt=0.6),
        "surprise": dict(pitch_range=0.6, rate=1.5, loudness=0.5, final=1.0),
    },
    "en": {
        "anger": dict(pitch=0.3, pitch_range=0.3, rate=0.3, loudness=0.3, roughness=1.2, tilt=1.5),
        "disgust": dict(pitch=1.2, pitch_range=0.5, rate=0.4, loudness=1.3, roughness=0.3, final=1.2),
        "fear": dict(pitch=0.4, pitch_range=1.0, rate=1.2, flutter=1.4),
        "happy": dict(pitch=0.5, pitch_range=1.0, rate=1.2, loudness=0.4, tract=0.6, final=1.2),
        "sad": dict(pitch=0.3, pitch_range=0.4, rate=1.2, loudness=0.3, breath=1.5, tilt=0.8),
        "surprise": dict(pitch_range=1.3, rate=0.4, loudness=1.3, final=0.5),
    },
    "zh": {
        "anger": dict(pitch=0.3, pitch_range=0.6, rate=1.8, loudness=0.4, roughness=0.3, tilt=0.4),
        "disgust": dict(pitch=1.0, pitch_range=0.5, rate=0.5, loudness=1.3, roughness=0.6, final=1.2),
        "fear": dict(pitch=0.4, pitch_range=0.6, rate=0.4, flutter=1.8),
        "happy": dict(pitch=0.5, pitch_range=0.6, rate=0.3, loudness=2.2, tract=1.3, final=0.4),
        "sad": dict(pitch=0.3, pitch_range=0.5, rate=0.3, loudness=0.3, breath=1.1, tilt=0.4),
        "surprise": dict(pitch_range=0.6, rate=0.4, loudness=0.7, final=1.4),
    },
}

#: Each speaker follows each rule with an individual strength: the corpus's, more or less by up to this share.
SPEAKER_SPREAD = {"de": 0.65, "en": 0.65, "zh": 0.45}

#: Variation from one utterance to the next, up and down, of each parameter (of factors: of their logarithm).
UTTERANCE_SPREAD: Mapping[str, float] = {
    "rate": 0.12,
    "pitch": 1.8,
    "pitch_range": 0.3,
    "loudness": 2.5,
    "roughness": 1.0,
    "breath": 3.0,
    "tilt": 1.5,
    "flutter": 1.5,
    "final": 2.0,
}

#: Share of that variation in each corpus. Lexical tones add variation of their own.
UNSTEADY = {"de": 1.0, "en": 1.0, "zh": 0.6}


def manner(emotion: str, corpus: str, speaker: str, text: int, seed: int) -> Manner:
    """How a speaker of a corpus says a text in an emotion.

    Parameters
    ----------
    emotion : str
        One of `EMOTIONS`.
    corpus : str
        A key of `STRENGTHS`.
    speaker : str
    text : int
        Number of the text.
    seed : int
        Random seed. A draw does not depend on the draws before it.

    Returns
    -------
    Manner
    """
    values: dict[str, float] = {}
    for rule in RULES:
        if rule.emotion == emotion:
            strength = STRENGTHS[corpus][emotion][rule.parameter]
            strength *= 1 + SPEAKER_SPREAD[corpus] * _about(seed, corpus, speaker, emotion, rule.parameter)
            if rule.parameter in FACTORS:
                values[rule.parameter] = rule.value**strength
            else:
                values[rule.parameter] = rule.value * strength
    for parameter, spread in UTTERANCE_SPREAD.items():
        departure = UNSTEADY[corpus] * spread * _about(seed, corpus, speaker, emotion, parameter, text)
        if parameter in FACTORS:
            values[parameter] = values.get(parameter, 1.0) * 2**departure
        else:
            values[parameter] = values.get(parameter, 0.0) + departure
    return Manner(**{name: min(max(value, LIMITS[name][0]), LIMITS[name][1]) for name, value in values.items()})


def _about(*what: object) -> float:
    """A number in [-1, 1) that depends on its name alone: the same on every system."""
    return 2 * random.Random("/".join(map(str, what))).random() - 1
