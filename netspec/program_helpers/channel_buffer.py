"""Concatenation of channels without copies of the concatenated tensors."""

import torch
from torch import Tensor


class _Channels:
    """Tensors side by side in one buffer, of which their concatenation is a view.

    Args:
        first: The first tensor, which is copied.
        size: The number of channels of all tensors.
    """

    def __init__(self, first: Tensor, size: int) -> None:
        batch, self.filled, height, width = first.shape
        self.buffer = torch.empty(
            (batch, size, height, width),
            dtype=first.dtype,
            device=first.device,
            memory_format=torch.channels_last,
        )
        self.joined().copy_(first)

    def append(self, x: Tensor) -> Tensor:
        """Copy a tensor behind the others, and return their concatenation."""
        channels = x.shape[1]
        self.buffer.narrow(1, self.filled, channels).copy_(x)
        self.filled += channels
        return self.joined()

    def joined(self) -> Tensor:
        """Return the concatenation of the tensors so far, a view."""
        return self.buffer.narrow(1, 0, self.filled)
