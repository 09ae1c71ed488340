"""What the rules of several families ask of a shape, and how they say that it is not so."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container, Sequence
from math import gcd, isqrt

from netspec.diagnostics import Code
from netspec.dims import Shape, Size, constant, symbols
from netspec.layers.base import ShapeError, show

SPATIAL = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}
"""What the spatial axes are called, by how many there are."""

SIDES = ("length", "depth", "height", "width")
"""What a spatial axis may be called."""
COUNTED = ("channels", "features", "tokens")
"""Names of axes that are numbers of something."""
_MOST_TRIED = 10_000
"""Numbers that are tried as divisors; beyond, the list has a gap."""

_LETTERS = {1: "L", 2: "H, W", 3: "D, H, W"}


def axis_name(rank: int, axis: int) -> str:
    """What an axis of a tensor of that rank is usually called.

    >>> axis_name(4, 1), axis_name(4, 3), axis_name(2, 1)
    ('channels', 'width', 'features')
    """
    if rank == 2:
        return ("batch", "features")[axis]
    if 3 <= rank <= 5:
        return ("batch", "channels", *SPATIAL[rank - 2])[axis]
    return f"axis {axis}"


def quantity(name: str) -> str:
    """An axis as something that may differ.

    >>> quantity("channels"), quantity("height")
    ('the number of channels', 'the height')
    """
    counted = name in COUNTED
    return name if name.startswith("axis") else f"the {'number of ' * counted}{name}"


def amount(name: str, size: Size) -> str:
    """So much of an axis.

    >>> amount("channels", 8), amount("channels", 1), amount("height", 8), amount("axis 0", 8)
    ('8 channels', '1 channel', 'a height of 8', '8 on axis 0')
    """
    if name in COUNTED:
        return f"{size} {name.removesuffix('s') if size == 1 else name}"
    return f"{size} on {name}" if name.startswith("axis") else f"a {name} of {size}"


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
    (('give it 8 channels or 12',), ('give it a height of 2',))
    """
    if not isinstance(size, int):
        return ()
    low, high = size // divisor * divisor, -(-size // divisor) * divisor
    return (f"give it {amount(name, low)} or {high}" if low else f"give it {amount(name, high)}",)


def layout(axes: int, *, unbatched: bool = True) -> str:
    """The shapes that a layer over so many spatial axes takes, as a message shows them."""
    batched = f"[N, C, {_LETTERS[axes]}]"
    return f"{batched} or [C, {_LETTERS[axes]}]" if unbatched else batched


def require_rank(
    op: str, shape: Shape, ranks: Container[int], takes: str, helps: Sequence[str] = ()
) -> None:
    """Refuse an input with another number of axes than the layer takes."""
    if len(shape) not in ranks:
        has = "1 axis" if len(shape) == 1 else f"{len(shape)} axes"
        raise ShapeError(
            Code.RANK,
            f"`{op}` takes {takes}, but its input {show(shape)} has {has}",
            label=f"the input is {show(shape)}",
            helps=helps,
        )


def require_spatial(op: str, shape: Shape, axes: int) -> None:
    """Refuse what is neither a batch nor a single item of channels and `axes` spatial axes."""
    require_rank(op, shape, (axes + 1, axes + 2), layout(axes), _other_rank(op, shape, axes))


def _other_rank(op: str, shape: Shape, axes: int) -> tuple[str, ...]:
    fitting = len(shape) - 2
    if op.endswith(f"{axes}d") and fitting in SPATIAL:
        return (f"`{op[:-2]}{fitting}d` takes {layout(fitting, unbatched=False)}",)
    return ()


def axis_of(op: str, dim: int, rank: int, argument: str = "dim", new: int = 0) -> int:
    """The axis that `dim` names, counted from the front; refuses one that is not there.

    `new` axes of the `rank` are yet to be put in.
    """
    if not -rank <= dim < rank:
        few = "1 axis" if rank - new == 1 else f"{rank - new} axes"
        raise ShapeError(
            Code.VALUE,
            f"`{argument}` of `{op}` is {dim}, but the input has {few}",
            argument=argument,
            label=f"must be from {-rank} to {rank - 1}",
            helps=(f"`{argument}` must be from {-rank} to {rank - 1}",),
        )
    return dim % rank


def fixed(op: str, what: str, shape: Shape, axis: int, written: int | None = None) -> int:
    """The size of an axis that has to be a number, such as the channels of a convolution.

    Where the spec writes the number itself, that one counts: the checker holds the input to it.
    """
    size = constant(shape[axis])
    if size is not None:
        return size
    if written is not None:
        return written
    names = ", ".join(sorted(symbols(shape[axis])))
    helps = [f"give {names} a fixed size in `inputs`"]
    if what == "features":
        helps.append("or pool to a fixed size before it, with `AdaptiveAvgPool2d`")
    of_symbol = str(shape[axis]) == names
    raise ShapeError(
        Code.NOT_FIXED,
        f"`{op}` needs a fixed number of {what}, but its input {show(shape)} has {shape[axis]}",
        label=f"{names} is open: it is any size"
        if of_symbol
        else f"{shape[axis]} depends on {names}",
        axes=((0, axis % len(shape)),),
        helps=helps,
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
