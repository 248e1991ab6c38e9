"""The one exception that a user can mend."""

from __future__ import annotations


class UserError(ValueError):
    """Input that cannot be used, said in one sentence.

    The sentence names the value or the file and what to do about it. The command line prints it and exits with code 2.
    """
