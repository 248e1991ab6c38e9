"""From a file to samples: audio files through soundfile, the sound of videos through PyAV."""

from __future__ import annotations

import importlib
import io
import os
import re
import threading
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from tlmlda_lib.corpora import files, headers
from tlmlda_lib.errors import UserError

#: Lower-case extensions of audio files, and of videos, whose sound is read; uncompressed and lossless ones come first.
SOUND = (".wav", ".aif", ".aiff", ".flac", ".avi", ".m4a", ".ogg", ".opus", ".mp3", ".mp4", ".mov", ".mkv")
_VIDEO = (".avi", ".mp4", ".mov", ".mkv", ".m4a", ".opus")

#: Longest sound that is read, in seconds: openSMILE takes some 300 MB of memory a minute.
LONGEST = 600.0

#: Lowest sampling rate that is read, in Hz: telephone speech has 8000.
LOWEST_RATE = 4000

#: A sample of a floating-point file beyond this, where full scale is 1, is noted.
LOUDEST = 2.0

#: Channels whose mean has less than this share of their effective value cancel each other, which is noted.
CANCELLED = 0.1

#: What libsndfile says of content in no form that it knows; the second of a text that is named .mp3.
_NO_SOUND = ("Format not recognised", "File does not exist or is not a regular file")


def read(path: str | Path) -> tuple[np.ndarray, int]:
    """Samples of a recording, the mean of its channels. Chapter 1.3.

    Parameters
    ----------
    path : path

    Returns
    -------
    sound : ndarray of shape (n,), float32
        In [-1, 1].
    rate : int
        In Hz.

    Raises
    ------
    UserError
        If the file is absent, empty, damaged or longer than `LONGEST` by its header, or if it has no sound or a sample
        that is not finite.
    """
    path = Path(path)
    problem = unreadable(path)
    if problem is not None:
        raise UserError(f"{files.shown(path)} {problem}")
    try:
        samples, rate = _channels(path)
    except ImportError:  # a missing package is not the file's fault
        raise
    except Exception as error:
        raise UserError(f"{path} {_cannot_be_read(error)}") from error
    sound = np.asarray(samples, dtype=np.float32).mean(axis=0)
    if not len(sound):
        raise UserError(f"{path} contains no samples: replace it or leave it out")
    if not np.isfinite(sound).all():
        raise UserError(f"{path} contains samples that are not finite: replace it or leave it out")
    return sound, int(rate)


def packages(paths: Iterable[str]) -> None:
    """Import the packages that these files need: a missing one is reported once, not for every file.

    Parameters
    ----------
    paths : iterable of str
        Of files; the extensions decide.
    """
    video = any(Path(file).suffix.lower() in _VIDEO for file in paths)
    for name in ("soundfile", "soxr", *(["av"] if video else [])):
        importlib.import_module(name)


def compression(path: Path) -> int:
    """Place of a file's form among `SOUND`, where uncompressed ones come first and unknown ones last.

    Parameters
    ----------
    path : Path
        It is not opened.
    """
    form = path.suffix.lower()
    return SOUND.index(form) if form in SOUND else len(SOUND)


def to_rate(sound: np.ndarray, rate: int, target: int = 16000) -> np.ndarray:
    """The same sound at another sampling rate.

    Parameters
    ----------
    sound : ndarray of shape (n,), float32
    rate, target : int
        In Hz.

    Returns
    -------
    ndarray of shape (about n * target / rate,), float32
        Resampled by soxr at its very high quality (VHQ); the same array if the rates are equal.
    """
    if rate == target:
        return sound
    import soxr

    return soxr.resample(np.asarray(sound, dtype=np.float32), rate, target, quality="VHQ")


def mp3(samples: np.ndarray, rate: int) -> bytes:
    """Sound (n,) as the bytes of an MP3 file.

    Parameters
    ----------
    samples : ndarray of shape (n,), float32
        One channel, in [-1, 1].
    rate : int
        Hz.
    """
    import soundfile

    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="MP3", subtype="MPEG_LAYER_III")
    return file.getvalue()


def unreadable(path: Path) -> str | None:
    """Why a file cannot be a recording, as far as its header shows; None if it may be one.

    Parameters
    ----------
    path : Path
        The file.
    """
    if not files.is_text(path):
        return files.NAMELESS
    try:
        if not headers.is_regular(path):
            return "is a pipe or a device, not a file: leave it out"
        with open(path, "rb") as file:
            if not file.read(1):
                return "is empty (zero bytes): replace it or leave it out"
    except FileNotFoundError:
        return "is not there: check the path"
    except OSError as error:
        return f"cannot be opened ({error.strerror or error}): check its permissions"
    except ValueError as error:  # a zero character in the name
        return f"is not a path ({error}): check it"
    try:
        return _by_header(path)
    except ImportError:
        raise
    except Exception as error:
        return _cannot_be_read(error)


def oddity(path: Path) -> str | None:
    """What is odd about a recording that can be read all the same; None if nothing is.

    Parameters
    ----------
    path : Path
        A file that is not `unreadable`. It is decoded only if it has several channels, or floating-point samples.

    Returns
    -------
    str or None
        End of a sentence: it is cut off, far beyond full scale, or its channels cancel each other.
    """
    if cut := headers.missing(path):
        return f"is cut off ({100 * cut[0] / cut[1]:.0f} % of what its header promises is there)"
    is_float = False
    if path.suffix.lower() in _VIDEO:
        import av

        with av.open(str(path)) as container:
            channels = container.streams.audio[0].codec_context.channels
    else:
        import soundfile

        with _hush:
            about = soundfile.info(str(path))
        channels, is_float = about.channels, about.subtype in ("FLOAT", "DOUBLE")
    if channels == 1 and not is_float:
        return None
    try:
        samples, _ = _channels(path)
    except Exception:  # its features will say so
        return None
    peak = float(np.abs(samples).max(initial=0)) if is_float else 0.0
    if np.isfinite(peak) and peak > LOUDEST:
        return f"has samples up to {peak:.0f}, where full scale is 1, and is clipped"
    if len(samples) > 1:
        parts, mean = (float(np.sqrt(np.square(x, dtype=np.float64).mean())) for x in (samples, samples.mean(axis=0)))
        if 0 < mean < CANCELLED * parts:
            share = 100 * mean / parts
            return f"has channels that cancel each other (their mean has {share:.0f} % of their effective value)"
    return None


def seconds(path: Path) -> float | None:
    """How long a recording is by its header; None where that does not say.

    Parameters
    ----------
    path : Path
        A file that is not `unreadable`.
    """
    if path.suffix.lower() in _VIDEO:
        return _of_video(path)[0] or None
    import soundfile

    with _hush:
        about = soundfile.info(str(path))
    return about.frames / about.samplerate


def _of_video(path: Path) -> tuple[float, int]:
    """Seconds, 0 where they are not known, and the rate, 0 where there is no sound."""
    import av

    with av.open(str(path)) as container:
        if not container.streams.audio:
            return 0.0, 0
        stream = container.streams.audio[0]
        if stream.duration is not None and stream.time_base is not None:
            return float(stream.duration * stream.time_base), stream.rate
        return (container.duration or 0) / av.time_base, stream.rate


def _by_header(path: Path) -> str | None:
    """Why a file that can be opened is not a recording."""
    if path.suffix.lower() in _VIDEO:
        lasts, rate = _of_video(path)
        return _beyond(lasts, rate) if rate else "has no sound: replace it or leave it out"
    import soundfile

    with _hush:
        about = soundfile.info(str(path))
    if not about.frames:
        return "contains no samples: replace it or leave it out"
    if about.format == "FLAC":  # a download that was cut off cannot be read at all
        with soundfile.SoundFile(str(path)) as file:
            try:
                file.seek(about.frames - 1)
            except soundfile.LibsndfileError:
                return "ends before its header says: download it again, or leave it out"
    return _beyond(about.frames / about.samplerate, about.samplerate)


def _beyond(seconds: float, rate: int) -> str | None:
    if rate < LOWEST_RATE:
        return f"has {rate} samples a second by its header, and {LOWEST_RATE} are needed: correct it or leave it out"
    if seconds > LONGEST:
        return (
            f"lasts {seconds / 60:.1f} minutes by its header, and at most {LONGEST / 60:.0f} are read: cut it into "
            "utterances or leave it out"
        )
    return None


def _channels(path: Path) -> tuple[np.ndarray, int]:
    """Samples (channels, n) and the rate."""
    if path.suffix.lower() in _VIDEO:
        return _read_av(path)
    import soundfile

    with _hush:
        samples, rate = soundfile.read(str(path), dtype="float32", always_2d=True)
    return samples.T, rate


def _read_av(path: Path) -> tuple[np.ndarray, int]:
    import av

    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="fltp")  # floats, a plane for each channel; rate and channels as they are
        frames = [f for packet in container.decode(stream) for f in resampler.resample(packet)]
        frames += resampler.resample(None)
        rate = stream.rate
    if not frames:
        return np.empty((1, 0), dtype=np.float32), rate
    return np.concatenate([frame.to_ndarray() for frame in frames], axis=1), rate


class _Hush:
    """Keeps away the lines that the MP3 decoder writes to standard error itself, past Python; for threads, too."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.inside = 0
        self.kept: int | None = None

    def __enter__(self) -> None:
        with self.lock:
            self.inside += 1
            if self.inside > 1:
                return
            try:
                self.kept = os.dup(2)
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, 2)
                os.close(nowhere)
            except OSError:  # there is no standard error
                return

    def __exit__(self, *error: object) -> None:
        with self.lock:
            self.inside -= 1
            if self.inside or self.kept is None:
                return
            os.dup2(self.kept, 2)
            os.close(self.kept)
            self.kept = None


_hush = _Hush()


def _cannot_be_read(error: Exception) -> str:
    if any(words in str(error) for words in _NO_SOUND):
        return "is not sound, whatever its name says: replace it or leave it out"
    return f"cannot be read as sound ({_short(error)}): replace it or leave it out"


def _short(error: Exception) -> str:
    """The first line of a decoder's message, without the path, which the reader knows."""
    text = str(error).strip().splitlines()
    said = text[0] if text else type(error).__name__
    said = re.sub(r"^Error opening (['\"]).*\1: ", "", said)
    said = re.sub(r"^\[Errno \d+\] (.*): '.*'$", r"\1", said)
    return said.rstrip(".")[:120]
