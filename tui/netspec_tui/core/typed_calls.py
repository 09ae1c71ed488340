"""Ops to choose from, and calls as a user types them: `Conv2d 64 3 padding=1`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from netspec.document import Scalar, parse
from netspec.edit.scalar_text import Data, plain_data
from netspec.elaborate import Catalog
from netspec.layer.base import Layer
from netspec.layers import OPS, find
from netspec.layers.documentation import documentation
from netspec.layers.op_tables import CATEGORIES, SINCE
from netspec.syntax import LANGUAGE, Block, Spec

_DEFAULTS: dict[str, Data] = {
    "kernel_size": 3, "out_channels": 64, "out_features": 10, "hidden_size": 128, "num_embeddings": 1000,
    "embedding_dim": 64, "num_heads": 4, "nhead": 4, "num_groups": 4, "output_size": 1, "chunks": 2, "dim": 1,
    "upscale_factor": 2, "downscale_factor": 2, "normalized_shape": "[x.features]", "scale_factor": 2,
}  # fmt: skip
"""Values for required arguments that the user omits."""
_COMMON_OPS = (
    "Conv2d", "ReLU", "BatchNorm2d", "MaxPool2d", "Linear", "Flatten", "AdaptiveAvgPool2d", "AvgPool2d", "Dropout",
    "Add", "Concat", "Mul", "GELU", "Sigmoid", "LayerNorm", "ConvTranspose2d", "Softmax",
)  # fmt: skip
"""The ops at the top of the list."""


@dataclass(frozen=True)
class OpChoice:
    """An op that may be chosen."""

    op: str
    detail: str
    doc: str


class CallError(Exception):
    """A call that cannot be read, and why."""


def op_choices(spec: Spec | None, catalog: Catalog | None = None) -> list[OpChoice]:
    """The blocks of the file, then all layers, the most common ones first."""
    blocks = [
        OpChoice(b.name, "block", b.doc) for b in (spec.blocks.values() if spec is not None else ())
    ]
    custom = catalog.own() if catalog else ()
    version = spec.version if spec is not None else LANGUAGE
    builtin = [op for op in OPS if SINCE.get(op, 1) <= version]
    names = list(dict.fromkeys([*_COMMON_OPS, *builtin, *custom]))
    return [*blocks, *(c for name in names if (c := _op_choice(name)) is not None)]


def _op_choice(op: str) -> OpChoice | None:
    return OpChoice(op, CATEGORIES.get(op, "custom"), "") if op else None


def sentence(op: str) -> str:
    """The summary of a layer, in a sentence."""
    layer = find(op)
    return documentation(layer).summary if layer is not None else ""


def matching_ops(query: str, choices: list[OpChoice]) -> list[int]:
    """The indexes of the choices whose name has the letters of a query in order, the best match first."""
    word = query.strip().partition(" ")[0].lower()
    if not word:
        return list(range(len(choices)))
    ranks = ((_rank(word, choice.op), k) for k, choice in enumerate(choices))
    return [k for _, k in sorted((rank, k) for rank, k in ranks if rank is not None)]


def _rank(word: str, op: str) -> int | None:
    low = op.lower()
    if low == word:
        return 0
    if low.startswith(word):
        return 1
    if word in low:
        return 2
    offset = -1
    for letter in word:
        offset = low.find(letter, offset + 1)
        if offset < 0:
            return None
    return 3


def call_arguments(op: str, typed: str, spec: Spec | None) -> dict[str, Data]:
    """The arguments of a call: the typed ones, and common values for required arguments that are omitted.

    Values without a name go to the required arguments, in PyTorch's order. Raises `CallError`.
    """
    layer, block = find(op), spec.blocks.get(op) if spec is not None else None
    names = _names(layer, block)
    required = _required(layer, block)
    order = [*required, *(n for n in names if n not in required)]
    values: dict[str, Data] = {}
    for word in re.findall(r"(?:[^\s\[\"]|\[[^\]]*\]|\"[^\"]*\")+", typed):
        name, equals, value = word.partition("=")
        if not equals:
            unset = [n for n in order if n not in values]
            if not unset:
                raise CallError(f"`{op}` has no more arguments: remove `{word}`")
            name, value = unset[0], word
        if names and name not in names:
            raise CallError(f"`{op}` has no argument `{name}`; it has {', '.join(names[:8])}")
        values[name] = _value(value)
    for name in required:
        values.setdefault(name, _default(name, block))
    if (
        op.startswith("Conv")
        and values.get("kernel_size") == 3
        and not typed.strip()
        and "Transpose" not in op
    ):
        values.setdefault("padding", 1)
    return values


def _names(layer: type[Layer] | None, block: Block | None) -> list[str]:
    if layer is not None:
        return [n for n, a in layer.arguments.items() if not a.inferred]
    return list(block.parameters) if block is not None else []


def _required(layer: type[Layer] | None, block: Block | None) -> list[str]:
    if layer is not None:
        return [n for n, a in layer.arguments.items() if a.required]
    if block is not None:
        return [n for n, p in block.parameters.items() if p.default is None]
    return []


def _default(name: str, block: Block | None) -> Data:
    if name in _DEFAULTS:
        return _DEFAULTS[name]
    type_name = block.parameters[name].type if block is not None else ""
    if type_name == "op":
        return "ReLU"
    if type_name == "bool":
        return False
    return "x.channels" if "channel" in name or "planes" in name or "width" in name else 2


def _value(text: str) -> Data:
    node = parse(text).root
    if isinstance(node, Scalar) or node is None:
        return plain_data(node) if node is not None else text
    return plain_data(node)
