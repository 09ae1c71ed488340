"""Layers that zero at random while training, and pass their input through in evaluation."""

from __future__ import annotations

from collections.abc import Container
from typing import ClassVar

from netspec.dims import Shape
from netspec.layers.arguments import FLAG, PROBABILITY, Choice, optional, required
from netspec.layers.base import Axes, Function, Module, Solver, layer
from netspec.layers.checks import require_rank
from netspec.layers.writing import primary


class _Dropout(Module):
    """Zeroing with a probability."""

    view = True
    floating = True
    ranks: ClassVar[Container[int]] = range(100)
    takes: ClassVar[str] = ""

    p: float = optional(PROBABILITY, "probability of being zeroed", 0.5)
    inplace: bool = optional(FLAG, "whether it overwrites its input, to save memory", False)

    def overwrites(self) -> bool:
        return self.inplace and self.p > 0

    def strides(self, before: Axes, strides: Axes, after: Axes) -> Axes | None:
        return strides if self.p == 0 else None

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        op = type(self).__name__
        helps = (
            ()
            if op == "Dropout"
            else (("use `Dropout`, which zeroes single elements of any shape"),)
        )
        require_rank(op, inputs[0], self.ranks, self.takes, helps)
        return inputs[0]


@layer
class Dropout(_Dropout):
    """Zeroes each element with probability p and scales up the rest.

    Shape: (*) -> (*), y = x / (1 − p) or 0
    Source: `torch.nn.Dropout`, https://arxiv.org/abs/1207.0580
    """


@layer
class Dropout1d(_Dropout):
    """Zeroes whole channels of a sequence with probability p.

    Shape: (N, C, L) -> (N, C, L)
    Source: `torch.nn.Dropout1d`, https://arxiv.org/abs/1411.4280. A single item (C, L) works too.
    """

    ranks = (2, 3)
    takes = "[N, C, L] or [C, L]"


@layer
class Dropout2d(_Dropout):
    """Zeroes whole channels of an image with probability p.

    Shape: (N, C, H, W) -> (N, C, H, W)
    Source: `torch.nn.Dropout2d`, https://arxiv.org/abs/1411.4280. Three axes are read as (N, C, L).
    """

    ranks = (3, 4)
    takes = "[N, C, H, W] or [N, C, L]"


@layer
class Dropout3d(_Dropout):
    """Zeroes whole channels of a volume with probability p.

    Shape: (N, C, D, H, W) -> (N, C, D, H, W)
    Source: `torch.nn.Dropout3d`, https://arxiv.org/abs/1411.4280. A single item (C, D, H,
    W) works too.
    """

    ranks = (4, 5)
    takes = "[N, C, D, H, W] or [C, D, H, W]"


@layer
class AlphaDropout(_Dropout):
    """Drops elements so that mean and variance stay; for use with SELU.

    Shape: (*) -> (*)
    Source: `torch.nn.AlphaDropout`, https://arxiv.org/abs/1706.02515
    """

    def overwrites(self) -> bool:
        return False  # `torch.nn` takes `inplace` here and does not pass it on


@layer
class FeatureAlphaDropout(_Dropout):
    """Drops whole channels so that mean and variance stay; for use with SELU.

    Shape: (N, C, *) -> (N, C, *)
    Source: `torch.nn.FeatureAlphaDropout`, https://arxiv.org/abs/1706.02515
    """

    def overwrites(self) -> bool:
        return False  # `torch.nn` takes `inplace` here and does not pass it on

    ranks = range(2, 100)
    takes = "[N, C, …]"


@layer
class DropPath(Function):
    """Drops the whole input of an item of the batch with probability p: stochastic depth.

    Shape: (N, *) -> (N, *), y = x / (1 − p) or 0, decided for each item (`row`) or for the batch
    Source: `torchvision.ops.StochasticDepth`, https://arxiv.org/abs/1603.09382.
    Dropping channels of a tensor whose "channels" are the items is just that, and draws the same
    random numbers as torchvision does.
    """

    view = True
    floating = True
    p: float = required(PROBABILITY, "probability of being dropped")
    mode: str = optional(
        Choice("row", "batch"), "`row` decides for each item, `batch` for all at once", "row"
    )

    def strides(self, before: Axes, strides: Axes, after: Axes) -> Axes | None:
        return strides if self.p == 0 else None

    def remark(self) -> str:
        what = "whole items of the batch" if self.mode == "row" else "the whole batch"
        return f"Stochastic depth: `feature_dropout` drops {what}."

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        require_rank("DropPath", inputs[0], range(1, 100), "[N, …]")
        return inputs[0]

    def write(self, *inputs: str, **arguments: str) -> str:
        outer, inner = ("None", "0") if self.mode == "row" else ("None, None", "0, 0")
        x = f"{primary(inputs[0])}[{outer}]"
        return f"torch.feature_dropout({x}, {arguments['p']}, self.training)[{inner}]"
