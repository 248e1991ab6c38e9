"""An answer in a folder, each file whole or not there. Chapter 3.5."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from tlmlda_lib import files
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import contents, predict, provenance, run
from tlmlda_lib.experiments.adaptation import drawings, report
from tlmlda_lib.experiments.adaptation.answer import Answer, forget
from tlmlda_lib.experiments.adaptation.scoring import Score
from tlmlda_lib.methods import TLMLDAVote

#: Files of an answer, and its folder for `tlmlda predict`.
PREDICTIONS, REPORT, RECORD, MODEL = "predictions.csv", "report.html", "record.json", predict.FOLDER
SCORE, MATRIX = "score.json", "score.svg"

#: Who wrote a record, so that only an earlier answer is ever replaced.
MADE_BY = "tlmlda adapt"


def check_place(out: str | os.PathLike[str], inputs: Any = ()) -> Path:
    """The folder of an answer, if it may be written: new, empty, or of an earlier answer. Chapter 3.5.

    Parameters
    ----------
    out : path
        The folder.
    inputs : sequence of path
        Folders and files that are read: none may be this folder or lie in it.

    Raises
    ------
    UserError
        If it holds anything else, or cannot be written.
    """
    folder = files.place(out).resolve()
    for given in inputs:
        one = files.place(given).resolve()
        if one.exists() and (one == folder or one.is_relative_to(folder)):
            raise UserError(f"--out {out}: {given} lies there, which is only read; give a folder of its own")
    try:
        held = sorted(f.name for f in folder.iterdir()) if folder.exists() else []
        if held and not _is_answer(folder):
            raise UserError(f"--out {out}: holds {held[0]}, which is no answer of this command; give a new folder")
        there = next(f for f in (folder, *folder.parents) if f.exists())  # it is made when there is an answer
        if why := files.why_not_writable(there):
            raise UserError(f"--out {out} cannot be written ({why}): give another folder")
    except OSError as error:
        raise UserError(f"--out {out} cannot be written ({error.strerror or error}): give another folder") from error
    return folder


def _is_answer(folder: Path) -> bool:
    if {f.name for f in folder.iterdir()} <= {PREDICTIONS, REPORT, MODEL}:  # of a call that was killed at its end
        return True
    try:
        return json.loads((folder / RECORD).read_text(encoding="utf-8")).get("made_by") == MADE_BY
    except (OSError, ValueError, AttributeError):
        return False


def write(
    answer: Answer, out: str | os.PathLike[str], *, with_audio: bool = False, command: str | None = None
) -> dict[str, Any]:
    """Keep an answer: ``predictions.csv``, ``report.html``, ``model/`` and ``record.json``. Chapter 3.5.

    Parameters
    ----------
    answer : Answer
        As from `tlmlda_lib.experiments.adaptation.adapt`.
    out : path
        A new or empty folder, or one of an earlier answer, which is replaced.
    with_audio : bool
        Put some recordings into the report.
    command : str, optional
        The command that made it, for the report.

    Returns
    -------
    dict
        What ``record.json`` holds.

    Raises
    ------
    UserError
        If the folder cannot be written, or holds anything else.
    """
    folder = check_place(out, [answer.folder])
    record = about(answer)
    content = csv(answer.predictions)
    page = report.page(answer, with_audio=with_audio, command=command).encode()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in (SCORE, MATRIX):  # of an earlier answer
            (folder / old).unlink(missing_ok=True)
        files.write(folder / PREDICTIONS, content)
        _model(answer, folder / MODEL)
        files.write(folder / REPORT, page)
        files.write(folder / RECORD, json.dumps(record, indent=1, ensure_ascii=False).encode(errors="backslashreplace"))
    except OSError as error:
        raise UserError(f"--out {out} cannot be written ({error.strerror or error}): give another folder") from error
    forget(answer)
    return record


def write_score(score: Score, out: str | os.PathLike[str]) -> None:
    """Keep a score beside its answer: ``score.json``, and ``score.svg``, who is taken for whom. Chapter 3.5.

    Parameters
    ----------
    score : Score
        As from `tlmlda_lib.experiments.adaptation.score`.
    out : path
        The answer's folder.

    Raises
    ------
    UserError
        If it cannot be written.
    """
    folder = files.place(out).resolve()
    try:
        files.write(folder / SCORE, json.dumps(score.to_json(), indent=1, ensure_ascii=False))
        picture = drawings.confusion(score.confusion, score.truth, score.classes)
        title = f"Who is taken for whom, of {score.confusion.sum()} labelled recordings"
        files.write(folder / MATRIX, drawings.svg(picture, title))
    except OSError as error:
        raise UserError(f"--out {out} cannot be written ({error.strerror or error}): give another folder") from error


def read_predictions(answer: str | os.PathLike[str]) -> pd.DataFrame:
    """The table of an answer that was kept. Chapter 3.5.

    Parameters
    ----------
    answer : path
        Its folder.

    Returns
    -------
    DataFrame
        As `Answer.predictions`, probabilities with four digits.

    Raises
    ------
    UserError
        If there is none.
    """
    folder = files.place(answer)
    if not folder.is_dir() or not (folder / PREDICTIONS).is_file() or not _is_answer(folder):
        raise UserError(f"{answer} is no answer of `{MADE_BY}`: give the folder that its --out named")
    text = dict.fromkeys(("file", "emotion", "without_transfer"), str)
    try:
        return pd.read_csv(folder / PREDICTIONS, dtype=text, keep_default_na=False, index_col="file")
    except (OSError, ValueError) as error:
        why = str(error).splitlines()[0]
        raise UserError(f"{folder / PREDICTIONS} cannot be read ({why}): repeat `{MADE_BY}`") from error


def csv(predictions: pd.DataFrame) -> bytes:
    """The table as CSV, probabilities with four digits; a file has its name as it is, with its control characters.

    Parameters
    ----------
    predictions : DataFrame
        `Answer.predictions`.
    """
    return predictions.to_csv(lineterminator="\n", float_format=predict.DIGITS).encode(errors="surrogateescape")


def _model(answer: Answer, folder: Path) -> None:
    """The vote of the aligned networks, for `tlmlda predict`."""
    vote = TLMLDAVote.of(answer.networks.aligned)
    if vote.scaler_.kind == "rank":  # its tables hold the recordings' own numbers, sorted
        return
    folder.mkdir(exist_ok=True)
    cell = {"scheme": _scheme(answer), "method": "tlmlda_vote", "preset": answer.preset}
    run.keep_model(vote, answer.pair, folder / predict.MODEL, cell)


def _scheme(answer: Answer) -> str:
    return "+".join(str(table["corpus"].iloc[0]) for table in answer.sources) + " to your recordings"


def about(answer: Answer) -> dict[str, Any]:
    """Everything that the answer depends on: data by counts and digest, settings, versions. Chapter 3.5.

    Parameters
    ----------
    answer : Answer
    """
    pair, table = answer.pair, answer.predictions
    first = answer.networks.aligned[0]
    return {
        "made_by": MADE_BY,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "sources": [_source(answer, t) for t in answer.sources],
        "target": {
            "recordings": len(table),
            "named": {str(k): int(v) for k, v in table["emotion"].value_counts().sort_index().items()},
            "unsure": int(table["unsure"].sum()),
            "left_out": list(answer.left_out),
            "in_a_source": dict(answer.heard),
        },
        "emotions": list(pair.classes),
        "features": list(pair.features),
        "method": "tlmlda",
        "preset": answer.preset,
        "overrides": dict(answer.params),
        "params": contents.options(first)[0],
        "scaling": f"{first.scaler_.kind} within {first.scaler_.within}",
        "seeds": len(answer.networks.aligned),
        "saw": {"target_features": True, "target_labels": False},
        "notes": list(answer.notes),
        "data": contents.data_digest(pair),
        "versions": provenance.versions(),
        "machine": provenance.machine(),
        "git_commit": provenance.git_commit(),
    }


def _source(answer: Answer, table: pd.DataFrame) -> dict[str, Any]:
    kept = table[table["emotion"].isin(answer.pair.classes)]
    counts = kept["emotion"].value_counts().sort_index()
    return {
        "name": str(table["corpus"].iloc[0]),
        "recordings": {str(k): int(v) for k, v in counts.items()},
        "speakers": int(kept["speaker"].nunique()),
        "left_out": len(table.attrs.get("problems", [])),
    }
