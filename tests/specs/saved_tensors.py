"""How much a forward pass keeps for the backward pass."""

from __future__ import annotations

import re

import torch
from torch import Tensor, nn


def saved_tensor_bytes(module: nn.Module, image: Tensor, recomputed: str = "") -> int:
    """The bytes of all tensors that autograd keeps, parameters and buffers omitted.

    What goes into a module whose path matches `recomputed` is counted too: a checkpoint keeps that itself.
    """
    own = {tensor.untyped_storage().data_ptr() for tensor in module.state_dict().values()}
    saved_tensors: dict[int, Tensor] = {}

    def note(tensor: Tensor) -> Tensor:
        if tensor.untyped_storage().data_ptr() not in own:
            saved_tensors[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    def note_inputs(_module: nn.Module, inputs: tuple[Tensor | list[Tensor], ...]) -> None:
        for each in inputs:
            for tensor in each if isinstance(each, list) else [each]:
                note(tensor)

    hooked = [m for path, m in module.named_modules() if recomputed and re.search(recomputed, path)]
    handles = [m.register_forward_pre_hook(note_inputs) for m in hooked]
    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        module(image)
    for handle in handles:
        handle.remove()
    return sum(tensor.untyped_storage().nbytes() for tensor in saved_tensors.values())
