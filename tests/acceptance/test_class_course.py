"""The whole course in nbgrader: every chapter, marked for one who is right, one who is wrong, and an untouched stub."""

from __future__ import annotations

import sys
from pathlib import Path

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
