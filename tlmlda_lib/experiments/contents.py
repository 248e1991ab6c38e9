"""What a record says about a fitted method and the pair that it was fitted on."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

from tlmlda_lib import evaluation
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import provenance

#: The criterion without labels that the unsupervised rule maximises.
CRITERION = "infomax"

#: What every pair is made of unless it says otherwise.
FEATURES = ("is10",)

_NO_OPTIONS = ("preset", "random_state", "device")  # a record has places of their own for these


def options(clf: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Every option of a method before it is fitted, and those that differ from the method's defaults.

    The first go into the record. The second name the cell, so that a new option does not rename every older record
    whose value of it is the default.
    """
    if hasattr(clf, "options"):
        from tlmlda_lib.training.options import describe

        chosen = clf.options()
        every, default = describe(chosen), describe(type(chosen)())
    else:
        every = {k: v for k, v in clf.get_params().items() if k not in _NO_OPTIONS}
        default = {k: p.default for k, p in inspect.signature(type(clf)).parameters.items()}
    return every, {k: v for k, v in every.items() if k not in default or v != default[k]}


def feature_sets(pair: Any) -> tuple[str, ...]:
    """Names of the feature sets that a pair was made with."""
    return tuple(getattr(pair, "features", FEATURES))


def data_digest(pair: Any) -> str:
    """16 hex digits of features, labels, domains, speakers and truth."""
    return provenance.digest_of_arrays([pair.feature_digest, tuple(pair.classes), pair.truth])


def voices_digest(voices: np.ndarray | None) -> str | None:
    """16 hex digits of the voice groups' codes."""
    return None if voices is None else provenance.digest_of_arrays([voices.astype(np.int64)])


def about_pair(pair: Any, voices: np.ndarray | None) -> dict[str, Any]:
    """Classes, counts, floors and digests of a pair."""
    names = list(pair.classes)
    source, who = ~pair.target, np.asarray(pair.speakers)
    counts = {
        "source": {c: int((pair.y[source] == i).sum()) for i, c in enumerate(names)},
        "target": {c: int((pair.truth == i).sum()) for i, c in enumerate(names)},
        "source_speakers": len(np.unique(who[source])),
        "target_speakers": len(np.unique(who[pair.target])),
        "target_genders": {g: int(mask.sum()) for g, mask in _by_gender(pair).items()},
    }
    report = evaluation.report(pair.truth, pair.truth, classes=names)
    return {
        "classes": names,
        "counts": counts,
        "floor": {"chance": report.chance, "majority": report.majority},
        "data": {
            "features": list(feature_sets(pair)),
            "columns": int(pair.X.shape[1]),
            "digest": data_digest(pair),
            "voices": voices_digest(voices),
            "left_out": len(pair.problems),
        },
    }


def scores(clf: Any, pair: Any) -> dict[str, Any]:
    """The three rules and the curves. Here, after training, the target's labels are read for the first time."""
    predicted = np.atleast_2d(clf.classes_[np.asarray(clf.target_predictions_, dtype=np.int64)])
    if predicted.shape[1] != len(pair.truth):
        raise UserError(
            f"{type(clf).__name__} predicted {predicted.shape[1]} target rows of {len(pair.truth)}: its "
            "target_predictions_ must have a column for each"
        )
    history = getattr(clf, "history_", None)
    criterion = None if history is None or CRITERION not in history else history[CRITERION].to_numpy()
    rows = evaluation.epoch_rules(predicted, pair.truth, criterion)
    who = np.asarray(pair.speakers)[pair.target]
    of_gender = _by_gender(pair)
    chosen_by = {"final": "nobody", "unsupervised": CRITERION, "oracle": "target labels"}
    if criterion is None:
        chosen_by["unsupervised"] = "nobody"
    rules = {}
    for rule, row in rows.items():
        r = evaluation.report(pair.truth, predicted[row], who, pair.classes)
        rules[rule] = {
            "war": r.war,
            "uar": r.uar,
            "confusion": r.confusion,
            "hits": pack(pair.truth == predicted[row], pair.truth, who),
            "chosen_by": chosen_by[rule],
            "epoch" if history is not None else "setting": row + 1,
        }
    rules["unsupervised"]["criterion"] = None if criterion is None else CRITERION
    curve: dict[str, Any] = {
        "war": 100 * (predicted == pair.truth).mean(1),
        "uar": 100 * np.mean([(predicted[:, pair.truth == c] == c).mean(1) for c in np.unique(pair.truth)], axis=0),
    }
    if history is not None:
        curve |= {str(name): history[name].to_numpy() for name in history}
    utterances = {
        str(s): np.bincount(pair.truth[who == s], minlength=len(pair.classes)).tolist() for s in np.unique(who)
    }
    genders = {str(s): g for g, mask in of_gender.items() for s in np.unique(who[mask])}
    found = {"rules": rules, "curve": curve, "utterances": utterances, "genders": genders}
    if history is not None and not options(clf)[0].get("averaged"):
        found["late"] = _late(predicted, pair.truth, who)
    return found


#: Epochs of the last third of which a run whose weights are not averaged keeps what it recognised.
LATE = 5


def _late(predicted: np.ndarray, truth: np.ndarray, who: np.ndarray) -> dict[str, Any]:
    """Hits of `LATE` evenly spaced epochs of the last third, by which such a run is scored."""
    last = len(predicted)
    epochs = np.unique(np.linspace(last - max(last // 3, 1) + 1, last, LATE).round().astype(int))
    return {"epochs": epochs, "hits": [pack(truth == predicted[e - 1], truth, who) for e in epochs]}


def said(clf: Any, pair: Any, voices: np.ndarray | None) -> dict[str, str]:
    """What the method calls each of the target's utterances in the end, and how sure it says it is.

    Returns
    -------
    dict of str to str
        ``predicted``, a digit for each utterance in `pack`'s order: the code of its class; where the method has
        probabilities, ``confidence``: that of the class, in 255ths, two hex digits for each. What `heard` reads.
    """
    codes = np.atleast_2d(np.asarray(clf.target_predictions_, dtype=np.int64))[-1]
    order = np.lexsort((pair.truth, np.asarray(pair.speakers)[pair.target]))
    kept = {"predicted": "".join(map(str, codes[order]))}
    if hasattr(clf, "predict_proba"):
        t = pair.target
        p = clf.predict_proba(
            pair.X[t],
            sample_domain=pair.sample_domain[t],
            groups=pair.groups[t],
            voices=None if voices is None else voices[t],
        )
        if np.array_equal(p.argmax(1), codes):  # the authors' scripts scale batches in training, corpora afterwards
            kept["confidence"] = np.rint(255 * p.max(1)[order]).astype(np.uint8).tobytes().hex()
    return kept


def heard(record: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray | None, np.ndarray, np.ndarray]:
    """What a run said of the target's utterances, in `pack`'s order. Chapter 4.3.

    Parameters
    ----------
    record : dict

    Returns
    -------
    predicted : ndarray of shape (n,), int64
        Codes of the classes at the last epoch.
    confidence : ndarray of shape (n,), float64, or None
        Probability of that class, to within 1/510; None where the method has none.
    truth, speakers : ndarray of shape (n,)

    Raises
    ------
    UserError
        If the record is from before runs kept what they said, or does not fit its utterances.
    """
    where = f"the record of {record['scheme']}, {record['method']}, seed {record['seed']}"
    if "said" not in record:
        raise UserError(f"{where} does not hold what the run said: run its cell again")
    truth, speakers = _utterances(record)
    predicted = np.array(list(record["said"]["predicted"]), dtype=np.int64)
    stated = record["said"].get("confidence")
    confidence = None if stated is None else np.frombuffer(bytes.fromhex(stated), dtype=np.uint8) / 255
    if any(len(x) != len(truth) for x in (predicted, confidence) if x is not None):
        raise UserError(f"{where} says other than {len(truth)} words on as many utterances: run its cell again")
    return predicted, confidence, truth, speakers


def _by_gender(pair: Any) -> dict[str, np.ndarray]:
    """Masks (n_t,) of the target's utterances by the published gender of their speakers."""
    known = np.asarray(getattr(pair, "genders", None) or ("",) * len(pair.speakers))[pair.target]
    return {str(g): known == g for g in np.unique(known) if g}


def pack(hit: np.ndarray, truth: np.ndarray, speakers: np.ndarray) -> str:
    """Which utterances were recognised, as hex digits; ordered by speaker, class and place in the target.

    With these, intervals and comparisons can be drawn from records alone, speaker by speaker and utterance by
    utterance, and no file is named.
    """
    return np.packbits(hit[np.lexsort((truth, speakers))]).tobytes().hex()


def unpack(record: Mapping[str, Any], rule: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hits (n,) bool, classes (n,) and speakers (n,) of the target's utterances under a rule, in `pack`'s order."""
    truth, speakers = _utterances(record)
    packed = np.frombuffer(bytes.fromhex(record["rules"][rule]["hits"]), dtype=np.uint8)
    if len(packed) != -(-len(truth) // 8):
        raise UserError(
            f"the record of {record['scheme']}, {record['method']} has {len(packed)} bytes of hits for "
            f"{len(truth)} utterances: delete it and run its cell again"
        )
    return np.unpackbits(packed, count=len(truth)).astype(bool), truth, speakers


def truth_of(record: Mapping[str, Any]) -> np.ndarray:
    """Classes (n,) of the target's utterances, in `pack`'s order."""
    return np.concatenate([np.repeat(np.arange(len(c)), c) for _, c in sorted(record["utterances"].items())])


def _utterances(record: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Classes (n,) and speakers (n,) of the target's utterances, in `pack`'s order."""
    counts = dict(sorted(record["utterances"].items()))
    return truth_of(record), np.repeat(list(counts), [sum(c) for c in counts.values()])
