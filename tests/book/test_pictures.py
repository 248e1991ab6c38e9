"""Chapter 3.2: neighbours, Figure 2's records and command, features epoch by epoch, the explorable, the checks."""

from __future__ import annotations

import base64
import io
import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from shown import cells, plain
from sklearn.manifold import trustworthiness
from sklearn.neighbors import NearestNeighbors
from stand_ins import made_pair
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[1]))

import recomputed_pictures

from tlmlda_lib import domains, losses, methods
from tlmlda_lib.book import checks
from tlmlda_lib.book.checks import exercises
from tlmlda_lib.book.explorables import FeatureMotion
from tlmlda_lib.book.explorables import pictures as feature_motion
from tlmlda_lib.book.explorables.pictures import LARGEST, NUMBERS
from tlmlda_lib.book.pages.pictures import motion
from tlmlda_lib.cli import main as cli
from tlmlda_lib.errors import UserError
from tlmlda_lib.evaluation import neighbours
from tlmlda_lib.experiments import pictures, run, scatter, sealed, store
from tlmlda_lib.training import trainer

pytest.importorskip("IPython", reason="the extra `chapters`, which shows a page's sentences, is not installed")
from tlmlda_lib.book.pages.pictures import page

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "book"

SMALL = {"encoder": (12, 8), "emotion": (8, 6), "epochs": 3, "batch_size": 16}
WORDS = ("--set", "encoder=12,8", "--set", "emotion=8,6", "--set", "epochs=3", "--set", "batch_size=16")


# Neighbours


def test_neighbours_are_those_of_scikit_learn() -> None:
    z = np.random.default_rng(0).normal(size=(60, 7))
    theirs = NearestNeighbors(n_neighbors=11).fit(z).kneighbors(return_distance=False)[:, :10]
    assert np.array_equal(neighbours.nearest(z), theirs)
    codes = np.random.default_rng(1).integers(0, 4, 60)
    assert neighbours.neighbour_share(z, codes) == pytest.approx((codes[theirs] == codes[:, None]).mean())


def test_a_point_is_not_its_own_neighbour_even_among_equal_points() -> None:
    z = np.zeros((4, 2))
    assert neighbours.nearest(z, 3).tolist() == [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]


def test_chance_is_the_mean_over_all_deals() -> None:
    rng = np.random.default_rng(2)
    z, codes = rng.normal(size=(40, 3)), np.repeat([0, 1, 2], [25, 10, 5])
    dealt = [neighbours.neighbour_share(z, rng.permutation(codes)) for _ in range(400)]
    assert np.mean(dealt) == pytest.approx(neighbours.chance_share(codes), abs=0.01)
    assert neighbours.chance_share(["a"] * 9) == 1


def test_random_heads_are_the_baseline_of_predictions() -> None:
    z = np.random.default_rng(5).normal(size=(70, 4)) + 3
    names = motion.random_names(z, 3, heads=6, seed=1)
    rng, middle = np.random.default_rng(1), z.mean(0)
    for one in names:  # by hand: each head's own weights, each point's largest sum
        weights = rng.normal(size=(4, 3))
        assert one.tolist() == [int(np.argmax([(p - middle) @ weights[:, c] for c in range(3)])) for p in z]
    by_hand = np.mean([neighbours.neighbour_share(z, one) for one in names])
    assert motion.head_share(z, 3, 10, heads=6, seed=1) == pytest.approx(by_hand)


def test_a_random_head_is_far_above_dealt_names_even_where_there_is_nothing_to_see() -> None:
    cloud = np.random.default_rng(6).normal(size=(240, 16))
    dealt = np.mean([neighbours.chance_share(one) for one in motion.random_names(cloud, 5)])
    assert motion.head_share(cloud, 5) > dealt + 0.1


def test_no_baseline_is_called_chance() -> None:
    assert "by chance" not in (BOOK / "pictures.md").read_text(encoding="utf-8")
    script = Path(feature_motion.__file__).with_suffix(".js").read_text(encoding="utf-8")
    assert '"by chance"' not in script
    assert '"random head", "names dealt"' in script


@pytest.mark.parametrize("scheme", domains.OPEN_SCHEMES)
def test_the_shipped_pictures_say_what_their_points_say(scheme: str) -> None:
    content = pictures.read(None, [scheme])[scheme]
    for method, one in content["methods"].items():
        told = {
            "WAR": one["war"],
            "neighbours by predicted class": 100 * one["shared"]["predicted"],
            "neighbours by true class": 100 * one["shared"]["true"],
            "true classes dealt at random": 100 * one["chance"]["true"],
        }
        for kind, value in told.items():
            recomputed = recomputed_pictures.expected(f"picture of {method}: {kind}", [content["places"][method]])
            assert recomputed == pytest.approx(value, abs=1e-9), kind
    both = [content["places"][m] for m in ("tlmlda", "only_cls")]
    assert recomputed_pictures.expected("pictures, tlmlda minus only_cls: WAR", both) == pytest.approx(
        content["methods"]["tlmlda"]["war"] - content["methods"]["only_cls"]["war"]
    )


def test_kept_neighbours() -> None:
    z = np.random.default_rng(3).normal(size=(50, 2))
    assert neighbours.kept_share(z, 3 * z[:, ::-1] + 1) == 1
    strangers = np.random.default_rng(4).normal(size=(50, 2))
    assert neighbours.kept_share(z, strangers) == pytest.approx(10 / 49, abs=0.08)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: neighbours.nearest(np.zeros((5, 2)), 5), r"k=5, points \(5, 2\)"),
        (lambda: neighbours.nearest(np.zeros(5), 1), r"points \(5,\)"),
        (lambda: neighbours.neighbour_share(np.zeros((5, 2)), [1, 2], 2), r"\(2,\): \(5,\) is needed"),
        (lambda: neighbours.kept_share(np.zeros((5, 2)), np.zeros((6, 2)), 2), "5 points before and 6 after"),
    ],
)
def test_what_cannot_be_counted_is_named(call: Any, says: str) -> None:
    with pytest.raises(UserError, match=says):
        call()


# Figure 2


@pytest.fixture(scope="module")
def pair() -> Any:
    return made_pair(n=(60, 50))


@pytest.mark.parametrize("method", ["only_cls", "tlmlda"])
def test_aligned_features_are_those_behind_the_predictions(pair: Any, method: str) -> None:
    clf = methods.make(method, "recommended-is10", random_state=0, **SMALL)
    clf.fit(pair.X, pair.y, sample_domain=pair.sample_domain, voices=pair.voices)
    z, predicted = scatter.aligned(clf, pair)
    assert z.shape == (110, 6)
    assert np.array_equal(predicted[pair.target], clf.target_predictions_[-1])
    logits = clf.network_.emotion.head(torch.as_tensor(z)).detach().numpy()
    assert np.array_equal(logits.argmax(1), predicted)
    if method == "tlmlda":  # the target's own BatchNorm, not the source's
        p = clf.predict_proba(pair.X[pair.target], voices=pair.voices[pair.target])
        np.testing.assert_allclose(torch.softmax(torch.as_tensor(logits[pair.target]), 1), p, atol=1e-5)


@pytest.fixture(scope="module")
def content(pair: Any) -> dict[str, Any]:
    return scatter.scheme_of(pair, "quick", **SMALL)


def test_a_picture_says_what_the_library_says(pair: Any, content: dict[str, Any], tmp_path: Path) -> None:
    store.write_all(tmp_path, pictures.records_of(content))
    read = pictures.read(tmp_path, ["C2B", "B2C"])
    assert list(read) == ["C2B"]
    drawn = read["C2B"]["methods"]["tlmlda"]
    clf = methods.make("tlmlda", "quick", random_state=0, **SMALL)
    clf.fit(pair.X, pair.y, sample_domain=pair.sample_domain)
    z, predicted = scatter.aligned(clf, pair)
    assert np.array_equal(drawn["predicted"], predicted)
    assert np.array_equal(read["C2B"]["domain"] == 1, pair.target)
    assert np.array_equal(read["C2B"]["emotion"][pair.target], pair.truth)
    assert np.array_equal(read["C2B"]["emotion"][~pair.target], pair.y[~pair.target])
    of_target = z[pair.target]
    shares = [drawn["shared"]["predicted"], drawn["shared"]["true"], drawn["chance"]["true"]]
    assert shares == pytest.approx(  # of six digits, as every record
        [
            neighbours.neighbour_share(of_target, predicted[pair.target]),
            neighbours.neighbour_share(of_target, pair.truth),
            neighbours.chance_share(pair.truth),
        ],
        rel=1e-5,
    )
    assert drawn["trustworthiness"] == pytest.approx(trustworthiness(z, drawn["xy"], n_neighbors=10), abs=0.01)
    np.testing.assert_allclose(drawn["xy"], scatter.tsne(z), rtol=5e-3)
    np.testing.assert_allclose(drawn["again"], scatter.tsne(z, 1, init="random"), rtol=5e-3)
    record = run.run_cell(pair, "tlmlda", "quick", 0, params=SMALL, runs=tmp_path, checkpoint_folder=tmp_path / "c")
    assert drawn["war"] == pytest.approx(record["rules"]["final"]["war"], rel=1e-5)
    assert drawn["options_digest"] == record["options_digest"]


def test_pictures_name_nobody_and_come_back_sealed(pair: Any, content: dict[str, Any], tmp_path: Path) -> None:
    folder = store.write_all(tmp_path / "runs", pictures.records_of(content))
    assert folder == tmp_path / "runs" / "figure2" / "C2B"
    files = sorted(folder.rglob("*.json"))
    assert [f.parts[-3] for f in files] == sorted(pictures.METHODS)
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert not [name for name in (*pair.files, *pair.speakers) if name in text]
        one = json.loads(text)["picture"]
        assert all(float(f"{v:.3g}") == v for name in ("xy", "again") for column in one[name] for v in column)
    records, problems = store.scan(tmp_path / "runs")
    assert problems == []
    named = {r["method"]: r["revisions"] for r in records}
    assert all(f"method {m}" in of for m, of in named.items())
    sealed.write(tmp_path / "results" / "figure2.jsonl", records)
    single, whole = (pictures.read(tmp_path / folder)["C2B"] for folder in ("runs", "results"))
    np.testing.assert_equal(single, whole)
    digest = content["methods"]["tlmlda"]["options_digest"]
    assert whole["places"]["tlmlda"] == f"figure2/C2B/tlmlda/quick-{digest}/seed-0"


def test_a_seed_decides_where_islands_lie_only_from_random_places() -> None:
    z = np.random.default_rng(0).normal(size=(80, 5))
    assert neighbours.kept_share(scatter.tsne(z, 0), scatter.tsne(z, 1)) > 0.99
    one, other = (scatter.tsne(z, seed, init="random") for seed in (0, 1))
    assert not np.allclose(one, other, atol=1)


def test_state_of_a_picture(content: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = tmp_path / "runs"
    asked = (runs, tmp_path, "C2B", "quick")
    assert scatter.state(*asked) == "missing"
    store.write_all(runs, pictures.records_of(content))
    assert scatter.state(*asked, **SMALL) == "kept"
    assert scatter.state(*asked) == scatter.state(runs, tmp_path, "C2B", **SMALL) == "missing"
    assert scatter.state(*asked, 1, **SMALL) == "missing"
    sealed.write(tmp_path / "figure2.jsonl", store.scan(runs)[0])
    shutil.rmtree(runs)
    assert scatter.state(*asked, **SMALL) == "kept"
    monkeypatch.setattr(trainer, "REVISION", trainer.REVISION + 1)
    assert scatter.state(*asked, **SMALL) == "stale"


def test_pictures_that_do_not_belong_together_are_named(content: dict[str, Any], tmp_path: Path) -> None:
    def read(says: str, method: str, **changed: Any) -> None:
        store.write_all(tmp_path, pictures.records_of(content))
        (file,) = tmp_path.glob(f"figure2/C2B/{method}/*/seed-0.json")
        record = store.read(file) | changed
        if record["options_digest"] == file.parent.name.partition("-")[2]:
            file.unlink()
        if changed:
            store.write(store.path(tmp_path, **record), record)
        with pytest.raises(UserError, match=says):
            pictures.read(tmp_path)
        shutil.rmtree(tmp_path / "figure2")

    read(
        r"C2B/tlmlda/quick-0{8}.*C2B/tlmlda/quick-|C2B/tlmlda/quick-.*C2B/tlmlda/quick-0{8}",
        "tlmlda",
        options_digest="0" * 8,
    )
    read("differ in options or seed, .*/only_cls/.* and .*/tlmlda/.*/seed-1", "tlmlda", seed=1)
    read(
        "differ in recordings, .*/only_cls/.* and .*/tlmlda_m/", "tlmlda_m", data={"features": ["is10"], "digest": "0"}
    )
    read("pictures for only_cls, tlmlda_m, none for tlmlda: run `tlmlda figure2 --scheme C2B` again", "tlmlda")


def test_what_cannot_be_drawn_is_named(content: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(UserError, match="has no labels"):
        scatter.scheme_of(made_pair(truth=None))
    with pytest.raises(UserError, match="the target has 20 recordings"):
        scatter.scheme_of(made_pair(n=(60, 20)))
    (tmp_path / "figure2").touch()
    with pytest.raises(UserError, match="cannot be written"):
        store.write_all(tmp_path, pictures.records_of(content))


def call(*words: object, code: int = 0) -> Any:
    done = CliRunner().invoke(cli.app, ["figure2", *map(str, words)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done


def test_the_command_makes_each_picture_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked = []

    def load_pair(scheme: str, root: Any = None, **how: Any) -> Any:
        asked.append(scheme)
        if "R" in scheme:
            raise UserError("ravdess is not here")
        return made_pair(n=(60, 9 if scheme == "B2C" else 50), scheme=scheme)

    monkeypatch.setattr(domains, "load_pair", load_pair)
    where = ("--runs", tmp_path, "--results", tmp_path / "results", "--preset", "quick", *WORDS, "--jobs", 0)
    said = call(*where, code=1)
    assert "C2B: done" in said.stderr
    assert "B2C: failed: the target has 9 recordings" in said.stderr
    assert len(asked) == 6
    assert [f.name for f in (tmp_path / "figure2").iterdir()] == ["C2B"]

    asked.clear()
    again = json.loads(call(*where, "--scheme", "C2B", "--json").stdout)
    assert again == {"schemes": {"C2B": {"state": "kept", "message": ""}}}
    assert not asked

    monkeypatch.setattr(trainer, "REVISION", trainer.REVISION + 1)
    assert "kept from an older revision: C2B" in call(*where, "--scheme", "C2B").stderr
    assert not asked
    assert "C2B: done" in call(*where, "--scheme", "C2B", "--stale").stderr
    assert {r["revisions"]["trainer"] for r in store.scan(tmp_path)[0]} == {trainer.REVISION}
    with pytest.raises(UserError, match="nothing was run: ravdess"):
        call(*where, "--scheme", "R2C")


# Motion


@pytest.fixture(scope="module")
def seen(pair: Any) -> motion.Motion:
    return motion.follow(pair, "tlmlda", **SMALL)


def test_looking_changes_no_bit_of_the_training(pair: Any, seen: motion.Motion) -> None:
    clf = methods.make("tlmlda", "quick", random_state=0, **SMALL)
    clf.fit(pair.X, pair.y, sample_domain=pair.sample_domain)
    fitted, followed = clf.network_.state_dict(), seen.network.state_dict()
    assert all(torch.equal(fitted[k], followed[k]) for k in fitted)
    assert np.array_equal(seen.predicted[1:, pair.target], clf.target_predictions_)
    z, predicted = scatter.aligned(clf, pair)
    assert np.array_equal(seen.z[-1], z)
    assert np.array_equal(seen.predicted[-1], predicted)


def test_numbers_of_an_epoch_are_the_library_s(pair: Any, seen: motion.Motion) -> None:
    t = pair.target
    assert len(seen.numbers) == len(seen.z) == 4
    for epoch, row in seen.numbers.iterrows():
        zs, zt = (torch.as_tensor(seen.z[epoch][rows]).double() for rows in (~t, t))
        assert row["mmd"] == pytest.approx(losses.mmd(zs, zt).item(), rel=1e-9)
        named = seen.predicted[epoch][t]
        assert row["war"] == pytest.approx(100 * (named == pair.truth).mean())
        assert row["predicted"] == neighbours.neighbour_share(seen.z[epoch][t], named)
        assert row["true"] == neighbours.neighbour_share(seen.z[epoch][t], pair.truth)
        assert row["chance"] == neighbours.chance_share(named)
        assert row["head"] == pytest.approx(
            np.mean(
                [neighbours.neighbour_share(seen.z[epoch][t], one) for one in motion.random_names(seen.z[epoch][t], 3)]
            )
        )
    head = seen.network.emotion.head
    logits = head(torch.as_tensor(seen.z[-1][t])).detach().double()
    lmmd = losses.lmmd(zs, zt, torch.as_tensor(pair.y[~t]), torch.softmax(logits, 1))
    assert seen.numbers["lmmd"].iloc[-1] == pytest.approx(lmmd.item(), rel=1e-5)


def test_one_plane_for_all_epochs_is_that_of_pca(seen: motion.Motion) -> None:
    from sklearn.decomposition import PCA

    xy, share = motion.plane(seen.z)
    theirs = PCA(2).fit(seen.z.reshape(-1, 6).astype(float))
    assert share == pytest.approx(theirs.explained_variance_ratio_.sum())
    expected = theirs.transform(seen.z[1].astype(float))
    assert np.allclose(np.abs(xy[1]), np.abs(expected), atol=1e-6)


def test_what_cannot_be_followed_is_named() -> None:
    with pytest.raises(UserError, match="within='voices'"):
        motion.follow(made_pair(), preset="recommended-is10")
    with pytest.raises(UserError, match="has no labels"):
        motion.follow(made_pair(truth=None))


# The explorable


def given(pair: Any, seen: motion.Motion, **changed: Any) -> dict[str, Any]:
    xy, share = motion.plane(seen.z)
    emotion = np.where(pair.target, -1, pair.y)
    emotion[pair.target] = pair.truth
    points = [
        {"domain": "target" if t else "source", "emotion": pair.classes[e]}
        for t, e in zip(pair.target, emotion, strict=True)
    ]
    one = {"xy": xy, "predicted": seen.predicted, "numbers": seen.numbers, "share": share}
    return {"points": points, "runs": {"TLMLDA": one | changed.pop("one", {})}, "emotions": pair.classes, **changed}


def test_feature_motion_keeps_what_it_is_given(pair: Any, seen: motion.Motion) -> None:
    samples = np.sin(np.arange(8000) / 9)
    content = given(pair, seen, epoch=2, colour="true")
    content["points"][0] |= {"samples": samples, "rate": 16000, "caption": "English, f1"}
    widget = FeatureMotion(**content)
    (kept,) = widget.runs
    places = np.frombuffer(base64.b64decode(kept["xy"]), dtype="<i2").reshape(4, len(pair.X), 2)
    xy = content["runs"]["TLMLDA"]["xy"]
    np.testing.assert_allclose(places, LARGEST * xy / np.abs(xy).max(), atol=0.5 + 1e-9)
    assert [[int(c) for c in row] for row in kept["predicted"]] == seen.predicted.tolist()
    assert kept["numbers"]["lmmd"] == seen.numbers["lmmd"].tolist()
    assert (widget.run, widget.epoch, widget.colour) == ("TLMLDA", 2, "true")
    assert base64.b64decode(widget.points[0]["audio"])
    assert "audio" not in widget.points[1]
    assert json.dumps(widget.points[:2] + widget.runs)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"colour": "red"}, "colour='red' is not known: use one of predicted, true, domain"),
        ({"epoch": 4}, "epoch=4 is out of range: use 0 to 3"),
        ({"runs": {}}, "got no run"),
        ({"points": []}, "0 points of one domain"),
        ({"points": [{"domain": "moon", "emotion": "anger"}]}, "domain 'moon'"),
        ({"points": [{"domain": "source", "emotion": "joy"}]}, "emotion 'joy'"),
        ({"emotions": ("anger", "happy", "sad", "joy")}, "'joy' has no colour"),
        ({"one": {"xy": np.zeros((4, 3, 2))}}, r"places of shape \(4, 3, 2\)"),
        ({"one": {"predicted": np.full((4, 110), 3)}}, "predicts codes 3 to 3: there are 3"),
        ({"one": {"numbers": {name: [0.1] for name in NUMBERS}}}, "has 1 values of 'mmd'"),
    ],
)
def test_feature_motion_says_what_is_wrong(pair: Any, seen: motion.Motion, changed: dict[str, Any], says: str) -> None:
    with pytest.raises(UserError, match=says):
        FeatureMotion(**given(pair, seen, **changed))


# The checks


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exercises, "_progress", {})


def same(z: Any, codes: Any, k: int) -> np.ndarray:
    return codes[neighbours.nearest(z, k)] == codes[:, None]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda z, c, k: 100 * same(z, c, k).mean(), "in percent"),
        (lambda z, c, k: same(z, c, k).sum(), "neighbours are counted"),
        (lambda z, c, k: (same(z, c, k).mean(1) > 0.5).mean(), "a majority beside them"),
        (lambda z, c, k: neighbours.chance_share(c), "what chance gives"),
        (lambda z, c, k: 0.123, "it gives 0.123, which is not it"),
        (lambda z, c, k: same(z, c, k), "a single number is expected"),
        (neighbours.neighbour_share, "3.2.1 passed"),
    ],
)
def test_shares_that_are_none(answer: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_share(answer)
    assert says in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda z, n: z[:, :2], "has shape (400, 2)"),
        (lambda z, n: np.full(len(z), 4), "a code from 0 to 3"),
        (lambda z, n: (z[:, 0] > 1).astype(int), "of the picture; no more than 50%"),
        (lambda z, n: np.where(np.arange(400) % 2, (z[:, 0] > 0) + 2 * (z[:, 1] > 0), np.arange(400) % 4), "from 70%"),
        (lambda z, n: np.digitize(z[:, 0], np.quantile(z[:, 0], [0.25, 0.5, 0.75])), "3.2.2 passed"),
    ],
)
def test_pictures_that_are_not_clean(answer: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_clean(answer)
    assert says in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda z, n: (z[:, :2], z[:, :3]), r"[(120, 2), (120, 3)]"),
        (lambda z, n: "two", "two arrays of numbers"),
        (lambda z, n: (np.full((120, 2), np.nan), z[:, :2]), "not a number"),
    ],
)
def test_pictures_that_are_none(answer: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_maps(answer)
    assert says in capsys.readouterr().out


def test_pictures_that_agree_too_much_are_not_called_copies(capsys: pytest.CaptureFixture[str]) -> None:
    def maps(z: np.ndarray, names: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        around = np.exp(2j * np.pi * np.arange(5) / 5) * [10, 12, 14, 16, 18]
        small = scatter.tsne(z, perplexity=15)
        centres = np.array([small[names == c].mean(0) for c in range(5)])
        inside = small - centres[names]
        places = 9 * np.column_stack([around.real, around.imag])
        other = places.copy()
        other[0] *= 0.8
        return inside + places[names], inside + other[names]

    checks.check_maps(maps)
    assert re.search(r"much the same in both|turned or mirrored", capsys.readouterr().out)


# The page's figures, tables and sentences


CLASSES = ("anger", "happy", "sad")


def picture(war: float, predicted: float, true: float, *, trust: float = 0.95, kept: float = 0.8) -> dict[str, Any]:
    """One method's picture of eight points, with the numbers that are counted in it."""
    xy = np.random.default_rng(0).normal(size=(8, 2))
    shared = {"predicted": predicted, "true": true}
    counted = {"war": war, "shared": shared, "chance": {"true": 0.36}, "trustworthiness": trust, "kept": kept}
    return counted | {"xy": xy, "predicted": np.arange(8) % 3}


def made(**schemes: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    """Pictures by scheme, of Only_cls, TLMLDA_M and TLMLDA."""
    return {
        scheme: {
            "classes": CLASSES,
            "domain": np.repeat([0, 1], 4),
            "emotion": np.arange(8) // 3,
            "methods": dict(zip(pictures.METHODS, of, strict=True)),
            "places": {m: f"figure2/{scheme}/{m}/recommended-is10-0/seed-0" for m in pictures.METHODS},
        }
        for scheme, of in schemes.items()
    }


TWO = made(
    C2R=(picture(40, 0.6, 0.5), picture(42, 0.7, 0.45), picture(44.5, 0.9, 0.4, trust=0.91)),
    R2C=(picture(50, 0.5, 0.55), picture(30, 0.45, 0.3, kept=0.604), picture(38, 0.4, 0.45)),
)


def numbers_of(**columns: tuple[float, float, float]) -> pd.DataFrame:
    """Twelve epochs: the first, the one at 10, the last."""
    return pd.DataFrame({name: [a, *[b] * 10, c] for name, (a, b, c) in columns.items()})


ALIGNED = numbers_of(
    war=(20.0, 31.0, 31.2), mmd=(0.5, 0.3, 0.2), lmmd=(0.9, 0.8, 0.3), predicted=(0.7, 0.72, 0.9),
    true=(0.5, 0.4, 0.42), head=(0.6, 0.6, 0.75), chance=(0.6, 0.3, 0.35),
)  # fmt: skip
ALONE = numbers_of(
    war=(20.0, 30.0, 30.0), mmd=(0.5, 0.8, 1.25), lmmd=(0.9, 0.9, 0.9), predicted=(0.7, 0.8, 0.85),
    true=(0.5, 0.5, 0.5), head=(0.6, 0.7, 0.8), chance=(0.6, 0.3, 0.35),
)  # fmt: skip


@pytest.mark.parametrize(
    ("a", "b", "says"),
    [(20, 31.2, "rises from 20 to 31 %"), (50, 42, "falls from 50 to 42 %"), (3, 3.4, "stays at 3 %")],
)
def test_how_a_number_went(a: float, b: float, says: str) -> None:
    assert page.went(a, b) == says


def test_what_moved_is_said_only_while_it_is_true() -> None:
    text = page.what_moved(ALIGNED, ALONE).data
    assert "Before training 70 % of a target point's ten nearest" in text
    assert "LMMD goes from 0.80 to 0.30, and the picture gets cleaner: the share rises from 72 to 90 %." in text
    assert "WAR stays at 31 %, and the share of neighbours with the same true emotion rises from 40 to 42 %." in text
    assert "MMD grows from 0.50 to 1.25" in text
    for column, at, value in (("lmmd", -1, 0.5), ("predicted", -1, 0.71), ("head", -1, 0.95), ("war", 0, 31)):
        changed = ALIGNED.copy()
        changed.loc[changed.index[at], column] = value
        with pytest.raises(AssertionError):
            page.what_moved(changed, ALONE)
    with pytest.raises(AssertionError):
        page.what_moved(ALIGNED, ALIGNED)


def test_random_heads_are_beside_the_trained_one() -> None:
    truth = np.repeat([0, 1, 2], [5, 3, 2])
    found = [[0.2, 0.75 + d, 0.3] for d in (-0.2, 0.2)]
    text = page.random_heads(found, ALIGNED, ALONE, truth).data
    assert "A random head already gives 75 %" in text
    assert "not the 30 % of dealt names" in text
    assert "gives 90 %, 15 points more than random heads and more than 50 % of the fifty; without alignment" in text
    dealt = (5 * 4 + 3 * 2 + 2 * 1) / (10 * 9)
    assert f"dealt names ({100 * dealt:.0f} %)" in text
    assert "42 % of the neighbours agree with alignment and 50 % without" in text
    assert "by 8 points." in text
    assert "more than each of the fifty" in page.random_heads([[0.2, 0.75, 0.3]] * 3, ALIGNED, ALONE, truth).data
    with pytest.raises(AssertionError):  # recognised too much to speak of random heads
        page.random_heads([[0.4, 0.75, 0.3]], ALIGNED, ALONE, truth)


def test_the_cleanest_picture_is_that_of_most_neighbours() -> None:
    text = plain(page.cleanest(TWO))
    assert text.startswith("CASIA to RAVDESS. On the left, TLMLDA is cleanest: 90.0 % of")
    assert "and 40.0 % the true one; WAR is 44.5 %." in text
    assert "the three are 60.0, 50.0 and 40.0 %." in text
    alone = plain(page.cleanest({"R2C": TWO["R2C"]}))
    assert "Only_cls is cleanest: 50.0 %" in alone
    assert "without any alignment" not in alone
    assert page.first_shown(TWO | {"B2C": TWO["C2R"]}) == "B2C"
    assert page.cleanest({}).data.startswith("Not run: no picture of real corpora is here.")


def test_the_table_has_every_number_and_says_what_was_not_run() -> None:
    head, first, *rest, last = cells(page.all_numbers(TWO, ("C2R", "R2C", "B2C")))
    assert head[1:] == ["WAR", "same predicted class", "same true class", "true classes dealt at random"]
    assert first == ["C to R, Only_cls", "40.0", "60.0", "50.0", "36.0"]
    assert len(rest) == 5
    assert last == ["B to C", "not run", "", "", ""]
    figure = page.counted(TWO, "C2R", "tlmlda", "neighbours by true class")
    assert figure.records == ("figure2/C2R/tlmlda/recommended-is10-0/seed-0",)
    assert page.number(TWO, "B2C", "tlmlda", "WAR") is None


def test_each_method_has_a_panel_with_both_shares_of_every_scheme() -> None:
    figure = page.numbers_drawn(TWO)
    assert [ax.get_title(loc="left") for ax in figure.axes] == list(page.TITLES.values())
    drawn = [line.get_xdata()[0] for line in figure.axes[-1].lines if len(line.get_xdata()) == 1]
    assert drawn == pytest.approx([45, 40, 40, 90])  # R2C, then C2R: true, predicted
    assert page.numbers_drawn({}) is None


def test_what_alignment_adds_is_counted_over_the_schemes() -> None:
    text = plain(page.what_alignment_adds(TWO))
    assert "the predicted class in 1 of 2 schemes, and about the true class in 0." in text
    # 90 - 60 and 40 - 50; 40 - 50 and 45 - 55; 44.5 - 40 and 38 - 50.
    assert "+10.0 points for the predicted class, −10.0 for the true class, and −3.8 in WAR." in text
    assert "In 4 of 6 pictures the neighbours agree more about the predicted class" in text
    assert "In 2 of 2 schemes the method with the cleanest picture also has the highest WAR." in text
    assert "is 0.91 or more, and another seed from a random start keeps 60 % of" in text
    assert "In 1 of 1 scheme the method" in plain(page.what_alignment_adds({"C2R": TWO["C2R"]}))
    assert plain(page.what_alignment_adds({})) == "Nothing was run, so nothing can be said."


def test_pictures_are_drawn_small_and_once() -> None:
    plt = pytest.importorskip("matplotlib.pyplot")
    from PIL import Image

    for drawn, width in ((page.large(TWO), 5.2 * 110), (page.further(TWO, ("C2R", "R2C", "B2C")), 5.2 * 165)):
        image = Image.open(io.BytesIO(drawn.data))
        assert image.mode == "P"
        assert image.width == pytest.approx(width, rel=0.05)
        assert len(image.getcolors()) > 3
    assert not plt.get_fignums()
    assert page.large({}) is None
    assert page.further({"C2R": TWO["C2R"]}, ("C2R",)) is None


def test_maps_that_do_not_agree_stop_the_page() -> None:
    rng = np.random.default_rng(0)
    one = rng.normal(size=(60, 2))
    page.seeds_agree(one, -one)
    with pytest.raises(AssertionError):
        page.seeds_agree(one, rng.normal(size=(60, 2)))
