"""Each rule of the synthetic speech's emotions can be heard, by measures of every clip.

`tests/test_made.py` holds the clips to the bit; what is measured here changes with them alone.
"""

from __future__ import annotations

from pathlib import Path

import acoustics
import pandas as pd
import pytest
import soundfile
from filelock import FileLock
from scipy.stats import wilcoxon
from test_made import SIZES, tables

from tlmlda_lib.corpora.synthesis import espeak, made, rules, speakers, speech
from tlmlda_lib.corpora.synthesis.rules import FACTORS, RULES
from tlmlda_lib.corpora.synthesis.speech import Manner

__all__ = ["tables"]  # a fixture


@pytest.fixture(scope="session")
def heard(shared: Path, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Measures of every clip of the three, by language, speaker, text and emotion."""
    with FileLock(shared / "heard.lock"):
        if not (shared / "heard.pkl").exists():
            parts = []
            for language, table in tables.items():
                part = acoustics.measure(list(table.index)).assign(language=language)
                for column in ("emotion", "speaker", "gender"):
                    part[column] = table[column]
                part["text"] = part.index.str[-6:-4]
                parts.append(part)
            pd.concat(parts).to_pickle(shared / "heard.pkl")
    return pd.read_pickle(shared / "heard.pkl")


def test_every_clip_has_sound(heard: pd.DataFrame) -> None:
    assert heard["level"].between(-48, -12).all()
    assert (heard["peak"] < 1).all(), "nothing is cut off at full scale"
    assert heard["seconds"].between(0.9, 5).all()
    assert (heard["voiced"] > 0.2).mean() > 0.99, "the tracker does not follow the deepest and roughest"
    men = heard["gender"] == "male"
    assert heard.loc[men, "hertz"].between(55, 400).all()
    assert heard.loc[~men, "hertz"].between(110, 600).all()


def up(rule: rules.Rule) -> int:
    return 1 if rule.value > (1 if rule.parameter in FACTORS else 0) else -1


def difference(parameter: str, these: pd.DataFrame, those: pd.DataFrame) -> pd.Series:
    """How far a measure has moved between two tables with the same rows."""
    if parameter != "tract":
        return these[parameter] - those[parameter]
    pairs = zip(these["file"], those.loc[these.index, "file"], strict=True)
    return pd.Series([acoustics.stretch(*pair) for pair in pairs], index=these.index)


def said(manner: Manner, folder: Path) -> pd.DataFrame:
    """Measures of three texts by a woman and a man of each language, in one manner, without microphone and room."""
    files = []
    for language, texts in made.TEXTS.items():
        for name in ("f1", "m1"):
            for text in texts[:3]:
                files.append(str(folder / f"{len(files)}.wav"))
                soundfile.write(
                    files[-1], speech.utter(text, language, speakers.speaker(language, name), manner), espeak.RATE
                )
    return acoustics.measure(files).rename_axis("file").reset_index()


@pytest.fixture(scope="module")
def plainly_said(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return said(Manner(), tmp_path_factory.mktemp("plain"))


@pytest.mark.parametrize("rule", RULES, ids=lambda r: f"{r.emotion}-{r.parameter}")
def test_rule_alone_is_heard(rule: rules.Rule, plainly_said: pd.DataFrame, tmp_path: Path) -> None:
    """Said with this one rule and without it, all else equal: the measure moves the way of the rule."""
    with_it = said(Manner(**{rule.parameter: rule.value}), tmp_path)
    moved = up(rule) * difference(rule.parameter, with_it, plainly_said)
    assert moved.mean() > 0
    assert (moved > 0).mean() >= 0.75, f"{sorted(moved)}"


@pytest.mark.parametrize("rule", RULES, ids=lambda r: f"{r.emotion}-{r.parameter}")
def test_rule_is_heard_in_the_made_clips(rule: rules.Rule, heard: pd.DataFrame) -> None:
    """Against the neutral clip of the same speaker and text, over all clips: by ranks, for trackers err by octaves."""
    clips = heard.rename_axis("file").reset_index().set_index(["language", "speaker", "text"])
    emotional, neutral = (clips[clips["emotion"] == emotion] for emotion in (rule.emotion, "neutral"))
    moved = up(rule) * difference(rule.parameter, emotional, neutral).dropna()
    assert len(moved) > 100
    assert wilcoxon(moved, alternative="greater").pvalue < 1e-3


@pytest.mark.parametrize(
    ("more", "less", "measure"),
    [
        ("anger", "sad", "loudness"),
        ("happy", "sad", "rate"),
        ("fear", "disgust", "rate"),
        ("fear", "sad", "pitch"),
        ("happy", "sad", "pitch_range"),
        ("anger", "sad", "tilt"),
        ("surprise", "disgust", "final"),
    ],
)
@pytest.mark.parametrize("language", SIZES)
def test_emotions_stand_as_the_studies_say(
    more: str, less: str, measure: str, language: str, heard: pd.DataFrame
) -> None:
    """In each corpus: anger louder than sadness, sadness slower than happiness ..."""
    values = heard[heard["language"] == language].set_index(["emotion", "speaker", "text"])[measure]
    assert (values[more] - values[less]).mean() > 0
