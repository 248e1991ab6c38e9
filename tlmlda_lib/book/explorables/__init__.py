"""Interactive figures: widgets whose arithmetic runs in the page, with or without Python behind them.

Each is a module ``name.py`` with its script ``name.js``. Shared scripts: ``points.js`` for points to move, ``clips.js``
for drawing clips, ``marks.js`` for marks that can be heard, ``microphone.js`` for recording, ``takes.js`` for drawing a
take. On a built page the script works alone, also from a folder and without a network; in a notebook its values are
also those of the Python object.

A figure is loaded when it is first touched: no page waits for what the figures of other pages need.
"""

from __future__ import annotations

from tlmlda_lib import _lazily

#: Figures, and the module of each.
_MODULES = {
    "LossSwitches": "ablations",
    "AlignClouds": "adaptation",
    "OneBatch": "batch",
    "DrawSpeakers": "certainty",
    "ChooseC": "choosing",
    "MixCorpora": "corpus",
    "CostOfStep": "cost",
    "Denoising": "denoising",
    "CrossEntropy": "emotion",
    "SoundToNumbers": "features",
    "VoiceDials": "hearing_dials",
    "Guess": "hearing_guess",
    "CloudsMeet": "landing",
    "LMMDByHand": "lmmd",
    "MMDByHand": "mmd",
    "ScalingChooser": "own",
    "Peeking": "peeking",
    "Leaderboard": "peers",
    "FeatureMotion": "pictures",
    "HowManySeeds": "reproducibility",
    "TwoCorpora": "shift",
    "Hear": "sitting",
    "SayIt": "speaking",
    "StreamEars": "streams",
    "WhoToTrust": "trust",
    "DynamicWeights": "weighting",
}

__all__ = sorted(_MODULES)

__getattr__, __dir__ = _lazily(__name__, (), _MODULES)
