"""A layer written as the call of its constructor in Python, `nn.Conv2d(3, 64, 3)`, as the step that it is."""

from __future__ import annotations

import re

from netspec.diagnostics import Edit, Help
from netspec.document import TextNode
from netspec.layers import find

_CALL = re.compile(r"([\w.]+)\((.*)\)", re.DOTALL)
_ARGUMENTS = re.compile(r"(?:[^,()\[\]]|\([^()]*\)|\[[^\[\]]*\])+")
_KEYWORD = re.compile(r"(\w+)\s*=\s*(.*)", re.DOTALL)
_VALUE = re.compile(r"[\w.+-]+|[(\[][\w.+-]+(?: *, *[\w.+-]+)*,?[)\]]|'[\w.-]*'|\"[\w.-]*\"")
_WORDS = {"True": "true", "False": "false", "None": "null"}


def constructor_call(name: str, op: str, node: TextNode) -> Help | None:
    """The step for a constructor call of a layer; None if an argument is not a literal."""
    match, layer = _CALL.fullmatch(name), find(op)
    if match is None or layer is None or len(name) > 400:
        return None
    names = list(layer.arguments)
    arguments: dict[str, str] = {}
    for index, written in enumerate(filter(str.strip, _ARGUMENTS.findall(match[2]))):
        keyword = _KEYWORD.fullmatch(written.strip())
        text = (keyword[2] if keyword else written).strip()
        argument = keyword[1] if keyword else names[index] if index < len(names) else ""
        if argument not in names or argument in arguments or not _VALUE.fullmatch(text):
            return None
        arguments[argument] = _as_yaml(text)
    listed = "".join(f", {key}: {value}" for key, value in arguments.items())
    step = f"{{op: {op}{listed}}}" if arguments else op
    return Help(f"write `{step}`", _edits(step, node))


def _as_yaml(text: str) -> str:
    if text[0] in "([":
        items = (item.strip() for item in text[1:-1].strip(", ").split(","))
        return f"[{', '.join(_WORDS.get(item, item) for item in items)}]"
    return _WORDS.get(text, text.strip("'\""))


def _edits(step: str, node: TextNode) -> tuple[Edit, ...]:
    """The edit, where the call is a step of its own and not the value of `op`."""
    text = node.source.text
    before = text[max(node.start - 80, 0) : node.start].rstrip()
    return () if before.endswith("op:") else (Edit(node.span, step),)
