"""Commands about many runs: `tlmlda reproduce` and `tlmlda tables`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tlmlda_lib.cli import reruns
from tlmlda_lib.cli.arguments import (
    METHODS,
    AsJson,
    Corpora,
    Jobs,
    Quiet,
    Results,
    Runs,
    assignments,
    scheme_names,
    sealed_records,
    speaker,
)
from tlmlda_lib.errors import UserError

if TYPE_CHECKING:
    from tlmlda_lib.cli.terminal import Speaker
    from tlmlda_lib.experiments.grid import Outcome
    from tlmlda_lib.experiments.plans import Cell

#: Options of `tlmlda reproduce` that choose other cells than a plan's.
_CHOOSE = ("--scheme", "--method", "--preset", "--seeds", "--epochs", "--set", "--grid")


def reproduce(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="A plan (quick, main, table3, ...), or a page of the book (peeking, peers, ...) for the runs that it "
            "reads. Without it, and without --scheme, all are listed with what they cost.",
            show_default=False,
        ),
    ] = None,
    scheme: Annotated[
        list[str] | None, typer.Option("--scheme", help="In place of the plan's; again for more; `open` for all six.")
    ] = None,
    method: Annotated[
        list[str] | None,
        typer.Option("--method", help=f"In place of the plan's; again for more: {', '.join(METHODS)}."),
    ] = None,
    preset: Annotated[
        list[str] | None,
        typer.Option(
            "--preset",
            help="In place of the plan's; again for more. A method takes those that it has; without a "
            "plan the default is recommended-is10, of ifn recommended.",
        ),
    ] = None,
    seeds: Annotated[int | None, typer.Option("--seeds", min=1, help="In place of the plan's (5).")] = None,
    epochs: Annotated[int | None, typer.Option("--epochs", min=1, help="In place of the presets'.")] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Change an option of the presets; alpha.y=3 is a factor."),
    ] = None,
    runs: Runs = Path("runs"),
    results: Results = None,
    grid: Annotated[
        str | None,
        typer.Option("--grid", help="Collection that the records belong to; without it the plan's, or main."),
    ] = None,
    jobs: Jobs = 1,
    dask: Annotated[
        str | None, typer.Option("--dask", metavar="ADDRESS", help="Run on the workers of this Dask scheduler.")
    ] = None,
    threads: Annotated[
        int, typer.Option("--threads", min=1, help="Threads of each run; bit-identical scores need equal numbers.")
    ] = 1,
    stale: Annotated[bool, typer.Option("--stale", help="Run again what depends on older code or other data.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would run and how long it would take.")] = False,
    corpora: Corpora = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Run a whole grid: schemes x methods x presets x seeds, each cell once.

    `tlmlda reproduce` lists the plans and the book's pages

    `tlmlda reproduce table3 --jobs 4`

    `tlmlda reproduce peeking --dry-run`

    `tlmlda reproduce --scheme C2B --method tlmlda --method pca_svm --preset quick --seeds 2`

    A cell with a record is not run again. You may stop the command at any time, or lose power: run it again and it
    continues. Two at once on the same runs do no harm. A failed cell stops nothing else and is reported at the end,
    with exit status 1; schemes whose corpora are missing are left out.

    Then `tlmlda tables` prints the tables.
    """
    said = speaker(as_json, quiet)
    from tlmlda_lib import domains
    from tlmlda_lib.experiments import grid as runner

    chosen = (scheme, method, preset, seeds, epochs, changes, grid)
    changed = [option for option, value in zip(_CHOOSE, chosen, strict=True) if value is not None]
    sealed = sealed_records(said, results)
    if name is None and not changed:
        reruns.listing(said, sealed, runs, threads)
        return
    fixed, commands = (None, []) if name is None else reruns.parts(name, changed)
    cells = _cells(name, *chosen) if fixed is None else fixed
    if not cells and not commands:
        said.show(words := reruns.COMPUTED.format(name))
        said.json({"cells": [], "count": {}, "notes": [words]})
        return
    with said.noting():
        found = runner.progress_of(cells, sealed, runs)
        if dry_run:
            states = {other: reruns.pending(other, sealed, runs) for other in commands}
            _say_what_would_run(said, found, states, (sealed, runs), stale, jobs, threads)
            return
        outcomes = runner.run_grid(
            cells,
            lambda name, sets=("is10",): domains.load_pair(name, corpora, sets, workers=dask, progress=said.progress),
            runs=runs,
            results=sealed,
            jobs=jobs,
            dask=dask,
            threads=threads,
            stale=stale,
        )
        ended = list(shown(said, outcomes, len(cells))) if cells else []
    if cells:
        grids = ", ".join(dict.fromkeys(str(runs / cell.grid) for cell in cells))
        count = ", ".join(f"{n} {state}" for state, n in Counter(o.state for o in ended).items())
        said.show(f"{count}; records: {grids}")
    end(said, ended, runs, reruns.run(said, commands, runs, sealed, corpora, jobs=jobs, stale=stale))


def end(
    said: Speaker,
    ended: list[Outcome],
    runs: Path,
    refused: Mapping[str, str] = MappingProxyType({}),
    content: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Say what was not run, and exit with status 1 where something failed.

    Parameters
    ----------
    said : Speaker
        The output helper.
    ended : list of Outcome
        All outcomes.
    runs : Path
        Folder of the records.
    refused : dict of str to str
        Commands that failed, and why.
    content : dict
        What else belongs into the JSON.

    Raises
    ------
    UserError
        If nothing was run.
    """
    from tlmlda_lib.experiments import tables as made

    absent = {o.cell.scheme: o.message for o in ended if o.state == "absent"}
    for name, why in absent.items():
        said.note(f"note: {name} not run: {why}")
    failed = [o for o in ended if o.state == "failed"]
    for outcome in failed:
        said.note(f"failed: {outcome.cell}: {outcome.message}")
    for command, why in refused.items():
        said.note(f"failed: {command}: {why}")
    records = [o.record for o in ended if o.record is not None]
    notes = made.notes(records)
    for text in notes:
        said.note(f"note: {text}")
    count = dict(Counter(o.state for o in ended))
    said.json({"cells": [_plain(o, runs) for o in ended], "count": count, "notes": notes, **content})
    if failed or refused:
        raise typer.Exit(1)
    if ended and not records:
        raise UserError(f"nothing was run: {next(iter(absent.values()), 'the grid is empty')}")


def _cells(
    plan: str | None,
    scheme: list[str] | None,
    method: list[str] | None,
    preset: list[str] | None,
    seeds: int | None,
    epochs: int | None,
    changes: list[str] | None,
    grid: str | None,
) -> list[Cell]:
    from tlmlda_lib.experiments import plans, run

    params = assignments(changes) | ({} if epochs is None else {"epochs": epochs})
    schemes = scheme_names(scheme) if scheme else None
    if plan is not None:
        return plans.of_plan(plan, schemes=schemes, names=method, presets=preset, seeds=seeds, params=params, grid=grid)
    if not schemes or not method:
        raise UserError("give what to run: a plan or a page (`tlmlda reproduce` lists them), or --scheme and --method")
    usual = {one: run.default_preset(one) for one in method}
    made = plans.cells(
        schemes,
        method,
        preset or list(dict.fromkeys(usual.values())),
        5 if seeds is None else seeds,
        params=params,
        grid=grid or "main",
    )
    return made if preset else [cell for cell in made if cell.preset == usual[cell.method]]


def _say_what_would_run(
    said: Speaker,
    found: Mapping[str, list[Cell]],
    commands: Mapping[str, Mapping[str, int]],
    folders: tuple[Path, ...],
    stale: bool,
    jobs: int,
    threads: int,
) -> None:
    from tlmlda_lib.cli import terminal
    from tlmlda_lib.experiments import estimate, store

    records = store.scan(*folders)[0] if any(folder.exists() for folder in folders) else []
    todo = found["missing"] + (found["stale"] if stale else [])
    guess = estimate.estimate(todo, records, threads)
    rows: dict[tuple[str, str], list[float | None]] = {}
    for cell, seconds in zip(todo, guess.seconds, strict=True):
        rows.setdefault((cell.method, str(cell.preset)), []).append(seconds)
    jobs = max(jobs, 1)
    wall = guess.wall(jobs)
    said.show(*[terminal.costs(rows)] if rows else [])
    said.show(f"{len(todo)} to run, {len(found['kept'])} kept, {len(found['stale'])} stale")
    if len(todo) > guess.unknown:
        said.show(f"about {terminal.duration(wall)} on {jobs} {'process' if jobs == 1 else 'processes'}")
    if guess.unknown:
        said.show(f"{guess.unknown} of unknown duration: no earlier record is like them")
    said.show(*reruns.lines(commands))
    said.json(
        {
            "to_run": [str(cell) for cell in todo],
            "seconds": list(guess.seconds),
            "total_seconds": guess.total,
            "wall_seconds": wall,
            "unknown": guess.unknown,
            "kept": len(found["kept"]),
            "stale": len(found["stale"]),
            "commands": commands,
        }
    )


def estimated(said: Speaker, cells: list[Cell], folders: tuple[Path, ...], jobs: int) -> None:
    """Say how many runs are to be made, and about how long they take.

    Parameters
    ----------
    said : Speaker
        The output helper.
    cells : list of Cell
        The grid.
    folders : tuple of Path
        Of sealed and of single records.
    jobs : int
        Processes.
    """
    from tlmlda_lib.cli import terminal
    from tlmlda_lib.experiments import estimate, grid, store

    todo = grid.progress_of(cells, *folders)["missing"]
    guess = estimate.estimate(todo, store.scan(*folders)[0] if todo else [])
    known = f", about {terminal.duration(guess.wall(max(jobs, 1)))} after features" if len(todo) > guess.unknown else ""
    said.note(f"note: {len(todo)} of {len(cells)} runs are to be made{known}")


def shown(said: Speaker, outcomes: Iterable[Outcome], total: int) -> Iterable[Outcome]:
    """Pass on the outcomes as they arrive, with a progress bar on a terminal and a line for each elsewhere.

    Parameters
    ----------
    said : Speaker
        The output helper.
    outcomes : iterable of Outcome
        As from `tlmlda_lib.experiments.grid.run_grid`.
    total : int
        Number of cells.
    """
    from tqdm.auto import tqdm

    from tlmlda_lib.progress import size

    with tqdm(total=total, disable=said.progress is False, unit="cell", **size()) as bar:
        for number, outcome in enumerate(outcomes, 1):
            bar.update()
            for text in outcome.notes:
                said.note(f"note: {outcome.cell}: {text}")
            if outcome.state in ("done", "failed") and said.progress is False:
                war = f" WAR {outcome.record['rules']['final']['war']:.1f} %" if outcome.record else ""
                said.note(f"{number}/{total} {outcome.cell}: {outcome.state}{war}")
            yield outcome


def _plain(outcome: Outcome, runs: Path) -> dict[str, Any]:
    cell = outcome.cell
    return {
        "scheme": cell.scheme,
        "method": cell.method,
        "preset": cell.preset,
        "seed": cell.seed,
        "state": outcome.state,
        "record": str(cell.place(runs)) if outcome.record else None,
        "message": outcome.message,
        "details": outcome.details,
    }


def tables(
    which: Annotated[
        list[str] | None,
        typer.Argument(
            help="table3, table4, open, features, audit, prices, runs, criteria, gender, against.",
            show_default="table3 table4",
        ),
    ] = None,
    runs: Runs = Path("runs"),
    results: Results = None,
    grid: Annotated[str | None, typer.Option("--grid", help="Only this collection of records.")] = None,
    form: Annotated[
        str, typer.Option("--format", help="terminal, markdown, csv (all digits) or latex (booktabs).")
    ] = "terminal",
    rule: Annotated[
        str | None,
        typer.Option("--rule", help="Which epoch of our runs counts: score, final, unsupervised or oracle."),
    ] = None,
    metric: Annotated[str, typer.Option("--metric", help="Metric of our scores: war or uar.")] = "war",
    preset: Annotated[
        str | None, typer.Option("--preset", help="Preset of our runs in table3, table4 and open.")
    ] = None,
    each_seed: Annotated[bool, typer.Option("--each-seed", help="A row per seed instead of their mean.")] = False,
    other: Annotated[
        str | None, typer.Option("--against", metavar="METHOD[:PRESET]", help="Compare all others with this one.")
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Print tables from records: the paper's Tables 3 and 4 beside our scores, and other tables of the records.

    `tlmlda tables`

    `tlmlda tables table3 --rule oracle --preset authors --each-seed`

    `tlmlda tables runs criteria --format markdown`

    `tlmlda tables --against pca_svm:zscore`

    *open*: our scores on the six schemes that anyone can run. *features*: scores by feature set, with each way of
    aligning. *audit*: published scores beside ours under every rule. *prices*: what each choice adds. *runs*: every
    record with its intervals. *criteria*: how well criteria without labels choose the epoch. *gender*: women and men.
    *against*: paired comparison with a method, corrected for multiple comparisons (Holm).
    """
    said = speaker(as_json, quiet)
    from tlmlda_lib.book.pages import tables as reports
    from tlmlda_lib.cli import terminal
    from tlmlda_lib.experiments import paper_tables

    names = which or (["against"] if other else ["table3", "table4"])
    how: dict[str, Any] = {"rule": rule, "metric": metric, "preset": preset, "each_seed": each_seed, "other": other}
    with said.noting():
        records, notes = reports.read((sealed_records(said, results), runs), grid)
        made = {name: reports.make(name, records, **how) for name in names}
    for name, table in made.items():
        if form == "terminal":
            words = paper_tables.labelled(reports.words(table))
            frames = terminal.frames(words, reports.NAMES[name], said.width)
            if len(frames) > 1 and (unrun := paper_tables.unrun(table)):  # where it does not fit, no columns of "-"
                frames = terminal.frames(words.drop(columns=unrun), reports.NAMES[name], said.width)
                said.note(f"note: {name}: {', '.join(unrun)} left out, of which nothing was run; --format csv has all")
            said.show(reports.caption(name, rule=rule, metric=metric, preset=preset), *frames)
        elif form == "csv" and len(made) > 1:  # one block after the other, each row with its table's name
            said.print(reports.text(table.assign(table=name)[["table", *table]], form))
        else:
            said.print(reports.text(table, form))
    for text in notes:
        said.note(f"note: {text}")
    said.json({name: table.to_dict("records") for name, table in made.items()} | {"notes": notes})
