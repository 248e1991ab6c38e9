"""Slides, made of small built pages."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

pytest.importorskip("sphinx", reason="the extra `book` is not installed")

import chapters  # noqa: E402
import decks  # noqa: E402

CHAPTER = chapters.Chapter(
    "2.3", "mmd", "When are two clouds the same?", 60, (), ("You can do A & B.", "You can do C.")
)
PAGE = """<html><body><img src="_static/logo.svg" alt="not of the article"><article>
<h1>When?<a class="headerlink" href="#mmd">#</a></h1>
<figure-space data-heights="" id="MMDByHand"><script></script></figure-space><div class="figure-embed"></div>
<p><strong>Try.</strong> Move <a href="glossary.html#term">it</a>.</p>
<h2>A picture<a class="headerlink" href="#p">#</a></h2>
<figure><img src="_images/a.png" alt="Two &quot;dots&quot;"><figcaption>They touch.</figcaption></figure>
<figure class="method-figure"><svg aria-labelledby="t d"><title id="t">A</title><desc id="d">B</desc>
<a href="emotion.html"><text>y</text></a><use href="#t"></use></svg></figure>
<details><img src="_images/b.png" alt="folded"></details>
<figure-space data-heights=""><script></script></figure-space>
<div class="important admonition"><p class="admonition-title">Take away</p>
<ul><li>One <span class="math notranslate">\\(x\\)</span>.</li></ul></div>
<h2>What have you seen?</h2>
<form class="quiz" id="quiz-a"><input type="radio"></form>
</article></body></html>"""


@pytest.fixture
def made() -> list[decks.Slide]:
    return list(decks.of_chapter(CHAPTER, PAGE))


def test_a_chapter_s_pieces_come_in_their_order(made: list[decks.Slide]) -> None:
    assert [(s.kind, s.title) for s in made] == [
        ("opening", "2.3 When are two clouds the same?"),
        ("live", "When are two clouds the same?"),
        ("picture", "A picture"),
        ("picture", "A picture"),
        ("away", "Take away"),
        ("question", "What have you seen?"),
    ]
    assert len({s.name for s in made}) == len(made)


def test_goals_stand_on_the_first_slide(made: list[decks.Slide]) -> None:
    assert "<li>do A &amp; B.</li><li>do C.</li>" in made[0].body
    assert '<a href="../mmd.html">' in made[0].body


def test_figures_are_framed_at_their_own_address(made: list[decks.Slide]) -> None:
    framed = [address for s in made for address in re.findall(r'data-src="([^"]+)"', s.body)]
    assert framed == ["../mmd.html?embed=MMDByHand"], "a bar of progress is no figure of the book"
    assert '<strong>Try.</strong> Move <a href="../glossary.html#term">it</a>.' in made[1].body
    assert " src=" not in made[1].body, "filled when it is seen"


def test_pictures_keep_their_words_and_folded_ones_are_left_out(made: list[decks.Slide]) -> None:
    assert 'src="../_images/a.png" alt="Two &quot;dots&quot;"' in made[2].body
    assert "<figcaption>They touch.</figcaption>" in made[2].body
    assert "b.png" not in "".join(s.body for s in made)


def test_a_drawing_has_ids_of_its_own(made: list[decks.Slide]) -> None:
    assert 'aria-labelledby="t-mmd-4 d-mmd-4"' in made[3].body
    assert '<title id="t-mmd-4">' in made[3].body
    assert 'href="#t-mmd-4"' in made[3].body
    assert 'href="../emotion.html"' in made[3].body


def test_decks_of_the_chapters_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "mmd.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / decks.FOLDER).mkdir()
    (tmp_path / decks.FOLDER / "part-9.html").touch()
    other = chapters.Chapter("3.1", "absent", "Not there?", 60)
    made = decks.make(tmp_path, {"mmd": CHAPTER, "absent": other})
    assert sorted(f.name for f in (tmp_path / decks.FOLDER).iterdir()) == ["deck.css", "deck.js", "part-2.html"]
    deck = made[0].read_text(encoding="utf-8")
    assert "<h1>Part 2: The model</h1>" in deck
    assert deck.count("<section") == 7
    assert 'aria-label="7 of 7: What have you seen?"' in deck
    assert decks.MATH in deck


def test_without_a_site_one_sentence_says_what_to_do(tmp_path: Path) -> None:
    command = [sys.executable, ROOT / "tools" / "slides.py", "--site", tmp_path / "nowhere"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == f"{tmp_path / 'nowhere'} holds no built site: run `make book` first.\n"
