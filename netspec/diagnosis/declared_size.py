"""A declared size that the input contradicts: where both come from, and which of the two is the mistake.

The number that flows in always fits, and may hide the mistake. So `--fix` writes it only where nothing says
that the declared one was intended (it is no other axis, no product of several, and fits no other map), and
something says that it was not: the size is that of the data, or the two differ by a slip of the fingers.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt

from netspec.diagnosis.both_directions import bidirectional_note, joined_directions
from netspec.diagnosis.branch_sizes import nearest_nodes
from netspec.diagnosis.depending_arguments import depending_arguments
from netspec.diagnosis.dimension_role import role
from netspec.diagnosis.exchanged_inputs import exchanged_inputs
from netspec.diagnosis.size_trace import SizeTrace
from netspec.diagnosis.step_edits import makes_several, set_arguments, step_before, without_argument
from netspec.diagnosis.wrong_dimension import misread_axis, mixes_positions
from netspec.diagnostics import Code, Diagnostic, Edit, Help, Span
from netspec.dims import Domain, Size, symbol
from netspec.document import Scalar
from netspec.expr import LoopItem
from netspec.graph.conditions import Conditions
from netspec.graph.derivation import Explanation, Term, derive
from netspec.graph.nodes import Node, Value
from netspec.graph.size_origin import origin_of
from netspec.graph.source_spans import argument_value, around, step_span
from netspec.graph.value_places import value_span
from netspec.layer.base import Layer, ShapeError
from netspec.layer.checks import SIDES, amount, axis_name
from netspec.record import replace
from netspec.similar_words import one_slip

_MOST_SIZES = 1024  # of an input, compared
_MOST_HELPS = 2


def mismatch(node: Node, name: str, declared: int, size: Size) -> Diagnostic:
    """A declared size that the input contradicts, with its arithmetic."""
    value, axis = decider(node, name)
    explanation = derive(value, axis)
    is_channels = name == "num_features" and axis == 1 and len(value.shape or ()) > 2
    what = "channels" if is_channels or name.endswith("channels") else "features"
    notes = _arithmetic(explanation) or bidirectional_note(explanation)
    misread = misread_axis(node, name, declared, value, axis)
    joined = joined_directions(value, axis, declared, node) or exchanged_inputs(node)
    if joined is not None:
        helps = [joined]
        if isinstance(size, int):
            helps.append(_set(node, name, size, safe=False, lead="or "))
    elif misread is not None:
        helps = list(misread.helps)
        if misread.number_may_be_intended and isinstance(size, int):
            helps.append(_set(node, name, size, safe=False, lead="or "))
    else:
        more_notes, helps = _numbers(node, name, declared, size, explanation)
        notes += more_notes
    span, argument_labels = value_span(node, name)
    return Diagnostic(
        Code.FEATURES if name == "in_features" else Code.INFERRED,
        f"`{node.path}` declares `{name}: {declared}`, but its input `{value.node.path}` has "
        f"{amount(what, size)}",
        span or step_span(node),
        f"declared {declared}, inferred {size}",
        (*argument_labels, *explanation.labels("" if explanation.kind == "product" else what)),
        tuple(notes),
        tuple(helps),
        path=node.path,
        frames=around(node.level),
    )


def decider(node: Node, name: str) -> tuple[Value, int]:
    """The input, and the axis of it, that decides an argument."""
    assert node.layer is not None
    return decider_of(node, node.layer, name)


def decider_of(node: Node, layer: Layer, name: str) -> tuple[Value, int]:
    """The same for a layer in the place of the node's own."""
    marked = [
        tuple(symbol(f"S{index}_{axis}") for axis in range(len(shape)))
        for index, shape in enumerate(node.shapes)
    ]
    decides = layer.inferred_arguments(*marked)[name]
    for index, shape in enumerate(marked):
        if decides in shape:
            return node.inputs[index], shape.index(decides)
    return node.inputs[0], len(node.shapes[0]) - 1


def has_other_layout(node: Node, contradicted: Sequence[tuple[str, int, Size]]) -> bool:
    """Whether the input has its dimensions in another order, or some are missing: then the output is unknown."""
    return any(
        misread_axis(node, name, declared, *decider(node, name)) is not None
        for name, declared, _ in contradicted
    )


def explains(node: Node, contradicted: Sequence[tuple[str, int, Size]]) -> bool:
    """Whether the layer takes its input once the declared sizes are there, or the layout is the mistake."""
    assert node.layer is not None
    shapes = [list(shape) for shape in node.shapes]
    if has_other_layout(node, contradicted):
        return True
    for name, declared, _ in contradicted:
        value, axis = decider(node, name)
        shapes[node.inputs.index(value)][axis] = declared
    trial = Conditions({})
    trial.set_location(node.place, node.path)
    try:
        node.layer.infer(trial, *map(tuple, shapes))
    except (ShapeError, OverflowError):
        return False
    return True


def _numbers(
    node: Node, name: str, declared: int, size: Size, explanation: Explanation
) -> tuple[list[str], list[Help]]:
    """Notes and helps where one of two numbers is wrong: the declared one first, then the others."""
    notes: list[str] = []
    others: list[Help] = []
    if explanation.kind == "sum":
        others = _what_would_fit(explanation, declared)
    elif explanation.kind == "product":
        notes, others = _other_map(explanation, declared)
        others += _last_position(explanation, declared)
    elif isinstance(size, int):
        others = _swapped(node, name, declared, size) or _producer(explanation, declared, size)
    value, axis = decider(node, name)
    dependent = depending_arguments(node, name, declared, size, (node.inputs.index(value), axis))
    if dependent:
        helps = [*others, *dependent][:_MOST_HELPS]
        texts = [f"{'or ' * (k > 0)}{h.text.removeprefix('or ')}" for k, h in enumerate(helps)]
        return notes, [replace(h, text=text) for h, text in zip(helps, texts, strict=True)]
    moved = mixes_positions(node, name, declared, value, axis)
    if moved is not None and getattr(node.layer, name.replace("in_", "out_"), None) == declared:
        return notes, [moved, _set(node, name, size, safe=False, lead="or "), *others]
    others += [replace(moved, text=f"or {moved.text}")] if moved is not None else []
    is_argument = name == "in_features" and _is_argument(explanation) and not _computed(value)
    safe = not others and (is_argument or _is_slip(declared, size))
    return notes, [_set(node, name, size, safe=safe), *others]


def _is_argument(explanation: Explanation) -> bool:
    """Whether the size is that of the data, which no step has made: then the declared one is wrong."""
    return all(term.value.node.layer is None for term in explanation.terms)


def _computed(value: Value) -> bool:
    """Whether a step before a value computes something: then a layer may be missing there as well."""
    layers = (node.layer for node in nearest_nodes(value))
    return any(a is not None and not a.view for a in layers)


def _is_slip(declared: int, size: Size) -> bool:
    """Whether the declared number is the other one with a slip of the fingers in it: 61 for 16."""
    if not isinstance(size, int) or _twos(declared) >= _twos(size):
        return False
    return one_slip(str(declared), str(size))


def _swapped(node: Node, name: str, declared: int, size: int) -> list[Help]:
    """Input and output size swapped."""
    out = name.replace("in_", "out_", 1)
    if not name.startswith("in_") or getattr(node.layer, out, None) != size:
        return []
    edits = set_arguments(node, {name: size, out: declared})
    return [Help(f"or swap `{name}` and `{out}`: {size} and {declared}", edits, safe=False)]


def _producer(explanation: Explanation, declared: int, size: int) -> list[Help]:
    """The number of the step before, where that is the less usual one of the two: 65 channels, and 64."""
    term = explanation.terms[0]
    written = argument_value(term.value.node, term.argument) if term.argument else None
    plain = isinstance(written, Scalar) and type(written.value) is int
    if written is None or not plain or _twos(declared) <= _twos(size):
        return []
    edits = () if makes_several(term.value.node) else (Edit(written.span, str(declared)),)
    text = f"or set `{term.argument}: {declared}` on line {written.span.line} (`{term.title}`)"
    return [Help(text, edits, safe=False)]


def _twos(number: int) -> int:
    """How often a number is divisible by 2: numbers of channels mostly are several times."""
    return (number & -number).bit_length()


def _arithmetic(explanation: Explanation) -> list[str]:
    """`88 = 16 + 24×3`, and who adds or multiplies these."""
    joiner = explanation.joiner
    if joiner is None:
        return []
    terms = explanation.arithmetic()
    if explanation.kind == "product":
        names = " × ".join(_names(explanation))
        return [f"{terms} ({names}), flattened by `{joiner.path}`"]
    if len(joiner.inputs) < len(explanation.terms):
        return [f"{terms}: concatenated by `{joiner.path}` and the joins before it"]
    branches = len(explanation.terms)
    return [f"{terms}: `{joiner.path}` concatenates {branches} branch{'es' * (branches != 1)}"]


def _names(explanation: Explanation) -> list[str]:
    """What the factors of a product count, by the layers before, otherwise by their places."""
    joiner = explanation.joiner
    assert joiner is not None
    made = joiner.outputs[0]
    origins = (origin_of(made, axis) for axis in range(len(made.shape or ())))
    parts = next(o.parts for o in origins if o is not None and o.kind == "product")
    roles = [role(joiner.inputs[index], axis) for index, axis in parts]
    return [r or _axis_name(t) for r, t in zip(roles, explanation.terms, strict=False)]


def _axis_name(term: Term) -> str:
    assert term.value.shape is not None
    return axis_name(len(term.value.shape), term.axis)


def _set(node: Node, name: str, size: Size, *, safe: bool, lead: str = "") -> Help:
    """Write the number that is inferred, or none; as an edit where one number is right everywhere."""
    written = argument_value(node, name)
    plain = isinstance(written, Scalar) and isinstance(written.value, int)
    if node.step is not None and node.step.repeat is not None:
        return Help(
            f"{lead}omit `{name}`: netspec infers it for each repeat",
            without_argument(node, name),
            safe=False,
        )
    if plain and any(isinstance(value, LoopItem) for value in node.env.values()):
        text = f"{lead}omit `{name}`: netspec infers it for each iteration, here {size}"
        return Help(text, without_argument(node, name), safe=False)
    sure = isinstance(size, int) and plain and not makes_several(node)
    edits = (Edit(written.span, str(size)),) if sure and written is not None else ()
    return Help(f"{lead}set `{name}: {size}`, or omit it: netspec infers it", edits, safe)


def _what_would_fit(explanation: Explanation, declared: int) -> list[Help]:
    """Changes of one term that would make the sum correct."""
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
    listed = " or ".join(c.text for c in changes)
    text = f"or make the branches sum to {declared} (now {too}), e.g. {listed}"
    return [Help(text, changes[0].edits, safe=False)]


def _change(terms: list[Term], missing: int) -> Help | None:
    """How the one argument that sets these terms would make up for all that is missing."""
    term, count = terms[0], len(terms)
    written = argument_value(term.value.node, term.argument) if term.argument else None
    if not isinstance(written, Scalar) or type(written.value) is not int or missing % count:
        return None
    new = written.value + missing // count
    where = f"on line {written.span.line} (`{term.title}`)"
    if new <= 0:
        return None
    return Help(f"`{term.argument}: {new}` {where}", (Edit(written.span, str(new)),))


def _other_map(explanation: Explanation, declared: int) -> tuple[list[str], list[Help]]:
    """How big the image is on the way, and for which input the declared number would be right."""
    counted = [t for t in explanation.terms if _axis_name(t) not in SIDES]
    spatial = [t for t in explanation.terms if _axis_name(t) in SIDES]
    ways = [SizeTrace(t.value, t.axis) for t in spatial]
    notes = [
        f"{_axis_name(t)} at each step: {way}"
        for t, way in zip(spatial[:1], ways, strict=False)
        if len(way.stops) > 2
    ]
    side = _side(counted, len(spatial), declared)
    if side is None or any(way.start.value.node.layer is not None for way in ways):
        return notes, []
    maps = "×".join([str(side)] * len(spatial))
    notes.append(f"{declared} requires a feature map of {maps}")
    domains = [way.giving(side) for way in ways]
    fitting = _fitting(domains)
    if not fitting:
        return notes, []
    if side == 1:
        joiner = explanation.joiner
        pool = f"AdaptiveAvgPool{len(ways)}d"
        edits = step_before(joiner, pool, {"output_size": 1}) if joiner is not None else ()
        return notes, [Help(f"or pool to {maps} first, with `{pool}`", edits, safe=False)]
    sizes_text = "×".join(str(way.start.size) for way in ways)
    text = f"or use an input of {fitting}; `{ways[0].start.title}` is {sizes_text}"
    return notes, [Help(text, _input_edits(ways, domains), safe=False)]


def fitting_inputs(node: Node) -> list[Help]:
    """The inputs for which the declared features of a layer are right, where its map has open sides."""
    declared = getattr(node.layer, "in_features", None)
    explanation = derive(*decider(node, "in_features"))
    if explanation.kind != "product" or not isinstance(declared, int):
        return []
    _, helps = _other_map(explanation, declared)
    return [replace(h, text=h.text.removeprefix("or ")) for h in helps]


def _input_edits(ways: list[SizeTrace], domains: list[Domain | None]) -> tuple[Edit, ...]:
    """The input's sizes changed to the nearest that fit."""
    edits = []
    for way, domain in zip(ways, domains, strict=True):
        span, size = way.start.span, way.start.size
        if span is None or domain is None or span.text != str(size) or domain.hi is None:
            return ()
        nearest = domain.lo if isinstance(size, int) and size < domain.lo else domain.hi
        edits.append(Edit(span, str(_round_size(domain, nearest))))
    return tuple(dict.fromkeys(edits))


def _round_size(domain: Domain, nearest: int) -> int:
    """The size of a domain that is divisible by 2 the most times, as images mostly are: 32 of 32 to 35."""
    last = domain.lo + _MOST_SIZES if domain.hi is None else min(domain.hi, domain.lo + _MOST_SIZES)
    fitting = [size for size in range(domain.lo, last + 1) if size in domain]
    return max(fitting, key=_twos) if nearest in fitting else nearest


def _last_position(explanation: Explanation, declared: int) -> list[Help]:
    """One position of a sequence instead of all of them flattened."""
    joiner = explanation.joiner
    sizes = [term.size for term in explanation.terms]
    if joiner is None or len(sizes) != 2 or _names(explanation) != ["positions", "features"]:
        return []
    if sizes[1] != declared:
        return []
    text = (
        "or read only the last position: `{op: Select, dim: 1, index: -1}` instead of "
        f"`{joiner.path}`"
    )
    return [Help(text)]


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
