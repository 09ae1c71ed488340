"""Comprehensions: nested loops that gather values."""

from __future__ import annotations

from typing import Any, NamedTuple

from netspec.diagnostics import Code
from netspec.expr.errors import LONGEST_LIST, OperationError
from netspec.expr.value_types import UNKNOWN, EvaluationFrame, Run


class ForClause(NamedTuple):
    """One `for` of a comprehension."""

    target: str
    source: Run
    tests: list[Run]


def gather(
    loops: list[ForClause],
    element: Run,
    weight: int,
    frame: EvaluationFrame,
    gathered: list[object],
) -> bool:
    """Run the innermost of the loops for each item of the outer ones; False if one is unknown."""
    target, source, tests = loops[0]
    items: Any = source(frame)
    if items is UNKNOWN:
        return False
    for item in items:
        frame.spend(weight)
        frame.local[target] = item
        held = _all_hold(tests, frame)
        if held is UNKNOWN:
            return False
        if not held:
            continue
        if len(loops) > 1:
            if not gather(loops[1:], element, weight, frame, gathered):
                return False
            continue
        value = element(frame)
        if value is UNKNOWN:
            return False
        gathered.append(value)
        if len(gathered) > LONGEST_LIST:
            raise OperationError(Code.BOUNDS, f"has more than {LONGEST_LIST} items")
    return True


def _all_hold(tests: list[Run], frame: EvaluationFrame) -> object:
    for test in tests:
        holds = test(frame)
        if holds is not True:
            return holds
    return True
