"""The sizes of tensors and the positions of loop variables, as values of expressions."""

from __future__ import annotations

from collections.abc import Sequence

from netspec.diagnostics import Code, did_you_mean
from netspec.dims import Shape, is_symbolic
from netspec.expr.errors import OperationError
from netspec.expr.value_types import UNKNOWN, EvaluationFrame, LoopItem, Scope, Unknown, kind
from netspec.expr.words import AXES, LEAST_RANK, Access
from netspec.similar_words import closest


def loop_place(frame: EvaluationFrame, asked: Access) -> object:
    """`stage.index`, `stage.first`, `stage.last`."""
    try:
        item = frame.scope.name(asked.root)
    except KeyError:
        item = None
        if _shapes(frame.scope, asked.root) is None:
            raise unknown_name(frame.scope, asked.root) from None
    if item is UNKNOWN:
        return UNKNOWN
    if not isinstance(item, LoopItem):
        what = f"reads the position of `{asked.root}`, which is not a loop variable"
        raise OperationError(
            Code.EXPRESSION_TYPE,
            what,
            "`each: {stage: stages}` declares the loop variable `stage`",
        )
    match asked.word:
        case "index":
            return item.index
        case "first":
            return item.first
        case _:
            return item.last


def size_of(frame: EvaluationFrame, asked: Access, axis: object = None) -> object:
    """`x.height`, `x.rank`, or `x.size(axis)`."""
    if axis is UNKNOWN:
        return UNKNOWN
    shapes = _shapes(frame.scope, asked.root)
    if shapes is None:
        return _no_tensor(frame.scope, asked)
    if len(shapes) == 1 and not asked.input:
        return _size(asked, shapes[0], axis)
    if asked.input is not None:
        return _size(asked, _chosen(asked, shapes), axis)
    sizes = [_size(asked, shape, axis) for shape in shapes]
    if any(size is UNKNOWN for size in sizes):
        return UNKNOWN
    if sizes and sizes.count(sizes[0]) == len(sizes):
        return sizes[0]
    raise _several(asked, sizes)


def _shapes(scope: Scope, root: str) -> Sequence[Shape | None] | None:
    try:
        return scope.tensor(root)
    except KeyError:
        return None


def _size_called(scope: Scope, name: str, known: Sequence[object]) -> str | None:
    """The attribute that returns the size of this name in the inputs."""
    for tensor in map(str, known):
        for shape in _shapes(scope, tensor) or ():
            axes = [axis for axis, size in enumerate(shape or ()) if str(size) == name]
            if axes:
                return f"{tensor}.size({axes[0]})"
    return None


def _chosen(asked: Access, shapes: Sequence[Shape | None]) -> Shape | None:
    assert asked.input is not None
    if asked.input < len(shapes):
        return shapes[asked.input]
    count = "one tensor" if len(shapes) == 1 else f"{len(shapes)} tensors"
    what = f"is out of range: index {asked.input}, but `{asked.root}` is {count}"
    raise OperationError(Code.EXPRESSION, what)


def _several(asked: Access, sizes: list[object]) -> OperationError:
    if not sizes:
        return OperationError(Code.EXPRESSION, f"reads a size, but `{asked.root}` has no input")
    listed = " and ".join(map(str, sizes))
    return OperationError(
        Code.EXPRESSION,
        f"is ambiguous: `{asked.root}` is {len(sizes)} tensors, with {listed}",
        f"select one: `{asked.root}[0].{asked.word}`",
    )


def _size(asked: Access, shape: Shape | None, axis: object) -> object:
    if shape is None:
        return UNKNOWN
    word = asked.word
    if word == "rank":
        return len(shape)
    if word == "size":
        return shape[_axis(axis, shape)]
    if len(shape) >= LEAST_RANK[word]:
        return shape[AXES[word]]
    raise OperationError(
        Code.EXPRESSION,
        f"reads the {asked.word} of a tensor with {_axes(shape)}",
        "use `.features` for the last dimension, `.size(k)` for any other",
    )


def _axis(axis: object, shape: Shape) -> int:
    if isinstance(axis, bool) or not isinstance(axis, int):
        if is_symbolic(axis):
            raise OperationError(
                Code.UNDECIDED, f"has a dimension index that depends on the input: {axis}"
            )
        raise OperationError(
            Code.EXPRESSION_TYPE, f"requires an integer dimension, got {kind(axis)}"
        )
    if -len(shape) <= axis < len(shape):
        return axis
    raise OperationError(
        Code.EXPRESSION, f"is out of range: dimension {axis} of a tensor with {_axes(shape)}"
    )


def _axes(shape: Shape) -> str:
    count = "1 dimension" if len(shape) == 1 else f"{len(shape)} dimensions"
    return f"{count}: [{', '.join(map(str, shape))}]"


def _no_tensor(scope: Scope, asked: Access) -> Unknown:
    """Describe the value of the name, unless it is unknown."""
    try:
        value = scope.name(asked.root)
    except KeyError:
        raise unknown_name(scope, asked.root) from None
    if value is UNKNOWN:
        return UNKNOWN
    if isinstance(value, LoopItem):
        what = f"reads a size of `{asked.root}`, which is a loop variable"
        raise OperationError(Code.EXPRESSION_TYPE, what, "it has `.index`, `.first` and `.last`")
    what = f"reads a size of `{asked.root}`, which is {kind(value)}, not a tensor"
    raise OperationError(Code.EXPRESSION_TYPE, what)


def unknown_name(scope: Scope, name: str) -> OperationError:
    """The error for a name that is undefined here, or that is a tensor and not a value."""
    if _shapes(scope, name) is not None:
        what = "is a tensor, but a size is expected"
        return OperationError(
            Code.EXPRESSION_TYPE, what, f"write `{name}.channels`, `{name}.height`, …"
        )
    known = list(dict.fromkeys(scope.names()))
    if (size := _size_called(scope, name, known)) is not None:
        words = f"write `{size}`: sizes are read from a tensor"
        return OperationError(Code.UNKNOWN_NAME, "is not defined here", words)
    suggestion = closest(name, known)
    if suggestion:
        return OperationError(Code.UNKNOWN_NAME, "is not defined here", did_you_mean(suggestion))
    listed = ", ".join(map(str, known[:12])) + (" …" if len(known) > 12 else "")
    helps = f"defined here: {listed}" if known else "no names are defined here"
    return OperationError(Code.UNKNOWN_NAME, "is not defined here", helps)
