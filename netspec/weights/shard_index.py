"""An index of several files of weights: `model.safetensors.index.json`, `pytorch_model.bin.index.json`."""

from __future__ import annotations

import os
from collections.abc import Callable

from netspec.weights.checkpoint import Checkpoint, StoredTensor, WeightsError, readable
from netspec.weights.header_json import JsonObject, JsonTextError, parse_header
from netspec.weights.inert_pickle import PickleBudget

FileReader = Callable[[str, PickleBudget], Checkpoint]
"""Reads one file of weights; all files of an index share a budget."""

_MOST_BYTES = 64 * 1024 * 1024


def read_index(path: str, read_file: FileReader) -> Checkpoint:
    """The tensors that an index lists, read from the files that it names. Raises `WeightsError`."""
    places = shard_names(path)
    budget = PickleBudget()
    shards = {name: read_file(_shard(path, name), budget) for name in sorted(set(places.values()))}
    weights: dict[str, StoredTensor] = {}
    for key, name in places.items():
        if key not in shards[name].weights:
            raise WeightsError(f"`{path}` lists `{readable(key)}` in `{name}`, but it is not there")
        weights[key] = shards[name].weights[key]
    errors = tuple(error for shard in shards.values() for error in shard.load_errors)
    return Checkpoint(path, weights, format="index", load_errors=errors)


def shard_names(path: str) -> dict[str, str]:
    """The file of each tensor in the index. Raises `WeightsError`."""
    try:
        with open(path, "rb") as file:
            data = file.read(_MOST_BYTES + 1)
        index = parse_header(data) if len(data) <= _MOST_BYTES else None
    except (OSError, JsonTextError):
        index = None
    places = dict(index).get("weight_map") if isinstance(index, JsonObject) else None
    if not isinstance(places, JsonObject) or not all(isinstance(n, str) for _, n in places):
        raise WeightsError(
            f"`{path}` is not an index of weights files",
            (
                'an index has a `weight_map` with the file of each weight: {"conv.weight": '
                '"model-1.safetensors"}'
            ),
        )
    return dict(places)


def _shard(path: str, name: str) -> str:
    """The path of one of the files, which must be in the folder of the index, or below it."""
    if os.path.isabs(name) or ".." in name.replace("\\", "/").split("/"):
        raise WeightsError(
            f"`{path}` names `{readable(name)}`, which is not in its folder",
            "put the weights files next to the index, and only their names into it",
        )
    shard_path = os.path.join(os.path.dirname(path), name)
    if "\0" in name or not os.path.isfile(shard_path):
        raise WeightsError(
            f"`{path}` names `{readable(name)}`, but there is no such file next to it"
        )
    return shard_path
