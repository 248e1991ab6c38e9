"""The command `tlmlda figure2`: the paper's Figure 2, a picture for each scheme. Chapter 3.2."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tlmlda_lib import by_scheme
from tlmlda_lib.arguments import AsJson, Changes, Corpora, Jobs, Quiet, Results, Runs, assignment, speaker


def figure2(
    scheme: by_scheme.Schemes = None,
    preset: Annotated[str, typer.Option("--preset", help="As recommended, paper, quick.")] = "recommended",
    changes: Changes = None,
    runs: Runs = Path("runs"),
    results: Results = Path("results"),
    jobs: Jobs = 1,
    stale: by_scheme.Stale = False,
    corpora: Corpora = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Draw the paper's Figure 2: features of both corpora in the plane, without transfer, with MMD, with all.

    `tlmlda figure2 --jobs 2`

    For each scheme three networks are trained with seed 0, and t-SNE is run on the layer that is aligned. The pictures
    are kept in `runs/figure2/`, a record for each network; chapter 3.2 draws the sealed ones in `results/`. Schemes
    whose records are in either are not drawn again, and those whose corpora are not here are left out.
    """
    said = speaker(as_json, quiet)
    from tlmlda_lib import domains
    from tlmlda_lib.experiments import pictures, scatter

    params = dict(assignment(text) for text in changes or ())
    schemes = list(dict.fromkeys(scheme or domains.OPEN_SCHEMES))
    before = {name: scatter.state(runs, results, name, preset, **params) for name in schemes}
    how = (str(runs), corpora, preset, params)
    by_scheme.run(said, one_scheme, how, before, lambda name: pictures.place(runs, name), jobs=jobs, stale=stale)


def one_scheme(scheme: str, runs: str, corpora: Path | None, preset: str, params: dict[str, Any]) -> None:
    """Make and keep the picture of a scheme."""
    from tlmlda_lib.experiments import pictures, scatter

    pictures.write(runs, scatter.scheme_of(by_scheme.load(scheme, corpora), preset, **params))
