"""From tables of recordings to a labelled source and a target whose labels are kept apart. Chapter 1.4."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from tlmlda_lib import corpora, features
from tlmlda_lib.domains import schemes
from tlmlda_lib.domains.schemes import Scheme
from tlmlda_lib.errors import UserError
from tlmlda_lib.features import side_by_side
from tlmlda_lib.features.streams import streams
from tlmlda_lib.features.voices import VoiceGroups

#: Raise it when a change alters the rows, labels or order of a pair, or the reading of a corpus.
REVISION = 1

#: Share of one emotion in a target that is named "mostly-" and that emotion.
LOPSIDED = 0.7


@dataclass(frozen=True)
class DomainPair:
    """Source and target, stacked as methods take them. Chapter 1.4.

    Attributes
    ----------
    X : ndarray of shape (n, d), float32
        Features, unscaled.
    y : ndarray of shape (n,), int64
        Codes of ``classes``; -1 on target rows.
    sample_domain : ndarray of shape (n,), int64
        1, 2, .. for the source corpora; below 0 for the target.
    groups : ndarray of shape (n,), int64
        Speaker codes; ``speakers`` has the names.
    classes : tuple of str
        Emotions, in the order of the codes.
    truth : ndarray of shape (n_t,), int64, read-only, or None
        The target's labels, only for scoring; -1 where a recording has none. None if the target has none.
    features : tuple of str
        Names of the feature sets, as "is10" or "egemaps".
    feature_names : tuple of str
        Names of the columns.
    files, speakers : tuple of str
        File and speaker of each row.
    scheme : str
    problems : tuple of dict
        Files that were left out, and why.
    genders : tuple of str
        Gender of each row's speaker; "" if unknown.
    how : dict
        ``cache`` and ``progress`` for voice groups, which are computed on first use.
    """

    X: np.ndarray
    y: np.ndarray
    sample_domain: np.ndarray
    groups: np.ndarray
    classes: tuple[str, ...]
    truth: np.ndarray | None
    features: tuple[str, ...]
    feature_names: tuple[str, ...]
    files: tuple[str, ...]
    speakers: tuple[str, ...]
    scheme: str = ""
    problems: tuple[dict[str, str], ...] = ()
    genders: tuple[str, ...] = ()
    how: dict[str, Any] = field(default_factory=dict, repr=False)  # cache=, progress= of the features

    @property
    def target(self) -> np.ndarray:
        """Mask (n,) of the target's rows."""
        return self.sample_domain < 0

    @cached_property
    def streams(self) -> dict[str, np.ndarray]:
        """Columns of each stream, as `tlmlda_lib.features.streams` finds them in the names."""
        return streams(self.feature_names)

    @cached_property
    def voice_groups(self) -> VoiceGroups:
        """Centres of the two voices of each corpus; needs the extra ``voices``."""
        return VoiceGroups.fit(self._embeddings, self.sample_domain)

    @cached_property
    def voices(self) -> np.ndarray:
        """Voice-group codes (n,), from k-means on speaker embeddings at first use; needs the extra ``voices``."""
        return self.voice_groups.codes(self._embeddings, self.sample_domain)

    @cached_property
    def _embeddings(self) -> np.ndarray:
        found = features.embed(list(self.files), **self.how)
        missing = [f for f in self.files if f not in found.index]
        if missing:
            raise UserError(
                f"no voice was found in {len(missing)} files, first {missing[0]}: "
                "leave them out, or scale within the corpus"
            )
        return found.loc[list(self.files)].to_numpy()

    @cached_property
    def feature_digest(self) -> str:
        """SHA-256 of the features and their speakers, for records."""
        h = hashlib.sha256()
        for array in (self.X, self.y, self.sample_domain, self.groups):
            h.update(np.ascontiguousarray(array).tobytes())
        return h.hexdigest()


def make_pair(
    source: pd.DataFrame | Sequence[pd.DataFrame],
    target: pd.DataFrame,
    emotions: Sequence[str] | None = None,
    features: Sequence[str] = ("is10",),
    *,
    scheme: str = "",
    encoders: str | None = None,
    cache: str | None = None,
    workers: int | str | None = None,
    progress: bool | None = None,
) -> DomainPair:
    """Pair any tables of recordings.

    Parameters
    ----------
    source : DataFrame or sequence of DataFrame
        Labelled recordings, as `tlmlda_lib.corpora.load` gives them; several corpora are joined.
    target : DataFrame
        Recordings to recognise. Their labels are used only for `DomainPair.truth` and for the choice of the common
        emotions; they may be missing. Recordings without one are learned from like the others, and not scored.
    emotions : sequence of str, optional
        Emotions to keep; by default those that source and target share (closed-set selection: it uses the set of the
        target's classes, not the class of any recording).
    features : sequence of str
        "is10", "egemaps" and names of embeddings, as "openai/whisper-base:3"; they are put side by side.
    scheme : str
        A name for records.
    encoders : path, optional
        Folder of speech encoders, as in `tlmlda_lib.features.embed`.
    cache, workers, progress
        As in `tlmlda_lib.features.extract`.

    Returns
    -------
    DomainPair

    Raises
    ------
    UserError
        If a domain has no recordings left, or the source fewer than two emotions; if an emotion is named twice, or a
        recording has two.
    """
    sources = [source] if isinstance(source, pd.DataFrame) else list(source)
    classes = _classes(sources, target, emotions)
    whole, domain = _stacked(sources, target, classes)
    X = side_by_side(whole, features, encoders=encoders, cache=cache, workers=workers, progress=progress)
    problems = X.attrs.get("problems", [])
    good = whole.index.isin(X.index)
    whole, domain = whole[good], domain[good]
    X = X.loc[whole.index]
    if not (domain < 0).any() or not (domain > 0).any():
        without = "source" if (domain < 0).any() else "target"
        raise UserError(f"no file of the {without} gave features: {_first(problems)}")
    labels = whole["emotion"].map({c: i for i, c in enumerate(classes)}).astype("Int64")
    codes = labels.fillna(-1).to_numpy(np.int64)
    present = {classes[c] for c in codes[domain > 0]}
    if len(present) < 2:
        raise UserError(f"the source has one class, {present.pop()!r}: recordings of at least two emotions are needed")
    if absent := set(classes) - present:
        raise UserError(f"the source has no recording of {', '.join(sorted(absent))}: choose emotions= that it has")
    speakers = (whole["corpus"].astype(str) + "/" + whole["speaker"].astype(str)).tolist()
    truth = codes[domain < 0].copy()
    truth.flags.writeable = False
    return DomainPair(
        X=X.to_numpy(np.float32),
        y=np.where(domain > 0, codes, -1),
        sample_domain=domain,
        groups=np.unique(speakers, return_inverse=True)[1],
        classes=classes,
        truth=truth if (truth >= 0).any() else None,
        features=tuple(features),
        feature_names=tuple(X.columns),
        files=tuple(whole.index),
        speakers=tuple(speakers),
        scheme=scheme,
        problems=tuple([p for t in [*sources, target] for p in t.attrs.get("problems", [])] + problems),
        genders=tuple(whole["gender"].fillna("").astype(str)) if "gender" in whole else ("",) * len(whole),
        how={"cache": cache, "progress": progress},
    )


def whole_truth(pair: Any, need: str) -> np.ndarray:
    """The target's labels, if none is missing.

    Parameters
    ----------
    pair : DomainPair
        The pair.
    need : str
        What needs the labels, for the end of the error message.

    Returns
    -------
    ndarray of shape (n_t,), int64

    Raises
    ------
    UserError
        If a label is missing.
    """
    if pair.truth is None:
        raise UserError(f"the target has no labels{need}")
    if missing := int((np.asarray(pair.truth) < 0).sum()):
        raise UserError(f"the target has {missing} recordings without labels{need}")
    return np.asarray(pair.truth)


def _classes(sources: list[pd.DataFrame], target: pd.DataFrame, emotions: Sequence[str] | None) -> tuple[str, ...]:
    """The emotions that are kept: those that were chosen, or those that source and target share."""
    if emotions is not None:
        if isinstance(emotions, str):
            raise UserError(f"emotions={emotions!r} is one word: give a list of emotions")
        if twice := [e for e in emotions if list(emotions).count(e) > 1]:
            raise UserError(f"emotions= names {twice[0]} {len(twice)} times: name each emotion once")
        return tuple(sorted(emotions))
    of_source = set.union(*(set(t["emotion"].dropna()) for t in sources))
    of_target = set(target["emotion"].dropna())
    if not of_target:
        return tuple(sorted(of_source))
    shared = of_source & of_target
    if len(shared) < 2 <= len(of_source):
        raise UserError(
            f"source and target have {'one' if shared else 'no'} common emotion "
            f"(source: {', '.join(sorted(of_source))}; target: {', '.join(sorted(of_target))}): recordings of at least "
            "two are needed in both"
        )
    return tuple(sorted(shared))


def _stacked(
    sources: list[pd.DataFrame], target: pd.DataFrame, classes: tuple[str, ...]
) -> tuple[pd.DataFrame, np.ndarray]:
    """The rows that a pair can use, each file once, and the number of the domain of each."""
    names = ["source"] if len(sources) == 1 else [f"source {i + 1}" for i in range(len(sources))]
    for table, name in zip(sources, names, strict=True):
        if blank := int(table["emotion"].isna().sum()):
            text = f"the {name} has {blank} of {len(table)} recordings without an emotion: left out"
            warnings.warn(text, corpora.LeftOutWarning, stacklevel=3)
    blanks = target["emotion"].isna()
    if blanks.any() and not blanks.all():
        text = f"the target has {blanks.sum()} of {len(target)} recordings without an emotion: learned from, not scored"
        warnings.warn(text, stacklevel=3)
    kept = [t[t["emotion"].isin(classes)] for t in sources]
    kept.append(target[target["emotion"].isin(classes) | blanks])
    for i, name in enumerate([*names, "target"]):
        if kept[i].empty:
            named = ", ".join(classes) or "a common emotion"
            raise UserError(f"the {name} has no recordings of {named}: give other corpora")
        kept[i], again = _once(kept[i], name)
        if again:
            warnings.warn(f"{again} rows of the {name} repeat a file of it: each file counts once", stacklevel=3)
    whole = pd.concat(kept)
    domain = np.repeat([*range(1, len(sources) + 1), -len(sources) - 1], [len(t) for t in kept])
    repeated = whole.index.duplicated()
    if both := int(repeated[domain < 0].sum()):
        warnings.warn(f"{both} files are in both domains: the source keeps them", stacklevel=3)
    if two := int(repeated[domain > 0].sum()):
        warnings.warn(f"{two} files are in two sources: the first keeps them", stacklevel=3)
    return whole[~repeated], domain[~repeated]


def _once(table: pd.DataFrame, name: str) -> tuple[pd.DataFrame, int]:
    """A domain with each file once, and the number of rows that repeated one."""
    again = table.index.duplicated()
    if not again.any():
        return table, 0
    labels = table["emotion"].groupby(table.index).nunique()
    if (labels > 1).any():
        file = labels.index[labels > 1][0]
        said = " and as ".join(table.loc[[file], "emotion"].dropna().unique())
        raise UserError(f"the {name} has {file} as {said}: keep one of the rows")
    return table[~again], int(again.sum())


def load_pair(
    scheme: str | Scheme, root: Any = None, features: Sequence[str] = ("is10",), *, seed: int = 0, **options: Any
) -> DomainPair:
    """Pair corpora by the name of a scheme, with the emotions that they have in common.

    Parameters
    ----------
    scheme : str or Scheme
        As `tlmlda_lib.domains.schemes.parse` takes it: "B2C" (EmoDB to CASIA), "casia_to_emodb", "loco-B"; "C2B-female"
        or "C2B-03" take as target only the women, or one speaker, of B, and "C2B-mostly-anger" a part of its
        recordings of which 70 % are angry. "B2B-03" learns from all other speakers of B.
    root : path, optional
        Folder that contains the corpora; by default the environment variable TLMLDA_CORPORA. Synthetic corpora need
        none.
    features : sequence of str
        As in `make_pair`.
    seed : int
        Random seed of synthetic corpora.
    **options
        As in `make_pair`.

    Returns
    -------
    DomainPair

    Raises
    ------
    UserError
        If the scheme is not known, a corpus is missing, the target lacks the part, or the corpora share fewer than
        three emotions.
    """
    one = schemes.parse(scheme)
    made: dict[str, Any] = {"seed": seed, "progress": options.get("progress")}
    tables = {x: corpora.load(x, root, **(made if x in corpora.MADE.values() else {})) for x in one.corpora}
    emotions = one.emotions or schemes.enough(
        schemes.common(table["emotion"].dropna() for table in tables.values()), one.corpora
    )
    target = _part(tables[one.target], one, emotions)
    sources = [tables[s].drop(index=target.index) if one.within else tables[s] for s in one.sources]
    return make_pair(sources, target, emotions, features, scheme=str(one), **options)


def _part(target: pd.DataFrame, one: Scheme, emotions: Sequence[str]) -> pd.DataFrame:
    """The part of a target that its scheme names."""
    if not one.part:
        return target
    if one.part.startswith(schemes.MOSTLY):
        return _lopsided(target[target["emotion"].isin(emotions)], one.part.removeprefix(schemes.MOSTLY), one.target)
    kept = target["speaker"].astype(str) == one.part
    kept |= target["gender"].astype(str) == one.part if "gender" in target else False
    if not kept.any():
        speakers = ", ".join(target["speaker"].astype(str).unique())
        raise UserError(
            f"{one.target} has no part {one.part!r}: use female, male, mostly- and an emotion, or a speaker, one of "
            f"{speakers}"
        )
    return target[kept]


def _lopsided(target: pd.DataFrame, emotion: str, name: str) -> pd.DataFrame:
    """As many recordings that `LOPSIDED` of them have one emotion; the others keep their proportions, drawn by chance.

    All recordings are kept of the emotion or of the others, whichever are too few.
    """
    have = target["emotion"] == emotion
    if not have.any() or have.all():
        known = ", ".join(sorted(target["emotion"].unique()))
        raise UserError(f"{name} has no part {schemes.MOSTLY}{emotion}: use one of its emotions here, {known}")
    odds = LOPSIDED / (1 - LOPSIDED)
    ours = min(have.sum(), odds * (~have).sum())
    shares = {True: ours / have.sum(), False: ours / odds / (~have).sum()}
    drawn = [
        rows.sample(max(1, round(shares[e == emotion] * len(rows))), random_state=0)
        for e, rows in target.groupby("emotion")
    ]
    return target.loc[pd.concat(drawn).index.sort_values()]


def _first(problems: list[dict[str, str]]) -> str:
    return f"{problems[0]['file']}: {problems[0]['problem']}" if problems else "nothing was reported"
