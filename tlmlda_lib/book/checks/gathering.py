"""A folder of reports that were handed in, as a table; nothing leaves the machine."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tlmlda_lib.book.checks.exercises import EXERCISES
from tlmlda_lib.book.checks.reports import chapter_of, read_report, same_name
from tlmlda_lib.errors import UserError

#: Columns of the table, in their order.
COLUMNS = (
    *("name", "chapter", "passed", "of", "tries", "hints", "passed_exercises", "not_passed", "not_tried", "exercises"),
    *("class", "written", "library", "python", "file"),
)
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")


@dataclass(frozen=True)
class Report:
    """A report, and the file that contains it."""

    content: dict[str, Any]  # as `read_report` gives it
    file: str  # below the folder

    @property
    def whose(self) -> tuple[str, str]:
        """Student and chapter: equal for two reports by one student on one chapter."""
        return same_name(self.content["name"]), self.content["chapter"]

    @property
    def order(self) -> tuple[datetime, int, str]:
        """Sort key, of which the last counts: newest, then most passed."""
        passed = sum(one["passed"] is not None for one in self.content["exercises"])
        return datetime.fromisoformat(self.content["written"]).astimezone(UTC), passed, self.file

    def row(self) -> dict[str, Any]:
        """The report as a row of the table, by `COLUMNS`."""
        by_number = {one["number"]: one for one in self.content["exercises"]}
        known = [number for number in EXERCISES if chapter_of(number) == self.content["chapter"]]
        numbers = sorted({*known, *by_number}, key=_order)
        passed = [n for n in numbers if n in by_number and by_number[n]["passed"] is not None]
        return {
            "name": readable(self.content["name"]),
            "chapter": self.content["chapter"],
            "passed": len(passed),
            "of": len(numbers),
            "tries": sum(one["tries"] for one in by_number.values()),
            "hints": sum(one["hints"] for one in by_number.values()),
            "passed_exercises": " ".join(passed),
            "not_passed": " ".join(n for n in numbers if n in by_number and n not in passed),
            "not_tried": " ".join(n for n in numbers if n not in by_number),
            "exercises": "; ".join(in_words(by_number[n]) for n in numbers if n in by_number),
            "class": readable(self.content["class"] or ""),
            "written": self.content["written"],
            "library": readable(self.content["library"]),
            "python": readable(self.content["python"]),
            "file": self.file,
        }


@dataclass(frozen=True)
class Gathered:
    """The reports in a folder."""

    reports: tuple[Report, ...]  # that count, by name and chapter
    notes: tuple[str, ...]  # a sentence for each file that does not count
    files: int  # number of files that were read

    def rows(self) -> list[dict[str, Any]]:
        """A row for each student and chapter, by `COLUMNS`."""
        return [one.row() for one in self.reports]


def gather(folder: str | Path) -> Gathered:
    """Read all reports below a folder, and say why a file does not count.

    Parameters
    ----------
    folder : str or Path
        As a learning system unpacks it, with a folder per student or all files side by side. Every ``.json`` file is
        read, except hidden files and those that a system adds.

    Returns
    -------
    Gathered
        The newest counts if there are several reports by one name for one chapter.

    Raises
    ------
    UserError
        If the folder does not exist or contains no file that could be a report.
    """
    root = Path(folder)
    if not root.is_dir():
        raise UserError(f"{root} is not a folder: give the one with the reports that were handed in")
    notes: list[str] = []
    newest: dict[tuple[str, str], Report] = {}
    files = 0
    for file in _candidates(root, notes):
        files += 1
        shown = readable(str(file.relative_to(root)))
        try:
            one = Report(read_report(file), shown)
        except UserError as error:
            notes.append(shown + readable(str(error).removeprefix(str(file)), edge=True) + ".")
            continue
        other = newest.get(one.whose)
        older, newest[one.whose] = sorted([one, other], key=lambda r: r.order) if other else (None, one)
        if older:
            notes.append(_twice(older, newest[one.whose]))
    if not files and not notes:
        raise UserError(f"{root} contains no report: students' files end in .json, as report-2.3-ann-smith.json")
    reports = sorted(newest.values(), key=lambda r: (r.whose[0], _order(r.whose[1])))
    return Gathered(tuple(reports), tuple(notes), files)


def _candidates(root: Path, notes: list[str]) -> Iterator[Path]:
    """Files that may be reports, in a fixed order; folders that cannot be read are noted."""

    def closed(error: OSError) -> None:
        notes.append(f"{readable(os.path.relpath(error.filename, root))} cannot be read ({error.strerror}).")

    for place, folders, names in os.walk(root, onerror=closed):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__MACOSX", "@eaDir")))
        for name in sorted(names):
            file = Path(place, name)
            if name.startswith("."):
                continue
            if name.lower().endswith(ARCHIVES):
                notes.append(
                    f"{readable(str(file.relative_to(root)))} is an archive: unpack it and run the command again."
                )
            elif name.lower().endswith(".json"):
                yield file


def _twice(older: Report, newer: Report) -> str:
    name, chapter = readable(newer.content["name"]), newer.content["chapter"]
    if older.content["digest"] == newer.content["digest"]:
        return f"{older.file} is the same report as {newer.file}, of {name} for chapter {chapter}: it counts once."
    return f"{older.file} is an earlier report of {name} for chapter {chapter}: {newer.file} counts."


def in_words(one: dict[str, Any]) -> str:
    """What happened in an exercise, as "2.3.1 passed, 2 tries, 1 hint".

    Parameters
    ----------
    one : dict
        An entry of a report's ``exercises``.
    """
    state = "passed" if one["passed"] is not None else "not passed"
    tries, hints = one["tries"], one["hints"]
    words = f"{one['number']} {state}, {tries} {'try' if tries == 1 else 'tries'}"
    return words + (f", {hints} {'hint' if hints == 1 else 'hints'}" if hints else "")


def readable(text: str, *, edge: bool = False) -> str:
    """Text from elsewhere as one printable line.

    Parameters
    ----------
    text : str
        The text.
    edge : bool
        Keep a space at its beginning.
    """
    kept = "".join(c if c.isprintable() else " " for c in text.encode("utf-8", "replace").decode("utf-8"))
    return (" " if edge and kept.startswith(" ") else "") + " ".join(kept.split())


def _order(number: str) -> list[int]:
    return [int(part) for part in number.split(".")]


def as_csv(rows: list[dict[str, Any]]) -> str:
    """The rows as comma-separated text; an apostrophe precedes what a spreadsheet would take for a formula.

    Parameters
    ----------
    rows : list of dict
        By `COLUMNS`.
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        texts = {k: f"'{v}" if isinstance(v, str) and v.startswith(("=", "+", "-", "@")) else v for k, v in row.items()}
        writer.writerow(texts)
    return out.getvalue()
