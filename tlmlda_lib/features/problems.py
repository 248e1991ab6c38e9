"""Files that gave no features, in one report that names each. Chapter 1.3."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from tlmlda_lib.corpora.left_out import by_reason
from tlmlda_lib.errors import in_one_line

#: Number of files that a report names; the others are counted.
NAMED = 10

Problem = dict[str, str]


class FeatureWarning(UserWarning):
    """Some recordings gave no features, or the cache cannot be used; the rest is kept."""


def report(problems: Sequence[Problem], total: int, *, stacklevel: int) -> None:
    """Warn once about all files that were left out: the reasons with their counts, and the first files by name.

    Parameters
    ----------
    problems : sequence of dict
        ``{"file": ..., "problem": ...}``.
    total : int
        Number of files that were requested.
    stacklevel : int
        As in `warnings.warn`, relative to the caller.
    """
    if not problems:
        return
    named = "; ".join(f"{in_one_line(p['file'])} {p['problem']}" for p in problems[:NAMED])
    more = f"; and {len(problems) - NAMED} more" if len(problems) > NAMED else ""
    counted = f"{by_reason(problems)}: " if len(problems) > 1 else ""
    text = f"{len(problems)} of {total} files left out: {counted}{named}{more}"
    warnings.warn(text, FeatureWarning, stacklevel=stacklevel + 1)
