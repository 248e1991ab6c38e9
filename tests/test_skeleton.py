"""The repository itself: its pieces, its ranges and pins, and who may import whom."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LIBRARY = ROOT / "tlmlda_lib"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]

#: Along the data's way. A package imports from itself and from rows above its own.
ROWS = (
    ("errors", "progress"),
    ("files",),
    ("corpora",),
    ("features",),
    ("domains",),
    ("losses", "weighting", "networks"),
    ("training",),
    ("methods",),
    ("evaluation",),
    ("experiments",),
    ("book",),
    ("cli",),
)
LEVEL = {package: level for level, row in enumerate(ROWS) for package in row}

#: Arrays and tensors alone: no corpus, no table, no path.
PURE = ("losses.py", "weighting.py", "networks.py", "training/criteria.py")

MODULES = sorted(LIBRARY.rglob("*.py"))


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def package_of(file: Path) -> str:
    return file.relative_to(LIBRARY).parts[0].removesuffix(".py")


def imports(file: Path) -> Iterator[str]:
    """Full names of all that a module imports, anywhere in its text."""
    package = ("tlmlda_lib", *file.relative_to(LIBRARY).parts[:-1])
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            if module == "tlmlda_lib":
                yield from (f"tlmlda_lib.{alias.name}" for alias in node.names)
            else:
                yield module


def tracked() -> list[Path]:
    """Files of the repository; without git, all that is not plainly made by a tool."""
    if shutil.which("git") and (ROOT / ".git").exists():
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
        return [ROOT / name for name in names if name and (ROOT / name).is_file()]
    made = re.compile(r"^(\.git|\.venv|_build|build|\.\w+_cache|\.hypothesis|.*\.egg-info)$|^__pycache__$")
    return [p for p in ROOT.rglob("*") if p.is_file() and not any(made.match(q) for q in p.relative_to(ROOT).parts)]


# Pieces


@pytest.mark.parametrize(
    "piece",
    [
        *("tools/vendor.py", "book/_vendor", "tests/browser/vendor"),
        *("book/index.md", "book/references.bib", "book/_ext", "book/_static", "_config.yml", "_toc.yml"),
        *("tlmlda_lib", "tests/browser", "results", "benchmarks", "tools", ".ci/run", ".github/workflows"),
        *("environment.yml", "pyproject.toml", "constraints.txt", "Makefile", "README.md", "CONTRIBUTING.md"),
        *("CHANGELOG.md", "CITATION.cff", "LICENSE", "LICENSE-TEXT"),
    ],
)
def test_piece_is_there(piece: str) -> None:
    assert (ROOT / piece).exists()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no mode bits")
def test_check_script_can_be_run() -> None:
    assert os.access(ROOT / ".ci/run", os.X_OK)
    if bash := shutil.which("bash"):
        subprocess.run([bash, "-n", ".ci/run"], cwd=ROOT, check=True)


@pytest.mark.parametrize("file", sorted((ROOT / ".github").rglob("*.yml")), ids=lambda p: p.name)
def test_workflow_is_whole(file: Path) -> None:
    flow = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # BaseLoader: `on` stays a word
    assert {"name", "on", "permissions", "jobs"} <= set(flow)
    for job in flow["jobs"].values():
        assert "runs-on" in job
        assert "timeout-minutes" in job
        assert all("uses" in step or "run" in step for step in job["steps"])


def test_one_address() -> None:
    """The project's addresses stand in pyproject.toml alone; one that is not there yet is nowhere."""
    facts = PYPROJECT["tool"]["tlmlda"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation.get("repository-code", "") == facts["repository"]
    assert "urls" not in PROJECT
    for address in filter(None, (facts["repository"], facts["site"])):
        for place in ("_config.yml", "README.md", "environment.yml", "CONTRIBUTING.md"):
            assert address not in (ROOT / place).read_text(encoding="utf-8")
    assert citation["version"] == PROJECT["version"]
    assert f'__version__ = "{PROJECT["version"]}"' in (LIBRARY / "__init__.py").read_text(encoding="utf-8")


def test_nobody_is_told_to_install_a_name_that_a_stranger_may_take() -> None:
    """The library is on no index: it is installed from a copy of the repository, or as a wheel that is at hand."""
    bare = re.compile(r"pip3? install\b[^\n]*?[\s'\"]tlmlda[_-]lib(?!\S* @ )")
    suffixes = {".py", ".md", ".yml", ".ipynb", ".toml", ".cff", ".js"}
    found = []
    for file in tracked():
        if file.suffix in suffixes and file.name != "test_skeleton.py":
            for n, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                if bare.search(line) and "--no-index" not in line:
                    found.append(f"{name_of(file)}:{n}: {line.strip()[:100]}")
    assert not found


def test_vendored_files_are_what_their_checksums_say() -> None:
    done = subprocess.run([sys.executable, "tools/vendor.py", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for home in ("mathjax", "requirejs", "html-manager", "anywidget"):
        assert (ROOT / "book/_vendor/_static/vendor" / home / "LICENSE").is_file()


def test_every_page_is_in_the_table_of_contents() -> None:
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    listed = set(re.findall(r"(?:root|file):\s*(\S+)", toc))
    pages = {p.relative_to(ROOT / "book").with_suffix("").as_posix() for p in (ROOT / "book").rglob("*.md")}
    assert listed == {p for p in pages if not p.startswith("_")}


def test_no_path_of_one_machine() -> None:
    places = ["ro" + "ot/", "ho" + r"me/\w", "Us" + r"ers/\w", "wo" + "rk/", "t" + "mp/", "op" + "t/"]
    pattern = re.compile(rf"/(?<![\w.}}]/)(?:{'|'.join(places)})|[A-Z]:\\+Us" + "ers")
    for path in ("at /t" + "mp/x", "C:\\Us" + "ers", "/ho" + "me/x", "\n/op" + "t/"):
        assert pattern.search(path)
    for other in ("a/t" + "mp/x", "./wo" + "rk/", "{base}/ro" + "ot/", "/ho" + "me/"):
        assert not pattern.search(other)
    found = []
    for file in tracked():
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{name_of(file)}: {text[m.start() : m.end() + 80]}" for m in pattern.finditer(text)]
    assert not found


def test_no_recording_is_tracked() -> None:
    sounds = {".wav", ".flac", ".avi", ".mp3", ".ogg", ".npy", ".npz", ".pkl", ".h5", ".parquet"}
    assert not [name_of(p) for p in tracked() if p.suffix.lower() in sounds]


def test_pages_are_run_again_when_what_they_are_computed_from_changes(tmp_path: Path) -> None:
    sys.path.insert(0, str(ROOT / "book" / "_ext"))
    import lib_digest

    for name in ("tlmlda_lib/a/b.py", "tlmlda_lib/a.js", "tlmlda_lib/a.css", "results/main.jsonl", "constraints.txt"):
        before = lib_digest.digest(tmp_path, lib_digest.COMPUTED)
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1", encoding="utf-8")
        assert lib_digest.digest(tmp_path, lib_digest.COMPUTED) != before, name
    covered = {file.suffix for file in (ROOT / "results").iterdir()} - {""}
    assert covered == {".jsonl"}, "another form of records must be among COMPUTED"


# Ranges and pins


def requirements(*extras: str) -> dict[str, Requirement]:
    """What pyproject.toml declares, by name."""
    texts = list(PROJECT["dependencies"])
    for extra in extras:
        texts += PROJECT["optional-dependencies"][extra]
    found = [Requirement(text) for text in texts]
    return {canonicalize_name(r.name): r for r in found}


def pins() -> dict[str, Requirement]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    found = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(r.name): r for r in found}


def test_pins_are_exact_and_within_the_ranges() -> None:
    pinned = pins()
    for name, pin in pinned.items():
        assert [s.operator for s in pin.specifier] == ["=="], f"{name} is not pinned exactly"
    for name, requirement in requirements(*PROJECT["optional-dependencies"]).items():
        assert name in pinned, f"constraints.txt has no pin for {name}"
        version = next(iter(pinned[name].specifier)).version
        assert version in requirement.specifier, f"{name}=={version} is outside {requirement}"
    assert "resemblyzer" in pinned


def test_readers_get_ranges() -> None:
    for requirement in requirements(*PROJECT["optional-dependencies"]).values():
        assert not {s.operator for s in requirement.specifier} & {"==", "==="}, f"{requirement} is a pin"
        assert {s.operator for s in requirement.specifier} & {">=", "<"}, f"{requirement} has no bound"


def test_conda_environment_agrees_with_pyproject() -> None:
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    python = next(d for d in listed if str(d).startswith("python="))  # Binder reads this form alone
    assert python.removeprefix("python=") in SpecifierSet(PROJECT["requires-python"])
    conda = {r.name: r for r in (Requirement(d) for d in listed if isinstance(d, str) and d != python)}
    pip = next(d["pip"] for d in listed if isinstance(d, dict))
    assert "-e .[notebooks]" in pip
    assert "resemblyzer" in [Requirement(p).name for p in pip if not p.startswith("-")]

    declared = requirements("notebooks", "voices")
    names = {"pytorch-cpu": "torch", "matplotlib-base": "matplotlib"}
    by_name = {names.get(name, name): r for name, r in conda.items() if name not in ("pip", "jupyterlab", "webrtcvad")}
    assert "webrtcvad" in conda, "resemblyzer asks for it by this name"
    for name, requirement in by_name.items():
        assert requirement.specifier == declared[name].specifier, f"{name}: {requirement} against {declared[name]}"
    voices = {canonicalize_name(Requirement(t).name) for t in PROJECT["optional-dependencies"]["voices"]}
    assert voices - {"webrtcvad-wheels"} <= set(by_name), "the extra `voices` is not wholly in environment.yml"


# The library


def test_the_root_has_fourteen_entries() -> None:
    found = {file.name.removesuffix(".py") for file in LIBRARY.iterdir() if file.suffix == ".py" or file.is_dir()}
    assert found - {"__init__", "__pycache__"} == set(LEVEL)
    assert len(LEVEL) == 15


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_packages_import_only_those_above(file: Path) -> None:
    package = package_of(file)
    inner = {name.split(".")[1] for name in imports(file) if name.startswith("tlmlda_lib.")} - {
        "__version__",
        "_lazily",
    }
    if package == "__init__":
        assert inner <= {"errors"}, "it loads its packages lazily"
        return
    below = sorted(other for other in inner if other != package and LEVEL.get(other, len(ROWS)) >= LEVEL[package])
    assert not below, f"{package} must not import {below}"


@pytest.mark.parametrize("name", PURE)
def test_pure_modules_know_arrays_alone(name: str) -> None:
    files = [LIBRARY / name]
    allowed = {"torch", "numpy", "scipy", "tlmlda_lib", *sys.stdlib_module_names}
    for file in files:
        names = set(imports(file))
        assert {n.split(".")[0] for n in names} <= allowed
        assert {n.split(".")[1] for n in names if n.startswith("tlmlda_lib.")} <= {
            "losses",
            "weighting",
            "networks",
            "errors",
        }
        assert not names & {"pathlib", "os", "os.path"}, f"{name} knows no path"


@pytest.mark.parametrize("file", MODULES, ids=name_of)
def test_no_function_over_60_lines(file: Path) -> None:
    """Of code: neither its docstring nor its signature counts."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            assert lines <= 60, f"{node.name} has {lines} lines"


def taken_apart(tree: ast.AST) -> list[int]:
    """Lines that read a scheme's text by places or letters: ``scheme[0]``, ``s.split("2")``, ``"R" in s``."""

    def is_text(node: ast.AST, pattern: str) -> bool:
        return isinstance(node, ast.Constant) and bool(re.fullmatch(pattern, str(node.value)))

    def reads(node: ast.AST, name: str) -> bool:
        match node:
            case ast.Call(
                func=ast.Attribute(attr="split" | "rsplit" | "partition" | "rpartition" | "replace"), args=[first, *_]
            ):
                return is_text(first, "[2BCER]")
            case ast.Subscript(value=value, slice=ast.Slice() | ast.UnaryOp() | ast.Constant(value=int())):
                return ast.unparse(value) == name or ast.unparse(value).endswith("['scheme']")
            case ast.Compare(left=left, comparators=[right]):
                return is_text(left, "[BCERdez]") and ast.unparse(right) == name
        return is_text(node, "BC[ER]+")

    found = {node for node in ast.walk(tree) if reads(node, "scheme")}
    for loop in ast.walk(tree):
        for part in getattr(loop, "generators", [loop]):
            if re.search("schemes$", ast.unparse(getattr(part, "iter", ast.Pass())), re.IGNORECASE):
                found |= {node for node in ast.walk(loop) if reads(node, ast.unparse(part.target))}
    return sorted(node.lineno for node in found)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('a, b = name.split("2")', 1),
        ('name.rpartition("2")[2]', 1),
        ("scheme[0], scheme[-1], scheme[2:]", 3),
        ('[r["scheme"][0] for r in records]', 1),
        ("[s[-1] for s in domains.OPEN_SCHEMES]", 1),
        ('[s for s in OPEN_SCHEMES if "R" in s]', 1),
        ('scheme.replace("R", "E")', 1),
        ('for letter in "BCR": pass', 1),
        ('scheme["emotions"], schemes[name], text.split(","), text.split(), scheme.target, row[0]', 0),
        ("[s[0] for s in rows if s in OPEN_SCHEMES]", 0),
    ],
)
def test_letter_arithmetic_is_seen(text: str, found: int) -> None:
    assert len(taken_apart(ast.parse(text))) == found


@pytest.mark.parametrize("file", [*MODULES, *sorted((ROOT / "tools").glob("*.py"))], ids=name_of)
def test_no_scheme_is_taken_apart_by_letters(file: Path) -> None:
    """Not every corpus has a letter, and "2" may stand in a name: `domains.schemes` alone reads a scheme's text."""
    lines = taken_apart(ast.parse(file.read_text(encoding="utf-8")))
    assert not lines, f"{name_of(file)}:{lines[0]}: use `domains.schemes.parse`"


@pytest.mark.parametrize("file", sorted(LIBRARY.rglob("*.js")), ids=name_of)
def test_no_script_takes_a_scheme_apart(file: Path) -> None:
    """Widgets get a scheme's words from Python, which knows the corpora."""
    assert not re.search(r"""(split|replace)\(["']2["']""", file.read_text(encoding="utf-8"))


def test_import_is_light() -> None:
    heavy = ("torch", "numpy", "pandas", "sklearn", "opensmile")
    code = f"import sys, tlmlda_lib; print(*(name for name in {heavy} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == []
