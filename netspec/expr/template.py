"""Text with expressions in braces: the names of steps, references, documentation."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from netspec.diagnostics import Code
from netspec.dims import is_symbolic, symbols
from netspec.expr.errors import ExpressionError, OperationError, listing
from netspec.expr.evaluate import evaluate
from netspec.expr.parser import Expression, parse_expression
from netspec.expr.value_types import UNKNOWN, Scope, Unknown, kind
from netspec.limits import RunBudget

_PIECE: Final = r"""(?P<text>"[^"]*"|'[^']*')|(?P<brace>[{}])"""


class Hole:
    """An expression in braces."""

    __slots__ = ("end", "expression", "start")

    def __init__(self, expression: Expression, start: int, end: int) -> None:
        self.expression = expression
        self.start, self.end = start, end
        """Where it is in the template, without the braces."""


class Template:
    """A text, parts of which are computed."""

    __slots__ = ("parts", "text")

    def __init__(self, text: str, parts: tuple[str | Hole, ...]) -> None:
        self.text, self.parts = text, parts

    @property
    def constant(self) -> str | None:
        """The text that it always is, or None if it has an expression."""
        if not self.parts:
            return ""
        first = self.parts[0]
        return first if len(self.parts) == 1 and isinstance(first, str) else None

    def mentions(self, name: str) -> bool:
        """Whether its text may depend on that name."""
        return any(isinstance(p, Hole) and p.expression.mentions(name) for p in self.parts)

    def render(self, scope: Scope, budget: RunBudget | None = None) -> str | Unknown:
        """Its text at one place, UNKNOWN if that depends on an unknown; raises `ExpressionError`."""
        written = []
        for part in self.parts:
            piece = part if isinstance(part, str) else _written(part, scope, budget)
            if isinstance(piece, Unknown):
                return UNKNOWN
            written.append(piece)
        return "".join(written)

    def __repr__(self) -> str:
        return f"Template({self.text!r})"


def parse_template(text: str) -> Template:
    """The template that a text is; raises `ExpressionError`, placed in the text.

    >>> parse_template("denselayer{i + 1}").mentions("i")
    True
    """
    if "{" not in text and "}" not in text:
        return Template(text, (text,))
    return _parsed(text)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Template:
    parts: list[str | Hole] = []
    literal, offset = "", 0
    while offset < len(text):
        sign = text[offset]
        if text.startswith(("{{", "}}"), offset):
            literal, offset = literal + sign, offset + 2
        elif sign == "}":
            raise _error("unmatched `}`", offset, offset + 1, "write `}}` for a literal brace")
        elif sign == "{":
            if literal:
                parts.append(literal)
            hole = _hole(text, offset + 1)
            parts.append(hole)
            literal, offset = "", hole.end + 1
        else:
            literal, offset = literal + sign, offset + 1
    return Template(text, (*parts, literal) if literal else tuple(parts))


def _hole(text: str, start: int) -> Hole:
    if start > 1 and text[start - 2] == "$":
        raise _error("write an expression in braces, without `$`", start - 2, start)
    end = _closing(text, start)
    try:
        expression = parse_expression(text[start:end])
    except ExpressionError as error:
        raise error.shifted(start) from None
    return Hole(expression, start, end)


def _closing(text: str, start: int) -> int:
    end = text.find("}", start)
    if end > 0 and not any(c in text[start:end] for c in "\"'{"):  # as it is nearly always
        return end
    for piece in re.compile(_PIECE).finditer(text, start):
        if piece.group() == "}":
            return piece.start()
        if piece.group() == "{":
            break
    raise _error("`{` is never closed", start - 1, start, "write `{{` for a literal brace")


def _error(message: str, start: int, end: int, *helps: str) -> ExpressionError:
    return ExpressionError(Code.EXPRESSION, message, start, end, helps)


def _written(hole: Hole, scope: Scope, budget: RunBudget | None) -> str | Unknown:
    try:
        value = evaluate(hole.expression, scope, budget)
    except ExpressionError as error:
        raise error.shifted(hole.start) from None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str | Unknown):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    text = hole.expression.text
    raise _unwritable(value).located(text, 0, len(text)).shifted(hole.start)


def _unwritable(value: object) -> OperationError:
    if is_symbolic(value):
        names = listing(sorted(symbols(value)))
        return OperationError(
            Code.UNDECIDED, f"depends on {names} ({value}); text must be the same for all sizes"
        )
    return OperationError(
        Code.EXPRESSION_TYPE,
        f"is {kind(value)}; only integers and text can be inserted into text",
    )
