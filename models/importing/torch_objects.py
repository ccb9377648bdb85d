"""Named tensors and vocabulary in what a PyTorch file holds: a dict, a module, both inside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from torch import Tensor

from models.cells import Variant
from models.importing.errors import ImportingError
from models.importing.found import FoundNetwork, to_tensor
from models.importing.named_tensors import network_of
from models.importing.tokens import read_tokens
from models.importing.unpickling import StandIn, StoredTensor

_STATES = ("state_dict", "model_state_dict", "model_state", "model", "net", "network", "weights")
_VOCABULARIES = (
    *("tokens", "chars", "characters", "all_characters", "vocab", "vocabulary", "alphabet"),
    *("int2char", "idx2char", "ix_to_char", "idx_to_char", "itos", "idx_to_token", "i2c"),
    *("char2int", "char2idx", "char_to_ix", "char_to_idx", "stoi", "token_to_idx", "c2i"),
)
_MOST_DEPTH = 50
_IGNORED = ("num_batches_tracked",)

ReadStorage = Callable[[StoredTensor], np.ndarray]


@dataclass(frozen=True)
class _Module:
    """A pickled torch module, by the parts that matter."""

    parts: Mapping[str, object] = field(repr=False)

    def tensors(self, prefix: str, depth: int = 0) -> Iterator[tuple[str, StoredTensor]]:
        if depth > _MOST_DEPTH:
            raise ImportingError("Its modules are nested too deeply. The file is damaged.")
        for group in ("_parameters", "_buffers"):
            held = self.parts.get(group)
            for name, value in held.items() if isinstance(held, dict) else ():
                if isinstance(value, StoredTensor):
                    yield f"{prefix}{name}", value
        children = self.parts.get("_modules")
        for name, child in children.items() if isinstance(children, dict) else ():
            if isinstance(child, StandIn):
                yield from _Module(child.parts).tensors(f"{prefix}{name}.", depth + 1)

    def modules(self, depth: int = 0) -> Iterator[Mapping[str, object]]:
        yield self.parts
        children = self.parts.get("_modules")
        for child in children.values() if isinstance(children, dict) else ():
            if isinstance(child, StandIn) and depth < _MOST_DEPTH:
                yield from _Module(child.parts).modules(depth + 1)


def network_in(top: object, layout: str, read: ReadStorage) -> FoundNetwork:
    """The network in the object that a PyTorch file holds.

    Parameters
    ----------
    top : object
        What `read_pickle` gave.
    layout : str
        How the file is laid out, for people.
    read : callable
        Gives the values of a stored tensor.

    Raises
    ------
    ImportingError
        If there is no network in it, or one that cannot be run.
    """
    if isinstance(top, StandIn) and "_modules" in top.parts:
        module, told = _Module(top.parts), top.parts
        found = dict(module.tensors(""))
        layout = f"{layout}, whole module {top.named}"
    elif isinstance(top, dict):
        found, told, layout = _in_dict(top, layout)
    else:
        raise ImportingError(
            f"It holds {type(top).__name__}, neither a state_dict nor a module. "
            "Save the network's state_dict."
        )
    tensors = {name: _tensor(name, value, read) for name, value in found.items()}
    network = network_of(tensors, layout, _vocabulary(told))
    _check_sizes(told, network)
    return _with_activation(network, top) if network.cell == "rnn" else network


def _in_dict(
    top: Mapping[object, object], layout: str
) -> tuple[dict[str, StoredTensor], Mapping[str, object], str]:
    told = {str(key): value for key, value in top.items()}
    if "param_groups" in told:
        raise ImportingError(
            "It is the state of an optimizer alone, without a network. "
            "Name the checkpoint that was saved beside it."
        )
    if own := _stored(top):
        return own, told, f"{layout}, state_dict"
    candidates = {key: _stored(_opened(value)) for key, value in told.items()}
    candidates = {k: v for k, v in candidates.items() if v and not k.startswith("optim")}
    for key in _STATES:
        if key in candidates:
            return candidates[key], told, f"{layout}, dict with {key}"
    if len(candidates) != 1:
        named = ", ".join(map(repr, candidates)) if candidates else "no state_dict"
        only = "the state of an optimizer and " if any(k.startswith("optim") for k in told) else ""
        raise ImportingError(
            f"It holds {only}{named}, where one state_dict was expected. Save the network alone."
        )
    key = next(iter(candidates))
    return candidates[key], told, f"{layout}, dict with {key}"


def _opened(value: object) -> object:
    if isinstance(value, StandIn) and "_modules" in value.parts:
        return dict(_Module(value.parts).tensors(""))
    return value


def _stored(value: object) -> dict[str, StoredTensor]:
    if not isinstance(value, dict) or "param_groups" in value:
        return {}
    return {str(name): tensor for name, tensor in value.items() if isinstance(tensor, StoredTensor)}


def _tensor(name: str, value: StoredTensor, read: ReadStorage) -> Tensor:
    array = read(value)
    if array.dtype.kind == "b":
        array = array.astype(np.uint8)
    return to_tensor(name, array)


def _with_activation(network: FoundNetwork, top: object) -> FoundNetwork:
    """An RNN with the activation that its modules tell; a state_dict tells none."""
    held = list(top.values()) if isinstance(top, dict) else [top]
    modules = [value for value in held if isinstance(value, StandIn) and "_modules" in value.parts]
    found = {
        kind
        for module in modules
        for parts in _Module(module.parts).modules()
        if (kind := _activation(parts)) is not None
    }
    if len(found) > 1:
        raise ImportingError("Its RNN layers have different activations, which is not run.")
    if found == {"relu"}:
        return replace(network, variant=Variant(relu=True))
    if found:
        return network
    note = (
        "The file does not say which activation its RNN has, so it is read as tanh. Name relu with "
        "--activation if it has that."
    )
    return replace(network, notes=(*network.notes, note))


def _activation(parts: Mapping[str, object]) -> str | None:
    """Of nn.RNN, which keeps a mode such as RNN_RELU, or of nn.RNNCell; None of all else."""
    mode, own = parts.get("mode"), parts.get("_parameters")
    if isinstance(mode, str) and mode.startswith("RNN_"):
        return mode.removeprefix("RNN_").lower()
    if isinstance(own, dict) and "weight_hh" in own and "nonlinearity" in parts:
        return str(parts["nonlinearity"])
    return None


def _vocabulary(told: Mapping[str, object]) -> Mapping[int, str] | None:
    for key in _VOCABULARIES:
        tokens = read_tokens(told.get(key))
        if tokens:
            return tokens
    return None


def _check_sizes(told: Mapping[str, object], network: FoundNetwork) -> None:
    """What a file says of itself and what its tensors say must agree."""
    for key, found in (("n_hidden", network.hidden), ("n_layers", len(network.layers))):
        said = told.get(key)
        if type(said) is int and said != found:
            raise ImportingError(
                f"It says {key} = {said}, but its tensors have {found}. "
                "The file is damaged or was put together from two."
            )
