"""Things to move and to hear: widgets whose arithmetic runs in the page, with or without Python behind them.

Each is a module ``name.py`` with its script ``name.js``; ``points.js`` is what those share that have points to move,
``clips.js`` what those share that draw clips, ``marks.js`` what those share whose marks can be heard, ``microphone.js``
what records, ``takes.js`` what draws a recording.
On a page that was built, the script works alone, also from a folder and without a network; in a notebook its values are
those of the Python object as well.
"""

from __future__ import annotations

from tlmlda_lib.book.explorables.cross_entropy import CrossEntropy
from tlmlda_lib.book.explorables.denoising import Denoising
from tlmlda_lib.book.explorables.dynamic_weights import DynamicWeights
from tlmlda_lib.book.explorables.feature_motion import FeatureMotion
from tlmlda_lib.book.explorables.guess import Guess
from tlmlda_lib.book.explorables.hear import Hear
from tlmlda_lib.book.explorables.how_many_seeds import HowManySeeds
from tlmlda_lib.book.explorables.leaderboard import Leaderboard
from tlmlda_lib.book.explorables.lmmd_by_hand import LMMDByHand
from tlmlda_lib.book.explorables.loss_switches import LossSwitches
from tlmlda_lib.book.explorables.mix_corpora import MixCorpora
from tlmlda_lib.book.explorables.mmd_by_hand import MMDByHand
from tlmlda_lib.book.explorables.one_batch import OneBatch
from tlmlda_lib.book.explorables.peeking import Peeking
from tlmlda_lib.book.explorables.say_it import SayIt
from tlmlda_lib.book.explorables.scaling_chooser import ScalingChooser
from tlmlda_lib.book.explorables.sound_to_numbers import SoundToNumbers
from tlmlda_lib.book.explorables.stream_ears import StreamEars
from tlmlda_lib.book.explorables.two_corpora import TwoCorpora
from tlmlda_lib.book.explorables.voice_dials import VoiceDials
from tlmlda_lib.book.explorables.who_to_trust import WhoToTrust

__all__ = [
    "CrossEntropy",
    "Denoising",
    "DynamicWeights",
    "FeatureMotion",
    "Guess",
    "Hear",
    "HowManySeeds",
    "LMMDByHand",
    "Leaderboard",
    "LossSwitches",
    "MMDByHand",
    "MixCorpora",
    "OneBatch",
    "Peeking",
    "SayIt",
    "ScalingChooser",
    "SoundToNumbers",
    "StreamEars",
    "TwoCorpora",
    "VoiceDials",
    "WhoToTrust",
]
