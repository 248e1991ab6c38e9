"""Figure 1: counted, and each domain's way through it."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from tlmlda_lib.networks import SOURCE, TARGET, TLMLDANetwork
from tlmlda_lib.training.options import AUTHORS, PAPER, RECOMMENDED_IS10
from tlmlda_lib.training.trainer import build_network


def count(module, kind=nn.Module):
    return sum(p.numel() for m in module.modules() if isinstance(m, kind) for p in m.parameters(recurse=False))


def test_the_papers_network_has_the_parameters_counted_in_the_book():
    network = build_network(PAPER, 1582, 5)
    assert count(network) == 7_328_223
    assert count(network.autoencoder, nn.Linear) == 6_863_082
    assert count(network, nn.BatchNorm1d) == 9_400
    assert count(network.emotion.body) == 454_456
    assert count(network.emotion.head) == 1_285


def kinds(sequence):
    return [type(m).__name__ for m in sequence]


def test_the_papers_layers_in_order():
    network = build_network(PAPER, 1582, 5)
    hidden = ["Linear", "BatchNorm1d", "ELU", "Dropout"]
    assert kinds(network.autoencoder.encoder) == hidden * 3
    up = ["Linear", "BatchNorm1d", "Sigmoid", "Dropout"]
    assert kinds(network.autoencoder.decoder) == up * 2 + ["Linear", "Sigmoid"]
    assert kinds(network.emotion.body) == ["Linear", "Sigmoid"] * 2


def test_the_authors_layers_in_order():
    network = build_network(AUTHORS, 1582, 5)
    hidden = ["Linear", "BatchNorm1d", "ELU"]
    assert kinds(network.autoencoder.encoder) == [*hidden, "Dropout", *hidden, "Dropout", *hidden]
    up = ["Linear", "BatchNorm1d", "Sigmoid"]
    assert kinds(network.autoencoder.decoder) == [*up, "Dropout", *up, "Dropout", *up]
    assert kinds(network.emotion.body) == ["Linear", "BatchNorm1d", "Sigmoid", "Linear", "Sigmoid"]


def small(norm):
    from dataclasses import replace

    torch.manual_seed(0)
    return build_network(replace(PAPER, encoder=(8, 6), emotion=(5, 4), batchnorm=norm, dropout=0.0), 10, 3)


@pytest.mark.parametrize("norm", ["joint", "separate", "domain"])
def test_shapes_for_unequal_batches(norm):
    network = small(norm)
    s, t = network(torch.rand(7, 10), torch.rand(4, 10))
    assert (s.rebuilt.shape, s.z.shape, s.logits.shape) == ((7, 10), (7, 4), (7, 3))
    assert (t.rebuilt.shape, t.z.shape, t.logits.shape) == ((4, 10), (4, 4), (4, 3))


def test_what_batchnorm_sees():
    xs, xt = torch.rand(6, 10), torch.rand(6, 10) + 3
    joint, separate, domain = (small(n) for n in ("joint", "separate", "domain"))
    both = torch.cat([xs, xt])
    # joint: as one mixed batch
    torch.testing.assert_close(torch.cat([o.z for o in joint(xs, xt)]), joint.of_domain(both, SOURCE).z)
    # separate: the source does not feel the target
    first = separate(xs, xt)[0].z
    torch.testing.assert_close(first, separate(xs, xt + 100)[0].z)
    assert not torch.allclose(joint(xs, xt)[0].z, joint(xs, xt + 100)[0].z)
    # domain: at test each domain has its own statistics
    for _ in range(50):
        domain(xs, xt)
    domain.eval()
    with torch.no_grad():
        assert not torch.allclose(domain.of_domain(xt, SOURCE).z, domain.of_domain(xt, TARGET).z)


def test_without_a_decoder_nothing_is_rebuilt():
    from dataclasses import replace

    network = build_network(replace(RECOMMENDED_IS10, losses=("y",)), 12, 2)
    assert isinstance(network, TLMLDANetwork)
    assert network.autoencoder.decoder is None
    assert network(torch.rand(5, 12), torch.rand(5, 12))[0].rebuilt is None
