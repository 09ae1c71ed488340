"""Weights in a file next to the program."""

from pathlib import Path

import torch
from torch import nn


def _load_weights(module: nn.Module, file: str) -> None:
    """Load the weights of a module from a file next to this program."""
    path = Path(__file__).with_name(file)
    module.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
