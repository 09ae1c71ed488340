"""Weights from a file into a module, with old names as new ones."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from netspec.weights.checkpoint import Checkpoint, WeightsError
from netspec.weights.reading import read_checkpoint, read_file
from netspec.weights.renaming import Rules, renamed_key
from netspec.weights.shard_index import shard_names


def load_weights(module: nn.Module, path: str, rules: Rules) -> None:
    """Load a file into a module, every weight of it and no other.

    Nothing in the file is run: torch reads it with `weights_only=True`. Raises `WeightsError` where it
    cannot be read, and torch's `RuntimeError` where it does not fit.
    """
    file = read_checkpoint(path)
    tensors = _shards(path) if file.format == "index" else _tensors(file)
    module.load_state_dict(
        {renamed_key(key, rules): tensors[key] for key in file.weights}, strict=True
    )


def saved_weights(module: nn.Module) -> bytes:
    """The weights of a module as `torch.save` writes them."""
    content = io.BytesIO()
    torch.save(module.state_dict(), content)
    return content.getvalue()


def _shards(path: str) -> dict[str, Any]:
    """The tensors that an index lists, each from the file that it is in."""
    places = shard_names(path)
    folder = os.path.dirname(path)
    shards = {
        name: _tensors(read_file(os.path.join(folder, name))) for name in set(places.values())
    }
    return {key: shards[name][key] for key, name in places.items()}


def _tensors(file: Checkpoint) -> Mapping[str, Any]:
    """The tensors of one file."""
    if file.format == "safetensors":
        return _safe_tensors(file.path)
    try:
        with open(
            file.path, "rb"
        ) as opened:  # given a path, torch would infer the format from its suffix
            content = torch.load(opened, map_location="cpu", weights_only=True)
    except Exception as error:
        raise WeightsError(
            f"torch does not load `{file.path}`: {str(error).splitlines()[0]}",
            "save only the `state_dict`: `torch.save(module.state_dict(), path)`",
        ) from None
    tensors: Mapping[str, Any] = content[file.part] if file.part else content
    return tensors


def _safe_tensors(path: str) -> Mapping[str, Any]:
    try:
        from safetensors.torch import load_file
    except ModuleNotFoundError:
        raise WeightsError(
            f"`{path}` requires the package safetensors", "install it: pip install safetensors"
        ) from None
    return load_file(path)
