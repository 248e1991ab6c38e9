"""What the landing page computes: a network trained with and without alignment on two synthetic corpora."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import mean
from typing import Any

import numpy as np
import soundfile
import torch
from IPython.display import Markdown
from numpy.typing import NDArray
from scipy.linalg import orthogonal_procrustes
from sklearn.decomposition import PCA

from tlmlda_lib import domains, methods
from tlmlda_lib.book.explorables.landing import CloudsMeet
from tlmlda_lib.domains.scaling import PerDomainScaler
from tlmlda_lib.networks import SOURCE, TARGET
from tlmlda_lib.training.trainer import PairArrays, Trainer

SCHEME = "d2z"
NAMES = {"made-de": "German", "made-zh": "Mandarin"}

#: The network without transfer, and with all of it.
METHODS = ("only_cls", "tlmlda")

#: Both once more, on features of which each corpus has its own scale.
SCALED = {method: f"{method}, each corpus by itself" for method in METHODS}
SEEDS = 3

#: Speakers whose first sentence can be heard.
HEARD = {"made-de": ("f2", "m1"), "made-zh": ("f1", "m1")}


@dataclass(frozen=True)
class Seen:
    """What a network makes of all utterances.

    Attributes
    ----------
    z : ndarray of shape (n, h)
        The aligned layer.
    predicted : ndarray of shape (n,)
        Codes of the emotions that it names.
    """

    z: NDArray[np.float32]
    predicted: NDArray[np.int64]


def train(pair: Any, method: str, seed: int, *, own_scale: bool = False) -> Seen:
    """A network of the preset "quick", by default on features of one scale for both corpora.

    Parameters
    ----------
    pair : tlmlda_lib.domains.DomainPair
        The corpora.
    method : str
        One of `METHODS`.
    seed : int
        Of the training.
    own_scale : bool
        Whether each corpus is scaled by itself.
    """
    options = methods.make(method, "quick", random_state=seed).options()
    domain = pair.sample_domain if own_scale else None
    x = PerDomainScaler(options.scaling).fit_transform(pair.X, sample_domain=domain).astype(np.float32)
    target = pair.target
    data = PairArrays(x[~target], pair.y[~target], x[target])
    network = Trainer(options, seed=seed).fit(data, len(pair.classes)).network
    with torch.no_grad():
        source = network.of_domain(torch.as_tensor(x[~target]), SOURCE)
        other = network.of_domain(torch.as_tensor(x[target]), TARGET if options.uses_target else SOURCE)
    order = np.argsort(target, kind="stable").argsort()  # the source's rows first, then back to those of the pair
    z, logits = (torch.cat(both)[order].numpy() for both in ((source.z, other.z), (source.logits, other.logits)))
    return Seen(z, logits.argmax(1))


def trainings() -> tuple[Any, dict[str, list[Seen]]]:
    """The pair, and each of `METHODS` and `SCALED` with `SEEDS` seeds."""
    pair = domains.load_pair(SCHEME, progress=False)
    seen = {method: [train(pair, method, seed) for seed in range(SEEDS)] for method in METHODS}
    for method, name in SCALED.items():
        seen[name] = [train(pair, method, seed, own_scale=True) for seed in range(SEEDS)]
    return pair, seen


def figure(pair: Any, seen: Mapping[str, list[Seen]]) -> CloudsMeet:
    """The moving picture, of the first seed.

    Parameters
    ----------
    pair, seen
        As from `trainings`.
    """
    apart, aligned = (plane(seen[method][0].z) for method in METHODS)
    turn, _ = orthogonal_procrustes(aligned, apart)  # a plane has no up and down: the marks take the shortest way
    names = np.array(pair.classes)
    maps = [
        {"xy": xy, "predicted": np.where(pair.target, names[seen[method][0].predicted], "")}
        for method, xy in zip(METHODS, (apart, aligned @ turn), strict=True)
    ]
    return CloudsMeet([_point(pair, row) for row in range(len(pair.files))], *maps)


def plane(z: NDArray[np.float32]) -> NDArray[np.float64]:
    """The two directions in which the points spread most.

    Parameters
    ----------
    z : ndarray of shape (n, h)
    """
    return PCA(2, svd_solver="full").fit_transform(z.astype(np.float64))


def _point(pair: Any, row: int) -> dict[str, Any]:
    corpus, speaker = pair.speakers[row].split("/")
    code = whole(pair)[row]
    point = {"corpus": NAMES[corpus], "speaker": speaker, "emotion": pair.classes[code]}
    if speaker in HEARD[corpus] and pair.files[row].endswith("-01.wav"):
        point["samples"], point["rate"] = soundfile.read(pair.files[row])
    return point


def whole(pair: Any) -> NDArray[np.int64]:
    """Codes of the emotions of all utterances, for colours and scores.

    Parameters
    ----------
    pair : tlmlda_lib.domains.DomainPair
        The corpora, with the truth of the target.
    """
    codes = np.array(pair.y)
    codes[pair.target] = pair.truth
    return codes


def shares(pair: Any, seen: Mapping[str, list[Seen]]) -> dict[str, list[float]]:
    """Percent of the target that is recognised, for each seed.

    Parameters
    ----------
    pair, seen
        As from `trainings`.
    """
    return {
        method: [100 * float((one.predicted[pair.target] == pair.truth).mean()) for one in of]
        for method, of in seen.items()
    }


def caption(rates: Mapping[str, list[float]]) -> Markdown:
    """What alignment brings in the picture, and whether it does where each corpus has its own scale.

    Parameters
    ----------
    rates : mapping
        As from `shares`.
    """
    without, with_it, scaled, both = (rates[name] for name in (*METHODS, *SCALED.values()))
    assert mean(with_it) > mean(without) + 5, "the page says that alignment helps"
    assert mean(scaled) > mean(without) + 5, "the page says that a scale helps without it"
    assert mean(both) <= mean(scaled), "the page says that alignment does not help after it"
    return Markdown(
        f"*A network that has learnt five emotions in German recognises {with_it[0]:.0f} % of the Mandarin sentences "
        f"with alignment and {without[0]:.0f} % without it.* Before training, each feature was standardised: its mean "
        "was subtracted, and the difference was divided by its standard deviation. Here mean and deviation were taken "
        "over the sentences of both languages together. If they are taken over each language by itself, that alone "
        "helps, and alignment adds nothing to it on these voices."
    )
