"""The account of a node or level on a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from math import prod

from netspec.explain.node import Account, Flow
from netspec.explain.receptive_field_text import field_text
from netspec.report.numbers import counted, shape_text
from netspec.report.status_line import leaving_out
from netspec.report.style import PLAIN, Style
from netspec.report.summary import SummaryRow
from netspec.report.table import lines
from netspec.report.text_width import shown, width

_HOW = {"given": "specified", "inferred": "inferred from the input", "default": "by default"}


def node_text(
    account: Account, sentence: str, counted_at: str, columns: int = 100, style: Style = PLAIN
) -> str:
    """A node: its place, inputs and results, and the arithmetic of its numbers."""
    parts = [
        _head(account, sentence, counted_at),
        *_where(account),
        ("arguments", list(_settings(account))),
        ("inputs", list(_flows(account.inputs))),
        *_results(account),
        ("size trace", [f"{axis}: {way}" for axis, way in account.ways]),
        ("parameters", list(_weights(account))),
        ("MACs", [account.macs_text] if account.macs != 0 else []),
        *_fields(account),
    ]
    return _page(parts, columns, style)


def level_text(
    account: Account, row: SummaryRow, counted_at: str, columns: int = 100, style: Style = PLAIN
) -> str:
    """A level: its place, inputs and results, cost, and contents."""
    cost = [counted(row.nodes, "node"), counted(row.parameters, "parameter")]
    cost += [f"{row.macs:,} MACs", *leaving_out(row.uncounted)]
    shared = [f"shares the weights of `{account.owner}`"] if account.owner else []
    parts = [
        _head(account, account.doc, counted_at),
        *_where(account),
        ("inputs", list(_flows(account.inputs))),
        ("results", list(_flows(account.results))),
        ("total", [", ".join(cost), *shared]),
        ("inside", lines(row.children, columns - 2)),
        *_fields(account),
    ]
    return _page(parts, columns, style)


def _page(parts: Sequence[tuple[str, list[str]]], columns: int, style: Style) -> str:
    page_lines = []
    for title, texts in parts:
        indent = "  " if title else ""
        filled = [line for text in texts for line in _filled(text, indent, columns)]
        if filled:
            page_lines.append("\n".join([style("title", title), *filled] if title else filled))
    return "\n\n".join(page_lines)


def _filled(text: str, indent: str, columns: int) -> list[str]:
    """A line, wrapped if it is too long; continuation lines have more indentation."""
    text = shown(text)
    if width(text) + len(indent) <= columns:
        return [indent + text]
    return textwrap.wrap(
        text, columns, initial_indent=indent, subsequent_indent=indent + "    ",
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def _head(account: Account, sentence: str, counted_at: str) -> tuple[str, list[str]]:
    title = f"{account.path or 'the network'}: {account.op or 'group'}"
    more = [f"Numbers at {counted_at}."] if counted_at else []
    return "", [title, *filter(None, [sentence]), *more]


def _where(account: Account) -> Iterator[tuple[str, list[str]]]:
    lines = []
    for place in account.around:
        kind = place.block or ("" if place is account.around[-1] else "group")
        turns = "".join(f", {t.kind}: {t.number} of {t.count}" for t in place.turns)
        what = f"{kind}{turns}".removeprefix(", ")
        lines.append(f"{place.span.where}  {place.path}{f' ({what})' if what else ''}")
    yield "where", lines


def _settings(account: Account) -> Iterator[str]:
    names = max((len(s.name) for s in account.settings), default=0)
    values = max((len(s.value) for s in account.settings), default=0)
    for s in account.settings:
        written = f" as {s.written}" if s.written else ""
        yield f"{s.name:<{names}}  {s.value:<{values}}  {_HOW[s.by]}{written}"


def _flows(flows: Sequence[Flow]) -> Iterator[str]:
    for flow in flows:
        name = f"{flow.name}: " if flow.name and len(flows) > 1 else ""
        kind = "" if flow.dtype == "float32" else f" of {flow.dtype}"
        yield f"{name}{shape_text(flow.shape)}{kind} from {flow.source}"


def _results(account: Account) -> Iterator[tuple[str, list[str]]]:
    for flow, sums in zip(account.results, account.sums, strict=True):
        title = "result" if len(account.results) == 1 else f"result {flow.name}"
        yield title, [shape_text(flow.shape), *(_equation(axis, text) for axis, text in sums)]


def _equation(axis: str, text: str) -> str:
    return f"{axis} = {text}"


def _weights(account: Account) -> Iterator[str]:
    if account.owner:
        yield f"shared with `{account.owner}`"
        return
    for weight in account.weights:
        yield f"{weight.name}: {weight.text}" + f", tied to {weight.owner}" * bool(weight.owner)
    own = [prod(w.shape) for w in account.weights if not w.owner]
    if len(own) > 1:
        yield f"total {sum(own):,}"


def _fields(account: Account) -> Iterator[tuple[str, list[str]]]:
    lines = [line for fact in account.fields for line in field_text(fact)]
    yield (
        "receptive field of one element",
        lines or ["undefined: no input is a sequence or an image"],
    )
