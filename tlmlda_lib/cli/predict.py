"""The command `tlmlda predict`: a saved model on recordings of your own. Chapter 3.5."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tlmlda_lib.cli.arguments import AsJson, Encoders, Quiet, speaker, writable
from tlmlda_lib.errors import UserError


def predict(
    model: Annotated[Path, typer.Argument(help="File that `tlmlda run --save` wrote.", show_default=False)],
    recordings: Annotated[
        Path, typer.Argument(help="Folder of recordings, one recording, or a CSV list of them.", show_default=False)
    ],
    out: Annotated[Path, typer.Option("--out", metavar="CSV", help="Where the table goes.")] = Path("emotions.csv"),
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
    from tlmlda_lib.experiments import predict, whole

    _refuse_input(out, model, recordings)
    writable(out, "--out")
    with said.noting():
        table = predict.predict(model, recordings, encoders=encoders, progress=said.progress)
    if any(out.exists() and out.samefile(file) for file in table.index):
        raise UserError(f"--out {out}: this is one of the recordings, which are not overwritten")
    try:
        whole.write(out, table.to_csv(lineterminator="\n").encode(errors="surrogateescape"))
    except OSError as error:
        raise UserError(f"{out} cannot be written ({error.strerror or error}): give another file by --out") from error
    said.show(terminal.predictions(len(table), table["emotion"].value_counts().to_dict()))
    said.show(*(f"{p['file']} {p['problem']}" for p in table.attrs["problems"]), f"written: {out}")
    said.note(f"note: {table.attrs['worth']}")
    rows = [{"file": file, **row} for file, row in zip(table.index, table.to_dict("records"), strict=True)]
    about = {"worth": table.attrs["worth"], "problems": table.attrs["problems"]}
    said.json({"written": str(out), "recordings": rows} | about)


def _refuse_input(out: Path, model: Path, recordings: Path) -> None:
    """Never overwrite an input, under whatever name."""
    from tlmlda_lib.corpora import sound

    for what, given in (("the model", model), ("the recordings' own file", recordings)):
        if out.exists() and given.exists() and out.samefile(given):
            raise UserError(f"--out {out}: this is {what}, which is not overwritten")
    if out.suffix.lower() in sound.SOUND:
        raise UserError(f"--out {out}: a table of emotions is not a sound; give a file ending in .csv")
