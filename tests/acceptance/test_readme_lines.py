"""README's commands after an install, as they stand there, in an empty folder: some seconds each."""

from __future__ import annotations

import pytest
from test_after_install import installed, lines_of_readme, python

__all__ = ["installed", "python"]  # fixtures


@pytest.mark.parametrize("line", lines_of_readme()[0])
def test_each_line_of_readme_runs_in_an_empty_folder(line: str, installed) -> None:
    words = line.split()[1:]
    if words[0] == "run":  # makes speech for a minute: here it is only understood
        words.append("--help")
    assert installed(*words).stdout
    assert not (installed.here / "runs").exists()
