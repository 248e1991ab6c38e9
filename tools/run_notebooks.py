"""Run the students' notebooks as a reader would: with the built wheel, and with no checkout beside them.

The wheel goes into an environment of its own, which borrows the installed dependencies and nothing else: the checkout's
own, editable installation is not seen there. In each notebook that is committed the exercises' cells are replaced by
the solutions, and each has to pass its check. What the page does not show, cells tagged `remove-input`, runs apart: it
sees what the visible cells made and leaves nothing behind, so the visible code has to run by itself.

A change runs the notebooks that it changed and four more; `make notebooks-run-all`, and a nightly workflow, run all.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

import published  # noqa: E402

#: Notebooks that every change runs: one of each of the four parts, the first among them.
FIXED = ("sitting", "features", "training", "trust")
#: What the notebooks were when all of them ran last.
RAN = Path(__file__).with_name("notebooks_run.json")

ASKED = (
    "\n\nfrom tlmlda_lib.book.checks import progress\n\nassert {number!r} in [p.number for p in progress() if p.passed]"
)

#: Runs one notebook in the folder where it lies, and prints seconds and the kernel's peak memory in MB.
RUNNER = """
import os, sys, time
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

notebook = nbformat.read(sys.argv[1], 4)
seconds = int(os.environ.get("CELL_SECONDS", 120))
client = NotebookClient(notebook, timeout=seconds, kernel_name="python3", resources={"metadata": {"path": "."}})
began = time.perf_counter()
try:
    client.execute()
except CellExecutionError as error:
    sys.exit(str(error))
print(f"{time.perf_counter() - began:.1f}", notebook.cells[-1].outputs[0].text.strip())
"""

#: The first cell: how a cell runs whose code the page does not show.
APART = """
_apart = {}


def _run_apart(source):
    shown = dict(get_ipython().user_ns)
    get_ipython().user_ns.update({name: value for name, value in _apart.items() if name not in shown})
    result = get_ipython().run_cell(source)
    made = {name: value for name, value in get_ipython().user_ns.items() if name[0] != "_"}
    _apart.update({name: value for name, value in made.items() if shown.get(name, _apart) is not value})
    for name in made:
        del get_ipython().user_ns[name]
    get_ipython().user_ns.update({name: value for name, value in shown.items() if name[0] != "_"})
    result.raise_error()
"""

#: The last cell.
PEAK = """
import resource, sys
import tlmlda_lib
assert tlmlda_lib.__file__.startswith(sys.prefix), f"the library comes from {tlmlda_lib.__file__}, not from the wheel"
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (2**20 if sys.platform == "darwin" else 2**10))
"""


def solved(student: str, instructor: str) -> nbformat.NotebookNode:
    """Put the solutions into a student's notebook, and ask after each whether its check has passed."""
    made = nbformat.reads(student, 4)
    answers = {cell.id: cell.source for cell in nbformat.reads(instructor, 4).cells if "exercise" in cell.metadata}
    for cell in made.cells:
        if "exercise" in cell.metadata:
            cell.source = answers.pop(cell.id) + ASKED.format(number=cell.metadata.exercise)
    assert not answers, f"the student's notebook lacks {', '.join(answers)}"
    return with_peak(apart(made))


def apart(made: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Let cells whose code the page does not show leave no name to those whose code it shows."""
    for cell in made.cells:
        if "remove-input" in cell.metadata.get("tags", ()):
            cell.source = f"_run_apart({cell.source!r})"
    made.cells.insert(0, nbformat.v4.new_code_cell(APART, id="apart"))
    return made


def with_peak(made: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Add the cell that says where the library comes from and what memory it took."""
    made.cells.append(nbformat.v4.new_code_cell(PEAK, id="peak"))
    return made


def environment(folder: Path) -> Path:
    """Make an environment with the built wheel and the dependencies that are installed here; return its Python."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    wheel = published.build_wheel(ROOT, folder / "wheels")
    clean = folder / "clean"
    venv.create(clean, with_pip=False)
    purelib = sysconfig.get_path("purelib", "venv", {"base": str(clean), "platbase": str(clean)})
    # A folder named in a .pth file is searched, but the .pth files in it are not read: the editable install stays out.
    Path(purelib, "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    subprocess.run([*pip, "install", "--no-deps", "--no-index", "--target", purelib, wheel], check=True)
    python = clean / "bin" / "python"
    subprocess.run([python, "-m", "ipykernel", "install", "--sys-prefix"], check=True, capture_output=True)
    return python


#: Notebooks that run side by side: each wants a core, and close to a gigabyte.
AT_ONCE = 2


def digest(student: str, instructor: str) -> str:
    """Of a notebook and its solutions, whichever wheel its first cell names."""
    return hashlib.sha256("\n".join(map(published.with_digest, (student, instructor))).encode()).hexdigest()[:16]


def changed(notebooks: dict[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """Those that are others than when all ran last, and the fixed ones."""
    before = json.loads(RAN.read_text(encoding="utf-8")) if RAN.is_file() else {}
    return {t: of for t, of in notebooks.items() if t in FIXED or before.get(t) != digest(*of)}


def run_all(notebooks: dict[str, tuple[str, str]]) -> str | None:
    """Run every notebook, and keep what they are if none failed; return what failed."""
    failed = run(notebooks)
    if failed is None:
        now = {title: digest(*of) for title, of in sorted(notebooks.items())}
        RAN.write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8")
    return failed


def run_changed(notebooks: dict[str, tuple[str, str]]) -> str | None:
    """Run those of `changed`; return what failed."""
    chosen = changed(notebooks)
    print(f"{len(chosen)} of {len(notebooks)} notebooks: those that have changed, and {', '.join(FIXED)}")
    return run(chosen)


def run(notebooks: dict[str, tuple[str, str]]) -> str | None:
    """Run notebooks, each given as (student's, instructor's) text; return what failed, if anything did."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = environment(folder)
        print(f"wheel and environment: {time.perf_counter() - began:.1f} s")
        made = {title: solved(*texts) for title, texts in notebooks.items()}
        return run_with(python, folder, made)


def run_with(python: Path, folder: Path, notebooks: dict[str, nbformat.NotebookNode], **more: str) -> str | None:
    """Run notebooks by the kernel of an environment, each in a folder of its own; return what failed, if anything did.

    Parameters
    ----------
    python : Path
        The environment's Python, which has a kernel.
    folder : Path
        Where all that is written goes.
    notebooks : dict of NotebookNode
        By title; the last cell of each prints one number, the kernel's peak memory (`solved` adds it).
    **more : str
        Environment variables; CELL_SECONDS is what a cell may take (120).
    """
    failed = []
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV", "JUPYTER_PATH")}
    env |= {
        "JUPYTER_PATH": str(python.parents[1] / "share" / "jupyter"),
        "JUPYTER_CONFIG_DIR": str(folder / "jupyter"),
        "IPYTHONDIR": str(folder / "ipython"),
        "PIP_NO_INDEX": "1",
    }

    def alone(title: str) -> subprocess.CompletedProcess[str]:
        place = folder / "run" / title
        place.mkdir(parents=True)
        nbformat.write(notebooks[title], place / f"{title}.ipynb")
        return subprocess.run(
            [python, "-c", RUNNER, f"{title}.ipynb"], cwd=place, env=env | more, capture_output=True, text=True
        )

    titles = sorted(notebooks)
    with ThreadPoolExecutor(min(AT_ONCE, os.cpu_count() or 1)) as pool:
        for title, done in zip(titles, pool.map(alone, titles), strict=True):
            said = done.stdout.split()
            if done.returncode or len(said) != 2:
                failed.append(title)
                print(f"{title}: FAILED\n{done.stderr or done.stdout}")
            else:
                print(f"{title}: {said[0]} s, {said[1]} MB at most", flush=True)
    return f"notebooks that do not run alone: {', '.join(failed)}" if failed else None
