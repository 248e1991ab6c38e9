"""Chromium over the built site, from file:// and without a network."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from built import MOVED, ROOT, SITE, absent, changed, changed_figures, digests, figures, others, questions

#: A browser that speaks to nobody, and that starts as root in a container.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all-pages", action="store_true", help="ask every page in full, and what is slow besides")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "of(*names): asks the page and the figure of these names alone")
    config.addinivalue_line("markers", "every_page(name): asks the page that a parameter names; see --all-pages")
    config.addinivalue_line("markers", "every_figure(name): asks the interactive figure that a parameter names")
    config.addinivalue_line("markers", "full_breadth: with --all-pages alone")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without --all-pages leave out pages and figures that are as they were when all were asked last (`built`).

    A file of tests of one page (`of`) is asked if its page or figure has changed, or itself.
    """
    if config.getoption("--all-pages"):
        return
    # Beside the book's build there are no pages to look at, and no test that asks them.
    site = any(item.get_closest_marker("every_page") for item in items)
    benches = any(item.get_closest_marker("every_figure") for item in items)
    asked = {
        "every_page": {*changed(), min(MOVED)} if site else set(),
        "every_figure": set(changed_figures()) if benches else set(),
    }
    built = site and (SITE / "index.html").is_file()
    new = others(digests() | figures() | questions()) if built else set()

    def stays(item: pytest.Item) -> bool:
        if built and (only := item.get_closest_marker("of")) and not new & {*only.args, item.path.name}:
            return False
        for kind, names in asked.items():
            if marker := item.get_closest_marker(kind):
                name = item.callspec.params[marker.args[0]]  # type: ignore[attr-defined]
                if name not in names and f"{name}.html" not in names:
                    return False
        return item.get_closest_marker("full_breadth") is None

    left_out = [item for item in items if not stays(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if stays(item)]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A running browser."""
    program = next((p for name in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(name))), None)
    if program is None:
        absent("Chromium is not installed: `apt-get install chromium`, or put `chromium` on the PATH")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


#: The page's layout shifts, without those that answer to a key or a click.
JUMPS = """window.jumps = [];
const note = list => window.jumps.push(...list.getEntries().filter(e => !e.hadRecentInput).map(e => e.value));
new PerformanceObserver(note).observe({type: 'layout-shift', buffered: true});"""


#: All is loaded, and every figure that is shown is drawn.
READY = """document.readyState === 'complete' && document.fonts.status === 'loaded' &&
  [...document.querySelectorAll("figure-space")].filter((space) => space.checkVisibility())
    .every((space) => space.querySelector(".tl")?.childElementCount)"""


class Visit:
    """An open page, with all that went wrong on it."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.requests: list[str] = []
        self.errors: list[str] = []
        self._listeners = {
            "request": lambda request: self.requests.append(request.url),
            "requestfailed": lambda request: self.errors.append(f"not loaded: {request.url}"),
            "pageerror": lambda error: self.errors.append(f"script: {error}"),
            "console": self._note,
        }
        for event, listener in self._listeners.items():
            page.on(event, listener)

    def _note(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(f"console {message.type}: {message.text}")

    def leave(self) -> None:
        """Hear no more of the page."""
        for event, listener in self._listeners.items():
            self.page.remove_listener(event, listener)


class Tabs:
    """Pages that one test after the other opens: the next load on a tab takes a third of a new tab's first one."""

    def __init__(self, browser: Any) -> None:
        self._browser = browser
        self._free: list[Any] = []

    def take(self) -> Any:
        """A tab that nobody uses, empty."""
        if self._free:
            return self._free.pop()
        context = self._browser.new_context(offline=True, reduced_motion="reduce")
        return context.new_page()

    def give_back(self, tab: Any) -> None:
        """Keep a tab for the next test, without what this one has left: stored choices, the pointer's place."""
        try:
            tab.evaluate("localStorage.clear(); sessionStorage.clear()")
            tab.mouse.move(-9, -9)
            tab.goto("about:blank")
            tab.context.clear_cookies()
        except Exception:  # a page that does not answer any more: the test that sees it fails by itself
            tab.context.close()
        else:
            self._free.append(tab)


@pytest.fixture(scope="session")
def tabs(chromium: Any) -> Tabs:
    return Tabs(chromium)


@pytest.fixture
def visit(chromium: Any, tabs: Tabs, request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Open a page of the site, or another by its path: ``with visit("index.html", scheme="dark") as seen``.

    What a tab keeps for good (a slow processor, a finger, motion) is asked for by ``slow`` or ``more``, and gets a
    window of its own.
    """

    @contextmanager
    def opened(
        name: str | Path,
        *,
        width: int = 1400,
        height: int = 900,
        scheme: str = "light",
        query: str = "",
        slow: int = 1,
        **more: Any,
    ) -> Iterator[Visit]:
        if not Path(name).is_absolute():
            request.getfixturevalue("site")
        own = slow > 1 or bool(more)
        if own:
            tab = chromium.new_context(**{"offline": True, "reduced_motion": "reduce", **more}).new_page()
        else:
            tab = tabs.take()
        seen = Visit(tab)
        try:
            tab.context.set_default_timeout(8000)
            tab.set_viewport_size({"width": width, "height": height})
            tab.emulate_media(color_scheme=scheme)
            if slow > 1:  # a processor that is as many times slower; what jumps is noted
                tab.add_init_script(JUMPS)
                tab.context.new_cdp_session(tab).send("Emulation.setCPUThrottlingRate", {"rate": slow})
            tab.goto((SITE / name).as_uri() + query, wait_until="load", timeout=8000 * slow)
            tab.wait_for_function(READY, timeout=8000 * slow)
            tab.wait_for_timeout(50)
            yield seen
        finally:
            seen.leave()
            if own:
                tab.context.close()
            else:
                tabs.give_back(tab)

    return opened


def resize(page: Any, width: int) -> None:
    """Make a page's window as wide as this, and wait until all is drawn."""
    page.set_viewport_size({"width": width, "height": 900})
    page.wait_for_timeout(150)


#: A page with one widget and nothing else, loading what the book's pages load.
BENCH = """<!DOCTYPE html>
<html lang="en" data-content_root="./" data-theme="light"><head><meta charset="utf-8"><title>Bench</title>
{scripts}
<script type="application/vnd.jupyter.widget-state+json">{state}</script></head>
<body><main><h1>Bench</h1><script type="application/vnd.jupyter.widget-view+json">{view}</script></main></body></html>
"""


@pytest.fixture
def bench(tmp_path: Path) -> Callable[[Any], Path]:
    """Put a widget on a page of its own: ``visit(bench(widget))``."""

    def put(widget: Any) -> Path:
        embed = pytest.importorskip("ipywidgets.embed")
        data = embed.embed_data(views=[widget], state=embed.dependency_state([widget], drop_defaults=False))
        vendor = ROOT / "book" / "_vendor" / "_static" / "vendor"
        scripts = ("requirejs/require.js", "html-manager/embed-amd.js", "anywidget/anywidget-amd.js")
        safe = {
            "state": json.dumps(data["manager_state"]).replace("</", "<\\/"),
            "view": json.dumps(data["view_specs"][0]),
            "scripts": "\n".join(f'<script src="{(vendor / name).as_uri()}"></script>' for name in scripts),
        }
        file = tmp_path / "bench.html"
        file.write_text(BENCH.format(**safe), encoding="utf-8")
        return file

    return put
