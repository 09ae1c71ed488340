"""Completions at an offset. They depend on the lines only, so they work while the text does not parse."""

from __future__ import annotations

import re
from collections.abc import Iterator

from netspec.check import Report
from netspec.layer.argument_kinds import Boolean, Choice
from netspec.layers import OPS, find
from netspec.record import record
from netspec.reference.layer_guide import default_text, guide
from netspec.syntax.file import LANGUAGE
from netspec.syntax.key_tables import FILE_KEYS, STEP_KEYS

_OP = re.compile(r"\bop:\s*=?([A-Za-z_][\w.]*)?$|^\s*(?:- )+(?:[\w{}-]+:\s*)?([A-Za-z_]\w*)?$")
_STEP_OP = re.compile(r"\bop:\s*([A-Za-z_][\w.]*)")
_FROM = re.compile(r"\bfrom:\s*(?:\[[^\]]*)?([\w.]*)$")
_STEP_NAME = re.compile(r"^\s*- (?:- )*([A-Za-z_][\w-]*):", re.MULTILINE)
_VALUE = re.compile(r"([A-Za-z_]\w*):\s*([^,{}\[\]]*)$")


@record(frozen=True, slots=True)
class Offer:
    """One completion."""

    text: str
    kind: str
    """`layer`, `block`, `argument`, `key`, `step`, `parameter` or `value`."""
    detail: str = ""
    doc: str = ""


def complete(text: str, offset: int, report: Report | None) -> list[Offer]:
    """The completions at an offset of a text; `report` is the last one whose text could be read."""
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    if re.fullmatch(r"\w*", line):
        return [Offer(key, "key", doc=sentence) for key, sentence in FILE_KEYS.items()]
    if _FROM.search(line):
        return list(_steps(text, offset, report))
    if _OP.search(line):
        return list(_ops(report))
    if (value := _VALUE.search(line)) is not None:
        return [*_values(value[1], _op_around(text, offset)), *_parameters(report)]
    return list(_keys(_op_around(text, offset), report))


def _ops(report: Report | None) -> Iterator[Offer]:
    spec = report.spec if report is not None else None
    for block in spec.blocks.values() if spec is not None else ():
        yield Offer(block.name, "block", "block", block.doc)
    version = spec.version if spec is not None else LANGUAGE
    for op in OPS:
        layer = find(op)
        if layer is not None and layer.since <= version:
            layer_guide = guide(op, layer)
            yield Offer(op, "layer", layer_guide.shape, layer_guide.summary)


def _keys(op: str, report: Report | None) -> Iterator[Offer]:
    """The possible keys of a step: the arguments of its op first."""
    layer = find(op) if op else None
    for argument in layer.arguments.values() if layer is not None else ():
        yield Offer(argument.name, "argument", default_text(argument), argument.doc)
    spec = report.spec if report is not None else None
    block = spec.blocks.get(op) if spec is not None else None
    for parameter in block.parameters.values() if block is not None else ():
        yield Offer(parameter.name, "argument", parameter.type, parameter.doc)
    for key, sentence in sorted(STEP_KEYS.items()):
        yield Offer(key, "key", doc=sentence)


def _steps(text: str, offset: int, report: Report | None) -> Iterator[Offer]:
    names = [m[1] for m in _STEP_NAME.finditer(text, 0, offset)]
    for name in dict.fromkeys(reversed(names)):
        yield Offer(name, "step")
    spec = report.spec if report is not None else None
    for input_ in spec.inputs if spec is not None else ():
        yield Offer(input_.name, "step", input_.shape.span.text)
    yield from (Offer(word, "step") for word in ("previous", "input"))


def _values(name: str, op: str) -> Iterator[Offer]:
    layer = find(op) if op else None
    argument = layer.arguments.get(name) if layer is not None else None
    if argument is None:
        return
    if isinstance(argument.kind, Boolean):
        yield from (Offer(word, "value") for word in ("true", "false"))
    if isinstance(argument.kind, Choice):
        yield from (Offer(str(word), "value") for word in argument.kind.words)


def _parameters(report: Report | None) -> Iterator[Offer]:
    spec = report.spec if report is not None else None
    if spec is None:
        return
    declared = [spec.parameters, *(b.parameters for b in spec.blocks.values())]
    for parameter in {p.name: p for group in declared for p in group.values()}.values():
        yield Offer(parameter.name, "parameter", parameter.type, parameter.doc)


def _op_around(text: str, offset: int) -> str:
    """The op of the step that an offset is in: in the same braces, or in lines of the same indentation."""
    opened = text.rfind("{", 0, offset)
    if opened >= 0 and "}" not in text[opened:offset]:
        closed = text.find("}", offset)
        match = _STEP_OP.search(text, opened, closed if closed >= 0 else len(text))
        return match[1] if match else ""
    lines = text[:offset].split("\n")
    column = len(lines[-1]) - len(lines[-1].lstrip(" -"))
    for line in reversed(lines):
        indent = len(line) - len(line.lstrip(" -"))
        if line.strip() and indent < column:
            break
        if (match := _STEP_OP.search(line)) is not None:
            return match[1]
    return ""
