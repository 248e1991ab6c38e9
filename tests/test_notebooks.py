"""Chapters to notebooks: every directive on tiny pages, what must never be shown, drift; and the quizzes."""

from __future__ import annotations

import base64
import re
import sys
from pathlib import Path

import nbformat
import pytest

pytest.importorskip("jupytext", reason="the extra `book`, which reads the chapters, is not installed")
pytest.importorskip("myst_parser", reason="the extra `book`, which reads the chapters, is not installed")

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "book" / "_ext")]

import chapters  # noqa: E402
import exercises  # noqa: E402
import notebooks  # noqa: E402
import plain  # noqa: E402
import published  # noqa: E402
import quiz  # noqa: E402
import run_notebooks  # noqa: E402
import tiny_books  # noqa: E402
from references import Book  # noqa: E402

SITE = "https://book.example/site"
FACTS = published.Published("9.8.7", site=SITE)
HEAD = """\
---
file_format: mystnb
kernelspec:
  name: python3
  display_name: Python 3
chapter: "9.1"
minutes: 10
---

"""
BIB = """\
@article{one1999, author = {Müller, Anna}, title = {One {Thing}}, journal = {Things}, year = {1999}, doi = {10.1/x}}
@article{two2001, author = {Aa, B. and van der Cc, D.}, title = {Two}, journal = {Things}, year = {2001}}
@misc{law2024, author = {{The House}}, title = {Law}, year = {2024}, howpublished = {Gazette}, url = {https://x.example/l}}
@book{many2010, author = {Aa, B. and Bb, C. and Cc, D.}, title = {Many}, publisher = {House}, year = {2010}}
"""
EXERCISE = """\
---
kernelspec:
  name: python3
  display_name: Python 3
---

# 9.1.1 Doubles

Double `x`, as in {eq}`eq-a`.

```{code-cell} python3
x = 3

### BEGIN SOLUTION
# stub: y = ...  # your number
y = x + x + 0 * 12345
### END SOLUTION
check(y)
```

## Solution

Adding it to itself is doubling it.

## Mistake: squared

```{code-cell} python3
check(3**2)
```

## Mistake: tripled

```{code-cell} python3
check(3 * 3)
```
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A tiny book's folder."""
    tmp_path = tmp_path / "tiny-book"
    tmp_path.mkdir()
    (tmp_path / "references.bib").write_text(BIB, encoding="utf-8")
    (tmp_path / "_exercises").mkdir()
    (tmp_path / "quizzes").mkdir()
    (tmp_path / "other.md").write_text("(there)=\n# Other\n\n$$ b $$ (eq-b)\n\n(deep)=\n## Deep\n", encoding="utf-8")
    return tmp_path


def make(folder: Path, text: str, facts: published.Published = FACTS, *, solved: bool = False) -> nbformat.NotebookNode:
    """Notebook of a chapter with this text."""
    (folder / "tiny.md").write_text(HEAD + text, encoding="utf-8")
    book = Book.read(folder, facts.site)
    return notebooks.notebook(book, book.pages["tiny"], facts, solved=solved)


def words(folder: Path, text: str) -> str:
    """All Markdown of a chapter's notebook, without its list of references."""
    cells = [cell.source for cell in make(folder, "# Tiny\n\n" + text).cells if cell.cell_type == "markdown"]
    text = "\n\n".join(c for c in cells if not c.startswith("## References"))
    assert text.startswith(f"# 9.1 Tiny\n\n{notebooks.RUN_ALL}")
    return text.removeprefix(f"# 9.1 Tiny\n\n{notebooks.RUN_ALL}").strip()


# Blocks


@pytest.mark.parametrize(
    ("myst", "markdown"),
    [
        ("```{note}\nHear.\n```", "> **Note**\n>\n> Hear."),
        ("```{note} Hear.\n```", "> **Note**\n>\n> Hear."),
        (":::{seealso}\nHere.\n:::", "> **See also**\n>\n> Here."),
        ("```{admonition} A *title*\n:class: tip\nText\n```", "> **A *title***\n>\n> Text"),
        (
            "```{admonition} More\n---\nclass: dropdown\n---\nText\n```",
            "<details><summary>More</summary>\n\nText\n\n</details>",
        ),
        (":::{dropdown} More\n:open:\nText\n:::", "<details><summary>More</summary>\n\nText\n\n</details>"),
        ("````{note}\n```{tip}\nDeep\n```\n````", "> **Note**\n>\n> > **Tip**\n> >\n> > Deep"),
        ("::::{grid} 2\n:::{grid-item-card} One\nFirst\n:::\n::::", "> **One**\n>\n> First"),
        (
            "::::{tab-set}\n:::{tab-item} A\nFirst\n:::\n:::{tab-item} B\nSecond\n:::\n::::",
            "> **A**\n>\n> First\n\n> **B**\n>\n> Second",
        ),
        ("- item\n\n  ```{tip}\n  Inside\n  ```\n- next", "- item\n\n  > **Tip**\n  >\n  > Inside\n\n- next"),
        ("> ```{tip}\n> Inside\n> ```", "> > **Tip**\n> >\n> > Inside"),
        ("```{code-block} bash\n:caption: Hidden\nls\n```", "```bash\nls\n```"),
        ("```python\n{note} = 1\n```", "```python\n{note} = 1\n```"),
        ("````markdown\n```{note}\nshown\n```\n````", "````markdown\n```{note}\nshown\n```\n````"),
        ("```{math}\n:label: eq-a\nx\n```\n\nIn {eq}`eq-a`.", "$$\nx \\tag{1}\n$$\n\nIn (1)."),
        ("$$\nx\n$$ (eq-a)\n\n$$\ny\n$$ (eq-c)\n\n{eq}`eq-c`", "$$\nx \\tag{1}\n$$\n\n$$\ny \\tag{2}\n$$\n\n(2)"),
        ("```{note}\n$$\nx\n= y\n$$\n```", "> **Note**\n>\n> $$ x = y $$"),
        ("Term\n: What *it* is.\n\nOther\n: One.\n\n  Two.", "- **Term**: What *it* is.\n- **Other**: One.\n\n  Two."),
        ("Term\n: See {eq}`eq-b`.", f"- **Term**: See (1) of [Other]({SITE}/other.html)."),
        ("One\n\n% a remark\n\n(mark)=\nTwo", "One\n\nTwo"),
        (
            "```{table} Caption\n| a |\n| --- |\n| {eq}`eq-b` |\n```",
            f"**Caption**\n\n| a |\n| --- |\n| (1) of [Other]({SITE}/other.html) |",
        ),
        ("```{contents}\n```\nText", "Text"),
        ("```python\na\n\n\nb\n```\n\n% gone\n\nText", "```python\na\n\n\nb\n```\n\nText"),
        ("````{code-block} md\n```\nx\n```\n````", "````md\n```\nx\n```\n````"),
        ("- item\n\n  $$\n  x\n  $$ (eq-a)", "- item\n\n  $$\n  x \\tag{1}\n  $$"),
        (
            "````{note}\n```{math}\n:label: eq-a\nx\n```\n````\n\n$$ y $$ (eq-c)\n\n{eq}`eq-a` {eq}`eq-c`",
            "> **Note**\n>\n> $$ x \\tag{1} $$\n\n$$\ny \\tag{2}\n$$\n\n(1) (2)",
        ),
    ],
)
def test_blocks_become_plain(folder: Path, myst: str, markdown: str) -> None:
    assert words(folder, myst) == markdown


def test_drawing_with_links_becomes_a_picture(folder: Path) -> None:
    drawing = "<svg><desc>Two\n boxes</desc></svg>"
    (folder / "d.svg").write_text(drawing, encoding="utf-8")
    data = base64.b64encode(drawing.encode()).decode()
    assert words(folder, "```{raw} html\n:file: d.svg\n```") == f"![Two boxes](data:image/svg+xml;base64,{data})"
    assert words(folder, "```{raw} html\n<b>x</b>\n```\n\nText") == "Text"
    (folder / "d.svg").write_text("<svg/>", encoding="utf-8")
    with pytest.raises(ValueError, match=r"d\.svg without <desc>"):
        words(folder, "```{raw} html\n:file: d.svg\n```")


def test_pictures_travel_with_the_notebook(folder: Path) -> None:
    (folder / "dot.png").write_bytes(b"picture")
    data = base64.b64encode(b"picture").decode()
    text = words(folder, "```{figure} dot.png\n:name: dot\n:alt: A dot.\nWhat is *it*?\n```\n\n![Again](dot.png)")
    image = f"data:image/png;base64,{data}"
    assert text == f"![A dot.]({image})\n\n**Figure 1.** What is *it*?\n\n![Again]({image})"
    with pytest.raises(ValueError, match=r"dot\.png without :alt:"):
        words(folder, "```{image} dot.png\n```")


def test_shown_source_is_the_source(folder: Path) -> None:
    (folder / "code.py").write_text(
        "import os\n\n\nclass A:\n    def f(self):\n        return 1\n\n    x = 2\n", encoding="utf-8"
    )
    shown = words(folder, "```{literalinclude} code.py\n:pyobject: A.f\n:language: python\n```")
    assert shown == "```python\ndef f(self):\n    return 1\n```"


# Lines


@pytest.mark.parametrize(
    ("myst", "markdown"),
    [
        ("{func}`~tlmlda_lib.losses.mmd` and {py:class}`A <b.C>`", "`mmd` and `A`"),
        (
            "`{eq}` stays, `` {ref}`x` `` too, {eq}`eq-b`",
            f"`{{eq}}` stays, `` {{ref}}`x` `` too, (1) of [Other]({SITE}/other.html)",
        ),
        (
            "{ref}`deep`, {ref}`down <deep>`, {doc}`other`",
            f"[Deep]({SITE}/other.html#deep), [down]({SITE}/other.html#deep), [Other]({SITE}/other.html)",
        ),
        (
            "[](other.md), [word *s*](other.md#deep), [](#deep)",
            f"[Other]({SITE}/other.html), [word *s*]({SITE}/other.html#deep), [Deep]({SITE}/other.html#deep)",
        ),
        ("[x](https://a.example/b.md) and <https://c.example>", "[x](https://a.example/b.md) and <https://c.example>"),
        ("H{sub}`2`O, {abbr}`WAR (share of all)`, {math}`a^2`, $b$", "H<sub>2</sub>O, WAR, $a^2$, $b$"),
        ("{numref}`Figure %s <deep>`", f"[Deep]({SITE}/other.html#deep)"),
        ("The {term}`target`, {term}`two\ncorpora <corpus>`", "The target, two corpora"),
        (
            "as {cite:t}`one1999` says {cite:p}`two2001,many2010`",
            "as Müller (1999) says (Aa and van der Cc 2001; Aa et al. 2010)",
        ),
        (
            "*{eq}`eq-b`* over\ntwo {doc}`word\n<other>`",
            f"*(1) of [Other]({SITE}/other.html)* over\ntwo [word]({SITE}/other.html)",
        ),
    ],
)
def test_roles_become_plain(folder: Path, myst: str, markdown: str) -> None:
    assert words(folder, myst) == markdown


@pytest.mark.parametrize(
    ("myst", "markdown"),
    [
        ("[](other.md), a list [1], [word *s*](other.md#deep), [](#deep)", "Other, a list [1], word *s*, Deep"),
        ("{ref}`down <deep>`, {eq}`eq-b`, {doc}`other`", "down, (1) of Other, Other"),
        (
            "[](next.md), [it [2]](next.md#far), {ref}`far`",
            "[9.1 Next](next.ipynb), [it [2]](next.ipynb), [Far](next.ipynb)",
        ),
        ("[](#here) and [x](https://a.example)", "Here and [x](https://a.example)"),
    ],
)
def test_without_a_site_links_lead_to_notebooks(folder: Path, myst: str, markdown: str) -> None:
    (folder / "next.md").write_text(HEAD + "# Next\n\n(far)=\n## Far\n", encoding="utf-8")
    made = make(folder, f"# Tiny\n\n{myst}\n\n(here)=\n## Here\n", published.Published("9.8.7"))
    assert made.cells[1].source.split("\n\n")[2] == markdown


def test_cited_works_are_listed(folder: Path) -> None:
    last = (
        make(folder, "# T\n\n{cite:p}`two2001`, {cite:p}`one1999`, {cite:p}`law2024`\n\n```{bibliography}\n```\n")
        .cells[-1]
        .source
    )
    assert last.splitlines() == [
        "## References",
        "",
        "- B. Aa, D. van der Cc (2001). Two. *Things*.",
        "- Anna Müller (1999). One Thing. *Things*. [doi:10.1/x](https://doi.org/10.1/x)",
        "- The House (2024). Law. *Gazette*. <https://x.example/l>",
    ]


@pytest.mark.parametrize(
    ("myst", "says"),
    [
        ("```{mystery}\n```", r"the directive \{mystery\} has no plain form"),
        ("{mystery}`x`", r"the role \{mystery\} has no plain form"),
        ("{{ word }}", "substitution"),
        ("Word.[^a]\n\n[^a]: Note.", "footnote"),
        ("{eq}`gone`", "no page has the label 'gone'"),
        ("[x](gone.md)", r"gone\.md leads to no page"),
        ("{cite:p}`gone`", "no entry 'gone'"),
        ("```{quiz} gone\n```", "no item 'gone'"),
        ("```{exercise} 9.1.9\n```", r"exercise 9\.1\.9 is not in its file"),
        ("- list\n\n  ```{exercise} 9.1.9\n  ```", r"\{exercise\} has no plain form"),
        ("```{solution} x\nIt is 4.\n```", r"\{solution\} has no plain form"),
        ("```{code-cell} python3\n:tags: [solution]\n1\n```", "holds a solution"),
        ('```{code-cell} python3\nopen("../results/x.json")\n```', "no path where the notebook runs alone"),
    ],
)
def test_what_has_no_plain_form_stops_the_tool(folder: Path, myst: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        words(folder, myst)


# Cells


def test_cells_lose_what_only_the_page_needs(folder: Path) -> None:
    made = make(
        folder,
        "# T\n\n```{code-cell} python3\n:tags: [remove-cell]\nsecret = 1\n```\n\n```{code-cell} python3\n:tags: "
        "[hide-input, raises-exception]\n1 / 0\n```\n\n```{code-cell} python3\n%matplotlib inline\n2\n```\n",
    )
    code = [cell for cell in made.cells if cell.cell_type == "code"]
    assert [cell.source for cell in code[1:]] == ["1 / 0", "%matplotlib inline\n2"]
    assert code[1].metadata == {"tags": ["raises-exception"], "jupyter": {"source_hidden": True}}
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    assert set(made.metadata) == {"kernelspec", "language_info"}


def test_ids_follow_from_the_cells(folder: Path) -> None:
    one = make(folder, "# T\n\n```{code-cell} python3\n1\n```\n\n```{code-cell} python3\n1\n```\n")
    two = make(folder, "# T\n\nMore\n\n```{code-cell} python3\n1\n```\n\n```{code-cell} python3\n1\n```\n")
    ids = [cell.id for cell in one.cells]
    assert len(set(ids)) == len(ids)
    assert ids[2:] == [cell.id for cell in two.cells][2:], "a change of one cell changes no other's id"
    assert one == make(folder, "# T\n\n```{code-cell} python3\n1\n```\n\n```{code-cell} python3\n1\n```\n")


# Exercises


def test_stub_for_students_solution_for_teachers(folder: Path) -> None:
    (folder / "_exercises" / "tiny.md").write_text(EXERCISE, encoding="utf-8")
    text = "# T\n\n$$ a $$ (eq-a)\n\nBefore\n\n```{exercise} 9.1.1\n```\n\nAfter\n"
    student, teacher = (make(folder, text, solved=solved) for solved in (False, True))
    told = [cell.source for cell in student.cells]
    at = told.index("### Exercise 9.1.1: Doubles\n\nDouble `x`, as in (1).")
    assert told[at + 1] == "x = 3\n\ny = ...  # your number\ncheck(y)"
    assert told[at + 2] == "After"
    assert any("report" in source for source in told[at + 3 :])
    for secret in ("12345", "Adding it", "squared", "tripled", "3**2"):
        assert not [source for source in told if secret in source]
    answer = next(cell for cell in teacher.cells if "exercise" in cell.metadata)
    assert answer.source == "x = 3\n\ny = x + x + 0 * 12345\ncheck(y)"
    assert answer.id == "exercise-9-1-1" == student.cells[at + 1].id
    assert [c.source for c in teacher.cells if "doubling" in c.source] == [
        "**Solution.** Adding it to itself is doubling it."
    ]
    run = run_notebooks.solved(nbformat.writes(student), nbformat.writes(teacher))
    assert "y = x + x + 0 * 12345" in run.cells[at + 2].source
    assert "assert '9.1.1' in" in run.cells[at + 2].source


def test_formulas_are_counted_as_on_the_page(folder: Path) -> None:
    formula = EXERCISE.replace("Double `x`, as in {eq}`eq-a`.", "Double `x`:\n\n$$ 2 x $$ (eq-x)")
    (folder / "_exercises" / "tiny.md").write_text(formula, encoding="utf-8")
    made = make(folder, "# T\n\n$$ a $$ (eq-a)\n\n```{exercise} 9.1.1\n```\n\n$$ b $$ (eq-c)\n")
    text = "\n".join(cell.source for cell in made.cells)
    assert re.findall(r"(\S+(?: x)?) \\tag\{(\d)\}", text) == [("a", "1"), ("2 x", "2"), ("b", "3")]


def test_sphinx_shows_the_same_and_keeps_the_solution_apart(folder: Path, tmp_path: Path) -> None:
    formula = EXERCISE.replace("Double `x`, as in {eq}`eq-a`.", "Double `x`:\n\n$$ 2 x $$ (eq-x)")
    (folder / "_exercises" / "tiny.md").write_text(formula, encoding="utf-8")
    text = "# T\n\n$$ a $$ (eq-a)\n\n```{exercise} 9.1.1\n```\n\n$$ b $$ (eq-c)\n\n{eq}`eq-a` {eq}`eq-x` {eq}`eq-c`\n"
    assert "(1) (2) (3)" in "\n".join(cell.source for cell in make(folder, text).cells)
    (folder / "solutions.md").write_text(
        "---\nnosearch: true\n---\n\n# Solutions\n\n```{solutions}\n```\n", encoding="utf-8"
    )
    (folder / "index.md").write_text("# Book\n\n```{toctree}\nother\ntiny\nsolutions\n```\n", encoding="utf-8")
    config = {
        "extensions": ["myst_nb", "exercises"],
        "nb_execution_mode": "off",
        "myst_enable_extensions": sorted(exercises.EXTENSIONS),
        "exclude_patterns": ["_exercises/**"],
        "numfig": True,
        "math_numfig": False,
    }
    out = tmp_path / "html"
    assert tiny_books.build(folder, out, config) == ""
    page = (out / "tiny.html").read_text(encoding="utf-8")
    assert re.findall(r'href="#equation-eq-[acx]">\((\d)\)', page) == ["1", "2", "3"]
    assert 'id="exercise-9-1-1"' in page
    assert "your number" in page
    holds = {f.name for f in out.rglob("*") if f.is_file() and b"12345" in f.read_bytes()}
    assert holds == {"solutions.html"}


def test_no_exercise_is_lost_or_shown_solved(folder: Path) -> None:
    (folder / "_exercises" / "tiny.md").write_text(EXERCISE, encoding="utf-8")
    with pytest.raises(ValueError, match=r"leaves out the exercises 9\.1\.1"):
        make(folder, "# T\n")
    asked = "# T\n\n$$ a $$ (eq-a)\n\n```{exercise} 9.1.1\n```\n\n"
    with pytest.raises(ValueError, match="stands there twice"):
        make(folder, asked + "```{exercise} 9.1.1\n```\n")
    with pytest.raises(ValueError, match=r"shows 'Adding it .*solution of 9\.1\.1"):
        make(folder, asked + "Adding it to itself is doubling it.\n")
    # A remark is not in the notebook, but the published source has it.
    with pytest.raises(ValueError, match="shows 'Adding it"):
        make(folder, asked + "% Adding it to itself is doubling it.\n")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("# 9.1.1 Doubles", "# Doubles"), "no number and title"),
        (("### BEGIN SOLUTION\n", ""), "wants text and a cell"),
        (("# stub: y = ...  # your number\n", ""), "no line '# stub: '"),
        (("Double `x`, as in {eq}`eq-a`.", ""), "wants text and a cell"),
        (("## Solution", "## Answer"), "neither"),
        (("## Mistake: squared\n\n", ""), "out of place"),
    ],
)
def test_badly_written_exercises_are_refused(tmp_path: Path, change: tuple[str, str], says: str) -> None:
    file = tmp_path / "bad.md"
    assert change[0] in EXERCISE
    file.write_text(EXERCISE.replace(*change), encoding="utf-8")
    with pytest.raises(ValueError, match=rf"bad\.md.*{says}"):
        exercises.read(file)


def test_two_regions_and_two_exercises(tmp_path: Path) -> None:
    file = tmp_path / "two.md"
    second = (
        EXERCISE[EXERCISE.index("# 9.1.1") :]
        .replace("9.1.1", "9.1.2")
        .replace("check(y)\n", "### BEGIN SOLUTION\n    # stub: z = ...\n    z = 1\n### END SOLUTION\ncheck(y, z)\n")
    )
    file.write_text(EXERCISE + "\n" + second, encoding="utf-8")
    one, two = exercises.read(file).values()
    assert (one.number, two.number) == ("9.1.1", "9.1.2")
    assert two.stub == "x = 3\n\ny = ...  # your number\n    z = ...\ncheck(y, z)"
    assert two.solution == "x = 3\n\ny = x + x + 0 * 12345\n    z = 1\ncheck(y, z)"
    assert one.mistakes == two.mistakes == [("squared", "check(3**2)"), ("tripled", "check(3 * 3)")]


# The files


@pytest.fixture
def tiny(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tool, turned to a tiny book."""
    (folder / "tiny.md").write_text(HEAD + "# T\n\nText\n", encoding="utf-8")
    monkeypatch.setattr(notebooks, "FOLDER", folder)
    monkeypatch.setattr(notebooks, "ROOT", folder.parent)
    monkeypatch.setattr(notebooks, "INSTRUCTOR", folder.with_name("instructor"))
    monkeypatch.setattr(published, "read", lambda root: published.Published("9.8.7"))
    return folder


def test_writing_checking_and_drift(tiny: Path) -> None:
    assert "tiny.ipynb" in (notebooks.main(["--check"]) or "")
    assert notebooks.main([]) is None
    assert notebooks.main(["--check"]) is None
    written = (tiny / "tiny.ipynb").read_bytes()
    assert (tiny.with_name("instructor") / "tiny.ipynb").is_file()
    assert not (tiny / "other.ipynb").exists(), "a page that is not executed is no chapter"
    (tiny / "tiny.md").write_text(HEAD + "# T\n\nOther text\n", encoding="utf-8")
    assert f"not what the chapters say: {Path(tiny.name, 'tiny.ipynb')}." in (notebooks.main(["--check"]) or "")
    assert (tiny / "tiny.ipynb").read_bytes() == written, "checking writes nothing"
    (tiny / "gone.ipynb").write_bytes(written)
    assert "gone.ipynb" in (notebooks.main(["--check"]) or "")
    assert notebooks.main([]) is None
    assert not (tiny / "gone.ipynb").exists()
    assert notebooks.main(["--check"]) is None


def test_the_tool_says_what_is_wrong(tiny: Path) -> None:
    (tiny / "tiny.md").write_text(HEAD + "# T\n\n{mystery}`x`\n", encoding="utf-8")
    assert "tiny.md: the role {mystery}" in (notebooks.main([]) or "")


# This book


def test_notebooks_are_what_the_chapters_say() -> None:
    assert notebooks.main(["--check"]) is None


def test_every_executed_page_is_a_chapter_or_known_not_to_be() -> None:
    book = Book.read(ROOT / "book", SITE)
    executed = {name for name, page in book.pages.items() if page.meta.get("file_format") == "mystnb"}
    written = {chapter.page for chapter in chapters.read(ROOT / "book").values()}
    assert executed - written <= {"index", "scores", "status"}
    assert written <= executed
    assert written, "there is a chapter"


@pytest.mark.parametrize("file", sorted((ROOT / "book").rglob("*.ipynb")), ids=lambda f: f.stem)
def test_student_notebook_holds_nothing_raw(file: Path) -> None:
    for cell in nbformat.read(file, 4).cells:
        if cell.cell_type == "markdown":
            stream = plain.tokens(cell.source)
            inline = [child for token in stream for child in token.children or ()]
            assert not [
                t.type for t in (*stream, *inline) if t.type.startswith(("myst_", "substitution", "colon_fence"))
            ]
            assert not [t.info for t in stream if t.type == "fence" and t.info.startswith("{")]
            beside = re.findall(r"\]\((?!https?:|data:|mailto:)(.*?)\)", cell.source)
            assert all((file.parent / name).is_file() and name.endswith(".ipynb") for name in beside), beside


def test_extensions_are_those_of_the_book() -> None:
    import yaml

    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    assert set(config["parse"]["myst_enable_extensions"]) == exercises.EXTENSIONS
    assert config["sphinx"]["config"]["math_numfig"] is False, "the notebooks number formulas page by page"


def test_plans_keep_to_their_time() -> None:
    plans = chapters.plans(ROOT / "book")
    total = {name: sum(row["minutes"] for row in rows) for name, rows in plans.items()}
    assert total == {"ninety": 90, "half-day": 240, "five-weeks": 900}
    for rows in plans.values():
        for row in rows:
            assert set(row) <= {"minutes", "what", "chapters"}
            assert all(re.fullmatch(r"\d\.\d", number) for number in row.get("chapters", ()))


# Quizzes

ITEM = {
    "id": "a-b",
    "question": "Why?",
    "choices": [
        {"text": "A", "why": "Wrong, since x."},
        {"text": "B", "why": "So it is.", "right": True},
        {"text": "C", "why": "Wrong, since y."},
    ],
}


def item(**changes: object) -> list[dict]:
    return [ITEM | changes]


def choices(*new: dict) -> list[dict]:
    return [*ITEM["choices"], *new]


@pytest.mark.parametrize(
    ("items", "says"),
    [
        (item(id="A b"), "small letters"),
        ([ITEM, ITEM], "no other item has it"),
        (item(hint="x"), "hint is not known"),
        (item(question=" "), "has a question"),
        (item(choices=ITEM["choices"][:2]), "three choices"),
        (item(choices=choices({"text": "D", "why": "Also.", "right": True})), "2 of 4 are right"),
        (item(choices=[c | {"right": False} for c in ITEM["choices"]]), "0 of 3 are right"),
        (item(multi=True), "1 of 3 are right"),
        (item(multi=True, choices=[c | {"right": True} for c in ITEM["choices"]]), "3 of 3 are right"),
        (item(choices=choices({"text": "D", "why": " "})), "wants `text` and `why`"),
        (item(choices=choices({"text": "D"})), "wants `text` and `why`"),
        (item(choices=choices({"text": "A", "why": "Other."})), "same text"),
        (item(choices=choices({"text": "D", "why": "So it is."})), "same explanation"),
        (item(choices=choices({"text": "All of the above.", "why": "No."})), "speaks of the other choices"),
        (item(choices=choices({"text": "None of these", "why": "No."})), "speaks of the other choices"),
    ],
)
def test_bad_quiz_items_are_refused(tmp_path: Path, items: list[dict], says: str) -> None:
    import yaml

    file = tmp_path / "q.yml"
    file.write_text(yaml.safe_dump([ITEM | {"id": "first"}]), encoding="utf-8")
    assert quiz.read(file)["first"].choices[1].right
    file.write_text(yaml.safe_dump(items), encoding="utf-8")
    with pytest.raises(ValueError, match=rf"q\.yml: .*{says}"):
        quiz.read(file)


def test_plain_quiz_folds_the_explanations(folder: Path) -> None:
    import yaml

    (folder / "quizzes" / "tiny.yml").write_text(yaml.safe_dump([ITEM]), encoding="utf-8")
    text = words(folder, "```{quiz} a-b\n```")
    shown, folded = text.split("<details><summary>Explanations</summary>")
    assert shown.split() == ["**Why?**", "-", "(a)", "A", "-", "(b)", "B", "-", "(c)", "C"]
    assert folded.split("\n- ")[2] == "(b) Right. So it is."


@pytest.mark.parametrize("file", sorted((ROOT / "book" / "quizzes").glob("*.yml")), ids=lambda f: f.stem)
def test_quiz_of_a_chapter(file: Path) -> None:
    items = quiz.read(file)
    page = next((ROOT / "book").rglob(f"{file.stem}.md")).read_text(encoding="utf-8")
    asked = re.findall(r"^```\{quiz\} (\S+)$", page, re.MULTILINE)
    assert asked == list(items), "every item is asked, once"
    assert 3 <= len(items) <= 5
    for one in items.values():
        lengths = {c.text: len(c.text) for c in one.choices}
        right = [c.text for c in one.choices if c.right]
        assert max(lengths.values()) < 2.5 * min(lengths.values()), f"{one.id}: length tells the choices apart"
        assert right
    places = [next(i for i, c in enumerate(one.choices) if c.right) for one in items.values()]
    assert len(set(places)) > 1, "the right choice is not always at the same place"


def test_a_change_runs_the_notebooks_that_it_changed_and_the_fixed_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_notebooks, "RAN", tmp_path / "ran.json")
    ran: list[set[str]] = []
    failing: list[str] = []
    monkeypatch.setattr(run_notebooks, "run", lambda of: (ran.append(set(of)), failing[0] if failing else None)[1])
    books = {title: ("student", "instructor") for title in (*run_notebooks.FIXED, "mmd", "lmmd")}
    run_notebooks.run_changed(books)
    assert ran.pop() == set(books), "nothing is known to have run"
    failing.append("mmd")
    assert run_notebooks.run_all(books) == "mmd"
    assert not run_notebooks.RAN.exists(), "what failed has not run"
    failing.clear()
    assert run_notebooks.run_all(books) is None
    ran.clear()
    for changed in ({"mmd": ("another", "instructor")}, {"lmmd": ("student", "another solution")}, {}):
        run_notebooks.run_changed(books | changed)
        assert ran.pop() == set(run_notebooks.FIXED) | set(changed)


def test_the_fixed_notebooks_are_of_four_parts() -> None:
    heads = [(ROOT / "book" / f"{name}.md").read_text(encoding="utf-8") for name in run_notebooks.FIXED]
    assert [re.search(r'^chapter: "(\d)', head, re.M)[1] for head in heads] == ["0", "1", "2", "4"]
