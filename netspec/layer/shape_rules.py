"""The vocabulary of shape rules: errors, relations between sizes, origins of sizes, receptive fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal, Protocol

from netspec.dims import Shape, Size
from netspec.record import record


class ShapeError(Exception):
    """A layer cannot be applied to its inputs. netspec adds the step, its position in the file and the origin.

    Args:
        code: A code of `Code`.
        message: The error in a sentence.
        argument: The argument to mark.
        label: The text at the mark.
        axes: The pairs (input, dimension) that conflict; netspec marks where these sizes come from.
        notes: Notes, such as the arithmetic.
        helps: What the author can do, in the imperative.
        fits: The values of arguments that the first help names.
        shown_shapes: The shapes that the message contains; a note shows those of all inputs otherwise.

    Example:
        >>> from netspec.layer import Code, ShapeError
        >>> error = ShapeError(Code.DIVISIBLE, "the 10 channels are not divisible by groups=4", argument="groups")
        >>> error.argument
        'groups'
    """

    def __init__(  # noqa: PLR0913 - one for each field of the error, by name
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
        shown_shapes: Sequence[Shape] = (),
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.argument, self.label = code, message, argument, label
        self.axes, self.notes, self.helps = tuple(axes), tuple(notes), tuple(helps)
        self.fits = fits or {}
        self.shown_shapes = tuple(shown_shapes)
        self.operation: tuple[int, int] | None = None
        """The place in the text of a formula: the operation that cannot be applied."""


@record(frozen=True, slots=True)
class ArgumentError:
    """An error in one argument of a step; `name` is the key to mark."""

    code: str
    name: str
    message: str
    label: str
    helps: tuple[str, ...] = ()
    suggestion: str | None = None


class Solver(Protocol):
    """Decides relations between sizes. A relation that only some inputs satisfy becomes a condition on them.

    Example:
        >>> from netspec.layers import find
        >>> shuffle, errors = find("PixelShuffle").make({"upscale_factor": 2})
        >>> class Exact:  # sizes that are numbers need no conditions
        ...     def divisible(self, size, divisor):
        ...         return size % divisor == 0
        >>> shuffle.infer(Exact(), (1, 8, 5, 5))
        (1, 2, 10, 10)
    """

    def at_least(self, size: Size, bound: int) -> bool:
        """Require `size >= bound`.

        Args:
            size: A size, possibly symbolic.
            bound: The minimum.

        Returns:
            Whether some input satisfies it; other inputs become invalid.
        """

    def equal(self, a: Size, b: Size) -> bool:
        """Require `a == b`.

        Args:
            a: A size, possibly symbolic.
            b: A size, possibly symbolic.

        Returns:
            Whether some input satisfies it; other inputs become invalid.
        """

    def divisible(self, size: Size, divisor: int) -> bool:
        """Require that `divisor` divides `size`.

        Args:
            size: A size, possibly symbolic.
            divisor: An integer.

        Returns:
            Whether some input satisfies it; other inputs become invalid.
        """


@record(frozen=True, slots=True)
class Origin:
    """How one size of a result is computed; used to explain errors.

    Attributes:
        kind: `argument`; `same`, unchanged; `sum` or `product` of sizes; `window`, as in a convolution; or `rule`
            if the layer has no `origin`, so that only its `infer` determines the size.
        argument: The argument that determines it, for kind `argument`.
        parts: The pairs (input, dimension) that it is computed from, for the other kinds.

    Example:
        >>> from netspec.layer import Origin
        >>> Origin("sum", parts=((0, 1), (1, 1))).parts
        ((0, 1), (1, 1))
    """

    kind: Literal["argument", "same", "sum", "product", "window", "rule"]
    argument: str = ""
    parts: tuple[tuple[int, int], ...] = ()


@record(frozen=True, slots=True)
class Window:
    """The elements of an input on which element t of a result depends: a range that moves with t.

    These are the elements i with t·stride − before ≤ i·every ≤ t·stride − before + span − 1. A convolution has
    `every` 1; a layer that multiplies a size by n has n.

    Attributes:
        span: The number of elements from the first to the last.
        stride: The distance between the windows of neighboring elements.
        before: The number of elements of padding before the first window.
        every: The number of positions from one element of the input to the next.
        axis: The dimension of the result that `t` indexes; None for the one that `origin` names.

    Example:
        >>> from netspec.layer import Window
        >>> Window(span=3, stride=2, before=1).every
        1
    """

    span: int = 1
    stride: int = 1
    before: int = 0
    every: int = 1
    axis: int | None = None


FieldRule = Window | Literal["everything", "unclear"]
"""A receptive field along a dimension; `unclear` if it is not a window."""

SAME: Final = Window()
"""The element at the same position."""
