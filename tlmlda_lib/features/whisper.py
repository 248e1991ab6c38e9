"""Whisper's encoder up to the layers that are read, on what was heard and the silence after it. Chapter 4.1.

Whisper was trained on 30 s, and shorter recordings are padded with silence. The silence is most of the work, and it
cannot be left out: the frames that were heard attend to it. But all its frames are alike, except for their places.
So a part of them, each weighted by the number of frames that it stands for, does nearly the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tlmlda_lib.errors import UserError

if TYPE_CHECKING:
    import torch

#: Samples per frame of the encoder, 20 ms, and per column of its mel spectrogram.
FRAME, HOP = 320, 160

#: Frames of the encoder's input: 30 s.
FRAMES = 1500

#: Frames of silence right after the sound that are all kept. Of each period of later ones a block is kept.
KEPT, PERIOD, BLOCK = 25, 100, 20

#: Frames after which the sound has no influence on a frame's embedding: a spectrogram's window and two convolutions.
_REACH = 2


def heard(samples: int) -> int:
    """Number of the encoder's frames that contain sound.

    Parameters
    ----------
    samples : int
        Length of the recording at 16 kHz.
    """
    return math.ceil(samples / FRAME)


def check(context: str | float) -> None:
    """Raise if `states` does not take this context.

    Parameters
    ----------
    context : str or float
        As in `tlmlda_lib.features.embed`.

    Raises
    ------
    UserError
        If it is neither a known name nor a number of seconds.
    """
    if isinstance(context, str) and context in ("padded", "thinned"):
        return
    if isinstance(context, bool) or not isinstance(context, int | float) or not 0 <= context <= FRAMES * FRAME / 16000:
        raise UserError(f"context={context!r} is not known: use 'thinned', 'padded' or seconds from 0 to 30")


def silence(first: int, context: str | float) -> tuple[np.ndarray, np.ndarray]:
    """Frames of silence that are kept, and how many frames each of them stands for.

    Parameters
    ----------
    first : int
        The first frame of silence.
    context : str or float
        As in `tlmlda_lib.features.embed`.

    Returns
    -------
    places : ndarray of shape (k,), int64
        Below `FRAMES`, ascending.
    counts : ndarray of shape (k,), float64
        They sum to the number of frames of silence that are taken into account.
    """
    if context != "thinned":
        seconds = FRAMES if context == "padded" else round(float(context) * 16000 / FRAME)
        places = np.arange(first, min(FRAMES, first + seconds))
        return places, np.ones(len(places))
    last = np.arange(max(first, FRAMES - 1), FRAMES)  # it hears the end, and is not like the others
    near = np.arange(first, min(FRAMES - 1, first + KEPT))
    kept, of = [near], [np.ones(len(near))]
    for start in range(first + len(near), FRAMES - 1, PERIOD):
        long = min(PERIOD, FRAMES - 1 - start)
        block = min(BLOCK, long)
        kept.append(start + (long - block) // 2 + np.arange(block))
        of.append(np.full(block, long / block))
    return np.concatenate([*kept, last]), np.concatenate([*of, np.ones(len(last))])


def states(
    encoder: Any, prepare: Any, samples: np.ndarray, places: Sequence[int], context: str | float
) -> list[np.ndarray]:
    """Hidden states of the frames that were heard.

    Parameters
    ----------
    encoder : WhisperEncoder
        Of transformers, in single precision.
    prepare : WhisperFeatureExtractor
        Of transformers.
    samples : ndarray of shape (n,), float32
        At 16 kHz, at most 30 s.
    places : sequence of int
        Layers, counted from 0, the embedding.
    context : str or float
        As in `tlmlda_lib.features.embed`.

    Returns
    -------
    list of ndarray of shape (frames, width)
        One for each of `places`; the last layer as it leaves the encoder, normalised.
    """
    import torch

    with torch.inference_mode():
        h, count = _embedded(encoder, prepare, samples, context)
        frames = min(heard(len(samples)), FRAMES)
        bias = None if (count == 1).all() else count.log()[None, None]
        found = {0: h[:frames]}
        last = len(encoder.layers)
        for i, layer in enumerate(encoder.layers[: max(places)], 1):
            # In the last layer that is read, silence is attended to, but its own rows are not needed.
            h = _layer(layer, h, bias, frames if i == max(places) else len(h))
            found[i] = encoder.layer_norm(h[:frames]) if i == last else h[:frames]
        return [found[place].numpy() for place in places]


def _embedded(
    encoder: Any, prepare: Any, samples: np.ndarray, context: str | float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Embeddings (frames, width) of the sound and of the silence that is kept, and how many frames each stands for."""
    import torch

    frames = min(heard(len(samples)) + _REACH, FRAMES)
    more = _REACH + 2 if frames < FRAMES else 0  # the last of them is as at the end of 30 s, the first as any before
    sound = np.zeros((frames + more) * FRAME, np.float32)
    sound[: min(len(samples), len(sound))] = samples[: len(sound)]
    mel = prepare(
        sound, sampling_rate=16000, padding="do_not_pad", truncation=False, return_tensors="pt"
    ).input_features
    gelu = torch.nn.functional.gelu
    x = gelu(encoder.conv2(gelu(encoder.conv1(mel))))[0].T
    places, counts = silence(frames, context)
    quiet = torch.where(torch.as_tensor(places == FRAMES - 1)[:, None], x[-1], x[min(frames, len(x) - 1)])
    where = torch.as_tensor(np.concatenate([np.arange(frames), places]))
    h = torch.cat([x[:frames], quiet]) + encoder.embed_positions.weight[where]
    return h, torch.as_tensor(np.concatenate([np.ones(frames), counts]), dtype=torch.float32)


def _layer(layer: Any, h: torch.Tensor, bias: torch.Tensor | None, read: int) -> torch.Tensor:
    """The first `read` frames after a layer; a frame that stands for k others weighs as much as k equal ones."""
    import torch

    attention = layer.self_attn
    normed = layer.self_attn_layer_norm(h)
    heads = (attention.num_heads, -1)

    def split(x: torch.Tensor) -> torch.Tensor:
        return x.view(len(x), *heads).transpose(0, 1)

    mixed = torch.nn.functional.scaled_dot_product_attention(
        split(attention.q_proj(normed[:read])),
        split(attention.k_proj(normed)),
        split(attention.v_proj(normed)),
        attn_mask=bias,
    )
    h = h[:read] + attention.out_proj(mixed.transpose(0, 1).reshape(read, -1))
    return h + layer.fc2(layer.activation_fn(layer.fc1(layer.final_layer_norm(h))))
