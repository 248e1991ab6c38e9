"""One short run of every method and preset family on synthetic speech: what it gives, kept to the bit in `golden/`.

`make golden` writes that anew. It refuses where scores have changed and no revision was raised: records of the real
corpora would then pass for what the code computes now.
"""

from __future__ import annotations

import importlib.metadata
import inspect
import json
import math
import os
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from tlmlda_lib import corpora, domains, features, methods
from tlmlda_lib.experiments import plans, provenance, revisions, run, settings, store
from tlmlda_lib.features.smile import SHORT_NAMES
from tlmlda_lib.methods.ifn.fusion import FUSIONS
from tlmlda_lib.training.criteria import CRITERIA
from tlmlda_lib.training.options import WITHOUT

ROOT = Path(__file__).parents[1]
FILE = Path(__file__).parent / "golden" / "runs.json"

#: How far losses may lie apart, relative to the larger of 1 and the kept loss, where bits need not agree.
TOLERANCE = 1e-4

#: Packages that do not touch a number.
_IDLE = ("python", "tlmlda_lib")

#: Kept of each run: what must agree anywhere; what must agree to the bit on the kind of machine that wrote the file,
#: within `TOLERANCE` elsewhere; within it anywhere, for records round it; and on that kind alone.
_CODES, _NUMBERS, _CRITERIA, _BITS = "codes", "numbers", "criteria", "bits"

_ONE, _BOTH = ("is10",), ("is10", "resemblyzer")
_IS10 = 1582

#: Networks small enough to run in a moment.
_SMALL = {"encoder": (64, 32), "emotion": (16,), "batch_size": 32}


@dataclass(frozen=True)
class Run:
    """A method to run on the pair of `arrays`."""

    method: str
    preset: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    scheme: str = "d2z"  # whose settings it takes
    sets: tuple[str, ...] = _ONE
    every: int = 1  # takes one in so many features


def _of_tlmlda() -> dict[str, Run]:
    four, two = {"epochs": 4, "batch_size": 32}, {"epochs": 2, "batch_size": 32}
    found = {f"tlmlda {p}": Run("tlmlda", p, four) for p in ("quick", "recommended", "recommended-is10", "start")}
    found |= {f"{name} start": Run(name, "start", {**_SMALL, "epochs": 3}) for name in ("tlmlda_vote", "tlmlda_self")}
    found |= {f"tlmlda {p}": Run("tlmlda", p, two) for p in WITHOUT}
    found |= {
        f"{name} {p}": Run(name, p, {**_SMALL, "epochs": 2})
        for name in ("tlmlda_m", "tlmlda_l", "only_cls")
        for p in list(WITHOUT)[:3]
    }
    found |= {f"tlmlda {p}": Run("tlmlda", p, two) for p in ("paper", "authors")}
    found |= {
        f"tlmlda recommended-is10, as on {s}": Run("tlmlda", "recommended-is10", {"epochs": 4}, s)
        for s in ("C2B", "B2C", "B2R")
    }
    ours, theirs = {"epochs": 3, "batch_size": 32}, {**_SMALL, "epochs": 2}
    for name in ("tlmlda_w", "tlmlda_alpha", "tlmlda_m", "tlmlda_l", "only_cls"):
        found[f"{name} recommended-is10"] = Run(name, "recommended-is10", ours)
        found[f"{name} authors"] = Run(name, "authors", theirs)
    for what, change in plans.PRICED.items():
        found[f"tlmlda authors, but: {what}"] = Run("tlmlda", "authors", {**theirs, **change})
    found |= {
        f"tlmlda recommended-is10 within {w}": Run("tlmlda", "recommended-is10", {**_SMALL, "epochs": 3, "within": w})
        for w in plans.OTHER_SCALINGS
    }
    return found


def _of_ifn() -> dict[str, Run]:
    short = {"epochs": 3}
    found = {f"ifn {p}": Run("ifn", p, short, sets=_BOTH) for p in ("default", "recommended", "quick")}
    found |= {f"ifn recommended, as on {s}": Run("ifn", "recommended", short, s, _BOTH) for s in ("C2B", "B2R")}
    for name in FUSIONS:
        found[f"ifn quick {name}"] = Run("ifn", "quick", {**short, "fusion": name}, sets=_BOTH)
        with_transfer = {**short, "fusion": name, "transfer": "tlmlda"}
        found[f"ifn quick {name} with transfer"] = Run("ifn", "quick", with_transfer, sets=_BOTH)
    return found


def _of_others() -> dict[str, Run]:
    found = {f"{m} {p}": Run(m, p) for m in ("pca_svm", "dosl", "jdar") for p in ("minmax", "zscore", "rank", "voices")}
    # Fewer features than rows: else most axes of tsdsl lie where nothing tells them apart but the kernels' rounding.
    found |= {
        f"tsdsl {p}": Run("tsdsl", p, {"n_components": 20}, every=20) for p in ("minmax", "zscore", "rank", "voices")
    }
    found |= {f"{m} zscore": Run(m, "zscore") for m in ("coral", "tca", "subspace", "lda", "majority")}
    found |= {f"{m} voices": Run(m, "voices") for m in ("coral", "subspace", "lda")}
    found |= {"lda speaker": Run("lda", "speaker"), "dosl argmax": Run("dosl", "minmax", {"decision": "argmax"})}
    found |= {f"late_fusion {p}": Run("late_fusion", p, sets=_BOTH) for p in ("zscore", "voices")}
    found |= {
        "dbn_bp fast": Run("dbn_bp", "fast", {"rbm_epochs": 3, "epochs": 4}),
        "dbn_bp full": Run("dbn_bp", "full", {"rbm_epochs": 1, "epochs": 2}, every=3),
        "dbn_bp zscore": Run("dbn_bp", "fast", {"rbm_epochs": 2, "epochs": 2, "scaling": "zscore"}, every=3),
        "bp fast": Run("bp", "fast", {"epochs": 4}),
    }
    return found


#: Every run by its name.
RUNS: dict[str, Run] = _of_tlmlda() | _of_ifn() | _of_others()


# What they are made from -------------------------------------------------------------------------------------------


def arrays(folder: Path) -> dict[str, Any]:
    """A pair of 80 German and 80 Mandarin utterances: features, codes, voices.

    Sounds and features are kept in a folder.
    """
    before = os.environ.get("TLMLDA_CACHE")
    os.environ["TLMLDA_CACHE"] = str(folder)
    try:
        with run.use_threads(1):
            return _arrays()
    finally:
        os.environ.pop("TLMLDA_CACHE")
        if before is not None:
            os.environ["TLMLDA_CACHE"] = before


def _arrays() -> dict[str, Any]:
    tables = {x: corpora.load(x, progress=False) for x in ("d", "z")}
    source = tables["d"][tables["d"].index.str.contains(r"-0[14]\.wav$")]  # eight speakers, two of six texts
    target = tables["z"][tables["z"].index.str.contains(r"-0[1-4]\.wav$")]  # four speakers, four of ten
    pair = domains.make_pair(source, target, domains.SCHEMES["d2z"], _BOTH, scheme="d2z", workers=1, progress=False)
    some = [f for f in pair.files if f.endswith("-01.wav")][:12]
    others = {
        f"features {short}": features.extract(some, feature_set=name, workers=1, progress=False).to_numpy()
        for short, name in SHORT_NAMES.items()
        if short not in _ONE
    }
    return {
        "X": pair.X,
        "y": pair.y,
        "sample_domain": pair.sample_domain,
        "groups": pair.groups,
        "voices": pair.voices,
        "speech": np.array([tables[x].attrs["sha256"] for x in ("d", "z")]),
        "files": np.array([Path(f).name for f in pair.files]),
        **others,
    }


# What is kept of them ----------------------------------------------------------------------------------------------


def about() -> dict[str, Any]:
    """What equal bits depend on beside our code: packages, processor, and the kernels that it is given."""
    versions = provenance.versions() | {"espeakng-loader": importlib.metadata.version("espeakng-loader")}
    return {
        "kind": [provenance.machine()["processor"], *provenance.kernels()],
        "packages": {name: version for name, version in sorted(versions.items()) if name not in _IDLE},
    }


def inputs(a: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Entries of what the runs are made from: synthetic speech, the pair's rows, its features, its voices."""
    sets = {"features is10": a["X"][:, :_IS10], "features resemblyzer": a["X"][:, _IS10:]}
    sets |= {name: a[name] for name in a if name.startswith("features ")}
    found: dict[str, dict[str, Any]] = {
        "speech": {"revisions": (), _CODES: {"digests": " ".join(a["speech"].tolist())}},
        "pair": {
            "revisions": ("pair",),
            _CODES: {
                **{name: _digits(a[name]) for name in ("y", "sample_domain", "groups")},
                "files": provenance.digest_of_arrays(a["files"].tolist()),
            },
        },
        "voices": {"revisions": ("voices", "features resemblyzer", "sound"), _CODES: {"voices": _digits(a["voices"])}},
    }
    for name, x in sets.items():
        numbers = {"mean logarithms": np.log1p(np.abs(x.astype(np.float64))).mean(1).tolist()}
        bits = {"table": provenance.digest_of_arrays([x.shape, x])}
        found[name] = {"revisions": (name, "sound"), _NUMBERS: numbers, _BITS: bits}
    for entry in found.values():
        entry["revisions"] = {name: revisions.current(name) for name in entry["revisions"]}
    return found


def entry(what: Run, a: Mapping[str, Any]) -> dict[str, Any]:
    """Run it, and say all that must not change."""
    how = settings.of(what.method, what.preset, what.scheme, what.options)
    clf = methods.make(what.method, what.preset, random_state=0, **how)
    X = a["X"][:, : None if what.sets == _BOTH else _IS10][:, :: what.every]
    voices = a["voices"] if clf.requires_voices else None
    with run.use_threads(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        clf.fit(X, a["y"], sample_domain=a["sample_domain"], groups=a["groups"], voices=voices)
        target = a["sample_domain"] < 0
        known = {"sample_domain": a["sample_domain"][target], "groups": a["groups"][target]}
        score = getattr(clf, "predict_proba", None) or clf.decision_function
        scores = score(X[target], voices=None if voices is None else voices[target], **known)
    by_epoch = clf.target_predictions_
    bits = {"predictions of each epoch": _digest(by_epoch), "scores": _digest(scores)}
    if hasattr(clf, "network_"):
        state = clf.network_.state_dict()
        bits["network"] = provenance.digest_of_arrays([x for k, v in state.items() for x in (k, v.cpu().numpy())])
    history = getattr(clf, "history_", {})
    numbers = {c: _plain(history[c]) for c in history if c.startswith(("loss_", "weight_", "gate_"))}
    numbers |= {f"machine {k}": _plain(e) for k, e in enumerate(getattr(clf, "reconstruction_", ()))}
    numbers |= {"objective": _plain(clf.objective_)} if hasattr(clf, "objective_") else {}
    return {
        "run": json.loads(json.dumps(asdict(what))),
        "revisions": revisions.depends_on(clf, what.sets, voices=clf.requires_voices),
        _CODES: {"predictions": _digits(by_epoch[-1])},
        _NUMBERS: numbers,
        _CRITERIA: {c: _plain(history[c]) for c in CRITERIA if c in history},
        _BITS: bits,
    }


def _digits(codes: np.ndarray) -> str:
    """Codes of one digit without a space between them."""
    return ("" if np.ptp(codes) < 10 and codes.min() >= 0 and codes.max() < 10 else " ").join(map(str, codes.tolist()))


def _digest(x: Any) -> str:
    return provenance.digest_of_arrays([np.shape(x), np.asarray(x)])


def _plain(values: Iterable[float]) -> list[float | None]:
    return [float(v) if math.isfinite(v) else None for v in values]


def read() -> dict[str, Any]:
    return json.loads(FILE.read_text(encoding="utf-8"))


def write(content: Mapping[str, Any]) -> None:
    """A line for each entry, so that a diff shows which have changed."""
    lines = [f"  {json.dumps(name)}: {json.dumps(one)}" for name, one in content["entries"].items()]
    head = f'{{\n "about": {json.dumps(content["about"])},\n "entries": {{\n'
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(head + ",\n".join(lines) + "\n }\n}\n", encoding="utf-8", newline="\n")


# What a difference means -------------------------------------------------------------------------------------------


def differences(kept: Mapping[str, Any], found: Mapping[str, Any], *, exact: bool) -> list[str]:
    """What has changed in an entry, in words; revisions apart."""
    words = []
    for name, old in kept.get(_CODES, {}).items():
        if (new := found.get(_CODES, {}).get(name)) != old:
            words.append(_of_codes(name, old, new))
    for group, to_the_bit in ((_NUMBERS, exact), (_CRITERIA, False)):
        old, new = kept.get(group, {}), found.get(group, {})
        if gone := sorted(old.keys() ^ new.keys()):
            words.append(f"{', '.join(gone)} {'is' if len(gone) == 1 else 'are'} in one of the two only")
        words += [w for name in old.keys() & new.keys() if (w := _of_numbers(name, old[name], new[name], to_the_bit))]
    old, new = kept.get(_BITS, {}), found.get(_BITS, {})
    bits = [name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)] if exact else []
    return sorted(words) + ([f"other bits in: {', '.join(bits)}"] if bits else [])


def _of_codes(name: str, old: str, new: str | None) -> str:
    a, b = ((t or "").split() if " " in old else list(t or "") for t in (old, new))
    if len(a) != len(b) or len(a) == 1:
        return f"{name} changed"
    return f"{name} changed in {sum(x != y for x, y in zip(a, b, strict=True))} of {len(a)} rows"


def _of_numbers(name: str, old: Sequence[float | None], new: Sequence[float | None], to_the_bit: bool) -> str:
    if len(old) != len(new):
        return f"{name} has {len(new)} numbers, had {len(old)}"
    for place, (a, b) in enumerate(zip(old, new, strict=True), 1):
        near = a is not None and b is not None and abs(a - b) <= TOLERANCE * max(1.0, abs(a))
        if a != b and (to_the_bit or not near):
            return f"{name} number {place} was {a}, is {b}"
    return ""


def verdict(
    name: str,
    kept: Mapping[str, Any] | None,
    found: Mapping[str, Any],
    *,
    exact: bool,
    changed_inputs: Iterable[str] = (),
    records: Iterable[Mapping[str, Any]] = (),
) -> str | None:
    """What to do about an entry, or None where nothing has changed.

    Parameters
    ----------
    name : str
    kept, found : dict
        The entry in the file, if it is there, and as it comes out now.
    exact : bool
        Whether bits have to agree: see `is_exact`.
    changed_inputs : iterable of str
        Inputs that have changed themselves, which is why this has changed.
    records : iterable of dict
        The committed ones.
    """
    if kept is None or kept.get("run") != found.get("run"):
        return f"{name}: not in {FILE.name}, or as another run: run `make golden`"
    if kept["revisions"] != found["revisions"]:
        old, new = kept["revisions"], found["revisions"]
        names = sorted(n for n in old.keys() | new.keys() if old.get(n) != new.get(n))
        raised = ", ".join(f"{n} {old.get(n, 'none')} -> {new.get(n, 'none')}" for n in names)
        return f"{name}: the revisions have changed ({raised}), {FILE.name} has not: run `make golden`, and commit it"
    words = differences(kept, found, exact=exact)
    if not words:
        return None
    guilty = suspects(kept["revisions"], changed_inputs)
    said = f"{name}: {'; '.join(words)}; and no revision was raised."
    if not guilty:
        return f"{said} Nothing but the synthetic speech has changed: run `make golden`."
    lines = [f"{said} Mend it if that was not meant. Else raise one of these, and run `make golden`:"]
    held = list(records)
    for number in guilty:
        lines += [f"  {number} ({_place(number)})", *(f"    {line}" for line in to_make_anew(number, held))]
    return "\n".join(lines)


def suspects(depends_on: Iterable[str], changed_inputs: Iterable[str] = ()) -> list[str]:
    """Revisions that a change may be about: those of the inputs that have changed, else the code that works on them."""
    names = list(depends_on)
    if not any(name.startswith(revisions.METHOD) for name in names):
        return names
    return [n for n in changed_inputs if n in names] or [
        n for n in names if n.startswith(revisions.METHOD) or n == "trainer"
    ]


def _same(kept: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Whether two entries are of one run, and of one revision of everything."""
    return all(kept.get(name) == found.get(name) for name in ("run", "revisions"))


@cache
def committed() -> list[dict[str, Any]]:
    """All records in results/, whether they count or not."""
    found, problems = store.scan(ROOT / "results")
    assert not problems, problems
    return found


def is_exact(kept: Mapping[str, Any]) -> bool:
    """Whether this machine and its packages are of the kind that wrote the file, so that bits have to agree."""
    return kept == about()


def to_make_anew(revision: str, records: Iterable[Mapping[str, Any]]) -> list[str]:
    """Committed records that become stale with this revision: how many, of what, and what makes them anew."""
    raised = _with_subclasses(revision)
    count = Counter((r["grid"], r["method"], r["preset"]) for r in records if raised & r["revisions"].keys())
    if not count:
        return ["no committed record depends on it"]
    by_command: dict[tuple[str, str], list[str]] = {}
    for (grid, method, preset), n in sorted(count.items()):
        by_command.setdefault((grid, command(grid, method, preset)), []).append(f"{method} {preset} {n}")
    lines = [f"{grid}: {', '.join(what)}: `{words}`" for (grid, words), what in by_command.items()]
    total = sum(count.values())
    return [f"{total} committed record{'s depend' if total > 1 else ' depends'} on it:", *lines]


def _with_subclasses(revision: str) -> set[str]:
    """A class hands its revision on to those that are made of it."""
    kind = methods.METHODS.get(revision.removeprefix(revisions.METHOD))
    if kind is None:
        return {revision}
    return {revisions.METHOD + name for name, other in methods.METHODS.items() if issubclass(other, kind)}


@cache
def command(grid: str, method: str, preset: str) -> str:
    """What makes a collection's stale records of a method and a preset anew."""
    if grid in plans.COMMANDS:
        return f"tlmlda {' '.join(plans.COMMANDS[grid].words)} --stale"
    for name, plan in plans.PLANS.items():
        if plan.grid == grid and any(method in b.methods and preset in b.presets for b in plan.blocks):
            return f"tlmlda reproduce {name} --stale"
    return f"tlmlda reproduce --scheme open --method {method} --preset {preset} --grid {grid} --stale"


def _place(revision: str) -> str:
    """Where the number stands."""
    if revision.startswith(revisions.METHOD):
        kind = methods.METHODS[revision.removeprefix(revisions.METHOD)]
        file = inspect.getsourcefile(kind)
        return f"`revision` of {kind.__name__} in {Path(str(file)).name}"
    at = {
        "trainer": "REVISION in trainer.py",
        "pair": "REVISION in domains.py",
        "voices": "REVISION in voices.py",
        "sound": "PREPARATION in features/recipe.py",
        "features resemblyzer": "`revision` of Resemblyzer in features/embeddings.py",
    }
    return at.get(revision, "`revision` of Functionals in features/smile.py")


# `make golden` -----------------------------------------------------------------------------------------------------


def main() -> int:
    """Make all entries, and write them unless one has changed behind its revisions' back."""
    with tempfile.TemporaryDirectory() as folder:
        a = arrays(Path(folder))
    entries = inputs(a) | {name: entry(what, a) for name, what in RUNS.items()}
    here = about()
    if FILE.is_file() and (kept := read())["about"]["packages"] == here["packages"]:
        exact = kept["about"] == here
        old = {n: e for n, e in kept["entries"].items() if n in entries and _same(e, entries[n])}
        changed = [n for n in inputs(a) if n not in old or differences(old[n], entries[n], exact=exact)]
        records = committed()
        said = [verdict(n, e, entries[n], exact=exact, changed_inputs=changed, records=records) for n, e in old.items()]
        if "speech" not in changed and any(said):
            print("\n".join(s for s in said if s), file=sys.stderr)
            print(f"{FILE.relative_to(ROOT)} stays as it was.", file=sys.stderr)
            return 1
    write({"about": here, "entries": entries})
    print(f"{FILE.relative_to(ROOT)}: {len(entries)} entries, {FILE.stat().st_size / 1e3:.0f} kB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
