"""What a CUDA device changes: the noise that is drawn, and nothing else. Runs where there is one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from test_methods import domains, make
from test_trainer import data, same, small

from tlmlda_lib import methods
from tlmlda_lib.training import trainer
from tlmlda_lib.training.trainer import Trainer

needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
TRAINED = ["tlmlda", "tlmlda_m", "only_cls", "ifn", "dbn_bp", "bp"]
#: How these few rows are learnt within seconds, where they are.
LEARNERS = {"tlmlda_m": {"epochs": 60, "learning_rate": 1e-2}, "only_cls": {"epochs": 60, "learning_rate": 1e-2}} | {
    "ifn": {"epochs": 30}
}


@needs_cuda
@pytest.mark.parametrize("preset", ["paper", "authors", "recommended-is10"])
def test_losses_and_gradients_are_the_cpus(preset):
    o = replace(small(preset), noise_std=0.0, dropout=0.0)
    d = data()
    found = []
    for device in ("cpu", "cuda"):
        torch.manual_seed(0)
        network = trainer.build_network(o, 12, 3).double().to(device)
        xs, ys, xt = (torch.as_tensor(a, device=device) for a in (d.xs / 2, d.ys, d.xt))
        terms = trainer.batch_losses(network, xs.double(), ys, xt.double(), o)
        gradients = torch.autograd.grad(sum(terms.values()), list(network.parameters()), allow_unused=True)
        found.append(([t.item() for t in terms.values()], [g.cpu() for g in gradients if g is not None]))
    (expected, expected_gradients), (got, got_gradients) = found
    assert got == pytest.approx(expected, rel=1e-9)
    for a, b in zip(got_gradients, expected_gradients, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-7, atol=1e-10)


@needs_cuda
def test_the_paper_s_preset_trains_as_well():
    training = Trainer(small("paper"), seed=0, device="cuda").fit(data(), 3)
    assert training.target_predictions.shape == (4, 33)


@needs_cuda
def test_a_cut_off_training_goes_on(tmp_path):
    path = tmp_path / "run.safetensors"
    o = small("recommended-is10")
    whole = Trainer(o, seed=1, device="cuda", checkpoint=path).fit(data(), 3)
    again = Trainer(o, seed=1, device="cuda", checkpoint=path).fit(data(), 3)  # all of it is there
    assert np.array_equal(again.target_predictions, whole.target_predictions)
    assert same(again, whole)


@needs_cuda
@pytest.mark.parametrize("method", TRAINED)
def test_what_is_learnt_there_answers_the_same_everywhere(method, tmp_path, monkeypatch):
    X, y, domain, speakers, voices, truth = domains()
    t = domain < 0
    ask = {"groups": speakers[t], "voices": voices[t]}
    torch.manual_seed(7)
    how = LEARNERS.get(method, {})
    clf = make(method, device="cuda", **how).fit(X, y, sample_domain=domain, groups=speakers, voices=voices)
    assert next(clf.network_.parameters()).is_cuda
    if how:
        assert (clf.predict(X[t], **ask) == truth).mean() > 0.7, "a third would be chance"
    after = torch.rand(3)
    torch.manual_seed(7)
    assert torch.equal(torch.rand(3), after), "the caller's generator is left alone"
    clf.save(tmp_path / "model")
    there = methods.load(tmp_path / "model")
    assert next(there.network_.parameters()).is_cuda
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    here = methods.load(tmp_path / "model")
    assert not next(here.network_.parameters()).is_cuda
    expected = clf.predict_proba(X[t], **ask)
    for other in (there, here):
        np.testing.assert_allclose(other.predict_proba(X[t], **ask), expected, atol=1e-4)


@pytest.mark.parametrize("method", TRAINED)
def test_a_file_from_a_cuda_device_opens_where_there_is_none(method, tmp_path, monkeypatch):
    X, y, domain, speakers, voices, _ = domains()
    clf = make(method).fit(X, y, sample_domain=domain, groups=speakers, voices=voices)
    clf.set_params(device="cuda").save(tmp_path / "model")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    loaded = methods.load(tmp_path / "model")
    assert loaded.get_params()["device"] == "cpu"
    expected = clf.set_params(device="cpu").predict(X, domain, speakers, voices)
    assert np.array_equal(loaded.predict(X, domain, speakers, voices), expected)
