"""What does `import tlmlda_lib` cost beside `import torch`?

Whole processes, by turns, less the start of Python itself. Run: python benchmarks/importing.py
"""

from __future__ import annotations

import subprocess
import sys
import time

ROUNDS = 7


def seconds(code: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - began


def main() -> None:
    codes = {"nothing": "pass", "library": "import tlmlda_lib", "torch": "import torch"}
    times: dict[str, list[float]] = {name: [] for name in codes}
    for _ in range(ROUNDS):
        for name, code in codes.items():
            times[name].append(seconds(code))
    nothing, library, torch = (min(times[name]) for name in codes)
    print(f"import tlmlda_lib takes {(library - nothing) / (torch - nothing):.3f} times the import of torch")


if __name__ == "__main__":
    main()
