"""Pages are run side by side before Sphinx reads them, and not again."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

pytest.importorskip("myst_nb", reason="the extra `book`, which builds the pages, is not installed")

sys.path[:0] = [str(Path(__file__).parents[1])]

import tiny_books  # noqa: E402

HEAD = "---\norphan: true\nfile_format: mystnb\nkernelspec: {name: python3, display_name: Python 3}\n---\n"

# Each page leaves a mark and waits for the other's: one after the other, neither would end well.
MEETS = """
# {here}

```{{code-cell}} python
import pathlib, time
with pathlib.Path("{here}.mark").open("a") as mark:
    mark.write("ran\\n")
until = time.monotonic() + 60
while not pathlib.Path("{there}.mark").is_file():
    assert time.monotonic() < until, "alone"
    time.sleep(0.05)
print("met", "{there}")
```
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KERNELS", "2")
    made = tmp_path / "book"
    made.mkdir()
    for here, there in (("index", "other"), ("other", "index")):
        (made / f"{here}.md").write_text(HEAD + MEETS.format(here=here, there=there), encoding="utf-8")
    (made / "words.md").write_text("---\norphan: true\n---\n# Words alone\n", encoding="utf-8")
    return made


def build(folder: Path, out: str, mode: str = "cache") -> str:
    config = {
        "extensions": ["myst_nb", "kernels"],
        "nb_execution_mode": mode,
        "nb_execution_cache_path": str(folder.parent / "cache"),
        "nb_execution_timeout": 90,
        "nb_execution_show_tb": True,
    }
    return tiny_books.build(folder, folder.parent / out, config)


def test_pages_run_side_by_side_and_once_and_a_page_that_fails_is_reported(folder: Path) -> None:
    broken = folder / "broken.md"
    broken.write_text(
        HEAD + '# Broken\n\n```{code-cell} python\nraise ValueError("no such corpus")\n```\n', encoding="utf-8"
    )
    said = build(folder, "first")
    assert "broken.md" in said
    assert "no such corpus" in said
    broken.unlink()

    assert build(folder, "second") == ""
    for here, there in (("index", "other"), ("other", "index")):
        assert (folder / f"{here}.mark").read_text() == "ran\n", "the second build found it"
        for out in ("first", "second"):
            assert f"met {there}" in (folder.parent / out / f"{here}.html").read_text(encoding="utf-8")
    peaks = json.loads((folder.parent / "cache" / "memory.json").read_text(encoding="utf-8"))
    assert set(peaks) == {"index", "other"}, "not the page that failed"
    assert all(2e7 < held < 5e8 for held in peaks.values())


def test_nothing_runs_where_nothing_is_to_run(folder: Path) -> None:
    build(folder, "first", mode="off")  # myst-nb warns that no kernel has told it the language
    assert (folder.parent / "first" / "index.html").is_file()
    assert not list(folder.glob("*.mark"))
