"""The command `tlmlda reports`: students' reports as a table and a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tlmlda_lib import files
from tlmlda_lib.cli.arguments import AsJson, Quiet, check_output, path, speaker
from tlmlda_lib.errors import UserError

if TYPE_CHECKING:
    from rich.table import Table


def reports(
    folder: Annotated[
        Path,
        typer.Argument(
            parser=path, help="Folder with the files that were handed in; subfolders count.", show_default=False
        ),
    ],
    table: Annotated[Path, typer.Option("--csv", metavar="FILE", parser=path, help="File of the table.")] = Path(
        "reports.csv"
    ),
    page: Annotated[Path, typer.Option("--html", metavar="FILE", parser=path, help="File of the page.")] = Path(
        "reports.html"
    ),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Read the reports of a class: who, which exercises passed, tries, hints, versions.

    `tlmlda reports handed-in`

    `tlmlda reports handed-in --csv week3.csv --html week3.html`

    A row per student and chapter; the newest of several reports counts. A broken or changed file is named in one
    sentence, and the others are read. Nothing leaves this machine, and only files that an earlier call wrote are
    replaced.
    """
    said = speaker(as_json, quiet)
    from tlmlda_lib.book.checks import gathering, report_page

    if files.is_same(table, page):
        raise UserError(f"--csv and --html name one file, {table}: give two")
    heads = {table: ("--csv", ",".join(gathering.COLUMNS) + "\n"), page: ("--html", report_page.MARK)}
    for file, (option, beginning) in heads.items():
        check_output(file, option)
        _may_be_written(file, beginning)
    found = gathering.gather(folder)
    rows = found.rows()
    texts = {table: gathering.as_csv(rows), page: report_page.page(found, folder.resolve().name)}
    for file, text in texts.items():
        files.put(file, text, "file")
    said.show(_shown(rows))
    for text in found.notes:
        said.note(f"note: {text}")
    said.show(f"written: {table}, {page}")
    said.json({"reports": rows, "notes": list(found.notes), "written": [str(table), str(page)]})


def _may_be_written(file: Path, beginning: str) -> None:
    """Raise if the file exists and this command did not write it."""
    try:
        if not file.exists():
            return
        if file.is_file():
            with open(file, encoding="utf-8", newline="") as there:
                if there.read(len(beginning)) == beginning:
                    return
    except (OSError, UnicodeDecodeError):
        pass
    raise UserError(f"{file} exists, and no earlier call wrote it: give another file")


def _shown(rows: list[dict[str, Any]]) -> Table:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="")
    for name in ("name", "chapter", "passed", "tries", "hints", "not passed"):
        table.add_column(name, justify="right" if name in ("passed", "tries", "hints") else "left", overflow="fold")
    for row in rows:
        counts = f"{row['passed']} of {row['of']}", str(row["tries"]), str(row["hints"])
        open_ones = " ".join(part for part in (row["not_passed"], row["not_tried"]) if part)
        table.add_row(escape(row["name"]), row["chapter"], *counts, open_ones)
    return table
