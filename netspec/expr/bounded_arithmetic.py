"""Arithmetic within bounds: on numbers, on symbolic sizes, and `+` on lists and text."""

from __future__ import annotations

import operator
from collections.abc import Callable
from math import isfinite
from typing import Any, Final

from netspec.diagnostics import Code
from netspec.dims import divide_exactly, divisible, is_symbolic
from netspec.expr.errors import LONGEST_LIST, LONGEST_TEXT, OperationError
from netspec.expr.value_types import UNKNOWN, EvaluationFrame, is_list, is_number, kind, whole_list
from netspec.limits import LARGEST

Apply = Callable[[object, object, EvaluationFrame], object]
"""A binary operation; raises `OperationError`."""
_Compute = Callable[[Any, Any], Any]

_HIGHEST_POWER: Final = 8
"""The highest power of a symbolic size: each one multiplies its form."""


def _operation(sign: str, compute: _Compute) -> Apply:
    def apply(a: object, b: object, frame: EvaluationFrame) -> object:
        if type(a) is int and type(b) is int:
            try:
                result: object = compute(a, b)
                if -LARGEST <= result <= LARGEST:  # type: ignore[operator] # numbers make a number
                    return result
            except ArithmeticError:
                pass
        return _uncommon(sign, compute, a, b, frame)

    return apply


def _uncommon(sign: str, compute: _Compute, a: object, b: object, frame: EvaluationFrame) -> object:
    if a is UNKNOWN or b is UNKNOWN:
        return UNKNOWN
    if is_number(a) and is_number(b):
        return _numbers(compute, a, b)
    if (is_symbolic(a) or is_number(a)) and (is_symbolic(b) or is_number(b)):
        return _sizes(sign, compute, a, b, frame)
    if sign == "+" and is_list(a) and is_list(b):
        return _longer_list(a, b, frame)
    if sign == "+" and isinstance(a, str) and isinstance(b, str):
        return _longer_text(a, b)
    raise _mismatch(sign, a, b)


def _numbers(compute: _Compute, a: float, b: float) -> object:
    try:
        return bounded(compute(a, b))
    except ZeroDivisionError:
        raise OperationError(Code.EXPRESSION, "divides by zero") from None
    except OverflowError:
        raise out_of_bounds() from None


def bounded(result: object) -> object:
    """The result, if it is a real number that is not too large."""
    if isinstance(result, int):
        if -LARGEST <= result <= LARGEST:
            return result
        raise out_of_bounds()
    if isinstance(result, float):
        if isfinite(result):
            return result
        raise out_of_bounds()
    raise OperationError(Code.EXPRESSION, "is not a real number")


def out_of_bounds() -> OperationError:
    """The trouble with a number that is out of bounds."""
    return OperationError(
        Code.BOUNDS, "is out of range: integers go up to 10**18, floats up to 1e308"
    )


def _sizes(sign: str, compute: _Compute, a: object, b: object, frame: EvaluationFrame) -> object:
    frame.spend_symbolic()
    if isinstance(a, float) or isinstance(b, float):
        size, number = (a, b) if is_symbolic(a) else (b, a)
        raise OperationError(
            Code.EXPRESSION_TYPE,
            (f"applies `{sign}` to the size {size} and {number}: sizes that depend on the "
"input combine only with integers"),
            "for integer division, write `//`",
        )  # fmt: skip
    a, b = (int(v) if isinstance(v, bool) else v for v in (a, b))
    if b == 0 and sign in ("/", "//", "%"):
        raise OperationError(Code.EXPRESSION, "divides by zero")
    if sign == "/":
        return _quotient(a, b, frame)
    if sign == "**":
        return _size_power(a, b)
    return compute(a, b)


def _quotient(a: Any, b: Any, frame: EvaluationFrame) -> object:
    exact = divide_exactly(a, b)
    if exact is not None:
        return exact
    if not (isinstance(b, int) and b > 0 and divisible(a, b, frame.scope.known()).always):
        raise OperationError(
            Code.UNDECIDED,
            f"is not always an integer: it divides {a} by {b}",
            "for integer division, write `//`",
        )
    return a // b


def _size_power(a: Any, b: Any) -> object:
    if not isinstance(b, int):
        raise OperationError(
            Code.EXPRESSION_TYPE, f"has the exponent {b}, which depends on the input"
        )
    if not 0 <= b <= _HIGHEST_POWER:
        raise OperationError(
            Code.BOUNDS,
            f"raises the size {a} to {b}; the largest exponent for a size that depends on the "
            f"input is {_HIGHEST_POWER}",
        )
    result: Any = 1
    for _ in range(b):
        result = result * a
    return result


def _power(a: Any, b: Any) -> Any:
    # |a| >= 2 ** (bits - 1), so this rejects only what is above 2**60, and before computing it.
    if isinstance(a, int) and isinstance(b, int) and (a.bit_length() - 1) * b >= 60:
        raise OverflowError
    return a**b


def _longer_list(
    a: list[object] | tuple[object, ...],
    b: list[object] | tuple[object, ...],
    frame: EvaluationFrame,
) -> object:
    length = len(a) + len(b)
    if length > LONGEST_LIST:
        raise OperationError(
            Code.BOUNDS, f"has {length} items; the limit for a list is {LONGEST_LIST}"
        )
    frame.spend(length)
    return whole_list([*a, *b], frame)


def _longer_text(a: str, b: str) -> str:
    length = len(a) + len(b)
    if length > LONGEST_TEXT:
        raise OperationError(
            Code.BOUNDS, f"has {length} characters; the limit for text is {LONGEST_TEXT}"
        )
    return a + b


def _mismatch(sign: str, a: object, b: object) -> OperationError:
    helps: tuple[str, ...] = ()
    if sign == "*" and (is_list(a) or is_list(b)):
        helps = ("to repeat an item, write `[item for k in range(n)]`",)
    expected = "numbers, lists or text on both sides" if sign == "+" else "numbers"
    what = f"requires {expected} for `{sign}`, got {kind(a)} and {kind(b)}"
    return OperationError(Code.EXPRESSION_TYPE, what, *helps)


OPERATIONS: Final[dict[str, Apply]] = {
    "+": _operation("+", operator.add),
    "-": _operation("-", operator.sub),
    "*": _operation("*", operator.mul),
    "/": _operation("/", operator.truediv),
    "//": _operation("//", operator.floordiv),
    "%": _operation("%", operator.mod),
    "**": _operation("**", _power),
}
"""The binary operations by their signs."""


def signed(sign: str, value: object, frame: EvaluationFrame) -> object:
    """`-value` or `+value`; raises `OperationError`."""
    if value is UNKNOWN:
        return UNKNOWN
    if is_number(value):
        return -value if sign == "-" else +value
    if is_symbolic(value):
        frame.spend_symbolic()
        return -value if sign == "-" else value
    raise OperationError(
        Code.EXPRESSION_TYPE, f"requires a number after `{sign}`, got {kind(value)}"
    )
