"""A saved method on recordings of your own. Chapter 3.5."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tlmlda_lib import corpora, features, files, methods
from tlmlda_lib.errors import UserError
from tlmlda_lib.features.voices import VoiceGroups

#: File in a folder that holds a model, and that folder in an answer of `tlmlda adapt`.
MODEL, FOLDER = "model.safetensors", "model"

#: How probabilities are written.
DIGITS = "%.4f"


def model_file(model: str | Path) -> Path:
    """The file of a saved method. Chapter 3.5.

    Parameters
    ----------
    model : path
        That file, the folder that holds it, or an answer of `tlmlda adapt`, which holds that folder.

    Raises
    ------
    UserError
        If a folder holds none.
    """
    given = files.place(model)
    if not given.is_dir():
        return given
    places = (given / MODEL, given / FOLDER / MODEL)
    if (found := next((file for file in places if file.is_file()), None)) is None:
        raise UserError(
            f"{model} holds no {MODEL}, nor {FOLDER}/{MODEL}: give the folder that `tlmlda adapt --out` wrote, or a "
            "file of `tlmlda run --save`"
        )
    return found


def predict(model: str | Path, recordings: Any, **how: Any) -> pd.DataFrame:
    """Emotions of new recordings by a method that `tlmlda_lib.experiments.run.keep_model` saved. Chapter 3.5.

    Parameters
    ----------
    model : path
        As `model_file` takes it.
    recordings : path or DataFrame, or sequence of path
        A recording, a folder of recordings, or anything that `tlmlda_lib.corpora.folder.load` accepts. Labels are not
        read.
    **how
        ``encoders``, ``cache``, ``workers``, ``progress`` of `tlmlda_lib.features.embed`.

    Returns
    -------
    DataFrame
        Indexed by file: ``emotion``, and a column for each emotion with its probability (for PCA + SVM its decision
        value). ``attrs["problems"]`` lists what was left out, ``attrs["worth"]`` says how reliable the predictions are.

    Raises
    ------
    UserError
        If the file contains no method, or one without the content that prediction needs; if no recording can be used.
    """
    model = Path(model)
    method = methods.load(model_file(model))
    about = method.about
    if not {"emotions", "features", "columns"} <= set(about):
        raise UserError(f"{model} does not name its features: make it by `tlmlda run --save {model}`")
    table = _loaded(recordings)
    X = features.side_by_side(table, about["features"], **how)
    if list(X.columns) != list(about["columns"]):
        raise UserError(
            f"{model} was trained on {len(about['columns'])} features and these here are {X.shape[1]} others: "
            "train it again"
        )
    more: dict[str, Any] = {}
    if method.scaler_.within == "voices":
        more["voices"] = _voices(X, about["voice_centres"], how)
    values = (method.predict_proba if hasattr(method, "predict_proba") else method.decision_function)(
        X.to_numpy(), **more
    )
    names = [about["emotions"][c] for c in method.classes_]
    if values.ndim == 1:  # scikit-learn's decision between two classes
        values = np.stack([-values, values], 1)
    predicted = pd.DataFrame(values, index=X.index, columns=names)
    predicted.insert(0, "emotion", [about["emotions"][c] for c in method.predict(X.to_numpy(), **more)])
    predicted.attrs["problems"] = [*table.attrs["problems"], *X.attrs["problems"]]
    predicted.attrs["worth"] = worth(about)
    return predicted


def _loaded(recordings: Any) -> pd.DataFrame:
    """Recordings without labels, each once, and what was left out."""
    if isinstance(recordings, list | tuple):
        tables = [_loaded(one) for one in recordings]
        table = pd.concat(tables)
        table = table[~table.index.duplicated()]
        table.attrs["problems"] = [p for one in tables for p in one.attrs["problems"]]
        return table
    path = None if isinstance(recordings, pd.DataFrame) else files.place(recordings)
    if path is not None and path.is_file() and path.suffix.lower() in corpora.sound.SOUND:
        recordings = pd.DataFrame(index=pd.Index([str(corpora.files.place(path))], name="file")).assign(emotion=pd.NA)
    return corpora.load("folder", recordings, unlabelled=True)


def worth(about: Mapping[str, Any]) -> str:
    """How reliable the predictions of a saved method are, in two sentences.

    Parameters
    ----------
    about : dict
        ``about`` of a method from `tlmlda_lib.methods.load`.
    """
    known = about.get("worth") or {}
    names = list(about["emotions"])
    learned = " and ".join(known.get("source", ())) or "recordings that its file does not name"
    synthetic = bool(known) and all(name.startswith("made-") for name in known["source"])
    score = "how often it is right is not known"
    if "war" in known:
        score = (
            f"recognised {known['war']:.1f} % of {known['recordings']} recordings of {' and '.join(known['target'])} "
            f"(WAR; chance {known['chance']:.1f} %)"
        )
    return (
        f"The model learned {'synthetic' if synthetic else 'acted'} emotions from {learned}, and {score}: expect less "
        "of other voices and rooms, and of speech that is not acted. "
        f"It knows no answer but {', '.join(names[:-1])} and {names[-1]}, and not what a person feels: it is not for "
        "diagnosis, nor for decisions about people."
    )


def _voices(X: pd.DataFrame, centres: dict[str, Any], how: dict[str, Any]) -> np.ndarray:
    """Group of the nearest stored centre for each row."""
    embedded = features.embed(list(X.index), **how)
    if missing := [f for f in X.index if f not in embedded.index]:
        raise UserError(f"no voice was found in {missing[0]}: leave it out")
    return VoiceGroups.from_json(centres).codes(embedded.loc[X.index].to_numpy())
