"""Chapter 4.4: takes, the listener and its sessions, the widget's answers, what the page says, and the checks."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from scipy import special

from tlmlda_lib import corpora, domains, features
from tlmlda_lib.book import checks as teaching
from tlmlda_lib.book import live
from tlmlda_lib.book.checks import exercises
from tlmlda_lib.book.checks import speaking as checks
from tlmlda_lib.book.explorables import SayIt, speaking
from tlmlda_lib.book.pages import speaking as page
from tlmlda_lib.errors import UserError
from tlmlda_lib.features import prosody

EMOTIONS = ["anger", "neutral", "sad"]
RATE = 16000


@pytest.fixture(scope="module")
def pair() -> domains.DomainPair:
    tables = [corpora.synthetic(name, progress=False) for name in ("de", "en")]
    small = [t[t["speaker"].isin(["f1", "m1"]) & t.index.str.contains(r"-0[123]\.wav$")] for t in tables]
    return domains.make_pair(*small, EMOTIONS, progress=False)


@pytest.fixture(scope="module")
def listener(pair: domains.DomainPair) -> live.Listener:
    return live.Listener(pair)


@pytest.fixture(scope="module")
def files(pair: domains.DomainPair) -> list[str]:
    """Recordings of one speaker of the target."""
    return [f for f in pair.files if "made-en" in f and "/f1-" in f.replace(os.sep, "/")]


def read(file: str) -> tuple[np.ndarray, int]:
    return soundfile.read(file, dtype="float32")


def decoded(side: dict[str, Any]) -> np.ndarray:
    return np.frombuffer(base64.b64decode(side["z"]), "<f4")


# The two formulas


def test_z_scores_by_hand() -> None:
    found = live.z_scores([7.0, 1.0, 5.0, -90.0], [4.0, 3.0, 5.0, 0.0], [2.0, 4.0, 0.0, 3.0], clip=5)
    assert found.tolist() == [1.5, -0.5, 0.0, -5.0]
    assert live.z_scores([1e6 + 1e-3], [1e6], [1e-3]).tolist() == [0.0], "a deviation that is rounding is no scale"


def test_temperature_divides_the_scores() -> None:
    scores = np.random.default_rng(0).normal(scale=4, size=(6, 5))
    p = torch.softmax(torch.tensor(scores), 1).numpy()
    for temperature in (0.5, 1, 3, 100):
        wanted = torch.softmax(torch.tensor(scores) / temperature, 1).numpy()
        assert np.allclose(live.tempered(p, temperature), wanted, atol=1e-12)
    assert live.tempered([0.8, 0.2], 2).round(6).tolist() == [0.666667, 0.333333]
    assert live.tempered([1.0, 0.0], 2) == pytest.approx([1.0, 0.0], abs=1e-100)
    for nonsense in (0, -1, np.inf, np.nan):
        with pytest.raises(UserError, match="a number above 0"):
            live.tempered(p, nonsense)


# A take


def tone(seconds: float = 1.0, level: float = 0.1, rate: int = RATE) -> np.ndarray:
    return (level * np.sin(2 * np.pi * 200 * np.arange(int(seconds * rate)) / rate)).astype(np.float32)


@pytest.mark.parametrize(
    ("samples", "rate", "says"),
    [
        (tone(0.4), RATE, "0.4 seconds are too short"),
        (np.zeros(0), RATE, "0.0 seconds are too short"),
        (tone(11), RATE, "11.0 seconds are too long"),
        (np.zeros(RATE), RATE, "almost silent: the loudest sample is 0.0000"),
        (tone(level=0.002), RATE, "is the microphone switched off"),
        (np.clip(tone(level=3), -1, 1), RATE, "it is clipped"),
        (np.stack([tone(), tone()]), RATE, "one channel"),
        (np.full(RATE, np.nan), RATE, "finite numbers"),
        (tone(), 100, "rate=100 Hz"),
    ],
)
def test_a_take_that_cannot_be_used_is_told_so(samples: np.ndarray, rate: int, says: str) -> None:
    with pytest.raises(UserError, match=re.escape(says)):
        live.prepared(samples, rate)


def clipped(take: np.ndarray, share: float) -> np.ndarray:
    """A take of which this share of the samples is at full scale."""
    full = take.copy()
    full[np.argsort(-np.abs(take), kind="stable")[: round(share * len(take))]] = 1.0
    return full


def test_a_clipped_take_is_used_and_warned_of(listener: live.Listener, files: list[str]) -> None:
    samples, rate = read(files[0])
    loud = clipped(samples, 0.015)
    says = "It is clipped: 1.5% of the samples are at full scale; go farther from the microphone, or turn it down."
    assert live.warning(loud).startswith(says)
    session = live.Session(listener)
    assert session.hear(loud, rate)["warning"] == live.warning(loud)
    assert list(session.takes) == [1]
    assert session.hear(samples, rate)["warning"] == live.warning(samples) == live.warning(np.zeros(0)) == ""
    assert live.warning(clipped(samples, 0.0009)) == ""
    with pytest.raises(UserError, match=r"it is clipped: 30\.0% of the samples"):
        session.hear(clipped(samples, 0.3), rate)
    assert list(session.takes) == [1, 2]


def test_a_take_is_resampled_and_nothing_else() -> None:
    take = tone(2, 0.3)
    assert np.array_equal(live.prepared(take, RATE), take)
    other = live.prepared(tone(2, 0.3, 48000), 48000)
    assert len(other) == len(take)
    middle = slice(1000, -1000)
    assert np.abs(other[middle] - take[middle]).max() < 1e-4


# The listener


def test_a_row_is_what_the_file_s_features_are(listener: live.Listener, files: list[str]) -> None:
    wanted = features.extract(files[:2]).to_numpy()
    for file, row in zip(files[:2], wanted, strict=True):
        assert np.array_equal(listener.row(*read(file)), row)


def test_contours_are_those_of_chapter_1_1(listener: live.Listener, files: list[str]) -> None:
    found = listener.contours(*read(files[0]))
    assert np.allclose(found["pitch"], prosody.contour(*read(files[0])))
    assert len(found["loudness"]) == len(found["pitch"])
    loud, soft = (listener.contours(level * read(files[0])[0], RATE)["loudness"].mean() for level in (1, 0.25))
    assert loud > 2 * soft > 0


def test_families_share_out_all_columns(listener: live.Listener, pair: domains.DomainPair) -> None:
    assert list(listener.families) == list(live.FAMILIES)
    assert sorted(np.concatenate(list(listener.families.values()))) == list(range(1582))
    for family, columns in listener.families.items():
        assert {s for s, places in pair.streams.items() if set(columns) & set(places)} == {
            live.listener.stream_of(family)
        }


def straight(listener: live.Listener, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Attention and probabilities from z-scores, by the network itself."""
    order = np.concatenate(list(listener.method.streams_.values()))
    network = listener.method.network_.eval()
    with torch.no_grad():
        fused = network(torch.tensor(z[None, order], dtype=torch.float32), torch.ones(1, 2, dtype=torch.bool))
    return fused.weights[0].double().numpy(), torch.softmax(fused.logits.double(), 1)[0].numpy()


def test_opinion_beside_the_corpus_and_beside_takes(
    listener: live.Listener, pair: domains.DomainPair, files: list[str]
) -> None:
    rows = [listener.row(*read(file)) for file in files[:5]]
    source = pair.X[~pair.target].astype(float)
    own = np.array(rows[1:], dtype=float)
    for earlier, (mean, deviation) in (
        (None, (source.mean(0), source.std(0))),
        (rows[1:], (own.mean(0), own.std(0))),
    ):
        z, attention, p = listener.opinion(rows[0], earlier)
        with np.errstate(divide="ignore", invalid="ignore"):
            wanted = np.nan_to_num((rows[0] - mean) / deviation, nan=0, posinf=0, neginf=0)
        scale = deviation > 1e-6 * np.abs(mean)
        assert scale.sum() > 1400
        assert np.allclose(z[scale], np.clip(wanted, -5, 5)[scale], atol=1e-4)
        by_hand = straight(listener, z)
        assert np.allclose(attention, by_hand[0], atol=1e-5)
        assert np.allclose(p, by_hand[1], atol=1e-5)
    method, one = listener.method, np.array([1])
    assert np.allclose(listener.opinion(rows[0])[2], method.predict_proba(rows[0][None], sample_domain=one)[0])
    assert not np.allclose(listener.opinion(rows[0])[2], listener.opinion(rows[0], rows[1:])[2], atol=1e-3)


def test_listener_says_what_pair_it_needs(pair: domains.DomainPair) -> None:
    from dataclasses import replace

    with pytest.raises(UserError, match="make it with features"):
        live.Listener(replace(pair, feature_names=pair.feature_names[:88], features=("egemaps",)))
    domain = pair.sample_domain.copy()
    domain[:5] = 2
    with pytest.raises(UserError, match="2 source corpora"):
        live.Listener(replace(pair, sample_domain=domain))


# A session


def test_a_scale_of_one_s_own_begins_with_three_earlier_takes(listener: live.Listener, files: list[str]) -> None:
    session = live.Session(listener)
    for n, file in enumerate(files[:4]):
        view = session.hear(*read(file))
        assert view["take"] == n + 1
        assert ("z" in view["by"]["own"]) == (n >= live.LEAST_TAKES)
        if n < live.LEAST_TAKES:
            assert f"there {'is' if n == 1 else 'are'} {n}" in view["by"]["own"]["problem"]
    rows = [listener.row(*read(file)) for file in files[:4]]
    z, attention, p = listener.opinion(rows[3], rows[:3])
    own = view["by"]["own"]
    order = np.concatenate(list(listener.families.values()))
    assert np.allclose(decoded(own), z[order], atol=1e-6)
    assert list(own["probabilities"]) == list(listener.classes)
    assert np.allclose(list(own["probabilities"].values()), p)
    assert np.allclose([own["attention"][s] for s in listener.method.streams_], attention)
    assert sum(f["n"] for f in view["families"]) == 1582
    assert view["seconds"] == pytest.approx(len(read(files[3])[0]) / RATE, abs=1e-3)


def test_forgotten_takes_are_gone_and_count_no_more(listener: live.Listener, files: list[str]) -> None:
    session = live.Session(listener)
    for file in files[:4]:
        session.hear(*read(file))
    session.hear(*read(files[4]), keep=False)
    assert list(session.takes) == [1, 2, 3, 4]
    session.forget(2)
    z = decoded(session.hear(*read(files[4]), keep=False)["by"]["own"])
    rows = [listener.row(*read(files[i])) for i in (0, 2, 3)]
    wanted = listener.opinion(listener.row(*read(files[4])), rows)[0]
    assert np.allclose(z, wanted[np.concatenate(list(listener.families.values()))], atol=1e-6)
    session.forget(2)
    session.forget()
    assert session.takes == {}
    assert session.hear(*read(files[0]))["take"] == 5, "a number is given once"


def test_a_bad_take_leaves_the_session_as_it_was(listener: live.Listener, files: list[str]) -> None:
    session = live.Session(listener)
    session.hear(*read(files[0]))
    with pytest.raises(UserError, match="too short"):
        session.hear(tone(0.2), RATE)
    assert list(session.takes) == [1]


def writes() -> int:
    """Calls to write so far, of this process and its libraries, whatever the language."""
    return int(re.search(r"syscw: (\d+)", Path("/proc/self/io").read_text())[1])


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="only Linux counts a process's writes")
def test_nothing_is_written(listener: live.Listener, files: list[str], tmp_path: Path) -> None:
    sound, session = read(files[0]), live.Session(listener)
    session.hear(*sound)  # openSMILE and torch have loaded what they need
    counts = []
    for _ in range(3):
        before = writes()
        session.hear(*sound)
        counts.append(writes() - before)
    assert min(counts) == 0, "no call to write, not even for a pipe"
    before = writes()
    (tmp_path / "seen").write_text("1")
    assert writes() > before, "the count works"


# The widget and its page


@pytest.fixture
def widget(listener: live.Listener, files: list[str], monkeypatch: pytest.MonkeyPatch) -> SayIt:
    """With a session of its own, and what it sends in ``sent``."""
    made, mine = live.Session(listener), live.Session(listener)
    clips = []
    for n, file in enumerate(files[:2]):
        samples, rate = read(file)
        clips.append({"name": f"clip {n}", "samples": samples, "rate": rate, "view": made.hear(samples, rate)})
    found = SayIt(clips, answer=mine.hear, forget=mine.forget)
    found.sent, found.mine = [], mine
    monkeypatch.setattr(found, "send", lambda content, buffers=None: found.sent.append(content))
    return found


def take(samples: np.ndarray, number: int = 1, rate: int = RATE) -> tuple[dict[str, Any], list[memoryview]]:
    content = {"kind": "take", "id": number, "rate": rate, "view": "v"}
    return content, [memoryview(samples.astype("<f4").tobytes())]


def test_bytes_of_a_take_give_the_library_s_numbers(widget: SayIt, listener: live.Listener, files: list[str]) -> None:
    samples, rate = read(files[2])
    before = widget.get_state()
    widget._handle_custom_msg(*take(samples))
    (reply,) = widget.sent
    assert (reply["kind"], reply["id"], reply["view"]) == ("view", 1, "v")
    z, attention, p = listener.opinion(features.extract([files[2]]).to_numpy()[0])
    side = reply["answer"]["by"]["corpus"]
    assert np.allclose(decoded(side), z[np.concatenate(list(listener.families.values()))], atol=1e-6)
    assert np.allclose(list(side["probabilities"].values()), p)
    assert np.allclose(list(side["attention"].values()), attention)
    assert widget.get_state() == before, "what was said is in no trait, so that no notebook keeps it"
    assert rate == RATE


def test_errors_come_as_sentences_and_the_session_goes_on(widget: SayIt, files: list[str]) -> None:
    for number, samples in enumerate((tone(0.1), np.zeros(RATE), np.sign(tone()))):
        widget._handle_custom_msg(*take(samples, number))
    widget._handle_custom_msg({"kind": "take", "id": 3, "rate": RATE, "view": "v"}, [])
    widget._handle_custom_msg(*take(read(files[0])[0], 4))
    kinds = [(m["kind"], m["id"]) for m in widget.sent]
    assert kinds == [("problem", 0), ("problem", 1), ("problem", 2), ("problem", 3), ("view", 4)]
    said = [m["words"] for m in widget.sent[:4]]
    for words, says in zip(said, ("too short", "almost silent", "clipped", "Python stopped with"), strict=True):
        assert says in words
        assert re.search(r"[^.?][.?]$", words)
    assert list(widget.mine.takes) == [1]


def test_ping_and_forget_are_answered(widget: SayIt, files: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [sign for signs in speaking.RENTED.values() for sign in signs]:
        monkeypatch.delenv(name, raising=False)
    widget._handle_custom_msg({"kind": "ping", "view": "v"}, [])
    for number in (1, 2):
        widget._handle_custom_msg(*take(read(files[0])[0], number))
    widget._handle_custom_msg({"kind": "forget", "take": 1, "view": "v"}, [])
    assert list(widget.mine.takes) == [2]
    widget._handle_custom_msg({"kind": "forget", "take": None, "view": "v"}, [])
    assert not widget.mine.takes
    assert widget.sent[0] == {"kind": "pong", "where": ""}
    assert widget.sent[-1] == {"kind": "forgotten", "view": "v"}


@pytest.mark.parametrize(
    ("signs", "where"),
    [
        (["COLAB_RELEASE_TAG"], "Google Colab"),
        (["BINDER_SERVICE_HOST", "JUPYTERHUB_API_URL"], "Binder"),
        (["JUPYTERHUB_API_URL"], "a JupyterHub"),
        (["CODESPACES"], "GitHub Codespaces"),
        ([], ""),
    ],
)
def test_rented_kernels_say_so(signs: list[str], where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [sign for each in speaking.RENTED.values() for sign in each]:
        monkeypatch.delenv(name, raising=False)
    for name in signs:
        monkeypatch.setenv(name, "1")
    assert speaking.rented() == where


def test_without_an_answer_nobody_answers(widget: SayIt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(widget, "_answer", None)
    widget._handle_custom_msg({"kind": "ping", "view": "v"}, [])
    widget._handle_custom_msg(*take(tone()))
    assert widget.sent == []


def test_widget_says_what_it_cannot_show(listener: live.Listener, files: list[str]) -> None:
    samples, rate = read(files[0])
    view = live.Session(listener).hear(samples, rate)
    good = {"name": "a", "samples": samples, "rate": rate, "view": view}
    for clips, more, says in (
        ([], {}, "one to nine"),
        ([good, good], {}, "a name of its own"),
        ([{**good, "view": {}}], {}, "has no 'view'"),
        ([{k: v for k, v in good.items() if k != "view"}], {}, "has no 'view'"),
        ([{**good, "samples": 0 * samples}], {}, "is silent"),
        ([good], {"statistics": "mine"}, "statistics='mine' is not known"),
        ([good], {"temperature": 0.1}, "use 0.5 to 10"),
    ):
        with pytest.raises(UserError, match=re.escape(says)):
            SayIt(clips, **more)


# What the page says


def answers(**named: tuple[str, str]) -> list[dict[str, Any]]:
    """Clips of "anger", "neutral", the latter turned up, and a beep, with what is said beside corpus and takes."""
    meant = {"anger": "anger", "neutral": "neutral", page.TURNED_UP: "neutral", page.NOBODY: None}
    found = []
    for (name, of), sides in zip(meant.items(), named.values(), strict=True):
        by = {}
        for side, (word, share) in zip(("corpus", "own"), (s.split() for s in sides), strict=True):
            other = "sad" if word != "sad" else "anger"
            by[side] = {"probabilities": {word: float(share), other: 1 - float(share)}}
        found.append({"name": name, "meant": of, "view": {"by": by}})
    return found


def test_a_notice_by_hand() -> None:
    clips = answers(
        anger=("fear 0.9", "anger 0.7"),
        neutral=("fear 0.8", "neutral 0.6"),
        louder=("fear 0.7", "anger 0.8"),
        beep=("fear 0.9", "sad 0.95"),
    )
    text = page.notice(clips).data
    assert "Beside the corpus it names 0 of 3 right, and is 80 % sure on average." in text
    assert "Whatever she does, it says *fear*." in text
    assert "Beside five of her earlier takes it names 2 right, 70 % sure." in text
    assert "beside these takes *neutral*, 60 %, becomes *anger*, 80 %." in text
    assert "The beep is *sad*, 95 %" in text


def test_a_notice_of_answers_that_stay() -> None:
    clips = answers(
        anger=("anger 0.9", "anger 0.7"),
        neutral=("fear 0.8", "neutral 0.6"),
        louder=("fear 0.7", "neutral 0.8"),
        beep=("fear 0.9", "sad 0.95"),
    )
    text = page.notice(clips).data
    assert "It says *anger*, *fear*, and little of it fits." in text
    assert "the one that was turned up stays *neutral*, from 60 to 80 %." in text


def test_clips_are_the_takes_and_what_is_made_of_them(listener: live.Listener, files: list[str]) -> None:
    session = live.Session(listener)
    for file in files[:3]:
        session.hear(*read(file))
    kept = dict(session.takes)
    of = dict(zip(EMOTIONS, files, strict=False))
    clips = {c["name"]: c for c in page.clips(session, lambda emotion: read(of[emotion]), EMOTIONS)}
    assert list(clips) == [*EMOTIONS, page.TURNED_UP, page.NOBODY]
    assert session.takes.keys() == kept.keys()
    plain, louder = (clips[name]["samples"] for name in ("neutral", page.TURNED_UP))
    assert 20 * np.log10(np.abs(louder).max() / np.abs(plain).max()) <= 12.01
    quiet = np.abs(plain) < 0.2
    np.testing.assert_allclose(louder[quiet], plain[quiet] * 10**0.6, rtol=1e-5)
    assert clips[page.NOBODY]["meant"] is None
    assert all({"probabilities", "attention", "z"} == set(c["view"]["by"]["own"]) for c in clips.values())
    assert SayIt(list(clips.values())).shown == EMOTIONS[0]


def test_three_beeps_of_one_tone() -> None:
    tone = page.beeps(RATE)
    loud = np.abs(tone).reshape(-1, RATE // 10).max(1) > 0.4
    assert loud.tolist() == [True] * 3 + [False] * 2 + [True] * 3 + [False] * 2 + [True] * 3 + [False] * 2
    spectrum = np.abs(np.fft.rfft(tone[: RATE * 3 // 10]))
    assert np.fft.rfftfreq(RATE * 3 // 10, 1 / RATE)[spectrum.argmax()] == pytest.approx(440, abs=4)


def test_takes_of_the_sentences_before_are_the_scale() -> None:
    """Against a loop; the sentences go round, and other voices count for nothing."""
    rng = np.random.default_rng(0)
    speakers, sentence = np.repeat(["a", "b"], 18), np.tile(np.repeat(np.arange(1, 7), 3), 2)
    X, mean, deviation = rng.normal(size=(36, 4)), rng.normal(size=4), rng.uniform(1, 2, 4)
    found = page.moved(X, speakers, sentence, 2, mean, deviation)
    for i, row in enumerate(X):
        before = [(sentence[i] - back - 1) % 6 + 1 for back in (1, 2)]
        takes = np.array(
            [x for x, who, s in zip(X, speakers, sentence, strict=True) if who == speakers[i] and s in before]
        )
        assert len(takes) == 6
        z = np.clip((row - takes.mean(0)) / takes.std(0), -5, 5)
        np.testing.assert_allclose(found[i], mean + z * deviation)


def test_every_way_is_asked_of_the_same_network() -> None:
    """Of a source row that counts for nothing, and a network that is sure of the larger of two features."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(13, 2)).astype(np.float32)
    target = np.arange(13) > 0
    truth = np.arange(12) % 2
    files = ["x/m1-sad-01.wav", *(f"x/{who}-sad-{n:02}.wav" for who in ("f1", "m1") for n in range(1, 7))]
    groups = np.array(["s", *["f1"] * 6, *["m1"] * 6])
    known = SimpleNamespace(X=X, target=target, truth=truth, files=files, groups=groups)
    network = SimpleNamespace(predict_proba=lambda x, sample_domain: special.softmax(10 * x, axis=1))
    mean, deviation = np.array([0.1, 0.2]), np.array([1.0, 2.0])
    found = page.beside(known, SimpleNamespace(mean=mean, deviation=deviation, method=network))
    assert list(found.probabilities) == ["the corpus", "5 takes", "10 takes", "15 takes", "20 takes", "25 takes"]
    assert found.right("the corpus") == pytest.approx(100 * np.mean((X[1:, 1] > X[1:, 0]) == truth))
    # Of one take a scale makes 0 of every number, so all rows are moved to the corpus's mean.
    assert np.ptp(found.probabilities["5 takes"], axis=0).max() == 0
    speaker, sentence = groups[1:], np.tile(np.arange(1, 7), 2)
    for n in (2, 5):
        rows = page.moved(X[1:], speaker, sentence, n, mean, deviation)
        np.testing.assert_allclose(found.probabilities[f"{5 * n} takes"], special.softmax(10 * rows, axis=1))
    known.truth = None
    with pytest.raises(UserError, match="has no labels"):
        page.beside(known, SimpleNamespace(mean=mean, deviation=deviation, method=network))


def beside(**right: float) -> page.Beside:
    """Two classes, ten rows: so many are right beside the corpus, five takes and twenty-five, each answer 90 % sure."""
    truth = np.zeros(10, dtype=int)
    probabilities = {}
    for way in page.WAYS:
        n = round(10 * {"the corpus": right["corpus"], "5 takes": right["five"]}.get(way, right["most"]))
        probabilities[way] = np.array([[0.9, 0.1]] * n + [[0.1, 0.9]] * (10 - n))
    return page.Beside(probabilities, truth)


def test_sure_and_right_by_hand() -> None:
    found = beside(corpus=0.2, five=0.6, most=0.8)
    text = page.sure_and_right(found).data
    assert "Beside the corpus it is right in 20 % and 90 % sure. " in text
    assert "With five takes it is right in 60 %, with twenty-five in 80 %," in text
    assert "It is most confident where it is worst." in text
    assert "These are 10 synthetic recordings" in text
    text = page.sure_and_right(beside(corpus=0.6, five=0.2, most=0.8)).data
    assert "Between sure and right there lie 30 points beside the corpus." in text
    with pytest.raises(AssertionError, match="takes help"):
        page.sure_and_right(beside(corpus=0.8, five=0.6, most=0.2))
    (ax,) = page.beside_drawn(found).axes
    assert [list(line.get_ydata()) for line in ax.lines[:2]] == [
        pytest.approx([90] * 6),
        pytest.approx([20, 60, 80, 80, 80, 80]),
    ]
    assert ax.lines[2].get_ydata()[0] == 50


def test_a_temperature_that_fits_by_hand() -> None:
    """Odds of 9 to 1 become those of 4 to 1 at T = log 9 / log 4; no temperature brings two classes below one half."""
    found = beside(corpus=0.2, five=0.6, most=0.8)
    assert page.fitting(found, "25 takes") == pytest.approx(np.log(9) / np.log(4), abs=0.026)
    text = page.calibration(found).data
    assert "Beside twenty-five takes that would be *T* = 1.6." in text
    assert "Beside the corpus even *T* = 10 leaves it 35 points too sure." in text
    assert "Beside the corpus it would be *T* = 1.6." in page.calibration(beside(corpus=0.8, five=0.6, most=0.8)).data


# The checks


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exercises, "_progress", {})


def moved(first: np.ndarray, second: np.ndarray, deviation: np.ndarray) -> list[int]:
    """Places by movement, in a plain loop."""
    far = [abs(b - a) / d if d else 0.0 for a, b, d in zip(first, second, deviation, strict=True)]
    return sorted(range(len(far)), key=lambda i: -far[i])


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda a, b, d, k: moved(a, b, d)[:k], "passed"),
        (lambda a, b, d, k: moved(a, b, d)[:3], "4 places were asked for, and 3 came"),
        (lambda a, b, d, k: moved(a, b, d)[:k][::-1], "comes last"),
        (lambda a, b, d, k: [1, 6, 0, 3], "the four are right"),
        (lambda a, b, d, k: [0, 6, 3, 1], "the units decide"),
        (lambda a, b, d, k: [6, 1, 3, 5], "5 moves less"),
        (lambda a, b, d, k: [1, 1, 2, 3], "not four different places"),
        (lambda a, b, d, k: ["x"] * 4, "places are expected"),
    ],
)
def test_movers_are_told_apart(answer: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert moved(*checks.two_takes())[:4] == [6, 1, 3, 0]
    teaching.check_movers(answer)
    assert says in capsys.readouterr().out


def of_all(state: Any, row: np.ndarray, change: Callable[..., Any] = lambda *x: x) -> Any:
    """Mean and deviation by keeping every row, in a list that grows."""
    rows = [*(state[3] if state else []), row]
    n, mean, deviation = change(len(rows), np.mean(rows, 0), np.std(rows, 0))
    return Kept((n, mean, deviation), rows)


class Kept(tuple):
    """Three things, and the rows behind them."""

    def __new__(cls, three: Any, rows: Any) -> Any:
        made = super().__new__(cls, three)
        made.rows = rows
        return made

    def __getitem__(self, i: Any) -> Any:
        return self.rows if i == 3 else super().__getitem__(i)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda n, m, d: (n, m, d), "passed"),
        (lambda n, m, d: (n + 1, m, d), "after 1 takes it has counted 2"),
        (lambda n, m, d: (n, m + 1, d), "the mean is not that"),
        (lambda n, m, d: (n, m, d**2), "squared deviation"),
        (lambda n, m, d: (n, m, 2 * d), "the deviation is not that"),
        (lambda n, m, d: (n, m, d * np.nan), "is not a number"),
        (lambda n, m, d: (n, m.mean(), d), "shapes () and (3,)"),
    ],
)
def test_running_statistics_are_told_apart(change: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    teaching.check_after(lambda state, row: of_all(state, row, change))
    assert says in capsys.readouterr().out


GOOD = (
    "This is for {purpose}. A program guesses emotions, and may be wrong. It runs on {machine}. {leaves} "
    "I delete it after {days} days. You may stop. Write to {contact}."
)


def words(facts: dict[str, Any], text: str = GOOD, away: str = "So it leaves this computer.", home: str = "") -> str:
    return text.format(**{**facts, "leaves": away if facts["leaves"] else home})


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (words, "passed"),
        (lambda f: 3, "a text is expected"),
        (lambda f: words(f, GOOD.replace("{days} days", "a while")), "does not say days, which is 7"),
        (lambda f: words(f) + " la" * 150, "a friend listens to 150"),
        (lambda f: words(f, GOOD + " " + "and so on " * 10), "a sentence has 30 words"),
        (lambda f: words(f, GOOD.replace("may stop", "are kind").replace("delete", "keep")), "how to get out"),
        (lambda f: words(f, GOOD.replace("guesses emotions", "does things")), "guess at emotions"),
        (lambda f: words(f, GOOD.replace("may be wrong", "is clever")), "may well be wrong"),
        (lambda f: words(f, away=""), "the same whether"),
        (lambda f: words(f, away="Nothing leaves your computer."), "and it does"),
    ],
)
def test_texts_are_told_apart(answer: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    teaching.check_consent(answer)
    assert says in capsys.readouterr().out
