"""The report of an answer: one HTML file that needs no network. Chapter 3.5."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

import tlmlda_lib
from tlmlda_lib import corpora
from tlmlda_lib.corpora import left_out
from tlmlda_lib.errors import in_one_line
from tlmlda_lib.experiments.adaptation import drawings, trust
from tlmlda_lib.experiments.adaptation.answer import Answer, tried

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Problems that are listed, examples of each emotion, and names in a cell.
LISTED, EXAMPLES, NAMED = 20, 3, 5

#: Letters of a cell that is never broken into lines.
SHORT = 24

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2733; --muted: #55606d; --rule: #d5dae0; --ground: #fff; --card: #f6f7f9 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ed; --muted: #a9b3bf; --rule: #3d4753; --ground: #14191f; --card: #1d242c }
}
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.55 system-ui, sans-serif }
main { max-width: 46rem; margin: 0 auto; padding: 1rem 1rem 4rem }
h1 { line-height: 1.2 } h2 { margin-top: 2.2rem; border-top: 1px solid var(--rule); padding-top: 1rem }
.lead { font-size: 1.15rem }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-size: .92rem } th, td { padding: .25rem .7rem; text-align: left;
  border-bottom: 1px solid var(--rule); vertical-align: top } td.n, th.n { text-align: right }
caption { text-align: left; padding: 0 .7rem .3rem } td.short { white-space: nowrap }
td:first-child { min-width: 6rem }
a { color: inherit }
img { width: 100%; height: auto; background: #fff; border-radius: 4px; padding: 4px; box-sizing: border-box }
figure { margin: 1rem 0 } figcaption, .note { color: var(--muted); font-size: .92rem }
.care { background: var(--card); border-radius: 6px; padding: .8rem 1rem }
code { overflow-wrap: anywhere } audio { width: 13rem; height: 2.2rem }
@media (max-width: 600px) {
  thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; white-space: nowrap }
  table, caption, tbody, tr, td, td.n { display: block; text-align: left }
  tr { border-bottom: 1px solid var(--rule); padding: .3rem 0 }
  td { border: 0; padding: .05rem 0; overflow-wrap: anywhere } td.short { white-space: normal } caption { padding: 0 }
  td::before { content: attr(data-head) ": "; color: var(--muted) }
  td:first-child { font-weight: 600 } td:first-child::before { content: none }
}
"""


def page(answer: Answer, *, with_audio: bool = False, command: str | None = None) -> str:
    """The whole report. Chapter 3.5.

    Parameters
    ----------
    answer : Answer
    with_audio : bool
        Put the recordings that are named as examples into the page.
    command : str, optional
        The command that made it.
    """
    found = tried(answer)
    sections = [
        _lead(answer),
        _section("How far to trust it", _trust(answer, found)),
        _section("What was found", _found(answer)),
        _section("How certain the networks are", _certain(answer)),
        _section("Source and target in the plane", _planes(answer)),
        _section("Examples", _examples(answer, with_audio)),
        _section("What was learnt from", _sources(answer)),
        _section("What was left out", _left_out(answer)),
        _section("How it was made", _made(answer, command)),
        _section("Law and care", _care(answer, with_audio)),
    ]
    body = "".join(sections).replace(" %", "\N{NO-BREAK SPACE}%")
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Emotions of {len(answer.predictions)} recordings</title><style>{_STYLE}</style></head>\n"
        f"<body><main>{body}</main></body></html>\n"
    )


def _text(value: object) -> str:
    """For HTML; a name that is not valid UTF-8 shows its strange bytes, and control characters are written out."""
    return html.escape(in_one_line(str(value).encode("utf-8", "backslashreplace").decode()))


def _section(title: str, *inside: str) -> str:
    return f"<section><h2>{_text(title)}</h2>{''.join(inside)}</section>\n"


def _p(text: str, kind: str = "") -> str:
    return f'<p class="{kind}">{text}</p>' if kind else f"<p>{text}</p>"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], caption: str, numbers: Sequence[int] = ()) -> str:
    """Cells are HTML already."""
    top = "".join(
        f'<th role="columnheader" scope="col" class="{"n" if i in numbers else ""}">{_text(h)}</th>'
        for i, h in enumerate(head)
    )
    cells = ["".join(_cell(head[i], cell, i in numbers) for i, cell in enumerate(row)) for row in rows]
    body = "".join(f'<tr role="row">{row}</tr>' for row in cells)
    named = f'<caption class="note">{_text(caption)}</caption>'
    frame = f'<div class="wide" tabindex="0" role="region" aria-label="{_text(caption)}">'
    # The roles stay where a narrow screen shows each row as a block.
    parts = f'<thead role="rowgroup"><tr role="row">{top}</tr></thead><tbody role="rowgroup">{body}</tbody>'
    return f'{frame}<table role="table">{named}{parts}</table></div>'


def _cell(head: str, cell: str, number: bool) -> str:
    """A cell that keeps its head for narrow screens; a short one is never broken into lines."""
    short = len(html.unescape(re.sub(r"<[^>]*>", "", cell))) <= SHORT
    kind = " ".join(["n"] * number + ["short"] * short)
    return f'<td role="cell" data-head="{_text(head)}" class="{kind}">{cell}</td>'


def _picture(draw: Callable[[float], Figure], alt: str, caption: str) -> str:
    """A picture, and another one for narrow screens, where the letters of the first would be too small."""
    wide, narrow = (drawings.address(draw(width)) for width in (drawings.WIDE, drawings.NARROW))
    other = f'<source media="(max-width: 600px)" srcset="{narrow}">'
    image = f'<picture>{other}<img src="{wide}" alt="{_text(alt)}"></picture>'
    return f"<figure>{image}<figcaption>{_text(caption)}</figcaption></figure>"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _probability(p: float) -> str:
    """No network is sure: what would round to 100 % is more than 99 %."""
    return "&gt;99 %" if p >= 0.995 else _percent(p)


def _lead(answer: Answer) -> str:
    table, names = answer.predictions, [_title(t) for t in answer.sources]
    unsure = int(table["unsure"].sum())
    most = table["emotion"].value_counts()
    notes = "".join(_p(f"Note: {_text(note)}.", "care") for note in answer.notes)
    return (
        f"<h1>Emotions of {len(table)} recordings</h1>"
        + _p(
            f"Learnt from {_text(_listed(names))}, adapted to these recordings without a label of theirs. The most "
            f"frequent answer is {_text(most.index[0])} ({_percent(most.iloc[0] / len(table))}); "
            f"{unsure} of {len(table)} are unsure: the networks do not agree on them.",
            "lead",
        )
        + _p('<a href="predictions.csv"><code>predictions.csv</code></a> beside this page has every recording.')
        + notes
    )


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _title(table: pd.DataFrame) -> str:
    name = str(table["corpus"].iloc[0])
    return corpora.CORPORA[name].title if name in corpora.CORPORA else name


def _licence(table: pd.DataFrame) -> str:
    """Of a published corpus, as the catalogue has it."""
    known = corpora.CORPORA.get(str(table["corpus"].iloc[0]))
    if known is None or known.module is None:
        return "not said"
    facts = known.module.FACTS
    return f"{facts.licence} (unconfirmed)" if "licence" in facts.unconfirmed else facts.licence


def _trust(answer: Answer, found: trust.Tried | None) -> str:
    unknown = _p(
        "How often it is right for <em>these</em> recordings is not known, because no label was read. Listen to some "
        "of each emotion. Or label fifty recordings yourself, in a CSV file with the columns file and emotion, and "
        "call <code>tlmlda score ANSWER FILE</code>: it counts."
    )
    if found is None:
        features = _listed(list(answer.pair.features))
        return (
            _p(f"These features ({_text(features)}) were not tried on recordings whose emotions are known.") + unknown
        )
    shares = found.right.values()
    return (
        _p(
            f"The same method on the same features was tried where the answers are known: on six pairs of three "
            f"corpora of actors, in German, English and Mandarin. It was right for {_percent(min(shares))} to "
            f"{_percent(max(shares))} of the recordings, on average for {_percent(found.mean)}. "
            + _of_so_many(found, len(answer.pair.classes))
        )
        + _p(
            f"There the networks agreed on {_percent(found.sure)} of the recordings, and were right for "
            f"{_percent(found.right_sure)} of these and for {_percent(found.right_unsure)} of the others. So an answer "
            "that is not marked <em>unsure</em> deserves more trust, and not full trust."
        )
        + _p("Expect less where people do not act, and where rooms or telephones differ.")
        + _p(_where_one_emotion_leads(found))
        + _heard(answer)
        + unknown
    )


def _of_so_many(found: trust.Tried, n: int) -> str:
    """Of how many emotions that was, and what that says of this answer."""
    measured = f"That was measured with {found.emotions} emotions, where guessing gives {_percent(found.chance)}"
    if n == found.emotions:
        return f"{measured}, as here."
    expect = ": expect less" if n > found.emotions else ""
    return f"{measured}; yours has {n}, where guessing gives {_percent(1 / n)}{expect}."


def _heard(answer: Answer) -> str:
    """Recordings that were learnt from, too."""
    if not answer.heard:
        return ""
    n, names = len(answer.heard), [_code(file) for file in list(answer.heard)[:LISTED]]
    more = f" and {n - LISTED} more, in <code>record.json</code>" if n > LISTED else ""
    return _p(
        f"{n} of your {len(answer.predictions)} recordings {'is' if n == 1 else 'are'} in a source, too, under this or "
        f"another name. For {'it' if n == 1 else 'these'} the answer is no test, since the networks learnt "
        f"{'it' if n == 1 else 'them'} with a label: {', '.join(names)}{more}.",
        "care",
    )


def _where_one_emotion_leads(found: trust.Tried) -> str:
    if found.lopsided is None:
        return "Expect less, too, where most recordings have one emotion."
    aligned, plain = found.lopsided
    return (
        "Alignment expects all emotions in similar shares. Where 70 % of the recordings had one emotion, "
        f"{_percent(aligned)} of the answers were right with alignment, and {_percent(plain)} without. If yours have "
        "mostly one, take the column <code>without_transfer</code>."
    )


def _found(answer: Answer) -> str:
    table, classes = answer.predictions, answer.pair.classes
    counts = table["emotion"].value_counts().reindex(list(classes), fill_value=0)
    unsure = table.groupby("emotion")["unsure"].sum().reindex(list(classes), fill_value=0)
    learnt = pd.Series(classes, index=range(len(classes))).loc[answer.pair.y[~answer.pair.target]]
    picture = _picture(
        lambda width: drawings.emotions(table["emotion"], learnt, classes, width),
        "For each emotion two bars: its share of the recordings that were learnt from, and of yours. "
        + "; ".join(f"{c}: {_percent(counts[c] / len(table))} of yours" for c in classes),
        "The method expects the emotions in similar shares; where most of yours have one, the others are named too "
        "often.",
    )
    rows = [(_text(c), str(counts[c]), str(unsure[c]), _unsure_names(table, c)) for c in classes]
    return picture + _table(
        ("emotion", "recordings", "of these unsure", "which are unsure"), rows, "Answers by emotion", (1, 2)
    )


def _unsure_names(table: pd.DataFrame, emotion: str) -> str:
    names = list(table.index[table["unsure"] & (table["emotion"] == emotion)])
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(map(_code, names[:NAMED])) + more or "none"


def _code(name: object) -> str:
    return f"<code>{_text(name)}</code>"


def _certain(answer: Answer) -> str:
    n = len(answer.networks.aligned)
    caption = (
        f"{n} aligned networks, which differ by their seed, and {n} without transfer. A recording is unsure if one of "
        "the aligned networks names another emotion, or those without transfer do."
    )
    alt = "A histogram of the probability of the named emotion; recordings on which the networks differ are grey."
    return _p(
        "The probabilities are the networks' own and are not calibrated: of the recordings with 90 %, nine in ten need "
        "not be right. They order the recordings of one answer; do not compare them with those of another."
    ) + _picture(lambda width: drawings.certainty(answer.predictions, answer.pair.classes, width), alt, caption)


def _planes(answer: Answer) -> str:
    caption = (
        "Grey: what was learnt from. Coloured: your recordings, by the emotion that is named. Each picture has its two "
        "directions of greatest spread. That clouds lie on each other shows that they were aligned, not that the names "
        "are right."
    )
    alt = "Two clouds of points before and after alignment: grey points of the source, coloured points of the target."
    both = drawings.clouds(answer.pair, answer.networks)
    return _picture(lambda width: drawings.planes(both, width), alt, caption)


def _examples(answer: Answer, with_audio: bool) -> str:
    head = ["emotion", "recording", "probability", "without transfer"] + (["hear"] if with_audio else [])
    rows = []
    fewer = []
    for emotion in answer.pair.classes:
        own = answer.predictions[answer.predictions["emotion"] == emotion].sort_values(
            emotion, ascending=False, kind="stable"
        )
        if len(own) < EXAMPLES:
            fewer.append(f"{emotion} {len(own) or 'none'}")
        for file, row in pd.concat([own.head(EXAMPLES), own[EXAMPLES:][own["unsure"][EXAMPLES:]].tail(1)]).iterrows():
            doubt = " (unsure)" if row["unsure"] else ""
            cells = [f"{_text(emotion)}{doubt}", _code(file), _probability(row[emotion])]
            cells.append(_text(row["without_transfer"]))
            rows.append([*cells, *([_player(answer.folder / str(file), str(file))] if with_audio else [])])
    caption = f"The {EXAMPLES} most certain of each emotion, and the least certain of those that are unsure"
    said = _p(f"Fewer than {EXAMPLES} recordings: {_text(', '.join(fewer))}.", "note") if fewer else ""
    return _table(head, rows, caption, (2,)) + said


def _player(file: Path, name: str) -> str:
    from tlmlda_lib.corpora import sound

    data = base64.b64encode(sound.mp3(*sound.read(file))).decode()
    return f'<audio controls preload="none" aria-label="{_text(name)}" src="data:audio/mpeg;base64,{data}"></audio>'


def _sources(answer: Answer) -> str:
    rows = []
    for table in answer.sources:
        kept = table[table["emotion"].isin(answer.pair.classes)]
        languages = sorted(set(table["language"].dropna().astype(str)))
        counts = kept["emotion"].value_counts()
        rows.append(
            (
                _text(_title(table)),
                _text(", ".join(corpora.LANGUAGES.get(code, code) for code in languages) or "not said"),
                _text(_licence(table)),
                str(len(kept)),
                str(table["speaker"].nunique()),
                _text(", ".join(f"{e} {counts.get(e, 0)}" for e in answer.pair.classes)),
            )
        )
    head = ("source", "language", "licence", "recordings", "speakers", "by emotion")
    return _table(head, rows, "Sources", (3, 4))


def _made(answer: Answer, command: str | None) -> str:
    """Without a date, so that two calls on the same data write the same page."""
    first = answer.networks.aligned[0].scaler_
    overrides = ", ".join(f"{name} = {value}" for name, value in sorted(answer.params.items()))
    rows = [
        *([("command", _code(command))] if command else []),
        ("library", f"tlmlda_lib {_text(tlmlda_lib.__version__)}"),
        ("features", f"{_code(' + '.join(answer.pair.features))}, {answer.pair.X.shape[1]} numbers of each recording"),
        ("method", f"TLMLDA, preset {_code(answer.preset)}" + (f" with {_code(overrides)}" if overrides else "")),
        ("scaling", f"{_text(first.kind)} within {_text(first.within)}"),
        ("networks", f"{len(answer.networks.aligned)} aligned and {len(answer.networks.plain)} without transfer"),
    ]
    where = (
        '<a href="record.json"><code>record.json</code></a> beside this page has the date, every setting and every '
        "version."
    )
    return _table(("what", "as used here"), rows, "Settings") + _p(where)


def _left_out(answer: Answer) -> str:
    if not answer.left_out:
        return _p("Nothing: every recording that was found has an answer.")
    rows = [
        (_code(_relative(p["file"], answer.folder)), _text(left_out.without_python(p["problem"])))
        for p in answer.left_out
    ]
    more = len(rows) - LISTED
    rest = _p(f"And {more} more, in <code>record.json</code>.") if more > 0 else ""
    return _table(("file", "why, or what is odd"), rows[:LISTED], "Problems with files") + rest


def _relative(file: str, folder: Path) -> str:
    path = Path(file)
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else file


def _care(answer: Answer, with_audio: bool) -> str:
    acted = (
        "Emotions were learnt from people who act them, or from a program that imitates this. The answer says which "
        "acted emotion a recording resembles, not what a person feels. It is no diagnosis, and no ground for a "
        "decision about anybody."
    )
    law = (
        "In the European Union it is forbidden to infer people's emotions at work and in education, except for medical "
        "or safety reasons (Regulation (EU) 2024/1689, Article 5). Voices are personal data: process them only with a "
        "legal ground, as consent."
    )
    sound = (
        "This page contains recordings. Pass it on only if those who speak agreed to that, and if the licence of the "
        "recordings allows it. "
        if with_audio
        else ""
    )
    model = (
        "The folder <code>model</code> holds weights of the networks, means and deviations of features, and centres of "
        "voice groups; no recording and no features of one."
    )
    return f'<div class="care">{_p(acted)}{_p(law)}{_p(sound + model)}</div>'
