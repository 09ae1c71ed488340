"""The error of a join whose inputs have different sizes in a dimension, which may be named later."""

from __future__ import annotations

from netspec.diagnostics import Code
from netspec.dims import Size
from netspec.layer.checks import SIDES, amount, is_numbered, quantity
from netspec.layer.shape_rules import ShapeError
from netspec.record import record

_PROJECTIONS = {3: "Conv1d with `kernel_size: 1`", 4: "1×1 Conv2d", 5: "1×1×1 Conv3d"}
"""The layer that changes the number of channels, by the rank of the tensor."""


@record(frozen=True, slots=True)
class Mismatch:
    """Two inputs that differ on an axis: the sizes, the pairs (input, axis), and the text at the mark."""

    sizes: tuple[Size, Size]
    axes: tuple[tuple[int, int], tuple[int, int]]
    label: str


class DisagreementError(ShapeError):
    """Two inputs of a join that differ in a dimension; the checker may know a better name for it."""

    rank = 0
    """The rank of both inputs, if the checker knows that it is the same."""

    def __init__(
        self,
        code: str,
        clause: str,
        name: str,
        mismatch: Mismatch,
        *,
        agreeing: int = 0,
        notes: tuple[str, ...] = (),
    ) -> None:
        super().__init__(code, "", label=mismatch.label, axes=mismatch.axes)
        self.clause, self.sizes = clause, mismatch.sizes
        self.agreeing, self.more_notes = agreeing, notes
        self.rename(name)

    def rename(self, name: str, also: str = "") -> None:
        """Name the dimension; `also` lists the other differences."""
        self.name = name
        first, second = self.sizes
        self.message = f"{self.clause}: {quantity(name)} differs ({first} and {second}){also}"
        others = f"the other {self.agreeing} inputs have"
        shown = f"{name} {first}" if name in SIDES else amount(name, first)
        agreed = (f"{others} {shown}",) if self.agreeing > 1 else ()
        self.notes = (*agreed, *self.more_notes)
        self.helps = (self._equal(name),)
        self.args = (self.message,)

    def _equal(self, name: str) -> str:
        first, second = self.sizes
        if self.code == Code.CONCAT:
            which = name if is_numbered(name) else f"the {name}"
            if self.clause.startswith("`Stack`"):
                return f"make {which} equal, or join with `Concat`: all dimensions must match"
            return f"make {which} equal: only the joined dimension may differ"
        if name == "channels" and self.rank in _PROJECTIONS:
            return (
                f"make the number of channels equal ({first} and {second}), for example with "
                f"a {_PROJECTIONS[self.rank]} on one of them"
            )
        return f"make the sizes equal, or one of them 1 ({first} and {second})"
