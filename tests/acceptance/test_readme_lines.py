"""README's commands after an install, as they stand there, in an empty folder; its Python on the real corpora."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_after_install import installed, lines_of_readme, python
from test_readme import run_snippet

from tlmlda_lib import corpora

__all__ = ["installed", "python"]  # fixtures


@pytest.mark.parametrize("line", lines_of_readme()[0])
def test_each_line_of_readme_runs_in_an_empty_folder(line: str, installed) -> None:
    words = line.split()[1:]
    if words[0] == "run":  # makes speech for a minute: here it is only understood
        words.append("--help")
    assert installed(*words).stdout
    assert not (installed.here / "runs").exists()


def test_the_snippet_runs_clean_on_the_real_corpora(real_corpora: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = run_snippet("C2B", str(real_corpora))
    assert len(names["pair"].truth) == corpora.TABLE_2["emodb", "casia"][1][0]
    assert "WAR 48.8 %" in capsys.readouterr().out  # as the record of C2B, pca_svm and zscore has it
