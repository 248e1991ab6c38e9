"""The edition without solutions, and the way through the book that does not lead to them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "book" / "_ext")]

pytest.importorskip("sphinx", reason="the extra `book` is not installed")

import edition  # noqa: E402
import editions  # noqa: E402
import tiny_books  # noqa: E402

PAGES = {
    "index": "# Book\n\n```{toctree}\none\nsolutions\ntwo\n```\n",
    "one": "# One\n\n```{edition} full\nSee the [solutions](solutions.md).\n```\n\n```{edition} class\nNone.\n```\n",
    "solutions": "---\naside: true\nedition: full\n---\n\n# Solutions\n\n42\n",
    "two": "# Two\n",
}


def files_of(toc: str) -> set[str]:
    return {entry["file"] for part in yaml.safe_load(toc)["parts"] for entry in part["chapters"]}


def test_the_class_edition_has_all_but_the_solutions() -> None:
    full = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    assert editions.absent(ROOT / "book", "full") == set()
    assert editions.absent(ROOT / "book", "class") == {"solutions"}
    assert files_of(full) - files_of(editions.contents(full, {"solutions"})) == {"solutions"}


def test_no_page_of_the_class_edition_links_what_it_leaves_out() -> None:
    for page in (ROOT / "book").glob("*.md"):
        text = page.read_text(encoding="utf-8")
        for block in re.findall(r"^````\{edition\} full\n.*?^````$", text, re.DOTALL | re.MULTILINE):
            text = text.replace(block, "")
        assert "solutions.md" not in text, page.name


def test_a_part_does_not_become_empty() -> None:
    toc = "root: index\nparts:\n  - caption: A\n    chapters:\n      - file: one\n"
    with pytest.raises(ValueError, match="the part 'A' would be empty"):
        editions.contents(toc, ["one"])


def test_the_command_writes_the_contents_of_an_edition(tmp_path: Path) -> None:
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "solutions.md").write_text(PAGES["solutions"], encoding="utf-8")
    toc = "root: index\nparts:\n  - caption: A\n    chapters:\n      - file: one\n      - file: solutions\n"
    (tmp_path / "_toc.yml").write_text(toc, encoding="utf-8")
    assert edition.place(tmp_path, "") == edition.place(tmp_path, "full") == tmp_path / "_toc.yml"
    assert files_of(edition.place(tmp_path, "class").read_text(encoding="utf-8")) == {"one"}


def test_an_unknown_edition_is_refused_in_a_sentence() -> None:
    command = [sys.executable, ROOT / "tools" / "edition.py", "teacher"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "make book: EDITION='teacher' is not known: use one of full, class\n"


def build(folder: Path, out: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(editions.VARIABLE, name)
    left_out = [f"{page}.md" for page in editions.absent(folder, editions.named(name))]
    config = {"extensions": ["myst_parser", "editions"], "exclude_patterns": left_out}
    warnings = tiny_books.build(folder, out, config)
    assert not [line for line in warnings.splitlines() if line and "toc" not in line]


@pytest.mark.filterwarnings("ignore")
def test_both_editions_of_a_small_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, out = tmp_path / "book", tmp_path / "html"
    folder.mkdir()
    for page, text in PAGES.items():
        (folder / f"{page}.md").write_text(text, encoding="utf-8")
    build(folder, out, "", monkeypatch)
    html = {page: (out / f"{page}.html").read_text(encoding="utf-8") for page in PAGES}
    nexts = {
        page: re.findall(r'<link rel="(next|prev)" title="[^"]*" href="([^"]+)"', text) for page, text in html.items()
    }
    assert dict(nexts["one"]) == {"next": "two.html", "prev": "index.html"}
    assert dict(nexts["two"]) == {"prev": "one.html"}
    assert nexts["solutions"] == []
    assert 'href="solutions.html"' in html["one"]
    assert "None." not in html["one"]

    build(folder, out, "class", monkeypatch)
    one = (out / "one.html").read_text(encoding="utf-8")
    assert "None." in one
    assert "solutions.html" not in one
    assert not list(out.rglob("solutions.*")), "what the full edition left is removed"
