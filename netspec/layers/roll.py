"""Moving entries along their axes."""

from __future__ import annotations

from netspec.diagnostics import Code
from netspec.dims import Shape
from netspec.layers.answers import SAME, FieldRule
from netspec.layers.arguments import DIM, Either, Many, Nothing, Whole, optional, required
from netspec.layers.base import Axes, Function, ShapeError, Solver, layer
from netspec.layers.checks import axis_of


@layer
class Roll(Function):
    """Moves entries along axes; what falls off one end comes in at the other.

    Shape: (*) -> (*), y[i] = x[(i − shift) mod size] along each axis of dims
    Source: `torch.roll`; shifted windows of attention (https://arxiv.org/abs/2103.14030) are made with it.
    """

    example = """
        inputs: {image: [N, 8, H, W]}
        body:
          - {op: Roll, shifts: [-4, -4], dims: [2, 3]}
    """

    shifts: int | tuple[int, ...] = required(
        Either(Whole(), Many(Whole(), fewest=1)),
        "places to move by, expected one number per entry of dims",
    )
    dims: int | tuple[int, ...] | None = optional(
        Either(DIM, Many(DIM), Nothing()),
        "the axes along which entries move; without any, all are one row",
        None,
    )

    def validate(self) -> None:
        shifts, dims = _listed(self.shifts), _listed(self.dims)
        if len(shifts) != (len(dims) or 1):
            raise ShapeError(
                Code.BAD_ARGUMENT,
                f"`Roll` has {len(shifts)} shifts for {len(dims)} dims",
                argument="shifts",
                label="expected one number per entry of dims",
            )

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        for dim in _listed(self.dims):
            axis_of("Roll", dim, len(inputs[0]), "dims")
        return inputs[0]

    def sees(self, result: int, index: int, axis: int, *inputs: Axes) -> FieldRule:
        rank = len(inputs[0])
        moved = {dim % rank for dim in _listed(self.dims)} if rank else set()
        return "unclear" if self.dims is None or axis in moved else SAME

    def write(self, *inputs: str, **arguments: str) -> str:
        dims = "" if self.dims is None else f", {arguments['dims']}"
        return f"torch.roll({inputs[0]}, {arguments['shifts']}{dims})"


def _listed(value: int | tuple[int, ...] | None) -> tuple[int, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, int) else value
