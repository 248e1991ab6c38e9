"""Schemes: two corpora by name, letters as short forms, and the emotions that they share."""

from __future__ import annotations

import json
from pathlib import Path

import made_corpora
import pytest
from stand_ins import kept_in
from typer.testing import CliRunner

from tlmlda_lib import corpora, domains, features
from tlmlda_lib.cli import main as cli
from tlmlda_lib.corpora import Corpus
from tlmlda_lib.domains import schemes
from tlmlda_lib.domains.schemes import Scheme
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import estimate, plans, shipped, store, tables

#: Short form, sources, target and part, as the paper and the records have them.
WRITTEN = [
    ("C2B", ("casia",), "emodb", ""),
    ("E2C", ("enterface",), "casia", ""),
    ("CR2B", ("casia", "ravdess"), "emodb", ""),
    ("C2B-female", ("casia",), "emodb", "female"),
    ("R2C-wangzhe", ("ravdess",), "casia", "wangzhe"),
    ("d2z", ("made-de",), "made-zh", ""),
    ("d2e-male", ("made-de",), "made-en", "male"),
]

#: As the paper's Table 2 and the committed records have them.
EMOTIONS = {
    "E2B R2B B2E B2R d2e e2d": "anger disgust fear happy sad",
    "E2C R2C C2E C2R e2z z2e": "anger fear happy sad surprise",
    "B2C C2B CR2B BR2C BC2R d2z z2d": "anger fear happy neutral sad",
}


# Writing and reading


@pytest.mark.parametrize(("short", "sources", "target", "part"), WRITTEN, ids=[w[0] for w in WRITTEN])
def test_letters_and_names_are_the_same_scheme(short: str, sources: tuple[str, ...], target: str, part: str) -> None:
    by_name = f"{'+'.join(sources)}_to_{target}" + (f"-{part}" if part else "")
    one = Scheme(sources, target, part)
    assert schemes.parse(short) == schemes.parse(by_name) == schemes.parse(one) == one
    assert str(one) == short
    assert one.corpora == (*sources, target)


def test_every_committed_record_keeps_its_scheme() -> None:
    kept = {r["scheme"] for r in store.scan(shipped.own())[0]}
    assert len(kept) > 20
    assert {str(schemes.parse(name)) for name in kept} == kept


@pytest.mark.parametrize("names", EMOTIONS)
def test_known_schemes_keep_their_emotions(names: str) -> None:
    for name in names.split():
        assert domains.SCHEMES[name] == schemes.parse(name).emotions == tuple(EMOTIONS[names].split())
    assert {n for of in EMOTIONS for n in of.split()} == set(domains.SCHEMES)


def test_any_two_corpora_are_a_scheme_of_the_emotions_that_both_have() -> None:
    every = [f"{a}_to_{b}" for a in corpora.CORPORA for b in corpora.CORPORA if a != b]
    assert len(every) == len(corpora.CORPORA) * (len(corpora.CORPORA) - 1)
    for name in every:
        one = schemes.parse(name)
        assert schemes.parse(str(one)) == one
        assert len(one.emotions) >= schemes.FEWEST
        assert set(one.emotions) <= set.intersection(*(set(corpora.about(c).emotions) for c in one.corpora))
    assert str(schemes.parse("urdu_to_emodb")) == "urdu_to_emodb"
    assert schemes.parse("emodb_to_urdu").emotions == ("anger", "happy", "neutral", "sad")
    assert schemes.parse("E2R").emotions == ("anger", "disgust", "fear", "happy", "sad", "surprise")
    assert schemes.parse("enterface_to_urdu").emotions == ("anger", "happy", "sad")


def test_calm_is_not_neutral() -> None:
    assert schemes.common([("anger", "neutral", "sad"), ("anger", "calm", "sad")]) == ("anger", "sad")
    assert "calm" not in schemes.parse("ravdess_to_urdu").emotions


def test_the_order_of_sources_makes_no_other_scheme() -> None:
    assert str(schemes.parse("RC2B")) == str(schemes.parse("ravdess+casia_to_emodb")) == "CR2B"
    assert str(schemes.parse("urdu+casia_to_emodb-03")) == "casia+urdu_to_emodb-03"
    assert Scheme(("folder.mail", "folder.calls", "casia"), "emodb").sources == ("casia", "folder.calls", "folder.mail")


@pytest.mark.parametrize(("short", "whole"), domains.LEAVE_ONE_OUT.items())
def test_leave_one_corpus_out(short: str, whole: str) -> None:
    one = schemes.parse(short)
    assert str(one) == whole
    assert corpora.short(one.target) == short[-1]
    assert set(one.corpora) == {"emodb", "casia", "ravdess"}


@pytest.mark.parametrize(
    ("name", "words", "full"),
    [
        ("C2B", "C to B", "CASIA to EmoDB"),
        ("CR2B", "C and R to B", "CASIA and RAVDESS to EmoDB"),
        ("BEC2R", "B, E and C to R", "EmoDB, eNTERFACE'05 and CASIA to RAVDESS"),
        ("C2B-female", "C to B, female", "CASIA to EmoDB, female"),
        ("d2z", "d to z", "synthetic German to synthetic Mandarin"),
        ("casia_to_folder.calls", "C to folder.calls", "CASIA to calls"),
    ],
)
def test_a_scheme_in_words(name: str, words: str, full: str) -> None:
    assert schemes.in_words(name) == words
    assert schemes.in_words(schemes.parse(name), full=True) == full
    assert schemes.find(name) == schemes.parse(name)


def test_a_pair_may_have_a_name_that_is_no_scheme() -> None:
    assert schemes.find("my calls") is None
    assert schemes.in_words("my calls") == schemes.in_words("my calls", full=True) == "my calls"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("B2X", r"scheme 'B2X' is not known: no corpus has the letter X, use B \(emodb\), .* \(did you mean 'B2.'\?\)"),
        ("b2c", r"no corpus has the letter b.*\(did you mean 'B2C'\?\)"),
        ("casai_to_emodb", r"corpus 'casai' is not known.*\(did you mean 'casia'\?\)"),
        ("casia_to_emodbb-03", r"corpus 'emodbb' is not known.*\(did you mean 'emodb'\?\)"),
        ("loco-D", r"scheme 'loco-D' is not known: name any two corpora, as casia_to_emodb"),
        ("C2B-", "scheme 'C2B-' is not known"),
        ("casia_to_emodb-", "scheme 'casia_to_emodb-' is not known"),
        ("", "scheme '' is not known"),
        ("_to_emodb", "corpus '' is not known"),
        ("B2B", "names emodb twice"),
        ("casia+casia_to_emodb", "names casia twice"),
        ("casia_to_folder", r"write folder\.calls for the folder calls"),
    ],
)
def test_what_is_no_scheme_is_said_with_the_nearest_name(text: str, words: str) -> None:
    with pytest.raises(UserError, match=words) as raised:
        schemes.parse(text)
    assert "\n" not in str(raised.value)


def test_corpora_that_share_too_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(corpora.CORPORA, "turev", Corpus("TurEV", emotions=("anger", "calm", "happy")))
    with pytest.raises(UserError, match=r"emodb and turev have 2 emotions in common \(anger, happy\): name corpora"):
        schemes.parse("emodb_to_turev")
    with pytest.raises(UserError, match="has no source"):
        Scheme((), "emodb")


# A corpus without a letter, wherever a scheme is taken


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """CASIA, RAVDESS, a folder of one's own by speaker and emotion, and one as a CSV file."""
    root = tmp_path_factory.mktemp("tree")
    made_corpora.casia(root / "casia", seconds=0.3)
    made_corpora.ravdess(root / "ravdess")
    lines = ["file,emotion,speaker"]
    for i, speaker in enumerate(("anna", "bert")):
        for j, emotion in enumerate(("anger", "calm", "happy", "neutral", "sad")):
            for k in range(2):
                pitch = 150 + 70 * i + 9 * j + k
                file = made_corpora.put(root / "calls" / speaker / emotion / f"{k}.wav", pitch, 0.3)
                if emotion != "happy":
                    lines.append(f"{file.relative_to(root)},{emotion},{speaker}")
    (root / "listed.csv").write_text("\n".join(lines), encoding="utf-8")
    return root


@pytest.fixture
def numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A feature in place of IS10's: no sound is measured."""
    import pandas as pd

    def extract(table: pd.DataFrame, **how: object) -> pd.DataFrame:
        return pd.DataFrame({"n": range(len(table))}, index=table.index, dtype="float32")

    monkeypatch.setattr(features, "extract", extract)


def test_a_folder_of_ones_own_is_a_corpus(tree: Path, numbers: None) -> None:
    pair = domains.load_pair("casia_to_folder.calls", tree)
    assert pair.scheme == "casia_to_folder.calls"
    assert pair.classes == ("anger", "happy", "neutral", "sad")  # calls are calm as well, and CASIA never is
    assert pair.target.sum() == len(pair.truth) == 16
    assert {s for s, t in zip(pair.speakers, pair.target, strict=True) if t} == {"calls/anna", "calls/bert"}
    assert domains.load_pair("ravdess_to_folder.calls", tree).classes == ("anger", "calm", "happy", "neutral", "sad")
    both = domains.load_pair("casia+folder.calls_to_ravdess", tree)
    assert list(dict.fromkeys(both.sample_domain.tolist())) == [1, 2, -3]
    assert both.classes == ("anger", "happy", "neutral", "sad")


def test_a_part_of_ones_own_folder(tree: Path, numbers: None) -> None:
    pair = domains.load_pair("casia_to_folder.calls-bert", tree)
    assert pair.scheme == "casia_to_folder.calls-bert"
    assert {s for s, t in zip(pair.speakers, pair.target, strict=True) if t} == {"calls/bert"}
    with pytest.raises(
        UserError,
        match=r"folder\.calls has no part 'carl': use female, male, mostly- and an emotion, or a speaker, one of anna",
    ):
        domains.load_pair("casia_to_folder.calls-carl", tree)


def test_a_csv_file_stands_for_a_folder(tree: Path, numbers: None) -> None:
    pair = domains.load_pair(Scheme(("ravdess",), "folder.listed"), tree)
    assert pair.classes == ("anger", "calm", "neutral", "sad")
    assert {s.partition("/")[0] for s in pair.speakers} == {"ravdess", "listed"}


def test_a_folder_that_is_not_there_or_shares_too_little(tree: Path, tmp_path: Path, numbers: None) -> None:
    with pytest.raises(UserError, match=r"mail is not a folder, and no mail\.csv is beside it: put your recordings"):
        domains.load_pair("casia_to_folder.mail", tree)
    made_corpora.casia(tmp_path / "casia")
    for emotion in ("anger", "calm", "sad"):
        made_corpora.put(tmp_path / "few" / emotion / "1.wav")
    with pytest.raises(UserError, match=r"casia and folder\.few have 2 emotions in common \(anger, sad\)"):
        domains.load_pair("casia_to_folder.few", tmp_path)


def test_plans_and_estimates_take_it() -> None:
    cells = plans.cells(["urdu_to_emodb", "C2B", "casia_to_emodb", "loco-B"], ["pca_svm"], ["minmax"])
    assert [c.scheme for c in cells] == ["urdu_to_emodb", "C2B", "CR2B"]
    places = [cell.place("").as_posix() for cell in cells]
    assert places[0].startswith("main/urdu_to_emodb/pca_svm/minmax-")
    assert estimate.published_sizes("urdu_to_emodb") is estimate.published_sizes("CR2B") is None
    assert estimate.published_sizes("casia_to_emodb") == estimate.published_sizes("C2B") == (1000, 408)
    assert estimate.published_sizes("C2B-female") is None


def test_the_command_line_runs_and_tables_it(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TLMLDA_CACHE", str(tmp_path / "cache"))

    def call(*words: object) -> str:
        done = CliRunner().invoke(cli.app, [str(w) for w in words], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    where = ("--corpora", tree, *kept_in(tmp_path))
    scheme = "casia_to_folder.calls"
    asked = ("run", "--scheme", scheme, "--method", "pca_svm", "--preset", "minmax", *where)
    (row,) = json.loads(call(*asked, "--json"))["rows"]
    assert (row["scheme"], row["classes"], row["chance"]) == (scheme, 4, 25.0)
    assert scheme in call(*asked)
    (record,), problems = store.scan(tmp_path)
    assert not problems
    assert (record["scheme"], record["counts"]["target"]) == (scheme, {"anger": 4, "happy": 4, "neutral": 4, "sad": 4})
    assert list(tables.by_scheme(tables.summary([record], speakers=False))) == [scheme, "mean"]
    wanted = ("--scheme", scheme, "--method", "pca_svm", "--preset", "minmax", "--seeds", 1)
    again = json.loads(call("reproduce", *wanted, *where, "--json"))
    assert again["count"] == {"kept": 1}
