"""Where the value of an argument is written: at the use of a block, if the argument is a parameter of it."""

from __future__ import annotations

from netspec.diagnostics import Label, Span
from netspec.document import Scalar, TextNode
from netspec.expr import LoopItem
from netspec.graph.nodes import Level, Node
from netspec.graph.source_spans import argument_value

_MOST_LEVELS = 64


def value_place(written: TextNode, level: Level) -> TextNode:
    """Follow an argument that is just a parameter to the place that sets it: a use, or the default."""
    for _ in range(_MOST_LEVELS):
        name = parameter_name(written)
        owner: Level | None = level
        while owner is not None and owner.block is None:
            owner = owner.parent
        if not name or owner is None or owner.block is None or owner.step is None:
            return written
        parameter = owner.block.parameters.get(name)
        if parameter is None or isinstance(level.env.get(name), LoopItem):
            return written
        setting = next((v for k, v in owner.step.arguments if k.text == name), None)
        if setting is not None and owner.parent is not None:
            written, level = setting, owner.parent
        elif parameter.default is not None:
            written = parameter.default
        else:
            return written
    return written


def parameter_name(written: TextNode) -> str:
    """The name that an argument consists of, as `w` and `=w` do; empty for any other."""
    text = written.value if isinstance(written, Scalar) else None
    name = text.removeprefix("=").strip() if isinstance(text, str) else ""
    return name if name.isidentifier() else ""


def value_span(node: Node, name: str) -> tuple[Span | None, tuple[Label, ...]]:
    """The span of the value of an argument; if that is outside of its block, a label for the argument."""
    written = argument_value(node, name)
    if written is None:
        return None, ()
    if isinstance(node.env.get(parameter_name(written)), LoopItem):
        return written.span, ()
    place = value_place(written, node.level)
    return place.span, argument_labels(written, place, name, node.path)


def argument_labels(written: TextNode, place: TextNode, name: str, path: str) -> tuple[Label, ...]:
    """A label for the argument `name` of the step at `path`, if its value is at another place."""
    return (Label(written.span, f"`{name}` of `{path}`"),) if place is not written else ()
