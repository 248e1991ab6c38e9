"""What a record contains about a fitted method and its pair. Chapter 3.4."""

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

#: Default feature sets of a pair.
FEATURES = ("is10",)

_NO_OPTIONS = ("preset", "random_state", "device")  # a record keeps these elsewhere


def options(clf: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """All options of a method before it is fitted, and those that differ from its defaults.

    The first go into the record. The second name the cell, so that a new option does not rename older records that
    have its default.

    Parameters
    ----------
    clf : object
        The method.
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
    """Names of a pair's feature sets.

    Parameters
    ----------
    pair : DomainPair
        The pair.
    """
    return tuple(getattr(pair, "features", FEATURES))


def data_digest(pair: Any) -> str:
    """Digest of features, labels, domains, speakers and truth, 16 hexadecimal digits.

    Parameters
    ----------
    pair : DomainPair
        The pair.
    """
    return provenance.digest_of_arrays([pair.feature_digest, tuple(pair.classes), pair.truth])


def voices_digest(voices: np.ndarray | None) -> str | None:
    """Digest of the voice groups' codes, 16 hexadecimal digits; None without groups.

    Parameters
    ----------
    voices : ndarray of shape (n,), int, or None
        The codes.
    """
    return None if voices is None else provenance.digest_of_arrays([voices.astype(np.int64)])


def about_pair(pair: Any, voices: np.ndarray | None) -> dict[str, Any]:
    """Classes, counts, floors and digests of a pair.

    Parameters
    ----------
    pair : DomainPair
        The pair.
    voices : ndarray of shape (n,), int, or None
        Codes of the voice groups.
    """
    names = list(pair.classes)
    source, who = ~pair.target, np.asarray(pair.speakers)
    counts = {
        "source": {c: int((pair.y[source] == i).sum()) for i, c in enumerate(names)},
        "target": {c: int((pair.truth == i).sum()) for i, c in enumerate(names)},
        "source_speakers": len(np.unique(who[source])),
        "target_speakers": len(np.unique(who[pair.target])),
        "target_genders": {g: int(mask[pair.truth >= 0].sum()) for g, mask in _by_gender(pair).items()},
    }
    truth = pair.truth[pair.truth >= 0]
    report = evaluation.report(truth, truth, classes=names)
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
    """Scores under the three rules, and the curves. Here, after training, the target's labels are first read.

    Parameters
    ----------
    clf : object
        A fitted method.
    pair : DomainPair
        What it was fitted on.

    Raises
    ------
    UserError
        If the method has a different number of predictions than the target has utterances.
    """
    predicted = np.atleast_2d(clf.classes_[np.asarray(clf.target_predictions_, dtype=np.int64)])
    if predicted.shape[1] != len(pair.truth):
        raise UserError(
            f"{type(clf).__name__} predicted {predicted.shape[1]} target rows of {len(pair.truth)}: its "
            "target_predictions_ must have a column for each"
        )
    history = getattr(clf, "history_", None)
    criterion = None if history is None or CRITERION not in history else history[CRITERION].to_numpy()
    known = pair.truth >= 0  # recordings without a label are not scored
    predicted, truth = predicted[:, known], pair.truth[known]
    rows = evaluation.epoch_rules(predicted, truth, criterion)
    who = np.asarray(pair.speakers)[pair.target][known]
    of_gender = {g: mask[known] for g, mask in _by_gender(pair).items()}
    chosen_by = {"final": "nobody", "unsupervised": CRITERION, "oracle": "target labels"}
    if criterion is None:
        chosen_by["unsupervised"] = "nobody"
    rules = {}
    for rule, row in rows.items():
        r = evaluation.report(truth, predicted[row], who, pair.classes)
        rules[rule] = {
            "war": r.war,
            "uar": r.uar,
            "confusion": r.confusion,
            "hits": pack(truth == predicted[row], truth, who),
            "chosen_by": chosen_by[rule],
            "epoch" if history is not None else "setting": row + 1,
        }
    rules["unsupervised"]["criterion"] = None if criterion is None else CRITERION
    curve: dict[str, Any] = {
        "war": 100 * (predicted == truth).mean(1),
        "uar": 100 * np.mean([(predicted[:, truth == c] == c).mean(1) for c in np.unique(truth)], axis=0),
    }
    if history is not None:
        curve |= {str(name): history[name].to_numpy() for name in history}
    utterances = {str(s): np.bincount(truth[who == s], minlength=len(pair.classes)).tolist() for s in np.unique(who)}
    genders = {str(s): g for g, mask in of_gender.items() for s in np.unique(who[mask])}
    found = {"rules": rules, "curve": curve, "utterances": utterances, "genders": genders}
    if history is not None and not options(clf)[0].get("averaged"):
        found["late"] = _late(predicted, truth, who)
    return found


#: Number of epochs in the last third whose hits a run without averaged weights keeps.
LATE = 5


def _late(predicted: np.ndarray, truth: np.ndarray, who: np.ndarray) -> dict[str, Any]:
    """Hits at `LATE` evenly spaced epochs of the last third, which score such a run."""
    last = len(predicted)
    epochs = np.unique(np.linspace(last - max(last // 3, 1) + 1, last, LATE).round().astype(int))
    return {"epochs": epochs, "hits": [pack(truth == predicted[e - 1], truth, who) for e in epochs]}


def said(clf: Any, pair: Any, voices: np.ndarray | None) -> dict[str, str]:
    """The method's final predictions for the target's utterances, and their confidence.

    Parameters
    ----------
    clf : object
        A fitted method.
    pair : DomainPair
        What it was fitted on.
    voices : ndarray of shape (n,), int, or None
        Codes of the voice groups.

    Returns
    -------
    dict of str to str
        ``predicted``, a digit per utterance in `pack`'s order: the code of its class; if the method has probabilities,
        ``confidence``: the class's, in 255ths, two hexadecimal digits each. `heard` reads them.
    """
    codes = np.atleast_2d(np.asarray(clf.target_predictions_, dtype=np.int64))[-1]
    order = np.lexsort((pair.truth, np.asarray(pair.speakers)[pair.target]))
    order = order[pair.truth[order] >= 0]
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
    """The predictions of a run for the target's utterances, in `pack`'s order. Chapter 4.3.

    Parameters
    ----------
    record : dict

    Returns
    -------
    predicted : ndarray of shape (n,), int64
        Codes of the classes at the last epoch.
    confidence : ndarray of shape (n,), float64, or None
        Probability of that class, to within 1/510; None if the method has none.
    truth, speakers : ndarray of shape (n,)

    Raises
    ------
    UserError
        If the record has no predictions, or a different number of them than utterances.
    """
    where = f"the record of {record['scheme']}, {record['method']}, seed {record['seed']}"
    if "said" not in record:
        raise UserError(f"{where} has no predictions: run its cell again")
    truth, speakers = _utterances(record)
    predicted = np.array(list(record["said"]["predicted"]), dtype=np.int64)
    stated = record["said"].get("confidence")
    confidence = None if stated is None else np.frombuffer(bytes.fromhex(stated), dtype=np.uint8) / 255
    if any(len(x) != len(truth) for x in (predicted, confidence) if x is not None):
        raise UserError(
            f"{where} has a different number of predictions than utterances ({len(truth)}): run its cell again"
        )
    return predicted, confidence, truth, speakers


def _by_gender(pair: Any) -> dict[str, np.ndarray]:
    """Masks (n_t,) of the target's utterances by the published gender of their speakers."""
    known = np.asarray(getattr(pair, "genders", None) or ("",) * len(pair.speakers))[pair.target]
    return {str(g): known == g for g in np.unique(known) if g}


def pack(hit: np.ndarray, truth: np.ndarray, speakers: np.ndarray) -> str:
    """Which utterances were recognised, as hexadecimal digits, ordered by speaker, class and position in the target.

    Intervals and comparisons can be computed from them, speaker by speaker and utterance by utterance, without file
    names.

    Parameters
    ----------
    hit : ndarray of shape (n,), bool
        Whether each utterance was recognised.
    truth : ndarray of shape (n,), int
        Its class.
    speakers : ndarray of shape (n,), str
        Its speaker.
    """
    return np.packbits(hit[np.lexsort((truth, speakers))]).tobytes().hex()


def unpack(record: Mapping[str, Any], rule: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hits of a record under a rule, in `pack`'s order.

    Parameters
    ----------
    record : dict
        A record.
    rule : str
        Which epoch counts.

    Returns
    -------
    hits : ndarray of shape (n,), bool
    truth, speakers : ndarray of shape (n,)

    Raises
    ------
    UserError
        If the number of hits is not the number of utterances.
    """
    truth, speakers = _utterances(record)
    packed = np.frombuffer(bytes.fromhex(record["rules"][rule]["hits"]), dtype=np.uint8)
    if len(packed) != -(-len(truth) // 8):
        raise UserError(
            f"the record of {record['scheme']}, {record['method']} has {len(packed)} bytes of hits for "
            f"{len(truth)} utterances: delete it and run its cell again"
        )
    return np.unpackbits(packed, count=len(truth)).astype(bool), truth, speakers


def truth_of(record: Mapping[str, Any]) -> np.ndarray:
    """Classes (n,) of the target's utterances, in `pack`'s order.

    Parameters
    ----------
    record : dict
        A record.
    """
    return np.concatenate([np.repeat(np.arange(len(c)), c) for _, c in sorted(record["utterances"].items())])


def _utterances(record: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Classes (n,) and speakers (n,) of the target's utterances, in `pack`'s order."""
    counts = dict(sorted(record["utterances"].items()))
    return truth_of(record), np.repeat(list(counts), [sum(c) for c in counts.values()])
