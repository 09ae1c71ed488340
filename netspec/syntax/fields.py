"""The common part of the readers of a file: errors, texts, numbers, and mappings by name."""

from __future__ import annotations

import re
from keyword import iskeyword

from netspec.diagnostics import Code, Diagnostic, Help
from netspec.document import Entry, Mapping, Scalar, Sequence, TextNode
from netspec.syntax.steps import StepReader

_RANGE = r"[\[(\"']? *\d+ *(?:,|-|\.\.\.?|to|:) *\d+ *[\])\"']?"
"""A pattern that only a message needs: it is compiled then."""
_EXAMPLES = {
    "params": "{width: 64}",
    "presets": "{large: {width: 128}}",
    "inputs": "{image: [N, 3, H, W]}",
    "dims": "{H: {min: 32}}",
    "use": "{resnet: ./resnet.yaml}",
    "blocks": "{Block: [ReLU]}",
    "init": "{Conv2d: {weight: zeros_}}",
    "budget": "{params: 1000000}",
}
"""The form of the mappings of a file."""


def is_word(name: str) -> bool:
    """Whether Python and expressions read a name as it is written.

    >>> is_word("width"), is_word("class"), is_word("\u00b5")
    (True, False, False)
    """
    if not name.isidentifier() or iskeyword(name):
        return False
    if name.isascii():
        return True
    from unicodedata import normalize

    return normalize("NFKC", name) == name


class FieldReader:
    """Reads the fields of one part of a file; reports invalid ones and omits them."""

    def __init__(self, steps: StepReader) -> None:
        self.steps = steps
        self.diagnostics = steps.diagnostics

    def error(self, code: str, message: str, node: TextNode, label: str = "", *helps: str) -> None:
        """Report an error at `node`."""
        self.steps.error(code, message, node, label, *helps)

    def text(self, node: Mapping, key: str) -> str:
        """The text of a key; empty if it is missing."""
        value = node.get(key)
        return "" if value is None else self.steps.text_of(value, f"`{key}`")

    def mapping(self, node: TextNode | None, what: str) -> tuple[Entry, ...]:
        """The entries of a mapping, `what` being its key; anything else is an error."""
        if node is None or (isinstance(node, Scalar) and node.value is None):
            return ()
        if isinstance(node, Mapping):
            return node.entries
        return self._unmapped(node, what)

    def _unmapped(self, node: TextNode, what: str) -> tuple[Entry, ...]:
        """Report a value that is not a mapping; a list with one entry in each item is read as one."""
        from netspec.syntax.list_of_entries import as_mapping, listed_entries

        message, entries = f"`{what}` must be a mapping from names", listed_entries(node)
        if isinstance(node, Sequence) and entries:
            help_ = Help(f"write `{entries[0][0].text}: …` without `- `", as_mapping(node))
            diagnostic = Diagnostic(
                Code.BAD_VALUE, f"{message}, got a list", node.span, "a list", helps=(help_,)
            )
            self.diagnostics.add(diagnostic)
        else:
            shown = _EXAMPLES.get(what, "{name: …}")
            if what == "init" and isinstance(node, Scalar) and node.text.isidentifier():
                shown = f"{{Conv2d: {{weight: {node.text}}}}}"
            example = f"write `{what}: {shown}`"
            self.error(Code.BAD_VALUE, message, node, "not a mapping", example)
        return entries

    def number(self, node: TextNode | None) -> float | None:
        """A number as it is written."""
        if node is None:
            return None
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.error(Code.BAD_VALUE, "expected a number", node, "not a number")
            return None
        return value

    def positive(self, node: TextNode | None) -> int | None:
        """A size as it is written."""
        if node is None:
            return None
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 10**12:
            self.error(
                Code.BAD_VALUE,
                "expected an integer of at least 1",
                node,
                "not a size",
                *_as_range(node),
            )
            return None
        return value


def _as_range(node: TextNode) -> tuple[str, ...]:
    """How a range of sizes is written, where a list or another notation of one is in the place of a size."""
    numbers = re.findall(r"\d+", node.span.text)
    if len(numbers) != 2 or not re.fullmatch(_RANGE, node.span.text):
        return ()
    return (f"write `{{min: {numbers[0]}, max: {numbers[1]}}}`",)


def plain_value(node: TextNode) -> object:
    """The value of a tree, without its places."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [plain_value(item) for item in node.items]
    assert isinstance(node, Mapping)
    return {key.text: plain_value(value) for key, value in node.entries}
