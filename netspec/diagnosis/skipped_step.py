"""A join whose sizes differ because of a `when`: of a projection that is skipped, or of the join itself."""

from __future__ import annotations

from netspec.diagnostics import Help
from netspec.document import Scalar, Sequence
from netspec.graph.nodes import Node
from netspec.syntax import Step


def skipped_step(node: Node) -> Help | None:
    """What to change in the `when` of a step that a join reads, or in that of the join."""
    step = node.step
    if step is None:
        return None
    items = step.source.items if isinstance(step.source, Sequence) else []
    if len(items) == len(node.inputs):
        for item, value in zip(items, node.inputs, strict=True):
            name = item.text if isinstance(item, Scalar) else ""
            skipped = _step_called(node, name) if value.node.name != name else None
            if skipped is not None and skipped.when is not None:
                condition = skipped.when.span.text
                return Help(
                    f"`{name}` is skipped here because `{condition}` is false: make its `when` true "
                    "where the sizes differ"
                )
    if step.when is None:
        return None
    return Help(
        f"make the `when` of `{step.title}` false where the sizes differ: here `{step.when.span.text}` is true"
    )


def _step_called(node: Node, name: str) -> Step | None:
    """The step of that name in the block or group around a node."""
    level = node.level
    body = level.block.body if level.block is not None else level.step.body if level.step else None
    return next((s for s in body.steps if s.fixed == name), None) if body is not None else None
