"""Words that do not come back: untrue, or foreign where the field has a word of its own."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: What is never written, and what is written instead.
WORDS = {
    r"not at\x20hand": "what it is that we do not have, and why",
    r"information\x20fusion network": "Intelligent Fusion Network",
    r"for who (asks|likes|wants)": "if you want",
    r"as Holm does": "corrected for multiple comparisons (Holm)",
    r"(interval|it|which) holds 0\b": "contains 0",
    r"(cannot be|not|can be) told (apart|from (it|the first|0))": "no significant difference, with its interval",
    r"by the rocket": "by the triangle",
}

#: Where a reader meets words: pages, exercises, quizzes, the library's sentences and docstrings, the widgets.
READ = ("book/*.md", "book/_exercises/*.md", "book/library/*.md", "book/quizzes/*.yml", "book/*.ipynb", "README.md")
READ += ("tlmlda_lib/**/*.py", "tlmlda_lib/**/*.js")


def files() -> list[Path]:
    return sorted(path for pattern in READ for path in ROOT.glob(pattern))


@pytest.mark.parametrize("word", WORDS)
def test_a_word_stays_away(word: str) -> None:
    found = [
        f"{file.relative_to(ROOT)}:{n}: {line.strip()[:120]}"
        for file in files()
        for n, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(word, line, re.IGNORECASE)
    ]
    assert not found, f"write instead: {WORDS[word]}\n" + "\n".join(found)


def test_the_two_names_are_nowhere_in_the_repository() -> None:
    for word in ("not at " + "hand", "information " + "fusion network"):
        done = subprocess.run(["git", "grep", "-il", word, "--", "."], cwd=ROOT, capture_output=True, text=True)
        if done.returncode > 1:
            pytest.fail(f"git grep: {done.stderr}")
        assert done.stdout.split() == []
