"""Arguments of another library whose number differs here: the momentum of Keras is 1 minus that of PyTorch."""

from __future__ import annotations

from netspec.diagnostics import Edit, Help
from netspec.document import Scalar, TextNode
from netspec.elaborate.scope import Reader
from netspec.elaborate.step_context import StepContext
from netspec.layers.other_names import complemented_argument
from netspec.record import replace

_DIGITS = 12


def with_converted_values(name: str, help_: Help, reader: Reader) -> Help:
    """The help that names the layer, with the edit of an argument that has another value there."""
    argument = complemented_argument(name)
    if not argument or not help_.edits or not isinstance(reader, StepContext):
        return help_
    written = next((v for k, v in reader.step.arguments if k.text == argument), None)
    if written is None:
        return help_
    converted = _complement(written)
    if not converted:
        return replace(help_, safe=False)
    text = f"{help_.text.removesuffix(')')}: write `{argument}: {converted}`)"
    return replace(help_, text=text, edits=(*help_.edits, Edit(written.span, converted)))


def _complement(node: TextNode) -> str:
    """1 minus a number from 0 to 1; empty for other values."""
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        return ""
    return f"{round(1 - value, _DIGITS):g}"
