"""Indexing in a formula: `x[:, None, 2:n, table]`, with PyTorch's rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from netspec.diagnostics import Code
from netspec.dims import Shape, Size
from netspec.layer.memory import ConcreteShape
from netspec.layer.shape_rules import ShapeError, Solver
from netspec.layers.broadcast import broadcast
from netspec.layers.formula_tree import Index, NumberOperand, SliceItem

Source = tuple[int, int] | None
"""The operand and the dimension of it that a dimension comes from; None for a new dimension.

Operand 0 is the base, and the tensors of indices follow.
"""


class Indexing:
    """The rules of one index.

    Source: https://docs.pytorch.org/docs/stable/tensor_view.html and NumPy's "Indexing on ndarrays"

    Args:
        index: The index.
        value: Returns the value of a number in it.
    """

    def __init__(self, index: Index, value: Callable[[NumberOperand], Any]) -> None:
        self.index, self.value = index, value
        self.consumed = sum(item not in ("None", "...") for item in index.items)
        """The number of dimensions that the items index, without those of `...`."""

    def infer(self, base: Shape, tensors: list[Shape], solver: Solver) -> Shape:
        """The shape of the result.

        Args:
            base: The shape of what is indexed.
            tensors: The shapes of the tensors of indices.
            solver: Decides relations between symbolic sizes.

        Returns:
            The shape.

        Raises:
            ShapeError: There are too many indices, or one is out of range.
        """
        self._check_count(base)
        sizes: list[Size] = []
        places: list[int] = []
        axis = 0
        for item in self.index.items:
            if item == "None":
                sizes.append(1)
            elif item == "...":
                count = len(base) - self.consumed
                sizes += base[axis : axis + count]
                axis += count
            else:
                if isinstance(item, SliceItem):
                    sizes.append(self._range(item, axis, base, solver))
                elif isinstance(item, NumberOperand):
                    self._apply("Select", {"dim": axis, "index": self.value(item)}, base, solver)
                else:
                    places.append(len(sizes))
                    sizes.append(base[axis])
                axis += 1
        shape = (*sizes, *base[axis:])
        if not tensors:
            return shape
        indices = broadcast(self.index.text, solver, tensors) if len(tensors) > 1 else tensors[0]
        result: Shape = self._with_indices(shape, places, indices)
        return result

    def _range(self, item: SliceItem, axis: int, base: Shape, solver: Solver) -> Size:
        start, end, step = [None if e is None else self.value(e) for e in item.ends]
        if isinstance(step, int) and step < 1:
            raise ShapeError(
                Code.VALUE,
                f"`{self.index.text}` has the step {step}; PyTorch requires at least 1",
                helps=("use the layer `Flip` to reverse a dimension",) if step < 0 else (),
            )
        values = {"dim": axis, "start": start or 0, "end": end, "step": 1 if step is None else step}
        return self._apply("Slice", values, base, solver)[axis]

    def _apply(self, op: str, values: dict[str, object], base: Shape, solver: Solver) -> Shape:
        """The shape that `Slice` or `Select` returns; its errors name the index as it is written."""
        from netspec.layers import slice as slices

        layer, errors = getattr(slices, op).make(values)
        if layer is None:
            message = f"`{self.index.text}`: {errors[0].message}"
            raise ShapeError(Code.VALUE, message, helps=errors[0].helps)
        layer.op = self.index.text
        shape: Shape = layer.infer(solver, base)
        return shape

    def _check_count(self, base: Shape) -> None:
        if self.consumed > len(base):
            raise ShapeError(
                Code.RANK,
                f"`{self.index.text}` has {_count(self.consumed, 'index', 'indices')}, but the tensor has "
                f"{_count(len(base), 'dimension', 'dimensions')}",
                label=_count(self.consumed, "index", "indices"),
            )

    def _with_indices(self, shape: tuple[Any, ...], places: list[int], indices: Any) -> Any:
        """Put the dimensions of the indices in the place of the ones that they index.

        They come first unless all indices that are numbers or tensors stand side by side.
        """
        advanced = [
            k for k, item in enumerate(self.index.items)
            if not isinstance(item, SliceItem | str)
        ]  # fmt: skip
        side_by_side = advanced == list(range(advanced[0], advanced[-1] + 1))
        first = places[0] if side_by_side else 0
        rest = tuple(size for axis, size in enumerate(shape) if axis not in places)
        return (*rest[:first], *indices, *rest[first:])

    def sources(self, base: Shape, tensors: list[Shape]) -> tuple[Source, ...]:
        """Where each dimension of the result comes from."""
        sources: list[Source] = []
        places: list[int] = []
        axis = 0
        for item in self.index.items:
            if item == "None":
                sources.append(None)
                continue
            if item == "...":
                count = len(base) - self.consumed
                sources += [(0, axis + k) for k in range(count)]
                axis += count
                continue
            if not isinstance(item, SliceItem | NumberOperand):
                places.append(len(sources))
            if not isinstance(item, NumberOperand):
                sources.append((0, axis))
            axis += 1
        sources += [(0, k) for k in range(axis, len(base))]
        if not places:
            return tuple(sources)
        number = max(range(len(tensors)), key=lambda k: len(tensors[k]))
        indices: list[Source] = [(number + 1, k) for k in range(len(tensors[number]))]
        made: tuple[Source, ...] = self._with_indices(tuple(sources), places, indices)
        return made

    def strides(self, rank: int, strides: ConcreteShape) -> ConcreteShape:
        """The strides of the view, for an index without tensors of a base with `rank` dimensions."""
        made: list[int] = []
        axis = 0
        for item in self.index.items:
            if item == "None":
                made.append(0)
                continue
            if item == "...":
                made += strides[axis : axis + rank - self.consumed]
                axis += rank - self.consumed
                continue
            if isinstance(item, SliceItem):
                step = item.ends[2]
                made.append(strides[axis] * (1 if step is None else self.value(step)))
            axis += 1
        return (*made, *strides[axis:])


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
