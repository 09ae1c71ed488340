"""The padding of one axis, which its mode may limit."""

from __future__ import annotations

from netspec.dims import as_integer
from netspec.layer import Code, ShapeError, Size, Solver
from netspec.layer.checks import amount
from netspec.record import record


@record(frozen=True, slots=True)
class AxisPadding:
    """The padding of one axis.

    Attributes:
        op: The layer that pads.
        mode: The values of the padding, as `F.pad` names them.
        sides: The elements added before and after; a negative number removes elements.
        axis: The axis of the input.
        name: The axis in words.
    """

    op: str
    mode: str
    sides: tuple[Size, ...]
    axis: int
    name: str

    def padded(self, solver: Solver, size: Size) -> Size:
        """The size of the axis with the padding. Raises `ShapeError`."""
        low, high = self.sides
        before, after = as_integer(low) or 0, as_integer(high) or 0
        needed = self._needed(before, after)
        if needed > 0 and not solver.at_least(size, needed):
            limit = "less than" if self.mode == "reflect" else "at most"
            raise self._error(
                f"`{self.op}` pads the {self.name} by {max(before, after)}, "
                f"but the {self.name} is only {size}",
                f"{self.mode} padding must be {limit} the {self.name}",
                f"use a {self.name} of at least {needed}",
            )
        out = size + low + high
        cut = min(before, 0), min(after, 0)
        left = size + (sum(cut) if self.mode == "constant" else min(cut))
        cuts = any(cut) and self.mode in ("constant", "circular")
        if (cuts and not solver.at_least(left, 0)) or not solver.at_least(out, 1):
            raise self._error(
                f"`{self.op}` has an empty output: {amount(self.name, size)} padded by {low} and {high} "
                f"leaves {out}",
                f"the {self.name} is {size}",
            )
        return out

    def _needed(self, low: int, high: int) -> int:
        """The size that the axis must have for the padding to be taken from it."""
        if max(low, high) <= 0:
            return 0
        if self.mode == "reflect":
            return max(low, high) + 1
        circular = self.mode == "circular"
        return max(low - min(high, 0), high - min(low, 0)) if circular else 0

    def _error(self, message: str, label: str, *helps: str) -> ShapeError:
        return ShapeError(
            Code.TOO_SMALL,
            message,
            argument="pad" if self.op == "Pad" else "padding",
            label=label,
            axes=((0, self.axis),),
            helps=helps,
        )
