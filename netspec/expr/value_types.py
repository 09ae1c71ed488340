"""The values of expressions, and the scope that an evaluation requires."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Protocol, TypeGuard

from netspec.diagnostics import Code
from netspec.dims import Domain, Shape, is_symbolic
from netspec.expr.errors import LONGEST_LIST, SYMBOLIC_WORK, WORK, OperationError


class Unknown:
    """A value that depends on an earlier error: whatever is made of it is unknown too."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()
"""The one unknown value."""


class LoopItem:
    """The value of a loop variable: the item, and its position in the list."""

    __slots__ = ("first", "index", "last", "value")

    def __init__(self, value: object, index: object, first: object, last: object) -> None:
        self.value, self.index, self.first, self.last = value, index, first, last


class Scope(Protocol):
    """The visible names at one step of a spec."""

    def name(self, name: str) -> object:
        """The value of a bare name, or an `LoopItem`; raises KeyError if there is none."""

    def tensor(self, name: str) -> Sequence[Shape | None]:
        """The shapes of the tensors of a name; None for an unknown one.

        Several for a step with several inputs; raises KeyError if it stands for none.
        """

    def names(self) -> Iterable[str]:
        """All candidates for a suggestion."""

    def known(self) -> Mapping[str, Domain]:
        """The known domain of each symbol."""


_NO_VARIABLES: Final[dict[str, object]] = {}
"""Shared by all evaluations: a comprehension replaces it by a dictionary of its own."""


class EvaluationFrame:
    """A running evaluation: its scope, the variables of comprehensions, the remaining budget."""

    __slots__ = ("left", "local", "scope")

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.local = _NO_VARIABLES
        self.left = WORK

    def spend(self, steps: int) -> None:
        """Count steps of work; raises `OperationError` when there were too many."""
        self.left -= steps
        if self.left < 0:
            raise OperationError(Code.BOUNDS, f"takes more than {WORK} steps to compute")

    def spend_symbolic(self) -> None:
        """Count an operation on symbolic sizes."""
        self.spend(SYMBOLIC_WORK)


Run = Callable[[EvaluationFrame], object]
"""A piece of an expression, ready to run; raises `ExpressionError`."""


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether it is a number that is known; booleans are 0 and 1."""
    return isinstance(value, int | float)


def is_list(value: object) -> TypeGuard[list[object] | tuple[object, ...]]:
    """Whether it is a list."""
    return isinstance(value, list | tuple)


def count_values(value: object, most: int = LONGEST_LIST) -> int:
    """How many values a value holds, with those of the lists in it; counted up to a little above `most`.

    >>> count_values([1, [2, 3]]), count_values("text")
    (4, 0)
    """
    count, waiting = 0, [value]
    while waiting and count <= most:
        holder = waiting.pop()
        if isinstance(holder, dict):
            holder = list(holder.values())
        if isinstance(holder, list | tuple):
            count += len(holder)
            waiting += [item for item in holder if isinstance(item, list | tuple | dict)]
    return count


def whole_list(items: list[object], frame: EvaluationFrame) -> list[object]:
    """The list, charged with the items of nested lists: shared lists use no memory until they are written out."""
    if any(type(item) is list or type(item) is tuple for item in items):
        count = count_values(items)
        frame.spend(count)
        if count > LONGEST_LIST:
            raise OperationError(
                Code.BOUNDS,
                f"has more than {LONGEST_LIST} items, including those of nested lists",
            )
    return items


def kind(value: object) -> str:
    """The name of the type of a value, for messages.

    >>> kind(2), kind("same"), kind([])
    ('an integer', 'text', 'a list')
    """
    if is_symbolic(value):
        return f"the size {value}"
    return _KINDS.get(type(value), "an op")


_KINDS: Final[dict[type, str]] = {
    bool: "a boolean",
    int: "an integer",
    float: "a float",
    str: "text",
    list: "a list",
    tuple: "a list",
    type(None): "null",
}
