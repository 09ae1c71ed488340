"""The functions that a spec may call."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from netspec.diagnostics import Code
from netspec.dims import Verdict, at_least, extreme, is_symbolic
from netspec.expr.bounded_arithmetic import OPERATIONS, bounded, out_of_bounds
from netspec.expr.errors import LONGEST_LIST, OperationError
from netspec.expr.value_types import UNKNOWN, EvaluationFrame, is_list, is_number, kind


def _least(frame: EvaluationFrame, *values: object) -> object:
    return _extreme(frame, values, "min")


def _greatest(frame: EvaluationFrame, *values: object) -> object:
    return _extreme(frame, values, "max")


def _extreme(frame: EvaluationFrame, values: tuple[object, ...], name: str) -> object:
    numbers = _items(frame, values[0], name) if len(values) == 1 else list(values)
    if any(v is UNKNOWN for v in numbers):
        return UNKNOWN
    if not numbers:
        raise OperationError(Code.EXPRESSION, f"is the {name} of an empty list")
    for value in numbers:
        if not (is_number(value) or is_symbolic(value)):
            raise OperationError(Code.EXPRESSION_TYPE, f"requires numbers, got {kind(value)}")
    pick = min if name == "min" else max
    fixed = [v for v in numbers if is_number(v)]
    sizes = list(dict.fromkeys(v for v in numbers if is_symbolic(v)))
    if not sizes:
        return pick(fixed)
    return _extreme_size(frame, [*sizes, *([pick(fixed)] if fixed else [])], name)


def _extreme_size(frame: EvaluationFrame, candidates: list[Any], name: str) -> object:
    """The smallest or largest candidate, if it is the same for every input; otherwise an expression."""
    if any(isinstance(v, float) for v in candidates):
        what = "compares a float with a size that depends on the input"
        raise OperationError(Code.EXPRESSION_TYPE, what)
    for candidate in candidates:
        if all(_verdict(frame, candidate, other, name).always for other in candidates):
            return candidate
    return extreme(name, candidates)


def _verdict(frame: EvaluationFrame, candidate: Any, other: Any, name: str) -> Verdict:
    """Whether the candidate is on the right side of the other one."""
    frame.spend_symbolic()
    more = other - candidate if name == "min" else candidate - other
    return at_least(more, 0, frame.scope.known())


def _items(frame: EvaluationFrame, value: object, name: str) -> list[object]:
    if not is_list(value):
        raise OperationError(
            Code.EXPRESSION_TYPE, f"requires a list for `{name}`, got {kind(value)}"
        )
    frame.spend(len(value))
    return list(value)


def _sum(frame: EvaluationFrame, value: object) -> object:
    items = _items(frame, value, "sum")
    if all(map(is_number, items)):
        try:
            return bounded(sum(items))  # type: ignore[arg-type] # they are numbers
        except OverflowError:
            raise out_of_bounds() from None
    total: object = 0
    for item in items:
        if not (is_number(item) or is_symbolic(item) or item is UNKNOWN):
            raise OperationError(
                Code.EXPRESSION_TYPE, f"requires numbers for `sum`, got {kind(item)}"
            )
        total = OPERATIONS["+"](total, item, frame)
    return total


def _len(_frame: EvaluationFrame, value: object) -> object:
    if is_list(value) or isinstance(value, str):
        return len(value)
    raise OperationError(Code.EXPRESSION_TYPE, f"requires a list for `len`, got {kind(value)}")


def _rounding(name: str, compute: Callable[[Any], int]) -> Callable[..., object]:
    def call(_frame: EvaluationFrame, value: object) -> object:
        if is_symbolic(value):
            return value
        return _rounded(name, lambda: compute(value), value)

    return call


def _round(_frame: EvaluationFrame, value: object, digits: object = None) -> object:
    if is_symbolic(value):
        return value
    if digits is None:
        return _rounded("round", lambda: round(value), value)  # type: ignore[call-overload] # seen to below
    if not isinstance(digits, int) or not -18 <= digits <= 18:
        raise OperationError(
            Code.EXPRESSION_TYPE, "requires an integer number of digits, from -18 to 18"
        )
    return _rounded("round", lambda: round(value, digits), value)  # type: ignore[call-overload]


def _rounded(name: str, compute: Callable[[], object], value: object) -> object:
    if not is_number(value):
        raise OperationError(
            Code.EXPRESSION_TYPE, f"requires a number for `{name}`, got {kind(value)}"
        )
    try:
        return bounded(compute())
    except (OverflowError, ValueError):
        raise out_of_bounds() from None


def _magnitude(frame: EvaluationFrame, value: object) -> object:
    if is_symbolic(value):
        return _extreme_size(frame, [value, -value], "max")
    return _rounded("abs", lambda: abs(value), value)  # type: ignore[arg-type] # seen to below


def _of_math(name: str, compute: Callable[[float], float]) -> Callable[..., object]:
    def call(_frame: EvaluationFrame, value: object) -> object:
        if is_symbolic(value):
            raise OperationError(
                Code.UNDECIDED, f"is computed from a size that depends on the input: {value}"
            )
        if not is_number(value):
            raise OperationError(
                Code.EXPRESSION_TYPE, f"requires a number for `{name}`, got {kind(value)}"
            )
        try:
            return bounded(compute(value))
        except ValueError:
            raise OperationError(Code.EXPRESSION, f"has no value: {name}({value})") from None
        except OverflowError:
            raise out_of_bounds() from None

    return call


ROUNDED: Final = ("floor", "ceil", "int")
"""The functions that a quotient of a size may go into."""


def rounded_quotient(function: str, size: Any, divisor: Any, frame: EvaluationFrame) -> object:
    """A size divided by a number and rounded; None for anything else."""
    if not is_symbolic(size) or type(divisor) is not int or divisor < 1:
        return None
    frame.spend_symbolic()
    if function == "int" and not at_least(size, 0, frame.scope.known()).always:
        return None
    return (size + (divisor - 1 if function == "ceil" else 0)) // divisor


def _range(frame: EvaluationFrame, *ends: object) -> object:
    whole = [_whole_end(end) for end in ends]
    if len(whole) == 3 and whole[2] == 0:
        raise OperationError(Code.EXPRESSION, "has a step of zero")
    numbers = range(*whole)
    if numbers and numbers[LONGEST_LIST : LONGEST_LIST + 1]:
        raise OperationError(Code.BOUNDS, f"has more than {LONGEST_LIST} items")
    frame.spend(len(numbers))
    return list(numbers)


def _whole_end(end: object) -> int:
    if isinstance(end, int):
        bounded(end)
        return int(end)
    if is_symbolic(end):
        raise OperationError(Code.UNDECIDED, f"has a length that depends on the input: {end}")
    raise OperationError(Code.EXPRESSION_TYPE, f"requires integers for `range`, got {kind(end)}")


CALLS: Final[dict[str, Callable[..., object]]] = {
    "min": _least,
    "max": _greatest,
    "round": _round,
    "floor": _rounding("floor", math.floor),
    "ceil": _rounding("ceil", math.ceil),
    "int": _rounding("int", int),
    "len": _len,
    "sum": _sum,
    "range": _range,
    "abs": _magnitude,
    "sqrt": _of_math("sqrt", math.sqrt),
    "exp": _of_math("exp", math.exp),
    "log": _of_math("log", math.log),
    "sin": _of_math("sin", math.sin),
    "cos": _of_math("cos", math.cos),
}
"""Every function by its name; each is called with the frame first and raises `OperationError`."""
