"""Layers that zero at random while training, and pass their input through in evaluation."""

from __future__ import annotations

from collections.abc import Container
from typing import ClassVar

from netspec.layer import (
    BOOLEAN,
    PROBABILITY,
    Choice,
    ConcreteShape,
    Function,
    Module,
    Shape,
    Solver,
    layer,
    optional,
    require_rank,
    required,
)
from netspec.layer.calls import primary


class _Dropout(Module):
    """Zeroing with a probability."""

    category = "dropout"
    view = True
    floating = True
    ranks: ClassVar[Container[int]] = range(100)
    takes: ClassVar[str] = ""

    p: float = optional(PROBABILITY, "the probability of zeroing", 0.5)
    inplace: bool = optional(
        BOOLEAN, "whether to compute the result in place, which saves memory", False
    )

    def overwrites(self) -> bool:
        return self.inplace and self.p > 0

    def strides(
        self, before: ConcreteShape, strides: ConcreteShape, after: ConcreteShape
    ) -> ConcreteShape | None:
        return strides if self.p == 0 else None

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        op = self.op
        helps = (
            ()
            if op == "Dropout"
            else (("use `Dropout`, which zeroes single elements of any shape"),)
        )
        require_rank(op, inputs[0], self.ranks, self.takes, helps)
        return inputs[0]


@layer
class Dropout(_Dropout):
    """Zeroes each element with probability `p` in training, and scales up the others.

    Shape: (*) -> (*), y = x / (1 − p) or 0
    Source: `torch.nn.Dropout`, https://arxiv.org/abs/1207.0580
    """


@layer
class Dropout1d(_Dropout):
    """Zeroes entire channels of a sequence with probability `p` in training.

    Shape: (N, C, L) -> (N, C, L), y = x / (1 − p) or 0 for each channel
    Note: The input may be unbatched: (C, L).
    Source: `torch.nn.Dropout1d`, https://arxiv.org/abs/1411.4280
    """

    ranks = (2, 3)
    takes = "[N, C, L] or [C, L]"


@layer
class Dropout2d(_Dropout):
    """Zeroes entire channels of an image with probability `p` in training.

    Shape: (N, C, H, W) -> (N, C, H, W), y = x / (1 − p) or 0 for each channel
    Note: An input of three dimensions is (N, C, L).
    Source: `torch.nn.Dropout2d`, https://arxiv.org/abs/1411.4280
    """

    ranks = (3, 4)
    takes = "[N, C, H, W] or [N, C, L]"


@layer
class Dropout3d(_Dropout):
    """Zeroes entire channels of a volume with probability `p` in training.

    Shape: (N, C, D, H, W) -> (N, C, D, H, W), y = x / (1 − p) or 0 for each channel
    Note: The input may be unbatched: (C, D, H, W).
    Source: `torch.nn.Dropout3d`, https://arxiv.org/abs/1411.4280
    """

    ranks = (4, 5)
    takes = "[N, C, D, H, W] or [C, D, H, W]"


@layer
class AlphaDropout(_Dropout):
    """Applies alpha dropout, which preserves the mean and the variance that SELU establishes.

    Shape: (*) -> (*)
    Source: `torch.nn.AlphaDropout`, https://arxiv.org/abs/1706.02515
    """

    def overwrites(self) -> bool:
        return False  # `torch.nn` takes `inplace` here and does not pass it on


@layer
class FeatureAlphaDropout(_Dropout):
    """Applies alpha dropout to entire channels.

    Shape: (N, C, *) -> (N, C, *)
    Source: `torch.nn.FeatureAlphaDropout`, https://arxiv.org/abs/1706.02515
    """

    def overwrites(self) -> bool:
        return False  # `torch.nn` takes `inplace` here and does not pass it on

    ranks = range(2, 100)
    takes = "[N, C, …]"


@layer
class DropPath(Function):
    """Applies stochastic depth: drops all elements of an item with probability `p` in training.

    Shape: (N, *) -> (N, *), y = x / (1 − p) or 0 for each item (row) or for the batch
    Note: The program draws the same random numbers as torchvision.
    Source: `torchvision.ops.StochasticDepth`, https://arxiv.org/abs/1603.09382
    """

    torch_name = "torchvision.ops.StochasticDepth"

    category = "dropout"
    view = True
    floating = True
    p: float = required(PROBABILITY, "the probability of dropping an item")
    mode: str = optional(
        Choice("row", "batch"),
        "`row` to decide for each item, `batch` for all items together",
        "row",
    )

    def strides(
        self, before: ConcreteShape, strides: ConcreteShape, after: ConcreteShape
    ) -> ConcreteShape | None:
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
