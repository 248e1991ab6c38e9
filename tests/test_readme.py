"""README's commands and its Python: each can be typed as it stands."""

from __future__ import annotations

import io
import re
import shlex
import warnings
from pathlib import Path

import pandas as pd
import pytest
import typer

from tlmlda_lib import domains, evaluation, methods
from tlmlda_lib.book.pages import tables
from tlmlda_lib.cli import arguments
from tlmlda_lib.cli import main as cli
from tlmlda_lib.corpora.synthesis import made
from tlmlda_lib.experiments import reruns, settings
from tlmlda_lib.experiments.adaptation import answer

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line.partition("  #")[0].strip()
    for block in re.findall(r"^```\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
    if line.startswith("tlmlda ")
]
(SNIPPET,) = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_readme_shows_each_command_that_a_reader_starts_with() -> None:
    shown = {line.split()[1] for line in COMMANDS}
    assert {"corpora", "run", "predict", "tables", "figure2", "search", "reproduce", "stress", "doctor"} <= shown


@pytest.mark.parametrize("line", COMMANDS)
def test_each_line_is_understood(line: str) -> None:
    """Its words are parsed as the command would, and every name in it is one that the library knows."""
    _, name, *words = shlex.split(line)
    command = typer.main.get_command(cli.app).commands[name]  # type: ignore[attr-defined]
    given = command.make_context(name, list(words)).params
    for scheme in given.get("scheme") or ():
        domains.schemes.parse(scheme)
    for method in [given["method"]] if name == "search" else given.get("method") or ():
        assert method in arguments.METHODS
    if name == "run":
        for method in given["method"]:
            methods.make(method, given["preset"], **settings.of(method, given["preset"], given["scheme"][0]))
    if name == "reproduce":
        assert given["name"] in (None, *reruns.named())
    if name == "tables":
        assert set(given["which"] or ()) <= set(tables.CAPTIONS)


def test_the_first_install_takes_the_small_build_and_says_where_a_corpus_comes_from() -> None:
    first = re.findall(r"^```\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)[0]
    assert "--extra-index-url https://download.pytorch.org/whl/cpu" in first
    assert "tlmlda corpora --list" in first.partition("tlmlda adapt")[0]


def test_the_rows_of_an_answer_have_its_columns() -> None:
    (rows,) = re.findall(r"^```\n(file,emotion,.*?)^```$", README, re.MULTILINE | re.DOTALL)
    table = pd.read_csv(io.StringIO(rows))
    *_, agreement, without, unsure = table.columns
    assert (agreement, without, unsure) == answer.DOUBTS
    probabilities = table.drop(columns=["file", "emotion", *answer.DOUBTS])
    assert (probabilities.idxmax(axis=1) == table["emotion"]).all()
    assert ((table["without_transfer"] != table["emotion"]) <= table["unsure"]).all()


def run_snippet(scheme: str, root: object) -> dict:
    """The snippet with other corpora in it; a warning is an error."""
    assert SNIPPET.count('load_pair("C2B", "FOLDER")') == 1
    code = SNIPPET.replace('load_pair("C2B", "FOLDER")', f"load_pair({scheme!r}, {root!r})")
    names: dict = {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exec(compile(code, "README.md", "exec"), names)
    return names


def test_the_snippet_runs_clean_on_synthetic_speech(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(made, "TEXTS", {language: texts[:2] for language, texts in made.TEXTS.items()})
    monkeypatch.setenv("TLMLDA_CACHE", str(tmp_path))
    names = run_snippet("d2z", None)
    pair = names["pair"]
    war = evaluation.war(pair.truth, names["clf"].predict(pair.X[pair.target]))
    assert capsys.readouterr().out.startswith(f"WAR {war:.1f} %")
