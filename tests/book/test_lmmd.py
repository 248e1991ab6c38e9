"""Section 2.4: LMMD sends a point where its guess says and corrects no guess. By other arithmetic than the page's."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tlmlda_lib import losses
from tlmlda_lib.book.pages import lmmd as page

PAGE = Path(__file__).parents[2] / "book" / "lmmd.md"
EACH = 60
TRUTH = torch.arange(2).repeat_interleave(EACH)
SEEDS = range(3)


def by_definition(zs: Tensor, zt: Tensor, guess: Tensor) -> Tensor:
    """Equation 4 for guesses that are sure: the squared MMD of the parts that bear one name, class by class."""
    z = torch.cat([zs, zt])
    d = ((z[:, None] - z) ** 2).sum(2)
    b = d.detach().sum() / (len(z) * (len(z) - 1))
    k = sum(torch.exp(-d / (2.0**m * b)) for m in range(-2, 3))
    n, squares = len(zs), []
    for c in (0, 1):
        here, there = c == TRUTH, guess == c
        ss, tt, st = k[:n, :n][here][:, here], k[n:, n:][there][:, there], k[:n, n:][here][:, there]
        squares.append(ss.mean() + tt.mean() - 2 * st.mean())
    return sum(squares) / 2


def right(zs: Tensor, z: Tensor) -> Tensor:
    """Which points lie nearer to the source's mean of their class than to the other one."""
    first, second = (zs[c == TRUTH].mean(0) for c in (0, 1))
    return ((z - second).norm(dim=1) < (z - first).norm(dim=1)).long() == TRUTH


def experiment(
    seed: int, share: float | None, *, off: float = 0.0, network: bool = False
) -> tuple[float, float, float, float]:
    """Percent of points in the right place before and after, of all and of those wrongly guessed.

    Without a share the guesses are those of the places themselves.
    """
    generator = torch.Generator().manual_seed(seed)
    zs, x = (torch.randn(2 * EACH, 2, generator=generator).double() + 2 * TRUTH[:, None] for _ in range(2))
    x = x + off
    wrong = ~right(zs, x)
    if share is not None:
        wrong = torch.cat([torch.randperm(EACH, generator=generator) >= share * EACH for _ in (0, 1)])
    guess = torch.where(wrong, 1 - TRUTH, TRUTH)
    torch.manual_seed(seed)
    f = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2)).double()
    for p in f[2].parameters():
        nn.init.zeros_(p)
    steps = torch.zeros_like(x, requires_grad=True)
    adam = torch.optim.Adam(f.parameters() if network else [steps], lr=0.05)
    place = (lambda: x + f(x)) if network else (lambda: x + steps)
    for _ in range(150):
        adam.zero_grad()
        by_definition(zs, place(), guess).backward()
        adam.step()
    before, after = (right(zs, z).double() for z in (x, place().detach()))
    return tuple(100 * float(h.mean()) for h in (before, after, before[wrong], after[wrong]))


def mean(rows: list[tuple[float, ...]]) -> list[float]:
    return [sum(column) / len(column) for column in zip(*rows, strict=True)]


def test_the_objective_is_the_library_s() -> None:
    generator = torch.Generator().manual_seed(0)
    zs, zt = (torch.randn(2 * EACH, 2, generator=generator).double() for _ in range(2))
    guess = torch.randint(0, 2, (2 * EACH,), generator=generator)
    library = losses.lmmd(zs, zt, TRUTH, torch.eye(2, dtype=torch.float64)[guess])
    torch.testing.assert_close(by_definition(zs, zt, guess), library)


@pytest.mark.parametrize("share", [0.8, 0.7, 0.6])
def test_free_points_go_where_their_guesses_say(share: float) -> None:
    rows = [experiment(seed, share) for seed in SEEDS]
    for before, after, wrong_before, wrong_after in rows:
        assert after < before, "the share that lies right falls, in every draw"
        assert wrong_after < wrong_before - 25
    before, after, _, _ = mean(rows)
    assert after - before < -4 - 40 * (0.8 - share), "and it falls the further the more guesses are wrong"


def test_only_a_smooth_map_takes_wrong_guesses_along() -> None:
    free = [experiment(seed, 0.8, off=-1.0) for seed in SEEDS]
    smooth = [experiment(seed, 0.8, off=-1.0, network=True) for seed in SEEDS]
    own = [experiment(seed, None, off=-1.0, network=True) for seed in SEEDS]
    for alone, together, guessed in zip(free, smooth, own, strict=True):
        assert alone[3] < alone[2] - 10, "free points: the wrongly guessed go the wrong way"
        assert together[3] > alone[3] + 25, "a network: they go with their neighbours"
        assert guessed[3] < 40, "but not where their neighbours are wrong as well"
    before, after = mean(smooth)[2:]
    assert after > before + 5


def cells(*, visible: bool = True) -> list[str]:
    """Code of the page's cells: of those that a reader sees, or of all."""
    found = re.findall(r"^```\{code-cell\} ipython3\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    kept = []
    for cell in found:
        options = re.match(r"---\n.*?^---\n|(?::[\w-]+:[^\n]*\n)*", cell, re.M | re.S).group()
        if not (visible and re.search(r"remove-(input|cell)", options)):
            kept.append(cell[len(options) :])
    return kept


def test_what_the_page_shows_runs_when_copied_and_shows_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pyplot = pytest.importorskip("matplotlib.pyplot")
    monkeypatch.setattr(pyplot, "show", lambda: pyplot.close("all"))
    namespace: dict[str, object] = {}
    for cell in cells():
        exec(compile(cell, str(PAGE), "exec"), namespace)
    found = re.findall(
        r"^(\d\d % right|free points|network|nearest mean) +(\d+) -> +(\d+) % +(\d+) -> +(\d+) %$",
        capsys.readouterr().out,
        re.M,
    )
    assert len(found) == 6, "six lines: three shares of free points, then the three of the second piece"
    for _, before, after, wrong_before, wrong_after in found[:3]:
        assert int(after) < int(before) - 3
        assert int(wrong_after) < int(wrong_before) - 40


ALONE = {0.8: (84.0, 78.0, 85.0, 3.0), 0.6: (83.0, 61.0, 82.0, 4.0)}
BESIDE = {"free": (60.0, 80.0, 62.0, 5.0), "network": (60.0, 90.0, 61.0, 77.0), "own": (60.0, 62.0, 0.0, 12.0)}


def test_the_page_claims_no_more() -> None:
    texts = (PAGE.read_text(encoding="utf-8"), page.harm(ALONE).data, page.neighbours_carry(BESIDE).data)
    words = " ".join(" ".join(texts).split())
    for untrue in ("to their places and the guesses", "it is enough that they beat"):
        assert untrue not in words


def test_where_it_turns_is_the_last_share_that_speaks_for_the_truth() -> None:
    of = {"belongs": lambda share: share, "swapped": lambda share: 0.5 - share}
    words = page.where_it_turns(lambda z, share: z(share), of, [i / 10 for i in range(11)]).data
    assert "With up to 20 % of the guesses wrong" in words  # at 25 % both are the same
    assert "from 30 % on" in words


@pytest.mark.parametrize(
    ("changed", "fails"), [({}, False), ({0.7: (80, 77, 80, 3)}, True), ({0.7: (80, 70, 40, 3)}, True)]
)
def test_harm_is_said_only_where_it_is_done(changed: dict[float, Any], fails: bool) -> None:
    if fails:
        with pytest.raises(AssertionError):
            page.harm(ALONE | changed)
        return
    words = page.harm(ALONE | changed).data
    assert "right place falls from 84 to 78 %, with 60 % from 83 to 61 %" in words


def test_neighbours_carry_only_if_they_did() -> None:
    words = page.neighbours_carry(BESIDE).data
    assert "77 % of them end right, against 5 % of those" in words
    assert "only 12 % of these points end right" in words
    for name, share in (("free", 45.0), ("network", 65.0), ("own", 36.0)):
        with pytest.raises(AssertionError):
            page.neighbours_carry(BESIDE | {name: (*BESIDE[name][:3], share)})
