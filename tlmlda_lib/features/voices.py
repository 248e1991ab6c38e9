"""Groups of voices in a corpus, from speaker embeddings, with neither labels nor metadata. Chapter 1.4."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

#: Raise it when a change alters the voices that recordings get.
REVISION = 1

#: Groups in a corpus. On B, C and R two groups match the speakers' genders in 99.8 % of the files; with more groups,
#: emotion leaks into them.
N_VOICES = 2

#: Two groups are voices only if another domain's groups differ in the same direction, with a cosine above this. Between
#: whole corpora of B, C and R it is 0.44 to 0.56; for half a corpus of one gender, or one speaker, whose two groups
#: are moods, at most 0.25.
AGREEMENT = 1 / 3


@dataclass(frozen=True)
class VoiceGroups:
    """Centres of the voices of each domain, found without labels or metadata. Chapter 1.4.

    Attributes
    ----------
    centres : dict of int to ndarray of shape (2, 256) or (1, 256)
        By ``sample_domain``; one centre where no other domain confirms that the two are voices.

    Notes
    -----
    k-means [1]_ with ten starts and two centres.

    References
    ----------
    .. [1] S. P. Lloyd, "Least squares quantization in PCM", IEEE Transactions on Information Theory 28, 129-137,
       1982.
    """

    centres: Mapping[int, np.ndarray]

    @classmethod
    def fit(cls, embeddings: np.ndarray, sample_domain: np.ndarray) -> VoiceGroups:
        """Find two groups in the embeddings of each domain, or one where two would not be voices.

        Parameters
        ----------
        embeddings : ndarray of shape (n, 256)
            Speaker embeddings.
        sample_domain : ndarray of shape (n,), int
            Domain of each row.
        """
        rows = {int(d): embeddings[sample_domain == d].astype(np.float64) for d in np.unique(sample_domain)}
        two = {d: _centres(x, min(N_VOICES, len(np.unique(x, axis=0)))) for d, x in rows.items()}
        apart = {d: np.diff(centres, axis=0) for d, centres in two.items()}
        alone = [d for d in two if len(two) > 1 and not any(_agree(apart[d], apart[e]) for e in two if e != d)]
        return cls(two | {d: _centres(rows[d], 1) for d in alone})

    @property
    def target(self) -> int:
        """The domain of new recordings: the target, or the only source."""
        return min(self.centres)

    def codes(self, embeddings: np.ndarray, sample_domain: np.ndarray | int | None = None) -> np.ndarray:
        """Code of the nearest centre of each row's own domain.

        Parameters
        ----------
        embeddings : ndarray of shape (n, 256)
        sample_domain : int or ndarray of shape (n,), optional
            By default the rows are new recordings from the target.

        Returns
        -------
        ndarray of shape (n,), int64
            Codes differ between domains.
        """
        domain = np.broadcast_to(np.asarray(self.target if sample_domain is None else sample_domain), len(embeddings))
        codes = np.empty(len(embeddings), dtype=np.int64)
        for i, (d, centres) in enumerate(sorted(self.centres.items())):
            rows = domain == d
            distance = ((embeddings[rows, None] - centres) ** 2).sum(-1)
            codes[rows] = i * N_VOICES + distance.argmin(1)
        return codes

    def to_json(self) -> dict[str, Any]:
        """The centres as lists, for a saved model."""
        return {str(d): c.tolist() for d, c in self.centres.items()}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> VoiceGroups:
        """The inverse of `to_json`.

        Parameters
        ----------
        content : mapping of str to lists
            As `to_json` gives it.
        """
        return cls({int(d): np.array(c) for d, c in content.items()})


def _centres(rows: np.ndarray, k: int) -> np.ndarray:
    from sklearn.cluster import KMeans  # a second, for the few that look for voices

    return KMeans(k, n_init=10, random_state=0).fit(rows).cluster_centers_


def _agree(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two directions (1, 256) are parallel, in either sense; (0, 256), of a single centre, agrees with none."""
    return bool(len(a) and len(b) and abs(a @ b.T).item() > AGREEMENT * np.linalg.norm(a) * np.linalg.norm(b))
