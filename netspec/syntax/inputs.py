"""`inputs` and `dims`: the inputs, and the bounds of their sizes."""

from __future__ import annotations

from netspec.diagnostics import Code, Diagnostic, Help, did_you_mean
from netspec.document import Mapping, Scalar, Sequence, TextNode
from netspec.similar_words import closest
from netspec.syntax.fields import FieldReader
from netspec.syntax.key_tables import DIMENSION_KEYS, ELEMENT_TYPES, INPUT_KEYS
from netspec.syntax.keys import known, respelled_key
from netspec.syntax.model import Dimension, Input

_OTHER_TYPES = {
    "long": "int64", "int": "int64", "integer": "int64", "short": "int16", "byte": "uint8", "float": "float32",
    "double": "float64", "half": "float16", "boolean": "bool", "fp32": "float32", "fp16": "float16",
    "bf16": "bfloat16",
}  # fmt: skip
"""Names of element types in other places."""


class InputReader(FieldReader):
    """Reads the inputs of a network and the declarations of their sizes."""

    def inputs(self, node: TextNode | None) -> tuple[Input, ...]:
        """The inputs, in the order of the text."""
        if isinstance(node, Scalar | Sequence):
            from netspec.syntax.input_notations import unnamed_inputs

            unnamed = unnamed_inputs(node)
            if unnamed is not None:
                self.diagnostics.add(unnamed[0])
                return unnamed[1]
        inputs = []
        for key, value in self.mapping(node, "inputs"):
            shape: TextNode | None = value
            dtype = "float32"
            if isinstance(value, Mapping):
                value = known(value, INPUT_KEYS, self.diagnostics, "an input")
                shape = value.get("shape")
                dtype = self._dtype(value.get("dtype"))
                self.text(value, "doc")
            if not isinstance(shape, Sequence):
                self._no_shape(key, shape, value)
                continue
            inputs.append(Input(key.text, key, shape, dtype))
        return tuple(inputs)

    def with_inputs(self, root: Mapping) -> tuple[Mapping, tuple[Input, ...] | None]:
        """A file with `inputs` for one that has a shape under another key, such as `input_shape`."""
        from netspec.syntax.input_notations import shape_key, shape_key_diagnostic

        entry = shape_key(root)
        if entry is None:
            return root, None
        diagnostic, inputs = shape_key_diagnostic(*entry)
        self.diagnostics.add(diagnostic)
        entries = tuple(
            (respelled_key(key, "inputs"), value) if key is entry[0] else (key, value)
            for key, value in root.entries
        )
        return Mapping(root.source, root.start, root.end, entries), inputs

    def _no_shape(self, key: Scalar, shape: TextNode | None, value: TextNode) -> None:
        from netspec.syntax.input_notations import shape_help

        help_ = shape_help(key.text, shape or value)
        self.diagnostics.add(
            Diagnostic(
                Code.BAD_VALUE,
                f"the input `{key.text}` requires a shape",
                (shape or value).span,
                "not a list of sizes",
                helps=(help_ if shape is not None else Help(help_.text),),
            )
        )

    def _dtype(self, node: TextNode | None) -> str:
        if node is None:
            return "float32"
        text = self.steps.text_of(node, "`dtype`").removeprefix("torch.")
        if text not in ELEMENT_TYPES:
            suggestion = _OTHER_TYPES.get(text) or closest(text, ELEMENT_TYPES)
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
        """The declarations of the file about sizes, by symbol."""
        dimensions = {}
        for key, value in self.mapping(node, "dims"):
            dim = Dimension(key.text, key, node=value)
            if isinstance(value, Mapping):
                value = known(value, DIMENSION_KEYS, self.diagnostics, "a size")
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
        """Reject a declaration that no size satisfies."""
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
