"""What is said when a layer does not take its input: the arithmetic, the places, what would fit."""

from __future__ import annotations

from math import isqrt

from netspec.diagnostics import Code, Diagnostic, Edit, Help, Label, Span
from netspec.dims import Domain, Size, symbol
from netspec.document import Scalar
from netspec.elaborate.along import Way
from netspec.elaborate.explain import Explanation, Term, explain
from netspec.elaborate.graph import Node, Value
from netspec.elaborate.places import argument, argument_span, around, place, reference_span
from netspec.expr import Item
from netspec.layers.base import ShapeError, show
from netspec.layers.checks import axis_name
from netspec.limits import RunBudget

_SPATIAL = ("length", "depth", "height", "width")


def refusal(node: Node, error: ShapeError, budget: RunBudget) -> Diagnostic:
    """A rule's refusal, with the places that the clashing sizes come from."""
    labels: list[Label] = []
    notes = list(error.notes)
    for index, axis in error.axes:
        explanation = explain(node.inputs[index], axis)
        if arithmetic := explanation.arithmetic():
            notes.append(f"{arithmetic} in `{node.inputs[index].node.path}`")
        labels.extend(label for label in explanation.labels() if label not in labels)
    helps = _padding(node, error, budget) or [*map(Help, error.helps)]
    if error.code == Code.TOO_SMALL and error.axes:
        way_notes, way_helps = _too_small(node, *error.axes[0])
        notes += way_notes
        helps = [*map(Help, way_helps)] or helps
    if flows := _flows(node, error):
        notes.append(flows)
    span = argument_span(node, error.argument) if error.argument else None
    if span is None and error.axes and len(node.inputs) > 1:
        span = reference_span(node, _odd(error))
    return Diagnostic(
        error.code,
        f"`{node.path}`: {error.message}",
        span or place(node),
        error.label,
        tuple(labels),
        tuple(notes),
        tuple(helps),
        path=node.path,
        frames=around(node.level),
    )


def _padding(node: Node, error: ShapeError, budget: RunBudget) -> list[Help]:
    from netspec.elaborate.padding import missing_padding

    return missing_padding(node, error, budget)


def _odd(error: ShapeError) -> int:
    """The input to point at: the one that differs from the others, or else the last."""
    return error.axes[0 if error.code == Code.CONCAT else -1][0]


def _flows(node: Node, error: ShapeError) -> str:
    """What flows in, unless the message shows it already."""
    shapes = [(v, show(v.shape)) for v in node.inputs if v.shape is not None]
    if not shapes or all(text in error.message for _, text in shapes):
        return ""
    flows = ", ".join(f"{text} from `{v.node.path}`" for v, text in shapes)
    return f"`{node.path}` gets {flows}"


def _too_small(node: Node, index: int, axis: int) -> tuple[list[str], list[str]]:
    """How the size came to be that small, and the least input that would do."""
    value = node.inputs[index]
    assert value.shape is not None
    way, name = Way(value, axis), axis_name(len(value.shape), axis)
    if len(way.stops) < 2 or not way.from_input:
        return [], []
    notes = [f"{name} along the way: {way}"]
    least = way.least(node, index, axis)
    if least is None or least <= int(str(way.start.size)):
        return notes, []
    return notes, [
        f"`{node.path}` needs `{way.start.title}` to have {_least(name, least)}; "
        f"it has {way.start.size}",
        "or use a smaller window, or shrink the image less on the way",
    ]


def _least(name: str, least: int) -> str:
    """A least size in words: `a height of at least 7`, `at least 7 channels`."""
    return f"at least {least} {name}" if name.endswith("s") else f"a {name} of at least {least}"


# ---- a declared size that the input contradicts -------------------------------------------------


def mismatch(node: Node, name: str, declared: int, size: Size) -> Diagnostic:
    """A declared size that the input contradicts, with the arithmetic behind it."""
    value, axis = _decider(node, name)
    explanation = explain(value, axis)
    what = "channels" if name.endswith("channels") else "features"
    notes, helps = _arithmetic(explanation), [_set(node, name, size)]
    if explanation.kind == "sum":
        helps += _what_would_fit(explanation, declared)
    if explanation.kind == "product":
        more_notes, more_helps = _other_map(explanation, declared)
        notes, helps = [*notes, *more_notes], [*helps, *more_helps]
    return Diagnostic(
        Code.FEATURES if name == "in_features" else Code.INFERRED,
        f"`{node.path}` declares `{name}: {declared}`, but `{value.node.path}` gives it "
        f"{size} {what}",
        argument_span(node, name) or place(node),
        f"declared {declared}, inferred {size}",
        explanation.labels("" if explanation.kind == "product" else what),
        tuple(notes),
        tuple(helps),
        path=node.path,
        frames=around(node.level),
    )


def _decider(node: Node, name: str) -> tuple[Value, int]:
    """The input, and the axis of it, that decides an argument."""
    assert node.layer is not None
    marked = [
        tuple(symbol(f"S{index}_{axis}") for axis in range(len(shape)))
        for index, shape in enumerate(node.shapes)
    ]
    decider = node.layer.given(*marked)[name]
    for index, shape in enumerate(marked):
        if decider in shape:
            return node.inputs[index], shape.index(decider)
    return node.inputs[0], len(node.shapes[0]) - 1


def _arithmetic(explanation: Explanation) -> list[str]:
    """`88 = 16 + 24×3`, and who adds or multiplies these."""
    joiner = explanation.joiner
    if joiner is None:
        return []
    said = explanation.arithmetic()
    if explanation.kind == "product":
        names = " × ".join(_axis_name(term) for term in explanation.terms)
        return [f"{said} ({names}), made one axis by `{joiner.path}`"]
    if len(joiner.inputs) < len(explanation.terms):
        return [f"{said}: what `{joiner.path}` and the joins before it concatenate"]
    branches = len(explanation.terms)
    return [f"{said}: `{joiner.path}` concatenates {branches} branch{'es' * (branches != 1)}"]


def _axis_name(term: Term) -> str:
    assert term.value.shape is not None
    return axis_name(len(term.value.shape), term.axis)


def _set(node: Node, name: str, size: Size) -> Help:
    """Write the number that is inferred, or none; as an edit where one number is right everywhere."""
    written = argument(node, name)
    plain = isinstance(written, Scalar) and isinstance(written.value, int)
    varies = around(node.level) or any(isinstance(v, Item) for v in node.env.values())
    sure = isinstance(size, int) and plain and not varies
    edits = (Edit(written.span, str(size)),) if sure and written is not None else ()
    return Help(f"set `{name}: {size}`, or leave it out: it is inferred", edits)


def _what_would_fit(explanation: Explanation, declared: int) -> list[Help]:
    """Changes of one term that would make the sum come out right."""
    if not isinstance(explanation.size, int):
        return []
    missing = declared - explanation.size
    by_place: dict[Span | None, list[Term]] = {}
    for term in explanation.terms:
        by_place.setdefault(term.span, []).append(term)
    changes = [c for terms in by_place.values() if (c := _change(terms, missing))][:2]
    if not changes:
        return []
    too = f"{abs(missing)} too {'few' if missing > 0 else 'many'}"
    return [
        Help(f"or make the branches add up to {declared} (now {too}), e.g. {' or '.join(changes)}")
    ]


def _change(terms: list[Term], missing: int) -> str:
    """How the one argument that sets these terms would make up for all that is missing."""
    term, count = terms[0], len(terms)
    written = argument(term.value.node, term.argument) if term.argument else None
    if not isinstance(written, Scalar) or type(written.value) is not int or missing % count:
        return ""
    new = written.value + missing // count
    where = f"in line {written.span.line} (`{term.title}`)"
    return f"`{term.argument}: {new}` {where}" if new > 0 else ""


def _other_map(explanation: Explanation, declared: int) -> tuple[list[str], list[Help]]:
    """How big the image is on the way, and for which input the declared number would be right."""
    counted = [t for t in explanation.terms if _axis_name(t) not in _SPATIAL]
    spatial = [t for t in explanation.terms if _axis_name(t) in _SPATIAL]
    ways = [Way(t.value, t.axis) for t in spatial]
    notes = [
        f"{_axis_name(t)} along the way: {way}"
        for t, way in zip(spatial[:1], ways, strict=False)
        if len(way.stops) > 2
    ]
    side = _side(counted, len(spatial), declared)
    if side is None or not all(way.from_input for way in ways):
        return notes, []
    maps = "×".join([str(side)] * len(spatial))
    notes.append(f"{declared} is right for a map of {maps}")
    domains = [way.giving(side) for way in ways]
    fitting = _fitting(domains)
    if not fitting:
        return notes, []
    if side == 1:
        return notes, [Help(f"or pool to {maps} before, with `AdaptiveAvgPool{len(ways)}d`")]
    given = "×".join(str(way.start.size) for way in ways)
    return notes, [Help(f"or give it an input of {fitting}; `{ways[0].start.title}` is {given}")]


def _side(counted: list[Term], axes: int, declared: int) -> int | None:
    """The side of a square map with which the declared number would be right."""
    channels = 1
    for term in counted:
        if not isinstance(term.size, int):
            return None
        channels *= term.size
    if axes not in (1, 2) or channels < 1 or declared % channels:
        return None
    area = declared // channels
    side = area if axes == 1 else isqrt(area)
    return side if side > 0 and side**axes == area else None


def _fitting(domains: list[Domain | None]) -> str:
    """`26×26 to 29×29`: the inputs in these domains; empty where there are none."""
    least, most = [], []
    for domain in domains:
        if domain is None or domain.empty or domain.hi is None:
            return ""
        least.append(str(domain.smallest()))
        most.append(str(domain.hi))
    first, last = "×".join(least), "×".join(most)
    return first if first == last else f"{first} to {last}"
