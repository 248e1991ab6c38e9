"""The chooser of scalings: every answer of the page against what the library does with such a folder."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from own_folders import KNOWN, STATES, by_library, made_features, tables

from tlmlda_lib import corpora, domains, features, methods
from tlmlda_lib.book.explorables import ScalingChooser
from tlmlda_lib.experiments import predict

Visitor = Callable[..., Any]
pytestmark = pytest.mark.of("own.html", "ScalingChooser")


def show(page: Any, **state: Any) -> None:
    """Choose as a reader would."""
    for field, value in state.items():
        if field in ("recordings", "speakers"):
            label = "My recordings" if field == "recordings" else "My speakers, if named"
            page.get_by_label(label, exact=True).fill(str(value))
        else:
            page.locator(f".tl-own input[type=radio][value={value}]").nth(place(field, value)).check()


def place(field: str, value: str) -> int:
    """Which of the radio buttons of this value is of this field."""
    groups = {**KNOWN, "within": ("corpus", "voices", "speaker")}
    return [f for f, values in groups.items() if value in values].index(field)


def answers(page: Any) -> dict[str, Any]:
    rows = page.locator(".tl-own tbody tr")
    end = page.locator(".tl-own .tl-end")
    read = {
        r.get_attribute("data-within"): (
            int(r.get_attribute("data-groups")),
            int(r.get_attribute("data-least")),
            r.get_attribute("data-column"),
        )
        for r in rows.all()
    }
    return read | {
        "end": tuple(end.get_attribute(f"data-{n}") for n in ("predictions", "figures", "interval")),
        "error": page.locator(".tl-own [data-value=error]").get_attribute("data-error"),
    }


def test_every_answer_is_the_library_s(
    visit: Visitor, bench: Callable[[Any], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with visit(bench(ScalingChooser())) as seen:
        page = seen.page
        page.locator(".tl-own tbody tr").first.wait_for()
        for state in STATES[::6]:  # all of them are asked in Node
            show(page, **state)
            assert answers(page) == by_library({**state, "results": tmp_path}, monkeypatch), state
        assert not seen.errors


def code(page: Any) -> str:
    return page.locator(".tl-own [data-value=python]").text_content()


@pytest.mark.parametrize("within", ["corpus", "speaker"])
@pytest.mark.parametrize(("corpora_", "labels"), [("two", "known"), ("two", "none"), ("one", "known")])
def test_the_lines_run(
    visit: Visitor,
    bench: Callable[[Any], Path],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    corpora_: str,
    labels: str,
    within: str,
) -> None:
    with visit(bench(ScalingChooser(corpora=corpora_, labels=labels, within=within))) as seen:
        seen.page.locator(".tl-own tbody tr").first.wait_for()
        lines = code(seen.page)
    assert len([line for line in lines.splitlines() if line.strip()]) <= 12
    assert max(map(len, lines.splitlines())) <= 78
    state = dict.fromkeys(KNOWN, "known") | {"voices": "both", "recordings": 40, "speakers": 4, "labels": labels}
    theirs, mine, _ = tables(state)
    mine.attrs["problems"] = [{"file": "x.wav", "problem": "is empty"}]
    monkeypatch.setattr(corpora, "load", lambda name, root, **how: mine if name == "folder" else theirs)
    monkeypatch.setattr(features, "extract", lambda table, **how: made_features(table.index))
    monkeypatch.chdir(tmp_path)
    if labels == "none":  # the lines name four emotions, and the stand-in has two
        lines = lines.replace('("anger", "happy", "neutral", "sad")', '("anger", "sad")')
    exec(compile(lines, "page", "exec"), {"__name__": "cell"})
    said = capsys.readouterr().out
    assert "x.wav is empty" in said or corpora_ == "one"
    assert ("final_war" in said) == (labels == "known")
    assert (tmp_path / "mine.model").is_file()
    saved = methods.load(tmp_path / "mine.model")
    assert saved.scaler_.within == within
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        predict.predict(tmp_path / "mine.model", "mine")
    # What the page says of predict: it is told no names.
    assert any("no speaker codes" in str(w.message) for w in caught) == (within == "speaker")


def test_the_commands_are_the_command_line_s(visit: Visitor, bench: Callable[[Any], Path]) -> None:
    import typer

    from tlmlda_lib.cli import main as cli

    known = typer.main.get_command(cli.app).commands
    with visit(bench(ScalingChooser())) as seen:
        page = seen.page
        for within in ("corpus", "voices", "speaker"):
            show(page, within=within)
            for line in page.locator(".tl-own [data-value=shell]").text_content().splitlines():
                program, command, *rest = line.split()
                assert program == "tlmlda"
                made = known[command].make_context(command, rest)
                if command == "run":
                    assert made.params["preset"] in methods.presets(*made.params["method"])
                    assert methods.make("pca_svm", made.params["preset"])._scaling() == ("zscore", within)
                    assert domains.schemes.parse(*made.params["scheme"])


def test_chooser_by_keyboard_and_on_a_phone(visit: Visitor, bench: Callable[[Any], Path]) -> None:
    file = bench(ScalingChooser())
    with visit(file) as seen:
        page = seen.page
        page.locator(".tl-own input[value=two]").focus()
        page.keyboard.press("ArrowDown")
        page.get_by_label("My recordings", exact=True).focus()
        page.keyboard.press("ArrowLeft")
        assert answers(page)["speaker"][1] == 10
        assert answers(page)["end"][2] == "utterances"
    with visit(file, width=390, has_touch=True, is_mobile=True) as seen:
        seen.page.locator(".tl-own input[value=one]").first.tap()
        assert answers(seen.page)["end"][1] == "true"
        assert seen.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_chooser_can_be_linked(visit: Visitor, bench: Callable[[Any], Path]) -> None:
    file = bench(ScalingChooser())
    with visit(file, query="?own=two.none.none.one.2.3.speaker") as seen:
        seen.page.locator(".tl-own tbody tr").first.wait_for()
        assert answers(seen.page)["corpus"] == (1, 2, "signs")
        assert "unlabelled=True" in code(seen.page)
        show(seen.page, recordings=1)
        seen.page.wait_for_function("location.search === '?own=two.none.none.one.1.3.speaker'")
        assert answers(seen.page)["corpus"] == (1, 1, "zeros")
    for nonsense in ("two.none.none.one.0.3.speaker",):  # others are asked in Node
        with visit(file, query=f"?own={nonsense}") as seen:
            seen.page.locator(".tl-own tbody tr").first.wait_for()
            assert answers(seen.page)["corpus"] == (1, 40, "free")
            assert not seen.errors
