"""What an argument of a layer may be: which values it takes, and how a message names them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from netspec.dims import Size, is_size, is_symbolic
from netspec.limits import LARGEST, MOST_ITEMS, MOST_LAYERS


class Refused(Exception):  # noqa: N818 - an answer, not an error
    """A value that an argument does not take; `fixed` says that a symbolic size was in the way."""

    def __init__(self, expected: str, *, fixed: bool = False) -> None:
        super().__init__(expected)
        self.expected = expected
        self.fixed = fixed


class Kind:
    """A set of values: `accept` gives the value as the layer keeps it, or raises `Refused`."""

    expected: str = "anything"
    """Completes the sentence "it must be …"."""
    words: frozenset[str] = frozenset()
    """Texts that are values in themselves where other text is an expression."""
    others_words: frozenset[str] = frozenset()
    """Texts that are values of the same argument in other layers, and refused here."""
    text: bool = False
    """Whether every text is a value, and only a leading `=` makes an expression."""
    initializes: bool = False
    """Whether a mapping is a function of `torch.nn.init` with its arguments."""

    def over(self, axes: int) -> Kind:
        """This kind for a layer over that many spatial axes."""
        return self

    def accept(self, value: object) -> Any:
        """The value, in the form that the layer keeps."""
        return value

    def refuse(self, value: object) -> Refused:
        """The refusal of `value`."""
        return Refused(self.expected, fixed=is_symbolic(value))


class Whole(Kind):
    """A whole number within bounds. Booleans and fractions are not whole numbers."""

    def __init__(self, least: int | None = None, most: int | None = None) -> None:
        self.least, self.most = least, most
        if least is None and most is None:
            self.expected = "an integer"
        elif most is None:
            self.expected = f"an integer of at least {least}"
        elif least is None:
            self.expected = f"an integer of at most {most}"
        else:
            self.expected = str(least) if least == most else f"an integer from {least} to {most}"

    def accept(self, value: object) -> int:
        if isinstance(value, float) and value.is_integer() and abs(value) <= LARGEST:
            value = int(value)
        if type(value) is not int:
            raise self.refuse(value)
        if (self.least is not None and value < self.least) or (
            self.most is not None and value > self.most
        ):
            raise self.refuse(value)
        return value


class Number(Kind):
    """A number within bounds, whole or not; a finite one, unless `infinite` says otherwise."""

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
            self.expected = f"a number above {above:g}"
        elif math.isfinite(least):
            self.expected = f"a number of at least {least:g}"
        else:
            self.expected = "a number"

    def accept(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refuse(value)
        if math.isnan(value) or (math.isinf(value) and not self.infinite):
            raise self.refuse(value)
        if not self.least <= value <= self.most or (math.isfinite(value) and value <= self.above):
            raise self.refuse(value)
        return value


class Flag(Kind):
    """`true` or `false`."""

    expected = "true or false"

    def accept(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise self.refuse(value)
        return value


class Choice(Kind):
    """One of a few words."""

    text = True

    def __init__(self, *words: str) -> None:
        self.words = frozenset(words)
        self.order = words
        self.expected = "one of " + ", ".join(words) if len(words) > 1 else words[0]

    def accept(self, value: object) -> str:
        if not isinstance(value, str) or value not in self.words:
            raise self.refuse(value)
        return value


class PerAxis(Kind):
    """One number for all axes, or a list of one per axis; kept as it is written, as torch takes it.

    `axes` 0 stands for the number of the layer's class: `Conv2d` has 2.
    """

    others_words = frozenset({"same", "valid"})

    def __init__(self, least: int = 1, axes: int = 0, each: Kind | None = None) -> None:
        self.axes, self.least = axes, least
        self.each = each or Whole(least)
        several = f"or a list of {axes}, one per dimension" if axes > 1 else "or a list of one"
        self.expected = f"{self.each.expected}, {several}"

    def over(self, axes: int) -> Kind:
        return self if self.axes else PerAxis(self.least, axes, self.each)

    def accept(self, value: object) -> Any:
        if not isinstance(value, list | tuple):
            return self._one(value)
        if len(value) != self.axes:
            raise self.refuse(value)
        return tuple(self._one(v) for v in value)

    def _one(self, value: object) -> Any:
        try:
            return self.each.accept(value)
        except Refused as refused:
            raise Refused(self.expected, fixed=refused.fixed) from None


class PerSide(Kind):
    """One number for every side, or a list of two per axis, the last axis first, as torch pads."""

    def __init__(self, axes: int = 0, least: int | None = None) -> None:
        self.axes, self.each = axes, Whole(least)
        self.least = least
        sides = ["left", "right", "top", "bottom", "front", "back"][: 2 * axes]
        self.expected = f"{self.each.expected}, or a list of {2 * axes}: {', '.join(sides)}"

    def over(self, axes: int) -> Kind:
        return self if self.axes else PerSide(axes, self.least)

    def accept(self, value: object) -> int | tuple[int, ...]:
        if not isinstance(value, list | tuple):
            return self._one(value)
        if len(value) != 2 * self.axes:
            raise self.refuse(value)
        return tuple(self._one(v) for v in value)

    def _one(self, value: object) -> int:
        try:
            return self.each.accept(value)
        except Refused as refused:
            raise Refused(self.expected, fixed=refused.fixed) from None


class Either(Kind):
    """The first of several kinds that takes the value: `padding: 1` or `padding: same`."""

    def __init__(self, *kinds: Kind) -> None:
        self.kinds = kinds
        self.words = frozenset().union(*(kind.words for kind in kinds))
        self.text = all(kind.text for kind in kinds)
        self.expected = ", or ".join(kind.expected for kind in kinds)

    def over(self, axes: int) -> Kind:
        return Either(*(kind.over(axes) for kind in self.kinds))

    def accept(self, value: object) -> Any:
        fixed = False
        for kind in self.kinds:
            try:
                return kind.accept(value)
            except Refused as refused:
                fixed = fixed or refused.fixed
        raise Refused(self.expected, fixed=fixed)


class Nothing(Kind):
    """`null`."""

    expected = "null"
    words = frozenset({"null"})

    def accept(self, value: object) -> None:
        if value is not None and value != "null":
            raise self.refuse(value)


class Many(Kind):
    """A list, each item of one kind."""

    def __init__(
        self, each: Kind, *, fewest: int = 0, most: int = MOST_ITEMS, exactly: int | None = None
    ) -> None:
        self.each, self.fewest, self.most, self.exactly = each, fewest, most, exactly
        least = f" of at least {fewest} item{'s' * (fewest > 1)}" if fewest else ""
        count = f" of {exactly} items" if exactly is not None else least
        self.expected = f"a list{count}, each {each.expected}"

    def accept(self, value: object) -> tuple[Any, ...]:
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise self.refuse(value)
        if len(value) > self.most:
            raise Refused(f"a list of at most {self.most:,} items")
        if len(value) < self.fewest or (self.exactly is not None and len(value) != self.exactly):
            raise self.refuse(value)
        try:
            return tuple(self.each.accept(v) for v in value)
        except Refused as refused:
            raise Refused(self.expected, fixed=refused.fixed) from None


class Extent(Kind):
    """A size that may depend on the input's: computed at run time from the tensor."""

    def __init__(self, least: int = 0) -> None:
        self.fixed = Whole(least)
        self.expected = f"{self.fixed.expected}, or a size of a tensor"

    def accept(self, value: object) -> Size:
        if is_symbolic(value):
            assert is_size(value)
            return value
        try:
            return self.fixed.accept(value)
        except Refused:
            raise Refused(self.expected) from None


class Text(Kind):
    """Any text."""

    expected = "text"
    text = True

    def accept(self, value: object) -> str:
        if not isinstance(value, str):
            raise self.refuse(value)
        return value


ANY: Final = Kind()
POSITIVE: Final = Whole(1)
NATURAL: Final = Whole(0)
LAYERS: Final = Whole(1, MOST_LAYERS)
"""How many equal layers are stacked."""
WHOLE: Final = Whole()
FLAG: Final = Flag()
NUMBER: Final = Number()
PROBABILITY: Final = Number(0, 1)
EXTENT: Final = Extent()
DIM: Final = Whole()
"""An axis: counted from the front, or from the back where negative."""


class Argument:
    """One declared argument of a layer: kind, default, and a sentence with its unit."""

    __slots__ = ("default", "doc", "inferred", "kind", "name", "required")

    def __init__(
        self, kind: Kind, doc: str, default: object, *, required: bool, inferred: bool
    ) -> None:
        self.kind, self.doc, self.default = kind, doc, default
        self.required, self.inferred = required, inferred
        self.name = ""

    def over(self, axes: int) -> Argument:
        """This argument of a layer over that many spatial axes."""
        kind = self.kind.over(axes)
        if kind is self.kind:
            return self
        bound = Argument(
            kind, self.doc, self.default, required=self.required, inferred=self.inferred
        )
        bound.name = self.name
        return bound


def required(kind: Kind, doc: str) -> Any:
    """Declare an argument that a spec must give."""
    return Argument(kind, doc, None, required=True, inferred=False)


def optional(kind: Kind, doc: str, default: object) -> Any:
    """Declare an argument with torch's default; one equal to its default is not printed."""
    return Argument(kind, doc, default, required=False, inferred=False)


def inferred(doc: str, kind: Kind = POSITIVE) -> Any:
    """Declare an argument that the input decides; written all the same, it is checked."""
    return Argument(kind, doc, None, required=False, inferred=True)
