"""The derivation of a size, traced back through the graph when an error is printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from netspec.diagnostics import Label, Span
from netspec.dims import Size
from netspec.document import Sequence as WrittenList
from netspec.graph.nodes import Node, Value
from netspec.graph.size_origin import origin_of
from netspec.graph.source_spans import argument_span
from netspec.layer.checks import amount, axis_name, is_numbered

_MOST_TERMS = 2000
_MOST_LABELS = 6
_MOST_PARTS = 8


class Term(NamedTuple):
    """One size of one tensor, where it was determined."""

    value: Value
    axis: int

    @property
    def size(self) -> Size:
        """The size itself."""
        assert self.value.shape is not None
        return self.value.shape[self.axis]

    @property
    def title(self) -> str:
        """The node as a message calls it."""
        return self.value.node.path

    @property
    def quantity(self) -> str:
        """`24 channels`, `a height of 12`; just the number where an axis has no usual name."""
        assert self.value.shape is not None
        rank = len(self.value.shape)
        counted = self.value.dtype.startswith(
            ("float", "bfloat")
        )  # the axes of ids have no usual names
        name = axis_name(rank, self.axis) if counted and rank != 3 else ""
        return amount(name, self.size) if name and not is_numbered(name) else str(self.size)

    @property
    def argument(self) -> str:
        """The argument that sets it, if one does."""
        origin = origin_of(self.value, self.axis)
        return origin.argument if origin is not None and origin.kind == "argument" else ""

    @property
    def span(self) -> Span | None:
        """The text that decided it: the argument's value, the input's declared size, or the step."""
        node = self.value.node
        if node.layer is None:
            return _declared(node, self.axis)
        written = argument_span(node, self.argument) if self.argument else None
        return written or (node.place.span if node.place is not None else None)


class Explanation(NamedTuple):
    """A size and the terms it is made of; `joiner` is the node that adds or multiplies them."""

    size: Size
    kind: str
    """`sum`, `product` or `term`."""
    terms: tuple[Term, ...]
    joiner: Node | None

    def arithmetic(self) -> str:
        """`88 = 24×3 + 16`: equal sizes counted, the largest first; empty for a single term."""
        if self.kind == "product":
            return f"{self.size} = {' × '.join(_factor(t.size) for t in self.terms)}"
        if self.kind != "sum":
            return ""
        return sum_text(self.size, [t.size for t in self.terms])

    def labels(self, noun: str = "") -> tuple[Label, ...]:
        """The place of each term, equal places once; `noun` is the counted thing, if known."""
        terms_by_span: dict[Span, list[Term]] = {}
        for term in self.terms:
            if (span := term.span) is not None:
                terms_by_span.setdefault(span, []).append(term)
        labels = [Label(span, _label(terms, noun)) for span, terms in terms_by_span.items()]
        return tuple(labels[:_MOST_LABELS])


def derive(value: Value, axis: int) -> Explanation:
    """The origin of size `axis` of a value."""
    assert value.shape is not None
    size = value.shape[axis]
    value, axis = origin_of_size(value, axis)
    origin = origin_of(value, axis)
    if origin is not None and origin.kind == "sum":
        return Explanation(size, "sum", tuple(_terms(value, axis)), value.node)
    if origin is not None and origin.kind == "product":
        factors = [
            Term(*origin_of_size(value.node.inputs[i], input_axis))
            for i, input_axis in origin.parts
        ]
        return Explanation(size, "product", tuple(factors), value.node)
    return Explanation(size, "term", (Term(value, axis),), None)


def sum_text(size: Size, terms: Sequence[Size]) -> str:
    """`88 = 24×3 + 16`: equal sizes counted, the largest first.

    >>> sum_text(88, [24, 16, 24, 24])
    '88 = 24×3 + 16'
    """
    counted = Counter(terms)
    sizes = sorted(counted, key=lambda size: -size if isinstance(size, int) else 0)
    parts = [f"{_factor(s)}×{counted[s]}" if counted[s] > 1 else str(s) for s in sizes]
    if len(parts) > _MOST_PARTS:
        parts[_MOST_PARTS - 2 : -1] = ["…"]
    return f"{size} = {' + '.join(parts)}"


def origin_of_size(value: Value, axis: int) -> tuple[Value, int]:
    """Go back through all layers that do not change the size."""
    while True:
        origin = origin_of(value, axis)
        if origin is None or origin.kind != "same" or not origin.parts:
            return value, axis
        index, axis = origin.parts[0]
        value = value.node.inputs[index]


def _terms(value: Value, axis: int) -> Iterator[Term]:
    """The terms of a sum, sums within it taken apart as well."""
    stack = [(value, axis)]
    count = 0
    while stack and count < _MOST_TERMS:
        value, axis = origin_of_size(*stack.pop())
        origin = origin_of(value, axis)
        if origin is not None and origin.kind == "sum":
            inputs = value.node.inputs
            stack.extend((inputs[i], a) for i, a in reversed(origin.parts))
            continue
        count += 1
        yield Term(value, axis)


def _label(terms: list[Term], noun: str) -> str:
    """The contribution of one place in the text, to one step or to all of its iterations."""
    amounts = [amount(noun, t.size) if noun else t.quantity for t in terms]
    first, last = terms[0], terms[-1]
    steps = list(dict.fromkeys(t.title for t in terms))
    if len(steps) == 1:
        return f"{' and '.join(amounts)} from `{first.title}`"
    sizes = list(dict.fromkeys(amounts))
    source_text = sizes[0] if len(sizes) == 1 else f"from {sizes[0]} to {sizes[-1]}"
    if len(terms) == 2:
        return f"{source_text}, from `{first.title}` and `{last.title}`"
    return f"{source_text}, {len(terms)} times: `{first.title}` … `{last.title}`"


def _factor(size: Size) -> str:
    text = str(size)
    return text if text.isalnum() else f"({text})"


def _declared(node: Node, axis: int) -> Span | None:
    """Where an input declares a size."""
    place = node.place
    if isinstance(place, WrittenList) and axis < len(place.items):
        return place.items[axis].span
    return place.span if place is not None else None
