"""The command `tlmlda matrix`: every corpus on every other. Chapter 3.4."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tlmlda_lib.cli import grid as grid_cli
from tlmlda_lib.cli.arguments import (
    AsJson,
    Changes,
    Corpora,
    Dask,
    Encoders,
    Features,
    Jobs,
    Plot,
    Preset,
    Quiet,
    Results,
    Runs,
    assignments,
    check_output,
    sealed_records,
    speaker,
)
from tlmlda_lib.errors import UserError


def matrix(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="CORPUS...", help="Two or more, by name or letter, as emodb casia folder.calls.", show_default=False
        ),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="CSV", help="Write the scores to this file, a row for each pair.")
    ] = None,
    plot: Plot = None,
    features: Features = None,
    preset: Preset = None,
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Number of seeds, from 0 on.")] = 3,
    changes: Changes = None,
    runs: Runs = Path("runs"),
    results: Results = None,
    jobs: Jobs = 1,
    corpora: Corpora = None,
    encoders: Encoders = None,
    dask: Dask = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Learn on every corpus and test on every other, with transfer and without.

    `tlmlda matrix emodb casia ravdess --plot matrix.svg --out matrix.csv`

    The picture has a row for what is learnt from and a column for what is recognised, once without transfer and once
    with it. Pairs with fewer than three emotions in common, and corpora that are missing, are left out. Each run is
    kept in `runs/matrix/`, and is not made again.
    """
    said = speaker(as_json, quiet)
    from tlmlda_lib import domains, files
    from tlmlda_lib import features as known
    from tlmlda_lib.cli import terminal
    from tlmlda_lib.experiments import figures, grid
    from tlmlda_lib.experiments import matrix as made

    sealed = sealed_records(said, results)
    if plot is not None:
        figures.check_name(plot)
    for file, option in ((plot, "--plot"), (out, "--out")):
        if file is not None:
            check_output(file, option, corpora=corpora, encoders=encoders, records=(runs, sealed))
    if plot is not None and out is not None and files.is_same(plot, out):
        raise UserError(f"--plot and --out name one file, {plot}: give two")
    sets = tuple(features) if features else known.best(encoders)
    cells = made.cells(names, sets, preset, seeds, **assignments(changes))
    for pair, why in made.pairs(names)[1].items():
        said.note(f"note: {pair} left out: {why}")
    said.note(f"note: features: {' + '.join(sets)}; preset: {cells[0].preset if cells else preset}")
    grid_cli.estimated(said, cells, (sealed, runs), jobs)
    where: dict[str, Any] = {"encoders": encoders, "workers": dask, "progress": said.progress}
    with said.noting():
        outcomes = grid.run_grid(
            cells,
            lambda name, of=("is10",): domains.load_pair(name, corpora, of, **where),
            runs=runs,
            results=sealed,
            jobs=jobs,
        )
        ended = list(grid_cli.shown(said, outcomes, len(cells)))
    table = made.table([o.record for o in ended if o.record is not None])
    if not table.empty:
        said.show(made.CAPTION, *terminal.frames(made.squares(table), 1, said.width))
        if out is not None:
            files.put(out, table.to_csv(index=False, lineterminator="\n"), "--out")
            said.show(f"written: {out}")
        if plot is not None:
            figures.save(figures.matrix(table), plot)
            said.show(f"drawn: {plot}")
    grid_cli.end(said, ended, runs, content={"pairs": table.to_dict("records")})
