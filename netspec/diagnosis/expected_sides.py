"""What gives a result the sides that `expect` says: a decoder that does not come back to an odd size."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnosis.branch_sizes import changes_of_sides, keeps_sides
from netspec.diagnosis.step_edits import Argument, makes_several, step_before, step_text
from netspec.diagnostics import Edit, Help, Span
from netspec.dims import Shape, Size
from netspec.graph.nodes import Node, Value
from netspec.graph.source_spans import argument_value
from netspec.limits import RunBudget

_MOST_STEPS = 12
"""How far back the layer that made the sides is looked for."""
_RESIZES = ("Upsample", "Interpolate")


def expected_sides(value: Value, declared: list[Size | None], budget: RunBudget) -> list[Help]:
    """The helps where nothing but the sides of a map differs from what is expected; None is any size."""
    shape = value.shape
    if shape is None or len(shape) != len(declared) or len(shape) < 3:
        return []
    expected = tuple(s if w is None else w for s, w in zip(shape, declared, strict=True))
    sides = expected[2:]
    if expected[:2] != shape[:2] or not all(type(size) is int for size in (*shape[2:], *sides)):
        return []
    return changes_of_sides(value, sides, budget) or [*_resized(value, sides)]


def _resized(value: Value, sides: Shape) -> Iterator[Help]:
    """The step that makes the sides larger given the size instead of a factor, or `Interpolate` after it."""
    way = _grown(value)
    if not way:
        return
    up, *behind = way
    size = f"size: [{', '.join(map(str, sides))}]"
    step = up.step
    if up.op in _RESIZES and step is not None:
        factor = [(key, value) for key, value in step.arguments if key.text == "scale_factor"]
        edits = tuple(Edit(Span(k.source, k.start, v.end), size) for k, v in factor)
        yield Help(f"set the size of `{up.path}` instead of a factor: `{size}`", edits, safe=False)
        return
    arguments: dict[str, Argument] = {"size": [int(str(side)) for side in sides]}
    resize = step_text("Interpolate", arguments)
    reader = next((node for node in behind if not makes_several(node)), None)
    if reader is None:
        yield Help(f"add `{resize}` after `{way[-1].path}`")
    else:
        edits = step_before(reader, "Interpolate", arguments)
        yield Help(f"add `{resize}` before `{reader.path}`", edits, safe=False)


def _grown(value: Value) -> list[Node]:
    """The nearest node that makes a map larger, and those after it; empty where there is none."""
    way: list[Node] = []
    for _ in range(_MOST_STEPS):
        node = value.node
        if node.layer is None or len(node.inputs) != 1 or not node.known:
            return []
        way.insert(0, node)
        if argument_value(node, "scale_factor") is not None or node.op.startswith("ConvTranspose"):
            return way
        if not keeps_sides(node):
            return []
        value = node.inputs[0]
    return []
