"""From recordings without labels to an answer with its own doubts. Chapter 3.5."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tlmlda_lib import domains, features, files
from tlmlda_lib.domains import DomainPair
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import run
from tlmlda_lib.experiments.adaptation import expected, inputs, networks, scoring, trust
from tlmlda_lib.experiments.adaptation.scoring import Score
from tlmlda_lib.features.problems import FeatureWarning
from tlmlda_lib.training import checkpoints

#: Networks of each kind.
SEEDS = 3

#: Columns of the answer after those of the probabilities.
DOUBTS = ("agreement", "without_transfer", "unsure")


@dataclass(frozen=True)
class Answer:
    """What `adapt` found. Chapter 3.5.

    Attributes
    ----------
    predictions : DataFrame
        Indexed by ``file``, relative to ``folder``: ``emotion``; a column for each emotion with its probability, the
        mean over the aligned networks; ``agreement``, the share of these that name this emotion; ``without_transfer``,
        what the networks without transfer name; ``unsure``, whether any of them differ.
    pair : DomainPair
        What was learnt from and what was recognised.
    sources : tuple of DataFrame
        Recordings that were learnt from, as they were read.
    left_out : tuple of {"file", "problem"}
        Recordings of the target that were left out, and why.
    folder : Path
        What the files' names are relative to.
    networks : Networks
        Aligned, and without transfer.
    preset : str
    params : dict
        Options that differ from the preset.
    notes : tuple of str
        What was done otherwise than usual, and why.
    """

    predictions: pd.DataFrame
    pair: DomainPair
    sources: tuple[pd.DataFrame, ...]
    left_out: tuple[dict[str, str], ...]
    folder: Path
    networks: networks.Networks
    preset: str
    params: Mapping[str, Any]
    notes: tuple[str, ...] = ()

    def write(self, out: str | os.PathLike[str], *, with_audio: bool = False) -> dict[str, Any]:
        """Keep it in a folder: `tlmlda_lib.experiments.adaptation.keep.write`.

        Parameters
        ----------
        out : path
            A new or empty folder, or one of an earlier answer, which is replaced.
        with_audio : bool
            Put some recordings into the report.

        Returns
        -------
        dict
            What ``record.json`` holds.
        """
        from tlmlda_lib.experiments.adaptation import keep

        return keep.write(self, out, with_audio=with_audio)

    def score(self, labels: pd.DataFrame) -> Score:
        """Compare it with labels: `tlmlda_lib.experiments.adaptation.scoring.score`.

        Parameters
        ----------
        labels : DataFrame
            As from `tlmlda_lib.corpora.load`.
        """
        return scoring.score(self.predictions, self.folder, labels)


def adapt(
    sources: Any,
    target: str | os.PathLike[str] | pd.DataFrame,
    *,
    root: Any = None,
    emotions: Sequence[str] | None = None,
    label_map: Mapping[str, str] | None = None,
    features: Sequence[str] | None = None,
    preset: str | None = None,
    params: Mapping[str, Any] | None = None,
    seeds: int = SEEDS,
    encoders: Any = None,
    cache: Any = None,
    workers: int | str | None = None,
    threads: int = 1,
    progress: bool | None = None,
    say: Any = None,
) -> Answer:
    """Learn emotions from labelled recordings, adapt to recordings without labels, and name their emotions.

    Chapter 3.5.

    Parameters
    ----------
    sources : str, path, DataFrame, or sequence of them
        As `tlmlda_lib.experiments.adaptation.inputs.source` takes them: "emodb", "audb:emodb", "my_labelled_folder".
    target : path or DataFrame
        A folder of recordings, a CSV file or table with a column ``file``, or one recording. Its labels, if it has any,
        are not read.
    root : path, optional
        Folder that contains the corpora; by default the environment variable TLMLDA_CORPORA.
    emotions : sequence of str, optional
        Emotions to tell apart; by default those that all sources have.
    label_map : mapping of str to str, optional
        From the labels of your own sources to this library's names.
    features : sequence of str, optional
        Feature sets; by default the best that can be computed here.
    preset : str, optional
        Of TLMLDA; by default the recommended one for the features.
    params : mapping, optional
        Options that differ from the preset.
    seeds : int
        Networks of each kind, with and without transfer.
    encoders, cache, workers
        As in `tlmlda_lib.features.embed`: ``workers`` may be the address of a Dask scheduler.
    threads : int
    progress : bool, optional
        Show progress bars; by default on a terminal and in a notebook.
    say : callable, optional
        Called with a line of text before each long step.

    Returns
    -------
    Answer
        Its ``write`` keeps it in a folder, its ``score`` compares it with labels.

    Raises
    ------
    UserError
        If an input cannot be used, or the sources share fewer than two emotions.

    Examples
    --------
    >>> import tlmlda_lib as tl
    >>> answer = tl.adapt("made-de", "my_recordings")  # doctest: +SKIP
    >>> answer.predictions["emotion"]  # doctest: +SKIP
    """
    if seeds < 1:
        raise UserError(f"seeds={seeds}: at least 1 is needed")
    tell, progress = say or (lambda text: None), _bars(progress)
    given = [sources] if isinstance(sources, str | os.PathLike | pd.DataFrame) else list(sources)
    if not given:
        raise UserError("no source was given: name a corpus, as emodb, or a folder with labels")
    tables = [inputs.source(one, root, label_map=label_map, progress=progress) for one in given]
    recordings, folder = inputs.target(target)
    inputs.check_apart(tables, recordings)
    classes = inputs.common(tables, emotions)
    sets = tuple(features) if features else _best(encoders)
    preset = preset or run.default_preset(networks.ALIGNED, sets)
    params, notes = _without_voices(preset, dict(params or {}))
    tell(expected.in_words(tables, recordings, classes, sets, seeds))
    how = {"encoders": encoders, "cache": cache, "workers": workers, "progress": progress}
    pair = _pair(tables, recordings, classes, sets, **how)
    where = networks.checkpoints_of(pair, preset, params, files.cache("checkpoints"))
    fitted = networks.train(pair, preset, seeds, where, params=params, threads=threads, progress=progress)
    left_out = (*recordings.attrs["problems"], *_of_target(pair, recordings))
    return Answer(
        predictions(pair, fitted, folder), pair, tuple(tables), left_out, folder, fitted, preset, params, notes
    )


def _bars(asked: bool | None) -> bool:
    """Whether progress bars are shown: a file that takes the output gets none."""
    return ("ipykernel" in sys.modules or sys.stderr.isatty()) if asked is None else asked


def _best(encoders: Any) -> tuple[str, ...]:
    return features.best(encoders)


def _without_voices(preset: str, params: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Where the speaker encoder is missing, scale within the corpus, and say so."""
    from tlmlda_lib import methods
    from tlmlda_lib.features import embeddings

    if not methods.make(networks.ALIGNED, preset, **params).requires_voices or embeddings.is_here():
        return params, ()
    note = "the speaker encoder is not installed, so features are scaled within each corpus, not within voices"
    return {**params, "within": "corpus"}, (note,)


def _pair(
    tables: Sequence[pd.DataFrame],
    recordings: pd.DataFrame,
    classes: tuple[str, ...],
    sets: tuple[str, ...],
    **how: Any,
) -> DomainPair:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FeatureWarning)  # what was left out is in the answer
        return domains.make_pair(tables, recordings, classes, sets, scheme="adapt", **how)


def _of_target(pair: DomainPair, recordings: pd.DataFrame) -> list[dict[str, str]]:
    """Problems of features that belong to the target's recordings."""
    ours = set(recordings.index)
    known = {(p["file"], p["problem"]) for p in recordings.attrs["problems"]}
    return [p for p in pair.problems if p["file"] in ours and (p["file"], p["problem"]) not in known]


def predictions(pair: DomainPair, fitted: networks.Networks, folder: Path) -> pd.DataFrame:
    """The table of an answer. Chapter 3.5.

    Parameters
    ----------
    pair : DomainPair
    fitted : Networks
        Fitted on the pair.
    folder : Path
        What the files' names will be relative to.
    """
    aligned, plain = fitted.probabilities(pair)
    p = aligned.mean(0)
    codes = p.argmax(1)
    own = aligned.argmax(2) == codes
    without = plain.mean(0).argmax(1)
    files = [f for f, of_target in zip(pair.files, pair.target, strict=True) if of_target]
    index = pd.Index([os.path.relpath(f, folder) for f in files], name="file")
    table = pd.DataFrame(p, index=index, columns=list(pair.classes))
    table.insert(0, "emotion", _names(pair, codes))
    table["agreement"] = own.mean(0)
    table["without_transfer"] = _names(pair, without)
    table["unsure"] = ~(own.all(0) & (without == codes))
    return table.sort_index()


def _names(pair: DomainPair, codes: NDArray[np.int64]) -> NDArray[Any]:
    return np.asarray(pair.classes, dtype=object)[codes]


def forget(answer: Answer) -> None:
    """Remove the checkpoints of an answer that has been kept.

    Parameters
    ----------
    answer : Answer
        As from `adapt`.
    """
    where = networks.checkpoints_of(answer.pair, answer.preset, answer.params, files.cache("checkpoints"))
    for name in (networks.ALIGNED, networks.PLAIN):
        for file in where.glob(f"{name}-*.safetensors"):
            checkpoints.remove(file)
    if where.is_dir() and not any(where.iterdir()):
        where.rmdir()


def tried(answer: Answer) -> trust.Tried | None:
    """How often such an answer was right on corpora whose labels are known.

    Parameters
    ----------
    answer : Answer
        As from `adapt`.
    """
    return trust.tried(answer.pair.features, len(answer.networks.aligned))
