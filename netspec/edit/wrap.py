"""Combines steps into a group, a repeat or a block, and separates them again: the network stays the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from netspec.check import check_text
from netspec.compare import facts
from netspec.document import Mapping, Scalar, TextNode
from netspec.document import Sequence as List
from netspec.edit import text_ranges
from netspec.edit.address import Address
from netspec.edit.draft import Draft, EditError
from netspec.edit.entry_edits import set_root
from netspec.edit.step_inputs import is_branch
from netspec.graph import Graph
from netspec.syntax import Body, Step

_NAME = re.compile(r"[A-Za-z_]\w*")


def same_network(draft: Draft, edit: Callable[[], None]) -> None:
    """Make an edit that must change nothing but names and places. Raises `EditError` if it does."""
    before = check_text(draft.text, draft.name)
    edit()
    after = check_text(draft.text, draft.name)
    if len(after.errors) > len(before.errors):
        known_messages = {d.message for d in before.errors}
        first = next(d.message for d in after.errors if d.message not in known_messages)
        raise EditError(f"the change causes an error: {first}")
    if before.errors or before.graph is None or after.graph is None:
        return
    if _anatomy(before.graph) != _anatomy(after.graph):
        raise EditError("the change alters the network")


def _anatomy(graph: Graph) -> list[object]:
    """A network without the names of its nodes."""
    number = {n.path: k for k, n in enumerate(graph.nodes)}
    number |= {v.node.path: -1 - k for k, v in enumerate(graph.inputs)}
    nodes: list[object] = [
        (n.op, tuple((k, number.get(v, v)) for k, v in n.arguments), n.shapes, n.parameters, n.macs)
        for n in facts(graph).nodes
    ]
    nodes += [[(number[v.node.path], v.index) for v in n.inputs] for n in graph.nodes]
    return [*nodes, [(number[v.node.path], v.index) for v in graph.outputs.values]]


def wrap(draft: Draft, addresses: Sequence[Address], name: str, *, inline: bool = False) -> None:
    """Turn neighboring steps into a group; `inline` keeps the paths, and with them the names of weights."""
    first, last = _run(draft, addresses)
    same_network(draft, lambda: _wrapped(draft, first, last, name, inline=inline))
    draft.selected = first


def repeat(draft: Draft, addresses: Sequence[Address], count: str, name: str = "") -> None:
    """Repeat a step, or neighboring steps as a group; a count of one removes the repeat."""
    first, last = _run(draft, addresses)
    if first != last:
        _wrapped(draft, first, last, name or draft.unique(first, "stage"), inline=False)
    if count.strip() in ("", "1"):
        draft.drop_key(first, "repeat")
    else:
        draft.set_key(first, "repeat", draft.typed(count))
    draft.selected = first


def _run(draft: Draft, addresses: Sequence[Address]) -> tuple[Address, Address]:
    """The first and the last of steps that are in one list, one after the other."""
    ordered = sorted(set(addresses), key=lambda a: a.way)
    if not ordered:
        raise EditError("no step is selected")
    first, last = ordered[0], ordered[-1]
    together = [a for a in ordered if a.block == first.block and a.way[:-1] == first.way[:-1]]
    if len(together) < len(ordered) or last.index - first.index != len(ordered) - 1:
        raise EditError("the steps must be consecutive in one list")
    if is_branch(draft, first) and first != last:
        raise EditError("branches are already joined by their step")
    return first, last


def _wrapped(draft: Draft, first: Address, last: Address, name: str, *, inline: bool) -> None:
    parent, name_text, text = draft.container(first), draft.written(name), draft.text
    if not isinstance(parent, List):
        raise EditError("a branch is already a list of steps, or becomes one with `a`")
    if text_ranges.is_flow(parent):
        start, end = (
            text_ranges.content(parent, first.index)[0],
            text_ranges.content(parent, last.index)[1],
        )
        items = f"[{text[start:end]}]"
        body = (
            f'{{"inline": true, "body": {items}}}'
            if draft.as_json
            else f"{{inline: true, body: {items}}}"
        )
        draft.splice((start, end, f"{{{name_text}: {body if inline else items}}}"))
        return
    start = text_ranges.head(parent, first.index)
    end = text_ranges.tail(parent, last.index)
    dash = text_ranges.column(text, text_ranges.begin(parent, first.index))
    line_break = text_ranges.newline(text)
    leads = text_ranges.leads(parent, first.index)
    margin = " " * dash if leads else ""
    deeper = " " * (dash + 4)
    head = f"{margin}- {name_text}:{line_break}"
    if inline:
        head += f"{deeper}inline: true{line_break}{deeper}body:{line_break}"
    by = 6 if inline else 4
    region = text_ranges.indented(text[start:end], by, first=leads)
    draft.splice((start, end, head + (region if leads else " " * (dash + by) + region)))


# ---- blocks ------------------------------------------------------------------------------------------


def extract(
    draft: Draft, addresses: Sequence[Address], block: str, *, inline: bool = False
) -> None:
    """Neighboring steps as a block of its own, used where they were.

    A single group gives its steps, and keeps its name. What the steps say of parameters and loops
    around them becomes the block's own parameters.
    """
    first, last = _run(draft, addresses)
    if not _NAME.fullmatch(block):
        raise EditError(f"`{block}` is not a valid name for a block")
    if block in draft.spec.blocks:
        raise EditError(f"a block `{block}` already exists")
    if draft.as_json:
        raise EditError("blocks can be extracted only in YAML; this text is JSON")
    same_network(draft, lambda: _extracted(draft, first, last, block, inline=inline))


def _extracted(draft: Draft, first: Address, last: Address, block: str, *, inline: bool) -> None:
    step = draft.step(first)
    group = first == last and step.body is not None and isinstance(draft.details(first), type(None))
    if group and step.body is not None:
        items, free = _items_text(draft, step.body), _free(draft, first, step.body.node)
        name = step.title if step.name is not None else ""
    else:
        parent = draft.container(first)
        if not isinstance(parent, List):
            raise EditError("a branch cannot become a block: select the steps in it")
        nodes = parent.items[first.index : last.index + 1]
        items = _region(draft, parent, first.index, last.index)
        free = {k: v for node in nodes for k, v in _free(draft, first, node).items()}
        name = draft.unique(first, re.sub(r"(?<=[a-z\d])(?=[A-Z])", "_", block).lower())
    call = "".join(f", {n}: {_passed(n, t)}" for n, t in free.items())
    call += ", inline: true" if inline else ""
    use = f"{{op: {block}{call}}}" if call else block
    _replace(draft, first, last, f"{draft.written(name)}: {use}" if name else use)
    declared = "{" + ", ".join(f"{n}: {t}" for n, t in free.items()) + "}"
    lines = [f"{block}:", *([f"  params: {declared}"] if free else []), "  body:"]
    lines += text_ranges.indented(items, 4).split("\n")
    _declare(draft, "\n".join(lines))
    draft.selected = first


def _passed(name: str, kind: str) -> str:
    """A parameter passed on; where any text is a value, an equals sign marks an expression."""
    return f"={name}" if kind in ("any", "str") else name


def _replace(draft: Draft, first: Address, last: Address, item: str) -> None:
    parent = draft.container(first)
    if text_ranges.is_flow(parent):
        start, end = (
            text_ranges.content(parent, first.index)[0],
            text_ranges.content(parent, last.index)[1],
        )
        draft.splice((start, end, f"{{{item}}}" if ": " in item and item[0] != "{" else item))
        return
    start, end = text_ranges.begin(parent, first.index), text_ranges.tail(parent, last.index)
    dash = "- " if isinstance(parent, List) else ""
    draft.splice((start, end, f"{dash}{item}"))


def _region(draft: Draft, parent: List, first: int, last: int) -> str:
    """Items of a list as lines from the first column on."""
    if text_ranges.is_flow(parent):
        pieces = [
            draft.text[slice(*text_ranges.content(parent, k))] for k in range(first, last + 1)
        ]
        return "\n".join(f"- {p}" for p in pieces)
    start, end = text_ranges.head(parent, first), text_ranges.tail(parent, last)
    first_column = text_ranges.column(draft.text, text_ranges.begin(parent, first))
    text = draft.text[start:end].replace("\r\n", "\n")
    return text_ranges.indented(text, -first_column, first=text_ranges.leads(parent, first))


def _items_text(draft: Draft, body: Body) -> str:
    if not isinstance(body.node, List) or not body.node.items:
        raise EditError("it has no steps")
    return _region(draft, body.node, 0, len(body.node.items) - 1)


def _free(draft: Draft, address: Address, node: TextNode) -> dict[str, str]:
    """The parameters and loop variables around some steps that these mention, with their types."""
    known = _around(draft, address)
    mentioned: dict[str, None] = {}
    own = set(_bound(node))
    for scalar in _scalars(node):
        words = re.findall(r"(?<![\w.])[A-Za-z_]\w*", scalar.text)
        mentioned.update(dict.fromkeys(w for w in words if w in known and w not in own))
    return {name: known[name] for name in mentioned}


def _around(draft: Draft, address: Address) -> dict[str, str]:
    """The names that expressions may mention at a place, with the types of parameters."""
    block = draft.spec.blocks.get(address.block)
    declared = block.parameters if block is not None else draft.spec.parameters
    types = {name: p.type or "any" for name, p in declared.items()}
    here = address.parent
    while here is not None:
        types.update({key.text: "any" for key, _ in draft.step(here).each or ()})
        here = here.parent
    return types


def _scalars(node: TextNode) -> list[Scalar]:
    if isinstance(node, Scalar):
        return [node]
    if isinstance(node, List):
        return [s for item in node.items for s in _scalars(item)]
    if isinstance(node, Mapping):
        return [s for k, v in node.entries for s in (*_template(k), *_scalars(v))]
    return []


def _template(key: Scalar) -> list[Scalar]:
    return [key] if "{" in key.text else []


def _bound(node: TextNode) -> list[str]:
    """The loop variables that some steps bind themselves."""
    if isinstance(node, List):
        return [name for item in node.items for name in _bound(item)]
    if isinstance(node, Mapping):
        each = node.get("each")
        here = [k.text for k, _ in each.entries] if isinstance(each, Mapping) else []
        return [*here, *(name for _, v in node.entries for name in _bound(v))]
    return []


def _declare(draft: Draft, item: str) -> None:
    """Append a block to the others; a file without blocks gets its first."""
    blocks_node = draft.root.get("blocks")
    if isinstance(blocks_node, Mapping) and not text_ranges.is_flow(blocks_node):
        count, text = text_ranges.count(blocks_node), draft.text
        start, end, new = text_ranges.inserted(blocks_node, count, item)
        gap = (
            text[
                text_ranges.tail(blocks_node, count - 2) : text_ranges.head(blocks_node, count - 1)
            ]
            if count > 1
            else ""
        )
        airy = not count > 1 or gap.count("\n") > 1
        draft.splice((start, end, f"{text_ranges.newline(text) if airy else ''}{new}"))
        return
    if isinstance(blocks_node, Mapping) and text_ranges.count(blocks_node):
        raise EditError("the blocks are in braces: write them on separate lines first")
    if blocks_node is not None:
        root = draft.root
        key = root.key("blocks")
        assert key is not None
        draft.splice((key.end, blocks_node.end, ":\n" + text_ranges.indented(item, 2)))
        return
    set_root(draft, "blocks", "\n" + text_ranges.indented(item, 2))


def unfold(draft: Draft, address: Address) -> None:
    """Replace a use of a block by a group with the block's steps."""
    step = draft.step(address)
    block = draft.spec.blocks.get(step.op.text) if step.op is not None else None
    if block is None or block.file is not draft.spec:
        raise EditError("this step does not use a block of this file")
    if block.outputs is not None or len(block.inputs) > 1:
        raise EditError(f"`{block.name}` has its own inputs or outputs, which a group cannot have")
    if draft.as_json:
        raise EditError("blocks can be inlined only in YAML; this text is JSON")
    same_network(draft, lambda: _unfolded(draft, address, step))


def _unfolded(draft: Draft, address: Address, step: Step) -> None:
    assert step.op is not None
    block = draft.spec.blocks[step.op.text]
    argument_values = {key.text: value for key, value in step.arguments}
    values: dict[str, str] = {}
    for name, parameter in block.parameters.items():
        node = argument_values.get(name, parameter.default)
        values[name] = node.span.text if node is not None else name
    items = _substituted(draft, block.body, values)
    parent = draft.container(address)
    if text_ranges.is_flow(parent):
        raise EditError("it is in brackets: write the steps on separate lines first")
    other_keys = [(k, v) for k, v in _other_keys(draft, address, step)]
    title = draft.written(step.title) if step.name is not None else ""
    column = text_ranges.column(draft.text, text_ranges.begin(parent, address.index))
    inner = column + (4 if isinstance(parent, List) else 2)
    lines = [*(f"{k}: {v}" for k, v in other_keys), *(["body:"] if other_keys or not title else [])]
    margin = " " * inner
    head = f"{title}:" if title else ""
    body = text_ranges.indented(items, inner + (2 if lines else 0))
    if title:
        group_text = "\n".join([head, *(f"{margin}{line}" for line in lines), body])
    else:
        group_text = "\n".join(
            [lines[0], *(f"{' ' * (column + 2)}{line}" for line in lines[1:]), body]
        )
    dash = "- " if isinstance(parent, List) else ""
    start, end = text_ranges.begin(parent, address.index), text_ranges.tail(parent, address.index)
    draft.splice((start, end, dash + group_text.replace("\n", text_ranges.newline(draft.text))))
    draft.selected = address


def _other_keys(draft: Draft, address: Address, step: Step) -> list[tuple[str, str]]:
    """The keys of a use other than its arguments: `from`, `repeat`, `when`."""
    details = draft.details(address)
    arguments = {key.text for key, _ in step.arguments}
    return [
        (key.text, value.span.text)
        for key, value in (details.entries if details is not None else ())
        if key.text not in arguments and key.text not in ("op", "name")
    ]


def _substituted(draft: Draft, body: Body, values: dict[str, str]) -> str:
    """The steps of a block as text, with the values of its parameters inserted."""
    if not isinstance(body.node, List) or not body.node.items:
        raise EditError("it has no steps")
    region = _items_text(draft, body)
    changed = region
    for name, value in values.items():
        if value == name:
            continue
        plain = re.fullmatch(r"[\w.\"'-]+", value) is not None
        value_text = value if plain else f"({value})"
        pattern = rf"(?<![\w.]){re.escape(name)}(?![\w]|\s*:\s)"
        changed = re.sub(pattern, value_text.replace("\\", r"\\"), changed)
    return changed


def count_of(draft: Draft, address: Address) -> str:
    """The number of repeats of a step in the text."""
    node = draft.step(address).repeat
    return node.span.text if node is not None else "1"
