"""Kinds of values that an argument may have; each accepts a value of a spec or says what it expects."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from netspec.dims import Size, is_size, is_symbolic
from netspec.limits import LARGEST, MOST_ITEMS, MOST_LAYERS

if TYPE_CHECKING:
    pass


class InvalidValueError(Exception):
    """A value that an argument does not accept.

    Attributes:
        expected: What the argument accepts, such as `an integer >= 1`.
        fixed: Whether the reason is a symbolic size.

    Example:
        >>> from netspec.layer import InvalidValueError
        >>> InvalidValueError("an odd integer").expected
        'an odd integer'
    """

    def __init__(self, expected: str, *, fixed: bool = False) -> None:
        super().__init__(expected)
        self.expected = expected
        self.fixed = fixed


class Kind:
    """A set of values that an argument accepts.

    Example:
        >>> POSITIVE.accept(3)
        3
        >>> POSITIVE.accept(0)
        Traceback (most recent call last):
        netspec.layer.argument_kinds.InvalidValueError: an integer >= 1
    """

    expected: str = "anything"
    """Completes the sentence "it must be …"."""
    words: frozenset[str] = frozenset()
    """Texts that are values; other text is an expression."""
    others_words: frozenset[str] = frozenset()
    """Words that the argument of this name accepts in other layers or tools only."""
    text: bool = False
    """Whether every text is a value, and only text after `=` is an expression."""
    initializes: bool = False
    """Whether a mapping is a function of `torch.nn.init` with its arguments."""

    def over(self, axes: int) -> Kind:
        """The kind for a layer with spatial dimensions.

        Args:
            axes: The number of spatial dimensions.

        Returns:
            The kind of the values of such a layer.
        """
        return self

    def accept(self, value: object) -> Any:
        """Convert a value to the form that the layer stores.

        Args:
            value: The value of a step: a number, text, a boolean, None or a list.

        Returns:
            The value that becomes an attribute of the layer.

        Raises:
            InvalidValueError: The argument does not accept the value.
        """
        return value

    def _part(self, each: Kind, value: object) -> Any:
        """A part of a value, converted by its own kind; the error describes the whole value."""
        try:
            return each.accept(value)
        except InvalidValueError as rejected:
            raise InvalidValueError(self.expected, fixed=rejected.fixed) from None

    def reject(self, value: object) -> InvalidValueError:
        """The error for a value that is not accepted.

        Args:
            value: The value.

        Returns:
            The error, to raise.
        """
        return InvalidValueError(self.expected, fixed=is_symbolic(value))


class Integer(Kind):
    """An integer within bounds. Booleans and fractions are not integers.

    Args:
        least: The minimum; None for no minimum.
        most: The maximum; None for no maximum.

    Example:
        >>> from netspec.layer import Integer
        >>> Integer(1, 8).accept(4)
        4
    """

    def __init__(self, least: int | None = None, most: int | None = None) -> None:
        self.least, self.most = least, most
        if least is None and most is None:
            self.expected = "an integer"
        elif most is None:
            self.expected = f"an integer >= {least}"
        elif least is None:
            self.expected = f"an integer <= {most}"
        else:
            self.expected = str(least) if least == most else f"an integer from {least} to {most}"

    def accept(self, value: object) -> int:
        if isinstance(value, float) and value.is_integer() and abs(value) <= LARGEST:
            value = int(value)
        if type(value) is not int:
            raise self.reject(value)
        if (self.least is not None and value < self.least) or (
            self.most is not None and value > self.most
        ):
            raise self.reject(value)
        return value


class Number(Kind):
    """An integer or float within bounds, finite unless `infinite` is set.

    Args:
        least: The minimum.
        most: The maximum.
        above: A bound that is not a value itself.
        infinite: Whether infinities are values.

    Example:
        >>> from netspec.layer import Number
        >>> Number(above=0).expected
        'a number > 0'
    """

    def __init__(
        self,
        least: float = -math.inf,
        most: float = math.inf,
        *,
        above: float = -math.inf,
        infinite: bool = False,
    ) -> None:
        self.least, self.most, self.above, self.infinite = least, most, above, infinite
        if math.isfinite(least) and math.isfinite(most):
            self.expected = f"a number from {least:g} to {most:g}"
        elif math.isfinite(above):
            self.expected = f"a number > {above:g}"
        elif math.isfinite(least):
            self.expected = f"a number >= {least:g}"
        else:
            self.expected = "a number"

    def accept(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.reject(value)
        if math.isnan(value) or (math.isinf(value) and not self.infinite):
            raise self.reject(value)
        if not self.least <= value <= self.most or (math.isfinite(value) and value <= self.above):
            raise self.reject(value)
        return value


class Boolean(Kind):
    """`true` or `false`.

    Example:
        >>> from netspec.layer import Boolean
        >>> Boolean().accept(True)
        True
    """

    expected = "true or false"

    def accept(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise self.reject(value)
        return value


class Choice(Kind):
    """One of a few words.

    Args:
        words: The words.

    Example:
        >>> from netspec.layer import Choice
        >>> Choice("mean", "sum").expected
        'one of mean, sum'
    """

    text = True

    def __init__(self, *words: str) -> None:
        self.words = frozenset(words)
        self.order = words
        self.expected = "one of " + ", ".join(words) if len(words) > 1 else words[0]

    def accept(self, value: object) -> str:
        if not isinstance(value, str) or value not in self.words:
            raise self.reject(value)
        return value


PADDING_MODES: Final = frozenset({"zeros", "constant", "reflect", "replicate", "circular"})
"""Values of `padding_mode`, which other tools write as the padding."""


class PerAxis(Kind):
    """One value for all dimensions, or a list with one for each; as written, as PyTorch accepts it.

    Args:
        least: The minimum of each integer.
        axes: The number of dimensions; 0 for that of the layer, such as 2 for `Conv2d`.
        each: The kind of each value; an integer by default.

    Example:
        >>> from netspec.layer import PerAxis
        >>> PerAxis(1, axes=2).accept([3, 5])
        (3, 5)
    """

    others_words = frozenset({"same", "valid", "causal", "full", "auto", "half", *PADDING_MODES})

    def __init__(self, least: int = 1, axes: int = 0, each: Kind | None = None) -> None:
        self.axes, self.least = axes, least
        self.each = each or Integer(least)
        several = f"or a list of {axes}, one per dimension" if axes > 1 else "or a list of one"
        self.expected = f"{self.each.expected}, {several}"

    def over(self, axes: int) -> Kind:
        return self if self.axes else PerAxis(self.least, axes, self.each)

    def accept(self, value: object) -> Any:
        if not isinstance(value, list | tuple):
            return self._part(self.each, value)
        if len(value) != self.axes:
            raise self.reject(value)
        return tuple(self._part(self.each, v) for v in value)


class PerSide(Kind):
    """One integer for all sides, or a list of two for each dimension, the last dimension first.

    Args:
        axes: The number of dimensions; 0 for that of the layer.
        least: The minimum; None for no minimum.

    Example:
        >>> from netspec.layer import PerSide
        >>> PerSide(axes=1).accept([2, 0])
        (2, 0)
    """

    def __init__(self, axes: int = 0, least: int | None = None) -> None:
        self.axes, self.each = axes, Integer(least)
        self.least = least
        sides = ["left", "right", "top", "bottom", "front", "back"][: 2 * axes]
        self.expected = f"{self.each.expected}, or a list of {2 * axes}: {', '.join(sides)}"

    def over(self, axes: int) -> Kind:
        return self if self.axes else PerSide(axes, self.least)

    def accept(self, value: object) -> int | tuple[int, ...]:
        if not isinstance(value, list | tuple):
            whole: int = self._part(self.each, value)
            return whole
        if len(value) != 2 * self.axes:
            raise self.reject(value)
        return tuple(self._part(self.each, v) for v in value)


class OneOf(Kind):
    """The first of several kinds that accepts the value: `padding: 1` or `padding: same`.

    Args:
        kinds: The kinds, in the order in which they are tried.

    Example:
        >>> from netspec.layer import Choice, Integer, OneOf
        >>> OneOf(Integer(0), Choice("same")).accept("same")
        'same'
    """

    def __init__(self, *kinds: Kind) -> None:
        self.kinds = kinds
        self.words = frozenset().union(*(kind.words for kind in kinds))
        self.others_words = frozenset().union(*(kind.others_words for kind in kinds)) - self.words
        self.text = all(kind.text for kind in kinds)
        self.expected = ", or ".join(kind.expected for kind in kinds)

    def over(self, axes: int) -> Kind:
        return OneOf(*(kind.over(axes) for kind in self.kinds))

    def accept(self, value: object) -> Any:
        fixed = False
        for kind in self.kinds:
            try:
                return kind.accept(value)
            except InvalidValueError as rejected:
                fixed = fixed or rejected.fixed
        raise InvalidValueError(self.expected, fixed=fixed)


class Null(Kind):
    """`null`.

    Example:
        >>> from netspec.layer import Integer, Null, OneOf
        >>> OneOf(Integer(), Null()).accept(None) is None
        True
    """

    expected = "null"
    words = frozenset({"null"})

    def accept(self, value: object) -> None:
        if value is not None and value != "null":
            raise self.reject(value)


class ListOf(Kind):
    """A list of values of one kind.

    Args:
        each: The kind of the items.
        fewest: The minimum number of items.
        most: The maximum number of items.
        exactly: The number of items, if it is fixed.

    Example:
        >>> from netspec.layer import Integer, ListOf
        >>> ListOf(Integer(1), exactly=2).accept([3, 5])
        (3, 5)
    """

    def __init__(
        self, each: Kind, *, fewest: int = 0, most: int = MOST_ITEMS, exactly: int | None = None
    ) -> None:
        self.each, self.fewest, self.most, self.exactly = each, fewest, most, exactly
        least = f" of at least {fewest} item{'s' * (fewest > 1)}" if fewest else ""
        count = f" of {exactly} items" if exactly is not None else least
        self.expected = f"a list{count}, each {each.expected}"

    def accept(self, value: object) -> tuple[Any, ...]:
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise self.reject(value)
        if len(value) > self.most:
            raise InvalidValueError(f"a list of at most {self.most:,} items")
        if len(value) < self.fewest or (self.exactly is not None and len(value) != self.exactly):
            raise self.reject(value)
        return tuple(self._part(self.each, v) for v in value)


class SizeValue(Kind):
    """A size that may depend on the sizes of tensors, which the program computes at run time.

    Args:
        least: The minimum of a constant size.

    Example:
        >>> from netspec.layer import SizeValue
        >>> SizeValue().expected
        'an integer >= 0, or a size of a tensor'
    """

    def __init__(self, least: int = 0) -> None:
        self.fixed = Integer(least)
        self.expected = f"{self.fixed.expected}, or a size of a tensor"

    def accept(self, value: object) -> Size:
        if is_symbolic(value):
            assert is_size(value)
            return value
        try:
            return self.fixed.accept(value)
        except InvalidValueError:
            raise InvalidValueError(self.expected) from None


class Text(Kind):
    """Any text.

    Example:
        >>> from netspec.layer import Text
        >>> Text().accept("reflect")
        'reflect'
    """

    expected = "text"
    text = True

    def accept(self, value: object) -> str:
        if not isinstance(value, str):
            raise self.reject(value)
        return value


ANY: Final = Kind()
POSITIVE: Final = Integer(1)
NON_NEGATIVE: Final = Integer(0)
LAYER_COUNT: Final = Integer(1, MOST_LAYERS)
"""A number of stacked layers."""
INTEGER: Final = Integer()
BOOLEAN: Final = Boolean()
NUMBER: Final = Number()
PROBABILITY: Final = Number(0, 1)
SIZE: Final = SizeValue()
DIM: Final = Integer()
"""A dimension, counted from the first; negative from the last."""


def show(value: object) -> str:
    """A value as a spec would write it.

    >>> show([1, True, None, "same"])
    '[1, true, null, same]'
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(show(v) for v in value) + "]"
    return str(value)
