"""Presets and what they may not contain."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace

import pytest

from tlmlda_lib import methods
from tlmlda_lib.errors import UserError
from tlmlda_lib.methods import TLMLDA
from tlmlda_lib.training import options


def test_the_constructor_offers_every_option_but_the_losses():
    offered = set(inspect.signature(TLMLDA).parameters) - {"preset", "random_state", "device"}
    assert offered == set(options.OPTION_NAMES) - {"losses"}
    for name in offered:
        assert re.search(rf"\b{name}\b", TLMLDA.__doc__), f"{name} is not in the docstring"


def test_the_paper_as_printed():
    paper = options.PRESETS["paper"]
    assert (paper.encoder, paper.emotion) == ((1200, 900, 500), (600, 256))
    assert (paper.learning_rate, paper.batch_size, paper.epochs, paper.noise_std) == (1e-5, 100, 500, 1)
    assert paper.losses == ("S", "T", "y", "MMD", "LMMD")


@pytest.mark.parametrize(
    ("scheme", "alpha"),
    [("C2B", (0.1, 0.1, 5, 2, 0.1)), ("R2B", (1, 1, 3, 1, 1)), ("C2R", (1, 1, 2, 1, 0.1)), ("CR2B", (1, 1, 3, 1, 1))],
)
def test_printed_alpha_goes_to_the_presets_that_follow_the_paper(scheme, alpha):
    assert options.printed_alpha(scheme) == alpha
    assert methods.make("tlmlda", "paper", scheme=scheme).options().alpha == alpha
    assert methods.make("tlmlda", "authors", scheme=scheme).options().alpha == alpha
    own = options.RECOMMENDED_FOR[scheme[-1]].get("alpha", options.RECOMMENDED.alpha)
    assert methods.make("tlmlda", "recommended", scheme=scheme).options().alpha == own
    assert methods.make("tlmlda", "paper", scheme=scheme, alpha=(1, 1, 1, 1, 1)).options().alpha == (1, 1, 1, 1, 1)


def test_the_ablations_are_what_their_names_say():
    ours = [name for name, kind in methods.METHODS.items() if issubclass(kind, TLMLDA)]
    made = {name: methods.make(name, "paper", scheme="C2B").options() for name in ours}
    assert made["tlmlda_w"].alpha == (1, 1, 1, 1, 1)
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
        ({"alpha": (1, 2)}, "2 factors"),
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
