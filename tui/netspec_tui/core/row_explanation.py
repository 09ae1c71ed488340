"""The text of the inspector: the explanation of a row as in `netspec explain`, for a narrow pane."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from netspec.explain.node import Account, Flow, level_account, node_account
from netspec.explain.receptive_field_text import field_text
from netspec.graph import Graph, Level, Node, Value
from netspec.layers import find
from netspec.reference.layer_guide import guide
from netspec.report.numbers import counted
from netspec.report.status_line import example_sizes, leaving_out
from netspec.report.summary import Summary
from netspec.report.text_width import shown
from netspec_tui.core.graph_rows import GraphRow
from netspec_tui.core.snapshot import Snapshot

TITLES = frozenset({
    "input", "output", "derivation", "arguments", "defaults", "parameters", "MACs", "receptive field", "inside",
    "location", "PyTorch",
})  # fmt: skip
"""The titles of sections."""


def row_explanation(snapshot: Snapshot, row: GraphRow, columns: int) -> str:
    """The derivation of the numbers of a row; its diagnostics come first."""
    lines = [line for text in _diagnostics(snapshot, row) for line in _wrapped(text, columns)]
    lines += [""] if lines else []
    graph, origin = snapshot.graph, row.box.origin
    if graph is None or origin is None:
        return "\n".join([*lines, f"{row.name}: {row.box.kind}", row.shape])
    parts: list[tuple[str, list[str]]]
    if isinstance(origin, Level):
        parts = (
            list(_level(graph, origin, snapshot)) if all(n.known for n in origin.nodes()) else []
        )
        lines.append(f"{origin.path}: {origin.block.name if origin.block else 'group'}")
    elif origin.layer is None:
        return "\n".join([*lines, f"{row.name}: input", row.shape])
    else:
        parts = list(_node(graph, origin, snapshot)) if origin.known else list(_unknown(origin))
        lines.append(f"{origin.path}: {origin.op}")
        lines += _wrapped(guide(origin.op, type(origin.layer)).summary, columns)
    example = example_sizes(graph, snapshot.sizes)
    in_numbers = isinstance(origin, Level) or origin.known
    lines += [f"Numbers at {example}."] if example and parts and in_numbers else []
    for title, texts in parts:
        if texts:
            lines += [
                "",
                title,
                *(line for text in texts for line in _wrapped(text, columns, "  ")),
            ]
    return "\n".join(lines)


def _diagnostics(snapshot: Snapshot, row: GraphRow) -> Iterator[str]:
    """The errors of a row, with their reasons and their fixes."""
    for error in row.errors:
        yield f"✗ {error}"
        for diagnostic in snapshot.report.errors:
            if diagnostic.message == error and diagnostic.path in ("", row.path):
                yield from (f"  {note}" for note in diagnostic.notes)
                yield from (f"  → {help.text}" for help in diagnostic.helps)
                break


def _node(graph: Graph, node: Node, snapshot: Snapshot) -> Iterator[tuple[str, list[str]]]:
    account = node_account(graph, node, snapshot.sizes)
    yield "input", [_flow(f, account.inputs) for f in account.inputs]
    yield "output", [_shape(f) for f in account.results]
    yield "derivation", [f"{axis} = {text}" for sums in account.sums for axis, text in sums]
    settings = [s for s in account.settings if s.by != "default"]
    yield "arguments", [f"{s.name}: {s.value}{_by(s.by, s.written)}" for s in settings]
    defaults = [f"{s.name} {s.value}" for s in account.settings if s.by == "default"]
    yield "defaults", [", ".join(defaults)] if defaults else []
    weights = [
        f"{w.name}: {w.text}" + (f", tied to {w.owner}" if w.owner else "") for w in account.weights
    ]
    yield "parameters", [f"shared with {account.owner}"] if account.owner else weights
    yield "MACs", [account.macs_text] if account.macs != 0 else []
    yield "receptive field", [line for fact in account.fields for line in field_text(fact)]
    yield from _location(account)
    if node.layer is not None and (source := guide(node.op, type(node.layer)).source):
        yield "PyTorch", [source]


def _by(by: str, written: str) -> str:
    if by == "inferred":
        return " (inferred)"
    return f" as {written}" if written else ""


def _level(graph: Graph, level: Level, snapshot: Snapshot) -> Iterator[tuple[str, list[str]]]:
    account = level_account(graph, level, snapshot.sizes)
    row = Summary(graph, snapshot.sizes).row(level)
    yield "input", [_flow(f, account.inputs) for f in account.inputs]
    yield "output", [_shape(f) for f in account.results]
    cost = [
        counted(row.nodes, "node"),
        counted(row.parameters, "parameter"),
        f"{row.macs:,} MACs",
        *leaving_out(row.uncounted),
    ]
    yield "inside", [*([account.doc] if account.doc else []), *cost]
    yield "receptive field", [line for fact in account.fields for line in field_text(fact)]
    yield from _location(account)


def _location(account: Account) -> Iterator[tuple[str, list[str]]]:
    places = []
    for place in account.around:
        turns = "".join(f", {t.kind} {t.number} of {t.count}" for t in place.turns)
        places.append(f"line {place.span.line}: {place.path.rpartition('.')[2]}{turns}")
    yield "location", places


def _flow(flow: Flow, flows: tuple[Flow, ...]) -> str:
    name = f"{flow.name}: " if flow.name and len(flows) > 1 else ""
    return f"{name}{_shape(flow)} from {flow.source}"


def _shape(flow: Flow) -> str:
    kind = "" if flow.dtype == "float32" else f" of {flow.dtype}"
    return f"[{', '.join(map(str, flow.shape))}]{kind}"


def _unknown(node: Node) -> Iterator[tuple[str, list[str]]]:
    """The sections of a node whose shape is unknown because of an error."""
    inputs = [f"{_axes(v)} from {v.node.path or v.node.name}" for v in node.inputs]
    yield "input", inputs
    yield "output", ["unknown"]
    layer = find(node.op)
    if layer is not None:
        yield "PyTorch", [guide(node.op, layer).source]


def _axes(value: Value) -> str:
    return f"[{', '.join(map(str, value.shape))}]" if value.shape is not None else "unknown"


def _wrapped(text: str, columns: int, indent: str = "") -> list[str]:
    text_line = shown(text)
    return textwrap.wrap(
        text_line,
        columns,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_on_hyphens=False,
    ) or [indent + text_line]
