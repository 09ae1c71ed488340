"""Steps and bodies, from the tree of the text."""

from __future__ import annotations

from netspec.diagnostics import Code, Diagnostic, Diagnostics, advice
from netspec.document import Mapping, Scalar, Sequence, TextNode
from netspec.expr import ExpressionError, Template, parse_template
from netspec.syntax.formula_steps import formula_steps
from netspec.syntax.keys import Respelling, respelt
from netspec.syntax.model import UNNAMED, Body, Step
from netspec.syntax.step_keys import (
    FIELDS,
    MARKS_A_STEP,
    NO_ARGUMENTS,
    RESERVED,
    called,
    is_null,
    is_word_for_op,
    without_op,
)


class StepReader:
    """Reads steps; reports an invalid one and keeps its name, so that its value is unknown."""

    def __init__(self, diagnostics: Diagnostics, respelling: Respelling) -> None:
        self.diagnostics = diagnostics
        self.respelling = respelling
        self._bodies: dict[Sequence, Body] = {}
        """The bodies that were read, by the `id` of their nodes: an alias repeats one, mistakes and all."""

    def error(self, code: str, message: str, node: TextNode, label: str = "", *helps: str) -> None:
        """Report an error at `node`."""
        self.diagnostics.add(
            Diagnostic(
                code, message, node.span, label, helps=tuple(advice(h, node.span) for h in helps)
            )
        )

    def body(self, node: TextNode, owner: str) -> Body:
        """A list of steps; a single step in its place is taken as a list of one."""
        if not isinstance(node, Sequence):
            return self._unlisted(node, owner)
        known = self._bodies.get(node)
        if known is None:
            known = self._bodies[node] = Body(tuple([self.step(i) for i in node.items]), node)
        return known

    def _unlisted(self, node: TextNode, owner: str) -> Body:
        """Steps that are not in a list, as the body that they are."""
        from netspec.syntax.mapping_of_steps import is_one_step, not_a_list

        self.diagnostics.add(not_a_list(node, owner))
        if is_one_step(node) or (isinstance(node, Scalar) and isinstance(node.value, str)):
            return Body((self.step(node),), node)
        entries = node.entries if isinstance(node, Mapping) else []
        return Body(tuple([self.branch(key, value) for key, value in entries]), node)

    def step(self, node: TextNode) -> Step:
        """One step, in any of the forms of the language."""
        if isinstance(node, Mapping):
            return self._mapping(node)
        if isinstance(node, Sequence):
            if _has_values(node):
                return self._values(node)
            step = Step(node, node)
            step.body = self.body(node, "a group")
            return step
        assert isinstance(node, Scalar)
        if not isinstance(node.value, str):
            self.error(
                Code.BAD_STEP,
                f"a step cannot be `{node.text or 'null'}`",
                node,
                "expected an op, such as ReLU",
                "write a step as an op, `name: op`, or a list of steps",
            )
            return Step(node, node)
        step = Step(node, node)
        step.op = node
        return step

    def _values(self, node: Sequence) -> Step:
        """A list with numbers in it: an op with its arguments, but not their names."""
        from netspec.syntax.positional_arguments import listed_step

        step = listed_step(node)
        if step is not None:
            return step
        self.error(
            Code.BAD_STEP,
            f"a step cannot be `{node.span.text}`",
            node,
            "a list of values",
            "write `{op: …, …}`, with the name of each argument",
        )
        return Step(node, node)

    def named(self, key: Scalar, value: TextNode, node: TextNode) -> Step:
        """The step `key: value`."""
        if key.text[:1].isupper() and _has_values(value):
            from netspec.syntax.positional_arguments import positional_step

            return positional_step(key, value, value, node)
        if isinstance(value, Mapping) and len(value.entries) == 1:
            op, values = value.entries[0]
            if op.text[:1].isupper() and _has_values(values):
                from netspec.syntax.positional_arguments import positional_step

                step = positional_step(op, values, value, node)
                self._call(step, key)
                return step
        if isinstance(value, Mapping):
            step = self.details(value, node, key)
            if step.name is not None:
                self.error(Code.BAD_STEP, "a step has one name, not two", value.key("name") or key)
        elif is_null(value):
            self._empty(key)
            step = Step(node, key)
            if key.text[:1].isupper():
                step.op = key
                return step
        else:
            step = self.step(value)
        if step.each is not None:
            self.error(
                Code.BAD_STEP,
                "a loop cannot have a name: it adds no level to the path",
                key,
                "",
                "wrap the loop in a group of that name, or remove the name",
            )
            return step
        step.node, step.place = node, key
        self._call(step, key)
        return step

    def _call(self, step: Step, key: Scalar) -> None:
        """Name a step; in a name `{…}` is an expression."""
        if not key.text:
            self.error(Code.BAD_NAME, "a step's name cannot be empty", key, "empty")
            step.name = Template("", (UNNAMED,))
        else:
            step.name = self._template(key)
        step.fixed = step.name.constant

    def _template(self, key: Scalar) -> Template:
        try:
            return parse_template(key.text)
        except ExpressionError as error:
            span = key.part(error.start, error.end)
            self.diagnostics.add(
                Diagnostic(
                    error.code,
                    f"in the name `{key.text}`: {error.message}",
                    span,
                    helps=tuple(advice(h, span) for h in error.helps),
                )
            )
            return Template(key.text, (UNNAMED,))

    def _mapping(self, node: Mapping) -> Step:
        entries = node.entries
        if len(entries) == 1 and entries[0][0].text not in RESERVED:
            if is_word_for_op(*entries[0], alone=True):
                return self.details(node, node, None)
            return self.named(entries[0][0], entries[0][1], node)
        if any(key.text in MARKS_A_STEP for key, _ in entries) and (
            entries[0][0].text in RESERVED or not is_null(entries[0][1])
        ):
            return self.details(node, node, None)
        from netspec.syntax.misplaced_keys import misplaced

        return misplaced(self, node)

    def _empty(self, key: Scalar) -> None:
        if key.text[:1].isupper():
            from netspec.syntax.missing_op import op_with_colon

            self.diagnostics.add(op_with_colon(key))
            return
        self.error(
            Code.BAD_STEP,
            f"`{key.text}` has no op",
            key,
            "nothing follows this name",
            f"write `{key.text}: ReLU`, or `{key.text}: {{op: …}}`",
        )

    def details(self, node: Mapping, whole: TextNode, key: Scalar | None) -> Step:
        """A step whose op and arguments are written out as a mapping."""
        if self.respelling:
            node = respelt(node, self.respelling, self.diagnostics)
        keys = {k.text: (k, v) for k, v in node.entries}
        if "op" not in keys or "each" in keys:
            node = without_op(node, key, self.diagnostics)
            keys = {k.text: (k, v) for k, v in node.entries}
            if "each" in keys:
                return self._loop(node, keys)
        op = keys.get("op")
        body = keys.get("body")
        step = Step(whole, op[1] if op else (body or next(iter(keys.values()), (node, node)))[0])
        if "name" in keys:
            self._long_name(step, keys["name"][1])
        if not self._kind(step, node, keys, key):
            return step
        for text, (_, value) in keys.items():
            if text in FIELDS:
                setattr(step, FIELDS[text], value)
        step.formulas = formula_steps(step.source) if step.source is not None else ()
        step.doc = self.text_of(keys["doc"][1], "`doc`") if "doc" in keys else ""
        if "branches" in keys:
            self._branches(step, keys["branches"][1])
        if op is not None:
            step.arguments = tuple([(k, v) for k, v in node.entries if k.text not in NO_ARGUMENTS])
        return step

    def _kind(
        self,
        step: Step,
        node: Mapping,
        keys: dict[str, tuple[Scalar, TextNode]],
        key: Scalar | None,
    ) -> bool:
        """Set `op` or `body`; a step has one of them, or is a `share`."""
        if "op" in keys and "body" in keys:
            self.error(
                Code.BAD_STEP,
                f"{called(key)} has both an `op` and a `body`",
                keys["body"][0],
                "a group has no op",
                "move the op into the body, or remove one of the two",
            )
            return False
        if "op" in keys and _names_a_step(keys.get("share")):
            self.error(
                Code.BAD_STEP,
                "a step that shares another step cannot have an op",
                keys["share"][1],
                "",
                "remove the op, or tie single parameters: `share: {weight: step.weight}`",
            )
            return False
        if "op" in keys and "share" in keys and isinstance(keys["share"][1], Sequence):
            self._no_op(node, keys, key)
            return False
        if "op" in keys:
            op = keys["op"][1]
            if not isinstance(op, Scalar) or not isinstance(op.value, str):
                self.error(Code.BAD_STEP, "an op must be a name, such as Conv2d", op, "not a name")
                return False
            step.op = op
        elif "body" in keys:
            step.body = self.body(keys["body"][1], "`body`")
            step.outputs = node.get("outputs")
            step.body.output_formulas = formula_steps(step.outputs)
        elif not _names_a_step(keys.get("share")):
            self._no_op(node, keys, key)
            return False
        return True

    def _no_op(
        self, node: Mapping, keys: dict[str, tuple[Scalar, TextNode]], key: Scalar | None
    ) -> None:
        if "share" in keys:
            self.error(
                Code.BAD_VALUE,
                "`share` must be the name of a step, or a mapping of parameters to tie",
                keys["share"][1],
                "",
                "write `share: conv1`, or `op: …` and `share: {weight: wte.weight}`",
            )
            return
        from netspec.syntax.missing_op import no_op

        self.diagnostics.add(no_op(node, key))

    def _long_name(self, step: Step, value: TextNode) -> None:
        if not isinstance(value, Scalar) or not value.text or is_null(value):
            self.error(Code.BAD_NAME, "a name must be text", value, "not text")
            return
        step.place = value
        self._call(step, value)

    def _loop(self, node: Mapping, keys: dict[str, tuple[Scalar, TextNode]]) -> Step:
        """`each: {stage: stages}` with its body."""
        each_key, each = keys["each"]
        step = Step(node, each_key)
        if not isinstance(each, Mapping) or not each.entries:
            from netspec.syntax.loop_notation import as_loop

            self.error(
                Code.BAD_STEP,
                "`each` must map its variable to its list",
                each,
                "not `{name: list}`",
                as_loop(each),
            )
            return self._lost(step, each_key)
        if "body" not in keys:
            self.error(Code.BAD_STEP, "a loop requires a `body`", each_key, "", "add `body: [ … ]`")
            return self._lost(step, each_key)
        step.each = tuple(each.entries)
        step.doc = self.text_of(keys["doc"][1], "`doc`") if "doc" in keys else ""
        step.body = self.body(keys["body"][1], "`body`")
        return step

    def _lost(self, step: Step, place: Scalar) -> Step:
        """A step that could not be read, and with it the names of steps inside."""
        step.name, step.fixed = Template(place.text, (UNNAMED,)), UNNAMED
        return step

    def _branches(self, step: Step, node: TextNode) -> None:
        if step.op is None:
            self.error(
                Code.BAD_STEP,
                "`branches` requires an op that joins them",
                node,
                "",
                "add `op: Concat`, `op: Add` or another op that joins",
            )
            return
        if isinstance(node, Mapping) and _is_loop(node):
            self._loop_of_branches(node)
            node = Sequence(node.source, node.start, node.end, [node])
        if isinstance(node, Mapping):
            branches = [self.branch(key, value) for key, value in node.entries]
        elif isinstance(node, Sequence):
            branches = [_one_branch(self.step(item)) for item in node.items]
        else:
            self.error(
                Code.BAD_VALUE, "`branches` must be a mapping from names, or a list of steps", node
            )
            step.op = None
            return
        step.branches = tuple(branches)

    def _loop_of_branches(self, node: Mapping) -> None:
        """Report a loop instead of the branches."""
        self.error(
            Code.BAD_STEP,
            "a loop over branches must be an item of the `branches` list",
            node.key("each") or node,
            "not a list item",
            "write `branches: [{each: …, body: …}]`",
        )

    def branch(self, key: Scalar, value: TextNode) -> Step:
        """The step of an entry of a mapping."""
        whole = Mapping(value.source, key.start, value.end, ((key, value),))
        return self.named(key, value, whole)

    def text_of(self, node: TextNode, what: str) -> str:
        """The text of a scalar; anything else is an error."""
        if isinstance(node, Scalar):
            return node.text
        self.error(Code.BAD_VALUE, f"{what} must be text", node, "not text")
        return ""


def _has_values(node: TextNode) -> bool:
    """Whether a value is a number, or a list with numbers in it, and so cannot be a step."""
    items = node.items if isinstance(node, Sequence) else (node,)
    return any(
        type(item) is Scalar and item.value is not None and type(item.value) is not str
        for item in items
    )


def _is_loop(node: Mapping) -> bool:
    return node.get("each") is not None and node.get("body") is not None


def _one_branch(step: Step) -> Step:
    """The same with one step in the body of a loop: a branch is a step, or several as a group."""
    if step.each is not None and step.body is not None:
        steps = tuple([_one_branch(s) for s in step.body.steps])
        if len(steps) != 1:
            group = Step(step.body.node, step.body.node)
            group.body = step.body
            steps = (group,)
        step.body = Body(steps, step.body.node)
    return step


def _names_a_step(share: tuple[Scalar, TextNode] | None) -> bool:
    return share is not None and isinstance(share[1], Scalar)
