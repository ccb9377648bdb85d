"""The one thing that all mistakes a user can make have in common."""

from __future__ import annotations


class UserError(ValueError):
    """A mistake that its message explains: what is wrong, where, and what to do next.

    The terminal prints the message and exits with 2; the dashboard shows it in place.
    """
