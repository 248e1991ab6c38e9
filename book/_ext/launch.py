"""Let a chapter's buttons open, and download, its student's notebook; carry the library's wheel beside the notebooks.

The addresses are those of ``[tool.tlmlda]`` in pyproject.toml. Where there is no repository there are no buttons for
Colab, Binder, source and issues. Where a notebook lies beside a page the theme links it for these; for the download it
would copy what was executed, with the page's directives in it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import published

BUTTONS = ("use_repository_button", "use_issues_button", "use_edit_page_button", "use_source_button")


def set_addresses(app: Any, config: Any) -> None:
    """Take the addresses from the one place where they stand; take away the buttons that would lead nowhere."""
    facts = published.read(Path(app.srcdir).parent)
    options = config.html_theme_options
    config.html_baseurl = facts.site
    options["repository_branch"] = facts.tag
    options["repository_url"] = facts.repository
    if not facts.repository:
        options["launch_buttons"] = {}
        for button in BUTTONS:
            options[button] = False


def only_chapters(app: Any, doctree: Any) -> None:
    """Give no buttons to a page that has no notebook: the theme shows them where the page's head names a kernel."""
    name = app.env.docname
    if not _student(app, name).is_file():
        app.env.metadata[name].pop("kernelspec", None)


def offer_notebook(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Have the theme list the notebook among what is downloaded: without launch buttons it would not."""
    if doctree is not None and _student(app, pagename).is_file():
        context["ipynb_source"] = pagename + ".ipynb"


def put_notebooks(app: Any, exception: Exception | None) -> None:
    """Put the students' notebooks where they are downloaded, and the wheel that their first cell looks for."""
    if exception is not None or app.builder.format != "html":
        return
    students = [name for name in app.env.found_docs if _student(app, name).is_file()]
    if not students:
        return
    root, folder = Path(app.srcdir).parent, Path(app.outdir) / published.NOTEBOOKS
    for old in folder.glob("*.whl"):
        old.unlink()
    wheel = published.build_wheel(root, folder)
    digest = published.sha256(wheel) if published.read(root).site else ""
    for name in students:
        copy = folder / f"{name}.ipynb"
        copy.parent.mkdir(parents=True, exist_ok=True)
        text = _student(app, name).read_text(encoding="utf-8")
        copy.write_text(published.with_digest(text, digest), encoding="utf-8", newline="\n")
    Path(app.outdir, ".nojekyll").touch()  # GitHub's pages leave out names with an underscore otherwise


def _student(app: Any, pagename: str) -> Path:
    return Path(app.srcdir) / f"{pagename}.ipynb"


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's entry point."""
    app.connect("config-inited", set_addresses)
    app.connect("doctree-read", only_chapters)
    app.connect("html-page-context", offer_notebook, priority=400)  # before the theme makes its buttons
    app.connect("build-finished", put_notebooks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
