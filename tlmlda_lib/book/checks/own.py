"""Checks of chapter 3.5, "What about your own recordings?"."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tlmlda_lib.book.checks.exercises import Mistake, called, exercise


def folder() -> tuple[list[str], pd.DataFrame]:
    """Files of an imaginary folder, and the table that was loaded from them."""
    files = [f"/mine/{who}/{what}/{n}.wav" for who in ("ana", "ben") for what in ("anger", "sad") for n in (1, 2)]
    files += ["/mine/ben/bored/1.wav", "/mine/ben/sad/3.wav", "/mine/notes.txt"]
    gone = {
        "/mine/ana/sad/2.wav": "is empty (zero bytes): replace it or leave it out",
        "/mine/ben/bored/1.wav": "has the label 'bored', which is not one of anger, sad: left out; "
        "map it with label_map=",
        "/mine/notes.txt": "is not a sound file: left out",
    }
    odd = {"/mine/ben/sad/3.wav": "is byte-identical to 2.wav: loaded anyway (drop_duplicates=True leaves it out)"}
    kept = [f for f in files if f not in gone]
    table = pd.DataFrame({"emotion": [Path(f).parent.name for f in kept]}, index=pd.Index(kept, name="file"))
    table.attrs["problems"] = [{"file": f, "problem": p} for f, p in (gone | odd).items()]
    return files, table


@exercise(
    "3.5.1",
    "Nothing lost",
    hints=(
        "A file is lost if the table has no row for it. The rows are called by their whole paths.",
        "Not every problem is a loss: read what is said about the one that is there twice.",
        "Two lists of paths, and what is in the one and not in the other.",
    ),
)
def check_account(lost: Any) -> str:
    """Check exercise 3.5.1: which files of a folder did not get into the table. Chapter 3.5.

    Parameters
    ----------
    lost : callable
        ``lost(files, table)`` takes all paths of a folder (list of str) and a table as `tlmlda_lib.corpora.load` gives
        it, and gives the paths that are not in it.
    """
    files, table = folder()
    found = called(lost, "(files, table)", list(files), table.copy())
    if isinstance(found, str):
        raise Mistake("this is one string; a list of paths is expected, or a set")
    try:
        found = {str(f) for f in found}
    except TypeError as error:
        raise Mistake(f"a list of paths is expected, or a set; this is of type {type(found).__name__}") from error
    right = set(files) - set(table.index)
    if found == right:
        return "Files, rows and losses add up, which is what to look at first in a folder that somebody else made."
    if strange := found - set(files):
        raise Mistake(f"{min(strange)} is not one of the given paths")
    if found == {p["file"] for p in table.attrs["problems"]}:
        raise Mistake("these are all files with a problem, and one of them is in the table all the same")
    if found & right and not found - right:
        names = {Path(f).name for f in table.index}
        if found == {f for f in files if Path(f).name not in names}:
            raise Mistake("only the names of files are compared, and each folder has a 1.wav of its own")
        raise Mistake(f"{len(right - found)} files that are not in the table are not named")
    if found == set(table.index):
        raise Mistake("these are the files that are in the table")
    raise Mistake("a file that is in the table is called lost, or none that is lost is named")


@exercise(
    "3.5.2",
    "Who is too short for a scale?",
    hints=(
        "What is the z-score of a single number? And what are those of two, whatever they are?",
        "Count the recordings of each speaker; np.unique does it with return_counts=True.",
        "One recording gives 0, two give 1 and -1. Three are the first that say more.",
    ),
)
def check_scales(too_few: Any) -> str:
    """Check exercise 3.5.2: speakers on whose own scale a column can be nothing but 0, 1 and -1. Chapter 3.5.

    Parameters
    ----------
    too_few : callable
        ``too_few(speakers)`` takes whose recording each is (n,), str, and gives the names.
    """
    for counts in ({"ana": 1, "ben": 2, "eva": 3, "ida": 9}, {"ana": 5, "ben": 3}, {"ana": 2, "ben": 2, "eva": 1}):
        speakers = np.random.default_rng(0).permutation(np.repeat(list(counts), list(counts.values())))
        found = called(too_few, "(speakers)", speakers.copy())
        try:
            names = sorted(str(name) for name in found)
        except TypeError as error:
            raise Mistake(f"a list of names is expected; this is of type {type(found).__name__}") from error
        if strange := set(names) - set(counts):
            raise Mistake(f"{min(strange)!r} is not one of the speakers")
        if len(set(names)) < len(names):
            raise Mistake("a speaker is named more than once")
        right = sorted(name for name, n in counts.items() if n <= 2)
        if names == right:
            continue
        said = ", ".join(f"{name} {n}" for name, n in counts.items())
        if names == sorted(name for name, n in counts.items() if n <= 1):
            raise Mistake("the z-scores of two numbers are 1 and -1, whatever the numbers are")
        if names == sorted(name for name, n in counts.items() if n <= 3):
            raise Mistake("three recordings are enough for a column to be something else")
        if names == sorted(set(counts) - set(right)):
            raise Mistake("these are the speakers who have enough")
        raise Mistake(f"with {said} recordings it names {', '.join(names) or 'nobody'}")
    return "For these the scale of the corpus is kinder: it has more to take its mean from."


def corpora() -> list[tuple[np.ndarray, np.ndarray]]:
    """Speakers and emotions of three small corpora: even, with an emotion that one speaker has alone, and uneven."""
    made = [[("ana", 8, "anger sad"), ("ben", 8, "anger sad"), ("eva", 8, "anger sad"), ("ida", 8, "anger sad")]]
    made.append([("ana", 12, "anger sad fear"), ("ben", 8, "anger sad"), ("eva", 8, "anger sad"), ("ida", 8, "sad")])
    made.append([("ana", 30, "anger sad"), ("ben", 4, "anger"), ("eva", 20, "anger sad"), ("ida", 6, "sad")])
    rng = np.random.default_rng(0)
    found = []
    for one in made:
        who = np.concatenate([np.repeat(name, n) for name, n, _ in one])
        what = np.concatenate([np.resize(emotions.split(), n) for _, n, emotions in one])
        order = rng.permutation(len(who))
        found.append((who[order], what[order]))
    return found


@exercise(
    "3.5.3",
    "Strangers of one's own",
    hints=(
        "A stranger is a person: a person is held out with all recordings.",
        "Try sets of speakers, and ask of each whether its emotions are among those of the others.",
        "itertools.combinations gives all sets of one speaker, of two and so on; four speakers have few of them.",
    ),
)
def check_held_out(split: Any) -> str:
    """Check exercise 3.5.3: whom to hold out where there is one corpus alone. Chapter 3.5.

    Parameters
    ----------
    split : callable
        ``split(speakers, emotions)`` takes whose recording each is and what was acted, both (n,), str, and gives what
        is held out, True or False (n,).
    """
    shares = []
    for speakers, emotions in corpora():
        held = np.asarray(called(split, "(speakers, emotions)", speakers.copy(), emotions.copy()))
        if held.shape != speakers.shape or held.dtype != bool:
            raise Mistake(
                f"a mask is expected, True or False for each of {len(speakers)} recordings; this has shape "
                f"{held.shape} and type {held.dtype}"
            )
        if both := sorted(set(speakers[held]) & set(speakers[~held])):
            raise Mistake(f"{both[0]} is on both sides, and nobody is a stranger to themselves")
        share = float(held.mean())
        if not 0.2 <= share <= 0.5:
            raise Mistake(f"{share:.0%} of the recordings are held out; a fifth to a half is expected")
        if unheard := sorted(set(emotions[held]) - set(emotions[~held])):
            raise Mistake(f"{unheard[0]} is held out and nowhere else, so that nobody can have learnt it")
        if len(set(emotions[held])) < 2:
            raise Mistake("a single emotion is held out: always naming it is right every time")
        shares.append(share)
    return f"Held out: {', '.join(f'{s:.0%}' for s in shares)}. Another split gives another score: say which is yours."
