"""Products of tensors: sums over named dimensions, outer products, and grids of coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import ClassVar

from netspec.layer import (
    Choice,
    Code,
    ConcreteShape,
    FieldRule,
    Function,
    Origin,
    Shape,
    ShapeError,
    Size,
    Solver,
    Text,
    layer,
    optional,
    require_rank,
    required,
)
from netspec.layer.argument_kinds import show
from netspec.layers.element_types import require_one_dtype
from netspec.layers.pair_operations import Pair

_ELLIPSIS = "…"


@layer
class Einsum(Function):
    """Multiplies tensors and sums over dimensions, by Einstein's notation.

    Shape: a letter names each dimension; the dimensions after `->` remain
    Note: Inputs must have floating-point elements of one type. `...` stands for dimensions that broadcast.
    Source: `torch.einsum`
    """

    torch_name = "torch.einsum"

    since = 1.1
    category = "join"
    variadic = True
    example = """
        inputs: {q: [N, T, 8, 64], k: [N, S, 8, 64]}
        body:
          - {op: Einsum, equation: "nthd,nshd->nhts", from: [q, k]}
    """

    view = True

    equation: str = required(Text(), "the equation, such as `bij,bjk->bik`")

    floating = True

    def saves_input(self, index: int) -> bool:
        return "," in self.equation

    def validate(self) -> None:
        self.parts()

    def parts(self) -> tuple[list[str], str | None]:
        """The letters of each input, with `…` for `...`, and those of the result.

        Raises:
            ShapeError: The equation is not one.
        """
        text = self.equation.replace(" ", "")
        left, arrow, right = text.partition("->")
        operands = [part.replace("...", _ELLIPSIS) for part in left.split(",")]
        result = right.replace("...", _ELLIPSIS) if arrow else None
        for part in (*operands, *([result] if result is not None else ())):
            letters = part.replace(_ELLIPSIS, "")
            if part.count(_ELLIPSIS) > 1 or (
                letters and not (letters.isascii() and letters.isalpha())
            ):
                raise self.wrong(f"`{part.replace(_ELLIPSIS, '...')}` are not letters")
        if result is not None:
            known = set("".join(operands)) | {_ELLIPSIS}
            for letter in result:
                if letter not in known:
                    raise self.wrong(f"no input has the dimension `{letter}`")
                if result.count(letter) > 1:
                    raise self.wrong(f"the result has the dimension `{letter}` twice")
        return operands, result

    def wrong(self, reason: str) -> ShapeError:
        """The error for an equation that is not one."""
        return ShapeError(
            Code.BAD_ARGUMENT,
            f"`equation` of `Einsum` is wrong: {reason}",
            argument="equation",
            label="not an equation",
        )

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        operands, result = self.parts()
        if len(operands) != len(inputs):
            raise ShapeError(
                Code.INPUT_COUNT,
                f"`{self.equation}` has {len(operands)} inputs, but `Einsum` got {len(inputs)}",
                argument="equation",
                label=f"{len(operands)} inputs",
            )
        sizes: dict[str, tuple[Size, tuple[int, int]]] = {}
        names = [self._names(part, shape) for part, shape in zip(operands, inputs, strict=True)]
        for number, (labels, shape) in enumerate(zip(names, inputs, strict=True)):
            here: dict[str, Size] = {}
            for axis, (label, size) in enumerate(zip(labels, shape, strict=True)):
                if label in here and not solver.equal(here[label], size):
                    raise self.unequal(label, sizes[label], (size, (number, axis)))
                here[label] = size
                self._meet(solver, sizes, label, size, (number, axis))
        return tuple(sizes[label][0] for label in self._result_names(result, operands, names))

    def _meet(
        self,
        solver: Solver,
        sizes: dict[str, tuple[Size, tuple[int, int]]],
        label: str,
        size: Size,
        place: tuple[int, int],
    ) -> None:
        known = sizes.get(label)
        if known is None or known[0] == 1:
            sizes[label] = (size, place)
        elif size != 1:
            if not solver.equal(known[0], size):
                raise self.unequal(label, known, (size, place))
            if not isinstance(known[0], int):
                sizes[label] = (size, place)

    def unequal(
        self, label: str, known: tuple[Size, tuple[int, int]], other: tuple[Size, tuple[int, int]]
    ) -> ShapeError:
        """The error for a dimension with two sizes."""
        return ShapeError(
            Code.FEATURES,
            f"the dimension `{label}` of `Einsum` has the sizes {known[0]} and {other[0]}",
            argument="equation",
            label=f"`{label}` is {known[0]} and {other[0]}",
            axes=(known[1], other[1]),
        )

    def _names(self, part: str, shape: Shape) -> list[str]:
        """A name for each dimension of an input; those of `...` are counted from the last."""
        letters = part.replace(_ELLIPSIS, "")
        extra = len(shape) - len(letters)
        if extra < 0 or (extra and _ELLIPSIS not in part):
            raise ShapeError(
                Code.RANK,
                f"`{part.replace(_ELLIPSIS, '...')}` of `Einsum` names {len(letters)} dimensions, "
                f"but the input {show(shape)} has {len(shape)}",
                argument="equation",
                label=f"the input is {show(shape)}",
            )
        before, dots, after = part.partition(_ELLIPSIS)
        middle = [f"{_ELLIPSIS}{k}" for k in range(extra, 0, -1)] if dots else []
        return [*before, *middle, *after]

    def _result_names(
        self, result: str | None, operands: list[str], names: list[list[str]]
    ) -> list[str]:
        spread = max(
            (n for labels in names for n in labels if n[0] == _ELLIPSIS), default="", key=_rank
        )
        middle = [f"{_ELLIPSIS}{k}" for k in range(_rank(spread), 0, -1)]
        if result is None:
            every = "".join(operands).replace(_ELLIPSIS, "")
            return [*middle, *sorted(c for c in set(every) if every.count(c) == 1)]
        before, dots, after = result.partition(_ELLIPSIS)
        return [*before, *(middle if dots else []), *after]

    def strides(
        self, before: ConcreteShape, strides: ConcreteShape, after: ConcreteShape
    ) -> ConcreteShape | None:
        operands, result = self.parts()
        if len(operands) > 1:
            return None
        names = self._names(operands[0], before)
        remaining = self._result_names(result, operands, [names])
        if any(n not in remaining and size > 1 for n, size in zip(names, before, strict=True)):
            return None
        return tuple(
            sum(step for name, step in zip(names, strides, strict=True) if name == label)
            for label in remaining
        )

    def check_dtypes(self, dtypes: Sequence[str], shapes: Sequence[Shape]) -> None:
        require_one_dtype(self.op, dtypes)

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        operands, written = self.parts()
        names = [self._names(part, shape) for part, shape in zip(operands, inputs, strict=True)]
        label = self._result_names(written, operands, names)[axis]
        places = [
            (k, position)
            for k, labels in enumerate(names)
            for position, other in enumerate(labels)
            if other == label
        ]
        wide = [(k, position) for k, position in places if inputs[k][position] != 1]
        return Origin("same", parts=tuple(wide or places))

    def macs(self, inputs: Sequence[ConcreteShape], outputs: Sequence[ConcreteShape]) -> int:
        if len(inputs) < 2:
            return 0
        operands, _ = self.parts()
        sizes: dict[str, int] = {}
        for part, shape in zip(operands, inputs, strict=True):
            for label, size in zip(self._names(part, shape), shape, strict=True):
                sizes[label] = max(size, sizes.get(label, 1))
        return prod(sizes.values())

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        return "unclear"

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"torch.einsum({arguments['equation']}, {', '.join(inputs)})"


def _rank(name: str) -> int:
    return int(name[1:] or 0)


@layer
class Outer(Pair):
    """Multiplies each element of a vector by each element of another.

    Shape: (n), (m) -> (n, m), y = x · zᵀ
    Source: `torch.outer`
    """

    torch_name = "torch.outer"

    inputs = ("input", "vec2")
    saved_inputs = True
    example = """
        inputs: {positions: [T], rates: [32]}
        body:
          - {op: Outer, from: [positions, rates]}
    """

    def infer(self, solver: Solver, /, *inputs: Shape) -> Shape:
        for shape in inputs:
            require_rank("Outer", shape, (1,), "vectors")
        return (inputs[0][0], inputs[1][0])

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        return Origin("same", parts=((axis, 0),))


@layer
class Meshgrid(Function):
    """Makes a grid for each of several coordinates.

    Shape: (n), (m), … -> as many tensors (n, m, …)
    Note: `indexing: xy` swaps the first two dimensions.
    Source: `torch.meshgrid`
    """

    torch_name = "torch.meshgrid"

    since = 1.1
    category = "join"
    variadic = True
    view = True
    splits = True
    inputs: ClassVar = ("tensors",)
    example = """
        inputs: {rows: [8], columns: [12]}
        body:
          - grid: {op: Meshgrid, from: [rows, columns]}
        outputs: [grid.0, grid.1]
    """

    indexing: str = optional(
        Choice("ij", "xy"), "the order of the dimensions: rows first, or columns first", "ij"
    )

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        self.count = 2

    @property
    def results(self) -> tuple[str, ...]:
        """Known once the inputs are."""
        return tuple(map(str, range(self.count)))

    def infer(self, solver: Solver, /, *inputs: Shape) -> list[Shape]:
        for shape in inputs:
            require_rank("Meshgrid", shape, (0, 1), "vectors")
        self.count = len(inputs)
        sizes = [shape[0] if shape else 1 for shape in inputs]
        if self.indexing == "xy" and len(sizes) > 1:
            sizes[:2] = sizes[1], sizes[0]
        return [tuple(sizes)] * len(inputs)

    def check_dtypes(self, dtypes: Sequence[str], shapes: Sequence[Shape]) -> None:
        require_one_dtype(self.op, dtypes)

    def origin(self, result: int, axis: int, *inputs: Shape) -> Origin:
        swapped = self.indexing == "xy" and len(inputs) > 1 and axis < 2
        number = 1 - axis if swapped else axis
        return Origin("same", parts=((number, 0),)) if inputs[number] else Origin("argument")

    def receptive_field(
        self, result: int, index: int, axis: int, *inputs: ConcreteShape
    ) -> FieldRule:
        return (
            super().receptive_field(result, index, axis, *inputs) if index == result else "unclear"
        )

    def strides(
        self, before: ConcreteShape, strides: ConcreteShape, after: ConcreteShape
    ) -> ConcreteShape | None:
        return None

    def write(self, *inputs: str, **arguments: str) -> str:
        return f"torch.meshgrid({', '.join(inputs)}, indexing={arguments['indexing']})"
