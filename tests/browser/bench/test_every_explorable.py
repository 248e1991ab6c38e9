"""What holds for every explorable: Python's settings and the reader's, keys, focus, touch, forced colours, styles."""

from __future__ import annotations

import functools
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright", reason="the browser tests' extra is not installed")

sys.path.insert(0, str(Path(__file__).parents[2]))

import made_explorables
from ipywidgets.embed import dependency_state, embed_data
from PIL import Image

from tlmlda_lib.book import explorables
from tlmlda_lib.book.explorables.base import Explorable

NAMES = sorted(made_explorables.MAKE)

pytestmark = pytest.mark.every_figure("name")

#: A page that runs a widget's own script with a model of a few lines in place of a kernel's.
PAGE = """<!DOCTYPE html><html lang="en" data-theme="light"><head><meta charset="utf-8"><title>Stub</title>
<meta name="viewport" content="width=device-width"><style>{css}</style></head><body><main></main>
<script type="application/json">{state}</script>
<script type="module">
const {{ esm, state }} = JSON.parse(document.querySelector("script[type='application/json']").textContent);
class Model {{
  constructor(values) {{ Object.assign(this, {{ values, heard: {{}}, saved: 0 }}); }}
  get(name) {{ return this.values[name]; }}
  set(name, value) {{
    const before = JSON.stringify(this.values[name]);
    this.values[name] = value;
    if (before !== JSON.stringify(value)) for (const f of [...(this.heard[`change:${{name}}`] ?? [])]) f();
  }}
  on(event, f) {{ (this.heard[event] ??= []).push(f); }}
  off(event, f) {{ this.heard[event] = (this.heard[event] ?? []).filter((g) => g !== f); }}
  save_changes() {{ this.saved += 1; }}
  send() {{}}
}}
const script = await import(URL.createObjectURL(new Blob([esm], {{ type: "text/javascript" }})));
window.views = [];
window.view = (changes = {{}}) => {{
  const model = new Model({{ ...structuredClone(state), ...changes }}), el = document.createElement("div");
  document.querySelector("main").append(el);
  const end = script.default.render({{ model, el }});
  return window.views.push({{ model, el, end }}) - 1;
}};
// What is seen of a view: tags, texts, pictures, what controls say; not the numbers by which labels find them.
const told = (a) => a.value && !["id", "for", "name"].includes(a.name);
window.seen = (i) => [...window.views[i].el.querySelectorAll("*")].filter((e) => !e.closest("[hidden]")).map((e) => [
  e.tagName,
  ...[...e.attributes].filter(told).map((a) => `${{a.name}}=${{a.value}}`),
  [...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data).join("|"),
  ["INPUT", "SELECT", "OUTPUT"].includes(e.tagName) && e.type !== "file" ? `${{e.value}} ${{e.checked}}` : "",
  e.tagName === "CANVAS" && !e.hidden ? e.toDataURL() : "",
].join(" "));
window.ready = true;
</script></body></html>"""


@functools.cache
def made(name: str) -> Explorable:
    return made_explorables.MAKE[name]()


def settings(name: str) -> dict[str, Any]:
    """The traits that a page shares, as JSON has them."""
    widget = made(name)
    data = embed_data(views=[widget], state=dependency_state([widget], drop_defaults=False))
    state = data["manager_state"]["state"][widget.model_id]["state"]
    own = {t for t in widget.trait_names(sync=True) if not t.startswith("_")} - {"layout", "tabbable", "tooltip"}
    return {k: v for k, v in state.items() if k in own}


def script(name: str) -> str:
    return str(getattr(explorables, name)._esm)


def once(name: str) -> set[str]:
    """Traits whose change draws the view anew."""
    (listed,) = re.findall(r'export default explorable\((?:"\w+", )?render(?:, \[(.*?)\])?\)', script(name), re.DOTALL)
    return set(re.findall(r'"(\w+)"', listed)) | {"address"}


@pytest.fixture
def stub(tmp_path: Path) -> Callable[..., Path]:
    """Put an explorable on a page of its own that stands for a notebook: ``visit(stub("Hear"))``."""

    def put(name: str, sheets: str | None = None) -> Path:
        state = json.dumps({"esm": script(name), "state": settings(name)}).replace("</", "<\\/")
        css = sheets or str(getattr(explorables, name)._css)
        file = tmp_path / f"{name}.html"
        file.write_text(PAGE.format(css=css, state=state), encoding="utf-8")
        return file

    return put


@pytest.fixture
def opened(visit: Any, stub: Callable[..., Path]) -> Callable[..., Any]:
    """An explorable's page with one view of it."""
    from contextlib import contextmanager

    @contextmanager
    def go(name: str, **more: Any) -> Iterator[Any]:
        with visit(stub(name, more.pop("sheets", None)), **more) as seen:
            seen.page.wait_for_function("window.ready")
            seen.page.evaluate("window.view()")
            seen.page.wait_for_timeout(150)
            yield seen.page
            assert not seen.errors

    return go


# Python's settings, and the reader's

#: For each class what Python may set, and to what: a value, or a function of what was there. What is seen only
#: together is set together.
SET: dict[str, dict[str, Any]] = {
    "AlignClouds": {"right": 1.5, "up": -0.5, "turn": 60, "share": 80, "way": "clouds", "rounds": 3, "shown": "truth"},
    "ChooseC": {"task": "B to A", "chosen": 2, "shown": True},
    "CloudsMeet": {"on": True},
    "CostOfStep": {"batch": 400, "width": 1024},
    "CrossEntropy": {"scores": [1, 2, 3, 4, 5], "true": "sad", "sign": "printed", "rate": 2.5},
    "Denoising": {"trained": "0.5", "noise": 1.0, "utterance": 3, "draw": 7, "labels": list("abcde")},
    "DrawSpeakers": {"unit": "utterances", "draws": 40},
    "DynamicWeights": {"alpha": {"S": 1, "T": 2, "y": 3, "MMD": 4, "LMMD": 5}, "units": "sum", "epoch": 5}
    | {"batch units": [7, "printed"], "features units": [9, "sum"], "losses": {"S": [1, 2], "y": [2, 1]}},
    "FeatureMotion": {"run": "not aligned", "epoch": 2, "colour": "true", "magnify": False, "neighbours": 4},
    "Guess": {"guesses": ["sad", "", "anger"], "shown": True, "captions shown": [["x", "y", "z"], True]},
    "Hear": {"chosen": "sad.Mandarin", "clips": lambda clips: clips[:3]},
    "HowManySeeds": {"methods": lambda _: "streams", "scheme": "C2B", "seeds": 4, "draw": 3},
    "LMMDByHand": {"start": "samples", "classes": 2, "count": 5, "wrong": 0.5, "missing": "source", "common": "source"}
    | {"move": "points"},
    "Leaderboard": {"scheme": "B2C", "metric": "uar", "rule": "oracle", "scaling": "best", "interval": "seeds"},
    "LossSwitches": {"scheme": "B2C", "setting": "authors", "rule": "oracle", "switches": "11011"},
    "MMDByHand": {"start": "ring", "count": 6, "exponent": 1.5, "move": "points"}
    | {"source target": [[[0, 0], [1, 1], [2, 0]], [[-1, 0], [-2, 1]]]},
    "MixCorpora": {"source": "CR", "target": "C", "emotions": ["anger", "sad"]},
    "OneBatch": {"batch": 3, "stage": "losses", "factors": "alone", "rate stage": [0.2, "step"]},
    "Peeking": {"which": 3, "epoch": 4, "seeds": 2, "beside": True},
    "SayIt": {"shown": "sad", "statistics": "own", "temperature": 4.5},
    "ScalingChooser": {"corpora": "one", "labels": "none", "names": "none", "voices": "one", "within": "speaker"}
    | {"recordings": 7, "speakers": 2},
    "SoundToNumbers": {"chosen": {"clip": "two", "descriptor": "F0final", "delta": True, "functional": "stddev"}},
    "StreamEars": {"clip": 2, "ear": "whole", "guesses": ["sad"] * 9, "shown": True},
    "TwoCorpora": {"chosen": "each corpus", "colour": "corpus", "neighbours": 3},
    "VoiceDials": {
        "dials": {"pitch": "low", "rate": "fast", "loudness": "loud", "quality": "rough"},
        "said": lambda said: {**said, "text": "Other words"},
    },
    "WhoToTrust": {"clip": 1, "recording": "room", "out": "acoustic"},
}

#: What a page writes and Python only reads.
READ_BACK = {
    "AlignClouds": {"accuracies"},
    "ChooseC": {"gain"},
    "CostOfStep": {"costs"},
    "CrossEntropy": {"loss", "probability", "steps"},
    "Denoising": {"errors"},
    "DrawSpeakers": {"interval"},
    "DynamicWeights": {"weights"},
    "LMMDByHand": {"source", "target", "labels", "guesses", "mmd", "lmmd"},
    "MMDByHand": {"mmd", "floor", "share"},
    "MixCorpora": {"sizes"},
    "OneBatch": {"losses", "weights"},
    "Peeking": {"result"},
    "SoundToNumbers": {"value"},
    "VoiceDials": {"numbers"},
}


@pytest.mark.parametrize("name", NAMES)
def test_every_trait_is_a_setting_or_data_or_read_back(name: str) -> None:
    assert set(SET) == set(NAMES) == set(explorables.__all__)
    every = set(settings(name))
    assert once(name) <= every
    assert set(" ".join(SET[name]).split()) | once(name) | READ_BACK.get(name, set()) == every


@pytest.mark.parametrize("name", NAMES)
def test_a_page_that_is_told_looks_like_one_that_began_so(name: str, opened: Callable[..., Any]) -> None:
    """``w.start = "ring"`` and ``MMDByHand(start="ring")`` have to look the same, down to every mark and output."""
    began = settings(name)
    with opened(name) as page:
        first = page.evaluate("window.seen(0)")
        for traits, value in SET[name].items():
            new = [value(began[traits])] if callable(value) else value if " " in traits else [value]
            told, born = page.evaluate(
                """(changes) => {
                  const told = window.view(), born = window.view(structuredClone(changes));
                  for (const [name, value] of Object.entries(changes)) window.views[told].model.set(name, value);
                  return [told, born];
                }""",
                dict(zip(traits.split(), new, strict=True)),
            )
            page.wait_for_timeout(550)  # the summary speaks when things have come to rest
            assert page.evaluate(f"window.seen({told})") == page.evaluate(f"window.seen({born})"), traits
            assert page.evaluate(f"window.seen({told})") != first, f"{traits} change nothing that is seen"
            values = [page.evaluate(f"window.views[{i}].model.values") for i in (told, born)]
            assert values[0] == values[1]
            page.evaluate(
                "views => views.forEach(i => { window.views[i].end?.(); window.views[i].el.remove(); })", [told, born]
            )
        heard = page.evaluate("Object.values(window.views[1].model.heard).flat().length")
        assert heard == 0, "a view that has ended listens no more"


#: Moves every control of a page, and lists those after which the model is as before.
CHANGE = """() => {
  const { model, el } = window.views[0], silent = [];
  const count = el.querySelectorAll("input, select").length;
  for (let i = 0; i < count; i++) {
    const e = el.querySelectorAll("input, select")[i];
    if (!e || e.matches(":disabled") || e.type === "file" || e.closest("[hidden]")) continue;
    if (e.tagName === "SELECT" && e.options.length < 2) continue;
    const before = JSON.stringify(model.values), saved = model.saved;
    if (e.tagName === "SELECT") {
      e.selectedIndex = (e.selectedIndex + 1) % e.options.length;
      e.dispatchEvent(new Event("change", { bubbles: true }));
    } else if (e.type === "range") {
      const at = e.value;
      e.value === e.max ? e.stepDown() : e.stepUp();
      if (e.value === at) continue;
      e.dispatchEvent(new Event("input", { bubbles: true }));
    } else {
      if (e.type === "radio" && e.checked) continue;
      e.click();
    }
    if (JSON.stringify(model.values) === before || model.saved === saved) {
      silent.push(`${e.type} ${e.labels[0]?.textContent} ${e.value}`);
    }
  }
  return silent;
}"""


@pytest.mark.parametrize("name", NAMES)
def test_every_control_of_the_page_reaches_python(name: str, opened: Callable[..., Any]) -> None:
    with opened(name) as page:
        assert page.evaluate(CHANGE) == []


# Keys and focus

FOCUSABLE = "a[href], button, select, input, summary, audio[controls], [tabindex], .tl-scroll, .tl-wide, pre"


@pytest.mark.parametrize("name", NAMES)
def test_notebooks_are_told_to_leave_keys_alone(name: str, opened: Callable[..., Any]) -> None:
    """JupyterLab asks the element with the focus: one without the attribute loses its keys to the cell's commands."""
    with opened(name) as page:
        without = page.evaluate(
            """query => [...document.querySelectorAll(`.tl :is(${query})`)]
              .filter(e => e.dataset.lmSuppressShortcuts !== "true").map(e => e.outerHTML.slice(0, 90))""",
            FOCUSABLE,
        )
        assert without == []
        taken = page.evaluate(
            "document.querySelectorAll('.tl *').length - document.querySelectorAll('.tl svg *').length"
        )
        assert taken > 5


def changed(page: Any, box: dict[str, float], before: bytes, after: bytes) -> tuple[int, tuple[float, ...] | None]:
    """How many pixels differ between two screenshots, and the box that holds them, in pixels from a mark's centre."""
    import io

    import numpy as np

    one, two = (np.asarray(Image.open(io.BytesIO(b)).convert("RGB"), dtype=int) for b in (before, after))
    rows, columns = np.nonzero(np.abs(one - two).sum(-1) > 40)
    if not len(rows):
        return 0, None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    return len(rows), (columns.min() - x, columns.max() - x, rows.min() - y, rows.max() - y)


@pytest.mark.parametrize(
    "name", ["AlignClouds", "CloudsMeet", "CrossEntropy", "FeatureMotion", "LMMDByHand", "MMDByHand", "TwoCorpora"]
)
@pytest.mark.parametrize("width", [1200, 390])
def test_focus_paints_a_thin_ring_around_a_mark(name: str, width: int, opened: Callable[..., Any]) -> None:
    """An outline of 3 user units is 3 pixels in no picture but one that is drawn in pixels."""
    with opened(name, width=width) as page:
        mark = page.locator(".tl svg [tabindex='0']").first
        mark.scroll_into_view_if_needed()
        page.keyboard.press("Tab")
        page.evaluate("document.activeElement.blur()")
        mark.scroll_into_view_if_needed()
        before, box = page.screenshot(), mark.bounding_box()
        mark.evaluate("e => e.focus({ preventScroll: true })")
        assert mark.evaluate("e => e.matches(':focus-visible')")
        page.wait_for_timeout(100)
        count, frame = changed(page, box, before, page.screenshot())
        assert frame is not None, "the focus can be seen"
        far = max(abs(v) for v in frame)
        assert far < max(box["width"], box["height"]) / 2 + 8, f"{name}: focus is painted {far:.0f} pixels away"
        assert count < 2 * 3.15 * far * 8, f"{name}: {count} pixels change for a ring of radius {far:.0f}"


@pytest.mark.parametrize("name", NAMES)
def test_focus_is_seen_on_every_control(name: str, opened: Callable[..., Any]) -> None:
    with opened(name) as page:
        page.keyboard.press("Tab")
        frames = page.evaluate(
            """() => [...document.querySelectorAll(".tl :is(a[href], button, select, input, summary, pre[tabindex])")]
              .filter(e => e.checkVisibility() && !e.disabled).map(e => {
                e.focus();
                const s = getComputedStyle(e);
                return [s.outlineStyle, s.outlineWidth, e.outerHTML.slice(0, 60)];
              })"""
        )
        assert frames
        assert {(style, width) for style, width, _ in frames} <= {("solid", "3px")}


# Touch

#: Sizes of what a finger can press, with its label; marks in pictures by the shape that is there to be hit.
SIZES = """() => [...document.querySelectorAll(".tl :is(button, select, input, summary, [role=slider])")].filter((e) =>
  e.checkVisibility() && !e.disabled).map((e) => {
  const parts = e.matches("svg *") ? [e.querySelector(".tl-reach")] : [e, ...(e.labels ?? [])];
  const boxes = parts.map((b) => b.getBoundingClientRect());
  const span = (low, high) => Math.max(...boxes.map((b) => b[high])) - Math.min(...boxes.map((b) => b[low]));
  return [Math.min(span("left", "right"), span("top", "bottom")), e.outerHTML.slice(0, 80)];
}).filter(([size]) => size < 24)"""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [390, 320])
def test_a_finger_can_hit_everything(name: str, width: int, opened: Callable[..., Any]) -> None:
    """24 pixels each way: WCAG 2.2, 2.5.8."""
    with opened(name, width=width, has_touch=True, is_mobile=True) as page:
        assert page.evaluate(SIZES) == []
        for points in page.get_by_role("radio", name="single points").all():
            points.check()
            assert page.locator(".tl [role=slider]").count() > 20
            assert page.evaluate(SIZES) == []
        for mark in page.locator(".tl .tl-one").all()[:2]:
            box = mark.bounding_box()
            page.touchscreen.tap(box["x"] + box["width"] / 2 + 8, box["y"] + box["height"] / 2 + 8)
            assert mark.evaluate("e => e === document.activeElement")


# Forced colours

#: Boxes without words that are seen by their colour alone, bars above all; in this state and with this ground.
BARE = """() => [...document.querySelectorAll(".tl *")].flatMap((e) => ["", "::before", "::after"].flatMap((part) => {
  if (e instanceof SVGElement || e.matches("input, select, option, meter, canvas, audio")) return [];
  const style = getComputedStyle(e, part || null), box = e.getBoundingClientRect();
  const parts = e.parentElement.className.split(" ");
  if (part ? style.content === "none" : e.textContent.trim() || box.width < 2 || box.height < 2) return [];
  if (/^rgba\\(.*, 0\\)$/.test(style.backgroundColor)) return [];
  return [[`${e.tagName}.${e.className}${part} in ${parts[0]}`, style.backgroundColor]];
}))"""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_bars_stay_in_forced_colours(name: str, scheme: str, opened: Callable[..., Any]) -> None:
    """Windows' contrast themes put one ground behind all boxes: what is a bar has to be seen on it."""
    found = {}
    for forced in ("none", "active"):
        with opened(name, scheme=scheme, forced_colors=forced) as page:
            grounds = page.evaluate(
                """() => { const e = document.querySelector(".tl");
                  return ["ground", "panel"].map((n) => {
                    const p = e.appendChild(document.createElement("span"));
                    p.style.cssText = `forced-color-adjust: none; color: var(--tl-${n})`;
                    const c = getComputedStyle(p).color; p.remove(); return c; }); }"""
            )
            found[forced] = page.evaluate(BARE), grounds
            ink, paper = page.evaluate(
                "[getComputedStyle(document.querySelector('.tl')).color, "
                "getComputedStyle(document.querySelector('.tl')).backgroundColor]"
            )
            assert ink != paper
    bars = [what for what, colour in found["none"][0] if colour not in found["none"][1]]
    if name in ("CrossEntropy", "WhoToTrust", "DynamicWeights", "MMDByHand", "LMMDByHand", "MixCorpora", "SayIt"):
        assert bars, "there are bars to be seen"
    kept = [what for what, colour in found["active"][0] if colour not in found["active"][1]]
    assert sorted(bars) == sorted(kept)


@pytest.mark.parametrize("name", ["Guess", "StreamEars", "WhoToTrust", "OneBatch", "Hear"])
def test_what_is_chosen_is_seen_in_forced_colours(name: str, opened: Callable[..., Any]) -> None:
    """Shadows vanish there: what is pressed or current needs another ground, or an outline."""
    look = """e => { const s = getComputedStyle(e);
      return [s.backgroundColor, s.outlineStyle, s.outlineWidth, s.borderTopWidth, s.borderTopStyle].join(); }"""
    with opened(name, forced_colors="active") as page:
        if name == "WhoToTrust":
            page.get_by_role("button", name="leave out acoustic").click()
        page.locator("body").click(position={"x": 1, "y": 1})
        page.mouse.move(0, 0)
        query = ".tl :is([aria-pressed='true'], [aria-current], button.tl-chosen)"
        chosen = page.locator(query).first
        assert chosen.count()
        other = page.locator(f".tl button:not({query[4:]}):visible").first
        assert chosen.evaluate(look) != other.evaluate(look)


# Styles

STYLES = """() => [...window.views[0].el.querySelectorAll("*")].map((e) => {
  const s = getComputedStyle(e);
  return [`${e.tagName}.${e.getAttribute("class")}`, Object.fromEntries([...s].map((p) => [p, s.getPropertyValue(p)]))];
})"""


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_with_all_of_them_leaves_each_its_style(name: str, opened: Callable[..., Any]) -> None:
    """Every explorable brings a sheet of its own to the notebook, and all sheets hold for the whole page."""
    own = str(getattr(explorables, name)._css)
    others = [str(getattr(explorables, n)._css) for n in NAMES if n != name]
    looks = []
    for sheets in (own, "\n".join([*others[:10], own, *others[10:]])):
        with opened(name, sheets=sheets) as page:
            looks.append(page.evaluate(STYLES))
    assert len(looks[0]) == len(looks[1])
    for (what, alone), (_, together) in zip(*looks, strict=True):
        assert {p: (v, together.get(p)) for p, v in alone.items() if v != together.get(p)} == {}, what
