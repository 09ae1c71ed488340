"""The two inputs of a layer in the wrong order: each has the size that is declared for the other one."""

from __future__ import annotations

from netspec.diagnostics import Edit, Help
from netspec.document import Scalar, Sequence
from netspec.graph.nodes import Node

_SIZES = ("in1_features", "in2_features")


def exchanged_inputs(node: Node) -> Help | None:
    """The help that exchanges the inputs of a `Bilinear`, where they fit that way."""
    sizes = [getattr(node.layer, name, None) for name in _SIZES]
    shapes = node.shapes
    if None in sizes or len(shapes) != len(_SIZES) or not all(shapes):
        return None
    if [shapes[1][-1], shapes[0][-1]] != sizes:
        return None
    source = node.step.source if node.step is not None else None
    edits: tuple[Edit, ...] = ()
    names = [value.node.path for value in node.inputs]
    if isinstance(source, Sequence) and all(isinstance(item, Scalar) for item in source.items):
        first, second = source.items
        names = [first.span.text, second.span.text]
        edits = (Edit(first.span, names[1]), Edit(second.span, names[0]))
    return Help(f"exchange the inputs: `from: [{names[1]}, {names[0]}]`", edits, safe=False)
