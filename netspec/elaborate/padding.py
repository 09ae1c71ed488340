"""A padding that is missing: branches that do not agree in the image's size, and the one that shrinks it."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnostics import Code, Edit, Help, Span
from netspec.dims import Shape
from netspec.document import Scalar
from netspec.elaborate.conditions import Conditions
from netspec.elaborate.graph import Node, Value
from netspec.elaborate.places import argument
from netspec.layers.base import Layer, ShapeError, per_axis
from netspec.limits import SHAPE_RULE, RunBudget
from netspec.record import record

_MOST_STEPS = 12
"""How far back a padding is looked for."""
_MOST_BEHIND = 64
_MOST_TRIED = 32
"""How many paddings of one layer are tried."""


@record(frozen=True, slots=True)
class _Padding:
    """A padding with which a branch has the size that the others have."""

    node: Node
    number: int


def missing_padding(node: Node, error: ShapeError, budget: RunBudget) -> list[Help]:
    """The paddings that would make the inputs of a join agree; as an edit where there is only one."""
    if error.code not in (Code.CONCAT, Code.BROADCAST) or len(error.axes) != 2:
        return []
    if any(axis < 2 for _, axis in error.axes) or len({len(s) for s in node.shapes}) > 1:
        return []
    found = [p for odd, like in _sides(node, error) for p in _fitting(node, odd, like, budget)]
    sure = len(found) == 1
    return [Help(_said(p), (edit,) if sure and (edit := _edit(p)) else ()) for p in found[:2]]


def _sides(node: Node, error: ShapeError) -> list[tuple[int, int]]:
    """The input that may be wrong, with one that it should be like: where most agree, the one that does not."""
    (a, axis), (b, _) = error.axes
    sizes = [shape[axis] for shape in node.shapes]
    if len(sizes) > 2:
        usual = [k for k in (a, b) if sizes.count(sizes[k]) == len(sizes) - 1]
        return [(b if like == a else a, like) for like in usual]
    return [(a, b), (b, a)]


def _fitting(node: Node, odd: int, like: int, budget: RunBudget) -> Iterator[_Padding]:
    """Single paddings on the way to one input that give it the image of another one."""
    wanted = node.shapes[like][2:]
    others = {id(n) for k, v in enumerate(node.inputs) if k != odd for n in _behind(v)}
    for chain in _chains(node.inputs[odd], others):
        window = chain[0]
        for number in _paddings(window):
            if not budget.has_advice(SHAPE_RULE * len(chain)):
                return
            shape = _with_padding(chain, number)
            if shape is not None and shape[2:] == wanted:
                yield _Padding(window, number)
                break


def _behind(value: Value) -> list[Node]:
    """The nodes nearest to a value on the ways that lead to it."""
    found: list[Node] = []
    waiting = [value.node]
    while waiting and len(found) < _MOST_BEHIND:
        node = waiting.pop(0)
        found.append(node)
        waiting += [v.node for v in node.inputs]
    return found


def _chains(value: Value, others: set[int]) -> Iterator[list[Node]]:
    """The ways from a layer with a window to a value, by steps with one input each; the nearest first.

    They end where the tensor flows to another input of the join as well.
    """
    chain: list[Node] = []
    for _ in range(_MOST_STEPS):
        node = value.node
        if (
            id(node) in others
            or len(node.inputs) != 1
            or node.layer is None
            or node.step is None
            or len(node.outputs) != 1
        ):
            return
        chain.insert(0, node)
        if "padding" in node.layer.arguments and "kernel_size" in node.layer.arguments:
            yield chain
        value = node.inputs[0]


def _paddings(node: Node) -> range:
    """The paddings that one would write: more than there is, up to half of the window."""
    now = getattr(node.layer, "padding", 0)
    kernel, dilation = (getattr(node.layer, name, 1) for name in ("kernel_size", "dilation"))
    axes = len(node.shapes[0]) - 2
    if not isinstance(now, int) or isinstance(now, bool) or not isinstance(dilation, int):
        return range(0)
    half = dilation * (min(per_axis(kernel, axes)) - 1) // 2
    return range(now + 1, min(half, now + _MOST_TRIED) + 1)


def _with_padding(chain: list[Node], padding: int) -> Shape | None:
    """The shape at the end of a chain whose first layer pads that much."""
    shape: Shape | None = chain[0].shapes[0]
    conditions = Conditions({})
    for k, node in enumerate(chain):
        layer = node.layer if k else _padded(node.layer, padding)
        if layer is None or shape is None:
            return None
        conditions.at(node.place, node.path)
        try:
            found = layer.infer(conditions, shape)
        except (ShapeError, OverflowError):
            return None
        shape = found[0] if isinstance(found, list) else found
    return shape


def _padded(layer: Layer | None, padding: int) -> Layer | None:
    if layer is None:
        return None
    made, _ = type(layer).make({**layer.changed(), "padding": padding})
    return made


def _said(found: _Padding) -> str:
    step = found.node.step
    name = step.title if step is not None and step.name is not None else found.node.path
    return f"`padding: {found.number}` in `{name}` makes the sizes agree"


def _edit(found: _Padding) -> Edit | None:
    """The padding written into the step, in the way that the step is written; None where it says one."""
    step = found.node.step
    if step is None or not step.arguments or argument(found.node, "padding") is not None:
        return None
    written = argument(found.node, "kernel_size")
    if not isinstance(written, Scalar) or not isinstance(written.value, int):
        return None
    key = next(key for key, _ in step.arguments if key.text == "kernel_size")
    text = key.source.text
    begin = text.rfind("\n", 0, key.start) + 1
    ahead = text[begin : key.start]
    if ahead.strip(" -"):  # in braces: the next argument follows on the line
        return Edit(Span(key.source, written.end, written.end), f", padding: {found.number}")
    end = text.find("\n", written.end)
    end = len(text) if end < 0 else end
    broken = "\r\n" if text[end - 1 : end] == "\r" else "\n"
    end -= broken == "\r\n"
    return Edit(Span(key.source, end, end), f"{broken}{' ' * len(ahead)}padding: {found.number}")
