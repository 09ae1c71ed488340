"""Which nodes went by another path before.

Levels that are alike are found whole; steps that have numbers for names are aligned as two texts are;
what is left is matched in order with what does the same in the same level.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence

from netspec.compare.facts import NodeFacts

_NOWHERE = "\0"
"""The prefix of a path that no node has."""


def renames(before: Sequence[NodeFacts], after: Sequence[NodeFacts]) -> dict[str, str]:
    """The paths, of levels or nodes, that have another name now: old to new."""
    names = _renumbered(before, after)
    for exact in (True, False):
        _levels(before, after, names, exact=exact)
    for exact in (True, False):
        _nodes(before, after, names, exact=exact)
    return names


def is_gone(path: str) -> bool:
    """Whether a new path means that there is none."""
    return path.startswith(_NOWHERE)


def renamed_path(path: str, names: Mapping[str, str]) -> str:
    """A path as it reads after the renames; of two that fit, the longer counts."""
    head, rest = path, ""
    while head:
        if head in names:
            return names[head] + rest
        head, dot, last = head.rpartition(".")
        rest = f"{dot}{last}{rest}"
    return path


def parent(path: str) -> str:
    """The level that a node is in."""
    return path.rpartition(".")[0]


def _left(
    before: Sequence[NodeFacts], after: Sequence[NodeFacts], names: Mapping[str, str]
) -> tuple[list[NodeFacts], list[NodeFacts]]:
    """The nodes of both that have no partner yet."""
    new = {n.path for n in after}
    met = {p for n in before if (p := renamed_path(n.path, names)) in new}
    return (
        [n for n in before if renamed_path(n.path, names) not in met],
        [n for n in after if n.path not in met],
    )


def _renumbered(before: Sequence[NodeFacts], after: Sequence[NodeFacts]) -> dict[str, str]:
    """Steps with numbers as names: an inserted one shifts all later ones."""
    old, new = _numbered(before), _numbered(after)
    new_names: dict[str, str] = {}
    for level in old.keys() & new.keys():
        a, b = old[level], new[level]
        if len(a) == len(b):
            continue
        from difflib import SequenceMatcher

        ops = ([n.structure for n in a], [n.structure for n in b])
        new_names.update({n.path: _NOWHERE + n.path for n in a})
        for block in SequenceMatcher(None, *ops, autojunk=False).get_matching_blocks():
            for k in range(block.size):
                new_names[a[block.a + k].path] = b[block.b + k].path
    return {a: b for a, b in new_names.items() if a != b}


def _numbered(nodes: Iterable[NodeFacts]) -> dict[str, list[NodeFacts]]:
    nodes_by_pattern: dict[str, list[NodeFacts]] = defaultdict(list)
    for node in nodes:
        if node.path.rpartition(".")[2].isdigit():
            nodes_by_pattern[parent(node.path)].append(node)
    return nodes_by_pattern


def _levels(
    before: Sequence[NodeFacts], after: Sequence[NodeFacts], names: dict[str, str], *, exact: bool
) -> None:
    """Match the outermost levels none of whose nodes exist under their old names."""
    old, new = _left(before, after, names)
    waiting: dict[Hashable, list[str]] = defaultdict(list)
    for level, inside in _gone(new, after).items():
        waiting[_structure(level, inside, exact=exact)].append(level)
    for level, inside in _gone(old, before).items():
        others = waiting[_structure(level, inside, exact=exact)]
        if others:
            names[level] = others.pop(0)


def _structure(level: str, inside: list[NodeFacts], *, exact: bool) -> Hashable:
    if exact:
        return tuple((n.path[len(level) :], n.structure) for n in inside)
    return tuple(n.op for n in inside)


def _gone(nodes: Sequence[NodeFacts], all_nodes: Sequence[NodeFacts]) -> dict[str, list[NodeFacts]]:
    """The outermost levels all of whose nodes are among `nodes`, each with these."""
    gone = {n.path for n in nodes}
    remaining_levels = {head for n in all_nodes if n.path not in gone for head in _heads(n.path)}
    nodes_by_level: dict[str, list[NodeFacts]] = defaultdict(list)
    for node in nodes:
        level = next((h for h in _heads(node.path) if h not in remaining_levels), None)
        if level is not None:
            nodes_by_level[level].append(node)
    return nodes_by_level


def _nodes(
    before: Sequence[NodeFacts], after: Sequence[NodeFacts], names: dict[str, str], *, exact: bool
) -> None:
    """Match nodes with those that do the same in the same level, in order."""
    old, new = _left(before, after, names)
    waiting: dict[Hashable, list[str]] = defaultdict(list)
    for node in new:
        waiting[parent(node.path), node.structure if exact else node.op].append(node.path)
    for node in old:
        level = renamed_path(parent(node.path), names)
        others = waiting[level, node.structure if exact else node.op]
        if others:
            names[node.path] = others.pop(0)


def _heads(path: str) -> list[str]:
    """The levels around a node, outermost first.

    >>> _heads("a.b.c")
    ['a', 'a.b']
    """
    parts = path.split(".")
    return [".".join(parts[:k]) for k in range(1, len(parts))]
