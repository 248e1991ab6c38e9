"""From a page's name to the runs whose records it reads: the table is whole, and the command does what it says."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from stand_ins import kept_in, made_pair
from typer.testing import CliRunner

from tlmlda_lib import domains
from tlmlda_lib.cli import figure2, search, stress
from tlmlda_lib.cli import main as cli
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import plans, reruns, shipped, store
from tlmlda_lib.experiments.plans import Cell

ROOT = Path(__file__).parents[1]
BOOK = ROOT / "book"


@pytest.fixture(scope="module")
def committed() -> set[str]:
    """Places of the records that count."""
    grids = {plan.grid for plan in plans.PLANS.values()} | set(plans.COMMANDS)
    return {store.place(r) for grid in grids for r in shipped.records(grid)}


def places(page: str) -> set[str]:
    """Places of the records of a page's cells, by another way than the library's command."""
    return {cell.place("").with_suffix("").as_posix() for cell in reruns.cells(page)}


# The table


def test_every_page_that_computes_has_a_row() -> None:
    executed = {f.stem for f in BOOK.glob("*.md") if "file_format: mystnb" in f.read_text(encoding="utf-8")}
    said = "experiments/reruns.py: give each page a row, () where its numbers are computed when it is built"
    assert set(reruns.PAGES) == executed, said


def test_a_name_means_one_thing() -> None:
    assert len(set(reruns.named())) == len(reruns.named())


def test_every_part_is_of_a_plan_and_adds_something() -> None:
    for page, parts in reruns.PAGES.items():
        assert {part.plan for part in parts} <= {*plans.PLANS, *plans.COMMANDS}, page
        assert all(part.cells() for part in parts if part.plan in plans.PLANS), page
        assert reruns.commands(page) == [part.plan for part in parts if part.plan in plans.COMMANDS]


@pytest.mark.parametrize("page", [page for page, parts in reruns.PAGES.items() if parts])
def test_every_cell_of_a_page_has_its_record(page: str, committed: set[str]) -> None:
    assert places(page) <= committed


def test_every_record_is_made_by_a_plan_or_a_command(committed: set[str]) -> None:
    of_plans = {c.place("").with_suffix("").as_posix() for name in plans.PLANS for c in plans.of_plan(name)}
    assert [p for p in sorted(committed - of_plans) if p.split("/")[0] not in plans.COMMANDS] == []


@pytest.mark.parametrize(
    "page", [page for page in reruns.PAGES if "{measured}" in (BOOK / f"{page}.md").read_text(encoding="utf-8")]
)
def test_tables_of_records_on_a_page_are_of_its_cells(page: str) -> None:
    sys.path.insert(0, str(BOOK / "_ext"))
    import measured

    text = (BOOK / f"{page}.md").read_text(encoding="utf-8")
    found = re.findall(r"```\{measured\} (.*)\n((?::.*\n)*)```", text)
    assert found
    for schemes, options in found:
        rows = measured.figures(ROOT, schemes.split(), dict(re.findall(r"^:(\w+): (.*)$", options, re.MULTILINE)))
        assert {place for of in rows.values() for figure in of for place in figure.records} <= places(page)


def test_a_page_that_asks_no_record_has_no_part() -> None:
    """`shipped` and `stressed` give records, and so do the pictures of Figure 2."""
    asks = re.compile(r"\bshipped\.|\bstressed\.read|\bpictures\.read|\{measured\}|pages\.(\w+)")
    for page, parts in reruns.PAGES.items():
        text = (BOOK / f"{page}.md").read_text(encoding="utf-8")
        code = "\n".join(f.read_text(encoding="utf-8") for f in modules(page))
        if parts:
            assert asks.search(text + code), f"{page} has parts, but neither the page nor its module reads records"
        else:
            found = re.search(r"\bshipped\.records|\bstressed\.read|\{measured\}", text + code)
            assert not found, f"{page} reads records ({found}): give it a `Part` in tlmlda_lib/experiments/reruns.py"


def modules(page: str) -> list[Path]:
    home = ROOT / "tlmlda_lib" / "book" / "pages"
    return [*home.glob(f"{page}.py"), *(home / page).glob("*.py")]


# The command


SMALL = {"encoder": (12, 8), "emotion": (8, 6), "batch_size": 16, "epochs": 2}


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> str:
    """A page of three small runs and all three kinds of command, which only say that they were called."""
    plan = plans.Plan("small", (plans.Block(("C2B", "E2B"), ("tlmlda",), ("quick",), 2, (SMALL,)),), grid="small")
    monkeypatch.setitem(plans.PLANS, "small", plan)
    part = reruns.Part("small", seeds=1)
    more = reruns.Part("small", schemes=("C2B",))
    others = [reruns.Part(name) for name in ("search-ifn", "figure2", "stress")]
    monkeypatch.setitem(reruns.PAGES, "mine", (part, more, *others))

    def load_pair(scheme, root=None, features=("is10",), **how):
        if "E" in scheme:
            raise UserError(f"enterface is not below {root}: unpack it there")
        return made_pair(scheme=scheme)

    monkeypatch.setattr(domains, "load_pair", load_pair)
    monkeypatch.setattr(search, "go_on", lambda said, method, *where, **how: said.json({"method": method, **how}))
    monkeypatch.setattr(stress, "go_on", lambda said, schemes, *where, **how: said.json({"schemes": schemes}))
    monkeypatch.setattr(figure2, "go_on", lambda said, schemes, *where, **how: said.json({"schemes": schemes}))
    return "mine"


def call(*words: object, code: int = 0):
    done = CliRunner().invoke(cli.app, [str(w) for w in words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done


def test_a_page_is_run_once_with_its_commands(page: str, tmp_path: Path) -> None:
    where = (*kept_in(tmp_path), "--jobs", 0)
    before = json.loads(call("reproduce", page, *where, "--dry-run", "--json").stdout)
    assert sorted(before["to_run"]) == ["C2B tlmlda quick seed 0", "C2B tlmlda quick seed 1", "E2B tlmlda quick seed 0"]
    assert before["commands"]["stress"] == {"missing": 6}
    assert before["commands"]["search-ifn"]["missing"] > 0
    assert not list(tmp_path.iterdir())
    text = call("reproduce", page, *where, "--dry-run").stdout
    assert "3 to run" in text
    assert "figure2: 6 schemes missing (`tlmlda figure2`)" in text

    first = json.loads(call("reproduce", page, *where, "--json").stdout)
    assert first["count"] == {"absent": 1, "done": 2}
    assert first["search-ifn"] == {"method": "ifn", "jobs": 0, "stale": False}
    assert first["stress"]["schemes"] == first["figure2"]["schemes"] == list(domains.OPEN_SCHEMES)
    again = call("reproduce", page, *where)
    assert "2 kept" in again.stdout
    assert "tlmlda search ifn" in again.stderr


def test_a_command_that_fails_stops_nothing_else(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*of, **how):
        raise UserError("CASIA is not below x: unpack it there")

    monkeypatch.setattr(search, "go_on", refuse)
    done = call("reproduce", page, *kept_in(tmp_path), "--jobs", 0, "--json", code=1)
    assert "failed: search-ifn: CASIA is not below x" in done.stderr
    assert json.loads(done.stdout)["stress"]["schemes"]


def test_the_page_peeking_runs_its_cells_and_those_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from tlmlda_lib.experiments import grid

    asked: list[Cell] = []
    monkeypatch.setattr(grid, "run_grid", lambda cells, *of, **how: iter(asked.extend(cells) or ()))
    searched: list[str] = []
    monkeypatch.setattr(search, "go_on", lambda said, method, *of, **how: searched.append(method))
    call("reproduce", "peeking", *kept_in(tmp_path))
    assert {cell.place("").with_suffix("").as_posix() for cell in asked} == places("peeking")
    assert len(asked) == len(places("peeking"))
    assert searched == ["tlmlda"]


def test_a_page_without_records_says_so(tmp_path: Path) -> None:
    said = " ".join(call("reproduce", "mmd", *kept_in(tmp_path)).stdout.split())
    assert said == "mmd: the numbers of this page are computed when it is built, so there is no run to repeat"
    assert json.loads(call("reproduce", "mmd", "--json").stdout)["cells"] == []


def test_a_collection_is_its_command(page: str, tmp_path: Path) -> None:
    done = json.loads(call("reproduce", "stress", *kept_in(tmp_path), "--json").stdout)
    assert done["stress"]["schemes"] == list(domains.OPEN_SCHEMES)
    assert done["cells"] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("pekking",), r"'pekking' is no plan and no page: use one of quick, .*peeking.* \(did you mean 'peeking'\?\)"),
        (("peeking", "--seeds", 2), "peeking is a page, whose runs are fixed: leave out --seeds, or name a plan"),
        (("stress", "--grid", "x"), "stress is a collection, whose runs are fixed: leave out --grid, or name a plan"),
    ],
)
def test_what_cannot_be_is_one_sentence(words: tuple[object, ...], said: str) -> None:
    with pytest.raises(UserError, match=said):
        call("reproduce", *words)


def test_without_a_name_all_are_listed_with_what_they_cost() -> None:
    found = json.loads(call("reproduce", "--json").stdout)
    assert set(found["plans"]) == {*plans.PLANS, *plans.COMMANDS}
    assert set(found["pages"]) == set(reruns.PAGES)
    peeking = found["pages"]["peeking"]
    searched = found["plans"]["search"]
    assert peeking["runs"] == len(places("peeking")) + searched["runs"]
    assert peeking["seconds"] > searched["seconds"] > 3600
    assert found["plans"]["stress"] == {**found["plans"]["stress"], "runs": 60, "unknown": 60}
    assert found["pages"]["mmd"] == {"what": "-", "runs": 0, "seconds": 0, "unknown": 0}
