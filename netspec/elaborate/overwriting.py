"""Layers that work in place, held against everything else that reads the same memory."""

from __future__ import annotations

from netspec.diagnostics import Code, Diagnostic, Findings, Help
from netspec.elaborate.graph import Graph, Node, Value
from netspec.elaborate.places import argument_span
from netspec.layers.base import Layer

_CALLER = "the caller"


def report_overwritten(graph: Graph, findings: Findings) -> None:
    """Report layers that overwrite a tensor which something else still reads, or which torch protects."""
    writers = [n for n in graph.nodes if _works_in_place(n.layer)]
    if not writers:
        return
    memory = _Memory(graph)
    for node in writers:
        value = node.inputs[0]
        problem = memory.protected(value) or memory.read_after(node)
        if problem:
            findings.add(_finding(node, *problem))


def _works_in_place(layer: Layer | None) -> bool:
    return bool(getattr(layer, "inplace", False))


class _Memory:
    """Which values may lie in one memory: a view, or a layer that may give back what it gets."""

    def __init__(self, graph: Graph) -> None:
        self.root: dict[int, Value] = {id(v): v for v in graph.inputs}
        self.made: dict[int, int] = {id(v): -1 for v in graph.inputs}
        """When each value is made, as the number of its node."""
        self.order = {id(node): k for k, node in enumerate(graph.nodes)}
        self.reads: dict[int, list[tuple[int, Value, str]]] = {}
        """For each memory when it is read, as which value, and by whom."""
        for k, node in enumerate(graph.nodes):
            for value in node.inputs:
                self._read(k, value, f"`{node.path}`")
            shares = node.layer is not None and (node.layer.view or _works_in_place(node.layer))
            for value in node.outputs:
                self.root[id(value)] = self._of(node.inputs[0]) if shares else value
                self.made[id(value)] = k
        for value in graph.outputs.values:
            self._read(len(graph.nodes), value, _CALLER)

    def _of(self, value: Value) -> Value:
        return self.root.get(id(value), value)

    def _read(self, when: int, value: Value, reader: str) -> None:
        self.reads.setdefault(id(self._of(value)), []).append((when, value, reader))

    def read_after(self, node: Node) -> tuple[str, tuple[str, ...]] | None:
        """What to say where something older in the memory that a node overwrites is read later."""
        overwritten, now = node.inputs[0], self.order[id(node)]
        for when, value, reader in self.reads[id(self._of(overwritten))]:
            if when > now and self.made.get(id(value), -1) < now:
                whose = value.node.path
                message = f"overwrites the result of `{whose}`, which {reader} still reads"
                if value is overwritten:
                    return message, ()
                between = overwritten.node
                note = f"`{between.path}` ({between.op}) may give a part of what it gets, or all of it, uncopied"
                return message, (note,)
        return None

    def protected(self, value: Value) -> tuple[str, tuple[str, ...]] | None:
        """What to say of a value that torch lets nobody overwrite while it computes gradients."""
        root = self._of(value).node
        if root.layer is not None and not root.layer.flows:
            return f"overwrites `{root.path}`, which belongs to the module", ()
        maker = value.node
        if maker.layer is not None and maker.layer.view and len(maker.outputs) > 1:
            return (
                f"overwrites a part of what `{maker.path}` cut up",
                ("torch refuses to compute gradients then: the parts are one tensor",),
            )
        return None


def _finding(node: Node, message: str, notes: tuple[str, ...]) -> Diagnostic:
    span = argument_span(node, "inplace") or (node.place.span if node.place else None)
    helps = (Help("leave `inplace` out"),)
    message = f"`{node.path}` {message}"
    return Diagnostic(Code.INPLACE, message, span, "in place", (), notes, helps, path=node.path)
