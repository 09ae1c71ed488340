"""Moving entries along their axes."""

from __future__ import annotations

from netspec.layer import (
    DIM,
    Code,
    ConcreteShape,
    FieldRule,
    Function,
    Integer,
    ListOf,
    Null,
    OneOf,
    Shape,
    ShapeError,
    Solver,
    layer,
    optional,
    required,
    resolve_dim,
)
from netspec.layer.shape_rules import SAME


@layer
class Roll(Function):
    """Shifts the elements along dimensions; elements beyond one end reappear at the other.

    Shape: (*) -> (*), y[i] = x[(i − shift) mod size] along each of dims
    Note: The shifted windows of Swin transformers (https://arxiv.org/abs/2103.14030) are made
        with it.
    Source: `torch.roll`
    """

    torch_name = "torch.roll"

    category = "shape"
    example = """
        inputs: {image: [N, 8, H, W]}
        body:
          - {op: Roll, shifts: [-4, -4], dims: [2, 3]}
    """

    shifts: int | tuple[int, ...] = required(
        OneOf(Integer(), ListOf(Integer(), fewest=1)),
        "the number of positions to shift by, per entry of dims",
    )
    dims: int | tuple[int, ...] | None = optional(
        OneOf(DIM, ListOf(DIM), Null()),
        "the dimensions to shift along; null to shift the flattened tensor",
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
            resolve_dim("Roll", dim, len(inputs[0]), "dims")
        return inputs[0]

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
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
