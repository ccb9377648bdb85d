"""What a recording is on disk, to compare two of them bit for bit."""

from __future__ import annotations

from pathlib import Path


def files_of(folder: str | Path) -> dict[str, bytes]:
    """The contents of all files below a folder, by their names from there."""
    root = Path(folder)
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}
