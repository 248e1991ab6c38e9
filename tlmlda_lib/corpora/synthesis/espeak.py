"""espeak-ng, from the wheel `espeakng-loader`: text and voice to samples, the same bits every time. Chapter 1.2.

The library keeps state from one utterance to the next (the phase of the pitch's flutter, the count of glottal
cycles, random numbers), and no call resets it. So the library is loaded anew for each utterance, which takes half a
millisecond. It is our own copy in the cache folder, with the data of our languages and our voices: neither an
installed espeak-ng nor another package that uses the same wheel is touched.
"""

from __future__ import annotations

import ctypes
import filecmp
import hashlib
import os
import shutil
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib import metadata
from pathlib import Path

import numpy as np

from tlmlda_lib import errors, files
from tlmlda_lib.errors import UserError

#: Sampling rate of the output, Hz.
RATE = 22050

#: Speaking rates that the library accepts, words a minute.
SLOWEST, FASTEST = 80, 450

INSTALL = errors.install("speech")

#: By language: its file below espeak-ng-data/lang, and its dictionary.
LANGUAGES = {"de": ("gmw/de", "de_dict"), "en": ("gmw/en-US", "en_dict"), "zh": ("sit/cmn", "cmn_dict")}

_VARIANTS = "espeak-ng-data/voices/!v"

_COMMON = ("phondata", "phonindex", "phontab", "intonations")

#: Longest path of its data, in bytes: the library copies it into an array of fixed size and appends to it.
_LONGEST = 140

# espeak-ng's speak_lib.h
_SYNCHRONOUS, _UTF8_SSML, _DONT_EXIT = 2, 0x11, 0x8000
_PARAMETERS = {"rate": 1, "volume": 2, "pitch": 3, "range": 4}
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)

_LOCK = threading.Lock()  # the library is not thread-safe


def root() -> Path:
    """Folder of everything that synthetic speech keeps: below TLMLDA_CACHE, or the user's cache folder."""
    return files.cache("speech")


def synthesise(text: str, language: str, variant: str, rate: int) -> np.ndarray:
    """Speak a text. Chapter 1.2.

    Parameters
    ----------
    text : str
        In SSML: ``<``, ``>`` and ``&`` stand for themselves only when escaped.
    language : str
        A key of `LANGUAGES`.
    variant : str
        Content of a voice-variant file: lines such as ``pitch 80 118``, ``roughness 3`` (espeak-ng's docs/voices.md).
    rate : int
        Words a minute.

    Returns
    -------
    ndarray of shape (n,), int16
        At 22050 Hz; the same bits for the same arguments.

    Raises
    ------
    UserError
        If espeakng-loader is missing, the cache folder cannot be written, or nothing can be spoken.
    """
    if language not in LANGUAGES:
        raise UserError(f"language {language!r} is not spoken: use one of {', '.join(LANGUAGES)}")
    if "\0" in text or not text.strip():
        raise UserError(f"text {text!r} cannot be spoken: give words")
    with _LOCK:
        home = _ready()
        with _voice(home, language, variant) as voice:
            sound = _speak(home, text, voice, {"rate": rate, "volume": 60, "pitch": 50, "range": 50})
    if not sound.any():
        raise UserError(f"text {text!r} gives no sound in {language!r}: give words of that language")
    return sound


def version() -> str:
    """Version of the wheel and digest of the files copied from it: equal ones speak alike."""
    with _LOCK:
        return _ready().name


def _speak(home: Path, text: str, voice: str, parameters: dict[str, int]) -> np.ndarray:
    try:
        library = ctypes.CDLL(str(home / _library().name))
    except OSError as error:
        raise UserError(
            f"{home} contains no library that runs on this system ({error}): set TLMLDA_CACHE to another disk"
        ) from error
    pieces: list[bytes] = []

    @_Callback
    def collect(samples: int | None, n: int, events: int | None) -> int:
        if samples and n > 0:
            pieces.append(ctypes.string_at(samples, 2 * n))
        return 0

    try:
        rate = library.espeak_Initialize(_SYNCHRONOUS, 0, os.fsencode(home), _DONT_EXIT)
        if rate != RATE:
            raise UserError(f"espeak-ng cannot use its data in {home}: remove the folder; it is created again")
        library.espeak_SetSynthCallback(collect)
        if library.espeak_ng_SetVoiceByName(voice.encode()):
            raise UserError(f"espeak-ng cannot use the voice {voice} in {home}: remove the folder; it is created again")
        for name, value in parameters.items():
            if library.espeak_SetParameter(_PARAMETERS[name], value, 0):
                raise UserError(f"espeak-ng does not accept {name}={value}: choose a value nearer to its default")
        library.espeak_ng_SetRandSeed(ctypes.c_long(1))  # the noise of breath
        content = text.encode() + b"\0"
        library.espeak_Synth(content, ctypes.c_size_t(len(content)), 0, 0, 0, _UTF8_SSML, None, None)
        library.espeak_Synchronize()
    finally:
        library.espeak_Terminate()
        _unload(library)
    return np.frombuffer(b"".join(pieces), "<i2").astype(np.int16)


def _unload(library: ctypes.CDLL) -> None:
    import _ctypes

    handle = library._handle
    if sys.platform == "win32":
        _ctypes.FreeLibrary(handle)
    else:
        _ctypes.dlclose(handle)


def _library() -> Path:
    try:
        import espeakng_loader
    except ImportError as error:
        raise UserError(f"synthetic speech needs the package espeakng-loader: {INSTALL}") from error
    return Path(espeakng_loader.get_library_path())


def _sources() -> Iterator[tuple[Path, str]]:
    """The files to copy, each with its place below our folder."""
    library = _library()
    yield library, library.name
    import espeakng_loader

    data = Path(espeakng_loader.get_data_path())
    for name in _COMMON:
        yield data / name, f"espeak-ng-data/{name}"
    for file, dictionary in LANGUAGES.values():
        yield data / "lang" / file, f"espeak-ng-data/lang/{file}"
        yield data / dictionary, f"espeak-ng-data/{dictionary}"


def _ready() -> Path:
    """Our copy, checked once per process, and again if it has been removed."""
    home = _home(str(root()))
    if not (home / _VARIANTS).is_dir():
        _home.cache_clear()
        home = _home(str(root()))
    return home


@cache
def _home(folder: str) -> Path:
    """Our copy of the library and its data, created if absent; its name contains the digest of its content."""
    content = hashlib.sha256()
    for source, name in _sources():
        content.update(name.encode() + b"\0" + hashlib.sha256(source.read_bytes()).digest())
    _sweep(Path(folder))
    home = Path(folder) / f"espeak-{metadata.version('espeakng-loader')}-{content.hexdigest()[:12]}"
    if len(os.fsencode(home)) > _LONGEST:
        raise UserError(f"{home} is too long a path for espeak-ng: set TLMLDA_CACHE to a shorter one")
    if (home / _VARIANTS).is_dir() and all(_same(source, home / name) for source, name in _sources()):
        return home
    made = home.with_name(f"tmp-{uuid.uuid4().hex[:8]}")
    try:
        for source, name in _sources():
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, made / name)
        (made / _VARIANTS).mkdir(parents=True)
        with suppress(OSError):  # another process was first, or what was there is damaged
            made.rename(home)
        (home / _VARIANTS).mkdir(parents=True, exist_ok=True)
        for source, name in _sources():
            if not _same(source, home / name):
                (home / name).parent.mkdir(parents=True, exist_ok=True)
                os.replace(made / name, home / name)
    except OSError as error:
        raise unwritable(error) from error
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return home


def _sweep(folder: Path) -> None:
    """Remove what killed processes left behind: no temporary file of ours lives longer than seconds."""
    for left in (*folder.glob("tmp-*"), *folder.glob(f"espeak-*/{_VARIANTS}/tl-*")):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > 3600:
                shutil.rmtree(left) if left.is_dir() else left.unlink()


def _same(source: Path, copy: Path) -> bool:
    try:
        return filecmp.cmp(source, copy, shallow=False)
    except OSError:
        return False


@contextmanager
def _voice(home: Path, language: str, variant: str) -> Iterator[str]:
    """A voice while it speaks. The library reads every variant and takes at most 350, so none is kept."""
    file = home / _VARIANTS / f"tl-{uuid.uuid4().hex[:12]}"
    try:
        file.write_text(variant, encoding="ascii")
        yield f"{LANGUAGES[language][0]}+{file.name}"
    except OSError as error:
        raise unwritable(error) from error
    finally:
        with suppress(OSError):
            file.unlink()


def write(path: Path, content: bytes) -> None:
    """Write a file so that it is whole or absent, even if another process writes it at the same time.

    Parameters
    ----------
    path : Path
        The file; its folder is created.
    content : bytes
        All of it.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        with open(temporary, "xb") as file:
            file.write(content)
        os.replace(temporary, path)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        if path.is_file() and path.read_bytes() == content:
            return  # another process was quicker, and some systems do not replace a file that is being read
        raise


def unwritable(error: OSError) -> UserError:
    """The error for a cache folder that cannot be used.

    Parameters
    ----------
    error : OSError
        What the system reported.
    """
    return UserError(
        f"synthetic speech cannot be kept in {root()} ({error.strerror or error}): "
        "set TLMLDA_CACHE to a writable folder"
    )
