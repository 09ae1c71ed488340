"""Maps that come to a join with different sizes: the step or the size of the input with which they agree."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnosis.input_names import expression_name
from netspec.diagnosis.size_trace import SizeTrace, same_start
from netspec.diagnosis.step_edits import makes_several, step_text
from netspec.diagnosis.step_insertion import put_between
from netspec.diagnostics import Edit, Help, Span
from netspec.dims import Domain
from netspec.document import Scalar
from netspec.graph.derivation import Term
from netspec.graph.nodes import Level, Node, Value
from netspec.graph.source_spans import argument_value
from netspec.layer.checks import SPATIAL, amount
from netspec.layers.disagreement import DisagreementError

_MOST_STEPS = 12
_LARGEST_SIDE = 1 << 20


_ATTRIBUTES = ("height", "width")
"""The sides that an expression has a name for."""


def interpolated(node: Node, error: DisagreementError) -> Iterator[Help]:
    """`Interpolate` to the size of the other input, instead of an `Upsample` by a factor."""
    (a, _), (b, _) = error.axes
    for grown, lateral in ((a, b), (b, a)):
        up = _upsample(node.inputs[grown])
        like = _named_alike(node.inputs[lateral], up) if up is not None else ""
        if up is None or up.step is None or up.step.op is None or not like:
            continue
        sides = [
            f"{like}.{word}" if word in _ATTRIBUTES else f"{like}.size({k})"
            for k, word in enumerate(SPATIAL[len(node.shapes[lateral]) - 2], start=2)
        ]
        size = f"size: [{', '.join(sides)}]"
        factor = [(key, value) for key, value in up.step.arguments if key.text == "scale_factor"]
        edits = [Edit(up.step.op.span, "Interpolate")]
        edits += (Edit(Span(k.source, k.start, v.end), size) for k, v in factor)
        text = f"resize `{up.path}` to the size of the other input: `Interpolate` with `{size}`"
        yield Help(text, tuple(edits), safe=False)


def _upsample(value: Value) -> Node | None:
    for _ in range(_MOST_STEPS):
        node = value.node
        if (
            node.op in ("Upsample", "Interpolate")
            and argument_value(node, "scale_factor") is not None
        ):
            return node
        if len(node.inputs) != 1:
            return None
        value = node.inputs[0]
    return None


def _named_alike(value: Value, up: Node) -> str:
    """The name, where `up` stands, of a tensor before it that has the size of a value."""
    assert value.shape is not None
    sides = value.shape[2:]
    for _ in range(_MOST_STEPS):
        node = value.node
        if value.shape is None or value.shape[2:] != sides:
            return ""
        name = _name_at(node, up.level)
        early = node.place is None or up.place is None or node.place.start < up.place.start
        if name and (early or node.level is not up.level):
            return name
        if not node.inputs:
            return ""
        value = node.inputs[0]
    return ""


def _name_at(node: Node, level: Level) -> str:
    """What a node's result is called on a level: its name, or that of the group that gives it."""
    name, ancestor = node.name, node.level
    while ancestor is not level:
        if ancestor.parent is None or not any(v.node is node for v in ancestor.outputs):
            return ""
        name, ancestor = ancestor.name, ancestor.parent
    if ancestor is node.level and name == node.name:
        return expression_name(node)
    return name if name.isidentifier() else ""


def upsampling_help(node: Node, error: DisagreementError) -> Iterator[Help]:
    """`Upsample` for a map whose sides fit into those of the other an integer number of times."""
    (a, _), (b, _) = error.axes
    small, large = (a, b) if _fits(node, a, b) else (b, a)
    factor = _fits(node, small, large)
    if not factor:
        return
    up = _upsample(node.inputs[small])
    written = argument_value(up, "scale_factor") if up is not None else None
    if up is not None and isinstance(written, Scalar) and type(written.value) is int:
        larger = written.value * factor
        edits = () if makes_several(up) else (Edit(written.span, str(larger)),)
        yield Help(
            f"`scale_factor: {larger}` in `{up.path}` makes the sizes agree", edits, safe=False
        )
        return
    arguments = {"scale_factor": factor}
    path = node.inputs[small].node.path
    text = f"resize `{path}` to the size of the other input: add `{step_text('Upsample', arguments)}` after it"
    yield Help(text, put_between(node, small, "Upsample", arguments, "up"), safe=False)


def _fits(node: Node, small: int, large: int) -> int:
    """How many times larger each side of one input is than that of another; 0 where it is not an integer."""
    factors = set()
    for a, b in zip(node.shapes[small][2:], node.shapes[large][2:], strict=True):
        whole = type(a) is int and type(b) is int and a > 0 and b % a == 0
        factors.add(b // a if whole else 0)
    factor = factors.pop() if len(factors) == 1 else 0
    return factor if isinstance(factor, int) and factor > 1 else 0


def larger_input(node: Node, error: DisagreementError) -> Iterator[Help]:
    """The nearest larger input with which both sizes are equal."""
    (a, _), (b, _) = error.axes
    edits: list[Edit] = []
    sizes_text: list[str] = []
    for axis in range(2, len(node.shapes[a])):
        ways = SizeTrace(node.inputs[a], axis), SizeTrace(node.inputs[b], axis)
        if node.shapes[a][axis] == node.shapes[b][axis]:
            continue
        domain = same_start(*ways)
        start = ways[0].start
        if domain is None or not isinstance(start.size, int):
            return
        size = _nearest(domain, start.size)
        if size is None:
            return
        sizes_text.append(amount(SPATIAL[len(node.shapes[a]) - 2][axis - 2], size))
        edits += _declared(start, size)
        title = start.title
    if not sizes_text:
        return
    every = f", a multiple of {domain.modulus}" if domain and 0 in domain.residues else ""
    shown = " and ".join(sizes_text)
    text = f"or resize `{title}` to {shown}{every}"
    yield Help(text, tuple(dict.fromkeys(edits)), safe=False)


def _nearest(domain: Domain, size: int) -> int | None:
    """The next size that fits; a multiple of the modulus, where those do."""
    if domain.modulus > 1 and 0 in domain.residues:
        multiple = -(-size // domain.modulus) * domain.modulus
        if multiple in domain:
            return multiple
    return next((s for s in range(size + 1, min(size + 4096, _LARGEST_SIDE)) if s in domain), None)


def _declared(start: Term, size: int) -> Iterator[Edit]:
    span = start.span
    if span is not None and span.text == str(start.size):
        yield Edit(span, str(size))
