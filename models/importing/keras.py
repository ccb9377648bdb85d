"""Keras's files: HDF5 of Keras 1, 2 and 3, weights alone or whole models, and .keras archives."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from models.importing.errors import ImportingError
from models.importing.found import FoundNetwork
from models.importing.hdf5 import open_hdf5, read_array, read_attribute, read_names, read_text
from models.importing.json_files import parse_json
from models.importing.keras_layers import KerasLayer, network_of_layers
from models.importing.recognising import open_archive, read_entry

_CONTAINERS = ("layers", "_layer_checkpoint_dependencies")
_ABOUT = "metadata.json"
_NEWEST = "3.0"  # of files in a layout that began with it, or with the last of Keras 2
_MOST_VERSION = 20
_ORDER = ("embedding", "simple_rnn", "gru", "lstm")  # of a file that does not say


def read_keras_hdf5(path: Path) -> FoundNetwork:
    """A network from an HDF5 file that Keras wrote.

    Raises
    ------
    ImportingError
        If the file is damaged, or holds no network that can be run.
    """
    with open_hdf5(path) as file:
        if any(name in file for name in _CONTAINERS):
            layers = [replace(at, version=_NEWEST) for at in _without_order(_numbered(file))]
            return network_of_layers(layers, "Keras 3 weights")
        root = file.get("model_weights", file)
        version = _version(root) or _version(file)
        names = read_names(root.attrs, "layer_names")
        if not names:
            if "optimizer_weights" in file:
                raise ImportingError("It is the state of an optimizer alone, without a network.")
            raise ImportingError(
                "It is an HDF5 file, but not one that Keras wrote: it does not list its layers."
            )
        told = _configuration(read_attribute(file.attrs, "model_config"))
        what = "whole model" if root is not file else "weights"
        layers = [replace(_listed(root, name, told), version=version) for name in names]
        return network_of_layers(layers, f"Keras {what}, layers listed")


def read_keras_archive(path: Path) -> FoundNetwork:
    """A network from a .keras archive.

    Raises
    ------
    ImportingError
        If the file is damaged, or holds no network that can be run.
    """
    with open_archive(path) as archive:
        told = _configuration(read_entry(archive, "config.json"))
        version = _NEWEST
        if _ABOUT in archive.namelist():
            about = parse_json(read_entry(archive, _ABOUT), _ABOUT)
            version = str(about.get("keras_version", "")) if isinstance(about, dict) else ""
        weights = io.BytesIO(read_entry(archive, "model.weights.h5"))
    with open_hdf5(weights) as file:
        layers = [replace(at, version=version) for at in _in_order(_numbered(file), told)]
        return network_of_layers(layers, "Keras 3 archive")


def _version(group: Any) -> str:
    """Of Keras, as it notes it where it saves weights."""
    told = read_attribute(group.attrs, "keras_version")
    return "" if told is None else read_text(told)[:_MOST_VERSION]


def _listed(root: Any, name: str, told: Mapping[str, Mapping[str, Any]]) -> KerasLayer:
    """A layer of the older layout: a group that lists its arrays."""
    group = root[name]
    arrays: dict[str, np.ndarray] = {}
    for full in read_names(group.attrs, "weight_names"):
        array = read_array(group[full])
        if array.dtype.kind == "f":
            short = full.split(":")[0].rsplit("/", 1)[-1]
            # The two directions of a layer have the same short names.
            arrays[full if short in arrays or "backward_" in full else short] = array
    return _layer(name, arrays, told.get(name, {}))


def _layer(name: str, arrays: Mapping[str, np.ndarray], told: Mapping[str, Any]) -> KerasLayer:
    settings = told.get("config")
    return KerasLayer(
        name, arrays, told.get("class_name"), settings if isinstance(settings, dict) else {}
    )


def _numbered(file: Any) -> dict[str, dict[str, np.ndarray]]:
    """The layers of Keras 3's layout: groups with numbered arrays in groups called vars."""
    layers: dict[str, dict[str, np.ndarray]] = {}
    for container in _CONTAINERS:
        for name in file.get(container, ()):
            found = {
                place: array
                for place, array in _variables(file[container][name], "")
                if array.dtype.kind == "f"
            }
            if found:
                layers[name] = found
    return layers


def _variables(group: Any, place: str) -> Iterator[tuple[str, np.ndarray]]:
    for name in sorted(group, key=lambda n: (n != "vars", int(n) if n.isdigit() else 0, n)):
        held = group[name]
        if hasattr(held, "shape"):
            yield f"{place}{name}", read_array(held)
        elif place.count("/") < 20:
            yield from _variables(held, f"{place}{name}/")


def _configuration(text: Any) -> dict[str, dict[str, Any]]:
    """A model's layers by name, in its order; empty where a file says nothing."""
    if text is None:
        return {}
    data = text if isinstance(text, bytes) else str(text).encode()
    top = parse_json(data, "The model's configuration")
    config = top.get("config") if isinstance(top, dict) else None
    listed = config.get("layers") if isinstance(config, dict) else config
    if not isinstance(listed, list):
        raise ImportingError("The model's configuration lists no layers; it is of its own class.")
    layers: dict[str, dict[str, Any]] = {}
    for entry in listed:
        settings = entry.get("config") if isinstance(entry, dict) else None
        if isinstance(settings, dict):
            name = settings.get("name", entry.get("name"))
            layers[str(name)] = entry
    return layers


def _in_order(
    found: dict[str, dict[str, np.ndarray]], told: Mapping[str, Mapping[str, Any]]
) -> list[KerasLayer]:
    """The layers as the configuration orders them, by their names or by their classes' count."""
    if not told:
        return _without_order(found)
    is_by_name = found.keys() <= told.keys()
    seen: Counter[str] = Counter()
    layers = []
    for name, entry in told.items():
        snake = _snake(str(entry.get("class_name", "")))
        number = seen[snake]
        seen[snake] += 1
        key = name if is_by_name else f"{snake}_{number}" if number else snake
        layers.append(_layer(name, found.get(key, {}), entry))
    return layers


def _without_order(found: dict[str, dict[str, np.ndarray]]) -> list[KerasLayer]:
    """In the order that a language model has: embedding, recurrent layers by number, the rest."""

    def place(name: str) -> tuple[int, str, int]:
        match = re.fullmatch(r"(.*?)(?:_(\d+))?", name)
        assert match is not None
        rank = _ORDER.index(match[1]) if match[1] in _ORDER else len(_ORDER)
        return rank, match[1], int(match[2] or 0)

    return [_layer(name, found[name], {}) for name in sorted(found, key=place)]


def _snake(name: str) -> str:
    """As Keras writes a class in small letters: LSTM lstm, SimpleRNN simple_rnn."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
