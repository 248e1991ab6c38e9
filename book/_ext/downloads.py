"""What can be taken away: the role ``{offered}`` links a file of the site, and says how large it is.

``{offered}`All notebooks <notebooks>` `` names one of ``site``, ``pdf``, ``notebooks``, ``wheel``, or a chapter's page,
whose notebook is meant. Which files there are is known when all else is written, and changes again when ``make zip``
has packed the site: so the links are filled in on the written page. A file that is not there is named, and not linked.

Beside each notebook lies a script with its text: a page that is opened from a folder can save that, and nothing else.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import chapters
import published
from docutils import nodes
from sphinx.util.docutils import SphinxDirective, SphinxRole

NAME = "emotion-across-corpora"
#: The page with the links, and the folder of what is packed for it.
PAGE, FOLDER = "download.html", "downloads"
LINK = re.compile(
    r'<span class="offered" data-file="([^"]+)">(?:<a [^>]*>)?([^<]*)(?:</a>)?<small>[^<]*</small></span>'
)
ABSENT = " (not part of this copy)"


def places(version: str) -> dict[str, str]:
    """Where the site has each file that is no chapter's."""
    stem = f"{FOLDER}/{NAME}-{version}"
    wheel = f"{published.NOTEBOOKS}/{published.Published(version).wheel}"
    return {"site": f"{stem}.zip", "pdf": f"{stem}.pdf", "notebooks": f"{stem}-notebooks.zip", "wheel": wheel}


def size(count: int) -> str:
    """Bytes as a reader reads them."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(count / 1e3, 1):.0f} kB"


def filled(page: str, site: Path, absent: Collection[str] = ()) -> str:
    """A page's text with its links to the files that the site has, except the absent ones."""

    def link(match: re.Match[str]) -> str:
        name, label = match.groups()
        file = site / name
        if name in absent or not file.is_file():
            shown = f"{label}<small>{ABSENT}</small>"
        else:
            shown = f'<a href="{name}" download>{label}</a><small> ({size(file.stat().st_size)})</small>'
        return f'<span class="offered" data-file="{name}">{shown}</span>'

    return LINK.sub(link, page)


def fill(site: Path) -> None:
    """Fill in the links on the written page."""
    page = site / PAGE
    if page.is_file():
        page.write_text(filled(page.read_text(encoding="utf-8"), site), encoding="utf-8")


def pack(target: Path, files: Mapping[str, Path | bytes]) -> None:
    """Write a zip: the same bytes for the same files, and whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    with zipfile.ZipFile(part, "w") as packed:
        for name, held in sorted(files.items()):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o100644 << 16
            packed.writestr(entry, held if isinstance(held, bytes) else held.read_bytes(), compresslevel=9)
    part.replace(target)


class Offered(SphinxRole):
    """The role."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Leave the file's name and label; ``fill`` does the rest."""
        match = re.fullmatch(r"(.+?)\s*<([^<>]+)>", self.text)
        if match is None:
            raise ValueError(f"{{offered}}`{self.text}`: write a label, and in angle brackets a file's name")
        label, name = match.groups()
        known = places(published.read(Path(self.env.srcdir).parent).version)
        file = known.get(name, f"{published.NOTEBOOKS}/{name}.ipynb")
        text = f'<span class="offered" data-file="{file}">{html.escape(label)}<small>{ABSENT}</small></span>'
        return [nodes.raw("", text, format="html")], []


class OfferedNotebooks(SphinxDirective):
    """``{offered-notebooks}``: a list of the chapters' notebooks."""

    def run(self) -> list[nodes.Node]:
        """Nodes for the page."""
        rows = []
        for chapter in chapters.read(Path(self.env.srcdir)).values():
            rows.append(f"- {chapters.link(chapter)}: {{offered}}`{chapter.page}.ipynb <{chapter.page}>`")
        return self.parse_text_to_nodes("\n".join(rows))


def offer(app: Any, exception: Exception | None) -> None:
    """After the last page: pack the notebooks and the wheel, fill in the links; what was packed of older pages goes."""
    if exception or app.builder.format != "html":
        return
    site = Path(app.outdir)
    shutil.rmtree(site / FOLDER, ignore_errors=True)
    lying = site / published.NOTEBOOKS
    notebooks = sorted(lying.rglob("*.ipynb"))
    for file in notebooks:
        call = f"saveNotebook({json.dumps(file.name)}, {json.dumps(file.read_text(encoding='utf-8'))});\n"
        file.with_suffix(".ipynb.js").write_text(call, encoding="utf-8")
    files = {f"{NAME}-notebooks/{f.relative_to(lying).as_posix()}": f for f in notebooks}
    files |= {f"{NAME}-notebooks/{file.name}": file for file in lying.glob("*.whl")}
    if files:
        pack(site / places(published.read(Path(app.srcdir).parent).version)["notebooks"], files)
    fill(site)


def setup(app: Any) -> dict[str, bool]:
    """Sphinx's entry point."""
    app.add_role("offered", Offered())
    app.add_directive("offered-notebooks", OfferedNotebooks)
    app.connect("build-finished", offer, priority=900)  # when the notebooks and the wheel lie there
    return {"parallel_read_safe": True, "parallel_write_safe": True}
