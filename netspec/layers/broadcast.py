"""PyTorch's broadcasting of the sizes of several inputs, and why it fails."""

from __future__ import annotations

from collections.abc import Sequence

from netspec.diagnostics import Code
from netspec.dims import Shape, Size, as_integer
from netspec.layer.argument_kinds import show
from netspec.layer.base import Origin, ShapeError, Solver
from netspec.layer.checks import axis_name, numbered


def broadcast(op: str, solver: Solver, shapes: Sequence[Shape], *, drop: int = 0) -> Shape:
    """The broadcast shape of all inputs, without their last `drop` dimensions.

    Axes are matched from the last. A size of 1 becomes the other one; a symbolic size never counts
    as 1, so it must equal what it meets.
    """
    heads = [shape[: len(shape) - drop] for shape in shapes]
    rank = max(map(len, heads))
    return tuple(_meet(op, solver, shapes, heads, from_last) for from_last in range(rank, 0, -1))


def _meet(
    op: str, solver: Solver, shapes: Sequence[Shape], heads: Sequence[Shape], from_last: int
) -> Size:
    met: Size = 1
    source = 0
    for i, head in enumerate(heads):
        size = head[-from_last] if from_last <= len(head) else 1
        if size in (1, met):
            continue
        if met == 1:
            met, source = size, i
        elif solver.equal(met, size):
            met, source = (size, i) if as_integer(met) is None else (met, source)
        else:
            raise _mismatch(op, shapes, heads, (source, i), from_last)
    return met


def _mismatch(
    op: str, shapes: Sequence[Shape], heads: Sequence[Shape], pair: tuple[int, int], from_last: int
) -> ShapeError:
    from netspec.layers.disagreement import DisagreementError, Mismatch

    a, b = pair
    axes = [(i, len(heads[i]) - from_last) for i in pair]
    (_, axis_a), (_, axis_b) = axes
    rank = max(map(len, shapes))
    same_rank = len(shapes[a]) == len(shapes[b])
    name = axis_name(rank, axis_b) if same_rank else numbered(axis_b - len(shapes[b]))
    return DisagreementError(
        Code.BROADCAST,
        f"`{op}` cannot broadcast its inputs",
        name,
        Mismatch(
            (shapes[a][axis_a], shapes[b][axis_b]),
            (axes[0], axes[1]),
            f"{show(shapes[a])} and {show(shapes[b])}",
        ),
        notes=()
        if same_rank
        else ("inputs of different rank are aligned from the last dimension",),
    )


def stretched(axis: int, rank: int, shapes: Sequence[Shape]) -> Origin:
    """The inputs that determine a dimension of a broadcast result: those that are not 1 there."""
    places = [
        (i, axis - rank + len(shape)) for i, shape in enumerate(shapes) if axis >= rank - len(shape)
    ]
    wide = tuple(place for place in places if shapes[place[0]][place[1]] != 1)
    return Origin("same", parts=wide or tuple(places))
