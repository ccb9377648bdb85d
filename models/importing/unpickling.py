"""Pickles read without running anything: whatever a pickle asks for becomes an inert stand-in.

A pickle is a small program that looks classes up by name and calls them. Here every name that it
looks up gives a class of ours that keeps what it is called with and does nothing, but for a few
containers and the functions that lay a tensor over its storage.
"""

from __future__ import annotations

import io
import pickle
import pickletools
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from models.importing.errors import ImportingError

_MOST_BYTES = 64 << 20  # of the pickle itself; tensors lie outside it
_HARMFUL = {"os", "posix", "nt", "subprocess", "sys", "shutil", "socket", "importlib", "runpy"}
_HARMFUL_BUILTINS = {"eval", "exec", "compile", "open", "__import__", "getattr", "setattr"}
_FORBIDDEN_STEPS = {"BYTEARRAY8", "NEXT_BUFFER", "READONLY_BUFFER", "EXT1", "EXT2", "EXT4"}
_BFLOAT16 = "bfloat16"
_STORED: dict[str, str] = {
    "DoubleStorage": "<f8",
    "FloatStorage": "<f4",
    "HalfStorage": "<f2",
    "BFloat16Storage": _BFLOAT16,
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "<i1",
    "ByteStorage": "<u1",
    "BoolStorage": "|b1",
}


class StandIn:
    """In place of an object of a class that a pickle names: keeps its parts, does nothing."""

    named = ""

    def __new__(cls, *arguments: object, **options: object) -> StandIn:
        made = super().__new__(cls)
        made.__dict__["_arguments"] = arguments
        made.__dict__["_items"] = {}
        made.__dict__["_state"] = None
        return made

    def __init__(self, *arguments: object, **options: object) -> None:
        """Take whatever is given."""

    def __setstate__(self, state: object) -> None:
        self.__dict__["_state"] = state

    def __setitem__(self, key: object, value: object) -> None:
        self.items[key] = value

    def append(self, value: object) -> None:
        """What a pickle calls to fill a list."""
        self.items[len(self.items)] = value

    def extend(self, values: list[object]) -> None:
        """What a pickle calls to fill a list."""
        for value in values:
            self.append(value)

    @property
    def items(self) -> dict[object, object]:
        """What was put in it as in a dict or list."""
        found: dict[object, object] = self.__dict__["_items"]
        return found

    @property
    def parts(self) -> Mapping[str, object]:
        """Its attributes."""
        state = self.__dict__["_state"]
        if isinstance(state, tuple) and state and isinstance(state[0], dict):
            state = state[0]
        return state if isinstance(state, dict) else {}


@dataclass(frozen=True)
class Storage:
    """A flat array that lies outside the pickle."""

    key: str
    kind: str
    numbers: int

    @property
    def number_bytes(self) -> int:
        """How many bytes each of its numbers takes."""
        code = _STORED.get(self.kind)
        if code is None:
            raise ImportingError(
                f"A tensor is kept as {self.kind[:60]!r}, which is not read (it may be "
                "quantised). Save the network in float32."
            )
        return 2 if code == _BFLOAT16 else np.dtype(code).itemsize


@dataclass(frozen=True)
class StoredTensor:
    """A tensor as a pickle describes it, over a storage that was not read yet."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...] = field(repr=False)

    def over(self, data: bytes) -> np.ndarray:
        """Its values, from the bytes of its storage.

        Raises
        ------
        ImportingError
            If it reaches beyond the storage, or its kind of number is not known.
        """
        flat = _flat(self.storage, data)
        reach = self.offset + 1
        numbers = 1
        for size, stride in zip(self.shape, self.strides, strict=True):
            reach += (size - 1) * stride
            numbers *= size
        if numbers == 0:
            return np.zeros(self.shape, np.float32)
        if min((*self.shape, *self.strides, self.offset)) < 0 or max(reach, numbers) > len(flat):
            raise ImportingError(
                f"A tensor of shape {self.shape} lies over a storage of {len(flat):,} numbers, "
                "too few for it. The file is damaged."
            )
        return np.lib.stride_tricks.as_strided(
            flat[self.offset :],
            self.shape,
            tuple(stride * flat.itemsize for stride in self.strides),
            writeable=False,
        )


def _flat(storage: Storage, data: bytes) -> np.ndarray:
    size = storage.number_bytes
    code = _STORED[storage.kind]
    whole = data[: len(data) // size * size]
    if code == _BFLOAT16:  # the upper half of a float32
        return (np.frombuffer(whole, "<u2").astype("<u4") << 16).view("<f4")
    return np.frombuffer(whole, code)


def _rebuild_tensor(storage: Any, offset: Any, shape: Any, strides: Any, *_: Any) -> StoredTensor:
    whole = (offset, *shape, *strides)
    if not isinstance(storage, Storage) or not all(type(n) is int for n in whole):
        raise ImportingError("A tensor in the pickle is malformed. The file is damaged.")
    if len(shape) != len(strides) or len(shape) > 32:
        raise ImportingError("A tensor in the pickle is malformed. The file is damaged.")
    return StoredTensor(storage, offset, tuple(shape), tuple(strides))


def _rebuild_parameter(tensor: object, *_: object) -> object:
    return tensor


def _make_object(cls: object, *_: object) -> object:
    """For copyreg's _reconstructor: an object of a class, whose state follows."""
    return cls() if isinstance(cls, type) and issubclass(cls, StandIn) else StandIn()


_GIVEN: dict[str, Callable[..., object]] = {
    "collections.OrderedDict": OrderedDict,
    "builtins.set": set,
    "builtins.frozenset": frozenset,
    "builtins.list": list,
    "builtins.dict": dict,
    "builtins.tuple": tuple,
    "torch.Size": tuple,
    "torch._utils._rebuild_tensor": _rebuild_tensor,
    "torch._utils._rebuild_tensor_v2": _rebuild_tensor,
    "torch._utils._rebuild_parameter": _rebuild_parameter,
    "torch._utils._rebuild_parameter_with_state": _rebuild_parameter,
    "copyreg._reconstructor": _make_object,
}


@dataclass(frozen=True)
class Pickled:
    """What a pickle holds: containers, numbers and texts as they are, `StoredTensor`, `StandIn`.

    `length` is how many bytes it takes, `storages` what its tensors lie over, by key.
    """

    value: Any
    length: int
    storages: Mapping[str, Storage] = field(repr=False)


class _Reader(pickle.Unpickler):
    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data))
        self.storages: dict[str, Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        module = {"__builtin__": "builtins", "copy_reg": "copyreg"}.get(module, module)
        full = f"{module}.{name}"
        is_builtin = module == "builtins" and name in _HARMFUL_BUILTINS
        if module.split(".")[0] in _HARMFUL or is_builtin:
            raise ImportingError(
                f"Its pickle asks for {full[:80]!r}, which has no place in a checkpoint. "
                "Nothing of it was run; do not open the file with other programs."
            )
        given = _GIVEN.get(full)
        return given if given is not None else type("StandIn", (StandIn,), {"named": full})

    def persistent_load(self, pid: Any) -> Any:
        if isinstance(pid, tuple) and pid[:1] == ("module",) and len(pid) > 1:
            return pid[1]  # the legacy stream keeps the source of a class beside it
        if not (isinstance(pid, tuple) and pid[:1] == ("storage",) and len(pid) >= 5):
            raise ImportingError("Its pickle refers to something unknown. The file is damaged.")
        kind = getattr(pid[1], "named", "").rsplit(".", 1)[-1]
        if type(pid[4]) is not int:
            raise ImportingError("A storage in its pickle is malformed. The file is damaged.")
        return self.storages.setdefault(str(pid[2]), Storage(str(pid[2]), kind, pid[4]))


def read_pickle(data: bytes) -> Pickled:
    """Read the first pickle of some bytes. No code of it runs.

    Raises
    ------
    ImportingError
        If it is damaged, asks for what has no place in a checkpoint, or would fill the memory.
    """
    try:
        length = _measure(data)
        reader = _Reader(data[:length])
        return Pickled(reader.load(), length, reader.storages)
    except ImportingError:
        raise
    # A damaged pickle can call anything that is inert with anything.
    except Exception as error:
        raise ImportingError(
            f"Its pickle is damaged ({str(error)[:80] or type(error).__name__}). "
            "Copy or download the file again."
        ) from error


def _measure(data: bytes) -> int:
    """The length of the first pickle, all of whose steps are ones that take little memory."""
    stream = io.BytesIO(data)
    for step, argument, _ in pickletools.genops(stream):
        if step.name in _FORBIDDEN_STEPS:
            raise ImportingError(f"Its pickle has a step {step.name}, which no checkpoint needs.")
        # Where a value is remembered: room is made for all places up to it.
        is_place = step.name in {"PUT", "BINPUT", "LONG_BINPUT"}
        if is_place and isinstance(argument, int) and argument > len(data):
            raise ImportingError("Its pickle is made to fill the memory. Do not use the file.")
        if stream.tell() > _MOST_BYTES:
            raise ImportingError(
                f"Its pickle is longer than {_MOST_BYTES:,} bytes. Save the state_dict alone."
            )
    return stream.tell()
