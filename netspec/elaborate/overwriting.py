"""Layers that work in place, held against everything else that reads the same memory."""

from __future__ import annotations

from netspec.diagnostics import Code, Diagnostic, Findings, Help
from netspec.elaborate.graph import Graph, Node, Value
from netspec.elaborate.places import argument_span
from netspec.layers.base import Layer


def report_overwritten(graph: Graph, findings: Findings) -> None:
    """Report layers that overwrite a tensor which something else still reads, or which torch protects."""
    writers = [n for n in graph.nodes if _works_in_place(n.layer)]
    if not writers:
        return
    memory = _Memory(graph, writers)
    for node in writers:
        value = node.inputs[0].source
        problem = memory.protected(value) or memory.read_after(node)
        if problem:
            findings.add(_finding(node, *problem))


def _works_in_place(layer: Layer | None) -> bool:
    return bool(getattr(layer, "inplace", False))


class _Memory:
    """Which values may lie in one memory: a view, or a layer that may give back what it gets."""

    def __init__(self, graph: Graph, writers: list[Node]) -> None:
        self.order = {id(node): k for k, node in enumerate(graph.nodes)}
        self.root: dict[int, Value] = {}
        """The value whose memory each value lies in, where it is another one's."""
        for node in graph.nodes:
            if node.layer is not None and (node.layer.view or _works_in_place(node.layer)):
                base = self._of(node.inputs[0])
                self.root.update([(id(value), base) for value in node.outputs])
        self.reads: dict[int, list[tuple[int, Value, str]]] = {
            id(self._of(node.inputs[0])): [] for node in writers
        }
        """For each memory that is overwritten when it is read, as which value, and by whom."""
        for k, node in enumerate(graph.nodes):
            for value in node.inputs:
                self._read(k, value, node.path)
        for value in graph.outputs.values:
            self._read(len(graph.nodes), value, "")

    def _of(self, value: Value) -> Value:
        value = value.source
        return self.root.get(id(value), value)

    def _read(self, when: int, value: Value, reader: str) -> None:
        reads = self.reads.get(id(self._of(value)))
        if reads is not None:
            reads.append((when, value.source, reader))

    def read_after(self, node: Node) -> tuple[str, tuple[str, ...]] | None:
        """What to say where something older in the memory that a node overwrites is read later."""
        overwritten, now = node.inputs[0].source, self.order[id(node)]
        for when, value, reader in self.reads[id(self._of(overwritten))]:
            if when > now and self.order.get(id(value.node), -1) < now:
                who = f"`{reader}`" if reader else "the caller"
                message = f"overwrites the result of `{value.node.path}`, which {who} still reads"
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
