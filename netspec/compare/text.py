"""A difference as text: the changes in the spec first, then their consequences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netspec.compare.difference import Change, Difference
from netspec.compare.facts import NodeFacts
from netspec.compare.grouping import PathGroup, alike, author_changes, followed, moved
from netspec.report.numbers import counted
from netspec.report.style import PLAIN, Style
from netspec.report.text_width import shown

_MOST = 40
"""How many rows a section has before it is cut."""


def difference_text(
    network_difference: Difference, style: Style = PLAIN, *, most: int | None = _MOST
) -> str:
    """The difference, a section for each kind of change; `most` rows of each."""
    return "\n\n".join(
        "\n".join(section) for section in _sections(network_difference, style, most) if section
    )


def _sections(
    network_difference: Difference, style: Style, most: int | None
) -> Iterator[list[str]]:
    yield _table("", network_difference.totals, style, network_difference)
    yield _table("settings", network_difference.settings, style)
    yield _table("inputs", network_difference.inputs, style)
    yield _table("outputs", network_difference.outputs, style)
    yield _titled(
        "renamed",
        len(network_difference.renamed),
        list(_renames(network_difference)),
        style,
        most,
        "name",
    )
    for title, nodes, role, sign in (
        ("removed", network_difference.removed, "error", "-"),
        ("added", network_difference.added, "good", "+"),
    ):
        rows = [style(role, f"{sign} {row}") for row in _nodes(nodes)]
        yield _titled(title, len(nodes), rows, style, most)
    choices, results = (
        author_changes(network_difference.changed),
        followed(network_difference.changed),
    )
    count = sum(g.times for g in choices)
    yield _titled("changed", count, [f"~ {r}" for r in _groups(choices)], style, most)
    count = sum(g.times for g in results)
    yield _titled("follows from this", count, [f"  {r}" for r in _groups(results)], style, most)


def _titled(
    title: str, count: int, rows: list[str], style: Style, most: int | None, noun: str = "node"
) -> list[str]:
    """Rows below a title; nothing without rows."""
    if not rows:
        return []
    more = len(rows) - most if most is not None else 0
    shorter = (
        [*rows[:most], style("dim", f"  and {counted(more, 'more row')}")] if more > 0 else rows
    )
    return [style("title", f"{title} ({counted(count, noun)})"), *shorter]


def _renames(network_difference: Difference) -> Iterator[str]:
    for old, new, times, nodes in moved(network_difference.renamed):
        inside = f"  ({counted(nodes, 'node')})" if nodes > times else ""
        yield f"> {_head(old, times if '*' in old else 1)} → {shown(new)}{inside}"


def _table(
    title: str, changes: Iterable[Change], style: Style, of: Difference | None = None
) -> list[str]:
    changes = list(changes)
    width = max((len(shown(c.name)) for c in changes), default=0)
    rows = [f"~ {shown(c.name).ljust(width)}  {_arrow(c)}{_share(c, of)}" for c in changes]
    return [style("title", title), *rows] if title and rows else rows


def _arrow(change: Change, nothing: str = "none") -> str:
    return f"{shown(change.before) or f'({nothing})'} → {shown(change.after) or f'({nothing})'}"


def _share(change: Change, of: Difference | None) -> str:
    """By how much a total has grown, and at which sizes that is counted."""
    if of is None or change.name not in ("parameters", "MACs"):
        return ""
    if change.name == "MACs":
        if of.before.uncounted or of.after.uncounted:
            return f" at {of.after.sizes}" if of.after.sizes else ""
        old, new = of.before.macs, of.after.macs
    else:
        old, new = of.before.parameters, of.after.parameters
    grown = new / old - 1 if old else 0.0
    share = f" ({grown:+.1%})" if abs(grown) >= 0.001 else f" ({new - old:+,})"
    counted_sizes = of.after.sizes if change.name == "MACs" else ""
    return f"{share} at {counted_sizes}" if counted_sizes else share


def _groups(groups: list[PathGroup]) -> Iterator[str]:
    heads = [_head(g.path, g.times) for g in groups]
    width = min(max(map(len, heads), default=0), 60)
    ops = max((len(g.op) for g in groups), default=0)
    for head, group in zip(heads, groups, strict=True):
        changes = ", ".join(f"{shown(c.name)} {_arrow(c, 'default')}" for c in group.changes)
        yield f"{head.ljust(width)}  {shown(group.op).ljust(ops)}  {changes}"


def _nodes(nodes: Iterable[NodeFacts]) -> Iterator[str]:
    rows = list(alike(nodes))
    width = min(max((len(_head(path, n)) for path, n, _ in rows), default=0), 60)
    for path, times, members in rows:
        arguments = ", ".join(
            f"{k}={v}" for k, v in members[0].arguments if not k.startswith("init.")
        )
        total = sum(n.parameters for n in members)
        weights = f"  {counted(total, 'parameter')}" if total else ""
        yield f"{_head(path, times).ljust(width)}  {shown(f'{members[0].op}({arguments})')}{weights}"


def _head(path: str, times: int) -> str:
    return f"{shown(path)} ×{times}" if times > 1 else shown(path)
