"""From a file to samples: audio files through audiofile, the sound of videos through PyAV."""

from __future__ import annotations

import importlib
import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from tlmlda_lib.errors import UserError

#: Lower-case extensions of audio files, and of videos, whose sound is read.
SOUND = (".wav", ".flac", ".ogg", ".mp3", ".aif", ".aiff", ".opus", ".m4a", ".avi", ".mp4", ".mov", ".mkv")
_VIDEO = (".avi", ".mp4", ".mov", ".mkv", ".m4a", ".opus")


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
        If the file is absent, empty or damaged, or if it has no sound or a sample that is not finite.
    """
    path = Path(path)
    problem = unreadable(path)
    if problem is not None:
        raise UserError(f"{path} {problem}")
    try:
        if path.suffix.lower() in _VIDEO:
            samples, rate = _read_av(path)
        else:
            import audiofile

            samples, rate = audiofile.read(str(path), always_2d=True, dtype="float32")
    except ImportError:  # a missing package is not the file's fault
        raise
    except Exception as error:
        raise UserError(f"{path} cannot be read as sound ({_short(error)}): replace it or leave it out") from error
    sound = np.asarray(samples, dtype=np.float32).mean(axis=0)
    if not len(sound):
        raise UserError(f"{path} contains no samples: replace it or leave it out")
    if not np.isfinite(sound).all():
        raise UserError(f"{path} contains samples that are not finite: replace it or leave it out")
    return sound, int(rate)


def packages(files: Iterable[str]) -> None:
    """Import the packages that these files need: a missing one is reported once, not for every file.

    Parameters
    ----------
    files : iterable of str
        Paths; the extensions decide.
    """
    video = any(Path(file).suffix.lower() in _VIDEO for file in files)
    for name in ("audiofile", "soundfile", "soxr", *(["av"] if video else [])):
        importlib.import_module(name)


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
    try:
        with open(path, "rb") as file:
            if not file.read(1):
                return "is empty (zero bytes): replace it or leave it out"
    except FileNotFoundError:
        return "is not there: check the path"
    except OSError as error:
        return f"cannot be opened ({error.strerror or error}): check its permissions"
    try:
        if path.suffix.lower() in _VIDEO:
            import av

            with av.open(str(path)) as container:
                return None if container.streams.audio else "has no sound: replace it or leave it out"
        import soundfile

        return None if soundfile.info(str(path)).frames else "contains no samples: replace it or leave it out"
    except ImportError:
        raise
    except Exception as error:
        return f"cannot be read as sound ({_short(error)}): replace it or leave it out"


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


def _short(error: Exception) -> str:
    text = str(error).strip().splitlines()
    return (text[0] if text else type(error).__name__).replace("\n", " ")[:120]
