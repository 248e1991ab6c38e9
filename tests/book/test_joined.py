"""Explorables' modules as the one file that a widget takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tlmlda_lib.book import explorables
from tlmlda_lib.book.explorables.base import Explorable, script
from tlmlda_lib.book.explorables.joined import joined

HERE = Path(explorables.__file__).parent
#: "import torch" is none: a line of Python that an explorable shows.
IMPORT = re.compile(r"""^import (?:[{*"']|.* from ["'])""", re.MULTILINE)
WIDGETS = [getattr(explorables, name) for name in explorables.__all__]


def test_imports_become_calls_in_their_order() -> None:
    modules = {
        "own": 'import { b } from "./two.js";\nimport {\n  a,\n  c as d,\n} from "./one.js";\n\n'
        "export const x = 1;\nexport default a;\n",
        "two": 'import { a } from "./one.js";\n\nconst hidden = 2;\nexport function b() {}\n',
        "one": "export const a = 1;\nexport class c {}\n",
    }
    assert joined("own", modules.__getitem__) == (
        "const $one = (() => {\nconst a = 1;\nclass c {}\nreturn { a, c };\n})();\n"
        "const $two = (() => {\nconst { a } = $one;\n\nconst hidden = 2;\nfunction b() {}\nreturn { b };\n})();\n"
        "const { b } = $two;\nconst { a, c: d } = $one;\n\nconst x = 1;\nexport default a;\n"
    )


def test_comments_stay_behind_and_code_beside_them_does_not() -> None:
    text = (
        "// What it is.\n/**\n * @param {number} a\n */\nexport const x = 1; // kept\n  /** @type {number} */\n"
        "/** @type {A} */ (b).c();\n/** Two. */\nconst y = `\n# Python's\n`;\n"
    )
    assert joined("own", {"own": text}.__getitem__) == (
        "const x = 1; // kept\n/** @type {A} */ (b).c();\nconst y = `\n# Python's\n`;\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        'import * as all from "./a.js";',
        'import a from "a";',
        "export { a };",
        "export let a = 1;",
        'export * from "./a.js";',
    ],
)
def test_other_forms_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"own\.js"):
        joined("own", {"own": text + "\n"}.__getitem__)


def test_a_circle_is_refused() -> None:
    modules = {"a": 'import { x } from "./b.js";\n', "b": 'import { y } from "./a.js";\n'}
    with pytest.raises(ValueError, match="a -> b -> a"):
        joined("a", modules.__getitem__)


@pytest.mark.parametrize("widget", WIDGETS, ids=lambda w: w.__name__)
def test_each_explorable_is_one_file_that_says_its_name(widget: type[Explorable]) -> None:
    name = widget.__module__.rpartition(".")[2]
    text = script(widget.__module__)
    assert text == widget._esm or text in str(widget._esm)
    assert not IMPORT.search(text)
    assert text.count("export default ") == 1
    assert f'export default explorable("{name}", render' in text
    assert "const $base = " in text


@pytest.mark.parametrize("file", sorted(HERE.glob("*.js")), ids=lambda f: f.stem)
def test_each_module_is_tested_in_node(file: Path) -> None:
    """Elements, controls and state need a page; the browser's tests ask them."""
    test = Path(__file__).parents[1] / "js" / f"{file.stem}.test.js"
    assert file.stem in ("base", "controls") or test.is_file(), f"{test.name} is not there"
    if test.is_file():
        assert f'/{file.stem}.js"' in test.read_text(encoding="utf-8"), f"{test.name} imports nothing of {file.name}"
