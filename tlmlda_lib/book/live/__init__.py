"""One recording, and what a machine makes of it that has heard a corpus of others. Chapter 4.4.

Nothing here opens a file: samples come in, numbers go out. What is kept of a take is a row of features, in memory,
until it is forgotten.
"""

from __future__ import annotations

from tlmlda_lib.book.live.listener import FAMILIES, Listener
from tlmlda_lib.book.live.session import LEAST_TAKES, Session
from tlmlda_lib.book.live.takes import prepared, tempered, warning, z_scores

__all__ = ["FAMILIES", "LEAST_TAKES", "Listener", "Session", "prepared", "tempered", "warning", "z_scores"]
