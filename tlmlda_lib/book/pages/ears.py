"""What better features gain, and transfer on them: a plot and sentences of chapters 0.1 and 4.1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from IPython.display import Markdown

from tlmlda_lib.book.pages import traced
from tlmlda_lib.domains import OPEN_SCHEMES
from tlmlda_lib.experiments import feature_scores, figures, policy, shipped

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

Record = Mapping[str, Any]
Sets = tuple[str, ...]

IS10: Sets = ("is10",)
BEST: Sets = feature_scores.BEST

#: What is asked of the records: features and method of the first and of the second.
QUESTIONS: dict[str, tuple[tuple[Sets, str], tuple[Sets, str]]] = {
    "transfer on IS10": ((IS10, "tlmlda"), (IS10, "only_cls")),
    "transfer on layer 3 and the speaker encoder": ((BEST, "tlmlda"), (BEST, "only_cls")),
    "layer 3 and the speaker encoder, no transfer": ((BEST, "only_cls"), (IS10, "only_cls")),
}


def read() -> list[Record]:
    """The records of all feature sets on the open six."""
    every = shipped.records(feature_scores.GRID)
    return [r for r in every if r["scheme"] in OPEN_SCHEMES and not r["overrides"]]  # none of another scaling


def of(records: Iterable[Record], sets: Sets, method: str) -> list[Record]:
    """The runs of a method on a feature set.

    Parameters
    ----------
    records : iterable of dict
        As from `read`.
    sets : tuple of str
        Feature sets.
    method : str
    """
    return [r for r in records if (tuple(r["data"]["features"]), r["method"]) == (sets, method)]


def ask(records: Sequence[Record], *, draws: int = 4000) -> dict[str, policy.Answer]:
    """All of `QUESTIONS`, over the open six.

    Parameters
    ----------
    records : sequence of dict
        As from `read`.
    draws : int
        As in `tlmlda_lib.experiments.policy.ask`.
    """
    asked = {name: (of(records, *one), of(records, *two)) for name, (one, two) in QUESTIONS.items()}
    return policy.ask(asked, draws=draws)


def mean(records: Sequence[Record], sets: Sets, method: str) -> traced.Figure:
    """Mean over the open six.

    Parameters
    ----------
    records : sequence of dict
        As from `read`.
    sets : tuple of str
        Feature sets.
    method : str
    """
    found = of(records, sets, method)
    return traced.mean_over([traced.figure(found, scheme, method) for scheme in OPEN_SCHEMES])


def drawn(records: Sequence[Record]) -> Drawing:
    """Features by method: a dot for the mean over the open six, a line for its interval.

    Parameters
    ----------
    records : sequence of dict
        As from `read`.
    """
    import matplotlib.pyplot as plt

    plt.switch_backend(plt.get_backend())  # it is loaded late, and only then shows a figure that a cell ends with
    return figures.features(feature_scores.table(records))


def in_short(records: Sequence[Record], answers: Mapping[str, policy.Answer]) -> Markdown:
    """Two sentences: what transfer gains on IS10, and on what free encoders hear.

    Parameters
    ----------
    records : sequence of dict
        As from `read`.
    answers : mapping of str to Answer
        As from `ask`.
    """
    little, much, ears = (answers[name] for name in QUESTIONS)
    low, high = (mean(records, sets, "tlmlda").html() for sets in (IS10, BEST))
    return Markdown(
        f"On IS10, the features of the paper, TLMLDA recognises {low} % of the six schemes, {_beside(little)} the same "
        f"network without transfer. On a middle layer of a free speech encoder, with a speaker encoder beside it, it "
        f"recognises {high} %, {_beside(much)} the same network without transfer, which gains "
        f"{traced.answered(ears, 'points').html()} by the better features alone."
    )


def _beside(answer: policy.Answer) -> str:
    points = traced.answered(answer, "points").html()
    if answer.verdict == "open":
        return f"not significantly different ({points}) from"
    return f"{points}, significantly {answer.verdict} than"


def layers(records: Iterable[Record]) -> Markdown:
    """How much of the emotion each layer of the encoder still has: the best, the first and the last.

    Parameters
    ----------
    records : iterable of dict
        As from `read`.
    """
    kept = list(records)
    of_layer = {int(name.rpartition(":")[2]): mean(kept, (name,), "lda") for name in feature_scores.LAYERS}
    best = max(of_layer, key=lambda layer: of_layer[layer].value)
    return Markdown(
        f"The encoder of Whisper *base* has {max(of_layer)} layers. An LDA on what enters the first of them recognises "
        f"{of_layer[0].html()} %, on layer {best} {of_layer[best].html()} %, and on the last one, which is the usual "
        f"choice, {of_layer[max(of_layer)].html()} %."
    )
