"""Resolves `from`, `outputs` and `share`."""

from __future__ import annotations

import re

from netspec.diagnostics import Code, Diagnostic, Help, Label, Suggestion, closest, did_you_mean
from netspec.document import Mapping, Scalar, Sequence, TextNode
from netspec.elaborate.call_arguments import Values
from netspec.elaborate.evaluator import expression_diagnostic
from netspec.elaborate.run_limits import passed, spend_work
from netspec.elaborate.scope import BodyScope, Reader, Result
from netspec.expr import UNKNOWN, ExpressionError, parse_template
from netspec.graph.nodes import Environment, Value, lost, unknown
from netspec.limits import LimitError
from netspec.syntax import Body, Step
from netspec.syntax.step_keys import RESERVED

_NAME = 4
"""Operations that a name counts as which a pattern is compared with, or a list has."""


class References:
    """Resolves references; reports unresolved ones, whose value is unknown."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self._steps_by_name: dict[Body, dict[str, Step]] = {}

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
            self._inside(text, head, node)
        else:
            self._unknown(text, node, frame)
        return result

    def _inside(self, text: str, head: str, node: TextNode) -> None:
        """Report a share of a step inside another one."""
        self.values.error(
            Code.UNKNOWN_REFERENCE,
            f"`{text}` is inside `{head}`, so it cannot be shared",
            node,
            "not a step of this body",
            f"share `{head}` as a whole; in a repeat, name the iterations: `{head}{{i}}`",
        )

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
            names = ", ".join(frame.most_similar(text)) or "none yet"
            self.values.error(
                Code.UNKNOWN_REFERENCE,
                f"`{text}` matches no earlier step of this body",
                node,
                "no match",
                f"the earlier steps are: {names}",
            )
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
        self._unknown(text, node, frame)
        return None

    def _output(self, result: Result, head: str, output: str, node: TextNode) -> Value | None:
        named = result.named or {}
        if output in named:
            return named[output]
        if lost(result.main) or any(map(lost, named.values())) or _unmade(result):
            return result.main
        if result.left_out:
            self.values.error(
                Code.UNKNOWN_REFERENCE,
                f"`{head}` is skipped here, so it has no output `{output}`",
                node,
                "skipped",
                f"add the same `when` to this step; `{head}` alone refers to its input",
                name=head,
            )
            return None
        suggestion = closest(output, named)
        if named:
            help_ = (
                did_you_mean(f"{head}.{suggestion}")
                if suggestion
                else f"its outputs are: {', '.join(named)}"
            )
        elif result.maker is not None and result.step is not None and result.step.body is not None:
            help_ = f"a dot refers to an output: declare `outputs` of `{head}`"
        else:
            help_ = f"write `{head}`"
        self.values.error(
            Code.UNKNOWN_REFERENCE,
            f"`{head}` has no output `{output}`",
            node,
            "unknown output",
            help_,
            name=node.span.text,
        )
        return None

    def parameter_unknown(self, head: str, text: str, node: TextNode, frame: BodyScope) -> None:
        """Report a parameter of no step."""
        if self._later(head.partition(".")[0], frame, node) is not None:
            self._unknown(head.partition(".")[0], node, frame)
            return
        suggestion = self._suggested_owner(head, frame)
        self.values.error(
            Code.UNKNOWN_REFERENCE,
            f"`{text}` is not a parameter of an earlier step",
            node,
            "not found",
            did_you_mean(f"{suggestion}.{text.rpartition('.')[2]}")
            if suggestion
            else (
                "write `step.parameter`, such as `wte.weight`, or the name of a "
                "`Parameter`; to share a step of a group, list it in the `outputs` of the "
                "group"
            ),
        )

    def _suggested_owner(self, head: str, frame: BodyScope) -> str | None:
        """The step, or the output of one, that the owner of a parameter probably refers to."""
        first, dot, output = head.partition(".")
        names = [n for n in frame.names() if n not in ("input", "previous")]
        step = first if first in names else closest(first, names)
        result = frame.find(step) if step is not None else None
        if step is None or result is None or not dot:
            return None if step == head else step
        suggestion = (
            output if output in (result.named or {}) else closest(output, result.named or {})
        )
        return f"{step}.{suggestion}" if suggestion is not None else None

    def _forward(self, text: str, node: TextNode, later: Step) -> None:
        """Report a reference to a step that is not run yet."""
        if later.node.start <= node.start <= later.node.end:
            self.values.error(
                Code.FORWARD_REFERENCE,
                f"`{text}` refers to itself",
                node,
                "this step",
                "refer to an earlier step; to repeat steps, use `repeat`",
                name=text,
            )
            return
        self.values.diagnostics.add(
            Diagnostic(
                Code.FORWARD_REFERENCE,
                f"`{text}` is declared later: a step can only read earlier steps",
                node.span,
                "refers to a later step",
                (Label(later.place.span, f"`{text}` is here"),),
                helps=(Help(f"move `{text}` up, or this step down"),),
                name=text,
            )
        )

    def _named(self, body: Body) -> dict[str, Step]:
        """The steps of a body by name, computed once."""
        steps = self._steps_by_name.get(body)
        if steps is None:
            steps = self._steps_by_name[body] = body.steps_by_name()
        return steps

    def _is_outside(self, text: str, frame: BodyScope) -> bool:
        """Whether it is an input or step of the file, which a block does not see."""
        inside = frame
        while inside.outer is not None:
            inside = inside.outer
        body = frame.file.body
        if body is None or inside.body is body:
            return False
        return text in self._named(body) or any(text == i.name for i in frame.file.inputs)

    def _later(self, text: str, frame: BodyScope, node: TextNode) -> Step | None:
        """The step of that name that is not before `node`: it comes later, or encloses it."""
        enclosing: BodyScope | None = frame
        while enclosing is not None:
            step = self._named(enclosing.body).get(text)
            if step is not None and step.node.end >= node.start:
                return step
            enclosing = enclosing.outer
        return None

    def _unknown(self, text: str, node: TextNode, frame: BodyScope) -> None:
        """Report a reference to nothing, unless it may mean a step whose name is lost."""
        if frame.lost:
            return
        text = text.partition(".")[0] or text
        later = self._later(text, frame, node)
        if later is not None:
            self._forward(text, node, later)
            return
        enough = self.values.budget.advice > 0
        suggestion = closest(text, frame.names()) if enough else None
        labels: tuple[Label, ...] = ()
        similar = frame.find(suggestion) if suggestion else None
        if similar is not None and similar.step is not None:
            labels = (Label(similar.step.place.span, "a step with a similar name"),)
        known = ", ".join(f"`{n}`" for n in frame.last_names(6))
        help_ = (
            did_you_mean(suggestion) if suggestion else (f"the names available here are: {known}")
        )
        if text in RESERVED:
            help_ = (
                f"`{text}` is a step key, so it cannot be a step name in this form: write "
                f"`{{name: {text}, …}}`"
            )
        elif suggestion is None and self._is_outside(text, frame):
            help_ = (
                "a block cannot read steps of its caller: declare `inputs`, and pass them "
                "with `from`"
            )
        elif suggestion is None and (several := _several(node, frame)):
            help_ = several
        elif text.lstrip("-").isdigit() and text != "-1":
            help_ = "name the step: only a named step can be referred to"
        self.values.error(
            Code.UNKNOWN_REFERENCE,
            f"there is no step or input `{text}` here",
            node,
            "not defined",
            help_,
            labels=labels,
            name=text,
        )


def _unmade(result: Result) -> bool:
    """Whether it belongs to a layer with invalid arguments, so that its results are unknown."""
    return getattr(result.maker, "layer", result) is None


def _several(node: TextNode, frame: BodyScope) -> str | Suggestion:
    """How several steps are read, where one text names them; `-1` of other formats is the previous step."""
    text = node.text if isinstance(node, Scalar) else ""
    if text == "-1":
        return did_you_mean("previous")
    match = _SEVERAL.fullmatch(text)
    if match is None:
        return ""
    names = [name.strip() for name in text.replace("+", ",").split(",")]
    if any(frame.find(name) is None for name in names):
        return ""
    listed = ", ".join(names)
    return (
        f"write `{{op: Add, from: [{listed}]}}`" if "+" in text else f"write a list: `[{listed}]`"
    )


_SEVERAL = re.compile(r"[\w.-]+(?: *[,+] *[\w.-]+)+")
"""Several names in one text."""
