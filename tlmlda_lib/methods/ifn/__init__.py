"""IFN: streams of features fused by weights that each recording chooses. Chapters 4.1 and 4.2."""

from tlmlda_lib.methods.ifn.classifier import IFN

__all__ = ["IFN"]
