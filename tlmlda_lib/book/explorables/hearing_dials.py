"""Voice dials: one sentence, said in 27 ways, with the measurements of each. Chapter 1.1."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import traitlets

from tlmlda_lib.book.explorables.base import Explorable, script, style
from tlmlda_lib.book.explorables.sitting import PEAK, drawn
from tlmlda_lib.corpora import speak
from tlmlda_lib.errors import UserError
from tlmlda_lib.features import prosody

#: Arguments of `tlmlda_lib.corpora.speak` for each dial.
DIALS: dict[str, dict[str, dict[str, float]]] = {
    "pitch": {"low": {"pitch": -4.0}, "own": {}, "high": {"pitch": 4.0}},
    "rate": {"slow": {"rate": 0.75}, "own": {}, "fast": {"rate": 1.35}},
    "loudness": {"soft": {"loudness": -12.0}, "own": {}, "loud": {"loudness": 6.0}},
    "quality": {"breathy": {"breath": 20.0, "tilt": -5.0}, "own": {}, "rough": {"roughness": 5.0, "tilt": 3.0}},
}

#: Default text, and its syllables.
TEXT, SYLLABLES = "The train will leave at seven tomorrow.", 10


class VoiceDials(Explorable):
    """Four dials for one synthetic voice: hear it, see it, and read `tlmlda_lib.features.prosody.measure` of it.

    Parameters
    ----------
    text : str
        What is said, up to about three seconds.
    language, voice : str
        As in `tlmlda_lib.corpora.speak`.
    syllables : int
        Number of syllables in the text.
    address : str
        Name of the state in the page's address; empty leaves the address unchanged.

    Attributes
    ----------
    dials : dict of str to str
        Positions of the four dials, by the names in `DIALS`.
    numbers : dict of str to float
        Read back from the page: the seven numbers at this setting.

    Raises
    ------
    UserError
        If the text cannot be spoken, is too long, or a name is not known.

    Notes
    -----
    Loudness needs no clip of its own: the page plays the same sound more softly, and adds the dB to its level.
    """

    _esm = script(__name__)
    _css = style(__name__, "clips")
    clips = traitlets.Dict().tag(sync=True)
    said = traitlets.Dict().tag(sync=True)
    options = traitlets.Dict().tag(sync=True)
    dials = traitlets.Dict().tag(sync=True)
    numbers = traitlets.Dict().tag(sync=True)

    @traitlets.validate("dials")
    def _turned(self, proposal: Any) -> dict[str, str]:
        """Dials that are not named stay unchanged."""
        dials = {**dict.fromkeys(DIALS, "own"), **self._trait_values.get("dials", {}), **proposal["value"]}
        for name, way in dials.items():
            if way not in DIALS.get(name, ()):
                known = "; ".join(f"{n}: {', '.join(ways)}" for n, ways in DIALS.items())
                raise UserError(f"dial {name!r} has no way {way!r}: use {known}")
        return dials

    def __init__(
        self,
        text: str = TEXT,
        language: str = "en",
        voice: str = "f2",
        *,
        syllables: int | None = None,
        address: str = "voice",
        **kwargs: Any,
    ) -> None:
        if syllables is None:
            if text != TEXT:
                raise UserError("VoiceDials got a text without its number of syllables: give syllables= too")
            syllables = SYLLABLES
        names = [name for name in DIALS if name != "loudness"]
        spoken = {}
        for ways in product(*(DIALS[name] for name in names)):
            manner: dict[str, float] = {}
            for name, way in zip(names, ways, strict=True):
                manner |= DIALS[name][way]
            spoken[".".join(ways)] = speak(text, language, voice, **manner)
        if max(len(sound) / rate for sound, rate in spoken.values()) > 8:
            raise UserError("the text takes longer than 8 seconds when it is said slowly: shorten it")
        gain = PEAK / max(np.abs(sound).max() for sound, _ in spoken.values())
        clips = {}
        for name, (sound, rate) in spoken.items():
            numbers = prosody.measure(sound, rate, syllables)
            clips[name] = {
                **drawn((gain * sound).astype(np.float32), rate, prosody.contour(sound, rate)),
                "numbers": numbers,
            }
        super().__init__(
            clips=clips,
            said={"text": text, "language": language, "voice": voice, "syllables": syllables},
            options={name: dict(ways) for name, ways in DIALS.items()},
            dials=dict.fromkeys(DIALS, "own"),
            address=address,
            **kwargs,
        )
