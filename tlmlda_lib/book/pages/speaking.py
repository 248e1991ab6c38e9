"""Figures and computed sentences of chapter 4.4, each a function that a hidden cell calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from IPython.display import Markdown

from tlmlda_lib.book.live import Listener, Session, tempered, z_scores
from tlmlda_lib.corpora.synthesis.made import TEXTS
from tlmlda_lib.domains import DomainPair
from tlmlda_lib.domains.pair import whole_truth

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Takes that are louder than the one that was made, in dB, and a beep: Hz and seconds.
LOUDER, BEEP, LASTS = 12, 440, 1.5
TURNED_UP, NOBODY = "neutral, turned up", "a beep"

#: Sentences of synthetic English; each speaker says each of them in every emotion.
SENTENCES = len(TEXTS["en"])

#: Beside what a take is heard: how many of the speaker's earlier sentences, five takes each; 0 is the corpus.
WAYS = {"the corpus": 0} | {f"{5 * n} takes": n for n in range(1, SENTENCES)}
CORPUS, FIVE, MOST = "the corpus", "5 takes", "25 takes"

Take = tuple[np.ndarray, int]


def clips(session: Session, said: Callable[[str], Take], emotions: Sequence[str]) -> list[dict[str, Any]]:
    """What there is to hear: five takes of one sentence, one of them turned up, and a beep.

    Parameters
    ----------
    session : Session
        That has heard the speaker's earlier takes; what is heard here is not kept.
    said : callable
        From an emotion to samples (n,) and rate.
    emotions : sequence of str
        Of the takes; "neutral" is among them.

    Returns
    -------
    list of dict
        As `tlmlda_lib.book.explorables.SayIt` takes them.
    """
    heard, before = TEXTS["en"][1], TEXTS["en"][0]
    her = f"Synthetic speech: speaker f1 of synthetic English says “{heard}” Her five earlier takes say “{before}”"
    takes = {emotion: said(emotion) for emotion in emotions}
    samples, rate = takes["neutral"]
    louder = np.clip(10 ** (LOUDER / 20) * samples, -1, 1).astype(np.float32)
    turned = f"{her} It is the take “neutral”, {LOUDER} dB louder, as by another setting of the microphone."
    nobody = f"Three beeps of a machine, {BEEP} Hz. Nobody speaks."
    every = [
        *((emotion, emotion, take, her) for emotion, take in takes.items()),
        (TURNED_UP, "neutral", (louder, rate), turned),
        (NOBODY, None, (beeps(rate), rate), nobody),
    ]
    return [
        {
            "name": name,
            "meant": meant,
            "samples": take[0],
            "rate": take[1],
            "caption": caption,
            "view": session.hear(*take, keep=False),
        }
        for name, meant, take, caption in every
    ]


def beeps(rate: int) -> np.ndarray:
    """Three beeps of 0.3 seconds, half a second apart, at half of full scale: samples (n,) float32.

    Parameters
    ----------
    rate : int
        In Hz.
    """
    t = np.arange(int(LASTS * rate)) / rate
    return (0.5 * np.sin(2 * np.pi * BEEP * t) * (t % 0.5 < 0.3)).astype(np.float32)


def notice(clips: Sequence[Mapping[str, Any]]) -> Markdown:
    """Accuracy and confidence on the clips, scaled by the corpus and by earlier takes.

    Parameters
    ----------
    clips : sequence of dict
        As `clips` gives them.
    """
    meant = [c for c in clips if c["meant"]]
    named = {side: [_answer(c, side) for c in meant] for side in ("corpus", "own")}
    right = {side: sum(c["meant"] == n for c, (n, _) in zip(meant, of, strict=True)) for side, of in named.items()}
    sure = {side: 100 * np.mean([p for _, p in of]) for side, of in named.items()}
    by_name = {c["name"]: c for c in clips}
    tone, tone_share = _answer(by_name[NOBODY], "own")
    return Markdown(
        f"**Notice.** Beside the corpus it names {right['corpus']} of {len(meant)} right, and is "
        f"{sure['corpus']:.0f} % sure on average. {_words_beside_the_corpus({n for n, _ in named['corpus']})}Beside "
        f"five of her earlier takes it names {right['own']} right, {sure['own']:.0f} % sure. It learnt nothing in "
        f"between, and no sound changed. {_turned_up(by_name)}The beep is *{tone}*, {100 * tone_share:.0f} %: the "
        "model "
        "has five words, and none of them is *nobody*. The temperature changes every percentage and never changes "
        "which word comes first."
    )


def _answer(clip: Mapping[str, Any], side: str) -> tuple[str, float]:
    p = clip["view"]["by"][side]["probabilities"]
    named = max(p, key=p.get)
    return named, p[named]


def _words_beside_the_corpus(words: set[str]) -> str:
    if len(words) == 1:
        return f"Whatever she does, it says *{min(words)}*. "
    return f"It says {', '.join(f'*{w}*' for w in sorted(words))}, and little of it fits. "


def _turned_up(clips: Mapping[str, Mapping[str, Any]]) -> str:
    """How the answer changes when a take is only louder."""
    (plain, plain_share), (loud, share) = (_answer(clips[name], "own") for name in ("neutral", TURNED_UP))
    if loud != plain:
        return (
            f"The take that was turned up is the same sound as *neutral*, and beside these takes *{plain}*, "
            f"{100 * plain_share:.0f} %, becomes *{loud}*, {100 * share:.0f} %. "
        )
    return (
        f"Beside these takes the one that was turned up stays *{loud}*, from {100 * plain_share:.0f} to "
        f"{100 * share:.0f} %. "
    )


@dataclass(frozen=True)
class Beside:
    """What IFN says of every target recording, by the keys of `WAYS`.

    Attributes
    ----------
    probabilities : dict of str to ndarray of shape (n, C)
    truth : ndarray of shape (n,), int
        Codes of the emotions that were meant.
    """

    probabilities: Mapping[str, np.ndarray]
    truth: np.ndarray

    def right(self, way: str) -> float:
        """Accuracy, percent.

        Parameters
        ----------
        way : str
            A key of `WAYS`.
        """
        return 100 * float((self.probabilities[way].argmax(1) == self.truth).mean())

    def sure(self, way: str, temperature: float = 1.0) -> float:
        """Mean probability of the answer, percent, at a temperature.

        Parameters
        ----------
        way : str
            A key of `WAYS`.
        temperature : float
            1 leaves the probabilities as they are.
        """
        return 100 * float(tempered(self.probabilities[way], temperature).max(1).mean())


def beside(pair: DomainPair, listener: Listener) -> Beside:
    """Every speaker and sentence of the target, beside the corpus and beside 5 to 25 earlier takes of the same voice.

    Parameters
    ----------
    pair : DomainPair
        Whose target is synthetic speech.
    listener : Listener
        Taught by its source.

    Raises
    ------
    UserError
        If the target has no labels.
    """
    truth = whole_truth(pair, ": make it of a corpus whose emotions are known")
    X, speakers = pair.X[pair.target], pair.groups[pair.target]
    files = [f for f, is_target in zip(pair.files, pair.target, strict=True) if is_target]
    sentence = np.array([int(f[-6:-4]) for f in files])
    domain = np.ones(len(X), int)
    rows = {
        name: moved(X, speakers, sentence, n, listener.mean, listener.deviation) if n else X.astype(float)
        for name, n in WAYS.items()
    }
    said = {name: listener.method.predict_proba(of, sample_domain=domain) for name, of in rows.items()}
    return Beside(said, truth)


def moved(
    X: np.ndarray, speakers: np.ndarray, sentence: np.ndarray, n: int, mean: np.ndarray, deviation: np.ndarray
) -> np.ndarray:
    """Rows as IFN gets them beside takes of the ``n`` sentences before, by the same voice.

    Parameters
    ----------
    X : ndarray of shape (rows, d)
    speakers, sentence : ndarray of shape (rows,)
        Sentences are counted from 1 to `SENTENCES`; before the first comes the last.
    n : int
    mean, deviation : ndarray of shape (d,)
        Of the corpus in which the rows are put.

    Returns
    -------
    ndarray of shape (rows, d), float64
    """
    found = []
    for row, who, text in zip(X, speakers, sentence, strict=True):
        earlier = (text - sentence) % SENTENCES
        takes = X[(speakers == who) & (earlier > 0) & (earlier <= n)].astype(float)
        found.append(mean + z_scores(row, takes.mean(0), takes.std(0), 5.0) * deviation)
    return np.array(found)


def beside_drawn(found: Beside) -> Figure:
    """Confidence and accuracy, by the statistics that scale a take.

    Parameters
    ----------
    found : Beside
        As `beside` gives it.
    """
    import matplotlib.pyplot as plt

    from tlmlda_lib.evaluation import plots

    ways = list(found.probabilities)
    plots.use_style()
    figure, ax = plt.subplots(figsize=(5.2, 3.2), layout="constrained")
    ax.plot([found.sure(w) for w in ways], "o--", color=plots.MUTED, label="its confidence")
    right = [found.right(w) for w in ways]
    ax.plot(right, "o-", color=plots.ACCENT, label="how often it is right")
    classes = found.probabilities[ways[0]].shape[1]
    ax.axhline(100 / classes, color=plots.INK, linestyle=":", linewidth=1)
    ax.set(xticks=range(len(ways)), xticklabels=ways, ylim=(0, 100), ylabel="percent", xlabel="beside")
    ax.legend(loc="lower right", fontsize=9)
    return plots.closed(figure)


def sure_and_right(found: Beside) -> Markdown:
    """The same in words.

    Parameters
    ----------
    found : Beside
        As `beside` gives it.
    """
    right = {way: found.right(way) for way in found.probabilities}
    sure = {way: found.sure(way) for way in found.probabilities}
    first, most = right[CORPUS], right[MOST]
    assert most > first, "the text says that takes help"
    return Markdown(
        f"Beside the corpus it is right in {first:.0f} % and {sure[CORPUS]:.0f} % sure. With five takes it is right in "
        f"{right[FIVE]:.0f} %, with twenty-five in {most:.0f} %, and then it is {sure[MOST]:.0f} % sure. "
        + (
            "It is most confident where it is worst. "
            if sure[CORPUS] == max(sure.values()) and first == min(right.values())
            else f"Between sure and right there lie {sure[CORPUS] - first:.0f} points beside the corpus. "
        )
        + f"These are {len(found.truth)} synthetic recordings: they say nothing about people. The takes of each "
        "scale are five emotions in equal shares, which no life provides: beside takes that are all angry, another "
        "angry one looks calm."
    )


def fitting(found: Beside, way: str) -> float:
    """The temperature from 0.5 to 10, in steps of 0.05, at which mean confidence is nearest to accuracy.

    Parameters
    ----------
    found : Beside
        As `beside` gives it.
    way : str
        A key of `WAYS`.
    """
    grid = np.linspace(0.5, 10, 191)
    return float(grid[np.argmin([abs(found.sure(way, T) - found.right(way)) for T in grid])])


def calibration(found: Beside) -> Markdown:
    """The temperature at which confidence equals accuracy.

    Parameters
    ----------
    found : Beside
        As `beside` gives it.
    """
    corpus, own = (fitting(found, way) for way in (CORPUS, MOST))
    left = found.sure(CORPUS, corpus) - found.right(CORPUS)
    beside_corpus = (
        f"Beside the corpus even *T* = {corpus:.0f} leaves it {left:.0f} points too sure. "
        if left > 1
        else f"Beside the corpus it would be *T* = {corpus:.1f}. "
    )
    return Markdown(
        "80 % or 67 %: the scores are the same. You can choose the temperature at which a model is on average as "
        "confident as it is right, which is called *calibration*. Beside twenty-five takes that would be "
        f"*T* = {own:.1f}. {beside_corpus}To find it, we needed the right answers. For your voice there are none "
        "unless you give them, and the emotion that you meant need not be what you felt. So read the percentages "
        "as an order of five words, not as the probability that you are sad."
    )
