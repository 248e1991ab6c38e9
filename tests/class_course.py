"""A course for nbgrader, made of this book's exercises, with students who hand in."""

from __future__ import annotations

import ast
import csv
import os
import subprocess
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))

from references import exercises  # noqa: E402

WRITTEN = {n: one for f in sorted((ROOT / "book/_exercises").glob("*.md")) for n, one in exercises.read(f).items()}


def nbgrader(course: Path, *arguments: str) -> None:
    """Run a command of nbgrader in the course's folder."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # it calls alembic by name
    env = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "PATH": path}
    for name in ("TLMLDA_CLASS", "TLMLDA_STRICT"):
        env.pop(name, None)
    command = [sys.executable, "-m", "nbgrader", *arguments]
    done = subprocess.run(command, cwd=course, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]


def solved(number: str) -> str:
    """What a student who is right writes, in place of the stub."""
    return WRITTEN[number].solution.removesuffix(WRITTEN[number].call)


def mistaken(number: str) -> str:
    """What a student writes who makes the first mistake of the exercise."""
    code = WRITTEN[number].mistakes[0][1]
    last = ast.parse(code).body[-1]
    assert isinstance(last, ast.Expr)
    assert isinstance(last.value, ast.Call)
    names = ast.parse(WRITTEN[number].call, mode="eval").body.args
    given = [ast.get_source_segment(code, part) for part in last.value.args]
    answers = "\n".join(
        f"_{i} = {text}\n{name.id} = _{i}" for i, (name, text) in enumerate(zip(names, given, strict=True))
    )
    return "\n".join(code.split("\n")[: last.lineno - 1]) + "\n" + answers


def hand_in(course: Path, chapter: str, student: str, answers: dict[str, str] | None) -> None:
    """Put a student's notebook where nbgrader collects it: the release, with answers in their cells."""
    made = nbformat.read(course / "release" / chapter / f"{chapter}.ipynb", 4)
    for cell in made.cells:
        number = cell.metadata.nbgrader["grade_id"].removeprefix("answer-").replace("-", ".")
        if answers and cell.metadata.nbgrader["solution"]:
            cell.source = answers[number]
    file = course / "submitted" / student / chapter / f"{chapter}.ipynb"
    file.parent.mkdir(parents=True)
    nbformat.write(made, file)


def scores(course: Path) -> dict[tuple[str, str], tuple[float, float]]:
    """Score and points to be had, by assignment and student, as nbgrader exports them."""
    nbgrader(course, "export", "--to", "grades.csv")
    with open(course / "grades.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {(row["assignment"], row["student_id"]): (float(row["score"]), float(row["max_score"])) for row in rows}
