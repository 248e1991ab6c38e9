"""Class notebooks: what nbgrader reads, what students get, and what its own marking says of right and wrong."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest

pytest.importorskip("jupytext", reason="the extra `book`, which reads the chapters, is not installed")
pytest.importorskip("myst_parser", reason="the extra `book`, which reads the chapters, is not installed")

from class_course import ROOT, WRITTEN, mistaken

from tlmlda_lib.book import checks as teaching
from tlmlda_lib.book.checks import shown

sys.path.insert(0, str(ROOT / "tools"))

import class_notebooks
from references import exercises as source

pytestmark = pytest.mark.usefixtures("fresh_exercises")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("course")
    assert class_notebooks.main(["--out", str(folder), "--class", 'Group "B"', "--points", "2"]) is None
    return folder


def read(course: Path) -> dict[str, nbformat.NotebookNode]:
    return {file.stem: nbformat.read(file, 4) for file in sorted(course.glob("source/*/*.ipynb"))}


def test_every_exercise_is_in_its_chapter_s_notebook(course: Path) -> None:
    made = read(course)
    assert set(made) == {file.stem for file in (ROOT / "book/_exercises").glob("*.md")}
    checks = [
        (stem, cell.metadata.nbgrader["grade_id"]) for stem, nb in made.items() for cell in nb.cells if graded(cell)
    ]
    assert sorted(grade_id for _, grade_id in checks) == sorted(f"check-{n.replace('.', '-')}" for n in WRITTEN)


def graded(cell: nbformat.NotebookNode) -> bool:
    return cell.metadata.nbgrader["grade"]


def test_cells_are_what_nbgrader_s_schema_asks_for(course: Path) -> None:
    from nbgrader.nbgraderformat import reads

    for file in sorted(course.glob("source/*/*.ipynb")):
        made = reads(file.read_text(encoding="utf-8"), as_version=4)  # raises on a wrong schema
        ids = [cell.metadata.nbgrader["grade_id"] for cell in made.cells]
        assert len(set(ids)) == len(ids)
        assert all(re.fullmatch(r"[a-zA-Z0-9_-]+", one) for one in ids)
        for cell in made.cells:
            told = cell.metadata.nbgrader
            assert told["schema_version"] == 3
            assert told["locked"] is not told["solution"], "all but the answers is locked"
            assert (told.get("points") == 2) == told["grade"]
            marks = [line.strip() for line in cell.source.split("\n") if "SOLUTION" in line]
            assert bool(marks) == told["solution"]
            assert marks == ["### BEGIN SOLUTION", "### END SOLUTION"] * (len(marks) // 2)


def test_the_same_source_gives_the_same_bytes(course: Path, tmp_path: Path) -> None:
    class_notebooks.main(["--out", str(tmp_path), "--class", 'Group "B"', "--points", "2"])
    for file in sorted(course.glob("source/*/*.ipynb")):
        assert (tmp_path / file.relative_to(course)).read_bytes() == file.read_bytes()


def test_no_cell_is_silent_where_the_library_is_missing(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "tlmlda_lib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tlmlda_lib", None)
    for made in read(course).values():
        first, *rest = [cell for cell in made.cells if cell.cell_type == "code"]
        for cell in [first, *filter(graded, rest)]:
            with pytest.raises(ImportError):
                exec(cell.source, {})


def test_another_edition_s_library_is_refused(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import tlmlda_lib

    first = next(cell for cell in read(course)["lmmd"].cells if cell.cell_type == "code")
    exec(first.source, {})
    assert shown.class_word() == 'group "b"'
    monkeypatch.setattr(tlmlda_lib, "__version__", "0.2.0")
    with pytest.raises(ImportError, match=r"go with tlmlda_lib 0\.1\.0; this is 0\.2\.0"):
        exec(first.source, {})


@pytest.mark.parametrize("number", shown.SHOWN)
def test_a_class_s_notebook_shows_the_numbers_of_the_class(number: str, course: Path) -> None:
    """They can be read, and worked on with a pencil, before a cell has run."""
    cells = {c.id: c.source for made in read(course).values() for c in made.cells}
    namespace: dict[str, object] = {}
    exec(cells[f"answer-{number.replace('.', '-')}"], namespace)
    teaching.classroom('Group "B"')
    for name, value in shown.data_of(number).items():
        assert np.array_equal(namespace[name], value), "without a class, given() returns what the cell shows"


@pytest.mark.parametrize("number", ["2.2.1", "2.4.3", "2.6.2", "3.4.4", "4.3.4"])
def test_checks_raise_on_a_stub_and_on_a_mistake(number: str, course: Path) -> None:
    """Cells of each kind: a number, several, a function with three gaps, words, a dictionary."""
    cells = {c.id: c.source for made in read(course).values() for c in made.cells}
    answer, check = (cells[f"{kind}-{number.replace('.', '-')}"] for kind in ("answer", "check"))
    namespace: dict[str, object] = {}
    teaching.classroom('Group "B"')  # as the first cell does
    exec(answer, namespace)
    exec(check, namespace)
    exec(WRITTEN[number].stub.removesuffix(WRITTEN[number].call), namespace)
    with pytest.raises(teaching.NoAnswer):
        exec(check, namespace)
    exec(mistaken(number), namespace)
    with pytest.raises(teaching.Mistake, match=re.escape(f"{number} is not there yet")):
        exec(check, namespace)


def test_an_answer_s_cell_cannot_choose_the_class(course: Path) -> None:
    cells = {c.id: c.source for c in read(course)["mmd"].cells}
    namespace: dict[str, object] = {}
    exec(WRITTEN["2.3.1"].solution.removesuffix(WRITTEN["2.3.1"].call), namespace)  # as the book has it, with no class
    with pytest.raises(teaching.Mistake, match="answer for the numbers in the book"):
        exec(cells["check-2-3-1"], namespace)


@pytest.mark.parametrize("end", ["check_x(y); z = 1", "verdict = check_x(y)", "check_x(\n    y,\n)", "print(y)"])
def test_an_exercise_has_to_end_with_its_check(end: str) -> None:
    one = source.Exercise("9.9.1", "T", cell=f"{source.BEGIN}\n# stub: y = ...\ny = 3\n{source.END}\n{end}")
    with pytest.raises(ValueError, match=r"9\.9\.1: the cell has to end with a line that calls the check"):
        one.marked  # noqa: B018
    good = source.Exercise("9.9.1", "T", cell=one.cell.replace(end, "check_x(y)"))
    assert good.marked == "y = ...\n### BEGIN SOLUTION\ny = 3\n### END SOLUTION"
    assert good.call == "check_x(y)"


def test_what_a_teacher_changed_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out, places = ["--out", str(tmp_path)], [Path(f"source/{name}/{name}.ipynb") for name in ("lmmd", "training")]
    monkeypatch.setattr(class_notebooks, "wanted", lambda word, points: dict.fromkeys(places, "{}\n"))
    assert class_notebooks.main(out) is None
    assert class_notebooks.main(out) is None, "what is the same may be written again"
    file = tmp_path / "source/lmmd/lmmd.ipynb"
    config = tmp_path / "nbgrader_config.py"
    written = file.read_text(encoding="utf-8")
    for changed in (file, config):
        changed.write_text("mine", encoding="utf-8")
    assert f"{file} is there already" in (class_notebooks.main(out) or "")
    assert file.read_text(encoding="utf-8") == "mine"
    capsys.readouterr()
    assert class_notebooks.main([*out, "--replace"]) is None
    assert file.read_text(encoding="utf-8") == written
    assert config.read_text(encoding="utf-8") == "mine", "a course's configuration is the teacher's"
    assert f"{config} is there and stays as it is" in capsys.readouterr().out


@pytest.mark.parametrize(("wrong", "says"), [(["--points", "0"], "--points 0"), (["--class", " "], "--class ' '")])
def test_options_that_make_no_sense(tmp_path: Path, wrong: list[str], says: str) -> None:
    assert says in (class_notebooks.main(["--out", str(tmp_path), *wrong]) or "")
    assert list(tmp_path.iterdir()) == []
