"""`each` and `repeat`, unfolded; every iteration is run and checked for itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from netspec.diagnostics import Code
from netspec.dims import EVERY, Size, equal, evaluate, is_symbolic, symbols
from netspec.document import Node as Place
from netspec.document import Scalar, Sequence
from netspec.elaborate.evaluator import a_kind
from netspec.elaborate.input_order import by_position, names_of
from netspec.elaborate.run_limits import spend_work
from netspec.elaborate.scope import Frame, Reader, Result
from netspec.expr import UNKNOWN, Item
from netspec.expr.words import LITERALS
from netspec.graph.nodes import Environment, Level, Loop, Value, unknown
from netspec.layers.base import show
from netspec.layers.checks import with_numbers
from netspec.syntax import Step

if TYPE_CHECKING:
    from netspec.elaborate.interpreter import Walk

MOST_REPEATS = 100_000
_ITERATION = 10
"""Operations that an iteration counts as, in addition to the names that it sees."""
_NOT_KNOWN = Item(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)


class _Repeat(NamedTuple):
    """A repeat about to run: the step, its place in the spec's scopes, and what flows in."""

    step: Step
    frame: Frame
    env: Environment
    inputs: tuple[Value, ...]
    names: tuple[str, ...]
    times: int | None
    """None where it depends on an earlier error: then the step is walked once."""


class Loops:
    """Runs the steps that a loop contains, again and again."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk

    # ---- each -----------------------------------------------------------------------------------

    def each(self, step: Step, frame: Frame, env: Environment) -> None:
        """Run a loop's body for every item of its lists, which go in step."""
        walk = self.walk
        assert step.body is not None
        flowing = (frame.previous.main,) if frame.previous is not None else ()
        outer, iterations = walk.sink, []
        for inner in self.rounds(step, frame, env, flowing):
            walk.sink = []
            walk.body(step.body, frame, inner)
            iterations.append(walk.sink)
        walk.sink = outer
        outer.append(Loop(step, iterations))

    def rounds(
        self, step: Step, frame: Frame, env: Environment, flowing: tuple[Value, ...]
    ) -> Iterator[Environment]:
        """What the names mean in each iteration; a variable without a known item if the list is unknown."""
        assert step.each is not None
        self.walk.ran.add(step)
        reader = Reader(frame, env, flowing, self.walk.conditions.known)
        lists = [(key, self._items(node, reader)) for key, node in step.each]
        if not self._fits(step, lists):
            lists = [(key, None) for key, _ in lists]
        count = min((len(items) for _, items in lists if items is not None), default=1)
        for k in range(count):
            spend_work(self.walk.values.budget, len(env) + _ITERATION, step.place)
            items_here = {
                key.text: _NOT_KNOWN if items is None else Item(items[k], k, k == 0, k == count - 1)
                for key, items in lists
            }
            yield {**env, **items_here}

    def _items(self, node: Place, reader: Reader) -> list[object] | None:
        if self._words(node, reader):
            return None
        value = self.walk.values.value(node, reader)
        if value is UNKNOWN:
            return None
        if isinstance(value, list):
            return value
        self.walk.values.error(
            Code.EXPRESSION_TYPE,
            "a loop requires a list",
            node,
            f"this is {a_kind(value)}",
            *([f"to count, write `range({value})`"] if type(value) is int else []),
        )
        return None

    def _words(self, node: Place, reader: Reader) -> bool:
        """Whether a list is of words that nothing is known by, and most likely meant as text; reported."""
        items = node.items if isinstance(node, Sequence) else []
        words = [i.text for i in items if isinstance(i, Scalar) and i.text.isidentifier()]
        known = {*reader.names(), *LITERALS}
        if len(words) < 2 or len(words) != len(items) or any(word in known for word in words):
            return False
        self.walk.values.error(
            Code.UNKNOWN_NAME,
            f"`{words[0]}` is not defined here",
            items[0],
            "a name, not text",
            f"""for text, nest the quotes: `"'{words[0]}'"`""",
        )
        return True

    def _fits(self, step: Step, lists: list[tuple[Scalar, list[object] | None]]) -> bool:
        """Whether the variables can be named so and the lists have one length."""
        values = self.walk.values
        for key, _ in lists:
            if not key.text.isidentifier() or key.text in ("x", "i", "input", "previous"):
                values.error(
                    Code.BAD_NAME,
                    f"`{key.text}` cannot be the name of a loop variable",
                    key,
                    "reserved name" if key.text.isidentifier() else "not a valid identifier",
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

    def repeat(
        self,
        step: Step,
        frame: Frame,
        env: Environment,
        inputs: tuple[Value, ...],
        names: tuple[str, ...],
        name: str | None,
        level: Level,
    ) -> Result:
        """Run a step several times, each on what the one before gave."""
        assert step.repeat is not None
        reader = Reader(frame, env, inputs, self.walk.conditions.known)
        count = self._times(step.repeat, reader)
        if names:
            at_first = {**env, "i": UNKNOWN if count is None else 0}
            inputs, names = by_position(self.walk, step, frame, at_first, inputs, names)
        run = _Repeat(step, frame, env, inputs, names, count)
        if count == 0:
            return self._not_at_all(run, reader)
        inline = step.inline is not None and self.walk.flag(step.inline, reader)
        named = step.name is not None and not step.name.mentions("i") and not inline
        if name is None and not named:
            return self._iterate(run, level, numbered=False)
        title = self.walk.name(step, reader, frame) if name is None else name
        result = self._children(run, title, level)
        if step.name is not None:
            frame.steps[title] = result
        return result

    def _not_at_all(self, run: _Repeat, reader: Reader) -> Result:
        """No iteration: the identity."""
        self.walk.read_previous(run.step, run.frame)
        result = Result(run.inputs[0] if run.inputs else unknown(run.frame.level))
        result.used, result.left_out = 1, True
        self.walk.references.release(run.step, run.frame, run.env, run.names)
        if run.step.name is not None and not run.step.name.mentions("i"):
            run.frame.steps[self.walk.title(run.step, reader) or ""] = result
        return result

    def _children(self, run: _Repeat, name: str, level: Level) -> Result:
        """The iterations as children `0 … n-1` of a level of their own."""
        walk = self.walk
        inner = walk.blocks.level(name, level, run.step)
        sees_around = run.step.body is not None or run.step.branches is not None
        apart = sees_around or walk.shares(run.frame.file)
        run = run._replace(inputs=walk.blocks.enter(inner, run.step, run.inputs, apart=apart))
        outer, walk.sink = walk.sink, inner.entries
        names = set(run.frame.steps) if run.step.branches is not None else None
        result = self._iterate(run, inner, numbered=True)
        inner.input_names = run.names or names_of(result.maker)
        walk.sink = outer
        if names is not None:  # branches of an iteration are inside the level, and seen there only
            run.frame.steps = {k: v for k, v in run.frame.steps.items() if k in names}
        outer.append(inner)
        inner.outputs = (
            (result.main,) if result.named is None else tuple(dict.fromkeys(result.named.values()))
        )

        def again(x: tuple[Value, ...], other: str, where: Level) -> Result:
            return self._children(run._replace(inputs=x), other, where)

        walk.blocks.again[id(inner)] = again
        return Result(result.main, result.named, run.step, inner)

    def _iterate(self, run: _Repeat, level: Level, *, numbered: bool) -> Result:
        """The iterations one after the other; the first input is replaced, the others stay."""
        walk = self.walk
        outer, iterations = walk.sink, []
        inputs = run.inputs
        result = Result(inputs[0] if inputs else unknown(level))
        for k in range(1 if run.times is None else run.times):
            walk.sink = []
            spend_work(walk.values.budget, len(run.env) + _ITERATION, run.step.place)
            env = {**run.env, "i": UNKNOWN if run.times is None else k}
            name = str(k) if numbered else None
            result = walk.once(run.step, run.frame, env, inputs, run.names, name, level)
            inputs = (result.main, *inputs[1:])
            iterations.append(walk.sink)
        walk.sink = outer
        outer.append(Loop(run.step, iterations))
        if run.times is None:
            return Result(unknown(level), step=run.step)
        return result

    def _times(self, node: Place, reader: Reader) -> int | None:
        value = self.walk.values.value(node, reader)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if is_symbolic(value):
            value = self._decided(value, node)
        if value is UNKNOWN:
            return None
        if type(value) is not int or value < 0:
            self.walk.values.error(
                Code.EXPRESSION_TYPE,
                f"a step cannot be repeated {show(value)} times",
                node,
                "not an integer of at least 0",
            )
            return None
        if value > MOST_REPEATS:
            self.walk.values.error(
                Code.BOUNDS,
                f"a step cannot be repeated {value:,} times",
                node,
                f"more than {MOST_REPEATS:,}",
            )
            return None
        return value

    def _decided(self, size: Size, node: Place) -> object:
        """The one number that a symbolic size is for every input that `dims` allows."""
        known = self.walk.conditions.known
        smallest = {name: known.get(name, EVERY).smallest() for name in symbols(size)}
        number = evaluate(size, smallest)
        if equal(size, number, known).always:
            return number
        names = " and ".join(sorted(symbols(size)))
        self.walk.values.error(
            Code.UNDECIDED,
            f"a count must not depend on the input, but this is `{size}`",
            node,
            f"depends on {names}",
            f"{with_numbers(*sorted(symbols(size)))}, or restrict it in `dims`",
        )
        return UNKNOWN
