"""The memory layout of a tensor with given sizes."""

from __future__ import annotations

from collections.abc import Sequence

ConcreteShape = tuple[int, ...]


def contiguous(sizes: Sequence[int]) -> ConcreteShape:
    """The strides of a contiguous tensor.

    >>> contiguous((2, 3, 4))
    (12, 4, 1)
    """
    strides, step = [], 1
    for size in reversed(sizes):
        strides.append(step)
        step *= size
    return tuple(reversed(strides))


def reshaped(
    before: ConcreteShape, strides: ConcreteShape, after: ConcreteShape
) -> ConcreteShape | None:
    """The strides that show the same memory as another shape; None if torch must copy.

    Torch's own rule (`computeStride`): axes that are contiguous in memory can be split differently.

    >>> reshaped((2, 3, 4), (12, 4, 1), (6, 4)), reshaped((2, 3, 4), (12, 1, 3), (2, 12))
    ((4, 1), None)
    """
    view: list[int] = []
    rest = list(after)
    step, elements, covered = strides[-1] if strides else 1, 1, 1
    for axis in reversed(range(len(before))):
        elements *= before[axis]
        if axis and (before[axis - 1] == 1 or strides[axis - 1] == elements * step):
            continue
        while rest and (covered < elements or rest[-1] == 1):
            view.append(covered * step)
            covered *= rest.pop()
        if covered != elements:
            return None
        step, elements, covered = strides[axis - 1], 1, 1
    view.extend(1 for _ in rest)
    return None if any(size != 1 for size in rest) else tuple(reversed(view))
