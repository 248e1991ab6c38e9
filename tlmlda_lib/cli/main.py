"""The command line: `tlmlda corpora`, `run`, `predict`, `reproduce`, `search`, `seal`, `tables` and others."""

from __future__ import annotations

import codecs
import io
import json
import sys
import warnings
from typing import Annotated, Any

import tlmlda_lib
from tlmlda_lib import errors
from tlmlda_lib.errors import UserError

try:
    import typer

    from tlmlda_lib.cli import adapt as adapt_cli
    from tlmlda_lib.cli import figure2 as scatter_cli
    from tlmlda_lib.cli import grid as grid_cli
    from tlmlda_lib.cli import matrix as matrix_cli
    from tlmlda_lib.cli import predict as predict_cli
    from tlmlda_lib.cli import reports as reports_cli
    from tlmlda_lib.cli import run as run_cli
    from tlmlda_lib.cli import score as score_cli
    from tlmlda_lib.cli import seal as seal_cli
    from tlmlda_lib.cli import search as search_cli
    from tlmlda_lib.cli import stress as stress_cli
    from tlmlda_lib.cli.arguments import AsJson, Corpora, Quiet
    from tlmlda_lib.cli.arguments import speaker as _speaker
except ImportError as _error:  # without typer there is no command line to report it
    if (_said := errors.sentence(_error)) is None:
        raise
    if sys.argv[1:2] == ["doctor"]:
        from tlmlda_lib.cli import doctor as _doctor

        print(_doctor.plain(_doctor.examine()))
        sys.exit(1)
    print(f"tlmlda: {_said}", file=sys.stderr)
    sys.exit(2)

app = typer.Typer(
    name="tlmlda",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


#: What stands for letters that an encoding lacks.
_STAND_INS = {"±": "+-", "−": "-", "–": "-", "×": "x", "…": "...", "\N{NO-BREAK SPACE}": " "}


#: Exit status after Ctrl-C.
_INTERRUPTED = 130

#: Exit status when nobody reads on, as behind `| head`: that of other programs, 128 and the number of SIGPIPE.
_CLOSED_PIPE = 141


def _stand_in(error: UnicodeError) -> tuple[str, int]:
    """Replacement for a letter that the output's encoding lacks, so that no command fails after its work."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letter = error.object[error.start]
    if letter in _STAND_INS:
        return _STAND_INS[letter], error.start + 1
    escaped = letter.encode("ascii", "backslashreplace").decode()
    return escaped, error.start + 1


def main() -> None:
    """Entry point: an error that the user can fix is one sentence and exit status 2; so is a missing package."""
    codecs.register_error("tlmlda", _stand_in)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="tlmlda")
    try:
        app()
    except UserError as error:
        print(f"tlmlda: {errors.on_screen(error.shell)}", file=sys.stderr)
        sys.exit(2)
    except ImportError as error:
        if (said := errors.sentence(error)) is None:
            raise
        print(f"tlmlda: {said}", file=sys.stderr)
        sys.exit(2)
    except (KeyboardInterrupt, SystemExit) as error:  # typer turns the one into the other
        if isinstance(error, KeyboardInterrupt) or error.code == _INTERRUPTED:
            print("tlmlda: stopped; what was done is kept", file=sys.stderr)
            sys.exit(_INTERRUPTED)
        if isinstance(error.__context__, BrokenPipeError):  # rich and typer say 1, as after a mistake
            sys.exit(_CLOSED_PIPE)
        raise


def _version(asked: bool) -> None:
    if asked:
        print(tlmlda_lib.__version__)
        raise typer.Exit


@app.callback()
def tlmlda(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    """Cross-corpus speech emotion recognition: learn emotions from one corpus, recognise them in another.

    Put the corpora, as published, into one folder (`tlmlda corpora --list` names them, with their addresses), then:

    `export TLMLDA_CORPORA=FOLDER`

    `tlmlda corpora` lists what was found,

    `tlmlda run --scheme C2B --method pca_svm` learns on CASIA and tests on EmoDB,

    `tlmlda run --scheme d2z --method pca_svm` needs no folder: synthetic German, synthetic Mandarin,

    `tlmlda tables` prints the records that came with the library.

    Features are cached in the user's cache folder, or in TLMLDA_CACHE.
    """


@app.command("corpora")
def corpora_(
    corpora: Corpora = None,
    listing: Annotated[bool, typer.Option("--list", help="Print what is known of every corpus.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Which corpora are here: files, speakers, emotions, the paper's Table 2 beside the counts, every problem.

    The letter before a corpus' name is its short form in a scheme, as C2B for casia_to_emodb.

    `tlmlda corpora --list` needs no folder: it prints the catalogue, with language, licence and address of each corpus.
    """
    speaker = _speaker(as_json, quiet)
    from tlmlda_lib import corpora as known
    from tlmlda_lib.cli import terminal

    if listing:
        rows = known.catalogue()
        speaker.show(*terminal.catalogue(rows))
        speaker.json({"catalogue": rows})
        return
    if corpora is None:
        speaker.note(f"note: no folder was given (--corpora, TLMLDA_CORPORA): these are synthetic. {known.MADE_NOTE}")
        described = [known.describe(known.load(name, progress=speaker.progress)) for name in known.MADE.values()]
        speaker.show(terminal.counts(described))
        speaker.json({"folders": {}, "corpora": described, "note": known.MADE_NOTE})
        return
    here = known.find(corpora)
    if not here:
        _, unread = known.files.below(known.files.place(corpora))
        why = f"; first problem: {unread[0]['file']} {unread[0]['problem']}" if unread else ""
        raise UserError(
            f"none of {', '.join(known.PUBLISHED)} is below {corpora}: unpack the corpora there, each in its own "
            f"folder{why}"
        )
    with speaker.noting(), warnings.catch_warnings():
        warnings.simplefilter("ignore", known.LeftOutWarning)  # every problem is listed below
        described = [known.describe(known.load(name, corpora)) for name in here]
    rows = _table_2({d["corpus"]: d["emotions"] for d in described})
    speaker.show(terminal.counts(described), terminal.table_2(rows))
    of_all = [p for p in described[0]["problems"] if len(described) > 1 and all(p in d["problems"] for d in described)]
    if of_all:  # as folders that cannot be opened, which may contain anything
        speaker.show(*terminal.problems(str(corpora), of_all))
    for d in described:
        speaker.show(*terminal.problems(d["corpus"], [p for p in d["problems"] if p not in of_all]))
    folders = {name: str(folder) for name, folder in here.items()}
    speaker.json({"folders": folders, "corpora": described, "table_2": rows})


app.command()(adapt_cli.adapt)
app.command()(run_cli.run)
app.command()(score_cli.score)
app.command()(predict_cli.predict)
app.command()(matrix_cli.matrix)
app.command()(grid_cli.reproduce)
app.command()(search_cli.search)
app.command()(seal_cli.seal)
app.command()(grid_cli.tables)
app.command()(scatter_cli.figure2)
app.command()(stress_cli.stress)
app.command()(reports_cli.reports)


@app.command("fetch-encoder")
def fetch_encoder(
    name: Annotated[
        str,
        typer.Argument(
            help="As openai/whisper-base, the encoder of the default features.", show_default=False, metavar="NAME"
        ),
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Download without asking.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Download a speech encoder from the Hugging Face Hub into its cache; size and licence are said first.

    `tlmlda fetch-encoder openai/whisper-base`

    No other command downloads one. Only weights in the form of safetensors are taken, from which no code is run.

    An encoder that lies in a folder needs no fetching: name the folder that contains it by `export
    TLMLDA_ENCODERS=FOLDER`, or with `--encoders FOLDER`.
    """
    said = _speaker(as_json, quiet)
    from tlmlda_lib.features import encoders

    offer = encoders.offer(name)
    words = f"{name}: {offer.size / 1e6:.0f} MB, licence {offer.licence}"
    said.show(words)
    if not yes and not typer.confirm("Download it?", err=True):
        raise UserError(f"{name} was not downloaded: call again with --yes")
    folder = encoders.fetch(name)
    said.show(f"here: {folder}")
    said.json({"name": name, "bytes": offer.size, "licence": offer.licence, "folder": str(folder)})


@app.command()
def doctor(corpora: Corpora = None, as_json: AsJson = False, quiet: Quiet = False) -> None:
    """What is installed, found and missing, and the command that fixes it; exit status 1 if something is wrong."""
    from tlmlda_lib.cli.doctor import examine, plain

    checks = examine(corpora)
    try:
        speaker = _speaker(as_json, quiet)
        from tlmlda_lib.cli import terminal

        speaker.show(terminal.checks(checks))
        speaker.json({"checks": checks})
    except ImportError:  # the package that draws tables, which is among the checks
        print(json.dumps({"checks": checks}, indent=1) if as_json else plain(checks))
    if any(check["state"] == "wrong" for check in checks):
        raise typer.Exit(1)


def _table_2(found: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    """Sizes from Table 2, and the counts of the corpora that are here."""
    from tlmlda_lib.corpora import TABLE_2

    return [
        {
            "pair": list(pair),
            "emotions": list(emotions),
            "printed": "ravdess" not in pair,
            "expected": dict(zip(pair, sizes, strict=True)),
            "found": {c: sum(found[c].get(e, 0) for e in emotions) if c in found else None for c in pair},
        }
        for pair, (emotions, sizes) in TABLE_2.items()
    ]


if __name__ == "__main__":
    main()
