"""Options that several commands share, and the output helper."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tlmlda_lib import files
from tlmlda_lib.errors import UserError

if TYPE_CHECKING:
    from tlmlda_lib.cli.terminal import Speaker

#: `tlmlda_lib.methods.METHODS` by name, so that help does not import torch.
METHODS = (
    "tlmlda", "tlmlda_w", "tlmlda_alpha", "tlmlda_m", "tlmlda_l", "only_cls",
    "tlmlda_vote", "tlmlda_self", "dosl", "jdar", "tsdsl", "dbn_bp", "bp",
    "ifn", "late_fusion", "pca_svm", "coral", "tca", "subspace", "lda", "majority",
)  # fmt: skip


def path(text: str) -> Path:
    """The path of an option or an argument, as `tlmlda_lib.files.place` reads it; none may be empty.

    Parameters
    ----------
    text : str
        As the user wrote it: an empty one would be the working directory.

    Raises
    ------
    typer.BadParameter
        If there is no such path.
    """
    if not os.fspath(text).strip():
        raise typer.BadParameter("the path is empty")
    try:
        return files.place(text)
    except UserError as error:
        raise typer.BadParameter(str(error)) from error


Corpora = Annotated[
    Path | None,
    typer.Option(
        "--corpora",
        envvar=files.CORPORA,
        metavar="DIR",
        parser=path,
        help="Folder that contains the corpora.",
    ),
]
Encoders = Annotated[
    Path | None,
    typer.Option(
        "--encoders",
        envvar=files.ENCODERS,
        metavar="DIR",
        parser=path,
        help="Folder that contains speech encoders.",
    ),
]
#: How a scheme is written, for the help of options that take one.
A_SCHEME = "Source and target by letters, as C2B (CASIA to EmoDB), or by names, as casia_to_folder.calls"
Runs = Annotated[
    Path,
    typer.Option("--runs", metavar="DIR", parser=path, help="Folder of the records, one file per run."),
]
Results = Annotated[
    Path | None,
    typer.Option(
        "--results",
        metavar="DIR",
        parser=path,
        help="Folder of the sealed collections, which are read as well. "
        "By default results, if it contains records, otherwise those that came with the library.",
    ),
]
Plot = Annotated[
    Path | None,
    typer.Option("--plot", metavar="FILE", parser=path, help="Draw it to a file ending in .svg or .png."),
]
Jobs = Annotated[int, typer.Option("--jobs", min=0, help="Processes on this machine; 0: only this one.")]
Dask = Annotated[
    str | None,
    typer.Option("--dask", metavar="ADDRESS", help="Compute features on the workers of this Dask scheduler."),
]
Features = Annotated[
    list[str] | None,
    typer.Option("--features", help="As in `run`; again for more.", show_default="the best that are here"),
]
Preset = Annotated[
    str | None, typer.Option("--preset", help="As in `run`.", show_default="recommended, or recommended-is10")
]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Change an option of the preset; of alpha one factor: alpha.y=3."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but errors (and JSON, if requested).")]


def scheme_names(given: Iterable[str]) -> list[str]:
    """Names of schemes in records, each once; `open` stands for the six that anyone can run.

    Parameters
    ----------
    given : iterable of str
        As the user wrote them.
    """
    from tlmlda_lib import domains

    every = [name for text in given for name in (domains.OPEN_SCHEMES if text == "open" else (text,))]
    return list(dict.fromkeys(str(domains.schemes.parse(name)) for name in every))


def speaker(as_json: bool, quiet: bool) -> Speaker:
    """The output helper of a command.

    Parameters
    ----------
    as_json : bool
        Whether ``--json`` was given.
    quiet : bool
        Whether ``--quiet`` was given.
    """
    from tlmlda_lib.cli.terminal import Speaker

    return Speaker(as_json=as_json, quiet=quiet)


def sealed_records(said: Speaker, results: Path | None) -> Path:
    """The folder or archive of the sealed records; the default is noted.

    Parameters
    ----------
    said : Speaker
        The output helper.
    results : Path or None
        The value of ``--results``.
    """
    from tlmlda_lib.experiments import shipped

    place = shipped.place(results)
    if results is None and place.exists():
        said.note(f"note: sealed records: {shipped.words(place)}")
    return place


def check_output(
    file: Path,
    option: str,
    inputs: Mapping[Path, str] | None = None,
    *,
    corpora: Path | None = None,
    encoders: Path | None = None,
    records: Iterable[Path] = (),
) -> None:
    """Check before the work that a file can be written, and that no command reads it.

    Parameters
    ----------
    file : Path
        The output.
    option : str
        The option that names it.
    inputs : mapping of Path to str
        Files that are read, and what each is.
    corpora, encoders : Path
        Folders that are read.
    records : iterable of Path
        Folders of records.

    Raises
    ------
    UserError
        If it cannot be written, or is an input.
    """
    from tlmlda_lib.corpora.sound import SOUND

    for name in (file, file.resolve()):
        if name.suffix.lower() in SOUND:
            raise UserError(f"{option} {file}: what is written is not a sound: give a file with another ending")
    read: list[tuple[Path | None, str, tuple[str, ...]]] = [
        (corpora, "a list of recordings", (".csv",)),
        (encoders, "a part of an encoder", (".json", ".safetensors", ".bin")),
        *((folder, "a record", (".json", ".jsonl", ".xz")) for folder in records),
    ]
    files.check_output(file, option, inputs, read)


def assignments(texts: Iterable[str] | None) -> dict[str, Any]:
    """Options from ``--set``, in order; ``alpha.y=3`` sets the factor y of alpha.

    Parameters
    ----------
    texts : iterable of str, optional
        As "name=value".

    Raises
    ------
    UserError
        If one is not of the form NAME=VALUE, or an option is set as a whole and in part.
    """
    found: dict[str, Any] = {}
    for text in texts or ():
        name, value = _assignment(text)
        whole, dot, part = name.partition(".")
        if whole in found and bool(dot) != isinstance(found[whole], dict):
            raise UserError(f"--set {text}: {whole} is set as a whole and in part: leave one of the two out")
        if dot:
            found.setdefault(whole, {})[part] = value
        else:
            found[name] = value
    return found


def _assignment(text: str) -> tuple[str, Any]:
    """``name=value`` with a value in JSON, several with commas between, or a word."""
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise UserError(f"--set {text}: write NAME=VALUE, as --set epochs=20, --set encoder=256,128 or --set alpha.y=3")
    if "," in value:
        return name, tuple(_value(v) for v in value.strip("[]()").split(",") if v.strip())
    return name, _value(value)


def _value(text: str) -> Any:
    try:
        return json.loads(text.strip())
    except ValueError:
        return text.strip()
