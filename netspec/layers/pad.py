"""Padding of any dimensions, as `F.pad` does it."""

from __future__ import annotations

from netspec.layer import (
    INTEGER,
    NUMBER,
    Choice,
    Code,
    ConcreteShape,
    FieldRule,
    Function,
    ListOf,
    Null,
    OneOf,
    Origin,
    Shape,
    ShapeError,
    Size,
    SizeValue,
    Solver,
    Window,
    layer,
    optional,
    require_rank,
    required,
)
from netspec.layer.calls import keywords
from netspec.layer.checks import axis_name
from netspec.layers.axis_padding import AxisPadding
from netspec.layers.sliding import with_padding


@layer
class Pad(Function):
    """Pads the edges of any number of dimensions; negative padding removes elements.

    Shape: (*, H, W) -> (*, H + top + bottom, W + left + right), pad = [left, right, top, bottom, …]
    Note: The padding of the last dimension comes first. The numbers may depend on sizes.
    Source: `torch.nn.functional.pad`
    """

    torch_name = "torch.nn.functional.pad"

    category = "padding"
    example = """
        inputs: {image: [N, 8, H, W]}
        body:
          - {op: Pad, pad: [1, 1, 2, 2], mode: reflect}
    """

    pad: tuple[Size, ...] = required(
        ListOf(OneOf(INTEGER, SizeValue())),
        "the elements added before and after each dimension, from the last dimension on",
    )
    mode: str = optional(
        Choice("constant", "reflect", "replicate", "circular"), "the values of the padding",
        "constant",
    )  # fmt: skip
    value: float | None = optional(
        OneOf(NUMBER, Null()), "the constant for `mode: constant`; null for 0", None
    )

    def saves_input(self, index: int) -> bool:
        return self.mode in ("reflect", "replicate")

    def element(self, name: str) -> str:
        return "numbers" if self.mode in ("reflect", "replicate") else ""

    def validate(self) -> None:
        if len(self.pad) % 2:
            raise self.rejection("pad", f"pad of `Pad` has {len(self.pad)} entries, an odd number")
        if self.mode == "constant":
            return
        if self.value:
            raise self.rejection("value", f"value is not valid with mode: {self.mode}")
        if len(self.pad) not in (2, 4, 6):
            raise self.rejection("pad", f"mode: {self.mode} pads 1, 2 or 3 dimensions")

    def rejection(self, argument: str, message: str) -> ShapeError:
        """The error for an argument."""
        return ShapeError(Code.BAD_ARGUMENT, message, argument=argument, label="in `Pad`")

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        shape, axes = inputs[0], len(self.pad) // 2
        ranks = range(axes, 100) if self.mode == "constant" else (axes + 1, axes + 2)
        takes = (
            f"at least {axes} dimensions"
            if self.mode == "constant"
            else (f"{axes + 1} or {axes + 2} dimensions")
        )
        require_rank("Pad", shape, ranks, f"{takes} with a pad of {len(self.pad)} entries")
        first = len(shape) - axes
        tail = []
        for axis in range(first, len(shape)):
            i = 2 * (len(shape) - 1 - axis)
            name = axis_name(len(shape), axis)
            padding = AxisPadding("Pad", self.mode, self.pad[i : i + 2], axis, name)
            tail.append(padding.padded(solver, shape[axis]))
        return (*shape[:first], *tail)

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        inner = axis >= len(inputs[0]) - len(self.pad) // 2
        return Origin("window" if inner else "same", parts=((0, axis),))

    def sides(self, from_last: int) -> tuple[int, int] | None:
        """The padding before and after a dimension; None if it is known at run time only."""
        low, high = self.pad[2 * from_last : 2 * from_last + 2] or (0, 0)
        return (low, high) if isinstance(low, int) and isinstance(high, int) else None

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        sides = self.sides(len(inputs[0]) - 1 - axis)
        return "unclear" if sides is None else Window(before=sides[0])

    def formula(self, result: int, axis: int, *inputs: ConcreteShape) -> str:
        sides = self.sides(len(inputs[0]) - 1 - axis)
        return "" if sides is None else with_padding(inputs[0][axis], *sides)

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"F.pad({inputs[0]}, {arguments['pad']}{keywords(self, arguments, 'mode', 'value')})"
