"""The command `tlmlda search`: settings for a method, chosen without target labels. Chapter 3.4."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tlmlda_lib.cli.arguments import AsJson, Corpora, Encoders, Jobs, Quiet, Results, Runs, sealed_records, speaker
from tlmlda_lib.cli.grid import shown
from tlmlda_lib.errors import UserError

if TYPE_CHECKING:
    from tlmlda_lib.cli.terminal import Speaker
    from tlmlda_lib.experiments.plans import Cell


def search(
    method: Annotated[str, typer.Argument(metavar="SEARCH", help="tlmlda, ifn or features.")] = "tlmlda",
    runs: Runs = Path("runs"),
    results: Results = None,
    jobs: Jobs = 1,
    stale: Annotated[
        bool, typer.Option("--stale", help="First run again what depends on an older revision or on other data.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report the progress and print the log.")] = False,
    form: Annotated[str, typer.Option("--format", help="As in `tlmlda tables`.")] = "terminal",
    corpora: Corpora = None,
    encoders: Encoders = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Search for a method's preset without the labels of its target corpus.

    `tlmlda search --jobs 2` for TLMLDA on IS10 (`recommended-is10`), `tlmlda search ifn --jobs 2` for IFN with its
    transfer: one change at a time, then the best together, then more seeds

    `tlmlda search features --jobs 2` for the features and the preset `recommended`: a fixed list on every pair of five
    corpora, then more seeds

    Some hours each. If a search is stopped, it continues from the records. The log lists every setting that was tried,
    and its criterion.
    """
    said = speaker(as_json, quiet)
    go_on(
        said,
        method,
        runs,
        sealed_records(said, results),
        corpora,
        encoders,
        jobs=jobs,
        stale=stale,
        dry_run=dry_run,
        form=form,
    )


def go_on(
    said: Speaker,
    method: str,
    runs: Path,
    sealed: Path,
    corpora: Path | None,
    encoders: Path | None = None,
    *,
    jobs: int = 1,
    stale: bool = False,
    dry_run: bool = False,
    form: str = "terminal",
) -> None:
    """What the command does.

    Parameters
    ----------
    said : tlmlda_lib.cli.terminal.Speaker
        Prints the log.
    method : str
        A key of `tlmlda_lib.experiments.searches.SEARCHES`.
    runs, sealed, corpora, encoders : path
        Folders of single and of sealed records, of the corpora and of speech encoders.
    jobs : int
        Processes; 0: only this one.
    stale, dry_run : bool
        First run again what is stale; run nothing.
    form : str
        As in `tlmlda tables`.
    """
    from tlmlda_lib import domains
    from tlmlda_lib.book.pages import tables
    from tlmlda_lib.cli import terminal
    from tlmlda_lib.experiments import grid as runner
    from tlmlda_lib.experiments import search as rule
    from tlmlda_lib.experiments import searches, store

    if method not in searches.SEARCHES:
        raise UserError(f"there is no search for {method!r}: use one of {', '.join(searches.SEARCHES)}")
    one = searches.SEARCHES[method]

    def records() -> list[dict[str, Any]]:
        there = [folder for folder in (sealed, runs) if folder.exists()]
        return store.scan(*there, grid=one.grid)[0] if there else []

    def train(cells: list[Cell]) -> None:
        def load(name: str, sets: tuple[str, ...] = ("is10",)) -> Any:
            return domains.load_pair(name, corpora, sets, encoders=encoders, progress=said.progress)

        outcomes = runner.run_grid(cells, load, runs=runs, results=sealed, jobs=jobs, stale=stale)
        for outcome in shown(said, outcomes, len(cells)):
            if outcome.state in ("absent", "failed"):
                raise UserError(f"{outcome.cell}: {outcome.message}")

    with said.noting():
        if stale and not dry_run:
            train([rule.cell_of(record) for record in records()])
        while (cells := one.todo(records())) and not dry_run:
            train(cells)
        log = one.log(records())
    if form == "terminal":
        said.show(one.caption, *terminal.frames(tables.words(log), 1, said.width))
    else:
        said.print(tables.text(log, form))
    if cells:
        said.note(f"note: the search has not ended: {len(cells)} runs are left of this round")
    said.json({"log": log.to_dict("records"), "left": len(cells)})
