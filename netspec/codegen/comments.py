"""What a generated line says of itself: the shape that comes out, and the line of the spec."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Protocol

from netspec.codegen.quoting import in_comment
from netspec.dims import Shape
from netspec.elaborate import Level, Node, Value

_WIDTH = 92
"""Columns for a line within a method."""


def place_of(node: Node | Level) -> str:
    """`densenet121.yaml:17`, where the step stands."""
    if node.step is None:
        return ""
    span = node.step.place.span
    return f"{os.path.basename(span.source.name)}:{span.line}"


class HasOutputs(Protocol):
    """A node, a level, or a call of one."""

    @property
    def outputs(self) -> tuple[Value, ...]:
        """What comes out."""


def shapes_of(nodes: Sequence[HasOutputs]) -> str:
    """The shape of the first result, `_` where uses differ."""
    shapes = [n.outputs[0].shape for n in nodes if n.outputs and n.outputs[0].shape is not None]
    if not shapes or any(len(s) != len(shapes[0]) for s in shapes):
        return ""
    agreed = [_agreed(shapes, axis) for axis in range(len(shapes[0]))]
    return said(agreed) if agreed.count("_") < max(1, len(agreed) - 1) else ""


def commented(line: str, *parts: str) -> str:
    """The line with a comment, as much of it as fits; what comes last is kept longest."""
    told = [in_comment(part) for part in parts if part]
    while told:
        full = f"{line}  # {'  '.join(told)}"
        if len(full) <= _WIDTH:
            return full
        told.pop(0)
    return line


def _agreed(shapes: Sequence[Shape], axis: int) -> object:
    first = shapes[0][axis]
    return first if all(s[axis] == first for s in shapes) else "_"


def said(shape: Sequence[object]) -> str:
    """`[N, 64, H, W]`."""
    return f"[{', '.join(map(str, shape))}]"
