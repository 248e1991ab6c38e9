"""Let a chapter's buttons open, and download, its student's notebook.

The repository's address is that of pyproject.toml. Where a notebook lies beside a page the theme links it for Colab and
Binder; for the download it copies what was executed, with the page's directives in it, so that is replaced.
"""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from typing import Any


def name_repository(app: Any, config: Any) -> None:
    """Take the repository's address and the site's from the one place where they stand."""
    project = tomllib.loads((Path(app.srcdir).parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    config.html_theme_options["repository_url"] = project["urls"]["Homepage"]
    config.html_baseurl = project["urls"]["Documentation"]


def only_chapters(app: Any, doctree: Any) -> None:
    """Give no buttons to a page that has no notebook: the theme shows them where the page's head names a kernel."""
    name = app.env.docname
    if not Path(app.env.doc2path(name)).with_suffix(".ipynb").is_file():
        app.env.metadata[name].pop("kernelspec", None)


def put_notebooks(app: Any, exception: Exception | None) -> None:
    """Offer the student's notebook for download."""
    if exception is None and app.builder.format == "html":
        for copy in (Path(app.outdir) / "_sources").rglob("*.ipynb"):
            student = Path(app.srcdir) / copy.relative_to(Path(app.outdir) / "_sources")
            if student.is_file():
                shutil.copyfile(student, copy)


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's entry point."""
    app.connect("config-inited", name_repository)
    app.connect("doctree-read", only_chapters)
    app.connect("build-finished", put_notebooks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
