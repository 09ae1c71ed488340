"""A layer from the declarations of its class: summary, arguments, inputs and outputs, and a valid example."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import cleandoc

from netspec.check import check_text
from netspec.elaborate import Catalog
from netspec.layer.argument_kinds import Boolean, Choice, Kind, ListOf, Number, OneOf, show
from netspec.layer.arguments import Argument
from netspec.layer.base import Layer
from netspec.layer.categories import TITLES
from netspec.layers import OPS, find
from netspec.layers.constant import InitializerArgument
from netspec.layers.documentation import documentation
from netspec.layers.op_tables import CATEGORIES
from netspec.record import record


@record(frozen=True, slots=True)
class Guide:
    """The description of one layer, without a spec that uses it."""

    op: str
    layer: type[Layer]
    summary: str
    shape: str
    note: str
    source: str

    @property
    def inputs(self) -> list[tuple[str, bool]]:
        """Its inputs by name, each with whether it is optional."""
        names = self.layer.inputs
        least = len(names) - self.layer.optional_inputs
        return [(name, k >= least) for k, name in enumerate(names)]

    @property
    def arguments(self) -> list[Argument]:
        """Its arguments, in torch's order."""
        return list(self.layer.arguments.values())

    def example(self, catalog: Catalog | None = None) -> str:
        """A short spec that uses it and is without a diagnostic: the declared one, or one that is found."""
        declared = cleandoc(self.layer.example)
        if declared:
            return _file(declared, self.layer)
        names = self.layer.inputs
        required = 2 if self.layer.variadic else len(names) - self.layer.optional_inputs
        for count in dict.fromkeys((required, max(required, len(names)))):
            step = _step(self.op, self.layer, count)
            for inputs in _inputs(self.layer, count):
                text = _file(f"inputs: {inputs}\nbody:\n  - {step}", self.layer)
                if not check_text(text, catalog=catalog).diagnostics:
                    return text
        return ""


def guide(op: str, layer: type[Layer]) -> Guide:
    """The guide to a layer, from its documentation."""
    described = documentation(layer)
    return Guide(op, layer, described.summary, described.shape, described.note, described.source)


def built_in() -> Iterator[tuple[str, list[Guide]]]:
    """The layers of netspec by category, under the title of each."""
    for category, title in TITLES.items():
        ops = [op for op in OPS if CATEGORIES[op] == category]
        guides = [guide(op, cls) for op in ops if (cls := find(op)) is not None]
        if guides:
            yield title, guides


def default_text(argument: Argument) -> str:
    """`required`, `inferred`, or `default: 1` with the default as a spec would write it."""
    if argument.required:
        return "required"
    return "inferred" if argument.inferred else f"default: {show(argument.default)}"


# ---- examples ------------------------------------------------------------------------------------


_USUAL = {
    "out_channels": 16, "out_features": 10, "hidden_size": 16, "num_embeddings": 1000,
    "embedding_dim": 64, "kernel_size": 3, "num_heads": 4, "nhead": 4, "num_groups": 4,
}  # fmt: skip
"""The values of arguments with these names in an example."""

_SHAPES = {
    "[N, 8, H, W]": "image", "[N, 8, L]": "sequence", "[N, 8, D, H, W]": "volume", "[N, 16]": "features",
    "[L, N, 16]": "sequence", "[N, 8, 32, 32]": "image",
}  # fmt: skip
"""Shapes that a layer may accept, and the name of such an input; likely ones first."""


def _file(text: str, layer: type[Layer]) -> str:
    return f"netspec: {layer.since}\n{text}\n"


def _step(op: str, layer: type[Layer], count: int) -> str:
    """A step with the arguments that the layer needs."""
    needed = {n: _value(n, a.kind) for n, a in layer.arguments.items() if a.required}
    several = layer.variadic or count > 1
    count = max(layer.fewest, 2) if layer.variadic else count
    written = {"op": op, **{n: show(v) for n, v in needed.items()}}
    if several:
        written["from"] = f"[{', '.join(_LETTERS[:count])}]"
    if len(written) == 1:
        return op
    return "{" + ", ".join(f"{k}: {v}" for k, v in written.items()) + "}"


_LETTERS = ("a", "b", "c", "d")


_DTYPES = {"integer": "int64", "bits": "int64", "boolean": "bool"}
"""The element types of inputs in an example, by their kind."""


def _inputs(layer: type[Layer], count: int) -> Iterator[str]:
    """Inputs that a layer may accept, likely ones first."""
    kinds = [layer.elements.get(name, "") for name in layer.inputs] or [""]
    for shape, name in _SHAPES.items():
        parts = [
            f"{{shape: {shape}, dtype: {_DTYPES[kind]}}}" if kind in _DTYPES else shape
            for kind in (kinds * 2)[: max(count, 1)]
        ]
        names = _LETTERS if count > 1 else ("tokens" if kinds[0] == "integer" else name,)
        yield "{" + ", ".join(f"{n}: {p}" for n, p in zip(names, parts, strict=False)) + "}"


def _value(name: str, kind: Kind) -> object:
    """A value that an argument may have."""
    if name in _USUAL:
        return _USUAL[name]
    if isinstance(kind, OneOf):
        return _value(name, kind.kinds[0])
    if isinstance(kind, Choice):
        return kind.order[0]
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, ListOf):
        return [_value(name, kind.each)] * (kind.exactly or max(kind.fewest, 1))
    if isinstance(kind, InitializerArgument):
        return "zeros_"
    return 0.5 if isinstance(kind, Number) else 2
