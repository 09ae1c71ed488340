"""A spec file: its keys, and what is declared under them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypeAliasType

from netspec.schema.steps import Step
from netspec.schema.values import (
    Closed,
    Expression,
    References,
    Scalar,
    Size,
    Words,
    optional,
    required_key,
)
from netspec.spec.file import LANGUAGE

Type = TypeAliasType(
    "Type",
    "Literal['int', 'float', 'bool', 'str', 'op', 'size', 'any']"
    " | Annotated[list[Type], Field(min_length=1, max_length=1)]",
)
"""A word, or a list of one: `[int]`."""

ElementType = (
    Literal[
        "float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8",
        "bool", "complex64", "complex128",
    ]
    | Annotated[str, Field(pattern=r"^torch\.")]
)  # fmt: skip


class OpValue(Closed, extra="allow"):
    """A layer or a block as a value, with arguments: `{op: LeakyReLU, negative_slope: 0.1}`."""

    op: str = required_key("The layer or block.")


class Declaration(Closed):
    """A parameter in full."""

    type: Type = optional("Which values it takes; `[int]` is a list of them.")
    default: Any = optional("Its value where none is given; `=4 * width` computes.")
    min: float = optional("The least value it takes.")
    max: float = optional("The largest value it takes.")
    choices: list[Any] = optional("The values that it takes.")
    doc: Words = optional("A sentence for the reader.")


Parameter = Scalar | list[Any] | Declaration | OpValue
"""A type, a default, or a declaration in full."""


class Input(Closed):
    """An input in full."""

    shape: list[Size | Expression] = required_key(
        "Its sizes: `[N, 3, H, W]`; a name with a capital is a size left open."
    )
    dtype: ElementType = optional("The type of its elements, as torch spells it; default: float32.")
    doc: Words = optional("A sentence for the reader.")


class Dimension(Closed):
    """What is known of a size."""

    min: Size = optional("The least that the size can be; a promise of the caller.")
    max: Size = optional("The most that it can be; likewise.")
    multiple_of: Size = optional("What the size is divisible by; likewise.")
    example: Size = optional("A size for tables and costs; it decides nothing.")
    doc: Words = optional("A sentence for the reader.")


class Block(Closed):
    """A named, parameterised piece of network."""

    doc: Words = optional("What the block is, in a sentence.")
    params: dict[str, Parameter] | None = optional(
        "Its parameters: `planes: int` must be given, `stride: 1` may be."
    )
    inputs: Words | list[Words] = optional(
        "The names of its inputs, where it has several; the first flows in."
    )
    body: list[Step] = required_key("Its steps, in order.")
    outputs: References = optional(
        "What comes out; of several, the first flows on. Default: the last step."
    )


class InitRule(Closed, extra="allow"):
    """A function of `torch.nn.init` with its arguments."""

    fn: str = required_key("A function of `torch.nn.init`: `kaiming_normal_`.")


Initialization = TypeAliasType("Initialization", "str | InitRule")
"""How one parameter starts. The schema says which functions there are, and what each takes."""


class Budget(Closed):
    """Limits that `netspec check` enforces."""

    params: float | Expression = optional("The most parameters.")
    macs: float | Expression = optional("The most multiply-adds, at the example sizes.")
    activations: float | Expression = optional(
        "The most elements of all results together, at the example sizes."
    )
    depth: float | Expression = optional(
        "The most layers with a kernel or a weight matrix on any way through."
    )


class SpecFile(Closed):
    """A neural network written as text."""

    netspec: Annotated[float, Field(ge=1, lt=2)] = required_key(
        "The version of the language: 1.", json_schema_extra={"default": LANGUAGE}
    )
    name: Words = optional("What the network is called; default: the name of the file.")
    doc: Words = optional("What the network is, in a sentence.")
    params: dict[str, Parameter] | None = optional(
        "Values that a user may override: `netspec check --set growth=48`."
    )
    presets: dict[str, dict[str, Any]] | None = optional(
        "Named sets of such values: `--preset densenet169` chooses one."
    )
    inputs: dict[str, list[Size | Expression] | Input] | None = optional(
        "What goes in: name to shape, `{image: [N, 3, H, W]}`."
    )
    dims: dict[str, Size | Dimension] | None = optional(
        "What is known of the sizes left open: `H: {min: 32, example: 224}`."
    )
    use: dict[str, str] | None = optional(
        "Files whose blocks this one takes: `{resnet: ./blocks/resnet.yaml}`."
    )
    blocks: dict[str, Block | list[Step]] | None = optional(
        "Named pieces of network, with parameters; used like layers."
    )
    init: dict[str, dict[str, Initialization] | None] | None = optional(
        "How weights start: a layer or a pattern of paths, to `torch.nn.init`."
    )
    body: list[Step] = optional(
        "The steps of the network, in order; without it the file is a library."
    )
    outputs: References = optional(
        "What comes out: a name, a list or a mapping; default: the last step."
    )
    budget: Budget | None = optional("Limits that `netspec check` enforces.")
    rename: dict[str, str] | None = optional(
        'Old names in files of weights, to the names here: `{"norm.1": norm1}`.'
    )
