"""The command `tlmlda predict`: a saved model on recordings of your own. Chapter 3.5."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tlmlda_lib import files
from tlmlda_lib.cli.arguments import AsJson, Encoders, Quiet, check_output, path, speaker


def predict(
    model: Annotated[
        Path, typer.Argument(parser=path, help="File that `tlmlda run --save` wrote.", show_default=False)
    ],
    recordings: Annotated[
        Path,
        typer.Argument(
            parser=path, help="Folder of recordings, one recording, or a CSV list of them.", show_default=False
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

    `tlmlda run --scheme C2B --method tlmlda --seeds 1 --save model.safetensors`

    `tlmlda predict model.safetensors my_recordings --out emotions.csv`

    The file has a row per recording: its path, the predicted emotion, and the probability of each emotion that the
    model knows (a decision value for pca_svm and similar methods). New recordings are scaled as the target that the
    model was trained for. The emotions are those of acted speech; they do not tell what a person feels.
    """
    said = speaker(as_json, quiet)
    from tlmlda_lib.cli import terminal
    from tlmlda_lib.experiments import predict

    inputs = {model: "the model", recordings: "the recordings' own file"}
    check_output(out, "--out", inputs, encoders=encoders)
    with said.noting():
        table = predict.predict(model, recordings, encoders=encoders, progress=said.progress)
    files.refuse_inputs(out, "--out", dict.fromkeys(table.index, "one of the recordings"))
    files.put(out, table.to_csv(lineterminator="\n").encode(errors="surrogateescape"), "--out")
    said.show(terminal.predictions(len(table), table["emotion"].value_counts().to_dict()))
    said.show(*(f"{p['file']} {p['problem']}" for p in table.attrs["problems"]), f"written: {out}")
    said.note(f"note: {table.attrs['worth']}")
    rows = [{"file": file, **row} for file, row in zip(table.index, table.to_dict("records"), strict=True)]
    about = {"worth": table.attrs["worth"], "problems": table.attrs["problems"]}
    said.json({"written": str(out), "recordings": rows} | about)
