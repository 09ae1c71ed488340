"""`inputs` and `dims`: what flows in, and what is known of its sizes."""

from __future__ import annotations

from netspec.diagnostics import Code, closest, did_you_mean
from netspec.document import Mapping, Sequence, TextNode
from netspec.syntax.fields import FieldReader
from netspec.syntax.key_tables import DIMENSION_KEYS, ELEMENT_TYPES, INPUT_KEYS
from netspec.syntax.keys import known
from netspec.syntax.model import Dimension, Input


class InputReader(FieldReader):
    """Reads the inputs of a network and the declarations of their sizes."""

    def inputs(self, node: TextNode | None) -> tuple[Input, ...]:
        """The inputs, in the order of the text."""
        inputs = []
        for key, value in self.mapping(node, "inputs"):
            shape: TextNode | None = value
            dtype = "float32"
            if isinstance(value, Mapping):
                value = known(value, INPUT_KEYS, self.findings, "an input")
                shape = value.get("shape")
                dtype = self._dtype(value.get("dtype"))
                self.text(value, "doc")
            if not isinstance(shape, Sequence):
                self.error(
                    Code.BAD_VALUE,
                    f"the input `{key.text}` needs a shape",
                    shape or value,
                    "not a list of sizes",
                    f"write `{key.text}: [N, 3, H, W]`; a name with a capital is a symbolic size",
                )
                continue
            inputs.append(Input(key.text, key, shape, dtype))
        return tuple(inputs)

    def _dtype(self, node: TextNode | None) -> str:
        if node is None:
            return "float32"
        text = self.steps.text_of(node, "`dtype`").removeprefix("torch.")
        if text not in ELEMENT_TYPES:
            suggestion = closest(text, ELEMENT_TYPES)
            self.error(
                Code.BAD_VALUE,
                f"`{text}` is not a torch dtype",
                node,
                "unknown dtype",
                did_you_mean(suggestion)
                if suggestion
                else f"a dtype is {', '.join(ELEMENT_TYPES)}",
            )
        return text

    def dims(self, node: TextNode | None) -> dict[str, Dimension]:
        """What the file says of sizes, by symbol."""
        dimensions = {}
        for key, value in self.mapping(node, "dims"):
            dim = Dimension(key.text, key, node=value)
            if isinstance(value, Mapping):
                value = known(value, DIMENSION_KEYS, self.findings, "a size")
                dim.least = self.positive(value.get("min")) or 1
                dim.most = self.positive(value.get("max"))
                dim.multiple_of = self.positive(value.get("multiple_of")) or 1
                dim.example = self.positive(value.get("example"))
                self.text(value, "doc")
                self.some_size(dim, value)
            else:
                dim.example = self.positive(value)
            dimensions[key.text] = dim
        return dimensions

    def some_size(self, dim: Dimension, node: Mapping) -> None:
        """Refuse a declaration that no size fulfils."""
        step, least = dim.multiple_of, dim.least
        smallest = -(-least // step) * step
        if dim.most is None or smallest <= dim.most:
            return
        also = f" and divisible by {step}" if step > 1 else ""
        self.error(
            Code.BAD_VALUE,
            f"no size {dim.name} is between {least} and {dim.most}{also}",
            node,
            f"the smallest allowed by `{'multiple_of' if smallest > least else 'min'}` is {smallest}",
        )
        dim.most = None
