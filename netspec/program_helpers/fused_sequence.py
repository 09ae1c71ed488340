"""Sequences of modules that save less for the backward pass."""

from __future__ import annotations

from torch import Tensor, nn

from netspec.program_helpers.dense_block import (
    _dense_block,
    _dense_layers,
)
from netspec.program_helpers.guards import _is_eager, _is_plain
from netspec.program_helpers.norm_act import (
    _ELEMENTWISE,
    _norm,
    _norm_act,
    _recomputing,
)


class _FusedSequential(nn.Sequential):
    """Modules in a row, of which activations after normalizations are recomputed."""

    def forward(self, x: Tensor) -> Tensor:
        """Apply the modules, pairs of them by the functions for pairs."""
        modules = list(self)
        while modules:
            first, *rest = modules
            second = rest[0] if rest else nn.Identity()
            pair = 2
            if isinstance(first, nn.BatchNorm2d) and isinstance(second, _ELEMENTWISE):
                x = _norm_act(first, second, x)
            elif isinstance(first, nn.Conv2d) and isinstance(second, nn.AvgPool2d):
                x = _conv_pool(first, second, x)
            else:
                pair = 1
                is_norm = isinstance(first, nn.BatchNorm2d)
                x = _norm(first, x) if is_norm else _recomputing(first, x)
            del modules[:pair]
        return x


class _DenseSequential(nn.Sequential):
    """The layers of a dense block, which append their features to those before."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the features of the input and of all layers."""
        layers = _dense_layers(self, x)
        return _dense_block(layers, x) if layers else super().forward(x)


def _conv_pool(conv: nn.Conv2d, pool: nn.AvgPool2d, x: Tensor) -> Tensor:
    """Apply a convolution of 1 x 1 and average: in the other order, if it is the same.

    Both are linear, one over channels and one over pixels. There are fewer pixels to
    convolve after the average.
    """
    if (
        _is_eager(x)
        and _is_plain(conv)
        and _is_plain(pool)
        and type(conv) is nn.Conv2d
        and type(pool) is nn.AvgPool2d
        and conv.kernel_size == conv.stride == (1, 1)
        and conv.padding in {(0, 0), "valid"}
        and pool.padding in {0, (0, 0)}
        and not pool.ceil_mode
        and pool.divisor_override is None
    ):
        averages: Tensor = conv(_recomputing(pool, x))
        return averages
    out: Tensor = pool(_recomputing(conv, x))
    return out
