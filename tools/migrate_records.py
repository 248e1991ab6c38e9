"""Records of form 1 (one JSON file a run, with digests of source) as sealed collections of form 2, all as revision 1.

    python tools/migrate_records.py OLD_RESULTS NEW_RESULTS

Done once, in November 2026, after a sample of every collection, method and preset had been made anew and was equal to
the bit. It stays for whoever has records of that form. Nothing in OLD_RESULTS is changed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tlmlda_lib import methods
from tlmlda_lib.experiments import pictures, revisions, run, sealed, stressed
from tlmlda_lib.experiments.stressed import VARIANTS


def of_run(old: Mapping[str, Any]) -> dict[str, Any]:
    """A run's record, with revisions in place of digests."""
    new = {k: v for k, v in old.items() if k not in ("code", "format")}
    new["revisions"] = _revisions(old["method"], old["data"]["features"], bool(old["data"]["voices"]))
    return new


def of_stress(old: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Of each transfer and seed what the network said under each condition, and by itself after each quarter less."""
    for variant, told in old["conditions"].items():
        cell = run.named(
            old["scheme"], "ifn", old["preset"], 0, params=VARIANTS[variant], features=tuple(old["features"])
        )
        if cell[2]["options_digest"] != told["options_digest"]:
            raise ValueError(f"{old['scheme']} {variant}: the file is of other options than the preset's")
    return stressed.records_of({**old, "overrides": {}, "revisions": _revisions("ifn", old["features"], False)})


def of_figure2(old: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A record of each method's picture."""
    voices = {m: methods.make(m, old["preset"], scheme=old["scheme"]).requires_voices for m in old["methods"]}
    found = {m: _revisions(m, ["is10"], needed) for m, needed in voices.items()}
    return pictures.records_of({**old, "overrides": {}, "features": ["is10"], "revisions": found})


def _revisions(method: str, features: list[str], voices: bool) -> dict[str, int]:
    found = revisions.hung_on(methods.make(method), features, voices=voices)
    if set(found.values()) != {1}:
        raise ValueError(f"a record of form 1 is revision 1 of all that it hangs on, and the library has {found}")
    return found


def collections(old: Path) -> dict[str, list[dict[str, Any]]]:
    """All records below a folder of form 1, by collection."""
    found: dict[str, list[dict[str, Any]]] = {}
    for file in sorted(old.glob("*/*/*/*/seed-*.json")):
        record = of_run(json.loads(file.read_text(encoding="utf-8")))
        found.setdefault(record["grid"], []).append(record)
    for folder, of in (("stress", of_stress), ("figure2", of_figure2)):
        for file in sorted((old / folder).glob("*.json")):
            found.setdefault(folder, []).extend(of(json.loads(file.read_text(encoding="utf-8"))))
    return found


def main(old: str, new: str) -> None:
    for name, records in collections(Path(old)).items():
        file = Path(new) / f"{name}.jsonl"
        size = sealed.write(file, records)
        print(f"{file}: {len(records)} runs, {size / len(records):.0f} bytes a run")


if __name__ == "__main__":
    main(*sys.argv[1:])
