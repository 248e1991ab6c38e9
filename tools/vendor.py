"""Refresh what the pages load besides our own files: vendored, so that neither a build nor a reader needs a network.

    python tools/vendor.py            # fetch anew (npm, and the installed anywidget), write the checksums
    python tools/vendor.py --check    # compare what is committed with the checksums; no network

A package comes from npm in the version named here and with the checksum named here. To move to another version, change
both lines (``npm view NAME@VERSION dist.integrity``), run this, then `make book browser`.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
#: What the pages load. Not below book/_static: Jupyter Book loads every script that it finds there, on every page.
PAGES = ROOT / "book" / "_vendor" / "_static" / "vendor"
#: What only the tests load.
TESTS = ROOT / "tests" / "browser" / "vendor"
SUMS = "SHA256SUMS"


@dataclass(frozen=True)
class Package:
    """A package of the npm registry."""

    name: str
    version: str
    integrity: str  # as the registry states it
    files: dict[str, Path]  # path in the package: where it goes


MATHJAX = Package(
    "mathjax",
    "3.2.2",
    "sha512-Bt+SSVU8eBG27zChVewOicYs7Xsdt40qm4+UpHyX7k0/O9NliPc+x77k1/FEsPsjKPZGJvtRZM1vO+geW0OhGw==",
    {"es5/tex-svg.js": PAGES / "mathjax/tex-svg.js", "LICENSE": PAGES / "mathjax/LICENSE"},
)
REQUIREJS = Package(
    "requirejs",
    "2.3.8",
    "sha512-7/cTSLOdYkNBNJcDMWf+luFvMriVm7eYxp4BcFCsAX0wF421Vyce5SXP17c+Jd5otXKGNehIonFlyQXSowL6Mw==",
    {"require.js": PAGES / "requirejs/require.js"},
)
HTML_MANAGER = Package(
    "@jupyter-widgets/html-manager",
    "1.0.15",
    "sha512-5thBIV6ymNgmPVOHvzx+gGy8ZSKmSazhtGw4/c4xJDVzRhG9PTeQsRjF3FUTopvFi//SABeNz1yp47bCrJ3CQA==",
    {
        "dist/embed-amd.js": PAGES / "html-manager/embed-amd.js",
        "dist/embed.js.LICENSE.txt": PAGES / "html-manager/LICENSE-BUNDLED.txt",
    },
)
AXE = Package(
    "axe-core",
    "4.14.1",
    "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
    {
        "axe.min.js": TESTS / "axe.min.js",
        "LICENSE": TESTS / "LICENSE-axe-core",
        "LICENSE-3RD-PARTY.txt": TESTS / "LICENSE-axe-core-bundled.txt",
    },
)

#: Font Awesome 5, solid and regular: the icons of ipywidgets.
FONTS = ("dist/1551f4f60c37af51121f.woff2", "dist/7a3337626410ca2f4071.woff2")

#: ipywidgets speaks to MathJax 2 wherever a page has MathJax; this gives version 3 the one method that it calls.
MATHJAX_SHIM = """document.addEventListener("DOMContentLoaded", () => {
  const mj = window.MathJax;
  if (mj && !mj.Hub) mj.Hub = { Queue: ([, , el]) => mj.startup?.promise.then(() => mj.typesetPromise([el])) };
});
"""

MIT = """The MIT License

{copyright}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""

FONT_NOTICE = """The two Font Awesome Free 5 fonts inside embed-amd.js are by Fonticons, Inc.: icons under CC BY 4.0
(https://creativecommons.org/licenses/by/4.0/), fonts under the SIL Open Font License 1.1
(https://openfontlicense.org). Changed here: they are embedded as data URIs.
"""


def fetch(package: Package, folder: Path, *more: str) -> dict[str, bytes]:
    """Contents of a package's files (those it lists, and `more`), once its checksum has been compared."""
    spec = f"{package.name}@{package.version}"
    command = ["npm", "pack", "--silent", "--pack-destination", str(folder), spec]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    archive = folder / done.stdout.split()[-1]
    got = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if got != package.integrity:
        raise SystemExit(f"{spec}: the package that came has checksum {got}, expected {package.integrity}")
    contents = {}
    with tarfile.open(archive) as tar:
        for name in (*package.files, *more):
            member = tar.extractfile(f"package/{name}")
            if member is None:
                raise SystemExit(f"{spec} has no file {name}")
            contents[name] = member.read()
    return contents


def with_fonts(script: str, fonts: dict[str, bytes]) -> str:
    """The widget manager with its fonts inside: it would look for them beside the page, where ``file://`` has none."""
    for name, content in fonts.items():
        data = "data:font/woff2;base64," + base64.b64encode(content).decode()
        script, count = re.subn(r'[\w$]+\.p\s*\+\s*"' + re.escape(Path(name).name) + '"', f'"{data}"', script)
        if count != 2:
            raise SystemExit(f"embed-amd.js names {name} {count} times, not twice: the bundle has changed its shape")
    return script


def with_quiet_schema(script: str) -> str:
    """The widget manager without a warning about its own schema on every page's console."""
    found = re.compile(r"=new\((\w+\(\))\)([;,])(?=(?:\w+=)?\w+\.compile\()")
    script, count = found.subn(r"=new(\1)({allowUnionTypes:!0})\2", script)
    if count != 2:
        raise SystemExit(f"embed-amd.js compiles its schema at {count} places, not 2: the bundle has changed its shape")
    return script


def anywidget_bundle() -> tuple[str, str]:
    """Anywidget's own AMD bundle, given the module name by which the widget manager asks for it; and its licence."""
    import anywidget

    home = Path(anywidget.__file__).parent
    script = (home / "nbextension" / "index.js").read_text(encoding="utf-8")
    old = 'define(["@jupyter-widgets/base"], '
    if script.count(old) != 1:
        raise SystemExit("anywidget's bundle has changed its shape: no single unnamed define()")
    script = script.replace(old, 'define("anywidget", ["@jupyter-widgets/base"], ')
    return "(() => {\n" + script + "\n})();\n", licence_of("anywidget")


def licence_of(package: str) -> str:
    """Licence text in an installed package's metadata."""
    from importlib.metadata import files

    found = [f for f in files(package) or [] if f.name.startswith("LICENSE") and ".dist-info" in str(f)]
    if not found:
        raise SystemExit(f"the installed {package} brings no licence text")
    return Path(str(found[0].locate())).read_text(encoding="utf-8")


def put(file: Path, content: bytes | str) -> None:
    """Write a file, and its folder."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)


def refresh() -> None:
    """Fetch everything and write it, with the checksums."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for package in (MATHJAX, REQUIREJS, AXE):
            for source, content in fetch(package, folder).items():
                put(package.files[source], content)
        got = fetch(HTML_MANAGER, folder, *FONTS)
    script = with_quiet_schema(got["dist/embed-amd.js"].decode())
    put(PAGES / "html-manager/embed-amd.js", with_fonts(script, {font: got[font] for font in FONTS}))
    put(PAGES / "html-manager/LICENSE-BUNDLED.txt", got["dist/embed.js.LICENSE.txt"].decode() + "\n" + FONT_NOTICE)
    put(PAGES / "html-manager/LICENSE", licence_of("ipywidgets"))  # the same project, the same licence
    put(PAGES / "html-manager/mathjax-hub.js", MATHJAX_SHIM)
    put(PAGES / "requirejs/LICENSE", MIT.format(copyright="Copyright jQuery Foundation and other contributors"))
    script, licence = anywidget_bundle()
    put(PAGES / "anywidget/anywidget-amd.js", script)
    put(PAGES / "anywidget/LICENSE", licence)
    for home in (PAGES, TESTS):
        put(home / SUMS, sums(home))


def sums(home: Path) -> str:
    """Checksums of a folder's files, in the form of ``sha256sum``."""
    files = sorted(f for f in home.rglob("*") if f.is_file() and f.name != SUMS)
    return "".join(f"{hashlib.sha256(f.read_bytes()).hexdigest()}  {f.relative_to(home).as_posix()}\n" for f in files)


def check() -> list[str]:
    """Folders whose files are not those that the checksums name."""
    return [
        home.relative_to(ROOT).as_posix()
        for home in (PAGES, TESTS)
        if not (home / SUMS).is_file() or (home / SUMS).read_text(encoding="utf-8") != sums(home)
    ]


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="Refresh or check the vendored files of the pages.")
    parser.add_argument("--check", action="store_true", help="compare with the checksums, change nothing")
    if not parser.parse_args().check:
        refresh()
    wrong = check()
    for home in wrong:
        print(f"{home}: its files are not those in {SUMS}; run `python tools/vendor.py`", file=sys.stderr)
    if not wrong:
        size = sum(f.stat().st_size for home in (PAGES, TESTS) for f in home.rglob("*") if f.is_file())
        print(f"vendored files agree with their checksums: {size / 1e6:.1f} MB")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
