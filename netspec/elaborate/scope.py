"""The names that are visible at a step: parameters and loop variables, steps, inputs."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING

from netspec.dims import Domain, Shape
from netspec.expr import LoopItem
from netspec.graph.nodes import Level
from netspec.syntax import Body, Spec, Step, UnknownName

if TYPE_CHECKING:
    from netspec.graph.nodes import Environment, Node, Value


class Result:
    """The result of a step: one value, or several by name, of which the first becomes `previous`."""

    __slots__ = ("flows", "left_out", "main", "maker", "named", "step", "used")

    def __init__(
        self,
        main: Value,
        named: dict[str, Value] | None = None,
        step: Step | None = None,
        maker: Node | Level | None = None,
    ) -> None:
        self.main = main
        self.named = named
        self.step = step
        self.maker = maker
        """The node or level that made it, for `share`."""
        self.flows = True
        """Whether it becomes `previous`."""
        self.left_out = False
        """Whether its input passed through in its place."""
        self.used = 0
        """How many read it."""

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names of the inputs of the node or level that made it, by position; empty without names."""
        maker = self.maker
        if maker is None:
            return ()
        if isinstance(maker, Level):
            return maker.input_names
        return () if maker.layer is None or maker.layer.variadic else maker.layer.inputs


class BodyScope:
    """A body while its steps run: the steps so far, its inputs, and the body around it."""

    __slots__ = (
        "body",
        "counter",
        "entering",
        "entries",
        "env",
        "file",
        "input_names",
        "inputs",
        "level",
        "looked_at",
        "outer",
        "previous",
        "results",
        "running",
        "steps",
    )

    def __init__(
        self,
        level: Level,
        inputs: tuple[Value, ...],
        file: Spec,
        env: Environment,
        outer: BodyScope | None,
        body: Body,
    ) -> None:
        self.level, self.inputs, self.file, self.env, self.outer = level, inputs, file, env, outer
        self.steps: dict[str, Result] = {}
        self.results: list[Result] = []
        self.entries = level.entries
        """Where the nodes of its steps are added: those of the level, or of one iteration in it."""
        self.running: Step | None = None
        """The step that runs."""
        self.entering = [Result(value) for value in inputs]
        """The inputs, as readable names."""
        self.input_names: dict[str, Result] = {}
        self.previous = self.entering[0] if inputs else None
        self.counter = 0
        self.body = body
        self.looked_at = (0, False)
        """The number of steps that were searched for unknown names, and whether there was one."""

    def call_inputs(self, names: Iterable[str]) -> None:
        """Let the inputs be read by name."""
        self.input_names = dict(zip(names, self.entering, strict=False))

    def find(self, name: str) -> Result | None:
        """The result that `name` means here: a step, an input, or one of a body around this one."""
        if name == "previous":
            return self.previous
        if name == "input":
            return self.entering[0] if self.entering else None
        frame: BodyScope | None = self
        while frame is not None:
            if (result := frame.steps.get(name)) is not None:
                return result
            if (entering := frame.input_names.get(name)) is not None:
                return entering
            frame = frame.outer
        return None

    def matching(self, text: str) -> list[tuple[str, Result]]:
        """All earlier steps whose names match and that are not skipped, of the nearest body with a match."""
        from netspec.graph.path_patterns import matches

        frame: BodyScope | None = self
        while frame is not None:
            matching_results = [
                (name, result)
                for name, result in frame.steps.items()
                if not result.left_out and matches(text, name)
            ]
            if matching_results:
                return matching_results
            frame = frame.outer
        return []

    @property
    def lost(self) -> bool:
        """Whether an unresolved name may be that of a step whose name is unknown."""
        frame: BodyScope | None = self
        while frame is not None:
            if frame.has_unnamed():
                return True
            frame = frame.outer
        return False

    def has_unnamed(self) -> bool:
        """Whether a step of this body has an unknown name; searches each step once."""
        count, has_unnamed = self.looked_at
        if count != len(self.steps):
            newer = islice(reversed(self.steps), max(len(self.steps) - count, 0))
            fresh = any(isinstance(name, UnknownName) for name in newer)
            self.looked_at = len(self.steps), has_unnamed or fresh
        return self.looked_at[1]

    def last_names(self, count: int) -> list[str]:
        """The last of `names`, without looking at all the others."""
        names: dict[str, None] = {}
        for name in self._backwards():
            names[name] = None
            if len(names) == count:
                break
        return list(names)[::-1]

    def _backwards(self) -> Iterator[str]:
        yield from ("previous", "input") if self.inputs else ()
        frames: list[BodyScope] = []
        frame: BodyScope | None = self
        while frame is not None:
            frames.append(frame)
            frame = frame.outer
        for each in reversed(frames):
            yield from reversed(each.input_names)
            yield from (n for n in reversed(each.steps) if not isinstance(n, UnknownName))

    def names(self) -> list[str]:
        """All valid references at this step."""
        names: dict[str, None] = {}
        frame: BodyScope | None = self
        while frame is not None:
            names.update(dict.fromkeys((*frame.steps, *frame.input_names)))
            frame = frame.outer
        speakable = [name for name in names if not isinstance(name, UnknownName)]
        return list(dict.fromkeys([*speakable, *(("input", "previous") if self.inputs else ())]))

    def most_similar(self, text: str) -> list[str]:
        """Some of the steps here and around, those that are most like a text first."""
        from difflib import SequenceMatcher

        names: list[str] = []
        frame: BodyScope | None = self
        while frame is not None:
            names += [
                n
                for n, result in frame.steps.items()
                if not result.left_out and not isinstance(n, UnknownName)
            ]
            frame = frame.outer
        return sorted(names, key=lambda n: -SequenceMatcher(None, n, text).ratio())[:8]


NOTHING_READ: dict[str, tuple[Value, ...]] = {}
"""The initial reads of a scope: replaced, not extended."""


class Reader:
    """The scope of the expressions of one step, for `netspec.expr`."""

    __slots__ = ("asked", "domains", "env", "frame", "seen", "x")

    later: Container[str] = ()
    """Parameters that are declared further down."""

    def __init__(
        self,
        frame: BodyScope,
        env: Environment,
        x: tuple[Value, ...],
        domains: Mapping[str, Domain],
    ) -> None:
        self.frame, self.env, self.x, self.domains = frame, env, x, domains
        self.asked = False
        """Whether an expression looked a name up; otherwise it needs no second evaluation."""
        self.seen: dict[str, tuple[Value, ...]] = NOTHING_READ
        """The tensors whose sizes were looked up."""

    def name(self, name: str) -> object:
        """The value of a bare name."""
        self.asked = True
        return self.env[name]

    def tensor(self, name: str) -> list[Shape | None]:
        """The shapes of the tensors of a name."""
        self.asked = True
        if name == "x":
            values = self.x
        elif name == "input":
            values = self.frame.inputs
            if self.frame.entering:
                self.frame.entering[0].used += 1
        else:
            result = self.frame.find(name)
            if result is None:
                raise KeyError(name)
            result.used += 1
            values = (result.main,)
        if self.seen is NOTHING_READ:
            self.seen = {}
        self.seen[name] = values
        return [v.shape for v in values]

    def names(self) -> Iterable[str]:
        """The candidates for a suggestion, loop variables first."""
        loops = [name for name, value in self.env.items() if isinstance(value, LoopItem)]
        return [*loops, *self.env, *self.frame.names(), "x"]

    def known(self) -> Mapping[str, Domain]:
        """The bounds that the file declares for the symbols."""
        return self.domains


class DefaultReader(Reader):
    """The scope of a parameter's value: those before it have one, those after it are `later`."""

    __slots__ = ("later",)

    def __init__(
        self, frame: BodyScope, domains: Mapping[str, Domain], declared: Container[str]
    ) -> None:
        super().__init__(frame, frame.env, (), domains)
        self.later = _Later(declared, frame.env)


class _Later:
    """The parameters that are declared and have no value yet."""

    __slots__ = ("declared", "env")

    def __init__(self, declared: Container[str], env: Container[str]) -> None:
        self.declared, self.env = declared, env

    def __contains__(self, name: object) -> bool:
        return name in self.declared and name not in self.env
