"""Which step of a file is intended: its block, and its place in the bodies that hold it."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.document import Mapping, Sequence, TextNode
from netspec.record import record
from netspec.syntax import Body, Spec, Step


@record(frozen=True, slots=True)
class Address:
    """A step by its place: it stays the same through edits elsewhere, where an offset would not."""

    block: str
    """The block that it is in; empty for the body of the file."""
    way: tuple[int, ...]
    """Its place in its list, after those of the steps around it."""

    @property
    def index(self) -> int:
        """Its place in its list."""
        return self.way[-1]

    @property
    def parent(self) -> Address | None:
        """The step around it, if there is one."""
        return Address(self.block, self.way[:-1]) if len(self.way) > 1 else None

    def sibling(self, index: int) -> Address:
        """The step at another place of the same list."""
        return Address(self.block, (*self.way[:-1], index))


def body_of(spec: Spec, block: str) -> Body | None:
    """The steps of a block, or of the file."""
    if not block:
        return spec.body
    block_spec = spec.blocks.get(block)
    return block_spec.body if block_spec is not None else None


def steps_at(spec: Spec, block: str, way: tuple[int, ...] = ()) -> tuple[Step, ...]:
    """The steps of the list at a path; the body itself for the empty path."""
    body = body_of(spec, block)
    steps = body.steps if body is not None else ()
    for k in way:
        steps = steps[k].inside
    return steps


def step_at(spec: Spec, address: Address) -> Step:
    """The step of an address."""
    return steps_at(spec, address.block, address.way[:-1])[address.index]


def container_of(spec: Spec, address: Address) -> TextNode | None:
    """The list, or the mapping of branches, that a step is in."""
    parent = address.parent
    if parent is None:
        body = body_of(spec, address.block)
        return body.node if body is not None else None
    step = step_at(spec, parent)
    return step.body.node if step.body is not None else branches_of(step)


def branches_of(step: Step) -> TextNode | None:
    """The value of `branches:`."""
    for node in (step.node, value_of(step)):
        if isinstance(node, Mapping) and (branches := node.get("branches")) is not None:
            return branches
    return None


def value_of(step: Step) -> TextNode:
    """The value after the name of a step; the whole step if it has no name."""
    node = step.node
    if isinstance(node, Mapping) and step.place is not node:
        for key, value in node.entries:
            if key is step.place:
                return value
    return node


def walked(spec: Spec) -> Iterator[tuple[Address, Step]]:
    """Every step of the file with its address, outer ones first."""
    for block in ("", *spec.blocks):
        body = body_of(spec, block)
        if body is not None and (not block or spec.blocks[block].file is spec):
            yield from _walked(block, body.steps, ())


def _walked(
    block: str, steps: tuple[Step, ...], way: tuple[int, ...]
) -> Iterator[tuple[Address, Step]]:
    for k, step in enumerate(steps):
        here = (*way, k)
        yield Address(block, here), step
        yield from _walked(block, step.inside, here)


def address_of(spec: Spec, step: Step) -> Address | None:
    """The address of a step of this file; None for one of a file that it uses."""
    return next((address for address, step_ in walked(spec) if step_ is step), None)


def step_extent(step: Step) -> tuple[int, int]:
    """Where the text of a step begins and ends, its name included."""
    return min(step.node.start, step.place.start), max(step.node.end, step.place.end)


def innermost_step(spec: Spec, offset: int) -> Address | None:
    """The innermost step that an offset of the text is in."""
    best: tuple[int, Address] | None = None
    for address, step in walked(spec):
        start, end = step_extent(step)
        if start <= offset <= end and (best is None or end - start <= best[0]):
            best = end - start, address
    return best[1] if best is not None else None


def holder(node: TextNode | None) -> Sequence | Mapping | None:
    """A node as a container of steps."""
    return node if isinstance(node, Sequence | Mapping) else None
