"""Explorables in a real JupyterLab and a real Notebook: keys stay in the widget, and Python and the page agree.

One server serves both, from a folder of its own, and finds nothing of the user's.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("playwright", reason="the browser tests' extra is not installed")

from built import absent
from conftest import FLAGS
from PIL import Image

TESTS = Path(__file__).parents[2]

#: One explorable of each kind: sliders, a cloud of points, radio buttons, sound, a table.
SHOWN = ("CrossEntropy", "MMDByHand", "MixCorpora", "Hear", "TwoCorpora")
FIRST = f"import sys; sys.path.insert(0, {str(TESTS)!r}); import made_explorables as made; w = {{}}"

#: A cell's source, for what is asked of Python while the page is open.
ASKED = "asked = {asked}\nprint('ANSWER', {question})"


def notebook() -> str:
    sources = [FIRST, *(f"w[{n!r}] = made.MAKE[{n!r}](); w[{n!r}]" for n in SHOWN), "pass"]
    cells = [
        {"cell_type": "code", "id": f"cell-{i}", "metadata": {}, "execution_count": None, "outputs": [], "source": s}
        for i, s in enumerate(sources)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return json.dumps({"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Address of a server and the folder that it serves."""
    for module in ("jupyterlab", "notebook", "ipykernel"):
        if find_spec(module) is None:
            absent(f"{module} is not installed: the extras `notebooks` and `test` bring it")
    home = tmp_path_factory.mktemp("jupyter")
    names = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
    own = {f"JUPYTER_{n}": str(home / n) for n in names} | {"HOME": str(home), "IPYTHONDIR": str(home / "ipython")}
    own |= {f"JUPYTERLAB_{n}_DIR": str(home / n) for n in ("SETTINGS", "WORKSPACES")}
    root = home / "root"
    root.mkdir()
    # No news from elsewhere, and every cell drawn, in sight or not.
    for plugin, values in (
        ("apputils-extension/notification", {"fetchNews": "false", "checkForUpdates": False}),
        ("notebook-extension/tracker", {"windowingMode": "none"}),
    ):
        file = home / "SETTINGS" / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(values), encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--allow-root",
    ]
    command += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    command += [f"--ServerApp.root_dir={root}", "--IdentityProvider.token="]
    log = (home / "log").open("w")
    process = subprocess.Popen(
        command, env={**os.environ, "OMP_NUM_THREADS": "1", **own}, stdout=log, stderr=log, cwd=root
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/api", timeout=5).close()
                break
            except OSError:
                if process.poll() is not None:
                    break
                time.sleep(0.2)
        else:
            pytest.fail("the server did not answer within a minute")
        assert process.poll() is None, (home / "log").read_text(encoding="utf-8")[-2000:]
        yield address, root
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()


@pytest.fixture(scope="module")
def browser(chromium: Any) -> Iterator[Any]:
    """Another browser, which speaks to this machine alone."""
    flags = [f.replace("NOTFOUND", "NOTFOUND , EXCLUDE 127.0.0.1") for f in FLAGS]
    kind = chromium.browser_type
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next(p for name in names if (p := shutil.which(name)))
    found = kind.launch(executable_path=program, args=flags)
    yield found
    found.close()


class Notebook:
    """An open notebook, all of whose cells have run."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def cells(self) -> list[str]:
        """What stands in the cells, in their order, and which are chosen."""
        return self.page.evaluate(
            """() => [...document.querySelectorAll(".jp-Notebook .jp-CodeCell")].map((c) =>
              `${c.querySelector(".cm-content")?.innerText ?? ""}`)"""
        )

    def active(self) -> int:
        return self.page.evaluate(
            "[...document.querySelectorAll('.jp-Notebook .jp-CodeCell')].findIndex((c) => c.matches('.jp-mod-active'))"
        )

    def widget(self, name: str) -> Any:
        return self.page.locator(f".tl[data-explorable='{MODULE[name]}']")

    def learn(self, question: str, answer: str, asked: str = "None", tries: int = 5) -> str:
        """Ask until the answer is this one, a few times: a page sends its state when the kernel has come to rest."""
        for _ in range(tries):
            found = self.ask(question, asked)
            if found == answer:
                break
            self.page.wait_for_timeout(300)
        return found

    def ask(self, question: str, asked: str = "None") -> str:
        """Run a line in the last cell, and give what it prints; widgets are in ``w``."""
        page = self.page
        cell = page.locator(".jp-Notebook .jp-CodeCell").last
        cell.locator(".cm-content").click()
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.insert_text(ASKED.format(asked=asked, question=question))
        before = cell.locator(".jp-InputPrompt").inner_text()
        page.keyboard.press("ControlOrMeta+Enter")
        for _ in range(200):
            prompt = cell.locator(".jp-InputPrompt").inner_text()
            if prompt != before and "*" not in prompt:
                break
            page.wait_for_timeout(50)
        text = cell.locator(".jp-OutputArea").inner_text()
        assert "ANSWER " in text, text
        return text.split("ANSWER ", 1)[1].strip()


MODULE = {
    "CrossEntropy": "emotion",
    "MMDByHand": "mmd",
    "MixCorpora": "corpus",
    "Hear": "sitting",
    "TwoCorpora": "shift",
}


def answered(address: str, name: str) -> bool:
    """Whether the kernel of notebook `name` has answered its page."""
    with urllib.request.urlopen(f"{address}/api/sessions", timeout=10) as got:
        kernels = [s["kernel"] for s in json.load(got) if s["path"] == name]
    return any(k["execution_state"] == "idle" and k["connections"] for k in kernels)


def run_all(page: Any, address: str, name: str) -> None:
    """Choose Run All Cells until the first has run: what is chosen before the kernel has answered may be forgotten."""
    prompt = page.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt").first
    for _ in range(600):
        if answered(address, name):
            break
        if page.locator(".jp-Dialog").count():
            page.locator(".jp-Dialog .jp-mod-accept").click()
        page.wait_for_timeout(200)
    for _ in range(10):
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        page.wait_for_timeout(4000)
        # Chosen twice, the cells would run twice, and forget in between what they had made: again only if no star
        # is left, which a kernel takes away that connects after its cells were sent.
        for _ in range(1200):
            shown = prompt.inner_text()
            if any(c.isdigit() for c in shown):  # [2] where the first run was stopped by the kernel's late answer
                return
            if "*" not in shown:
                break
            page.wait_for_timeout(100)
    raise AssertionError(f"no cell runs: {prompt.inner_text()!r}; {said(page)}")


def said(page: Any) -> list[str]:
    """What stands below the cells."""
    return [e.inner_text()[-2000:] for e in page.locator(".jp-Notebook .jp-OutputArea").all()]


@pytest.fixture(scope="module", params=["lab/tree", "notebooks"])
def opened(request: pytest.FixtureRequest, server: tuple[str, Path], browser: Any) -> Iterator[Notebook]:
    """The notebook in JupyterLab, and in Notebook 7."""
    address, root = server
    name = f"{request.param.partition('/')[0]}.ipynb"
    (root / name).write_text(notebook(), encoding="utf-8")
    context = browser.new_context(viewport={"width": 1300, "height": 1000}, reduced_motion="reduce")
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.goto(f"{address}/{request.param}/{name}{'?reset' if 'lab' in request.param else ''}")
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
    run_all(page, address, name)
    for n in SHOWN:
        shown = page.locator(f".tl[data-explorable='{MODULE[n]}']")
        for _ in range(150):
            if shown.count():
                break
            page.wait_for_timeout(200)
            page.mouse.move(600, 500)
            page.mouse.wheel(0, 150)
        assert shown.count(), said(page)
        shown.first.wait_for()
    found = Notebook(page)
    made = str(sorted(SHOWN))
    assert found.learn("sorted(w)", made, tries=50) == made
    yield found
    context.close()


def tab_to(page: Any, target: Any) -> int:
    """Press Tab until an element has the focus, from the explorable's first control on."""
    for n in range(40):
        if target.evaluate("e => e === document.activeElement"):
            return n
        page.keyboard.press("Tab")
    raise AssertionError("Tab does not lead there")


#: What each explorable is asked to do by keys: where the focus goes, which keys, and what Python then says.
KEYS: dict[str, tuple[str, tuple[str, ...], str, str]] = {
    "CrossEntropy": ("input[type=range] >> nth=0", ("ArrowRight", "ArrowUp"), "w['CrossEntropy'].rate", "1.2"),
    "MMDByHand": (
        "[role=slider][aria-label='target cloud']",
        ("ArrowLeft", "ArrowLeft", "ArrowDown"),
        "[round(float(a - b), 2) for a, b in zip(made.np.mean(w['MMDByHand'].target, 0), asked)]",
        "[-0.2, -0.1]",
    ),
    "MixCorpora": ("input[type=radio]:checked", ("ArrowRight",), "w['MixCorpora'].target", "C"),
    "Hear": ("td button[tabindex='0']", ("ArrowDown", "ArrowRight"), "w['Hear'].chosen", "happy.Mandarin"),
    "TwoCorpora": ("input[type=radio]:checked >> nth=0", ("ArrowRight",), "w['TwoCorpora'].chosen", "each corpus"),
}


@pytest.mark.parametrize("name", SHOWN)
def test_keys_stay_in_the_widget(opened: Notebook, name: str) -> None:
    page, widget = opened.page, opened.widget(name)
    asked = "None"
    if name == "MMDByHand":
        asked = opened.ask("made.np.mean(w['MMDByHand'].target, 0).tolist()")
    where, keys, question, answer = KEYS[name]
    target = widget.locator(where)
    target.scroll_into_view_if_needed()
    first = widget.locator("input, select, button, [tabindex='0']").first
    first.focus()
    tab_to(page, target)
    before, active = opened.cells(), opened.active()
    for key in keys:
        page.keyboard.press(key)
    assert widget.evaluate("e => e.contains(document.activeElement)"), "arrows keep the focus in the widget"
    for key in ("Escape", "d", "d", "a", "b", "x", "m", "Enter", "Escape", "Space", "Escape", "ArrowDown", "ArrowUp"):
        page.keyboard.press(key)
        assert opened.cells() == before, f"{key} changes the notebook's cells"
        assert opened.active() == active, f"{key} goes to another cell"
    if name == "Hear":
        assert widget.locator("audio").get_attribute("src").startswith("data:audio/mpeg")
    for key in ("ArrowDown", "ArrowUp"):  # undone by each other, where they do something
        page.keyboard.press(key)
    assert opened.learn(question, answer, asked) == answer
    assert opened.cells()[:-1] == before[:-1]


def test_focus_paints_a_thin_ring_around_a_cloud(opened: Notebook) -> None:
    page, widget = opened.page, opened.widget("MMDByHand")
    mark = widget.get_by_role("slider", name="source cloud")
    # The focus comes from the same cell: that a cell becomes the active one changes more than a ring.
    mark.scroll_into_view_if_needed()
    widget.locator("summary").focus()
    page.keyboard.press("Shift+Tab")
    widget.locator("summary").evaluate("e => e.focus({ preventScroll: true })")
    mark.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    before, box = page.screenshot(), mark.bounding_box()
    mark.evaluate("e => e.focus({ preventScroll: true })")
    assert mark.evaluate("e => e.matches(':focus-visible')")
    page.wait_for_timeout(100)
    after = page.screenshot()
    one, two = (np.asarray(Image.open(io.BytesIO(b)).convert("RGB"), dtype=int) for b in (before, after))
    stage = widget.locator(".tl-stage").bounding_box()
    left, top = int(stage["x"]), int(stage["y"])
    rows, columns = np.nonzero(
        np.abs(one - two).sum(-1)[top : int(top + stage["height"]), left : int(left + stage["width"])] > 40
    )
    assert len(rows), "the focus can be seen"
    reach = max(box["width"], box["height"]) / 2
    far = np.hypot(columns + left - box["x"] - box["width"] / 2, rows + top - box["y"] - box["height"] / 2)
    # A frame of 3 user units would be some 250 pixels broad: a few that flicker elsewhere are none.
    assert (far > reach + 6).sum() < 30, f"focus is painted {far.max():.0f} pixels away, the handle ends at {reach:.0f}"
    assert (far <= reach + 6).sum() > reach
    assert len(rows) < 2 * np.pi * reach * 6, "a ring is no broader than 6 pixels"


def test_readouts_stand_in_lines(opened: Notebook) -> None:
    """JupyterLab floats `dt` to a fifth of the width, one word a line."""
    for name in ("CrossEntropy", "MMDByHand"):
        terms = opened.widget(name).locator("dl.tl-numbers dt")
        assert terms.count() >= 4
        for term in terms.all():
            style = term.evaluate("e => [getComputedStyle(e).float, e.clientWidth / e.parentElement.clientWidth]")
            assert style[0] == "none"
            assert style[1] > 0.5
            assert term.bounding_box()["height"] < 45


#: What Python sets, and how the page then shows it.
TOLD = {
    "w['CrossEntropy'].set_trait('rate', 3)": ("CrossEntropy", "input[type=range] >> nth=0", "e => e.value", "3"),
    "w['CrossEntropy'].set_trait('true', 'sad')": ("CrossEntropy", "select", "e => e.value", "sad"),
    "w['CrossEntropy'].set_trait('sign', 'printed')": (
        "CrossEntropy",
        "input[type=radio]:checked",
        "e => e.value",
        "printed",
    ),
    "w['MMDByHand'].set_trait('start', 'ring')": ("MMDByHand", "select", "e => e.value", "ring"),
    "w['MMDByHand'].set_trait('move', 'points')": ("MMDByHand", "input:checked", "e => e.value", "points"),
    "setattr(w['MMDByHand'], 'factor', 2)": ("MMDByHand", "input[type=range] >> nth=1", "e => e.value", "1"),
    "w['MMDByHand'].set_trait('source', [[0, 0], [1, 1], [2, 0]])": (
        "MMDByHand",
        "details pre",
        "e => e.textContent.match(/zs = (.*), dtype/)[1]",
        "torch.tensor([[0, 0], [1, 1], [2, 0]]",
    ),
    "w['MixCorpora'].set_trait('target', 'R')": ("MixCorpora", "input[type=radio]:checked", "e => e.value", "R"),
    "w['Hear'].set_trait('chosen', 'sad.German')": (
        "Hear",
        "figcaption",
        "e => e.textContent.slice(0, 11)",
        "sad, German",
    ),
    "w['TwoCorpora'].set_trait('colour', 'corpus')": (
        "TwoCorpora",
        "input[type=radio]:checked >> nth=1",
        "e => e.value",
        "corpus",
    ),
}


def test_what_python_sets_reaches_the_page(opened: Notebook) -> None:
    opened.ask(f"[{', '.join(TOLD)}]")
    opened.page.wait_for_timeout(500)
    shown = {line: opened.widget(n).locator(where).first.evaluate(how) for line, (n, where, how, _) in TOLD.items()}
    assert shown == {line: value for line, (*_, value) in TOLD.items()}
    answer = "ring points R"
    assert opened.learn("w['MMDByHand'].start, w['MMDByHand'].move, w['MixCorpora'].target", answer) == answer
