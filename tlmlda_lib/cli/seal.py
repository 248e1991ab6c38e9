"""The command `tlmlda seal`: single runs into the collections that are committed. Chapter 3.4."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from tlmlda_lib.cli.arguments import AsJson, Quiet, Runs, path, speaker


def seal(
    collections: Annotated[
        list[str] | None,
        typer.Argument(metavar="[COLLECTION]...", help="As main or streams; by default all.", show_default=False),
    ] = None,
    runs: Runs = Path("runs"),
    results: Annotated[
        Path,
        typer.Option("--results", metavar="DIR", parser=path, help="Folder of the collections that are written."),
    ] = Path("results"),
    remove: Annotated[
        bool, typer.Option("--remove", help="Remove the single runs once they are in their collection.")
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Fold single runs into sealed collections, one file each, to be committed.

    `tlmlda seal` folds all of `runs/` into `results/`; `tlmlda seal main` folds one collection.

    A run replaces the sealed record of its cell. Losses, seconds and gates of every epoch are dropped, and weights of
    all seeds but one. You may stop it at any moment: a collection is either the old one or the new one.
    """
    said = speaker(as_json, quiet)
    from tlmlda_lib.experiments import sealing

    with said.noting():
        folded = sealing.seal(runs, results, collections or (), remove=remove)
    for one in folded:
        gone = f", {one.removed} removed from {runs}" if remove else ""
        said.show(
            f"{one.file}: {one.total} {'run' if one.total == 1 else 'runs'}, {one.bytes / one.total:.0f} bytes each; "
            f"{one.new} new, {one.changed} changed, {one.same} as they were{gone}"
        )
    said.json({"collections": [asdict(one) | {"file": str(one.file)} for one in folded]})
