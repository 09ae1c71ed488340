"""The hover text of a place, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.assist.cursor import CursorContext, place_at
from netspec.check import Report
from netspec.diagnostics import Span
from netspec.graph import Graph, Level, Node
from netspec.graph.costs import is_counted, node_macs
from netspec.graph.source_spans import reference_span
from netspec.layer.argument_kinds import show
from netspec.layer.base import Layer
from netspec.layers import find
from netspec.record import record
from netspec.reference.layer_guide import default_text, guide
from netspec.report.numbers import counted, scaled
from netspec.syntax import Block
from netspec.syntax.key_tables import BLOCK_KEYS, FILE_KEYS, STEP_KEYS

_MOST_USES = 6


@record(frozen=True, slots=True)
class Hover:
    """A text on a stretch of the file."""

    span: Span
    text: str


def hover(report: Report, offset: int) -> Hover | None:
    """The description of the symbol at an offset."""
    place = place_at(report, offset)
    if place is None:
        return None
    text = _hover_text(report, place)
    if not text:
        return None
    source = report.document.source
    return Hover(Span(source, place.start, place.start + len(place.word)), text)


def _hover_text(report: Report, place: CursorContext) -> str:
    graph = report.graph
    if _is_op(place):
        return "\n\n".join(
            part for part in (_of_op(report, place.word), *_results(graph, place)) if part
        )
    if place.is_key and place.step is not None and place.scalar is place.step.place:
        return "\n\n".join(_results(graph, place))
    if place.is_key:
        return _of_argument(place) or _of_parameter(report, place) or _of_key(place)
    if place.key == "from" or (len(place.keys) > 1 and place.keys[-2] == "from"):
        return _of_reference(graph, place)
    return _of_parameter(report, place)


def _is_op(place: CursorContext) -> bool:
    """Whether an op is there: after `op:`, or alone in a step."""
    step = place.step
    return step is not None and step.op is not None and place.scalar is step.op


# ---- ops and arguments -----------------------------------------------------------------------------


def _of_op(report: Report, op: str) -> str:
    block = report.spec.blocks.get(op) if report.spec is not None else None
    if block is not None:
        return _of_block(block)
    layer = find(op)
    if layer is None:
        return ""
    layer_guide = guide(op, layer)
    parts = [
        f"**{op}**: {layer_guide.summary}",
        f"`{layer_guide.shape}`" if layer_guide.shape else "",
        layer_guide.source,
    ]
    return "\n\n".join(p for p in parts if p)


def _of_block(block: Block) -> str:
    """The purpose of a block, and its parameters."""
    rows = []
    for parameter in block.parameters.values():
        kind = f": {parameter.type}" if parameter.type else ""
        default = f", {parameter.default.span.text} by default" if parameter.default else ""
        doc = f": {parameter.doc}" if parameter.doc else ""
        rows.append(f"- `{parameter.name}`{kind}{default}{doc}")
    doc = f": {block.doc}" if block.doc else ""
    return "\n".join([f"**{block.name}** (block){doc}", *(["", *rows] if rows else [])])


def _of_argument(place: CursorContext) -> str:
    step = place.step
    layer: type[Layer] | None = (
        find(step.op.text) if step is not None and step.op is not None else None
    )
    argument = layer.arguments.get(place.scalar.text) if layer is not None else None
    if argument is None:
        return ""
    return (
        f"`{argument.name}`: {argument.doc}\n\n{argument.kind.expected}; {default_text(argument)}"
    )


def _of_key(place: CursorContext) -> str:
    """The meaning of a key of the file, a block or a step."""
    if place.keys[:1] == ("blocks",) and len(place.keys) == 2:
        keys = BLOCK_KEYS
    elif place.keys:
        keys = STEP_KEYS if place.step is not None else {}
    else:
        keys = FILE_KEYS
    sentence = keys.get(place.word)
    return f"`{place.word}`: {sentence}" if sentence is not None else ""


def _of_parameter(report: Report, place: CursorContext) -> str:
    """A parameter of the block or the file, with its value."""
    name = place.word.partition(".")[0]
    declared = place.block.parameters.get(name) if place.block is not None else None
    if declared is None and report.spec is not None:
        declared = report.spec.parameters.get(name)
    if declared is None:
        return ""
    values = _values(report.graph, place, name)
    values_text = (
        f" = {', '.join(values[:_MOST_USES])}{', …' if len(values) > _MOST_USES else ''}"
        if values
        else ""
    )
    doc = f"\n\n{declared.doc}" if declared.doc else ""
    kind = f": {declared.type}" if declared.type else ""
    return f"`{name}`{kind}{values_text}{doc}"


def _values(graph: Graph | None, place: CursorContext, name: str) -> list[str]:
    """The values that a parameter has, at all uses of the block that it is of."""
    if graph is None:
        return []
    uses = [graph.root, *graph.root.levels()]
    inside = [
        u for u in uses if (u.block is place.block if place.block is not None else u is graph.root)
    ]
    return list(dict.fromkeys(show(u.env[name]) for u in inside if name in u.env))


# ---- nodes -----------------------------------------------------------------------------------------


def _results(graph: Graph | None, place: CursorContext) -> Iterator[str]:
    """The results of a step: a line for each of its uses."""
    if graph is None or place.step is None:
        return
    nodes = [n for n in graph.nodes if n.step is place.step]
    inner = [level for level in graph.root.levels() if level.step is place.step]
    rows = [node_line(n, graph) for n in nodes] or [_level(level) for level in inner]
    if not rows:
        return
    more = [f"and {counted(len(rows) - _MOST_USES, 'more use')}"] if len(rows) > _MOST_USES else []
    yield "\n".join([*(f"- {row}" for row in rows[:_MOST_USES]), *(f"- {m}" for m in more)])


def node_line(node: Node, graph: Graph) -> str:
    """The shapes of a node, and its cost."""
    shapes = ", ".join(_shape(v.shape) for v in node.outputs)
    came = ", ".join(_shape(v.shape) for v in node.inputs)
    weights = node.weight_count
    macs = node_macs(node, graph.examples)
    costs = [
        f", {counted(weights, 'parameter')}" if weights else "",
        f", {scaled(macs)} MACs" if macs else "",
        "" if is_counted(node) else ", MACs unknown",
    ]
    return f"`{node.path}`: {came} → {shapes}{''.join(costs)}"


def _level(level: Level) -> str:
    came = ", ".join(_shape(v.shape) for v in level.inputs)
    gives = ", ".join(_shape(v.shape) for v in level.outputs)
    return f"`{level.path}`: {came} → {gives}"


def _shape(shape: tuple[object, ...] | None) -> str:
    return f"[{', '.join(map(str, shape))}]" if shape is not None else "?"


def _of_reference(graph: Graph | None, place: CursorContext) -> str:
    """The tensors that a reference means."""
    if graph is None or place.step is None:
        return ""
    rows = [
        f"- `{value.node.path}`: {_shape(value.shape)}"
        for node in graph.nodes
        if node.step is place.step
        for k, value in enumerate(node.inputs)
        if reference_span(node, k) == place.scalar.span
    ]
    return "\n".join(dict.fromkeys(rows[:_MOST_USES]))
