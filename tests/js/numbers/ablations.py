"""Chapter 3.1's data of a few runs that were never made, its figures in print, and which switches commands set."""

import itertools
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import made_runs
import typer

from tlmlda_lib import methods
from tlmlda_lib.book.pages import traced
from tlmlda_lib.book.pages.ablations import switches
from tlmlda_lib.cli import main as cli
from tlmlda_lib.cli.arguments import assignments
from tlmlda_lib.experiments import settings, shipped, store

#: What the page says where nobody has recorded a state.
LINES = (
    (
        "C2B",
        "recommended-is10",
        "tlmlda run --scheme C2B --method tlmlda_l --features is10 --preset recommended-is10 --seeds 5",
    ),
    (
        "C2B",
        "recommended-is10",
        "tlmlda run --scheme C2B --method tlmlda --features is10 --preset recommended-is10 --seeds 5"
        " --set alpha.S=0 --set alpha.T=0 --set alpha.MMD=0",
    ),
    (
        "C2B",
        "authors-150",
        "tlmlda run --scheme C2B --method tlmlda_m --features is10 --preset authors --seeds 5 --epochs 150"
        " --set alpha.S=1 --set alpha.T=1 --set alpha.y=1 --set alpha.MMD=1 --set alpha.LMMD=1 --set update=constant",
    ),
    (
        "B2C",
        "recommended-is10",
        "tlmlda run --scheme B2C --method tlmlda_m --features is10 --preset recommended-is10 --seeds 5 "
        "--set update=constant",
    ),
)


def numbers() -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        _fill(Path(folder))
        records = shipped.records(results=folder)
    data = switches.curves(records, most=4)
    whole = traced.figure(records, "C2B", "tlmlda", "recommended-is10", grid="main", rule="oracle")
    figures = {}
    for bits, method in (("11011", "tlmlda_m"), ("11110", "tlmlda_w"), ("00011", "only_cls")):
        of = traced.figure(records, "C2B", method, "recommended-is10", grid="main", rule="oracle")
        figures[bits] = [_plain(of), _plain(of.minus(whole))]
    return {
        "data": data,
        "figures": figures,
        "same": {preset: _same("C2B", preset) for preset in ("recommended-is10", "authors")},
        "commands": [
            {"scheme": scheme, "setting": setting, "line": line, "switches": _of_line(line)}
            for scheme, setting, line in LINES
        ],
    }


def _fill(results: Path) -> None:
    """Three seeds of a few parts, and of one part two and another; with an authors' run of 150 epochs."""
    some = {"tlmlda": (0, 1, 2), "tlmlda_w": (1, 2, 3), "tlmlda_m": (0, 1, 2), "only_cls": (0, 1)}
    runs = [made_runs.record("C2B", m, seed=k) for m, seeds in some.items() for k in seeds]
    runs += [made_runs.record("B2C", "tlmlda", seed=0)]
    runs += [made_runs.record("C2B", "tlmlda_w", "authors", 0, epochs=150, grid="authors")]
    for run in runs:
        store.write(store.path(results, **run), run)


def _plain(figure: traced.Figure) -> str:
    """In print, without the single values that stand in brackets where there is no interval."""
    return str(figure).replace("\N{NO-BREAK SPACE}", " ").partition(" (")[0]


def _same(scheme: str, preset: str) -> dict[str, str | None]:
    """What the library calls each state of the switches."""
    own = switches.own_alpha(scheme, preset)
    found = {}
    for bits in map("".join, itertools.product("01", repeat=len(switches.SWITCHES))):
        on = {"S": bits[0], "T": bits[0], "y": "1", "MMD": bits[1], "LMMD": bits[2]}
        alpha = {name: (own[name] if bits[4] == "1" else 1) if b == "1" else 0 for name, b in on.items()}
        changes = {"alpha": alpha} | ({} if bits[3] == "1" else {"update": "constant"})
        found[bits] = _switches(scheme, "tlmlda", preset, changes)
    return found


def _of_line(line: str) -> str | None:
    """The switches that a command sets."""
    _, name, *rest = line.split()
    given = typer.main.get_command(cli.app).commands[name].make_context(name, rest).params
    changes = assignments(given["changes"]) | ({"epochs": given["epochs"]} if given["epochs"] else {})
    return _switches(given["scheme"][0], given["method"][0], given["preset"], changes)


def _switches(scheme: str, method: str, preset: str, changes: dict[str, Any]) -> str | None:
    options = methods.make(method, preset, **settings.of(method, preset, scheme, changes)).options()
    made = {"scheme": scheme, "method": method, "preset": preset, "overrides": changes, "params": vars(options)}
    return switches.switches(made)
