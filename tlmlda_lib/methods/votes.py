"""Several networks in place of one: a vote, and a last step that learns from the target alone. Chapter 4.1.

Both have TLMLDA's options and presets, and are compared under names of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from tlmlda_lib.methods.base import Rows, seed_of
from tlmlda_lib.methods.scaled import packed, unpacked
from tlmlda_lib.methods.tlmlda import CLASSES, TLMLDA, OnlyCls
from tlmlda_lib.training import checkpoints


class TLMLDAVote(TLMLDA):
    """Five TLMLDA networks that differ in their seed; the mean of their probabilities decides. Chapter 4.1.

    Parameters
    ----------
    preset, random_state, device, ...
        As in `tlmlda_lib.methods.tlmlda.TLMLDA`; the networks' seeds are 5 s to 5 s + 4.

    Attributes
    ----------
    classes_, scaler_
    members_ : list of TLMLDA
    target_predictions_ : ndarray of shape (1, n_target)
    """

    depends_on: ClassVar[tuple[str, ...]] = ("method tlmlda", "trainer")

    #: Class of each network.
    kinds: ClassVar[tuple[type[TLMLDA], ...]] = (TLMLDA,) * 5

    @classmethod
    def of(cls, members: Sequence[TLMLDA]) -> Self:
        """The vote of networks that were fitted on the same rows, of any number.

        Parameters
        ----------
        members : sequence of TLMLDA
            At least one.
        """
        first = members[0]
        options = {k: v for k, v in first.get_params().items() if k != "random_state"}
        vote = cls(random_state=seed_of(first.random_state), **options)
        vote.options_, vote.members_ = first.options_, list(members)
        vote.classes_, vote.scaler_, vote.n_features_in_ = first.classes_, first.scaler_, first.n_features_in_
        return vote

    def _members(self, kinds: Sequence[type[TLMLDA]]) -> list[TLMLDA]:
        """The networks, not yet fitted."""
        seed = len(kinds) * seed_of(self.random_state)
        options = {k: v for k, v in self.get_params().items() if k != "random_state"}
        return [kind(random_state=seed + i, **options) for i, kind in enumerate(kinds)]

    def _fit(self, rows: Rows, *, checkpoint: str | Path | None, progress: bool) -> None:
        self.options_ = self.options()
        self.members_ = self._members(self.kinds)
        for i, member in enumerate(self.members_):
            self._share(member)
            own = None if checkpoint is None else checkpoints.of_member(Path(checkpoint), i)
            member._fit(replace(rows), checkpoint=own, progress=progress)
        self._settle(rows)

    def _settle(self, rows: Rows) -> None:
        """What follows the networks' training."""
        _, _, target = rows.parts()
        p = self._probabilities(target, np.zeros(len(target), dtype=bool))
        self.target_predictions_ = p.argmax(1)[None].astype(np.uint8)

    def _share(self, member: TLMLDA) -> None:
        """What `fit` has learnt before the networks: the classes, and how to scale."""
        member.classes_, member.scaler_, member.n_features_in_ = self.classes_, self.scaler_, self.n_features_in_

    def _probabilities(self, scaled: np.ndarray, from_source: np.ndarray) -> np.ndarray:
        return np.mean([member._probabilities(scaled, from_source) for member in self.members_], axis=0)

    def _state(self) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
        tensors: dict[str, torch.Tensor] = {}
        states = []
        for i, member in enumerate(self.members_):
            found, state = member._state()
            tensors |= {f"member{i}.{name}": tensor for name, tensor in found.items()}
            states.append(state)
        return tensors, {"members": states, "kinds": [type(member).__name__ for member in self.members_]}

    def _restore(self, tensors: dict[str, torch.Tensor], state: dict[str, Any]) -> None:
        self.options_ = self.options()
        known: list[type[TLMLDA]] = [TLMLDA, *CLASSES.values()]
        kinds = {kind.__name__: kind for kind in known}
        names = state.get("kinds") or [kind.__name__ for kind in self.kinds]  # files of before had no names
        self.members_ = self._members([kinds[name] for name in names])
        for i, (member, of_member) in enumerate(zip(self.members_, state["members"], strict=True)):
            self._share(member)
            begin = f"member{i}."
            own = {name.removeprefix(begin): t for name, t in tensors.items() if name.startswith(begin)}
            member._restore(own, of_member)


class TLMLDASelf(TLMLDAVote):
    """Five networks, three aligned and two not, then a classifier that learns from the target alone. Chapter 4.1.

    The networks' mean probabilities give the target's rows pseudo-labels. A shrinkage LDA learns from the rows of each
    class whose pseudo-labels are the most certain, and its probabilities are averaged with those that it learnt from;
    this is done twice. Labels of the target are not used: this is self-training [1]_.

    Parameters
    ----------
    preset, random_state, device, ...
        As in `tlmlda_lib.methods.tlmlda.TLMLDA`.

    Attributes
    ----------
    classes_, scaler_, members_, target_predictions_
    ldas_ : list of LinearDiscriminantAnalysis
        One for each step; none without a target, or where the networks name fewer than two classes.

    References
    ----------
    .. [1] H. J. Scudder, "Probability of error of some adaptive pattern-recognition machines", IEEE Transactions on
       Information Theory 11, 363-371, 1965.
    """

    kinds: ClassVar[tuple[type[TLMLDA], ...]] = (TLMLDA, TLMLDA, TLMLDA, OnlyCls, OnlyCls)

    #: Share of the rows of each class from which is learnt, and number of times.
    share: ClassVar[float] = 0.6
    steps: ClassVar[int] = 2

    def _settle(self, rows: Rows) -> None:
        _, _, target = rows.parts()
        self.ldas_: list[LinearDiscriminantAnalysis] = []
        p = super()._probabilities(target, np.zeros(len(target), dtype=bool))
        for _ in range(self.steps):
            kept = confident(p, self.share)
            codes = p[kept].argmax(1)
            if len(kept) <= (classes := len(np.unique(codes))) or classes < 2:
                break
            self.ldas_.append(LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto").fit(target[kept], codes))
            p = _mixed(p, self.ldas_[-1], target)
        self.target_predictions_ = p.argmax(1)[None].astype(np.uint8)

    def _probabilities(self, scaled: np.ndarray, from_source: np.ndarray) -> np.ndarray:
        p = super()._probabilities(scaled, from_source)
        for lda in self.ldas_:
            p = _mixed(p, lda, scaled)
        return p

    def _state(self) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
        tensors, state = super()._state()
        return tensors | {f"lda{i}": packed(lda) for i, lda in enumerate(self.ldas_)}, state

    def _restore(self, tensors: dict[str, torch.Tensor], state: dict[str, Any]) -> None:
        super()._restore(tensors, state)
        self.ldas_ = [unpacked(tensors[f"lda{i}"]) for i in range(self.steps) if f"lda{i}" in tensors]


def confident(p: np.ndarray, share: float) -> np.ndarray:
    """The most certain rows: this share of each class that is predicted, at least one.

    Parameters
    ----------
    p : ndarray of shape (n, C)
        Probabilities.
    share : float
        Above 0, at most 1.

    Returns
    -------
    ndarray of int64
        Their places, ascending.

    Examples
    --------
    >>> confident(np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]]), 0.5).tolist()
    [0, 2]
    """
    codes, certain = p.argmax(1), p.max(1)
    kept = []
    for code in np.unique(codes):
        rows = np.flatnonzero(codes == code)
        order = np.argsort(-certain[rows], kind="stable")
        kept.append(rows[order[: max(1, round(share * len(rows)))]])
    return np.sort(np.concatenate(kept)) if kept else np.empty(0, dtype=np.int64)


def _mixed(p: np.ndarray, lda: LinearDiscriminantAnalysis, scaled: np.ndarray) -> np.ndarray:
    """The mean of probabilities (n, C) and those of a classifier, which may know fewer classes."""
    q = np.zeros_like(p)
    if len(q):
        q[:, lda.classes_] = lda.predict_proba(scaled)
    return (p + q) / 2
