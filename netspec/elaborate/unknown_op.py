"""What to say of an op that there is not."""

from __future__ import annotations

import re

from netspec import layers
from netspec.diagnostics import Code, Diagnostic, advice, closest, did_you_mean
from netspec.document import Node
from netspec.elaborate.op_value import OpValue
from netspec.elaborate.scope import Reader
from netspec.expr import Item
from netspec.spec import Spec

_CALL = re.compile(r"(\w+)\((.*)\)", re.DOTALL)
_OTHER_NAMES = {
    "cat": "Concat", "concatenate": "Concat", "dense": "Linear", "fc": "Linear", "view": "Reshape",
    "bmm": "MatMul", "swish": "SiLU", "plus": "Add", "multiply": "Mul", "upsampling": "Upsample",
}  # fmt: skip
"""What layers are called elsewhere."""


def unknown_op(name: str, node: Node, reader: Reader, file: Spec, known: list[str]) -> Diagnostic:
    """The finding on an op that is neither layer nor block, with what was probably meant of all layers `known`."""
    message, label = f"unknown op `{name}`", "not a layer or block"
    if reason := _out_of_scope(name):
        message, label, said = f"`{name}` of torch.nn is no op", "no layer", reason
    elif name in reader.env:
        message, label, said = _held(name, reader.env[name])
    elif name.partition("[")[0] in reader.env:
        said = f"write `={name}`: an expression begins with `=` here"
    elif called := _CALL.fullmatch(name):
        arguments = f"{{op: {called[1]}, …}}` with the arguments by their names"
        said = f"write `{arguments if called[2] else called[1] + '`'}"
    else:
        said = _meant(name, reader, file, known)
    return Diagnostic(
        Code.UNKNOWN_OP, message, node.span, label, helps=(advice(said, node.span),), name=name
    )


def _held(name: str, value: object) -> tuple[str, str, str]:
    """What to say of a parameter or loop variable that is no op: message, label and help."""
    loop, value = isinstance(value, Item), value.value if isinstance(value, Item) else value
    what = "loop variable" if loop else "parameter"
    said = f"declare it as one: `{name}: {{type: op, default: ReLU}}`"
    if isinstance(value, list) and value and all(isinstance(v, OpValue) for v in value):
        said = f"say which: `={name}[0]`"
    elif loop or (isinstance(value, str) and layers.find(value) is None):
        said = f"write `={name}` if it is the text of an op's name"
    return f"the {what} `{name}` is no op", "no op", said


def _meant(name: str, reader: Reader, file: Spec, known: list[str]) -> str:
    parameters = [k for k, v in reader.env.items() if isinstance(v, OpValue)]
    blocks = [*file.blocks, *(f"{a}.{b}" for a, used in file.uses.items() for b in used.blocks)]
    families = layers.families()
    meant = _OTHER_NAMES.get(name.lower()) or closest(name, [*parameters, *blocks, *known])
    if meant is None:
        return "an op is a layer of torch.nn, or a block of this file"
    if meant.lower() == name.lower() and meant in families:
        return did_you_mean(meant, " (ops are spelled as in torch.nn, capitals included)")
    return did_you_mean(f"{_of_rank(meant, name, reader)}")


def _of_rank(meant: str, name: str, reader: Reader) -> str:
    """The layer of the family that fits what flows in, where the name does not say how many axes it has."""
    shape = reader.x[0].shape if reader.x else None
    if re.search(r"\d", name):
        return meant
    other = re.sub(r"[123]d$", f"{len(shape) - 2 if shape is not None else 2}d", meant)
    return other if other in layers.families() else meant


def _out_of_scope(name: str) -> str:
    """Why a class of torch.nn is no layer; empty for every other name."""
    from netspec.layers.out_of_scope import OUT_OF_SCOPE

    return OUT_OF_SCOPE.get(name, "")
