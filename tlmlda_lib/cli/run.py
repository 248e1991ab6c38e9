"""The command `tlmlda run`: train on the source, test on the target, keep a record of each seed. Chapter 3.4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tlmlda_lib import files
from tlmlda_lib.cli.arguments import (
    A_SCHEME,
    METHODS,
    AsJson,
    Changes,
    Corpora,
    Dask,
    Encoders,
    Quiet,
    Results,
    Runs,
    assignments,
    check_output,
    path,
    scheme_names,
    speaker,
)
from tlmlda_lib.errors import UserError

if TYPE_CHECKING:
    from tlmlda_lib.cli.terminal import Speaker
    from tlmlda_lib.domains import DomainPair


def run(
    scheme: Annotated[
        list[str],
        typer.Option("--scheme", help=f"{A_SCHEME}; again for more; `open` for all six."),
    ],
    method: Annotated[list[str], typer.Option("--method", help=f"{', '.join(METHODS)}; again for more.")],
    preset: Annotated[
        str | None,
        typer.Option(
            "--preset",
            help="Settings: recommended (for a speech encoder's features), recommended-without-B, -C, -R, -urdu or "
            "-turev (chosen without that corpus), recommended-is10, paper, authors, start or quick; of pca_svm and "
            "others a scaling, as zscore.",
            show_default="recommended, or recommended-is10; a method without them has its own, as pca_svm zscore",
        ),
    ] = None,
    features: Annotated[
        list[str] | None,
        typer.Option(
            "--features",
            help="is10 (the paper's), egemaps, resemblyzer (the speaker encoder) or a layer of a speech encoder, as "
            "openai/whisper-base:3; again for more, side by side.",
            show_default="the best that are here, or the method's own",
        ),
    ] = None,
    seeds: Annotated[
        int, typer.Option("--seeds", min=1, help="Number of seeds, from 0 on; deterministic methods run once.")
    ] = 3,
    epochs: Annotated[int | None, typer.Option("--epochs", min=1, help="In place of the preset's.")] = None,
    changes: Changes = None,
    confusion: Annotated[
        bool, typer.Option("--confusion", help="Print the confusion matrix, and the recall of each emotion.")
    ] = False,
    plot: Annotated[
        Path | None,
        typer.Option(
            "--plot",
            metavar="FILE",
            parser=path,
            help="Draw the confusion matrix to a file ending in .svg or .png.",
        ),
    ] = None,
    runs: Runs = Path("runs"),
    results: Results = None,
    grid: Annotated[str, typer.Option("--grid", help="Name of the collection that the records belong to.")] = "main",
    fresh: Annotated[bool, typer.Option("--fresh", help="Run again even if there is a record.")] = False,
    stale: Annotated[bool, typer.Option("--stale", help="Run again what depends on older code or other data.")] = False,
    save: Annotated[
        Path | None,
        typer.Option("--save", metavar="FILE", parser=path, help="Keep the last seed's model, for `predict`."),
    ] = None,
    threads: Annotated[
        int, typer.Option("--threads", min=1, help="Threads of the run; bit-identical scores need equal numbers.")
    ] = 1,
    corpora: Corpora = None,
    encoders: Encoders = None,
    dask: Dask = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Train on the source, test on the target, keep a record of each seed, print one table.

    `tlmlda run --scheme C2B --method tlmlda --seeds 3`

    `tlmlda run --scheme C2B --method pca_svm --confusion --plot confusion.svg`

    `tlmlda run --scheme casia_to_folder.calls --method pca_svm`: your own recordings, in a folder `calls` beside CASIA

    An existing run is read, not repeated, also from the records that came with the library; an interrupted one
    continues.

    The target's labels are used only for scoring. Three rules say which epoch counts: *final* (the last),
    *unsupervised* (chosen by a criterion that needs no labels) and *oracle* (the best on the target's labels:
    a bound, never a result). A method without epochs has one score.

    WAR is the share of utterances recognised, UAR the mean of the emotions' own shares; after ± half of the 95 % t
    interval over seeds, in brackets the 95 % bootstrap interval over target speakers.
    """
    said = speaker(as_json, quiet)
    from tlmlda_lib import corpora as known
    from tlmlda_lib import domains
    from tlmlda_lib.experiments import shipped

    schemes = scheme_names(scheme)
    params = assignments(changes) | ({} if epochs is None else {"epochs": epochs})
    sealed = shipped.place(results)
    read = {"corpora": corpora, "encoders": encoders, "records": (runs, sealed)}
    _check_files(schemes, method, save, plot, read)
    sets = _features(method, features, encoders)
    presets = _presets(schemes, sets, preset, params)
    if any(set(domains.schemes.parse(name).corpora) & set(known.MADE.values()) for name in schemes):
        said.note(f"note: {known.MADE_NOTE}")
    kept = {"grid": grid, "runs": runs, "results": sealed, "fresh": fresh, "stale": stale}
    how = {"params": params, "save": save, "threads": threads, "progress": said.progress is None} | kept
    with said.noting():
        where = {"root": corpora, "encoders": encoders, "workers": dask, "progress": said.progress}
        records = [r for name in schemes for r in _of_scheme(said, name, where, sets, presets, seeds, how)]
    if features is None:
        named = "; ".join(dict.fromkeys(" + ".join(of) for of in sets.values()))
        said.note(f"note: features: {named}; --features takes others (is10: the paper's)")
    if preset is None:
        named = ", ".join(f"{name} ({one})" for one, name in presets.items())
        said.note(f"note: preset: {named}; --preset takes another")
    _say(said, records, (sealed, runs), confusion=confusion, plot=plot)


def _check_files(
    schemes: Sequence[str], names: Sequence[str], save: Path | None, plot: Path | None, read: Mapping[str, Any]
) -> None:
    """Check before the work that the requested files can be written."""
    from tlmlda_lib.experiments import figures

    if save is not None:
        if len(schemes) > 1 or len(names) > 1:
            raise UserError(f"--save {save}: name one scheme and one method, since one model is kept")
        check_output(save, "--save", **read)
    if plot is not None:
        figures.check_name(plot)
        check_output(plot, "--plot", **read)
    if save is not None and plot is not None and files.is_same(save, plot):
        raise UserError(f"--save and --plot name one file, {save}: give two")


def _presets(
    schemes: Sequence[str], sets: Mapping[str, tuple[str, ...]], preset: str | None, params: Mapping[str, Any]
) -> dict[str, str]:
    """The preset of each method; unknown names and missing packages are reported before features are extracted."""
    from tlmlda_lib import methods
    from tlmlda_lib.experiments import run, settings
    from tlmlda_lib.features import MODELS

    chosen = {one: preset or run.default_preset(one, of) for one, of in sets.items()}
    for one, name in chosen.items():
        clf = methods.make(one, name, **settings.of(one, name, schemes[0], params))
        try:
            if clf.requires_voices:
                MODELS["resemblyzer"]()
        except UserError as error:
            other = next((p for p in ("quick", "zscore") if p in methods.presets(one)), None)
            if preset is not None or other is None:
                raise
            raise UserError(f"{error}; or give --preset {other}, which does not need it") from error
    return chosen


def _features(names: Sequence[str], given: Sequence[str] | None, encoders: Path | None) -> dict[str, tuple[str, ...]]:
    """The feature sets of each method: the requested ones, those that it is meant for, or the best that are here."""
    from tlmlda_lib import features, methods

    usual = ("is10",)
    of = {one: tuple(given) if given else methods.feature_sets(one) for one in names}
    best = features.best(encoders) if not given and usual in of.values() else usual
    return {one: best if not given and sets == usual else sets for one, sets in of.items()}


def _of_scheme(
    said: Speaker,
    scheme: str,
    where: Mapping[str, Any],
    sets: Mapping[str, tuple[str, ...]],
    presets: Mapping[str, str],
    seeds: int,
    how: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """The records of all methods on a scheme."""
    from tlmlda_lib import domains
    from tlmlda_lib.experiments import run

    pairs: dict[tuple[str, ...], DomainPair] = {
        of: domains.load_pair(scheme, features=of, **where) for of in dict.fromkeys(sets.values())
    }
    if problems := max(len(pair.problems) for pair in pairs.values()):
        said.note(f"note: {scheme}: problems with files: {problems}; `tlmlda corpora` lists them")
    if how["save"] is not None:
        named = {file: "one of the recordings" for pair in pairs.values() for file in pair.files}
        files.refuse_inputs(how["save"], "--save", named)
    return [
        record for one, preset in presets.items() for record in run.run(pairs[sets[one]], one, preset, seeds, **how)
    ]


def _say(
    said: Speaker,
    records: Sequence[Mapping[str, Any]],
    folders: tuple[Path, Path],
    *,
    confusion: bool,
    plot: Path | None,
) -> None:
    """Print the table of the records, their places, and whatever else was requested."""
    from tlmlda_lib.cli import terminal
    from tlmlda_lib.experiments import figures, shipped, store, tables

    rows = tables.summary(records).to_dict("records")
    files = [store.where(record, *folders) for record in records]
    notes = tables.notes(records)
    confused = tables.confusions(records)
    said.show(terminal.runs(rows), tables.CAPTION if any(row["epochs"] for row in rows) else tables.ONE_SCORE)
    if confusion:
        for one in confused:
            said.show(*terminal.confusion(one, said.width))
    for floor in dict.fromkeys(
        f"{r['scheme']}: chance {r['chance']:.1f} %, largest class {r['majority']:.1f} %" for r in rows
    ):
        said.show(floor)
    of_grid = folders[1] / records[0]["grid"]
    for place in dict.fromkeys(str(of_grid) if file.suffix == ".json" else shipped.words(file) for file in files):
        said.show(f"records: {place}")
    if plot is not None:
        figures.save(figures.confusions(confused), plot)
        said.show(f"drawn: {plot}")
    for text in notes:
        said.note(f"note: {text}")
    content = {"rows": rows, "records": [str(file) for file in files], "confusion": confused, "notes": notes}
    said.json(content | ({} if plot is None else {"plot": str(plot)}))
