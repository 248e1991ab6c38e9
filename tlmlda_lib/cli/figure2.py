"""The command `tlmlda figure2`: the paper's Figure 2, a picture for each scheme. Chapter 3.2."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tlmlda_lib.cli import by_scheme
from tlmlda_lib.cli.arguments import (
    AsJson,
    Changes,
    Corpora,
    Jobs,
    Plot,
    Quiet,
    Results,
    Runs,
    assignments,
    check_output,
    scheme_names,
    sealed_records,
    speaker,
)
from tlmlda_lib.errors import UserError

if TYPE_CHECKING:
    from tlmlda_lib.cli.terminal import Speaker


def figure2(
    scheme: by_scheme.Schemes = None,
    preset: Annotated[
        str, typer.Option("--preset", help="Settings: recommended-is10, paper or quick.")
    ] = "recommended-is10",
    changes: Changes = None,
    plot: Plot = None,
    runs: Runs = Path("runs"),
    results: Results = None,
    jobs: Jobs = 1,
    stale: by_scheme.Stale = False,
    corpora: Corpora = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Draw the paper's Figure 2: features of both corpora in the plane, without transfer, with MMD, with all losses.

    `tlmlda figure2 --plot figure2.svg`

    `tlmlda figure2 --scheme C2B --plot figure2.png`

    For each scheme three networks are trained with seed 0, and t-SNE is applied to the aligned layer. Coordinates are
    kept in `runs/figure2/`, one record per network; `--plot` draws them as in chapter 3.2. Schemes with records there
    or among the sealed ones are not trained again, and those whose corpora are missing are left out. Records of the
    six schemes come with the library.
    """
    said = speaker(as_json, quiet)
    from tlmlda_lib.experiments import figures

    if plot is not None:
        figures.check_name(plot)
    params = assignments(changes)
    schemes = scheme_names(scheme or ["open"])
    sealed = sealed_records(said, results)
    if plot is not None:
        check_output(plot, "--plot", corpora=corpora, records=(runs, sealed))
    go_on(said, schemes, runs, sealed, corpora, preset, params, plot, jobs=jobs, stale=stale)


def go_on(
    said: Speaker,
    schemes: list[str],
    runs: Path,
    sealed: Path,
    corpora: Path | None,
    preset: str = "recommended-is10",
    params: Mapping[str, Any] = MappingProxyType({}),
    plot: Path | None = None,
    *,
    jobs: int = 1,
    stale: bool = False,
) -> None:
    """What the command does.

    Parameters
    ----------
    said : tlmlda_lib.cli.terminal.Speaker
        Reports the outcome of each scheme.
    schemes : list of str
        By their short names.
    runs, sealed, corpora : path
        Folders of single and of sealed records, and of the corpora.
    preset : str
        Of the three methods.
    params : mapping
        Options in place of the preset's.
    plot : path, optional
        File to draw into.
    jobs : int
        Processes; 0: only this one.
    stale : bool
        Make again what depends on an older revision.
    """
    from tlmlda_lib.experiments import figures, pictures, scatter

    before = {name: scatter.state(runs, sealed, name, preset, **params) for name in schemes}
    how = (str(runs), corpora, preset, dict(params))
    place = by_scheme.kept_at(pictures.GRID, runs, sealed)

    def draw() -> dict[str, Any]:
        if plot is None:
            return {}
        if not (drawn := scatter.kept(runs, sealed, schemes, preset, **params)):
            raise UserError(f"there is nothing to draw: no records of {', '.join(schemes)} with the preset {preset}")
        figures.save(figures.figure2(drawn), plot)
        said.show(f"drawn: {plot} ({', '.join(drawn)})")
        return {"plot": {"file": str(plot), "schemes": list(drawn)}}

    by_scheme.run(said, one_scheme, how, before, place, jobs=jobs, stale=stale, then=draw)


def one_scheme(scheme: str, runs: str, corpora: Path | None, preset: str, params: dict[str, Any]) -> None:
    """Compute and keep the records of a scheme.

    Parameters
    ----------
    scheme, preset : str
        Names.
    runs : str
        Folder of the records.
    corpora : Path or None
        Folder of the corpora.
    params : dict
        Changed options of the preset.
    """
    from tlmlda_lib.experiments import pictures, scatter, store

    store.write_all(runs, pictures.records_of(scatter.scheme_of(by_scheme.load(scheme, corpora), preset, **params)))
