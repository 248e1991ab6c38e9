"""The command `tlmlda predict`: a saved model on recordings of your own. Chapter 3.5."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Annotated

import typer

from tlmlda_lib import files
from tlmlda_lib.cli.arguments import AsJson, Encoders, Quiet, check_output, path, speaker


def predict(
    model: Annotated[
        Path,
        typer.Argument(
            parser=path,
            help="Folder that `tlmlda adapt --out` wrote, or a file of `tlmlda run --save`.",
            show_default=False,
        ),
    ],
    recordings: Annotated[
        list[Path],
        typer.Argument(
            parser=path, help="A folder of recordings, one recording, or a CSV list; or several.", show_default=False
        ),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="CSV", parser=path, help="File of the table.")] = Path(
        "emotions.csv"
    ),
    encoders: Encoders = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Recognise emotions in recordings of your own, with a saved model, and write a CSV file.

    `tlmlda predict answer more_recordings --out emotions.csv`

    `tlmlda predict model.safetensors one.wav two.wav --out emotions.csv`

    The file has a row per recording, as `predictions.csv` of `tlmlda adapt`: its path, relative to the folder that is
    given (of several, to the folder that contains all), the predicted emotion, and the probability of each emotion that
    the model knows (a decision value for pca_svm and similar methods). New recordings are scaled as the target that the
    model was trained for. The emotions are those of acted speech; they do not tell what a person feels.
    """
    said = speaker(as_json, quiet)
    from tlmlda_lib.cli import terminal
    from tlmlda_lib.experiments import predict

    inputs = {model: "the model", predict.model_file(model): "the model"}
    check_output(out, "--out", inputs | dict.fromkeys(recordings, "the recordings' own file"), encoders=encoders)
    with said.noting(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*files left out", UserWarning)  # each is listed below
        table = predict.predict(model, recordings, encoders=encoders, progress=said.progress)
    files.refuse_inputs(out, "--out", dict.fromkeys(table.index, "one of the recordings"))
    home = _home(recordings)
    named = table.set_axis([os.path.relpath(file, home) for file in table.index]).rename_axis("file")
    content = named.to_csv(lineterminator="\n", float_format=predict.DIGITS).encode(errors="surrogateescape")
    files.put(out, content, "--out")
    said.show(terminal.predictions(len(table), table["emotion"].value_counts().to_dict()))
    said.show(*(terminal.problem(p) for p in table.attrs["problems"]), f"written: {out}")
    said.note(f"note: {table.attrs['worth']}")
    rows = [{"file": file, **row} for file, row in zip(named.index, named.to_dict("records"), strict=True)]
    about = {"worth": table.attrs["worth"], "problems": table.attrs["problems"]}
    said.json({"written": str(out), "recordings": rows} | about)


def _home(recordings: list[Path]) -> str:
    """The folder from which recordings are named: that which is given, or which contains all that are given."""
    return os.path.commonpath([os.path.realpath(r if r.is_dir() else r.parent) for r in recordings])
