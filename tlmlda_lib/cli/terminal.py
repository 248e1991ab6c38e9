"""The output of the command line: tables, notes, JSON."""

from __future__ import annotations

import json
import math
import re
import sys
import textwrap
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from tlmlda_lib.errors import in_one_line, on_screen
from tlmlda_lib.progress import logged

if TYPE_CHECKING:
    import pandas as pd

#: Number of problems that are listed; `--json` has all of them.
LISTED = 20

#: Characters in a line of a cell; longer ones are folded.
WIDEST = 28


class Speaker:
    """The output helper: results on standard output, notes on standard error.

    Parameters
    ----------
    as_json : bool
        Print results as one JSON document instead of tables.
    quiet : bool
        Print only errors, and JSON if it was requested.
    """

    def __init__(self, *, as_json: bool = False, quiet: bool = False) -> None:
        self.as_json = as_json
        self.quiet = quiet
        self._parts: dict[str, Any] = {}
        self._kept: dict[str, Any] | None = None
        self._out = Console(highlight=False, emoji=False)
        self._error = Console(stderr=True, highlight=False, emoji=False)

    @property
    def progress(self) -> bool | None:
        """The value of ``progress=`` for features and methods: None shows a bar on a terminal."""
        return False if self.quiet or not self._error.is_terminal else None

    @property
    def width(self) -> int:
        """Characters in a line of the terminal."""
        return self._out.width

    @property
    def tables(self) -> bool:
        """Whether tables are printed."""
        return not (self.as_json or self.quiet)

    def show(self, *things: Any) -> None:
        """Print tables or lines of text, unless JSON or silence was requested.

        Parameters
        ----------
        *things : str or rich renderable
            Text is printed without markup.
        """
        if not self.tables:
            return
        for thing in things:
            fitted = fit(_plain_cells(thing), self._out) if isinstance(thing, Table) else thing
            if isinstance(fitted, str):
                self._out.print(Text(wrapped(on_screen(fitted), self.width)), soft_wrap=True)
            else:
                self._out.print(fitted)

    def print(self, text: str) -> None:
        """Print text unchanged, in lines of any length, unless JSON or silence was requested.

        Parameters
        ----------
        text : str
            The text.
        """
        if self.tables:
            print(text)

    def json(self, content: Mapping[str, Any]) -> None:
        """Print the result as JSON if that was requested; NaN becomes null.

        Parameters
        ----------
        content : mapping
            The result.
        """
        if self._kept is not None:
            self._kept |= content
        elif self.as_json:
            everywhere = "utf" not in (getattr(sys.stdout, "encoding", None) or "").lower()
            print(json.dumps(_plain({**content, **self._parts}), ensure_ascii=everywhere, indent=1, allow_nan=False))

    def part(self, name: str) -> Speaker:
        """The same for a step of a command: its JSON becomes a part of what the command says last.

        Parameters
        ----------
        name : str
            Of the part.
        """
        inner = Speaker(as_json=self.as_json, quiet=self.quiet)
        inner._kept = self._parts.setdefault(name, {})
        return inner

    def note(self, text: str) -> None:
        """Print a line beside the result.

        Parameters
        ----------
        text : str
            The line.
        """
        if not self.quiet:
            text = on_screen(text)
            text = wrapped(text, self._error.width) if self._error.is_terminal else text
            self._error.print(Text(text), soft_wrap=True)

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Turn warnings for the user into notes, each printed once, and long work into lines where no bar is shown."""
        from tlmlda_lib.corpora.left_out import without_python

        said: set[str] = set()

        def say(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
            text = without_python(str(message))
            ours = category.__module__.startswith("tlmlda_lib") or category is UserWarning
            if ours and text not in said:
                said.add(text)
                self.note(f"note: {text}")

        lines = None if self.quiet or self._error.is_terminal else self.note
        with warnings.catch_warnings(), logged(lines):
            warnings.simplefilter("always")
            warnings.showwarning = say
            yield


_NUMBER = re.compile(r"[-+<±\[(]? ?\d.*|-|unknown|")


def wrapped(text: str, width: int) -> str:
    """Text in lines of at most a width where words allow it: no path and no interval is cut.

    Parameters
    ----------
    text : str
        Its lines stay lines, and keep their indentation.
    width : int
        Characters in a line.
    """
    made = []
    for line in text.split("\n"):
        whole = re.sub(r"\[[^][]{1,20}\]", lambda match: match[0].replace(" ", "\N{NO-BREAK SPACE}"), line)
        indent = " " * (len(line) - len(line.lstrip(" ")))
        made += textwrap.wrap(
            whole,
            max(width, 20),
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
            expand_tabs=False,
            replace_whitespace=False,
        ) or [""]
    return "\n".join(made).replace("\N{NO-BREAK SPACE}", " ")


def fit(table: Table, console: Console) -> Table | str:
    """A table with columns of such widths that no word and no number is cut; below that, a paragraph for each row.

    Parameters
    ----------
    table : rich Table
        Its column widths are set.
    console : rich Console
        Where it goes.
    """
    least, most, natural = [], [], 0
    for column in table.columns:
        lines = [line for cell in column.cells for line in _text(cell).split("\n")]
        head = max(map(len, _text(column.header).split()), default=1)
        right = column.justify == "right"
        parts = [[line] if right and _NUMBER.fullmatch(line) else line.split() for line in lines]
        words = [len(word) for part in parts for word in part]
        least.append(max(head, *words, 1))
        longest = max(len(_text(column.header)), *map(len, lines), 1)
        natural += min(longest, column.max_width or longest)
        most.append(max(least[-1], min(longest, column.max_width or longest)))
    between = console.measure(table, options=console.options.update(width=10_000)).maximum - natural
    room = console.width - between
    if sum(least) > room:
        return _rows_as_text(table)
    widths = list(least)
    for _ in range(room - sum(least)):
        wider = max(range(len(widths)), key=lambda i: most[i] - widths[i])
        if widths[wider] >= most[wider]:
            break
        widths[wider] += 1
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    return table


def _rows_as_text(table: Table) -> str:
    """Each row as its first cell and, indented, the others behind their heads."""
    heads = [_text(column.header) for column in table.columns]
    paragraphs = []
    for row in zip(*(column.cells for column in table.columns), strict=True):
        first, *others = (re.sub(r"\n(?=\[)", " ", _text(cell)) for cell in row)
        paragraph = ", ".join(filter(None, (line.strip() for line in first.split("\n"))))
        for head, cell in zip(heads[1:], others, strict=True):
            if told := "; ".join(filter(None, cell.split("\n"))):
                paragraph += f"\n  {head}: {told}"
        paragraphs.append(paragraph.lstrip("\n"))
    return "\n\n".join(paragraphs) + "\n"


def _plain_cells(table: Table) -> Table:
    """The same table; a control character in a cell is written out."""
    for column in table.columns:
        column._cells = [on_screen(cell) if isinstance(cell, str) else cell for cell in column._cells]
    return table


def _text(cell: Any) -> str:
    return Text.from_markup(cell, emoji=False).plain if isinstance(cell, str) else cell.plain


def counts(described: Sequence[Mapping[str, Any]]) -> Table:
    """Files, speakers and files per emotion, with a column for each corpus.

    Parameters
    ----------
    described : sequence of mapping
        As from `tlmlda_lib.corpora.describe`.
    """
    from tlmlda_lib import corpora

    names = [d["corpus"] for d in described]
    known = [corpora.CORPORA.get(name, corpora.Corpus(name)) for name in names]
    heads = [f"{row.letter} {name}".strip() for name, row in zip(names, known, strict=True)]
    table = plain_table("", *heads, right=len(names))
    table.add_row("files", *(str(d["files"]) for d in described))
    if any(row.files for row in known):
        table.add_row("files as published", *(str(row.files or "") for row in known))
    table.add_row("speakers", *(str(d["speakers"]) for d in described), end_section=True)
    for emotion in corpora.EMOTIONS:
        if any(emotion in d["emotions"] for d in described):
            table.add_row(emotion, *(str(d["emotions"].get(emotion, "")) for d in described))
    return table


def catalogue(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Lines about published corpora, of at most 80 columns.

    Parameters
    ----------
    rows : iterable of mapping
        As from `tlmlda_lib.corpora.catalogue`.
    """
    lines = []
    for row in rows:
        marks = {name: " (unconfirmed)" for name in row["unconfirmed"]}
        counts = (f"{row[name]} {name}{marks.get(name, '')}" for name in ("files", "speakers"))
        lines += [
            f"{row['name']}: {row['title']}" + (f", {row['letter']} in schemes" if row["letter"] else ""),
            f"  {row['language']}{marks.get('language', '')}, {', '.join(counts)}",
            f"  {', '.join(row['emotions'])}{marks.get('names', '')}",
            f"  licence: {row['licence']}{marks.get('licence', '')}",
            f"  {row['address']}{marks.get('address', '')}",
        ]
    return lines


def table_2(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Sizes from Table 2 beside the counts found.

    Parameters
    ----------
    rows : sequence of mapping
        One for each pair of corpora.
    """
    from tlmlda_lib import corpora

    table = plain_table("pair", "emotions in common", "corpus", "Table 2", "found", right=2)
    for row in rows:
        pair = " ".join(map(corpora.short, row["pair"])) + ("" if row["printed"] else " (ours)")
        for i, name in enumerate(row["pair"]):
            found = row["found"][name]
            table.add_row(
                pair if not i else "",
                ", ".join(row["emotions"]) if not i else "",
                name,
                str(row["expected"][name]),
                "not here" if found is None else f"{found}{'' if found == row['expected'][name] else ' (differs)'}",
                end_section=i == 1,
            )
    return table


def problem(one: Mapping[str, str]) -> str:
    """A file and what is wrong with it, in one line.

    Parameters
    ----------
    one : {"file", "problem"}
        As in ``attrs["problems"]`` of a table.
    """
    from tlmlda_lib.corpora.left_out import without_python

    return f"{in_one_line(one['file'])} {without_python(one['problem'])}"


def problems(of: str, found: Sequence[Mapping[str, str]]) -> list[str]:
    """A line for each problem of a corpus, the first `LISTED`.

    Parameters
    ----------
    of : str
        Name of the corpus.
    found : sequence of {"file", "problem"}
        Its problems.
    """
    if not found:
        return [f"{of}: no problem"]
    lines = [f"{of}: {len(found)} {'problem' if len(found) == 1 else 'problems'}"]
    lines += [f"  {problem(p)}" for p in found[:LISTED]]
    if len(found) > LISTED:
        lines.append(f"  and {len(found) - LISTED} more: --json lists them all")
    return lines


def runs(rows: Iterable[Mapping[str, Any]]) -> Table:
    """Records as a table of at most 80 columns: the run, and score and interval for each epoch rule.

    A method without epochs has one score.

    Parameters
    ----------
    rows : iterable of mapping
        As from `tlmlda_lib.experiments.tables.summary`.
    """
    from tlmlda_lib.evaluation import METRICS, RULES
    from tlmlda_lib.experiments import tables

    rows = list(rows)
    ruled = any(row["epochs"] for row in rows)
    table = plain_table("run", *(["epoch rule"] if ruled else []), "WAR %", "UAR %", right=2)
    for row in rows:
        counted = RULES if row["epochs"] else ("final",)
        seeds = f"{row['seeds']} {'seed' if row['seeds'] == 1 else 'seeds'}"
        what = [
            *(f"{row['scheme']}  {row['method']}", row["settings"], row["scaling"], seeds),
            *(f"{row['seconds']:.1f} s a run", f"{row['peak_memory_mib']:.0f} MiB at most"),
        ]
        scores = [[tables.cell(row, f"{rule}_{m}").replace(" [", "\n[") for rule in counted] for m in METRICS]
        rules = [[f"{rule}\n" for rule in counted] if row["epochs"] else ["no epochs"]] if ruled else []
        table.add_row(*("\n".join(map(escape, column)) for column in (what, *rules, *scores)), end_section=True)
    return table


def confusion(one: Mapping[str, Any], width: int) -> list[Any]:
    """A confusion matrix with a title.

    Parameters
    ----------
    one : mapping
        As from `tlmlda_lib.experiments.tables.confusions`.
    width : int
        Largest width.
    """
    import pandas as pd

    runs = "" if one["seeds"] == 1 else f", {one['seeds']} seeds summed"
    epochs = "; last epoch" if one["epochs"] else ""
    rows = [
        {"acted": name, "recall %": "-" if math.isnan(share) else f"{share:.1f}"}
        | dict(zip(one["classes"], map(str, counts), strict=True))
        for (name, share), counts in zip(one["recall"].items(), one["counts"], strict=True)
    ]
    title = f"{one['scheme']}  {one['method']}, {one['settings']}: recordings by acted emotion (rows) and answer{runs}"
    return [title + epochs, *frames(pd.DataFrame(rows), 2, width)]


def predictions(files: int, names: Mapping[str, int]) -> Table:
    """How often each emotion was predicted.

    Parameters
    ----------
    files : int
        Number of recordings.
    names : mapping of str to int
        Recordings by emotion.
    """
    table = plain_table("emotion", "recordings", "share", right=2)
    for name, n in names.items():
        table.add_row(name, str(n), f"{100 * n / files:.0f} %")
    return table


def checks(found: Sequence[Mapping[str, str]]) -> Table:
    """The checks of `tlmlda_lib.cli.doctor` as a table.

    Parameters
    ----------
    found : sequence of dict
        As from `tlmlda_lib.cli.doctor.examine`.
    """
    table = plain_table("", "what", "found", "how to fix it")
    marks = {"ok": "[green]ok[/]", "missing": "[yellow]missing[/]", "wrong": "[red]wrong[/]"}
    for check in found:
        table.add_row(marks[check["state"]], *(escape(check[key]) for key in ("what", "found", "mend")))
    return table


def frames(words: pd.DataFrame, names: int, width: int) -> list[Table]:
    """A data frame as tables no wider than the terminal.

    Each has the first columns and as many of the others as fit. A line separates rows with different first cells,
    unless these are indented.

    Parameters
    ----------
    words : DataFrame
        Text.
    names : int
        Number of first columns that are repeated.
    width : int
        Largest width.
    """
    text = words.astype(str)
    first: list[str] = list(text)[:names]
    longest = {c: max(len(str(c)), *text[c].str.len(), 1) for c in text}
    widths = {c: (min(n, WIDEST) if c in first else n) + 3 for c, n in longest.items()}  # with what is between two
    blocks: list[list[str]] = [[]]
    left = width + 1 - sum(widths[c] for c in first)
    for column in list(text)[names:]:
        if blocks[-1] and sum(widths[c] for c in (*blocks[-1], column)) > left:
            blocks.append([])
        blocks[-1].append(column)
    made = []
    for block in blocks:
        table = plain_table(*first, *block, right=len(block))
        for column in table.columns[: len(first)]:
            column.max_width = WIDEST
        rows = text[[*first, *block]].to_numpy().tolist()
        for row, following in zip(rows, [*rows[1:], [None]], strict=True):
            ends = row[0] != following[0] and not str(following[0]).startswith(" ")
            table.add_row(*map(escape, row), end_section=ends)
        made.append(table)
    return made


def costs(seconds: Mapping[tuple[str, str], Sequence[float | None]]) -> Table:
    """Cells to run and their expected duration, by method and preset.

    Parameters
    ----------
    seconds : mapping of (str, str) to sequence of float or None
        Seconds of each cell; None if unknown.
    """
    table = plain_table("method", "preset", "cells", "seconds each", "together", right=3)
    for (method, preset), each in seconds.items():
        known = [s for s in each if s is not None]
        mean = f"{sum(known) / len(known):.0f}" if known else "unknown"
        table.add_row(method, preset, str(len(each)), mean, duration(sum(known)) if known else "unknown")
    return table


def reruns(first: str, second: str, rows: Mapping[str, Mapping[str, Any]]) -> Table:
    """Plans or pages with their runs and what these take.

    Parameters
    ----------
    first, second : str
        Heads of the columns.
    rows : mapping of str to mapping
        By name: ``what``, ``runs``, ``seconds`` of those whose time is known, and how many are ``unknown``.
    """
    table = plain_table(first, second, "runs", "together", right=2)
    for name, row in rows.items():
        known = row["runs"] - row["unknown"]
        taken = duration(row["seconds"]) + (" and more" if row["unknown"] else "") if known else "unknown"
        table.add_row(name, escape(row["what"]), str(row["runs"] or "-"), taken if row["runs"] else "-")
    return table


def duration(seconds: float) -> str:
    """A duration as "3 h 20 min", "12 min" or "40 s".

    Parameters
    ----------
    seconds : float
        The duration.
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def plain_table(*heads: str, right: int = 0) -> Table:
    """An empty table in the command line's manner.

    Parameters
    ----------
    *heads : str
        Of the columns.
    right : int
        Number of last columns that hold numbers.
    """
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for i, head in enumerate(heads):
        table.add_column(head, justify="right" if i >= len(heads) - right else "left", overflow="fold")
    return table


def _plain(value: Any) -> Any:
    """The value in types that JSON has."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, bool | int | float | str) or value is None else str(value)
