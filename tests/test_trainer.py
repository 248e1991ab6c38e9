"""The loop: equal bits, resumption, the five losses, the authors' data flow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from tlmlda_lib import losses
from tlmlda_lib.training import batches, run_state, trainer
from tlmlda_lib.training.checkpoints import CheckpointWarning
from tlmlda_lib.training.options import PRESETS, Options
from tlmlda_lib.training.trainer import PairArrays, Trainer


def small(preset: str, **changes) -> Options:
    """A preset with a network that trains in a moment."""
    return replace(PRESETS[preset], encoder=(16, 8), emotion=(8, 6), epochs=4, batch_size=10, **changes)


def data(seed=0, n=(26, 33), d=12, classes=3) -> PairArrays:
    rng = np.random.default_rng(seed)
    ys = rng.integers(classes, size=n[0])
    xs = (rng.random((n[0], d)) + ys[:, None] * 0.2).astype(np.float32)
    return PairArrays(xs, ys, rng.random((n[1], d)).astype(np.float32))


def same(a, b) -> bool:
    states = [t.network.state_dict() for t in (a, b)]
    return (
        all(torch.equal(states[0][k], states[1][k]) for k in states[0])
        and np.array_equal(a.target_predictions, b.target_predictions)
        and a.history.drop(columns="seconds").equals(b.history.drop(columns="seconds"))
    )


@pytest.mark.parametrize("preset", PRESETS)
def test_a_seed_decides_every_bit_and_the_callers_generator_is_left_alone(preset):
    o = small(preset)
    torch.manual_seed(5)
    first = Trainer(o, seed=1).fit(data(), 3)
    after = torch.rand(3)
    torch.manual_seed(5)
    assert torch.equal(torch.rand(3), after)
    assert same(first, Trainer(o, seed=1).fit(data(), 3))
    assert not same(first, Trainer(o, seed=2).fit(data(), 3))


def test_an_unwritable_cache_is_a_note_and_training_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(trainer, "CHECKPOINT_SECONDS", -1.0)
    (tmp_path / "file").write_text("in the way")
    o = small("quick")
    with pytest.warns(CheckpointWarning, match="no checkpoint is kept: .*file cannot be written") as said:
        training = Trainer(o, seed=1, checkpoint=tmp_path / "file" / "run").fit(data(), 3)
    assert len(said) == 1
    assert same(training, Trainer(o, seed=1).fit(data(), 3))


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("stop_after", [1, 2, 3])
def test_resumed_equals_uninterrupted(preset, stop_after, tmp_path, monkeypatch):
    monkeypatch.setattr(trainer, "CHECKPOINT_SECONDS", -1.0)
    o = small(preset)
    path = tmp_path / "run.safetensors"
    undisturbed = Trainer(o, seed=1).fit(data(), 3)
    write = run_state.RunState.save
    epochs = []

    def then_stop(self, *args):
        write(self, *args)
        epochs.append(len(self.rows))
        if len(epochs) == stop_after:
            raise KeyboardInterrupt

    monkeypatch.setattr(run_state.RunState, "save", then_stop)
    with pytest.raises(KeyboardInterrupt):
        Trainer(o, seed=1, checkpoint=path).fit(data(), 3)
    assert epochs[-1] == stop_after
    monkeypatch.setattr(run_state.RunState, "save", write)
    assert same(undisturbed, Trainer(o, seed=1, checkpoint=path).fit(data(), 3))
    # a finished run is only read
    monkeypatch.setattr(trainer, "batch_losses", None)
    assert same(undisturbed, Trainer(o, seed=1, checkpoint=path).fit(data(), 3))


def test_a_checkpoint_of_another_run_or_a_damaged_one_is_not_used(tmp_path):
    o = small("quick")
    path = tmp_path / "run.safetensors"
    Trainer(o, seed=1, checkpoint=path).fit(data(), 3)
    with pytest.warns(CheckpointWarning, match="another run"):
        other = Trainer(o, seed=2, checkpoint=path).fit(data(), 3)
    assert same(other, Trainer(o, seed=2).fit(data(), 3))
    path.write_bytes(path.read_bytes()[:100])
    with pytest.warns(CheckpointWarning, match="damaged"):
        assert same(other, Trainer(o, seed=2, checkpoint=path).fit(data(), 3))
    assert [p.name for p in tmp_path.iterdir()] == ["run.safetensors"]


def test_history_has_the_losses_weights_and_criteria_of_every_epoch():
    history = Trainer(small("paper"), seed=0).fit(data(), 3).history
    assert list(history.index) == [1, 2, 3, 4]
    for name in ("S", "T", "y", "MMD", "LMMD"):
        assert (history[f"loss_{name}"] > 0).all()
    # equation 6: the weights of an epoch come from the mean losses of the one before
    alpha = PRESETS["paper"].factors()
    total = sum(history[f"loss_{n}"] for n in alpha)
    for n, a in alpha.items():
        expected = (a * history[f"loss_{n}"] / total).iloc[:-1]
        np.testing.assert_allclose(history[f"weight_{n}"].iloc[1:], expected, rtol=1e-12)
    assert {"infomax", "bnm", "snd", "seconds"} <= set(history)


def test_batch_losses_are_the_equations_on_one_noiseless_batch():
    o = small("paper", noise_std=0.0, dropout=0.0)
    torch.manual_seed(0)
    network = trainer.build_network(o, 12, 3)
    d = data(n=(10, 10))
    xs, ys, xt = torch.tensor(d.xs), torch.tensor(d.ys), torch.tensor(d.xt)
    got = trainer.batch_losses(network, xs, ys, xt, o)
    source, target = network(xs, xt)
    pt = torch.softmax(target.logits, 1)
    expected = {
        "S": ((source.rebuilt - xs) ** 2).mean(),
        "T": ((target.rebuilt - xt) ** 2).mean(),
        "y": -torch.log_softmax(source.logits, 1)[torch.arange(10), ys].mean(),
        "MMD": losses.mmd(source.z, target.z),
        "LMMD": losses.lmmd(source.z, target.z, ys, pt),
    }
    assert list(got) == list(expected)
    for name, value in expected.items():
        torch.testing.assert_close(got[name], value)


def test_noise_is_fresh_or_shared_and_the_clean_input_is_rebuilt(monkeypatch):
    seen = []
    o = small("paper", dropout=0.0)
    torch.manual_seed(0)
    network = trainer.build_network(o, 12, 3)
    monkeypatch.setattr(network.autoencoder, "forward", lambda x: (seen.append(x), (torch.zeros(len(x), 8), x))[1])
    x = torch.rand(10, 12)
    for noise in ("fresh", "shared"):
        rebuilt = trainer.batch_losses(network, x, torch.zeros(10).long(), x, replace(o, noise=noise))["S"]
        added = seen.pop() - torch.cat([x, x])
        assert float(rebuilt) == pytest.approx(float((added[:10] ** 2).mean()), rel=1e-4)
        assert float(added.std()) == pytest.approx(1, abs=0.5)
        alike = torch.allclose(added, added[:1].expand_as(added), atol=1e-5)
        assert alike == (noise == "shared")


@pytest.mark.parametrize("drop_last", [False, True])
@pytest.mark.parametrize(("n_s", "n_t"), [(26, 33), (33, 26), (3, 50), (1, 1), (10, 10), (20, 0)])
def test_batches_are_full_and_cover_the_longer_domain(n_s, n_t, drop_last):
    o = small("paper", drop_last=drop_last)
    got = list(batches.batches(n_s, n_t, o, [0, 1]))
    longer = max(n_s, n_t)
    assert len(got) == batches.steps_per_epoch(n_s, n_t, o) == max(longer // 10 if drop_last else -(-longer // 10), 1)
    for column, n in ((0, n_s), (1, n_t)):
        rows = np.concatenate([pair[column] for pair in got]).astype(int)
        assert all(len(pair[column]) == min(10, n) for pair in got)
        counts = np.bincount(rows, minlength=n)
        if n and not drop_last:
            assert counts.max() - counts.min() <= 1  # every row before any row again
        if n == longer:
            assert len(set(rows.tolist())) == (len(got) * min(10, n) if drop_last else n)


def test_the_authors_scale_every_batch_by_itself_and_start_a_new_adam_each_epoch(monkeypatch):
    o = small("authors")
    x = torch.rand(7, 12) * 100 - 50
    low, high = x.numpy().min(0), x.numpy().max(0)
    np.testing.assert_allclose(batches.prepared(x, o).numpy(), (x.numpy() - low) / (high - low), rtol=1e-5)
    assert (batches.prepared(torch.ones(4, 3), o) == 0).all()
    made = []
    original = Trainer._optimizer
    monkeypatch.setattr(Trainer, "_optimizer", lambda self, net: (made.append(1), original(self, net))[1])
    Trainer(o, seed=0).fit(data(), 3)
    assert len(made) == 1 + o.epochs


def test_averaged_weights_are_the_mean_over_the_last_epochs(monkeypatch):
    o = small("recommended-is10", averaged=0.5)
    snapshots = []
    end = trainer.LossWeights.end_epoch
    networks = []
    monkeypatch.setattr(
        trainer.LossWeights,
        "end_epoch",
        lambda self: (end(self), snapshots.append(networks[0].emotion.head.weight.detach().clone())),
    )
    build = trainer.build_network
    monkeypatch.setattr(trainer, "build_network", lambda *a: (networks.append(build(*a)), networks[-1])[1])
    result = Trainer(o, seed=0).fit(data(), 3).network
    torch.testing.assert_close(result.emotion.head.weight, torch.stack(snapshots[2:]).mean(0))


def test_a_small_shift_is_learnt():
    rng = np.random.default_rng(0)
    ys = rng.integers(3, size=150)
    yt = rng.integers(3, size=160)
    centres = rng.normal(size=(3, 30)) * 2
    xs = (centres[ys] + rng.normal(size=(150, 30))).astype(np.float32)
    xt = (centres[yt] + rng.normal(size=(160, 30)) + 0.3).astype(np.float32)
    training = Trainer(PRESETS["quick"], seed=0).fit(PairArrays(xs, ys, xt), 3)
    assert (training.target_predictions[-1] == yt).mean() > 0.9


def test_the_ramp_rises_from_nothing_to_nearly_one():
    values = [trainer.alignment_ramp(t / 10) for t in range(11)]
    assert values[0] == 0
    assert values == sorted(values)
    assert values[-1] == pytest.approx(1, abs=1e-4)
