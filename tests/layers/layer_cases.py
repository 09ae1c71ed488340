"""Random arguments and input shapes for every layer: most valid, the rest wrong by one thing."""

from __future__ import annotations

import math
from random import Random
from typing import Any

from case_parts import (
    Case,
    Draw,
    any_shape,
    dim_of,
    flag,
    meeting,
    one_or_each,
    sizes,
    sometimes,
    spatial,
)
from later_layer_cases import LATER_CASES

from netspec.layers import OPS

CASES: dict[str, Draw] = {}


def conv(axes: int, transposed: bool) -> Draw:
    def draw(r: Random) -> Case:
        groups = r.choice([1, 1, 1, 2, 3])
        fits = r.random() < 0.9
        channels = groups * r.randint(1, 3) if fits else r.randint(1, 6)
        k = one_or_each(r, axes, lambda: r.randint(1, 4))
        args = {"out_channels": groups * r.randint(1, 3), "kernel_size": k, "groups": groups}
        if r.random() < 0.05:
            args["out_channels"] = r.randint(1, 6)
        args |= sometimes(
            r, 0.6,
            stride=lambda: one_or_each(r, axes, lambda: r.randint(1, 3)),
            padding=lambda: one_or_each(r, axes, lambda: r.randint(0, 3)),
            dilation=lambda: one_or_each(r, axes, lambda: r.randint(1, 3)),
            bias=flag(r),
        )  # fmt: skip
        if transposed:
            args |= sometimes(
                r, 0.4, output_padding=lambda: one_or_each(r, axes, lambda: r.randint(0, 2))
            )
        else:
            args |= sometimes(
                r, 0.3,
                padding_mode=lambda: r.choice(["zeros", "reflect", "replicate", "circular"]),
            )  # fmt: skip
            if r.random() < 0.2:
                args["padding"] = r.choice(["same", "valid"])
                if r.random() < 0.8:
                    args["stride"] = 1
        return args, [spatial(r, axes, channels)]

    return draw


def pool(axes: int, kind: str) -> Draw:
    def draw(r: Random) -> Case:
        whole = kind == "LP" and axes == 1
        k = r.randint(1, 4) if whole else one_or_each(r, axes, lambda: r.randint(1, 4))
        args = {"kernel_size": k} | sometimes(
            r, 0.5,
            stride=lambda: one_or_each(r, axes, lambda: r.randint(1, 4)),
            ceil_mode=flag(r),
        )  # fmt: skip
        if kind == "LP":
            args["norm_type"] = r.choice([1, 2, 3.0, 1.5])
        else:
            half = min(k) // 2 if isinstance(k, list) else k // 2
            args |= sometimes(
                r, 0.5, padding=lambda: one_or_each(r, axes, lambda: r.randint(0, half + 1))
            )
        if kind == "Max":
            args |= sometimes(
                r, 0.5,
                dilation=lambda: one_or_each(r, axes, lambda: r.randint(1, 3)),
                return_indices=flag(r),
            )  # fmt: skip
        if kind == "Avg":
            args |= sometimes(r, 0.3, count_include_pad=flag(r))
            if axes > 1:
                args |= sometimes(r, 0.2, divisor_override=lambda: r.randint(1, 5))
        return args, [spatial(r, axes, r.randint(1, 3))]

    return draw


def adaptive(axes: int, indices: bool) -> Draw:
    def draw(r: Random) -> Case:
        entries = [1, 2, 3, 5, 0] if axes == 1 else [1, 2, 3, 5, None]
        size = one_or_each(r, axes, lambda: r.choice(entries))
        args = {"output_size": size}
        if indices:
            args |= sometimes(r, 0.4, return_indices=flag(r))
        return args, [spatial(r, axes, r.randint(1, 3))]

    return draw


def padding(axes: int, kind: str) -> Draw:
    def draw(r: Random) -> Case:
        least = -2 if r.random() < 0.3 else 0
        draw_one = lambda: r.randint(least, 4)  # noqa: E731
        args: dict[str, Any] = {"padding": one_or_each(r, 2 * axes, draw_one)}
        if kind == "Constant":
            args["value"] = 1.5
        return args, [spatial(r, axes, r.randint(1, 3), 5)]

    return draw


for n in (1, 2, 3):
    CASES[f"Conv{n}d"] = conv(n, False)
    CASES[f"ConvTranspose{n}d"] = conv(n, True)
    for kind in ("Max", "Avg", "LP"):
        CASES[f"{kind}Pool{n}d"] = pool(n, kind)
    CASES[f"AdaptiveAvgPool{n}d"] = adaptive(n, False)
    CASES[f"AdaptiveMaxPool{n}d"] = adaptive(n, True)
    for kind in ("Zero", "Constant", "Reflection", "Replication", "Circular"):
        CASES[f"{kind}Pad{n}d"] = padding(n, kind)


def channel_norm(axes: int, kind: str) -> Draw:
    def draw(r: Random) -> Case:
        args = sometimes(
            r, 0.4, affine=flag(r), track_running_stats=flag(r), bias=flag(r), eps=lambda: 1e-3
        )
        if kind == "Batch":
            args |= sometimes(r, 0.2, momentum=lambda: r.choice([None, 0.3]))
        shape = spatial(r, axes, r.randint(1, 3), 2)
        return args, [shape[: r.randint(1, len(shape))] if r.random() < 0.2 else shape]

    return draw


for n in (1, 2, 3):
    CASES[f"BatchNorm{n}d"] = channel_norm(n, "Batch")
    CASES[f"InstanceNorm{n}d"] = channel_norm(n, "Instance")


def group_norm(r: Random) -> Case:
    groups = r.randint(1, 4)
    channels = groups * r.randint(1, 2) if r.random() < 0.8 else r.randint(1, 6)
    shape = (r.randint(1, 2), channels, *sizes(r, r.randint(0, 3), 2))
    args = {"num_groups": groups} | sometimes(r, 0.4, affine=flag(r), bias=flag(r))
    return args, [shape[1:] if r.random() < 0.1 else shape]


def last_norm(r: Random, *, rms: bool) -> Case:
    shape = any_shape(r)
    args = sometimes(r, 0.4, elementwise_affine=flag(r))
    if not rms:
        args |= sometimes(r, 0.4, bias=flag(r), eps=lambda: 1e-3)
    if shape and r.random() < 0.5:
        count = r.randint(1, len(shape) + (r.random() < 0.1))
        args["normalized_shape"] = list(([2, *shape])[-count:])
    return args, [shape]


CASES["GroupNorm"] = group_norm
CASES["LayerNorm"] = lambda r: last_norm(r, rms=False)
CASES["RMSNorm"] = lambda r: last_norm(r, rms=True)
CASES["LocalResponseNorm"] = lambda r: (
    {"size": r.randint(0, 5)} | sometimes(r, 0.3, alpha=lambda: 0.1, k=lambda: 2.0),
    [any_shape(r, 6, 3)],
)

for op in (
    "ReLU", "ReLU6", "SELU", "SiLU", "Mish", "Hardswish", "Hardsigmoid", "Sigmoid", "LogSigmoid",
    "Tanh", "Tanhshrink", "Softsign",
):  # fmt: skip
    CASES[op] = lambda r, op=op: (
        sometimes(r, 0.3, inplace=flag(r)) if "inplace" in arguments_of(op) else {}, [any_shape(r)]
    )  # fmt: skip


def arguments_of(op: str) -> dict[str, Any]:
    from netspec.layers import find

    layer = find(op)
    assert layer is not None
    return layer.arguments


def number(name: str, *values: float) -> Draw:
    return lambda r: (sometimes(r, 0.6, **{name: lambda: r.choice(values)}), [any_shape(r)])


CASES["LeakyReLU"] = number("negative_slope", 0.2, -1, 3)
CASES["ELU"] = number("alpha", 0, 2.0)
CASES["CELU"] = number("alpha", 0, 2.0, -1)
CASES["Hardshrink"] = number("lambd", 0, -1, 1)
CASES["Softshrink"] = number("lambd", 0, -1, 1)
CASES["Softplus"] = number("beta", 1, 0.5, 2)
CASES["GELU"] = number("approximate", "none", "tanh", "exact")  # type: ignore[arg-type]
CASES["RReLU"] = lambda r: (
    sometimes(r, 0.5, lower=lambda: r.choice([0.1, 0.2]), upper=lambda: r.choice([0.1, 0.05, 1])),
    [any_shape(r)],
)
CASES["Hardtanh"] = lambda r: (
    sometimes(r, 0.5, min_val=lambda: r.choice([-2, 0, 1]), max_val=lambda: r.choice([0, 1, 6])),
    [any_shape(r)],
)
CASES["Threshold"] = lambda r: ({"threshold": 0.1, "value": r.choice([0, 20])}, [any_shape(r)])


def prelu(r: Random) -> Case:
    shape = any_shape(r)
    count = shape[1] if len(shape) > 1 and r.random() < 0.6 else r.randint(1, 3)
    return sometimes(r, 0.8, num_parameters=lambda: count), [shape]


def along(required: bool) -> Draw:
    def draw(r: Random) -> Case:
        shape = any_shape(r)
        args = sometimes(r, 0.8, dim=lambda: r.randint(-len(shape) - 1, len(shape)))
        return args, [shape]

    return draw


CASES["PReLU"] = prelu
for op in ("Softmax", "LogSoftmax", "Softmin", "GLU"):
    CASES[op] = along(False)
CASES["Softmax2d"] = lambda r: ({}, [any_shape(r, 5, 3)])
CASES["Identity"] = lambda r: ({}, [any_shape(r)])
CASES["Linear"] = lambda r: (
    {"out_features": r.randint(1, 5)} | sometimes(r, 0.5, bias=flag(r)), [any_shape(r)]
)  # fmt: skip


def bilinear(r: Random) -> Case:
    head = any_shape(r, 3)
    other = (*head[:-1], r.randint(1, 3)) if head and r.random() < 0.2 else head
    if r.random() < 0.1:
        other = (2, *head)
    args = {"out_features": r.randint(1, 4)} | sometimes(r, 0.3, bias=flag(r))
    return args, [(*head, r.randint(1, 4)), (*other, r.randint(1, 4))]


def flatten(r: Random) -> Case:
    shape = any_shape(r)
    dims = lambda: r.randint(-len(shape) - 1, len(shape))  # noqa: E731
    return sometimes(r, 0.6, start_dim=dims, end_dim=dims), [shape]


def unflatten(r: Random) -> Case:
    parts = [r.randint(1, 3) for _ in range(r.randint(1, 3))]
    total = 1
    for part in parts:
        total *= part
    shape = list(any_shape(r, 3, 4))
    position = r.randint(0, len(shape))
    shape.insert(position, total if r.random() < 0.8 else r.randint(1, 12))
    if r.random() < 0.5:
        parts[r.randrange(len(parts))] = -1
    if r.random() < 0.05:
        parts.append(-1)
    dim = position if r.random() < 0.6 else position - len(shape)
    return {"dim": dim if r.random() < 0.9 else 5, "unflattened_size": parts}, [tuple(shape)]


CASES["Bilinear"] = bilinear
CASES["Flatten"] = flatten
CASES["Unflatten"] = unflatten
for op in ("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"):
    CASES[op] = lambda r: (
        sometimes(r, 0.5, p=lambda: r.choice([0, 0.3, 1, 1.5]), inplace=flag(r)),
        [any_shape(r, 6, 3)],
    )
CASES["DropPath"] = lambda r: (
    {"p": r.choice([0, 0.3, 1])} | sometimes(r, 0.4, mode=lambda: r.choice(["row", "batch"])),
    [any_shape(r, 4, 3, 1)],
)

MODES = ["nearest", "linear", "bilinear", "bicubic", "trilinear", "nearest-exact", "area"]


def resize(modes: list[str], *, antialias: bool = False) -> Draw:
    def draw(r: Random) -> Case:
        shape = any_shape(r, 5, 5, 3) if r.random() < 0.9 else any_shape(r, 6)
        axes = max(len(shape) - 2, 1)
        axes += r.random() < 0.05
        factors = [2, 3, 0.5, 1.5, 1.7, 0.3, 1 / 3, 0.1, 2.5]
        args: dict[str, Any] = {}
        if r.random() < 0.55:
            args["size"] = one_or_each(r, axes, lambda: r.randint(1, 6))
        if (r.random() < 0.95) == ("size" not in args):
            args["scale_factor"] = one_or_each(r, axes, lambda: r.choice(factors))
        if modes:
            usual = {3: "linear", 4: "bilinear", 5: "trilinear"}.get(len(shape), "nearest")
            args |= sometimes(r, 0.7, mode=lambda: r.choice([*modes, usual, usual]))
            linear = args.get("mode", "").endswith(("linear", "cubic"))
            args |= sometimes(r, 0.5 if linear else 0.05, align_corners=flag(r))
            args |= sometimes(r, 0.1, recompute_scale_factor=flag(r))
            if antialias:
                args |= sometimes(r, 0.15, antialias=flag(r))
        return args, [shape]

    return draw


CASES["Upsample"] = resize(MODES)
CASES["Interpolate"] = resize(MODES, antialias=True)
CASES["UpsamplingNearest2d"] = resize([])
CASES["UpsamplingBilinear2d"] = resize([])


def shuffle(name: str, up: bool) -> Draw:
    def draw(r: Random) -> Case:
        factor = r.randint(1, 3)
        good = r.random() < 0.8
        channels = r.randint(1, 2) * (factor**2 if up and good else 1)
        by = 1 if up or not good else factor
        head = any_shape(r, 2)
        return {name: factor}, [(*head, channels, by * r.randint(1, 3), by * r.randint(1, 3))]

    return draw


def channel_shuffle(r: Random) -> Case:
    groups = r.randint(1, 3)
    channels = groups * r.randint(1, 3) if r.random() < 0.8 else r.randint(1, 6)
    return {"groups": groups}, [(r.randint(1, 2), channels, *any_shape(r, 3, 3))]


CASES["PixelShuffle"] = shuffle("upscale_factor", True)
CASES["PixelUnshuffle"] = shuffle("downscale_factor", False)
CASES["ChannelShuffle"] = channel_shuffle


def concat(r: Random) -> Case:
    shape = any_shape(r, 4, 4, 0 if r.random() < 0.1 else 1)
    args = sometimes(r, 0.8, dim=lambda: dim_of(r, len(shape)))
    shapes = []
    for _ in range(r.randint(1, 4)):
        one = list(shape)
        axis = args.get("dim", 1)
        if -len(one) <= axis < len(one):
            one[axis] = r.randint(1, 4)
        if one and r.random() < 0.05:
            one[r.randrange(len(one))] += 1
        shapes.append(tuple(one) if r.random() < 0.97 else (1, *one))
    return args, shapes


def stack(r: Random) -> Case:
    shape = any_shape(r)
    shapes = [shape] * r.randint(1, 4)
    if shape and r.random() < 0.2:
        shapes.append((shape[0] + 1, *shape[1:]))
    return sometimes(r, 0.8, dim=lambda: dim_of(r, len(shape) + 1)), shapes


def pointwise(count: int) -> Draw:
    def draw(r: Random) -> Case:
        shape = any_shape(r)
        number = count or r.randint(2, 4)
        return {}, [meeting(r, shape) for _ in range(number)]

    return draw


def matmul(r: Random) -> Case:
    batch, n, k, m = any_shape(r, 2, 3), *sizes(r, 3, 4)
    a, b = (*meeting(r, batch), n, k), (*meeting(r, batch), k, m)
    if r.random() < 0.15:
        b = (*b[:-2], k + 1, m)
    if r.random() < 0.15:
        a = (k,)
    if r.random() < 0.15:
        b = (k,)
    return {}, [a if r.random() < 0.97 else (), b]


CASES["Concat"] = concat
CASES["Stack"] = stack
for op in ("Add", "Mul", "Maximum", "Minimum"):
    CASES[op] = pointwise(0)
for op in ("Sub", "Div"):
    CASES[op] = pointwise(2)
CASES["MatMul"] = matmul


def reshape(r: Random) -> Case:
    shape = list(any_shape(r))
    new = [s for s in shape for s in ([s] if r.random() < 0.7 else [1, s])]
    if len(new) > 1 and r.random() < 0.5:
        new = [new[0] * new[1], *new[2:]]
    r.shuffle(new)
    if new and r.random() < 0.5:
        new[r.randrange(len(new))] = -1
    if new and r.random() < 0.15:
        new[r.randrange(len(new))] = r.choice([2, 3, 5, -1])
    return {"shape": new}, [tuple(shape)]


def permute(r: Random) -> Case:
    shape = any_shape(r)
    dims = list(range(len(shape)))
    r.shuffle(dims)
    dims = [d - len(shape) if r.random() < 0.3 else d for d in dims]
    if dims and r.random() < 0.2:
        dims[0] = r.choice([dims[-1], 7, -9])
    return {"dims": dims[1:] if r.random() < 0.05 else dims}, [shape]


def transpose(r: Random) -> Case:
    shape = any_shape(r)
    return {"dim0": dim_of(r, len(shape)), "dim1": dim_of(r, len(shape))}, [shape]


def squeeze(r: Random) -> Case:
    shape = tuple(1 if r.random() < 0.5 else s for s in any_shape(r))
    dims = lambda: (  # noqa: E731
        dim_of(r, len(shape)) if r.random() < 0.6
        else [dim_of(r, len(shape)) for _ in range(r.randint(0, 2))]
    )  # fmt: skip
    return sometimes(r, 0.8, dim=dims), [shape]


def unsqueeze(r: Random) -> Case:
    shape = any_shape(r)
    return {"dim": dim_of(r, len(shape) + 1)}, [shape]


def expand(r: Random) -> Case:
    shape = any_shape(r)
    shape = tuple(1 if r.random() < 0.5 else s for s in shape)
    size = [s if s != 1 else r.randint(1, 4) for s in shape]
    size = [-1 if r.random() < 0.3 else s for s in size]
    if size and r.random() < 0.15:
        size[0] = 7
    if r.random() < 0.4:
        size = [r.randint(1, 3) if r.random() < 0.9 else -1, *size]
    return {"size": size[1:] if r.random() < 0.05 else size}, [shape]


CASES |= {
    "Reshape": reshape, "Permute": permute, "Transpose": transpose, "Squeeze": squeeze,
    "Unsqueeze": unsqueeze, "Expand": expand,
}  # fmt: skip


def roll(r: Random) -> Case:
    shape = any_shape(r)
    if r.random() < 0.3:
        args = {"shifts": r.randint(-9, 9)}
        return args | sometimes(r, 0.7, dims=lambda: dim_of(r, len(shape))), [shape]
    dims = [dim_of(r, len(shape)) for _ in range(r.randint(0, 3))]
    shifts = [r.randint(-9, 9) for _ in range(len(dims) if r.random() < 0.9 else 2)]
    return {"shifts": shifts, "dims": dims}, [shape]


CASES["Roll"] = roll


def cut_shape(r: Random) -> tuple[int, ...]:
    return any_shape(r, 4, 7, 0 if r.random() < 0.05 else 1)


def chunk(r: Random) -> Case:
    shape = cut_shape(r)
    args = {"chunks": r.randint(1, 4)} | sometimes(r, 0.8, dim=lambda: dim_of(r, len(shape)))
    return args, [shape]


def split(r: Random) -> Case:
    shape = cut_shape(r)
    dim = dim_of(r, len(shape))
    size: Any = r.randint(1, 4)
    if -len(shape) <= dim < len(shape) and r.random() < 0.6:
        first = r.randint(1, max(shape[dim] - 1, 1))
        size = [first, shape[dim] - first] if shape[dim] > first else [first]
        if r.random() < 0.2:
            size[0] += 1
    return {"split_size": size, "dim": dim}, [shape]


def slice_(r: Random) -> Case:
    shape = cut_shape(r)
    args = {"dim": dim_of(r, len(shape))} | sometimes(
        r, 0.6, start=lambda: r.randint(-4, 4), end=lambda: r.choice([None, 1, 2, 3, 5, -1, -2]),
        step=lambda: r.randint(1, 3),
    )  # fmt: skip
    return args, [shape]


def select(r: Random) -> Case:
    shape = cut_shape(r)
    return {"dim": dim_of(r, len(shape)), "index": r.randint(-4, 3)}, [shape]


def pad(r: Random) -> Case:
    shape = any_shape(r, 5, 4, 1)
    mode = r.choice(["constant", "constant", "reflect", "replicate", "circular"])
    axes = r.randint(1, len(shape)) if mode == "constant" else max(len(shape) - r.randint(1, 2), 1)
    least = -2 if r.random() < 0.2 else 0
    entries = [r.randint(least, 3) for _ in range(2 * axes)]
    if r.random() < 0.05:
        entries.append(1)
    args: dict[str, Any] = {"pad": entries}
    if mode != "constant" or r.random() < 0.3:
        args["mode"] = mode
    if r.random() < (0.4 if mode == "constant" else 0.05):
        args["value"] = 2.0
    return args, [shape]


CASES |= {"Chunk": chunk, "Split": split, "Slice": slice_, "Select": select, "Pad": pad}


def reduction(r: Random) -> Case:
    shape = any_shape(r)
    dims = lambda: (  # noqa: E731
        dim_of(r, len(shape)) if r.random() < 0.6
        else [dim_of(r, len(shape)) for _ in range(r.randint(0, 3))]
    )  # fmt: skip
    return sometimes(r, 0.7, dim=dims, keepdim=flag(r)), [shape]


for op in ("Mean", "Sum", "Max", "Min"):
    CASES[op] = reduction


def norm(r: Random) -> Case:
    args, shapes = reduction(r)
    return args | sometimes(
        r, 0.4, ord=lambda: r.choice([1, 2, 3.5, 0, math.inf, -math.inf])
    ), shapes


CASES["Norm"] = norm
for op in ("Abs", "Neg", "Sqrt", "Rsqrt", "Exp", "Log"):
    CASES[op] = lambda r: ({}, [any_shape(r)])


def power(r: Random) -> Case:
    shape = any_shape(r)
    if r.random() < 0.5:
        return {"exponent": r.choice([2, 0.5, -1])}, [shape]
    return {}, [meeting(r, shape) for _ in range(1 if r.random() < 0.05 else 2)]


CASES["Pow"] = power
CASES["Clamp"] = lambda r: (sometimes(r, 0.6, min=lambda: 0, max=lambda: 1.5), [any_shape(r)])


def attention(r: Random) -> Case:
    batch, length, keys, features, out = any_shape(r, 2, 3), *sizes(r, 4, 4)
    heads = [meeting(r, batch) if r.random() < 0.2 else batch for _ in range(3)]
    shapes = [
        (*heads[0], length, features), (*heads[1], keys, features), (*heads[2], keys, out)
    ]  # fmt: skip
    if r.random() < 0.1:
        position = r.randrange(3)
        shapes[position] = (*shapes[position][:-2], shapes[position][-2], shapes[position][-1] + 1)
    if r.random() < 0.05:
        shapes[2] = (*shapes[2][:-2], keys + 1, shapes[2][-1])
    args = sometimes(
        r, 0.2, is_causal=flag(r), dropout_p=lambda: 0.1, scale=lambda: 0.5
    )  # fmt: skip
    if r.random() < 0.3:
        shapes.append((*meeting(r, batch), length, r.choice([1, keys])))
    return args, shapes


CASES["ScaledDotProductAttention"] = attention
CASES["Parameter"] = lambda r: ({"shape": list(any_shape(r))}, [])
CASES["Constant"] = lambda r: (
    {"value": r.choice([1.5, 2, [1, 2.5], [[1, 2], [3, 4]], [True, False], [[1], [2, 3]], []])}, [],
)  # fmt: skip


# ---- tables and recurrence ------------------------------------------------------------------------


def table(r: Random) -> dict[str, Any]:
    rows = r.randint(1, 5)
    return {"num_embeddings": rows, "embedding_dim": r.randint(1, 4)} | sometimes(
        r, 0.2, padding_idx=lambda: r.randint(-rows - 1, rows), max_norm=lambda: 1.5, sparse=flag(r),
        scale_grad_by_freq=flag(r),
    )  # fmt: skip


def bag(r: Random) -> Case:
    args = table(r) | sometimes(
        r, 0.5, mode=lambda: r.choice(["sum", "mean", "max"]), include_last_offset=flag(r)
    )
    shape = any_shape(r, 2, 4, 1) if r.random() < 0.95 else any_shape(r, 3, 4)
    input_shapes = {"input": shape}
    if r.random() < (0.9 if len(shape) == 1 else 0.1):
        input_shapes["offsets"] = (r.randint(1, 3),) if r.random() < 0.95 else (2, 2)
    if r.random() < 0.3:
        input_shapes["per_sample_weights"] = shape if r.random() < 0.8 else (*shape, 1)
        if r.random() < 0.8:
            args["mode"] = "sum"
    return args, input_shapes


CASES["Embedding"] = lambda r: (table(r), [any_shape(r)])
CASES["EmbeddingBag"] = bag


def off_by_one(r: Random, shape: tuple[int, ...], chance: float = 0.1) -> tuple[int, ...]:
    """The shape, or sometimes one that differs in one size or in its rank."""
    if r.random() > chance or not shape:
        return shape
    if r.random() < 0.3:
        return (1, *shape) if r.random() < 0.5 else shape[1:]
    position = r.randrange(len(shape))
    return (*shape[:position], shape[position] + 1, *shape[position + 1 :])


def recurrent(op: str) -> Draw:
    def draw(r: Random) -> Case:
        hidden = r.randint(2, 4)
        args = {"hidden_size": hidden} | sometimes(
            r, 0.4, num_layers=lambda: r.randint(1, 3), bias=flag(r), batch_first=flag(r),
            bidirectional=flag(r), dropout=lambda: r.choice([0, 0.2, 1]),
        )  # fmt: skip
        if op == "RNN":
            args |= sometimes(r, 0.3, nonlinearity=lambda: r.choice(["tanh", "relu", "gelu"]))
        if op == "LSTM":
            args |= sometimes(r, 0.3, proj_size=lambda: r.randint(0, 4))
        shape = any_shape(r, 3, 4, 2) if r.random() < 0.95 else any_shape(r, 4, 3)
        input_shapes = {"input": shape}
        if r.random() < 0.5 and len(shape) in (2, 3):
            batch = shape[0 if args.get("batch_first") else 1 : 2][:1] if len(shape) == 3 else ()
            states = (1 + args.get("bidirectional", False)) * args.get("num_layers", 1)
            shown = args.get("proj_size") or hidden
            input_shapes["h_0"] = off_by_one(r, (states, *batch, shown))
            if op == "LSTM" and r.random() < 0.9:
                input_shapes["c_0"] = off_by_one(r, (states, *batch, hidden))
        return args, input_shapes

    return draw


def cell(op: str) -> Draw:
    def draw(r: Random) -> Case:
        hidden = r.randint(1, 4)
        args: dict[str, Any] = {"hidden_size": hidden} | sometimes(r, 0.4, bias=flag(r))
        if op == "RNNCell":
            args |= sometimes(r, 0.3, nonlinearity=lambda: r.choice(["tanh", "relu", "gelu"]))
        shape = any_shape(r, 2, 4, 1) if r.random() < 0.95 else any_shape(r, 4, 3)
        input_shapes = {"input": shape}
        if r.random() < 0.5 and shape:
            names = ("h_0", "c_0") if op == "LSTMCell" else ("hidden",)
            input_shapes |= {n: off_by_one(r, (*shape[:-1], hidden)) for n in names}
        return args, input_shapes

    return draw


for op in ("RNN", "GRU", "LSTM"):
    CASES[op] = recurrent(op)
    CASES[f"{op}Cell"] = cell(f"{op}Cell")


def multihead(r: Random) -> Case:
    heads = r.randint(1, 3)
    features = heads * r.randint(1, 3) if r.random() < 0.95 else r.randint(1, 6)
    batch, length, keys = sizes(r, 3, 4)
    first = r.random() < 0.5
    args: dict[str, Any] = {"num_heads": heads, "batch_first": first} | sometimes(
        r, 0.25, bias=flag(r), add_bias_kv=flag(r), add_zero_attn=flag(r), need_weights=flag(r),
        average_attn_weights=flag(r), is_causal=flag(r), dropout=lambda: 0.1,
    )  # fmt: skip
    single = r.random() < 0.2

    def stream(count: int, width: int) -> tuple[int, ...]:
        shape = (
            (count, width) if single else (batch, count, width) if first else (count, batch, width)
        )
        return off_by_one(r, shape, 0.03)

    input_shapes = {"query": stream(length, features)}
    if r.random() < 0.6:
        same = r.random() < 0.6
        input_shapes["key"] = stream(keys, features if same else r.randint(1, 4))
        input_shapes["value"] = stream(keys, features if same else r.randint(1, 4))
    else:
        keys = length
    items = () if single else (batch,)
    if r.random() < 0.3:
        input_shapes["key_padding_mask"] = off_by_one(r, (*items, keys))
    if r.random() < 0.3 or ("is_causal" in args and r.random() < 0.7):
        each = (heads * (1 if single else batch),) if r.random() < 0.4 else ()
        input_shapes["attn_mask"] = off_by_one(r, (*each, length, keys))
    return args, input_shapes


CASES["MultiheadAttention"] = multihead


# ---- windows, distances, unpooling ---------------------------------------------------------------


def unpool(axes: int) -> Draw:
    def draw(r: Random) -> Case:
        kernel = one_or_each(r, axes, lambda: r.randint(1, 3))
        args: dict[str, Any] = {"kernel_size": kernel} | sometimes(
            r, 0.4, stride=lambda: one_or_each(r, axes, lambda: r.randint(1, 3)),
            padding=lambda: one_or_each(r, axes, lambda: r.randint(0, 1)),
        )  # fmt: skip
        shape = spatial(r, axes, r.randint(1, 3), 4)
        if r.random() < 0.4:
            each = lambda name: v if isinstance(v := args.get(name, kernel), list) else [v] * axes  # noqa: E731
            pads = each("padding") if "padding" in args else [0] * axes
            usual = [
                (s - 1) * d + k - 2 * p
                for s, d, k, p in zip(
                    shape[-axes:], each("stride"), each("kernel_size"), pads, strict=True
                )
            ]
            args["output_size"] = [max(u + r.randint(-2, 2), 0) for u in usual]
            if r.random() < 0.1:
                args["output_size"] = r.choice([[1], [*shape[:2], *args["output_size"]]])
        return args, [shape, off_by_one(r, shape, 0.05)]

    return draw


def fractional(axes: int) -> Draw:
    def draw(r: Random) -> Case:
        args: dict[str, Any] = {"kernel_size": one_or_each(r, axes, lambda: r.randint(1, 3))}
        args |= sometimes(r, 0.3, return_indices=flag(r))
        if r.random() < 0.55:
            args["output_size"] = one_or_each(r, axes, lambda: r.randint(1, 4))
        if (r.random() < 0.95) == ("output_size" not in args):
            ratios = [0.5, 0.3, 0.7, 0.9, 0.99, 0.1, 1, 0]
            args["output_ratio"] = one_or_each(r, axes, lambda: r.choice(ratios))
        return args, [spatial(r, axes, r.randint(1, 3), 8)]

    return draw


def windows(r: Random) -> dict[str, Any]:
    return {"kernel_size": one_or_each(r, 2, lambda: r.randint(1, 3))} | sometimes(
        r, 0.4, dilation=lambda: one_or_each(r, 2, lambda: r.randint(1, 2)),
        padding=lambda: one_or_each(r, 2, lambda: r.randint(0, 2)),
        stride=lambda: one_or_each(r, 2, lambda: r.randint(1, 3)),
    )  # fmt: skip


def fold(r: Random) -> Case:
    args = windows(r)
    each = lambda name, usual: v if isinstance(v := args.get(name, usual), list) else [v] * 2  # noqa: E731
    size = [r.randint(1, 6), r.randint(1, 6)]
    kernel = each("kernel_size", 1)
    count = [
        max((s + 2 * p - d * (k - 1) - 1) // t + 1, 1)
        for s, p, d, k, t in zip(
            size, each("padding", 0), each("dilation", 1), kernel, each("stride", 1), strict=True
        )
    ]
    args["output_size"] = size[0] if size[0] == size[1] else size
    shape = (r.randint(1, 2) * kernel[0] * kernel[1], count[0] * count[1])
    return args, [off_by_one(r, shape if r.random() < 0.3 else (r.randint(1, 2), *shape))]


for n in (1, 2, 3):
    CASES[f"MaxUnpool{n}d"] = unpool(n)
for n in (2, 3):
    CASES[f"FractionalMaxPool{n}d"] = fractional(n)
CASES["Unfold"] = lambda r: (windows(r), [spatial(r, 2, r.randint(1, 3))])
CASES["Fold"] = fold


def cosine(r: Random) -> Case:
    shape = any_shape(r)
    args = sometimes(r, 0.8, dim=lambda: dim_of(r, len(shape)), eps=lambda: 1e-6)
    return args, [meeting(r, shape), meeting(r, shape)]


CASES["CosineSimilarity"] = cosine
CASES["PairwiseDistance"] = lambda r: (
    sometimes(r, 0.4, p=lambda: r.choice([1, 2.0, 3.5, 0, -1]), keepdim=flag(r)),
    [meeting(r, shape := any_shape(r)), meeting(r, shape)],
)
CASES["SyncBatchNorm"] = lambda r: (
    sometimes(r, 0.4, affine=flag(r), track_running_stats=flag(r), bias=flag(r)),
    [any_shape(r, 5, 3)],
)
CASES["CrossMapLRN2d"] = lambda r: (
    {"size": r.randint(1, 5)} | sometimes(r, 0.3, alpha=lambda: 0.1, k=lambda: 2.0),
    [any_shape(r, 5, 3) if r.random() < 0.3 else sizes(r, 4, 3)],
)


# ---- transformers --------------------------------------------------------------------------------

HINTS = {
    "TransformerEncoderLayer": {"is_causal": "src_mask"},
    "TransformerEncoder": {"is_causal": "mask"},
    "TransformerDecoderLayer": {"tgt_is_causal": "tgt_mask", "memory_is_causal": "memory_mask"},
    "TransformerDecoder": {"tgt_is_causal": "tgt_mask", "memory_is_causal": "memory_mask"},
    "Transformer": {
        "src_is_causal": "src_mask", "tgt_is_causal": "tgt_mask", "memory_is_causal": "memory_mask",
    },
}  # fmt: skip


def transformer_arguments(r: Random, op: str) -> dict[str, Any]:
    args: dict[str, Any] = {
        "nhead": r.randint(1, 3), "dim_feedforward": r.randint(1, 4), "batch_first": r.random() < 0.5,
    } | sometimes(
        r, 0.2, dropout=lambda: 0.2, activation=lambda: r.choice(["relu", "gelu", "tanh"]),
        norm_first=flag(r), bias=flag(r), layer_norm_eps=lambda: 1e-4,
    )  # fmt: skip
    if op in ("TransformerEncoder", "TransformerDecoder"):
        args |= {"num_layers": r.randint(1, 2)} | sometimes(r, 0.4, norm=lambda: "LayerNorm")
    if op == "TransformerEncoder":
        args["enable_nested_tensor"] = False
        args |= sometimes(r, 0.2, mask_check=flag(r))
    if op == "Transformer":
        args |= {"num_encoder_layers": r.randint(1, 2), "num_decoder_layers": 1}
    return args


def transformer(op: str) -> Draw:
    def draw(r: Random) -> Case:
        args = transformer_arguments(r, op)
        heads = args["nhead"]
        features = heads * r.randint(1, 2) if r.random() < 0.95 else r.randint(1, 6)
        batch, source, target = sizes(r, 3, 3)
        single = r.random() < 0.2

        def stream(count: int) -> tuple[int, ...]:
            pair = (batch, count) if args["batch_first"] else (count, batch)
            return off_by_one(r, (count, features) if single else (*pair, features), 0.04)

        memory = "src" if op == "Transformer" else "memory"
        names = {"src": source} if "Encoder" in op else {"tgt": target, memory: source}
        if op == "Transformer":
            names = {"src": source, "tgt": target}
        input_shapes = {name: stream(count) for name, count in names.items()}
        items = () if single else (batch,)
        sides = {"src": (source, source), "tgt": (target, target), "memory": (target, source)}
        asked = dict(zip(HINTS[op].values(), HINTS[op], strict=True))
        for name in INPUTS[op][len(input_shapes) :]:
            queries, keys = sides[name.split("_")[0] if "_" in name else "src"]
            if name.endswith("padding_mask"):
                if r.random() < 0.2:
                    input_shapes[name] = off_by_one(r, (*items, keys))
            elif r.random() < 0.3:
                each = (heads * (1 if single else batch),) if r.random() < 0.3 else ()
                input_shapes[name] = off_by_one(r, (*each, queries, keys))
            if name in asked and r.random() < (0.3 if name in input_shapes else 0.05):
                args[asked[name]] = r.random() < 0.7
        return args, input_shapes

    return draw


def inputs_of(op: str) -> tuple[str, ...]:
    from netspec.layers import find

    layer = find(op)
    assert layer is not None
    return layer.inputs


INPUTS = {op: inputs_of(op) for op in HINTS}
for op in HINTS:
    CASES[op] = transformer(op)


CASES |= LATER_CASES


def missing() -> list[str]:
    """The layers that no case is drawn for."""
    return [op for op in OPS if op not in CASES]
