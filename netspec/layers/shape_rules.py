"""What a rule may ask, and what it answers: refusals, origins of sizes, relations, what an element sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal, Protocol

from netspec.dims import Size
from netspec.record import record


class ShapeError(Exception):
    """A rule's refusal. It knows nothing of files: the checker adds node, place and origin.

    `argument` names the argument to point at; `axes` the (input, axis) pairs that clash, from which
    the checker walks back to where those sizes come from. `fits` are the values of arguments that the
    first help names.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        argument: str = "",
        label: str = "",
        axes: Sequence[tuple[int, int]] = (),
        notes: Sequence[str] = (),
        helps: Sequence[str] = (),
        fits: Mapping[str, int | list[int]] | None = None,
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.argument, self.label = code, message, argument, label
        self.axes, self.notes, self.helps = tuple(axes), tuple(notes), tuple(helps)
        self.fits = fits or {}


@record(frozen=True, slots=True)
class ArgumentError:
    """What is wrong with one argument as written; `name` is the key to point at."""

    code: str
    name: str
    message: str
    label: str
    helps: tuple[str, ...] = ()
    suggestion: str | None = None


class Solver(Protocol):
    """Decides relations between sizes; what holds only for some inputs becomes a condition."""

    def at_least(self, size: Size, bound: int) -> bool:
        """Whether `size >= bound` for some input; where not for all, the rest is ruled out."""

    def equal(self, a: Size, b: Size) -> bool:
        """Whether `a == b` for some input; likewise."""

    def divisible(self, size: Size, divisor: int) -> bool:
        """Whether `divisor` divides `size` for some input; likewise."""


@record(frozen=True, slots=True)
class Origin:
    """Where one size of a result comes from; asked only when an error is explained."""

    kind: Literal["argument", "same", "sum", "product", "window", "rule"]
    """`rule` where the layer does not say: its `infer` decides, and nothing is known of how."""
    argument: str = ""
    """The argument that sets it, for kind `argument`."""
    parts: tuple[tuple[int, int], ...] = ()
    """The (input, axis) pairs it is made of, for the other kinds."""


@record(frozen=True, slots=True)
class Window:
    """What element t of a result sees of an axis of an input: a stretch that moves with t.

    These are the elements i with t·stride − before ≤ i·every ≤ t·stride − before + span − 1. A
    convolution has `every` 1; a layer that makes an axis n times as long has n.
    """

    span: int = 1
    stride: int = 1
    before: int = 0
    every: int = 1
    axis: int | None = None
    """The axis of the result that t counts; None for the one that `origin` says is made of it."""


FieldRule = Window | Literal["everything", "unclear"]
"""What is seen of an axis; `unclear` where that is no stretch, or moves unevenly."""

SAME: Final = Window()
"""Of each axis the element at the same place."""
