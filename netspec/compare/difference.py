"""The differences between two networks: in nodes, shapes, weights and cost, not in lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from netspec.compare.facts import Facts, NodeFacts, Pairs
from netspec.compare.renames import is_gone, renamed_path, renames
from netspec.record import record

_RETURNS: Final = {"one": "a tensor", "tuple": "a tuple", "dict": "a dict"}


@record(frozen=True, slots=True)
class Change:
    """An old and a new value; empty if the network does not have it."""

    name: str
    before: str
    after: str


@record(frozen=True, slots=True)
class NodeChange:
    """A node of both networks, and its differences."""

    before: NodeFacts
    after: NodeFacts
    arguments: tuple[Change, ...]
    """Its op, its arguments, and its inputs: the decisions of the author."""
    results: tuple[Change, ...]
    """Its shapes, its weights and its cost: the results."""


@record(frozen=True, slots=True)
class Difference:
    """Everything that differs between two networks."""

    before: Facts
    after: Facts
    settings: tuple[Change, ...] = ()
    inputs: tuple[Change, ...] = ()
    outputs: tuple[Change, ...] = ()
    totals: tuple[Change, ...] = ()
    """Of the network as a whole: name, valid sizes, parameters, MACs, receptive field."""
    renamed: tuple[tuple[str, str, int], ...] = ()
    """A level or node, its new name, and the number of its nodes."""
    removed: tuple[NodeFacts, ...] = ()
    added: tuple[NodeFacts, ...] = ()
    changed: tuple[NodeChange, ...] = ()

    def __bool__(self) -> bool:
        return any(
            (self.settings, self.inputs, self.outputs, self.totals, self.renamed, self.removed,
             self.added, self.changed)
        )  # fmt: skip


def difference(before: Facts, after: Facts) -> Difference:
    """The differences between two networks."""
    new = {n.path: n for n in after.nodes}
    names = renames(before.nodes, after.nodes)
    pairs = [(n, new.get(renamed_path(n.path, names))) for n in before.nodes]
    met = {other.path for _, other in pairs if other is not None}
    return Difference(
        before,
        after,
        tuple(_changes(before.settings, after.settings)),
        tuple(_changes(before.inputs, after.inputs)),
        tuple(_outputs(before, after, names)),
        tuple(_totals(before, after)),
        tuple(_renamed(before.nodes, names)),
        tuple(n for n, other in pairs if other is None),
        tuple(n for n in after.nodes if n.path not in met),
        tuple(
            change
            for n, other in pairs
            if other is not None and (change := _change(n, other, names)) is not None
        ),
    )


def _renamed(
    nodes: tuple[NodeFacts, ...], names: Mapping[str, str]
) -> Iterator[tuple[str, str, int]]:
    inside: dict[str, int] = {}
    for node in nodes:
        parts = node.path.split(".")
        for k in range(1, len(parts) + 1):
            head = ".".join(parts[:k])
            if head in names:
                inside[head] = inside.get(head, 0) + 1
    for old, new in names.items():
        if not is_gone(new):
            yield old, new, inside.get(old, 0)


def _change(before: NodeFacts, after: NodeFacts, names: Mapping[str, str]) -> NodeChange | None:
    reads = tuple(_now(path, names) for path in before.inputs)
    arguments = [
        *_one("op", before.op, after.op),
        *_changes(_moved(before.arguments, names), after.arguments),
        *_one("from", ", ".join(reads), ", ".join(after.inputs)),
    ]
    results = [
        *_one("shape", ", ".join(before.shapes), ", ".join(after.shapes)),
        *_one("parameters", f"{before.parameters:,}", f"{after.parameters:,}"),
        *_one("MACs", before.macs_text, after.macs_text),
    ]
    if not arguments and not results:
        return None
    return NodeChange(before, after, tuple(arguments), tuple(results))


def _moved(arguments: Pairs, names: Mapping[str, str]) -> Pairs:
    """The arguments with the paths in them as they are called now."""
    return tuple(
        (name, _now(value, names) if name.partition(".")[0] == "share" else value)
        for name, value in arguments
    )


def _now(path: str, names: Mapping[str, str]) -> str:
    """The new name of a path; removed nodes keep their names."""
    now = renamed_path(path, names)
    return path if is_gone(now) else now


def _outputs(before: Facts, after: Facts, names: Mapping[str, str]) -> Iterator[Change]:
    """The differences of the outputs: their shapes, or otherwise their nodes."""
    makers, now = dict(before.made_by), dict(after.made_by)
    moved = {name for name in makers.keys() & now.keys() if _now(makers[name], names) != now[name]}
    old, new = dict(before.outputs), dict(after.outputs)
    for name in dict.fromkeys([*old, *new]):
        if name in moved and old[name] == new[name]:
            yield Change(name, f"{old[name]} from {makers[name]}", f"{new[name]} from {now[name]}")
        else:
            yield from _one(name, old.get(name, ""), new.get(name, ""))


def _totals(before: Facts, after: Facts) -> Iterator[Change]:
    yield from _one("name", before.name, after.name)
    if before.returns and after.returns:
        yield from _one("returns", _RETURNS[before.returns], _RETURNS[after.returns])
    yield from _one("valid for", before.valid or "all sizes", after.valid or "all sizes")
    yield from _one("parameters", f"{before.parameters:,}", f"{after.parameters:,}")
    yield from _one("MACs", before.macs_text, after.macs_text)
    for change in _changes(before.field, after.field):
        yield Change(f"receptive field, {change.name}", change.before, change.after)


def _changes(before: Pairs, after: Pairs) -> Iterator[Change]:
    """The differences between two lists of names with values, in the order of the first."""
    old, new = dict(before), dict(after)
    for name in dict.fromkeys([*old, *new]):
        yield from _one(name, old.get(name, ""), new.get(name, ""))


def _one(name: str, before: str, after: str) -> Iterator[Change]:
    if before != after:
        yield Change(name, before, after)
