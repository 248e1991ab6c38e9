"""What chapter 1.1 computes: the rules of the synthetic voices in words, the game's clips, what tells an emotion."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
import soundfile
from IPython.display import Markdown

from tlmlda_lib.corpora.synthesis import rules as synthesis

#: Columns of the table of rules, first those that separate emotions, and their parameters.
COLUMNS = {
    "voice": ("roughness", "breath", "tilt", "flutter"),
    "level": ("loudness",),
    "pitch": ("pitch",),
    "pitch range": ("pitch_range",),
    "rate": ("rate",),
    "end": ("final",),
}
#: What a larger and a smaller value of a parameter is called.
WORDS = {
    "pitch": ("higher", "lower"),
    "pitch_range": ("wider", "narrower"),
    "rate": ("faster", "slower"),
    "loudness": ("louder", "softer"),
    "tilt": ("tense", "lax"),
    "final": ("rises", "falls"),
    "roughness": ("rough", "rough"),
    "breath": ("breathy", "breathy"),
    "flutter": ("trembling", "trembling"),
}

#: Standard deviations from which the figure's alternative text calls a number far from the mean.
FAR = 0.75

#: Which numbers of an emotion the alternative text says are far above the mean, and which far below.
FAR_ABOVE = {
    "anger": {"shimmer", "brightness"},
    "fear": {"rate", "pitch"},
    "happy": {"pitch", "level", "harmonicity"},
}
FAR_BELOW = {"anger": {"harmonicity"}, "neutral": {"pitch"}, "sad": {"rate", "range", "pitch"}}


def table_of_rules(rules: Iterable[synthesis.Rule]) -> Markdown:
    """What the synthetic voices do in four emotions, by the rules.

    Parameters
    ----------
    rules : iterable of Rule
        As `tlmlda_lib.corpora.synthesis.rules.RULES`.
    """
    rules = list(rules)
    rows = ["| | " + " | ".join(COLUMNS) + " |", "| --- |" + " --- |" * len(COLUMNS)]
    for emotion in ("anger", "fear", "happy", "sad"):
        own = [rule for rule in rules if rule.emotion == emotion]
        cells = [", ".join(_word(r) for r in own if r.parameter in names) for names in COLUMNS.values()]
        rows.append(f"| {emotion} | " + " | ".join(cells) + " |")
    return Markdown("\n".join(rows))


def _word(rule: synthesis.Rule) -> str:
    neutral = 1 if rule.parameter in synthesis.FACTORS else 0
    more, less = WORDS[rule.parameter]
    return more if rule.value > neutral else less


def game(unknown: pd.DataFrame) -> tuple[list[dict[str, Any]], list[str]]:
    """Every second utterance of two speakers, in turn from either, and what the model took each for.

    Parameters
    ----------
    unknown : DataFrame
        A row for each file, ``...-SPEAKER-EMOTION-TEXT.wav``, with `speaker`, `emotion` and `model`.

    Returns
    -------
    clips : list of dict
        As `tlmlda_lib.book.explorables.Guess` takes them, by emotion and text.
    said : list of str
        The model's answers.
    """
    speakers = sorted(unknown["speaker"].unique())
    texts = sorted({file[-6:-4] for file in unknown.index})
    clips, said = [], []
    for e, emotion in enumerate(sorted(unknown["emotion"].unique())):
        for t, text in enumerate(texts):
            who = speakers[(e + t) % 2]
            (file,) = [f for f in unknown.index if f.endswith(f"{who}-{emotion}-{text}.wav")]
            samples, rate = soundfile.read(file, dtype="float32")
            caption = f"Synthetic speech (espeak-ng), speaker {who}."
            clips.append({"emotion": emotion, "samples": samples, "rate": rate, "caption": caption})
            said.append(unknown.loc[file, "model"])
    return clips, said


def assert_described(away: pd.DataFrame) -> None:
    """Compare the figure with its alternative text.

    Parameters
    ----------
    away : DataFrame
        Means of each emotion (rows) in each number (columns), in standard deviations from the speaker's mean.
    """
    for emotion, row in away.iterrows():
        assert set(row.index[row > FAR]) == FAR_ABOVE.get(str(emotion), set()), emotion
        assert set(row.index[row < -FAR]) == FAR_BELOW.get(str(emotion), set()), emotion


def what_tells(away: pd.DataFrame) -> Markdown:
    """The number that is furthest from the mean in each emotion; `away` as in `assert_described`.

    Parameters
    ----------
    away : DataFrame
        Differences from neutral, by emotion and number.
    """
    parts = []
    for emotion, number in away.abs().idxmax(axis=1).items():
        side = "above" if away.loc[emotion, number] > 0 else "below"
        parts.append(f"{number} for {emotion} ({side} the mean)")
    return Markdown(
        "In these six speakers, the number furthest from the mean is "
        + ", ".join(parts)
        + ". No number separates all five, and none says what anybody feels."
    )
