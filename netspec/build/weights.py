"""Weights from a file into a module, with old names as new ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from netspec.weights.checkpoint import WeightsError, read_checkpoint
from netspec.weights.renaming import Rules, renamed


def load_weights(module: nn.Module, path: str, rules: Rules) -> None:
    """Load a file into a module, every weight of it and no other.

    Nothing in the file is run: torch reads it with `weights_only=True`. Raises `WeightsError` where it
    cannot be read, and torch's `RuntimeError` where it does not fit.
    """
    file = read_checkpoint(path)
    found = _tensors(path, file.part)
    module.load_state_dict({renamed(key, rules): found[key] for key in file.weights}, strict=True)


def _tensors(path: str, part: str) -> Mapping[str, Any]:
    if path.endswith((".safetensors", ".json")):
        return _safe_tensors(path)
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise WeightsError(
            f"torch does not load `{path}`: {str(error).splitlines()[0]}",
            "save the `state_dict` alone: `torch.save(module.state_dict(), path)`",
        ) from None
    tensors: Mapping[str, Any] = found[part] if part else found
    return tensors


def _safe_tensors(path: str) -> Mapping[str, Any]:
    try:
        from safetensors.torch import load_file
    except ModuleNotFoundError:
        raise WeightsError(
            f"`{path}` wants the package safetensors", "install it: pip install safetensors"
        ) from None
    if not path.endswith(".json"):
        return load_file(path)
    import json
    import os

    with open(path, encoding="utf-8") as file:
        names = set(json.load(file)["weight_map"].values())
    folder = os.path.dirname(path)
    return {
        key: t for name in sorted(names) for key, t in load_file(os.path.join(folder, name)).items()
    }
