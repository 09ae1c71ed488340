"""Branches that do not agree in the image's size: the one number of one layer that would make them agree.

A padding that is missing, a stride that is one too many or too few, an `output_padding`. Each is found by
following the shapes from that layer to the join.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice, product
from math import prod

from netspec.diagnosis.batch_first import with_arguments
from netspec.diagnostics import Code, Edit, Help, Span
from netspec.dims import Shape
from netspec.document import Scalar
from netspec.graph.conditions import Conditions
from netspec.graph.nodes import Node, Value
from netspec.graph.source_spans import argument_value
from netspec.layer.argument_kinds import show
from netspec.layer.arguments import per_axis
from netspec.layer.base import Layer, ShapeError
from netspec.limits import SHAPE_RULE, RunBudget
from netspec.record import record

_MOST_STEPS = 12
"""How far back a layer is looked for."""
MOST_BEHIND = 64
_LARGEST_WINDOW = 64
"""Paddings of larger windows are not looked for one by one."""
_STRIDES = (2, 3, 4)
_MOST_EXTRA = 4
"""The numbers that are tried as `output_padding`, from 0."""

Arguments = Mapping[str, int | tuple[int, ...]]


@record(frozen=True, slots=True)
class ArgumentChange:
    """Arguments of one layer with which a branch has the size that the others have."""

    node: Node
    arguments: Arguments
    alone: bool
    """Whether no layer after it changes the size, so that it is the one to blame."""


def agreeing_changes(node: Node, error: ShapeError, budget: RunBudget) -> list[Help]:
    """The changes that would make the inputs of a join agree; safe if there is one, and it adds an argument."""
    if error.code not in (Code.CONCAT, Code.BROADCAST) or len(error.axes) != 2:
        return []
    if any(axis < 2 for _, axis in error.axes) or len({len(s) for s in node.shapes}) > 1:
        return []
    sides = _sides(node, error)
    changes: list[ArgumentChange] = []
    if error.code == Code.BROADCAST:
        changes = [c for side in sides for c in _fitting(node, side, _shortcut_strides, budget)]
    changes += [c for side in sides for c in _fitting(node, side, _candidates, budget)]
    if not changes:
        changes = [c for side in sides for c in _fitting(node, side, _larger_strides, budget)]
    if not changes and len(node.inputs) > 2:
        return _several(node, budget)
    texts = [_described(c) for c in changes[:2]]
    return [
        Help(f"{'or ' * (k > 0)}{text}", _edits(c), safe=_is_safe(c, changes))
        for k, (c, text) in enumerate(zip(changes, texts, strict=False))
    ]


def _several(node: Node, budget: RunBudget) -> list[Help]:
    """Changes in several branches, so that all are as large as most of them; of a tie as the largest."""
    sizes = [shape[2:] for shape in node.shapes]

    def rank(index: int) -> tuple[int, int]:
        area = prod(s for s in sizes[index] if isinstance(s, int))
        return -sizes.count(sizes[index]), -area

    like = min(range(len(sizes)), key=rank)
    changes: list[ArgumentChange] = []
    for odd in (k for k, size in enumerate(sizes) if size != sizes[like]):
        change = next(_fitting(node, (odd, like), _candidates, budget), None)
        if change is None:
            return []
        changes.append(change)
    edits = [_edits(change) for change in changes]
    listed = " and ".join(f"`{_listed(c.arguments)}` in `{_titled(c.node)}`" for c in changes)
    every = tuple(edit for each in edits for edit in each) if all(edits) else ()
    return [Help(f"{listed} make the sizes agree", every, safe=False)]


def _is_safe(change: ArgumentChange, changes: list[ArgumentChange]) -> bool:
    """Whether nothing else would do as well, and the change is for every size of the input."""
    alone = len(changes) == 1 and change.alone and not _rewrites(change)
    larger = change.arguments.get("stride", 1) != 1  # the other branch may be the one that is wrong
    return alone and not larger and "output_padding" not in change.arguments


def _sides(node: Node, error: ShapeError) -> list[tuple[int, int]]:
    """The input that may be wrong, with one that it should be like: where most agree, the one that does not."""
    (a, axis), (b, _) = error.axes
    sizes = [shape[axis] for shape in node.shapes]
    if len(sizes) > 2:
        usual = [k for k in (a, b) if sizes.count(sizes[k]) == len(sizes) - 1]
        return [(b if like == a else a, like) for like in usual]
    return [(a, b), (b, a)]


def _fitting(
    node: Node,
    side: tuple[int, int],
    candidates: Callable[[Node], Iterator[Arguments]],
    budget: RunBudget,
) -> Iterator[ArgumentChange]:
    """Changes of single layers on the way to one input that give it the image of another one."""
    odd, like = side
    needed = node.shapes[like][2:]
    others = {n for k, v in enumerate(node.inputs) if k != odd for n in nearest_nodes(v)}
    yield from _changes_giving(needed, _chains(node.inputs[odd], others), candidates, budget)


def changes_of_sides(value: Value, sides: Shape, budget: RunBudget) -> list[Help]:
    """The changes of single layers, the nearest first, that give a value these sides; two at most."""
    chains = _chains(value, set())
    changes = [*islice(_changes_giving(sides, chains, _candidates, budget), 2)]
    return [
        Help(f"{'or ' * (k > 0)}{_described(c)}", _edits(c), safe=False)
        for k, c in enumerate(changes)
    ]


def _changes_giving(
    sides: Shape,
    chains: Iterator[list[Node]],
    candidates: Callable[[Node], Iterator[Arguments]],
    budget: RunBudget,
) -> Iterator[ArgumentChange]:
    for chain in chains:
        first = chain[0]
        for arguments in candidates(first):
            if not budget.has_advice(SHAPE_RULE * len(chain)):
                return
            shape = _with_arguments(chain, arguments)
            if shape is not None and shape[2:] == sides:
                yield ArgumentChange(first, arguments, all(map(keeps_sides, chain[1:])))
                break


def keeps_sides(node: Node) -> bool:
    """Whether a node with one input gives it back as high and wide as it was."""
    shape = node.outputs[0].shape
    return shape is not None and shape[2:] == node.shapes[0][2:]


def nearest_nodes(value: Value) -> list[Node]:
    """The nodes nearest to a value on the ways that lead to it."""
    nodes: list[Node] = []
    waiting = [value.node]
    while waiting and len(nodes) < MOST_BEHIND:
        node = waiting.pop(0)
        nodes.append(node)
        waiting += [v.node for v in node.inputs]
    return nodes


def _chains(value: Value, others: set[Node]) -> Iterator[list[Node]]:
    """The ways from a layer with a window to a value, by steps with one input each; the nearest first.

    They end where the tensor flows to another input of the join as well.
    """
    chain: list[Node] = []
    for _ in range(_MOST_STEPS):
        node = value.node
        if (
            node in others
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


# ---- what may be changed -------------------------------------------------------------------------


def _candidates(node: Node) -> Iterator[Arguments]:
    """The numbers that one would write: more padding, up to half of the window; another stride."""
    paddings = _paddings(node)
    yield from ({"padding": number} for number in paddings)
    stride = _stride(node)
    if stride is None:
        return
    padding_arguments = [{}, *({"padding": number} for number in paddings)]
    if stride != 1:
        yield from ({"stride": 1, **padding} for padding in padding_arguments)
    if "output_padding" in (node.layer.arguments if node.layer is not None else ()):
        yield from ({"output_padding": p} for p in _output_paddings(node, stride))


def _output_paddings(node: Node, stride: int) -> list[int | tuple[int, ...]]:
    """One number for all sides, then one for each; no more than the padding, beyond which nothing is computed."""
    axes = len(node.shapes[0]) - 2
    padding, now = (
        per_axis(getattr(node.layer, n, 0), axes) for n in ("padding", "output_padding")
    )
    each = product(*(range(min(p + 1, stride, _MOST_EXTRA)) for p in padding))
    others = sorted((p for p in each if p != now), key=lambda p: len(set(p)))
    return [p[0] if len(set(p)) == 1 else p for p in others]


def _larger_strides(node: Node) -> Iterator[Arguments]:
    """Strides that make a branch smaller, as the others may be."""
    stride = _stride(node)
    if stride is not None:
        yield from ({"stride": other} for other in _STRIDES if other > stride)


def _shortcut_strides(node: Node) -> Iterator[Arguments]:
    """The strides of a window of 1: a projection of a shortcut lacks the one of the other way."""
    kernel = getattr(node.layer, "kernel_size", 0)
    if set(per_axis(kernel, len(node.shapes[0]) - 2)) == {1}:
        yield from _larger_strides(node)


def _stride(node: Node) -> int | None:
    """The stride of a layer, if it is one number; a pool moves by its window where none is written."""
    stride: int | tuple[int, ...] | None = getattr(node.layer, "stride", None)
    if stride is None:
        stride = getattr(node.layer, "kernel_size", 1)
    axes = len(node.shapes[0]) - 2
    each = set(per_axis(stride or 1, axes))
    return each.pop() if len(each) == 1 else None


def _paddings(node: Node) -> range:
    now = getattr(node.layer, "padding", 0)
    kernel, dilation = (getattr(node.layer, name, 1) for name in ("kernel_size", "dilation"))
    axes = len(node.shapes[0]) - 2
    if not isinstance(now, int) or isinstance(now, bool) or not isinstance(dilation, int):
        return range(0)
    half = dilation * (min(per_axis(kernel, axes)) - 1) // 2
    if half > _LARGEST_WINDOW:  # only the padding that keeps the size
        return range(half, half + 1) if now < half else range(0)
    return range(now + 1, half + 1)


def _with_arguments(chain: list[Node], arguments: Arguments) -> Shape | None:
    """The shape at the end of a chain whose first layer has other arguments."""
    shape: Shape | None = chain[0].shapes[0]
    conditions = Conditions({})
    for k, node in enumerate(chain):
        layer: Layer | None = node.layer
        if k == 0 and layer is not None:
            layer = with_arguments(layer, dict(arguments))
        if layer is None or shape is None:
            return None
        conditions.set_location(node.place, node.path)
        try:
            inferred = layer.infer(conditions, shape)
        except (ShapeError, OverflowError):
            return None
        shape = inferred[0] if isinstance(inferred, list) else inferred
    return shape


# ---- how it is written ---------------------------------------------------------------------------


def _described(change: ArgumentChange) -> str:
    text = f"`{_listed(change.arguments)}` in `{_titled(change.node)}` makes the sizes agree"
    unwritten = argument_value(change.node, "stride") is None
    if unwritten and change.arguments.get("stride") == 1:
        return f"{text}: its stride defaults to the kernel size, {_stride(change.node)}"
    if not unwritten and "stride" in change.arguments:
        return f"{text}: its stride is {_stride(change.node)}"
    return text


def _listed(arguments: Arguments) -> str:
    return ", ".join(f"{name}: {show(number)}" for name, number in arguments.items())


def _titled(node: Node) -> str:
    step = node.step
    return step.title if step is not None and step.name is not None else node.path


def _rewrites(change: ArgumentChange) -> bool:
    """Whether the author has written one of the numbers already."""
    return any(argument_value(change.node, name) is not None for name in change.arguments)


def _edits(change: ArgumentChange) -> tuple[Edit, ...]:
    """The numbers written into the step, in the way that the step is written; none where one is computed."""
    new: dict[str, int | tuple[int, ...]] = {}
    edits = []
    for name, number in change.arguments.items():
        written = argument_value(change.node, name)
        if written is None:
            new[name] = number
        elif isinstance(written, Scalar) and type(written.value) is int:
            edits.append(Edit(written.span, show(number)))
        else:
            return ()
    if not new:
        return tuple(edits)
    added = _added(change.node, new)
    return (*edits, added) if added is not None else ()


def _added(node: Node, arguments: Arguments) -> Edit | None:
    """New arguments behind the window's size."""
    step = node.step
    written = argument_value(node, "kernel_size")
    if step is None or not isinstance(written, Scalar) or not isinstance(written.value, int):
        return None
    key = next(key for key, _ in step.arguments if key.text == "kernel_size")
    text = key.source.text
    begin = text.rfind("\n", 0, key.start) + 1
    ahead = text[begin : key.start]
    listed = [f"{name}: {show(number)}" for name, number in arguments.items()]
    if ahead.strip(" -"):  # in braces: the next argument follows on the line
        return Edit(Span(key.source, written.end, written.end), "".join(f", {e}" for e in listed))
    end = text.find("\n", written.end)
    end = len(text) if end < 0 else end
    broken = "\r\n" if text[end - 1 : end] == "\r" else "\n"
    end -= broken == "\r\n"
    lines = "".join(f"{broken}{' ' * len(ahead)}{entry}" for entry in listed)
    return Edit(Span(key.source, end, end), lines)
