"""Activations, computed in place."""

from functools import partial
from typing import Any

import torch
import torch.nn.functional as F

_ACTIVATIONS: dict[str, tuple[Any, tuple[str, list[float], str]]] = {
    "none": (lambda x: x, ("none", [], "")),
    "relu": (torch.relu_, ("relu", [], "")),
    "relu6": (partial(F.relu6, inplace=True), ("hardtanh", [0.0, 6.0], "")),
    "sigmoid": (torch.sigmoid_, ("sigmoid", [], "")),
    "tanh": (torch.tanh_, ("tanh", [], "")),
    "silu": (partial(F.silu, inplace=True), ("swish", [], "")),
    "hardswish": (partial(F.hardswish, inplace=True), ("hardswish", [], "")),
    "hardsigmoid": (partial(F.hardsigmoid, inplace=True), ("hardsigmoid", [], "")),
    "gelu": (torch.ops.aten.gelu_, ("gelu", [], "none")),
}
"""Each activation as a function of PyTorch and as an argument of oneDNN."""
