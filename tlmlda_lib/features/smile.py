"""Acoustic features by openSMILE: the 1582 numbers of the Interspeech 2010 paralinguistic challenge. Chapter 1.3."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import Any, ClassVar

import pandas as pd

from tlmlda_lib.errors import UserError
from tlmlda_lib.features import recipe
from tlmlda_lib.features.gather import gather

#: openSMILE's feature sets that `extract` knows, and the number of features of each.
FEATURE_SETS = {"IS10": 1582, "eGeMAPSv02": 88}

#: Short names of the feature sets, as pairs of domains use them.
SHORT_NAMES = {"is10": "IS10", "egemaps": "eGeMAPSv02"}


@dataclass(frozen=True)
class Functionals:
    """openSMILE's functionals over a whole recording, as a `tlmlda_lib.features.recipe.Recipe`."""

    name: str  # a key of `FEATURE_SETS`

    few = 24
    memory = 250 * 2**20

    #: Raise it when a change alters the features.
    revision: ClassVar[int] = 1

    @property
    def key(self) -> str:
        """Feature set, openSMILE's version, revision of the preprocessing."""
        own = f".{self.revision}" if self.revision > 1 else ""
        return f"{self.name}-opensmile-{version('opensmile')}-sound-{recipe.PREPARATION}{own}"

    @cached_property
    def columns(self) -> list[str]:
        """openSMILE's own names."""
        return list(self._smile().feature_names)

    def load(self) -> recipe.Measure:
        """The function from sound (n,) to features."""
        smile = self._smile()
        return lambda samples: smile(samples, recipe.RATE)  # without a DataFrame around each row

    def _smile(self) -> Any:
        import opensmile

        return opensmile.Smile(opensmile.FeatureSet[self.name], opensmile.FeatureLevel.Functionals)


def extract(
    table: pd.DataFrame | Sequence[str | os.PathLike[str]],
    *,
    feature_set: str = "IS10",
    workers: int | str | None = None,
    cache: str | os.PathLike[str] | None = None,
    progress: bool | None = None,
) -> pd.DataFrame:
    """Describe each recording by openSMILE's functionals. Chapter 1.3.

    The sound is read as 16 kHz mono (mean of the channels), neither trimmed nor normalised in loudness. Rows are the
    same bits for any number of workers, and whether they come from the cache or not.

    Parameters
    ----------
    table : DataFrame or sequence of paths
        Recordings: a table with audformat's filewise index, as `tlmlda_lib.corpora.load` gives it, or paths.
    feature_set : str
        "IS10" (1582 numbers, of the Interspeech 2010 challenge [1]_, which the paper uses) or "eGeMAPSv02" (88, [2]_).
    workers : int or str, optional
        Number of processes, by default the number of available cores; or the address of a Dask scheduler, as
        "tcp://node1:8786", whose workers see the recordings under the same paths.
    cache : path, optional
        Folder in which features are cached by the content of the file; by default the environment variable
        TLMLDA_CACHE, else the user's cache folder.
    progress : bool, optional
        Show a progress bar; by default on a terminal or in a notebook, if it takes longer than two seconds.

    Returns
    -------
    DataFrame of shape (n, 1582) or (n, 88), float32
        Rows in the order of `table`, columns named by openSMILE. Recordings that cannot be read, are silent, shorter
        than 0.25 s or give features that are not finite are left out: ``attrs["problems"]`` lists them as
        ``{"file": ..., "problem": ...}``.

    Warns
    -----
    FeatureWarning
        Once, naming each recording that is left out (ten at most, then their number); once if the cache cannot be
        written.

    Raises
    ------
    UserError
        If no recording is left, or the feature set is not known.

    References
    ----------
    .. [1] B. Schuller et al., "The INTERSPEECH 2010 Paralinguistic Challenge", Interspeech 2010.
    .. [2] F. Eyben et al., "The Geneva Minimalistic Acoustic Parameter Set (GeMAPS) for Voice Research and Affective
       Computing", IEEE Transactions on Affective Computing 7 (2016).
    """
    if feature_set not in FEATURE_SETS:
        raise UserError(f"feature set {feature_set!r} is not known: use one of {', '.join(FEATURE_SETS)}")
    return gather(table, Functionals(feature_set), workers=workers, cache=cache, progress=progress)
