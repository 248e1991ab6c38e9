"""Section 2.3: what its cells print and draw bears out what its sentences say, by other arithmetic than the page's."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import pytest
import torch

from tlmlda_lib import losses

PAGE = Path(__file__).parents[2] / "book" / "mmd.md"
HIDDEN = re.compile(r"remove-(input|cell)")


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    """Names of the page's visible cells after all have run in order, and what they printed."""
    pyplot = pytest.importorskip("matplotlib.pyplot")
    said: list[str] = []
    names: dict[str, Any] = {"print": lambda *words: said.append(" ".join(map(str, words)))}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pyplot, "show", lambda: pyplot.close("all"))
        for cell in re.findall(r"^```\{code-cell\} ipython3\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S):
            found = re.match(r"---\n.*?^---\n|(?::[\w-]+:[^\n]*\n)*", cell, re.M | re.S)
            options = found.group() if found else ""
            if not HIDDEN.search(options):
                exec(compile(cell[len(options) :], str(PAGE), "exec"), names)
                if "others" in names and "seen" not in names:  # a later cell has other points
                    names["seen"] = names["witness"](torch.tensor([0.0, -1.6, 1.6]).double()).tolist()
    return names | {"said": said}


def test_each_list_of_powers_finds_more_and_mmd_finds_all(page: dict[str, Any]) -> None:
    rows = [line.rsplit(maxsplit=5) for line in page["said"] if re.match(r"(moved|wider|two heaps) ", line)]
    found = {row[0].strip(): [float(v) for v in row[1:]] for row in rows}
    assert list(found) == ["moved", "wider", "two heaps"]
    assert abs(found["moved"][1]) > 0.9
    assert found["wider"][1] == 0, "the mean misses it"
    assert found["wider"][2] > 2, "the square finds it"
    assert found["two heaps"][1:4] == [0, 0, 0], "z, z² and z³ miss them"
    assert abs(found["two heaps"][4]) > 1, "the fourth power finds them"
    assert min(row[0] for row in found.values()) > 0.1


def test_the_lists_make_the_kernel(page: dict[str, Any]) -> None:
    z = torch.linspace(-2, 2, 9).double()
    lists = page["phi"](z, 60, b=1.5)
    torch.testing.assert_close(lists @ lists.T, torch.exp(-((z[:, None] - z) ** 2) / 1.5))
    torch.testing.assert_close((lists**2).sum(1), torch.ones(9).double())


def test_the_witness_is_positive_where_the_source_is_denser(page: dict[str, Any]) -> None:
    assert [math.copysign(1, v) for v in page["seen"]] == [1, -1, -1]
    assert page["others"].max() < page["norm"]


def test_small_clouds_hide_a_small_difference(page: dict[str, Any]) -> None:
    floors = torch.tensor(page["floors"])
    same, apart = (torch.tensor(page[name]).mean(1) for name in ("same", "apart"))
    torch.testing.assert_close(same, floors, rtol=0.03, atol=0)
    assert apart[0] < 1.05 * floors[0]
    assert apart[-1] > 1.5 * floors[-1]
    z = torch.randn(2, 100, 256, generator=torch.Generator().manual_seed(9))
    assert losses.mmd(*z).item() == pytest.approx(floors[page["sizes"].index(100)].item(), rel=0.05)
    assert page["said"][-1].endswith("0.062")
