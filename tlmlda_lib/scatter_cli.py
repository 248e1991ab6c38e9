"""The command `tlmlda figure2`: the paper's Figure 2, a file for each scheme. Chapter 3.2."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from tlmlda_lib.arguments import AsJson, Corpora, Quiet, assignment, speaker
from tlmlda_lib.errors import UserError


def figure2(
    scheme: Annotated[
        list[str] | None, typer.Option("--scheme", help="Again for more; without it the open six.")
    ] = None,
    preset: Annotated[str, typer.Option("--preset", help="As recommended, paper, quick.")] = "recommended",
    changes: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Change an option of the preset.")
    ] = None,
    results: Annotated[Path, typer.Option("--results", metavar="DIR", help="Where records are kept.")] = Path(
        "results"
    ),
    jobs: Annotated[int, typer.Option("--jobs", min=0, help="Processes on this machine; 0: only this one.")] = 1,
    stale: Annotated[bool, typer.Option("--stale", help="Make again what was made with other code.")] = False,
    corpora: Corpora = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Draw the paper's Figure 2: features of both corpora in the plane, without transfer, with MMD, with all.

    `tlmlda figure2 --jobs 2`

    For each scheme three networks are trained with seed 0, and t-SNE is run on the layer that is aligned. The pictures
    are kept in `results/figure2/`, and chapter 3.2 draws those that are there. One that is there is not made again,
    unless it is of other options; schemes whose corpora are not here are left out.
    """
    said = speaker(as_json, quiet)
    from tlmlda_lib import domains
    from tlmlda_lib.experiments import scatter

    params = dict(assignment(text) for text in changes or ())
    schemes = list(dict.fromkeys(scheme or domains.OPEN_SCHEMES))
    before = {name: scatter.state(results, name, preset, **params) for name in schemes}
    wanted = ("missing", "other", "stale") if stale else ("missing", "other")
    todo = [name for name in schemes if before[name] in wanted]
    ended = {name: ("kept", "") for name in schemes if name not in todo}
    with said.noting():
        for name, state, message in _made(todo, jobs, (str(results), corpora, preset, params)):
            ended[name] = (state, message)
            said.note(f"{name}: {state}" + (f": {message}" if message else ""))
    if old := [name for name in schemes if before[name] == "stale" and not stale]:
        said.note(f"note: of other code, and kept: {', '.join(old)} (--stale makes them again)")
    for name in schemes:
        state, message = ended[name]
        said.show(f"{name}: {state}" + (f" ({message})" if message else f", {scatter.place(results, name)}"))
    said.json({"schemes": {n: {"state": s, "message": m} for n, (s, m) in ended.items()}})
    if any(state == "failed" for state, _ in ended.values()):
        raise typer.Exit(1)
    if all(state == "absent" for state, _ in ended.values()):
        raise UserError(f"nothing was drawn: {next(iter(ended.values()))[1]}")


def _made(todo: list[str], jobs: int, how: tuple[Any, ...]) -> Iterator[tuple[str, str, str]]:
    """Scheme, "done", "absent" or "failed", and why, as they end."""
    if not jobs:
        yield from (one_scheme(name, *how) for name in todo)
        return
    if not todo:
        return
    from joblib.externals.loky import ProcessPoolExecutor, as_completed

    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    pool = ProcessPoolExecutor(min(jobs, len(todo)), env={**os.environ, **threads})
    try:
        for future in as_completed([pool.submit(one_scheme, name, *how) for name in todo]):
            yield future.result()
    finally:
        pool.shutdown(wait=True, kill_workers=True)


def one_scheme(
    scheme: str, results: str, corpora: Path | None, preset: str, params: dict[str, Any]
) -> tuple[str, str, str]:
    """Make and keep the picture of a scheme; whatever goes wrong is part of what is returned."""
    from tlmlda_lib import domains
    from tlmlda_lib.experiments import scatter

    try:
        pair = domains.load_pair(scheme, corpora, progress=False)
    except UserError as error:
        return scheme, "absent", str(error)
    try:
        scatter.write(results, scatter.scheme_of(pair, preset, **params))
    except UserError as error:
        return scheme, "failed", str(error)
    except Exception as error:  # the other schemes go on
        return scheme, "failed", f"{type(error).__name__}: {error}"
    return scheme, "done", ""
