"""From tables of recordings to a labelled source and an unlabelled target. Chapter 1.4."""

from tlmlda_lib.domains import schemes
from tlmlda_lib.domains.pair import REVISION, DomainPair, load_pair, make_pair
from tlmlda_lib.domains.schemes import (
    LEAVE_ONE_OUT,
    MADE_SCHEMES,
    OPEN_SCHEMES,
    PAPER_SCHEMES,
    SCHEMES,
)

__all__ = [
    "LEAVE_ONE_OUT",
    "MADE_SCHEMES",
    "OPEN_SCHEMES",
    "PAPER_SCHEMES",
    "REVISION",
    "SCHEMES",
    "DomainPair",
    "load_pair",
    "make_pair",
    "schemes",
]
