"""What a way to speak does to the level, and what `speak` is given, by the dials of the page."""

from typing import Any

from tlmlda_lib.book.explorables.hearing_dials import DIALS, SYLLABLES, TEXT
from tlmlda_lib.corpora import speak
from tlmlda_lib.features import prosody


def numbers() -> dict[str, Any]:
    def measured(way: str) -> dict[str, float]:
        found = prosody.measure(*speak(TEXT, "en", "f2", **DIALS["loudness"][way]), SYLLABLES)
        return {name: round(value, 3) for name, value in found.items()}

    return {
        "options": DIALS,
        "own": measured("own"),
        "level": {way: measured(way)["level"] for way in DIALS["loudness"]},
        "manner": DIALS["pitch"]["high"] | DIALS["loudness"]["soft"] | DIALS["quality"]["rough"],
    }
