"""Inputs of the network by their names: what an expression calls one, and another name for one that cannot be."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnostics import Edit, Help
from netspec.document import Mapping, Scalar, Sequence, TextNode
from netspec.graph.nodes import Node
from netspec.syntax import RESERVED_NAMES, Input, Spec

_READS = ("from", "outputs")


def expression_name(node: Node) -> str:
    """What an expression calls a node's result; empty where it has no name that one can say.

    An input with a reserved name, such as `x`, is still the `input`.
    """
    if node.name in RESERVED_NAMES:
        return "input" if node.layer is None else ""
    return node.name if node.name.isidentifier() else ""


def other_name(spec: Spec, declared: Input) -> Help:
    """Another name for an input, written wherever the body reads it."""
    taken = {each.name for each in spec.inputs} | {*spec.parameters, *spec.blocks}
    fitting = (name for name in (*_names(declared), "data", "values") if name not in taken)
    new = next(fitting, "")
    first = declared is spec.inputs[0]
    if not new or (declared.name in ("input", "previous") and not first):
        return Help("choose another name")
    edits = [_renamed(declared.place, new)]
    if declared.name not in (
        "input",
        "previous",
    ):  # these are read by the same word whatever its name
        edits += [_renamed(place, new) for place in _reads(spec, declared.name)]
    return Help(f"rename it to `{new}`", tuple(edits), safe=False)


def _names(declared: Input) -> tuple[str, ...]:
    if declared.dtype.startswith("int"):
        return ("tokens",)
    rank = len(declared.shape.items) if isinstance(declared.shape, Sequence) else 0
    return {3: ("sequence",), 4: ("image",), 5: ("volume",)}.get(rank, ("features",))


def _renamed(place: Scalar, new: str) -> Edit:
    written = place.span.text
    quote = written[:1] if written[:1] in ('"', "'") else ""
    return Edit(place.span, f"{quote}{new}{quote}")


def _reads(spec: Spec, name: str) -> Iterator[Scalar]:
    """Where the body, or the output, names an input."""
    for key in ("body", "outputs"):
        if (node := spec.root.get(key)) is not None:
            yield from _occurrences(node, name, reads=key == "outputs")


def _occurrences(node: TextNode, name: str, *, reads: bool) -> Iterator[Scalar]:
    if isinstance(node, Mapping):
        for key, value in node.entries:
            yield from _occurrences(value, name, reads=reads or key.text in _READS)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _occurrences(item, name, reads=reads)
    elif isinstance(node, Scalar) and reads and node.text == name:
        yield node
