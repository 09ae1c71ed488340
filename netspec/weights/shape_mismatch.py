"""Weights that have one shape in the network and another in the file: which argument decides it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from netspec.compare.state_dict import Tensor
from netspec.diagnostics import Code, Diagnostic, Help, Label, Span
from netspec.document import Sequence
from netspec.graph import Node
from netspec.graph.source_spans import argument_span, argument_value, around, step_span
from netspec.layer.base import ConcreteShape
from netspec.weights.checkpoint import Checkpoint, StoredTensor, fits, tensors_of
from netspec.weights.flowing_size import flowing_size
from netspec.weights.layer_shapes import (
    ArgumentItem,
    argument_text,
    deciding_arguments,
    deciding_inputs,
    fitting_argument,
    fitting_list,
    fitting_value,
)
from netspec.weights.wording import counted_weights

_MOST = 6
"""How many weights a diagnostic shows."""


class _Mismatch(NamedTuple):
    """A weight that has one shape here and another one in the file."""

    key: str
    tensor: Tensor
    weight: StoredTensor
    node: Node

    @property
    def name(self) -> str:
        """Its name in the layer."""
        return self.key[len(self.node.path) :].lstrip(".")

    @property
    def axes(self) -> list[int]:
        """The dimensions that differ; empty if the number of dimensions differs."""
        mine, its = self.tensor.shape, self.weight.shape
        if len(mine) != len(its):
            return []
        return [axis for axis, (a, b) in enumerate(zip(mine, its, strict=True)) if a != b]


class _Cause(NamedTuple):
    """The place in the text that determines a dimension, and the required value."""

    span: Span | None
    label: str
    help: str = ""
    others: tuple[Label, ...] = ()
    """Further places that a size is made of."""


def shape_mismatches(
    expected: Mapping[str, tuple[Tensor, Node]], held: Mapping[str, StoredTensor], file: Checkpoint
) -> Iterator[Diagnostic]:
    """A diagnostic for each step that decides another size, however many weights and uses it has."""
    mismatches = [
        _Mismatch(key, tensor, weight, node)
        for key, (tensor, node) in expected.items()
        if (weight := held.get(key)) is not None
        and weight.layout != "nested"
        and not fits(tensor.shape, weight.shape)
    ]
    if not mismatches:
        return
    wrong = {m.node for m in mismatches}
    weighted = {node for _, node in expected.values()}
    own = [m for m in mismatches if _decides(m) or not _behind(m.node, wrong, weighted)]
    causes = own or mismatches
    steps: dict[Span, list[_Mismatch]] = {}
    for mismatch in causes:
        steps.setdefault(step_span(mismatch.node), []).append(mismatch)
    for count, alike in enumerate(steps.values(), 1):
        follow = len(mismatches) - len(causes) if count == len(steps) else 0
        yield _diagnostic(alike, follow, held, weighted, file)


def _decides(mismatch: _Mismatch) -> bool:
    """Whether its own step determines a dimension that differs, and no input does."""
    if not mismatch.axes:
        return True
    return any(
        not deciding_inputs(mismatch.node, mismatch.name, axis)
        and deciding_arguments(mismatch.node, mismatch.name, axis)
        for axis in mismatch.axes
    )


def _behind(node: Node, wrong: set[Node], weighted: set[Node]) -> bool:
    """Whether an input comes from a step whose weights differ as well."""
    waiting, seen = [value.node for value in node.inputs], set()
    while waiting:
        source = waiting.pop()
        if source in seen:
            continue
        seen.add(source)
        if source in wrong:
            return True
        if source not in weighted:
            waiting += [value.node for value in source.inputs]
    return False


def _diagnostic(
    alike: list[_Mismatch],
    follow: int,
    held: Mapping[str, StoredTensor],
    weighted: set[Node],
    file: Checkpoint,
) -> Diagnostic:
    first = alike[0]
    causes = [_cause(first, axis, held, weighted) for axis in first.axes]
    causes = causes or [_cause_of_rank(first, held)]
    causes.sort(key=lambda cause: cause.span is None)
    causes = list(dict.fromkeys(causes))
    notes = [
        f"`{m.key}`: {list(m.tensor.shape)} and {list(m.weight.shape)}" for m in alike[1:_MOST]
    ]
    if len(alike) > _MOST:
        notes.append(f"and {len(alike) - _MOST} more")
    if follow:
        notes.append(
            f"{counted_weights(follow)} of other steps follow{'s' * (follow == 1)} from this"
        )
    shapes = f"{list(first.tensor.shape)} in the network and {list(first.weight.shape)}"
    return Diagnostic(
        Code.WEIGHT_SHAPE,
        f"`{first.key}` is {shapes} in `{file.path}`",
        causes[0].span or step_span(first.node),
        causes[0].label,
        labels=tuple(
            label
            for label in _labels(causes)
            if label.span != (causes[0].span or step_span(first.node))
        ),
        notes=tuple(notes),
        helps=tuple(Help(cause.help) for cause in causes if cause.help),
        path=first.node.path,
        frames=around(first.node.level),
    )


def _labels(causes: list[_Cause]) -> Iterator[Label]:
    """The text next to the first place."""
    yield from causes[0].others
    for cause in causes[1:]:
        if cause.span is not None:
            yield Label(cause.span, cause.label)
        yield from cause.others


# ---- what decides an axis ------------------------------------------------------------------------------


def _cause_of_rank(mismatch: _Mismatch, held: Mapping[str, StoredTensor]) -> _Cause:
    """The list of sizes that decides how many dimensions a tensor has, such as a parameter's `shape`."""
    node, mine, its = mismatch.node, mismatch.tensor.shape, mismatch.weight.shape
    name = fitting_list(node, its, _shapes_in_file(mismatch, held))
    span = argument_span(node, name) if name is not None else None
    dimensions = f"{len(mine)} dimension{'s' * (len(mine) != 1)}"
    return _Cause(span, f"{dimensions} here, {len(its)} in the file")


def _cause(
    mismatch: _Mismatch, axis: int, held: Mapping[str, StoredTensor], weighted: set[Node]
) -> _Cause:
    """The place that determines a dimension: an argument, or otherwise the origin of the input size."""
    node, sizes = mismatch.node, (mismatch.tensor.shape[axis], mismatch.weight.shape[axis])
    label = f"{sizes[0]} here, {sizes[1]} in the file"
    shapes_in_file = _shapes_in_file(mismatch, held)
    other = fitting_argument(node, shapes_in_file)
    if other is not None:
        return _Cause(argument_span(node, other[0]), label, _advice(*other))
    inputs = deciding_inputs(node, mismatch.name, axis)
    items = deciding_arguments(node, mismatch.name, axis)
    values = [fitting_value(node, item, sizes, shapes_in_file) for item in items]
    help = ""
    for item, value in sorted(zip(items, values, strict=True), key=lambda pair: pair[1] is None):
        span = _item_span(node, item)
        is_the_size = not inputs and span is not None and span.text == str(sizes[0])
        number = value[item.position or 0] if isinstance(value, tuple | list) else value
        if is_the_size and number in (None, sizes[1]):  # nothing to add
            return _Cause(span, label)
        help = help or (_advice(item.name, value) if value is not None else "")
        if span is not None and (not inputs or value is not None):
            return _Cause(span, label, help)
        if help and not inputs:
            return _Cause(None, label, help)
    return _cause_of_input(node, inputs, sizes, _Cause(None, label, help), weighted)


def _cause_of_input(
    node: Node,
    inputs: list[tuple[int, int]],
    sizes: tuple[int, int],
    cause: _Cause,
    weighted: set[Node],
) -> _Cause:
    """Where the size of an input is written: in the step, in the network's input, or in a step before it."""
    spans = [
        _inferred_span(node, sizes[0]) or _input_span(node, index, place_in_input)
        for index, place_in_input in inputs
    ]
    span = next((span for span in spans if span is not None), None)
    if span is not None or len(inputs) != 1:
        return cause._replace(span=span)
    flowing = flowing_size(node, *inputs[0], sizes[1], weighted)
    made = f"{flowing.arithmetic or sizes[0]} here, {sizes[1]} in the file"
    return _Cause(flowing.span, made, cause.help or flowing.help, flowing.labels)


def _advice(name: str, value: object) -> str:
    return f"set `{argument_text(name, value)}` to match the shapes of the file"


def _shapes_in_file(
    mismatch: _Mismatch, held: Mapping[str, StoredTensor]
) -> dict[str, ConcreteShape]:
    """The shapes that the file has for all tensors of a step."""
    return tensors_of(mismatch.node.path, held)


def _item_span(node: Node, item: ArgumentItem) -> Span | None:
    """Where the step writes an argument, or the one number of its list."""
    written = argument_value(node, item.name)
    if item.position is not None and isinstance(written, Sequence):
        return written.items[item.position].span if item.position < len(written.items) else None
    return written.span if written is not None else None


def _inferred_span(node: Node, size: int) -> Span | None:
    """The argument of the step that repeats an input size: `in_channels: 64`."""
    layer = node.layer
    for name, known in layer.arguments.items() if layer is not None else ():
        if known.inferred and getattr(layer, name) == size:
            span = argument_span(node, name)
            if span is not None:
                return span
    return None


def _input_span(node: Node, index: int, axis: int) -> Span | None:
    """The declaration of that size, if it belongs to an input of the network."""
    source = node.inputs[index].node
    if source.step is None and isinstance(source.place, Sequence):
        return source.place.items[axis].span if axis < len(source.place.items) else None
    return None
