"""Steps and bodies, from the tree of the text."""

from __future__ import annotations

from netspec.diagnostics import Code, Diagnostic, Edit, Findings, Help, Label, Span, closest
from netspec.document import Entry, Mapping, Node, Scalar, Sequence
from netspec.expr import ExpressionError, Template, parse_template
from netspec.spec.model import Body, Step

RESERVED = frozenset(
    {
        "op",
        "name",
        "from",
        "body",
        "outputs",
        "branches",
        "repeat",
        "when",
        "inline",
        "share",
        "expect",
        "checkpoint",
        "doc",
        "each",
    }
)
"""The keys that mean something on every step; no op may use one as an argument."""

_FIELDS = {
    "from": "source",
    "outputs": "outputs",
    "repeat": "repeat",
    "when": "when",
    "inline": "inline",
    "share": "share",
    "expect": "expect",
    "checkpoint": "checkpoint",
}
_OF_A_LOOP = frozenset({"each", "body", "doc"})
_MARKS_A_STEP = ("op", "body", "each", "share", "name")


class StepReader:
    """Reads steps; what it cannot read it reports and leaves out."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings

    def error(self, code: str, message: str, node: Node, label: str = "", *helps: str) -> None:
        """Report an error at `node`."""
        self.findings.add(
            Diagnostic(code, message, node.span, label, helps=tuple(Help(h) for h in helps))
        )

    def body(self, node: Node, owner: str) -> Body:
        """A list of steps; a single step in its place is taken as a list of one."""
        if not isinstance(node, Sequence):
            self.error(
                Code.BAD_VALUE,
                f"{owner} must be a list of steps",
                node,
                "not a list",
                "write each step on a line of its own, after `- `",
            )
            return Body((), node)
        steps = [self.step(item) for item in node.items]
        return Body(tuple(s for s in steps if s is not None), node)

    def step(self, node: Node) -> Step | None:
        """One step, in any of the forms of the language."""
        if isinstance(node, Mapping):
            return self._mapping(node)
        if isinstance(node, Sequence):
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
                "a step is an op, `name: op`, or a list of steps",
            )
            return None
        step = Step(node, node)
        step.op = node
        return step

    def named(self, key: Scalar, value: Node, node: Node) -> Step | None:
        """The step `key: value`."""
        if isinstance(value, Mapping):
            step = self._details(value, node, key)
            if step is not None and step.name is not None:
                self.error(Code.BAD_STEP, "a step has one name, not two", value.key("name") or key)
        else:
            if _is_null(value):
                self._empty(key)
                return None
            step = self.step(value)
        if step is None:
            return None
        if step.each is not None:
            self.error(
                Code.BAD_STEP,
                "a loop has no name: it adds no level to the path",
                key,
                "",
                "put the loop into a group of that name, or leave the name out",
            )
            return step
        step.node, step.place = node, key
        self._call(step, key)
        return step

    def _call(self, step: Step, key: Scalar) -> None:
        """Name a step; in a name `{…}` is an expression."""
        if not key.text:
            self.error(Code.BAD_NAME, "a step's name cannot be empty", key, "empty")
            return
        step.name = self._template(key)
        if step.name is not None:
            step.fixed = step.name.constant

    def _template(self, key: Scalar) -> Template | None:
        try:
            return parse_template(key.text)
        except ExpressionError as error:
            self.findings.add(
                Diagnostic(
                    error.code,
                    f"in the name `{key.text}`: {error.message}",
                    key.span,
                    helps=tuple(Help(h) for h in error.helps),
                )
            )
            return None

    def _mapping(self, node: Mapping) -> Step | None:
        entries = node.entries
        if len(entries) == 1 and entries[0][0].text not in RESERVED:
            return self.named(entries[0][0], entries[0][1], node)
        if any(key.text in _MARKS_A_STEP for key, _ in entries) and (
            not entries or entries[0][0].text in RESERVED or not _is_null(entries[0][1])
        ):
            return self._details(node, node, None)
        self._misplaced(node)
        return None

    def _empty(self, key: Scalar) -> None:
        self.error(
            Code.BAD_STEP,
            f"`{key.text}` has no op",
            key,
            "nothing follows this name",
            f"write `{key.text}: ReLU`, or `{key.text}: {{op: …}}`",
        )

    def _misplaced(self, node: Mapping) -> None:
        """A mapping of several keys that is no step: most often arguments that are not indented."""
        if not node.entries:
            self.error(Code.BAD_STEP, "a step needs an op", node, "this is empty")
            return
        (first, value), rest = node.entries[0], node.entries[1:]
        if first.text in RESERVED or not rest:
            self.error(
                Code.BAD_STEP,
                "a step needs an `op` or a `body`",
                first,
                "",
                "a step is an op, `name: op`, `{op: …, …}` or a list of steps",
            )
            return
        if not _is_null(value) and all(_like_a_step(v) for _, v in rest):
            self.error(
                Code.BAD_STEP,
                f"`{first.text}` and `{rest[0][0].text}` are two steps in one item",
                rest[0][0],
                "a second step",
                f"each step is an item of its own: begin `- {rest[0][0].text}: …`",
            )
            return
        span = Span(node.source, rest[0][0].start, node.end)
        indented = _is_null(value)
        how = (
            "indent these keys further than the name above them"
            if indented
            else f"write `{first.text}: {{op: …, {rest[0][0].text}: …}}`"
        )
        edits = _indent(node, rest) if indented else ()
        self.findings.add(
            Diagnostic(
                Code.BAD_STEP,
                f"the arguments of `{first.text}` are not under it",
                span,
                f"at the level of the name `{first.text}`",
                (Label(first.span, "the step's name"),),
                helps=(Help(how, edits),),
            )
        )

    def _details(self, node: Mapping, whole: Node, key: Scalar | None) -> Step | None:
        """A step whose op and arguments are written out as a mapping."""
        keys = {k.text: (k, v) for k, v in node.entries}
        if "each" in keys:
            return self._loop(node, keys)
        op = keys.get("op")
        body = keys.get("body")
        step = Step(whole, op[1] if op else (body or next(iter(keys.values()), (node, node)))[0])
        if not self._kind(step, node, keys, key):
            return None
        if "name" in keys:
            self._long_name(step, keys["name"][1])
        for text, (_, value) in keys.items():
            if text in _FIELDS:
                setattr(step, _FIELDS[text], value)
        step.doc = self.text_of(keys["doc"][1]) if "doc" in keys else ""
        if "branches" in keys:
            self._branches(step, keys["branches"][1])
        step.arguments = tuple((k, v) for k, v in node.entries if k.text not in RESERVED)
        if step.op is None and step.arguments:
            self._stray(step)
        return step

    def _kind(
        self, step: Step, node: Mapping, keys: dict[str, tuple[Scalar, Node]], key: Scalar | None
    ) -> bool:
        """Set `op` or `body`; a step has one of them, or is a `share`."""
        called = f"`{key.text}`" if key is not None else "a step"
        if "op" in keys and "body" in keys:
            self.error(
                Code.BAD_STEP,
                f"{called} has both an `op` and a `body`",
                keys["body"][0],
                "a group has no op",
                "put the op into the body, or leave one of the two out",
            )
            return False
        if "op" in keys:
            op = keys["op"][1]
            if not isinstance(op, Scalar) or not isinstance(op.value, str):
                self.error(Code.BAD_STEP, "an op is a name, such as Conv2d", op, "not a name")
                return False
            step.op = op
        elif "body" in keys:
            step.body = self.body(keys["body"][1], "`body`")
        elif not _names_a_step(keys.get("share")):
            self._no_op(called, node, keys)
            return False
        return True

    def _no_op(self, called: str, node: Mapping, keys: dict[str, tuple[Scalar, Node]]) -> None:
        if "share" in keys:
            self.error(
                Code.BAD_STEP,
                "`share` is the name of a step, or ties parameters of a step with an `op`",
                keys["share"][1],
                "",
                "write `share: conv1`, or `op: …` and `share: {weight: wte.weight}`",
            )
            return
        meant = next((k for k in keys if k not in RESERVED and closest(k, ("op", "body"))), None)
        if meant is None:
            self.error(
                Code.BAD_STEP,
                f"{called} has no `op`",
                node.entries[0][0] if node.entries else node,
                "",
                "every step has an `op` or a `body`",
            )
            return
        right = closest(meant, ("op", "body"))
        self.error(
            Code.UNKNOWN_KEY,
            f"{called} has no key `{meant}`",
            keys[meant][0],
            "unknown key",
            f"did you mean `{right}`?",
        )

    def _long_name(self, step: Step, value: Node) -> None:
        if not isinstance(value, Scalar) or not value.text:
            self.error(Code.BAD_NAME, "a name is text", value, "not text")
            return
        step.place = value
        self._call(step, value)

    def _loop(self, node: Mapping, keys: dict[str, tuple[Scalar, Node]]) -> Step | None:
        """`each: {stage: stages}` with its body."""
        each_key, each = keys["each"]
        step = Step(node, each_key)
        if not isinstance(each, Mapping) or not each.entries:
            self.error(
                Code.BAD_STEP,
                "`each` names its variable and its list",
                each,
                "not `{name: list}`",
                "write `each: {stage: stages}`",
            )
            return None
        for text, (key, _) in keys.items():
            if text not in _OF_A_LOOP and ("body" in keys or text != "op"):
                self.error(
                    Code.UNKNOWN_KEY,
                    f"a loop has no key `{text}`",
                    key,
                    "unknown key",
                    "a loop has `each`, `body` and `doc`",
                )
        if "body" not in keys:
            put = "put the op into it: `body: [{op: …}]`" if "op" in keys else "add `body: [ … ]`"
            self.error(Code.BAD_STEP, "a loop needs a `body`", each_key, "", put)
            return None
        step.each = tuple(each.entries)
        step.body = self.body(keys["body"][1], "`body`")
        return step

    def _branches(self, step: Step, node: Node) -> None:
        if step.op is None:
            self.error(
                Code.BAD_STEP,
                "`branches` belong to an op that joins them",
                node,
                "",
                "add `op: Concat`, `op: Add` or another op that joins",
            )
            return
        if isinstance(node, Mapping):
            found = [self._branch(key, value) for key, value in node.entries]
        elif isinstance(node, Sequence):
            found = [self.step(item) for item in node.items]
        else:
            self.error(
                Code.BAD_VALUE, "`branches` is a mapping from names, or a list of steps", node
            )
            return
        step.branches = tuple(s for s in found if s is not None)

    def _branch(self, key: Scalar, value: Node) -> Step | None:
        whole = Mapping(value.source, key.start, value.end, ((key, value),))
        return self.named(key, value, whole)

    def _stray(self, step: Step) -> None:
        """Arguments on a group or a share: they have none of their own."""
        for key, _ in step.arguments:
            if step.share is not None and step.body is None:
                self.error(
                    Code.UNKNOWN_KEY,
                    f"a step that is another one again takes no `{key.text}`",
                    key,
                    "it has the arguments of the step it shares",
                    "leave it out",
                )
                continue
            meant = closest(key.text, RESERVED)
            self.error(
                Code.UNKNOWN_KEY,
                f"a group has no key `{key.text}`",
                key,
                "unknown key",
                f"did you mean `{meant}`?" if meant else "only an op takes arguments",
            )
        step.arguments = ()

    def text_of(self, node: Node) -> str:
        """The text of a scalar; anything else is an error."""
        if isinstance(node, Scalar):
            return node.text
        self.error(Code.BAD_VALUE, "expected text", node, "not text")
        return ""


def _names_a_step(share: tuple[Scalar, Node] | None) -> bool:
    return share is not None and isinstance(share[1], Scalar)


def _like_a_step(node: Node) -> bool:
    """Whether a value looks like what follows a step's name."""
    return isinstance(node, Mapping | Sequence) or (
        isinstance(node, Scalar) and isinstance(node.value, str) and node.text[:1].isupper()
    )


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


def _indent(node: Mapping, rest: tuple[Entry, ...]) -> tuple[Edit, ...]:
    """Two more blanks before every line of the misplaced keys."""
    text, source = node.source.text, node.source
    starts = [0] if rest[0][0].start == 0 else []
    at = text.rfind("\n", 0, rest[0][0].start)
    while 0 <= at < node.end:
        starts.append(at + 1)
        at = text.find("\n", at + 1)
    return tuple(Edit(Span(source, s, s), "  ") for s in starts)
