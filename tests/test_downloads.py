"""What can be taken away, and what pages load: the extensions and the tool that packs the site, on pages made here."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("sphinx_book_theme", reason="the extra `book`, which builds pages, is not installed")

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "book" / "_ext")]

import downloads  # noqa: E402
import figure_space  # noqa: E402
import page_markup  # noqa: E402
import page_weight  # noqa: E402
import published  # noqa: E402
import zip_site  # noqa: E402

PLACES = downloads.places(published.read(ROOT).version)


def offered(file: str, label: str) -> str:
    return f'<span class="offered" data-file="{file}">{label}<small>{downloads.ABSENT}</small></span>'


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site of three files and the page that offers four, the zip and the PDF among them."""
    folder = tmp_path / "html"
    names = ("index.html", "searchindex.js", "_sources/why.ipynb", PLACES["wheel"], PLACES["notebooks"], ".buildinfo")
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"what {name} holds\n" * 90, encoding="utf-8")
    page = "<html>" + "\n".join(offered(file, f"the {name}") for name, file in PLACES.items()) + "</html>"
    (folder / downloads.PAGE).write_text(page, encoding="utf-8")
    downloads.fill(folder)
    return folder


def names(file: Path) -> list[str]:
    with zipfile.ZipFile(file) as packed:
        assert packed.testzip() is None
        return packed.namelist()


def read(file: Path, name: str) -> str:
    with zipfile.ZipFile(file) as packed:
        return packed.read(name).decode()


def test_links_are_filled_in_only_to_files_that_are_there(site: Path) -> None:
    text = (site / downloads.PAGE).read_text(encoding="utf-8")
    assert f'<a href="{PLACES["wheel"]}" download>the wheel</a><small> (5 kB)</small>' in text
    assert "the site<small> (not part of this copy)</small>" in text
    assert f'href="{PLACES["site"]}"' not in text
    (site / PLACES["wheel"]).unlink()
    downloads.fill(site)
    text = (site / downloads.PAGE).read_text(encoding="utf-8")
    assert "the wheel<small> (not part of this copy)</small>" in text, "what has gone is no longer linked"
    assert text.count("<a ") == 1


@pytest.mark.parametrize(("count", "said"), [(3, "1 kB"), (35_600, "36 kB"), (13_940_000, "13.9 MB")])
def test_sizes_are_said_as_they_are_read(count: int, said: str) -> None:
    assert downloads.size(count) == said


def test_zip_has_the_same_bytes_whenever_it_is_made(site: Path, tmp_path: Path) -> None:
    pdf = tmp_path / "none.pdf"
    first, _ = zip_site.make(site, tmp_path / "one", pdf)
    for number, file in enumerate(sorted(site.rglob("*"))):
        os.utime(file, (1e9 + number, 1e9 + number))
    second, _ = zip_site.make(site, tmp_path / "two", pdf)
    assert first.read_bytes() == second.read_bytes() == (site / PLACES["site"]).read_bytes()
    assert names(first) == sorted(names(first))


def test_zip_holds_the_site_and_neither_itself_nor_what_it_holds_once_more(site: Path, tmp_path: Path) -> None:
    zipped, fresh = zip_site.make(site, tmp_path, tmp_path / "none.pdf")
    assert not fresh
    folder = downloads.NAME
    assert names(zipped) == sorted(
        f"{folder}/{name}"
        for name in (downloads.PAGE, "index.html", "searchindex.js", "_sources/why.ipynb", PLACES["wheel"])
    )
    inside, outside = read(zipped, f"{folder}/{downloads.PAGE}"), (site / downloads.PAGE).read_text(encoding="utf-8")
    assert f'href="{PLACES["site"]}"' in outside, "the site links the zip"
    assert inside.count("<a ") == 1, "in the zip only the wheel is there"
    assert f'href="{PLACES["wheel"]}"' in inside


def test_site_gets_a_pdf_of_these_pages_and_no_older_one(site: Path, tmp_path: Path) -> None:
    pdf = tmp_path / "book.pdf"
    pdf.write_bytes(b"%PDF-" * 999)
    assert zip_site.make(site, tmp_path, pdf)[1]
    assert f'href="{PLACES["pdf"]}"' in (site / downloads.PAGE).read_text(encoding="utf-8")
    os.utime(pdf, (1e9, 1e9))
    zipped, fresh = zip_site.make(site, tmp_path, pdf)
    assert not fresh
    assert not (site / PLACES["pdf"]).exists()
    assert f'href="{PLACES["pdf"]}"' not in (site / downloads.PAGE).read_text(encoding="utf-8")
    assert not [name for name in names(zipped) if name.endswith(".pdf")]


def test_without_a_site_one_sentence_says_what_to_do(tmp_path: Path) -> None:
    command = [sys.executable, ROOT / "tools" / "zip_site.py", "--site", tmp_path / "nowhere", "--out", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == f"{tmp_path / 'nowhere'} holds no built site: run `make book` first.\n"
    assert list(tmp_path.iterdir()) == []


def test_notebooks_are_packed_with_the_wheel_and_what_was_packed_of_older_pages_goes(site: Path) -> None:
    app = SimpleNamespace(builder=SimpleNamespace(format="html"), outdir=str(site), srcdir=str(ROOT / "book"))
    old = site / PLACES["site"]
    old.write_bytes(b"older pages")
    downloads.offer(app, None)
    assert not old.exists()
    folder = f"{downloads.NAME}-notebooks"
    script = (site / "_sources" / "why.ipynb.js").read_text(encoding="utf-8")
    name, text = json.loads("[" + script.removeprefix("saveNotebook(").removesuffix(");\n") + "]")
    assert (name, text) == ("why.ipynb", (site / "_sources" / "why.ipynb").read_text(encoding="utf-8"))
    assert names(site / PLACES["notebooks"]) == [f"{folder}/{Path(PLACES['wheel']).name}", f"{folder}/why.ipynb"]


@pytest.mark.parametrize("text", ["All notebooks", "<notebooks>", "All <two> names"])
def test_role_without_label_or_name_says_how_it_is_written(text: str) -> None:
    role = downloads.Offered()
    role.text = text
    with pytest.raises(ValueError, match="write a label, and in angle brackets a file's name"):
        role.run()


# What pages load


class Script(SimpleNamespace):
    """As Sphinx keeps one."""


SCRIPTS = [
    Script(filename="page.js", attributes={}),
    Script(filename="", attributes={"body": "window.MathJax = {}"}),
    Script(filename="vendor/mathjax/tex-svg.js", attributes={}),
]


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("<p>Words.</p>", 1),
        ('<span class="math notranslate nohighlight">\\(x\\)</span>', 3),
        ('<div class="math notranslate nohighlight">\\[x\\]</div>', 3),
        ("<p>The class of mathematics</p>", 1),
    ],
)
def test_typesetter_comes_with_a_formula_alone(body: str, count: int) -> None:
    app: Any = SimpleNamespace(config=SimpleNamespace(mathjax_path="vendor/mathjax/tex-svg.js"))
    context = {"body": body, "script_files": list(SCRIPTS)}
    page_weight.without_mathjax(app, "page", "page.html", context, None)
    assert len(context["script_files"]) == count


def test_search_index_is_loaded_where_one_searches(tmp_path: Path) -> None:
    line = '<script src="searchindex.js"></script>'
    for name in ("index.html", "search.html"):
        (tmp_path / name).write_text(f"<head>\n{line}\n<script src='page.js'></script></head>", encoding="utf-8")
    app: Any = SimpleNamespace(builder=SimpleNamespace(format="html"), outdir=str(tmp_path))
    page_weight.lighten(app, None)
    assert line in (tmp_path / "search.html").read_text(encoding="utf-8")
    assert "searchindex" not in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "page.js" in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_buttons_for_a_page_s_files_save_them(tmp_path: Path) -> None:
    page = tmp_path / "library" / "data.html"
    page.parent.mkdir()
    away = '<a href="https://colab.example/x.ipynb" target="_blank"'
    page.write_text(f'<a href="../_sources/library/data.md" target="_blank"\n class="btn">.md</a> {away}>', "utf-8")
    app: Any = SimpleNamespace(builder=SimpleNamespace(format="html"), outdir=str(tmp_path))
    page_markup.offer(app, None)
    text = page.read_text(encoding="utf-8")
    assert '<a href="../_sources/library/data.md" download\n' in text
    assert away in text, "other links stay"


def test_no_line_begins_with_a_comma_or_a_percent_sign() -> None:
    formula = '<span class="math notranslate nohighlight">\\(K\\)</span>'
    kept = f"<pre>5 % {{x}}</pre><code>5 %</code><script>5 %</script> 7 %d, {formula} is"
    body = f"<p>80 % of <b>90</b> %, the matrix {formula}, ({formula}) {kept}</p>"
    found = page_markup.unbroken(body)
    joined = '<span class="unbroken">{}</span>'
    assert found == (
        f"<p>80\u00a0% of <b>90</b>\u00a0%, the matrix {joined.format(formula + ',')} "
        f"{joined.format('(' + formula + ')')} {kept}</p>"
    )
    assert page_markup.unbroken("plain") == "plain"


def test_a_number_keeps_its_unit() -> None:
    found = page_markup.unbroken("<p>25 ms, 400 Hz, -14.1 dB in Part 2, 2 msec <code>5 ms</code></p>")
    assert found == "<p>25\u00a0ms, 400\u00a0Hz, -14.1\u00a0dB in Part\u00a02, 2 msec <code>5 ms</code></p>"


# Room for figures


def view(number: int) -> str:
    return f'<script type="application/vnd.jupyter.widget-view+json">{{"model_id": "{number}"}}</script>'


def test_each_figure_gets_its_space_in_the_page_s_order() -> None:
    body = f"<p>one</p>{view(1)}<p>two</p>{view(2)}<p>three</p>{view(3)}"
    made = figure_space.with_space(body, [{390: 700, 288: 812}, {600: 100}])
    assert made == (
        f'<p>one</p><figure-space data-heights="288:812 390:700">{view(1)}</figure-space>'
        f'<p>two</p><figure-space data-heights="600:100">{view(2)}</figure-space>'
        f'<p>three</p><figure-space data-heights="">{view(3)}</figure-space>'
    )


def test_each_figure_has_an_address_by_its_name() -> None:
    kinds = {"1": "mmd.MMDByHand", "2": "mmd.MMDByHand", "3": "", "4": "lmmd.LMMDByHand"}
    state = {n: {"state": {"_anywidget_id": f"tlmlda_lib.book.explorables.{k}" if k else ""}} for n, k in kinds.items()}
    body = "".join(map(view, (1, 2, 3, 4)))
    named = figure_space.names(body, state)
    assert named == ["MMDByHand", "MMDByHand-2", "", "LMMDByHand"]
    assert figure_space.names(body, {}) == [""] * 4
    made = figure_space.with_space(body, [{390: 700, 720: 512, 600: 100}], "mmd", named)
    assert re.findall(r'<figure-space data-heights="[^"]*" id="([^"]+)">', made) == [n for n in named if n]
    assert re.findall(r'data-embed="([^"]+)" data-height="(\d+)"', made) == [
        ("mmd.html?embed=MMDByHand", "512"),
        ("mmd.html?embed=MMDByHand-2", "700"),
        ("mmd.html?embed=LMMDByHand", "700"),
    ]


def test_models_are_those_that_the_page_loads() -> None:
    kept = {
        "a": ("x.js", {"type": "module"}),
        "b": (None, {"type": figure_space.STATE, "body": '{"state": {"1": {}}}'}),
    }
    env = SimpleNamespace(nb_metadata={"mmd": {"js_files": kept}})
    assert figure_space.models(env, "mmd") == {"1": {}}
    assert figure_space.models(env, "index") == {} == figure_space.models(SimpleNamespace(), "mmd")


def test_heights_are_plausible_and_of_pages_that_are_there() -> None:
    heights = figure_space.read()
    assert heights
    for page, figures in heights.items():
        assert (ROOT / "book" / f"{page}.md").is_file(), f"{page}.md is gone: run tools/figure_heights.py"
        for known in figures:
            assert min(known) <= 300, "the smallest phone"
            assert max(known) >= 700, "a desk"
            assert all(60 < height < 6000 for height in known.values())
