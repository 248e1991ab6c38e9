"""Synthetic corpora: German, English and Mandarin by espeak-ng, in seven emotions, generated on first use. Chapter 1.2.

Synthetic speech is for teaching the method. Scores on it say nothing about people.
"""

from __future__ import annotations

import hashlib
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from tlmlda_lib import progress as bars
from tlmlda_lib.corpora import conditions as recording
from tlmlda_lib.corpora import table
from tlmlda_lib.corpora.synthesis import espeak, rules, speakers, speech
from tlmlda_lib.errors import UserError

#: What is said: emotionally neutral sentences.
TEXTS = {
    "de": (
        "Das Fenster im Flur steht offen.",
        "Morgen fährt der Zug um sieben ab.",
        "Der Schlüssel liegt neben der Lampe.",
        "Sie hat den Brief gestern abgeschickt.",
        "Im Garten stehen drei alte Bäume.",
        "Am Montag kommen wir wieder hierher.",
    ),
    "en": (
        "The window in the hall is open.",
        "The train will leave at seven tomorrow.",
        "The key is lying next to the lamp.",
        "She sent the letter yesterday evening.",
        "There are three old trees in the garden.",
        "We are coming back here on Monday.",
    ),
    "zh": (
        "走廊的窗户开着。",
        "火车明天七点出发。",
        "钥匙放在台灯旁边。",
        "她昨天寄了那封信。",
        "花园里有三棵老树。",
        "我们星期一再来这里。",
        "桌子上放着一本书。",
        "他在门口等了很久。",
        "今天下午可能下雨。",
        "请把箱子拿到楼上。",
    ),
}

#: Letters of the synthetic corpora in schemes, and their names.
MADE = {"d": "made-de", "e": "made-en", "z": "made-zh"}

#: Note beside every score on synthetic speech.
MADE_NOTE = "Synthetic speech (espeak-ng) shows the method; scores about people are those on real corpora, in results/."


@dataclass(frozen=True)
class Utterance:
    """One recording to synthesise.

    Attributes
    ----------
    language, speaker, emotion : str
        As in the table's columns.
    text : int
        Index into `TEXTS` of the language.
    seed : int
        Seed of the corpus.
    recording : str
        Recording condition, as in `synthetic`.
    """

    language: str
    speaker: str
    emotion: str
    text: int
    seed: int
    recording: str

    @property
    def name(self) -> str:
        """File name, without its folder."""
        return f"{self.speaker}-{self.emotion}-{self.text + 1:02d}.wav"

    def samples(self) -> np.ndarray:
        """Speak and record it: (n,) int16 at 16 kHz."""
        voice = speakers.speaker(self.language, self.speaker)
        manner = rules.manner(self.emotion, self.language, self.speaker, self.text, self.seed)
        sound = speech.utter(TEXTS[self.language][self.text], self.language, voice, manner)
        name = f"{self.seed}/{self.language}/{self.name}"
        return recording.record(sound, espeak.RATE, recording.STUDIOS[self.language], self.recording, name)


def synthetic(language: str, seed: int = 0, recording: str = "studio", *, progress: bool | None = None) -> pd.DataFrame:
    """A corpus of synthetic speech (espeak-ng), generated at the first call and kept in the cache folder. Chapter 1.2.

    Parameters
    ----------
    language : str
        "de" (8 speakers, 6 texts), "en" (8, 6) or "zh" (4, 10), each in seven emotions; half the speakers are women.
    seed : int
        Random seed, 0 or more: it decides how strongly each speaker shows each emotion, and more.
    recording : str
        "studio", "telephone", "room", "noise" (10 dB) or as "noise5" (5 dB).
    progress : bool, optional
        Show a progress bar; by default on a terminal or in a notebook, if it takes longer than two seconds.

    Returns
    -------
    DataFrame
        As from `tlmlda_lib.corpora.load`; corpus is "made-de", "made-en" or "made-zh". ``attrs["sha256"]`` is the
        digest of all its samples: the same for the same arguments on machines of one kind.

    Raises
    ------
    UserError
        If a name is not known, espeakng-loader is missing, or the cache folder cannot be written.
    """
    utterances = plan(language, seed, recording)
    folder = _folder(utterances[0])
    found = {u: _read(folder / u.name) for u in utterances}
    missing = [u for u in utterances if found[u] is None]
    for u in bars.watch(missing, len(missing), f"made-{language}", progress):
        samples = u.samples()
        try:
            espeak.write(folder / u.name, _wav(u.name, samples))
        except OSError as error:
            raise espeak.unwritable(error) from error
        found[u] = hashlib.sha256(samples.tobytes()).hexdigest()
    made = table.build(
        {
            folder / u.name: {
                "emotion": u.emotion,
                "speaker": u.speaker,
                "gender": speakers.speaker(language, u.speaker).gender,
                "language": language,
                "corpus": f"made-{language}",
            }
            for u in utterances
        },
        [],
    )
    whole = "".join(f"{found[u]}  {u.name}\n" for u in sorted(utterances, key=lambda u: u.name))
    made.attrs["sha256"] = hashlib.sha256(whole.encode()).hexdigest()
    return made


def synthetic_digest(language: str, seed: int = 0, recording: str = "studio") -> str:
    """SHA-256 of the names and samples of a synthetic corpus, generated if absent; as ``sha256sum`` lists them.

    Parameters
    ----------
    language, seed, recording
        As in `synthetic`.
    """
    return synthetic(language, seed, recording).attrs["sha256"]


def plan(language: str, seed: int, how: str) -> list[Utterance]:
    """The utterances of a synthetic corpus, ordered by speaker, emotion and text.

    Parameters
    ----------
    language : str
        A key of `TEXTS`.
    seed : int
        Seed of the corpus, 0 or more.
    how : str
        Recording condition, as in `synthetic`.

    Raises
    ------
    UserError
        If one of them is not known.
    """
    if language not in TEXTS:
        raise UserError(f"language {language!r} has no synthetic corpus: use one of {', '.join(TEXTS)}")
    if not isinstance(seed, int | np.integer) or isinstance(seed, bool) or seed < 0:
        raise UserError(f"seed={seed!r}: give a whole number, 0 or more")
    recording.snr(how)
    return [
        Utterance(language, speaker, emotion, text, int(seed), how)
        for speaker in speakers.SPEAKERS[language]
        for emotion in rules.EMOTIONS
        for text in range(len(TEXTS[language]))
    ]


def _folder(utterance: Utterance) -> Path:
    """Where a corpus is kept: its name contains the digest of the synthesiser and of the code that uses it."""
    content = hashlib.sha256(espeak.version().encode())
    for module in (speakers, speech, rules, recording, sys.modules[__name__]):
        content.update(Path(str(module.__file__)).read_bytes())
    u = utterance
    name = f"made-{u.language}-{u.recording}-seed{u.seed}-{content.hexdigest()[:12]}"
    return espeak.root() / name


def _wav(name: str, samples: np.ndarray) -> bytes:
    """A WAV file, 16 kHz mono 16 bits, with a comment that carries the checksum of name and samples."""
    data = samples.astype("<i2").tobytes()
    checksum = hashlib.sha256(name.encode() + b"\0" + data).hexdigest()
    comment = f"made by espeak-ng, nobody's voice; {checksum}".encode() + b"\0"
    comment += b"\0" * (len(comment) % 2)
    info = b"INFO" + struct.pack("<4sI", b"ICMT", len(comment)) + comment
    form = struct.pack("<HHIIHH", 1, 1, recording.RATE, 2 * recording.RATE, 2, 16)
    chunks = b"".join(
        struct.pack("<4sI", kind, len(content)) + content
        for kind, content in ((b"fmt ", form), (b"data", data), (b"LIST", info))
    )
    return struct.pack("<4sI4s", b"RIFF", 4 + len(chunks), b"WAVE") + chunks


_DATA = 44  # where the samples begin


def _read(file: Path) -> str | None:
    """SHA-256 of the samples of a file that we wrote; None if it is absent or damaged."""
    try:
        content = file.read_bytes()
    except OSError:
        return None
    if len(content) < _DATA:
        return None
    data = content[_DATA : _DATA + int.from_bytes(content[_DATA - 4 : _DATA], "little")]
    if len(data) % 2 or _wav(file.name, np.frombuffer(data, "<i2")) != content:
        return None
    return hashlib.sha256(data).hexdigest()
