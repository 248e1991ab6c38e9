"""Presets and what they may not contain."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace

import pytest

from tlmlda_lib import methods
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import settings
from tlmlda_lib.methods import TLMLDA, tlmlda
from tlmlda_lib.training import options


def test_the_constructor_offers_every_option():
    offered = set(inspect.signature(TLMLDA).parameters) - {"preset", "random_state", "device"}
    assert offered == set(options.OPTION_NAMES)
    for name in offered:
        assert re.search(rf"\b{name}\b", TLMLDA.__doc__), f"{name} is not in the docstring"


def test_the_paper_as_printed():
    paper = options.PRESETS["paper"]
    assert (paper.encoder, paper.emotion) == ((1200, 900, 500), (600, 256))
    assert (paper.learning_rate, paper.batch_size, paper.epochs, paper.noise_std) == (1e-5, 100, 500, 1)
    assert paper.losses == ("S", "T", "y", "MMD", "LMMD")
    assert paper.alpha == settings.PRINTED_ALPHA["E2B"] == {"S": 1, "T": 1, "y": 3, "MMD": 1, "LMMD": 1}


@pytest.mark.parametrize(
    ("scheme", "alpha"),
    [("C2B", (0.1, 0.1, 5, 2, 0.1)), ("R2B", (1, 1, 3, 1, 1)), ("C2R", (1, 1, 2, 1, 0.1)), ("CR2B", (1, 1, 3, 1, 1))],
)
def test_printed_alpha_goes_to_the_presets_that_follow_the_paper(scheme, alpha):
    alpha = dict(zip(options.FIVE, alpha, strict=True))
    assert settings.printed_alpha(scheme) == alpha
    assert settings.of("tlmlda", "paper", scheme) == settings.of("tlmlda_m", "authors", f"{scheme}-female")
    assert methods.make("tlmlda", "paper", **settings.of("tlmlda", "paper", scheme)).options().alpha == alpha
    own = settings.RECOMMENDED_FOR["tlmlda"][scheme[-1]].get("alpha", options.RECOMMENDED_IS10.alpha)
    how = settings.of("only_cls", "recommended-is10", scheme)
    assert methods.make("only_cls", "recommended-is10", **how).options().alpha == own
    assert settings.of("tlmlda", "paper", scheme, {"alpha": {"y": 7}})["alpha"] == alpha | {"y": 7}
    named = settings.of("tlmlda", "recommended-is10", "casia+ravdess_to_emodb")
    assert named == settings.of("tlmlda", "recommended-is10", "C2B") == settings.RECOMMENDED_FOR["tlmlda"]["B"]
    assert settings.of("tlmlda", "paper", "mine") == {}
    assert settings.of("tlmlda", None, scheme) == settings.of("tlmlda", "quick", scheme) == {}


def test_a_scheme_is_no_option_of_a_method():
    with pytest.raises(
        UserError, match=r"scheme is not an option .* \*\*experiments.settings.of\(method, preset, scheme\)"
    ):
        methods.make("tlmlda", "paper", scheme="C2B")


def test_a_factor_that_is_set_leaves_the_others():
    one = methods.make("tlmlda", "recommended-is10", alpha={"MMD": 2}).options()
    assert one.alpha == options.RECOMMENDED_IS10.alpha | {"MMD": 2.0}
    assert list(one.alpha) == list(options.FIVE)
    assert options.describe(one)["alpha"] == one.alpha
    assert options.PRESETS["recommended-is10"].alpha["MMD"] == 1.0
    assert methods.make("ifn", alpha={"MMD": 2}).options().alpha == options.PRINTED | {"MMD": 2.0}
    some = methods.make("tlmlda", "paper", losses=["y", "S"]).options()
    assert (some.losses, some.factors()) == (("S", "y"), {"S": 1.0, "y": 3.0})
    assert (some.rebuilds, some.uses_target) == (True, False)


def test_five_factors_in_a_row_are_named_where_files_hold_them():
    assert options.by_name([1, 2, 3, 4, 5]) == {"S": 1, "T": 2, "y": 3, "MMD": 4, "LMMD": 5}
    for other in ({"y": 2}, None, (1, 2)):
        assert options.by_name(other) == other


def test_the_ablations_are_what_their_names_say():
    ours = [name for name, kind in methods.METHODS.items() if issubclass(kind, TLMLDA)]
    assert ours == ["tlmlda", *tlmlda.ABLATIONS, "tlmlda_vote", "tlmlda_self"]
    assert all(getattr(methods, kind.__name__) is kind for kind in tlmlda.CLASSES.values())
    made = {name: methods.make(name, "paper", **settings.of(name, "paper", "C2B")).options() for name in ours}
    assert made["tlmlda_w"].alpha == dict.fromkeys(options.FIVE, 1.0)
    assert made["tlmlda_w"].update == "epoch"
    assert made["tlmlda_alpha"].update == "constant"
    assert made["tlmlda_alpha"].alpha == made["tlmlda"].alpha
    assert made["tlmlda_m"].losses == ("S", "T", "y", "MMD")
    assert made["tlmlda_l"].losses == ("S", "T", "y", "LMMD")
    assert made["only_cls"].losses == ("y",)
    assert not made["only_cls"].uses_target
    assert not made["only_cls"].rebuilds


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"scaling": "robust"}, "'robust'"),
        ({"alpha": (1, 1, 3, 1, 1)}, r"alpha=\(1, 1, 3, 1, 1\): name each factor, as {'y': 3, 'MMD': 2}"),
        ({"alpha": {"Y": 1}}, "alpha names 'Y', which is not a loss: use any of S, T, y, MMD, LMMD"),
        ({"alpha": {"y": -1}}, "alpha of y is -1: a number from 0"),
        ({"alpha": {"y": True}}, "alpha of y is True"),
        ({"losses": ("S",)}, "take 'y'"),
        ({"epochs": 0}, "epochs=0"),
        ({"within": "batch", "scaling": "rank"}, "'minmax'"),
    ],
)
def test_a_wrong_value_is_named(change, words):
    with pytest.raises(UserError, match=words):
        replace(options.PAPER, **change)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: methods.make("tlmda"), "did you mean 'tlmlda'"),
        (lambda: methods.make("tlmlda", "papers"), "did you mean 'paper'"),
        (lambda: methods.make("tlmlda", learning_rat=1), "did you mean 'learning_rate'"),
        (lambda: methods.make("pca_svm", epochs=3), "'epochs' is not known"),
        (lambda: TLMLDA(preset="x").options(), "'x'"),
    ],
)
def test_a_wrong_name_is_answered_with_the_right_one(call, words):
    with pytest.raises(UserError, match=words):
        call()
