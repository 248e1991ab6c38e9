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
    r"\bmade (speech|corp(us|ora)|voices?)\b|\bspeech is made\b": "synthetic",
    r"\bh[au]ngs? on\b": "depends on",
    r"\bwhoever\b": "if you, or say who",
    r"\bwho likes\b": "if you want",
    r"(?<!each )\b(is|are) worth (more|less|nothing|alone|\d)": "name the gain or the score",
    r"\bhonest figures?\b": "score",
    r"\bwhat was looked at\b": "what was chosen, and on what",
}

#: What the library does not write, in docstrings, comments and messages; pages have more to say than it has.
IN_THE_LIBRARY = {
    r"\bmade (speech|corp(us|ora)|voices?|speakers?)\b": "synthetic",
    r"\bh[au]ngs? on\b": "depends on",
    r"\bhangs? together\b": "is correlated",
    r"\bwhoever\b": "say who, or write a conditional",
    r"\b(is|are) none of (the|those|these|them|0)\b": "is not one of",
    r"(?<!there )\b(is|are) no (numbers?|folder|sound|path|record(ing)?|code|table|probabilities)\b": "is not a",
    r"\b(what|which) (becomes|became) of\b": "say what happens to it",
    r"\bwho speaks to\b": "the output helper",
    r"\bsays? other than\b": "has a different number of",
    r"(?<!each )\b(is|are) worth\b": "name the score, or the effect",
    r"\band its like\b": "and similar",
    r"\bgo(es)? by (one|the same) name\b": "share a name",
    r"\bnobody (asks|knows|needs)\b": "say what is not known",
    r"\bnothing is drawn\b": "deterministic",
    r"\b(has|have|there is|keeps?|its|figure.s) room\b": "space",
    r"\bhouses?\b": "package",
    r"\b(is|are) asked for\b": "is expected, or is requested",
    r"\bhonest figures?\b": "score",
}

#: Where a reader meets words: pages, exercises, quizzes, the library's sentences and docstrings, the widgets.
READ = ("book/*.md", "book/_exercises/*.md", "book/library/*.md", "book/quizzes/*.yml", "book/*.ipynb", "README.md")
READ += ("tlmlda_lib/**/*.py", "tlmlda_lib/**/*.js")


def files() -> list[Path]:
    return sorted(path for pattern in READ for path in ROOT.glob(pattern))


def found(word: str, read: list[Path]) -> list[str]:
    return [
        f"{file.relative_to(ROOT)}:{n}: {line.strip()[:120]}"
        for file in read
        for n, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(word, line, re.IGNORECASE)
    ]


@pytest.mark.parametrize("word", WORDS)
def test_a_word_stays_away(word: str) -> None:
    lines = found(word, files())
    assert not lines, f"write instead: {WORDS[word]}\n" + "\n".join(lines)


@pytest.mark.parametrize("word", IN_THE_LIBRARY)
def test_a_word_stays_out_of_the_library(word: str) -> None:
    library = ROOT / "tlmlda_lib"
    read = [f for f in files() if f.is_relative_to(library)]
    lines = found(word, read)
    assert not lines, f"write instead: {IN_THE_LIBRARY[word]}\n" + "\n".join(lines)


def test_the_two_names_are_nowhere_in_the_repository() -> None:
    for word in ("not at " + "hand", "information " + "fusion network"):
        done = subprocess.run(["git", "grep", "-il", word, "--", "."], cwd=ROOT, capture_output=True, text=True)
        if done.returncode > 1:
            pytest.fail(f"git grep: {done.stderr}")
        assert done.stdout.split() == []
