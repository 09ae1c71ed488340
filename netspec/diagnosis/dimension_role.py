"""What an axis of a tensor counts: channels, features, positions, or a side of an image.

The layers on the way say it, so that a message can use the right word, and a lint can tell an axis that
was intended from one that is there by chance. Asked only where there is something to say.
"""

from __future__ import annotations

from typing import Literal

from netspec.diagnosis.lint_triggers import SEQUENCE_LAYERS
from netspec.graph.nodes import Value
from netspec.graph.size_origin import origin_of
from netspec.layer.checks import SIDES, SPATIAL

Role = Literal[
    "batch", "channels", "features", "positions", "length", "depth", "height", "width", ""
]

_FEATURES = ("out_features", "embedding_dim", "hidden_size", "proj_size", "embed_dim", "d_model")

_MOST_STEPS = 10_000


def role(value: Value, axis: int) -> Role:
    """What an axis counts, by the layers that it came through; empty where none of them says."""
    return Roles().of(value, axis)


class Roles:
    """The roles of the axes of one graph; what was found once is kept."""

    def __init__(self) -> None:
        self._known: dict[tuple[Value, int], tuple[Role, Value]] = {}

    def of(self, value: Value, axis: int) -> Role:
        """What an axis counts, by the layers that it came through; empty where none of them says."""
        way: list[tuple[Value, int]] = []
        axis_role: Role | None = None
        passed: Role = ""
        while axis_role is None:
            known = self._known.get((value, axis))
            if known is not None:
                axis_role = known[0]
                break
            way.append((value, axis))
            if value.node.layer is None or value.shape is None or len(way) > _MOST_STEPS:
                axis_role = ""
                break
            own = _by_layer(value, axis)
            if own and own != "batch":
                axis_role = own
                break
            passed = passed or own
            origin = origin_of(value, axis)
            if origin is not None and origin.kind in ("product", "sum"):
                axis_role = self._joined(value, origin.kind, origin.parts)
            elif origin is not None and getattr(value.node.layer, "keepdim", False):
                value = value.node.inputs[0]  # an axis that is reduced to 1 counts what it counted
            elif origin is None or origin.kind == "argument" or not origin.parts:
                argument = origin.argument if origin is not None else ""
                axis_role = "features" if argument in _FEATURES else ""
            else:
                index, axis = origin.parts[0]
                value = value.node.inputs[index]
        axis_role = axis_role or passed
        for step, step_axis in way:
            self._known[step, step_axis] = axis_role, step
        return axis_role

    def _joined(self, value: Value, kind: str, parts: tuple[tuple[int, int], ...]) -> Role:
        roles = [self.of(value.node.inputs[index], axis) for index, axis in parts[:8]]
        if kind == "sum":
            return next((r for r in roles if r), "")
        if roles and all(r in SIDES for r in roles):
            return "positions"
        return "features" if "channels" in roles else ""


def _by_layer(value: Value, axis: int) -> Role:
    """What the layer that made a value says of an axis of it."""
    layer = value.node.layer
    assert layer is not None
    assert value.shape is not None
    rank = len(value.shape)
    if layer.axes and rank in (layer.axes + 1, layer.axes + 2):
        spatial = axis - (rank - layer.axes)
        if spatial >= 0:
            axis_role: Role = SPATIAL[layer.axes][spatial]  # type: ignore[assignment]
            return axis_role
        return "channels" if spatial == -1 else "batch"
    if type(layer).__name__ in SEQUENCE_LAYERS and rank == 3 and value.index == 0:
        first = type(layer).__name__ == "Embedding" or getattr(layer, "batch_first", False)
        return "features" if axis == 2 else "positions" if (axis == 1) == first else "batch"
    return ""
