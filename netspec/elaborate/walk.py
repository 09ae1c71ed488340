"""The walk: bodies run in graph order; blocks, loops and repeats unfold, shapes follow along.

Blocks and shapes cannot be taken one after the other, because `x.channels // 2` is an inferred number.
"""

from __future__ import annotations

from collections.abc import Callable

from netspec.diagnostics import Code, Diagnostic, Findings, Help, Label, SpecError, closest
from netspec.dims import Domain, Size
from netspec.document import Mapping, Scalar, Sequence
from netspec.document import Node as Place
from netspec.elaborate.apply import Application, around
from netspec.elaborate.conditions import Conditions
from netspec.elaborate.graph import Entry, Environment, Level, Loop, Node, Value
from netspec.elaborate.names import Names
from netspec.elaborate.references import References
from netspec.elaborate.scope import Frame, Reader, Result
from netspec.elaborate.share import Sharing
from netspec.elaborate.values import OpValue, Values, expression_finding
from netspec.expr import UNKNOWN, ExpressionError, Item
from netspec.layers.base import Layer
from netspec.spec import Block, Body, Spec, Step

MOST_STEPS = 300_000
"""More steps than this are a mistake, or an attack."""
MOST_REPEATS = 100_000
_DEEPEST = 60

Again = Callable[[tuple[Value, ...], str, Level], "Result"]


class Walk:
    """Runs bodies. Holds what grows while it runs: nodes, paths, conditions, findings."""

    def __init__(self, findings: Findings, known: dict[str, Domain]) -> None:
        self.findings = findings
        self.values = Values(findings)
        self.conditions = Conditions(known)
        self.names = Names(findings)
        self.references = References(self.values)
        self.application = Application(self.values, self.conditions)
        self.sharing = Sharing(self.values, self.references)
        self.nodes: list[Node] = []
        self.sink: list[Entry] = []
        self.active: list[Block] = []
        self.ran: set[int] = set()
        self.again: dict[int, Again] = {}
        self.steps = 0

    # ---- bodies ---------------------------------------------------------------------------------

    def frame(
        self, level: Level, inputs: tuple[Value, ...], file: Spec, env: Environment,
        outer: Frame | None, body: Body,
    ) -> Frame:  # fmt: skip
        """A fresh frame for a body."""
        return Frame(level, inputs, file, env, outer, _titles(body))

    def body(self, body: Body, frame: Frame, env: Environment) -> None:
        """Run the steps of a body in `frame`."""
        for step in body.steps:
            self.step(step, frame, env)

    def step(self, step: Step, frame: Frame, env: Environment) -> None:
        """Run one step and let its result flow on."""
        if step.each is not None:
            self._each(step, frame, env)
            return
        result = self._run(step, frame, env, None, frame.level)
        result.step = result.step or step
        frame.results.append(result)
        maker = result.maker
        if not (isinstance(maker, Node) and maker.layer is not None and not maker.layer.flows):
            frame.previous = result

    def finish(self, frame: Frame, outputs: Place | None) -> tuple[tuple[Value, ...], tuple[str, ...], str]:
        """The outputs of a body that has run: values, names, and whether one, a tuple or a dict."""
        given = self._outputs(frame, outputs)
        for result in frame.results:
            if not result.used and result.step is not None and result.main.shape is not None:
                self._unused(result.step, result)
        return given

    def _outputs(self, frame: Frame, node: Place | None) -> tuple[tuple[Value, ...], tuple[str, ...], str]:
        if node is None:
            if frame.previous is None:
                return (), (), "one"
            frame.previous.used = True
            return (frame.previous.main,), (), "one"
        pairs: list[tuple[str, Place]]
        if isinstance(node, Mapping):
            pairs, kind = [(k.text, v) for k, v in node.entries], "dict"
        elif isinstance(node, Sequence):
            pairs, kind = [("", item) for item in node.items], "tuple"
        else:
            pairs, kind = [("", node)], "one"
        values: list[Value] = []
        names: list[str] = []
        for name, place in pairs:
            found = self.references.results(place, frame, frame.env)
            for text, value in found or [(name, _unknown(frame))]:
                values.append(value)
                names.append(name or text)
        return tuple(values), tuple(names), kind

    def _unused(self, step: Step, result: Result) -> None:
        path = result.maker.path if result.maker is not None else ""
        self.findings.add(
            Diagnostic(
                Code.UNUSED, f"nothing uses `{step.title}`", step.place.span, "its result goes nowhere",
                helps=(Help("read it with `from`, list it in `outputs`, or take it out"),),
                severity="warning", path=path,
            )
        )  # fmt: skip

    # ---- one step -------------------------------------------------------------------------------

    def _run(self, step: Step, frame: Frame, env: Environment, name: str | None, level: Level) -> Result:
        """Run a step that is no loop; `name` is given where something around it decides the name."""
        self.ran.add(id(step))
        flow = self.references.inputs(step, frame, env)
        if flow is None:
            return self._failed(step, frame, env, name, level)
        inputs, names = flow
        if step.repeat is not None:
            return self._repeat(step, frame, env, inputs, names, name, level)
        return self._single(step, frame, env, inputs, names, name, level)

    def _single(
        self, step: Step, frame: Frame, env: Environment, inputs: tuple[Value, ...],
        names: tuple[str, ...], name: str | None, level: Level,
    ) -> Result:  # fmt: skip
        """Run a step once."""
        self._count(step)
        reader = Reader(frame, env, inputs, self.conditions.known)
        if step.when is not None and not self._holds(step.when, reader):
            result = Result(inputs[0] if inputs else _unknown(frame))
            if step.source is None and frame.previous is not None:
                frame.previous.used = True
            result.used = True
            if step.name is not None:
                frame.steps[self._title(step, reader) or ""] = result
            return result
        name = self._name(step, reader, frame) if name is None else name
        result = self._dispatch(step, frame, env, reader, names, name, level)
        if step.name is not None:
            frame.steps[self._title(step, reader) or name] = result
        if step.expect is not None:
            self._expect(step, result, reader)
        return result

    def _dispatch(
        self, step: Step, frame: Frame, env: Environment, reader: Reader, names: tuple[str, ...],
        name: str, level: Level,
    ) -> Result:  # fmt: skip
        if step.op is not None:
            result = self._op(step, frame, env, reader, names, name, level)
        elif step.body is not None:
            self._read(step, frame)
            result = self._group(step, frame, env, reader, name, level)
        else:
            self._read(step, frame)
            result = self._share(step, frame, env, reader, name, level)
        maker = result.maker
        if step.checkpoint is not None and maker is not None:
            maker.checkpoint = self._flag(step.checkpoint, reader)
        return result

    def _read(self, step: Step, frame: Frame) -> None:
        if step.source is None and frame.previous is not None:
            frame.previous.used = True

    def _count(self, step: Step) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise SpecError(
                Diagnostic(
                    Code.BOUNDS, f"this unfolds into more than {MOST_STEPS:,} steps", step.place.span,
                    "the limit is passed here", helps=(Help("repeat less, or nest fewer blocks"),),
                )
            )  # fmt: skip

    def _name(self, step: Step, reader: Reader, frame: Frame) -> str:
        """The step's name, or its number among the steps of the body."""
        number = frame.counter
        frame.counter += 1
        if step.name is None:
            return str(number)
        return self._title(step, reader) or ""

    def _title(self, step: Step, reader: Reader) -> str | None:
        """The step's own name, computed; None where that hangs on an earlier error."""
        template = step.name
        if template is None:
            return None
        if template.constant is not None:
            return template.constant
        try:
            rendered = template.render(reader)
        except ExpressionError as error:
            node = step.place
            if isinstance(node, Scalar):
                self.findings.add(expression_finding(error, node))
            return None
        return None if rendered is UNKNOWN else str(rendered)

    def _holds(self, node: Place, reader: Reader) -> bool:
        """A condition's value; one that hangs on an earlier error lets the step be walked."""
        value = self.values.value(node, reader)
        if value is UNKNOWN or isinstance(value, bool):
            return value is not False
        self.values.error(
            Code.EXPRESSION_TYPE, "a condition is true or false", node, f"this is {_a(value)}",
            "compare it: `… > 0`, `… == 1`",
        )  # fmt: skip
        return True

    def _flag(self, node: Place, reader: Reader) -> bool:
        value = self.values.value(node, reader)
        if value is UNKNOWN or isinstance(value, bool):
            return value is True
        self.values.error(Code.BAD_VALUE, "this is true or false", node, "neither")
        return False

    def _failed(
        self, step: Step, frame: Frame, env: Environment, name: str | None, level: Level
    ) -> Result:
        """A step whose inputs are not known: walked for its own mistakes, its result is silent."""
        value = Value(_nowhere(level), 0, None, "float32")
        reader = Reader(frame, env, (value,), self.conditions.known)
        title = self._name(step, reader, frame) if name is None else name
        if step.op is not None:
            op = self.values.definition(step.op.text, step.op, reader, frame.file)
            if op is not None and not isinstance(op.definition, Block):
                self.application.layer(step, op, reader, frame.file)
        result = Result(value, step=step)
        result.used = True
        if step.name is not None:
            frame.steps[title] = result
        return result

    # ---- loops ----------------------------------------------------------------------------------

    def _each(self, step: Step, frame: Frame, env: Environment) -> None:
        """Run a loop's body for every item of its lists, which go in step."""
        self.ran.add(id(step))
        assert step.each is not None
        assert step.body is not None
        reader = Reader(frame, env, _flowing(frame), self.conditions.known)
        lists = [(key, self._items(node, reader)) for key, node in step.each]
        if not self._one_length(step, lists):
            lists = [(key, None) for key, _ in lists]
        outer, iterations = self.sink, []
        count = min((len(items) for _, items in lists if items is not None), default=1)
        for k in range(count):
            self.sink = []
            bound = {
                key.text: Item(UNKNOWN if items is None else items[k], k, k == 0, k == count - 1)
                for key, items in lists
            }
            self.body(step.body, frame, {**env, **bound})
            iterations.append(self.sink)
        self.sink = outer
        outer.append(Loop(step, iterations))

    def _items(self, node: Place, reader: Reader) -> list[object] | None:
        value = self.values.value(node, reader)
        if value is UNKNOWN:
            return None
        if isinstance(value, list):
            return value
        self.values.error(
            Code.EXPRESSION_TYPE, "a loop goes over a list", node, f"this is {_a(value)}",
            *([f"to count, write `range({value})`"] if type(value) is int else []),
        )  # fmt: skip
        return None

    def _one_length(self, step: Step, lists: list[tuple[Scalar, list[object] | None]]) -> bool:
        lengths = {len(items) for _, items in lists if items is not None}
        for key, _ in lists:
            if not key.text.isidentifier() or key.text in ("x", "i", "input", "previous"):
                self.values.error(Code.BAD_NAME, f"`{key.text}` cannot name a loop variable", key)
        if len(lengths) <= 1:
            return True
        said = " and ".join(f"`{key.text}` has {len(items or [])} items" for key, items in lists)
        self.values.error(
            Code.EXPRESSION_TYPE, f"lists that go in step need one length: {said}", step.place,
            "of different lengths",
        )  # fmt: skip
        return False

    def _repeat(
        self, step: Step, frame: Frame, env: Environment, inputs: tuple[Value, ...],
        names: tuple[str, ...], name: str | None, level: Level,
    ) -> Result:  # fmt: skip
        """Run a step several times, each on what the one before gave."""
        assert step.repeat is not None
        reader = Reader(frame, env, inputs, self.conditions.known)
        count = self._times(step.repeat, reader)
        inline = step.inline is not None and self._flag(step.inline, reader)
        if count == 0:
            self._read(step, frame)
            result = Result(inputs[0] if inputs else _unknown(frame))
            result.used = True
            if step.name is not None and not step.name.mentions("i"):
                frame.steps[self._title(step, reader) or ""] = result
            return result
        holds = name is not None or (step.name is not None and not step.name.mentions("i") and not inline)
        if not holds:
            return self._iterate(step, frame, env, inputs, names, count, None, level)
        title = self._name(step, reader, frame) if name is None else name
        inner = self._level(title, level, step)
        inner.inputs = inputs
        self._take(inner.path, title, step)
        outer, self.sink = self.sink, inner.entries
        result = self._iterate(step, frame, env, inputs, names, count, inner, inner)
        self.sink = outer
        inner.outputs = (result.main,)
        outer.append(inner)
        result = Result(result.main, step=step, maker=inner)
        self.again[id(inner)] = lambda x, n, lev: self._repeat(
            step, frame, env, (*x, *inputs[len(x) :]), names, n, lev
        )
        if step.name is not None:
            frame.steps[title] = result
        return result

    def _iterate(
        self, step: Step, frame: Frame, env: Environment, inputs: tuple[Value, ...],
        names: tuple[str, ...], count: int | None, holder: Level | None, level: Level,
    ) -> Result:  # fmt: skip
        """The iterations, as children of `holder` or as siblings."""
        outer, iterations = self.sink, []
        result = Result(inputs[0] if inputs else _unknown(frame))
        for k in range(1 if count is None else count):
            self.sink = []
            bound = {**env, "i": UNKNOWN if count is None else k}
            result = self._single(
                step, frame, bound, inputs, names, str(k) if holder is not None else None, level
            )
            inputs = (result.main, *inputs[1:])
            iterations.append(self.sink)
        self.sink = outer
        outer.append(Loop(step, iterations))
        if count is None:
            return Result(_unknown(frame), step=step)
        return result

    def _times(self, node: Place, reader: Reader) -> int | None:
        value = self.values.value(node, reader)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if value is UNKNOWN:
            return None
        if type(value) is not int or value < 0:
            self.values.error(
                Code.EXPRESSION_TYPE, f"a step cannot be repeated {_shown(value)} times", node,
                "not a whole number of at least 0",
            )  # fmt: skip
            return None
        if value > MOST_REPEATS:
            self.values.error(
                Code.BOUNDS, f"a step cannot be repeated {value:,} times", node,
                f"more than {MOST_REPEATS:,}",
            )  # fmt: skip
            return None
        return value

    # ---- groups and blocks ----------------------------------------------------------------------

    def _level(self, name: str, parent: Level, step: Step, block: Block | None = None) -> Level:
        depth, at = 0, parent
        while at.parent is not None:
            depth, at = depth + 1, at.parent
        if depth > _DEEPEST:
            raise SpecError(
                Diagnostic(Code.TOO_DEEP, f"blocks are nested more than {_DEEPEST} deep", step.place.span)
            )
        return Level(name, parent.child(name), parent, step, block)

    def _take(self, path: str, name: str, step: Step) -> None:
        self.names.take(path, name, step.place)

    def _group(
        self, step: Step, frame: Frame, env: Environment, reader: Reader, name: str, level: Level
    ) -> Result:
        """Run a group's body as a level of its own, or in place."""
        assert step.body is not None
        if len(reader.x) > 1:
            self.values.error(
                Code.INPUT_COUNT, f"a group takes one input, not {len(reader.x)}", step.source or step.place,
                "", "steps inside can read the steps around the group by name",
            )  # fmt: skip
        if not step.body.steps and reader.x:
            return Result(reader.x[0], step=step)
        inline = step.inline is not None and self._flag(step.inline, reader)
        inner = level if inline else self._level(name, level, step)

        def run(target: Level, x: tuple[Value, ...]) -> Result:
            assert step.body is not None
            body_frame = self.frame(target, x, frame.file, env, frame, step.body)
            return self._inside(target, body_frame, step.body, env, step.outputs, step, own=not inline)

        if inline:
            return run(inner, reader.x)
        return self._opened(inner, step, reader.x, run)

    def _opened(
        self, inner: Level, step: Step, x: tuple[Value, ...],
        run: Callable[[Level, tuple[Value, ...]], Result],
    ) -> Result:  # fmt: skip
        """Run a body as the level `inner`, and remember how to run it again."""
        self._take(inner.path, inner.name, step)
        inner.inputs = x
        outer, self.sink = self.sink, inner.entries
        result = run(inner, x)
        self.sink = outer
        outer.append(inner)

        def again(y: tuple[Value, ...], name: str, level: Level) -> Result:
            copy = self._level(name, level, step, inner.block)
            copy.env = inner.env
            return self._opened(copy, step, y, run)

        self.again[id(inner)] = again
        return result

    def _inside(
        self, level: Level, frame: Frame, body: Body, env: Environment, outputs: Place | None,
        step: Step, *, own: bool,
    ) -> Result:  # fmt: skip
        """Run a body and give its outputs as one result."""
        self.body(body, frame, env)
        values, names, kind = self.finish(frame, outputs)
        if not values:
            return Result(_unknown(frame), step=step)
        if own:
            level.outputs, level.output_names = values, names
        named = None
        if kind != "one":
            named = {str(k): v for k, v in enumerate(values)} if kind == "tuple" else {}
            named.update(zip(names, values, strict=True))
        maker = level if own else None
        return Result(values[0], named, step, maker)

    def _op(
        self, step: Step, frame: Frame, env: Environment, reader: Reader, names: tuple[str, ...],
        name: str, level: Level,
    ) -> Result:  # fmt: skip
        """Run a step that has an op: a layer, or a block."""
        assert step.op is not None
        op = self.values.definition(step.op.text, step.op, reader, frame.file)
        takes_none = op is not None and not isinstance(op.definition, Block) and not op.definition.inputs
        if takes_none and step.source is None:
            reader.x = ()
        else:
            self._read(step, frame)
        if step.branches is not None:
            reader.x, names = self._branches(step, frame, env, reader, name, level), ()
        if op is None:
            result = Result(Value(_nowhere(level), 0, None, "float32"), step=step)
            result.used = True
            return result
        if isinstance(op.definition, Block):
            return self._block(step, op, frame, env, reader, names, name, level)
        return self._layer(step, op, frame, env, reader, names, name, level)

    def _branches(
        self, step: Step, frame: Frame, env: Environment, reader: Reader, name: str, level: Level
    ) -> tuple[Value, ...]:
        """Run parallel branches, all on this step's one input."""
        assert step.branches is not None
        if len(reader.x) > 1:
            self.values.error(
                Code.INPUT_COUNT, f"branches start at one input, not {len(reader.x)}",
                step.source or step.place, "", "read other steps with `from` inside a branch",
            )  # fmt: skip
        before = frame.previous
        found = []
        holder: Level | None = None
        for k, branch in enumerate(step.branches):
            frame.previous = Result(reader.x[0]) if reader.x else before
            if branch.name is not None:
                result = self._run(branch, frame, env, self._named(branch, frame, env), level)
            else:
                holder = holder or self._level(name, level, step)
                result = self._run(branch, frame, env, str(k), holder)
            result.used = True
            found.append(result.main)
        frame.previous = before
        return tuple(found)

    def _named(self, branch: Step, frame: Frame, env: Environment) -> str | None:
        """A named branch's name; None lets a repeat that mentions `i` name its iterations."""
        if branch.repeat is not None and branch.name is not None and branch.name.mentions("i"):
            return None
        return self._title(branch, Reader(frame, env, _flowing(frame), self.conditions.known)) or ""

    def _block(
        self, step: Step, op: OpValue, frame: Frame, env: Environment, reader: Reader,
        names: tuple[str, ...], name: str, level: Level,
    ) -> Result:  # fmt: skip
        """Run a use of a block."""
        block = op.definition
        assert isinstance(block, Block)
        if block in self.active:
            self._recursion(step, block)
            return Result(Value(_nowhere(level), 0, None, "float32"), step=step)
        written = self.values.call_arguments(block, step.arguments, reader, frame.file)
        bound = self.bind(block, {**op.arguments, **written}, step)
        inputs = self._block_inputs(step, block, reader.x, names)
        inline = step.inline is not None and self._flag(step.inline, reader)
        inner = level if inline else self._level(name, level, step, block)
        if not inline:
            inner.env = bound

        def run(target: Level, x: tuple[Value, ...]) -> Result:
            body_frame = self.frame(target, x, block.file, bound, None, block.body)
            body_frame.input_names = {n.text: v for n, v in zip(block.inputs, x, strict=False)}
            self.active.append(block)
            result = self._inside(target, body_frame, block.body, bound, block.outputs, step, own=not inline)
            self.active.pop()
            return result

        if inline:
            return run(inner, inputs)
        return self._opened(inner, step, inputs, run)

    def _recursion(self, step: Step, block: Block) -> None:
        circle = [b.name for b in self.active[self.active.index(block) :]] + [block.name]
        op = step.op or step.place
        self.values.error(
            Code.RECURSION, f"a block cannot contain itself: {' → '.join(circle)}", op, "closes the circle",
            "use `repeat` to do something several times", labels=(Label(block.place.span, "the block"),),
        )  # fmt: skip

    def bind(self, block: Block, given: dict[str, object], step: Step) -> dict[str, object]:
        """The parameters of one use of a block."""
        bound: dict[str, object] = {}
        missing = []
        for name, parameter in block.parameters.items():
            if name in given:
                bound[name] = given[name]
            elif parameter.default is not None:
                scope = self.frame(Level("", "", None, None), (), block.file, bound, None, block.body)
                reader = Reader(scope, dict(bound), (), self.conditions.known)
                bound[name] = self.values.parameter(parameter, parameter.default, reader, block.file)
            else:
                bound[name] = UNKNOWN
                if not any(closest(k.text, [name]) for k, _ in step.arguments if k.text not in block.parameters):
                    missing.append(name)
        if missing:
            listed = ", ".join(f"`{n}`" for n in missing)
            self.values.error(
                Code.MISSING_ARGUMENT, f"`{block.name}` needs {listed}", step.op or step.place,
                f"without {', '.join(missing)}", labels=(Label(block.place.span, "the block"),),
            )  # fmt: skip
        return bound

    def _block_inputs(
        self, step: Step, block: Block, given: tuple[Value, ...], names: tuple[str, ...]
    ) -> tuple[Value, ...]:
        wanted = tuple(n.text for n in block.inputs) or ("input",)
        return self._in_order(step, f"the block `{block.name}`", wanted, 0, given, names)

    def _in_order(
        self, step: Step, what: str, wanted: tuple[str, ...], optional: int,
        given: tuple[Value, ...], names: tuple[str, ...],
    ) -> tuple[Value, ...]:  # fmt: skip
        """The inputs by position, from a list or a mapping by name; a wrong count is reported."""
        place = step.source or step.op or step.place
        if names:
            by_name = dict(zip(names, given, strict=True))
            for name in names:
                if name not in wanted:
                    meant = closest(name, wanted)
                    self.values.error(
                        Code.INPUT_COUNT, f"{what} has no input `{name}`", place, "unknown input",
                        f"did you mean `{meant}`?" if meant else f"its inputs are: {', '.join(wanted)}",
                    )  # fmt: skip
                    by_name[meant or ""] = by_name[name]
            given = tuple(by_name[n] for n in wanted if n in by_name)
        if not len(wanted) - optional <= len(given) <= len(wanted):
            takes = " and ".join([", ".join(wanted[:-1]), wanted[-1]]) if len(wanted) > 1 else "one input"
            count = f"{len(wanted)} inputs ({takes})" if len(wanted) > 1 else takes
            self.values.error(
                Code.INPUT_COUNT, f"{what} takes {count if wanted else 'no input'}, not {len(given)}", place,
                f"{len(given)} given", *(["name them: `from: [" + ", ".join(wanted) + "]`"] if len(wanted) > 1 else []),
            )  # fmt: skip
            blank = Value(_nowhere(None), 0, None, "float32")
            given = (*given, *[blank] * len(wanted))[: len(wanted)]
        return given

    # ---- layers ---------------------------------------------------------------------------------

    def _layer(
        self, step: Step, op: OpValue, frame: Frame, env: Environment, reader: Reader,
        names: tuple[str, ...], name: str, level: Level,
    ) -> Result:  # fmt: skip
        """Run a step whose op is a layer."""
        definition = op.definition
        assert isinstance(definition, type)
        layer = self.application.layer(step, op, reader, frame.file)
        inputs = self._layer_inputs(step, definition, reader.x, names)
        self._take(level.child(name), name, step)
        node = self.application.node(step, layer, op.name, inputs, name, level, env)
        node.reads = reader.seen
        self.nodes.append(node)
        self.sink.append(node)
        if isinstance(step.share, Mapping):
            self.sharing.tie(node, step.share, frame, env)
        elif step.share is not None:
            self.values.error(
                Code.BAD_STEP, "a step that shares another one whole has no op of its own", step.share, "",
                "leave the op out, or tie single parameters: `share: {weight: step.weight}`",
            )  # fmt: skip
        named = None
        if layer is not None and (len(layer.results) > 1 or layer.results != ("output",)):
            named = dict(zip(layer.results, node.outputs, strict=True))
        return Result(node.outputs[0], named, step, node, env)

    def _layer_inputs(
        self, step: Step, layer: type[Layer], given: tuple[Value, ...], names: tuple[str, ...]
    ) -> tuple[Value, ...]:
        if not layer.variadic:
            return self._in_order(step, f"`{layer.__name__}`", layer.inputs, layer.optional_inputs, given, names)
        if len(given) < layer.fewest:
            self.values.error(
                Code.INPUT_COUNT, f"`{layer.__name__}` joins at least {layer.fewest} inputs, not {len(given)}",
                step.source or step.op or step.place, f"{len(given)} given",
                "name them: `from: [a, b]`, or give `branches`",
            )  # fmt: skip
            return (Value(_nowhere(None), 0, None, "float32"),)
        return given

    def _share(
        self, step: Step, frame: Frame, env: Environment, reader: Reader, name: str, level: Level
    ) -> Result:
        """Be another step again, on another input, with the same weights."""
        assert step.share is not None
        shared = self.references.result(step.share, frame, env)
        unknown = Result(Value(_nowhere(level), 0, None, "float32"), step=step)
        if shared is None:
            return unknown
        maker = shared.maker
        if isinstance(maker, Level) and id(maker) in self.again:
            result = self.again[id(maker)](reader.x, name, level)
            if isinstance(result.maker, Level):
                self.sharing.own(result.maker, maker, step.share)
                result.step = step
            return result
        if not isinstance(maker, Node) or maker.layer is None:
            if shared.main.shape is not None:
                self.values.error(Code.UNKNOWN_REFERENCE, "only a step can be shared", step.share, "not a step")
            return unknown
        inputs = self._layer_inputs(step, type(maker.layer), reader.x, ())
        self._take(level.child(name), name, step)
        node = self.application.node(step, maker.layer, maker.op, inputs, name, level, env)
        self.nodes.append(node)
        self.sink.append(node)
        self.sharing.own(node, maker, step.share)
        return Result(node.outputs[0], None, step, node, env)

    # ---- contracts ------------------------------------------------------------------------------

    def _expect(self, step: Step, result: Result, reader: Reader) -> None:
        """Hold a result against the shape that the spec says must come out."""
        node, shape = step.expect, result.main.shape
        if not isinstance(node, Sequence):
            assert node is not None
            self.values.error(Code.BAD_VALUE, "`expect` is a shape", node, "not a list of sizes")
            return
        if shape is None:
            return
        wanted = [self.size(item, reader) for item in node.items]
        self.conditions.at(node, result.maker.path if result.maker else "")
        agrees = len(wanted) == len(shape) and all(
            w is None or self.conditions.equal(s, w) for s, w in zip(shape, wanted, strict=True)
        )
        if not agrees:
            came = ", ".join(map(str, shape))
            self.findings.add(
                Diagnostic(
                    Code.EXPECT, f"`{step.title}` gives [{came}], not {node.span.text}", node.span,
                    f"what comes out is [{came}]", (Label(step.place.span, "this step"),),
                    path=result.maker.path if result.maker else "",
                    frames=around(reader.frame.level),
                )
            )  # fmt: skip

    def size(self, item: Place, reader: Reader) -> Size | None:
        """One size of a shape as written; None for `_`, and where it is not known."""
        if isinstance(item, Scalar) and item.text == "_":
            return None
        from netspec.elaborate.network import read_size

        return read_size(item, reader, self.values)


def _titles(body: Body) -> dict[str, Step]:
    """The steps of a body by their fixed names, those inside its loops and branches as well."""
    found: dict[str, Step] = {}
    for step in body.steps:
        if step.each is not None and step.body is not None:
            found.update(_titles(step.body))
        for each in (step, *(step.branches or ())):
            if each.name is not None and each.name.constant is not None:
                found.setdefault(each.name.constant, each)
    return found


def _flowing(frame: Frame) -> tuple[Value, ...]:
    return (frame.previous.main,) if frame.previous is not None else ()


def _nowhere(level: Level | None) -> Node:
    """The node behind a value that an error left unknown."""
    return Node("", "", "", None, (), None, level or Level("", "", None, None), {})


def _unknown(frame: Frame) -> Value:
    return Value(_nowhere(frame.level), 0, None, "float32")


def _shown(value: object) -> str:
    from netspec.layers.base import show

    return show(value)


def _a(value: object) -> str:
    """What a value is, as a user calls it."""
    kinds: list[tuple[type, str]] = [
        (bool, "true or false"), (int, "a whole number"), (float, "a number"), (str, "text"),
        (list, "a list"), (OpValue, "an op"),
    ]  # fmt: skip
    return next((name for kind, name in kinds if isinstance(value, kind)), "a size of a tensor")
