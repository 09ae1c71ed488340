"""The parts of a generated class: what `__init__` builds and what `forward` does, values left open.

A part says everything that is the same in all uses of a class; what may differ is a `Hole`, filled in
once all uses are known. Two levels with equal keys are two uses of one class.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from netspec.elaborate import Level, Node, Value
from netspec.spec import Block, Step


@dataclass(slots=True)
class Hole:
    """A value that may differ from use to use; within a loop, a value for each iteration."""

    value: object
    hint: str
    """What to call it if it becomes a constructor argument."""
    default: object = None
    names: tuple[str, ...] = ()
    """The names in the expression that it is computed by in the spec."""
    series: bool = False
    inner: bool = False
    """Whether it belongs to a loop in this place, and so says nothing of a loop around that."""
    text: str = ""
    """The Python that says it, once it is known."""
    in_forward: bool = False
    """Whether it is `forward` that says it, which sees no constructor arguments."""
    kept: str = ""
    """The attribute that keeps it for `forward`."""

    @property
    def said(self) -> str:
        """The Python that says it, where it stands."""
        return f"self.{self.kept}" if self.kept else self.text


@dataclass(slots=True)
class Argument:
    """One argument of a constructor call; `keyword` is empty where it goes by position."""

    keyword: str
    hole: Hole
    drop: bool = False
    """Whether it may be left out where its value is the default in all uses."""


@dataclass(slots=True)
class Build:
    """`self.name = callee(arguments)`."""

    name: str
    callee: str | ClassPlan
    arguments: list[Argument]
    node: Node | Level
    names: list[str] = field(default_factory=list)
    """Within a loop: the name in every iteration."""


@dataclass(slots=True)
class BuildChain:
    """`self.name = nn.Sequential()` and its children, in place."""

    name: str
    items: list[Item]
    level: Level
    names: list[str] = field(default_factory=list)


@dataclass(slots=True)
class BuildLoop:
    """A loop that builds one item per iteration, each called by its number."""

    item: Item
    start: int
    prefix: str
    suffix: str
    count: Hole
    step: Step


Item = Build | BuildChain | BuildLoop


@dataclass(slots=True)
class Call:
    """One statement of `forward`: what is applied to which values, and what comes out."""

    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    node: Node | Level
    item: Item | None = None
    """The module that is called; None for a function of tensors, or a module of an outer class."""
    function: tuple[Argument, ...] = ()
    loop: BuildLoop | None = None


@dataclass(slots=True)
class ClassPlan:
    """One class to print, and the levels that are its uses."""

    name: str
    definition: Block | Step | None
    uses: list[LevelPlan] = field(default_factory=list)
    parameters: list[str] = field(default_factory=list)
    """Its constructor arguments."""
    values: list[list[object]] = field(default_factory=list)
    """For each constructor argument its value in each use."""
    defaults: dict[str, object] = field(default_factory=dict)
    """The arguments that a use may leave out, with the block's own defaults."""
    attributes: dict[str, str] = field(default_factory=dict)
    """What `__init__` keeps for `forward`: attribute to the Python that says it."""


@dataclass(slots=True)
class LevelPlan:
    """One level of the graph as the use of a class."""

    level: Level
    items: list[Item]
    calls: list[Call]
    chain: bool
    """Whether it is a plain sequence, which needs no `forward`."""
    captured: tuple[Value, ...]
    """Values of outer bodies that it reads."""
    holes: list[Hole]
    key: object
    plan: ClassPlan | None = None
    index: int = 0
