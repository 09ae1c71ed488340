"""A join that reads `e1` where `e2` has the size that it needs: a reference with the wrong number in its name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from netspec.diagnosis.step_edits import makes_several
from netspec.diagnostics import Edit, Help
from netspec.dims import Shape
from netspec.document import Scalar, Sequence
from netspec.graph.nodes import Entry, Level, Loop, Node
from netspec.layer.argument_kinds import show
from netspec.layers.disagreement import DisagreementError

_DIGITS = re.compile(r"\d+")
_MOST_STEPS = 256
"""Steps of a level that are compared."""


def similar_reference(node: Node, error: DisagreementError) -> Help | None:
    """The step whose name differs from a written one in its number alone, and whose shape fits."""
    step = node.step
    if step is None or not isinstance(step.source, Sequence):
        return None
    items = step.source.items
    if len(items) != len(node.inputs):
        return None
    free = getattr(node.layer, "dim", None) if node.op == "Concat" else None
    for (index, _), (other, _) in (error.axes, error.axes[::-1]):
        written = items[index]
        if not isinstance(written, Scalar):
            continue
        name_read = node.inputs[index].node.name if "{" in written.text else written.text
        if not _DIGITS.search(name_read):
            continue
        read = {item.text for item in items if isinstance(item, Scalar)}
        for name, shape in _similar(node, name_read):
            if name not in read and _fits(shape, node.shapes[other], free):
                plain = written.span.text == written.text and not makes_several(node)
                edits = (Edit(written.span, name),) if plain else ()
                return Help(f"did you mean `{name}`? it is {show(shape)}", edits, safe=False)
    return None


def _similar(node: Node, written: str) -> Iterator[tuple[str, Shape]]:
    """Earlier steps of the body, and inputs of the network, whose names have other numbers; the nearest first."""
    pattern = _DIGITS.sub("#", written)
    candidates: list[tuple[int, str, Shape]] = []
    for entry in islice(_steps(node.level.entries), _MOST_STEPS):
        value = entry.outputs[0] if entry.outputs else None
        if value is None or value.shape is None or entry.name == written:
            continue
        if _DIGITS.sub("#", entry.name) == pattern:
            candidates.append((_distance(entry.name, written), entry.name, value.shape))
    level: Level | None = node.level
    for value in level.inputs if level is not None and level.parent is None else ():
        name = value.node.name
        if value.shape is not None and name != written and _DIGITS.sub("#", name) == pattern:
            candidates.append((_distance(name, written), name, value.shape))
    for _, name, shape in sorted(candidates, key=lambda c: c[0]):
        yield name, shape


def _steps(entries: list[Entry]) -> Iterator[Node | Level]:
    """The steps of a body, the last first, with those of its loops."""
    for entry in reversed(entries):
        if isinstance(entry, Loop):
            for iteration in reversed(entry.iterations):
                yield from _steps(iteration)
        else:
            yield entry


def _distance(a: str, b: str) -> int:
    """How far the numbers in two names are from each other."""
    pairs = zip(_DIGITS.findall(a), _DIGITS.findall(b), strict=False)
    return sum(abs(int(x[:9]) - int(y[:9])) for x, y in pairs)


def _fits(shape: Shape, other: Shape, free: int | None) -> bool:
    """Whether two shapes agree on all dimensions but the one along which they are joined."""
    if len(shape) != len(other):
        return False
    skipped = None if free is None else free % len(shape)
    return all(s == t for k, (s, t) in enumerate(zip(shape, other, strict=True)) if k != skipped)
