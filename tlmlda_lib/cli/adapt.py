"""The command `tlmlda adapt`: from labelled corpora to recordings without labels. Chapter 3.5."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tlmlda_lib.cli.arguments import (
    AsJson,
    Changes,
    Corpora,
    Dask,
    Encoders,
    Features,
    Preset,
    Quiet,
    assignments,
    speaker,
)
from tlmlda_lib.errors import UserError, one_of

if TYPE_CHECKING:
    import pandas as pd

    from tlmlda_lib.experiments.adaptation import Answer, Score


def adapt(
    sources: Annotated[
        list[str],
        typer.Argument(
            help="What is learnt from: a corpus by name or letter, as emodb; audb:NAME; or your own labelled "
            "recordings, a folder with a sub-folder for each emotion, or a CSV file with the columns file and emotion.",
            show_default=False,
        ),
    ],
    target: Annotated[
        Path,
        typer.Option(
            "--target", metavar="FOLDER_OR_CSV", help="Your recordings, without labels: a folder, or a list of files."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where the answer goes: a folder of its own.")],
    emotions: Annotated[
        str | None,
        typer.Option(
            "--emotions", help="Emotions to tell apart, as anger,happy,sad.", show_default="those that all sources have"
        ),
    ] = None,
    labels: Annotated[
        list[str] | None,
        typer.Option(
            "--label",
            metavar="YOURS=OURS",
            help="What a label of yours means, as Wut=anger; again for more. Usual ones, as happiness, need none.",
        ),
    ] = None,
    score: Annotated[
        str | None,
        typer.Option(
            "--score",
            metavar="LABELS",
            help="Labels of some of your recordings, named as in predictions.csv or from the CSV file's own folder: "
            "checked first, read at the end, and apart; written to score.json and score.svg.",
        ),
    ] = None,
    with_audio: Annotated[
        bool,
        typer.Option(
            "--with-audio",
            help="Put examples to hear into the report; pass it on only with the consent of those who speak.",
        ),
    ] = False,
    features: Features = None,
    preset: Preset = None,
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Networks with transfer, and as many without.")] = 3,
    changes: Changes = None,
    threads: Annotated[int, typer.Option("--threads", min=1, help="Equal answers to the bit need equal threads.")] = 1,
    corpora: Corpora = None,
    encoders: Encoders = None,
    dask: Dask = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Learn from labelled corpora, adapt to recordings of your own that have no labels, and name their emotions.

    `tlmlda adapt emodb --target my_recordings --out answer`

    `tlmlda adapt casia ravdess --target calls.csv --out answer --emotions anger,happy,sad`

    The folder `answer` then holds `predictions.csv` (emotion and probabilities of each recording, and whether the
    networks agree), `report.html` (what was learnt and found, and how far to trust it), `model/` for `tlmlda predict`,
    and `record.json`. The CSV file has the files' names as they are; elsewhere, a line break or another control
    character in a name is written out.

    Labels of your recordings are not read, even where a CSV file or a folder's name has some; only `--score` uses
    some, when the answer is already written: `score.json` has the scores, `score.svg` draws who is taken for whom.
    `tlmlda score answer labels.csv` does so later. An interrupted call continues when it is repeated.

    The emotions are those of acted speech; they do not tell what a person feels.
    """
    said = speaker(as_json, quiet)
    from tlmlda_lib.experiments import adaptation
    from tlmlda_lib.experiments.adaptation import keep

    mapped = mapping(labels)
    _check(sources, target, out, score, corpora, mapped)
    with said.noting():
        answer = adaptation.adapt(
            sources,
            target,
            root=corpora,
            emotions=None if emotions is None else [e.strip() for e in emotions.split(",") if e.strip()],
            label_map=mapped,
            features=features,
            preset=preset,
            params=assignments(changes),
            seeds=seeds,
            encoders=encoders,
            workers=dask,
            threads=threads,
            progress=said.progress,
            say=said.note,
        )
        words = {"--emotions": emotions, "--preset": preset, "--seeds": str(seeds)}
        repeated = {"--features": features or (), "--label": labels or (), "--set": changes or ()}
        record = keep.write(answer, out, with_audio=with_audio, command=_command(sources, target, words, repeated))
        for text in answer.notes:
            said.note(f"note: {text}")
        _say(said, answer, out)
        content = {"written": str(out), "predictions": _rows(answer), "record": record}
        if score is not None:
            content["score"] = _against(said, answer, score, corpora, mapped, out).to_json()
    said.json(content)


def _command(
    sources: list[str], target: Path, words: Mapping[str, str | None], repeated: Mapping[str, Sequence[str]]
) -> str:
    """The command, for the report: without options that do not change the answer, and without folders of this disk."""
    given = [*map(_name, sources), "--target", _name(target)]
    for option, value in words.items():
        given += [option, value] if value is not None else []
    for option, values in repeated.items():
        given += [word for value in values for word in (option, _name(value))]
    return shlex.join(["tlmlda", "adapt", *given])


def _name(path: str | Path) -> str:
    return Path(path).name if Path(path).is_absolute() else str(path)


def _check(
    sources: list[str], target: Path, out: Path, score: str | None, root: Path | None, mapped: dict[str, str] | None
) -> None:
    """Before any work: that the answer can be written, and that labels to score it can be read."""
    from tlmlda_lib.experiments.adaptation import keep, labelled

    keep.check_place(out, [target, *(given for given in (*sources, score) if given and Path(given).exists())])
    if score is not None:
        labelled.check(score, target, root, mapped)


def mapping(labels: list[str] | None) -> dict[str, str] | None:
    """Labels by ``--label``.

    Parameters
    ----------
    labels : list of str, optional
        As "YOURS=OURS".

    Raises
    ------
    UserError
        If one is not of this form, or leads to no emotion of ours.
    """
    from tlmlda_lib.corpora import EMOTIONS

    pairs = [text.partition("=") for text in labels or ()]
    if wrong := next((label for label, equals, emotion in pairs if not (label and equals and emotion)), None):
        raise UserError(f"--label {wrong}: write YOURS=OURS, as --label Wut=anger")
    for label, _, emotion in pairs:
        if emotion not in EMOTIONS:
            raise UserError(
                f"--label {label}={emotion}: {emotion!r} is no emotion here: use {one_of(emotion, EMOTIONS)}"
            )
    return {label: emotion for label, _, emotion in pairs} or None


def _say(said: Any, answer: Answer, out: Path) -> None:
    from tlmlda_lib.cli import answers, terminal

    table = answer.predictions
    counts = table["emotion"].value_counts().reindex(list(answer.pair.classes), fill_value=0)
    unsure = table.groupby("emotion")["unsure"].sum().reindex(list(answer.pair.classes), fill_value=0)
    said.show(answers.named(counts.to_dict(), unsure.to_dict()))
    listed = [{**p, "file": os.path.relpath(p["file"], answer.folder)} for p in answer.left_out]
    said.show(*terminal.problems("your recordings", listed))
    said.show(f"written: {out}; begin with {out / 'report.html'}")
    said.note("note: acted emotions, not what a person feels: not for diagnosis, nor for decisions about people")


def _rows(answer: Answer) -> list[dict[str, Any]]:
    table = answer.predictions
    return [{"file": file, **row} for file, row in zip(table.index, table.to_dict("records"), strict=True)]


def _against(
    said: Any, answer: Answer, given: str, root: Path | None, mapped: dict[str, str] | None, out: Path
) -> Score:
    """Read labels, now that the answer is written, and compare."""
    from tlmlda_lib.experiments.adaptation import labelled

    labels = labelled.read(given, answer.predictions.index, answer.folder, root, mapped)
    return scored(said, answer.predictions, labels, out)


def scored(said: Any, predictions: pd.DataFrame, labels: pd.DataFrame, out: Path) -> Score:
    """Compare an answer with labels, keep the score beside it, and say it.

    Parameters
    ----------
    said : Speaker
        The output helper.
    predictions : DataFrame
        `tlmlda_lib.experiments.adaptation.Answer.predictions`.
    labels : DataFrame
        As from `tlmlda_lib.experiments.adaptation.labelled.read`.
    out : Path
        The answer's folder.
    """
    from tlmlda_lib.cli import answers
    from tlmlda_lib.experiments.adaptation import keep, scoring

    found = scoring.compare(predictions, labels)
    keep.write_score(found, out)
    said.show(*answers.score(found, said.width))
    said.show(f"written: {out / keep.SCORE} and {out / keep.MATRIX}, who is taken for whom")
    return found
