"""What `tlmlda reproduce` does for a page of the book beside its grid, and what it lists without a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from tlmlda_lib.errors import UserError

if TYPE_CHECKING:
    from tlmlda_lib.cli.terminal import Speaker
    from tlmlda_lib.experiments.plans import Cell

#: Said of a page that reads no record.
COMPUTED = "{}: the numbers of this page are computed when it is built, so there is no run to repeat"


def parts(name: str, changed: Sequence[str] = ()) -> tuple[list[Cell] | None, list[str]]:
    """The cells and the commands behind a page's or a command's name; no cells at all (None) where it is a plan's.

    Parameters
    ----------
    name : str
        Of a plan, a command's collection or a page.
    changed : sequence of str
        Options that were given to choose other cells; only a plan can have them.

    Raises
    ------
    UserError
        If nothing has this name, or other cells were asked for of what is no plan.
    """
    from tlmlda_lib.experiments import plans, reruns

    if name in plans.PLANS:
        return None, []
    if name not in reruns.named():
        raise reruns.unknown(name)
    if changed:
        kind = "page" if name in reruns.PAGES else "collection"
        raise UserError(f"{name} is a {kind}, whose runs are fixed: leave out {', '.join(changed)}, or name a plan")
    if name in plans.COMMANDS:
        return [], [name]
    return reruns.cells(name), reruns.commands(name)


def pending(name: str, sealed: Path, runs: Path) -> dict[str, int]:
    """How many of a command's cells (of a search) or schemes have which state: "missing", "stale", "kept".

    Parameters
    ----------
    name : str
        A key of `tlmlda_lib.experiments.plans.COMMANDS`.
    sealed, runs : path
        Folders of sealed and of single records.
    """
    from tlmlda_lib import domains
    from tlmlda_lib.experiments import scatter, searches, store, stress

    if name == "stress":
        return Counter(stress.state(runs, sealed, scheme) for scheme in domains.OPEN_SCHEMES)
    if name == "figure2":
        return Counter(scatter.state(runs, sealed, scheme) for scheme in domains.OPEN_SCHEMES)
    one = next(one for one in searches.SEARCHES.values() if one.grid == name)
    there = [folder for folder in (sealed, runs) if folder.exists()]
    records = store.scan(*there, grid=name)[0] if there else []
    stale = sum(bool(store.stale(r)) for r in records)
    left = len(one.todo(records))
    return {"missing": left, "stale": stale, "kept": len(records) - stale}


def run(
    said: Speaker, names: Iterable[str], runs: Path, sealed: Path, corpora: Path | None, *, jobs: int, stale: bool
) -> dict[str, str]:
    """Run each command, and go on if one fails; return the reasons of those that failed.

    Parameters
    ----------
    said : tlmlda_lib.cli.terminal.Speaker
        Each command's JSON becomes a part of its own.
    names : iterable of str
        Keys of `tlmlda_lib.experiments.plans.COMMANDS`.
    runs, sealed, corpora : path
        Folders of single and of sealed records, and of the corpora.
    jobs : int
        Processes; 0: only this one.
    stale : bool
        Make again what depends on an older revision.
    """
    from tlmlda_lib import domains, methods
    from tlmlda_lib.cli import figure2, search, stress
    from tlmlda_lib.experiments import plans

    schemes = list(domains.OPEN_SCHEMES)
    failed = {}
    for name in names:
        inner, words = said.part(name), plans.COMMANDS[name].words
        said.note(f"tlmlda {' '.join(words)}")
        try:
            if words[0] == "search":
                search.go_on(inner, words[1], runs, sealed, corpora, jobs=jobs, stale=stale)
            elif words[0] == "stress":
                sets = methods.feature_sets("ifn")
                stress.go_on(inner, schemes, runs, sealed, corpora, sets, jobs=jobs, stale=stale)
            else:
                figure2.go_on(inner, schemes, runs, sealed, corpora, jobs=jobs, stale=stale)
        except UserError as error:
            failed[name] = str(error)
        except typer.Exit:
            failed[name] = "see the message above"
    return failed


def listing(said: Speaker, sealed: Path, runs: Path, threads: int) -> None:
    """Every plan, command and page, with its runs and what they take on one process.

    Parameters
    ----------
    said : tlmlda_lib.cli.terminal.Speaker
        Prints the two tables.
    sealed, runs : path
        Folders of sealed and of single records, from which the times are known.
    threads : int
        Of each run.
    """
    from tlmlda_lib.cli import terminal
    from tlmlda_lib.experiments import estimate, plans, reruns, store

    records = store.scan(*there)[0] if (there := [f for f in (sealed, runs) if f.exists()]) else []
    made = {name: plans.of_plan(name) for name in plans.PLANS}
    made |= {page: reruns.cells(page) for page in reruns.PAGES}
    every = {cell.place(""): cell for cells in made.values() for cell in cells}
    guess = dict(zip(every, estimate.estimate(list(every.values()), records, threads).seconds, strict=True))
    own = {name: [r.get("seconds") for r in records if r["grid"] == name] for name in plans.COMMANDS}

    def row(what: str, cells: Sequence[Cell], commands: Sequence[str] = ()) -> dict[str, Any]:
        seconds = [guess[cell.place("")] for cell in cells] + [s for name in commands for s in own[name]]
        known = [s for s in seconds if s is not None]
        return {"what": what, "runs": len(seconds), "seconds": sum(known), "unknown": len(seconds) - len(known)}

    rows = {name: row(plan.what, made[name]) for name, plan in plans.PLANS.items()}
    rows |= {name: row(f"{c.what}: `tlmlda {' '.join(c.words)}`", [], [name]) for name, c in plans.COMMANDS.items()}
    pages = {
        page: row(", ".join(dict.fromkeys(p.plan for p in of)) or "-", made[page], reruns.commands(page))
        for page, of in reruns.PAGES.items()
    }
    said.show(terminal.reruns("plan", "what", rows), terminal.reruns("page", "reads", pages))
    said.show("`tlmlda reproduce NAME --dry-run` says which of its runs are missing; times are for one process.")
    said.json({"plans": rows, "pages": pages})


def lines(states: Mapping[str, Mapping[str, int]]) -> list[str]:
    """What a dry run says of commands.

    Parameters
    ----------
    states : mapping of str to mapping
        By collection, from `pending`.
    """
    from tlmlda_lib.experiments import plans

    return [
        f"{name}: {', '.join(f'{n} {_unit(name)} {state}' for state, n in of.items() if n) or 'nothing'}"
        f" (`tlmlda {' '.join(plans.COMMANDS[name].words)}`)"
        for name, of in states.items()
    ]


def _unit(name: str) -> str:
    """What a command counts: a search its runs, the others schemes, each of which is made at once."""
    return "runs" if name.startswith("search") else "schemes"
