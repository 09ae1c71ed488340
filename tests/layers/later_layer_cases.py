"""Random arguments and input shapes for the layers that version 1.1 of the language introduced."""

from __future__ import annotations

import math
from random import Random
from typing import Any

from case_parts import Case, Draw, any_shape, dim_of, flag, meeting, sometimes

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


# ---- reductions, orders ---------------------------------------------------------------------------


def dims_of(r: Random, rank: int) -> int | list[int]:
    return (
        dim_of(r, rank) if r.random() < 0.6 else [dim_of(r, rank) for _ in range(r.randint(1, 3))]
    )


def spread(r: Random) -> Case:
    shape = any_shape(r)
    args = sometimes(
        r, 0.7, dim=lambda: dims_of(r, len(shape)), keepdim=flag(r), correction=lambda: r.randint(0, 1)
    )  # fmt: skip
    return args, [shape]


def over(*, required: bool = False, several: bool = True, keep: bool = True) -> Draw:
    def draw(r: Random) -> Case:
        shape = any_shape(r)
        args: dict[str, Any] = {}
        if required or r.random() < 0.7:
            args["dim"] = dims_of(r, len(shape)) if several else dim_of(r, len(shape))
        return args | (sometimes(r, 0.5, keepdim=flag(r)) if keep else {}), [shape]

    return draw


LATER_CASES |= {
    "Std": spread, "Var": spread, "All": over(), "Any": over(), "LogSumExp": over(required=True),
    "CountNonzero": over(keep=False), "Prod": over(several=False), "ArgMax": over(several=False),
    "ArgMin": over(several=False), "Median": over(required=True, several=False),
}  # fmt: skip
for op in ("CumSum", "CumProd", "LogCumSumExp", "CumMax", "CumMin"):
    LATER_CASES[op] = over(required=True, several=False, keep=False)


def sort(r: Random) -> Case:
    args, shapes = over(several=False, keep=False)(r)
    return args | sometimes(r, 0.4, descending=flag(r), stable=flag(r)), shapes


def ranked(*, keep: bool) -> Draw:
    def draw(r: Random) -> Case:
        args, shapes = over(several=False, keep=keep)(r)
        args["k"] = r.randint(1, 3)
        return args | ({} if keep else sometimes(r, 0.4, largest=flag(r), sorted=flag(r))), shapes

    return draw


def normalize(r: Random) -> Case:
    shape = any_shape(r)
    args = sometimes(
        r, 0.7, dim=lambda: dims_of(r, len(shape)), p=lambda: r.choice([1, 2.0, 3.5, math.inf])
    )
    return args, [shape]


LATER_CASES |= {
    "Sort": sort, "ArgSort": sort, "TopK": ranked(keep=False), "KthValue": ranked(keep=True),
    "Normalize": normalize,
}  # fmt: skip


# ---- tensors of sizes and numbers ----------------------------------------------------------------

ELEMENT_TYPES = ["float16", "float64", "int64", "bool"]


def arange(r: Random) -> Case:
    args: dict[str, Any] = {"end": r.choice([1, 5, 7.5, -3, 0])}
    args |= sometimes(
        r, 0.5, start=lambda: r.choice([0, 2, -4, 0.5]), step=lambda: r.choice([1, 2, 3, -1, 0.7])
    )
    return args | sometimes(r, 0.3, dtype=lambda: r.choice(ELEMENT_TYPES[:3])), [any_shape(r)]


def filled(*values: Any) -> Draw:
    def draw(r: Random) -> Case:
        args: dict[str, Any] = {"size": list(any_shape(r))}
        if values:
            args["fill_value"] = r.choice(values)
        return args | sometimes(r, 0.3, dtype=lambda: r.choice(ELEMENT_TYPES)), [any_shape(r)]

    return draw


def like(*values: Any) -> Draw:
    def draw(r: Random) -> Case:
        args, shapes = filled(*values)(r)
        del args["size"]
        return args, shapes

    return draw


LATER_CASES |= {
    "Arange": arange, "Zeros": filled(), "Ones": filled(), "Full": filled(1, 2.5, True),
    "ZerosLike": like(), "OnesLike": like(), "FullLike": like(1, 2.5, True),
    "Linspace": lambda r: (
        {"start": r.choice([0, -1.5]), "end": r.choice([1, 2.5]), "steps": r.randint(1, 5)}
        | sometimes(r, 0.3, dtype=lambda: "float64"),
        [any_shape(r)],
    ),
    "Eye": lambda r: (
        {"n": r.randint(1, 4)} | sometimes(r, 0.5, m=lambda: r.randint(1, 4)), [any_shape(r)]
    ),
    "AsType": lambda r: ({"dtype": r.choice(["float32", *ELEMENT_TYPES])}, [any_shape(r)]),
}  # fmt: skip


# ---- places of elements ---------------------------------------------------------------------------


def movedim(r: Random) -> Case:
    shape = any_shape(r)
    if r.random() < 0.5:
        return {"source": dim_of(r, len(shape)), "destination": dim_of(r, len(shape))}, [shape]
    count = r.randint(0, 2)
    args = {
        "source": [dim_of(r, len(shape)) for _ in range(count)],
        "destination": [dim_of(r, len(shape)) for _ in range(count if r.random() < 0.9 else 2)],
    }
    return args, [shape]


def narrow(r: Random) -> Case:
    shape = any_shape(r, 4, 6, 0 if r.random() < 0.05 else 1)
    args = {"dim": dim_of(r, len(shape)), "start": r.randint(-4, 4), "length": r.randint(1, 4)}
    return args, [shape]


def copies(name: str) -> Draw:
    def draw(r: Random) -> Case:
        shape = any_shape(r)
        count = max(len(shape) + r.randint(-1, 1), 0)
        return {name: [r.randint(1, 3) for _ in range(count)]}, [shape]

    return draw


def along(name: str = "dim", **arguments: Any) -> Draw:
    def draw(r: Random) -> Case:
        shape = any_shape(r)
        return arguments | {name: dim_of(r, len(shape))}, [shape]

    return draw


LATER_CASES |= {
    "Flip": lambda r: (
        {"dims": [dim_of(r, 3) for _ in range(r.randint(0, 2))]}, [any_shape(r, 4, 4, 2)]
    ),
    "Tril": lambda r: (sometimes(r, 0.5, diagonal=lambda: r.randint(-2, 2)), [any_shape(r)]),
    "Triu": lambda r: (sometimes(r, 0.5, diagonal=lambda: r.randint(-2, 2)), [any_shape(r)]),
    "Movedim": movedim,
    "Swapaxes": lambda r: (
        {"axis0": dim_of(r, len(shape := any_shape(r))), "axis1": dim_of(r, len(shape))}, [shape]
    ),
    "Narrow": narrow, "Unbind": along(), "Repeat": copies("repeats"), "Tile": copies("dims"),
    "RepeatInterleave": lambda r: (
        {"repeats": r.randint(1, 3)} | sometimes(r, 0.8, dim=lambda: r.randint(-3, 3)),
        [any_shape(r)],
    ),
}  # fmt: skip


# ---- indices ----------------------------------------------------------------------------------------


def other_along(r: Random, shape: tuple[int, ...], dim: int) -> tuple[int, ...]:
    """A shape that is no larger, but for one dimension."""
    other = [r.randint(max(size - 1, 1), size) for size in shape]
    if -len(shape) <= dim < len(shape):
        other[dim] = r.randint(1, 5)
    if other and r.random() < 0.1:
        other[r.randrange(len(other))] += 1
    return tuple(other) if r.random() < 0.95 else (1, *other)


def gather(r: Random) -> Case:
    shape = any_shape(r)
    dim = dim_of(r, len(shape))
    return {"dim": dim}, [shape, other_along(r, shape, dim)]


def take_along(r: Random) -> Case:
    shape = any_shape(r)
    dim = dim_of(r, len(shape))
    indices = list(meeting(r, shape))
    if len(indices) == len(shape) and -len(shape) <= dim < len(shape):
        indices[dim] = r.randint(1, 5)
    return sometimes(r, 0.85, dim=lambda: dim), [meeting(r, shape), tuple(indices)]


def scatter(r: Random) -> Case:
    args, (shape, index) = gather(r)
    if r.random() < 0.5:
        return args | {"value": r.choice([0, 1.5])}, [shape, index]
    src = index  # PyTorch has no gradient for a larger one
    if src and r.random() < 0.1:
        src = (*src[:-1], max(src[-1] - 1, 1))
    return args, [shape, index, src] if r.random() < 0.95 else [shape, index]


def scatter_add(r: Random) -> Case:
    args, (shape, index) = gather(r)
    return args, [shape, index, index]


def index_select(r: Random) -> Case:
    shape = any_shape(r)
    index: tuple[int, ...] = (r.randint(1, 4),) if r.random() < 0.9 else any_shape(r, 2)
    return {"dim": dim_of(r, len(shape))}, [shape, index]


LATER_CASES |= {
    "Gather": gather, "TakeAlongDim": take_along, "Scatter": scatter, "ScatterAdd": scatter_add,
    "IndexSelect": index_select,
    "OneHot": lambda r: ({"num_classes": r.randint(1, 4)}, [any_shape(r)]),
}  # fmt: skip


# ---- grids and products ---------------------------------------------------------------------------


def grid_sample(r: Random) -> Case:
    axes = r.choice([1, 2, 2, 2, 3])
    batch = r.randint(1, 2)
    image = (batch, r.randint(1, 3), *(r.randint(1, 4) for _ in range(axes)))
    grid = (batch, *(r.randint(1, 4) for _ in range(axes)), axes if r.random() < 0.9 else 2)
    if r.random() < 0.1:
        grid = (batch + 1, *grid[1:]) if r.random() < 0.5 else grid[1:]
    args = sometimes(
        r, 0.5, mode=lambda: r.choice(["bilinear", "nearest", "bicubic"]),
        padding_mode=lambda: r.choice(["zeros", "border", "reflection"]), align_corners=flag(r),
    )  # fmt: skip
    return args, [image, grid]


def affine_grid(r: Random) -> Case:
    axes = r.choice([2, 2, 3])
    batch = r.randint(1, 3)
    size = [batch, *(r.randint(1, 4) for _ in range(axes + 1))]
    theta = [batch, axes, axes + 1]
    if r.random() < 0.15:
        theta[r.randrange(3)] += 1
    shape = tuple(theta) if r.random() < 0.95 else tuple(theta[1:])
    return {"size": size} | sometimes(r, 0.5, align_corners=flag(r)), [shape]


def einsum(r: Random) -> Case:
    sizes = {letter: r.randint(1, 4) for letter in "abcd"}
    parts = [
        "".join(r.choice("abcd") for _ in range(r.randint(0, 3))) for _ in range(r.randint(1, 3))
    ]
    dots = r.random() < 0.3
    batch = any_shape(r, 2, 3)
    shapes = []
    for k, part in enumerate(parts):
        shape = tuple(
            sizes[c] if r.random() < 0.9 or part.count(c) > 1 else r.choice([1, 5]) for c in part
        )
        if dots:
            shape = (*meeting(r, batch), *shape)
            parts[k] = f"...{part}"
        shapes.append(shape if r.random() < 0.97 else (2, *shape))
    equation = ",".join(parts)
    if r.random() < 0.8:
        known = sorted(set(equation) & set("abcd"))
        r.shuffle(known)
        wrong = ["e"] if r.random() < 0.05 else []
        equation += "->" + ("..." if dots else "") + "".join(known[: r.randint(0, 3)] + wrong)
    return {"equation": equation}, shapes


def meshgrid(r: Random) -> Case:
    shapes: list[tuple[int, ...]] = [
        (r.randint(1, 4),) if r.random() < 0.9 else any_shape(r, 2) for _ in range(r.randint(1, 3))
    ]
    return sometimes(r, 0.5, indexing=lambda: r.choice(["ij", "xy"])), shapes


LATER_CASES |= {
    "GridSample": grid_sample, "AffineGrid": affine_grid, "Einsum": einsum, "Meshgrid": meshgrid,
    "Outer": lambda r: (
        {}, [any_shape(r, 2, 4) if r.random() < 0.1 else (r.randint(1, 4),) for _ in range(2)]
    ),
}  # fmt: skip
