"""Values of the text: expressions evaluated, op values resolved, parameters bound to their types."""

from __future__ import annotations

from netspec.diagnostics import Code, Diagnostic, Diagnostics, Help, Label, Suggestion, advice
from netspec.document import Mapping, Scalar, Sequence, TextNode
from netspec.elaborate.op_value import OpValue
from netspec.elaborate.run_limits import passed, spend_work
from netspec.elaborate.scope import Reader
from netspec.expr import (
    UNKNOWN,
    Expression,
    ExpressionError,
    LoopItem,
    evaluate,
    parse_expression,
)
from netspec.expr.errors import LONGEST_LIST
from netspec.expr.value_types import count_values
from netspec.layer.argument_kinds import InvalidValueError, Kind
from netspec.limits import LimitError, RunBudget
from netspec.record import replace
from netspec.similar_words import closest
from netspec.syntax import LANGUAGE, Spec

_FAILURE = 100
"""The number of operations that an invalid expression counts as: each one has a diagnostic."""
_YAML_1_1 = ("yes", "on", "no", "off")
"""Booleans of YAML 1.1, which are still common."""


class Evaluator:
    """Evaluates the values of a text; reports errors, whose value is `UNKNOWN`."""

    def __init__(self, diagnostics: Diagnostics) -> None:
        self.diagnostics = diagnostics
        self.budget = RunBudget()
        """The remaining budget of the run."""
        self.outdated: set[Spec] = set()
        """The files that are reported to use what a later version of the language introduced."""

    def error(
        self,
        code: str,
        message: str,
        node: TextNode,
        label: str = "",
        *helps: str | Help,
        labels: tuple[Label, ...] = (),
        name: str = "",
    ) -> None:
        """Report an error at `node`; `name` is the undefined name."""
        advices = tuple(h if isinstance(h, Help) else advice(h, node.span, name) for h in helps)
        self.diagnostics.add(
            Diagnostic(code, message, node.span, label, labels, helps=advices, name=name)
        )

    def value(
        self,
        node: TextNode,
        reader: Reader,
        *,
        text: bool = False,
        words: frozenset[str] = frozenset(),
    ) -> object:
        """The value of a field. `text`: whether text is text; `words`: the texts that are values."""
        if isinstance(node, Scalar):
            value = node.value
            if not isinstance(value, str):
                return value
            if value.startswith("="):
                return self.expression(value[1:], node, reader, offset=1)
            if text or value in words:
                return value
            if value in _YAML_1_1 and value not in reader.env:
                boolean_word = "true" if value in _YAML_1_1[:2] else "false"
                self.error(
                    Code.UNKNOWN_NAME,
                    f"`{value}` is text in YAML 1.2, not a boolean",
                    node,
                    "text",
                    Suggestion(f"write `{boolean_word}`", boolean_word),
                )
                return UNKNOWN
            return self.expression(value, node, reader)
        if isinstance(node, Sequence):
            return self._list(node, reader, text=text, words=words)
        assert isinstance(node, Mapping)
        entries = {k.text: self.value(v, reader, text=True) for k, v in node.entries}
        if any(v is UNKNOWN for v in entries.values()):
            return UNKNOWN
        return self._whole(entries, list(entries.values()), node)

    def _list(self, node: Sequence, reader: Reader, *, text: bool, words: frozenset[str]) -> object:
        items = [self.value(item, reader, text=text, words=words) for item in node.items]
        if any(item is UNKNOWN for item in items):
            return UNKNOWN
        return self._whole(items, items, node)

    def _whole(self, value: object, items: list[object], node: TextNode) -> object:
        """A list or mapping, unless it is too large: shared lists use no memory until they are written out."""
        if not any(isinstance(item, list | tuple | dict) for item in items):
            return value
        count = count_values(value)
        spend_work(self.budget, count, node)
        if count <= LONGEST_LIST:
            return value
        self.error(
            Code.BOUNDS,
            f"this value contains more than {LONGEST_LIST:,} values, including those of "
            "nested lists",
            node,
            "too large",
        )
        return UNKNOWN

    def expression(self, text: str, node: TextNode, reader: Reader, offset: int = 0) -> object:
        """The value of an expression that is in `node`."""
        try:
            parsed = parse_expression(text)
            value = evaluate(parsed, reader, self.budget)
            if parsed.functions or "pi" in parsed.names:
                self._later_words(parsed, node, reader)
        except LimitError as error:
            raise passed(error, node) from None
        except ExpressionError as error:
            spend_work(self.budget, _FAILURE, node)
            a_step = error.code == Code.UNKNOWN_NAME and text[error.end : error.end + 1] == "."
            if not (a_step and reader.frame.lost):  # then it may be the one whose name is lost
                diagnostic = expression_diagnostic(error, node, offset)
                if diagnostic.name in reader.later:
                    hint = f"`{diagnostic.name}` is declared later: declare it before this one"
                    diagnostic = replace(diagnostic, helps=(Help(hint),))
                self.diagnostics.add(diagnostic)
            return UNKNOWN
        return value.value if isinstance(value, LoopItem) else value

    def _later_words(self, parsed: Expression, node: TextNode, reader: Reader) -> None:
        """Report, once for each file, words that a later version of the language than the file's introduced."""
        file = reader.frame.file
        words = [*parsed.functions, *({"pi"} & parsed.names - reader.env.keys())]
        if words and file.version < LANGUAGE:
            self.require_later(min(words), Code.EXPRESSION, node, file)

    def require_later(self, word: str, code: str, node: TextNode, file: Spec) -> None:
        """Report, once for each file, a word that a later version of the language than the file's introduced."""
        if file in self.outdated:
            return
        from netspec.elaborate.language_version import later_version

        self.outdated.add(file)
        self.diagnostics.add(later_version(word, code, node, file))

    def argument(self, kind: Kind, node: TextNode, reader: Reader) -> object:
        """The value of an argument of a layer; its kind validates words."""
        if kind.initializes and isinstance(node, Mapping):
            from netspec.elaborate.initializer_arguments import read_mapping

            return read_mapping(node, self, reader)
        if kind.words and isinstance(node, Scalar) and isinstance(node.value, str):
            word = node.value
            a_word = word.isidentifier() and word not in reader.env
            if a_word and (kind.text or word in kind.words or closest(word, kind.words)):
                return word
        if isinstance(node, Scalar) and (
            node.value in kind.others_words
            or (node.value in _YAML_1_1 and not _takes_booleans(kind))
        ):  # the kind rejects it
            return node.value if node.value not in reader.env else self.value(node, reader)
        return self.value(node, reader, text=kind.text, words=kind.words)


def _takes_booleans(kind: Kind) -> bool:
    try:
        kind.accept(True)
    except InvalidValueError:
        return False
    return True


def a_kind(value: object) -> str:
    """The name of the type of a value, for messages."""
    kinds: list[tuple[type, str]] = [
        (bool, "true or false"),
        (int, "an integer"),
        (float, "a number"),
        (str, "text"),
        (list, "a list"),
        (type(None), "null"),
        (OpValue, "an op"),
    ]
    return next((name for kind, name in kinds if isinstance(value, kind)), "a size of a tensor")


def expression_diagnostic(error: ExpressionError, node: TextNode, offset: int = 0) -> Diagnostic:
    """The diagnostic of an error in an expression, at its characters if they are known."""
    assert isinstance(node, Scalar)
    span = node.part(offset + error.start, offset + error.end) if error.end else node.span
    unknown = error.code == Code.UNKNOWN_NAME
    name = node.text[offset + error.start : offset + error.end] if unknown else ""
    helps = tuple(advice(h, span) for h in error.helps)
    return Diagnostic(error.code, error.message, span, helps=helps, name=name)
