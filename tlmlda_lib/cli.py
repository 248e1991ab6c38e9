"""The command line: `tlmlda corpora`, `run`, `predict`, `reproduce`, `search`, `seal`, `tables` and others."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import tlmlda_lib
from tlmlda_lib import grid_cli, reports_cli, scatter_cli, seal_cli, search_cli, stress_cli
from tlmlda_lib.arguments import AsJson, Corpora, Quiet, Results, Runs
from tlmlda_lib.arguments import assignment as _assignment
from tlmlda_lib.arguments import speaker as _speaker
from tlmlda_lib.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer(
    name="tlmlda",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Entry point: an error that the user can mend is one sentence and exit status 2."""
    try:
        app()
    except UserError as error:
        print(f"tlmlda: {error}", file=sys.stderr)
        sys.exit(2)


def _version(asked: bool) -> None:
    if asked:
        print(tlmlda_lib.__version__)
        raise typer.Exit


@app.callback()
def tlmlda(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    """Cross-corpus speech emotion recognition: learn emotions from one corpus, recognise them in another.

    Put the corpora as they are published (EmoDB, eNTERFACE'05, CASIA, RAVDESS) into one folder, then:

    `export TLMLDA_CORPORA=FOLDER`

    `tlmlda corpora` says what was found,

    `tlmlda run --scheme C2B --method pca_svm` learns on CASIA and tests on EmoDB,

    `tlmlda run --scheme d2z --method pca_svm` needs no folder: made German, made Mandarin.

    Features are kept in the user's cache folder, or where TLMLDA_CACHE says.
    """


@app.command("corpora")
def corpora_(corpora: Corpora = None, as_json: AsJson = False, quiet: Quiet = False) -> None:
    """Which corpora are here: files, speakers, emotions, the paper's Table 2 beside the counts, every problem."""
    speaker = _speaker(as_json, quiet)
    from tlmlda_lib import corpora as rooms
    from tlmlda_lib import terminal

    if corpora is None:
        speaker.note(f"note: no folder was given (--corpora, TLMLDA_CORPORA): these are made. {rooms.MADE_NOTE}")
        described = [rooms.describe(rooms.load(name, progress=speaker.progress)) for name in rooms.MADE.values()]
        speaker.show(terminal.counts(described))
        speaker.json({"folders": {}, "corpora": described, "note": rooms.MADE_NOTE})
        return
    here = rooms.find(corpora)
    if not here:
        raise UserError(
            f"none of {', '.join(rooms.LETTERS.values())} is below {corpora}: unpack the corpora there, each in a "
            "folder of its own"
        )
    with speaker.noting():
        described = [rooms.describe(rooms.load(name, folder)) for name, folder in here.items()]
    rows = _table_2({d["corpus"]: d["emotions"] for d in described})
    speaker.show(terminal.counts(described), terminal.table_2(rows))
    for d in described:
        speaker.show(*terminal.problems(d["corpus"], d["problems"]))
    folders = {name: str(folder) for name, folder in here.items()}
    speaker.json({"folders": folders, "corpora": described, "table_2": rows})


@app.command()
def run(
    scheme: Annotated[
        list[str],
        typer.Option("--scheme", help="Source 2 target, as C2B (CASIA to EmoDB); again for more; `open` for all six."),
    ],
    method: Annotated[list[str], typer.Option("--method", help="As tlmlda or pca_svm; again for more.")],
    preset: Annotated[
        str | None, typer.Option("--preset", help="As recommended, paper, authors, quick; for pca_svm its scaling.")
    ] = None,
    seeds: Annotated[
        int, typer.Option("--seeds", min=1, help="How many, from 0 on; methods without chance take one.")
    ] = 3,
    epochs: Annotated[int | None, typer.Option("--epochs", min=1, help="In place of the preset's.")] = None,
    changes: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Change an option of the preset.")
    ] = None,
    runs: Runs = Path("runs"),
    results: Results = Path("results"),
    grid: Annotated[str, typer.Option("--grid", help="Name of the collection that the records belong to.")] = "main",
    fresh: Annotated[bool, typer.Option("--fresh", help="Run again although there is a record.")] = False,
    stale: Annotated[bool, typer.Option("--stale", help="Run again what is of older code or other data.")] = False,
    save: Annotated[
        Path | None, typer.Option("--save", metavar="FILE", help="Keep the last seed's model, for `predict`.")
    ] = None,
    threads: Annotated[int, typer.Option("--threads", min=1, help="Equal figures to the bit need equal threads.")] = 1,
    corpora: Corpora = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Train on the source, test on the target, keep a record of each seed, print one table.

    `tlmlda run --scheme C2B --method tlmlda --preset recommended --seeds 3`

    A run that is there is read, not repeated; one that was interrupted goes on where it stopped.

    The target's labels are used for scoring alone. Three rules say which epoch counts: *final* (the last),
    *unsupervised* (chosen by a criterion that needs no labels) and *oracle* (the best on the target's labels:
    a bound, never a result).

    WAR is the share of utterances recognised, UAR the mean of the emotions' own shares; after ± half of the 95 % t
    interval over seeds, in brackets the 95 % bootstrap interval over target speakers.
    """
    speaker = _speaker(as_json, quiet)
    from tlmlda_lib import corpora as rooms
    from tlmlda_lib import domains, methods, terminal
    from tlmlda_lib.experiments import run, store, tables

    schemes = [name for s in scheme for name in (domains.OPEN_SCHEMES if s == "open" else (s,))]
    if save is not None and (len(schemes) > 1 or len(method) > 1):
        raise UserError(f"--save {save}: name one scheme and one method, for one model is kept")
    params = dict(_assignment(text) for text in changes or ()) | ({} if epochs is None else {"epochs": epochs})
    records = []
    if any(name in domains.MADE_SCHEMES for name in schemes):
        speaker.note(f"note: {rooms.MADE_NOTE}")
    with speaker.noting():
        for name in schemes:
            pairs = {
                sets: domains.load_pair(name, corpora, sets, progress=speaker.progress)
                for sets in dict.fromkeys(methods.feature_sets(one) for one in method)
            }
            if problems := max(len(pair.problems) for pair in pairs.values()):
                speaker.note(f"note: {name}: files odd or left out: {problems}; `tlmlda corpora` names them")
            for one in method:
                records += run.run(
                    pairs[methods.feature_sets(one)],
                    one,
                    preset,
                    seeds,
                    params=params,
                    grid=grid,
                    runs=runs,
                    results=results,
                    fresh=fresh,
                    stale=stale,
                    save=save,
                    threads=threads,
                    progress=speaker.progress is None,
                )
    rows = tables.summary(records).to_dict("records")
    files = [str(store.where(record, results, runs)) for record in records]
    notes = tables.notes(records)
    speaker.show(terminal.runs(rows), tables.CAPTION)
    for floor in dict.fromkeys(
        f"{r['scheme']}: chance {r['chance']:.1f} %, largest class {r['majority']:.1f} %" for r in rows
    ):
        speaker.show(floor)
    for folder in dict.fromkeys(runs / grid if file.endswith(".json") else file for file in files):
        speaker.show(f"records: {folder}")
    for text in notes:
        speaker.note(f"note: {text}")
    speaker.json({"rows": rows, "records": files, "notes": notes})


@app.command()
def predict(
    model: Annotated[Path, typer.Argument(help="File that `tlmlda run --save` wrote.", show_default=False)],
    recordings: Annotated[Path, typer.Argument(help="Folder of recordings, or one recording.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", metavar="CSV", help="Where the table goes.")] = Path("emotions.csv"),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Recognise emotions in recordings of your own, with a saved model, and write a CSV file.

    `tlmlda run --scheme C2B --method tlmlda --preset recommended --seeds 1 --save model.safetensors`

    `tlmlda predict model.safetensors my_recordings --out emotions.csv`

    New recordings are scaled as the target that the model was trained for. The emotions are those of acted speech;
    what a person feels is not known from them.
    """
    speaker = _speaker(as_json, quiet)
    from tlmlda_lib import terminal
    from tlmlda_lib.experiments import predict

    with speaker.noting():
        table = predict.predict(model, recordings, progress=speaker.progress)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        table.to_csv(out)
    except OSError as error:
        raise UserError(f"{out} cannot be written ({error.strerror or error}): give another file by --out") from error
    speaker.show(terminal.predictions(len(table), table["emotion"].value_counts().to_dict()))
    speaker.show(*(f"{p['file']} {p['problem']}" for p in table.attrs["problems"]), f"written: {out}")
    speaker.json(_predicted(table, out))


app.command()(grid_cli.reproduce)
app.command()(search_cli.search)
app.command()(seal_cli.seal)
app.command()(grid_cli.tables)
app.command()(scatter_cli.figure2)
app.command()(stress_cli.stress)
app.command()(reports_cli.reports)


@app.command()
def doctor(corpora: Corpora = None, as_json: AsJson = False, quiet: Quiet = False) -> None:
    """What is installed, found and missing, and the command that mends it; exit status 1 if something is wrong."""
    speaker = _speaker(as_json, quiet)
    from tlmlda_lib import terminal
    from tlmlda_lib.doctor import examine

    checks = examine(corpora)
    speaker.show(terminal.checks(checks))
    speaker.json({"checks": checks})
    if any(check["state"] == "wrong" for check in checks):
        raise typer.Exit(1)


def _table_2(found: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    """Sizes of Table 2, and the counts of those corpora that are here."""
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


def _predicted(table: pd.DataFrame, out: Path) -> dict[str, Any]:
    return {
        "written": str(out),
        "recordings": [{"file": file, **row} for file, row in zip(table.index, table.to_dict("records"), strict=True)],
        "problems": table.attrs["problems"],
    }


if __name__ == "__main__":
    main()
