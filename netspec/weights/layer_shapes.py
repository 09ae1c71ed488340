"""The origin of the shapes of a layer's tensors, determined by trial: its arguments, or its inputs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from netspec.dims import Shape
from netspec.graph import Node
from netspec.graph.conditions import Conditions
from netspec.layer.base import ConcreteShape, Layer

_COUNTS = range(1, 97)
"""The counts that are tried of an argument such as `num_layers`."""


class ArgumentItem(NamedTuple):
    """An argument, or one number of the list that it is."""

    name: str
    position: int | None
    """None for the argument as a whole."""


def layer_tensors(layer: Layer, shapes: tuple[Shape, ...]) -> dict[str, ConcreteShape] | None:
    """Its parameters and buffers; None if these arguments or inputs are invalid."""
    try:
        layer.validate()
        return {**layer.parameters(*shapes), **layer.buffers(*shapes)}
    except Exception:  # a layer may be anybody's, and the arguments are made up
        return None


def with_argument(layer: Layer, name: str, value: object) -> Layer | None:
    """The same layer with another value of one argument; None if it rejects the value."""
    values = {known: getattr(layer, known) for known in layer.arguments}
    try:
        changed = type(layer)(**{**values, name: value})
    except Exception:  # as above
        return None
    changed.taken = layer.taken
    return changed


def deciding_arguments(node: Node, tensor: str, axis: int) -> list[ArgumentItem]:
    """The arguments that determine a dimension of one of its tensors, without those that the input determines."""
    layer, shapes = node.layer, node.shapes
    if layer is None or (now := layer_tensors(layer, shapes)) is None:
        return []
    argument_items = []
    for name, argument in layer.arguments.items():
        for index, value in () if argument.inferred else _larger(getattr(layer, name)):
            changed = with_argument(layer, name, value)
            after = layer_tensors(changed, shapes) if changed is not None else None
            if after is not None and _differs(now, after, tensor, axis):
                argument_items.append(ArgumentItem(name, index))
    return argument_items


def deciding_inputs(node: Node, tensor: str, axis: int) -> list[tuple[int, int]]:
    """The dimensions of its inputs, as (input, dimension), that determine a dimension of one of its tensors."""
    layer, shapes = node.layer, node.shapes
    if layer is None or (now := layer_tensors(layer, shapes)) is None:
        return []
    input_axes = []
    for index, shape in enumerate(shapes):
        for place, size in enumerate(shape):
            if type(size) is not int:
                continue
            larger = (*shape[:place], 2 * size, *shape[place + 1 :])
            after = layer_tensors(layer, (*shapes[:index], larger, *shapes[index + 1 :]))
            if after is not None and _differs(now, after, tensor, axis):
                input_axes.append((index, place))
    return input_axes


def fitting_value(
    node: Node,
    item: ArgumentItem,
    sizes: tuple[int, int],
    required_shapes: Mapping[str, ConcreteShape],
) -> object:
    """A value of an argument with which the layer has exactly the requested shapes; None if there is none.

    `sizes` are those of an axis that differs: in the network, and wanted.
    """
    layer = node.layer
    if layer is None:
        return None
    mine, its = sizes
    value = getattr(layer, item.name)
    old = value if item.position is None else value[item.position]
    scaled = [(old * its, mine), (old * mine, its)]
    for number in (its, *(a // b for a, b in scaled if b and a % b == 0)):
        new = number if item.position is None else _replaced(value, item.position, number)
        if number < 1 or _tensors_with(node, layer, item.name, new) != required_shapes:
            continue
        return new
    return None


def fitting_list(
    node: Node, shape: ConcreteShape, required_shapes: Mapping[str, ConcreteShape]
) -> str | None:
    """An argument that is a list of sizes, and with which the layer has exactly the requested shapes."""
    layer = node.layer
    if layer is None:
        return None
    return next(
        (
            name
            for name in layer.arguments
            if isinstance(getattr(layer, name), tuple)
            and _tensors_with(node, layer, name, shape) == required_shapes
        ),
        None,
    )


def fitting_argument(
    node: Node, required_shapes: Mapping[str, ConcreteShape]
) -> tuple[str, object] | None:
    """A flag or a count, such as `bias` or `num_layers`, with which the layer has exactly the requested tensors.

    Only one that decides which tensors there are; what decides their sizes alone is left to the sizes.
    """
    layer = node.layer
    now = layer_tensors(layer, node.shapes) if layer is not None else None
    if layer is None or now is None or now.keys() == required_shapes.keys():
        return None
    for name, argument in layer.arguments.items():
        value = getattr(layer, name)
        others: Iterable[object] = ()
        if isinstance(value, bool):
            others = (not value,)
        elif value == 0 and type(value) is int:
            others = sorted({size for shape in required_shapes.values() for size in shape})
        elif type(value) is int and value > 0 and not argument.inferred:
            more = _tensors_with(node, layer, name, value + 1)
            others = _COUNTS if more is not None and more.keys() != now.keys() else ()
        for other in others:
            if _tensors_with(node, layer, name, other) == required_shapes:
                return name, other
    return None


def argument_text(name: str, value: object) -> str:
    """An argument as a spec writes it: `bias: false`, `kernel_size: [3, 5]`."""
    if isinstance(value, bool):
        return f"{name}: {str(value).lower()}"
    return f"{name}: {list(value) if isinstance(value, tuple) else value}"


def _tensors_with(
    node: Node, layer: Layer, name: str, value: object
) -> dict[str, ConcreteShape] | None:
    """The tensors with another value of an argument; None if the layer then rejects its inputs."""
    changed = with_argument(layer, name, value)
    if changed is None or (tensors := layer_tensors(changed, node.shapes)) is None:
        return None
    conditions = Conditions({})
    conditions.set_location(node.place, node.path)
    try:
        changed.infer(conditions, *node.shapes)
    except Exception:  # as above
        return None
    return tensors


def _larger(value: object) -> Iterator[tuple[int | None, object]]:
    """Values that are twice as large: as a whole, or at one place of a list."""
    if type(value) is int and value > 0:
        yield None, 2 * value
    elif isinstance(value, tuple | list):
        for index, item in enumerate(value):
            if type(item) is int and item > 0:
                yield index, _replaced(value, index, 2 * item)


def _replaced(value: tuple[object, ...] | list[object], index: int, item: object) -> object:
    return type(value)([*value[:index], item, *value[index + 1 :]])


def _differs(
    now: Mapping[str, ConcreteShape], after: Mapping[str, ConcreteShape], tensor: str, axis: int
) -> bool:
    before, then = now.get(tensor, ()), after.get(tensor, ())
    return len(before) == len(then) > axis and before[axis] != then[axis]
