"""The nonlinear part of a normalization and its ReLU."""

import torch
from torch import Tensor

from netspec.program_helpers.fold_norms import _Clamp


class _Rectifier:
    """The clamp of each channel that a layer with folded weights reads.

    Args:
        form: The clamp.
        shape: The shape of its bounds: `(1, -1, 1, 1)` for images, `(1, -1)` for rows.
    """

    def __init__(self, form: _Clamp, shape: tuple[int, ...]) -> None:
        self.form = form
        self.lower, upper = form.lower.view(shape), form.upper.view(shape)
        self.upper = None if bool(upper.isinf().all()) else upper
        self.offset = None if form.offset is None else form.offset.view(shape)

    def __call__(self, x: Tensor, out: Tensor | None = None) -> Tensor:
        """Return the clamp of a tensor, in the memory of another one if passed."""
        if self.offset is not None:
            x = out = torch.sub(x, self.offset, out=out)
        if self.upper is None:
            return torch.maximum(x, self.lower, out=out)
        return torch.clamp(x, self.lower, self.upper, out=out)
