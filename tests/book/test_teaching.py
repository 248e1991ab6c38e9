"""The checks: what they say, what they remember, what is handed in; and the book's exercises against their checks."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from tlmlda_lib import losses
from tlmlda_lib.book import checks
from tlmlda_lib.book.checks import emotion, exercises, lmmd, mmd, shown
from tlmlda_lib.book.checks import weighting as weights
from tlmlda_lib.errors import UserError

BOOK = Path(__file__).parents[2] / "book"

#: Points of exercise 2.3.1 for the class word spring-2027, typed here once: they must not change between versions.
PINNED = [[0, 1], [1, 1], [0, 2]], [[3, 1], [3, 2]]


pytestmark = pytest.mark.usefixtures("fresh_exercises")


@pytest.fixture
def sample(monkeypatch: pytest.MonkeyPatch):
    """A check of an exercise that only this test knows."""
    monkeypatch.setattr(exercises, "EXERCISES", {})

    @exercises.exercise("9.9.1", "Six times seven", hints=("Add.", "Add six sevens."))
    def check_product(answer: object) -> str:
        """Check a product."""
        if exercises.number_of(answer) != 42:
            raise exercises.Mistake("that is not a sum of sevens")
        return "Well multiplied."

    return check_product


# The frame


def test_check_says_its_verdict_and_remembers(sample, capsys: pytest.CaptureFixture[str]) -> None:
    assert sample(41) is None
    said = capsys.readouterr().out
    assert "9.9.1 is not there yet: that is not a sum of sevens. For a hint" in said
    assert "42" not in said
    sample(42)
    sample(40)
    assert "9.9.1 passed. Well multiplied." in capsys.readouterr().out
    (entry,) = exercises.progress()
    assert (entry.tries, entry.hints) == (3, 0)
    assert entry.passed, "what has passed stays passed"


class Empty: ...  # the stub of an exercise that wants a class


class Unfinished:
    def fit(self, X):
        raise NotImplementedError

    def predict(self, X): ...


def refused(x):
    """Its stub's words."""
    raise NotImplementedError("your lines")


def bare(x): ...


def returned(x):
    return None


def called(value: object) -> str:
    """A name for a case that is the same in every process: a function's own has its address in it."""
    return getattr(value, "__name__", repr(value))


@pytest.mark.parametrize(
    "nothing",
    [
        *(..., None, [1, ...], (..., 2), {"S": ...}, np.array([..., 1], dtype=object)),
        *(bare, returned, refused, lambda x: ..., lambda x: None, Empty, Unfinished),
    ],
    ids=called,
)
def test_a_stub_is_no_try(sample, capsys: pytest.CaptureFixture[str], nothing: object) -> None:
    sample(nothing)
    assert capsys.readouterr().out.startswith("9.9.1: no answer yet; put yours where the three dots are")
    assert exercises.progress() == []
    with exercises.strict(), pytest.raises(exercises.NoAnswer, match=r"9\.9\.1: no answer yet"):
        sample(nothing)


class Begun:
    def __init__(self) -> None:
        self.x = 42


class Derived(list):
    pass


def forgot_to_return(x):
    x + 1


def chosen(x):
    if x:
        return


@pytest.mark.parametrize(
    "something",
    [0, "", [], {}, np.zeros(3), np.array([None]), forgot_to_return, chosen, len, Begun, Derived],
    ids=called,
)
def test_an_answer_is_a_try_however_wrong(sample, something: object) -> None:
    sample(something)
    (entry,) = exercises.progress()
    assert (entry.tries, entry.passed) == (1, None)


def test_a_function_that_stops_at_what_is_not_written_yet_is_no_try(sample) -> None:
    def begun(n: int) -> float:
        if n > 2:
            raise NotImplementedError
        return 1.0

    with pytest.raises(exercises.NoAnswer):
        exercises.called(begun, "(3)", 3)
    assert exercises.called(begun, "(2)", 2) == 1.0


# What autograders need


def test_strict_checks_raise_and_name_the_mistake(sample, capsys: pytest.CaptureFixture[str]) -> None:
    with exercises.strict():
        with pytest.raises(AssertionError, match=r"9\.9\.1 is not there yet: that is not a sum of sevens\. For a hint"):
            sample(41)
        with pytest.raises(exercises.Mistake, match="single number"):
            sample("much")
        assert capsys.readouterr().out == ""
        sample(42)
    assert capsys.readouterr().out.startswith("9.9.1 passed.")
    sample(41)
    assert "not there yet" in capsys.readouterr().out, "outside, the verdict is printed again"
    assert exercises.progress()[0].tries == 4, "tries count as ever"


def test_strictness_ends_with_its_block_whatever_happens(sample) -> None:
    with pytest.raises(ZeroDivisionError), exercises.strict():
        raise ZeroDivisionError
    sample(41)
    with exercises.strict():
        with exercises.strict():
            pass
        with pytest.raises(exercises.Mistake):
            sample(41)


@pytest.mark.parametrize(
    ("value", "raises"), [("1", True), ("true", True), ("yes", True), ("", False), ("0", False), ("off", False)]
)
def test_the_environment_asks_for_strictness(sample, monkeypatch, value: str, raises: bool) -> None:
    monkeypatch.setenv("TLMLDA_STRICT", value)
    if raises:
        with pytest.raises(AssertionError, match="not a sum of sevens"):
            sample(41)
    else:
        sample(41)


def test_two_checks_cannot_share_a_number(sample) -> None:
    with pytest.raises(ValueError, match=r"9\.9\.1 has two checks: check_product and check_again"):

        @exercises.exercise("9.9.1", "Again", hints=())
        def check_again(answer: object) -> str:
            return ""


def test_hints_come_one_by_one(sample, capsys: pytest.CaptureFixture[str]) -> None:
    for said in ("hint 1 of 2: Add.", "hint 2 of 2: Add six sevens.", "no further hint", "no further hint"):
        exercises.hint("9.9.1")
        assert said in capsys.readouterr().out
    assert exercises.progress()[0].hints == 2
    with pytest.raises(UserError, match=r"'9\.9\.7'.*9\.9\.1"):
        exercises.hint("9.9.7")


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (np.zeros(3), r"single number.*shape \(3,\)"),
        (torch.zeros(2, 2), r"single number.*shape \(2, 2\)"),
        ("much", "single number.*type str"),
        (float("nan"), "nan"),
        (np.inf, "inf"),
    ],
)
def test_what_is_no_number_is_named(value: object, says: str) -> None:
    with pytest.raises(exercises.Mistake, match=says):
        exercises.number_of(value)


def test_numbers_come_in_many_coats() -> None:
    assert exercises.number_of(torch.tensor(1.5)) == exercises.number_of(np.float32(1.5)) == 1.5


def test_a_function_that_stops_is_quoted() -> None:
    def broken(n: int) -> float:
        return n / 0

    for function, says in (
        (broken, r"broken\(3\) stopped with ZeroDivisionError"),
        (lambda n: None, "returned nothing"),
        (0.5, "needs the function itself, not float"),
    ):
        with pytest.raises(exercises.Mistake, match=says):
            exercises.called(function, "(3)", 3)


# Chapter 2.2


def test_the_slips_of_the_three_utterances_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    slips = emotion._slips(emotion.SCORES, emotion.LABELS)
    truth = torch.nn.functional.nll_loss(
        torch.log_softmax(torch.tensor(emotion.SCORES), 1), torch.tensor(emotion.LABELS)
    ).item()
    assert min(np.diff(sorted([truth, *slips.values()]))) > 1e-3
    assert slips["the logarithm has base 2; a nat has base e"] * np.log(2) == pytest.approx(truth, rel=1e-12)
    for says, value in slips.items():
        checks.check_entropy(value)
        assert says in capsys.readouterr().out
    for value, says in ((-9, "negative"), (truth + 1e-3, "close"), (truth + 0.2, "large"), (0.01, "small")):
        checks.check_entropy(value)
        assert says in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda z, p, y: (p - y).T @ z / y.numel(), "mean is over all n"),
        (lambda z, p, y: p.T @ z / len(z), "labels are not in it"),
        (lambda z, p, y: -y.T @ z / len(z), "probabilities are not in it"),
        (lambda z, p, y: 2 * (p - y).T @ z, "not the slopes of the head"),
        (lambda z, p, y: ((p - y).T @ z / len(z)).tolist(), "type list"),
        (lambda z, p, y: z.zero_(), "changed what it was given"),
    ],
)
def test_what_is_no_gradient_is_named(change, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    def head_gradient(z, weight, labels):
        p = torch.softmax(z @ weight.T, 1)
        return change(z, p, torch.nn.functional.one_hot(labels, len(weight)).double())

    checks.check_head_gradient(head_gradient)
    assert says in capsys.readouterr().out


def test_softmax_along_the_utterances_and_no_softmax(capsys: pytest.CaptureFixture[str]) -> None:
    def along(z, weight, labels):
        y = torch.nn.functional.one_hot(labels, len(weight)).double()
        return (torch.softmax(z @ weight.T, 0) - y).T @ z / len(z)

    def without(z, weight, labels):
        y = torch.nn.functional.one_hot(labels, len(weight)).double()
        return (z @ weight.T - y).T @ z / len(z)

    for function, says in ((along, "over all utterances"), (without, "where is the softmax?")):
        checks.check_head_gradient(function)
        assert says in capsys.readouterr().out


def bets(share: float, on: np.ndarray) -> np.ndarray:
    p = np.full((10, 5), (1 - share) / 4)
    p[np.arange(10), on] = share
    return p


TRUE = np.arange(10) % 5
ONE_WRONG = np.where(np.arange(10) == 0, 3, TRUE)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((TRUE[::-1], bets(0.9, TRUE), bets(0.5, TRUE)), "labels are no longer"),
        ((TRUE, "sure", bets(0.5, TRUE)), "first is not an array of numbers"),
        ((TRUE, bets(0.9, TRUE)[:, :4], bets(0.5, TRUE)), r"first has shape \(10, 4\)"),
        ((TRUE, bets(0.9, TRUE), bets(1.0, TRUE)), "second has an entry that is not positive"),
        ((TRUE, bets(np.nan, TRUE), bets(0.5, TRUE)), "first has an entry that is not positive"),
        ((TRUE, bets(0.9, TRUE), bets(0.2, TRUE)), "in second the true emotion shares the first place"),
        ((TRUE, bets(0.3, TRUE), bets(0.9, ONE_WRONG)), "2.2.3 passed. 10 of 10 against 9, at a loss of 1.20"),
    ],
)
def test_disagreement_of_loss_and_accuracy(answer, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_disagreement(*answer)
    assert re.search(says, capsys.readouterr().out)


# Chapter 2.3


def test_the_slips_of_the_first_exercise_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    slips = mmd._slips(mmd.ZS, mmd.ZT, mmd.BANDWIDTH)
    truth = losses.mmd(torch.tensor(mmd.ZS), torch.tensor(mmd.ZT), kernels=1, bandwidth=mmd.BANDWIDTH).item()
    values = sorted([truth, *slips.values()])
    assert min(np.diff(values)) > 1e-3
    assert slips["this is the norm, and the square is expected"] ** 2 == pytest.approx(truth, rel=1e-12)
    for says, value in slips.items():
        checks.check_mmd(value)
        assert says in capsys.readouterr().out
    for value, says in ((-0.1, "negative"), (truth + 1e-3, "close"), (truth + 0.05, "too large"), (0.1, "too small")):
        checks.check_mmd(value)
        assert says in capsys.readouterr().out


def test_floor_by_formula_agrees_with_the_deals() -> None:
    generator = torch.Generator().manual_seed(1)
    zs, zt = (torch.randn(n, 3, generator=generator, dtype=torch.float64) for n in (12, 20))
    n = 32
    # 1'K1 = 5 n + n (n - 1) k: the mean kernel k of distinct points, and from it the mean over all shuffles.
    total = losses.quadratic_forms(torch.cat([zs, zt]), torch.ones(n, 1)).item()
    kernel = (total - 5 * n) / (n * (n - 1))
    observed, null = mmd._shuffles(zs, zt, 4000)
    assert null.mean() == pytest.approx((5 - kernel) * (1 / 12 + 1 / 20), rel=0.02)
    assert observed == pytest.approx(losses.mmd(zs, zt).item(), rel=1e-9)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda null: float(np.sqrt(null).mean()), "mean of norms"),
        (lambda null: float(np.quantile(null, 0.95)), "upper end"),
        (lambda null: 0.0, "compared with itself"),
        (lambda null: 3 * null.mean(), "too high"),
        (lambda null: 0.5 * null.mean(), "too low"),
    ],
)
def test_floor_names_what_was_averaged(change, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_floor(lambda zs, zt: change(mmd._shuffles(zs, zt, 500)[1]))
    assert says in capsys.readouterr().out


def test_floor_must_not_touch_the_clouds(capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_floor(lambda zs, zt: zs.zero_().sum())
    assert "changed the clouds" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("zs", "zt", "says"),
    [
        ("cloud", np.zeros((20, 1)), "not an array of numbers"),
        (np.zeros(20), np.zeros((20, 1)), r"zs has shape \(20,\)"),
        (np.zeros((5, 1)), np.zeros((20, 1)), "20 to 1000 points"),
        (np.zeros((20, 1)), np.zeros((20, 2)), "zs has 1 dimensions and zt 2"),
        (np.zeros((20, 1)), np.zeros((20, 1)), "nothing varies"),
        (np.full((20, 1), np.nan), np.zeros((20, 1)), "NaN"),
    ],
)
def test_clouds_that_are_none(zs: object, zt: object, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_same_moments(zs, zt)
    assert re.search(says, capsys.readouterr().out)


def test_other_shapes_pass_too(capsys: pytest.CaptureFixture[str]) -> None:
    generator = np.random.default_rng(3)
    angle = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    ring = np.sqrt(2) * np.column_stack([np.cos(angle), np.sin(angle)])
    blob = generator.normal(size=(300, 2))
    blob -= blob.mean(0)
    blob = blob @ np.linalg.inv(np.linalg.cholesky(np.cov(blob.T, bias=True))).T
    checks.check_same_moments(torch.tensor(100 * ring), 100 * blob)
    assert "2.3.3 passed" in capsys.readouterr().out


# Chapter 2.5

BY_HAND = [0.1 * 0.04 / 1.25, 0.1 * 0.06 / 1.25, 5 * 0.8 / 1.25, 0.05 / 1.25, 0.1 * 0.3 / 1.25]


def test_five_weights_and_their_slips(capsys: pytest.CaptureFixture[str]) -> None:
    for right in (BY_HAND, torch.tensor(BY_HAND), dict(zip(weights.LOSSES, BY_HAND, strict=True))):
        checks.check_weights(right)
        assert "2.5.1 passed" in capsys.readouterr().out
    slips = weights._slips(*(np.array(list(d.values())) for d in (weights.LOSSES, weights.ALPHA)))
    values = [np.array(BY_HAND), *slips.values()]
    for i, one in enumerate(values):
        for other in values[:i]:
            assert not np.allclose(one, other, rtol=0.01, atol=0)
    for says, value in slips.items():
        checks.check_weights(value)
        assert says in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("heavy", "not an array of numbers"),
        (BY_HAND[:4], r"shape \(4,\)"),
        ([*BY_HAND[:4], np.nan], "NaN"),
        ({"S": 1, "y": 2}, "no weight for T, MMD, LMMD"),
        ([*BY_HAND[:3], 1, 2], "not right yet: MMD, LMMD"),
    ],
)
def test_five_weights_that_are_none(answer: object, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_weights(answer)
    assert re.search(says, capsys.readouterr().out)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda w, a: np.vstack([w[:1], w[1:] / w[1:].sum(1, keepdims=True)]), "sum to 1"),
        (lambda w, a: np.vstack([w[:1], w[1:] / a]), "factors are missing"),
        (lambda w, a: w[::-1], "look at row 2"),
        (lambda w, a: w[:-1], "shape"),
    ],
)
def test_past_weights_name_the_slip(change, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    def answer(losses: np.ndarray, alpha: np.ndarray) -> np.ndarray:
        return change(weights._trained(losses, alpha), alpha)

    checks.check_past(answer)
    assert says in capsys.readouterr().out


def test_training_s_weights_are_equation_6_by_hand() -> None:
    losses, alpha = np.array([[2.0, 6.0], [1.0, 1.0], [9.0, 1.0]]), np.array([3.0, 1.0])
    assert weights._trained(losses, alpha).tolist() == [[1.5, 0.5], [0.75, 0.75], [1.5, 0.5]]


def dwa(losses: np.ndarray) -> np.ndarray:
    """Dynamic weight average, its terms made free of units."""
    speed = losses[-1] / losses[-2] if len(losses) > 1 else np.ones(5)
    return np.exp(speed / 0.5) / losses[-1]


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (dwa, "pulls less"),
        (lambda losses: losses[0] / losses[-1] ** 2, "pulls more"),
        (lambda losses: np.ones(5), "units decide"),
        (lambda losses: losses[0] - losses[-1] - 1, "negative"),
        (lambda losses: np.ones(4), "shape"),
        (lambda losses: 1 / (losses[0] - losses[-1]), "infinity"),
        (lambda losses: losses[1], "IndexError"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_rules_of_every_kind(rule, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_rule(rule)
    assert says in capsys.readouterr().out


# Chapter 2.4


def test_the_slips_of_two_classes_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    slips = lmmd._slips(lmmd.ZS, lmmd.YS, lmmd.ZT, lmmd.GUESSES)
    parts = [(lmmd.ZS[c == lmmd.YS], lmmd.ZT[c == lmmd.GUESSES]) for c in (0, 1)]
    each = [losses.mmd(*map(torch.tensor, part), kernels=1, bandwidth=lmmd.BANDWIDTH).item() for part in parts]
    truth = sum(each) / 2
    assert slips["these are norms, and squares are expected"] == pytest.approx(np.sqrt(each).mean(), rel=1e-12)
    assert min(np.diff(sorted([truth, *slips.values()]))) > 1e-3
    for says, value in slips.items():
        checks.check_lmmd(value)
        assert says in capsys.readouterr().out
    for value, says in ((-0.1, "negative"), (truth + 1e-3, "close"), (truth + 0.02, "too large"), (1e-3, "too small")):
        checks.check_lmmd(value)
        assert says in capsys.readouterr().out


def safe(total: torch.Tensor) -> torch.Tensor:
    return torch.where(total > 0, total, 1.0)


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        (lambda p: -p / safe(p.sum(0)), "minus is the loss's"),
        (lambda p: p / len(p), "number of utterances"),
        (lambda p: p / p.sum(0).clamp(min=1), r"class 2 has 0\.\d\d of all probability"),
        (lambda p: p**2 / safe((p**2).sum(0)), "not in proportion"),
        (lambda p: p.softmax(0), "shall weigh 0"),
        (lambda p: p.div_(2), "changed the probabilities"),
        (lambda p: p.sum(0), r"weights \(4,\)"),
        (lambda p: "p", "gave back str"),
    ],
)
def test_weights_that_are_none(weights, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    checks.check_class_weights(weights)
    assert re.search(says, capsys.readouterr().out)


def test_classes_are_dealt_within_themselves() -> None:
    generator = torch.Generator().manual_seed(1)
    z = torch.randn(50, 2, generator=generator, dtype=torch.float64)
    y = np.arange(50) % 3
    z[y == 1] += 5  # what lies between classes must not matter
    whole, classes = lmmd._by_class(z, 20, y, 3000)
    pt = torch.eye(3, dtype=torch.float64)[y[20:]]
    by_library = losses.mmd_and_lmmd(z[:20], z[20:], torch.tensor(y[:20]), pt)
    assert (whole[0], classes[0]) == pytest.approx([v.item() for v in by_library], rel=1e-9)
    # Within a class: (5 - mean kernel of its distinct points) times the sum of the squared weights.
    floors = []
    for c in range(3):
        rows = torch.tensor(y == c)
        n, ns = int(rows.sum()), int(rows[:20].sum())
        total = losses.quadratic_forms(z, rows.double()[:, None]).item()
        floors.append((5 - (total - 5 * n) / (n * (n - 1))) * (1 / ns + 1 / (n - ns)))
    assert classes[1:].mean() == pytest.approx(np.mean(floors), rel=0.03)


HALVES = np.repeat([0, 1], 10)


@pytest.mark.parametrize(
    ("zs", "ys", "yt", "says"),
    [
        (np.zeros(20), HALVES, HALVES, r"zs has shape \(20,\)"),
        (np.zeros((20, 1)), HALVES, HALVES, "nothing varies"),
        (np.eye(20)[:, :1], HALVES[:5], HALVES, r"ys has to hold a whole number for each of 20 points"),
        (np.eye(20)[:, :1], HALVES / 2, HALVES, "ys has to hold a whole number"),
        (np.eye(20)[:, :1], HALVES, 0 * HALVES, "yt names one class only"),
        (np.eye(20)[:, :1], HALVES, HALVES + 1, "different classes"),
    ],
)
def test_labelled_clouds_that_are_none(
    zs: np.ndarray, ys: np.ndarray, yt: np.ndarray, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    checks.check_subclouds(zs, ys, zs, yt)
    assert re.search(says, capsys.readouterr().out)


# The book's exercises


def book_exercises() -> dict[str, object]:
    """All that are written, by number; they are read with what builds the book."""
    if not all(__import__("importlib.util").util.find_spec(name) for name in ("jupytext", "myst_parser", "sphinx")):
        return {}
    sys.path.insert(0, str(BOOK / "_ext"))
    import exercises as source

    return {n: one for f in sorted((BOOK / source.FOLDER).glob("*.md")) for n, one in source.read(f).items()}


WRITTEN = book_exercises()
built = pytest.mark.skipif(not WRITTEN, reason="the extra `book`, which reads the chapters, is not installed")


@built
def test_every_exercise_has_a_check_and_every_check_an_exercise() -> None:
    assert {n: one.title for n, one in WRITTEN.items()} == {n: e.title for n, e in checks.EXERCISES.items()}
    for number, entry in checks.EXERCISES.items():
        assert callable(getattr(checks, entry.check)), f"teaching does not offer {entry.check}"
        assert f"{entry.check}(" in WRITTEN[number].stub
        assert len(entry.hints) >= 2
        assert len(WRITTEN[number].mistakes) >= 2, f"{number} wants two plausible wrong answers"


def said_by(code: str, number: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What the check at the end of a cell says."""
    exec(compile(code, f"exercise {number}", "exec"), {"__name__": "cell"})
    return capsys.readouterr().out.splitlines()[-1]


@built
@pytest.mark.parametrize("number", WRITTEN)
def test_check_passes_the_solution_and_nothing_else(
    number: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    one = WRITTEN[number]
    assert said_by(one.stub, number, capsys).startswith(f"{number}: no answer yet")
    assert exercises.progress() == [], "a stub is no try"
    wrong = [(says, said_by(code, number, capsys)) for says, code in one.mistakes]
    for says, said in wrong:
        assert said.startswith(f"{number} is not there yet")
        assert says in said
    assert len({said for _, said in wrong}) == len(wrong), "each mistake is named by itself"
    (entry,) = exercises.progress()
    assert not entry.passed
    assert entry.tries == len(wrong)
    assert said_by(one.solution, number, capsys).startswith(f"{number} passed.")


@built
@pytest.mark.parametrize("word", ["spring-2027", "Group B", "李雷"])
@pytest.mark.parametrize("number", shown.SHOWN)
def test_a_class_has_data_and_answers_of_its_own(
    number: str, word: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, namespace = WRITTEN[number], {"__name__": "cell"}
    exec(one.stub.replace(checks.EXERCISES[number].check + "(", "print("), namespace)
    for name, value in shown.SHOWN[number].book.items():
        assert np.array_equal(namespace[name], value), "without a class, the cell and the library show the same"
    checks.classroom(word)
    own = shown.data_of(number)
    capsys.readouterr()
    assert said_by(one.stub, number, capsys).startswith(f"{number}: no answer yet")
    wrong = [(says, said_by(code, number, capsys)) for says, code in one.mistakes]
    for says, said in wrong:
        assert said.startswith(f"{number} is not there yet")
        assert says in said
    assert said_by(one.solution, number, capsys).startswith(f"{number} passed.")
    # The answer to the book's data is named as such, and another class's does not pass either.
    checks.classroom(None)
    book: dict[str, object] = {"__name__": "cell"}
    exec(one.solution, book)
    answer = [book["source_only"], book["own"]] if number == "0.1.1" else [book["answer"]]
    check = getattr(checks, checks.EXERCISES[number].check)
    capsys.readouterr()
    monkeypatch.setenv("TLMLDA_CLASS", word.upper())  # the environment's word does, and capitals do not count
    assert all(np.array_equal(a, b) for a, b in zip(shown.data_of(number).values(), own.values(), strict=True))
    check(*answer)
    assert "the answer for the numbers in the book" in capsys.readouterr().out


@built
def test_all_that_shows_its_data_lets_a_class_have_its_own() -> None:
    """Exercises with numbers in their cell, and a check that compares one answer."""
    typed = {n for n, one in WRITTEN.items() if re.search(r"=\s*(np\.array\()?\[+-?\d", one.stub)}
    assert typed == set(shown.SHOWN)
    page = (BOOK / "for-teachers.md").read_text(encoding="utf-8")
    told = page[
        page.index("## Numbers of your own") : page.index("```python\nfrom tlmlda_lib.book.checks import classroom")
    ]
    assert re.findall(r"\d\.\d\.\d", told) == sorted(shown.SHOWN), "the teachers' page lists them"


def test_data_of_a_class_are_the_same_everywhere(capsys: pytest.CaptureFixture[str]) -> None:
    checks.classroom("spring-2027")
    zs, zt = checks.given("2.3.1", zs=[[9, 9]], zt=[[9, 9]])
    assert (zs.tolist(), zt.tolist()) == PINNED
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "2.3.1, numbers for the class spring-2027:"
    assert [line.partition(" = ")[0] for line in said[1:]] == ["zs", "zt"]
    assert [json.loads(line.partition(" = ")[2]) for line in said[1:]] == [zs.tolist(), zt.tolist()]
    zs[0] = 7
    assert checks.given("2.3.1")[0].tolist() == PINNED[0], "what a reader changes is a copy"


def test_without_a_class_the_data_are_the_reader_s(capsys: pytest.CaptureFixture[str]) -> None:
    assert checks.given("2.3.1", zs=[[1, 2]], zt=[[3, 4]])[0].tolist() == [[1, 2]]
    assert checks.given("2.3.1")[0].tolist() == mmd.ZS.tolist()
    assert capsys.readouterr().out == ""


def test_given_names_what_it_does_not_know() -> None:
    with pytest.raises(UserError, match=r"exercise 2\.3\.2 shows no data .*these do: .*2\.3\.1"):
        checks.given("2.3.2")
    with pytest.raises(UserError, match=r"the data of 2\.3\.1 are zs, zt, in this order, and not zt, zs"):
        checks.given("2.3.1", zt=[[0]], zs=[[0]])
    with pytest.raises(UserError, match=r"classroom\(2027\): give a word"):
        checks.classroom(2027)


@pytest.mark.parametrize("number", shown.SHOWN)
def test_classes_rarely_share_an_answer(number: str) -> None:
    answers = set()
    for k in range(30):
        checks.classroom(f"class {k}")
        answers.add(str(shown.SHOWN[number].answer(*shown.data_of(number).values())))
    assert len(answers) >= (5 if number == "0.1.1" else 20), "two percentages of six utterances cannot differ much"


@built
def test_hints_do_not_hold_the_solution() -> None:
    for number, entry in checks.EXERCISES.items():
        lines = [line.strip() for line in WRITTEN[number].solution.splitlines()]
        assert not [line for line in lines for hint in entry.hints if len(line) > 12 and line in hint]
