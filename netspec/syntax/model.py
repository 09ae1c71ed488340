"""The contents of a file as values: steps, blocks, parameters. No behavior; every part has its span."""

from __future__ import annotations

from collections.abc import Iterator

from netspec.document import Document, Mapping, Scalar, TextNode
from netspec.expr import Template
from netspec.record import field, record

RESERVED_NAMES = {
    "x": "`x` is the tensor that a step receives",
    "i": "`i` is the index of an iteration",
    "input": "`input` is the input of the enclosing block or network",
    "previous": "`previous` is the result of the step before",
}
"""Names with a meaning in expressions and references, which no step, input or parameter can have."""


class UnknownName(str):
    """The name of a step whose own is not known, after an error. No reference means such a step.

    Its text is one that no name has, so that the paths of such steps are not those of others.
    """

    __slots__ = ()


UNNAMED = UnknownName("<unnamed>")


class Step:
    """One step of a body: an op, a group (`body`), a loop (`each`), or another step again (`share`).

    A step that is not one of these could not be read: an error has been reported. Class attributes are the
    defaults, so that a plain step costs three attributes.
    """

    name: Template | None = None
    fixed: str | None = None
    """The name, if it is not an expression."""
    op: Scalar | None = None
    arguments: tuple[tuple[Scalar, TextNode], ...] = ()
    source: TextNode | None = None
    """The value of `from`."""
    formulas: tuple[Step, ...] = ()
    """The formulas in `from`, which run before it."""
    written_arguments: tuple[tuple[Scalar, TextNode], ...] | None = None
    """For a formula that ran: the arguments of the text, as opposed to all numbers in the formula."""
    body: Body | None = None
    outputs: TextNode | None = None
    branches: tuple[Step, ...] | None = None
    each: tuple[tuple[Scalar, TextNode], ...] | None = None
    repeat: TextNode | None = None
    when: TextNode | None = None
    inline: TextNode | None = None
    share: TextNode | None = None
    expect: TextNode | None = None
    checkpoint: TextNode | None = None
    doc: str = ""

    def __init__(self, node: TextNode, place: TextNode) -> None:
        self.node = node
        """All of the step."""
        self.place = place
        """The node that a message marks: its name, or its op."""

    @property
    def inside(self) -> tuple[Step, ...]:
        """The steps in it: those of its body, and its branches."""
        if self.body is None:
            return self.branches or ()
        return (*self.body.steps, *(self.branches or ()))

    @property
    def title(self) -> str:
        """The step in a message: its name as written, or its op."""
        if self.name is not None:
            return self.name.text
        return self.op.text if self.op is not None else "group"


@record(eq=False, slots=True)
class Body:
    """An ordered list of steps."""

    steps: tuple[Step, ...]
    node: TextNode
    output_formulas: tuple[Step, ...] = ()
    """The formulas in the `outputs` of what the body belongs to, which run last."""

    def walk(self) -> Iterator[Step]:
        """All steps of it and in them, each before those inside."""
        waiting = list(self.steps[::-1])
        while waiting:
            step = waiting.pop()
            yield step
            if step.body is not None or step.branches:
                waiting += step.inside[::-1]

    def steps_by_name(self) -> dict[str, Step]:
        """Its steps by their fixed names, those inside its loops and branches as well."""
        steps: dict[str, Step] = {}
        for step in self.steps:
            for each in (step, *(step.branches or ())):
                if each.each is not None and each.body is not None:
                    steps.update(each.body.steps_by_name())
                if each.fixed is not None:
                    steps.setdefault(each.fixed, each)
        return steps


@record(eq=False, slots=True)
class Parameter:
    """A declared parameter of a block or of the file."""

    name: str
    place: Scalar
    type: str
    """A word of `key_tables.TYPES`, `[word]`, or `""` if only the default determines the type."""
    default: TextNode | None = None
    least: float | None = None
    most: float | None = None
    choices: tuple[object, ...] = ()
    doc: str = ""


@record(eq=False, slots=True)
class Block:
    """A named, parameterised piece of graph."""

    name: str
    place: Scalar
    body: Body
    file: Spec
    parameters: dict[str, Parameter] = field(default_factory=dict)
    inputs: tuple[Scalar, ...] = ()
    outputs: TextNode | None = None
    doc: str = ""
    failed: bool = False
    """Whether it could not be read: an error has been reported."""


@record(eq=False, slots=True)
class Input:
    """An input of the network: a name and a shape as written."""

    name: str
    place: Scalar
    shape: TextNode
    dtype: str = "float32"


@record(eq=False, slots=True)
class Dimension:
    """The declarations about one symbol."""

    name: str
    place: Scalar
    least: int = 1
    most: int | None = None
    multiple_of: int = 1
    example: int | None = None
    node: TextNode | None = None

    @property
    def declared(self) -> bool:
        """Whether it promises anything of the size; an example alone does not."""
        return self.least > 1 or self.most is not None or self.multiple_of > 1


@record(eq=False, slots=True)
class InitRule:
    """`init: {Conv2d: {weight: zeros_}}`: the initialization of the parameters that `target` matches."""

    target: Scalar
    parameter: Scalar
    function: str
    arguments: dict[str, tuple[Scalar, TextNode]]
    place: TextNode
    file: Spec


@record(eq=False, slots=True)
class Spec:
    """A whole file."""

    document: Document
    root: Mapping
    version: float = 1
    """The version of the language that the file declares."""
    name: str = ""
    doc: str = ""
    parameters: dict[str, Parameter] = field(default_factory=dict)
    presets: dict[str, Mapping] = field(default_factory=dict)
    inputs: tuple[Input, ...] = ()
    dims: dict[str, Dimension] = field(default_factory=dict)
    uses: dict[str, Spec] = field(default_factory=dict)
    blocks: dict[str, Block] = field(default_factory=dict)
    init: tuple[InitRule, ...] = ()
    body: Body | None = None
    outputs: TextNode | None = None
    budget: dict[str, tuple[Scalar, TextNode]] = field(default_factory=dict)
    rename: dict[str, str] = field(default_factory=dict)
    """Names in files of weights, as they are called here."""

    def walk(self) -> Iterator[Step]:
        """All steps of the file: those of its body, and those of its blocks."""
        if self.body is not None:
            yield from self.body.walk()
        for block in self.blocks.values():
            yield from block.body.walk()
