"""Padding at the edges; a negative number cuts off.

N batch, C channels, D depth, H height, W width, L length.
"""

from __future__ import annotations

from collections.abc import Container
from typing import ClassVar

from netspec.layer import (
    NUMBER,
    ConcreteShape,
    FieldRule,
    Module,
    Origin,
    PerSide,
    Shape,
    Solver,
    Window,
    layer,
    require_rank,
    require_spatial,
    required,
)
from netspec.layer.checks import SPATIAL, expected_layout
from netspec.layers.axis_padding import AxisPadding
from netspec.layers.sliding import with_padding


class _Pad(Module):
    """The rule of padding over any number of axes."""

    category = "padding"
    positional: ClassVar[tuple[str, ...]] = ("padding",)
    mode: ClassVar[str] = "constant"

    padding: int | tuple[int, ...] = required(
        PerSide(), "the elements added to each side; in a list, the last dimension comes first"
    )

    def sides(self, from_last: int) -> tuple[int, int]:
        """The padding before and after the dimension that is `from_last` from the last."""
        if isinstance(self.padding, int):
            return self.padding, self.padding
        return self.padding[2 * from_last], self.padding[2 * from_last + 1]

    def require(self, shape: Shape) -> None:
        """Reject a rank that this padding does not accept."""
        require_spatial(self.op, shape, self.axes)

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape = inputs[0]
        self.require(shape)
        first = len(shape) - self.axes
        spatial = []
        for i, name in enumerate(SPATIAL[self.axes]):
            sides = self.sides(self.axes - 1 - i)
            padding = AxisPadding(self.op, self.mode, sides, first + i, name)
            spatial.append(padding.padded(solver, shape[first + i]))
        return (*shape[:first], *spatial)

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        inner = axis >= len(inputs[0]) - self.axes
        return Origin("window" if inner else "same", parts=((0, axis),))

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        from_last = len(inputs[0]) - 1 - axis
        return Window(before=self.sides(from_last)[0] if from_last < self.axes else 0)

    def formula(self, result: int, axis: int, *inputs: ConcreteShape) -> str:
        return with_padding(inputs[0][axis], *self.sides(len(inputs[0]) - 1 - axis))


class _AnyRankPad(_Pad):
    """Padding with a constant, for any rank with enough dimensions."""

    def require(self, shape: Shape) -> None:
        ranks: Container[int] = range(self.axes, 100)
        require_rank(
            self.op,
            shape,
            ranks,
            f"{expected_layout(self.axes)}, or any input with at least {self.axes} dimensions",
        )


class _ConstantPad(_AnyRankPad):
    """Padding with a value of one's own."""

    positional = ("padding", "value")

    value: float = required(NUMBER, "the values of the padding")


class _ReflectionPad(_Pad):
    """Padding with the mirror image."""

    saved_inputs = True
    arithmetic = True
    mode = "reflect"


class _ReplicationPad(_Pad):
    """Padding with the edge."""

    saved_inputs = True
    arithmetic = True
    mode = "replicate"


class _CircularPad(_Pad):
    """Padding with the opposite edge."""

    mode = "circular"


@layer
class ZeroPad1d(_AnyRankPad):
    """Pads the edges of a sequence with zeros.

    Shape: (N, C, L) -> (N, C, L_out), L_out = L + left + right
    Note: The input may be unbatched: (C, L).
    Source: `torch.nn.ZeroPad1d`
    """

    axes = 1


@layer
class ZeroPad2d(_AnyRankPad):
    """Pads the edges of an image with zeros.

    Shape: (N, C, H, W) -> (N, C, H_out, W_out), H_out = H + top + bottom, W_out = W + left + right
    Note: The input may be unbatched: (C, H, W).
    Source: `torch.nn.ZeroPad2d`
    """

    axes = 2


@layer
class ZeroPad3d(_AnyRankPad):
    """Pads the edges of a volume with zeros.

    Shape: (N, C, D, H, W) -> (N, C, D_out, H_out, W_out),
        D_out = D + front + back, H_out = H + top + bottom, W_out = W + left + right
    Note: The input may be unbatched: (C, D, H, W).
    Source: `torch.nn.ZeroPad3d`
    """

    axes = 3


@layer
class ConstantPad1d(_ConstantPad):
    """Pads the edges of a sequence with a constant value.

    Shape: (N, C, L) -> (N, C, L_out), L_out = L + left + right
    Note: The input may be unbatched: (C, L).
    Source: `torch.nn.ConstantPad1d`
    """

    axes = 1


@layer
class ConstantPad2d(_ConstantPad):
    """Pads the edges of an image with a constant value.

    Shape: (N, C, H, W) -> (N, C, H_out, W_out), H_out = H + top + bottom, W_out = W + left + right
    Note: The input may be unbatched: (C, H, W).
    Source: `torch.nn.ConstantPad2d`
    """

    axes = 2


@layer
class ConstantPad3d(_ConstantPad):
    """Pads the edges of a volume with a constant value.

    Shape: (N, C, D, H, W) -> (N, C, D_out, H_out, W_out),
        D_out = D + front + back, H_out = H + top + bottom, W_out = W + left + right
    Note: The input may be unbatched: (C, D, H, W).
    Source: `torch.nn.ConstantPad3d`
    """

    axes = 3


@layer
class ReflectionPad1d(_ReflectionPad):
    """Pads a sequence with a reflection of the input at each edge, without the edge itself.

    Shape: (N, C, L) -> (N, C, L_out), L_out = L + left + right
    Note: The input may be unbatched: (C, L). The padding of a side must be less than the size of
        its dimension.
    Source: `torch.nn.ReflectionPad1d`
    """

    axes = 1


@layer
class ReflectionPad2d(_ReflectionPad):
    """Pads an image with a reflection of the input at each edge, without the edge itself.

    Shape: (N, C, H, W) -> (N, C, H_out, W_out), H_out = H + top + bottom, W_out = W + left + right
    Note: The input may be unbatched: (C, H, W). The padding of a side must be less than the size
        of its dimension.
    Source: `torch.nn.ReflectionPad2d`
    """

    axes = 2


@layer
class ReflectionPad3d(_ReflectionPad):
    """Pads a volume with a reflection of the input at each edge, without the edge itself.

    Shape: (N, C, D, H, W) -> (N, C, D_out, H_out, W_out),
        D_out = D + front + back, H_out = H + top + bottom, W_out = W + left + right
    Note: The input may be unbatched: (C, D, H, W). The padding of a side must be less than the
        size of its dimension.
    Source: `torch.nn.ReflectionPad3d`
    """

    axes = 3


@layer
class ReplicationPad1d(_ReplicationPad):
    """Pads a sequence with copies of the elements at each edge.

    Shape: (N, C, L) -> (N, C, L_out), L_out = L + left + right
    Note: The input may be unbatched: (C, L).
    Source: `torch.nn.ReplicationPad1d`
    """

    axes = 1


@layer
class ReplicationPad2d(_ReplicationPad):
    """Pads an image with copies of the elements at each edge.

    Shape: (N, C, H, W) -> (N, C, H_out, W_out), H_out = H + top + bottom, W_out = W + left + right
    Note: The input may be unbatched: (C, H, W).
    Source: `torch.nn.ReplicationPad2d`
    """

    axes = 2


@layer
class ReplicationPad3d(_ReplicationPad):
    """Pads a volume with copies of the elements at each edge.

    Shape: (N, C, D, H, W) -> (N, C, D_out, H_out, W_out),
        D_out = D + front + back, H_out = H + top + bottom, W_out = W + left + right
    Note: The input may be unbatched: (C, D, H, W).
    Source: `torch.nn.ReplicationPad3d`
    """

    axes = 3


@layer
class CircularPad1d(_CircularPad):
    """Pads a sequence with the elements from the opposite edge.

    Shape: (N, C, L) -> (N, C, L_out), L_out = L + left + right
    Note: The input may be unbatched: (C, L). The padding of a side must be at most the size of
        its dimension.
    Source: `torch.nn.CircularPad1d`
    """

    axes = 1


@layer
class CircularPad2d(_CircularPad):
    """Pads an image with the elements from the opposite edge.

    Shape: (N, C, H, W) -> (N, C, H_out, W_out), H_out = H + top + bottom, W_out = W + left + right
    Note: The input may be unbatched: (C, H, W). The padding of a side must be at most the size of
        its dimension.
    Source: `torch.nn.CircularPad2d`
    """

    axes = 2


@layer
class CircularPad3d(_CircularPad):
    """Pads a volume with the elements from the opposite edge.

    Shape: (N, C, D, H, W) -> (N, C, D_out, H_out, W_out),
        D_out = D + front + back, H_out = H + top + bottom, W_out = W + left + right
    Note: The input may be unbatched: (C, D, H, W). The padding of a side must be at most the size
        of its dimension.
    Source: `torch.nn.CircularPad3d`
    """

    axes = 3
