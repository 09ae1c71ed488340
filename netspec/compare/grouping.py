"""Changes that are the same but for the numbers in their paths, as one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from netspec.compare.difference import Change, NodeChange
from netspec.compare.facts import NodeFacts
from netspec.layer.checks import axis_name
from netspec.record import record

_NUMBERS = re.compile(r"\d+")


@record(frozen=True, slots=True)
class PathGroup:
    """Nodes with the same difference; a single node is a group, too."""

    path: str
    """`features.denseblock*.denselayer*.conv2`."""
    op: str
    times: int
    changes: tuple[Change, ...]
    """The changes in the spec, or otherwise their consequences."""


def common_pattern(paths: Sequence[str]) -> str:
    """One path for several that differ in numbers; where the number is the same, it stays.

    >>> common_pattern(["block1.conv2", "block3.conv2"]), common_pattern(["head"])
    ('block*.conv2', 'head')
    """
    numbers = [_NUMBERS.findall(path) for path in paths]
    same = [len(set(column)) == 1 for column in zip(*numbers, strict=True)]
    turn = iter(zip(same, numbers[0], strict=True))

    def number(_: re.Match[str]) -> str:
        alike, text = next(turn)
        return text if alike else "*"

    return _NUMBERS.sub(number, paths[0])


def author_changes(changes: Iterable[NodeChange]) -> list[PathGroup]:
    """The nodes whose op, arguments or inputs the author changed."""
    groups: dict[object, list[NodeChange]] = {}
    for change in changes:
        if change.arguments:
            change_key = tuple(
                (c.name, _bare(c.before), _bare(c.after)) if c.name == "from" else c.name
                for c in change.arguments
            )
            groups.setdefault((_bare(change.after.path), change.after.op, change_key), []).append(
                change
            )
    return [_decided(alike) for alike in groups.values()]


def followed(changes: Iterable[NodeChange]) -> list[PathGroup]:
    """The nodes of which only the output or the cost has changed."""
    groups: dict[object, list[NodeChange]] = {}
    for change in changes:
        if change.results and not change.arguments:
            axes = tuple(name for name, _, _ in _axes(change))
            key = (_bare(change.after.path), change.after.op, axes)
            groups.setdefault(key, []).append(change)
    return [_followed(alike) for alike in groups.values()]


def moved(renamed: Iterable[tuple[str, str, int]]) -> Iterator[tuple[str, str, int, int]]:
    """Renames that are the same but for numbers: from, to, how many, and the nodes in all of them."""
    groups: dict[object, list[tuple[str, str, int]]] = {}
    for old, new, nodes in renamed:
        groups.setdefault((_NUMBERS.sub("*", old), _NUMBERS.sub("*", new)), []).append(
            (old, new, nodes)
        )
    for renames in groups.values():
        olds, news = [old for old, _, _ in renames], [new for _, new, _ in renames]
        before, after = common_pattern(olds), common_pattern(news)
        if before == after:
            before, after = _spread(olds), _spread(news)
        yield before, after, len(renames), sum(nodes for _, _, nodes in renames)


def alike(nodes: Iterable[NodeFacts]) -> Iterator[tuple[str, int, list[NodeFacts]]]:
    """Nodes that are the same but for the numbers in their paths: the path, how many, and all of them."""
    groups: dict[object, list[NodeFacts]] = {}
    for node in nodes:
        groups.setdefault((_bare(node.path), node.structure), []).append(node)
    for members in groups.values():
        yield common_pattern([n.path for n in members]), len(members), members


def _decided(group: list[NodeChange]) -> PathGroup:
    first = group[0]
    changes = tuple(
        Change(
            column[0].name, _spread([c.before for c in column]), _spread([c.after for c in column])
        )
        for column in zip(*(c.arguments for c in group), strict=True)
    )
    return PathGroup(
        common_pattern([c.after.path for c in group]), first.after.op, len(group), changes
    )


def _followed(group: list[NodeChange]) -> PathGroup:
    columns = zip(*(_axes(c) for c in group), strict=True)
    changes = [
        Change(column[0][0], _spread([c[1] for c in column]), _spread([c[2] for c in column]))
        for column in columns
    ]
    before, after = (
        sum(getattr(c, side).parameters for c in group) for side in ("before", "after")
    )
    if before != after:
        changes.append(Change("parameters", f"{before:,}", f"{after:,}"))
    if not changes:
        changes.append(
            Change(
                "MACs",
                _macs([c.before for c in group]),
                _macs([c.after for c in group]),
            )
        )
    return PathGroup(
        common_pattern([c.after.path for c in group]), group[0].after.op, len(group), tuple(changes)
    )


def _macs(nodes: list[NodeFacts]) -> str:
    """The MACs of nodes together, for a reader."""
    if any(n.uncounted for n in nodes):
        return "unknown"
    return f"{sum(n.macs for n in nodes):,}"


def _axes(change: NodeChange) -> list[tuple[str, str, str]]:
    """The axes of its results that differ, each by its name."""
    differing_axes: list[tuple[str, str, str]] = []
    shapes = zip(change.before.shapes, change.after.shapes, strict=False)
    for before, after in shapes:
        old, new = _sizes(before), _sizes(after)
        if len(old) != len(new) or before.partition("[")[0] != after.partition("[")[0]:
            differing_axes.append(("shape", before, after))
            continue
        differing_axes += [
            (axis_name(len(old), k), a, b)
            for k, (a, b) in enumerate(zip(old, new, strict=True))
            if a != b
        ]
    return differing_axes


def _sizes(shape: str) -> list[str]:
    """The sizes of a shape as it is written."""
    inside = shape.partition("[")[2].rpartition("]")[0]
    return inside.split(", ") if inside else []


def _spread(texts: list[str]) -> str:
    """The common value, or otherwise the first and the last."""
    return texts[0] if len(set(texts)) == 1 else f"{texts[0]} … {texts[-1]}"


def _bare(text: str) -> str:
    """A path with a `*` for each number in the names of its levels, and for a name that is a number."""
    return ", ".join(_bare_path(path) for path in text.split(", "))


def _bare_path(path: str) -> str:
    levels, dot, name = path.rpartition(".")
    return _NUMBERS.sub("*", levels) + dot + ("*" if name.isdigit() else name)
