"""What can be wrong with a file that another program made."""

from __future__ import annotations

from models.errors import UserError


class ImportingError(UserError):
    """A file of another program is damaged, not recognised, or holds what cannot be run."""
