"""The errors of an expression, and its limits."""

from __future__ import annotations

from typing import Final

from netspec.diagnostics import Code

LONGEST_TEXT: Final = 1000
"""Characters of an expression, and of a text that one computes."""
DIGITS: Final = 18
"""Digits of an integer as written."""
LONGEST_LIST: Final = 100_000
"""Items of a list that an expression computes."""
DEEPEST: Final = 100
"""Levels of an expression within expressions."""
WORK: Final = 1_000_000
"""The maximum number of operations of one evaluation: about a tenth of a second."""
SYMBOLIC_WORK: Final = 1000
"""The cost of an operation on symbolic sizes, whose forms may grow."""


class ExpressionError(Exception):
    """An error in an expression and its range in the text: `start` to `end`, in characters."""

    def __init__(
        self, code: str, message: str, start: int, end: int, helps: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.start, self.end = code, message, start, end
        self.helps = helps

    def shifted(self, by: int) -> ExpressionError:
        """The same error in a text in which the expression begins at `by`."""
        return ExpressionError(self.code, self.message, self.start + by, self.end + by, self.helps)


class OperationError(Exception):
    """An error of an operation that does not know its position.

    `predicate` goes on where the quoted operation ends: "divides by zero".
    """

    def __init__(self, code: str, predicate: str, *helps: str) -> None:
        super().__init__(predicate)
        self.code, self.predicate, self.helps = code, predicate, helps

    def located(self, text: str, start: int, end: int) -> ExpressionError:
        """The error that it makes of the operation at this place of the text."""
        message = f"{quoted_piece(text[start:end])} {self.predicate}"
        return ExpressionError(self.code, message, start, end, self.helps)


def nested_too_deep(start: int, end: int) -> ExpressionError:
    """The error of an expression within expressions without end."""
    message = f"the expression is nested more than {DEEPEST} deep"
    return ExpressionError(Code.BOUNDS, message, start, end)


def listing(words: list[str]) -> str:
    """Words as a sentence lists them.

    >>> listing(["H", "N", "W"])
    'H, N and W'
    """
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def quoted_piece(text: str) -> str:
    """A piece of an expression as messages show it: on one line, not too long.

    >>> quoted_piece("2   * growth")
    '`2 * growth`'
    """
    line = " ".join(text.split())
    return f"`{line}`" if len(line) <= 60 else f"`{line[:57]}…`"
