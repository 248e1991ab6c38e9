"""Files that are whole or absent, whatever happens to the writer."""

from __future__ import annotations

import os
import uuid
from pathlib import Path


def write(file: Path, content: str | bytes) -> None:
    """Write text or bytes under a temporary name, sync, and rename.

    Parameters
    ----------
    file : Path
        The file; its folder must exist.
    content : str or bytes
        All of it.
    """
    data = content.encode() if isinstance(content, str) else content
    for attempt in range(3):
        temporary = file.with_name(f".{file.name}.{os.getpid()}.{uuid.uuid4().hex[:8]}.tmp")
        try:
            with open(temporary, "xb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            os.replace(temporary, file)
            break
        except FileNotFoundError:  # a sweeper on another machine took it for a dead process's file
            if attempt == 2:
                raise
        finally:
            temporary.unlink(missing_ok=True)
    if os.name == "posix":  # the new name must survive a power failure, too
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
