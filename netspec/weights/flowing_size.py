"""The origin of an input size of a layer whose weights in the file have a different one.

A `Linear` behind a `Flatten` takes channels × height × width. The channels are those of a layer whose weights
agree with the file, so that the height and the width differ: a pool's `output_size`, or the network's input.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice
from typing import NamedTuple

from netspec.diagnosis.size_trace import SizeTrace
from netspec.diagnostics import Label, Span
from netspec.dims import Domain
from netspec.graph import Node
from netspec.graph.derivation import Explanation, Term, derive
from netspec.graph.size_origin import origin_of
from netspec.graph.source_spans import argument_value

_MOST_SIZES = 1000


class FlowingSize(NamedTuple):
    """The places of the text that a size is made of, the one that probably differs first."""

    span: Span | None
    """None if all of it is determined by weights that match the file."""
    arithmetic: str
    """`64 = 16 × 2 × 2`, empty for a single number."""
    labels: tuple[Label, ...] = ()
    help: str = ""


def flowing_size(
    node: Node, index: int, axis: int, size_in_file: int, weighted: Collection[Node]
) -> FlowingSize:
    """The origin of a dimension of an input of a layer.

    `weighted` are the `id`s of the steps with weights, which agree with the file.
    """
    explanation = derive(node.inputs[index], axis)
    free = [term for term in explanation.terms if not _is_of_weights(term, weighted)]
    if not free:
        return FlowingSize(None, explanation.arithmetic())
    part = None
    if explanation.kind != "sum":
        part = _part_in_file(explanation, free, size_in_file)
    return FlowingSize(
        free[0].span,
        explanation.arithmetic(),
        explanation.labels() if len(explanation.terms) > 1 else (),
        _advice(free, part) if part is not None else "",
    )


def _is_of_weights(term: Term, weighted: Collection[Node]) -> bool:
    """Whether a size is that of weights, which `out_channels` is and the height of a picture is not."""
    origin = origin_of(term.value, term.axis)
    return origin is not None and origin.kind == "argument" and term.value.node in weighted


def _part_in_file(explanation: Explanation, free: list[Term], size_in_file: int) -> int | None:
    """The value of each free factor, if they have one value, such as the height and the width of a square."""
    fixed = 1
    for term in explanation.terms:
        if type(term.size) is not int:
            return None
        if term not in free:
            fixed *= term.size
    if size_in_file % fixed or len({term.size for term in free}) > 1:
        return None
    rest = size_in_file // fixed
    part = round(rest ** (1 / len(free)))
    return part if part ** len(free) == rest else None


def _advice(free: list[Term], part: int) -> str:
    """The argument, or the size of the network's input, with which each free factor is `part`."""
    first = free[0]
    name, node = first.argument, first.value.node
    if name:
        written = argument_value(node, name)
        others = [term for term in free if (term.value.node, term.argument) != (node, name)]
        text = f"`{name}: {part}` of `{first.title}`"
        return (
            f"set {text} to match the shapes of the file"
            if written is not None and not others
            else ""
        )
    ways = [SizeTrace(term.value, term.axis) for term in free]
    names = list(dict.fromkeys(way.start.title for way in ways))
    if len(names) > 1 or not all(way.from_input for way in ways):
        return ""
    ranges = [_range(way.giving(part)) for way in ways]
    least, most = (" × ".join(str(r[end]) for r in ranges if r is not None) for end in (0, 1))
    if None in ranges:
        return ""
    sizes = least if least == most else f"{least} to {most}"
    return f"use an input `{names[0]}` of {sizes} to match the shapes of the file"


def _range(domain: Domain | None) -> tuple[int, int] | None:
    """The minimum and maximum of consecutive sizes; None if there are none, or gaps."""
    members = list(islice(domain.members(), _MOST_SIZES)) if domain is not None else []
    if not members or len(members) == _MOST_SIZES:
        return None
    least, most = members[0], members[-1]
    return (least, most) if most - least == len(members) - 1 else None
