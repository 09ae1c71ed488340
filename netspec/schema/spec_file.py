"""A spec file: its keys and their values."""

from __future__ import annotations

import os
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr
from typing_extensions import TypeAliasType

from netspec.schema.field_types import (
    Closed,
    Data,
    InputSize,
    Limit,
    Number,
    OrAbsent,
    References,
    Scalar,
    Sentence,
    Size,
    optional_key,
    required_key,
)
from netspec.schema.scalar_fields import read_data
from netspec.schema.step_models import Step
from netspec.schema.unions import by_kind
from netspec.schema.yaml_writer import yaml_text
from netspec.syntax.file import VERSIONS
from netspec.syntax.rename_rules import rule_fault

TypeWord = Literal["int", "float", "bool", "str", "op", "size", "any"]
Type = TypeAliasType("Type", "TypeWord | Annotated[list[Type], Field(min_length=1, max_length=1)]")
"""A word, or a list of one: `[int]`."""

ElementTypeWord = Literal[
    "float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8",
    "bool", "complex64", "complex128",
]  # fmt: skip
ElementType = ElementTypeWord | Annotated[str, Field(pattern=r"^torch\.")]


class OpValue(Closed, extra="allow"):
    """A layer or a block as a value, with arguments: `{op: LeakyReLU, negative_slope: 0.1}`."""

    __pydantic_extra__: dict[str, Data]

    op: str = required_key("The layer or block.")


class Declaration(Closed):
    """A parameter in full."""

    type: OrAbsent[Type] = optional_key("The type of its values; `[int]` is a list of integers.")
    default: OrAbsent[Data] = optional_key(
        "The value if a use does not set the parameter; `=4 * width` is an expression."
    )
    min: OrAbsent[Number] = optional_key("The smallest valid value.")
    max: OrAbsent[Number] = optional_key("The largest valid value.")
    choices: OrAbsent[list[Data]] = optional_key("The valid values.")
    doc: OrAbsent[Sentence] = optional_key("A description for readers.")


Parameter = Annotated[
    Scalar | list[Data] | Declaration | OpValue,
    by_kind(
        "a type, a default or a declaration",
        lambda value: Declaration if value.get("op") is None else OpValue,
    ),
]
"""A type, a default, or a declaration in full."""


class Input(Closed):
    """An input in full."""

    shape: list[InputSize] = required_key(
        "Its sizes: `[N, 3, H, W]`; a name with a capital is a symbolic size."
    )
    dtype: OrAbsent[ElementType] = optional_key(
        "The type of its elements, spelled as in torch. Default: float32."
    )
    doc: OrAbsent[Sentence] = optional_key("A description for readers.")


class Dimension(Closed):
    """What is known of a size."""

    min: OrAbsent[Size] = optional_key("The smallest size that a caller may pass.")
    max: OrAbsent[Size] = optional_key("The largest size that a caller may pass.")
    multiple_of: OrAbsent[Size] = optional_key("A divisor of every size that a caller may pass.")
    example: OrAbsent[Size] = optional_key(
        "A size for tables and costs; it has no effect on validity."
    )
    doc: OrAbsent[Sentence] = optional_key("A description for readers.")


InputForms = Annotated[
    list[InputSize] | Input,
    by_kind("a list of sizes or a mapping with `shape`", lambda _: Input, InputSize),
]
DimensionForms = Annotated[
    Size | Dimension, by_kind("an integer of at least 1 or a mapping", lambda _: Dimension)
]


class Block(Closed):
    """A named, parameterised piece of network."""

    doc: OrAbsent[Sentence] = optional_key("A sentence about the block.")
    params: dict[str, Parameter] | None = optional_key(
        "Its parameters: `planes: int` is required, `stride: 1` has a default."
    )
    inputs: OrAbsent[str | Annotated[list[str], Field(min_length=1)]] = optional_key(
        "The names of its inputs if there are several; the first is the input of its first step."
    )
    body: list[Step] = required_key("Its steps, in order.")
    outputs: OrAbsent[References] = optional_key(
        "Its outputs; of several, the first is the input of the next step. Default: the last step."
    )


def _with_body(value: Any) -> Any:
    return {"body": value} if isinstance(value, list) else value


BlockForms = Annotated[
    Block, BeforeValidator(_with_body, json_schema_input_type=Block | list[Step])
]
"""A block; a list is its body."""


class InitRule(Closed, extra="allow"):
    """A function of `torch.nn.init` with its arguments."""

    fn: str = required_key("A function of `torch.nn.init`: `kaiming_normal_`.")


Initialization = TypeAliasType(
    "Initialization",
    Annotated[str | InitRule, by_kind("the name of a function or a mapping", lambda _: InitRule)],
)
"""The initialization of one parameter. The schema lists the functions with their arguments."""


class Budget(Closed):
    """Limits that `netspec check` enforces."""

    params: OrAbsent[Limit] = optional_key("The maximum number of parameters.")
    macs: OrAbsent[Limit] = optional_key("The maximum MACs, at the example sizes.")
    activations: OrAbsent[Limit] = optional_key(
        "The maximum number of elements of all results, at the example sizes."
    )
    depth: OrAbsent[Limit] = optional_key(
        "The maximum number of layers with a kernel or a weight matrix on any path."
    )


def _with_valid_rules(rules: dict[str, str] | None) -> dict[str, str] | None:
    for old, new in (rules or {}).items():
        if fault := rule_fault(old, new):
            raise ValueError(f"the rule `{old}` {fault[0]}")
    return rules


def _known_version(version: float) -> float:
    if version not in VERSIONS:
        raise ValueError(f"the versions of the language are {' and '.join(map(str, VERSIONS))}")
    return version


class SpecFile(Closed):
    """A neural network as data: built, validated and edited in Python, read from YAML and written to it.

    `netspec.load` and `netspec.compile` take it instead of a path. Steps and blocks have one form each,
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

    netspec: Annotated[float, AfterValidator(_known_version)] = required_key(
        "The version of the language: `1` or `1.1`. Required.",
        json_schema_extra={"enum": [*VERSIONS], "default": 1},
    )
    name: OrAbsent[Sentence] = optional_key(
        "The name of the network. Default: the name of the file."
    )
    doc: OrAbsent[Sentence] = optional_key("A sentence about the network.")
    params: dict[str, Parameter] | None = optional_key(
        "Values that a user may override: `netspec check --set growth=48`, `netspec.load(path, growth=48)`."
    )
    presets: dict[str, dict[str, Data]] | None = optional_key(
        "Named sets of such values: `--preset densenet169`, `netspec.load(path, preset=...)`."
    )
    inputs: dict[str, InputForms] | None = optional_key(
        "The names and shapes of the inputs: `{image: [N, 3, H, W]}`."
    )
    dims: dict[str, DimensionForms] | None = optional_key(
        "Bounds and examples of symbolic sizes: `{H: {min: 32, example: 224}}`."
    )
    use: dict[str, str] | None = optional_key(
        "Files whose blocks this file uses: `{resnet: ./blocks/resnet.yaml}`."
    )
    blocks: dict[str, BlockForms] | None = optional_key(
        "Named pieces of network, with parameters; used like layers."
    )
    init: dict[str, dict[str, Initialization]] | None = optional_key(
        "How weights are initialized: a layer or a pattern of paths, to functions of `torch.nn.init`."
    )
    body: OrAbsent[list[Step]] = optional_key(
        "The steps of the network, in order. A file without it is a library of blocks."
    )
    outputs: OrAbsent[References] = optional_key(
        "The outputs: the name of a step, a list or a mapping. Default: the last step."
    )
    budget: Budget | None = optional_key("Limits that `netspec check` enforces.")
    rename: Annotated[dict[str, str] | None, AfterValidator(_with_valid_rules)] = optional_key(
        'Names in weights files, mapped to the names here: `{"norm.1": norm1}`.'
    )

    def __init__(self, /, **keys: Any) -> None:
        super().__init__(**{"netspec": 1, **keys})

    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @property
    def file(self) -> str:
        """The file that the spec was read from, which paths in `use` are relative to; empty for a text."""
        return self._file

    @classmethod
    def from_yaml(cls, path_or_text: str | os.PathLike[str]) -> Self:
        r"""Read a file, or the text of a spec.

        Args:
            path_or_text: A path, or YAML or JSON that has a line break or starts with `{`.

        Returns:
            The spec.

        Raises:
            pydantic.ValidationError: The structure is not that of a spec; each error has the path of its field.
            netspec.SpecError: The file cannot be read, or is not valid YAML.

        Example:
            >>> SpecFile.from_yaml("netspec: 1\ninputs: {t: [N, 4]}\nbody: [ReLU]").body[0].op
            'ReLU'
        """
        file, data = read_data(path_or_text)
        spec = cls.model_validate(data)
        spec._file = file
        return spec

    def to_yaml(self) -> str:
        """Write the spec in the canonical layout, that of `netspec fmt`.

        Returns:
            The text.

        Raises:
            pydantic.ValidationError: The spec was edited into something that is not a spec.

        Example:
            >>> print(SpecFile(inputs={"t": ["N", 4]}, body=["ReLU"]).to_yaml(), end="")
            netspec: 1
            inputs: {t: [N, 4]}
            body:
              - ReLU
        """
        return yaml_text(type(self).model_validate(self.data()))
