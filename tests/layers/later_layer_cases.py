"""Random arguments and input shapes for the layers that version 1.1 of the language introduced."""

from __future__ import annotations

import math
from random import Random
from typing import Any

from layer_cases import Case, Draw, any_shape, meeting, sometimes

LATER_CASES: dict[str, Draw] = {}

for op in (
    "Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Acosh", "Atanh", "Sinc", "Deg2Rad",
    "Rad2Deg", "Exp2", "Expm1", "Log2", "Log10", "Log1p", "Logit", "Erf", "Erfc", "Erfinv", "Lgamma",
    "Digamma", "Reciprocal", "Floor", "Ceil", "Trunc", "Frac", "Sign", "Square", "IsNan", "IsInf", "IsFinite",
    "Signbit", "LogicalNot", "BitwiseNot",
):  # fmt: skip
    LATER_CASES[op] = lambda r: ({}, [any_shape(r)])
LATER_CASES["Round"] = lambda r: (
    sometimes(r, 0.5, decimals=lambda: r.randint(-1, 2)),
    [any_shape(r)],
)
LATER_CASES["NanToNum"] = lambda r: (
    sometimes(r, 0.5, nan=lambda: 1.5, posinf=lambda: r.choice([None, 3.0]), neginf=lambda: -2.0),
    [any_shape(r)],
)


def pair(r: Random) -> Case:
    shape = any_shape(r)
    return {}, [meeting(r, shape), meeting(r, shape)]


def pair_or_number(name: str, *numbers: float) -> Draw:
    def draw(r: Random) -> Case:
        shape = any_shape(r)
        number = r.random() < 0.5
        args = {name: r.choice(numbers)} if number else {}
        missing = r.random() < 0.05
        return args, [meeting(r, shape) for _ in range(1 if number or missing else 2)]

    return draw


for op in (
    "LogicalAnd", "LogicalOr", "LogicalXor", "Atan2", "Hypot", "LogAddExp", "Fmax", "Fmin",
):  # fmt: skip
    LATER_CASES[op] = pair
for op in (
    "Eq", "Ne", "Lt", "Le", "Gt", "Ge", "FloorDivide", "Remainder", "Fmod", "Copysign", "Xlogy",
):  # fmt: skip
    LATER_CASES[op] = pair_or_number("other", 2, 0.5, -1)
for op in ("BitwiseAnd", "BitwiseOr", "BitwiseXor", "BitwiseLeftShift", "BitwiseRightShift"):
    LATER_CASES[op] = pair_or_number("other", 2, 1)


def where(r: Random) -> Case:
    shape = any_shape(r)
    shapes = {"condition": meeting(r, shape)}
    args: dict[str, Any] = {}
    for name in ("input", "other"):
        chance = r.random()
        if chance < 0.6:
            shapes[name] = meeting(r, shape)
        elif chance < 0.95:
            args[name] = r.choice([1, 0.5, True, -math.inf])
    return args, shapes


def masked_fill(r: Random) -> Case:
    shape = any_shape(r)
    value = r.choice([0, -1, 2.5, True, -math.inf, 1e9])
    return {"value": value}, [meeting(r, shape), meeting(r, shape)]


LATER_CASES |= {"Where": where, "MaskedFill": masked_fill}
