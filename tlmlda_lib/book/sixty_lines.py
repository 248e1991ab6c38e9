"""A whole TLMLDA in plain PyTorch, without the rest of the library. Chapters 2.1 to 2.5 and 2.7.

Each chapter shows its piece, word for word; put together they are this module.
"""

from itertools import pairwise

import numpy as np
import torch
from torch import nn


def layer(n_in, n_out, activation):
    linear, norm = nn.Linear(n_in, n_out), nn.BatchNorm1d(n_out)
    return nn.Sequential(linear, norm, activation, nn.Dropout(0.5))


def autoencoder(d):  # d features -> a code of 500 numbers -> d features
    down = [layer(a, b, nn.ELU()) for a, b in pairwise([d, 1200, 900, 500])]
    up = [layer(a, b, nn.Sigmoid()) for a, b in pairwise([500, 900, 1200])]
    out = nn.Linear(1200, d), nn.Sigmoid()
    return nn.Sequential(*down), nn.Sequential(*up, *out)


def noisy(x):  # (n, d) -> (n, d)
    return x + torch.randn_like(x)


def reconstruction(rebuilt, x):  # equation 1: (n, d), (n, d) -> ()
    return ((rebuilt - x) ** 2).mean()


def emotion_network(C):  # code -> z, 256 numbers -> C scores
    a, b, head = nn.Linear(500, 600), nn.Linear(600, 256), nn.Linear(256, C)
    return nn.Sequential(a, nn.Sigmoid(), b, nn.Sigmoid()), head


def cross_entropy(s, ys):  # equation 2: scores (n, C), labels (n,) -> ()
    return -s.log_softmax(dim=1)[torch.arange(len(ys)), ys].mean()


def kernel(z):  # zs above zt, (n, h) -> (n, n)
    D = ((z[:, None] - z) ** 2).sum(dim=2)
    b = D.detach().sum() / (len(z) ** 2 - len(z))
    return sum(torch.exp(-D / (2.0**m * b)) for m in range(-2, 3))


def mmd(K, n_s, n_t):  # the paper's equation 3, squared: (n, n) -> ()
    v = torch.tensor([1 / n_s] * n_s + [-1 / n_t] * n_t)
    return v @ K @ v


def lmmd(K, ys, pt):  # equation 4: (n, n), (n_s,), (n_t, C) -> ()
    Y, G = (torch.eye(pt.shape[1])[c] for c in (ys, pt.argmax(1)))
    W = torch.cat([Y / Y.sum(0).clamp(min=1), -pt / pt.sum(0).clamp(1e-9)])
    u = (W * (K @ W)).sum(0)  # (C,): a squared norm for each class
    both = (Y.sum(0) > 0) & (G.sum(0) > 0)
    return u[both].sum() / both.sum().clamp(min=1)


def weights(L, alpha):  # equation 6: plain numbers by name -> numbers by name
    return {k: alpha[k] * L[k] / sum(L.values()) for k in L}


def five_losses(network, xs, ys, xt):  # (n_s, d), (n_s,), (n_t, d)
    encoder, decoder, body, head = network
    code, n_s = encoder(torch.cat([noisy(xs), noisy(xt)])), len(xs)
    rebuilt, z = decoder(code), body(code)
    s, K = head(z), kernel(z)
    return {
        "S": reconstruction(rebuilt[:n_s], xs),
        "T": reconstruction(rebuilt[n_s:], xt),
        "y": cross_entropy(s[:n_s], ys),
        "MMD": mmd(K, n_s, len(xt)),
        "LMMD": lmmd(K, ys, pt=s[n_s:].softmax(dim=1).detach()),
    }


def batches(rng, n, steps, size=100):  # rows of a domain: shuffled, repeated
    size = min(size, n)
    rounds = [rng.permutation(n) for _ in range(-(-steps * size // n))]
    return np.concatenate(rounds)[: steps * size].reshape(steps, size)


def seeded(seed, epoch):  # as the library, to draw the same numbers
    numbers = np.random.SeedSequence([seed, epoch])
    torch.manual_seed(int(numbers.generate_state(1)[0]))


def train(xs, ys, xt, C, alpha, epochs=500, seed=0):
    seeded(seed, 0)
    network = nn.ModuleList([*autoencoder(xs.shape[1]), *emotion_network(C)])
    adam = torch.optim.Adam(network.parameters(), lr=1e-5)
    w = {k: alpha[k] / len(alpha) for k in alpha}
    steps, history = -(-max(len(xs), len(xt)) // 100), []
    for epoch in range(epochs):
        seeded(seed, epoch + 1)
        rng = np.random.default_rng([seed, epoch])
        means = dict.fromkeys(alpha, 0.0)
        i_s, i_t = batches(rng, len(xs), steps), batches(rng, len(xt), steps)
        for i, j in zip(i_s, i_t, strict=True):
            L = five_losses(network, xs[i], ys[i], xt[j])
            adam.zero_grad()
            sum(w[k] * L[k] for k in L).backward()  # equation 5
            adam.step()
            means = {k: means[k] + L[k].item() / steps for k in L}
        history.append(means)
        w = weights(means, alpha)  # for the next epoch
    return network.eval(), history
