"""Figure 1 of the paper: a denoising auto-encoder and, on its code, an emotion network. Chapters 2.1, 2.2 and 2.7."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import torch
from torch import Tensor, nn

SOURCE, TARGET = 0, 1

_ACTIVATIONS: dict[str, type[nn.Module]] = {
    "elu": nn.ELU,
    "sigmoid": nn.Sigmoid,
    "relu": nn.ReLU,
    "linear": nn.Identity,
}


class Outputs(NamedTuple):
    """The network's output for one domain's batch."""

    rebuilt: Tensor | None  # (n, d), None without a decoder
    z: Tensor  # (n, h), the layer that MMD and LMMD align
    logits: Tensor  # (n, C)


class DomainBatchNorm(nn.Module):
    """One BatchNorm for the source and one for the target; `TLMLDANetwork` says whose batch it is. Chapter 2.7.

    Parameters
    ----------
    width : int
        Number of features.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList([nn.BatchNorm1d(width), nn.BatchNorm1d(width)])
        self.domain = SOURCE

    def forward(self, x: Tensor) -> Tensor:
        return self.norms[self.domain](x)


def _layer(n_in: int, n_out: int, activation: str, *, norm: str | None = None, dropout: float = 0.0) -> list[nn.Module]:
    """Linear, BatchNorm, activation and Dropout, as requested."""
    layer: list[nn.Module] = [nn.Linear(n_in, n_out)]
    if norm is not None:
        layer.append(DomainBatchNorm(n_out) if norm == "domain" else nn.BatchNorm1d(n_out))
    layer.append(_ACTIVATIONS[activation]())
    if dropout:
        layer.append(nn.Dropout(dropout))
    return layer


class DenoisingAutoencoder(nn.Module):
    """Encoder and decoder of Figure 1.

    Parameters
    ----------
    n_features : int
        Width of input and output (1582 for IS10).
    hidden : tuple of int
        Widths of the encoder, the code last; the decoder mirrors them.
    encoder_activation, decoder_activation, output_activation : {"elu", "sigmoid", "relu", "linear"}
        The output is a Sigmoid where features lie in [0, 1].
    dropout : float
        Rate after each hidden layer.
    dropout_code : bool
        Whether the code layer has dropout too.
    norm : {"joint", "separate", "domain"}
        ``"domain"`` keeps a BatchNorm per domain.
    norm_output : bool
        Whether the output layer is normalised too (the authors' scripts do).
    decoder : bool
        Without it (`only_cls`) there is only the encoder.
    """

    def __init__(
        self,
        n_features: int,
        hidden: tuple[int, ...] = (1200, 900, 500),
        *,
        encoder_activation: str = "elu",
        decoder_activation: str = "sigmoid",
        output_activation: str = "sigmoid",
        dropout: float = 0.5,
        dropout_code: bool = True,
        norm: str = "joint",
        norm_output: bool = False,
        decoder: bool = True,
    ) -> None:
        super().__init__()
        down = (n_features, *hidden)
        layers: list[nn.Module] = []
        for i, (a, b) in enumerate(itertools.pairwise(down)):
            rate = dropout if dropout_code or i < len(hidden) - 1 else 0.0
            layers += _layer(a, b, encoder_activation, norm=norm, dropout=rate)
        self.encoder = nn.Sequential(*layers)
        self.decoder: nn.Sequential | None = None
        if decoder:
            up = hidden[::-1]
            layers = []
            for a, b in itertools.pairwise(up):
                layers += _layer(a, b, decoder_activation, norm=norm, dropout=dropout)
            layers += _layer(up[-1], n_features, output_activation, norm=norm if norm_output else None)
            self.decoder = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """Code (n, hidden[-1]) and rebuilt features (n, n_features) of noisy features x.

        Parameters
        ----------
        x : Tensor of shape (n, d)
            Noisy features.
        """
        code = self.encoder(x)
        return code, None if self.decoder is None else self.decoder(code)


class EmotionNetwork(nn.Module):
    """Emotion network on the code, and the head that scores the classes.

    Parameters
    ----------
    n_code, n_classes : int
        Width of the code; number of emotions.
    hidden : tuple of int
        Widths; MMD and LMMD act on the last one's activations.
    activation : {"sigmoid", "elu", "relu"}
    norm_first : {None, "joint", "separate", "domain"}
        BatchNorm after the first layer (the authors' scripts have one, the paper none).
    """

    def __init__(
        self,
        n_code: int,
        n_classes: int,
        hidden: tuple[int, ...] = (600, 256),
        *,
        activation: str = "sigmoid",
        norm_first: str | None = None,
    ) -> None:
        super().__init__()
        widths = (n_code, *hidden)
        layers: list[nn.Module] = []
        for i, (a, b) in enumerate(itertools.pairwise(widths)):
            layers += _layer(a, b, activation, norm=norm_first if i == 0 else None)
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(hidden[-1], n_classes)

    def forward(self, code: Tensor) -> tuple[Tensor, Tensor]:
        """Aligned layer z (n, hidden[-1]) and logits (n, C).

        Parameters
        ----------
        code : Tensor of shape (n, k)
            The encoder's output.
        """
        z = self.body(code)
        return z, self.head(z)


class TLMLDANetwork(nn.Module):
    """The whole of Figure 1; source and target share every weight.

    Parameters
    ----------
    autoencoder : DenoisingAutoencoder
    emotion : EmotionNetwork
    norm : {"joint", "separate", "domain"}
        How BatchNorm sees the two domains in training. ``"joint"``: one concatenated batch. ``"separate"``: one
        after the other, the running statistics mix. ``"domain"``: each has its own BatchNorm; the target's serves at
        test.
    """

    def __init__(self, autoencoder: DenoisingAutoencoder, emotion: EmotionNetwork, *, norm: str = "joint") -> None:
        super().__init__()
        self.autoencoder = autoencoder
        self.emotion = emotion
        self.norm = norm
        self._domain_norms = [m for m in self.modules() if isinstance(m, DomainBatchNorm)]

    def of_domain(self, x: Tensor, domain: int) -> Outputs:
        """Outputs for rows of one domain (`SOURCE` or `TARGET`).

        Parameters
        ----------
        x : Tensor of shape (n, d)
            Rows of one domain.
        domain : int
            0 for the source, 1 for the target.
        """
        for norm in self._domain_norms:
            norm.domain = domain
        code, rebuilt = self.autoencoder(x)
        return Outputs(rebuilt, *self.emotion(code))

    def forward(self, xs: Tensor, xt: Tensor) -> tuple[Outputs, Outputs]:
        """Outputs for a source batch (n_s, d) and a target batch (n_t, d).

        Parameters
        ----------
        xs : Tensor of shape (n_s, d)
            Source rows.
        xt : Tensor of shape (n_t, d) or None
            Target rows.
        """
        if self.norm != "joint":
            return self.of_domain(xs, SOURCE), self.of_domain(xt, TARGET)
        both = self.of_domain(torch.cat([xs, xt]), SOURCE)
        n = len(xs)
        rebuilt = (None, None) if both.rebuilt is None else (both.rebuilt[:n], both.rebuilt[n:])
        source = Outputs(rebuilt[0], both.z[:n], both.logits[:n])
        return source, Outputs(rebuilt[1], both.z[n:], both.logits[n:])
