"""Files that gave no features: one report that names each."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from tlmlda_lib.corpora.left_out import by_reason

#: A report names so many files, then counts.
NAMED = 10

Problem = dict[str, str]


class FeatureWarning(UserWarning):
    """Some recordings gave no features, or the cache cannot be used; what was good is kept."""


def report(problems: Sequence[Problem], total: int, *, stacklevel: int) -> None:
    """Warn once about all files that were left out: for which reasons how many, and the first by name.

    Parameters
    ----------
    problems : sequence of dict
        ``{"file": ..., "problem": ...}``.
    total : int
        Files asked for.
    stacklevel : int
        As in `warnings.warn`, seen from the caller.
    """
    if not problems:
        return
    named = "; ".join(f"{p['file']} {p['problem']}" for p in problems[:NAMED])
    more = f"; and {len(problems) - NAMED} more" if len(problems) > NAMED else ""
    counted = f"{by_reason(problems)}: " if len(problems) > 1 else ""
    text = f"{len(problems)} of {total} files left out: {counted}{named}{more}"
    warnings.warn(text, FeatureWarning, stacklevel=stacklevel + 1)
