"""Where files lie and how they are written: whole or not at all, by one module alone."""

from __future__ import annotations

import ast
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_skeleton import LIBRARY, MODULES

from tlmlda_lib import files
from tlmlda_lib.errors import UserError
from tlmlda_lib.features import encoders
from tlmlda_lib.features.cache import root

# One writer

#: Calls that write to the file which they are given first.
WRITERS = {
    *("soundfile.write", "json.dump", "np.save", "np.savez", "np.savetxt", "torch.save", "save_file", "savefig"),
    *("os.replace", "os.rename", "os.link", "shutil.copy", "shutil.copyfile", "shutil.copy2", "shutil.move"),
    *("write_text", "write_bytes", "to_csv", "to_json", "to_pickle", "to_parquet", "NamedTemporaryFile", "mkstemp"),
    *("TemporaryFile", "wave.open", "tofile", "touch", "rename", "unlink_and_write"),
}

#: Modules with files of their own, and why.
APART = {
    "files.py": "the one that writes",
    "corpora/synthesis/espeak.py": "gives espeak-ng a copy of itself, and files that another program reads",
    "features/worker.py": "sends output of libraries nowhere",
    "corpora/sound.py": "sends what decoders print nowhere",
}

#: Modules that read a folder from the environment, or expand a home.
ASKING = {"files.py"}


def writing(tree: ast.AST) -> Iterator[str]:
    """Calls that open or write a file; buffers in memory are none."""
    buffers = {
        ast.unparse(target)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and "BytesIO()" in ast.unparse(node.value)
        for target in (node.targets[0].elts if isinstance(node.targets[0], ast.Tuple) else node.targets)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        first = ast.unparse(node.args[0]) if node.args else ""
        said = [a.value for a in (*node.args, *(k.value for k in node.keywords)) if isinstance(a, ast.Constant)]
        modes = [m for m in said if isinstance(m, str) and 0 < len(m) < 4 and set(m) <= set("rwaxbt+")]
        opened = name.rpartition(".")[2] in ("open", "fdopen") and any(set(m) & set("wax+") for m in modes)
        flagged = name == "os.open" and any(f in ast.unparse(node) for f in ("O_WRONLY", "O_RDWR", "O_CREAT"))
        called = name in WRITERS or name.rpartition(".")[2] in {w for w in WRITERS if "." not in w}
        if name.rpartition(".")[2] in ("to_csv", "to_json", "rename") and not first.strip("{}[]'\""):
            called = False  # text that is returned
        if (opened or flagged or called) and first not in buffers:
            yield f"{node.lineno}: {ast.unparse(node)[:80]}"


@pytest.mark.parametrize("file", MODULES, ids=lambda f: f.relative_to(LIBRARY).as_posix())
def test_nothing_else_in_the_library_opens_a_file_for_writing(file: Path) -> None:
    found = list(writing(ast.parse(file.read_text(encoding="utf-8"))))
    name = file.relative_to(LIBRARY).as_posix()
    if name in APART:
        assert found, f"{name} needs no exception any more"
    else:
        found = [f for f in found if "rename(" not in f or "Path" in f]  # pandas renames columns
        assert not found, f"{name}:{found[0]}: use tlmlda_lib.files.write"


@pytest.mark.parametrize(
    ("text", "is_seen"),
    [
        ('open(f, "w")', True),
        ('open(f, mode="ab")', True),
        ('path.open("x")', True),
        ('lzma.open(f, "wt")', True),
        ("path.write_text(t)", True),
        ("table.to_csv(out)", True),
        ("os.replace(a, b)", True),
        ("os.open(f, os.O_WRONLY)", True),
        ('open(f, "rb")', False),
        ("open(f)", False),
        ("table.to_csv(index=False)", False),
        ("drawn = io.BytesIO(); figure.savefig(drawn)", False),
        ("figure.savefig(file)", True),
    ],
)
def test_a_call_that_writes_is_seen(text: str, is_seen: bool) -> None:
    assert bool(list(writing(ast.parse(text)))) == is_seen


@pytest.mark.parametrize("file", MODULES, ids=lambda f: f.relative_to(LIBRARY).as_posix())
def test_nothing_else_asks_the_environment_for_a_folder(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    names = {files.CACHE, files.CORPORA, files.ENCODERS}
    found = [n for n in ast.walk(tree) if isinstance(n, ast.Constant) and n.value in names]
    found += [n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and n.attr in ("expanduser", "user_cache_dir")]
    assert not found or file.relative_to(LIBRARY).as_posix() in ASKING, (
        f"{file}:{found[0].lineno}: use tlmlda_lib.files"
    )


@given(content=st.one_of(st.binary(max_size=99), st.text(st.characters(exclude_categories=["Cs"]), max_size=99)))
def test_what_is_written_is_there(content: str | bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("w") / "new folder" / "file"
    files.write(file, content)
    assert file.read_bytes() == (content.encode() if isinstance(content, str) else content)
    assert os.listdir(file.parent) == ["file"]


@pytest.mark.parametrize("step", ["write", "fsync", "replace"])
def test_a_full_disk_leaves_what_was_there(step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "table.csv"
    file.write_text("the one before")

    def full(*args: object, **how: object) -> None:
        raise OSError(28, "No space left on device")

    if step == "write":
        if not Path("/dev/full").exists():
            pytest.skip("no /dev/full here")
        monkeypatch.setattr("builtins.open", lambda *a, _open=open, **k: _open("/dev/full", "wb"))
    else:
        monkeypatch.setattr(files.os, step, full)
    with pytest.raises(OSError, match="No space left"):
        files.write(file, "x" * 100_000)
    monkeypatch.undo()
    assert file.read_text() == "the one before"
    assert os.listdir(tmp_path) == ["table.csv"]


def test_a_killed_writer_leaves_what_was_there_and_the_next_one_sweeps(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text("the one before")
    code = (
        "import os, signal, sys; from tlmlda_lib import files\n"
        "files.os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
        "files.write(sys.argv[1], 'half')"
    )
    assert subprocess.run([sys.executable, "-c", code, str(file)], check=False).returncode == -9
    assert file.read_text() == "the one before"
    assert len(os.listdir(tmp_path)) == 2
    files.write(file, "anew")
    assert file.read_text() == "anew"
    assert os.listdir(tmp_path) == ["table.csv"]


def test_two_writers_of_one_file_leave_one_of_both(tmp_path: Path) -> None:
    file, contents = tmp_path / "table.csv", ["a" * 99_999, "b" * 99_999]
    seen: set[str] = set()
    both = [threading.Thread(target=lambda c=c: [files.write(file, c) for _ in range(20)]) for c in contents]
    for one in both:
        one.start()
    while any(one.is_alive() for one in both):
        if file.exists():
            seen.add(file.read_text())
    assert seen <= set(contents)
    assert os.listdir(tmp_path) == ["table.csv"]


@pytest.mark.skipif(os.name != "posix", reason="Windows has no mode bits")
def test_links_stay_links_and_modes_stay(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    file, link = tmp_path / "there" / "table.csv", tmp_path / "link.csv"
    file.write_text("private")
    file.chmod(0o600)
    link.symlink_to(file)
    files.write(link, "new")
    assert link.is_symlink()
    assert file.read_text() == "new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["長" * 80 + ".csv", "a" * 250, ":smile:.csv", " .csv", "[red]"])
def test_any_name_can_be_written(name: str, tmp_path: Path) -> None:
    files.write(tmp_path / name, "content")
    assert (tmp_path / name).read_text() == "content"


# One place that decides paths


def test_a_home_is_read_where_no_shell_has_read_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TLMLDA_CACHE", "~/c")
    monkeypatch.chdir(tmp_path)
    assert files.cache("features") == root() == tmp_path / "c" / "features"
    assert files.cache("checkpoints") == tmp_path / "c" / "checkpoints"
    assert files.place("~/x.csv") == tmp_path / "x.csv"
    files.write("~/x.csv", "")
    assert not (tmp_path / "~").exists()
    assert (tmp_path / "x.csv").exists()


@pytest.mark.parametrize("variable", [files.CACHE, files.CORPORA, files.ENCODERS])
def test_an_empty_variable_is_none(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("", " "):
        monkeypatch.setenv(variable, value)
        assert files.named_by(variable) is None
    assert "tlmlda_lib" in files.cache("features").parts or variable != files.CACHE


def test_a_relative_folder_stays_where_it_was_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TLMLDA_CACHE", "c")
    assert files.cache("features") == tmp_path / "c" / "features"
    assert files.cache("features", "given") == tmp_path / "given" / "features"


def test_encoders_are_looked_for_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TLMLDA_ENCODERS", "~/absent")
    with pytest.raises(UserError, match=f"{tmp_path}/absent is not a folder"):
        encoders.folder_of("openai/whisper-tiny")


def test_the_home_of_a_stranger_is_named() -> None:
    with pytest.raises(UserError, match="~nobody-of-this-name/x names the home of a user who is not here"):
        files.place("~nobody-of-this-name/x")


# What an output may replace


def test_an_output_is_no_input_under_any_name(tmp_path: Path) -> None:
    model, hard, soft = (tmp_path / name for name in ("model", "hard", "soft"))
    model.write_text("")
    hard.hardlink_to(model)
    soft.symlink_to(model)
    for name in (model, hard, soft, tmp_path / "x" / ".." / "model"):
        (tmp_path / "x").mkdir(exist_ok=True)
        with pytest.raises(UserError, match=r"--out .*: this is the model, which is not overwritten"):
            files.check_output(name, "--out", {model: "the model", None: "nothing"})
    files.check_output(tmp_path / "other", "--out", {model: "the model"})


def test_an_output_is_not_put_among_what_is_read(tmp_path: Path) -> None:
    (tmp_path / "runs" / "main").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "runs")
    read = [(tmp_path / "runs", "a record", (".json",)), (None, "a list", (".csv",))]
    for name in ("runs/seed-0.json", "runs/main/SEED.JSON", "link/main/x.json"):
        with pytest.raises(UserError, match="this would be a record in"):
            files.check_output(tmp_path / name, "--save", read=read)
    for name in ("runs/figure.svg", "seed-0.json", "runs-2/x.json"):
        files.check_output(tmp_path / name, "--save", read=read)


def test_what_cannot_be_written_is_said_before_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    os.mkfifo(tmp_path / "pipe")
    cases = {"file/x.csv": "[^ ]*file is not a folder", ".": "it is a folder", "pipe": "it is not a regular file"}
    for name, why in cases.items():
        with pytest.raises(UserError, match=rf"cannot be written \({why}\): give another --out"):
            files.check_output(tmp_path / name, "--out")
    with pytest.raises(UserError, match="it is not a regular file"):
        files.check_output("/dev/null", "--out")
    monkeypatch.setattr(files.os, "access", lambda *a: False)
    with pytest.raises(UserError, match="it is read-only"):
        files.check_output(tmp_path / "file", "--out")
