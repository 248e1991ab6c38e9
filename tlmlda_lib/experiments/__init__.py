"""From a grid of schemes, methods, presets and seeds to records, and from records to tables.

`settings` says what a preset means for a pair of corpora. `run` makes records, `store` keeps them, `tables` reads them,
`compare` and `criteria` weigh them; `contents` and `provenance` say what a record holds.
`predict` uses a method that was saved.
"""

from __future__ import annotations

from tlmlda_lib import _lazily

__all__ = ["compare", "contents", "criteria", "predict", "provenance", "query", "run", "settings", "store", "tables"]

__getattr__, __dir__ = _lazily(__name__, tuple(__all__))
