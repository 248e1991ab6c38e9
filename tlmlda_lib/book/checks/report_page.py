"""The reports of a class as one page: no script, no network, light and dark, wide screen and phone."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from tlmlda_lib.book.checks.exercises import EXERCISES
from tlmlda_lib.book.checks.gathering import Gathered, Report, in_words, readable

#: First lines of a page that the library wrote, which may therefore be overwritten.
MARK = "<!doctype html>\n<!-- tlmlda reports -->\n"

WHO = ("name", "chapter", "passed", "exercises", "tries", "hints", "written", "versions", "file")
BY_EXERCISE = ("exercise", "passed", "tries, mean", "hints, mean")

STYLE = """\
:root { color-scheme: light dark; --ink: #1c2733; --quiet: #55606c; --paper: #fff; --line: #d3d9df; --good: #0b6b3a;
  --open: #8a4b00; --band: #f4f6f8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ec; --quiet: #a9b3bd; --paper: #14181d; --line: #39424c;
  --good: #6fd3a0; --open: #f0b266; --band: #1d232a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 75rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1, .name, .file, .notes { overflow-wrap: anywhere; }
@media (min-width: 66.01rem) { .list { min-width: 19rem; } .name { min-width: 9rem; } .file { min-width: 7rem; } }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
p { margin: 0 0 .5rem; } .quiet { color: var(--quiet); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); }
td.number, th.number { text-align: right; }
ul { margin: 0; padding: 0; list-style: none; } .notes li { margin-bottom: .35rem; }
.passed { color: var(--good); } .open { color: var(--open); }
@media (max-width: 66rem) {
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, tbody, tr, td { display: block; width: 100%; }
  tr { border: 1px solid var(--line); border-radius: .4rem; padding: .5rem .7rem; margin-bottom: .7rem;
    background: var(--band); }
  td, td.number { border: 0; padding: .1rem 0; text-align: left; }
  td[data-label]::before { content: attr(data-label) ": "; color: var(--quiet); }
  td.name { font-weight: 600; } td.list::before { display: block; }
}
@media print { body { max-width: none; padding: 0; } tr { break-inside: avoid; } }
"""


def page(found: Gathered, folder: str) -> str:
    """Write the page.

    Parameters
    ----------
    found : Gathered
        What `gather` read.
    folder : str
        Name of the folder, for the heading.

    Returns
    -------
    str
        HTML; names and all other texts from reports are escaped.
    """
    reports = found.reports
    people = len({report.whose[0] for report in reports})
    chapters = len({report.whose[1] for report in reports})
    parts = [
        f"<h1>Reports in {_safe(folder)}</h1>",
        f'<p class="quiet">{_count(len(reports), "report", "reports")}, '
        f"{_count(people, 'name', 'names')}, {_count(chapters, 'chapter', 'chapters')}. This page names students: it "
        "was written on this machine and loads nothing from any other.</p>",
    ]
    if found.notes:
        listed = "".join(f"<li>{_safe(note)}</li>" for note in found.notes)
        parts.append(f'<h2>{_count(len(found.notes), "note", "notes")}</h2><ul class="notes">{listed}</ul>')
    if reports:
        parts += ["<h2>Who</h2>", _table(WHO, _who(reports))]
        parts += ["<h2>By exercise</h2>", _table(BY_EXERCISE, _by_exercise(reports))]
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>Reports in {_safe(folder)}</title>\n<style>\n{STYLE}</style>"
    )
    return f'{MARK}<html lang="en"><head>{head}</head>\n<body><main>\n' + "\n".join(parts) + "\n</main></body></html>\n"


def _who(reports: Iterable[Report]) -> Iterable[list[str]]:
    for report in reports:
        row, numbers = report.row(), []
        for one in report.content["exercises"]:
            kind = "passed" if one["passed"] is not None else "open"
            numbers.append(f'<li class="{kind}" title="{_safe(one["title"])}">{_safe(in_words(one))}</li>')
        numbers += [f'<li class="quiet">{_safe(number)} not tried</li>' for number in row["not_tried"].split()]
        of_class = f", class {row['class']}" if row["class"] else ""
        yield [
            f"<bdi>{_safe(row['name'])}</bdi>",
            _safe(row["chapter"]),
            f"{row['passed']} of {row['of']}",
            f"<ul>{''.join(numbers)}</ul>",
            str(row["tries"]),
            str(row["hints"]),
            report.order[0].strftime("%Y-%m-%d %H:%M UTC"),
            _safe(f"library {row['library']}, Python {row['python']}{of_class}"),
            f"<bdi>{_safe(row['file'])}</bdi>",
        ]


def _by_exercise(reports: tuple[Report, ...]) -> Iterable[list[str]]:
    entries: dict[str, list[dict[str, Any]]] = {}
    for report in reports:
        for one in report.content["exercises"]:
            entries.setdefault(one["number"], []).append(one)
    for number in sorted(entries, key=lambda n: [int(part) for part in n.split(".")]):
        mine = entries[number]
        handed_in = sum(report.content["chapter"] == number.rpartition(".")[0] for report in reports)
        title = EXERCISES[number].title if number in EXERCISES else mine[0]["title"]
        yield [
            _safe(f"{number} {title}"),
            f"{sum(one['passed'] is not None for one in mine)} of {handed_in}",
            f"{sum(one['tries'] for one in mine) / len(mine):.1f}",
            f"{sum(one['hints'] for one in mine) / len(mine):.1f}",
        ]


def _table(heads: tuple[str, ...], rows: Iterable[list[str]]) -> str:
    kinds = {"tries": "number", "hints": "number", "tries, mean": "number", "hints, mean": "number"}
    kinds |= {heads[0]: "name", "exercises": "list", "file": "file"}
    top = "".join(f'<th scope="col" class="{kinds.get(head, "")}">{head.capitalize()}</th>' for head in heads)
    labels = {head: f' data-label="{head}"' for head in heads[1:]}
    lines = []
    for row in rows:
        cells = (f'<td class="{kinds.get(h, "")}"{labels.get(h, "")}>{c}</td>' for h, c in zip(heads, row, strict=True))
        lines.append(f"<tr>{''.join(cells)}</tr>")
    body = "\n".join(lines)
    return f"<table><thead><tr>{top}</tr></thead>\n<tbody>\n{body}\n</tbody></table>"


def _count(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"


def _safe(text: str) -> str:
    return escape(readable(text))
