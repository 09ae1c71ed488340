"""A join whose inputs disagree: what to call the axis, what else differs, and what would bring them together."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnosis.branch_sizes import agreeing_changes, behind
from netspec.diagnosis.dimension_role import role
from netspec.diagnosis.dropped_dimension import dropped_dimension
from netspec.diagnosis.input_names import expression_name
from netspec.diagnosis.size_trace import Way, same_start
from netspec.diagnosis.step_edits import Argument, set_arguments, step_text
from netspec.diagnosis.step_insertion import put_between
from netspec.diagnostics import Code, Edit, Help, Span
from netspec.dims import Domain, Size
from netspec.document import Sequence
from netspec.graph.derivation import Term, source
from netspec.graph.nodes import Level, Node, Value
from netspec.graph.source_spans import argument
from netspec.layers.base import ShapeError, show
from netspec.layers.checks import SIDES, SPATIAL, amount
from netspec.layers.disagreement import DisagreementError
from netspec.limits import RunBudget
from netspec.record import replace

_NOUNS = {"positions": "tokens", "batch": "batch"}
_MOST_STEPS = 12
_LARGEST_SIDE = 1 << 20


def joined_helps(node: Node, error: DisagreementError, budget: RunBudget) -> list[Help]:
    """The helps for a join that disagrees; the error gets the right words for its axis."""
    (a, axis), (b, other_axis) = error.axes
    shapes = node.shapes
    rank = len(shapes[a])
    alike = rank == len(shapes[b])
    error.rank = rank if alike else 0
    error.rename(_name(node, error))
    if not alike or axis != other_axis:
        kept = dropped_dimension(node)
        if kept is not None:
            return [kept]
        return [*_without_sides(node, error), *_parameter(node, error), *map(Help, error.helps)]
    sides = _sides_too(node, error) if error.name == "channels" and axis == 1 else []
    if sides:
        error.rename(error.name, _and_so(node, error, sides))
    if error.name == "channels" and axis == 1 and rank in (3, 4, 5):
        projected = _projection(node, error, "channels and the size" if sides else "channels")
        return [*_other_dim(node), *(projected or map(Help, error.helps))]
    if axis >= 2 and SPATIAL.get(rank - 2) and error.name in SIDES:
        helps = agreeing_changes(node, error, budget)
        helps += [] if helps else [*_interpolated(node, error), *_larger_input(node, error)]
        projected = _projection(node, error, "size") if error.code == Code.BROADCAST else []
        if projected:
            return [*projected, *(replace(h, text=f"or {h.text}") for h in helps)]
        helps = helps or [*_scaled(node, error)] or [*map(Help, error.helps)]
        return [replace(helps[0], text=helps[0].text.removeprefix("or ")), *helps[1:]]
    return [*_other_dim(node), *_parameter(node, error), *map(Help, error.helps)]


def _name(node: Node, error: DisagreementError) -> str:
    """What the axis counts, by the layers before; by its place where none says."""
    roles = {r for index, axis in error.axes if (r := role(node.inputs[index], axis))}
    if len(roles) == 1:
        known = roles.pop()
        return _NOUNS.get(known, known)
    index, axis = error.axes[0]
    if len(node.shapes[index]) == 3 and error.name in ("channels", "length"):
        return f"axis {axis}"
    return error.name


def _sides_too(node: Node, error: DisagreementError) -> list[int]:
    """The spatial axes that differ besides the channels."""
    a, b = (node.shapes[index] for index, _ in error.axes)
    return [
        k for k in range(2, len(a))
        if type(a[k]) is int and type(b[k]) is int and a[k] != b[k] and 1 not in (a[k], b[k])
    ]  # fmt: skip


def _and_so(node: Node, error: DisagreementError, sides: list[int]) -> str:
    a, b = (node.shapes[index] for index, _ in error.axes)
    names = SPATIAL[len(a) - 2]
    listed = [f"the {names[k - 2]} ({a[k]} and {b[k]})" for k in sides]
    return f", and so {'do' if len(listed) > 1 else 'does'} {' and '.join(listed)}"


# ---- axes that are missing, or in the place of others ----------------------------------------------


def ranks_helps(node: Node, error: ShapeError) -> list[Help]:
    """What brings a map and a vector to one number of axes, so that they can be joined."""
    (a, _), (b, _) = error.axes
    deep, flat = (a, b) if len(node.shapes[a]) > len(node.shapes[b]) else (b, a)
    shape = node.shapes[deep]
    if len(node.shapes[flat]) != 2 or any(type(size) is not int for size in shape[1:]):
        return []
    path, other = (node.inputs[k].node.path for k in (deep, flat))
    edits = put_between(node, deep, "Flatten", {}, "flat")
    if all(size == 1 for size in shape[2:]):
        text = f"`Flatten` is missing behind `{path}`: it makes {show(shape[:2])} of {show(shape)}"
        return [Help(text, edits, safe=False)]
    return [
        Help(f"put `Flatten` behind `{path}`, for two axes as `{other}` has", edits, safe=False),
        Help(f"or spread `{other}` over the map: `Unflatten` to axes of 1, and `Expand` them"),
    ]


def _without_sides(node: Node, error: DisagreementError) -> Iterator[Help]:
    """Axes of 1 for a vector of channels that meets a map: without, it is matched from the last axis."""
    (a, _), (b, _) = error.axes
    deep, flat = (a, b) if len(node.shapes[a]) > len(node.shapes[b]) else (b, a)
    shape = node.shapes[flat]
    if len(shape) != 2 or shape != node.shapes[deep][:2] or type(shape[1]) is not int:
        return
    arguments: dict[str, Argument] = {
        "dim": 1,
        "unflattened_size": [shape[1], *[1] * (len(node.shapes[deep]) - 2)],
    }
    path = node.inputs[flat].node.path
    text = f"`{path}` has no axes for the sides of the map: put `{step_text('Unflatten', arguments)}` behind it"
    yield Help(text, put_between(node, flat, "Unflatten", arguments, "map"), safe=False)


def _other_dim(node: Node) -> Iterator[Help]:
    """The one axis on which the inputs of a Concat differ, as that along which they are joined."""
    if node.op != "Concat":
        return
    axes = zip(*node.shapes, strict=True)
    differing = [k for k, sizes in enumerate(axes) if len(set(sizes)) > 1]
    if len(differing) != 1 or not differing[0]:
        return
    dim = differing[0]
    edits = set_arguments(node, {"dim": dim})
    yield Help(f"`dim: {dim}` joins them along the axis on which they differ", edits, safe=False)


# ---- a shortcut that needs a projection ----------------------------------------------------------


def _projection(node: Node, error: DisagreementError, what: str) -> list[Help]:
    """The convolution that a shortcut needs: with as many channels as the other way, and its stride.

    `what` names all that differs.
    """
    (a, _), (b, _) = error.axes
    general = [*map(Help, error.helps)] if what == "channels" else []
    short = _shortcut(node, a, b)
    if short is None:
        return general
    other = b if short == a else a
    shape, needed = node.shapes[short], node.shapes[other]
    strides = {_stride(s, t) for s, t in zip(shape[2:], needed[2:], strict=True)}
    channels = needed[1]
    if len(strides) != 1 or not (stride := strides.pop()) or type(channels) is not int:
        return general
    op, arguments = f"Conv{len(shape) - 2}d", {"out_channels": channels, "kernel_size": 1}
    if stride > 1:
        arguments["stride"] = stride
    edits = put_between(node, short, op, arguments, "projected")
    path = node.inputs[short].node.path
    if what == "channels":
        return [Help(h.text, edits, safe=False) for h in general]
    text = f"project `{path}` to the {what} of the other input: `{step_text(op, arguments)}`"
    return [Help(text, edits, safe=False)]


def _shortcut(node: Node, a: int, b: int) -> int | None:
    """The input from which the other one was made."""
    for short, other in ((a, b), (b, a)):
        if node.inputs[short].node in behind(node.inputs[other])[1:]:
            return short
    return None


def _stride(size: Size, needed: Size) -> int:
    """The stride with which a window of 1 makes one size of another; 0 where none does."""
    if size == needed:
        return 1
    if type(size) is not int or type(needed) is not int or needed < 1:
        return 0
    stride = -(-size // needed)
    return stride if stride > 1 and (size - 1) // stride + 1 == needed else 0


# ---- maps that come back with another size -------------------------------------------------------


_ATTRIBUTES = ("height", "width")
"""The sides that an expression has a name for."""


def _interpolated(node: Node, error: DisagreementError) -> Iterator[Help]:
    """`Interpolate` to the size of the other input, in place of an `Upsample` by a factor."""
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
        text = f"give `{up.path}` the size of the other input: `Interpolate` with `{size}`"
        yield Help(text, tuple(edits), safe=False)


def _upsample(value: Value) -> Node | None:
    for _ in range(_MOST_STEPS):
        node = value.node
        if node.op in ("Upsample", "Interpolate") and argument(node, "scale_factor") is not None:
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


def _scaled(node: Node, error: DisagreementError) -> Iterator[Help]:
    """`Upsample` for a map whose sides fit into those of the other a whole number of times."""
    (a, _), (b, _) = error.axes
    small, large = (a, b) if _fits(node, a, b) else (b, a)
    factor = _fits(node, small, large)
    if not factor:
        return
    arguments = {"scale_factor": factor}
    path = node.inputs[small].node.path
    text = f"bring `{path}` to the size of the other input: put `{step_text('Upsample', arguments)}` behind it"
    yield Help(text, put_between(node, small, "Upsample", arguments, "up"), safe=False)


def _fits(node: Node, small: int, large: int) -> int:
    """How many times larger each side of one input is than that of another; 0 where it is no whole number."""
    factors = set()
    for a, b in zip(node.shapes[small][2:], node.shapes[large][2:], strict=True):
        whole = type(a) is int and type(b) is int and a > 0 and b % a == 0
        factors.add(b // a if whole else 0)
    factor = factors.pop() if len(factors) == 1 else 0
    return factor if isinstance(factor, int) and factor > 1 else 0


def _larger_input(node: Node, error: DisagreementError) -> Iterator[Help]:
    """The nearest larger input with which both sizes are equal."""
    (a, _), (b, _) = error.axes
    edits: list[Edit] = []
    sizes_text: list[str] = []
    for axis in range(2, len(node.shapes[a])):
        ways = Way(node.inputs[a], axis), Way(node.inputs[b], axis)
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
    text = f"or give `{title}` {shown}{every}"
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


# ---- a learned table of another length -----------------------------------------------------------


def _parameter(node: Node, error: DisagreementError) -> Iterator[Help]:
    """A `Parameter` given the size of what it meets."""
    first, second = error.axes
    for (index, axis), (other, other_axis) in ((first, second), (second, first)):
        value, value_axis = source(node.inputs[index], axis)
        needed = node.shapes[other][other_axis]
        written = argument(value.node, "shape") if value.node.op == "Parameter" else None
        if (
            not isinstance(written, Sequence)
            or type(needed) is not int
            or value_axis >= len(written.items)
        ):
            continue
        shape = list(value.shape or ())
        shape[value_axis] = needed
        edits = (Edit(written.items[value_axis].span, str(needed)),)
        text = f"give `{value.node.path}` {amount(error.name, needed)}: `shape: {show(shape)}`"
        yield Help(text, edits, safe=False)
        if error.name == "tokens" and node.shapes[index][axis] == needed + 1:
            yield Help("or a token is missing: `Concat` with `dim: 1` puts a `Parameter` in front")
