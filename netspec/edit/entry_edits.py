"""Values of a spec: arguments of steps, parameters, inputs, presets, and keys of the file."""

from __future__ import annotations

from netspec.document import Mapping
from netspec.edit import text_ranges
from netspec.edit.address import Address
from netspec.edit.draft import Draft, EditError
from netspec.layers import find as find_layer
from netspec.syntax.key_tables import FILE_KEYS


def set_argument(draft: Draft, address: Address, name: str, text: str) -> None:
    """Set an argument or another key of a step to a typed text; remove it if the text is empty."""
    if not text.strip():
        draft.drop_key(address, name)
    else:
        draft.set_key(address, name, draft.typed(text))
    draft.selected = address


def set_op(draft: Draft, address: Address, op: str) -> None:
    """Another op for a step; arguments that the new one does not have are taken out."""
    step = draft.step(address)
    if step.op is None:
        raise EditError("a group has no op")
    draft.splice((step.op.start, step.op.end, draft.written(op)))
    layer = find_layer(op)
    block = draft.spec.blocks.get(op)
    known = set(layer.arguments) if layer else set(block.parameters) if block else None
    for key, _ in draft.step(address).arguments if known is not None else ():
        if known is not None and key.text not in known:
            draft.drop_key(address, key.text)
    draft.selected = address


def set_root(draft: Draft, key: str, value: str) -> None:
    """A key of the file; a new one is inserted in the order of the language page."""
    root = draft.root
    if root.get(key) is not None:
        draft.splice(text_ranges.set_value(root, key, value, as_json=draft.as_json))
        return
    order = list(FILE_KEYS)
    rank = order.index(key) if key in order else len(order)
    position = 0
    for k, (name, _) in enumerate(root.entries):
        if name.text not in order or order.index(name.text) < rank:
            position = k + 1
    key_text = f'"{key}"' if draft.as_json else key
    blank = "" if value.startswith("\n") else " "
    draft.splice(text_ranges.inserted(root, position, f"{key_text}:{blank}{value}"))


def set_entry(draft: Draft, section: str, name: str, text: str) -> None:
    """Set an entry of `params`, `inputs`, `dims`, `presets` or `budget` to a typed text.

    It is taken out where that is nothing.
    """
    section_node = draft.root.get(section)
    if not text.strip():
        splice = (
            text_ranges.without_key(section_node, name)
            if isinstance(section_node, Mapping)
            else None
        )
        if splice is not None:
            draft.splice(splice)
        return
    value = draft.typed(text)
    if section_node is None or not isinstance(section_node, Mapping):
        entry_text = f'{{"{name}": {value}}}' if draft.as_json else f"{{{name}: {value}}}"
        set_root(draft, section, entry_text)
        return
    draft.splice(text_ranges.set_value(section_node, name, value, as_json=draft.as_json))


def set_default(draft: Draft, block: str, name: str, text: str) -> None:
    """The default of a parameter of the file or of a block, in any form of declaration."""
    owner = draft.spec.blocks[block] if block else draft.spec
    declared = owner.parameters.get(name)
    if declared is None or declared.default is None:
        if block:
            raise EditError(f"`{name}` has no default in `{block}`: its uses set it")
        set_entry(draft, "params", name, text)
        return
    if not text.strip():
        raise EditError("a default must be a value")
    draft.splice((declared.default.start, declared.default.end, draft.typed(text)))
