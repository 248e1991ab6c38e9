"""A package that is not there: one sentence with the command that mends it, from every command, and no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import made_corpora
import pytest
from packaging.requirements import Requirement

from tlmlda_lib import errors
from tlmlda_lib.experiments import grid, plans

ROOT = Path(__file__).parents[1]
DECLARED = [
    Requirement(text)
    for text in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
]
RANGES = {r.name: r for r in DECLARED}

#: Hides a module from every import, as if its package were not installed.
HIDING = """
import sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {module!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Hidden())
sys.argv = ["tlmlda", *{words!r}]
from tlmlda_lib.cli.main import main
main()
"""


def without(module: str, *words: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A command in a process that cannot import a module."""
    code = HIDING.format(module=module, words=[str(w) for w in words])
    env = {k: v for k, v in os.environ.items() if k != "TLMLDA_CORPORA"} | {"COLUMNS": "300"}
    return subprocess.run([sys.executable, "-c", code], cwd=cwd, env=env, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tones")
    made_corpora.emodb(root / "emodb", seconds=0.3)
    made_corpora.casia(root / "casia", seconds=0.3)
    return root


# Some of those that a run imports, each at another place on its way.
@pytest.mark.parametrize("module", ["torch", "sklearn", "numpy", "opensmile", "typer"])
def test_a_run_without_a_package_is_one_sentence(module: str, tones: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("TLMLDA_CACHE", str(tmp_path / "cache"))
    where = ("--corpora", tones, "--runs", tmp_path / "r", "--results", tmp_path / "r")
    done = without(module, "run", "--scheme", "C2B", "--method", "pca_svm", *where, cwd=tmp_path)
    package = errors.PACKAGES.get(module, module)
    assert done.returncode == 2, done.stderr
    said = done.stderr.splitlines()
    assert said == [f"tlmlda: the package {package} is missing: pip install '{RANGES[package]}'"]
    assert done.stdout == ""


@pytest.mark.parametrize(
    "words",
    [
        *(("tables",), ("search", "--dry-run"), ("reproduce", "main", "--dry-run"), ("figure2", "--plot", "f.svg")),
        *(("stress",), ("predict", "m", "r"), ("seal",), ("corpora",)),
    ],
)
def test_every_command_says_it(words: tuple[str, ...], tmp_path: Path) -> None:
    module = "pandas" if words[0] == "corpora" else "torch"
    (tmp_path / "runs").mkdir()
    done = without(module, *words, cwd=tmp_path)
    if words[0] == "seal":  # folds records, and needs no network
        assert "Traceback" not in done.stderr
    else:
        assert done.returncode == 2, done.stderr
        said = f"tlmlda: the package {module} is missing: pip install '{RANGES[module]}'"
        assert done.stderr.splitlines()[-1] == said
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("module", ["torch", "rich", "audformat"])
def test_the_doctor_has_its_table_all_the_same(module: str, tmp_path: Path) -> None:
    done = without(module, "doctor", cwd=tmp_path)
    package = errors.PACKAGES.get(module, module)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    (line,) = [line for line in done.stdout.splitlines() if line.split()[:2] == ["wrong", package]]
    assert "not installed" in line
    assert f"'{RANGES[package]}'" in line
    assert "Python" in done.stdout
    assert "feature cache" in done.stdout


def test_declared_packages_are_those_of_the_project() -> None:
    assert set(errors.declared()) <= set(RANGES)  # an older installation may lack the newest
    for package in errors.declared():
        assert errors.failure(package) == "", package


def test_an_extra_is_named_by_its_packages() -> None:
    assert errors.install("audb").startswith("pip install 'audb>=")
    assert errors.install("voices").endswith(" && pip install --no-deps resemblyzer")
    assert errors.install("unheard of") == "pip install -e '.[unheard of]'"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ModuleNotFoundError("No module named 'torch'"), "the package torch is missing: pip install '{torch}'"),
        (
            ModuleNotFoundError("No module named 'sklearn.svm'", name="sklearn.svm"),
            "the package scikit-learn is missing: pip install '{scikit-learn}'",
        ),
        (metadata.PackageNotFoundError("opensmile"), "the package opensmile is missing: pip install '{opensmile}'"),
        (
            ImportError("libgomp.so.1: cannot open", name="torch"),
            "the package torch cannot be loaded (libgomp.so.1: cannot open): pip install --force-reinstall '{torch}'",
        ),
        (
            ModuleNotFoundError("No module named 'PIL'", name="PIL"),
            "the module PIL is missing, which an installed package needs: `pip check` names that package",
        ),
        (ImportError("odd"), "a package cannot be loaded (odd): `tlmlda doctor` tries each"),
    ],
)
def test_sentences(error: ImportError, sentence: str) -> None:
    for name, requirement in RANGES.items():
        sentence = sentence.replace("{" + name + "}", str(requirement))
    assert errors.sentence(error) == sentence


def test_an_own_module_is_no_missing_package() -> None:
    assert errors.sentence(ModuleNotFoundError("No module named 'tlmlda_lib.x'", name="tlmlda_lib.x")) is None


def test_a_cell_that_lacks_a_package_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*a, **k):
        raise ModuleNotFoundError("No module named 'skops'", name="skops")

    monkeypatch.setattr(grid.run, "run_cell", fails)
    outcome = grid.attempt(None, plans.Cell("C2B", "pca_svm"), {})
    assert outcome.message == f"the package skops is missing: pip install '{RANGES['skops']}'"
