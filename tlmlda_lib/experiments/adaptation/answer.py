"""From recordings without labels to an answer with its own doubts. Chapter 3.5."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tlmlda_lib import domains, features, files
from tlmlda_lib.corpora.left_out import is_kept
from tlmlda_lib.domains import DomainPair
from tlmlda_lib.errors import UserError, in_one_line
from tlmlda_lib.experiments import run
from tlmlda_lib.experiments.adaptation import expected, inputs, networks, scoring, trust
from tlmlda_lib.experiments.adaptation.scoring import Score
from tlmlda_lib.features.problems import FeatureWarning
from tlmlda_lib.progress import shown
from tlmlda_lib.training import checkpoints

#: Networks of each kind.
SEEDS = 3

#: Recordings that a note names; the others are counted.
NAMED = 3

#: Columns of the answer after those of the probabilities.
DOUBTS = ("agreement", "without_transfer", "unsure")


@dataclass(frozen=True)
class Answer:
    """What `adapt` found. Chapter 3.5.

    Attributes
    ----------
    predictions : DataFrame
        Indexed by ``file``, its name as it is, relative to ``folder``: ``emotion``; a column for each emotion with its
        probability, the mean over the aligned networks; ``agreement``, the share of these that name this emotion;
        ``without_transfer``, what the networks without transfer name; ``unsure``, whether any of them differ.
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
        What was done otherwise than usual, and why; and what to know of the recordings.
    heard : dict of str to str
        Recordings that were learnt from, too, under another name, and in which source: `in_a_source`.
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
    heard: Mapping[str, str] = field(default_factory=dict)

    def write(
        self, out: str | os.PathLike[str], *, with_audio: bool = False, command: str | None = None
    ) -> dict[str, Any]:
        """Keep it in a folder: `tlmlda_lib.experiments.adaptation.keep.write`.

        Parameters
        ----------
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
        """
        from tlmlda_lib.experiments.adaptation import keep

        return keep.write(self, out, with_audio=with_audio, command=command)

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
    tell, progress = say or (lambda text: None), shown(progress)
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
    tell(_expected(tables, recordings, classes, sets, preset, params, seeds, encoders=encoders, cache=cache))
    how = {"encoders": encoders, "cache": cache, "workers": workers, "progress": progress}
    pair = _pair(tables, recordings, classes, sets, **how)
    where = networks.checkpoints_of(pair, preset, params, files.cache("checkpoints"))
    fitted = networks.train(pair, preset, seeds, where, params=params, threads=threads, progress=progress)
    table, heard = predictions(pair, fitted, folder), in_a_source(pair, tables, folder)
    notes = (*notes, *([_heard_in_words(heard, len(table))] if heard else []))
    left_out = _left_out(pair, recordings)
    return Answer(table, pair, tuple(tables), left_out, folder, fitted, preset, params, notes, heard)


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


def _expected(
    tables: Sequence[pd.DataFrame],
    recordings: pd.DataFrame,
    classes: tuple[str, ...],
    sets: tuple[str, ...],
    preset: str,
    params: Mapping[str, Any],
    seeds: int,
    **where: Any,
) -> str:
    """What will be done, and how long it takes, by what the cache holds."""
    from tlmlda_lib import methods

    voices = ("resemblyzer",) if methods.make(networks.ALIGNED, preset, **params).requires_voices else ()
    files = [file for t in tables for file in t.index[t["emotion"].isin(classes)]] + list(recordings.index)
    missing = features.missing(files, tuple(dict.fromkeys((*sets, *voices))), **where)
    return expected.in_words(tables, recordings, classes, missing, seeds)


def _left_out(pair: DomainPair, recordings: pd.DataFrame) -> tuple[dict[str, str], ...]:
    """Problems of the target's recordings: one for each, the weightier."""
    ours, said = set(recordings.index), dict[str, dict[str, str]]()
    for problem in (*recordings.attrs["problems"], *(p for p in pair.problems if p["file"] in ours)):
        before = said.get(problem["file"])
        if before is None or (is_kept(before["problem"]) and not is_kept(problem["problem"])):
            said[problem["file"]] = problem
    return tuple(said.values())


def in_a_source(pair: DomainPair, tables: Sequence[pd.DataFrame], folder: Path) -> dict[str, str]:
    """Recordings of the target that are in a source, too, by what is heard: their features are equal to the last bit.

    So copies under another name or in another lossless form are found; a copy that was cut or compressed is not.

    Parameters
    ----------
    pair : DomainPair
        Features before they are scaled.
    tables : sequence of DataFrame
        The sources, in the pair's order.
    folder : Path
        What the files' names will be relative to.

    Returns
    -------
    dict of str to str
        The source's name, by file.
    """
    names = [str(table["corpus"].iloc[0]) for table in tables]
    known = {x.tobytes(): names[d - 1] for x, d in zip(pair.X, pair.sample_domain, strict=True) if d > 0}
    found = {
        os.path.relpath(file, folder): known.get(x.tobytes())
        for file, x, of_target in zip(pair.files, pair.X, pair.target, strict=True)
        if of_target
    }
    return {file: source for file, source in sorted(found.items()) if source is not None}


def _heard_in_words(heard: Mapping[str, str], n: int) -> str:
    first = [in_one_line(file) for file in list(heard)[:NAMED]]
    more = f" and {len(heard) - NAMED} more" if len(heard) > NAMED else ""
    sources = " and ".join(dict.fromkeys(heard.values()))
    one, is_are = len(heard) == 1, "is" if len(set(heard.values())) == 1 else "are"
    return (
        f"{len(heard)} of {n} recordings {'is' if one else 'are'} also in {sources}, which {is_are} learnt from "
        f"({', '.join(first)}{more}): for {'it' if one else 'these'} the answer is no test"
    )


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
