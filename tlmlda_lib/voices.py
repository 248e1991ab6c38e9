"""Two voices in every corpus: groups found in speaker embeddings, with neither labels nor metadata. Chapter 1.4."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.cluster import KMeans

#: Groups in a corpus. On B, C and R two are the speakers' genders in 99.8 % of the files; with more, emotion leaks
#: into them.
N_VOICES = 2


@dataclass(frozen=True)
class VoiceGroups:
    """Centres of the voices of each domain, found without labels or metadata.

    Attributes
    ----------
    centres : dict of int to ndarray of shape (2, 256)
        By ``sample_domain``.
    """

    centres: Mapping[int, np.ndarray]

    @classmethod
    def fit(cls, embeddings: np.ndarray, sample_domain: np.ndarray) -> VoiceGroups:
        """Find two groups in the speaker embeddings (n, 256) of each domain."""
        centres = {}
        for d in np.unique(sample_domain):
            rows = embeddings[sample_domain == d].astype(np.float64)
            k = min(N_VOICES, len(np.unique(rows, axis=0)))
            centres[int(d)] = KMeans(k, n_init=10, random_state=0).fit(rows).cluster_centers_
        return cls(centres)

    @property
    def target(self) -> int:
        """The domain that new recordings belong to: the target, or the only source."""
        return min(self.centres)

    def codes(self, embeddings: np.ndarray, sample_domain: np.ndarray | int | None = None) -> np.ndarray:
        """Group of the nearest centre of a row's own domain.

        Parameters
        ----------
        embeddings : ndarray of shape (n, 256)
        sample_domain : int or ndarray of shape (n,), optional
            Without it the rows are new recordings of the target.

        Returns
        -------
        ndarray of shape (n,), int64
            No two domains share a code.
        """
        domain = np.broadcast_to(np.asarray(self.target if sample_domain is None else sample_domain), len(embeddings))
        codes = np.empty(len(embeddings), dtype=np.int64)
        for i, (d, centres) in enumerate(sorted(self.centres.items())):
            rows = domain == d
            distance = ((embeddings[rows, None] - centres) ** 2).sum(-1)
            codes[rows] = i * N_VOICES + distance.argmin(1)
        return codes

    def to_json(self) -> dict[str, Any]:
        """Plain lists, for a saved model."""
        return {str(d): c.tolist() for d, c in self.centres.items()}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> VoiceGroups:
        """Back from `to_json`."""
        return cls({int(d): np.array(c) for d, c in content.items()})
