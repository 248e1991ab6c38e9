"""What the book's pages show.

`pages` has their figures and computed sentences, `explorables` what moves, `checks` the exercises' checks, `live` the
listener of chapter 4.4.
"""

from __future__ import annotations

from tlmlda_lib import _lazily

__all__ = ["checks", "explorables", "live", "pages", "stream_sounds"]

__getattr__, __dir__ = _lazily(__name__, tuple(__all__))
