"""The first cell of every notebook: where it finds the library, what it says where there is none."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest
from made_site import serving

pytest.importorskip("jupytext", reason="the extra `book`, which reads the chapters, is not installed")

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "book" / "_ext")]

import notebooks  # noqa: E402
from published import Published  # noqa: E402

WHEEL = "tlmlda_lib-9.8.7-py3-none-any.whl"
CONTENT = b"not really a wheel"


class Kernel:
    """A shell of IPython's own, in a folder and an environment that the test furnishes."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        from IPython.core.interactiveshell import InteractiveShell

        self.versions: dict[str, str] = {}
        self.pip: list[list[str]] = []
        self.installs = {"tlmlda_lib": "9.8.7", "anywidget": "1", "espeakng_loader": "1", "ipywidgets": "1"}
        self.fails = ""
        self._capsys = capsys
        self.shell = InteractiveShell()
        monkeypatch.chdir(folder)
        monkeypatch.setattr("IPython.get_ipython", lambda: self.shell)
        monkeypatch.setattr(importlib.metadata, "version", self._version)
        monkeypatch.setattr(importlib.util, "find_spec", lambda name, package=None: self.versions.get(name))
        monkeypatch.setattr(subprocess, "run", self._run)
        monkeypatch.delenv("TLMLDA_WHEEL", raising=False)
        for name in ("numpy", "pandas", "scipy", "sklearn", "torch", "tlmlda_lib"):
            monkeypatch.delitem(sys.modules, name, raising=False)

    def _version(self, name: str) -> str:
        if name not in self.versions:
            raise importlib.metadata.PackageNotFoundError(name)
        return self.versions[name]

    def _run(self, command: list[str], **options: object) -> types.SimpleNamespace:
        self.pip.append(command)
        if not self.fails:
            self.versions |= self.installs
        return types.SimpleNamespace(returncode=int(bool(self.fails)), stderr=self.fails)

    def cell(self, source: str) -> str:
        """Run a cell as a reader does; return what it prints."""
        self.shell.run_cell(source)
        return self._capsys.readouterr().out.strip()


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Kernel:
    return Kernel(tmp_path, monkeypatch, capsys)


def first(site: str = "", digest: str = "") -> str:
    return notebooks.first_cell(Published("9.8.7", site=site), "Why?", digest)


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that stands for the book's site, with a wheel on it."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "_sources").mkdir()
    (folder / "_sources" / WHEEL).write_bytes(CONTENT)

    with serving(folder) as address:
        yield address


def test_an_installed_library_of_this_version_is_enough(kernel: Kernel, tmp_path: Path) -> None:
    (tmp_path / WHEEL).write_bytes(CONTENT)
    kernel.versions = dict(kernel.installs)
    assert kernel.cell(first()) == ""
    assert kernel.cell("print(6 * 7)") == "42"
    assert kernel.pip == []


@pytest.mark.parametrize("lacks", [{"tlmlda_lib": "9.8.6"}, {"anywidget": ""}, {"espeakng_loader": ""}])
def test_a_wheel_beside_the_notebook_mends_what_is_missing(
    kernel: Kernel, tmp_path: Path, lacks: dict[str, str]
) -> None:
    (tmp_path / WHEEL).write_bytes(CONTENT)
    kernel.versions = {name: version for name, version in (kernel.installs | lacks).items() if version}
    assert kernel.cell(first("https://nobody.invalid")) == ""
    (command,) = kernel.pip
    assert command[-1] == f"tlmlda_lib[chapters] @ {(tmp_path / WHEEL).as_uri()}"
    assert kernel.cell("print(6 * 7)") == "42"


def test_a_wheel_that_is_named_goes_first(kernel: Kernel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / WHEEL).write_bytes(CONTENT)
    other = tmp_path / "class set" / WHEEL
    other.parent.mkdir()
    other.write_bytes(CONTENT)
    monkeypatch.setenv("HOME", str(tmp_path))
    for named in (str(other), str(other.parent), "~/class set"):
        kernel.versions = {}
        monkeypatch.setenv("TLMLDA_WHEEL", named)
        assert kernel.cell(first()) == ""
        assert kernel.pip.pop()[-1].endswith(other.as_uri())
    kernel.versions = {}
    monkeypatch.setenv("TLMLDA_WHEEL", str(tmp_path / "gone"))
    said = kernel.cell(first())
    assert f"TLMLDA_WHEEL is {tmp_path / 'gone'}, where {WHEEL} is not found" in said
    assert kernel.pip == []


def test_the_site_s_wheel_is_taken_only_where_its_digest_is_right(kernel: Kernel, site: str) -> None:
    said = kernel.cell(first(site, hashlib.sha256(b"another").hexdigest()))
    assert f"{site}/_sources/{WHEEL} is not the wheel that this notebook was made with" in said
    assert kernel.pip == []
    assert kernel.cell(first(site, hashlib.sha256(CONTENT).hexdigest())) == ""
    (command,) = kernel.pip
    file = Path(command[-1].partition(" @ file://")[2])
    assert file.read_bytes() == CONTENT
    assert kernel.cell("print(6 * 7)") == "42"


def test_without_a_library_one_sentence_and_every_later_cell_says_it(kernel: Kernel, tmp_path: Path) -> None:
    said = kernel.cell(first())
    assert said.count("\n") == 0
    assert said.startswith(f"Not installed: tlmlda_lib 9.8.7, anywidget, espeakng_loader, ipywidgets, and {WHEEL} is")
    assert kernel.pip == [], "no name is asked of an index"
    for source in ("import tlmlda_lib as tl", "problem = None\n1 / 0", "%%time\nx = 1"):
        if not source.startswith("%"):
            assert kernel.cell(source) == said
    assert kernel.cell("%pwd") != said, "a reader can still mend it from the notebook"
    (tmp_path / WHEEL).write_bytes(CONTENT)
    assert kernel.cell(first()) == ""
    assert kernel.cell("print(6 * 7)") == "42"


def test_what_the_site_or_pip_say_is_passed_on(kernel: Kernel, tmp_path: Path) -> None:
    said = kernel.cell(first("http://127.0.0.1:9", "0" * 64))
    assert f"http://127.0.0.1:9/_sources/{WHEEL} gave no wheel (" in said
    assert said.count("\n") == 0
    (tmp_path / WHEEL).write_bytes(CONTENT)
    kernel.fails = "long\nERROR: No matching distribution found for torch>=2.4\n"
    said = kernel.cell(first())
    assert said.endswith("pip stopped with: ERROR: No matching distribution found for torch>=2.4")
    assert kernel.cell("1 / 0") == said


def test_what_was_loaded_before_wants_a_new_kernel(
    kernel: Kernel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / WHEEL).write_bytes(CONTENT)
    monkeypatch.setitem(sys.modules, "numpy", types.SimpleNamespace(__version__="2.0.1"))
    kernel.installs["numpy"] = "2.0.1"
    assert kernel.cell(first()) == "", "numpy is as it was"
    kernel.versions, kernel.installs["numpy"] = {}, "2.3.0"
    said = kernel.cell(first())
    assert said == "Installed anew: numpy. Restart the kernel, then run all cells."
    assert kernel.cell("1 / 0") == said


def test_what_the_chapters_import_is_what_the_cell_installs() -> None:
    import tomllib

    from packaging.requirements import Requirement

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    assert set(extras["chapters"]) < set(extras["notebooks"])
    declared = {Requirement(text).name for text in [*project["dependencies"], *extras["chapters"]]}
    names = {name.replace("-", "_") for name in declared} | {"sklearn", "IPython", "tlmlda_lib"}
    names.add("PIL")  # matplotlib's own
    book = notebooks.Book.read(ROOT / "book", "")
    for page in book.pages.values():
        for kind, source, meta in page.cells:
            if page.is_chapter and kind == "code" and "skip-execution" not in meta.get("tags", ()):
                foreign = notebooks.imported(source) - names - set(sys.stdlib_module_names)
                assert not foreign, f"{page.name}.md imports {foreign}: the extra `chapters` lacks it"
