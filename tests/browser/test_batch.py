"""A batch in a real page: its numbers against the library's, its steps against torch's Adam."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
import torch

from tlmlda_lib.book.explorables import OneBatch
from tlmlda_lib.book.explorables.batch import STAGES, TINY
from tlmlda_lib.training.options import FIVE
from tlmlda_lib.training.trainer import batch_losses, build_network
from tlmlda_lib.weighting import LossWeights

Visitor = Callable[..., Any]
pytestmark = pytest.mark.of("batch.html", "OneBatch")
PAGE = "batch.html"
#: Places of the parameters of each part, as the page names the parts.
PARTS = {"encoder": (0, 1, 2, 3), "decoder": (4, 5), "emotion": (6, 7), "head": (8, 9)}


def stage(page: Any, name: str) -> None:
    page.locator(f'.tl-step button[data-stage="{name}"]').click()


def cells(page: Any) -> dict[str, float]:
    """The numbers of the stage that is shown, with all their digits, by row and column."""
    return page.evaluate("""() => Object.fromEntries([...document.querySelectorAll('.tl-step .tl-panel output')]
        .map(o => [o.dataset.at, Number(o.dataset.exact)]))""")


def found(page: Any) -> dict[str, Any]:
    """What a reader gets who runs the page's own lines of Python."""
    names: dict[str, Any] = {}
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(page.locator(".tl-step details pre").text_content(), names)
    finally:
        torch.set_default_dtype(torch.float32)
    return names


def assert_batch_equals_library(page: Any, first: bool) -> dict[str, Any]:
    """All stages of the batch that is shown; gives what the lines of Python made."""
    lines = found(page)
    terms, weights = lines["terms"], lines["weights"]
    stage(page, "losses")
    assert cells(page) == pytest.approx({f"{k}.0": term.item() for k, term in terms.items()}, rel=1e-9)
    stage(page, "weights")
    shown = cells(page)
    for k in FIVE:
        assert shown[f"{k}.2"] == pytest.approx(weights[k], rel=1e-9)
        assert shown[f"{k}.4"] == pytest.approx(weights[k] * terms[k].item(), rel=1e-9)
        assert (f"{k}.0" in shown) is not first
    stage(page, "gradients")
    shown, parameters = cells(page), list(lines["network"].parameters())
    for part, which in PARTS.items():
        whole = torch.cat([parameters[i].grad.flatten() for i in which])
        assert shown[f"{part}.5"] == pytest.approx(whole.norm().item(), rel=1e-8)
    stage(page, "step")
    shown = cells(page)
    for part, (i, *_) in PARTS.items():
        assert shown[f"{part}.0"] == lines["values"][i][0][0]
        assert shown[f"{part}.1"] == pytest.approx(parameters[i].grad[0, 0].item(), rel=1e-8, abs=1e-14)
    return lines


@pytest.fixture
def widget() -> OneBatch:
    """Three classes, four features, and domains of unequal size."""
    rng = np.random.default_rng(1)
    features, classes = ["a", "b", "c", "d"], ["anger", "fear", "sad"]
    xs, xt = rng.uniform(0, 1, (5, 4)), rng.uniform(0, 1, (3, 4))
    return OneBatch(xs, [0, 1, 2, 0, 1], xt, classes=classes, features=features, seed=2, address="")


def test_every_stage_is_the_library_s(visit: Visitor, bench: Callable[[Any], Path], widget: OneBatch) -> None:
    with visit(bench(widget)) as seen:
        page = seen.page
        page.locator(".tl-step").wait_for()
        lines = assert_batch_equals_library(page, True)
        parameters = list(lines["network"].parameters())
        assert [len(p.shape) for p in parameters] == [2, 1, 1, 1, 2, 1, 2, 1, 2, 1]
        noisy = [x + TINY.noise_std * e for x, e in zip((lines["xs"], lines["xt"]), lines["noise"], strict=True)]
        rows = [f"source {i + 1}" for i in range(5)] + [f"target {i + 1}" for i in range(3)]

        def shown(columns: int) -> np.ndarray:
            numbers = cells(page)
            return np.array([[numbers[f"{row}.{j}"] for j in range(columns)] for row in rows])

        stage(page, "noise")
        assert shown(4) == pytest.approx(torch.cat(noisy).numpy(), abs=1e-12)
        network = lines["network"]
        with torch.no_grad():
            source, target = network(*noisy)
            code = network.autoencoder.encoder(torch.cat(noisy))
        stage(page, "code")
        assert shown(2) == pytest.approx(code.numpy(), abs=1e-9)
        stage(page, "outputs")
        whole = [torch.cat([out.rebuilt, out.z, torch.softmax(out.logits, 1)], 1) for out in (source, target)]
        assert shown(9) == pytest.approx(torch.cat(whole).numpy(), abs=1e-9)
        assert not seen.errors


def test_each_loss_pulls_where_autograd_says(visit: Visitor, bench: Callable[[Any], Path], widget: OneBatch) -> None:
    with visit(bench(widget)) as seen:
        page = seen.page
        page.locator(".tl-step").wait_for()
        page.get_by_role("button", name="Next batch, same stage").click()
        code = page.locator(".tl-step details pre").text_content().replace("total.backward()\n", "")
        names: dict[str, Any] = {}
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(code, names)
        finally:
            torch.set_default_dtype(torch.float32)
        stage(page, "gradients")
        shown, parameters = cells(page), list(names["network"].parameters())
        for j, k in enumerate(FIVE):
            grads = torch.autograd.grad(names["terms"][k], parameters, retain_graph=True, allow_unused=True)
            for part, which in PARTS.items():
                pulls = [grads[i].flatten() for i in which if grads[i] is not None]
                size = names["weights"][k] * torch.cat(pulls).norm().item() if pulls else 0.0
                assert shown.get(f"{part}.{j}", 0) == pytest.approx(size, rel=1e-7, abs=1e-15)
                if size == 0:
                    assert f"{part}.{j}" not in shown  # a dot stands there


def test_steps_are_those_of_training(visit: Visitor, bench: Callable[[Any], Path], widget: OneBatch) -> None:
    """The page's losses, batch after batch, against Adam and `LossWeights` on the noise that the page drew."""
    with visit(bench(widget)) as seen:
        page = seen.page
        page.locator(".tl-step").wait_for()
        drawn, by_page = [], []
        for _ in range(8):
            lines = assert_batch_equals_library(page, not drawn)
            drawn.append(lines["noise"])
            by_page.append({k: term.item() for k, term in lines["terms"].items()} | {"w": lines["weights"]})
            page.get_by_role("button", name="Next batch, same stage").click()
    network = build_network(TINY, 4, 3).double().train()
    with torch.no_grad():
        for parameter, value in zip(network.parameters(), widget.parameters, strict=True):
            parameter.copy_(torch.tensor(value, dtype=torch.float64))
    adam = torch.optim.Adam(network.parameters(), lr=TINY.learning_rate)
    rule = LossWeights(FIVE, TINY.factors(), "epoch")
    for noise, expected in zip(drawn, by_page, strict=True):
        with mock.patch.object(torch, "randn_like", side_effect=list(noise)):
            terms = batch_losses(network, lines["xs"], lines["ys"], lines["xt"], TINY)
        values = {k: term.item() for k, term in terms.items()}
        weights = rule.of_batch(values)
        assert values == pytest.approx({k: expected[k] for k in FIVE}, rel=1e-6)
        assert weights == pytest.approx(expected["w"], rel=1e-6)
        adam.zero_grad()
        sum(weights[k] * terms[k] for k in terms).backward()
        adam.step()
        rule.end_epoch()


def test_next_and_back_go_through_the_stages(visit: Visitor) -> None:
    with visit(PAGE) as seen:
        page = seen.page
        title = page.locator(".tl-step .tl-title")
        nexts = page.locator(".tl-step").get_by_role("button", name="Next", exact=True)
        back = page.locator(".tl-step").get_by_role("button", name="Back")
        assert back.is_disabled()
        for i, name in enumerate(STAGES):
            assert title.text_content() == f"Batch 1, {i + 1} of 8: {name}"
            assert page.locator('.tl-step [aria-current="step"]').text_content() == f"{i + 1} {name}"
            nexts.focus()
            page.keyboard.press("Enter")
        assert title.text_content() == "Batch 2, 1 of 8: batch"
        back.click()
        assert title.text_content() == "Batch 1, 8 of 8: step"
        moved = cells(page)
        for part in PARTS:  # Adam's first step
            assert abs(moved[f"{part}.2"] - moved[f"{part}.0"]) == pytest.approx(TINY.learning_rate, rel=1e-3)
        assert not seen.errors


def test_built_page_learns_and_its_lines_hold(visit: Visitor) -> None:
    with visit(PAGE) as seen:
        page = seen.page
        start = assert_batch_equals_library(page, True)["terms"]
        ends = {}
        for factors in ("printed", "alone"):
            page.get_by_label("Factors α", exact=True).select_option(factors)
            page.get_by_role("button", name="50 batches").click()
            entropy = assert_batch_equals_library(page, False)["terms"]["y"].item()
            far = float(page.locator('.tl-step output[data-value="far"]').get_attribute("data-exact"))
            ends[factors] = entropy, far
            page.get_by_role("button", name="Start again").click()
        # What the page says: collapsed, and learnt.
        assert ends["printed"] == pytest.approx((np.log(2), 0), abs=0.01)
        assert ends["alone"][0] < 0.3 < ends["alone"][1]
        stage(page, "batch")
        labels = page.locator(".tl-step .tl-panel tbody tr td:last-child").all_text_contents()
        assert labels == ["anger", "anger", "sad", "sad"] + ["unknown"] * 4
        page.get_by_role("button", name="Start again").click()
        assert found(page)["terms"]["y"].item() == start["y"].item()
        assert not seen.errors


def test_setting_can_be_linked_and_is_spoken(visit: Visitor) -> None:
    with visit(PAGE) as seen:
        page = seen.page
        page.wait_for_timeout(500)
        assert page.evaluate("location.search") == ""  # nobody has touched anything
        page.get_by_label("Factors α", exact=True).select_option("alone")
        page.get_by_role("button", name="50 batches").click()
        stage(page, "gradients")
        page.wait_for_function("location.search === document.querySelector('.tl-step .tl-link').getAttribute('href')")
        link = page.get_by_role("link", name="Link to this setting").get_attribute("href")
        first = cells(page)
        page.wait_for_function("document.querySelector('.tl-step .tl-summary').textContent.startsWith('Batch 51, gr')")
        for picture in page.locator(".tl-step .tl-body svg[role=img]").all():
            assert len(picture.get_attribute("aria-label")) > 40
    assert link == "?step=51_gradients_alone"
    with visit(PAGE, query=link) as seen:
        assert cells(seen.page) == first
    for nonsense in ("501_step_alone",):  # others are asked in Node
        with visit(PAGE, query=f"?step={nonsense}") as seen:
            assert seen.page.locator(".tl-step .tl-title").text_content().startswith("Batch 1, 1 of 8")
            assert not seen.errors
