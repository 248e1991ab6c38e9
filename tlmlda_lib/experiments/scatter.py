"""Figure 2 of the paper: features of both corpora as points in a plane, and numbers about them. Chapter 3.2.

`tlmlda_lib.experiments.pictures` keeps and reads them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tlmlda_lib import evaluation, methods
from tlmlda_lib.domains.pair import whole_truth
from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation.neighbours import chance_share, kept_share, neighbour_share
from tlmlda_lib.experiments import contents, pictures, provenance, revisions, run, settings, store
from tlmlda_lib.experiments.pictures import METHODS as METHODS
from tlmlda_lib.features.threads import use_threads

#: Number of counted neighbours, and t-SNE's perplexity.
NEIGHBOURS, PERPLEXITY = 10, 30.0


def aligned(clf: Any, pair: Any) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The layer that MMD and LMMD align, for every row of a pair.

    Chapter 3.2.

    Parameters
    ----------
    clf : tlmlda_lib.methods.tlmlda.TLMLDA
        Fitted on the pair; or one of its ablations.
    pair : tlmlda_lib.domains.DomainPair

    Returns
    -------
    z : ndarray of shape (n, h)
        The layer in evaluation mode: no noise, no dropout, each domain through its own BatchNorm.
    predicted : ndarray of shape (n,)
        Codes of the predicted classes.
    """
    import torch

    from tlmlda_lib.networks import SOURCE

    codes = {"voices": lambda: pair.voices, "speaker": lambda: pair.groups}.get(clf.scaler_.within, lambda: None)()
    scaled = clf.scaler_.transform(pair.X, sample_domain=pair.sample_domain, groups=codes)
    x = torch.as_tensor(scaled.astype(np.float32), device=clf.device)
    network = clf.network_.eval()
    z = np.empty((len(x), clf.options_.emotion[-1]), dtype=np.float32)
    predicted = np.empty(len(x), dtype=np.int64)
    with torch.no_grad():
        for rows, domain in ((~pair.target, SOURCE), (pair.target, clf.domain_)):
            out = network.of_domain(x[torch.as_tensor(rows)], domain)
            z[rows] = out.z.cpu().numpy()
            predicted[rows] = out.logits.argmax(1).cpu().numpy()
    return z, predicted


def tsne(z: NDArray[Any], seed: int = 0, *, perplexity: float = PERPLEXITY, init: str = "pca") -> NDArray[np.float64]:
    """Points in a plane, by scikit-learn's t-SNE on one thread.

    Chapter 3.2.

    Parameters
    ----------
    z : ndarray of shape (n, h)
    seed : int
        With ``init="pca"`` it changes little; with ``init="random"`` it decides where the islands are.
    perplexity : float
        Effective number of neighbours of a point.
    init : {"pca", "random"}
        Initial positions.
    """
    from sklearn.manifold import TSNE

    with use_threads(1):
        how = {"perplexity": perplexity, "init": init, "random_state": seed}
        return np.asarray(TSNE(**how).fit_transform(np.asarray(z, dtype=np.float32)), dtype=np.float64)


def picture(pair: Any, method: str, preset: str = "recommended-is10", seed: int = 0, **params: Any) -> dict[str, Any]:
    """Train one method, and project its features into the plane.

    Chapter 3.2.

    Parameters
    ----------
    pair : tlmlda_lib.domains.DomainPair
    method, preset : str
    seed : int
    **params
        Options in place of the preset's.

    Returns
    -------
    dict
        ``xy`` and ``again`` (t-SNE from PCA, and from random positions with another seed; two lists each),
        ``predicted``, ``war`` (on the target at the last epoch, percent), and shares between 0 and 1: of a target
        point's `NEIGHBOURS` nearest target points in z, those with its predicted and with its true class (``shared``,
        with ``chance``); t-SNE's ``trustworthiness``; and ``kept``, the neighbours in the first picture that are
        neighbours in the second.
    """
    from sklearn.manifold import trustworthiness

    clf, _, names = run.named(pair.scheme, method, preset, seed, params=params)
    with use_threads(1):
        voices = pair.voices if clf.requires_voices else None
        clf.fit(pair.X, pair.y, sample_domain=pair.sample_domain, groups=pair.groups, voices=voices)
        z, predicted = aligned(clf, pair)
        xy, again = tsne(z, seed), tsne(z, seed + 1, init="random")
        of_target = {"predicted": predicted[pair.target], "true": pair.truth}
        return {
            "options_digest": names["options_digest"],
            "predicted": _digits(predicted),
            "war": evaluation.war(pair.truth, predicted[pair.target]),
            "shared": {n: neighbour_share(z[pair.target], c, NEIGHBOURS) for n, c in of_target.items()},
            "chance": {n: chance_share(c) for n, c in of_target.items()},
            "trustworthiness": float(trustworthiness(z, xy, n_neighbors=NEIGHBOURS)),
            "kept": kept_share(xy, again, NEIGHBOURS),
            "xy": _short(xy),
            "again": _short(again),
        }


def scheme_of(pair: Any, preset: str = "recommended-is10", seed: int = 0, **params: Any) -> dict[str, Any]:
    """Content of a scheme's records: the pictures of `METHODS`, and their provenance. Chapter 3.2.

    Parameters
    ----------
    pair : DomainPair
        The scheme's domains.
    preset, seed, **params
        As in `picture`.

    Raises
    ------
    UserError
        If the target has no labels, or is too small for `PERPLEXITY`.
    """
    whole_truth(pair, ", so its points cannot be coloured by true class")
    if len(pair.truth) <= max(2 * NEIGHBOURS, PERPLEXITY):
        raise UserError(
            f"the target has {len(pair.truth)} recordings: t-SNE with {PERPLEXITY:.0f} neighbours needs more"
        )
    emotion = pair.y.copy()
    emotion[pair.target] = pair.truth
    return {
        "scheme": pair.scheme,
        "preset": preset,
        "seed": seed,
        "overrides": params,
        "features": list(contents.feature_sets(pair)),
        "classes": list(pair.classes),
        "domain": _digits(pair.target.astype(int)),
        "emotion": _digits(emotion),
        "neighbours": NEIGHBOURS,
        "perplexity": PERPLEXITY,
        "methods": {m: picture(pair, m, preset, seed, **params) for m in METHODS},
        "data": contents.data_digest(pair),
        "revisions": {m: _revisions(pair, m, preset, params) for m in METHODS},
        "versions": provenance.versions(),
        "machine": provenance.machine(),
        "git_commit": provenance.git_commit(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def state(
    runs: str | Path, results: str | Path, scheme: str, preset: str = "recommended-is10", seed: int = 0, **params: Any
) -> str:
    """Whether a scheme's records are "missing" (at least one), "stale" (one depends on an older revision) or "kept".

    Parameters
    ----------
    runs, results : path
        Folders of single and of sealed records; neither need exist.
    scheme, preset : str
    seed : int
    **params
        Options in place of the preset's.
    """
    return store.state(_cells(scheme, preset, seed, params), results, runs)


def kept(
    runs: str | Path,
    results: str | Path,
    schemes: Sequence[str],
    preset: str = "recommended-is10",
    seed: int = 0,
    **params: Any,
) -> dict[str, dict[str, Any]]:
    """The existing pictures with these options, by scheme, as from `tlmlda_lib.experiments.pictures.read`.

    Parameters
    ----------
    runs, results, preset, seed, **params
        As in `state`.
    schemes : sequence of str
    """
    found = [store.find_cell(cell, results, runs) for s in schemes for cell in _cells(s, preset, seed, params)]
    records = [r for r in found if r is not None]
    whole = [s for s in schemes if sum(r["scheme"] == s for r in records) == len(METHODS)]
    return pictures.of_records(records, whole)


def _cells(scheme: str, preset: str, seed: int, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [run.described(scheme, m, preset, seed, params=params, grid=pictures.GRID)[1] for m in METHODS]


def _revisions(pair: Any, method: str, preset: str, params: Mapping[str, Any]) -> dict[str, int]:
    clf = methods.make(method, preset, **settings.of(method, preset, pair.scheme, params))
    return revisions.depends_on(clf, contents.feature_sets(pair), voices=clf.requires_voices)


def _digits(codes: NDArray[Any]) -> str:
    return "".join(map(str, np.asarray(codes, dtype=int).tolist()))


def _short(xy: NDArray[Any]) -> list[list[float]]:
    """Two lists, three significant digits."""
    return [[float(f"{v:.3g}") for v in column] for column in xy.T.tolist()]
