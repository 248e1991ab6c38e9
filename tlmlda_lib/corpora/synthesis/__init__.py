"""Synthetic speech, by espeak-ng and rules from published studies."""
