"""Records of form 2, of version 0.1, as records of today. Chapter 3.4.

In form 2 the factors alpha were five in a row; in form 3 they are named. The digest of the options, which is part of a
record's name, follows from them. The preset ``recommended`` of TLMLDA and its ablations is ``recommended-is10`` today.
Nothing else changes: no score, no curve, no other option.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

#: The form that this module reads.
FORMAT = 2

#: Parts of a record that hold options.
_OPTIONS = ("params", "overrides")


def today(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record of form 2 with its factors by name, and with the digest and the preset's name that it has today.

    A digest that does not follow from the options, as where a default has changed since, stays.

    Parameters
    ----------
    record : dict
        A record of form 2.
    """
    new = dict(record)
    if (default := _defaults(record["method"])) is None:
        return new
    for part in _OPTIONS:
        if "alpha" in record.get(part, {}):
            new[part] = {**record[part], "alpha": _named(record[part]["alpha"])}
    if record["preset"] == "recommended" and record["method"] != "ifn":
        new["preset"] = "recommended-is10"
    new["options_digest"] = _digest(record, new, default)
    return new


@cache
def _defaults(method: str) -> dict[str, Any] | None:
    """Options that a method has by default; None where factors of losses are not among them."""
    from tlmlda_lib import methods
    from tlmlda_lib.training.options import describe

    clf: Any = methods.METHODS[method]() if method in methods.METHODS else None
    found = describe(type(clf.options())()) if hasattr(clf, "options") else {}
    return found if isinstance(found.get("alpha"), Mapping) else None


def _named(alpha: Any) -> dict[str, float]:
    from tlmlda_lib.training.options import by_name, factors

    return factors(by_name(alpha))


def _digest(record: Mapping[str, Any], new: Mapping[str, Any], default: Mapping[str, Any]) -> str:
    from tlmlda_lib.experiments import contents, run, store

    features = tuple(record.get("data", {}).get("features", contents.FEATURES))
    if "params" in new:
        own = {k: v for k, v in new["params"].items() if k not in default or v != default[k]}
        before = iter([record["params"].get("alpha")])
    else:  # a picture: its options are its preset's
        cell = (record["scheme"], record["method"], new["preset"], record["seed"])
        own = contents.options(run.named(*cell, params=new["overrides"])[0])[1]
        before = _in_a_row(own.get("alpha", {}))
    own |= {"features": features} if features != contents.FEATURES else {}
    if "alpha" not in own:
        return str(record["options_digest"])
    known = any(store.options_digest({**own, "alpha": a}) == record["options_digest"] for a in before)
    return store.options_digest(own) if known else str(record["options_digest"])


def _in_a_row(alpha: Mapping[str, float]) -> Iterator[tuple[float, ...]]:
    """Factors as version 0.1 had them: a whole number with or without its point, which the digest tells apart."""
    return itertools.product(*((a, int(a)) if a.is_integer() else (a,) for a in alpha.values()))
