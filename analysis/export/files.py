"""Files that appear under their final name only when they are whole."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from analysis.export.errors import ExportError


def write_whole(destination: Path, write: Callable[[BinaryIO], object]) -> None:
    """Let `write` fill a file beside `destination`, then move it there, replacing what was.

    Missing folders are made. If writing fails or is interrupted, the destination is as it was and
    nothing is left beside it.

    Raises
    ------
    ExportError
        If the file system refuses.
    """
    temporary: str | None = None
    try:
        if destination.is_dir():
            raise ExportError(f"{destination} is a folder. Name a file in it.")
        destination.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{destination.name}.", dir=destination.parent)
        with os.fdopen(handle, "wb") as file:
            write(file)
        os.chmod(temporary, 0o644)  # temporary files are private, exports are not
        os.replace(temporary, destination)
        temporary = None
    except OSError as error:
        raise ExportError(
            f"Cannot write {destination}: {error.strerror or error}. "
            "Choose a folder you can write to, with space left."
        ) from error
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
