"""Levels that are the join of parallel branches, written as a step with `branches`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.schema.graph.graph_model import GraphLevel, GraphNode
from netspec.schema.graph.level_tree import LevelInput, Source, parent_path
from netspec.schema.graph.marked_text import Location, Marked
from netspec.schema.graph.step_layout import StepText
from netspec.schema.graph.visible_names import NotExpressibleError, VisibleBody

if TYPE_CHECKING:
    from netspec.schema.graph.spec_writer import SpecWriter


class JoinWriter:
    """Writes the levels that have a node with their own path: the join of their contents."""

    def __init__(self, writer: SpecWriter) -> None:
        self._writer = writer

    def write(self, level: GraphLevel, sources: list[Source], body: VisibleBody) -> bool:
        """Write a level that is the join of parallel branches as that; returns whether it is one."""
        join = self._writer.node_at.get(level.path)
        if join is None or join.shares is not None or not sources:
            return False
        location: Location = ("nodes", self._writer.tree.position[join.path])
        branches = self._branches(level, join, sources[0], body)
        entries = self._writer.call(join, body, location)
        if body.previous != sources[0]:
            place = ("levels", self._writer.level_position[level.path], "inputs", 0)
            entries["from"] = Marked(body.reference(sources[0], place), place)
        if level.checkpoint:
            entries["checkpoint"] = Marked(True, location)
        name = level.path.rpartition(".")[2]
        step = StepText(name, location, entries, branches, body_key="branches")
        self._writer.append_node(step, join, body)
        return True

    def _branches(
        self, level: GraphLevel, join: GraphNode, source: Source, body: VisibleBody
    ) -> list[StepText]:
        """The branches of a join. Raises `NotExpressibleError` where the level has more than these."""
        location: Location = ("levels", self._writer.level_position[level.path])
        entering = LevelInput(level.path, 0) if level.path in self._writer.tree.sharers else source
        branches: list[StepText] = []
        inside = {join.path}
        for position in range(len(join.inputs)):
            result = self._writer.tree.read_by(join, position)
            child = f"{level.path}.{position}"
            is_child = child in self._writer.tree.entries[level.path] and result not in (
                entering,
                source,
            )
            if result == entering:
                branches.append(StepText(str(position), location, {}, []))
            elif is_child and (
                result[0] == child or self._writer.tree.is_inside(str(result[0]), child)
            ):
                inside.add(child)
                branches.append(self._branch(child, result, entering, body))
            else:
                branches.append(self._outer_branch(str(position), result, entering, body))
        is_whole = inside == set(self._writer.tree.entries[level.path])
        if not is_whole or any(
            out.path != join.path for out in self._writer.exports.of(level.path)
        ):
            raise NotExpressibleError(location, f"`{level.path}` is more than a join")
        return branches

    def _branch(self, path: str, result: Source, entering: Source, body: VisibleBody) -> StepText:
        """An unnamed branch: a node or level inside the join."""
        frame = VisibleBody(parent_path(path), body, self._writer.fresh)
        frame.previous = entering
        self._writer.write_entry(path, frame)
        if len(frame.steps) != 1 or frame.steps[0].main != result:
            raise NotExpressibleError((), f"`{path}` is more than a branch")
        return frame.steps[0]

    def _outer_branch(
        self, name: str, result: Source, entering: Source, body: VisibleBody
    ) -> StepText:
        """A branch next to the join: one that ran before, or a named one that comes after it."""
        try:
            return StepText(name, (), {"from": body.reference(result, ())}, [])
        except NotExpressibleError:
            path = next(
                (e for e in self._writer.tree.entries[body.level] if _contains(e, str(result[0]))),
                None,
            )
            if path is None or path in self._writer.written:
                raise
        self._writer.written.add(path)
        before, body.previous = body.previous, entering
        self._writer.write_entry(path, body)
        step = body.steps.pop()
        body.previous = before
        if step.main != result:
            raise NotExpressibleError((), f"`{path}` is more than a branch")
        step.is_referenced = True
        return step


def _contains(path: str, node: str) -> bool:
    return node == path or node.startswith(f"{path}.")
