"""CONTRIBUTING's recipes: their code is run, their commands are understood, and their files are there."""

from __future__ import annotations

import html
import re
import shlex
import subprocess
import sys
from itertools import product
from pathlib import Path
from statistics import mean
from types import ModuleType, SimpleNamespace

import made_corpora
import numpy as np
import pytest
import torch
import typer.main
from test_baselines import domains

from tlmlda_lib import corpora, losses, methods
from tlmlda_lib.cli import main as cli
from tlmlda_lib.corpora import facts
from tlmlda_lib.domains import schemes
from tlmlda_lib.errors import UserError
from tlmlda_lib.experiments import policy, reruns, shipped, store

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
RECIPES = dict(re.findall(r"^### ([^\n]+)\n(.*?)(?=^##|\Z)", TEXT, re.MULTILINE | re.DOTALL))


def code(recipe: str) -> str:
    (block,) = re.findall(r"^```python\n(.*?)^```$", RECIPES[recipe], re.MULTILINE | re.DOTALL)
    return block


def ran(recipe: str, **names: object) -> dict:
    exec(compile(code(recipe), f"CONTRIBUTING.md, {recipe}", "exec"), names)
    return names


def test_every_recipe_is_there() -> None:
    first = ("A loss", "A corpus", "A method", "A chapter", "An interactive figure")
    assert tuple(RECIPES) == (*first, "A table on a page", "A rerun of a page's numbers")


def test_a_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(losses.LOSSES, "mean-gap", losses.LOSSES["y"])  # undone after the test
    names = ran("A loss")
    X, y, domain = domains()
    clf = names["clf"].set_params(epochs=3, batch_size=20, ramp=False).fit(X, y, sample_domain=domain)
    history = clf.history_
    assert {f"loss_{name}" for name in ("S", "T", "y", "mean-gap")} <= set(history)
    assert "loss_MMD" not in history
    assert (history["loss_mean-gap"] > 0).all()
    alpha = clf.options().alpha
    assert (alpha["y"], alpha["mean-gap"]) == (2.0, 0.5)
    shares = [history[f"weight_{name}"] / alpha[name] for name in ("S", "T", "y", "mean-gap")]
    np.testing.assert_allclose(np.sum(shares, axis=0), 1, rtol=1e-5)  # equation 6

    step = SimpleNamespace(zs=torch.tensor([[0.0, 1.0], [2.0, 3.0]]), zt=torch.tensor([[1.0, 1.0]]))
    assert names["mean_gap"](step).item() == pytest.approx(0**2 + 1**2)
    with pytest.raises(UserError, match="mean-gap"):
        methods.make("tlmlda", "quick", losses=("y", "no gap")).fit(X, y, sample_domain=domain)


def test_a_corpus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert "subesco" not in corpora.CORPORA  # an example that is not there already
    subesco = ModuleType("tlmlda_lib.corpora.subesco")
    exec(compile(code("A corpus"), "CONTRIBUTING.md, A corpus", "exec"), vars(subesco))
    (row,) = re.findall(r'^The row is `"subesco": (_published\(.*?\))`', RECIPES["A corpus"], re.MULTILINE)
    own = eval(row, {"_published": corpora._published, "subesco": subesco})
    monkeypatch.setattr(corpora, "CORPORA", {**corpora.CORPORA, "subesco": own})
    monkeypatch.setattr(corpora, "PUBLISHED", {**corpora.PUBLISHED, "subesco": subesco})
    monkeypatch.setitem(facts.LANGUAGES, "bn", "Bangla")

    for i, (speaker, emotion) in enumerate(product(("F_01_OISHI", "M_02_X"), ("ANGRY", "NEUTRAL", "SAD", "HAPPY"))):
        file = made_corpora.put(tmp_path / f"{speaker}_S_10_{emotion}_1.wav", 150 + i)
        made_corpora.put(file.with_suffix(".flac"), 150 + i)
    made_corpora.put(tmp_path / "F_01_OISHI_S_10_BORED_1.wav")
    with pytest.warns(corpora.LeftOutWarning):
        table = corpora.load("subesco", tmp_path)
    assert len(table) == 8
    assert dict(table["emotion"].value_counts()) == dict.fromkeys(("anger", "neutral", "sad", "happy"), 2)
    assert dict(zip(table["speaker"], table["gender"], strict=True)) == {"F01": "female", "M02": "male"}
    (problem,) = [p["problem"] for p in table.attrs["problems"] if "same utterance" not in p["problem"]]
    assert "has the emotion 'BORED', which is not one of SUBESCO's (angry, disgust, fear" in problem
    assert subesco.FACTS.unconfirmed == ()
    assert corpora.catalogue()[-1]["language"] == "Bangla"

    made_corpora.emodb(tmp_path / "emodb", seconds=0.3)
    scheme = schemes.parse("subesco_to_emodb")
    assert set(scheme.emotions) == {"anger", "disgust", "fear", "happy", "neutral", "sad"}
    assert f"--scheme {scheme}`" in RECIPES["A corpus"]


def test_a_method(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(methods, "METHODS", dict(methods.METHODS))
    ran("A method")
    X, y, domain = domains()
    clf = methods.make("nearest_mean").fit(X, y, sample_domain=domain)
    z = [(X[s] - X[s].mean(0)) / X[s].std(0) for s in (domain > 0, domain < 0)]
    means = np.array([z[0][y[domain > 0] == c].mean(0) for c in range(3)])
    nearest = ((z[1][:, None] - means) ** 2).sum(2).argmin(1)
    assert np.array_equal(clf.predict(X[domain < 0]), nearest)
    assert np.array_equal(clf.target_predictions_[-1], nearest)

    told = np.where(domain < 0, 2, y)  # labels of the target change nothing
    again = methods.make("nearest_mean").fit(X, told, sample_domain=domain)
    assert np.array_equal(again.predict(X[domain < 0]), nearest)

    clf.save(tmp_path / "mine.safetensors")
    loaded = methods.load(tmp_path / "mine.safetensors")
    assert np.array_equal(loaded.predict(X[domain < 0]), nearest)
    assert np.array_equal(
        methods.make("nearest_mean").fit(X[domain > 0], y[domain > 0]).predict(X[:3]), clf_alone(X, y)
    )


def clf_alone(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Nearest mean without a target, of the first three rows."""
    xs, ys = X[:60], y[:60]
    z = (xs - xs.mean(0)) / xs.std(0)
    means = np.array([z[ys == c].mean(0) for c in range(3)])
    return ((z[:3, None] - means) ** 2).sum(2).argmin(1)


def test_a_table_on_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict] = []
    ask = policy.ask
    monkeypatch.setattr(
        policy, "ask", lambda questions, **how: asked.append(questions) or ask(questions, draws=50, **how)
    )
    text = ran("A table on a page")["html"].data
    found = re.findall(r'<data value="([^"]*)" data-what="([^"]*)" data-records="([^"]*)"', text)
    wanted = [own("B2C", m) for m in ("tlmlda", "only_cls")], [own("C2B", m) for m in ("tlmlda", "only_cls")]
    assert [float(value) for value, *_ in found[:4]] == pytest.approx(np.array(wanted).T.ravel(), abs=1e-4)
    assert float(found[4][0]) == pytest.approx(mean(a - b for a, b in wanted), abs=1e-4)
    assert len(asked) == 1, "all comparisons in one call"
    cells = {cell.place("").with_suffix("").as_posix() for cell in reruns.Part("table3").cells()}
    for _, _, places in found:
        folders = [place.rpartition("/seed-")[0] for place in html.unescape(places).split()]
        assert {f"{folder}/seed-0" for folder in folders} <= cells


@pytest.mark.parametrize("recipe", [name for name, text in RECIPES.items() if "```python" in text])
def test_code_of_a_recipe_passes_the_type_checker(recipe: str, tmp_path: Path) -> None:
    file = tmp_path / "recipe.py"
    file.write_text(code(recipe), encoding="utf-8")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--cache-dir",
            ROOT / ".mypy_cache",
            "--config-file",
            ROOT / "pyproject.toml",
            file,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def own(scheme: str, method: str) -> float:
    """The mean over the seeds of what `recommended-is10` recognised in the end."""
    runs = [r for r in shipped.records("main") if (r["scheme"], r["method"]) == (scheme, method)]
    runs = [r for r in runs if store.place(r).split("/")[3].startswith("recommended-is10-")]
    return mean(r["rules"]["final"]["war"] for r in runs)


SHELL = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
LINES = [line for block in SHELL for line in block.splitlines()]


@pytest.mark.parametrize("line", [line for line in LINES if line.startswith("tlmlda ")])
def test_a_command_is_understood(line: str) -> None:
    _, name, *words = shlex.split(line)
    given = typer.main.get_command(cli.app).commands[name].make_context(name, words).params  # type: ignore[attr-defined]
    if given.get("name"):
        assert given["name"] in reruns.named()


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?:`|^)make ([a-z-]+)", TEXT, re.MULTILINE))))
def test_make_has_it(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("recipe", RECIPES)
def test_its_files_are_there(recipe: str) -> None:
    named = re.findall(r"`([\w./*]+\.(?:py|md|yml))`", RECIPES[recipe])
    assert named
    for name in named:
        if "surprise" in name or "NAME" in name:
            assert (ROOT / name).parent.is_dir(), name
        else:
            places = (ROOT, ROOT / "tlmlda_lib", ROOT / "tests")
            assert any(list(place.glob(name)) for place in places), name
    for test in re.findall(r"`(test_\w+)`", RECIPES[recipe]):
        assert any(f"def {test}(" in f.read_text(encoding="utf-8") for f in (ROOT / "tests").rglob("test_*.py")), test
