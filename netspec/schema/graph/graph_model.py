"""The elaborated network as data: a versioned pydantic model that JSON is read into and written from.

What a network is made of is required: inputs, nodes, edges, outputs. What netspec infers (shapes, element
types, parameters, totals) may be omitted; where it is stated, it is checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    ValidationInfo,
    model_validator,
)

from netspec.schema.graph.short_forms import (
    full_edge,
    full_inputs,
    full_outputs,
    last_node,
    with_levels,
)

if TYPE_CHECKING:
    from networkx import DiGraph

SCHEMA_VERSION = "1.0"
"""Rises in the second number for additions, in the first for everything else."""

Size = Annotated[int, Field(ge=0)] | str
"""The length of a dimension: an integer, or the text of an expression over symbols such as `(H+3)//32`."""

FIELDS_ONLY = "netspec: fields only"
"""The key of a validation context in which a model is not checked beyond its fields."""

Shape = list[Size]
Arguments = dict[str, JsonValue]


class _GraphPart(BaseModel):
    """A part of a graph: immutable, no values converted, no unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class GraphInput(_GraphPart):
    """An input of the network."""

    name: str = Field(description="The name, which edges refer to.")
    shape: Shape = Field(description="The sizes; a name with a capital is a symbol.")
    sizes: list[int] | None = Field(
        default=None, description="The sizes in numbers, at the example sizes."
    )
    dtype: str = Field(
        default="float32", description="The element type, as PyTorch spells it without `torch.`."
    )


class GraphEdge(_GraphPart):
    """A value that flows from a node, or an input of the network, to a reader."""

    node: str = Field(description="The path of the node, or the name of the input.")
    result: Annotated[int, Field(ge=0)] = Field(
        default=0, description="Which result of the node it is, counted from 0."
    )
    input: str | None = Field(
        default=None,
        description="The input of the layer, such as `query`; default: by position.",
    )
    shape: Shape | None = Field(default=None, description="The sizes of the value. Inferred.")


Edge = Annotated[GraphEdge, BeforeValidator(full_edge, json_schema_input_type=GraphEdge | str)]
"""An edge, which JSON may write as the name of its source."""


class GraphTensor(_GraphPart):
    """A result of a node."""

    name: str = Field(
        default="output", description="The name among the results of the layer, such as `h_n`."
    )
    shape: Shape = Field(description="The sizes, symbolic ones as text.")
    sizes: list[int] | None = Field(
        default=None, description="The sizes in numbers, at the example sizes."
    )
    dtype: str | None = Field(
        default=None, description="The element type, as PyTorch spells it without `torch.`."
    )


class GraphTie(_GraphPart):
    """A parameter that is the same tensor as a parameter of another node."""

    parameter: str = Field(description="The parameter of this node.")
    node: str = Field(description="The path of the node that owns the tensor.")
    of: str = Field(description="The parameter of that node; empty for a `Parameter`.")


class Provenance(_GraphPart):
    """The place in the text of a spec from which a node or level was made."""

    file: str = Field(description="The file.")
    line: int = Field(description="The line, counted from 1.")
    column: int = Field(description="The column, counted from 1.")
    step: str = Field(description="The step as written, such as `conv{i}`.")
    block: str | None = Field(default=None, description="The innermost block around the step.")
    iteration: list[int] = Field(
        default_factory=list,
        description="The iteration of each loop around the step, outermost first, counted from 0.",
    )


class GraphNode(_GraphPart):
    """One application of a layer."""

    path: str = Field(
        description="The names from the root to the node, joined by dots: its prefix in the `state_dict`."
    )
    op: str = Field(description="The layer, as in `torch.nn`.")
    arguments: Arguments = Field(
        default_factory=dict,
        description="The arguments that are not the default of the layer; sizes of tensors as text: `2*H`.",
    )
    inferred: Arguments | None = Field(
        default=None, description="The arguments inferred from the input, such as `in_channels`."
    )
    inputs: list[Edge] = Field(
        default_factory=list, description="The inputs, in the order of the inputs of the layer."
    )
    outputs: list[GraphTensor] | None = Field(
        default=None, description="The results, in order. Inferred."
    )
    parameters: dict[str, list[int]] | None = Field(
        default=None, description="The parameters by name, with their shapes. Inferred."
    )
    buffers: dict[str, list[int]] | None = Field(
        default=None, description="The buffers of the `state_dict`, with their shapes. Inferred."
    )
    macs: int | None = Field(
        default=None, description="The MACs at the example sizes; null if the layer declares none."
    )
    initialization: dict[str, str | Arguments] = Field(
        default_factory=dict,
        description="Parameter to the function of `torch.nn.init` that fills it: `zeros_`, `{fn: …, std: …}`.",
    )
    shares: str | None = Field(
        default=None, description="The path of the node whose module this one uses."
    )
    ties: list[GraphTie] = Field(
        default_factory=list, description="Single parameters shared with another node."
    )
    checkpoint: bool = Field(
        default=False, description="Whether the backward pass computes the activations again."
    )
    doc: str = Field(default="", description="A description for readers.")
    provenance: Provenance | None = Field(
        default=None, description="The step of the spec; null for a graph of other origin."
    )


class GraphLevel(_GraphPart):
    """A module that contains others."""

    path: str = Field(description="The names from the root to the module, joined by dots.")
    block: str | None = Field(default=None, description="The block of the spec that it uses.")
    inputs: list[Edge] = Field(
        default_factory=list,
        description="The inputs. Required for a shared module: they differ between its uses.",
    )
    shares: str | None = Field(
        default=None, description="The path of the module that this one reuses, with its weights."
    )
    checkpoint: bool = Field(
        default=False, description="Whether the backward pass computes the activations again."
    )
    doc: str = Field(default="", description="A description for readers.")
    provenance: Provenance | None = Field(
        default=None, description="The step of the spec; null for a graph of other origin."
    )


class GraphSize(_GraphPart):
    """What is known of a symbol."""

    minimum: int = Field(default=1, description="The declared minimum for callers.")
    maximum: int | None = Field(default=None, description="The declared maximum; null: none.")
    multiple_of: int = Field(default=1, description="The declared divisor.")
    example: int | None = Field(
        default=None, description="The size at which numbers and costs are stated."
    )
    valid: str | None = Field(
        default=None, description="All sizes for which the network is valid, as text. Inferred."
    )
    trainable: str | None = Field(
        default=None, description="All sizes for which it can be trained, as text. Inferred."
    )


class GraphOutputs(_GraphPart):
    """What the network returns."""

    kind: Literal["one", "tuple", "dict"] = Field(
        default="one", description="A tensor, a tuple of tensors, or a dict."
    )
    names: list[str] = Field(
        default_factory=list,
        description="The keys of the dict; empty for a tensor or a tuple.",
    )
    values: list[Edge] = Field(description="The values, in order.")


class GraphModel(_GraphPart):
    r"""A network as a graph: inputs, nodes in execution order, edges, modules, outputs.

    Validation runs the rules of `netspec check`; an error names the path of its field, such as
    `nodes.12.inputs.0`. The context names files with custom layers:
    `GraphModel.model_validate_json(text, context={"layers": ["my_layers.py"]})`.

    Example:
        >>> import netspec
        >>> model = netspec.load("netspec: 1\ninputs: {t: [N, 4]}\nbody: [ReLU]").graph_model()
        >>> model == netspec.GraphModel.model_validate_json(model.model_dump_json())
        True
    """

    schema_version: Literal["1.0"] = Field(default="1.0", description="The version of this model.")
    name: str = Field(default="network", description="The name of the network.")
    doc: str = Field(default="", description="A sentence about it.")
    inputs: Annotated[
        list[GraphInput],
        BeforeValidator(full_inputs, json_schema_input_type=list[GraphInput] | dict[str, Shape]),
    ] = Field(min_length=1, description="The inputs, or the shape of each input by its name.")
    sizes: dict[str, GraphSize] = Field(
        default_factory=dict, description="The bounds of each symbol of the inputs."
    )
    conditions: list[str] | None = Field(
        default=None,
        description="Relations between symbols that must also hold, as text. Inferred.",
    )
    levels: list[GraphLevel] = Field(
        default_factory=list,
        description="The modules that contain others, outer ones first; default: the prefixes of the paths.",
    )
    nodes: list[GraphNode] = Field(description="The nodes in execution order.")
    outputs: Annotated[
        GraphOutputs,
        BeforeValidator(
            full_outputs,
            json_schema_input_type=GraphOutputs | Edge | list[Edge] | dict[str, Edge],
        ),
    ] = Field(
        default_factory=lambda data: GraphOutputs.model_validate(last_node(data.get("nodes", []))),
        description="What the network returns; or an edge, a list, edges by name; default: the last node.",
    )
    parameters: int | None = Field(
        default=None, description="The number of parameters, shared ones once. Inferred."
    )
    macs: int | None = Field(default=None, description="The MACs at the example sizes. Inferred.")

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, data: Any) -> Any:
        return with_levels(data)

    @model_validator(mode="after")
    def _validate(self, info: ValidationInfo) -> Self:
        from netspec.schema.graph.validation import validate

        context = info.context or {}
        if FIELDS_ONLY not in context:
            validate(self, context.get("layers", ()))
        return self

    def to_spec(self) -> str:
        """Write the graph as the text of a spec, in the canonical layout.

        Groups follow the paths; blocks, loops and parameters of the original are not restored.

        Returns:
            The text.

        Raises:
            pydantic.ValidationError: The graph is not valid, or has what a spec cannot express.
        """
        from netspec.schema.graph.validation import spec_text

        return spec_text(self)

    def to_networkx(self) -> DiGraph[str]:
        """Convert the graph for algorithms. It requires networkx.

        Returns:
            A graph whose nodes are paths. An edge has `result`, `shape` and `connections`: the pairs of result
            and input position. If a node reads several results of another, `result` and `shape` are those of
            the first.
        """
        from netspec.schema.graph.networkx_view import to_networkx

        return to_networkx(self)
