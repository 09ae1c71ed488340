"""The fields of a form: the arguments of a step, or the parameters, inputs and presets of a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from netspec.document import Mapping, TextNode
from netspec.edit import Draft
from netspec.edit.address import Address
from netspec.edit.entry_edits import set_argument, set_default, set_entry
from netspec.layer.argument_kinds import Boolean, Choice, Kind, OneOf
from netspec.layer.arguments import Argument
from netspec.layers import find
from netspec.reference.layer_guide import default_text
from netspec.syntax import Parameter, Spec, Step
from netspec.syntax.key_tables import STEP_KEYS

_KEYS = ("from", "repeat", "when", "expect", "doc")
"""The keys of a step that have a field in every form."""


@dataclass(frozen=True)
class FormField:
    """One value of the text that a form edits."""

    key: str
    value: str
    hint: str = ""
    """The meaning of an empty field."""
    help: str = ""
    words: tuple[str, ...] = ()
    """Values to suggest."""
    section: str = ""


def step_fields(step: Step, spec: Spec) -> list[FormField]:
    """A field for each argument of a step's op, and for the keys of every step."""
    written = {key.text: value.span.text for key, value in step.arguments}
    layer = find(step.op.text) if step.op is not None else None
    block = spec.blocks.get(step.op.text) if step.op is not None else None
    fields: list[FormField] = []
    if layer is not None:
        declared = sorted(layer.arguments.values(), key=lambda a: (a.inferred, not a.required))
        fields = [_argument(a, written.pop(a.name, "")) for a in declared]
    elif block is not None:
        fields = [_parameter(p, written.pop(p.name, "")) for p in block.parameters.values()]
    fields += [FormField(key, value, help="unknown argument") for key, value in written.items()]
    nodes: dict[str, TextNode | None] = {
        "from": step.source, "repeat": step.repeat, "when": step.when, "expect": step.expect,
    }  # fmt: skip
    for key in _KEYS:
        node = nodes.get(key)
        value = step.doc if key == "doc" else node.span.text if node is not None else ""
        fields.append(FormField(key, value, help=STEP_KEYS[key], section="every step"))
    return list(_on_one_line(fields))


def _on_one_line(fields: list[FormField]) -> Iterator[FormField]:
    """The fields whose value is on one line, or in brackets that fit on one line."""
    for field in fields:
        value = " ".join(field.value.split())
        if "\n" not in field.value:
            yield field
        elif value[:1] in ("[", "{") and "#" not in value:
            yield replace(field, value=value)


def _argument(argument: Argument, value: str) -> FormField:
    help = f"{argument.doc}\n{argument.kind.expected}; {default_text(argument)}"
    return FormField(argument.name, value, default_text(argument), help, _words(argument.kind))


def _words(kind: Kind) -> tuple[str, ...]:
    if isinstance(kind, Boolean):
        return ("true", "false")
    if isinstance(kind, Choice):
        return kind.order
    if isinstance(kind, OneOf):
        return tuple(word for each in kind.kinds for word in _words(each))
    return ()


def _parameter(parameter: Parameter, value: str) -> FormField:
    default = parameter.default.span.text if parameter.default is not None else "required"
    return FormField(parameter.name, value, default, parameter.doc or parameter.type)


def file_fields(spec: Spec) -> list[FormField]:
    """Fields for the parameters, inputs, symbols and presets of a file."""
    fields = [
        FormField(
            p.name,
            p.default.span.text if p.default is not None else "",
            "no default",
            p.doc or p.type,
            section="params",
        )
        for p in spec.parameters.values()
    ]
    fields.append(
        FormField(
            "new parameter", "", "name: value", "add a parameter: `width: 64`", section="params"
        )
    )
    fields += [
        FormField(i.name, i.shape.span.text, "", "shape, such as [N, 3, H, W]", section="inputs")
        for i in spec.inputs
    ]
    fields.append(
        FormField(
            "new input",
            "",
            "name: [N, 3, H, W]",
            "add an input: `image: [N, 3, H, W]`",
            section="inputs",
        )
    )
    for section in ("dims", "presets"):
        fields += list(_entries(spec, section))
    return list(_on_one_line(fields))


def _entries(spec: Spec, section: str) -> Iterator[FormField]:
    node = spec.root.get(section)
    if isinstance(node, Mapping):
        for key, value in node.entries:
            yield FormField(key.text, value.span.text, help=_SECTIONS[section], section=section)
    yield FormField(f"new {section[:-1]}", "", "name: value", _SECTIONS[section], section=section)


_SECTIONS = {
    "dims": "facts about a symbol: 224 as an example, or {min: 32, max: 512, multiple_of: 32, example: 224}",
    "presets": "a named set of parameters, such as {depth: 50, width: 2}",
}


def set_step_field(draft: Draft, address: Address, field: FormField, value: str) -> None:
    """Write the value of a field in the form of a step."""
    set_argument(draft, address, field.key, value)


def set_file_field(draft: Draft, field: FormField, value: str) -> None:
    """Write the value of a field in the form of the file."""
    if field.key.startswith("new "):
        name, colon, value_text = value.partition(":")
        if colon and name.strip().isidentifier() and value_text.strip():
            set_entry(draft, field.section, name.strip(), value_text)
        return
    if field.section == "params":
        set_default(draft, "", field.key, value)
    elif field.section == "inputs":
        declared = next((i for i in draft.spec.inputs if i.name == field.key), None)
        if declared is not None and value.strip():
            draft.splice((declared.shape.start, declared.shape.end, draft.typed(value)))
    else:
        set_entry(draft, field.section, field.key, value)
