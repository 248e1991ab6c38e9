"""Checks for the book's exercises, hints on request, and a report to hand in.

A check names the mistake and never the answer::

    from tlmlda_lib.book.checks import check_mmd, hint, report

    check_mmd(answer)  # 2.3.1 is not there yet: ...
    hint("2.3.1")  # one hint more at each call
    report("Ann Smith")  # writes report-2.3-ann-smith.json
    with strict():  # for an autograder: what is wrong is raised, not printed
        check_mmd(answer)
    classroom("spring-2027")  # other data in the exercises that show some, and other answers

The exercises themselves, with their solutions, are in the book's sources, not in the library.
"""

from __future__ import annotations

from tlmlda_lib.book.checks.ablations import check_difference, check_fewest, check_plan
from tlmlda_lib.book.checks.adaptation import check_adapt, check_how_many, check_meet
from tlmlda_lib.book.checks.batch import check_leaks, check_reach, check_small
from tlmlda_lib.book.checks.certainty import check_better, check_interval, check_uar
from tlmlda_lib.book.checks.choosing import check_choose, check_folds, check_oracle
from tlmlda_lib.book.checks.corpus import check_commonest, check_leak, check_shared, check_split
from tlmlda_lib.book.checks.cost import check_cheaper, check_count, check_even
from tlmlda_lib.book.checks.denoising import check_noise, check_rebuild, check_units
from tlmlda_lib.book.checks.emotion import check_disagreement, check_entropy, check_head_gradient
from tlmlda_lib.book.checks.exercises import EXERCISES, Mistake, NoAnswer, exercise, hint, progress, strict
from tlmlda_lib.book.checks.features import check_apart, check_counts, check_functional, check_upleveltime
from tlmlda_lib.book.checks.hearing import check_ear, check_pitch, check_semitones
from tlmlda_lib.book.checks.lmmd import check_class_weights, check_lmmd, check_subclouds
from tlmlda_lib.book.checks.mending import check_mend
from tlmlda_lib.book.checks.mmd import check_floor, check_mmd, check_same_moments
from tlmlda_lib.book.checks.own import check_account, check_held_out, check_scales
from tlmlda_lib.book.checks.peeking import check_caption, check_looked, check_published, check_two_prices
from tlmlda_lib.book.checks.peers import check_own_method, check_scaling_price, check_shrink
from tlmlda_lib.book.checks.pictures import check_clean, check_maps, check_share
from tlmlda_lib.book.checks.reports import read_report, report
from tlmlda_lib.book.checks.reproducibility import check_kappa, check_registration, check_two_agree, check_until
from tlmlda_lib.book.checks.shift import check_own_scale, check_peeks
from tlmlda_lib.book.checks.shown import classroom, given
from tlmlda_lib.book.checks.sitting import check_gain, check_price, check_yardsticks
from tlmlda_lib.book.checks.speaking import check_after, check_consent, check_movers
from tlmlda_lib.book.checks.streams import check_heard, check_pooled, check_stream_of
from tlmlda_lib.book.checks.training import check_loop, check_resume, check_strangers
from tlmlda_lib.book.checks.trust import check_agreement, check_masked, check_shuffle, check_trusted
from tlmlda_lib.book.checks.weighting import check_past, check_rule, check_weights

__all__ = [
    "EXERCISES",
    "Mistake",
    "NoAnswer",
    "check_account",
    "check_adapt",
    "check_after",
    "check_agreement",
    "check_apart",
    "check_better",
    "check_caption",
    "check_cheaper",
    "check_choose",
    "check_class_weights",
    "check_clean",
    "check_commonest",
    "check_consent",
    "check_count",
    "check_counts",
    "check_difference",
    "check_disagreement",
    "check_ear",
    "check_entropy",
    "check_even",
    "check_fewest",
    "check_floor",
    "check_folds",
    "check_functional",
    "check_gain",
    "check_head_gradient",
    "check_heard",
    "check_held_out",
    "check_how_many",
    "check_interval",
    "check_kappa",
    "check_leak",
    "check_leaks",
    "check_lmmd",
    "check_looked",
    "check_loop",
    "check_maps",
    "check_masked",
    "check_meet",
    "check_mend",
    "check_mmd",
    "check_movers",
    "check_noise",
    "check_oracle",
    "check_own_method",
    "check_own_scale",
    "check_past",
    "check_peeks",
    "check_pitch",
    "check_plan",
    "check_pooled",
    "check_price",
    "check_published",
    "check_reach",
    "check_rebuild",
    "check_registration",
    "check_resume",
    "check_rule",
    "check_same_moments",
    "check_scales",
    "check_scaling_price",
    "check_semitones",
    "check_share",
    "check_shared",
    "check_shrink",
    "check_shuffle",
    "check_small",
    "check_split",
    "check_strangers",
    "check_stream_of",
    "check_subclouds",
    "check_trusted",
    "check_two_agree",
    "check_two_prices",
    "check_uar",
    "check_units",
    "check_until",
    "check_upleveltime",
    "check_weights",
    "check_yardsticks",
    "classroom",
    "exercise",
    "given",
    "hint",
    "progress",
    "read_report",
    "report",
    "strict",
]
