"""domains"""

from tlmlda_lib.domains.pair import (
    LEAVE_ONE_OUT,
    MADE_SCHEMES,
    OPEN_SCHEMES,
    PAPER_SCHEMES,
    REVISION,
    SCHEMES,
    DomainPair,
    load_pair,
    make_pair,
    parts,
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
    "parts",
]
