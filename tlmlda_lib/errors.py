"""Errors that a user can fix, and which package to install where one is missing."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import re
from collections.abc import Iterable
from importlib import metadata

#: Modules whose packages have another name; the others have the same.
PACKAGES = {"sklearn": "scikit-learn"}

#: The speaker encoder asks for a source package that needs a compiler; the extra `voices` has brought its built twin.
ENCODER = "pip install --no-deps resemblyzer"

#: Control characters but the line feed, and those that turn the direction of writing round.
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029\u2066-\u2069]")

_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)([^;]*)")


class UserError(ValueError):
    """Input that cannot be used, described in one sentence.

    The sentence names the value or the file and what to do about it. The command line prints it and exits with code 2.

    Parameters
    ----------
    said : str
        The sentence.
    shell : str, optional
        The same for the command line, where an option has another name than an argument in Python.
    """

    def __init__(self, said: str, shell: str | None = None) -> None:
        super().__init__(said)
        self.shell = said if shell is None else shell


def on_screen(text: str) -> str:
    r"""Text whose control characters are written out, as \x1b: a name of a file must not colour or move anything.

    Parameters
    ----------
    text : str
        Its lines stay lines.
    """
    return _CONTROL.sub(lambda match: _written_out(match[0]), text)


def in_one_line(name: object) -> str:
    r"""A file's name as `on_screen`, and with line breaks written out, as \n.

    Parameters
    ----------
    name : str or path
        Of a file.
    """
    return on_screen(str(name).replace("\n", "\\n"))


def _written_out(letter: str) -> str:
    return letter.encode("unicode_escape").decode()


def one_of(value: str, known: Iterable[str]) -> str:
    """The known values, for the end of a sentence: "one of emodb, casia (did you mean 'emodb'?)".

    Parameters
    ----------
    value : str
        What was given.
    known : iterable of str
        What could have been given.
    """
    names = list(known)
    return f"one of {', '.join(names)}{did_you_mean(value, names)}"


def did_you_mean(value: str, known: Iterable[str]) -> str:
    """The nearest name as " (did you mean 'emodb'?)", or "" if none is near.

    Parameters
    ----------
    value : str
        What was given.
    known : iterable of str
        What could have been given.
    """
    near = difflib.get_close_matches(value, list(known), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def declared() -> dict[str, str]:
    """Version ranges of the packages that the library depends on, by name, without those of its extras.

    As {"torch": ">=2.4"}; empty where the library is imported but not installed.
    """
    try:
        texts = metadata.requires("tlmlda_lib") or []
    except metadata.PackageNotFoundError:
        return {}
    found = [_REQUIREMENT.match(text) for text in texts if "extra ==" not in text]
    return {m[1]: m[2].replace(" ", "") for m in found if m is not None}


def install(extra: str) -> str:
    """The command that installs the packages of one of the library's extras, as "pip install 'audb>=1.15'".

    Parameters
    ----------
    extra : str
        Name of the extra, as "audb".
    """
    try:
        texts = metadata.requires("tlmlda_lib") or []
    except metadata.PackageNotFoundError:
        texts = []
    marked = [text.partition(";") for text in texts if re.search(rf"extra == ['\"]{re.escape(extra)}['\"]", text)]
    if not marked:
        return f"pip install -e '.[{extra}]'"
    wanted = " ".join(sorted(f"'{text.strip().replace(' ', '')}'" for text, _, _ in marked))
    return f"pip install {wanted}" + (f" && {ENCODER}" if extra == "voices" else "")


def module_of(package: str) -> str:
    """The name under which a package is imported.

    Parameters
    ----------
    package : str
        Its name on an index, as "scikit-learn".
    """
    return next((module for module, name in PACKAGES.items() if name == package), package)


def there(module: str) -> bool:
    """Whether a module is installed; it is not imported.

    Parameters
    ----------
    module : str
        Its name.
    """
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def failure(package: str) -> str:
    """Why a package cannot be imported; "" if it can, or if only another declared package is missing.

    Parameters
    ----------
    package : str
        Its name on an index.
    """
    try:
        importlib.import_module(module_of(package))
    except ModuleNotFoundError as error:
        name = _name(error)
        if name in ("", module_of(package)):
            return "not installed"
        return "" if is_declared(error) else f"cannot be loaded ({_first_line(error)})"
    except Exception as error:  # a library beside it that is missing or broken, whatever it raises
        return f"cannot be loaded ({_first_line(error)})"
    return ""


def is_declared(error: ImportError) -> bool:
    """Whether an import failed because of a package that the library depends on.

    Parameters
    ----------
    error : ImportError
        The failed import.
    """
    name = _name(error)
    return PACKAGES.get(name, name) in declared()


def explained(error: ImportError) -> tuple[str, str] | None:
    """What is missing and what installs it, as ("the package torch is missing", "pip install 'torch>=2.4'").

    None if it is one of the library's own modules, which no command installs.

    Parameters
    ----------
    error : ImportError
        The failed import.
    """
    name = _name(error)
    if name == "tlmlda_lib":
        return None
    ranges = declared()
    package = PACKAGES.get(name, name)
    if package not in ranges:  # some packages say it in words of their own, as pandas without numpy
        gone = next((p for p in ranges if not there(module_of(p))), None)
        package = gone or next((p for p in ranges if failure(p)), package)
        name = module_of(package)
    if package in ranges:
        if isinstance(error, ModuleNotFoundError) or not there(name):
            return f"the package {package} is missing", f"pip install '{package}{ranges[package]}'"
        why = f"the package {package} cannot be loaded ({_first_line(error)})"
        return why, f"pip install --force-reinstall '{package}{ranges[package]}'"
    if name:
        return f"the module {name} is missing, which an installed package needs", "`pip check` names that package"
    return f"a package cannot be loaded ({_first_line(error)})", "`tlmlda doctor` tries each"


def sentence(error: ImportError) -> str | None:
    """Both parts of `explained` in one sentence, or None.

    Parameters
    ----------
    error : ImportError
        The failed import.
    """
    found = explained(error)
    return None if found is None else f"{found[0]}: {found[1]}"


def _name(error: ImportError) -> str:
    """The module that was asked for, without its submodules; "" if the error does not name it."""
    said = error.name or next(iter(re.findall(r"No module named '([\w.]+)'", str(error))), "")
    return said.partition(".")[0]


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)[:120]


#: Where modules of 0.1 are now: until 0.2 an import by the old name says so.
MOVED = {
    "arguments": "cli.arguments",
    "batches": "training.batches",
    "by_scheme": "cli.by_scheme",
    "checkpoints": "training.checkpoints",
    "corpora.emotion_rules": "corpora.synthesis.rules",
    "corpora.espeak": "corpora.synthesis.espeak",
    "corpora.made": "corpora.synthesis.made",
    "corpora.recording": "corpora.conditions",
    "corpora.speakers": "corpora.synthesis.speakers",
    "corpora.speech": "corpora.synthesis.speech",
    "doctor": "cli.doctor",
    "experiments.agreement": "book.pages.reproducibility.agreement",
    "experiments.audit": "book.pages.peeking.audit",
    "experiments.choices": "book.pages.peeking.without_labels",
    "experiments.claims": "book.pages.streams.claims",
    "experiments.conditions": "book.pages.trust.conditions",
    "experiments.fusions": "book.pages.trust.fusions",
    "experiments.leaderboard": "book.pages.peers.leaderboard",
    "experiments.motion": "book.pages.pictures.motion",
    "experiments.neighbours": "evaluation.neighbours",
    "experiments.pairs": "book.pages.peers.pairs",
    "experiments.parts": "book.pages.own.parts",
    "experiments.peeks": "book.pages.peeking.best_epochs",
    "experiments.pricing": "book.pages.peeking.prices",
    "experiments.rankings": "book.pages.reproducibility.rankings",
    "experiments.reliability": "book.pages.reproducibility.reliability",
    "experiments.repeats": "book.pages.reproducibility.repeats",
    "experiments.reports": "book.pages.tables",
    "experiments.reproduced": "book.pages.peers.reproduced",
    "experiments.resampling": "evaluation.bootstrap",
    "experiments.shares": "book.pages.ablations.shares",
    "experiments.streams_alone": "book.pages.streams.alone",
    "experiments.switches": "book.pages.ablations.switches",
    "experiments.traced": "book.pages.traced",
    "experiments.two_metrics": "book.pages.ablations.two_metrics",
    "explorables": "book.explorables",
    "figures": "experiments.figures",
    "grid_cli": "cli.grid",
    "live": "book.live",
    "methods.baselines": "methods.peers",
    "methods.dbn_bp": "methods.dbn.classifier",
    "methods.dbn_options": "methods.dbn.options",
    "methods.fusion": "methods.ifn.fusion",
    "methods.ifn_options": "methods.ifn.options",
    "methods.ifn_training": "methods.ifn.training",
    "methods.late_fusion": "methods.ifn.late_fusion",
    "methods.rbm": "methods.dbn.rbm",
    "missing": "errors",
    "options": "training.options",
    "peeking": "evaluation.maximum",
    "pitch": "features.pitch",
    "plots": "evaluation.plots",
    "predict_cli": "cli.predict",
    "prosody": "features.prosody",
    "reports_cli": "cli.reports",
    "reproducibility": "evaluation.agreement",
    "run_cli": "cli.run",
    "run_state": "training.run_state",
    "scaling": "domains.scaling",
    "scatter_cli": "cli.figure2",
    "seal_cli": "cli.seal",
    "search_cli": "cli.search",
    "selection": "training.criteria",
    "stream_sounds": "book.stream_sounds",
    "stress_cli": "cli.stress",
    "teaching": "book.checks",
    "terminal": "cli.terminal",
    "trainer": "training.trainer",
    "voices": "features.voices",
}
