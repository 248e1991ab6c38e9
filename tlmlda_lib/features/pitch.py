"""The pitch of a voice, frame by frame: autocorrelation, and one path that stays in the speaker's octave. Chapter 1.1.

A periodic sound repeats itself after one period, and after two and three; a strong harmonic makes it nearly repeat
itself after half of one. So a tracker that decides frame by frame jumps by octaves. Here each frame has several
candidates, and one path is chosen through all frames at once, as Boersma [1]_ did. It is then chosen twice more, with
a penalty on candidates far outside the range in which the path was sure.

References
----------
.. [1] P. Boersma, "Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise ratio of a
   sampled sound", Proceedings of the Institute of Phonetic Sciences 17, 97-110, 1993.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

#: Hop of 10 ms and window of 60 ms, in seconds.
STEP, WINDOW = 0.01, 0.06

#: Range in which pitch is sought, Hz.
FLOOR, CEILING = 60.0, 600.0

#: Candidates per frame, besides "unvoiced".
_MOST = 10

#: Strength of "unvoiced"; a frame below this share of the loudest sample is silent.
_UNVOICED, _SILENCE = 0.4, 0.03

#: An autocorrelation above this counts as 1: where a rough voice's cycles alternate, two periods fit best.
_GOOD = 0.85

#: Costs: of each octave below the ceiling, of a jump by an octave between frames, of a change of voicing.
_OCTAVE, _JUMP, _CHANGE = 0.03, 0.35, 0.14

#: A candidate is dropped if one at a multiple of its frequency is as strong up to this margin: it spans several
#: periods.
_SAME = 0.03

#: Strength above which a frame is sure; octaves, and share of its own width, by which the interquartile range of the
#: sure frames' pitch is widened on either side; cost of an octave outside, and the largest cost.
_SURE, _MARGIN, _SPREAD, _OUTSIDE, _AT_MOST = 0.65, 0.3, 0.4, 3.0, 0.5

_FRAMES_AT_ONCE = 500


def track(samples: ArrayLike, rate: int) -> NDArray[np.float64]:
    """Pitch contour of a sound. Chapter 1.1.

    Parameters
    ----------
    samples : array_like of shape (n,)
        One channel.
    rate : int
        In Hz.

    Returns
    -------
    ndarray of shape (frames,)
        Hz, between 60 and 600, one value every 10 ms from a window of 60 ms; 0 where unvoiced. Empty if the sound is
        shorter than the window.
    """
    sound = np.asarray(samples, dtype=float)
    width = round(WINDOW * rate)
    frames = int((len(sound) - width) / (STEP * rate) + 1e-6) + 1 if len(sound) >= width else 0
    if frames == 0:
        return np.zeros(0)
    starts = np.minimum(np.round(np.arange(frames) * STEP * rate).astype(int), len(sound) - width)
    blocks = [starts[i : i + _FRAMES_AT_ONCE] for i in range(0, frames, _FRAMES_AT_ONCE)]
    parts = [_candidates(sliding_window_view(sound, width)[block], rate) for block in blocks]
    hertz, heights, peaks = (np.concatenate(part) for part in zip(*parts, strict=True))
    loudest = max(float(peaks.max()), 1e-9)
    quiet = _UNVOICED + np.maximum(0, 2 - peaks / loudest * (1 + _UNVOICED) / _SILENCE)
    strengths = np.minimum(heights, _GOOD) - _OCTAVE * np.log2(CEILING / hertz)
    strengths = np.column_stack([quiet, strengths])
    doubt = np.clip((1 - np.column_stack([np.zeros(frames), heights])) / (1 - _GOOD), 0, 1)
    hertz = np.column_stack([np.zeros(frames), hertz])
    found = _path(strengths, hertz)
    for _ in range(2):
        cost = _outside(found, strengths, hertz, doubt)
        found = _path(strengths - cost, hertz)
    return found


def _candidates(
    frames: NDArray[np.float64], rate: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Peaks of the frames' autocorrelations: Hz and heights (frames, candidates), and largest samples (frames,)."""
    frames = frames - frames.mean(1, keepdims=True)
    width = frames.shape[1]
    window = np.hanning(width)
    size = 2 ** int(np.ceil(np.log2(1.5 * width)))
    first, last = int(rate / CEILING), int(np.ceil(rate / FLOOR))
    fits = _autocorrelation(frames * window, size)[:, : last + 2]
    alike = _autocorrelation(window, size)[: last + 2]
    fits = fits / np.maximum(fits[:, :1], 1e-12) / (alike / alike[0])  # the window's own decline divided out
    left, middle, right = fits[:, first - 1 : last], fits[:, first : last + 1], fits[:, first + 1 : last + 2]
    bend = left - 2 * middle + right
    peak = (middle >= left) & (middle > right) & (middle > 0)
    shift = np.where(peak, 0.5 * (left - right) / np.where(bend < 0, bend, -1), 0)  # of a parabola through three points
    hertz = rate / (np.arange(first, last + 1) + shift)
    within = peak & (hertz >= FLOOR) & (hertz <= CEILING)
    height = np.where(within, middle - 0.25 * (left - right) * shift, -np.inf)
    best = np.argsort(-height, axis=1)[:, :_MOST]
    hertz, height = (np.take_along_axis(x, best, 1) for x in (hertz, height))
    return hertz, np.where(_several_periods(hertz, height), -np.inf, height), np.abs(frames).max(1)


def _autocorrelation(x: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    return np.fft.irfft(np.abs(np.fft.rfft(x, size)) ** 2)


def _several_periods(hertz: NDArray[np.float64], height: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether a candidate as strong lies at two to five times its frequency: (frames, candidates)."""
    octaves = np.log2(hertz)
    apart = octaves[:, None, :] - octaves[:, :, None]
    multiple = np.abs(apart[..., None] - np.log2([2, 3, 4, 5])).min(-1) < 0.03
    return (multiple & (height[:, None, :] >= height[:, :, None] - _SAME)).any(2)


def _path(strengths: NDArray[np.float64], hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    """The strongest path through the candidates of all frames (Viterbi): Hz (frames,), 0 where unvoiced."""
    voiced = hertz > 0
    octaves = np.log2(np.where(voiced, hertz, 1))
    total, back = strengths[0], np.zeros(hertz.shape, int)
    for t in range(1, len(hertz)):
        jump = _JUMP * np.abs(octaves[t][:, None] - octaves[t - 1])
        both, change = voiced[t][:, None] & voiced[t - 1], voiced[t][:, None] != voiced[t - 1]
        reached = total - np.where(both, jump, 0) - _CHANGE * change
        back[t] = reached.argmax(1)
        total = strengths[t] + reached.max(1)
    found, k = np.zeros(len(hertz)), int(total.argmax())
    for t in range(len(hertz) - 1, -1, -1):
        found[t], k = hertz[t, k], back[t, k]
    return found


def _outside(
    found: NDArray[np.float64], strengths: NDArray[np.float64], hertz: NDArray[np.float64], doubt: NDArray[np.float64]
) -> NDArray[np.float64] | float:
    """What each candidate loses for lying outside the range in which the path was sure: (frames, candidates).

    A candidate above the range loses only as far as it is in doubt: where a sound repeats itself in every detail after
    a shorter time, the voice did go up. After a longer time every voice repeats itself.
    """
    chosen = (hertz == found[:, None]) & (hertz > 0)
    sure = found[(chosen & (strengths > _SURE)).any(1)]
    if len(sure) < 5:
        sure = found[found > 0]
    if len(sure) < 3:
        return 0.0
    low, high = np.percentile(np.log2(sure), [25, 75])
    margin = _MARGIN + _SPREAD * (high - low)
    octaves = np.log2(np.where(hertz > 0, hertz, 2**low))
    below, above = (np.clip(_OUTSIDE * x, 0, _AT_MOST) for x in (low - margin - octaves, octaves - high - margin))
    return below + doubt * above
