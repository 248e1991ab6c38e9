"""Chapter 4.1's checks, which pass right answers and name each mistake, and what its page plays, shows and counts."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import opensmile
import pytest

from tlmlda_lib import features
from tlmlda_lib.book import checks, stream_sounds
from tlmlda_lib.book.checks import exercises, streams
from tlmlda_lib.book.pages.streams import claims, page
from tlmlda_lib.book.pages.trust import fusions
from tlmlda_lib.features.streams import IS10_PLACES


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exercises, "_progress", {})


def verdict(check: Callable[..., None], answer: Any, capsys: pytest.CaptureFixture[str]) -> str:
    check(answer)
    return capsys.readouterr().out


# 4.1.1


def test_columns_to_sort_are_is10_s_and_sorted_as_the_library_does() -> None:
    known = opensmile.Smile(opensmile.FeatureSet.IS10, opensmile.FeatureLevel.Functionals).feature_names
    assert set(streams.SORTED) <= set(known)
    names = list(streams.SORTED)
    found = {names[i]: stream for stream, places in features.streams(names).items() for i in places}
    assert found == streams.SORTED


def by(pattern: str) -> Callable[[str], str]:
    return lambda name: "acoustic" if re.match(pattern, name) else "prosodic"


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (by("mfcc|log|lsp"), "passed"),
        (lambda name: "prosodic" if re.match("F0|pcm|voicing|jitter|shimmer", name) else "acoustic", "passed"),
        (by("."), "every column became acoustic"),
        (lambda name: "acoustic" if by("mfcc|log|lsp")(name) == "prosodic" else "prosodic", "wrong way round"),
        (by(r"(mfcc|logMelFreqBand|lspFreq)_sma\["), "is a slope"),
        (by("mfcc|log|lsp|F0final__Turn"), "how long a turn was"),
        (by("mfcc|log|lsp|pcm"), "a louder vowel"),
        (by("mfcc|log|lsp|jitter|shimmer"), "vocal folds"),
        (by("mfcc|log"), "is not prosodic"),
        (lambda name: "timbre", "'timbre'"),
        (lambda name: [].append(name), "returned nothing"),
    ],
)
def test_sorting_is_checked(answer: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert says in verdict(checks.check_stream_of, answer, capsys)


# 4.1.2


def masked(frames: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The right answer by masked arrays, which the check does not use."""
    hidden = np.arange(frames.shape[1])[None, :, None] >= lengths[:, None, None]
    kept = np.ma.masked_array(frames, np.broadcast_to(hidden, frames.shape))
    return np.concatenate([kept.mean(1).data, kept.std(1).data], axis=1)


def per_utterance(make: Callable[[np.ndarray], Any]) -> Callable[..., np.ndarray]:
    def pooled(frames: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        return np.stack([np.concatenate(make(f[:n])) for f, n in zip(frames, lengths, strict=True)])

    return pooled


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (masked, "passed"),
        (lambda f, n: masked(f, n).tolist(), "passed"),
        (lambda f, n: masked(f, n)[:, :4], "deviations are missing"),
        (lambda f, n: masked(f, n)[:, [4, 5, 6, 7, 0, 1, 2, 3]], "deviations come first"),
        (lambda f, n: np.hstack([f.mean(1), f.std(1)]), "counted in the mean, and"),
        (lambda f, n: np.hstack([masked(f, n)[:, :4], f.std(1)]), "counted in the deviation"),
        (lambda f, n: masked(f, n)[0], "has shape (8,)"),
        (lambda f, n: "no", "of type str"),
        (per_utterance(lambda r: (r.mean(0), r.std(0) * 0 + 1)), "not the means and deviations"),
    ],
)
def test_pooling_is_checked(answer: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert says in verdict(checks.check_pooled, answer, capsys)


def test_an_answer_may_change_what_it_is_given(capsys: pytest.CaptureFixture[str]) -> None:
    def pooled(frames: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        made = masked(frames, lengths)
        frames[:] = 0
        return made

    for _ in range(2):
        assert "passed" in verdict(checks.check_pooled, pooled, capsys)


# 4.1.3


def test_a_design_passes_exactly_where_it_isolates_what_was_heard(capsys: pytest.CaptureFixture[str]) -> None:
    """All designs of up to two collections on each side, against the four conditions spelt out."""
    shelf = {r.name: r for r in streams.SHELF}
    sides = [list(s) for k in (1, 2) for s in itertools.combinations(shelf, k)]
    passed = 0
    for heard, unheard in itertools.product(sides, sides):
        for beside in streams.ENCODERS:
            right = (
                not set(heard) & set(unheard)
                and all(shelf[n].published in (2004, 2006) for n in heard)
                and all(shelf[n].published in (None, 2024) for n in unheard)
                and {(shelf[n].language, shelf[n].room) for n in heard}
                == {(shelf[n].language, shelf[n].room) for n in unheard}
                and beside != "suspect"
            )
            said = verdict(checks.check_heard, lambda s, e, a=(heard, unheard, beside): a, capsys)
            assert ("passed" in said) == right, (heard, unheard, beside, said)
            passed += right
    assert passed > 5


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((["a"], ["c"], "listed"), "passed"),
        (("a", "c", "is10"), "passed"),
        (([], ["c"], "is10"), "empty"),
        ((["a", "a"], ["c"], "is10"), "twice"),
        ((["x"], ["c"], "is10"), "on no shelf"),
        ((["f"], ["c"], "is10"), "cannot have heard 'f'"),
        ((["a"], ["b"], "is10"), "can have heard 'b'"),
        ((["a"], ["d"], "is10"), "more than what may have been heard"),
        ((["a"], ["c"], "suspect"), "beside itself"),
        ((["a"], ["c"], "me"), "not one of the encoders"),
        ((["a"], ["c"]), "three things"),
    ],
)
def test_designs_are_checked(answer: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert says in verdict(checks.check_heard, lambda shelf, encoders: answer, capsys)


# What the page's cells show


def test_a_hum_keeps_the_melody_and_a_whisper_the_timbre() -> None:
    """What the page says of its six clips; both keep the loudness, and noise has no pitch."""
    for clip in page.clips():
        whole = stream_sounds.traces(clip["samples"], clip["rate"])
        hum, whisper = (
            stream_sounds.traces(make(clip["samples"], clip["rate"]), clip["rate"])
            for make in (stream_sounds.hum, stream_sounds.whisper)
        )
        hummed, whispered = stream_sounds.kept(whole, hum), stream_sounds.kept(whole, whisper)
        assert hummed["pitch"] > 0.95
        assert min(hummed["level"], whispered["level"]) > 0.95
        assert whispered["shape"] > 0.8 > 0.5 > abs(hummed["shape"])
        assert np.isnan(whispered["pitch"])
        assert (whisper["pitch"] > 0).mean() < 0.1


def test_clips_are_as_they_were_made() -> None:
    clips = page.clips()
    assert [(c["emotion"], c["corpus"]) for c in clips] == [
        (emotion, page.LANGUAGES[language]) for language, _, emotion, _ in page.HEARD
    ]
    assert len({c["samples"].tobytes() for c in clips}) == len(clips)


def test_the_code_that_is_shown_runs() -> None:
    """The table and the function of the page, run by themselves, sort a name of each stream."""
    code = page.by_name().data.removeprefix("```python\n").removesuffix("\n```")
    names: dict[str, Any] = {}
    exec("from tlmlda_lib.features.streams import _EGEMAPS, _EMBEDDING, _IS10", names)
    exec(code, names)
    assert [names["_stream"](n) for n in ("mfcc_sma[3]_amean", "F0final_sma_stddev")] == ["acoustic", "prosodic"]
    lines = page.encoders().data.splitlines()
    assert lines[1].startswith("self.encoders = ")
    assert sum("nn.Linear" in line for line in lines) == 2


def test_columns_are_counted_and_an_unknown_one_is_refused() -> None:
    text = page.sizes(["F0final__Turn_duration"]).data
    acoustic, prosodic = (int(n) for n in re.findall(r"(\d+) are \*", text))
    assert (acoustic, prosodic) == tuple((s == IS10_PLACES).sum() for s in ("acoustic", "prosodic"))
    assert f"Of all {acoustic + prosodic} columns" in text
    with pytest.raises(AssertionError, match="that IS10 has"):
        page.sizes(["loudness"])


def test_claims_stand_without_records() -> None:
    text = page.abstract(claims.Found([], {}, {})).data
    assert text.count("<tr>") == len(claims.CLAIMS) + 1
    assert f"corrected for the {len(fusions.QUESTIONS)} questions of chapter 4.2" in text
