"""What the commands of the command line have in common: options, and who speaks to the user."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tlmlda_lib.errors import UserError

if TYPE_CHECKING:
    from tlmlda_lib.terminal import Speaker

Corpora = Annotated[
    Path | None,
    typer.Option("--corpora", envvar="TLMLDA_CORPORA", metavar="DIR", help="Folder that holds the corpora."),
]
Runs = Annotated[Path, typer.Option("--runs", metavar="DIR", help="Where each run's record is kept.")]
Results = Annotated[
    Path, typer.Option("--results", metavar="DIR", help="Where sealed collections lie, which are read as well.")
]
Jobs = Annotated[int, typer.Option("--jobs", min=0, help="Processes on this machine; 0: only this one.")]
Changes = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Change an option of the preset.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but errors (and JSON, if asked for).")]


def speaker(as_json: bool, quiet: bool) -> Speaker:
    """Who prints results and notes."""
    from tlmlda_lib.terminal import Speaker

    return Speaker(as_json=as_json, quiet=quiet)


def assignment(text: str) -> tuple[str, Any]:
    """``name=value`` with a value in JSON, several with commas between, or a word."""
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise UserError(f"--set {text}: write NAME=VALUE, as --set epochs=20 or --set alpha=1,1,3,1,1")
    if "," in value:
        return name, tuple(_value(v) for v in value.strip("[]()").split(",") if v.strip())
    return name, _value(value)


def _value(text: str) -> Any:
    try:
        return json.loads(text.strip())
    except ValueError:
        return text.strip()
