"""Ops to choose from, and calls as somebody types them: `Conv2d 64 3 padding=1`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from netspec.document import Scalar, parse
from netspec.edit.scalar_text import Data, plain
from netspec.elaborate import Catalog
from netspec.layers import OPS, find
from netspec.layers.base import Layer
from netspec.layers.documentation import documentation
from netspec.layers.index import CATEGORIES
from netspec.syntax import Block, Spec

_USUAL: dict[str, Data] = {
    "kernel_size": 3, "out_channels": 64, "out_features": 10, "hidden_size": 128, "num_embeddings": 1000,
    "embedding_dim": 64, "num_heads": 4, "nhead": 4, "num_groups": 4, "output_size": 1, "chunks": 2, "dim": 1,
    "upscale_factor": 2, "downscale_factor": 2, "normalized_shape": "[x.features]", "scale_factor": 2,
}  # fmt: skip
_FIRST = (
    "Conv2d", "ReLU", "BatchNorm2d", "MaxPool2d", "Linear", "Flatten", "AdaptiveAvgPool2d", "AvgPool2d", "Dropout",
    "Add", "Concat", "Mul", "GELU", "Sigmoid", "LayerNorm", "ConvTranspose2d", "Softmax",
)  # fmt: skip


@dataclass(frozen=True)
class Offer:
    """An op that may be chosen."""

    op: str
    detail: str
    doc: str


class CallError(Exception):
    """A call that cannot be read, and why."""


def offers(spec: Spec | None, catalog: Catalog | None = None) -> list[Offer]:
    """The blocks of the file, then all layers: those first that networks are mostly made of."""
    ops = [Offer(b.name, "block", b.doc) for b in _blocks(spec)]
    names = list(dict.fromkeys([*_FIRST, *OPS, *(catalog.own() if catalog else ())]))
    return [*ops, *(o for name in names if (o := _offer(name)) is not None)]


def _blocks(spec: Spec | None) -> Iterator[Block]:
    if spec is not None:
        yield from spec.blocks.values()


def _offer(op: str) -> Offer | None:
    return Offer(op, CATEGORIES.get(op, "custom"), "") if op else None


def sentence(op: str) -> str:
    """What a layer is, in a sentence."""
    layer = find(op)
    return documentation(layer).summary if layer is not None else ""


def matching(query: str, among: list[Offer]) -> list[Offer]:
    """The offers whose name has the letters of a query in order; those that begin with it first."""
    word = query.strip().partition(" ")[0].lower()
    if not word:
        return among
    ranked = [(rank, k, o) for k, o in enumerate(among) if (rank := _rank(word, o.op)) is not None]
    return [o for _, _, o in sorted(ranked, key=lambda r: r[:2])]


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


def arguments(op: str, typed: str, spec: Spec | None) -> dict[str, Data]:
    """The arguments of a call: what was typed, and usual values for what it needs besides.

    Values without a name go to the arguments that the op needs, in torch's order. Raises `CallError`.
    """
    layer, block = find(op), spec.blocks.get(op) if spec is not None else None
    names = _names(layer, block)
    needed = _needed(layer, block)
    order = [*needed, *(n for n in names if n not in needed)]
    values: dict[str, Data] = {}
    for word in re.findall(r"(?:[^\s\[\"]|\[[^\]]*\]|\"[^\"]*\")+", typed):
        name, equals, value = word.partition("=")
        if not equals:
            free = [n for n in order if n not in values]
            if not free:
                raise CallError(f"`{op}` takes nothing more: `{word}` is one too many")
            name, value = free[0], word
        if names and name not in names:
            raise CallError(f"`{op}` has no argument `{name}`: it has {', '.join(names[:8])}")
        values[name] = _value(value)
    for name in needed:
        values.setdefault(name, _usual(name, block))
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


def _needed(layer: type[Layer] | None, block: Block | None) -> list[str]:
    if layer is not None:
        return [n for n, a in layer.arguments.items() if a.required]
    if block is not None:
        return [n for n, p in block.parameters.items() if p.default is None]
    return []


def _usual(name: str, block: Block | None) -> Data:
    if name in _USUAL:
        return _USUAL[name]
    kind = block.parameters[name].type if block is not None else ""
    if kind == "op":
        return "ReLU"
    if kind in ("bool",):
        return False
    return "x.channels" if "channel" in name or "planes" in name or "width" in name else 2


def _value(text: str) -> Data:
    node = parse(text).root
    if isinstance(node, Scalar) or node is None:
        return plain(node) if node is not None else text
    return plain(node)
