"""Chapter 4.2: what the explorable is given, what a network hears, what the page says of it, and the checks."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from made_clips import CLASSES, RATE, STREAMS, clips
from scipy import special, stats

from tlmlda_lib import features, methods
from tlmlda_lib.book import checks
from tlmlda_lib.book.checks import exercises, trust
from tlmlda_lib.book.explorables import WhoToTrust
from tlmlda_lib.book.explorables import trust as who_to_trust
from tlmlda_lib.book.explorables.sitting import PEAK
from tlmlda_lib.book.pages.trust import fusions, page
from tlmlda_lib.errors import UserError

# The explorable


def test_the_page_gets_what_was_measured() -> None:
    given = clips()
    data = WhoToTrust(given, STREAMS, CLASSES).data
    assert data["recordings"] == ["studio", "noise20", "noise0", "room"]
    loudest = max(np.abs(h["samples"]).max() for one in given for h in one["heard"].values())
    for one, shown in zip(given, data["clips"], strict=True):
        assert (shown["emotion"], shown["caption"]) == (one["emotion"], one["caption"])
        for way, h in one["heard"].items():
            np.testing.assert_allclose(shown["heard"][way]["p"], h["p"], atol=6e-5)
            np.testing.assert_allclose(shown["heard"][way]["weights"], h["weights"], atol=6e-5)
            assert [row[i] for i, row in enumerate(shown["heard"][way]["weights"][1:])] == [0, 0, 0]
            played, rate = soundfile.read(io.BytesIO(base64.b64decode(shown["heard"][way]["audio"])))
            assert rate == RATE
            middle = played[1000:7000]
            assert np.abs(middle).max() == pytest.approx(PEAK * np.abs(h["samples"]).max() / loudest, rel=0.1)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"clips": []}, "0 clips"),
        ({"streams": ("all",)}, "1 streams"),
        ({"clips": [*clips(1), *clips(1, ("studio", "room"))]}, "clip 1 was heard as studio, room"),
        ({"clips": clips(1, ("room",))}, "studio with them"),
        ({"clips": [{**clips(1)[0], "emotion": "happy"}]}, "'happy', which is not one"),
        ({"classes": ("anger", "fear", "joy")}, "'joy'"),
        ({"clip": 2}, "clip=2"),
        ({"recording": "noise5"}, "recording='noise5'"),
        ({"out": "deep"}, "out='deep'"),
        ({"streams": STREAMS[:2]}, r"\(4, 3\)"),
    ],
)
def test_what_cannot_be_shown_is_named(change: dict[str, Any], says: str) -> None:
    given = {"clips": clips(), "streams": STREAMS, "classes": CLASSES} | change
    with pytest.raises(UserError, match=says):
        WhoToTrust(**given)


def test_what_is_missed_is_half_the_sum_of_the_differences() -> None:
    p = np.array([[0.5, 0.3, 0.2], [0.5, 0.3, 0.2], [0.0, 0.0, 1.0], [0.6, 0.3, 0.1]])
    np.testing.assert_allclose(who_to_trust.missed(p), [0, 0.8, 0.1])


def test_a_network_hears_the_sound_that_is_played(tmp_path: Path) -> None:
    """Measured anew from the samples that are handed on, and asked anew, stream by stream."""
    files = []
    for i in range(2):
        t = np.arange(RATE) / RATE
        sound = sum(np.sin(2 * np.pi * 140 * (1 + 0.3 * i) * k * t) / k for k in range(1, 20)) * 0.05
        files.append(str(tmp_path / f"{i}.wav"))
        soundfile.write(files[-1], sound, RATE, subtype="PCM_16")
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 88)) * 10
    y = np.r_[np.arange(40) % 3, np.full(20, -1)]
    streams = {"low": "0-40", "high": "41-87"}
    clf = methods.make("ifn", "quick", random_state=0, streams=streams, epochs=2)
    clf.fit(X, y, sample_domain=np.repeat([1, -2], [40, 20]))
    found = who_to_trust.listen(clf, files, ("studio", "noise0"), ("egemaps",), cache=str(tmp_path))
    assert [list(one) for one in found] == [["studio", "noise0"]] * 2
    level = [np.square(found[0][w]["samples"]).mean() for w in ("studio", "noise0")]
    assert level[1] == pytest.approx(2 * level[0], rel=0.1)
    for i, one in enumerate(found):
        for way, h in one.items():
            again = str(tmp_path / f"again-{i}-{way}.wav")
            soundfile.write(again, h["samples"], h["rate"], subtype="PCM_16")
            x = features.extract([again], feature_set="eGeMAPSv02", cache=str(tmp_path)).to_numpy(np.float64)
            np.testing.assert_allclose(h["p"][0], clf.predict_proba(x)[0], atol=1e-6)
            np.testing.assert_allclose(h["weights"][0], clf.attention(x)[0], atol=1e-6)
            for k in range(len(streams)):
                masked = x.copy()
                masked[:, [slice(0, 41), slice(41, 88)][k]] = np.nan
                np.testing.assert_allclose(h["p"][k + 1], clf.predict_proba(masked)[0], atol=1e-6)
                assert h["weights"][k + 1][k] == 0
                assert h["weights"][k + 1].sum() == pytest.approx(1)


# What the page says of the sounds, and of the settings


def sound(weights: list[float], *p: float) -> dict[str, Any]:
    """Weights of three streams; the probability of the first of two classes, with all of them and without each."""
    return {"weights": np.tile(weights, (4, 1)), "p": np.array([[x, 1 - x] for x in p])}


def notice(*heard: dict[str, Any]) -> str:
    return page.notice(heard, ["anger"] * len(heard), ("a", "b", "c"), ("anger", "sad")).data


def test_a_notice_by_hand() -> None:
    studio = sound([0.6, 0.3, 0.1], 0.8, 0.1, 0.7, 0.6)  # trusted and missed most: a
    noise = sound([0.2, 0.3, 0.5], 0.4, 0.4, 0.4, 0.9)  # the same of c, and without it the answer is right
    text = notice({"studio": studio, "noise0": noise})
    assert "the mean weight of the a stream goes from 60 to 20 %, and that of the c one from 10 to 50 %" in text
    assert "In 2 of 2 sounds the stream that is trusted most is also the one that is missed most." in text
    assert text.endswith("In 1 of 2 sounds the answer is wrong, and is right once the most trusted stream is gone.")
    assert "is not need" not in text
    assert "And take" not in text


def test_exceptions_are_named_with_the_clip_and_its_way() -> None:
    studio = sound([0.6, 0.3, 0.1], 0.8, 0.1, 0.7, 0.6)
    idle = sound([0.7, 0.25, 0.05], 0.8, 0.77, 0.7, 0.2)  # a is trusted and not missed, c the other way round
    text = notice({"studio": studio, "noise0": studio, "noise10": idle, "room": studio})
    assert "In 3 of 4 sounds" in text
    assert (
        "But trust is not need. Take *anger, in noise of 10 dB*: the a stream has 70 % of the trust; leave it" in text
    )
    assert "the probabilities move by 3 %. The answer stays." in text
    assert (
        "And take *anger, in noise of 10 dB*: c has 5 %, the least of the three, and without it *anger* becomes *sad*"
        in text
    )
    assert "the answer is wrong" not in text
    rarely = notice({"studio": idle, "noise0": idle, "room": studio})
    assert "Trust is not need. Take *anger, as recorded*" in rarely


def test_searched_settings_are_those_that_differ() -> None:
    head, _, *rows = page.searched_settings().data.splitlines()
    options = [cell.strip() for cell in head.split("|")[2:-1]]
    assert [row.split("|")[1].strip() for row in rows] == list(page.CORPORA.values())
    columns = list(zip(*([cell.strip() for cell in row.split("|")[2:-1]] for row in rows), strict=True))
    assert all(len(set(column)) > 1 for column in columns)
    chosen = fusions.chosen()
    assert list(columns[options.index("fusion")]) == [chosen[target].fusion for target in page.CORPORA]


@pytest.mark.parametrize(
    ("schemes", "words"), [((), "mean over schemes"), (("B2C",), "B2C"), (("B2C", "C2B"), "mean of 2 schemes")]
)
def test_a_mean_is_said_to_be_over_what_it_is(schemes: tuple[str, ...], words: str) -> None:
    assert page.over(schemes) == words


# The checks


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exercises, "_progress", {})


def verdict(check: Callable[..., None], answer: Any, capsys: pytest.CaptureFixture[str]) -> str:
    check(answer)
    return capsys.readouterr().out


def soft(scores: np.ndarray, present: np.ndarray) -> np.ndarray:
    return special.softmax(np.where(present, scores, -np.inf), axis=1)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (soft, "passed"),
        (lambda s, m: special.softmax(np.where(m, s, -1e9), axis=1), "passed"),
        (lambda s, m: special.softmax(np.where(m, s, -20), axis=1), "very small weight"),
        (lambda s, m: special.softmax(np.nan_to_num(s), axis=1), "that is missing has a weight"),
        (lambda s, m: np.where(m, special.softmax(np.nan_to_num(s), axis=1), 0), "still counted"),
        (lambda s, m: special.softmax(s + np.log(m), axis=1), "must still be finite"),
        (lambda s, m: (e := np.exp(np.where(m, s, -np.inf))) / e.sum(1, keepdims=True), "overflow"),
        (lambda s, m: m / m.sum(1, keepdims=True), "not a softmax"),
        (lambda s, m: soft(s, m)[0], "shape"),
        (lambda s, m: "some", "type str"),
        (lambda s, m: [].append(s), "returned nothing"),
    ],
)
def test_masking_is_checked(answer: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert says in verdict(checks.check_masked, answer, capsys)


def mixed(X: np.ndarray, columns: np.ndarray, rng: Any, change: str = "") -> np.ndarray:
    order, made = rng.permutation(len(X)), X.copy()
    if change == "by column":
        for c in columns:
            made[:, c] = rng.permutation(X[:, c])
    elif change == "rows":
        made = X[order]
    elif change == "drawn":
        made[:, columns] = X[rng.integers(0, len(X), len(X))][:, columns]
    elif change == "in place":
        X[:, columns] = X[order][:, columns]
        made = X
    elif change == "fixed":
        made[:, columns] = X[::-1][:, columns]
    elif change != "nothing":
        made[:, columns] = X[order][:, columns]
    return made


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("", "passed"),
        ("by column", "and the next from another"),
        ("rows", "other streams"),
        ("drawn", "each once"),
        ("in place", "a copy is expected"),
        ("fixed", "is rng used"),
        ("nothing", "nothing has changed"),
    ],
)
def test_shuffling_is_checked(change: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert says in verdict(checks.check_shuffle, lambda X, c, rng: mixed(X, c, rng, change), capsys)


def each(of: Callable[[np.ndarray, np.ndarray], Any]) -> Callable[[np.ndarray, np.ndarray], float]:
    return lambda a, b: float(np.mean([of(x, y) for x, y in zip(a, b, strict=True)]))


def untied(x: np.ndarray) -> np.ndarray:
    return stats.rankdata(x, method="ordinal")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (each(lambda x, y: stats.spearmanr(x, y).statistic), "passed"),
        (each(lambda x, y: np.corrcoef(x, y)[0, 1]), "not ranks"),
        (lambda a, b: stats.spearmanr(a.ravel(), b.ravel()).statistic, "ranked together"),
        (each(lambda x, y: np.corrcoef(untied(x), untied(y))[0, 1]), "share a rank"),
        (lambda a, b: np.mean(a.argmax(1) == b.argmax(1)), "only the first"),
        (lambda a, b: 0.123, "is not the mean"),
        (lambda a, b: a, "shape"),
    ],
)
def test_agreement_is_checked(answer: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert says in verdict(checks.check_agreement, answer, capsys)


def backwards() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    s = np.array([2.0, 0.5, -1.0])
    h = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 15.0]])
    h[0] = special.softmax(s[1:]) @ h[1:]
    return h, np.eye(2), s


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (backwards, "passed"),
        (lambda: (np.array([[0, 0], [1.0, 0], [0, 30]]) * [[1], [9], [1]], np.eye(2), backwards()[2]), "move by"),
        (lambda: (np.tile([1.0, 0.0], (3, 1)), np.eye(2), np.array([2.0, 1.0, 0.0])), "the answer is the same"),
        (lambda: (np.eye(2), np.eye(2), np.array([1.0, 0.0])), "at least 3"),
        (lambda: (np.eye(3), np.eye(3), np.zeros(3)), "two streams are trusted most"),
        (lambda: (np.eye(3), np.eye(2), np.zeros(3)), "the shapes are"),
        (lambda: (np.eye(3), np.eye(3), np.array([np.nan, 0, 0])), "not a number"),
        (lambda: 3, "three arrays"),
    ],
)
def test_a_network_that_is_the_wrong_way_round(answer: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert says in verdict(checks.check_trusted, answer, capsys)


def test_weights_of_the_check_are_a_softmax() -> None:
    scores, present = trust.scored()
    np.testing.assert_allclose(trust.softmax(scores, present), soft(scores, present), atol=1e-12)
