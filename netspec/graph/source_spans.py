"""The spans of a node in the text: its arguments, its inputs, the enclosing blocks."""

from __future__ import annotations

from netspec.diagnostics import ScopeFrame, Span
from netspec.document import Mapping, Scalar, Sequence, TextNode
from netspec.graph.nodes import Level, Node


def step_span(node: Node) -> Span:
    """The span that a message about a step marks: its name, or its op."""
    assert node.place is not None
    return node.place.span


def argument_value(node: Node, name: str) -> TextNode | None:
    """The value of an argument, where the step writes it."""
    for key, value in node.step.arguments if node.step is not None else ():
        if key.text == name:
            return value
    return None


def argument_span(node: Node, name: str) -> Span | None:
    """Where the step writes an argument's value."""
    written = argument_value(node, name)
    return written.span if written is not None else None


def reference_span(node: Node, index: int) -> Span | None:
    """The span of input number `index` of a step: in its `from`, or in its branches."""
    step = node.step
    if step is None:
        return None
    if isinstance(step.source, Sequence) and len(step.source.items) == len(node.inputs):
        return step.source.items[index].span
    if isinstance(step.source, Mapping) and len(step.source.entries) == len(node.inputs):
        names = [*node.layer.by_name(node.inputs)] if node.layer is not None else []
        named = step.source.get(names[index]) if index < len(names) else None
        return (named or step.source.entries[index][1]).span
    if step.branches is not None and len(step.branches) == len(node.inputs):
        return step.branches[index].place.span
    if step.branches is not None and (made := node.inputs[index].node.place) is not None:
        return made.span
    return step.source.span if isinstance(step.source, Scalar) else None


def around(level: Level) -> tuple[ScopeFrame, ...]:
    """The blocks that a level is inside of, outermost first."""
    frames = []
    ancestor: Level | None = level
    while ancestor is not None:
        if ancestor.block is not None and ancestor.step is not None:
            frames.append(ScopeFrame(ancestor.path, ancestor.step.place.span))
        ancestor = ancestor.parent
    return tuple(reversed(frames))
