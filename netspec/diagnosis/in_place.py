"""Layers that work in place, compared with everything else that reads the same memory.

Torch counts the writes to a tensor's memory. The forward pass fails where a write would touch elements
that are in one place, the backward pass where a layer finds that a tensor it saved was written to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netspec.diagnostics import Code, Diagnostic, Diagnostics, Help, Label
from netspec.graph.nodes import Node, Value
from netspec.graph.source_spans import argument_span
from netspec.graph.typed_graph import Graph
from netspec.record import record

if TYPE_CHECKING:
    from netspec.graph.memory_layout import Layouts, MemoryLayout


@record(frozen=True, slots=True)
class _Overwrite:
    """Why a layer must not work in place."""

    message: str
    notes: tuple[str, ...] = ()
    label: str = ""
    """What the step of `other` has to do with it."""
    other: Node | None = None


def report_overwritten(graph: Graph, diagnostics: Diagnostics) -> None:
    """Report layers that overwrite a tensor which something else still reads, or which torch protects."""
    writers = [n for n in graph.nodes if n.layer is not None and n.layer.overwrites()]
    if not writers:
        return
    memory = None if _are_only_readers(graph, writers) else _Memory(graph, writers)
    for node in writers:
        overwrite = _irreversible(node) or (memory.overwrite(node) if memory is not None else None)
        if overwrite:
            diagnostics.add(_diagnostic(node, overwrite))


def _are_only_readers(graph: Graph, writers: list[Node]) -> bool:
    """Whether each of the layers alone reads what it overwrites, which a layer made in memory of its own.

    So it is in most networks: an activation after a batch norm. There is no memory to follow then.
    """
    overwritten = {node.inputs[0].source for node in writers}
    reads = [value.source for node in graph.nodes for value in node.inputs]
    reads += [value.source for value in graph.outputs.values]
    if not len(overwritten) == len(writers) == sum(map(overwritten.__contains__, reads)):
        return False
    for node in writers:
        value = node.inputs[0].source
        layer = value.node.layer
        if layer is None or layer.view or not layer.flows or layer.overwrites():
            return False
        if layer.saves_result(value.index):
            return False
    return True


def _irreversible(node: Node) -> _Overwrite | None:
    """What to say of a layer whose gradient torch cannot compute from its result."""
    one_way = getattr(node.layer, "one_way", None)
    if one_way is None or not (why := one_way()):
        return None
    return _Overwrite(
        f"works in place with {why}",
        ("torch computes the gradient from the result, which does not determine the input",),
    )


class _Memory:
    """Which values may be in one memory: a view, or a layer that may return what it gets."""

    def __init__(self, graph: Graph, writers: list[Node]) -> None:
        self.graph = graph
        self._layouts: Layouts | None = None
        self.order = {node: k for k, node in enumerate(graph.nodes)}
        self.root: dict[Value, Value] = {}
        """The value whose memory each value is in, where it is another one's."""
        in_place = set(writers)
        for node in graph.nodes:
            if node.layer is not None and (node.layer.view or node in in_place):
                base = self._of(node.inputs[0])
                self.root.update([(value, base) for value in node.outputs])
        self.reads: dict[Value, list[tuple[int, Value, str]]] = {
            self._of(node.inputs[0]): [] for node in writers
        }
        """For each memory that is overwritten when it is read, as which value, and by whom."""
        self.saved: dict[Value, list[tuple[int, Value, Node]]] = {}
        """For each such memory which values a backward pass reads, whose, and from when on."""
        for k, node in enumerate(graph.nodes):
            self._use(k, node)
        for value in graph.outputs.values:
            reads = self.reads.get(self._of(value))
            if reads is not None:
                reads.append((len(graph.nodes), value.source, ""))

    def overwrite(self, node: Node) -> _Overwrite | None:
        """What to say of a layer that overwrites its input."""
        return self.protected(node) or self.read_after(node) or self.saved_before(node)

    def _of(self, value: Value) -> Value:
        while value.outer is not None:  # as `value.source`: the calls would be many
            value = value.outer
        return self.root.get(value, value)

    def _use(self, when: int, node: Node) -> None:
        """Note what a node reads of these memories, and what it saves of them."""
        layer, roots, reads = node.layer, self.root, self.reads
        for index, value in enumerate(node.inputs):
            while value.outer is not None:
                value = value.outer
            root = roots.get(value, value)
            if root in reads:
                reads[root].append((when, value, node.path))
                if layer is not None and layer.saves_input(index):
                    self.saved.setdefault(root, []).append((when, value, node))
        if layer is None:
            return
        for index, value in enumerate(node.outputs):
            root = roots.get(value, value)
            if root in reads and layer.saves_result(index):
                self.saved.setdefault(root, []).append((when, value, node))

    def read_after(self, node: Node) -> _Overwrite | None:
        """What to say where something older in the memory that a node overwrites is read later."""
        overwritten, now = node.inputs[0].source, self.order[node]
        for when, value, reader in self.reads[self._of(overwritten)]:
            if when > now and self.order.get(value.node, -1) < now:
                who = f"`{reader}`" if reader else "the caller"
                message = f"overwrites the result of `{value.node.path}`, which {who} still reads"
                if value is overwritten:
                    return _Overwrite(message)
                between = overwritten.node
                note = (
                    f"`{between.path}` ({between.op}) may return its input, or a part of "
                    "it, without copying"
                )
                return _Overwrite(message, (note,))
        return None

    def protected(self, node: Node) -> _Overwrite | None:
        """The error of overwriting a tensor that torch protects."""
        value = node.inputs[0].source
        root = self._of(value).node
        if root.layer is not None and not root.layer.flows:
            return _Overwrite(f"overwrites `{root.path}`, which belongs to the module")
        if self._of(value) is value:
            return None
        layout = self._layout(value)
        if layout is None:
            return None
        return _repeated(layout) or _part(layout)

    def saved_before(self, node: Node) -> _Overwrite | None:
        """What to say where a layer has saved, for its backward pass, the memory that a node overwrites."""
        overwritten, now = node.inputs[0].source, self.order[node]
        for when, value, saver in self.saved.get(self._of(overwritten), ()):
            if when < now and _has_gradient(saver) and self._one_memory(value, overwritten):
                return _saved(value, saver)
        return None

    def _one_memory(self, one: Value, other: Value) -> bool:
        """Whether two values are in one memory while the network trains."""
        if one is other:
            return True
        first, second = self._layout(one), self._layout(other)
        return first is not None and second is not None and first.root is second.root

    def _layout(self, value: Value) -> MemoryLayout | None:
        """How a value is in memory; most networks write to no view, and never ask."""
        if self._layouts is None:
            from netspec.graph.memory_layout import Layouts

            self._layouts = Layouts(_several(self.graph))
        return self._layouts.of(value)


def _repeated(layout: MemoryLayout) -> _Overwrite | None:
    if not layout.repeats or layout.expanded is None:
        return None
    path = layout.expanded.path
    return _Overwrite(
        f"overwrites a tensor that `{path}` expands without copying",
        ("several elements of the tensor share memory, so torch cannot write to them",),
        "expanded here",
        layout.expanded,
    )


def _part(layout: MemoryLayout) -> _Overwrite | None:
    if layout.split is None:
        return None
    return _Overwrite(
        f"overwrites a part of the tensor that `{layout.split.path}` splits",
        ("torch cannot compute gradients: the parts are views of one tensor",),
    )


def _saved(value: Value, saver: Node) -> _Overwrite:
    maker = value.node
    what = f"the result of `{maker.path}`" if maker.layer is not None else f"`{maker.path}`"
    return _Overwrite(
        f"overwrites {what}, which the backward pass of `{saver.path}` requires",
        (f"torch cannot compute the gradient of `{saver.path}` ({saver.op})",),
        f"{saver.op} saves its {'result' if maker is saver else 'input'}",
        saver,
    )


def _has_gradient(node: Node) -> bool:
    """Whether a gradient can flow through a node: from a weight of its own, or from its inputs."""
    return any("float" in v.dtype for v in (*node.inputs, *node.outputs))


def _several(graph: Graph) -> dict[str, int]:
    """A valid size of each symbol, not 1 where it may be another: a dimension of size 1 may have any stride."""
    sizes = {}
    for name, example in graph.examples.items():
        members = graph.domains[name].members() if name in graph.domains else iter(())
        sizes[name] = next((v for _, v in zip(range(2), members, strict=False) if v > 1), example)
    return sizes


def _diagnostic(node: Node, overwrite: _Overwrite) -> Diagnostic:
    from netspec.diagnosis.step_edits import without_argument

    span = argument_span(node, "inplace") or (node.place.span if node.place else None)
    other = overwrite.other.place if overwrite.other is not None else None
    labels = (Label(other.span, overwrite.label),) if other is not None else ()
    return Diagnostic(
        Code.INPLACE,
        f"`{node.path}` {overwrite.message}",
        span,
        "in place",
        labels,
        overwrite.notes,
        (Help("remove `inplace`", without_argument(node, "inplace")),),
        path=node.path,
    )
