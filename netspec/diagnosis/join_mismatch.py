"""A join whose inputs disagree: what to call the axis, what else differs, and what would bring them together."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.diagnosis.branch_sizes import MOST_BEHIND, agreeing_changes, nearest_nodes
from netspec.diagnosis.causal_padding import causal_padding
from netspec.diagnosis.detection_heads import flattened_heads
from netspec.diagnosis.dimension_role import role
from netspec.diagnosis.dropped_dimension import dropped_dimension
from netspec.diagnosis.map_sizes import interpolated, larger_input, upsampling_help
from netspec.diagnosis.mixed_tokens import mixed_tokens
from netspec.diagnosis.projection import feature_projection, projection, shortcut
from netspec.diagnosis.similar_reference import similar_reference
from netspec.diagnosis.skipped_step import skipped_step
from netspec.diagnosis.step_edits import set_arguments
from netspec.diagnosis.swapped_dimensions import swapped_dimensions, untransposed_tokens
from netspec.diagnosis.vector_with_map import vector_with_sides
from netspec.diagnostics import Code, Edit, Help
from netspec.document import Sequence
from netspec.graph.derivation import origin_of_size
from netspec.graph.nodes import Node
from netspec.graph.source_spans import argument_value
from netspec.layer.argument_kinds import show
from netspec.layer.checks import SIDES, SPATIAL, amount, numbered
from netspec.layer.shape_rules import ShapeError
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
        with_sides = [*vector_with_sides(node)]
        if (with_keepdim := dropped_dimension(node)) is not None:
            return _alternatives([with_keepdim], with_sides)
        helps = [*with_sides, *_parameter(node, error)]
        return helps or [*map(Help, error.helps)]
    renamed = similar_reference(node, error)
    helps = _alike_helps(node, error, budget, axis, rank)
    first = [h for h in (skipped_step(node), renamed) if h is not None]
    return _alternatives(first, helps) if first else helps


def _alike_helps(
    node: Node, error: DisagreementError, budget: RunBudget, axis: int, rank: int
) -> list[Help]:
    """The helps for inputs of one rank that differ on one axis."""
    swapped = swapped_dimensions(node, error) or untransposed_tokens(node, error)
    if swapped is not None:
        return [swapped]
    if (tokens := mixed_tokens(node, error)) is not None:
        return [tokens]
    sides = _sides_too(node, error) if error.name == "channels" and axis == 1 else []
    if sides:
        error.rename(error.name, _and_so(node, error, sides))
    if error.name == "channels" and axis == 1 and rank in (3, 4, 5):
        projected = projection(node, error, "channels and the size" if sides else "channels")
        helps = [*_other_dim(node), *(projected or map(Help, error.helps))]
        return [*helps, *_side_changes(node, error, sides, budget)] if sides else helps
    if axis >= 2 and SPATIAL.get(rank - 2) and error.name in SIDES:
        if (causal := causal_padding(node, error)) is not None:
            return [causal]
        helps = agreeing_changes(node, error, budget)
        helps += [] if helps else [*interpolated(node, error), *larger_input(node, error)]
        projected = projection(node, error, "size") if error.code == Code.BROADCAST else []
        if projected:
            return _alternatives(projected, helps)
        if (flattened := flattened_heads(node)) is not None:
            return _alternatives([flattened], helps[:1])
        upsampled = [*upsampling_help(node, error)]
        first, second = (
            (helps, upsampled) if _have_common_source(node, error) else (upsampled, helps)
        )
        return _alternatives(first, second) or [*map(Help, error.helps)]
    helps = [*_other_dim(node), *_parameter(node, error)]
    if error.code == Code.BROADCAST and axis == rank - 1 and not helps:
        helps = feature_projection(node, error)
    return helps or [*map(Help, error.helps)]


def _alternatives(first: list[Help], second: list[Help]) -> list[Help]:
    """The helps in this order, each after the first one as an alternative."""
    helps = [replace(h, text=h.text.removeprefix("or ")) for h in (*first, *second)]
    return helps[:1] + [replace(h, text=f"or {h.text}") for h in helps[1:]]


def _have_common_source(node: Node, error: DisagreementError) -> bool:
    """Whether one tensor flows to both inputs, so that a number on the way from it can make their sizes differ."""
    a, b = (nearest_nodes(node.inputs[index]) for index, _ in error.axes)
    complete = max(len(a), len(b)) < MOST_BEHIND
    return not complete or not set(a).isdisjoint(b)


def _name(node: Node, error: DisagreementError) -> str:
    """What the axis counts, by the layers before; by its place where none says."""
    roles = {r for index, axis in error.axes if (r := role(node.inputs[index], axis))}
    if len(roles) == 1:
        known = roles.pop()
        return _NOUNS.get(known, known)
    index, axis = error.axes[0]
    if len(node.shapes[index]) == 3 and error.name in ("channels", "length"):
        return numbered(axis)
    return error.name


def _sides_too(node: Node, error: DisagreementError) -> list[int]:
    """The spatial dimensions that differ in addition to the channels."""
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


def _side_changes(
    node: Node, error: DisagreementError, sides: list[int], budget: RunBudget
) -> list[Help]:
    """What makes the sides agree as well, where the projection of the channels leaves them different."""
    a, b = (index for index, _ in error.axes)
    if shortcut(node, a, b) is None or projection(node, error, "channels and the size"):
        return []
    of_side = ShapeError(error.code, error.message, axes=((a, sides[0]), (b, sides[0])))
    changes = agreeing_changes(node, of_side, budget)
    return [Help(f"and {change.text.removeprefix('or ')}") for change in changes[:1]]


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
    yield Help(
        f"`dim: {dim}` joins them along the dimension in which they differ", edits, safe=False
    )


# ---- a learned table of another length -----------------------------------------------------------


def _parameter(node: Node, error: DisagreementError) -> Iterator[Help]:
    """A `Parameter` given the size of what it meets."""
    first, second = error.axes
    for (index, axis), (other, other_axis) in ((first, second), (second, first)):
        value, value_axis = origin_of_size(node.inputs[index], axis)
        needed = node.shapes[other][other_axis]
        written = argument_value(value.node, "shape") if value.node.op == "Parameter" else None
        if (
            not isinstance(written, Sequence)
            or type(needed) is not int
            or value_axis >= len(written.items)
        ):
            continue
        shape = list(value.shape or ())
        shape[value_axis] = needed
        edits = (Edit(written.items[value_axis].span, str(needed)),)
        text = f"resize `{value.node.path}` to {amount(error.name, needed)}: `shape: {show(shape)}`"
        yield Help(text, edits, safe=False)
        if error.name == "tokens" and node.shapes[index][axis] == needed + 1:
            yield Help(
                "or add the missing token: a `Parameter`, prepended by `Concat` with `dim: 1`"
            )
