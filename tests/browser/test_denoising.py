"""Denoising in a real page: its forward pass and its errors against the library's."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tlmlda_lib import losses
from tlmlda_lib.book.explorables import Denoising
from tlmlda_lib.book.explorables.denoising import NOISE
from tlmlda_lib.networks import DenoisingAutoencoder

Visitor = Callable[..., Any]
pytestmark = pytest.mark.of("denoising.html", "Denoising")
PAGE = "denoising.html"
ERRORS = "noisy", "mean", "rebuilt"


def sigma(noise: float) -> str:
    """A size of noise as the page writes it."""
    return f"σ\u00a0=\u00a0{noise:g}"


def shown(page: Any) -> dict[str, float]:
    """The page's errors, with all their digits."""
    outputs = {name: page.locator(f'.tl-noise output[data-value="{name}"]') for name in ERRORS}
    exact = {name: float(output.get_attribute("data-exact")) for name, output in outputs.items()}
    assert {name: float(output.text_content()) for name, output in outputs.items()} == pytest.approx(exact, abs=1e-4)
    return exact


def found(page: Any) -> dict[str, Any]:
    """What a reader gets who runs the page's own lines of Python."""
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(page.locator(".tl-noise details pre").text_content(), names)
    return names


def network(**how: Any) -> DenoisingAutoencoder:
    torch.manual_seed(3)
    one = DenoisingAutoencoder(6, (5, 2), **how)
    for _ in range(20):
        one(torch.rand(40, 6))
    return one.eval()


@pytest.fixture
def given() -> dict[str, Any]:
    """Two networks of different kinds, and five utterances of six features."""
    rng = np.random.default_rng(0)
    return {
        "networks": {0: network(), 0.5: network(decoder_activation="elu", output_activation="linear")},
        "clean": rng.uniform(0, 1, (5, 6)).round(3),
        "mean": rng.uniform(0.4, 0.6, 6).round(3),
        "labels": [f"utterance {i}" for i in range(5)],
        "groups": {"left": 4, "right": 2},
    }


def test_page_computes_the_library_s_forward_pass(
    visit: Visitor, bench: Callable[[Any], Path], given: dict[str, Any]
) -> None:
    with visit(bench(Denoising(**given, address=""))) as seen:
        page = seen.page
        page.locator(".tl-noise").wait_for()
        for key, label in ((0, "no noise"), (0.5, sigma(0.5))):
            page.get_by_label(label, exact=True).check()
            for which, step in ((0, 0), (3, 6), (4, 12)):
                page.get_by_label("Utterance", exact=True).select_option(str(which))
                page.get_by_label("Noise that is added").fill(str(step))
                lines, errors = found(page), shown(page)
                clean = torch.tensor(given["clean"][which : which + 1], dtype=torch.float32)
                assert torch.allclose(lines["clean"], clean, atol=1e-6)
                rebuilt = given["networks"][key](lines["noisy"])[1].detach()
                assert torch.allclose(lines["rebuilt"], rebuilt, atol=1e-5)
                mean = torch.tensor(given["mean"], dtype=torch.float32)[None]
                for name, answer in (("noisy", lines["noisy"]), ("mean", mean), ("rebuilt", rebuilt)):
                    assert errors[name] == pytest.approx(losses.reconstruction(answer, clean).item(), abs=1e-5)
        assert not seen.errors


def test_noise_is_normal_and_of_the_size_that_is_said(visit: Visitor) -> None:
    with visit(PAGE) as seen:
        page = seen.page
        page.get_by_label("Noise that is added").fill(str(NOISE.index(0.5)))
        drawn = []
        for _ in range(12):
            lines = found(page)
            drawn.append((lines["noisy"] - lines["clean"]).flatten())
            page.get_by_role("button", name="Other noise").click()
        assert not torch.equal(drawn[0], drawn[1])
        noise = torch.cat(drawn) / 0.5
        assert abs(noise.mean()) < 4 / len(noise) ** 0.5
        assert noise.std().item() == pytest.approx(1, abs=3 / len(noise) ** 0.5)
        assert (noise.abs() < 1).float().mean().item() == pytest.approx(0.683, abs=0.07)


def test_built_page_shows_what_its_networks_give(visit: Visitor) -> None:
    """The networks were trained when the page was built: their weights are read from it."""
    with visit(PAGE) as seen:
        page = seen.page
        text = page.locator('script[type="application/vnd.jupyter.widget-state+json"]').text_content()
        states = [v["state"] for v in json.loads(text)["state"].values() if "layers" in v["state"]]
        (state,) = states
        clean, mean = np.array(state["clean"]), np.array(state["mean"])
        for key, label in (("0", "no noise"), ("1", sigma(1))):
            page.get_by_label(label, exact=True).check()
            page.get_by_label("Noise that is added").fill("0")
            page.get_by_label("Utterance", exact=True).select_option("7")
            x = clean[7]
            for layer in state["layers"][key]:
                x = np.array(layer["weight"]) @ x + np.array(layer["bias"])
                x = np.where(x > 0, x, np.expm1(x)) if layer["activation"] == "elu" else 1 / (1 + np.exp(-x))
            errors = shown(page)
            assert errors["rebuilt"] == pytest.approx(((x - clean[7]) ** 2).mean(), rel=1e-5)
            assert errors["mean"] == pytest.approx(((mean - clean[7]) ** 2).mean(), rel=1e-9)
            assert errors["noisy"] == 0
        assert not seen.errors


def test_dial_by_keyboard_and_summary(visit: Visitor) -> None:
    with visit(PAGE) as seen:
        page = seen.page
        dial = page.get_by_label("Noise that is added")
        dial.focus()
        assert dial.get_attribute("aria-valuetext") == sigma(0.3)
        for _ in range(4):
            page.keyboard.press("ArrowRight")
        assert dial.get_attribute("aria-valuetext") == sigma(1)
        assert shown(page)["noisy"] > 0.4
        summary = page.locator(".tl-noise .tl-summary")
        assert summary.get_attribute("aria-live") == "polite"
        page.wait_for_function(
            "document.querySelector('.tl-noise .tl-summary').textContent.includes('given noise of σ\u00a0=\u00a01:')"
        )
        best = min(shown(page), key=shown(page).get)
        words = {"mean": "giving the mean utterance errs least", "rebuilt": "rebuilding errs least"}
        assert words[best] in summary.text_content()
        assert page.locator(".tl-noise dt.tl-best").count() == 1
        dial.focus()
        page.keyboard.press("Home")
        assert dial.get_attribute("aria-valuetext") == "none"
        assert shown(page)["noisy"] == 0


@pytest.mark.parametrize("width", [1400, 390])
def test_both_pictures_are_drawn(visit: Visitor, width: int) -> None:
    with visit(PAGE, width=width) as seen:
        groups = seen.page.locator(".tl-profile .tl-title").all_text_contents()
        assert groups == ["log Mel bands", "MFCC", "line spectrum", "voice"]
        assert seen.page.locator(".tl-profile .tl-of-noisy").count() == 38
        assert seen.page.locator(".tl-plot .tl-line").count() == 3
        assert "38 features" in seen.page.locator(".tl-profile svg").get_attribute("aria-label")


def test_setting_can_be_linked(visit: Visitor) -> None:
    with visit(PAGE) as seen:
        page = seen.page
        page.wait_for_timeout(500)
        assert page.evaluate("location.search") == ""  # nobody has touched anything
        page.get_by_label(sigma(1), exact=True).check()
        page.get_by_label("Noise that is added").fill("9")
        page.get_by_label("Utterance", exact=True).select_option("4")
        page.get_by_role("button", name="Other noise").click()
        first = page.locator(".tl-noise details pre").text_content()
        page.wait_for_function("location.search === document.querySelector('.tl-noise .tl-link').getAttribute('href')")
        link = page.get_by_role("link", name="Link to this setting").get_attribute("href")
    assert link == "?noise=9_1_4_2"
    with visit(PAGE, query=link) as seen:
        assert seen.page.locator(".tl-noise details pre").text_content() == first
        assert seen.page.get_by_label(sigma(1), exact=True).is_checked()
    for nonsense in ("99_1_4_2",):  # others are asked in Node
        with visit(PAGE, query=f"?noise={nonsense}") as seen:
            assert seen.page.get_by_label(sigma(0.3), exact=True).is_checked()
            assert not seen.errors
