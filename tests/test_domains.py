"""Pairs of domains: masked labels, closed sets, voices; features are stood in for, so that each number is known."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tlmlda_lib import domains, features
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import contents
from tlmlda_lib.features.voices import VoiceGroups


def table(corpus, emotions, speakers=("a", "b"), problems=()):
    """A table of recordings, one for each emotion and speaker in turn."""
    files = [f"/data/{corpus}/{i:03d}.wav" for i in range(len(emotions))]
    frame = pd.DataFrame(
        {
            "emotion": emotions,
            "speaker": [speakers[i % len(speakers)] for i in range(len(emotions))],
            "gender": pd.NA,
            "language": "de",
            "corpus": corpus,
        },
        index=pd.Index(files, name="file"),
    )
    frame.attrs["problems"] = list(problems)
    return frame


@pytest.fixture(autouse=True)
def known_features(monkeypatch):
    """IS10 becomes the number in the file's name; 'bad' files give none; two voices by even and odd numbers."""

    def number(file):
        return int(file.split("/")[-1][:3])

    def extract(table, feature_set="IS10", **how):
        good = [f for f in table.index if number(f) % 100 != 99]
        name = "n" if feature_set == "IS10" else feature_set
        X = pd.DataFrame({name: [number(f) for f in good]}, index=pd.Index(good, name="file"), dtype="float32")
        X.attrs["problems"] = [{"file": f, "problem": "is empty"} for f in table.index if f not in good]
        return X

    def embed(table, model="resemblyzer", **how):
        files = list(table.index if isinstance(table, pd.DataFrame) else table)
        rng = np.random.default_rng(0)
        rows = [rng.normal([number(f) % 2, 1 - number(f) % 2], 0.01) for f in files]
        return pd.DataFrame(rows, index=pd.Index(files, name="file"), columns=["e0", "e1"], dtype="float32")

    monkeypatch.setattr(features, "extract", extract)
    monkeypatch.setattr(features, "embed", embed)


def pair(**changes):
    source = table("emodb", ["anger", "sad", "boredom", "fear"] * 5)
    target = table("casia", ["fear", "anger", "surprise", "sad", "anger"] * 4, ("x", "y", "z"))
    return domains.make_pair(**({"source": source, "target": target} | changes))


def test_stacked_masked_and_the_truth_apart():
    p = pair()
    assert p.classes == ("anger", "fear", "sad")
    assert p.X.shape == (15 + 16, 1)
    assert p.X.dtype == np.float32
    assert (p.y[p.target] == -1).all()
    assert p.y[~p.target].tolist() == [0, 2, 1] * 5
    assert p.truth.tolist() == [1, 0, 2, 0] * 4
    assert set(p.sample_domain) == {1, -2}
    assert p.target.sum() == 16
    assert len({p.speakers[i] for i in np.flatnonzero(p.groups == p.groups[0])}) == 1
    assert set(p.speakers) == {"emodb/a", "emodb/b", "casia/x", "casia/y", "casia/z"}
    assert [int(f.split("/")[-1][:3]) for f in p.files] == p.X[:, 0].tolist()
    with pytest.raises(ValueError, match="read-only"):
        p.truth[0] = 2


def test_genders_stand_beside_the_speakers_where_they_are_known():
    source, target = table("emodb", ["anger", "sad"] * 3), table("casia", ["sad", "anger"] * 2)
    target["gender"] = pd.array(["female", "male", pd.NA, "male"], dtype="string")
    assert domains.make_pair(source, target).genders == ("",) * 6 + ("female", "male", "", "male")
    assert domains.make_pair(source.drop(columns="gender"), target.drop(columns="gender")).genders == ("",) * 10


def test_emotions_can_be_chosen_and_files_without_features_are_reported():
    emotions = ["anger", "sad"] * 60
    source = table("emodb", emotions, problems=[{"file": "x.txt", "problem": "is not a sound"}])
    p = pair(source=source, emotions=["sad", "anger"])
    assert p.classes == ("anger", "sad")
    assert (p.sample_domain > 0).sum() == 119
    assert [x["problem"] for x in p.problems] == ["is not a sound", "is empty"]


def test_several_sources_are_numbered_and_the_target_comes_last():
    p = pair(source=[table("emodb", ["anger", "sad"] * 3), table("ravdess", ["sad", "anger"] * 2)])
    assert list(dict.fromkeys(p.sample_domain.tolist())) == [1, 2, -3]


def test_a_target_without_labels():
    target = table("mine", [pd.NA] * 6)
    p = pair(target=target, emotions=["anger", "sad"])
    assert p.truth is None
    assert p.target.sum() == 6
    assert pair(target=target).classes == ("anger", "boredom", "fear", "sad")


def test_a_half_labelled_target_keeps_its_unlabelled_rows():
    target = table("casia", ["fear", pd.NA, "surprise", "sad", pd.NA, "anger"])
    with pytest.warns(UserWarning, match="2 of 6 recordings without an emotion: learned from, not scored"):
        p = pair(target=target)
    assert p.classes == ("anger", "fear", "sad")
    assert p.truth.tolist() == [1, -1, 2, -1, 0]  # surprise is not an emotion of the source
    assert p.target.sum() == 5
    with pytest.raises(UserError, match="has 2 recordings without labels, so there is no picture"):
        domains.pair.whole_truth(p, ", so there is no picture")
    assert domains.pair.whole_truth(pair(), "").tolist() == pair().truth.tolist()


def test_recordings_without_labels_are_learned_from_and_not_scored():
    target = table("casia", ["fear", pd.NA, "sad", "anger"] * 4, ("x", "y", "z"))
    with pytest.warns(UserWarning, match="not scored"):
        p = pair(target=target)
    named = np.where(p.truth >= 0, p.truth, 0)
    named[0] = 2  # one is wrong
    fitted = SimpleNamespace(classes_=np.arange(3), target_predictions_=named[None], options=lambda: None)
    found = contents.scores(fitted, p)
    assert found["rules"]["final"]["war"] == pytest.approx(100 * 11 / 12)
    assert np.sum(found["rules"]["final"]["confusion"]) == np.sum(list(found["utterances"].values())) == 12
    assert contents.about_pair(p, None)["counts"]["target"] == {"anger": 4, "fear": 4, "sad": 4}
    assert len(contents.said(fitted, p, None)["predicted"]) == 12


def test_a_repeated_row_counts_once_and_is_not_said_to_be_in_both_domains():
    target = table("casia", ["fear", "anger", "sad"] * 2)
    with pytest.warns(UserWarning, match="2 rows of the target repeat a file of it: each file counts once") as said:
        p = pair(target=pd.concat([target, target[:2]]))
    assert not any("both domains" in str(w.message) for w in said)
    assert p.target.sum() == 6
    other = target[:1].assign(emotion="sad")
    with pytest.raises(UserError, match=r"the target has .*/casia/000.wav as fear and as sad: keep one"):
        pair(target=pd.concat([target, other]))


def test_a_file_in_both_domains_stays_in_the_source():
    source = table("emodb", ["anger", "sad", "boredom", "fear"] * 5)
    with pytest.warns(UserWarning, match="1 files are in both domains: the source keeps them"):
        p = pair(source=source, target=pd.concat([source[:1], table("casia", ["fear", "anger", "sad"])]))
    assert (p.target.sum(), (~p.target).sum()) == (3, 15)
    with pytest.warns(UserWarning, match="15 files are in two sources: the first keeps them"):
        p = pair(source=[source, source])
    assert set(p.sample_domain) == {1, -3}


def test_feature_sets_side_by_side():
    p = pair(features=("is10", "resemblyzer"))
    assert p.feature_names == ("n", "e0", "e1")
    assert pair(features=("egemaps", "resemblyzer")).feature_names == ("eGeMAPSv02", "e0", "e1")
    assert {name: list(columns) for name, columns in p.streams.items()} == {"other": [0, 1, 2]}


def test_voices_are_found_within_each_domain_and_new_recordings_join_the_nearest():
    p = pair()
    odd = np.array([int(f.split("/")[-1][:3]) % 2 for f in p.files])
    for d in (1, -2):
        rows = p.sample_domain == d
        codes = p.voices[rows]
        assert len(set(codes)) == 2
        assert len(set(zip(codes, odd[rows], strict=True))) == 2
    assert not set(p.voices[p.target]) & set(p.voices[~p.target])
    assert np.array_equal(p.voice_groups.codes(np.array([[1, 0], [0, 1.0]])), p.voice_groups.codes(np.eye(2) * 0.9))
    again = VoiceGroups.from_json(p.voice_groups.to_json())
    assert np.array_equal(again.codes(p._embeddings, p.sample_domain), p.voices)
    assert again.target == -2


def test_one_recording_or_equal_recordings_have_one_voice():
    groups = VoiceGroups.fit(np.ones((4, 3)), np.array([1, 1, 1, -2]))
    assert groups.codes(np.ones((4, 3)), np.array([1, 1, 1, -2])).tolist() == [2, 2, 2, 0]


def voices_of(target_apart, n=20, noise=0.05):
    """Groups of a source whose two voices lie apart along one line, and of a target with two groups along another."""
    rng = np.random.default_rng(0)
    side = np.repeat([1.0, -1.0], n // 2)[:, None]
    source = side * np.eye(8)[0] + noise * rng.standard_normal((n, 8))
    target = side * np.asarray(target_apart) + noise * rng.standard_normal((n, 8)) + 3  # another corpus, another place
    return VoiceGroups.fit(np.vstack([source, target]), np.repeat([1, -2], n))


def test_two_groups_count_as_voices_only_where_source_and_target_agree():
    line, other = np.eye(8)[0], np.eye(8)[1]
    assert {d: len(c) for d, c in voices_of(-line).centres.items()} == {1: 2, -2: 2}  # in either sense
    assert {d: len(c) for d, c in voices_of(other).centres.items()} == {1: 1, -2: 1}  # moods, not voices
    assert {d: len(c) for d, c in voices_of(0.3 * line + 0.5 * other).centres.items()} == {1: 2, -2: 2}
    assert set(voices_of(other).codes(np.zeros((3, 8)))) == {0}


def test_of_three_domains_the_one_that_disagrees_is_one_voice():
    rng, side = np.random.default_rng(0), np.repeat([1.0, -1.0], 10)[:, None]
    rows = [side * np.eye(8)[axis] + 0.05 * rng.standard_normal((20, 8)) for axis in (0, 0, 1)]
    groups = VoiceGroups.fit(np.vstack(rows), np.repeat([1, 2, -3], 20))
    assert {d: len(c) for d, c in groups.centres.items()} == {1: 2, 2: 2, -3: 1}


def test_the_digest_follows_the_features():
    assert pair().feature_digest == pair().feature_digest
    assert pair().feature_digest != pair(emotions=["anger", "sad"]).feature_digest


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"emotions": ["calm"]}, "the source has no recordings of calm"),
        ({"source": table("a", ["anger"] * 3), "emotions": ["anger"]}, "one class, 'anger'"),
        ({"emotions": ["anger", "surprise"]}, "one class"),
        ({"emotions": ["anger", "sad", "surprise"]}, "no recording of surprise"),
        ({"source": table("a", ["disgust"] * 3)}, "the source has no recordings of a common emotion"),
        ({"features": ()}, "names no feature set"),
        ({"emotions": ("anger", "anger", "sad")}, "names anger 2 times: name each emotion once"),
        ({"emotions": "anger"}, "is one word: give a list of emotions"),
        (
            {"target": table("c", ["anger"] * 3)},
            r"one common emotion \(source: anger, boredom, fear, sad; target: anger\)",
        ),
    ],
)
def test_errors_name_what_is_missing(changes, words):
    with pytest.raises(UserError, match=words):
        pair(**changes)


def test_every_file_bad():
    source = table("emodb", ["anger", "sad"])
    source.index = pd.Index(["/data/emodb/099.wav", "/data/emodb/199.wav"], name="file")
    with pytest.raises(UserError, match=r"099.wav: is empty"):
        pair(source=source, emotions=["anger", "sad"])


def test_the_schemes_of_the_protocol(monkeypatch):
    every = ["anger", "sad", "fear", "happy", "disgust", "surprise", "neutral"]
    monkeypatch.setattr(domains.pair.corpora, "load", lambda name, root=None: table(name, every * 2))
    assert set(domains.PAPER_SCHEMES + domains.OPEN_SCHEMES) <= set(domains.SCHEMES)
    five = {"B": "disgust", "C": "surprise"}
    for name in domains.PAPER_SCHEMES + domains.OPEN_SCHEMES:
        p = domains.load_pair(name)
        other = "neutral" if set(name) == set("B2C") else five[(set(name) & {"B", "C"}).pop()]
        assert set(p.classes) == {"anger", "sad", "fear", "happy", other}, name
        assert p.scheme == name
    loco = domains.load_pair("loco-B")
    assert loco.scheme == "CR2B"
    assert set(loco.sample_domain) == {1, 2, -3}
    with pytest.raises(UserError, match="'B2X'"):
        domains.load_pair("B2X")


def test_a_part_of_the_target(monkeypatch):
    every = ["anger", "sad", "fear", "happy", "neutral"]

    def load(name, root=None):
        made = table(name, every * 2)
        return made.assign(gender=["female"] * 5 + ["male"] * 5, speaker=["03"] * 5 + ["10"] * 5)

    monkeypatch.setattr(domains.pair.corpora, "load", load)
    for part, which in (("female", "03"), ("male", "10"), ("10", "10")):
        p = domains.load_pair(f"C2B-{part}")
        assert p.scheme == f"C2B-{part}"
        assert (p.target.sum(), (~p.target).sum()) == (5, 10)
        assert {s for s, t in zip(p.speakers, p.target, strict=True) if t} == {f"emodb/{which}"}
    with pytest.raises(
        UserError, match="emodb has no part '11': use female, male, mostly- and an emotion, or a speaker, one of 03, 10"
    ):
        domains.load_pair("C2B-11")


def test_the_published_sizes(real_corpora):
    from tlmlda_lib import corpora

    counts = {}
    for name in domains.OPEN_SCHEMES:
        scheme = domains.schemes.parse(name)
        tables = [corpora.load(corpus, real_corpora) for corpus in scheme.corpora]
        counts[name] = tuple(int(of["emotion"].isin(scheme.emotions).sum()) for of in tables)
    assert counts == {
        "R2B": (960, 375),
        "B2R": (375, 960),
        "B2C": (408, 1000),
        "C2B": (1000, 408),
        "R2C": (960, 1000),
        "C2R": (1000, 960),
    }


@pytest.mark.parametrize(("emotion", "kept"), [("anger", {"anger": 21, "fear": 6, "sad": 3}), ("sad", {"sad": 10})])
def test_a_target_can_have_mostly_one_emotion(emotion, kept, monkeypatch):
    """21 of 30; where the one emotion is rare, all of it and fewer of the others, in their proportions."""
    given = ["anger"] * 60 + ["boredom"] * 9 + ["fear"] * 6 + ["sad"] * 3
    if emotion == "sad":
        given, kept = ["anger"] * 40 + ["fear"] * 20 + ["sad"] * 14, {"anger": 4, "fear": 2, "sad": 14}
    tables = {"casia": table("casia", ["anger", "fear", "sad"] * 3), "emodb": table("emodb", given, ("03", "08"))}
    monkeypatch.setattr(domains.pair.corpora, "load", lambda name, root=None, **how: tables[name])
    monkeypatch.setattr(domains.pair.schemes.Scheme, "emotions", ("anger", "fear", "sad"))
    p = domains.load_pair(f"C2B-mostly-{emotion}")
    names, counts = np.unique(np.array(p.classes)[p.truth], return_counts=True)
    assert dict(zip(names, counts, strict=True)) == kept
    assert p.files == domains.load_pair(f"C2B-mostly-{emotion}").files, "the same recordings each time"
    assert p.scheme == f"C2B-mostly-{emotion}"
    with pytest.raises(UserError, match="has no part mostly-joy: use one of its emotions here, anger, fear, sad"):
        domains.load_pair("C2B-mostly-joy")
