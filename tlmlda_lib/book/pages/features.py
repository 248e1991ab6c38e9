"""What chapter 1.3 computes: four clips, the descriptors of IS10, and what else a row of features tells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import soundfile
from IPython.display import Markdown

from tlmlda_lib import corpora

#: The clips by their names, and how their files end.
CLIPS = {
    "anger, f2": "f2-anger-01",
    "neutral, f2": "f2-neutral-01",
    "sad, f2": "f2-sad-01",
    "neutral, m1": "m1-neutral-01",
}

#: Descriptors of the set IS10 by the stems of their names, and what each hears.
HEARS = {
    "pcm_loudness": "how loud, roughly as an ear hears it",
    "mfcc": "shape of the spectrum, from coarse to fine: which vowel, which voice",
    "logMelFreqBand": "energy in eight bands, as wide as the ear's",
    "lspFreq": "resonances of the mouth and throat",
    "F0finEnv": "pitch, continued through the gaps",
    "voicingFinalUnclipped": "how likely it is that the frame has a voice",
    "F0final": "pitch, only where there is a voice",
    "jitterLocal": "how unevenly the voice vibrates",
    "jitterDDP": "how fast that unevenness changes",
    "shimmerLocal": "how unevenly loud its vibrations are",
}


def clips() -> list[dict[str, Any]]:
    """Four clips of the German synthetic corpus, as `SoundToNumbers` takes them."""
    made = corpora.synthetic("de", progress=False)
    found = []
    for name, stem in CLIPS.items():
        file = next(f for f in made.index if f.endswith(f"{stem}.wav"))
        samples, rate = soundfile.read(file, dtype="float32")
        found.append({"name": name, "samples": samples, "rate": rate})
    return found


def descriptors(parsed: Iterable[re.Match[str] | None]) -> Markdown:
    """How many descriptors there are of each kind, and functionals of each.

    Parameters
    ----------
    parsed : iterable of re.Match or None
        Names of features in four groups: stem, "_de" of a delta, number, functional; None for a name without these.

    Raises
    ------
    ValueError
        If descriptors of one stem have unlike numbers of functionals, or a stem is not in `HEARS`.
    """
    functionals: dict[str, dict[str, set[str]]] = {}
    for match in parsed:
        if match and not match[2]:
            functionals.setdefault(match[1], {}).setdefault(match[3], set()).add(match[4])
    rows = ["| descriptor, and what it measures | how many | functionals of each |", "| --- | --: | --: |"]
    for stem in sorted(functionals, key=list(HEARS).index):
        (each,) = {len(own) for own in functionals[stem].values()}
        rows.append(f"| `{stem}`: {HEARS[stem]} | {len(functionals[stem])} | {each} |")
    return Markdown("\n".join(rows))


def what_else(known: Mapping[str, float]) -> Markdown:
    """What a row of features tells besides the emotion: percent of speaker, gender, recording and emotion, in order.

    Parameters
    ----------
    known : mapping of str to float
        Percent recognised, by what is recognised.
    """
    speaker, gender, place, emotion = known.values()
    return Markdown(
        f"The classifier recognises the emotion of {emotion:.0f} % of the utterances, a woman or a man in "
        f"{gender:.0f} %, studio or room in {place:.0f} %, and in sentences it has not met the speaker in "
        f"{speaker:.0f} %."
    )
