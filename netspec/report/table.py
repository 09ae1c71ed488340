"""The summary of a network as a table that fits the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.graph.nodes import BATCH
from netspec.report.numbers import counted, partly_known, scaled, shape_text
from netspec.report.status_line import example_sizes, leaving_out, validity
from netspec.report.style import PLAIN, Style
from netspec.report.summary import Summary, SummaryRow
from netspec.report.text_width import clipped, shown, width

Cells = tuple[str, str, str, str, str]

_HEAD: Cells = ("layer", "op", "output", "parameters", "MACs")
_LEAST = (16, 10, 14)
"""The minimum width of the first three columns in a narrow terminal."""
_GAP = "  "


def table(summary: Summary, depth: int | None, columns: int, style: Style = PLAIN) -> str:
    """The rows down to `depth` levels, with the sums.

    Where symbolic sizes make it wider than the terminal, the example sizes are in their place.
    """
    cells = _all_cells(summary, depth)
    examples = summary.graph.examples.items()
    symbols = {name: size for name, size in examples if size > 1 or name not in BATCH}
    if _total_width(_natural_widths(cells)) > columns and symbols and not summary.requested_sizes:
        return table(Summary(summary.graph, symbols), depth, columns, style)
    widths = _widths(cells, columns)
    rule = style("dim", "─" * _total_width(widths))
    head, *rows, total = (_line(row, widths) for row in cells)
    inputs = ", ".join(
        f"{v.node.name} {shape_text(summary.sized(v.shape))}" for v in summary.graph.inputs
    )
    title = f"{style('title', shown(summary.graph.name))}: {shown(inputs)}"
    return "\n".join(
        [title, style("dim", head), rule, *rows, rule, style("title", total), *_facts(summary)]
    )


def lines(rows: list[SummaryRow], columns: int) -> list[str]:
    """Rows in columns, with folded levels."""
    cells = list(_cells(rows, 1, 0))
    widths = _widths(cells, columns) if cells else []
    return [_line(row, widths) for row in cells]


def _facts(summary: Summary) -> Iterator[str]:
    """The sizes of the counts, and the valid sizes."""
    graph = summary.graph
    counted_at = example_sizes(graph, summary.requested_sizes)
    facts = [f"MACs at {counted_at}"] if counted_at else []
    facts += leaving_out(graph.uncounted)
    if valid := validity(graph.domains):
        facts.append(f"valid for {valid}")
    facts.extend(f"if {relation}" for relation in graph.unproved)
    if facts:
        yield ", ".join(facts)


def _all_cells(summary: Summary, depth: int | None) -> list[Cells]:
    return [_HEAD, *_cells(summary.rows, depth, 0), _total(summary)]


def _cells(rows: list[SummaryRow], depth: int | None, level: int) -> Iterator[Cells]:
    for row in rows:
        yield (
            "  " * level + shown(row.name),
            _op(row),
            shape_text(row.shape),
            f"{row.parameters:,}" if row.parameters else "",
            _macs(row.macs, uncounted=bool(row.uncounted)),
        )
        if depth is None or level + 1 < depth:
            yield from _cells(row.children, depth, level + 1)


def _op(row: SummaryRow) -> str:
    op = row.op
    if row.times > 1:
        op = f"{op} ×{row.times}".lstrip()
    return f"{op} = {row.shared}" if row.shared else op


def _total(summary: Summary) -> Cells:
    outputs = ", ".join(shape_text(summary.sized(v.shape)) for v in summary.graph.outputs.values)
    nodes = counted(len(summary.graph.nodes), "node")
    macs = _macs(summary.macs, uncounted=bool(summary.graph.uncounted)) or "0"
    return ("total", nodes, outputs, f"{summary.parameters:,}", macs)


def _macs(macs: int, *, uncounted: bool) -> str:
    return partly_known(scaled(macs) if macs else "", unknown=uncounted)


def _widths(cells: list[Cells], columns: int) -> list[int]:
    """As wide as their content, the first three columns narrower where the terminal is."""
    widths = _natural_widths(cells)
    excess = _total_width(widths) - columns
    while excess > 0:
        spare = [w - least for w, least in zip(widths, _LEAST, strict=False)]
        widest = max(range(len(spare)), key=lambda k: spare[k])
        if spare[widest] <= 0:
            break
        widths[widest] -= 1
        excess -= 1
    return widths


def _natural_widths(cells: list[Cells]) -> list[int]:
    return [max(width(row[k]) for row in cells) for k in range(len(_HEAD))]


def _line(row: Cells, widths: list[int]) -> str:
    """One row; numbers to the right."""
    cut = [clipped(cell, w) for cell, w in zip(row, widths, strict=True)]
    padding = [" " * (w - width(cell)) for cell, w in zip(cut, widths, strict=True)]
    texts = [c + p if k < 3 else p + c for k, (c, p) in enumerate(zip(cut, padding, strict=True))]
    return _GAP.join(texts).rstrip()


def _total_width(widths: list[int]) -> int:
    return sum(widths) + len(_GAP) * (len(widths) - 1)
