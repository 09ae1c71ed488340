"""Inserts, removes, moves and joins steps. Each function edits a draft, or raises `EditError`."""

from __future__ import annotations

from collections.abc import Mapping

from netspec.document import Sequence, parse
from netspec.edit import text_ranges
from netspec.edit.address import Address, branches_of, holder, value_of
from netspec.edit.draft import Draft, EditError
from netspec.edit.entry_edits import set_root
from netspec.edit.scalar_text import Data
from netspec.edit.step_inputs import (
    after,
    before,
    by_default,
    is_branch,
    name_for,
    name_of,
    pin,
    reads,
    redirect,
    set_source,
    siblings,
    source_of,
    uses,
)  # fmt: skip
from netspec.layers import find as find_layer


def written_call(op: str, arguments: Mapping[str, Data] | None = None) -> Data:
    """An op with its arguments, as the text of a step."""
    return {"op": op, **arguments} if arguments else op


def add_first(draft: Draft, block: str, op: str, arguments: Mapping[str, Data]) -> None:
    """A step at the beginning of a body; a file without a body gets one."""
    address = Address(block, (0,))
    if not block and draft.spec.body is None:
        set_root(draft, "body", draft.written([]))
    draft.insert(address, draft.called(address, name_for(op), written_call(op, arguments)))
    draft.selected = address


def add_after(draft: Draft, address: Address, op: str, arguments: Mapping[str, Data]) -> None:
    """Insert a step after another one: it reads the result, and the readers read it."""
    if is_branch(draft, address):
        _add_to_branch(draft, address, op, arguments)
        return
    new = address.sibling(address.index + 1)
    draft.insert(new, draft.called(address, name_for(op), written_call(op, arguments)))
    draft.selected = new


def _add_to_branch(draft: Draft, address: Address, op: str, arguments: Mapping[str, Data]) -> None:
    """A step at the end of a branch, which becomes a list if it was a single step."""
    step = draft.step(address)
    step_data: Data = written_call(op, arguments)
    if step.body is not None and step.op is None:
        k = len(step.body.steps)
        listed = holder(step.body.node)
        if listed is None:
            raise EditError("no list to edit here")
        draft.splice(text_ranges.inserted(listed, k, draft.written(step_data)))
        draft.selected = Address(address.block, (*address.way, k))
        return
    node = value_of(step)
    whole = draft.text[node.start : node.end]
    lines = node is step.node and node is not step.op and not text_ranges.is_flow(node)
    if "\n" in whole or lines:
        raise EditError(f"`{step.title}` spans several lines: make it a list first")
    draft.splice((node.start, node.end, f"[{whole}, {draft.written(step_data)}]"))
    draft.selected = Address(address.block, (*address.way, 1))


def insert_before(
    draft: Draft, address: Address, op: str, arguments: Mapping[str, Data], edge: int = 0
) -> None:
    """Insert a step between another one and its input number `edge`."""
    step = draft.step(address)
    if is_branch(draft, address) or (step.branches and by_default(step)):
        _insert_at_branch(draft, address, op, arguments)
        return
    if by_default(step):
        draft.insert(address, draft.called(address, name_for(op), written_call(op, arguments)))
        draft.selected = address
        return
    sources = reads(step)
    if not 0 <= edge < len(sources) or not sources[edge]:
        raise EditError(f"`{step.title}` has no input {edge}")
    name = draft.unique(address, name_for(op))
    reference = sources[edge]
    if reference == "previous":
        reference = source_of(draft, address) if edge == 0 else reference
    step_data = written_call(op, {"from": reference, **arguments})
    draft.insert(address, draft.written({name: step_data}))
    moved = address.sibling(address.index + 1)
    sources[edge] = name
    set_source(draft, moved, sources)
    draft.selected = address


def _insert_at_branch(
    draft: Draft, address: Address, op: str, arguments: Mapping[str, Data]
) -> None:
    """A step at the beginning of a branch, or before a join whose branches start at its input."""
    step = draft.step(address)
    if not is_branch(draft, address):
        draft.insert(address, draft.called(address, name_for(op), written_call(op, arguments)))
        draft.selected = address
        return
    if step.body is not None and isinstance(step.body.node, Sequence):
        draft.splice(
            text_ranges.inserted(step.body.node, 0, draft.written(written_call(op, arguments)))
        )
    else:
        node = value_of(step)
        whole = draft.text[node.start : node.end]
        if "\n" in whole:
            raise EditError(f"`{step.title}` spans several lines: make it a list first")
        draft.splice(
            (node.start, node.end, f"[{draft.written(written_call(op, arguments))}, {whole}]")
        )
    draft.selected = Address(address.block, (*address.way, 0))


def branch_from(draft: Draft, address: Address, op: str, arguments: Mapping[str, Data]) -> None:
    """Add a second branch from the result of a step; the first one does not change.

    For a join with `branches`, or one of these, it is one more of them.
    """
    step = draft.step(address)
    joined = address.parent if is_branch(draft, address) else address if step.branches else None
    if joined is not None and branches_of(draft.step(joined)) is not None:
        _one_more_branch(draft, joined, op, arguments)
        return
    reference = name_of(draft, address)
    pin(draft, after(draft, address))
    name = draft.unique(address, name_for(op))
    new = address.sibling(address.index + 1)
    draft.insert(new, draft.written({name: written_call(op, {"from": reference, **arguments})}))
    draft.selected = new


def _one_more_branch(draft: Draft, join: Address, op: str, arguments: Mapping[str, Data]) -> None:
    node = holder(branches_of(draft.step(join)))
    if node is None:
        raise EditError("these branches are computed by an expression")
    k = text_ranges.count(node)
    step_data = written_call(op, arguments)
    name = draft.unique(Address(join.block, (*join.way, 0)), "branch")
    named = not isinstance(node, Sequence) or any(s.name for s in draft.step(join).inside)
    item = draft.written({name: step_data} if named else step_data)
    draft.splice(text_ranges.inserted(node, k, item))
    draft.selected = Address(join.block, (*join.way, k))


def join(
    draft: Draft,
    first: Address,
    second: Address,
    op: str,
    arguments: Mapping[str, Data],
    *,
    lead: bool = False,
) -> None:
    """Add a step that joins the results of two others; the next step reads it if it read one of them.

    With `lead`, so does every later step of the list that names one of them.
    """
    first, second = _in_one_list(first, second)
    if first == second:
        raise EditError("a join requires two different steps")
    early, late = sorted((first, second), key=lambda a: a.index)
    if is_branch(draft, late):
        raise EditError("branches are already joined by their step")
    names = [name_of(draft, early), name_of(draft, late)]
    follower = after(draft, late)
    rewired = follower is not None and reads(draft.step(follower)) in ([names[0]], [names[1]])
    name = draft.unique(late, name_for(op))
    new = late.sibling(late.index + 1)
    draft.insert(new, draft.written({name: written_call(op, {"from": names, **arguments})}))
    if rewired and follower is not None:
        draft.drop_key(follower.sibling(follower.index + 1), "from")
    if lead:
        _lead(draft, new, names, name)
    draft.selected = new


def readers(draft: Draft, first: Address, second: Address) -> list[str]:
    """The later steps that name one of two, and could read their join: `add, instead of bn2`."""
    first, second = _in_one_list(first, second)
    late = max(first, second, key=lambda a: a.index)
    follower = after(draft, late)
    names = {draft.step(a).fixed for a in (first, second)} - {None}
    descriptions = []
    for k, step in enumerate(siblings(draft, late)):
        met = [n for n in reads(step) if n in names]
        next_one = follower is not None and k == follower.index and len(reads(step)) == 1
        if k > late.index and met and not next_one:
            descriptions.append(f"{step.title}, instead of {' and '.join(met)}")
    return descriptions


def _lead(draft: Draft, new: Address, names: list[str], name: str) -> None:
    """Let later steps that refer to an input of a join refer to the join."""
    for k in range(new.index + 1, len(siblings(draft, new))):
        address = new.sibling(k)
        sources = reads(draft.step(address))
        led = list(dict.fromkeys(name if s in names else s for s in sources))
        if led != sources:
            set_source(draft, address, led)


def _in_one_list(first: Address, second: Address) -> tuple[Address, Address]:
    """The steps around two others that are in one list."""
    if first.block != second.block:
        raise EditError("the two steps are in different blocks")
    shared = 0
    most = min(len(first.way), len(second.way))
    while shared < most and first.way[shared] == second.way[shared]:
        shared += 1
    if shared == most:
        raise EditError("one step is inside the other")
    cut = shared + 1
    return Address(first.block, first.way[:cut]), Address(second.block, second.way[:cut])


def connect(draft: Draft, target: Address, source: Address) -> None:
    """Let a step read the result of another one, in addition if it accepts several inputs, otherwise instead."""
    step = draft.step(target)
    if step.each is not None or is_branch(draft, target):
        raise EditError("this step reads only the previous output")
    if step.branches:
        raise EditError("a join reads its branches: add one with `b`")
    if source.block != target.block:
        raise EditError("the two steps are in different blocks")
    deeper = len(source.way) > len(target.way)
    visible = not deeper and source.way[:-1] == target.way[: len(source.way) - 1]
    if not visible:
        raise EditError(
            "a reference cannot refer to a step inside another one: choose the outer step"
        )
    if source.way[-1] >= target.way[len(source.way) - 1]:
        raise EditError("a step can only read earlier steps")
    reference = name_of(draft, source)
    now = reads(step) or [source_of(draft, target)]
    several = _takes_several(step.op.text if step.op is not None else "", len(now))
    draft.set_key(target, "from", draft.written([*now, reference] if several else reference))
    draft.selected = target


def _takes_several(op: str, now: int) -> bool:
    layer = find_layer(op)
    return layer is not None and (layer.variadic or len(layer.inputs) > now)


def disconnect(draft: Draft, target: Address, edge: int) -> None:
    """Let a step no longer read one of its inputs."""
    sources = reads(draft.step(target))
    if len(sources) < 2:
        raise EditError("a step requires an input: connect it to another step")
    if not 0 <= edge < len(sources):
        raise EditError(f"no input {edge}")
    set_source(draft, target, [s for k, s in enumerate(sources) if k != edge])
    draft.selected = target


def remove(draft: Draft, address: Address) -> None:
    """Remove a step; its readers read its input."""
    step = draft.step(address)
    if not is_branch(draft, address):
        _bridge(draft, address)
    elif uses(draft, address):
        raise EditError(f"`{step.title}` is used elsewhere")
    steps = siblings(draft, address)
    draft.remove(address)
    left = len(steps) - 1
    draft.selected = address.sibling(min(address.index, left - 1)) if left else address.parent


def _bridge(draft: Draft, address: Address) -> None:
    step = draft.step(address)
    named = reads(step)
    follower = after(draft, address)
    if uses(draft, address):
        redirect(draft, address, source_of(draft, address))
    if named and follower is not None and by_default(draft.step(follower)):
        flowing = before(draft, address)
        if flowing is None or draft.step(flowing).fixed != named[0]:
            draft.set_key(follower, "from", draft.written(named[0]))


def move(draft: Draft, address: Address, by: int) -> None:
    """A step that changes places with the one before (-1) or after it (1)."""
    other = address.index + by
    if not 0 <= other < len(siblings(draft, address)):
        raise EditError("it is already the first step" if by < 0 else "it is already the last step")
    parent = draft.container(address)
    first, second = sorted((address.index, other))
    a, b = _piece(parent, first), _piece(parent, second)
    text = draft.text
    draft.splice((*a, text[b[0] : b[1]]), (*b, text[a[0] : a[1]]))
    draft.selected = address.sibling(other)


def _piece(container: text_ranges.Container, k: int) -> tuple[int, int]:
    """An item with the comment after it, and with the comments above it if they belong to it."""
    if text_ranges.is_flow(container):
        return text_ranges.content(container, k)
    start = text_ranges.begin(container, k)
    if k > 0 and text_ranges.leads(container, k) and text_ranges.leads(container, 0):
        text, head = container.source.text, text_ranges.head(container, k)
        start = head + len(text[head:]) - len(text[head:].lstrip(" "))
    return start, text_ranges.tail(container, k)


def copied_steps(draft: Draft, addresses: list[Address]) -> str:
    """Steps as text of their own, a list of them, as a spec would have it."""
    pieces = []
    for address in addresses:
        parent = draft.container(address)
        start, end = text_ranges.content(parent, address.index)
        margin = text_ranges.column(draft.text, start)
        steps_text = draft.text[start:end].replace("\r\n", "\n")
        pieces.append(
            "- "
            + text_ranges.indented(
                text_ranges.indented(steps_text, -margin, first=False), 2, first=False
            )
        )
    return "\n".join(pieces) + "\n"


def paste(draft: Draft, address: Address | None, text: str, block: str = "") -> None:
    """Insert the steps of a text after a step; names that exist get a number."""
    root = parse(text).root
    if not isinstance(root, Sequence) or not root.items:
        raise EditError("the clipboard does not contain a list of steps")
    insert_address = address if address is not None else Address(block, (-1,))
    if is_branch(draft, insert_address) if address is not None else False:
        raise EditError("steps cannot be pasted between branches")
    for k in range(len(root.items)):
        start, end = root.items[k].start, root.items[k].end
        margin = text_ranges.column(text, start)
        steps_text = text_ranges.indented(text[start:end], -margin, first=False)
        new = insert_address.sibling(insert_address.index + 1 + k)
        parent = draft.container(new) if address is not None or k else None
        if parent is None:
            raise EditError("no step to paste after")
        if text_ranges.is_flow(parent) and "\n" in steps_text:
            raise EditError("steps that span several lines cannot be pasted into brackets")
        taken = draft.names(new)
        draft.insert(new, steps_text)
        step = draft.step(new)
        if step.fixed in taken and step.fixed is not None:
            place = step.place
            draft.splice((place.start, place.end, draft.written(_fresh(step.fixed, taken))))
        draft.selected = new


def _fresh(name: str, taken: set[str]) -> str:
    base, number = name.rstrip("0123456789") or "step", 1
    while f"{base}{number}" in taken:
        number += 1
    return f"{base}{number}"
