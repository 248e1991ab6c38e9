"""Records by what of the method was switched on in them, as numbers for a page. Chapter 3.1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import scipy

from tlmlda_lib import methods
from tlmlda_lib.book.pages import tables, traced
from tlmlda_lib.domains import OPEN_SCHEMES, PAPER_SCHEMES
from tlmlda_lib.evaluation import RULES
from tlmlda_lib.experiments import contents, criteria, published, query
from tlmlda_lib.experiments import settings as of_scheme
from tlmlda_lib.methods.tlmlda import ABLATIONS, Ablation
from tlmlda_lib.training.options import PAPER

#: What can be switched, in this order: the losses S and T together, two more losses, the weights by equation 6 (else
#: constant), and the factors alpha of the preset or scheme (else all 1).
SWITCHES = ("rebuild", "MMD", "LMMD", "dynamic", "alpha")


def _of(ablation: Ablation) -> str:
    o = ablation.of(PAPER)
    on = (o.rebuilds, "MMD" in o.losses, "LMMD" in o.losses, o.update != "constant", ablation.factor is None)
    return "".join(str(int(bit)) for bit in on)


#: Switches of the methods that the library has: one digit for each, 1 for on.
METHODS = {name: _of(row) for name, row in {"tlmlda": methods.TLMLDA.ablation, **ABLATIONS}.items()}

#: Options that switches are set by, and that alone may differ from a preset's.
_CHANGES = {"alpha", "update", "epochs"}

#: Most epochs of a curve that a page draws.
MOST = 150


def own_alpha(scheme: str, preset: str) -> dict[str, float]:
    """Factors, by loss, that a preset has on a scheme.

    Parameters
    ----------
    scheme : str
        As "C2B".
    preset : str
        A preset of the method.
    """
    return methods.make("tlmlda", preset, **of_scheme.of("tlmlda", preset, scheme)).options().factors()


def switches(record: Mapping[str, Any]) -> str | None:
    """What was switched on in a run, a digit for each of `SWITCHES`; None if the run is no ablation of these switches.

    A loss whose factor is 0 is off. Where cross-entropy is alone there is nothing to weigh, and both switches of the
    weights read 1.

    Parameters
    ----------
    record : Record
        A record.
    """
    sets = record.get("data", {}).get("features", contents.FEATURES)
    if record["method"] not in METHODS or not set(record["overrides"]) <= _CHANGES or tuple(sets) != contents.FEATURES:
        return None
    if not {"alpha", "update"} & set(record["overrides"]):
        return METHODS[record["method"]]
    params = record["params"]
    factors = params["alpha"]
    on = {name for name in params["losses"] if factors[name] > 0}
    if ("S" in on) != ("T" in on) or "y" not in on:
        return None
    losses = "".join(str(int(name in on)) for name in ("S", "MMD", "LMMD"))
    if losses == "000":
        return METHODS["only_cls"]
    own = own_alpha(record["scheme"], record["preset"])
    if all(factors[name] == own[name] for name in on):
        alpha = "1"
    elif all(factors[name] == 1 for name in on):
        alpha = "0"
    else:
        return None
    return losses + str(int(params["update"] != "constant")) + alpha


def last_weight(records: Iterable[Mapping[str, Any]], loss: str) -> traced.Figure:
    """Weight that equation 6 gives a loss in the last epoch, in hundredths, mean over the seeds.

    Parameters
    ----------
    records : iterable of Record
        As from `tlmlda_lib.experiments.shipped.records`.
    loss : str
        Name of the loss.
    """
    runs = sorted(records, key=lambda r: r["seed"])
    by_seed = {r["seed"]: 100 * float(r["curve"][f"weight_{loss}"][-1]) for r in runs}
    return replace(traced.over_seeds(by_seed, map(traced.place, runs), f"last weight {loss}"), low=float("nan"))


def chosen(record: Mapping[str, Any], epochs: int) -> dict[str, tuple[float, int]]:
    """WAR and epoch (from 1) of each rule, had the run ended after a number of epochs.

    Parameters
    ----------
    record : Record
        A record.
    epochs : int
        Number of epochs.
    """
    if epochs == len(record["curve"]["war"]):  # the criterion was compared before it was rounded
        return {rule: (record["rules"][rule]["war"], record["rules"][rule]["epoch"]) for rule in RULES}
    war, criterion = (np.asarray(record["curve"][name][:epochs], dtype=float) for name in ("war", contents.CRITERION))
    at = {
        "final": epochs - 1,
        "unsupervised": int(np.argmax(np.where(np.isfinite(criterion), criterion, -np.inf))),
        "oracle": int(war.argmax()),
    }
    return {rule: (float(war[at[rule]]), at[rule] + 1) for rule in RULES}


def curves(records: Iterable[Mapping[str, Any]], *, most: int = MOST) -> dict[str, Any]:
    """All that a page shows of the method's parts: plain numbers, with the records' names.

    Parameters
    ----------
    records : iterable of dict
        Any; what is no run of the method or of one of its parts is passed over.
    most : int
        Epochs of a curve that are kept, evenly spaced, the first and the last among them.

    Returns
    -------
    dict
        ``schemes`` and ``settings`` that have runs (of these ``preset``, ``words`` and ``epochs`` where they are not
        the preset's); ``alpha`` (setting, scheme) of the whole method;
        ``floor`` (scheme: chance in percent); ``t``: quantiles of 95 % t intervals for 3, 4, .. seeds, None for fewer;
        ``names`` of the methods by their switches; ``runs``: for each scheme, setting and switches ``seeds``,
        ``records``, ``epochs`` of the curve, ``curve`` (seeds, epochs; WAR in percent) and ``rules`` (rule: WAR and
        epoch of each seed). A setting is a preset, and the epochs where these differ from its own; a longer
        run is also part of a shorter setting where its first epochs are such a run.
    """
    shown = query.selected(r for r in records if r["grid"] not in tables.ASIDE)
    usable = [(key, r) for r in shown if (key := switches(r))]
    changed = sorted({(r["preset"], r["overrides"]["epochs"]) for _, r in usable if "epochs" in r["overrides"]})
    kept: dict[tuple[str, str, int | None, str], dict[int, Mapping[str, Any]]] = {}
    for key, r in usable:
        mine = r["overrides"].get("epochs")
        cuts = [n for preset, n in changed if preset == r["preset"] and n < _length(r) and criteria.can_be_cut(r)]
        for epochs in (mine, *cuts):
            seeds = kept.setdefault((r["scheme"], r["preset"], epochs, key), {})
            if r["seed"] not in seeds or mine == epochs:  # rather a run that was meant to be so long
                seeds[r["seed"]] = r
    order = [*PAPER_SCHEMES, *(s for s in OPEN_SCHEMES if s not in PAPER_SCHEMES)]
    known = sorted({k[0] for k in kept}, key=lambda s: (order.index(s) if s in order else len(order), s))
    settings = sorted({k[1:3] for k in kept}, key=lambda s: (s[0] != "recommended-is10", s[0], s[1] or 0))
    lengths = {s: {_length(r) for k, runs in kept.items() if k[1:3] == s for r in runs.values()} for s in settings}
    return {
        "schemes": known,
        "settings": {
            _name(*s): {"preset": s[0], "epochs": s[1], "words": _words(s[0], {s[1]} if s[1] else lengths[s])}
            for s in settings
        },
        "alpha": {_name(*s): {x: _given(kept, x, *s) for x in known} for s in settings},
        "floor": {r["scheme"]: r["floor"]["chance"] for _, r in usable},
        "t": [None, None, None, *(float(scipy.stats.t.ppf(0.975, n - 1)) for n in range(3, 31))],
        "names": {key: published.NAMES[name] for name, key in METHODS.items()},
        "methods": {key: name for name, key in METHODS.items()},
        "runs": [
            {"scheme": scheme, "setting": _name(preset, epochs), "switches": key}
            | _of_seeds(kept[scheme, preset, epochs, key], epochs, most)
            for scheme, preset, epochs, key in sorted(kept, key=lambda k: (k[0], k[1], k[2] or 0, k[3]))
        ],
    }


def _given(
    kept: Mapping[Any, Mapping[int, Mapping[str, Any]]], scheme: str, preset: str, epochs: int | None
) -> dict[str, float]:
    """Factors of the whole method: as it was run, or else as it would be."""
    whole = kept.get((scheme, preset, epochs, METHODS["tlmlda"]))
    return dict(next(iter(whole.values()))["params"]["alpha"] if whole else own_alpha(scheme, preset))


def _length(record: Mapping[str, Any]) -> int:
    return len(record["curve"]["war"])


def _name(preset: str, epochs: int | None) -> str:
    return f"{preset}-{epochs}" if epochs else preset


def _words(preset: str, lengths: set[int]) -> str:
    return f"{preset}, {min(lengths)} epochs" if len(lengths) == 1 else preset


def _of_seeds(seeds: Mapping[int, Mapping[str, Any]], cut: int | None, most: int) -> dict[str, Any]:
    runs = [seeds[k] for k in sorted(seeds)]
    epochs = cut or min(_length(r) for r in runs)
    drawn = np.unique(np.linspace(1, epochs, min(most, epochs)).round().astype(int))
    at = [chosen(r, epochs) for r in runs]
    return {
        "seeds": sorted(seeds),
        "records": [traced.place(r) for r in runs],
        "epochs": drawn.tolist(),
        "curve": [[round(r["curve"]["war"][e - 1], 2) for e in drawn] for r in runs],
        "rules": {rule: [[round(a[rule][0], 4), a[rule][1]] for a in at] for rule in RULES},
    }
