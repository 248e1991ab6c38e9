"""Build the library's wheel into _build/wheel, and say what it is.

    python tools/wheel.py

Put it beside a notebook, or name it in the environment variable TLMLDA_WHEEL: the notebook's first cell installs it.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

import published  # noqa: E402


def main() -> str | None:
    """Build it; return what went wrong, if anything did."""
    try:
        wheel = published.build_wheel(ROOT, ROOT / "_build" / "wheel")
    except (ValueError, RuntimeError) as error:
        return str(error)
    print(f"{wheel.relative_to(ROOT)}: {wheel.stat().st_size / 1e6:.1f} MB, SHA-256 {published.sha256(wheel)}")
    return None


if __name__ == "__main__":
    sys.exit(main())
