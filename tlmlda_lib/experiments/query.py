"""Which records count: one rule for every page, table and plot. Chapter 3.4.

Records of one cell differ only in their seeds. If some depend on an older revision, the fresh ones count. These must
have one options digest: a preset whose meaning has changed makes two settings of one name, and no rule chooses between
them silently.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict, cast

from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import store


class Rule(TypedDict, total=False):
    """The scores of a run at one epoch; ``setting`` instead of ``epoch`` for a method without epochs."""

    war: float
    uar: float
    confusion: list[list[int]]
    hits: str  # see `contents.unpack`
    chosen_by: str
    criterion: str | None
    epoch: int
    setting: int


class Late(TypedDict):
    """The hits at some epochs of the last third, for a run whose weights are not averaged."""

    epochs: list[int]
    hits: list[str]


class Said(TypedDict, total=False):
    """The predictions of a run; see `contents.said`."""

    predicted: str
    confidence: str


class Data(TypedDict, total=False):
    """The features of a run."""

    features: list[str]
    columns: int
    digest: str
    voices: str | None
    left_out: int


class Record(TypedDict, total=False):
    """All that pages, tables and plots read of a run; `tests/test_sealed.py` checks that nothing else is kept."""

    grid: str
    scheme: str
    method: str
    preset: str
    options_digest: str
    seed: int
    params: dict[str, Any]
    overrides: dict[str, Any]
    scaling: str
    saw: dict[str, Any]
    threads: int
    classes: list[str]
    counts: dict[str, Any]
    floor: dict[str, float]
    data: Data
    utterances: dict[str, list[int]]
    genders: dict[str, str]
    versions: dict[str, str]
    machine: dict[str, Any]
    revisions: dict[str, int]
    git_commit: str | None
    date: str
    seconds: float
    peak_memory_mib: float
    rules: dict[str, Rule]
    curve: dict[str, list[float]]
    late: Late
    said: Said
    heard: dict[str, Any]  # of the collection "stress"
    stress: dict[str, Any]
    points: dict[str, Any]  # of the collection "figure2"
    picture: dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """A way to train, for any scheme and seed: what distinguishes its records from all others.

    Attributes
    ----------
    method, preset : str
    changes : dict
        All options that differ from the preset's.
    grids : tuple of str
        Collections with such runs.
    name : str
        Name in words.
    """

    method: str
    preset: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    grids: tuple[str, ...] = ("main",)
    name: str = ""

    def overrides(self, grid: str) -> Mapping[str, Any] | None:
        """Options of its runs in a collection that differ from the preset's; None if it has no runs there.

        Parameters
        ----------
        grid : str
            Name of the collection.
        """
        return self.changes if grid in self.grids else None

    def has(self, record: Mapping[str, Any]) -> bool:
        """Whether a record is of this kind: its collection, method, preset, and every option that differs.

        Parameters
        ----------
        record : dict
            A record.
        """
        if (record["method"], record["preset"]) != (self.method, self.preset):
            return False
        wanted = self.overrides(record["grid"])
        return wanted is not None and store.same_options(record["overrides"], wanted)


def runs(records: Iterable[Mapping[str, Any]], kind: Kind, scheme: str | None = None) -> list[Record]:
    """The runs of a kind, scheme by scheme and by seed. Chapter 3.4.

    Parameters
    ----------
    records : iterable of dict
        As from `tlmlda_lib.experiments.shipped.records`; other kinds are skipped.
    kind : Kind
    scheme : str, optional
        Only this one.

    Raises
    ------
    UserError
        As in `one_set`, for any scheme.
    """
    found: dict[str, list[Mapping[str, Any]]] = {}
    for r in records:
        if scheme in (None, r["scheme"]) and kind.has(r):
            found.setdefault(r["scheme"], []).append(r)
    return [r for members in found.values() for r in one_set(members)]


def one_set(records: Iterable[Mapping[str, Any]]) -> list[Record]:
    """The runs of one cell that count, by seed: this is the rule. Chapter 3.4.

    Parameters
    ----------
    records : iterable of dict
        Records that differ only in their seeds.

    Raises
    ------
    UserError
        If they belong to two schemes, collections or settings (as when a preset's meaning has changed), or if a seed
        occurs twice; the sentence names both.
    """
    members: Sequence[Mapping[str, Any]] = list(records)
    members = [r for r in members if not store.stale(r)] or members
    found = sorted(members, key=lambda r: int(r["seed"]))
    settings = dict.fromkeys(store.place(r).rpartition("/")[0] for r in found)
    if len(settings) > 1:
        named = "; ".join(settings)
        raise UserError(f"runs of one cell have {len(settings)} settings, {named}: keep one, or give one collection")
    seeds = [r["seed"] for r in found]
    if twice := [k for k in seeds if seeds.count(k) > 1]:
        raise UserError(f"{next(iter(settings))}/seed-{twice[0]} occurs twice: keep one of them")
    return cast(list[Record], found)


def selected(records: Iterable[Mapping[str, Any]]) -> list[Record]:
    """All records that count, cell by cell, in their order, as `one_set` selects them.

    Parameters
    ----------
    records : iterable of dict
        Of any cells.

    Raises
    ------
    UserError
        As in `one_set`.
    """
    kept = list(records)
    cells: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for r in kept:
        features = repr(r.get("data", {}).get("features"))
        names = (r[k] for k in ("grid", "scheme", "method", "preset"))
        cells.setdefault((*names, features, store.options_digest(r["overrides"])), []).append(r)
    counting = {id(r) for members in cells.values() for r in one_set(members)}
    return cast(list[Record], [r for r in kept if id(r) in counting])
