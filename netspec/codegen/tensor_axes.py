"""The dimensions of tensors: where a size comes from, and what an argument for it is called."""

from __future__ import annotations

from collections.abc import Sequence

from netspec.codegen.identifiers import identifier
from netspec.codegen.plans import ClassPlan
from netspec.codegen.scopes import Untranslatable
from netspec.codegen.value_references import (
    AfterRef,
    FlowRef,
    InputRef,
    ListRef,
    Ref,
    ResultRef,
)
from netspec.diagnosis.lint_triggers import READS_CHANNELS, READS_FEATURES
from netspec.graph import Level, Node, Value
from netspec.graph.captures import unrolled
from netspec.layer.base import Layer
from netspec.layer.shape_rules import Origin as SizeOrigin
from netspec.syntax import Block


def home(ref: Ref) -> ClassPlan:
    """The class in whose terms the sizes of a tensor are stated."""
    match ref:
        case InputRef(body, _):
            return body.plan
        case ResultRef(site, _):
            return site.body.plan
    return ref.loop.body.plan


def feature_axis(value: Value) -> int:
    """The dimension of the channels or features of a tensor."""
    return 1 if len(value.shape or ()) > 3 else -1


def size_word(ref: Ref, axis: int) -> str:
    """What an argument for a size is called, by the dimension alone."""
    rank = len(shape_of(ref))
    if axis == 1 and rank > 2:
        return "in_channels"
    return "in_features" if axis == rank - 1 else f"in_size_{axis}"


def require_integers(values: Sequence[Value], axis: int) -> None:
    """Reject sizes that are only known at run time."""
    for value in values:
        if value.shape is None or axis >= len(value.shape) or type(value.shape[axis]) is not int:
            raise Untranslatable("a size that is open")


def shape_of(ref: Ref) -> Sequence[object]:
    """The shape of a tensor in the first use."""
    match ref:
        case InputRef(body, number):
            shape = body.levels[0].inputs[number].shape
        case ResultRef(site, result):
            first = site.first
            assert isinstance(first, Node | Level)
            shape = first.outputs[result].shape
        case FlowRef(_, _, following):
            return shape_of(following)
        case AfterRef(_, last, _):
            return shape_of(last)
        case ListRef(_, item, _):
            return shape_of(item)
    return shape or ()


def origin_of(node: Node, result: int, axis: int) -> SizeOrigin:
    """Where a layer says that a size of its result comes from."""
    assert node.layer is not None
    if type(node.layer).origin is Layer.origin and not node.inputs:
        raise Untranslatable("a layer without inputs")
    return node.layer.origin(result, axis, *node.shapes)


def size_name(plan: ClassPlan, number: int, axis: int, value: Value) -> str:
    """`in_channels`, `in_features`, or the input's own name with what the size is."""
    rank = len(value.shape or ())
    word = "features" if axis == rank - 1 else f"size_{axis}"
    if axis == 1 and rank > 2:
        word = "length" if rank == 3 and _reads_features(plan.levels[0]) else "channels"
    if axis == 0 and rank > 1:
        word = "batch"
    names = [n.text for n in plan.definition.inputs] if isinstance(plan.definition, Block) else []
    if len(names) > 1 and number:
        return f"{identifier(names[number])}_{word}"
    return f"in_{word}"


def _reads_features(level: Level) -> bool:
    """Whether the layers of a level read the last dimension, so that the one before it is a length."""
    ops: set[str] = set()
    levels = [level]
    for each in levels:
        for entry in unrolled(each.entries):
            if isinstance(entry, Node):
                ops.add(entry.op)
            else:
                levels.append(entry)
    return not ops.isdisjoint(READS_FEATURES) and ops.isdisjoint(READS_CHANNELS)
