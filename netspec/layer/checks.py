"""Requirements on shapes that several layers share, and the wording of their errors."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container, Sequence
from math import gcd, isqrt

from netspec.diagnostics import Code
from netspec.dims import Shape, Size, as_integer, symbols
from netspec.layer.argument_kinds import show
from netspec.layer.base import ShapeError

SPATIAL = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}
"""The names of the spatial dimensions by their number."""

SIDES = ("length", "depth", "height", "width")
"""The names of all spatial dimensions."""
COUNTED = ("channels", "features", "tokens")
"""The names of dimensions that count something."""
_MOST_TRIED = 10_000
"""Numbers that are tried as divisors; beyond, the list has a gap."""

_LETTERS = {1: "L", 2: "H, W", 3: "D, H, W"}


def numbered(axis: int) -> str:
    """A dimension without a usual name: `dimension 2`."""
    return f"dimension {axis}"


def is_numbered(name: str) -> bool:
    """Whether a name of a dimension is just its number."""
    return name not in COUNTED and name not in SIDES and name != "batch"


def axis_name(rank: int, axis: int) -> str:
    """The usual name of a dimension of a tensor of that rank.

    >>> axis_name(4, 1), axis_name(4, 3), axis_name(2, 1)
    ('channels', 'width', 'features')
    """
    if rank == 2:
        return ("batch", "features")[axis]
    if 3 <= rank <= 5:
        return ("batch", "channels", *SPATIAL[rank - 2])[axis]
    return numbered(axis)


def quantity(name: str) -> str:
    """An axis as something that may differ.

    >>> quantity("channels"), quantity("height")
    ('the number of channels', 'the height')
    """
    counted = name in COUNTED
    return name if is_numbered(name) else f"the {'number of ' * counted}{name}"


def amount(name: str, size: Size) -> str:
    """So much of an axis.

    >>> amount("channels", 8), amount("channels", 1), amount("height", 8), amount("dimension 0", 8)
    ('8 channels', '1 channel', 'a height of 8', 'size 8 in dimension 0')
    >>> from netspec.dims import symbol
    >>> amount("height", symbol("H"))
    'the height H'
    """
    if name in COUNTED:
        return f"{size} {name.removesuffix('s') if size == 1 else name}"
    if is_numbered(name):
        return f"size {size} in {name}"
    return f"the {name} {size}" if as_integer(size) is None else f"a {name} of {size}"


def not_divisible(name: str, size: Size, argument: str, divisor: int) -> str:
    """That so many channels or features do not fall into equal parts.

    >>> not_divisible("channels", 1, "groups", 2)
    'the 1 channel is not divisible by groups=2'
    """
    verb = "is" if size == 1 else "are"
    return f"the {amount(name, size)} {verb} not divisible by {argument}={divisor}"


def nearest_multiples(name: str, size: Size, divisor: int) -> tuple[str, ...]:
    """The multiples of a divisor on both sides of a size, for a help.

    >>> nearest_multiples("channels", 10, 4), nearest_multiples("height", 1, 2)
    (('use 8 channels or 12',), ('use a height of 2',))
    """
    if not isinstance(size, int):
        return ()
    low, high = size // divisor * divisor, -(-size // divisor) * divisor
    return (f"use {amount(name, low)} or {high}" if low else f"use {amount(name, high)}",)


def expected_layout(axes: int, *, unbatched: bool = True) -> str:
    """The shapes that a layer with so many spatial dimensions accepts, for messages."""
    batched = f"[N, C, {_LETTERS[axes]}]"
    return f"{batched} or [C, {_LETTERS[axes]}]" if unbatched else batched


def require_rank(
    op: str, shape: Shape, ranks: Container[int], takes: str, helps: Sequence[str] = ()
) -> None:
    """Require a number of dimensions.

    Args:
        op: The op, for the message.
        shape: The shape of the input.
        ranks: The numbers of dimensions that the layer accepts.
        takes: What the layer accepts, for the message, such as `[N, C, H, W]`.
        helps: What the author can do.

    Raises:
        ShapeError: The input has a different number of dimensions.

    Example:
        >>> require_rank("Gate", (8, 16), (2,), "[N, C]")
    """
    if len(shape) not in ranks:
        has = "1 dimension" if len(shape) == 1 else f"{len(shape)} dimensions"
        raise ShapeError(
            Code.RANK,
            f"`{op}` expects {takes}, but its input {show(shape)} has {has}",
            label=f"the input is {show(shape)}",
            helps=helps,
            shown_shapes=(shape,),
        )


def require_spatial(op: str, shape: Shape, axes: int) -> None:
    """Require channels and spatial dimensions, batched or not.

    Args:
        op: The op, for the message.
        shape: The shape of the input.
        axes: The number of spatial dimensions.

    Raises:
        ShapeError: The input has a different number of dimensions.

    Example:
        >>> require_spatial("Blur", (8, 3, 32, 32), 2)
    """
    require_rank(
        op, shape, (axes + 1, axes + 2), expected_layout(axes), _other_rank(op, shape, axes)
    )


def _other_rank(op: str, shape: Shape, axes: int) -> tuple[str, ...]:
    fitting = len(shape) - 2
    if op.endswith(f"{axes}d") and fitting in SPATIAL:
        return (
            f"use `{op[:-2]}{fitting}d`, which expects {expected_layout(fitting, unbatched=False)}",
        )
    return ()


def resolve_dim(op: str, dim: int, rank: int, argument: str = "dim", new: int = 0) -> int:
    """Resolve a dimension that may be negative.

    Args:
        op: The op, for the message.
        dim: The dimension; negative ones count from the last.
        rank: The number of dimensions.
        argument: The name of the argument.
        new: The number of those dimensions that the layer inserts.

    Returns:
        The dimension counted from 0.

    Raises:
        ShapeError: There is no such dimension.

    Example:
        >>> resolve_dim("Softmax", -1, 4)
        3
    """
    if not -rank <= dim < rank:
        few = "1 dimension" if rank - new == 1 else f"{rank - new} dimensions"
        raise ShapeError(
            Code.VALUE,
            f"`{argument}` of `{op}` is {dim}, but the input has {few}",
            argument=argument,
            label=f"must be from {-rank} to {rank - 1}",
            helps=(f"set `{argument}` to an integer from {-rank} to {rank - 1}",),
        )
    return dim % rank


def resolve_dims(op: str, dims: int | Sequence[int], rank: int, argument: str = "dim") -> list[int]:
    """Resolve dimensions that may be negative.

    Args:
        op: The op, for the message.
        dims: The dimensions, or one of them.
        rank: The number of dimensions.
        argument: The name of the argument.

    Returns:
        The dimensions counted from 0, in the same order.

    Raises:
        ShapeError: There is no such dimension, or one is listed twice.

    Example:
        >>> resolve_dims("Mean", [-1, 0], 4)
        [3, 0]
    """
    listed = [dims] if isinstance(dims, int) else dims
    resolved = [resolve_dim(op, dim, rank, argument) for dim in listed]
    if len(set(resolved)) < len(resolved):
        contains = "contain" if argument.endswith("s") else "contains"
        raise ShapeError(
            Code.VALUE,
            f"{argument} {show(dims)} of `{op}` {contains} a dimension twice",
            argument=argument,
            label="duplicate dimension",
        )
    return resolved


def with_numbers(*names: str) -> str:
    """The advice to make symbols constant.

    >>> with_numbers("H"), with_numbers("H", "W")
    ('replace H with a number in `inputs`', 'replace H, W with numbers in `inputs`')
    """
    number = "a number" if len(names) == 1 else "numbers"
    return f"replace {', '.join(names)} with {number} in `inputs`"


def integer_range(least: int, most: int) -> str:
    """The integers of a range, in words.

    >>> integer_range(0, 1), integer_range(0, 0)
    ('an integer from 0 to 1', '0')
    """
    return f"an integer from {least} to {most}" if least != most else str(least)


def constant_size(op: str, what: str, shape: Shape, axis: int, written: int | None = None) -> int:
    """Require a size that does not depend on symbols, such as the channels of a convolution.

    Args:
        op: The op, for the message.
        what: What the dimension counts, for the message, such as `channels`.
        shape: The shape of the input.
        axis: The dimension.
        written: The size in the spec, if the spec declares it; it takes the place of a symbolic size.

    Returns:
        The size.

    Raises:
        ShapeError: The size is symbolic, and the spec does not declare it.

    Example:
        >>> constant_size("Gate", "channels", (8, 16, 32), 1)
        16
    """
    size = as_integer(shape[axis])
    if size is not None:
        return size
    if written is not None:
        return written
    names = ", ".join(sorted(symbols(shape[axis])))
    helps = [with_numbers(*sorted(symbols(shape[axis])))]
    if what == "features":
        helps.append("or pool to a fixed size first, with `AdaptiveAvgPool2d`")
    of_symbol = str(shape[axis]) == names
    raise ShapeError(
        Code.NOT_FIXED,
        f"`{op}` requires a fixed number of {what}, but its input {show(shape)} has {shape[axis]}",
        label=f"{names} is symbolic" if of_symbol else f"{shape[axis]} depends on {names}",
        axes=((0, axis % len(shape)),),
        helps=helps,
        shown_shapes=(shape,),
    )


def divisors(number: int, other: int, near: int) -> str:
    """The numbers that divide both, for a message; of many those around `near`.

    >>> divisors(30, 64, 4), divisors(300, 300, 8)
    ('1, 2', '…, 4, 5, 6, 10, 12, 15, …')
    """
    common = gcd(number, other)
    most = min(isqrt(common), _MOST_TRIED)
    small = [d for d in range(1, most + 1) if common % d == 0]
    large = [common // d for d in reversed(small) if d * d != common]
    every = [*small, *large]
    if most == isqrt(common) and len(every) < 10:
        return ", ".join(map(str, every))
    first = bisect_left(every, near)
    shown = every[max(first - 3, 0) : first + 3]
    below, above = ["…"] * (shown[0] != every[0]), ["…"] * (shown[-1] != every[-1])
    return ", ".join(map(str, [*below, *shown, *above]))
