"""`blocks`: named pieces of graph."""

from __future__ import annotations

from netspec.diagnostics import Code, Diagnostic, Label
from netspec.document import Mapping, Scalar, Sequence, TextNode
from netspec.syntax.fields import FieldReader
from netspec.syntax.formula_steps import formula_steps
from netspec.syntax.key_tables import BLOCK_KEYS
from netspec.syntax.keys import known
from netspec.syntax.model import Block, Body, Spec
from netspec.syntax.parameters import ParameterReader
from netspec.syntax.steps import StepReader


class BlockReader(FieldReader):
    """Reads blocks; one that cannot be read is there anyway, as failed."""

    def __init__(self, steps: StepReader, parameters: ParameterReader) -> None:
        super().__init__(steps)
        self.parameters = parameters.parameters

    def blocks(self, node: TextNode | None, spec: Spec) -> dict[str, Block]:
        """The blocks of a file by name."""
        blocks_by_name = {}
        if isinstance(node, Sequence) and node.items and all(map(_is_word, node.items)):
            return self._listed(node, spec)
        for key, value in self.mapping(node, "blocks"):
            blocks_by_name[key.text] = self._block(key, value, spec)
        return blocks_by_name

    def _listed(self, node: Sequence, spec: Spec) -> dict[str, Block]:
        """Names alone: blocks without bodies."""
        names = [item for item in node.items if isinstance(item, Scalar)]
        entries = ", ".join(f"{name.text}: [ReLU]" for name in names)
        message, help_ = "`blocks` must be a mapping from names", f"write `blocks: {{{entries}}}`"
        self.error(Code.BAD_VALUE, f"{message}, got a list", node, "a list of names", help_)
        return {n.text: Block(n.text, n, Body((), n), spec, failed=True) for n in names}

    def _block(self, key: Scalar, value: TextNode, spec: Spec) -> Block:
        if isinstance(value, Sequence):
            return Block(key.text, key, self.steps.body(value, f"the block `{key.text}`"), spec)
        if isinstance(value, Mapping) and value.get("op") is not None and value.get("body") is None:
            self.error(
                Code.MISSING_KEY,
                f"the block `{key.text}` has no `body`",
                key,
                "this is a step",
                f"write it as a list: `{key.text}: [{{op: …}}]`",
            )
            return Block(key.text, key, Body((), value), spec, failed=True)
        written = value
        if isinstance(value, Mapping) and value.get("body") is None:
            from netspec.syntax.mapping_of_steps import is_mapping_of_steps

            if is_mapping_of_steps(value):
                return Block(key.text, key, self.steps.body(value, f"the block `{key.text}`"), spec)
        if isinstance(value, Mapping):
            value = known(value, BLOCK_KEYS, self.diagnostics, "a block")
        body = value.get("body") if isinstance(value, Mapping) else None
        if not isinstance(value, Mapping) or body is None:
            if (
                value is written
            ):  # else it has a key that nothing is known by, which may be this one
                self.error(
                    Code.MISSING_KEY,
                    f"the block `{key.text}` has no `body`",
                    key,
                    "",
                    "a block is a list of steps, or a mapping with `body`",
                )
            return Block(key.text, key, Body((), value), spec, failed=True)
        block = Block(key.text, key, self.steps.body(body, "`body`"), spec)
        block.parameters = self.parameters(value.get("params"), of_a_block=True)
        block.inputs = self._names(value.get("inputs"))
        block.outputs = value.get("outputs")
        block.body.output_formulas = formula_steps(block.outputs)
        block.doc = self.text(value, "doc")
        return block

    def _names(self, node: TextNode | None) -> tuple[Scalar, ...]:
        if node is None:
            return ()
        items = node.items if isinstance(node, Sequence) else [node]
        names = [item for item in items if isinstance(item, Scalar)]
        if (
            len(names) != len(items)
            or not all(isinstance(n.value, str) for n in names)
            or not names
        ):
            self.error(Code.BAD_VALUE, "`inputs` of a block is a list of names", node)
        seen: dict[str, Scalar] = {}
        for k, name in enumerate(names):
            if name.text == "previous" or (name.text == "input" and k > 0):
                self.error(
                    Code.BAD_NAME,
                    f"an input of a block cannot be named `{name.text}`",
                    name,
                    "reserved for the previous step"
                    if name.text == "previous"
                    else ("reserved for the first input"),
                    "choose another name",
                )
            if name.text in seen:
                self.diagnostics.add(
                    Diagnostic(
                        Code.BAD_NAME,
                        f"two inputs are named `{name.text}`",
                        name.span,
                        labels=(Label(seen[name.text].span, "the first one"),),
                    )
                )
            seen[name.text] = name
        return tuple(seen.values())


def _is_word(node: TextNode) -> bool:
    return isinstance(node, Scalar) and isinstance(node.value, str)
