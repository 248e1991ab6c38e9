"""The picture of the method: every way of a number is drawn, every part leads to its chapter, one can be lit."""

from __future__ import annotations

import base64
import re
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tlmlda_lib.evaluation import plots
from tlmlda_lib.training.options import FIVE

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "book"
sys.path[:0] = [str(ROOT / "tools"), str(BOOK / "_ext")]
picture = pytest.importorskip("method_picture", reason="the extra `book` is not installed")
chapters = pytest.importorskip("chapters", reason="the extra `book` is not installed")

NS = "{http://www.w3.org/2000/svg}"
LOSSES = {f"L_{name}" for name in FIVE}

#: From where to where: what a loss compares, and what multiplies it.
WAYS = {
    *{("target", "noise"), ("source", "noise"), ("noise", "encoder"), ("encoder", "code")},
    *{("code", "decoder"), ("decoder", "rebuilt"), ("code", "emotion-network"), ("emotion-network", "z")},
    *{("rebuilt", "L_T"), ("target", "L_T"), ("rebuilt", "L_S"), ("source", "L_S")},
    *{("z", "L_MMD"), ("z", "L_LMMD"), ("labels", "L_LMMD"), ("scores", "L_LMMD")},
    *{("z", "scores"), ("scores", "L_y"), ("labels", "L_y"), ("weights", "total"), ("total", "encoder")},
    *{(loss, loss.replace("L_", "w_")) for loss in LOSSES},
}


def numbers() -> dict[str, str]:
    return {chapter.page: number for number, chapter in chapters.read(BOOK).items()}


def drawn(lit: str = "") -> ET.Element:
    return ET.fromstring(picture.of_book(BOOK, lit))


def test_every_way_is_drawn_once() -> None:
    ways = [tuple(e.get("data-way", "").split()) for e in drawn().iter(f"{NS}path") if e.get("data-way")]
    assert sorted(ways) == sorted(WAYS)


def test_what_of_the_target_reaches_a_loss_is_never_a_label() -> None:
    style = {tuple(e.get("data-way", "").split()): e.get("class", "") for e in drawn().iter(f"{NS}path")}
    assert "source" in style["labels", "L_y"]
    assert "source" in style["labels", "L_LMMD"]
    assert "target guess" in style["scores", "L_LMMD"]


def test_each_part_has_the_number_of_its_chapter_and_leads_there() -> None:
    known = numbers()
    for link in drawn().iter(f"{NS}a"):
        page = link.get("class")
        assert page in picture.PARTS
        shown = ["".join(e.itertext()) for e in link.iter() if e.get("class") == "chapter"]
        assert shown == [known.get(page, "")]
        assert link.get("href") == (f"{page}.html" if page in known else None)


@pytest.mark.parametrize("lit", picture.PARTS)
def test_a_part_is_lit(lit: str) -> None:
    root = drawn(lit)
    assert root.get("class") == f"method lit-{lit}"
    style = next(root.iter(f"{NS}style")).text or ""
    inside = "frame" if lit == "batch" else "box"
    assert f".method.lit-{lit} .{lit} .{inside}" in style
    assert any(inside in e.get("class", "") for a in root.iter() if lit == a.get("class") for e in a.iter())
    assert picture.PARTS[lit] in picture.caption(lit)


def test_a_part_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match="no part 'mdm': use one of denoising"):
        picture.of_book(BOOK, "mdm")


def test_colours_are_those_of_every_other_picture() -> None:
    svg = picture.SVG.read_text(encoding="utf-8")
    light, dark = re.findall(r"\.method \{([^}]*)\}", svg)[:2]
    for name, variable in {"S": "source", "T": "target", "MMD": "mmd", "LMMD": "lmmd", "y": "ink"}.items():
        assert f"--{variable}: {plots.loss_colours()[name]};" in light
        assert f"--{variable}: {plots.loss_colours(dark=True)[name]};" in dark


def test_it_is_described_and_a_notebook_holds_it() -> None:
    root = drawn()
    ids = root.get("aria-labelledby", "").split()
    assert [e.get("id") for e in (root.find(f"{NS}title"), root.find(f"{NS}desc")) if e is not None] == ids
    pytest.importorskip("jupytext", reason="the extra `book`, which reads the chapters, is not installed")
    from plain import Plain
    from references import Book

    book = Book.read(BOOK, "")
    said = Plain(book, book.pages["lmmd"]).text("```{method-picture} lmmd\n```")
    found = re.fullmatch(r"!\[(.*)\]\(data:image/svg\+xml;base64,(.*)\)\n\n\*(.*)\*", said)
    assert found
    assert found[1] == picture.alt()
    assert base64.b64decode(found[2]).decode() == picture.of_book(BOOK, "lmmd")
    assert found[3] == picture.caption("lmmd")
