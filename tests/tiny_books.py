"""A small book built by Sphinx, for tests of the book's extensions."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

EXTENSIONS = Path(__file__).parents[1] / "book" / "_ext"

BUILD = """
import io, json, sys
from sphinx.application import Sphinx

folder, out, config = json.loads(sys.argv[1])
warnings = io.StringIO()
Sphinx(folder, None, out, f"{out}-trees", "html", config, status=None, warning=warnings).build()
print(json.dumps(warnings.getvalue()))
"""


def build(folder: Path, out: Path, config: Mapping[str, Any]) -> str:
    """The site of `folder`, in `out`; returns Sphinx's warnings.

    In a process of its own: Sphinx keeps what a book registers, as its parser of Markdown, for the next one.
    """
    command = [sys.executable, "-c", BUILD, json.dumps([str(folder), str(out), dict(config)])]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (EXTENSIONS, EXTENSIONS.parents[1])))}
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout.splitlines()[-1]))
