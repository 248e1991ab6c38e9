"""Figures, tables and computed sentences of chapter 4.1, each a function that a hidden cell calls."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from IPython.display import HTML, Markdown

from tlmlda_lib import corpora, domains
from tlmlda_lib.book.pages import sources, traced
from tlmlda_lib.book.pages.streams import alone, claims
from tlmlda_lib.book.pages.trust import fusions
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.experiments import policy, shipped, stream_plans, stressed
from tlmlda_lib.features.streams import _stream, streams
from tlmlda_lib.methods.ifn.fusion import FusionNetwork

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Record = Mapping[str, Any]

#: Utterances of synthetic speech to guess from: language, speaker, emotion, and which of the sentences.
HEARD = (
    ("de", "m1", "anger", 1),
    ("de", "f2", "sad", 4),
    ("en", "f1", "fear", 3),
    ("en", "m2", "happy", 5),
    ("zh", "f1", "neutral", 3),
    ("zh", "m1", "anger", 8),
)
LANGUAGES = {"de": "German", "en": "English", "zh": "Mandarin"}

#: Pages on which a claim is tested, and their chapters.
CHAPTERS = {"streams": "4.1", "trust": "4.2", "reproducibility": "4.3", "peers": "3.3"}

#: Streams of the chapter's tables, row by row.
BOTH = ("acoustic", "prosodic")
ROWS: tuple[tuple[str, ...], ...] = (("acoustic",), ("prosodic",), BOTH, ("speaker",), ("whisper",))
PAIRS = tuple(names for names in stream_plans.TOGETHER if len(names) == 2)

VERDICTS = {"better": "significantly better", "worse": "significantly worse", "open": "no significant difference"}
DOUBT = (
    "The recogniser was trained on English only, B is German and C Mandarin. It and the speaker encoder may have heard "
    "these recordings before."
)

#: Marks of the target corpora.
MARKS = {"emodb": "o", "casia": "s", "ravdess": "^"}


@dataclass(frozen=True)
class Asked:
    """Records of single streams and of pairs, and the questions about them.

    Attributes
    ----------
    records : sequence of dict
        Of the collection "streams".
    answers : dict of str to Answer
        As `tlmlda_lib.book.pages.streams.alone.answers` gives them.
    shared : dict of str to tuple of str
        By the keys of `alone.WAYS` the schemes on which all of `ROWS` were run.
    """

    records: Sequence[Record]
    answers: Mapping[str, policy.Answer]
    shared: Mapping[str, tuple[str, ...]]

    def mean(self, names: Sequence[str], way: str = "plain", metric: str = "war") -> traced.Figure:
        """Of a row, over the schemes that all rows share.

        Parameters
        ----------
        names : sequence of str
            Streams, one of `ROWS`.
        way : str
            A key of `alone.WAYS`.
        metric : {"war", "uar"}
        """
        return alone.mean(self.records, names, self.shared[way], way, metric)


def read() -> claims.Found:
    """Everything shipped that IFN's claims are judged by."""
    records = shipped.records(alone.GRID)
    return claims.Found(records, fusions.answers(records), stressed.read())


def ask(records: Iterable[Record], *, draws: int = 4000) -> Asked:
    """The chapter's questions, asked at once.

    Parameters
    ----------
    records : iterable of dict
        As `tlmlda_lib.experiments.shipped.records` gives them.
    draws : int
        As in `tlmlda_lib.experiments.policy.ask`.
    """
    kept = list(records)
    shared = {way: alone.common(kept, ROWS, way) for way in alone.WAYS}
    return Asked(kept, alone.answers(kept, draws=draws), shared)


def clips() -> list[dict[str, Any]]:
    """The six utterances that the reader guesses from, as `tlmlda_lib.book.explorables.StreamEars` takes them."""
    import soundfile

    found = []
    for language, who, emotion, text in HEARD:
        made = corpora.synthetic(language, progress=False)
        (file,) = [f for f in made.index if f.endswith(f"{who}-{emotion}-{text:02d}.wav")]
        samples, rate = soundfile.read(file, dtype="float32")
        caption = f"Synthetic speech, by espeak-ng, speaker {who}."
        found.append(
            {"emotion": emotion, "corpus": LANGUAGES[language], "samples": samples, "rate": rate, "caption": caption}
        )
    return found


def abstract(found: claims.Found) -> HTML:
    """Each claim of IFN's abstract, where it is tested, and the outcome.

    Parameters
    ----------
    found : Found
        As `read` gives it.
    """
    caption = (
        "Differences are in points of WAR, with their 95 % interval; p is corrected for the "
        f"{len(fusions.QUESTIONS)} questions of chapter 4.2 (Holm)"
    )
    return HTML(claims.table(found, caption, CHAPTERS))


def by_name() -> Markdown:
    """The library's own code that sorts a column by its name."""
    module = inspect.getsource(inspect.getmodule(_stream) or _stream)
    start = module.index("#: Contours of IS10")
    table = module[start : module.index("#: Stream of each", start)].rstrip()
    return Markdown(f"```python\n{table}\n\n\n{inspect.getsource(_stream).rstrip()}\n```")


def sizes(names: Sequence[str]) -> Markdown:
    """How many columns of IS10 each stream has.

    Parameters
    ----------
    names : sequence of str
        Columns that the page sorts by hand; an unknown one is an `AssertionError`.
    """
    import opensmile

    smile = opensmile.Smile(opensmile.FeatureSet.IS10, opensmile.FeatureLevel.Functionals)
    assert set(names) <= set(smile.feature_names), "the page sorts columns that IS10 has"
    size = {stream: len(places) for stream, places in streams(smile.feature_names).items()}
    return Markdown(
        f"Of all {len(smile.feature_names)} columns {size['acoustic']} are *acoustic*: cepstrum, mel bands and line "
        f"spectral pairs, which describe what the mouth does to the sound. {size['prosodic']} are *prosodic*: "
        "loudness, pitch, voicing, jitter, shimmer and duration, which describe how the voice moves."
    )


def encoders() -> Markdown:
    """The networks that make a stream's code, as the library builds them."""
    return sources.piece(FusionNetwork.__init__, "self.encoders", "for d in self.widths\n        )")


def titles() -> list[str]:
    """Names of `ROWS`, each with how many numbers it has."""
    wide = {name: len(columns) for name, (_, columns) in stream_plans.STREAMS.items()}
    called = ["both, IS10" if names == BOTH else alone.NAMES[names[0]] for names in ROWS]
    return [f"{name}, {sum(wide[n] for n in names)}" for name, names in zip(called, ROWS, strict=True)]


def single_streams(asked: Asked) -> HTML:
    """LDA on one stream, on each scheme and on their mean.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    """
    schemes = asked.shared["plain"]
    over = f"mean of {len(schemes)}" if schemes else "mean"
    lines = [
        [
            *(alone.cell(asked.records, s, names) for s in OPEN_SCHEMES),
            *(asked.mean(names, metric=metric) for metric in ("war", "uar")),
        ]
        for names in ROWS
    ]
    caption = f"LDA on one stream, WAR in percent and, last, UAR; z-scores within each corpus. {DOUBT}"
    columns = [*OPEN_SCHEMES, over, f"UAR, {over}"]
    return HTML(traced.table(titles(), columns, lines, caption, "stream, numbers"))


def single_streams_drawn(asked: Asked) -> Figure:
    """The same as a picture: an open mark for each scheme, a diamond for the mean.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    """
    import matplotlib.pyplot as plt

    from tlmlda_lib.evaluation import plots

    plots.use_style()
    colour = plots.ACCENT
    empty: dict[str, Any] = {"color": colour, "fillstyle": "none", "markeredgewidth": 1.5}
    figure, ax = plt.subplots(figsize=(5.2, 3.8), layout="constrained")
    for row, names in enumerate(ROWS):
        for s in OPEN_SCHEMES:
            found = alone.cell(asked.records, s, names)
            if found.records:
                ax.plot(found.value, row, MARKS[domains.schemes.parse(s).target], markersize=7, **empty)
        if (mean := asked.mean(names)).records:
            ax.plot(mean.value, row, "D", color=plots.INK, markersize=8)
    for name, mark in MARKS.items():
        ax.plot([], [], mark, linestyle="", label=f"target {corpora.about(name).title}", **empty)
    ax.plot([], [], "D", color=plots.INK, linestyle="", label="mean")
    ax.axvline(20, color=plots.MUTED, linestyle=":", label="chance")
    names_only = [t.partition(",")[0] for t in titles()]
    ax.set(yticks=range(len(ROWS)), yticklabels=names_only, xlabel="recognised (%)", xlim=(10, 80))
    ax.set(ylim=(len(ROWS) - 0.5, -0.5))
    figure.legend(loc="outside lower center", ncols=3, fontsize=9)
    return plots.closed(figure)


def other_ways(asked: Asked) -> HTML:
    """The same streams by other classifiers and scalings, means over schemes.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    """
    columns = [
        f"{w.words} ({len(asked.shared[way])})" if asked.shared[way] else w.words for way, w in alone.WAYS.items()
    ]
    caption = (
        "{} in percent, mean over schemes, their number in brackets. A network's score is the mean over the last third "
        f"of its epochs; ± is half of the 95 % interval over seeds. {DOUBT}"
    )
    tables = (
        traced.table(
            titles(),
            columns,
            [[asked.mean(names, way, metric) for way in alone.WAYS] for names in ROWS],
            caption.format(metric.upper()),
            "stream, numbers",
        )
        for metric in ("war", "uar")
    )
    return HTML("".join(tables))


def in_short(asked: Asked) -> Markdown:
    """What the tables of single streams show: two questions, and which stream is first by which classifier.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    """
    said = _both_ways(asked, "The speaker encoder alone", "IS10 with both its streams", "speaker encoder minus IS10")
    said += _both_ways(asked, "Acoustic", "prosodic", "acoustic minus prosodic")
    cells = {s: alone.cell(asked.records, s, ("whisper",)) for s in asked.shared["plain"]}
    if cells:
        best = max(cells, key=lambda s: cells[s].value)
        said += f"By LDA the recogniser's best scheme is {best}, {cells[best].html()} %"
        said += ", from one language that it was not trained on to another. " if "R" not in best else ". "
    said += (
        "Differences are of the last epoch, with their 95 % interval over speakers, recordings and seeds; p is "
        f"corrected for {len(alone.QUESTIONS)} questions (Holm). "
    )
    return Markdown(
        f"{said}\n\n{_first_of_each_way(asked)}The second column needs care: the same speaker encoder found the "
        "groups of voices, so every row of that column has used it."
    )


def _both_ways(asked: Asked, first: str, second: str, name: str) -> str:
    """A question under both classifiers, in words that the verdicts allow."""
    found = [asked.answers.get(f"{name}, {by}") for by in ("LDA", "network")]
    answers = [a for a in found if a is not None]
    if len(answers) < len(found):
        return f"{first} against {second}, by LDA and by the network: not run. "
    lda, network = (f"{VERDICTS[a.verdict]} ({traced.answered(a).html()})" for a in answers)
    said = f"{first} against {second}: by LDA {lda}, by the network {network}. "
    return said if len({a.verdict for a in answers}) == 1 else said + "The answer depends on the classifier. "


def _first_of_each_way(asked: Asked) -> str:
    """Which stream has the highest score, by the ways in which all of them were run."""
    ways = {}
    for way in alone.WAYS:
        scores = {n: f for n in ROWS if (f := asked.mean(n, way)).records}
        if len(scores) == len(ROWS):
            ways[way] = max(scores, key=lambda n: scores[n].value)

    def called(names: Sequence[str]) -> str:
        return "both streams of IS10" if names == BOTH else f"the {alone.NAMES[names[0]]}"

    if not ways:
        return "Whether the order of the streams holds for other classifiers: not run. "
    if len(set(ways.values())) == 1:
        (best,) = set(ways.values())
        where = (
            f"With all {len(ways)} classifiers that were run"
            if len(ways) > 1
            else "With the one classifier that was run"
        )
        return f"{where} the highest score is that of {called(best)}. "
    each = "; ".join(f"{alone.WAYS[w].words}: {called(n)}" for w, n in ways.items())
    return f"Which stream has the highest score depends on the classifier. {each}. "


def _pairs(asked: Asked) -> tuple[tuple[str, ...], dict[tuple[str, ...], traced.Figure]]:
    """The schemes on which every stream and every pair was run by LDA, and the means over them."""
    every = alone.common(asked.records, [*ROWS, *PAIRS])
    single = [(k,) for k in stream_plans.STREAMS]
    return every, {names: alone.mean(asked.records, names, every) for names in (*single, *PAIRS)}


def pairs(asked: Asked) -> HTML:
    """Each stream alone on the diagonal, two of them below it.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    """
    every, means = _pairs(asked)
    keys = list(stream_plans.STREAMS)
    lines = [
        [means[tuple(sorted({a, b}, key=keys.index))] if i >= j else "" for j, b in enumerate(keys)]
        for i, a in enumerate(keys)
    ]
    over = f", mean over {len(every)} schemes" if every else ""
    caption = f"LDA: alone on the diagonal, two below it, WAR in percent{over}. {DOUBT}"
    names = [alone.NAMES[k] for k in keys]
    return HTML(traced.table(names, names, lines, caption, "streams"))


def best_pair(asked: Asked) -> Markdown:
    """What a second stream adds to a first.

    Parameters
    ----------
    asked : Asked
        As `read` gives it.
    """
    every, means = _pairs(asked)
    said = "What a second stream adds: not run. "
    if every:
        single = {k: means[k,] for k in stream_plans.STREAMS}
        names = max(PAIRS, key=lambda n: means[n].value)
        one = max(single, key=lambda k: single[k].value)
        better = [n for n in PAIRS if means[n].value > max(single[k].value for k in n)]
        said = (
            f"In {len(better)} of {len(PAIRS)} pairs two streams score higher than the better of them alone. The best "
            f"two are {' and '.join(alone.NAMES[n] for n in names)}, the best alone is the {alone.NAMES[one]}. "
        )
        question = "both encoders minus speaker encoder, LDA"
        _, first, second = alone.QUESTIONS[question]
        gain = asked.answers.get(question)
        if gain and set(names) == set(first) and (one,) == second:
            said += f"Their difference is {traced.answered(gain).html()}, p corrected as above. "
        said += "The target's labels told us which two are best, so this is a bound, not a result. "
    return Markdown(
        f"{said}The next chapter asks what three and four streams give, and whether weights that depend on the "
        "recording do better than a sum."
    )
