"""The one mistake of this room."""

from models.errors import UserError


class ExportError(UserError):
    """What was asked for cannot be drawn or written."""
