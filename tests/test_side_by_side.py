"""Pages' code runs once, two pages at a time, and what fails is reported where the page is read."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("myst_nb", reason="the extra `book` is not installed")

import tiny_books

PAGE = """\
---
file_format: mystnb
kernelspec:
  name: python3
  display_name: Python 3
---

# {name}

```{{code-cell}} ipython3
{code}
```
"""

#: Notes that it runs, and waits until another page runs, too.
MEETS = """\
import time
from pathlib import Path
with open("{place}/{name}", "a") as said:
    said.write("ran\\n")
for _ in range(600):
    if len(list(Path("{place}").iterdir())) > 1:
        break
    time.sleep(0.1)
print("met", len(list(Path("{place}").iterdir())))"""


def built(folder: Path, out: Path, **codes: str) -> str:
    folder.mkdir(exist_ok=True)
    (folder / "index.md").write_text("# Book\n\n```{toctree}\n" + "\n".join(codes) + "\n```\n", encoding="utf-8")
    for name, code in codes.items():
        (folder / f"{name}.md").write_text(PAGE.format(name=name, code=code), encoding="utf-8")
    config = {
        "extensions": ["myst_nb", "side_by_side"],
        "nb_execution_mode": "cache",
        "nb_execution_cache_path": str(out.parent / "cache"),
        "nb_execution_timeout": 90,
    }
    return tiny_books.build(folder, out, config)


def test_two_pages_run_at_once_and_each_once(tmp_path: Path) -> None:
    place = tmp_path / "said"
    place.mkdir()
    codes = {name: MEETS.format(place=place, name=name) for name in ("one", "two")}
    assert built(tmp_path / "book", tmp_path / "out", **codes) == ""
    for name in codes:
        assert (place / name).read_text() == "ran\n"
        assert "met 2" in (tmp_path / "out" / f"{name}.html").read_text(encoding="utf-8")


def test_what_fails_is_a_warning_of_its_page(tmp_path: Path) -> None:
    said = built(tmp_path / "book", tmp_path / "out", good="print(6 * 7)", bad="1 / 0")
    assert "bad.md" in said
    assert "Executing notebook failed" in said
    assert "good.md" not in said
    assert "42" in (tmp_path / "out" / "good.html").read_text(encoding="utf-8")
