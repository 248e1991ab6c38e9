"""The command `tlmlda score`: an answer of `tlmlda adapt` against labels that came later. Chapter 3.5."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tlmlda_lib.cli.adapt import mapping, scored
from tlmlda_lib.cli.arguments import AsJson, Corpora, Quiet, path, speaker


def score(
    answer: Annotated[
        Path, typer.Argument(parser=path, help="Folder that `tlmlda adapt --out` wrote.", show_default=False)
    ],
    labels: Annotated[
        str,
        typer.Argument(
            help="CSV file with the columns file and emotion, files named as in predictions.csv.", show_default=False
        ),
    ],
    target: Annotated[
        Path | None,
        typer.Option(
            "--target",
            metavar="FOLDER",
            parser=path,
            help="Folder of the recordings, if labels name them otherwise: by paths, or as a folder with a sub-folder "
            "for each emotion.",
        ),
    ] = None,
    meanings: Annotated[
        list[str] | None, typer.Option("--label", metavar="YOURS=OURS", help="As in `adapt`; again for more.")
    ] = None,
    corpora: Corpora = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Compare an answer of `tlmlda adapt` with labels of some of its recordings; nothing is trained again.

    `tlmlda score answer labels.csv`

    The folder `answer` then holds `score.json`, all scores with their intervals, and `score.svg`, who is taken for
    whom. It is what `tlmlda adapt --score` does.
    """
    said = speaker(as_json, quiet)
    from tlmlda_lib.experiments.adaptation import keep, labelled

    predictions = keep.read_predictions(answer)
    true = labelled.read(labels, predictions.index, target, corpora, mapping(meanings))
    found = scored(said, predictions, true, answer)
    said.json({"written": str(answer), "score": found.to_json()})
