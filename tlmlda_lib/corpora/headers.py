"""What the header of a sound file promises, and whether the file keeps it. Chapter 1.2."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from stat import S_ISDIR, S_ISREG

#: Sizes from here on are those of writers that did not know the length when they began, as of a stream.
_UNKNOWN = 0x7FFFF000

#: Bytes that may be missing without a note: writers count padding differently.
_PADDING = 64


def missing(path: Path) -> tuple[float, float] | None:
    """How much of a WAV, AIFF or AVI file is there, and how much its header promises, in bytes; None if all is there.

    Parameters
    ----------
    path : Path
        A file that exists.
    """
    there = path.stat().st_size
    with open(path, "rb") as file:
        kind, _, form = struct.unpack("4s4s4s", file.read(12).ljust(12))
        if kind not in (b"RIFF", b"FORM"):
            return None
        order = "<" if kind == b"RIFF" else ">"
        # The sound of a video is in many chunks, so its header's own size has to do.
        wanted = {b"WAVE": b"data", b"AIFF": b"SSND", b"AIFC": b"SSND"}.get(form)
        start = 0 if wanted is None else 12
        while start + 8 <= there:
            file.seek(start)
            name, size = struct.unpack(f"{order}4sI", file.read(8))
            start += 8
            if name == wanted or wanted is None:
                promised = min(size, _UNKNOWN)
                if promised == _UNKNOWN or start + promised <= there + _PADDING:
                    return None
                return there - start, promised
            start = start + size + size % 2
    return None


def is_regular(path: Path) -> bool:
    """Whether a path is an ordinary file or a folder, not a pipe, socket or device, which might never end.

    Parameters
    ----------
    path : Path
        It is not opened.

    Raises
    ------
    OSError
        If it is not there.
    """
    mode = os.stat(path).st_mode
    return S_ISREG(mode) or S_ISDIR(mode)
