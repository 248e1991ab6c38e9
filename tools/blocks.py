"""Pieces of plain Markdown: fences, quotes, folds, and what is left when something is taken out."""

from __future__ import annotations

import re

import yaml
from references import tokens


def split_options(content: str) -> tuple[dict[str, str], str]:
    """Split what is in a fence into its options and its body."""
    lines = content.rstrip("\n").split("\n")
    options: dict[str, str] = {}
    if lines and lines[0].strip() == "---" and "---" in (line.strip() for line in lines[1:]):
        end = next(i for i, line in enumerate(lines[1:], 1) if line.strip() == "---")
        loaded = yaml.safe_load("\n".join(lines[1:end])) or {}
        return {key: str(value) for key, value in loaded.items()}, "\n".join(lines[end + 1 :]).strip("\n")
    while lines and (option := re.match(r"^:([\w-]+):(?: +(.*))?$", lines[0])):
        options[option[1]] = (option[2] or "").strip()
        lines.pop(0)
    return options, "\n".join(lines).strip("\n")


def margins(line: str, mark: str) -> tuple[str, str]:
    """What stands before a block's first line, and before its other lines: a list's indent, a quote's marks."""
    before = line[: line.index(mark)]
    return before, before if ">" in before else " " * len(before)


def fenced(language: str, body: str) -> str:
    """Put code into a fence that is longer than any in it."""
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall(r"`{3,}", body))])
    return f"{fence}{language}\n{body}\n{fence}"


def close_gaps(text: str) -> str:
    """Leave one empty line where something was taken out; code keeps its own."""
    code = {n for token in tokens(text) if token.type == "fence" for n in range(*token.map)}
    kept: list[str] = []
    for number, line in enumerate(text.split("\n")):
        if line or number in code or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip("\n")


def fold(title: str, body: str) -> str:
    """Fold text away under a title."""
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


def quote(text: str) -> str:
    """Put text into a block quote, formulas on one line: notebooks hand the lines' marks to MathJax otherwise."""
    lines = text.split("\n")
    for token in reversed(tokens(text)):
        if token.type.startswith("math_block"):
            lines[slice(*token.map)] = [" ".join(line.strip() for line in lines[slice(*token.map)])]
    return "\n".join(f"> {line}".rstrip() for line in lines)
