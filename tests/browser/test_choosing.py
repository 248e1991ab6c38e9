"""C chosen by eye in a real page: the folds' verdict, the covered target, the oracle's gain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tlmlda_lib import domains, evaluation, methods

Visitor = Callable[..., Any]
pytestmark = pytest.mark.of("choosing.html", "ChooseC")
PAGE = "choosing.html"


@pytest.mark.parametrize(("scheme", "task"), [("d2z", "German to Mandarin"), ("z2d", "Mandarin to German")])
def test_the_gain_is_the_librarys(visit: Visitor, scheme: str, task: str) -> None:
    pair = domains.load_pair(scheme, progress=False)
    svm = methods.make("pca_svm", "minmax").fit(pair.X, pair.y, sample_domain=pair.sample_domain, groups=pair.groups)
    wars = [evaluation.war(pair.truth, row) for row in svm.target_predictions_]
    with visit(PAGE) as seen:
        page = seen.page
        page.get_by_label("Task").select_option(task)
        assert page.locator(".tl-choosing .tl-target").count() == 0
        page.get_by_role("radio", name=f"{svm.C_:g}", exact=True).check()
        page.get_by_text("This is what the rule takes.").wait_for()
        page.get_by_label("Uncover the target").check()
        gain = page.locator(".tl-choosing output[data-value=gain]")
        assert float(gain.get_attribute("data-exact")) == pytest.approx(max(wars[:-1]) - wars[-1])
        assert page.locator(".tl-choosing .tl-top").count() == 1
        link = page.locator(".tl-choosing .tl-link").get_attribute("href")
        assert not seen.errors
    with visit(PAGE, query=link) as seen:
        assert seen.page.get_by_label("Uncover the target").is_checked()
        assert seen.page.get_by_label("Task").input_value() == task
