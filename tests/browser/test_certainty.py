"""Speakers drawn in a real page: what is drawn, counted and linked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tlmlda_lib import domains, evaluation, methods

Visitor = Callable[..., Any]
pytestmark = pytest.mark.of("certainty.html", "DrawSpeakers")
PAGE = "certainty.html"


def value(page: Any, name: str) -> float:
    return float(page.locator(f".tl-certainty output[data-value={name}]").get_attribute("data-exact"))


def test_the_interval_grows_to_the_librarys_and_is_shorter_for_utterances(visit: Visitor) -> None:
    pair = domains.load_pair("z2d", progress=False)
    svm = methods.make("pca_svm", "zscore", C=0.01).fit(pair.X, pair.y, sample_domain=pair.sample_domain)
    predicted, who = svm.target_predictions_[-1], np.array(pair.speakers)[pair.target]
    with visit(PAGE) as seen:
        page = seen.page
        assert value(page, "width") == 0
        widths = {}
        for unit, rows in (("speakers, and", who), ("utterances alone", np.arange(len(who)))):
            page.get_by_role("radio", name=unit).check()
            for _ in range(10):
                page.get_by_role("button", name="100 more").click()
            low, high = evaluation.bootstrap_interval(pair.truth, predicted, rows)
            widths[unit] = value(page, "width")
            assert abs(widths[unit] - (high - low)) < 3
        first, second = widths.values()
        assert first > 1.2 * second
        assert page.locator(".tl-certainty svg .tl-drawn").count() == len(set(who))
        assert not seen.errors


def test_a_setting_can_be_linked(visit: Visitor) -> None:
    with visit(PAGE) as seen:
        page = seen.page
        page.get_by_role("button", name="Draw again").click()
        page.get_by_role("button", name="Draw again").click()
        war = value(page, "war")
        link = page.locator(".tl-certainty .tl-link").get_attribute("href")
        assert link.endswith("drawn=speakers.3")
    with visit(PAGE, query=link) as seen:
        assert value(seen.page, "war") == war
        seen.page.get_by_role("button", name="Start again").click()
        assert value(seen.page, "width") == 0
        assert not seen.errors
