"""Interactive figures: widgets whose arithmetic runs in the page, with or without Python behind them.

Each is a module ``name.py`` with its script ``name.js``. Shared scripts: ``points.js`` for points to move, ``clips.js``
for drawing clips, ``marks.js`` for marks that can be heard, ``microphone.js`` for recording, ``takes.js`` for drawing a
take. On a built page the script works alone, also from a folder and without a network; in a notebook its values are
also those of the Python object.
"""

from __future__ import annotations

from tlmlda_lib.book.explorables.ablations import LossSwitches
from tlmlda_lib.book.explorables.adaptation import AlignClouds
from tlmlda_lib.book.explorables.batch import OneBatch
from tlmlda_lib.book.explorables.certainty import DrawSpeakers
from tlmlda_lib.book.explorables.choosing import ChooseC
from tlmlda_lib.book.explorables.corpus import MixCorpora
from tlmlda_lib.book.explorables.cost import CostOfStep
from tlmlda_lib.book.explorables.denoising import Denoising
from tlmlda_lib.book.explorables.emotion import CrossEntropy
from tlmlda_lib.book.explorables.features import SoundToNumbers
from tlmlda_lib.book.explorables.hearing_dials import VoiceDials
from tlmlda_lib.book.explorables.hearing_guess import Guess
from tlmlda_lib.book.explorables.landing import CloudsMeet
from tlmlda_lib.book.explorables.lmmd import LMMDByHand
from tlmlda_lib.book.explorables.mmd import MMDByHand
from tlmlda_lib.book.explorables.own import ScalingChooser
from tlmlda_lib.book.explorables.peeking import Peeking
from tlmlda_lib.book.explorables.peers import Leaderboard
from tlmlda_lib.book.explorables.pictures import FeatureMotion
from tlmlda_lib.book.explorables.reproducibility import HowManySeeds
from tlmlda_lib.book.explorables.shift import TwoCorpora
from tlmlda_lib.book.explorables.sitting import Hear
from tlmlda_lib.book.explorables.speaking import SayIt
from tlmlda_lib.book.explorables.streams import StreamEars
from tlmlda_lib.book.explorables.trust import WhoToTrust
from tlmlda_lib.book.explorables.weighting import DynamicWeights

__all__ = [
    "AlignClouds",
    "ChooseC",
    "CloudsMeet",
    "CostOfStep",
    "CrossEntropy",
    "Denoising",
    "DrawSpeakers",
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
