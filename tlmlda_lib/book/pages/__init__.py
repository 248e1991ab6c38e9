"""Figures and computed sentences of the pages, read from records."""
