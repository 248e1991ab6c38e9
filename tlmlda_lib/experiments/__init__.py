"""From a grid of schemes, methods, presets and seeds to records, and from records to tables.

`run` writes records, `store` keeps them, `query` selects them, `tables` sums them up, `compare` and `criteria` test
them; `contents` and `provenance` define what a record contains. `predict` applies a saved method.
"""

from __future__ import annotations

from tlmlda_lib import _lazily

__all__ = ["compare", "contents", "criteria", "predict", "provenance", "query", "run", "settings", "store", "tables"]

__getattr__, __dir__ = _lazily(__name__, tuple(__all__))
