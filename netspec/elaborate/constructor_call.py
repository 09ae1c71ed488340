"""A layer with its arguments in one text, `nn.Conv2d(3, 64, 3)` or `Conv2d 64 3`, as the step that it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from netspec.diagnostics import Edit, Help
from netspec.document import TextNode
from netspec.elaborate.op_value import Definition
from netspec.elaborate.scope import Reader
from netspec.elaborate.unnamed_arguments import argument_orders
from netspec.layers import find
from netspec.layers.other_names import without_module
from netspec.syntax import Block, Spec

_CALL = re.compile(r"([\w.]+)\((.*)\)", re.DOTALL)
_WORDS = re.compile(r"([A-Za-z_][\w.]*)[ ,]+(.*)", re.DOTALL)
_ARGUMENTS = re.compile(r"(?:[^,()\[\]]|\([^()]*\)|\[[^\[\]]*\])+")
_WORD_ARGUMENTS = re.compile(r"(?:[^ ,()\[\]]|\([^()]*\)|\[[^\[\]]*\])+")
_KEYWORD = re.compile(r"(\w+)\s*=\s*(.*)", re.DOTALL)
_VALUE = re.compile(r"[\w.+-]+|[(\[][\w.+-]+(?: *, *[\w.+-]+)*,?[)\]]|'[\w.-]*'|\"[\w.-]*\"")
_GRID = re.compile(r"\d+(?:x\d+){1,2}")
_PYTHON_WORDS = {"True": "true", "False": "false", "None": "null"}
_LONGEST = 400


class WrittenCall(NamedTuple):
    """An op and the texts of its arguments, in YAML."""

    op: str
    positional: list[str]
    by_name: dict[str, str]
    is_python: bool
    """Whether it is written as a call, so that the arguments are in the order of PyTorch."""


def written_call(text: str) -> WrittenCall | None:
    """What a text calls; None where it is not a call, or has an argument that is not a plain value."""
    call = _CALL.fullmatch(text)
    match = call or _WORDS.fullmatch(text)
    if match is None or len(text) > _LONGEST:
        return None
    written = WrittenCall(without_module(match[1])[1], [], {}, call is not None)
    pattern = _ARGUMENTS if call else _WORD_ARGUMENTS
    for argument in filter(str.strip, pattern.findall(match[2])):
        keyword = _KEYWORD.fullmatch(argument.strip())
        value = (keyword[2] if keyword else argument).strip()
        if not _VALUE.fullmatch(value):
            return None
        if keyword is None and not written.by_name:
            written.positional.append(_as_yaml(value))
        elif keyword is not None and keyword[1] not in written.by_name:
            written.by_name[keyword[1]] = _as_yaml(value)
        else:
            return None
    return written


def call_helps(call: WrittenCall, node: TextNode, reader: Reader, file: Spec) -> list[Help]:
    """The steps that a call can be, the most probable first."""
    definition = file.blocks.get(call.op) or find(call.op)
    if definition is None or not _has(definition, call.by_name):
        return []
    if not call.positional and not call.by_name:
        return [_help(call, (), node, 0, certain=True)]
    values = [_value(text) for text in call.positional]
    orders, certain = argument_orders(definition, values, reader, frozenset(call.by_name))
    if call.is_python and len(orders) > 1 and (not reader.x or reader.x[0].shape is None):
        orders, certain = [o for o in orders if o[0] == _declared(definition)[0]], True
    return [_help(call, order, node, k, certain=certain) for k, order in enumerate(orders)]


def _declared(definition: Definition) -> list[str]:
    """The names of the arguments of an op in their order."""
    return list(definition.parameters if isinstance(definition, Block) else definition.arguments)


def _has(definition: Definition, by_name: Mapping[str, str]) -> bool:
    names = _declared(definition)
    return all(name in names for name in by_name)


def _help(
    call: WrittenCall, order: tuple[str, ...] | list[str], node: TextNode, k: int, *, certain: bool
) -> Help:
    arguments = {**dict(zip(order, call.positional, strict=False)), **call.by_name}
    listed = "".join(f", {key}: {value}" for key, value in arguments.items())
    step = f"{{op: {call.op}{listed}}}" if arguments else call.op
    return Help(f"{'or ' * (k > 0)}write `{step}`", _edits(step, node), certain)


def _as_yaml(text: str) -> str:
    if text[0] in "([":
        items = (item.strip() for item in text[1:-1].strip(", ").split(","))
        return f"[{', '.join(_PYTHON_WORDS.get(item, item) for item in items)}]"
    if _GRID.fullmatch(text):
        return f"[{text.replace('x', ', ')}]"
    return _PYTHON_WORDS.get(text, text.strip("'\""))


def _value(text: str) -> object:
    """The value of an argument, as YAML reads it."""
    if text[0] == "[":
        return [_value(item.strip()) for item in text[1:-1].split(",")]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return {"true": True, "false": False, "null": None}.get(text, text)


def _edits(step: str, node: TextNode) -> tuple[Edit, ...]:
    """The edit, where the call is a step of its own and not the value of `op`."""
    text = node.source.text
    before = text[max(node.start - 80, 0) : node.start].rstrip()
    return () if before.endswith("op:") else (Edit(node.span, step),)
