"""Where the project is published: buttons only where they lead somewhere, and the wheel beside the notebooks."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

pytest.importorskip("sphinx_book_theme", reason="the extra `book`, which builds pages, is not installed")

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "book" / "_ext")]

import notebooks  # noqa: E402
import published  # noqa: E402

HEAD = '---\nfile_format: mystnb\nkernelspec: {name: python3, display_name: Python 3}\nchapter: "9.1"\n---\n\n'
HOMES = {"repository": "https://github.com/anna/book", "site": "https://pages.example/book", "tag": "v2"}
NOWHERE = {"repository": "", "site": "", "tag": "main"}


def checkout(folder: Path, facts: dict[str, str]) -> Path:
    """The least that is built: two pages, one of them a chapter, and a library of one module."""
    lines = "\n".join(f'{name} = "{value}"' for name, value in facts.items())
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    text = re.sub(r"(?ms)^\[tool\.tlmlda\]\n.*?\n\n", f"[tool.tlmlda]\n{lines}\n\n", text)
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    for name in ("README.md", "LICENSE", "tools/pack_records.py", "tlmlda_lib/__init__.py", "results/search-ifn.jsonl"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    book = folder / "book"
    book.mkdir()
    (book / "index.md").write_text("# Book\n\n```{toctree}\nwhy\n```\n", encoding="utf-8")
    (book / "why.md").write_text(HEAD + "# Why?\n\n```{code-cell} python3\n1\n```\n", encoding="utf-8")
    return folder


def write_notebooks(folder: Path, digest: str = "") -> None:
    facts = published.read(folder)
    book = notebooks.Book.read(folder / "book", facts.site)
    made = notebooks.notebook(book, book.pages["why"], facts, digest)
    (folder / "book" / "why.ipynb").write_text(notebooks.nbformat.writes(made) + "\n", encoding="utf-8")


def build(folder: Path) -> Path:
    """Build as `_config.yml` asks for: the theme, its buttons, and the extension that tells it where they lead."""
    own = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["sphinx"]["config"]
    config = {
        "extensions": ["myst_nb", "sphinx_book_theme", "launch", "page_meta"],
        "nb_execution_mode": "off",
        "exclude_patterns": ["**.ipynb"],
        "suppress_warnings": ["myst-nb.lexer"],
        "html_theme": "sphinx_book_theme",
        "html_theme_options": {k: v for k, v in own["html_theme_options"].items() if k != "logo"},
        "html_show_sourcelink": False,
    }
    (folder / "book" / "conf.py").write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT / 'book' / '_ext')!r})\n"
        + "\n".join(f"{name} = {value!r}" for name, value in config.items()),
        encoding="utf-8",
    )
    out = folder / "html"
    command = [sys.executable, "-m", "sphinx", "-W", "-E", "-a", "-q", str(folder / "book"), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return out


def links(page: Path) -> list[str]:
    text = page.read_text(encoding="utf-8")
    return [link for link in re.findall(r'(?:href|content)="([^"#]+)"', text) if not link.startswith("_static")]


def test_with_the_two_addresses_the_buttons_are_right(tmp_path: Path) -> None:
    folder = checkout(tmp_path, HOMES)
    write_notebooks(folder)
    site = build(folder)
    found = links(site / "why.html")
    assert "https://colab.research.google.com/github/anna/book/blob/v2/book/why.ipynb" in found
    assert "https://mybinder.org/v2/gh/anna/book/v2?urlpath=lab/tree/book/why.ipynb" in found
    assert "https://github.com/anna/book" in found
    assert any(link.startswith("https://github.com/anna/book/issues/new?") for link in found)
    assert "https://pages.example/book/why.html" in found
    assert "https://pages.example/book/_static/preview.png" in found
    assert not [link for link in links(site / "index.html") if "colab" in link or "mybinder" in link]


def test_without_addresses_there_is_nothing_to_press(tmp_path: Path) -> None:
    folder = checkout(tmp_path, NOWHERE)
    write_notebooks(folder)
    site = build(folder)
    foreign = {link for page in ("why.html", "index.html") for link in links(site / page) if "//" in link}
    assert foreign <= {"https://sphinx-book-theme.readthedocs.io", "http://docutils.sourceforge.net/docutils.conf"}
    assert "_sources/why.ipynb" in links(site / "why.html"), "the notebook can be downloaded all the same"


def test_the_site_carries_the_wheel_that_its_notebooks_expect(tmp_path: Path) -> None:
    folder = checkout(tmp_path, HOMES)
    write_notebooks(folder, "0" * 64)
    out = build(folder) / published.NOTEBOOKS
    facts = published.read(folder)
    digest = published.sha256(out / facts.wheel)
    text = (out / "why.ipynb").read_text(encoding="utf-8")
    assert digest in text
    assert f"https://pages.example/book/_sources/{facts.wheel}" in text
    assert published.build_wheel(folder, tmp_path / "again").read_bytes() == (out / facts.wheel).read_bytes()
    assert published.with_digest(text) == published.with_digest(
        (folder / "book" / "why.ipynb").read_text(encoding="utf-8")
    )


def test_a_release_wants_the_digest_of_its_own_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = checkout(tmp_path, HOMES)
    monkeypatch.setattr(notebooks, "ROOT", folder)
    monkeypatch.setattr(notebooks, "FOLDER", folder / "book")
    monkeypatch.setattr(notebooks, "INSTRUCTOR", tmp_path / "instructor")
    write_notebooks(folder, "0" * 64)
    assert notebooks.main(["--check"]) is None, "from day to day the digest may be an older one"
    assert "why.ipynb" in (notebooks.main(["--release"]) or "")
    assert notebooks.main([]) is None
    assert notebooks.main(["--release"]) is None
    (folder / "tlmlda_lib" / "__init__.py").write_text("", encoding="utf-8")
    assert "why.ipynb" in (notebooks.main(["--release"]) or "")


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        (NOWHERE | {"site": "pages.example/book"}, "site = 'pages.example/book' is no address"),
        (NOWHERE | {"repository": "https://github.com/anna/book/"}, "repository = .* without a slash at its end"),
        (NOWHERE | {"tag": ""}, "tag is empty"),
        ({"site": ""}, "wants repository, site and tag"),
    ],
)
def test_facts_that_are_wrong_are_named(tmp_path: Path, facts: dict[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        published.read(checkout(tmp_path, facts))


def test_a_wheel_that_cannot_be_built_says_why(tmp_path: Path) -> None:
    folder = checkout(tmp_path, NOWHERE)
    (folder / "results" / "search-ifn.jsonl").unlink()
    with pytest.raises(RuntimeError, match="holds no sealed collection"):
        published.build_wheel(folder, tmp_path / "out")
    assert not (tmp_path / "out").exists()
