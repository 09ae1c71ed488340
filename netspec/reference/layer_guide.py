"""A layer as its class declares it: what it does, takes and gives, and an example that checks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from inspect import cleandoc

from netspec.check import check_text
from netspec.elaborate import Catalog
from netspec.layers import families
from netspec.layers.arguments import Argument, Choice, Either, Flag, Kind, Many, Number
from netspec.layers.base import Layer, show
from netspec.layers.constant import Initializer
from netspec.record import record


@record(frozen=True, slots=True)
class Guide:
    """What is known of one layer without a spec that uses it."""

    op: str
    layer: type[Layer]
    sentence: str
    shape: str
    """The line `Shape:` of its docstring, and what belongs to it."""
    source: str
    """Where it comes from, and what else there is to say."""

    @property
    def inputs(self) -> list[tuple[str, bool]]:
        """Its inputs by name, each with whether it may be left out."""
        names = self.layer.inputs
        least = len(names) - self.layer.optional_inputs
        return [(name, k >= least) for k, name in enumerate(names)]

    @property
    def arguments(self) -> list[Argument]:
        """Its arguments, in torch's order."""
        return list(self.layer.arguments.values())

    def example(self, catalog: Catalog | None = None) -> str:
        """A short spec that uses it and is without a finding: the declared one, or one that is found."""
        declared = cleandoc(self.layer.example)
        if declared:
            return _file(declared)
        step = _step(self.op, self.layer)
        for inputs in _inputs(self.layer):
            text = _file(f"inputs: {inputs}\nbody:\n  - {step}")
            if not check_text(text, catalog=catalog).diagnostics:
                return text
        return ""


def guide(op: str, layer: type[Layer]) -> Guide:
    """The guide to a layer, read off its docstring."""
    doc = cleandoc(layer.__doc__ or "")
    sentence, _, rest = doc.partition("\n\n")
    shape, _, source = rest.partition("\nSource: ")
    shape = re.sub(r"\s*\n\s*", " ", shape.removeprefix("Shape: "))
    return Guide(op, layer, " ".join(sentence.split()), shape, " ".join(source.split()))


def built_in() -> Iterator[tuple[str, list[Guide]]]:
    """The families of netspec's layers, each with what it is and its layers."""
    by_family: dict[str, list[Guide]] = {}
    for op, family in families().items():
        layer = getattr(import_module(f"netspec.layers.{family}"), op)
        by_family.setdefault(family, []).append(guide(op, layer))
    for family, guides in by_family.items():
        doc = import_module(f"netspec.layers.{family}").__doc__ or family
        yield doc.partition("\n")[0].rstrip("."), guides


def default_text(argument: Argument) -> str:
    """`required`, `inferred`, or the default as a spec would write it."""
    if argument.required:
        return "required"
    return "inferred" if argument.inferred else f"{show(argument.default)} by default"


# ---- examples ------------------------------------------------------------------------------------


_USUAL = {
    "out_channels": 16, "out_features": 10, "hidden_size": 16, "num_embeddings": 1000,
    "embedding_dim": 64, "kernel_size": 3, "num_heads": 4, "nhead": 4, "num_groups": 4,
}  # fmt: skip
"""What the arguments of these names are in an example."""

_SHAPES = {
    "[N, 8, H, W]": "image", "[N, 8, L]": "sequence", "[N, 8, D, H, W]": "volume", "[N, 16]": "features",
    "[L, N, 16]": "sequence", "[N, 8, 32, 32]": "image",
}  # fmt: skip
"""Shapes that a layer may take, and what an input of that shape is called; likely ones first."""


def _file(text: str) -> str:
    return f"netspec: 1\n{text}\n"


def _step(op: str, layer: type[Layer]) -> str:
    """A step with the arguments that the layer needs."""
    needed = {n: _value(n, a.kind) for n, a in layer.arguments.items() if a.required}
    several = layer.variadic or len(layer.inputs) - layer.optional_inputs > 1
    count = max(layer.fewest, 2) if layer.variadic else len(layer.inputs) - layer.optional_inputs
    written = {"op": op, **{n: show(v) for n, v in needed.items()}}
    if several:
        written["from"] = f"[{', '.join(_LETTERS[:count])}]"
    if len(written) == 1:
        return op
    return "{" + ", ".join(f"{k}: {v}" for k, v in written.items()) + "}"


_LETTERS = ("a", "b", "c", "d")


def _inputs(layer: type[Layer]) -> Iterator[str]:
    """Inputs that a layer may take, likely ones first."""
    count = 2 if layer.variadic else len(layer.inputs) - layer.optional_inputs
    kinds = [layer.elements.get(name, "") for name in layer.inputs] or [""]
    for shape, name in _SHAPES.items():
        parts = [
            f"{{shape: {shape}, dtype: int64}}" if kind == "whole" else shape
            for kind in (kinds * 2)[: max(count, 1)]
        ]
        names = _LETTERS if count > 1 else ("tokens" if kinds[0] == "whole" else name,)
        yield "{" + ", ".join(f"{n}: {p}" for n, p in zip(names, parts, strict=False)) + "}"


def _value(name: str, kind: Kind) -> object:
    """A value that an argument may have."""
    if name in _USUAL:
        return _USUAL[name]
    if isinstance(kind, Either):
        return _value(name, kind.kinds[0])
    if isinstance(kind, Choice):
        return kind.order[0]
    if isinstance(kind, Flag):
        return True
    if isinstance(kind, Many):
        return [_value(name, kind.each)] * (kind.exactly or max(kind.fewest, 1))
    if isinstance(kind, Initializer):
        return "zeros_"
    return 0.5 if isinstance(kind, Number) else 2
