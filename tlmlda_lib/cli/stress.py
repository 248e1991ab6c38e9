"""The command `tlmlda stress`: IFN with held-out source speakers and degraded target audio. Chapter 4.3."""

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
    Quiet,
    Results,
    Runs,
    assignments,
    scheme_names,
    sealed_records,
    speaker,
)

if TYPE_CHECKING:
    from tlmlda_lib.cli.terminal import Speaker


def stress(
    scheme: by_scheme.Schemes = None,
    preset: Annotated[str, typer.Option("--preset", help="default or quick.")] = "default",
    changes: Changes = None,
    features: Annotated[
        list[str] | None, typer.Option("--features", help="Feature sets; again for more. Without it IFN's own.")
    ] = None,
    seeds: Annotated[int, typer.Option("--seeds", min=2, help="Runs of each.")] = 5,
    runs: Runs = Path("runs"),
    results: Results = None,
    jobs: Jobs = 1,
    stale: by_scheme.Stale = False,
    corpora: Corpora = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """IFN with held-out source speakers and degraded target audio.

    `tlmlda stress --jobs 2`

    For each scheme IFN is trained again without each quarter of the source's speakers, and about a hundred target
    recordings are heard by telephone, in noise and in a room. The predictions are kept in `runs/stress/`, a
    record for each transfer and seed; chapters 4.2 and 4.3 read the sealed ones in `results/`. Schemes whose records
    are in either are not run again, and those whose corpora are not here are left out.
    """
    said = speaker(as_json, quiet)
    from tlmlda_lib import methods

    params = assignments(changes)
    schemes = scheme_names(scheme or ["open"])
    sets = tuple(features or methods.feature_sets("ifn"))
    go_on(
        said, schemes, runs, sealed_records(said, results), corpora, sets, preset, seeds, params, jobs=jobs, stale=stale
    )


def go_on(
    said: Speaker,
    schemes: list[str],
    runs: Path,
    sealed: Path,
    corpora: Path | None,
    sets: tuple[str, ...],
    preset: str = "default",
    seeds: int = 5,
    params: Mapping[str, Any] = MappingProxyType({}),
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
    sets : tuple of str
        Feature sets that are joined.
    preset : str
        Of IFN.
    seeds : int
        Runs of each.
    params : mapping
        Options in place of the preset's.
    jobs : int
        Processes; 0: only this one.
    stale : bool
        Make again what depends on an older revision.
    """
    from tlmlda_lib.experiments import stress, stressed

    before = {name: stress.state(runs, sealed, name, preset, seeds, features=sets, **params) for name in schemes}
    how = (str(runs), corpora, sets, preset, seeds, dict(params))
    place = by_scheme.kept_at(stressed.GRID, runs, sealed)
    by_scheme.run(said, one_scheme, how, before, place, jobs=jobs, stale=stale)


def one_scheme(
    scheme: str,
    runs: str,
    corpora: Path | None,
    sets: tuple[str, ...],
    preset: str,
    seeds: int,
    params: dict[str, Any],
) -> None:
    """Compute and keep the records of a scheme.

    Parameters
    ----------
    scheme, preset : str
        Names.
    runs : str
        Folder of the records.
    corpora : Path or None
        Folder of the corpora.
    sets : tuple of str
        Feature sets.
    seeds : int
        Number of seeds.
    params : dict
        Changed options of the preset.
    """
    from tlmlda_lib.experiments import store, stress, stressed

    pair = by_scheme.load(scheme, corpora, sets)
    store.write_all(runs, stressed.records_of(stress.scheme_of(pair, preset, seeds=seeds, **params)))
