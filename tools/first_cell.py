# The notebook of TITLE
# Finds the book's library: installed; in a wheel, beside this notebook or in TLMLDA_WHEEL; on the book's site.
import hashlib
import importlib.metadata
import importlib.util
import os
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from IPython import get_ipython

VERSION, WHEEL = "", ""
ADDRESS, SHA256 = "", ""  # of that wheel on the book's site; empty where there is none


def missing():
    """What is not installed: the library in this notebook's version, and what its cells import beside it."""
    importlib.invalidate_caches()
    names = [name for name in ("anywidget", "espeakng_loader", "ipywidgets") if not importlib.util.find_spec(name)]
    try:
        same = importlib.metadata.version("tlmlda_lib") == VERSION
    except importlib.metadata.PackageNotFoundError:
        same = False
    return names if same else [f"tlmlda_lib {VERSION}", *names]


def find_wheel():
    """A file that is here, or one from the book's site that is what this notebook was made with."""
    named = os.environ.get("TLMLDA_WHEEL", "")
    place = Path(named).expanduser()
    for file in (place, place / WHEEL) if named else (Path(WHEEL),):
        if file.name == WHEEL and file.is_file():
            return file.resolve()
    if named:
        raise LookupError(f"TLMLDA_WHEEL is {named}, where {WHEEL} is not found")
    if not ADDRESS:
        raise LookupError(f"{WHEEL} is not beside this notebook")
    try:
        with urllib.request.urlopen(ADDRESS, timeout=60) as answer:
            content = answer.read()
    except OSError as error:
        raise LookupError(f"{ADDRESS} gave no wheel ({error})") from error
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise LookupError(f"{ADDRESS} is not the wheel that this notebook was made with")
    file = Path(tempfile.mkdtemp(), WHEEL)
    file.write_bytes(content)
    return file


def install():
    """Install the wheel, and from pip's index what it needs; return what went wrong, if anything did."""
    lacking = ", ".join(missing())
    if not lacking:
        return ""
    try:
        wanted = f"tlmlda_lib[chapters] @ {find_wheel().as_uri()}"
    except LookupError as error:
        how = 'pip install ".[notebooks]" in a copy of the book\'s repository, or put the wheel beside the notebook'
        return f"Not installed: {lacking}, and {error}; run {how}."
    done = subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", wanted], capture_output=True, text=True)
    if done.returncode or missing():
        said = done.stderr.strip().splitlines() or ["pip gave no reason"]
        return f"Not installed: {lacking}; pip stopped with: {said[-1]}"
    loaded = {"numpy": "numpy", "pandas": "pandas", "scipy": "scipy", "sklearn": "scikit-learn", "torch": "torch"}
    now = {name: sys.modules[module].__version__ for module, name in loaded.items() if module in sys.modules}
    old = [name for name, version in now.items() if version != importlib.metadata.version(name)]
    old += ["tlmlda_lib"] if "tlmlda_lib" in sys.modules else []
    return f"Installed anew: {', '.join(old)}. Restart the kernel, then run all cells." if old else ""


def telling(problem):
    """Let later cells say what is wrong, not fail one by one; this cell and lines for pip (%, !) run."""

    def library_first(lines):
        kept = not problem or "".join(lines).lstrip().startswith(("# The notebook of", "%", "!"))
        return lines if kept else [f"print({problem!r})\n"]

    return library_first


problem = install()
steps = get_ipython().input_transformers_cleanup
steps[:] = [step for step in steps if getattr(step, "__name__", "") != "library_first"] + [telling(problem)]
if problem:
    print(problem)
