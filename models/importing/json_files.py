"""JSON without the numbers that JSON does not have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

from models.importing.errors import ImportingError

_MOST_BYTES = 1 << 30


def read_json(path: Path) -> Any:
    """The value in a file.

    Raises
    ------
    ImportingError
        If it is no JSON, or holds NaN or infinity.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ImportingError(f"{path} is longer than {_MOST_BYTES:,} bytes.")
        return parse_json(path.read_bytes(), str(path))
    except OSError as error:
        raise ImportingError(f"Cannot read {path}: {error.strerror}.") from error


def parse_json(data: bytes, name: str) -> Any:
    """The value in some bytes, called `name` in errors.

    Raises
    ------
    ImportingError
        If they are no JSON, or hold NaN or infinity.
    """

    def refuse(constant: str) -> NoReturn:
        raise ImportingError(
            f"{name} holds {constant}, which is no number. Its training broke down; "
            "take an earlier checkpoint."
        )

    try:
        return json.loads(data, parse_constant=refuse)
    except ImportingError:
        raise
    except (ValueError, RecursionError) as error:
        raise ImportingError(
            f"{name} is no whole JSON ({str(error)[:80]}). It may be truncated; copy it again."
        ) from error
