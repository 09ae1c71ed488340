"""The state of a step until it is a node: its scope, its inputs, and where its result goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from netspec.dims import Domain
from netspec.elaborate.scope import NOTHING_READ, BodyScope, Reader

if TYPE_CHECKING:
    from netspec.elaborate.op_value import OpValue
    from netspec.graph.nodes import Entry, Environment, Level, Value
    from netspec.syntax import Step


class StepContext(Reader):
    """One run of a step. Every stage of the interpreter receives it, reads it and fills in its results.

    `frame`, `env` and `x`, the inputs, are those of the scope in which the step's expressions are evaluated.
    """

    __slots__ = ("child_name", "entries", "input_names", "level", "step")

    def __init__(
        self,
        step: Step,
        frame: BodyScope,
        env: Environment,
        level: Level,
        entries: list[Entry],
        domains: Mapping[str, Domain],
    ) -> None:
        # `Reader.__init__` without the call: there is a context for each step that runs.
        self.frame, self.env, self.domains = frame, env, domains
        self.asked, self.seen = False, NOTHING_READ
        self.step = step
        self.level = level
        """The module that its node or level is a child of."""
        self.entries = entries
        """Where its node or level is added: the entries of `level`, or of one iteration in it."""
        self.x: tuple[Value, ...] = ()
        self.input_names: tuple[str, ...] = ()
        """The names of the inputs, if `from` is a mapping."""
        self.child_name: str | None = None
        """The name below `level`; None until the step or its enclosing step determines it."""

    def copy(
        self, name: str | None, level: Level, entries: list[Entry], x: tuple[Value, ...]
    ) -> StepContext:
        """The same step again, at another place and on other inputs."""
        copy = StepContext(self.step, self.frame, self.env, level, entries, self.domains)
        copy.x, copy.input_names, copy.child_name = x, self.input_names, name
        return copy


class DeclaredInputs(NamedTuple):
    """The inputs of a layer or block, as it declares them."""

    what: str
    """The layer or block, as a message calls it."""
    names: tuple[str, ...]
    optional: int = 0
    """How many of the last ones may be missing."""


class BranchJoin(NamedTuple):
    """A join of unnamed branches, which has a level of its own."""

    context: StepContext
    op: OpValue | None
