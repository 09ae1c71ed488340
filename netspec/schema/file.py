"""A spec file: its keys, and what is declared under them."""

from __future__ import annotations

import os
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, PrivateAttr
from typing_extensions import TypeAliasType

from netspec.schema.steps import Step
from netspec.schema.values import (
    Closed,
    Data,
    Expression,
    Number,
    OrAbsent,
    References,
    Scalar,
    Sentence,
    Size,
    Words,
    optional,
    wanted,
)
from netspec.schema.written import read_data
from netspec.schema.yaml_text import yaml_text
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

    __pydantic_extra__: dict[str, Data]

    op: str = wanted("The layer or block.")


class Declaration(Closed):
    """A parameter in full."""

    type: OrAbsent[Type] = optional("Which values it takes; `[int]` is a list of them.")
    default: OrAbsent[Data] = optional("Its value where none is given; `=4 * width` computes.")
    min: OrAbsent[Number] = optional("The least value it takes.")
    max: OrAbsent[Number] = optional("The largest value it takes.")
    choices: OrAbsent[list[Data]] = optional("The values that it takes.")
    doc: OrAbsent[Sentence] = optional("A sentence for the reader.")


Parameter = Scalar | list[Data] | Declaration | OpValue
"""A type, a default, or a declaration in full."""


class Input(Closed):
    """An input in full."""

    shape: list[Size | Expression] = wanted(
        "Its sizes: `[N, 3, H, W]`; a name with a capital is a size left open."
    )
    dtype: OrAbsent[ElementType] = optional(
        "The type of its elements, as torch spells it; default: float32."
    )
    doc: OrAbsent[Sentence] = optional("A sentence for the reader.")


class Dimension(Closed):
    """What is known of a size."""

    min: OrAbsent[Size] = optional("The least that the size can be; a promise of the caller.")
    max: OrAbsent[Size] = optional("The most that it can be; likewise.")
    multiple_of: OrAbsent[Size] = optional("What the size is divisible by; likewise.")
    example: OrAbsent[Size] = optional("A size for tables and costs; it decides nothing.")
    doc: OrAbsent[Sentence] = optional("A sentence for the reader.")


class Block(Closed):
    """A named, parameterised piece of network."""

    doc: OrAbsent[Sentence] = optional("What the block is, in a sentence.")
    params: dict[str, Parameter] | None = optional(
        "Its parameters: `planes: int` must be given, `stride: 1` may be."
    )
    inputs: OrAbsent[Words | list[Words]] = optional(
        "The names of its inputs, where it has several; the first flows in."
    )
    body: list[Step] = wanted("Its steps, in order.")
    outputs: OrAbsent[References] = optional(
        "What comes out; of several, the first flows on. Default: the last step."
    )


def _with_body(value: Any) -> Any:
    return {"body": value} if isinstance(value, list) else value


BlockForms = Annotated[
    Block, BeforeValidator(_with_body, json_schema_input_type=Block | list[Step])
]
"""A block; a list is its body."""


class InitRule(Closed, extra="allow"):
    """A function of `torch.nn.init` with its arguments."""

    fn: str = wanted("A function of `torch.nn.init`: `kaiming_normal_`.")


Initialization = TypeAliasType("Initialization", "str | InitRule")
"""How one parameter starts. The schema says which functions there are, and what each takes."""


class Budget(Closed):
    """Limits that `netspec check` enforces."""

    params: OrAbsent[Number | Expression] = optional("The most parameters.")
    macs: OrAbsent[Number | Expression] = optional("The most multiply-adds, at the example sizes.")
    activations: OrAbsent[Number | Expression] = optional(
        "The most elements of all results together, at the example sizes."
    )
    depth: OrAbsent[Number | Expression] = optional(
        "The most layers with a kernel or a weight matrix on any way through."
    )


class SpecFile(Closed):
    """A neural network as data: built, validated and edited in Python, read from YAML and written to it.

    `netspec.load` and `netspec.compile` take it in place of a path. Steps and blocks have one form each,
    `Step` and `Block`, whichever form a file writes them in.

    Example:
        >>> from netspec import SpecFile, Step
        >>> spec = SpecFile(
        ...     inputs={"image": ["N", 3, "H", "W"]},
        ...     body=[Step(op="Conv2d", name="conv", out_channels=64, kernel_size=7), "ReLU"],
        ... )
        >>> spec.body[0].stride = 2
        >>> print(spec.to_yaml(), end="")
        netspec: 1
        inputs: {image: [N, 3, H, W]}
        body:
          - conv: {op: Conv2d, out_channels: 64, kernel_size: 7, stride: 2}
          - ReLU
    """

    _file: str = PrivateAttr("")

    netspec: Annotated[float, Field(ge=1, lt=2)] = wanted(
        "The version of the language: 1.", json_schema_extra={"default": LANGUAGE}
    )
    name: OrAbsent[Sentence] = optional(
        "What the network is called; default: the name of the file."
    )
    doc: OrAbsent[Sentence] = optional("What the network is, in a sentence.")
    params: dict[str, Parameter] | None = optional(
        "Values that a user may override: `netspec check --set growth=48`."
    )
    presets: dict[str, dict[str, Data]] | None = optional(
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
    blocks: dict[str, BlockForms] | None = optional(
        "Named pieces of network, with parameters; used like layers."
    )
    init: dict[str, dict[str, Initialization] | None] | None = optional(
        "How weights start: a layer or a pattern of paths, to `torch.nn.init`."
    )
    body: OrAbsent[list[Step]] = optional(
        "The steps of the network, in order; without it the file is a library."
    )
    outputs: OrAbsent[References] = optional(
        "What comes out: a name, a list or a mapping; default: the last step."
    )
    budget: Budget | None = optional("Limits that `netspec check` enforces.")
    rename: dict[str, str] | None = optional(
        'Old names in files of weights, to the names here: `{"norm.1": norm1}`.'
    )

    def __init__(self, /, **keys: Any) -> None:
        super().__init__(**{"netspec": LANGUAGE, **keys})

    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @property
    def file(self) -> str:
        """The file that it was read from, which paths in `use` are relative to; empty for a text."""
        return self._file

    @classmethod
    def from_yaml(cls, path_or_text: str | os.PathLike[str]) -> Self:
        """Read a file, or a text of YAML or JSON; a text has a line break or begins with `{`.

        Raises:
            pydantic.ValidationError: the structure is not that of a spec; each error has the path of its field.
            netspec.SpecError: the file cannot be read, or is not valid YAML.
        """
        file, data = read_data(path_or_text)
        spec = cls.model_validate(data)
        spec._file = file
        return spec

    def to_yaml(self) -> str:
        """Write the spec in the canonical layout, the one that `netspec fmt` writes.

        Raises:
            pydantic.ValidationError: editing made something that is not a spec.
        """
        return yaml_text(type(self).model_validate(self.data()))
