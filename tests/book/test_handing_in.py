"""Reports: what a student writes and hands in, and what `tlmlda reports` makes of a folder of them."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

import tlmlda_lib
from tlmlda_lib.book import checks
from tlmlda_lib.book.checks import gathering, report_page, reports
from tlmlda_lib.cli.main import app
from tlmlda_lib.errors import UserError

pytestmark = pytest.mark.usefixtures("fresh_exercises")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def work(*numbers: str) -> None:
    """One wrong try at each exercise."""
    for number in numbers:
        getattr(checks, checks.EXERCISES[number].check)(*{"0.1.1": (1, 2)}.get(number, (-7,)))


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def shift(file: Path, **changes: object) -> None:
    """Change a report as its author could: with the digest that goes with it."""
    content = json.loads(file.read_text(encoding="utf-8")) | changes
    content.pop("digest")
    file.write_text(json.dumps(content | {"digest": reports.digest(content)}), encoding="utf-8")


# What a student writes


def test_a_report_is_what_was_done(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_mmd(7)
    checks.hint("2.3.1")
    checks.check_mmd(0.6605)  # exp(-1/4), exp(-1/2), ... by hand, to four places
    checks.check_mmd(float(exercises_truth()))
    checks.report("  Çiğdem   A. ")
    (file,) = here.iterdir()
    read = checks.read_report(file)
    assert (read["name"], read["chapter"], read["class"]) == ("Çiğdem A.", "2.3", None)
    assert read["library"] == tlmlda_lib.__version__
    (entry,) = read["exercises"]
    assert (entry["number"], entry["tries"], entry["hints"]) == ("2.3.1", 3, 1)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", entry["passed"])
    said = capsys.readouterr().out
    assert re.search(r"Five points by hand +passed +3 +1", said)
    assert "Not tried: 2.3.2, 2.3.3." in said
    assert f"Written to {file.name}; hand in this file." in said


def exercises_truth() -> float:
    """The squared MMD of the five points, summed by hand."""
    from math import exp

    source, target = [(0, 0), (1, 0), (0, 1)], [(2, 0), (2, 2)]

    def mean(a: list, b: list) -> float:
        return sum(exp(-((p - r) ** 2 + (q - s) ** 2) / 4) for p, q in a for r, s in b) / (len(a) * len(b))

    return mean(source, source) + mean(target, target) - 2 * mean(source, target)


def test_one_file_a_chapter_and_name(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    work("2.3.1", "2.5.1", "0.1.1")
    checks.report("Ann Smith")
    assert names(here) == ["report-0.1-ann-smith.json", "report-2.3-ann-smith.json", "report-2.5-ann-smith.json"]
    assert "hand in these files" in capsys.readouterr().out
    first = {file.name: file.read_bytes() for file in here.iterdir()}
    checks.report("Bo")
    assert len(names(here)) == 6
    work("2.3.1")
    checks.report("ANN  smith")
    assert len(names(here)) == 6, "capitals and spaces make no other name"
    now = {name: (here / name).read_bytes() for name in first}
    assert now["report-2.3-ann-smith.json"] != first["report-2.3-ann-smith.json"]
    for file in here.iterdir():
        assert {e["number"][:3] for e in checks.read_report(file)["exercises"]} == {file.name[7:10]}


STRANGE = [
    *(
        "Ann Smith",
        "ann-smith",
        "Ann_Smith",
        "Ann Smith!",
        "Ann",
        "Anne-Marie Smith",
        "Anne Marie-Smith",
        "Mary O'Neil",
    ),
    *(
        "李雷",
        "韩梅梅",
        "Zoë/../x",
        "Zoe/../x",
        "Zoë",
        "Zoe",
        "../../etc/passwd",
        "C:\\x",
        "CON",
        ".",
        "..",
        "-",
    ),
    *("Weiß", "Weiss", "Мария", "محمد", "नीलम", "😀", "😁", "a" * 300, "a" * 301, "Ann²", "Ann2", "x\u0000y", "%s {}"),
]


def test_names_of_any_script_give_safe_distinct_files() -> None:
    made = [reports.file_name(" ".join(name.split()), "2.3") for name in STRANGE]
    for name in made:
        assert re.fullmatch(r"report-2\.3-[a-z0-9_-]+\.json", name)
        assert len(name) < 80
    assert len({name.lower() for name in made}) == len(STRANGE)
    assert reports.file_name("Ann Smith", "2.3") == "report-2.3-ann-smith.json"
    assert reports.file_name("Zoe\u0308", "2.3") == reports.file_name("Zo\u00eb", "2.3"), "one name, typed in two ways"


@pytest.mark.parametrize("name", ["李雷", "Zoë/../x", "../up", "a" * 300, "<b>&amp;"])
def test_such_names_are_written_and_read(here: Path, name: str) -> None:
    (here / "in").mkdir()
    work("2.3.1")
    checks.report(name, here / "in")
    assert names(here) == ["in"]
    (file,) = (here / "in").iterdir()
    assert checks.read_report(file)["name"] == name


def test_a_report_says_whose_data_it_was(here: Path) -> None:
    checks.classroom("Spring 2027")
    work("2.3.1")
    checks.report("Bo")
    assert checks.read_report("report-2.3-bo.json")["class"] == "spring 2027"


def test_a_report_wants_a_name_something_done_and_a_place(here: Path) -> None:
    with pytest.raises(UserError, match="name"):
        checks.report(" ")
    with pytest.raises(UserError, match="nothing was checked"):
        checks.report("A")
    checks.check_mmd(...)
    with pytest.raises(UserError, match="nothing was checked"):
        checks.report("A")
    work("2.3.1")
    with pytest.raises(UserError, match=r"nowhere.*cannot be written"):
        checks.report("A", "nowhere")
    with pytest.raises(UserError, match=r"mine\.json: give a folder"):
        checks.report("A", "mine.json")
    with pytest.raises(UserError, match="letter that cannot be written"):
        checks.report("A\ud800")
    assert names(here) == []


def test_a_report_is_whole_or_not_there(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work("2.3.1")
    checks.report("A")
    before = Path("report-2.3-a.json").read_bytes()
    work("2.3.1")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match=r"report-2\.3-a\.json cannot be written \(No space left"):
        checks.report("A")
    assert Path("report-2.3-a.json").read_bytes() == before


@pytest.mark.parametrize(
    "change",
    [
        {"name": 3},
        {"name": " "},
        {"chapter": "2.4"},
        {"chapter": None},
        {"class": 4},
        {"written": "yesterday"},
        {"written": "2026-01-01T10:00:00"},
        {"exercises": []},
        {"exercises": {}},
        {"exercises": ["2.3.1"]},
        {"exercises": [{"number": "2.3.1", "title": "t", "tries": -1, "hints": 0, "passed": None}]},
        {"exercises": [{"number": "2.3.1", "title": "t", "tries": True, "hints": 0, "passed": None}]},
        {"exercises": [{"number": "2.3.1", "title": "t", "tries": 1, "hints": 0, "passed": True}]},
        {"exercises": [{"number": "2.3.x", "title": "t", "tries": 1, "hints": 0, "passed": None}]},
        {"exercises": [{"number": "2.3.1", "title": "t", "tries": 1, "hints": 0, "passed": None}] * 2},
    ],
)
def test_what_report_never_writes_is_no_report(here: Path, change: dict[str, object]) -> None:
    work("2.3.1")
    checks.report("A")
    file = Path("report-2.3-a.json")
    shift(file)
    checks.read_report(file)
    shift(file, **change)
    with pytest.raises(UserError, match=r"report-2\.3-a\.json is not a report: ask for"):
        checks.read_report(file)


def test_a_changed_or_broken_report_is_refused(here: Path) -> None:
    work("2.3.1")
    checks.report("A")
    file = Path("report-2.3-a.json")
    file.write_text(file.read_text(encoding="utf-8").replace('"tries": 1', '"tries": 0'), encoding="utf-8")
    with pytest.raises(UserError, match=r"report-2\.3-a\.json was changed after it was written"):
        checks.read_report(file)
    for content in ("[]", "{}", "x", '"digest"', "", "[" * 100_000, "\ud800", " " * 2_000_000):
        file.write_bytes(content.encode("utf-8", "surrogatepass"))
        with pytest.raises(UserError, match=r"is not a report"):
            checks.read_report(file)
    with pytest.raises(UserError, match=r"gone\.json cannot be read"):
        checks.read_report("gone.json")
    with pytest.raises(UserError, match=r"is not a file"):
        checks.read_report(here)


# What a teacher reads


def made_report(
    file: Path, name: str, chapter: str = "2.3", minute: int = 0, passed: tuple[int, ...] = (1,), **more: object
) -> Path:
    """A report as `report` writes it: three exercises, of which some passed, each with as many tries as its number."""
    when = f"2026-03-01T10:{minute:02d}:00+00:00"
    entries = [
        {"number": f"{chapter}.{k}", "title": "T", "tries": k, "hints": k - 1, "passed": when if k in passed else None}
        for k in (1, 2, 3)
    ]
    content = {"name": name, "chapter": chapter, "class": None, "written": when, "library": "0.1.0", "python": "3.12.1"}
    content |= {"exercises": entries} | more
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content | {"digest": reports.digest(content)}, ensure_ascii=False)
    file.write_text(text, encoding="utf-8")
    return file


def call(*arguments: str | Path, code: int = 0) -> tuple[str, str]:
    done = CliRunner().invoke(app, ["reports", *map(str, arguments)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done.stdout, done.stderr


def rows(file: str = "reports.csv") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(Path(file).read_text(encoding="utf-8"))))


def test_thirty_reports_of_which_two_are_broken(here: Path) -> None:
    """The acceptance: 28 rows and two sentences."""
    for k in range(30):
        folder = here / "in" / f"Student {k:02d}_4711{k}_assignsubmission_file" if k % 2 else here / "in"
        made_report(folder / f"report-2.3-s{k}.json", f"Student {k:02d}", passed=(1, 2)[: k % 3])
    cut = here / "in" / "report-2.3-s4.json"
    cut.write_bytes(cut.read_bytes()[:200])
    (changed,) = (here / "in").glob("*_47117_*/*.json")
    changed.write_text(changed.read_text(encoding="utf-8").replace('"tries": 3', '"tries": 1'), encoding="utf-8")
    out, notes = call("in")
    table = rows()
    assert len(table) == 28
    assert [row["name"] for row in table] == [f"Student {k:02d}" for k in range(30) if k not in (4, 7)]
    for k, row in zip([k for k in range(30) if k not in (4, 7)], table, strict=True):
        assert (row["passed"], row["of"], row["tries"], row["hints"]) == (str(k % 3), "3", "6", "3")
        assert row["passed_exercises"] == ["", "2.3.1", "2.3.1 2.3.2"][k % 3]
        assert row["not_passed"].split() == ["2.3.1", "2.3.2", "2.3.3"][k % 3 :]
        assert (row["library"], row["python"], row["chapter"]) == ("0.1.0", "3.12.1", "2.3")
    assert sorted(notes.splitlines()) == sorted(
        [
            f"note: {changed.relative_to(here / 'in')} was changed after it was written: ask for a new one.",
            "note: report-2.3-s4.json is not a report: ask for the file that report() wrote.",
        ]
    )
    page = Path("reports.html").read_text(encoding="utf-8")
    assert page.count('<td class="name"><bdi>Student') == 28
    assert page.count("<li>", 0, page.index("<h2>Who")) == 2
    assert "written: reports.csv, reports.html" in out


def test_of_several_reports_the_newest_counts(here: Path) -> None:
    made_report(here / "in/a/report-2.3-ann.json", "Ann Smith", minute=5, passed=(1, 2))
    made_report(here / "in/b/report-2.3-ann.json", "ann  smith", minute=1)
    made_report(here / "in/c/report-2.4-ann.json", "Ann Smith", chapter="2.4")
    made_report(here / "in/d/report-2.3-ann (1).json", "Ann Smith", minute=5, passed=(1, 2))
    out, notes = call("in", "--json")
    said = json.loads(out)
    assert [(r["chapter"], r["passed"]) for r in said["reports"]] == [("2.3", 2), ("2.4", 1)]
    assert said["notes"] == [line.removeprefix("note: ") for line in notes.splitlines()]
    earlier, same = said["notes"]
    assert earlier == (
        "b/report-2.3-ann.json is an earlier report of Ann Smith for chapter 2.3: a/report-2.3-ann.json counts."
    )
    assert same == (
        "a/report-2.3-ann.json is the same report as d/report-2.3-ann (1).json, of Ann Smith for chapter 2.3: it "
        "counts once."
    )


def test_what_is_newest_is_a_time_and_not_a_text(here: Path) -> None:
    made_report(here / "in/a.json", "A", written="2026-03-01T12:30:00+02:00")  # 10:30 UTC
    made_report(here / "in/b.json", "A", written="2026-03-01T11:00:00+00:00")
    call("in")
    assert [row["file"] for row in rows()] == ["b.json"]


HOSTILE = '<script>alert(1)</script> "x" & =1+1'


def test_texts_of_students_do_no_harm(here: Path) -> None:
    made_report(here / "in/a.json", HOSTILE, library="<img src=//x>")
    made_report(here / "in/b.json", "=HYPERLINK(1)", minute=1)
    made_report(here / "in/c.json", "Esc\x1b[31m\u202e\nred")
    out, _ = call("in")
    page = Path("reports.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<img" not in page
    assert "\x1b" not in page + out + Path("reports.csv").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &quot;x&quot; &amp; =1+1" in page
    assert [row["name"] for row in rows()] == [HOSTILE, "'=HYPERLINK(1)", "Esc [31m red"]


def test_a_page_loads_nothing_and_can_be_read(here: Path) -> None:
    made_report(here / "in/a.json", "李雷")
    call("in")
    page = Path("reports.html").read_text(encoding="utf-8")
    seen: dict[str, list[dict[str, str | None]]] = {}

    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.setdefault(tag, []).append(dict(attrs))

    Tags().feed(page)
    assert not set(seen) & {"script", "link", "img", "iframe", "object", "embed", "form"}
    assert not [a for found in seen.values() for a in found if {"src", "href", "onclick"} & set(a)]
    assert "url(" not in page
    assert "@import" not in page
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in seen["meta"]
    assert {a.get("http-equiv") for a in seen["meta"]} >= {"Content-Security-Policy"}
    assert "prefers-color-scheme: dark" in page
    assert seen["html"] == [{"lang": "en"}]
    assert "李雷" in page


def test_odd_things_in_a_folder_stop_nothing(here: Path) -> None:
    box = here / "in"
    made_report(box / "good.json", "A")
    made_report(box / ".hidden.json", "B")
    made_report(box / "__MACOSX" / "._good.json", "C")
    made_report(box / ".ipynb_checkpoints" / "old.json", "D")
    made_report(box / "capital.JSON", "E")
    (box / "folder.json").mkdir()
    made_report(box / "folder.json" / "deep.json", "F")
    (box / "notebook.ipynb").write_text("{}", encoding="utf-8")
    (box / "package.json").write_text('{"name": "x"}', encoding="utf-8")
    with zipfile.ZipFile(box / "all.zip", "w") as archive:
        archive.writestr("report-2.3-g.json", "{}")
    if hasattr(os, "mkfifo"):
        os.mkfifo(box / "pipe.json")
        os.symlink(box, box / "loop")
        os.symlink(box / "nowhere", box / "dead.json")
    _, notes = call("in")
    assert [row["name"] for row in rows()] == ["A", "E", "F"]
    told = sorted(line.removeprefix("note: ") for line in notes.splitlines())
    assert "all.zip is an archive: unpack it and run the command again." in told
    assert "package.json is not a report: ask for the file that report() wrote." in told
    if hasattr(os, "mkfifo"):
        assert "pipe.json is not a file: ask for the file that report() wrote." in told
        assert "dead.json cannot be read (No such file or directory)." in told
        assert len(told) == 4


@pytest.mark.skipif(sys.platform != "linux", reason="other systems allow no such names")
def test_file_names_that_are_no_text(here: Path) -> None:
    made_report(here / "in/x.json", "A")
    os.rename(b"in/x.json", b"in/\xff\xfe.json")
    Path(os.fsdecode(b"in/\xfd.json")).write_text("{}", encoding="utf-8")
    _, notes = call("in")
    assert [row["file"] for row in rows()] == ["??.json"]
    assert notes.splitlines() == ["note: ?.json is not a report: ask for the file that report() wrote."]


def test_a_folder_that_cannot_be_read_is_named(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made_report(here / "in/a.json", "A")
    made_report(here / "in/closed/b.json", "B")
    list_folder = os.scandir

    def refuse(place: str) -> object:
        if os.fspath(place).endswith("closed"):
            raise PermissionError(13, "Permission denied", place)
        return list_folder(place)

    monkeypatch.setattr(os, "scandir", refuse)
    _, notes = call("in")
    assert notes == "note: closed cannot be read (Permission denied).\n"
    assert [row["name"] for row in rows()] == ["A"]


def test_nothing_is_written_over_that_was_not_ours(here: Path) -> None:
    student = made_report(here / "in/a.json", "A")
    before = student.read_bytes()
    call("in")
    call("in")  # its own files it may write anew
    Path("notes.csv").write_text("mine,not,yours\n", encoding="utf-8")
    Path("photo.html").write_bytes(b"\xff\xd8")
    Path("folder").mkdir()
    for option, file in (
        ("--csv", "in/a.json"),
        ("--html", "in/a.json"),
        ("--csv", "notes.csv"),
        ("--html", "photo.html"),
        ("--html", "reports.csv"),
        ("--csv", "reports.html"),
        ("--csv", "folder"),
    ):
        with pytest.raises(UserError, match=rf"{re.escape(file)}.*give"):
            call("in", option, file)
    os.link(student, "linked.csv")
    with pytest.raises(UserError, match=r"linked\.csv"):
        call("in", "--csv", "linked.csv")
    assert student.read_bytes() == before
    assert Path("notes.csv").read_text(encoding="utf-8") == "mine,not,yours\n"
    call("in", "--csv", "new/place/t.csv", "--html", "new/place/t.html")
    assert names(here / "new/place") == ["t.csv", "t.html"]


def test_a_folder_without_reports_is_an_error(here: Path) -> None:
    (here / "empty").mkdir()
    for folder, says in (("empty", "contains no report"), ("gone", "is not a folder")):
        with pytest.raises(UserError, match=rf"{folder} {says}"):
            call(folder)
    (here / "empty" / "x.json").write_text("{}", encoding="utf-8")
    call("empty")
    assert rows() == []
    assert names(here) == ["empty", "reports.csv", "reports.html"]


def test_exercises_that_this_library_does_not_know(here: Path) -> None:
    """A report of a later edition: its numbers are shown as they are."""
    made_report(here / "in/a.json", "A", chapter="9.12")
    call("in")
    (row,) = rows()
    assert (row["passed"], row["of"], row["not_tried"]) == ("1", "3", "")


def test_what_was_not_tried_is_told(here: Path) -> None:
    one = [{"number": "2.3.2", "title": "T", "tries": 1, "hints": 0, "passed": None}]
    made_report(here / "in/a.json", "A", exercises=one)
    call("in")
    (row,) = rows()
    assert (row["of"], row["not_passed"], row["not_tried"]) == ("3", "2.3.2", "2.3.1 2.3.3")
    assert row["exercises"] == "2.3.2 not passed, 1 try"
    assert "2.3.3 not tried" in Path("reports.html").read_text(encoding="utf-8")


def test_the_command_as_it_is_typed(here: Path) -> None:
    """Exit status 0 with notes; an error is one sentence and 2."""
    made_report(here / "in/a.json", "A")
    (here / "in/b.json").write_text("{", encoding="utf-8")
    command = [sys.executable, "-m", "tlmlda_lib.cli", "reports"]
    made_report(here / "in/c.json", "李雷")
    ascii_alone = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run([*command, "in"], capture_output=True, text=True, cwd=here, env=ascii_alone)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "note: b.json is not a report: ask for the file that report() wrote.\n"
    assert "\\u674e\\u96f7" in done.stdout
    assert [row["name"] for row in rows()] == ["A", "李雷"]
    done = subprocess.run([*command, "out"], capture_output=True, text=True, cwd=here)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("tlmlda: out is not a folder")


def test_by_exercise_counts_those_who_handed_in(here: Path) -> None:
    for k in range(4):
        made_report(here / f"in/{k}.json", f"S{k}", passed=(1, 2)[: k % 2 + 1])
    page = report_page.page(gathering.gather("in"), "in")
    table = page[page.index("By exercise") :]
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", table)
    assert cells[:4] == ["2.3.1 Five points by hand", "4 of 4", "1.0", "0.0"]
    assert cells[4:8] == ["2.3.2 Where zero really lies", "2 of 4", "2.0", "1.0"]
    assert cells[8:12] == ["2.3.3 Alike on paper", "0 of 4", "3.0", "2.0"]
