"""The arrays of a recording: their names, types and meaning, and how values become codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

CODE_SCALE = 127
"""A stored 8-bit code is the signal's value times this, rounded."""
GUESSES = 5
"""How many of the most probable next symbols are stored at each time."""

GATES = frozenset("iforz")
"""Signals whose values lie in [0, 1]; all others lie in [-1, 1]."""

Precision = Literal["int8", "float16", "float32"]
"""How signals are stored: as 8-bit codes, or as numbers."""
PRECISIONS: tuple[Precision, ...] = get_args(Precision)


@dataclass(frozen=True)
class ArraySpec:
    """One array over time. `width` is its second axis, 0 if it has none."""

    name: str
    dtype: np.dtype[Any]
    width: int = 0
    dimension: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def row_bytes(self) -> int:
        """Bytes of one time."""
        return self.dtype.itemsize * max(1, self.width)


_TEXT_SPECS = (ArraySpec("text", np.dtype("uint32")), ArraySpec("symbols", np.dtype("uint16")))


def array_specs(
    widths: Sequence[int], signals: Sequence[str], precision: Precision
) -> tuple[ArraySpec, ...]:
    """The arrays of a recording of layers of these widths."""
    sites = [
        _site_spec(f"{layer}/{signal}", width, precision)
        for layer, width in enumerate(widths)
        for signal in signals
    ]
    return (
        *sites,
        ArraySpec("loss", np.dtype("float32"), attributes={"units": "nats"}),
        ArraySpec("next_symbol", np.dtype("uint16"), GUESSES, "rank"),
        ArraySpec("next_probability", np.dtype("float16"), GUESSES, "rank"),
        *_TEXT_SPECS,
    )


def model_free_specs(widths: Mapping[str, int]) -> tuple[ArraySpec, ...]:
    """The arrays of a recording that no network of ours made: sites of these widths, as codes."""
    sites = [_site_spec(site.replace(".", "/"), width, "int8") for site, width in widths.items()]
    return (*sites, *_TEXT_SPECS)


def _site_spec(name: str, width: int, precision: Precision) -> ArraySpec:
    about: dict[str, Any] = {"units": "activation in [-1, 1]"}
    if precision == "int8":  # the netCDF convention: xarray gives values, not codes
        about = {"scale_factor": 1 / CODE_SCALE, **about}
    return ArraySpec(name, np.dtype(precision), width, "unit", about)


def encode(values: Tensor, precision: Precision) -> Tensor:
    """Values in [-1, 1] as they are stored, contiguous."""
    import torch

    if precision == "int8":
        return (values * CODE_SCALE).round_().to(torch.int8).contiguous()
    return values.to(torch.float16 if precision == "float16" else torch.float32).contiguous()


def to_codes(values: np.ndarray) -> np.ndarray:
    """Stored values of any precision as 8-bit codes."""
    if values.dtype == np.int8:
        return values
    codes: np.ndarray = np.rint(values.astype(np.float32) * CODE_SCALE).astype(np.int8)
    return codes


def to_values(stored: np.ndarray) -> np.ndarray:
    """Stored values of any precision as float32 in [-1, 1]."""
    if stored.dtype == np.int8:
        return stored.astype(np.float32) / np.float32(CODE_SCALE)
    return stored.astype(np.float32)


UNSAID = 65_535
"""The code of a surprise that there is none of."""


def surprise_codes(loss: np.ndarray) -> np.ndarray:
    """Losses in nats, NaN where there is none, as thousandths of a bit: uint16 of the same shape.

    No more than 65.534 bits; where there is no loss, `UNSAID`.
    """
    said = np.isfinite(loss)
    bits = np.where(said, loss, 0.0).astype(np.float64) / np.log(2)
    codes = np.rint(bits * 1000).clip(0, UNSAID - 1)
    return np.where(said, codes, UNSAID).astype(np.uint16)
