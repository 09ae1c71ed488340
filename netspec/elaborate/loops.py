"""`each` and `repeat`, unfolded; every iteration is run and checked for itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from netspec.diagnostics import Code
from netspec.dims import EVERY, Size, equal, evaluate, is_symbolic, symbols
from netspec.document import Scalar, Sequence, TextNode
from netspec.elaborate.evaluator import a_kind
from netspec.elaborate.run_limits import spend_work
from netspec.elaborate.scope import BodyScope, Reader, Result
from netspec.elaborate.step_context import StepContext
from netspec.expr import UNKNOWN, LoopItem
from netspec.expr.words import LITERALS
from netspec.graph.nodes import Entry, Environment, Level, Loop, Value, unknown
from netspec.layer.argument_kinds import show
from netspec.layer.checks import with_numbers
from netspec.syntax import RESERVED_NAMES, Step

if TYPE_CHECKING:
    from netspec.elaborate.interpreter import Interpreter

MOST_REPEATS = 100_000
_ITERATION = 10
"""Operations that an iteration counts as, in addition to the names that it sees."""
_NOT_KNOWN = LoopItem(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)


class Repetition(NamedTuple):
    """A repeat about to run: the step with its inputs, and how many times."""

    context: StepContext
    times: int | None
    """None after an error: then the step runs once."""


class Loops:
    """Runs the steps that a loop contains, again and again."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter

    # ---- each -----------------------------------------------------------------------------------

    def each(self, step: Step, frame: BodyScope, env: Environment, entries: list[Entry]) -> None:
        """Run a loop's body for every item of its lists, which go in step."""
        assert step.body is not None
        flowing = (frame.previous.main,) if frame.previous is not None else ()
        iterations: list[list[Entry]] = []
        for inner in self.rounds(step, frame, env, flowing):
            iteration: list[Entry] = []
            self.interpreter.body(step.body, frame, inner, iteration)
            iterations.append(iteration)
        entries.append(Loop(step, iterations))

    def rounds(
        self, step: Step, frame: BodyScope, env: Environment, flowing: tuple[Value, ...]
    ) -> Iterator[Environment]:
        """The scope of each iteration; for an unknown list, one with a variable without a value."""
        assert step.each is not None
        self.interpreter.ran.add(step)
        reader = Reader(frame, env, flowing, self.interpreter.conditions.known)
        lists = [(key, self._items(node, reader)) for key, node in step.each]
        if not self._fits(step, lists):
            lists = [(key, None) for key, _ in lists]
        count = min((len(items) for _, items in lists if items is not None), default=1)
        for k in range(count):
            spend_work(self.interpreter.values.budget, len(env) + _ITERATION, step.place)
            items_here = {
                key.text: _NOT_KNOWN
                if items is None
                else LoopItem(items[k], k, k == 0, k == count - 1)
                for key, items in lists
            }
            yield {**env, **items_here}

    def _items(self, node: TextNode, reader: Reader) -> list[object] | None:
        if self._words(node, reader):
            return None
        value = self.interpreter.values.value(node, reader)
        if value is UNKNOWN:
            return None
        if isinstance(value, list):
            return value
        self.interpreter.values.error(
            Code.EXPRESSION_TYPE,
            "a loop requires a list",
            node,
            f"this is {a_kind(value)}",
            *([f"to count, write `range({value})`"] if type(value) is int else []),
        )
        return None

    def _words(self, node: TextNode, reader: Reader) -> bool:
        """Report a list of undefined names that was most likely intended as text."""
        items = node.items if isinstance(node, Sequence) else []
        words = [i.text for i in items if isinstance(i, Scalar) and i.text.isidentifier()]
        known = {*reader.names(), *LITERALS}
        if len(words) < 2 or len(words) != len(items) or any(word in known for word in words):
            return False
        self.interpreter.values.error(
            Code.UNKNOWN_NAME,
            f"`{words[0]}` is not defined here",
            items[0],
            "a name, not text",
            f"""for text, nest the quotes: `"'{words[0]}'"`""",
        )
        return True

    def _fits(self, step: Step, lists: list[tuple[Scalar, list[object] | None]]) -> bool:
        """Whether the variables can be named so and the lists have one length."""
        values = self.interpreter.values
        for key, _ in lists:
            if not key.text.isidentifier() or key.text in RESERVED_NAMES:
                values.error(
                    Code.BAD_NAME,
                    f"`{key.text}` cannot be the name of a loop variable",
                    key,
                    RESERVED_NAMES.get(key.text, "not a valid identifier"),
                )
        lengths = {len(items) for _, items in lists if items is not None}
        if len(lengths) <= 1:
            return True
        lengths_text = " and ".join(
            f"`{key.text}` has {len(items or [])} item{'s' * (len(items or []) != 1)}"
            for key, items in lists
        )
        values.error(
            Code.EXPRESSION_TYPE,
            f"lists in one `each` must have equal lengths: {lengths_text}",
            step.place,
            "different lengths",
        )
        return False

    # ---- repeat ---------------------------------------------------------------------------------

    def repeat(self, context: StepContext) -> Result:
        """Run a step several times, each on the previous result."""
        interpreter, step = self.interpreter, context.step
        assert step.repeat is not None
        times = self._times(step.repeat, context)
        if context.input_names:
            at_first = {**context.env, "i": UNKNOWN if times is None else 0}
            from netspec.elaborate.input_order import put_in_order

            put_in_order(interpreter, context, at_first)
        if times == 0:
            return self._not_at_all(context)
        repetition = Repetition(context, times)
        inline = step.inline is not None and interpreter.flag(step.inline, context)
        named = step.name is not None and not step.name.mentions("i") and not inline
        if context.child_name is None:
            if not named:
                return self._iterate(repetition, context.level, context.entries, context.x)
            context.child_name = interpreter.name(context)
        result = self.children(repetition)
        if step.name is not None:
            context.frame.steps[context.child_name] = result
        return result

    def _not_at_all(self, context: StepContext) -> Result:
        """No iteration: the identity."""
        interpreter, step, frame = self.interpreter, context.step, context.frame
        interpreter.read_previous(step, frame)
        result = Result(context.x[0] if context.x else unknown(frame.level))
        result.used, result.left_out = 1, True
        interpreter.references.release(step, frame, context.env, context.input_names)
        if step.name is not None and not step.name.mentions("i"):
            frame.steps[interpreter.title(step, context) or ""] = result
        return result

    def children(self, repetition: Repetition) -> Result:
        """The iterations as children `0 … n-1` of a level of their own."""
        context, blocks = repetition.context, self.interpreter.blocks
        step, frame = context.step, context.frame
        inner = blocks.level(context)
        sees_around = step.body is not None or step.branches is not None
        apart = sees_around or self.interpreter.shares(frame.file)
        inputs = blocks.enter(inner, step, context.x, apart=apart)
        names = set(frame.steps) if step.branches is not None else None
        result = self._iterate(repetition, inner, inner.entries, inputs)
        inner.input_names = context.input_names or result.input_names
        if names is not None:  # branches of an iteration are inside the level, and seen there only
            frame.steps = {k: v for k, v in frame.steps.items() if k in names}
        context.entries.append(inner)
        inner.outputs = (
            (result.main,) if result.named is None else tuple(dict.fromkeys(result.named.values()))
        )
        blocks.openings[inner] = repetition
        return Result(result.main, result.named, step, inner)

    def _iterate(
        self,
        repetition: Repetition,
        level: Level,
        entries: list[Entry],
        inputs: tuple[Value, ...],
    ) -> Result:
        """The iterations one after the other; the first input is replaced, the others stay.

        In a level of their own they have numbers for names.
        """
        context, times = repetition
        numbered = level is not context.level
        iterations: list[list[Entry]] = []
        result = Result(inputs[0] if inputs else unknown(level))
        for k in range(1 if times is None else times):
            iteration: list[Entry] = []
            spend_work(
                self.interpreter.values.budget, len(context.env) + _ITERATION, context.step.place
            )
            run = context.copy(str(k) if numbered else None, level, iteration, inputs)
            run.env = {**context.env, "i": UNKNOWN if times is None else k}
            result = self.interpreter.run_once(run)
            inputs = (result.main, *inputs[1:])
            iterations.append(iteration)
        entries.append(Loop(context.step, iterations))
        if times is None:
            return Result(unknown(level), step=context.step)
        return result

    def _times(self, node: TextNode, reader: Reader) -> int | None:
        value = self.interpreter.values.value(node, reader)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if is_symbolic(value):
            value = self._decided(value, node)
        if value is UNKNOWN:
            return None
        if type(value) is not int or value < 0:
            self.interpreter.values.error(
                Code.EXPRESSION_TYPE,
                f"a step cannot be repeated {show(value)} times",
                node,
                "not an integer of at least 0",
            )
            return None
        if value > MOST_REPEATS:
            self.interpreter.values.error(
                Code.BOUNDS,
                f"a step cannot be repeated {value:,} times",
                node,
                f"more than {MOST_REPEATS:,}",
            )
            return None
        return value

    def _decided(self, size: Size, node: TextNode) -> object:
        """The one number that a symbolic size is for every input that `dims` allows."""
        known = self.interpreter.conditions.known
        smallest = {name: known.get(name, EVERY).smallest() for name in symbols(size)}
        number = evaluate(size, smallest)
        if equal(size, number, known).always:
            return number
        names = " and ".join(sorted(symbols(size)))
        self.interpreter.values.error(
            Code.UNDECIDED,
            f"a count must not depend on the input, but this is `{size}`",
            node,
            f"depends on {names}",
            f"{with_numbers(*sorted(symbols(size)))}, or restrict it in `dims`",
        )
        return UNKNOWN
