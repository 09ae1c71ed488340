"""Resolves the name of an op: an op parameter, a block, a block of a used file, or a layer."""

from __future__ import annotations

from netspec import layers
from netspec.diagnostics import Code, Diagnostics, did_you_mean
from netspec.document import Entry, Mapping, TextNode
from netspec.elaborate.catalog import Catalog
from netspec.elaborate.evaluator import Evaluator, a_kind
from netspec.elaborate.op_value import Definition, OpValue
from netspec.elaborate.scope import Reader
from netspec.expr import UNKNOWN, LoopItem, Unknown
from netspec.layer.base import Layer
from netspec.similar_words import closest
from netspec.syntax import Block, Spec

_ARGUMENT_MARKS = frozenset(" ,(")
"""Characters between an op and its arguments, where both are in one text."""


class OpLookup(Evaluator):
    """Finds the layer or block of an op; reports unknown ones."""

    def __init__(self, diagnostics: Diagnostics, catalog: Catalog) -> None:
        super().__init__(diagnostics)
        self.catalog = catalog
        self._ops: dict[tuple[Spec, str], OpValue] = {}
        self._unknown_ops: set[tuple[TextNode, str]] = set()

    def definition(self, name: str, node: TextNode, reader: Reader, file: Spec) -> OpValue | None:
        """Resolve an op: an op parameter, a block, a block of a used file, or a layer."""
        if name[:1] == "=":
            return self._computed_op(name, node, reader, file)
        held = reader.env.get(name)
        if held is not None:
            if isinstance(held, LoopItem):
                held = held.value
            if isinstance(held, OpValue):
                reader.asked = True
                return held
            if held is UNKNOWN:
                return None
        known = self._ops.get((file, name))
        return known or self._defined(name, node, reader, file)

    def _computed_op(self, text: str, node: TextNode, reader: Reader, file: Spec) -> OpValue | None:
        """The op of a name, or of the value of an expression."""
        name = text[1:].strip()
        if name.replace(".", "_").isidentifier() and name not in reader.env:
            return self.definition(name, node, reader, file)
        value = self.expression(text[1:], node, reader, offset=1)
        if isinstance(value, OpValue) or value is UNKNOWN:
            return value if isinstance(value, OpValue) else None
        if isinstance(value, str) and value[:1] != "=":
            return self.definition(value, node, reader, file)
        self.error(
            Code.BAD_ARGUMENT,
            f"`{name}` is {a_kind(value)}, not an op",
            node,
            "not an op",
            "an expression for an op must return an op parameter, or the name of an op as text",
        )
        return None

    def _defined(self, name: str, node: TextNode, reader: Reader, file: Spec) -> OpValue | None:
        """The block or layer of that name."""
        definition: Definition | Unknown | None = None
        if name in file.blocks or ("." in name and not self._from_elsewhere(name, file)):
            definition = self._block(name, node, file)
            if definition is None:
                return None
        definition = definition or self._layer(name, node, file)
        if isinstance(definition, Unknown):
            return None
        if definition is None:
            self._unknown_op(name, node, reader, file)
            return None
        op = self._ops[file, name] = OpValue(name, definition, {})
        return op

    def _unknown_op(self, name: str, node: TextNode, reader: Reader, file: Spec) -> None:
        """Report an unknown op, once for all enclosing iterations."""
        if (node, name) in self._unknown_ops:
            return
        self._unknown_ops.add((node, name))
        from netspec.elaborate.unknown_op import unknown_op

        self.diagnostics.add(unknown_op(name, node, reader, file, self.catalog.names()))

    def _from_elsewhere(self, name: str, file: Spec) -> bool:
        """Whether a name with a dot is one of another library, such as `F.relu`, and of no file that is used."""
        alias = name.partition(".")[0]
        if not _ARGUMENT_MARKS.isdisjoint(alias):
            return True  # `Dropout 0.5`
        if any(key.text == alias for key, _ in _entries(file.root.get("use"))):
            return False
        from netspec.layers.other_names import translated

        return alias in ("nn", "torch", "F") or translated(name) is not None

    def _layer(self, name: str, node: TextNode, file: Spec) -> type[Layer] | Unknown | None:
        """The layer of that name; one whose declaration is broken is reported, and unknown."""
        layer = layers.find(name)
        if layer is not None and (layer.since == 1 or self._is_available(layer, file)):
            return layer
        from netspec.elaborate.custom_layers import OwnLayerError

        try:
            custom = self.catalog.custom(name)
            return custom if custom is not None or layer is None else self._newer(layer, node, file)
        except OwnLayerError as error:
            helps = (error.help,) if error.help else ()
            self.error(Code.OWN_LAYER, error.message, node, "cannot be used", *helps)
            return UNKNOWN

    def _is_available(self, layer: type[Layer], file: Spec) -> bool:
        """Whether a file means this layer of a later version of the language by its name."""
        return layer.since <= file.version and not self.catalog.is_in_files(layer.op)

    def _newer(self, layer: type[Layer], node: TextNode, file: Spec) -> type[Layer]:
        """A layer of a later version of the language than that of its file, which is reported once."""
        self.require_later(layer.op, Code.UNKNOWN_OP, node, file)
        return layer

    def _block(self, name: str, node: TextNode, file: Spec) -> Block | None:
        if name in file.blocks:
            return file.blocks[name]
        alias, _, block = name.partition(".")
        used = file.uses.get(alias)
        if used is None:
            self._no_alias(name, node, file)
            return None
        block_spec = used.blocks.get(block)
        if block_spec is None:
            suggestion = closest(block, used.blocks)
            self.error(
                Code.UNKNOWN_OP,
                f"`{used.name}` has no block `{block}`",
                node,
                "unknown block",
                did_you_mean(f"{alias}.{suggestion}")
                if suggestion
                else f"its blocks are: {', '.join(used.blocks)}",
                name=name,
            )
            block_spec = used.blocks.get(suggestion) if suggestion else None
        return block_spec

    def _no_alias(self, name: str, node: TextNode, file: Spec) -> None:
        """Report an op of a file that is not used."""
        from netspec.layers.other_names import method_of_tensors

        alias, _, block = name.partition(".")
        if not any(key.text == alias for key, _ in _entries(file.root.get("use"))):
            suggestion = closest(alias, file.uses)
            if suggestion is None and (layer := method_of_tensors(block)) is not None:
                words = did_you_mean(layer, " (ops are spelled without a tensor)")
                label = "not a layer or block"
                self.error(Code.UNKNOWN_OP, f"unknown op `{name}`", node, label, words, name=name)
                return
            self.error(
                Code.UNKNOWN_OP,
                f"unknown op `{name}`: `{alias}` is not declared under `use`",
                node,
                "unknown file",
                *(
                    [did_you_mean(f"{suggestion}.{block}")]
                    if suggestion
                    else [f"declare it: `use: {{{alias}: ./{alias}.yaml}}`"]
                ),
                name=alias,
            )


def _entries(node: TextNode | None) -> tuple[Entry, ...]:
    return node.entries if isinstance(node, Mapping) else ()
