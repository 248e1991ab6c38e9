"""Chapter 4.4's takes against the library, and the way of a recording: microphone, page, Python, and back.

The kernel's side is the real widget; what stands between it and the page is a few lines in place of a comm. The
microphone is Chromium's fake one, which plays a made recording.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("playwright", reason="the browser tests' extra is not installed")

import conftest
import soundfile
from playwright.sync_api import TimeoutError

from tlmlda_lib import corpora, domains
from tlmlda_lib.book import live
from tlmlda_lib.book.explorables import SayIt

Visitor = Callable[..., Any]
pytestmark = pytest.mark.of("speaking.html", "SayIt")
EMOTIONS = ["anger", "neutral", "sad"]


@pytest.fixture(scope="module")
def listener() -> live.Listener:
    tables = [corpora.synthetic(name, progress=False) for name in ("de", "en")]
    small = [t[t["speaker"].isin(["f1", "m1"]) & t.index.str.contains(r"-0[12]\.wav$")] for t in tables]
    return live.Listener(domains.make_pair(*small, EMOTIONS, progress=False))


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    """Recordings of made English's f1, by emotion and sentence."""
    table = corpora.synthetic("en", progress=False)
    return {Path(f).name.removeprefix("f1-"): f for f in table.index if Path(f).name.startswith("f1-")}


def widget(listener: live.Listener, files: dict[str, str], answering: bool = True) -> SayIt:
    made, mine = live.Session(listener), live.Session(listener)
    for emotion in EMOTIONS:
        made.hear(*soundfile.read(files[f"{emotion}-01.wav"], dtype="float32"))
    clips = []
    for emotion in EMOTIONS:
        samples, rate = soundfile.read(files[f"{emotion}-02.wav"], dtype="float32")
        view = made.hear(samples, rate, keep=False)
        clips.append({"name": emotion, "meant": emotion, "samples": samples, "rate": rate, "view": view})
    t = np.arange(16000) / 16000
    beep = (0.3 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)
    view = live.Session(listener).hear(beep, 16000)
    clips.append({"name": "a beep", "meant": None, "samples": beep, "rate": 16000, "view": view})
    found = SayIt(clips, answer=mine.hear if answering else None, forget=mine.forget)
    found.mine = mine
    return found


# On a page without a kernel


NUMBERS = """() => {
  const all = (query) => [...document.querySelectorAll(`.tl-say ${query}`)];
  const of = (value, key) => Object.fromEntries(
    all(`[data-value=${value}]`).map((o) => [o.dataset[key], Number(o.dataset.exact)]));
  const [tally] = all(".tl-tally");
  return {
    p: of("probability", "emotion"), a: of("attention", "stream"), d: of("distance", "family"),
    dots: all(".tl-dots").map((path) => path.getAttribute("d").split("M").length - 1),
    named: all(".tl-chosen th")[0].textContent, right: Number(tally.dataset.right), sure: Number(tally.dataset.sure),
  };
}"""


def test_made_takes_are_what_the_library_says(
    visit: Visitor, bench: Callable[[Any], Path], listener: live.Listener, files: dict[str, str]
) -> None:
    shown = widget(listener, files)
    with visit(bench(shown)) as seen:
        page = seen.page
        page.locator(".tl-say .tl-dots").first.wait_for()
        for side, label in (("corpus", "the training corpus"), ("own", "earlier takes")):
            page.get_by_role("radio", name=label).check()
            for temperature in (1, 3.5):
                page.get_by_role("slider", name="Temperature").fill(str(temperature))
                answers = []
                for clip in shown.clips[:3]:
                    page.get_by_role("radio", name=clip["name"], exact=True).check()
                    found, view = page.evaluate(NUMBERS), clip["view"]["by"][side]
                    p = live.tempered(list(view["probabilities"].values()), temperature)
                    assert found["p"] == pytest.approx(dict(zip(view["probabilities"], p, strict=True)), abs=1e-9)
                    assert found["a"] == pytest.approx(view["attention"])
                    z = np.frombuffer(base64.b64decode(view["z"]), "<f4").astype(float)
                    cut = np.cumsum([f["n"] for f in clip["view"]["families"]])[:-1]
                    parts = dict(zip(live.FAMILIES, np.split(z, cut), strict=True))
                    far = {family: np.sqrt(np.mean(part**2)) for family, part in parts.items()}
                    assert found["d"] == pytest.approx(far, rel=1e-5)
                    assert found["dots"] == [len(part) for part in parts.values()]
                    assert found["named"] == list(view["probabilities"])[int(p.argmax())]
                    answers.append((found["named"] == clip["meant"], p.max()))
                assert found["right"] == sum(good for good, _ in answers), "the beep was not meant as anything"
                assert found["sure"] == pytest.approx(np.mean([sure for _, sure in answers]))
        page.get_by_role("radio", name="a beep").check()
        missing = page.locator(".tl-say .tl-missing")
        assert "needs 3 earlier takes, and there are 0" in missing.text_content()
        assert page.locator(".tl-say table").is_hidden()
        assert not seen.errors
        assert all(url.startswith(("file:", "data:", "blob:")) for url in seen.requests)


def test_no_kernel_no_button(
    visit: Visitor, bench: Callable[[Any], Path], listener: live.Listener, files: dict[str, str]
) -> None:
    with visit(bench(widget(listener, files)), width=390) as seen:
        page = seen.page
        page.locator(".tl-say .tl-dots").first.wait_for()
        page.wait_for_timeout(500)
        assert page.locator(".tl-say .tl-live").is_hidden()
        assert page.get_by_role("button", name="Record").count() == 0
        assert "With a kernel" in page.locator(".tl-say .tl-without").text_content()
        outside = page.evaluate("""() => {
            const el = document.querySelector(".tl-say"), right = el.getBoundingClientRect().right + 1;
            return [...el.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > right).length;
        }""")
        assert outside == 0


def test_setting_by_keyboard_is_in_the_address(
    visit: Visitor, bench: Callable[[Any], Path], listener: live.Listener, files: dict[str, str]
) -> None:
    file = bench(widget(listener, files))
    with visit(file) as seen:
        page = seen.page
        page.get_by_role("radio", name="anger").focus()
        page.keyboard.press("ArrowRight")
        page.get_by_role("radio", name="the training corpus").focus()
        page.keyboard.press("ArrowRight")
        page.get_by_role("slider", name="Temperature").focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("location.search.includes('say=')")
        query = page.evaluate("location.search")
        assert query == "?say=1%7Eown%7E1.5"
        page.wait_for_function(
            "document.querySelector('.tl-say .tl-summary').textContent.startsWith('neutral, beside')"
        )
    with visit(file, query=query) as seen:
        assert seen.page.get_by_role("radio", name="neutral").is_checked()
        assert seen.page.get_by_role("radio", name="earlier takes").is_checked()
        assert seen.page.get_by_role("slider", name="Temperature").input_value() == "1.5"
    for nonsense in ("9~own~1",):  # others are asked in Node
        with visit(file, query=f"?say={nonsense}") as seen:
            assert seen.page.get_by_role("radio", name="anger").is_checked()
            assert seen.page.get_by_role("radio", name="the training corpus").is_checked()
            assert not seen.errors


def test_a_made_take_plays_to_its_end(
    visit: Visitor, bench: Callable[[Any], Path], listener: live.Listener, files: dict[str, str]
) -> None:
    with visit(bench(widget(listener, files)), reduced_motion="no-preference") as seen:
        page = seen.page
        page.get_by_role("button", name="Play").click()
        page.wait_for_function("document.querySelector('.tl-say .tl-cursor').getAttribute('d').startsWith('M')")
        page.wait_for_function("document.querySelector('.tl-say button').textContent === 'Play'")
        assert page.locator(".tl-say .tl-cursor").get_attribute("d") == ""
        assert not seen.errors


# With a kernel: the real widget behind a stand-in for the comm

LIVE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Live</title><style>{css}</style></head>
<body><main id="here"></main><script type="module">
{esm}
const state = {state}, ears = new Map(), of = (name) => ears.get(name) ?? [];
const text = (buffer) => btoa(Array.from(new Uint8Array(buffer), (v) => String.fromCharCode(v)).join(""));
const model = {{
  get: (key) => state[key],
  set: (key, value) => {{ state[key] = value; }},
  save_changes: () => {{}},
  on: (name, f) => ears.set(name, [...of(name), f]),
  off: (name, f) => ears.set(name, of(name).filter((g) => g !== f)),
  send: async (content, _, buffers) => {{
    const replies = await window.python(content, (buffers ?? []).map(text));
    for (const reply of replies) of("msg:custom").forEach((f) => f(reply, []));
  }},
}};
window.end = render({{ model, el: document.getElementById("here") }});
</script></body></html>"""


STOP_AT = """(seconds) => {
  const button = document.querySelector(".tl-record"), clock = document.querySelector(".tl-clock");
  window.stopped = false;
  const observer = new MutationObserver(() => {
    if (button.textContent !== "Stop" || !(parseFloat(clock.textContent) >= seconds)) return;
    observer.disconnect();
    button.click();
    window.stopped = true;
  });
  observer.observe(document.querySelector(".tl-live"), { childList: true, characterData: true, subtree: true });
}"""


class Live:
    """A page that records, and the widget behind it."""

    def __init__(self, page: Any, behind: SayIt, received: list[np.ndarray]) -> None:
        self.page, self.widget, self.received = page, behind, received

    @property
    def news(self) -> str:
        return self.page.locator(".tl-news").text_content()

    def told(self, words: str) -> None:
        try:
            self.page.wait_for_function("w => document.querySelector('.tl-news').textContent.includes(w)", arg=words)
        except TimeoutError:
            pytest.fail(f"the page says {self.news!r} and not {words!r}")

    def say(self, seconds: float = 2.0) -> None:
        """Record, and stop where the clock says so: in the page, for the way from here takes as long as it takes."""
        self.page.evaluate(STOP_AT, seconds)
        self.page.get_by_role("button", name="Record").click()
        self.page.wait_for_function("window.stopped")


Opened = Callable[..., Any]


@pytest.fixture
def kernel(
    chromium: Any, listener: live.Listener, files: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Opened]:
    """Open the widget at an address with a microphone that plays a file, or without one."""
    browsers: list[Any] = []

    @contextmanager
    def opened(
        *, file: str | None = None, allow: bool = True, url: str = "http://localhost/lab", silent: bool = False
    ) -> Iterator[Live]:
        flags = [f for f in conftest.FLAGS if not f.startswith("--host-resolver")]
        if allow:
            flags.append("--use-fake-ui-for-media-stream")
        if file:
            flags += ["--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={file}"]
        browser = chromium.browser_type.launch(executable_path=program(), args=flags)
        browsers.append(browser)
        behind = widget(listener, files)
        sent: list[Any] = []
        received: list[np.ndarray] = []
        monkeypatch.setattr(behind, "send", lambda content, buffers=None: sent.append(content))

        def python(content: dict[str, Any], buffers: list[str]) -> list[Any]:
            raw = [base64.b64decode(b) for b in buffers]
            received.extend(np.frombuffer(b, "<f4") for b in raw)
            if silent and content["kind"] != "ping":
                return []
            sent.clear()
            behind._handle_custom_msg(content, raw)
            return json.loads(json.dumps(sent))

        names = ("clips", "shown", "statistics", "temperature", "address")
        html = LIVE.format(
            css=behind._css,
            esm=behind._esm.replace("export default { render };", ""),
            state=json.dumps({name: getattr(behind, name) for name in names}).replace("</", "<\\/"),
        )
        page = browser.new_context(viewport={"width": 1000, "height": 900}).new_page()
        page.set_default_timeout(15000)
        page.expose_function("python", python)
        page.route("**/*", lambda route: route.fulfill(body=html, content_type="text/html"))
        page.goto(url)
        page.locator(".tl-live").wait_for()
        yield Live(page, behind, received)

    yield opened
    for browser in browsers:
        browser.close()


def program() -> str:
    import shutil

    return next(p for name in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(name)))


def padded(file: str, folder: Path) -> tuple[str, np.ndarray]:
    """A file for the fake microphone, 48 kHz, with quiet around it; and what is in it at 16 kHz."""
    samples, rate = soundfile.read(file, dtype="float32")
    quiet = np.zeros(rate // 2, np.float32)
    whole = np.concatenate([quiet, 4 * samples, quiet])
    path = folder / "microphone.wav"
    soundfile.write(path, corpora.sound.to_rate(whole, rate, 48000), 48000, subtype="PCM_16")
    return str(path), whole


def test_a_recording_goes_to_python_and_comes_back_as_a_view(
    kernel: Opened, listener: live.Listener, files: dict[str, str], tmp_path: Path
) -> None:
    path, whole = padded(files["anger-02.wav"], tmp_path)
    with kernel(file=path) as seen:
        page = seen.page
        assert page.locator(".tl-without").is_hidden()
        seen.say(2.5)
        seen.told("Take 1: ")
        (samples,) = seen.received
        assert 2.3 < len(samples) / 16000 < 4
        # It is what the microphone played: the two are the same wave, shifted.
        n = len(samples) + len(whole)
        shifted = np.fft.irfft(np.fft.rfft(samples, n) * np.conj(np.fft.rfft(whole, n)), n)
        assert shifted.max() > 0.8 * np.linalg.norm(samples) * np.linalg.norm(whole) * min(1, len(samples) / len(whole))
        view = live.Session(listener).hear(samples, 16000)["by"]["corpus"]
        found = page.evaluate(NUMBERS)
        assert found["p"] == pytest.approx(view["probabilities"], abs=1e-6)
        assert found["a"] == pytest.approx(view["attention"], abs=1e-6)
        assert page.get_by_role("radio", name="my take 1").is_checked()
        assert "my take" not in page.evaluate("location.href")
        assert list(seen.widget.mine.takes) == [1]

        page.get_by_role("button", name="Play").click()  # one's own voice, from the page's memory
        page.get_by_role("button", name="Stop").click()

        page.get_by_role("radio", name="earlier takes").check()
        assert "there are 0" in page.locator(".tl-missing").text_content()
        for n in (2, 3, 4):
            seen.say(1.0)
            seen.told(f"Take {n}: ")
        assert page.locator(".tl-missing").is_hidden()
        view = live.Session(listener)
        for sound in seen.received:
            last = view.hear(sound, 16000)
        assert page.evaluate(NUMBERS)["p"] == pytest.approx(last["by"]["own"]["probabilities"], abs=1e-6)

        page.get_by_role("button", name="Delete this take").click()
        seen.told("Deleted, here and in the kernel")
        assert page.get_by_role("radio", name="my take 4").count() == 0
        assert list(seen.widget.mine.takes) == [1, 2, 3]
        page.get_by_role("button", name="Delete all takes").click()
        page.wait_for_function("!document.querySelector('.tl-say').textContent.includes('my take')")
        seen.told("Deleted, here and in the kernel")
        assert not seen.widget.mine.takes
        assert page.get_by_role("radio", name="anger").is_checked()


def test_a_bad_take_is_told_so_and_the_last_view_stays(kernel: Opened, files: dict[str, str], tmp_path: Path) -> None:
    path, _ = padded(files["anger-02.wav"], tmp_path)
    with kernel(file=path) as seen:
        seen.page.get_by_role("radio", name="neutral").check()
        before = seen.page.evaluate(NUMBERS)
        seen.say(0.1)
        seen.told("seconds are too short: say a whole sentence.")
        assert seen.page.evaluate(NUMBERS) == before
        assert seen.page.get_by_role("radio", name="neutral").is_checked()
        assert seen.page.get_by_role("button", name="Record").is_enabled()


def test_recording_ends_by_itself(kernel: Opened, files: dict[str, str], tmp_path: Path) -> None:
    path, _ = padded(files["anger-02.wav"], tmp_path)
    with kernel(file=path) as seen:
        seen.page.get_by_role("button", name="Record").click()
        seen.told("Take 1: 10.0 seconds")
        assert len(seen.received[0]) / 16000 == pytest.approx(10, abs=0.1)


def test_the_microphone_is_let_go_when_the_cell_goes(kernel: Opened, files: dict[str, str], tmp_path: Path) -> None:
    path, _ = padded(files["anger-02.wav"], tmp_path)
    with kernel(file=path) as seen:
        page = seen.page
        page.evaluate("""() => {
            const get = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
            navigator.mediaDevices.getUserMedia = async (...a) => (window.stream = await get(...a));
        }""")
        page.get_by_role("button", name="Record").click()
        page.get_by_role("button", name="Stop").wait_for()
        assert page.evaluate("window.stream.getTracks()[0].readyState") == "live"
        page.evaluate("window.end()")
        page.wait_for_function("window.stream.getTracks()[0].readyState === 'ended'")
        assert seen.received == []


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("NotAllowedError", "The microphone was refused."),
        ("NotFoundError", "No microphone was found."),
        ("NotReadableError", "another program may hold it"),
        ("TypeError", "did not start (TypeError)"),
    ],
)
def test_no_microphone_is_one_sentence(kernel: Opened, name: str, says: str) -> None:
    with kernel() as seen:
        seen.page.evaluate(
            """name => {
              const error = Object.assign(new Error("no"), { name });
              navigator.mediaDevices.getUserMedia = () => Promise.reject(error);
            }""",
            name,
        )
        seen.page.get_by_role("button", name="Record").click()
        seen.told(says)
        assert "sound file instead." in seen.news
        assert seen.page.get_by_role("button", name="Record").is_enabled()


def test_chromium_s_own_refusal(kernel: Opened) -> None:
    with kernel(allow=False) as seen:
        seen.page.get_by_role("button", name="Record").click()
        seen.page.wait_for_function("document.querySelector('.tl-news').textContent.length > 0")
        assert seen.news.startswith(("The microphone was refused.", "No microphone was found."))


def test_frame_and_address_without_a_microphone(kernel: Opened) -> None:
    with kernel() as seen:
        seen.page.evaluate("""() => {
            const frame = Object.assign(document.createElement("iframe"), { src: "https://other.example/" });
            document.body.replaceChildren(frame);
        }""")
        inner = seen.page.frame_locator("iframe")
        inner.get_by_role("button", name="Record").click()
        news = inner.locator(".tl-news", has_text="is not allowed to use the microphone")
        news.wait_for()
        assert news.text_content().startswith("The frame in which this cell lies")
    with kernel(url="http://hub.example/lab") as seen:
        seen.page.get_by_role("button", name="Record").click()
        seen.told("https pages and to localhost alone")


def test_a_file_goes_the_same_way(
    kernel: Opened, listener: live.Listener, files: dict[str, str], tmp_path: Path
) -> None:
    samples, rate = soundfile.read(files["sad-02.wav"], dtype="float32")
    with kernel() as seen:
        page = seen.page
        page.locator("input[type=file]").set_input_files(files["sad-02.wav"])
        seen.told("Take 1: ")
        assert rate == 16000
        assert np.allclose(seen.received[0], samples, atol=2e-4), "16 kHz come as they are"
        wanted = live.Session(listener).hear(samples, rate)["by"]["corpus"]["probabilities"]
        assert page.evaluate(NUMBERS)["p"] == pytest.approx(wanted, abs=0.02)

        stereo = tmp_path / "stereo.wav"
        other = corpora.sound.to_rate(samples, rate, 44100)
        soundfile.write(stereo, np.stack([other, 0 * other], axis=1), 44100)
        page.locator("input[type=file]").set_input_files(str(stereo))
        seen.told("Take 2: ")
        n = min(len(seen.received[1]), len(samples))
        assert np.corrcoef(seen.received[1][:n], samples[:n])[0, 1] > 0.99
        assert np.std(seen.received[1]) == pytest.approx(np.std(samples) / 2, rel=0.05)

        clipped = tmp_path / "clipped.wav"
        loud = samples.copy()
        loud[np.argsort(-np.abs(loud))[: round(0.015 * len(loud))]] = 1
        soundfile.write(clipped, loud, rate, subtype="FLOAT")
        page.locator("input[type=file]").set_input_files(str(clipped))
        seen.told("Take 3: ")
        assert live.warning(loud) in seen.news, "the page says what Python says, and shows the take"
        seen.received.pop()

        broken = tmp_path / "broken.wav"
        broken.write_text("half a download")
        page.locator("input[type=file]").set_input_files(str(broken))
        seen.told("cannot read that file as sound")
        long = tmp_path / "long.wav"
        soundfile.write(long, np.tile(samples, 12), rate)
        page.locator("input[type=file]").set_input_files(str(long))
        seen.told("one sentence is enough, 10 seconds at most")
        assert len(seen.received) == 2


@pytest.mark.parametrize(
    ("url", "rented", "says"),
    [
        ("http://localhost/lab", "", "goes from the browser to it and no further"),
        ("http://127.0.0.1/lab", "", "If that address is a tunnel"),
        ("https://lab.example/lab", "", "answers behind lab.example: if that is another computer"),
        ("https://hub.example/lab", "Binder", "The kernel runs on Binder, which is a computer elsewhere"),
        ("http://localhost/lab", "Google Colab", "what you record leaves this one"),
    ],
)
def test_where_it_goes_stands_beside_the_button(
    kernel: Opened, url: str, rented: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tlmlda_lib.book.explorables import speaking

    monkeypatch.setattr(speaking, "rented", lambda: rented)
    with kernel(url=url) as seen:
        assert says in seen.page.locator(".tl-where").text_content()
        beside = seen.page.locator(".tl-live").text_content()
        assert all(words in beside for words in ("someone who has agreed", "prohibited in the European Union"))


def test_a_kernel_that_falls_silent_loses_nothing(kernel: Opened, files: dict[str, str]) -> None:
    with kernel(silent=True) as seen:
        page = seen.page
        page.clock.install()
        before = page.evaluate(NUMBERS)
        page.locator("input[type=file]").set_input_files(files["sad-02.wav"])
        seen.told("Measuring.")
        page.clock.fast_forward(31000)
        seen.told("The kernel has said nothing for 30 seconds.")
        assert page.evaluate(NUMBERS) == before
