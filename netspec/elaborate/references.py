"""Resolves `from`, `outputs` and `share`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from netspec.diagnostics import Code
from netspec.document import Mapping, Scalar, Sequence, TextNode
from netspec.elaborate.call_arguments import Values
from netspec.elaborate.evaluator import expression_diagnostic
from netspec.elaborate.run_limits import passed, spend_work
from netspec.elaborate.scope import BodyScope, Reader, Result
from netspec.expr import UNKNOWN, ExpressionError, parse_template
from netspec.graph.nodes import Environment, Value, lost, unknown
from netspec.limits import LimitError
from netspec.syntax import Step

if TYPE_CHECKING:
    from netspec.elaborate.unresolved_references import UnresolvedReferences

_NAME = 4
"""Operations that a name counts as which a pattern is compared with, or a list has."""


class References:
    """Resolves references; reports unresolved ones, whose value is unknown."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self.formula: Callable[[Scalar, BodyScope, Environment], Value]
        """Computes a formula in the place of a reference; the interpreter sets it."""
        self._unresolved: UnresolvedReferences | None = None

    @property
    def unresolved(self) -> UnresolvedReferences:
        """Reports references to nothing; loaded with the first one."""
        if self._unresolved is None:
            from netspec.elaborate.unresolved_references import UnresolvedReferences

            self._unresolved = UnresolvedReferences(self.values)
        return self._unresolved

    def inputs(
        self, step: Step, frame: BodyScope, env: Environment
    ) -> tuple[tuple[Value, ...], tuple[str, ...]]:
        """The inputs of a step, and their names if `from` is a mapping."""
        node = step.source
        if node is None:
            if frame.previous is None:
                return (), ()
            return (frame.previous.main,), ()
        if isinstance(node, Mapping):
            named = [(key.text, self.one(value, frame, env)) for key, value in node.entries]
            return tuple([value for _, value in named]), tuple([name for name, _ in named])
        return self.several(node, frame, env), ()

    def several(self, node: TextNode, frame: BodyScope, env: Environment) -> tuple[Value, ...]:
        """The values of a reference or a list of them."""
        if not isinstance(node, Sequence):
            return tuple([value for _, value in self.results(node, frame, env)])
        values = tuple([v for item in node.items for _, v in self.results(item, frame, env)])
        spend_work(self.values.budget, _NAME * len(values), node)
        return values

    def one(self, node: TextNode, frame: BodyScope, env: Environment) -> Value:
        """The one value that a reference means."""
        results = self.results(node, frame, env)
        if len(results) == 1:
            return results[0][1]
        self.values.error(
            Code.UNKNOWN_REFERENCE, f"this refers to {len(results)} steps, expected 1", node
        )
        return unknown(frame.level)

    def results(
        self, node: TextNode, frame: BodyScope, env: Environment
    ) -> list[tuple[str, Value]]:
        """The values that a reference means, each with the text that means it."""
        if isinstance(node, Scalar) and node.text[:1] == "=":
            value = self.formula(node, frame, env)
            return [(value.node.name, value)]
        text = self.text(node, frame, env)
        if text is None:
            matches = None
        elif "*" in text:
            return self._matching(text, node, frame)
        else:
            matches = self._find(text, node, frame)
        return [(text or "", matches or unknown(frame.level))]

    def release(
        self, step: Step, frame: BodyScope, env: Environment, names: tuple[str, ...]
    ) -> None:
        """Take back the inputs of a skipped step after the first one, which passes through.

        `names` are those of its inputs, where `from` gives them by name; the first one passes through.
        """
        if not isinstance(step.source, Sequence | Mapping):
            return
        nodes = (
            step.source.items
            if isinstance(step.source, Sequence)
            else [v for _, v in sorted(step.source.entries, key=lambda e: e[0].text != names[0])]
        )
        read = [result for node in nodes for result in self._read(node, frame, env)]
        for result in read[1:]:
            result.used -= 1

    def _read(self, node: TextNode, frame: BodyScope, env: Environment) -> list[Result]:
        if isinstance(node, Scalar) and node.text[:1] == "=":
            return []
        text = self.text(node, frame, env)
        if text is None:
            return []
        if "*" in text:
            matching = frame.matching(text) or frame.matching(text.rpartition(".")[0])
            return [result for _, result in matching]
        results = frame.find(text) or frame.find(text.rpartition(".")[0])
        return [] if results is None else [results]

    def text(self, node: TextNode, frame: BodyScope, env: Environment) -> str | None:
        """A reference with its computed parts filled in."""
        if not isinstance(node, Scalar) or node.value is None:
            self.values.error(
                Code.UNKNOWN_REFERENCE,
                "a reference must be the name of a step",
                node,
                "not a name",
                "write the name of an earlier step, `input` or `previous`",
            )
            return None
        if "{" not in node.text:
            return node.text
        try:
            reader = Reader(frame, env, (), {})
            rendered = parse_template(node.text).render(reader, self.values.budget)
        except LimitError as error:
            raise passed(error, node) from None
        except ExpressionError as error:
            self.values.diagnostics.add(expression_diagnostic(error, node))
            return None
        return None if rendered is UNKNOWN else str(rendered)

    def result(self, node: TextNode, frame: BodyScope, env: Environment) -> Result | None:
        """The step that a `share` means."""
        text = self.text(node, frame, env)
        if text is None:
            return None
        result = frame.find(text)
        head = text.partition(".")[0]
        if result is not None:
            result.used += 1
        elif head != text and frame.find(head) is not None:
            self.unresolved.inside(text, head, node)
        else:
            self.unresolved.name(text, node, frame)
        return result

    def _matching(self, text: str, node: TextNode, frame: BodyScope) -> list[tuple[str, Value]]:
        head, _, output = text.rpartition(".")
        if head and "*" not in output:
            matches = [
                (f"{name}.{output}", self._output(result, name, output, node))
                for name, result in self._matched(head, node, frame)
            ]
        else:
            matches = [(name, result.main) for name, result in self._matched(text, node, frame)]
        return [(name, value or unknown(frame.level)) for name, value in matches] or [
            (text, unknown(frame.level))
        ]

    def _matched(self, text: str, node: TextNode, frame: BodyScope) -> list[tuple[str, Result]]:
        """The steps that a pattern matches, at least one; if there is none, that is reported."""
        spend_work(self.values.budget, _NAME * len(frame.steps), node)
        matching = frame.matching(text)
        if not matching and not frame.lost:
            self.unresolved.pattern(text, node, frame)
        for _, result in matching:
            result.used += 1
        return matching

    def _find(self, text: str, node: TextNode, frame: BodyScope) -> Value | None:
        result = frame.find(text)
        if result is not None:
            result.used += 1
            return result.main
        head, dot, output = text.rpartition(".")
        if dot and (result := frame.find(head)) is not None:
            result.used += 1
            return self._output(result, head, output, node)
        self.unresolved.name(text, node, frame)
        return None

    def _output(self, result: Result, head: str, output: str, node: TextNode) -> Value | None:
        named = result.named or {}
        if output in named:
            return named[output]
        if lost(result.main) or any(map(lost, named.values())) or _unmade(result):
            return result.main
        self.unresolved.output(result, head, output, node)
        return None


def _unmade(result: Result) -> bool:
    """Whether it belongs to a layer with invalid arguments, so that its results are unknown."""
    return getattr(result.maker, "layer", result) is None
