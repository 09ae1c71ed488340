"""Reports references to nothing: what was intended, and how it is written."""

from __future__ import annotations

import re

from netspec.diagnostics import Code, Diagnostic, Help, Label, did_you_mean
from netspec.document import Scalar, TextNode
from netspec.elaborate.call_arguments import Values
from netspec.elaborate.numbered_reference import numbered_reference
from netspec.elaborate.scope import BodyScope, Result
from netspec.similar_words import closest
from netspec.syntax import Body, Step
from netspec.syntax.step_keys import RESERVED


class UnresolvedReferences:
    """Reports references to nothing, unless the name of a step is unknown."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self._steps_by_name: dict[Body, dict[str, Step]] = {}

    def inside(self, text: str, head: str, node: TextNode) -> None:
        """Report a share of a step inside another one."""
        self.values.error(
            Code.UNKNOWN_REFERENCE,
            f"`{text}` is inside `{head}`, so it cannot be shared",
            node,
            "not a step of this body",
            f"share `{head}` as a whole; in a repeat, name the iterations: `{head}{{i}}`",
        )

    def pattern(self, text: str, node: TextNode, frame: BodyScope) -> None:
        """Report a pattern that matches no step."""
        names = ", ".join(frame.most_similar(text)) or "none yet"
        self.values.error(
            Code.UNKNOWN_REFERENCE,
            f"`{text}` matches no earlier step of this body",
            node,
            "no match",
            f"the earlier steps are: {names}",
        )

    def output(self, result: Result, head: str, output: str, node: TextNode) -> None:
        """Report an output that the step `head` does not have."""
        named = result.named or {}
        if result.left_out:
            self.values.error(
                Code.UNKNOWN_REFERENCE,
                f"`{head}` is skipped here, so it has no output `{output}`",
                node,
                "skipped",
                f"add the same `when` to this step; `{head}` alone refers to its input",
                name=head,
            )
            return
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

    def parameter(self, head: str, text: str, node: TextNode, frame: BodyScope) -> None:
        """Report a parameter of no step."""
        if self._later(head.partition(".")[0], frame, node) is not None:
            self.name(head.partition(".")[0], node, frame)
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

    def name(self, text: str, node: TextNode, frame: BodyScope) -> None:
        """Report a reference to nothing, unless it may mean a step whose name is lost."""
        if frame.lost:
            return
        text = text.partition(".")[0] or text
        later = self._later(text, frame, node)
        if later is not None:
            self._forward(text, node, later)
            return
        enough = self.values.budget.advice > 0
        suggestion = closest(text, frame.names()) if enough and text != _PREVIOUS else None
        labels: tuple[Label, ...] = ()
        similar = frame.find(suggestion) if suggestion else None
        if similar is not None and similar.step is not None:
            labels = (Label(similar.step.place.span, "a step with a similar name"),)
        self.values.error(
            Code.UNKNOWN_REFERENCE,
            f"there is no step or input `{text}` here",
            node,
            "not defined",
            self._help(text, node, frame, suggestion),
            labels=labels,
            name=text,
        )

    def _help(
        self, text: str, node: TextNode, frame: BodyScope, suggestion: str | None
    ) -> str | Help:
        """What to write instead of the name of no step."""
        if text in RESERVED:
            return (
                f"`{text}` is a step key, so it cannot be a step name in this form: write "
                f"`{{name: {text}, …}}`"
            )
        if suggestion is None and self._is_outside(text, frame):
            return (
                "a block cannot read steps of its caller: declare `inputs`, and pass them "
                "with `from`"
            )
        if (numbered := numbered_reference(text, node, frame)) is not None:
            return numbered
        if suggestion is None and (several := _several(node, frame)):
            return several
        if suggestion is not None:
            return did_you_mean(suggestion)
        known = ", ".join(f"`{n}`" for n in frame.last_names(6))
        return f"the names available here are: {known}"


def _several(node: TextNode, frame: BodyScope) -> str:
    """How several steps are read, where one text names them."""
    text = node.text if isinstance(node, Scalar) else ""
    if _SEVERAL.fullmatch(text) is None:
        return ""
    names = [name.strip() for name in text.replace("+", ",").split(",")]
    if any(frame.find(name) is None for name in names):
        return ""
    listed = ", ".join(names)
    return (
        f"write `{{op: Add, from: [{listed}]}}`" if "+" in text else f"write a list: `[{listed}]`"
    )


_PREVIOUS = "-1"
"""The step before, in formats that number the steps."""
_SEVERAL = re.compile(r"[\w.-]+(?: *[,+] *[\w.-]+)+")
"""Several names in one text."""
