"""What the library does with folders of one's own, by the first parts of chapter 3.5's address."""

import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import own_folders
import pytest

from tlmlda_lib.corpora.left_out import LeftOutWarning


def numbers() -> dict[str, Any]:
    """Of each folder the numbers of groups, the smallest and its columns, by scaling; then what comes out of it."""
    found = {}
    for state in own_folders.STATES:
        with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
            warnings.simplefilter("ignore", LeftOutWarning)  # that a folder has no labels is what is asked
            answer = own_folders.by_library({**state, "results": Path(folder)}, patch)
        of = [answer[within] for within in ("corpus", "voices", "speaker")]
        found[".".join(map(str, state.values()))] = [*of, *answer["end"], answer["error"]]
    errors = sorted({answer[-1] for answer in found.values()})
    return {"errors": errors, "folders": {key: [*rest, errors.index(e)] for key, (*rest, e) in found.items()}}
