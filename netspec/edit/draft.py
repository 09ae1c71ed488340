"""A text that is being edited: one splice at a time, read again after each."""

from __future__ import annotations

from netspec.diagnostics import Diagnostics
from netspec.document import Document, Mapping, Sequence, parse
from netspec.edit import text_ranges
from netspec.edit.address import (
    Address,
    body_of,
    container_of,
    holder,
    innermost_step,
    step_at,
    value_of,
)
from netspec.edit.scalar_text import Data, typed, written
from netspec.edit.text_ranges import Splice
from netspec.syntax import Spec, Step, read_spec


class EditError(Exception):
    """An edit that cannot be made, and why."""


class Draft:
    """A text and its tree. A draft that raises `EditError` is discarded."""

    def __init__(self, text: str, name: str = "<text>") -> None:
        self.name = name
        self._set(text)
        self.selected: Address | None = None
        """The step that an editor should select afterwards."""

    def _set(self, text: str) -> None:
        self.text = text
        self.document: Document = parse(text, self.name)
        self._spec: Spec | None = None

    @property
    def spec(self) -> Spec:
        """The spec of the text. Raises `EditError` if it cannot be read."""
        if self._spec is None:
            self._spec = read_spec(self.document, Diagnostics())
        if self._spec is None or not isinstance(self.document.root, Mapping):
            raise EditError("the text is not a valid spec: fix it first")
        return self._spec

    @property
    def root(self) -> Mapping:
        """The whole of the document."""
        return self.spec.root

    @property
    def as_json(self) -> bool:
        """Whether the text is JSON."""
        return self.text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[")

    def splice(self, *splices: Splice) -> None:
        """Apply several replacements at once; the result must be readable."""
        text = self.text
        for start, end, new in sorted(splices, reverse=True):
            text = text[:start] + new + text[end:]
        before = len(self.document.diagnostics)
        self._set(text)
        if len(self.document.diagnostics) > before:
            raise EditError(f"this cannot be written here: {self.document.diagnostics[0].message}")

    # ---- steps ------------------------------------------------------------------------------------

    def step(self, address: Address) -> Step:
        """The step of an address."""
        return step_at(self.spec, address)

    def container(self, address: Address) -> Sequence | Mapping:
        """The list, or the mapping of branches, that a step is in. Raises `EditError` for a lone step."""
        node = holder(container_of(self.spec, address))
        if node is None or node.source is not self.spec.document.source:
            raise EditError("no list to edit here")
        return node

    def step_at(self, offset: int) -> Address | None:
        """The innermost step at an offset."""
        return innermost_step(self.spec, offset)

    def written(self, value: Data) -> str:
        """A value as this text writes it."""
        return written(value, as_json=self.as_json)

    def typed(self, text: str) -> str:
        """A typed value, in the notation of this text."""
        return typed(text, as_json=self.as_json)

    def insert(self, address: Address, item: str) -> None:
        """Insert a step at the address; the current one comes after it."""
        parent = self.container(address)
        self.splice(text_ranges.inserted(parent, address.index, item))

    def remove(self, address: Address) -> None:
        """Take a step out."""
        self.splice(text_ranges.removed(self.container(address), address.index))

    # ---- keys of steps ------------------------------------------------------------------------------

    def details(self, address: Address) -> Mapping | None:
        """The keys of a step, where they are written out."""
        step = self.step(address)
        value = value_of(step)
        named = step.node is not value
        if isinstance(value, Mapping) and (named or step.place is not step.node):
            return value
        return None

    def set_key(self, address: Address, key: str, value: str) -> None:
        """Give a key of a step a value; the step is written out as far as that needs."""
        details = self.details(address)
        if details is not None:
            self.splice(text_ranges.set_value(details, key, value, as_json=self.as_json))
            return
        step = self.step(address)
        node = value_of(step)
        name, op = (f'"{key}"', '"op"') if self.as_json else (key, "op")
        if step.op is not None and node is step.op:
            value_text = self.text[node.start : node.end]
            self.splice((node.start, node.end, f"{{{op}: {value_text}, {name}: {value}}}"))
        elif isinstance(node, Sequence):
            self._group_with(address, node, f"{name}: {value}")
        else:
            raise EditError(f"`{step.title}` cannot have the key `{key}`")

    def _group_with(self, address: Address, node: Sequence, entry: str) -> None:
        """A group that was only a list of steps, rewritten as a body with another key."""
        text = self.text
        if text_ranges.is_flow(node):
            body = '"body"' if self.as_json else "body"
            group_text = f"{{{entry}, {body}: {text[node.start : node.end]}}}"
            self.splice((node.start, node.end, group_text))
            return
        named = self.step(address).node is not node
        column, line = (
            text_ranges.column(text, node.start),
            text_ranges.line_start(text, node.start),
        )
        end = text_ranges.newline(text)
        if not named:
            tail = text_ranges.tail(node, len(node.items) - 1)
            inner = text_ranges.indented(text[node.start : tail], 2, first=False)
            group_text = f"{entry}{end}{' ' * column}body:{end}{' ' * (column + 2)}{inner}"
            self.splice((node.start, tail, group_text))
            return
        key = text_ranges.column(text, self.step(address).place.start)
        margin = max(column, key + 2)
        lines = f"{' ' * margin}{entry}{end}{' ' * margin}body:{end}"
        tail = text_ranges.tail(node, len(node.items) - 1)
        inner = text_ranges.indented(text[line:tail], margin - column)
        self.splice((line, tail, lines + inner))

    def drop_key(self, address: Address, key: str) -> None:
        """Take a key of a step out, if it is there; a step with nothing but its op is its op."""
        details = self.details(address)
        splice = text_ranges.without_key(details, key) if details is not None else None
        if splice is None:
            return
        self.splice(splice)
        self._simplify(address)

    def _simplify(self, address: Address) -> None:
        details, step = self.details(address), self.step(address)
        if details is None or step.op is None or not text_ranges.is_flow(details):
            return
        if [k.text for k, _ in details.entries] == ["op"]:
            op_text = self.text[step.op.start : step.op.end]
            self.splice((details.start, details.end, op_text))

    # ---- names --------------------------------------------------------------------------------------

    def name_step(self, address: Address, name: str) -> None:
        """Give a step without a name one."""
        step, name_text = self.step(address), self.written(name)
        node, text = step.node, self.text
        if step.each is not None:
            raise EditError("a loop cannot have a name")
        if isinstance(node, Mapping) and not text_ranges.is_flow(node):
            end = f"{text_ranges.newline(text)}{' ' * text_ranges.column(text, node.start)}"
            self.splice((node.start, node.start, f"name: {name_text}{end}"))
        elif isinstance(node, Sequence) and not text_ranges.is_flow(node):
            end = f"{text_ranges.newline(text)}{' ' * text_ranges.column(text, node.start)}"
            self.splice((node.start, node.start, f"{name_text}:{end}"))
        elif text_ranges.is_flow(self.container(address)):
            self.splice((node.start, node.end, f"{{{name_text}: {text[node.start : node.end]}}}"))
        else:
            self.splice((node.start, node.start, f"{name_text}: "))

    def in_loop(self, address: Address) -> bool:
        """Whether a place is in the body of a loop, where names mention the variable or there are none."""
        parent = address.parent
        return parent is not None and self.step(parent).each is not None

    def called(self, address: Address, preferred: str, value: Data) -> str:
        """A new step for a place: with a name that nothing around has, or without one in a loop."""
        if self.in_loop(address):
            return self.written(value)
        return self.written({self.unique(address, preferred): value})

    def unique(self, address: Address, preferred: str) -> str:
        """A name that no step around has: the one wanted, or the next with a number."""
        taken = self.names(address)
        if preferred not in taken and preferred[-1:].isdigit():
            return preferred
        base = preferred.rstrip("0123456789") or "step"
        number = 1
        while f"{base}{number}" in taken:
            number += 1
        return f"{base}{number}"

    def names(self, address: Address) -> set[str]:
        """The names that a step in that place cannot have."""
        body = body_of(self.spec, address.block)
        names = {s.fixed for s in body.walk() if s.fixed is not None} if body is not None else set()
        block = self.spec.blocks.get(address.block)
        inputs = (
            [i.text for i in block.inputs]
            if block is not None
            else [i.name for i in self.spec.inputs]
        )
        parameters = block.parameters if block is not None else self.spec.parameters
        return {*names, *inputs, *parameters, "x", "i", "input", "previous"}
