"""The whole course in nbgrader: every chapter, marked for one who is right, one who is wrong, and an untouched stub."""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from class_course import ROOT, WRITTEN, hand_in, mistaken, nbgrader, scores, solved

sys.path.insert(0, str(ROOT / "tools"))

import class_notebooks


def test_the_whole_course_is_marked(tmp_path: Path) -> None:
    assert class_notebooks.main(["--out", str(tmp_path), "--class", "spring-2027"]) is None
    chapters = sorted(folder.name for folder in (tmp_path / "source").iterdir())
    wanted = {}
    for chapter in chapters:
        source = (tmp_path / "source" / chapter / f"{chapter}.ipynb").read_text(encoding="utf-8")
        numbers = [n for n in WRITTEN if f"answer-{n.replace('.', '-')}" in source]
        nbgrader(tmp_path, "generate_assignment", chapter)
        hand_in(tmp_path, chapter, "right", {n: solved(n) for n in numbers})
        hand_in(tmp_path, chapter, "wrong", {n: mistaken(n) for n in numbers})
        hand_in(tmp_path, chapter, "untouched", None)
        nbgrader(tmp_path, "autograde", chapter)
        points = float(len(numbers))
        wanted |= {(chapter, "right"): (points, points)}
        wanted |= {(chapter, student): (0.0, points) for student in ("wrong", "untouched")}
    assert scores(tmp_path) == wanted


def test_what_students_get_and_what_they_are_told(tmp_path: Path) -> None:
    """One chapter, closely: no solution is released, and a wrong answer is told what is wrong."""
    course = tmp_path
    assert class_notebooks.main(["--out", str(course), "--class", 'Group "B"', "--points", "2"]) is None
    chapter, numbers = "mmd", ("2.3.1", "2.3.2", "2.3.3")
    nbgrader(course, "generate_assignment", chapter)
    release = nbformat.read(course / "release" / chapter / f"{chapter}.ipynb", 4)
    shown_to_students = "\n".join(cell.source for cell in release.cells)
    for number in numbers:
        lines = [line.strip() for line in solved(number).split("\n")]
        stub = WRITTEN[number].stub
        assert not [line for line in lines if len(line) > 24 and line not in stub and line in shown_to_students]
    assert "SOLUTION" not in shown_to_students
    assert "answer = ...  # your number" in shown_to_students
    hand_in(course, chapter, "right", {n: solved(n) for n in numbers})
    hand_in(course, chapter, "wrong", {n: mistaken(n) for n in numbers})
    nbgrader(course, "autograde", chapter)
    assert scores(course) == {
        (chapter, "right"): (6.0, 6.0),
        (chapter, "wrong"): (0.0, 6.0),
    }
    marked = nbformat.read(course / "autograded" / "wrong" / chapter / f"{chapter}.ipynb", 4)
    said = [out.evalue for cell in marked.cells for out in cell.get("outputs", ()) if out.output_type == "error"]
    assert len(said) == 3
    for number, verdict in zip(numbers, said, strict=True):
        assert verdict.startswith(f"{number} is not there yet: ")
        assert WRITTEN[number].mistakes[0][0] in verdict
