"""Sound to numbers: 1582 acoustic features a recording, or the embedding of a speaker encoder. Chapter 1.3.

Both are kept on disk by the content of the file, so a second call costs next to nothing, and files that cannot be used
end in one report while the good ones are kept.
"""

from tlmlda_lib.features.embeddings import MODELS, embed
from tlmlda_lib.features.problems import FeatureWarning
from tlmlda_lib.features.smile import FEATURE_SETS, extract
from tlmlda_lib.features.streams import streams

__all__ = ["FEATURE_SETS", "MODELS", "FeatureWarning", "embed", "extract", "streams"]
